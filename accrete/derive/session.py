"""Derives one session from its stored rows; each step is a module in this folder."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

from accrete.clock import LocalTime
from accrete.database import Database
from accrete.derive import DERIVED_VERSION
from accrete.derive.agents import find_inline_runs, place_agents, store_agents
from accrete.derive.calls import active_time, count_calls, read_calls
from accrete.derive.conduct import automated_reason, ends_with, plan_mode, plans
from accrete.derive.days import Days
from accrete.derive.events import dated_events, texts_of
from accrete.derive.gateway_answers import settle_answers
from accrete.derive.insight import Where, derive_insight
from accrete.derive.moments import Moments
from accrete.derive.naming import title_of
from accrete.derive.prompts import read_prompts, store_prompts
from accrete.derive.responses import price_responses
from accrete.derive.session_rows import Context, Totals, Work
from accrete.derive.times import Block, total, work_blocks
from accrete.derive.weeks import let_weeks_wait
from accrete.derive.worktrees import Place, worktrees_of
from accrete.errors import AccreteError, place_of
from accrete.model import HUMAN_KINDS
from accrete.model.sessions import WorkBlock
from accrete.pricing.overrides import Overrides
from accrete.record import store
from accrete.record.weeks import weeks_of
from accrete.settings import Settings

_METADATA = frozenset({"ai_title", "custom_title", "agent_name", "cost_state"})
_CONTEXT = """SELECT cwd, branch, version, entrypoint, teammate, first_seq, last_seq
FROM session_context
WHERE person = ? AND session = ? ORDER BY first_seq, cwd, branch, version"""


def derive_session(
    db: Database,
    person: int,
    session: str,
    *,
    shared: bool,
    prices: Overrides | None,
    settings: Settings,
) -> None:
    """Derives every row of one session and clears its staleness. To be called in a transaction,
    after the owners of its records are settled; `shared` says that others hold some of them.
    Deriving twice changes nothing."""
    rows = db.run("SELECT zone FROM session WHERE person = ? AND id = ?", (person, session))
    if not rows:
        return
    ((zone,),) = rows
    local = _local(zone)
    weeks = weeks_of(db, person, [session])
    events, redated = dated_events(db, person, session)
    moments = Moments((e.agent, e.seq, e.at) for e in events)
    replayed = {e.uuid for e in events if e.replayed}
    contexts = [Context._make(row) for row in db.run(_CONTEXT, (person, session))]
    work = Work(
        db,
        person,
        session,
        events,
        replayed,
        moments,
        Days(local, moments),
        local,
        contexts,
        redated=redated,
    )
    taken_back = read_prompts(work, shared=shared)
    find_inline_runs(work)
    answers = settle_answers(db, person, session, events, work.runs)
    calls = read_calls(work)
    place_agents(work, calls)
    per_prompt, per_run, whole = price_responses(work, calls, answers, prices)
    count_calls(work, calls, per_prompt, per_run, whole)
    spans, instants = active_time(work, calls, settings.active_tool_ms)
    store_prompts(work, per_prompt, spans)
    store_agents(work, per_run, shared=shared)
    _store_session(work, whole, spans, instants, settings, taken_back)
    work.days.store(db, (person, session))
    store.mark_changed(db, person, [session])
    let_weeks_wait(db, person, weeks | weeks_of(db, person, [session]))


@cache
def _local(zone: str) -> LocalTime:
    return LocalTime(zone)


def _store_session(work: Work, whole: Totals, spans: list[tuple[int, int]], instants: list[int],
                   settings: Settings, taken_back: int) -> None:  # fmt: skip
    key, contexts, local = (work.person, work.session), work.contexts, work.local
    first, last = (
        (contexts[0], max(contexts, key=lambda c: (c.last_seq, c.cwd, c.branch, c.version)))
        if contexts
        else (None, None)
    )
    started, ended = (min(instants), max(instants)) if instants else (None, None)
    day, hour = local.day_and_hour(started) if started is not None else (None, None)
    own = [prompt for prompt in work.prompts if not prompt.replayed]
    reason = automated_reason(work, own, settings.automated)
    said = _metadata(work)
    origin = next((e.forked_from for e in work.events if e.forked_from is not None), None)
    title, source = title_of(work, said)
    kinds: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for e in work.events:
        if e.uuid not in work.replayed:
            kinds[e.kind].add((e.uuid, e.part))
    blocks = work_blocks(instants, spans, settings.work_block_idle_ms)
    _days_of_session(work, spans, instants, blocks)
    ((agents,),) = work.db.run(
        "SELECT COUNT(*) FROM agent_run WHERE person = ? AND session = ? AND replayed = 0", key
    )
    store.replace_work_blocks(
        work.db,
        key,
        [
            WorkBlock(
                *key, b.started_at, b.ended_at, b.active_ms, local.day_and_hour(b.started_at)[0]
            )
            for b in blocks
        ],
    )
    project = _project(work, first.cwd if first else None)
    places = [Place(c.cwd, c.first_seq, c.last_seq) for c in contexts if c.cwd]
    store.replace_worktrees(work.db, key, worktrees_of(work.db, key, work.events, places))
    values = {
        "stale": 0, "derived_version": DERIVED_VERSION, "derive_error": None, "project": project,
        "cwd": (first.cwd or None) if first else None,
        "branch": next((c.branch for c in sorted(contexts, key=lambda c: -c.last_seq) if c.branch),
                       None),
        "version": (last.version or None) if last else None,
        "entrypoint": next((c.entrypoint for c in contexts if c.entrypoint), None), "title": title,
        "title_source": source,
        "automated": int(reason is not None), "automated_reason": reason,
        "forked_from": origin, "started_at": started, "ended_at": ended,
        "local_day": day,
        "hour_of_week": hour,
        "wall_ms": ended - started if started is not None and ended is not None else None,
        "active_ms": total(spans) if instants else None, "work_blocks": len(blocks),
        "prompts": sum(prompt.kind in HUMAN_KINDS for prompt in own),
        "prompts_queued": sum(prompt.kind not in HUMAN_KINDS for prompt in own),
        "prompts_replayed": len(work.prompts) - len(own),
        "prompts_taken_back": taken_back,
        "interruptions": len(kinds["interruption"]), "compactions": len(kinds["compact_boundary"]),
        "api_errors": len(kinds["api_error"]), "plan_mode": plan_mode(work), "agents": agents,
        "tool_calls": whole.calls, "tool_errors": whole.errors, "responses_own": whole.responses,
        "responses_delegated": whole.delegated, "tokens_own": whole.tokens_own,
        "tokens_delegated": whole.tokens_delegated, "cost_own_nano": whole.cost_own,
        "cost_delegated_nano": whole.cost_delegated, "unpriced": whole.unpriced,
        "lower_bound": whole.lower_bound,
        "price_assumed": whole.price_assumed,
        "client_cost_nano": next((int(text) for kind, text,
                                  _ in reversed(said) if kind == "cost_state"), None),
    }  # fmt: skip
    try:
        with work.db.savepoint():
            values |= derive_insight(
                work.db,
                *key,
                automated=reason is not None,
                project=project,
                branch=values["branch"],
                wheres=[Where(c.cwd, c.first_seq, c.last_seq) for c in contexts if c.cwd],
                models=whole.models,
                replayed=work.replayed,
                last=ends_with(work),
                events=work.events,
                days=work.days,
            )
    except AccreteError:
        raise
    except (
        Exception
    ) as error:  # its prices and totals stand; doctor tells that outcome and practices are missing
        values["derive_error"] = place_of(error)
    store.update_rows(
        work.db, "session", ("person", "id"), list(values), [(*values.values(), *key)]
    )


_OF_DAY = {
    "interruption": "interruptions",
    "compact_boundary": "compactions",
    "api_error": "api_errors",
}


def _days_of_session(
    work: Work, spans: list[tuple[int, int]], instants: list[int], blocks: list[Block]
) -> None:
    days = work.days
    days.add_instants(instants)
    days.add_spans(spans if instants else [])
    for block in blocks:
        days.add(days.of(block.started_at, "", 0), "work_blocks")
    counted: set[tuple[str, str, int]] = set()
    for e in work.events:
        if (
            e.kind in _OF_DAY
            and e.uuid not in work.replayed
            and (e.kind, e.uuid, e.part) not in counted
        ):
            counted.add((e.kind, e.uuid, e.part))
            days.add(days.of(e.at, e.agent, e.seq), _OF_DAY[e.kind])
        if plans(e):
            days.mark(days.of(e.at, e.agent, e.seq), "plan_mode")


def _project(work: Work, cwd: str | None) -> str | None:
    if not cwd:
        return None
    rows = work.db.run(
        "SELECT project FROM workdir WHERE person = ? AND cwd = ?", (work.person, cwd)
    )
    return next((project or None for (project,) in rows), None)


def _metadata(work: Work) -> list[tuple[str, str, int]]:
    """(kind, text, seq) of what the session's metadata said, in order."""
    events = [event for event in work.events if event.kind in _METADATA]
    texts = texts_of(work.db, events, "text IS NOT NULL")
    return [
        (event.kind, text, event.seq)
        for event in sorted(events, key=lambda e: (e.seq, e.agent, e.uuid, e.part))
        if (text := texts.get(event.id)) is not None
    ]
