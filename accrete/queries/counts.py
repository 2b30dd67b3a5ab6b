"""Counts of every kind of record, for comparison with other definitions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from accrete.database import Question, Row
from accrete.model.captured import ToolResult
from accrete.queries.scope import Scope, narrowed_by
from accrete.transcript.identity import message_of
from accrete.transcript.line_counts import Counts

_TOKENS = """SUM(input_tokens), SUM(output_tokens), SUM(cache_read_tokens), SUM(cache_write_tokens),
SUM(cache_write_5m_tokens), SUM(cache_write_1h_tokens), SUM(web_searches)"""
_TOKEN_NAMES = (
    "input",
    "output",
    "cache_read",
    "cache_write",
    "cache_write_5m",
    "cache_write_1h",
    "web_searches",
)
Numbers: TypeAlias = "Mapping[str, int | Numbers]"
"""Integers by name, or by what they are counts of."""
UNKNOWN_TOOL = "?"
"""The tool of a result whose call is not in the record: the head of its transcript was cut off."""
EMBEDDED_ONLY = 2
"""What `embedded` says of a record that stands in progress records alone."""
_TRANSCRIPTS = "layout <> 'history' AND substr(path, 1, 10) <> 'forgotten:'"


@narrowed_by()
def counts(scope: Scope) -> Question[Numbers]:
    """All counts of the record of a scope's one person as a nested object of integers;
    docs/counts.md defines every key.

    Almost every row is looked at, so `+person` keeps the tables from being read through an index;
    rows are told apart in Python where SQL would sort them first.
    """
    real = "+person = ? AND counted = 1 AND synthetic = 0"
    statements = {  # what takes longest first: two are asked at a time
        "records": "SELECT uuid FROM event WHERE person = ? AND substr(uuid, 1, 1) <> '#'",
        "files": "SELECT counts, tail_counts, layout, size FROM source_file WHERE person = ? "
        f"AND {_TRANSCRIPTS}",
        "sessions": "SELECT COUNT(*) FROM visible_session WHERE person = ?",
        "prompts": "SELECT kind, COUNT(DISTINCT uuid) FROM prompt WHERE person = ? GROUP BY kind",
        "in_queue": "SELECT COUNT(DISTINCT uuid) FROM prompt WHERE person = ? AND kind = "
        "'queued_prompt' AND substr(uuid, 1, 1) = '#'",
        "taken_back": "SELECT COALESCE(SUM(prompts_taken_back), 0) "
        "FROM visible_session WHERE person = ?",
        "kinds": "SELECT kind, COUNT(*) FROM event WHERE +person = ? GROUP BY kind",
        "responses": f"""SELECT CASE WHEN embedded = 2 THEN 'embedded_only'
            WHEN run <> '' THEN 'delegated' ELSE 'main' END,
            COUNT(*), {_TOKENS}, SUM(COALESCE(cost_nano, 0)), SUM(CASE WHEN cost_nano IS NULL THEN 1
            ELSE 0 END), SUM(lower_bound)
            FROM response WHERE {real} GROUP BY 1""",
        "inferences": f"""SELECT kind, CASE WHEN run <> '' THEN 1 ELSE 0 END,
            {_TOKENS.replace("web_searches", "0")}, COUNT(*), SUM(COALESCE(cost_nano, 0)),
            SUM(CASE WHEN cost_nano IS NULL THEN 1 ELSE 0 END)
            FROM inference WHERE +person = ? GROUP BY 1, 2""",
        "synthetic": "SELECT COUNT(*) FROM response WHERE +person = ? "
        "AND counted = 1 AND synthetic = 1",
        "models": "SELECT COALESCE(model, ''), COUNT(*) FROM response "
        f"WHERE {real} AND embedded < 2 GROUP BY 1",
        "embedded_ids": """SELECT DISTINCT message_id, uuid FROM event
            WHERE person = ? AND embedded > 0 AND message_id IS NOT NULL""",
        "calls": """SELECT tool, embedded, is_error, status, denial, COUNT(*) FROM tool_call
            WHERE +person = ? AND counted = 1
            GROUP BY tool, embedded, is_error, status, denial""",
        "without_call": "SELECT tool_use_id, result FROM waiting_result WHERE person = ?",
        "repeated": """SELECT tool, embedded, is_error, status, denial, tool_use_id, session
            FROM tool_call WHERE person = ? AND counted = 1
            AND tool_use_id IN (SELECT tool_use_id FROM tool_call WHERE person = ? AND counted = 1
            GROUP BY tool_use_id HAVING COUNT(*) > 1)""",
        "agents": "SELECT COUNT(*) FROM agent_run WHERE person = ? AND replayed = 0",
        "agents_with_lines": "SELECT DISTINCT agent FROM event WHERE +person = ? "
        "AND agent <> '' AND embedded < 2",
        "marks": """SELECT kind, COUNT(DISTINCT uuid) FROM event WHERE person = ?
            AND kind IN ('compact_boundary', 'microcompact_boundary', 'api_error', 'interruption')
            GROUP BY kind""",
        "pull_requests": "SELECT COUNT(*) FROM pull_request WHERE person = ?",
        "history": "SELECT COUNT(*) FROM typed_history WHERE person = ?",
    }

    def shape(answers: list[list[Row]]) -> Numbers:
        return _shape(dict(zip(statements, answers, strict=True)))

    return Question(
        tuple((sql, (scope.person,) * sql.count("?")) for sql in statements.values()), shape
    )


class _Sums(NamedTuple):
    """Responses of one part, or inferences of one kind, added up. tokens: as _TOKEN_NAMES."""

    of: str
    delegated: int
    tokens: list[int | None]
    times: int
    cost_nano: int
    unpriced: int
    lower_bound: int


def _number(rows: list[Row]) -> int:
    """The one number of an answer."""
    ((number,),) = rows
    return int(number)


def _shape(rows: dict[str, list[Row]]) -> Numbers:
    lines, by_layout, kinds_by_type = _files(rows["files"])
    prompts = _plain(rows["prompts"])
    responses = {
        part: _Sums(part, 0, tokens, int(n), int(cost), int(unpriced), int(bound))
        for part, n, *tokens, cost, unpriced, bound in rows["responses"]
    }
    calls = _calls(rows["calls"], rows["repeated"], rows["without_call"])
    marks = _plain(rows["marks"])
    beside = [
        _Sums(kind, delegated, tokens, int(n), int(cost), int(unpriced), 0)
        for kind, delegated, *tokens, n, cost, unpriced in rows["inferences"]
    ]
    taken_back = _number(rows["taken_back"])
    counted = [responses[part] for part in ("main", "delegated") if part in responses]
    apart = [responses[part] for part in ("delegated", "embedded_only") if part in responses]
    typed, slash, shell = (
        prompts.get(kind, 0) for kind in ("typed_prompt", "slash_command", "shell_input")
    )
    return {
        "files": by_layout,
        "lines": lines.lines,
        "parse_failures": lines.strict_failures,
        "malformed": lines.malformed,
        "recovered": lines.repaired,
        "torn": lines.torn,
        "record_types": {
            name: sum(kinds.values()) for name, kinds in sorted(kinds_by_type.items())
        },
        "record_kinds": {
            name: dict(sorted(kinds.items())) for name, kinds in sorted(kinds_by_type.items())
        },
        "kinds": _plain(rows["kinds"]),
        "event_uuids": len(set(rows["records"])),
        "sessions": _number(rows["sessions"]),
        "prompts": {
            "typed": typed,
            "slash": slash,
            "shell": shell,
            "queued": prompts.get("queued_prompt", 0),
            "queued_only_in_queue": _number(rows["in_queue"]) + taken_back,
            "queued_taken_back": taken_back,
            "beside_tool_result": prompts.get("prompt_beside_result", 0),
        },
        "human_prompts": typed + slash + shell,
        "responses": {
            **{
                part: responses[part].times if part in responses else 0
                for part in ("main", "delegated", "embedded_only")
            },
            "synthetic": _number(rows["synthetic"]),
        },
        "embedded_message_ids": len(
            {message_of(message, uuid) or message for message, uuid in rows["embedded_ids"]}
        ),
        "tokens": _tokens(counted),
        "tokens_delegated": _tokens([responses["delegated"]] if "delegated" in responses else []),
        "tokens_embedded": _tokens(
            [responses["embedded_only"]] if "embedded_only" in responses else []
        ),
        "by_model": _plain(rows["models"]),
        "inferences": _plain(
            (kind, sum(each.times for each in beside if each.of == kind))
            for kind in {each.of for each in beside}
        ),
        "tokens_inferences": _tokens(beside),
        "cost_nano": sum(each.cost_nano for each in (*responses.values(), *beside)),
        "cost_delegated_nano": sum(each.cost_nano for each in apart)
        + sum(each.cost_nano for each in beside if each.delegated),
        "unpriced_responses": sum(each.unpriced for each in responses.values()),
        "unpriced_inferences": sum(each.unpriced for each in beside),
        "lower_bound_responses": sum(each.lower_bound for each in responses.values()),
        **calls,
        "agents": _number(rows["agents"]),
        "agents_with_lines": len(rows["agents_with_lines"]),
        "compactions": marks.get("compact_boundary", 0),
        "microcompactions": marks.get("microcompact_boundary", 0),
        "api_errors": marks.get("api_error", 0),
        "interruptions": marks.get("interruption", 0),
        "pull_request_links": _number(rows["pull_requests"]),
        "plan_mode_files": by_layout["plan_mode"],
        "typed_history": _number(rows["history"]),
    }


def _calls(
    rows: list[Row], repeated: list[Row], without_call: list[Row]
) -> dict[str, int | dict[str, int]]:
    """Tool calls by distinct id; several of one session that have the same id are several. `rows`
    has them added up as they stand; `repeated` has each call whose id stands more than once,
    because sessions share it or a gateway gave one id to several."""
    n: Counter[tuple[str, str]] = Counter()
    for *what, times in rows:
        for name in _counted(*what):
            n[name] += int(times)
    ids: dict[tuple[str, str], dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for *what, identity, session in repeated:
        for name in _counted(*what):
            n[name] -= 1
            ids[name][identity][session] += 1
    n.update(
        {name: sum(max(times.values()) for times in found.values()) for name, found in ids.items()}
    )
    alone: dict[tuple[str, str], set[str]] = defaultdict(set)
    for identity, result in without_call:
        told = ToolResult.from_json(result)
        for name in _of_result(UNKNOWN_TOOL, told.is_error, told.status, told.denial):
            alone[name].add(identity)
    n.update({name: len(found) for name, found in alone.items()})
    tools, errors = (
        {tool: n[kind, tool] for kind, tool in sorted(n) if kind == wanted}
        for wanted in ("used", "failed")
    )
    return {
        "tool_calls": sum(tools.values()),
        "tools": tools,
        "tools_embedded": n["embedded", ""],
        "tool_results": n["answered", ""],
        "tool_errors_total": sum(errors.values()),
        "tool_errors": errors,
        "tool_results_without_call": len(alone["answered", ""]),
        "tool_rejected": n["rejected", ""],
        "tool_denied": n["denied", ""],
        "tool_interrupted": n["interrupted", ""],
        "subagent_spawns": sum(tools.get(name, 0) for name in ("Task", "Agent")),
    }


def _counted(
    tool: str, embedded: int, is_error: int | None, status: str | None, denial: str | None
) -> Iterator[tuple[str, str]]:
    """Under what a call counts."""
    if embedded:
        yield "embedded", ""
    if embedded < EMBEDDED_ONLY:
        yield "used", tool
        yield from _of_result(tool, is_error, status, denial)


def _of_result(
    tool: str, is_error: int | None, status: str | None, denial: str | None
) -> Iterator[tuple[str, str]]:
    """Under what a result counts. A refusal by a person is told to the model as an error; what a
    rule refuses, or says nothing of an error, is none."""
    if is_error:
        yield "failed", tool
    if status is not None:
        yield "answered", ""
    if status == "rejected":
        yield ("rejected" if is_error and denial in (None, "user-rejected") else "denied"), ""
    elif status == "interrupted":
        yield "interrupted", ""


def _files(rows: list[Row]) -> tuple[Counts, dict[str, int], dict[str, dict[str, int]]]:
    whole = Counts()
    by_layout: dict[str, int] = defaultdict(int, all=len(rows), empty=0, plan_mode=0)
    for committed, tail, layout, size in rows:
        mine = Counts.from_json(committed)
        mine.add(Counts.from_json(tail))
        by_layout["plan_mode"] += mine.plan_mode
        by_layout["main" if layout == "main" else "subagent"] += 1
        by_layout["empty"] += size == 0
        whole.add(mine)
    return whole, dict(by_layout), whole.kinds


def _plain(rows: Iterable[Row]) -> dict[str, int]:
    return {str(name): int(n) for name, n in sorted(rows)}


def _tokens(sums: list[_Sums]) -> dict[str, int]:
    found = dict.fromkeys(_TOKEN_NAMES, 0)
    for each in sums:
        for name, tokens in zip(_TOKEN_NAMES, each.tokens, strict=True):
            found[name] += int(tokens or 0)
    return found
