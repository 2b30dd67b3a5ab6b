"""One session as it went: prompts, answers, calls with their results, subagents inside, commits where they happened."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

from accrete.database import Question, Row
from accrete.model import PROMPT_KINDS
from accrete.outcomes.commits import UNSURE
from accrete.queries.folders import within
from accrete.queries.prompts import IS_PROMPT
from accrete.transcript.words import command_line, without_injected

SHOWN_KINDS = (
    *PROMPT_KINDS, "assistant_text", "thinking", "tool_call", "interruption", "compact_boundary", "compact_summary", "api_error",
    "plan_handoff", "model_fallback", "teammate_message", "task_notification", "shell_output", "command_output",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CallRow:
    """A tool call and what came of it. ms: how long it ran; added, removed: lines of its patch; None is not known."""

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


@dataclass(slots=True)
class Item:
    """One thing that happened. kind as the event's; number: that of the prompt it belongs to, 0 before the first;
    copied: it stands in the session that this one was forked or resumed from too, and counts there; at: UTC ms; text as
    stored; call for a tool call; inner: the calls of the subagent that it started; commits, pulls, checks: what it made,
    in words."""

    kind: str
    number: int
    at: int | None
    uuid: str
    text: str | None
    name: str | None = None
    call: CallRow | None = None
    inner: list[CallRow] = field(default_factory=list)
    commits: list[str] = field(default_factory=list)
    pulls: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    copied: bool = False


def looked_for(items: list[Item], tool: str | None, word: str | None) -> list[Item]:
    """The items with a call of a tool and with a word, ignoring case, and the prompts that they followed."""
    if tool is None and word is None:
        return items
    hits = {id(item) for item in items if _is_of(item, tool) and _holds(item, word)}
    numbers = {item.number for item in items if id(item) in hits}
    return [item for item in items if id(item) in hits or (item.kind in PROMPT_KINDS and item.number in numbers)]


def _calls(item: Item) -> list[CallRow]:
    return [*([item.call] if item.call else []), *item.inner]


def _is_of(item: Item, tool: str | None) -> bool:
    names = [name for call in _calls(item) for name in (call.tool, call.variant or "")]
    return tool is None or tool.casefold() in (name.casefold() for name in names)


def _holds(item: Item, word: str | None) -> bool:
    texts = [
        item.text,
        *(text for call in _calls(item) for text in (call.tool, call.target, call.input, call.output, call.patch)),
    ]
    return word is None or any(word.casefold() in text.casefold() for text in texts if text)


def relative_to(item: Item, folders: list[str]) -> Item:
    """The item with the paths of its calls relative to the first of the folders that they lie in."""
    call = item.call and replace(item.call, target=within(item.call.target, folders))
    return replace(item, call=call, inner=[replace(each, target=within(each.target, folders)) for each in item.inner])


_CALL = """tool, variant, target, status, error_class, output, output_chars, ms, lines_added, lines_removed, patch,
decision_source, user_modified, spawned, input"""


def replay(person: int, session: str) -> Question[list[Item]]:
    """The items of a session's main line in their order, each subagent's calls inside the call that started it."""
    kinds = ", ".join(f"'{kind}'" for kind in SHOWN_KINDS)
    key = (person, session)
    statements = (
        (f"""SELECT kind, at, uuid, text, name, message_id, tool_use_id FROM event e WHERE person = ? AND session = ?
          AND agent = '' AND sidechain = 0 AND (kind IN ({kinds}) OR (kind = 'queue_operation' AND {IS_PROMPT.format(event="e")}))
          ORDER BY seq, part""", key),
        (f"""SELECT message_id, tool_use_id, run, {_CALL} FROM tool_call
          WHERE person = ? AND session = ? AND counted = 1 ORDER BY seq""", key),
        ("SELECT uuid, number, replayed FROM prompt WHERE person = ? AND session = ?", key),
        ("SELECT agent, started_by FROM agent_run WHERE person = ? AND session = ?", key),
        ("""SELECT message_id, tool_use_id, COALESCE(substr(sha, 1, 7), 'a commit'), COALESCE(subject, ''), confidence
          FROM session_commit WHERE person = ? AND session = ? ORDER BY seq, part""", key),
        ("SELECT uuid, url FROM session_pull WHERE person = ? AND session = ? AND uuid IS NOT NULL ORDER BY url", key),
        ("""SELECT message_id, tool_use_id, runner, verdict, passed, failed FROM check_run
          WHERE person = ? AND session = ? ORDER BY seq, part""", key),
        ("""SELECT r.message_id, r.answer FROM response r WHERE r.person = ? AND r.answer IS NOT NULL AND r.message_id IN
          (SELECT e.message_id FROM event e WHERE e.person = ? AND e.session = ? AND e.message_id IS NOT NULL)""", (person, *key)),
    )  # fmt: skip
    return Question(statements, _shape)


def _shape(answers: list[list[Row]]) -> list[Item]:
    events, calls, prompts, agents, commits, pulls, checks, lines = answers
    answer_of: dict[str, str] = dict(lines)
    numbers: dict[str, int] = {row[0]: row[1] or 0 for row in prompts}
    copies = {row[0] for row in prompts if row[2]}
    by_use = {_use(answer_of, row): CallRow(*row[3:]) for row in calls}
    inner: dict[str, list[CallRow]] = {}
    for row in calls:
        if row[2]:
            inner.setdefault(row[2], []).append(by_use[_use(answer_of, row)])
    runs = {started_by: agent for agent, started_by in agents if started_by}
    made: dict[tuple[str, str], list[str]] = {}
    for c in commits:
        words = f"{c[2]} {c[3]}".strip() + (f" ({c[4]})" if c[4] in UNSURE else "")
        made.setdefault(_use(answer_of, c), []).append(words)
    ran: dict[tuple[str, str], list[str]] = {}
    for c in checks:
        ran.setdefault(_use(answer_of, c), []).append(_check(c))
    opened: dict[str, list[str]] = {}
    for by, url in pulls:
        opened.setdefault(by, []).append(url)
    items, number = [], 0
    shown: dict[tuple[str, ...], str] = {}
    for kind, at, uuid, text, name, message_id, use in events:
        answer = answer_of.get(message_id or "", str(message_id or uuid))
        if (text or use) and shown.setdefault((answer, kind, use or text), uuid) != uuid:
            continue  # a line that says again what another line of the same answer said
        if kind == "queue_operation":
            kind, name = "queued_prompt", None
        if kind in PROMPT_KINDS:
            number = numbers.get(uuid, number)
        item = Item(kind, number, at, uuid, text, name, copied=uuid in copies)
        if kind == "tool_call":
            item.call = by_use.get((answer, use))
            run = runs.get(use) or (item.call.spawned if item.call else None)
            item.inner = inner.get(run, []) if run else []
            item.commits = made.get((answer, use), [])
            item.pulls = opened.get(uuid, [])
            item.checks = ran.get((answer, use), [])
        items.append(item)
    return items


def _use(answer_of: dict[str, str], row: Row) -> tuple[str, str]:
    """What tells a call from others: its answer and its tool-use id, from a row that begins with message and tool-use id."""
    return answer_of.get(row[0], str(row[0])), str(row[1])


def typed(item: Item) -> str:
    """What a person put in, as they typed it: commands without the client's tags, prompts without what it injected."""
    return as_typed(item.text or "")


def as_typed(text: str) -> str:
    """The text of a prompt as a person typed it."""
    return command_line(text) if text.startswith(("<command-", "<bash-input>")) else without_injected(text)


def plan_of(call: CallRow) -> str | None:
    """The plan that a call proposed, None where it is no such call or its plan stands elsewhere."""
    if call.tool not in ("ExitPlanMode", "exit_plan_mode") or not call.input:
        return None
    try:
        given = json.loads(call.input)
    except ValueError:
        return None
    plan = given.get("plan") if isinstance(given, dict) else None
    return plan if isinstance(plan, str) and plan else None


def _check(row: Row) -> str:
    counts = f" ({row[4]} passed, {row[5]} failed)" if row[4] is not None or row[5] else ""
    return f"{row[2]} {'ran, nothing says how it ended' if row[3] == 'unknown' else row[3]}{counts}"
