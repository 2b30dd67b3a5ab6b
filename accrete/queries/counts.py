"""Every kind of record and its number, so that any definition can be compared with ours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from accrete.database import Question, Row
from accrete.transcript.read import Counts

_TOKENS = """SUM(input_tokens), SUM(output_tokens), SUM(cache_read_tokens), SUM(cache_write_tokens),
SUM(cache_write_5m_tokens), SUM(cache_write_1h_tokens), SUM(web_searches)"""
_TOKEN_NAMES = ("input", "output", "cache_read", "cache_write", "cache_write_5m", "cache_write_1h", "web_searches")
_TRANSCRIPTS = "layout <> 'history' AND substr(path, 1, 10) <> 'forgotten:'"


def counts(person: int) -> Question[dict[str, Any]]:
    """All counts of one person's record as a nested object of integers; docs/counts.md defines every key."""
    real = "person = ? AND counted = 1 AND synthetic = 0"
    statements = {
        "files": f"SELECT counts, tail_counts, layout, size FROM source_file WHERE person = ? AND {_TRANSCRIPTS}",
        "sessions": "SELECT COUNT(*) FROM session WHERE person = ?",
        "prompts": "SELECT kind, COUNT(DISTINCT uuid) FROM prompt WHERE person = ? GROUP BY kind",
        "kinds": "SELECT kind, COUNT(*) FROM event WHERE person = ? GROUP BY kind",
        "responses": f"""SELECT CASE WHEN embedded = 2 THEN 'embedded_only' WHEN run <> '' THEN 'delegated' ELSE 'main' END,
            COUNT(*), {_TOKENS}, SUM(COALESCE(cost_nano, 0)), SUM(CASE WHEN cost_nano IS NULL THEN 1 ELSE 0 END),
            SUM(lower_bound)
            FROM response WHERE {real} GROUP BY 1""",
        "synthetic": "SELECT COUNT(*) FROM response WHERE person = ? AND counted = 1 AND synthetic = 1",
        "models": f"SELECT COALESCE(model, ''), COUNT(*) FROM response WHERE {real} AND embedded < 2 GROUP BY 1",
        "embedded_ids": "SELECT COUNT(DISTINCT message_id) FROM event WHERE person = ? AND embedded > 0",
        "tools": "SELECT tool, COUNT(DISTINCT tool_use_id) FROM tool_call WHERE person = ? AND embedded < 2 GROUP BY tool",
        "tools_embedded": "SELECT COUNT(DISTINCT tool_use_id) FROM tool_call WHERE person = ? AND embedded > 0",
        "errors": """SELECT tool, COUNT(DISTINCT tool_use_id) FROM tool_call WHERE person = ? AND embedded < 2
            AND is_error = 1 GROUP BY tool""",
        "results": """SELECT COUNT(DISTINCT tool_use_id), COUNT(DISTINCT CASE WHEN status = 'rejected' THEN tool_use_id END),
            COUNT(DISTINCT CASE WHEN status = 'interrupted' THEN tool_use_id END)
            FROM tool_call WHERE person = ? AND embedded < 2 AND status IS NOT NULL""",
        "agents": "SELECT COUNT(*) FROM agent_run WHERE person = ? AND replayed = 0",
        "agents_with_lines": "SELECT COUNT(DISTINCT agent) FROM event WHERE person = ? AND agent <> '' AND embedded < 2",
        "marks": """SELECT kind, COUNT(DISTINCT uuid) FROM event WHERE person = ?
            AND kind IN ('compact_boundary', 'microcompact_boundary', 'api_error', 'interruption') GROUP BY kind""",
        "pull_requests": "SELECT COUNT(*) FROM pull_request WHERE person = ?",
        "records": "SELECT COUNT(DISTINCT uuid) FROM event WHERE person = ? AND substr(uuid, 1, 1) <> '#'",
        "history": "SELECT COUNT(*) FROM typed_history WHERE person = ?",
    }

    def shape(answers: list[list[Row]]) -> dict[str, Any]:
        return _shape(dict(zip(statements, answers, strict=True)))

    return Question(tuple((sql, (person,)) for sql in statements.values()), shape)


def _shape(rows: dict[str, list[Row]]) -> dict[str, Any]:
    lines, by_layout, kinds_by_type = _files(rows["files"])
    prompts = _plain(rows["prompts"])
    responses = {row[0]: row for row in rows["responses"]}
    tools, errors = _plain(rows["tools"]), _plain(rows["errors"])
    marks = _plain(rows["marks"])
    results, rejected, interrupted = (int(n) for n in rows["results"][0])
    counted = [responses[part] for part in ("main", "delegated") if part in responses]
    apart = [responses[part] for part in ("delegated", "embedded_only") if part in responses]
    typed, slash, shell = (prompts.get(kind, 0) for kind in ("typed_prompt", "slash_command", "shell_input"))
    return {
        "files": by_layout,
        "lines": lines.lines,
        "parse_failures": lines.strict_failures,
        "malformed": lines.malformed,
        "recovered": lines.repaired,
        "torn": lines.torn,
        "record_types": {name: sum(kinds.values()) for name, kinds in sorted(kinds_by_type.items())},
        "record_kinds": {name: dict(sorted(kinds.items())) for name, kinds in sorted(kinds_by_type.items())},
        "kinds": _plain(rows["kinds"]),
        "distinct_uuids": int(rows["records"][0][0]),
        "sessions": int(rows["sessions"][0][0]),
        "prompts": {
            "typed": typed,
            "slash": slash,
            "shell": shell,
            "queued": prompts.get("queued_prompt", 0),
            "beside_tool_result": prompts.get("prompt_beside_result", 0),
        },
        "human_prompts": typed + slash + shell,
        "responses": {
            **{
                part: int(responses[part][1]) if part in responses else 0
                for part in ("main", "delegated", "embedded_only")
            },
            "synthetic": int(rows["synthetic"][0][0]),
        },
        "embedded_message_ids": int(rows["embedded_ids"][0][0]),
        "tokens": _tokens(counted),
        "tokens_delegated": _tokens([responses["delegated"]] if "delegated" in responses else []),
        "tokens_embedded": _tokens([responses["embedded_only"]] if "embedded_only" in responses else []),
        "by_model": _plain(rows["models"]),
        "cost_nano": sum(int(row[9]) for row in responses.values()),
        "cost_delegated_nano": sum(int(row[9]) for row in apart),
        "unpriced_responses": sum(int(row[10]) for row in responses.values()),
        "lower_bound_responses": sum(int(row[11]) for row in responses.values()),
        "tool_calls": sum(tools.values()),
        "tools": tools,
        "tools_embedded": int(rows["tools_embedded"][0][0]),
        "tool_results": results,
        "tool_errors_total": sum(errors.values()),
        "tool_errors": errors,
        "tool_rejected": rejected,
        "tool_interrupted": interrupted,
        "subagent_spawns": tools.get("Task", 0) + tools.get("Agent", 0),
        "agents": int(rows["agents"][0][0]),
        "agents_with_lines": int(rows["agents_with_lines"][0][0]),
        "compactions": marks.get("compact_boundary", 0),
        "microcompactions": marks.get("microcompact_boundary", 0),
        "api_errors": marks.get("api_error", 0),
        "interruptions": marks.get("interruption", 0),
        "pull_request_links": int(rows["pull_requests"][0][0]),
        "plan_mode_files": by_layout["plan_mode"],
        "typed_history": int(rows["history"][0][0]),
    }


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


def _tokens(rows: list[Row]) -> dict[str, int]:
    return {name: sum(int(row[2 + index] or 0) for row in rows) for index, name in enumerate(_TOKEN_NAMES)}
