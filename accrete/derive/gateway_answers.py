"""Decides which lines are one answer if a gateway issued the ids, from a session's stored rows.

docs/decisions/0012-answers-of-gateways.md has the reasons and what was counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from accrete.database import Database
from accrete.derive.events import Event
from accrete.record import store
from accrete.transcript.identity import message_of

AT_ONCE = 400
STRONG = frozenset(
    {
        "typed_prompt",
        "slash_command",
        "shell_input",
        "agent_prompt",
        "plan_handoff",
        "teammate_message",
        "compact_summary",
        "compact_boundary",
        "interruption",
        "api_error",
    }
)
"""What never stands between two lines of one answer."""
PROMPTS = frozenset({"typed_prompt", "slash_command", "shell_input", "agent_prompt"})
"""What the model answers."""
ENDING = frozenset({"interruption", "api_error", "compact_boundary"})
"""What of it ends the answer before it, however little of that came."""
WEAK = frozenset(
    {
        "tool_result",
        "prompt_beside_result",
        "queued_prompt",
        "injected_context",
        "machine_message",
        "task_notification",
    }
)
"""What goes to the model before its next answer, but stands between the lines of a streamed one
too."""
SPEAKING = frozenset({"assistant_text", "thinking"})


class Row(NamedTuple):
    """What a row of `response` says. given: the tokens that the model was given, 0 where it does
    not say."""

    message_id: str
    request_id: str
    session: str
    agent: str
    output: int
    given: int
    has_usage: int
    stop: str | None
    embedded: int
    counted: int
    answer: str | None
    refusal: str | None
    iterations: str | None


class StoredCall(NamedTuple):
    """What a row of `tool_call` says."""

    message_id: str
    use: str
    session: str
    has_result: int
    counted: int
    answer: str | None


_ROWS = """SELECT message_id, request_id, session, agent, output_tokens,
input_tokens + cache_read_tokens + cache_write_tokens, has_usage, stop_reason, embedded, counted,
    answer, refusal, iterations FROM response WHERE person = ? AND message_id IN ({marks})"""
_CALLS = """SELECT message_id, tool_use_id, session, CASE WHEN result_rank > 0 THEN 1 ELSE 0 END,
    counted, answer
FROM tool_call WHERE person = ? AND message_id IN ({marks})"""


@dataclass(slots=True)
class Line:
    """One record of an answer. id: the message id of its rows; message: the gateway's; parts:
    (kind, tool-use id, size) of its blocks; rows: what it says of the usage, as a rule one row."""

    id: str
    message: str
    first: Event
    parts: list[tuple[str, str | None, int]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    @property
    def row(self) -> Row | None:
        """The row that knows most."""
        return max(self.rows, key=_knows, default=None)

    @property
    def usage(self) -> tuple[int, int] | None:
        """Output and input of the whole answer, as its lines with a stop reason have it; None if it
        says nothing."""
        return (row.output, row.given) if (row := self.row) else None

    @property
    def uses(self) -> list[str]:
        """The tool-use ids of its calls."""
        return [use for _, use, _ in self.parts if use]

    @property
    def order(self) -> tuple[int, str, int, str]:
        """The main line first, then as the file has it."""
        return self.first.sidechain, self.first.agent, self.first.seq, self.first.uuid


def _knows(row: Row) -> tuple[bool, int, int, int, bool, str, str]:
    """Orders rows of one answer by what they know; lines go before progress records."""
    return (
        row.embedded < 2,
        row.has_usage,
        row.output,
        row.given,
        row.stop is not None,
        row.refusal or "",
        row.iterations or "",
    )


@dataclass(slots=True, eq=False)
class Answer:
    """Lines that are one answer, and what they say of it together. request: the first request id
    that one names; stop,
    usage: of the first line that has a stop reason; given: the most tokens that one was given."""

    lines: list[Line] = field(default_factory=list)
    request: str = ""
    stop: str | None = None
    usage: tuple[int, int] | None = None
    given: int = 0

    def add(self, line: Line) -> None:
        """One more line of it."""
        self.lines.append(line)
        row = line.row
        if row is None:
            return
        self.request = self.request or row.request_id
        if row.stop and not self.stop:
            self.stop, self.usage = row.stop, line.usage
        self.given = max(self.given, row.given)


@dataclass(slots=True)
class Open:
    """An answer that a further line may go on with. last: when its last line stood; calls: when its
    calls were made;
    waiting: those of them that had no result yet when somebody looked."""

    answer: Answer
    last: int = -1
    calls: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)

    def take(self, line: Line, now: int) -> None:
        """One more line of the answer."""
        self.answer.add(line)
        self.last = now
        made = dict.fromkeys(line.uses, now)
        self.calls.update(made)
        self.waiting.update(made)

    def waits(self, results: Mapping[str, int]) -> bool:
        """Whether a call of it has no result since it was made."""
        while self.waiting:
            use, called = self.waiting.popitem()
            if results.get(use, -1) < called:
                self.waiting[use] = called
                return True
        return False


@dataclass(slots=True)
class Work:
    """A main line or a subagent while it is read: when what stood last, in events of the
    session."""

    strong: int = -1
    ended: int = -1
    weak: int = -1
    hook: int = -1
    message: str | None = None
    results: dict[str, int] = field(default_factory=dict)
    open: dict[str, Open] = field(default_factory=dict)

    def passes(self, event: Event, now: int) -> None:
        """Notes an event that is no answer's."""
        if event.kind in STRONG:
            self.strong = now
            self.ended = now if event.kind in ENDING else self.ended
        elif event.kind in WEAK:
            self.weak = now
            if event.tool_use_id:
                self.results[event.tool_use_id] = now
        elif event.kind == "hook_output":
            self.hook = now

    def speaks(self, message: str, now: int) -> None:
        """Notes a line of an answer: no answer with another message id goes on after it."""
        if message != self.message:
            self.strong, self.message = now, message


def answers_of(
    lines: Mapping[tuple[str, str], Line], events: Sequence[Event], runs: Mapping[str, str]
) -> list[Answer]:
    """The answers that these lines (by agent and uuid) are. events: all of the session, in order;
    runs: uuid of an inline side chain's record -> its run."""
    works: dict[str, Work] = defaultdict(Work)
    copies: dict[tuple[object, ...], Answer] = {}
    answers: list[Answer] = []
    left = dict(lines)
    vouched = {line.message for line in lines.values() if line.id == line.message}
    asked = {(e.agent, e.told) for e in events if e.kind in PROMPTS}
    for now, event in enumerate(_in_order(events)):
        work = works[event.agent or runs.get(event.uuid, "")]
        if event.message_id is None:
            work.passes(event, now)
            continue
        line = left.pop((event.agent, event.uuid), None)
        known = lines.get((event.agent, event.uuid))
        work.speaks(known.message if known else event.message_id, now)
        if line is None:
            continue
        same: list[tuple[object, ...]] = [(line.message, event.uuid)]
        if line.message in vouched:
            same.append((line.message,))
        alike, looked = _alike(line, event, asked)
        going = work.open.get(line.message)
        copied = next((copies[key] for key in (*same, *looked) if key in copies), None)
        if (
            going is None
            or (copied or going.answer) is not going.answer
            or not (copied or _goes_on(going, line, work))
        ):
            going = work.open[line.message] = Open(copied or Answer())
            if copied is None:
                answers.append(going.answer)
        going.take(line, now)
        copies.update(dict.fromkeys((*same, *alike), going.answer))
    return answers


def _alike(
    line: Line, event: Event, asked: Container[tuple[str, int | None]]
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """The keys by which copies of a line under other uuids know it, and those by which it knows
    what it is a copy of: all that it says, and the time that it tells, of the same agent; a
    subagent of old stands in the main line's file too, as a side chain without an id. A time that a
    prompt tells too (`asked`) is no clock's, and proves nothing."""
    if event.told is None or (event.agent, event.told) in asked:
        return [], []
    said = (line.message, event.told, line.usage, *line.parts)
    if event.agent:
        return [(event.agent, said), ("any", said)], [(event.agent, said), ("inline", said)]
    if event.sidechain:
        return [("inline", said)], [("inline", said), ("any", said)]
    return [("", said)], [("", said)]


def _in_order(events: Sequence[Event]) -> list[Event]:
    """The events as they happened: by their place in the file, and never before what they follow.
    Where a session is cut into several files, places alone say nothing."""
    known = {(e.agent, e.uuid): e.seq for e in reversed(events)}
    children: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    parents = {
        (e.agent, e.uuid): (e.agent, e.parent)
        for e in events
        if e.parent and (e.agent, e.parent) in known
    }
    for key, parent in parents.items():
        children[parent].append(key)
    places = {key: (seq, 0) for key, seq in known.items()}
    waiting = [key for key in known if key not in parents]
    while waiting:
        key = waiting.pop()
        seq, level = places[key]
        for child in children.pop(key, ()):
            places[child] = max(places[child], (seq, level + 1))
            waiting.append(child)
    return sorted(events, key=lambda e: places[e.agent, e.uuid])


def _goes_on(going: Open, line: Line, work: Work) -> bool:
    """Whether a line goes on with an answer of the same message id."""
    answer, row = going.answer, line.row
    if row and row.request_id and answer.request and row.request_id != answer.request:
        return False
    unbroken = work.strong <= going.last and work.weak <= going.last
    said_again = bool(answer.request and row and row.request_id == answer.request) and unbroken
    if row and row.stop and answer.stop and line.usage != answer.usage and not said_again:
        return False  # every line with a stop reason has the output and input of the whole answer
    if work.ended > going.last:
        return False
    given, more = answer.given, row.given if row else 0
    if work.strong > going.last:
        return answer.stop is None and 0 < given == more  # typed while the answer came
    if max(work.weak, work.hook) <= going.last:
        return True
    if going.waits(work.results):
        return True  # the model is not asked again before every call has its result
    if answer.stop not in (None, "tool_use"):
        return False  # what did not stop for its calls has ended
    if work.weak <= going.last:
        return True
    if going.calls and any(use in going.calls or kind in SPEAKING for kind, use, _ in line.parts):
        # once its calls have results, an answer that stopped for them has further calls at most
        return False
    if given and more:
        return given == more  # the next answer is given more: the call and its result
    return answer.stop is None and 0 == given < more  # placeholders go before the usage


def settle_answers(
    db: Database, person: int, session: str, events: Sequence[Event], runs: Mapping[str, str]
) -> dict[str, Event]:
    """Settles which of the session's responses and calls count where a gateway gave the ids.
    Returns the first event of each answer, by the message id whose row counts for it."""
    _leave_out_superseded(db, person, session, events)
    lines = _lines(events)
    if not lines:
        return {}
    ids = sorted({line.id for line in lines.values()})
    rows, calls = (
        _by_message(db, _ROWS, Row, person, ids),
        _by_message(db, _CALLS, StoredCall, person, ids),
    )
    for line in lines.values():
        if line.id != line.message or len(rows[line.id]) == 1:
            line.rows = rows[line.id]
    by_use = {(call.message_id, call.use): call for found in calls.values() for call in found}
    first: dict[str, Event] = {}
    responses: list[tuple[object, ...]] = []
    made: list[tuple[object, ...]] = []
    for answer in answers_of(lines, events, runs):
        said = sorted(answer.lines, key=lambda line: line.order)
        counted = max((row for line in said for row in line.rows), key=_knows, default=None)
        if counted is None:
            continue
        first[counted.message_id] = said[0].first
        responses.extend(_settled(said, counted, session))
        made.extend(_settled_calls(said, counted.message_id, by_use, session))
    keys = ("person", "message_id")
    store.update_rows(
        db,
        "response",
        (*keys, "request_id"),
        ("counted", "answer", "agent"),
        _keyed(responses, person, 3),
    )
    store.update_rows(
        db, "tool_call", (*keys, "tool_use_id"), ("counted", "answer"), _keyed(made, person, 2)
    )
    return first


def _leave_out_superseded(db: Database, person: int, session: str, events: Sequence[Event]) -> None:
    """The session's rows of a progress record whose record has a line of its own do not count: that
    is read better."""
    rows = db.run(
        "SELECT message_id FROM response WHERE person = ? AND session = ? AND counted = 1",
        (person, session),
    )
    lost = {message for (message,) in rows} - {e.message_id for e in events}
    lost &= {f"{e.message_id}#{e.uuid}" for e in events if e.message_id} if lost else set()
    for table in ("response", "tool_call") if lost else ():
        store.update_rows(db, table, ("person", "session", "message_id"), ("counted",),
                          [(0, person, session, message) for message in sorted(lost)])  # fmt: skip


def _gateway_ids(events: Sequence[Event]) -> set[str]:
    return {
        m for e in events if e.message_id and (m := message_of(e.message_id, e.uuid)) is not None
    }


def _lines(events: Sequence[Event]) -> dict[tuple[str, str], Line]:
    """The lines that stand for themselves, and those of the same message id that do not, by agent
    and uuid."""
    messages = _gateway_ids(events)
    lines: dict[tuple[str, str], Line] = {}
    for e in events if messages else ():
        if (
            e.message_id is not None
            and (message := message_of(e.message_id, e.uuid) or e.message_id) in messages
        ):
            line = lines.setdefault((e.agent, e.uuid), Line(e.message_id, message, e))
            line.parts.append((e.kind, e.tool_use_id, e.size))
    return lines


R = TypeVar("R", Row, StoredCall)


def _by_message(
    db: Database, sql: str, shape: type[R], person: int, ids: list[str]
) -> dict[str, list[R]]:
    found: dict[str, list[R]] = defaultdict(list)
    for at in range(0, len(ids), AT_ONCE):
        some: list[str] = ids[at : at + AT_ONCE]
        rows = db.run(sql.format(marks=", ".join("?" * len(some))), (person, *some))
        for made in map(shape._make, rows):
            found[made.message_id].append(made)
    return found


def _settled(said: list[Line], counted: Row, session: str) -> Iterator[tuple[object, ...]]:
    """What is to change in the session's rows of an answer, whose lines are in order: the columns,
    then the key."""
    agents: dict[str, str] = {}
    for line in said:
        agents.setdefault(line.id, line.first.agent)
    for line in said:
        for row in line.rows:
            here = (row.message_id, row.request_id) == (counted.message_id, counted.request_id)
            agent = said[0].first.agent if here else agents[line.id]
            now = (int(here), None if here else counted.message_id, agent)
            if row.session == session and now != (row.counted, row.answer, row.agent):
                yield (*now, row.message_id, row.request_id)


def _settled_calls(
    said: list[Line], counted: str, calls: Mapping[tuple[str, str], StoredCall], session: str
) -> Iterator[tuple[object, ...]]:
    """The same of its calls: of those that lines repeat the first counts, one with a result before
    others."""
    by_use: dict[str, dict[str, StoredCall]] = defaultdict(dict)
    for line in said:
        for use in line.uses:
            if call := calls.get((line.id, use)):
                by_use[use][call.message_id] = call
    for same in by_use.values():
        kept = max(same.values(), key=lambda call: call.has_result)
        for call in same.values():
            now = (int(call is kept), None if call.message_id == counted else counted)
            if call.session == session and now != (call.counted, call.answer):
                yield (*now, call.message_id, call.use)


def _keyed(rows: list[tuple[object, ...]], person: int, columns: int) -> list[tuple[object, ...]]:
    return [(*row[:columns], person, *row[columns:]) for row in rows]
