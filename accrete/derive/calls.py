"""A session's tool calls: their prompts, runs, numbers and run times."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from accrete.derive.events import redated_call
from accrete.derive.times import active_spans, running_span
from accrete.derive.work import CONVERSATION, Totals, Work, prompt_at
from accrete.record import store

_CALLS = """SELECT message_id, tool_use_id, agent, uuid, seq, at, tool, variant, target, result_at,
    is_error, spawned,
search_count, sidechain, embedded, ms, COALESCE(answer, message_id), result_uuid, status
FROM tool_call
WHERE person = ? AND session = ? AND counted = 1"""


def read_calls(work: Work) -> list[Any]:
    """The session's calls that count."""
    return [
        redated_call(row, work.redated) for row in work.db.run(_CALLS, (work.person, work.session))
    ]


def count_calls(
    work: Work,
    calls: list[Any],
    per_prompt: dict[str | None, Totals],
    per_run: dict[str, Totals],
    whole: Totals,
) -> None:
    """Stores which prompt and run each call is of, and how many there were of each tool on each
    day; adds them to the totals."""
    seqs = {(e.message_id, e.tool_use_id): e.seq for e in work.events if e.kind == "tool_call"}
    updates = []
    by_tool: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for call in calls:
        seq = seqs.get((call[0], call[1]), call[4])
        day = work.days.of(call[5], call[2], seq)
        by_tool[day, call[6]][0] += 1
        by_tool[day, call[6]][1] += call[10] == 1
        run = call[2] or (work.runs.get(call[3], "") if call[13] else "")
        prompt = work.run_prompt.get(run) if run else prompt_at(work, seq)
        updates.append((call[5], run, prompt, day, work.person, call[0], call[1]))
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
    work: Work, calls: list[Any], tool_ms: int
) -> tuple[list[tuple[int, int]], list[int]]:
    """The session's active spans and the instants of its own conversation (copies of another's left
    out)."""
    instants = [
        e.at
        for e in work.events
        if e.at is not None and e.kind in CONVERSATION and e.uuid not in work.replayed
    ]
    running = [
        running_span(call[5], call[9], call[6], call[15], tool_ms)
        for call in calls
        if call[5] is not None
        and call[9] is not None
        and (call[18] != "interrupted" or call[15] is not None)
    ]  # the client writes that a call was interrupted when the session goes on, whenever that is
    return active_spans(instants, running), instants
