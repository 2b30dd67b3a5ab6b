"""A session's tool calls: their prompts, runs, numbers and run times."""

from __future__ import annotations

from collections import defaultdict

from accrete.derive.events import Redated
from accrete.derive.session_rows import CONVERSATION, CountedCall, Totals, Work, prompt_at, run_of
from accrete.derive.times import active_spans, running_span
from accrete.record import store

_CALLS = """SELECT message_id, tool_use_id, agent, uuid, seq, at, tool, variant, target, result_at,
    is_error, spawned, search_count, sidechain, ms, COALESCE(answer, message_id), result_uuid,
    status
FROM tool_call WHERE person = ? AND session = ? AND counted = 1"""

_NOT_COUNTED = """UPDATE tool_call SET run = '', prompt = NULL, local_day = NULL
WHERE person = ? AND session = ? AND counted = 0
AND (run <> '' OR prompt IS NOT NULL OR local_day IS NOT NULL)"""
"""What they had while they counted, before the lines were read that tell they do not."""
_NOT_RUNNING = ("interrupted", "rejected")
"""What says nothing of how long a call ran: the client writes that it was interrupted when the
session goes on, whenever that is; one that was refused never ran, it waited for its person."""


def read_calls(work: Work) -> list[CountedCall]:
    """The session's calls that count."""
    calls = [CountedCall._make(row) for row in work.db.run(_CALLS, (work.person, work.session))]
    redated = work.redated
    if not redated.calls and not redated.results:
        return calls
    return [_redated(call, redated) for call in calls]


def _redated(call: CountedCall, redated: Redated) -> CountedCall:
    """The call with the times that can be right: its own and its result's."""
    return call._replace(
        at=redated.calls.get((call.message_id, call.tool_use_id), call.at),
        result_at=None if call.result_uuid in redated.results else call.result_at,
    )


def count_calls(
    work: Work,
    calls: list[CountedCall],
    per_prompt: dict[str | None, Totals],
    per_run: dict[str, Totals],
    whole: Totals,
) -> None:
    """Stores which prompt and run each call is of, and how many there were of each tool on each
    day; adds them to the totals."""
    seqs = {(e.message_id, e.tool_use_id): e.seq for e in work.events if e.kind == "tool_call"}
    work.db.run(_NOT_COUNTED, (work.person, work.session))
    store.update_rows(
        work.db,
        "tool_call",
        ("person", "session", "message_id", "tool_use_id"),
        ("at",),
        [(at, work.person, work.session, *key) for key, at in work.redated.calls.items()],
    )
    updates = []
    by_tool: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for call in calls:
        seq = seqs.get((call.message_id, call.tool_use_id), call.seq)
        day = work.days.of(call.at, call.agent, seq)
        by_tool[day, call.tool][0] += 1
        by_tool[day, call.tool][1] += call.is_error == 1
        run = run_of(work, call)
        prompt = work.run_prompt.get(run) if run else prompt_at(work, seq)
        key = (work.person, call.message_id, call.tool_use_id)
        updates.append((call.at, run, prompt, day, *key))
        for totals in (per_prompt[prompt], per_run[run], whole):
            totals.calls += 1
    whole.errors = sum(bad for _, bad in by_tool.values())
    store.replace_tools(
        work.db, (work.person, work.session), [(*key, n, bad) for key, (n, bad) in by_tool.items()]
    )
    for (day, _), (n, bad) in by_tool.items():
        work.days.add_all(day, {"tool_calls": n, "tool_errors": bad})
    store.update_rows(
        work.db,
        "tool_call",
        ("person", "message_id", "tool_use_id"),
        ("at", "run", "prompt", "local_day"),
        updates,
    )


def active_time(
    work: Work, calls: list[CountedCall], tool_ms: int
) -> tuple[list[tuple[int, int]], list[int]]:
    """The session's active spans and the instants of its own conversation (copies of another's left
    out)."""
    instants = [
        e.at
        for e in work.events
        if e.at is not None and e.kind in CONVERSATION and e.uuid not in work.replayed
    ]
    running = [
        running_span(call.at, call.result_at, call.tool, call.ms, tool_ms)
        for call in calls
        if call.at is not None
        and call.result_at is not None
        and (call.status not in _NOT_RUNNING or call.ms is not None)
    ]
    return active_spans(instants, running), instants
