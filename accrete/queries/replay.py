"""Replay of one session: prompts, answers, tool calls with results, subagents and commits, in
order."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from accrete.database import Question, Row
from accrete.model import PROMPT_KINDS, Tier
from accrete.queries.folders import within
from accrete.queries.prompts import IS_PROMPT
from accrete.queries.scope import Scope, narrowed_by
from accrete.transcript.client_marks import command_line, without_injected

SHOWN_KINDS = (
    *PROMPT_KINDS,
    "assistant_text",
    "thinking",
    "tool_call",
    "interruption",
    "compact_boundary",
    "compact_summary",
    "api_error",
    "plan_handoff",
    "model_fallback",
    "teammate_message",
    "task_notification",
    "shell_output",
    "command_output",
)


SAID = ("assistant_text", "thinking")
"""What an answer says in words."""


class CallRow(NamedTuple):
    """A tool call and what came of it. ms: how long it ran; added, removed: lines of its patch;
    None is not known."""

    tool: str
    variant: str | None
    target: str | None
    status: str | None
    error_class: str | None
    output: str | None
    output_chars: int | None
    ms: int | None
    added: int | None
    removed: int | None
    patch: str | None
    decision_source: str | None
    user_modified: int | None
    spawned: str | None
    input: str | None


class CommitRow(NamedTuple):
    """A commit that a call made. sha: maybe short, None if nothing told it; confidence as in
    outcomes/commits.py."""

    sha: str | None
    subject: str | None
    confidence: str


class CheckRow(NamedTuple):
    """A run of tests, a build or lint. verdict: passed, failed, unknown; passed, failed: how many
    tests."""

    kind: str
    runner: str
    verdict: str
    passed: int | None
    failed: int | None


@dataclass(slots=True)
class Entry:
    """One thing that happened. kind as the event's; number: that of the prompt it belongs to, 0
    before the first;
    copied: it stands in the session that this one was forked or resumed from too, and counts there;
    at: UTC ms; text as stored; call for a tool call; inner: the calls of the subagent that it
    started; commits, pulls (their addresses) and checks: what it made."""

    kind: str
    number: int
    at: int | None
    uuid: str
    text: str | None
    name: str | None = None
    call: CallRow | None = None
    inner: list[CallRow] = field(default_factory=list)
    commits: list[CommitRow] = field(default_factory=list)
    pulls: list[str] = field(default_factory=list)
    checks: list[CheckRow] = field(default_factory=list)
    copied: bool = False


def looked_for(items: list[Entry], tool: str | None, word: str | None) -> list[Entry]:
    """The items with a call of a tool and with a word, ignoring case, and the prompts that they
    followed."""
    if tool is None and word is None:
        return items
    hits = {id(item) for item in items if _is_of(item, tool) and _holds(item, word)}
    numbers = {item.number for item in items if id(item) in hits}
    return [
        item
        for item in items
        if id(item) in hits or (item.kind in PROMPT_KINDS and item.number in numbers)
    ]


def _calls(item: Entry) -> list[CallRow]:
    return [*([item.call] if item.call else []), *item.inner]


def _is_of(item: Entry, tool: str | None) -> bool:
    names = [name for call in _calls(item) for name in (call.tool, call.variant or "")]
    return tool is None or tool.casefold() in (name.casefold() for name in names)


def _holds(item: Entry, word: str | None) -> bool:
    texts = [
        item.text,
        *(
            text
            for call in _calls(item)
            for text in (call.tool, call.target, call.input, call.output, call.patch)
        ),
    ]
    return word is None or any(word.casefold() in text.casefold() for text in texts if text)


def relative_to(item: Entry, folders: list[str]) -> Entry:
    """The item with the paths of its calls relative to the first of the folders that they lie
    in."""
    if item.call is None and not item.inner:
        return item
    return replace(
        item,
        call=item.call and _relative(item.call, folders),
        inner=[_relative(each, folders) for each in item.inner],
    )


def _relative(call: CallRow, folders: list[str]) -> CallRow:
    target = within(call.target, folders)
    return call if target == call.target else call._replace(target=target)


_CALL = """tool, variant, target, status, error_class, output, output_chars, ms, lines_added,
lines_removed, patch,
decision_source, user_modified, spawned, input"""


@narrowed_by("session", shows=Tier.WORDS)
def replay(scope: Scope, prompts: tuple[int, int | None] | None = None) -> Question[list[Entry]]:
    """The entries of the main line of a scope's session in their order, each subagent's calls
    inside the call that started it. prompts: only those of the prompts from one number to another,
    or to the end; 0 is what was before the first."""
    kinds = ", ".join(f"'{kind}'" for kind in SHOWN_KINDS)
    gate, seen = scope.gate
    of, key = f"person = ? AND session = ? AND {gate}", (*scope.one, *seen)
    lines, line_params = _between(key[:2], prompts)
    turns, turn_params = _turns(key[:2], prompts)
    statements: tuple[tuple[str, tuple[object, ...]], ...] = (
        (f"""SELECT kind, at, uuid, text, name, message_id, tool_use_id FROM event e WHERE {of}
          AND agent = '' AND sidechain = 0 AND (kind IN ({kinds}) OR (kind = 'queue_operation'
          AND {IS_PROMPT.format(event="e")}))
          {lines} ORDER BY seq, part""", (*key, *line_params)),
        (f"""SELECT message_id, tool_use_id, run, {_CALL} FROM tool_call
          WHERE {of} AND counted = 1 {turns} ORDER BY seq""",
         (*key, *turn_params)),
        (f"SELECT uuid, number, replayed FROM prompt WHERE {of}", key),
        (f"""SELECT agent, started_by FROM agent_run WHERE {of}
          ORDER BY started_at NULLS LAST, agent""", key),
        (f"""SELECT message_id, tool_use_id, sha, subject, confidence FROM session_commit WHERE {of}
          ORDER BY seq, part""", key),
        (f"SELECT uuid, url FROM session_pull WHERE {of} AND uuid IS NOT NULL ORDER BY url", key),
        (f"""SELECT message_id, tool_use_id, kind, runner, verdict, passed, failed FROM check_run
          WHERE {of} ORDER BY seq, part""", key),
        # Without IS NOT NULL: SQLite would walk the index of all messages.
        (f"""SELECT r.message_id, r.answer FROM response r
          WHERE r.person = ? AND r.answer IS NOT NULL AND r.message_id IN
          (SELECT e.message_id FROM event e WHERE {of})""",
          (key[0], *key)),
    )  # fmt: skip
    if prompts is None:
        return Question(statements, _shape)
    first, last = prompts
    return Question(
        statements,
        lambda answers: [
            e for e in _shape(answers) if first <= e.number and (last is None or e.number <= last)
        ],
    )


_NUMBERED = (
    "(SELECT MIN(b.seq) FROM prompt b WHERE b.person = ? AND b.session = ? AND b.number {} ?)"
)


def _between(
    key: tuple[object, ...], prompts: tuple[int, int | None] | None
) -> tuple[str, tuple[object, ...]]:
    """The condition that a line stands between the first of some prompts and the one after the
    last."""
    if prompts is None:
        return "", ()
    first, last = prompts
    bounds = [(f"AND seq >= {_NUMBERED.format('>=')}", first)] if first > 0 else []
    bounds += (
        [(f"AND seq < COALESCE({_NUMBERED.format('>')}, seq + 1)", last)]
        if last is not None
        else []
    )
    return " ".join(sql for sql, _ in bounds), tuple(
        param for _, number in bounds for param in (*key, number)
    )


def _turns(
    key: tuple[object, ...], prompts: tuple[int, int | None] | None
) -> tuple[str, tuple[object, ...]]:
    """The condition that a call is of the turn that one of some prompts began; from 0 on, of none
    after the last."""
    first, last = prompts or (0, None)
    if first <= 0:
        if last is None:
            return "", ()
        return (
            "AND (prompt IS NULL OR prompt NOT IN (SELECT b.uuid FROM prompt b WHERE b.person = ? "
            "AND b.session = ? AND b.number > ?))",
            (*key, last),
        )
    upto, more = (" AND b.number <= ?", (last,)) if last is not None else ("", ())
    return (
        "AND prompt IN (SELECT b.uuid FROM prompt b WHERE b.person = ? "
        f"AND b.session = ? AND b.number >= ?{upto})",
        (*key, first, *more),
    )


def _shape(answers: list[list[Row]]) -> list[Entry]:
    events, calls, prompts, agents, commits, pulls, checks, lines = answers
    answer_of: dict[str, str] = dict(lines)
    numbers: dict[str, int] = {uuid: number or 0 for uuid, number, _ in prompts}
    copies = {uuid for uuid, _, replayed in prompts if replayed}
    by_use = {
        _use(answer_of, message_id, use): CallRow(*call) for message_id, use, _, *call in calls
    }
    inner: dict[str, list[CallRow]] = {}
    for message_id, use, run, *_ in calls:
        if run:
            inner.setdefault(run, []).append(by_use[_use(answer_of, message_id, use)])
    runs: dict[str, list[str]] = {}
    for agent, started_by in agents:
        if started_by:
            runs.setdefault(started_by, []).append(agent)
    made: dict[tuple[str, str], list[CommitRow]] = {}
    for message_id, use, *commit in commits:
        made.setdefault(_use(answer_of, message_id, use), []).append(CommitRow(*commit))
    ran: dict[tuple[str, str], list[CheckRow]] = {}
    for message_id, use, *check in checks:
        ran.setdefault(_use(answer_of, message_id, use), []).append(CheckRow(*check))
    opened: dict[str, list[str]] = {}
    for by, url in pulls:
        opened.setdefault(by, []).append(url)
    items: list[Entry] = []
    number, before = 0, ("", "")
    shown: dict[tuple[str, ...], str] = {}
    for kind, at, uuid, text, name, message_id, use in events:
        answer = answer_of.get(message_id or "", str(message_id or uuid))
        if (text or use) and shown.setdefault((answer, kind, use or text), uuid) != uuid:
            continue  # a line that says again what another line of the same answer said
        again = kind in SAID and before == (answer, kind) and items[-1].uuid != uuid
        if again and is_grown(items[-1].text, text):
            items.pop()
        before = answer, kind
        if kind == "queue_operation":
            kind, name = "queued_prompt", None
        if kind in PROMPT_KINDS:
            number = numbers.get(uuid, number)
        item = Entry(kind, number, at, uuid, text, name, copied=uuid in copies)
        if kind == "tool_call":
            item.call = by_use.get((answer, use))
            spawned = item.call.spawned if item.call else None
            agents_of = runs.get(use) or ([spawned] if spawned else [])
            item.inner = [call for agent in agents_of for call in inner.get(agent, [])]
            item.commits = made.get((answer, use), [])
            item.pulls = opened.get(uuid, [])
            item.checks = ran.get((answer, use), [])
        items.append(item)
    return items


def is_grown(before: str | None, text: str | None) -> bool:
    """Whether the text of a line is that of the line before it in the same answer, grown: a proxy
    may write an answer again while it comes."""
    return bool(before and text) and str(text).startswith(str(before))


def _use(answer_of: dict[str, str], message_id: str, use: str) -> tuple[str, str]:
    """What tells a call from others: its answer and its tool-use id."""
    return answer_of.get(message_id, message_id), use


def typed(item: Entry) -> str:
    """What a person put in, as they typed it: commands without the client's tags, prompts without
    what it injected."""
    return as_typed(item.text or "")


def as_typed(text: str) -> str:
    """The text of a prompt as a person typed it."""
    return (
        command_line(text)
        if text.startswith(("<command-", "<bash-input>"))
        else without_injected(text)
    )


def plan_of(call: CallRow) -> str | None:
    """The plan that a call proposed, None if it is no such call or its plan stands elsewhere."""
    if call.tool not in ("ExitPlanMode", "exit_plan_mode") or not call.input:
        return None
    try:
        given = json.loads(call.input)
    except ValueError:
        return None
    plan = given.get("plan") if isinstance(given, dict) else None
    return plan if isinstance(plan, str) and plan else None
