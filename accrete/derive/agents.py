"""A session's subagents: side chains in its file, the prompt each belongs to, and the result of
each."""

from __future__ import annotations

from operator import attrgetter
from typing import NamedTuple

from accrete.derive.session_rows import CountedCall, Totals, Work, prompt_at, run_of
from accrete.record import store

_AGENTS = "SELECT agent, type, task, tool_use_id FROM agent_run WHERE person = ? AND session = ?"
_COPIED_AGENTS = """SELECT r.agent FROM agent_run r JOIN tool_call c ON c.person = r.person AND
    c.tool_use_id = r.started_by
WHERE r.person = ? AND r.session = ? GROUP BY r.agent
HAVING SUM(CASE WHEN c.session = r.session THEN 1 ELSE 0 END) = 0
AND SUM(CASE WHEN EXISTS (SELECT 1 FROM agent_run o
  WHERE o.person = r.person AND o.session = c.session AND o.agent = r.agent)
  THEN 1 ELSE 0 END) > 0"""


class _Run(NamedTuple):
    """A subagent's own type and task, and the call that started it; None where it does not say."""

    agent: str
    type: str | None = None
    task: str | None = None
    tool_use_id: str | None = None


def find_inline_runs(work: Work) -> None:
    """Side chains inside the main file (client 1.0.x): a run is named after the record that begins
    it."""
    parents = {e.uuid: e.parent for e in work.events if e.sidechain and not e.agent}
    for uuid in parents:
        chain: dict[str, None] = {}
        at: str | None = uuid
        while at is not None and at in parents and at not in work.runs and at not in chain:
            chain[at] = None
            at = parents[at]
        run = work.runs.get(at or "", "") or f"inline-{next(reversed(chain))[:8]}"
        for each in chain:
            work.runs[each] = run


def place_agents(work: Work, calls: list[CountedCall]) -> None:
    """Which prompt each run belongs to: the one whose turn made the call that started it."""
    newest_first = sorted(calls, key=attrgetter("seq", "tool_use_id"), reverse=True)
    by_use = {call.tool_use_id: call for call in newest_first}
    spawned = {call.spawned: call for call in newest_first if call.spawned}
    store.forget_derived_runs(work.db, (work.person, work.session))
    runs = map(_Run._make, work.db.run(_AGENTS, (work.person, work.session)))
    known = {run.agent: run for run in runs}
    started: dict[str, tuple[int, str | None]] = {}
    placed: dict[str, int] = {}
    for e in work.events:
        if e.kind == "tool_call" and e.tool_use_id and not e.agent:
            placed[e.tool_use_id] = min(placed.get(e.tool_use_id, e.seq), e.seq)
        if run := e.agent or work.runs.get(e.uuid, ""):
            at = (e.at if e.at is not None else work.moments.near(e.agent, e.seq)) or 0
            if run not in started or at < started[run][0]:
                started[run] = (at, e.parent)
    missing, shown = [], []
    callers: dict[str, CountedCall] = {}
    for run in sorted(set(started) | set(spawned) | set(known)):
        own = known.get(run)
        if own is None:
            missing.append((work.person, work.session, run))
            own = _Run(run)
        call = spawned.get(run) or by_use.get(own.tool_use_id or "")
        if call is not None:
            callers[run] = call
        of_call = _Run(run, call.variant, call.target, call.tool_use_id) if call else _Run(run)
        shown.append(
            (
                own.type or of_call.type,
                own.task or of_call.task,
                own.tool_use_id or of_call.tool_use_id,
                work.person,
                work.session,
                run,
            )
        )
    store.add_agent_runs(work.db, missing)
    store.update_rows(
        work.db,
        "agent_run",
        ("person", "session", "agent"),
        ("shown_type", "shown_task", "started_by"),
        shown,
    )
    of_main_first = sorted((bool(call.agent), run) for run, call in callers.items())
    for _, run in of_main_first:
        call = callers[run]
        work.moments.begins(
            run, call.at if call.at is not None else work.moments.near(call.agent, call.seq)
        )
    prompt_times = [(each.at, each.uuid) for each in work.prompts if each.at is not None]
    for run in callers.keys() | started.keys() | known.keys():
        work.run_prompt[run] = _prompt_of_run(work, run, callers, started, placed, prompt_times)


def _prompt_of_run(
    work: Work,
    run: str,
    callers: dict[str, CountedCall],
    started: dict[str, tuple[int, str | None]],
    placed: dict[str, int],
    prompt_times: list[tuple[int, str]],
) -> str | None:
    """placed: where calls stand in the main line. A fork's file repeats the call that started it,
    at an offset of its own."""
    seen: set[str] = set()
    while run in callers and run not in seen:
        seen.add(run)
        call = callers[run]
        caller = run_of(work, call)
        if not caller:
            return prompt_at(work, placed.get(call.tool_use_id, call.seq))
        run = caller
    at = started.get(run, (0, None))[0]
    before = [uuid for when, uuid in prompt_times if when <= at]
    return before[-1] if before else (work.prompts[0].uuid if work.prompts else None)


def store_agents(work: Work, per_run: dict[str, Totals], *, shared: bool) -> None:
    """Stores what each run came to. Those that another session started are copies, where sessions
    share records."""
    copied = (
        {run for (run,) in work.db.run(_COPIED_AGENTS, (work.person, work.session))}
        if shared
        else set()
    )
    times: dict[str, list[int]] = {}
    for e in work.events:
        run = e.agent or (work.runs.get(e.uuid, "") if e.sidechain else "")
        if run and e.at is not None:
            span = times.setdefault(run, [e.at, e.at])
            span[0], span[1] = min(span[0], e.at), max(span[1], e.at)
    used = work.db.run(
        """SELECT run, MIN(model) FROM response
        WHERE person = ? AND session = ? AND run <> '' AND counted = 1
        AND synthetic = 0 GROUP BY run""",
        (work.person, work.session),
    )
    models: dict[str, str | None] = dict(used)
    updates = []
    for (run,) in work.db.run(
        "SELECT agent FROM agent_run WHERE person = ? AND session = ?", (work.person, work.session)
    ):
        t = per_run.get(run) or Totals()
        first, last = times.get(run) or (None, None)
        if run not in copied:
            work.days.add(work.days.of(first, run, 0), "agents")
        updates.append(
            (
                int(run in copied),
                work.run_prompt.get(run),
                models.get(run),
                first,
                last,
                t.responses + t.delegated,
                t.calls,
                t.tokens_own + t.tokens_delegated,
                t.cost_own + t.cost_delegated,
                t.unpriced,
                work.person,
                work.session,
                run,
            )
        )
    store.update_rows(
        work.db,
        "agent_run",
        ("person", "session", "agent"),
        (
            "replayed",
            "prompt",
            "model",
            "started_at",
            "ended_at",
            "responses",
            "tool_calls",
            "tokens",
            "cost_nano",
            "unpriced",
        ),
        updates,
    )
