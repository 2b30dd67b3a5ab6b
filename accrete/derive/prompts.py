"""A session's prompts, including those only the queue records, and the sums of each prompt's
turn."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict

from accrete.derive.doubles import mark_doubles
from accrete.derive.events import Event
from accrete.derive.queue import Line, Operation, only_in_queue
from accrete.derive.session_rows import CONVERSATION, Prompt, Totals, Work
from accrete.model import HUMAN_KINDS
from accrete.model.captured import Prompt as Queued
from accrete.record import store
from accrete.transcript.client_marks import command_line, without_injected

_ALL_USER_TEXTS = """SELECT kind, text, seq FROM event WHERE person = ? AND session = ?
    AND text IS NOT NULL AND kind IN
('typed_prompt', 'slash_command', 'shell_input', 'queued_prompt', 'prompt_beside_result',
    'plan_handoff',
 'injected_context', 'machine_message', 'task_notification', 'teammate_message', 'compact_summary')
 ORDER BY seq, part"""
_QUEUE = """SELECT uuid, name, text, seq, at FROM event
WHERE person = ? AND session = ? AND kind = 'queue_operation'
ORDER BY seq, uuid"""
_SAID_BY = """SELECT DISTINCT session FROM response
WHERE person = ? AND message_id = ? AND session <> ?"""
_ASKED_BY = """SELECT p.session FROM prompt p JOIN event e ON e.person = p.person
AND e.session = p.session AND e.agent = '' AND e.uuid = p.uuid
WHERE p.person = ? AND p.uuid = ? AND p.session <> ? AND e.replayed = 0"""
_HELD = """SELECT uuid FROM event WHERE person = ? AND session = ? AND agent = ''
AND uuid IN ({marks})"""
_PROMPTS = """SELECT uuid, kind, seq, at, replayed, permission_mode, source FROM prompt
WHERE person = ? AND session = ? ORDER BY seq, uuid"""


def read_prompts(work: Work, *, shared: bool) -> int:
    """Reads the session's prompts, with those that stand nowhere but in the queue's records;
    returns how many texts were taken back from the queue. shared: other sessions hold some of its
    records."""
    taken_back = _store_queued(work, shared)
    mark_doubles(work)
    times = work.redated.prompts
    stored = map(Prompt._make, work.db.run(_PROMPTS, (work.person, work.session)))
    work.prompts = [
        each._replace(at=times[each.uuid]) if each.uuid in times else each for each in stored
    ]
    work.prompt_seqs = [each.seq for each in work.prompts]
    return taken_back


def _store_queued(work: Work, shared: bool) -> int:
    """Stores the prompts that stand nowhere but in the queue's records; returns how many texts were
    taken back here."""
    db, key = work.db, (work.person, work.session)
    db.run(
        "DELETE FROM prompt WHERE person = ? AND session = ? "
        "AND kind = 'queued_prompt' AND substr(uuid, 1, 1) = '#'",
        key,
    )
    operations = [Operation(*row) for row in db.run(_QUEUE, key)]
    if not any(operation.text for operation in operations):
        return 0
    found = only_in_queue(operations, [_line(*row) for row in db.run(_ALL_USER_TEXTS, key)])
    copies = _copies(work, [queued.operation for queued in found]) if shared else set()
    store.add_queued_prompts(db, [
        Queued(
            *key, of.uuid, "queued_prompt", of.seq, of.at, None, len(words), 0, None, "queued", None
        )
        for of, words, given in found if given
    ])  # fmt: skip
    given_before = sorted(each.operation.uuid for each in found if each.given) if copies else []
    store.update_rows(
        db,
        "prompt",
        ("person", "session", "uuid"),
        ("replayed",),
        [(1, *key, uuid) for uuid in given_before if uuid in copies],
    )
    return sum(not each.given and each.operation.uuid not in copies for each in found)


def _copies(work: Work, queued: list[Operation]) -> set[str]:
    """The uuids of those of these texts that were queued in another session: it owns the answer
    before or behind them, or, where there is none, the prompt before, and holds them too."""
    said = [e for e in work.events if e.message_id is not None and not e.agent and not e.sidechain]
    asked = [e for e in work.events if e.kind in HUMAN_KINDS and not e.agent and not e.sidechain]
    near = said or asked
    places = [e.seq for e in near]
    beside: dict[Event, list[str]] = defaultdict(list)
    for each in queued:
        at = bisect_right(places, each.seq)
        for one in {*near[max(at - 1, 0) : at], *(near[at : at + 1] if said else [])}:
            if one.replayed:
                beside[one].append(each.uuid)
    found = set()
    for one, uuids in beside.items():
        sql, key = (_ASKED_BY, one.uuid) if one.message_id is None else (_SAID_BY, one.message_id)
        held = _HELD.format(marks=", ".join("?" * len(uuids)))
        for (owner,) in work.db.run(sql, (work.person, key, work.session)):
            found |= {uuid for (uuid,) in work.db.run(held, (work.person, owner, *uuids))}
    return found


def _line(kind: str, text: str, seq: int) -> Line:
    """A stored text as the person typed it."""
    command = kind in ("slash_command", "shell_input")
    return Line(kind, command_line(text) if command else without_injected(text), seq)


def store_prompts(
    work: Work, per_prompt: dict[str | None, Totals], spans: list[tuple[int, int]]
) -> None:
    """Stores what each prompt's turn came to."""
    said = [
        (e.seq, e.at)
        for e in work.events
        if e.at is not None and e.kind in CONVERSATION and not e.agent and not e.sidechain
    ]
    stopped = [e.seq for e in work.events if e.kind == "interruption" and not e.agent]
    updates = []
    for index, (uuid, kind, seq, at, replayed, mode, _) in enumerate(work.prompts):
        following = work.prompt_seqs[index + 1] if index + 1 < len(work.prompts) else 1 << 62
        turn = said[bisect_left(said, (seq,)) : bisect_left(said, (following,))]
        ended = max((when for _, when in (*turn, (seq, at)) if when is not None), default=None)
        first_stop = bisect_right(stopped, seq)
        interrupted = int(first_stop < len(stopped) and stopped[first_stop] < following)
        active = _within(spans, at, ended) if at is not None and ended is not None else None
        day, hour = (
            work.days.of(at, "", seq),
            work.local.day_and_hour(at)[1] if at is not None else None,
        )
        if not replayed:
            work.days.add(day, "prompts" if kind in HUMAN_KINDS else "prompts_queued")
        if mode == "plan":
            work.days.mark(day, "plan_mode")
        t = per_prompt.get(uuid) or Totals()
        updates.append(
            (
                at,
                index + 1,
                interrupted,
                day,
                hour,
                ended,
                active,
                t.responses + t.delegated,
                t.calls,
                t.tokens_own,
                t.tokens_delegated,
                t.cost_own,
                t.cost_delegated,
                t.unpriced,
                work.person,
                work.session,
                uuid,
            )
        )
    store.update_rows(
        work.db,
        "prompt",
        ("person", "session", "uuid"),
        (
            "at",
            "number",
            "interrupted",
            "local_day",
            "hour_of_week",
            "ended_at",
            "active_ms",
            "responses",
            "tool_calls",
            "tokens_own",
            "tokens_delegated",
            "cost_own_nano",
            "cost_delegated_nano",
            "unpriced",
        ),
        updates,
    )


def _within(spans: list[tuple[int, int]], start: int, end: int) -> int:
    """How much of the spans, which are in order and apart, lies between two instants."""
    found, index = 0, max(bisect_right(spans, (start,)) - 1, 0)
    while index < len(spans) and spans[index][0] < end:
        found += max(min(spans[index][1], end) - max(spans[index][0], start), 0)
        index += 1
    return found
