"""Works one session out from its stored rows: prompts and their turns, agents, times, prices, title, totals.

Longer than a module should be because every figure of a session comes from the same one pass over its events.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from accrete import store
from accrete.clock import LocalTime
from accrete.database import Database
from accrete.derive.days import Days
from accrete.derive.events import Event, Redated, dated_events, redated_call
from accrete.derive.insight import derive_insight
from accrete.derive.moments import Moments
from accrete.derive.owners import Owners, replayed_records
from accrete.derive.times import Block, active_spans, running_span, total, work_blocks
from accrete.errors import AccreteError, place_of
from accrete.model import HUMAN_KINDS
from accrete.pricing import PRICE_TABLE_VERSION, Overrides, Usage, price
from accrete.transcript.assemble import human_queue_text
from accrete.transcript.words import command_line, without_injected

DERIVED_VERSION = 5

CONVERSATION = frozenset(
    {
        "typed_prompt", "slash_command", "shell_input", "queued_prompt", "prompt_beside_result", "agent_prompt",
        "assistant_text", "assistant_empty", "assistant_other", "thinking", "tool_call", "tool_result",
        "interruption", "plan_handoff", "teammate_message", "task_notification", "machine_message",
        "compact_summary", "command_output", "shell_output", "injected_context",
    }
)  # fmt: skip
"""The kinds whose instants count for a session's time: what people, the model and tools said."""


_METADATA = """SELECT kind, text, seq FROM event WHERE person = ? AND session = ? AND kind IN
('ai_title', 'custom_title', 'agent_name', 'cost_state') AND text IS NOT NULL ORDER BY seq"""
_SUMMARY = """SELECT s.text FROM event l JOIN event s ON s.person = l.person AND s.parent = l.uuid
WHERE l.person = ? AND l.session = ? AND s.kind = 'summary_title' AND s.text IS NOT NULL
ORDER BY l.seq DESC, s.text LIMIT 1"""
_TEXTS = """SELECT uuid, text FROM event WHERE person = ? AND session = ? AND part = 0 AND agent = ''
AND kind IN ('typed_prompt', 'slash_command', 'shell_input', 'queued_prompt') ORDER BY seq"""
_ALL_USER_TEXTS = """SELECT text FROM event WHERE person = ? AND session = ? AND text IS NOT NULL AND kind IN
('typed_prompt', 'slash_command', 'shell_input', 'queued_prompt', 'prompt_beside_result', 'plan_handoff',
 'injected_context', 'machine_message', 'task_notification', 'teammate_message', 'compact_summary')"""
_COMMAND_TEXTS = """SELECT text FROM event WHERE person = ? AND session = ? AND text IS NOT NULL AND kind IN
('slash_command', 'shell_input')"""
_QUEUE = """SELECT uuid, text, seq, at FROM event WHERE person = ? AND session = ? AND kind = 'queue_operation'
AND name = 'enqueue' AND text IS NOT NULL ORDER BY seq"""
_CONTEXT = """SELECT cwd, branch, version, entrypoint, teammate, first_seq, last_seq FROM session_context
WHERE person = ? AND session = ? ORDER BY first_seq, cwd, branch, version"""
_RESPONSES = """SELECT message_id, request_id, agent, at, model, input_tokens, output_tokens, cache_read_tokens,
cache_write_tokens, cache_write_5m_tokens, cache_write_1h_tokens, web_searches, has_usage, stop_reason, speed, geo,
tier, synthetic, embedded, sidechain, counted, branch, ended_at, seq FROM response WHERE person = ? AND session = ?"""
_CALLS = """SELECT message_id, tool_use_id, agent, uuid, seq, at, tool, variant, target, result_at, is_error, spawned,
search_count, sidechain, embedded, ms, result_uuid FROM tool_call WHERE person = ? AND session = ?"""
_PROMPTS = """SELECT uuid, kind, seq, at, replayed, permission_mode, source FROM prompt
WHERE person = ? AND session = ? ORDER BY seq, uuid"""
_COPIED_AGENTS = """SELECT r.agent FROM agent_run r JOIN tool_call c ON c.person = r.person AND c.tool_use_id = r.started_by
WHERE r.person = ? AND r.session = ? GROUP BY r.agent
HAVING SUM(CASE WHEN c.session = r.session THEN 1 ELSE 0 END) = 0 AND SUM(CASE WHEN EXISTS (SELECT 1 FROM agent_run o
  WHERE o.person = r.person AND o.session = c.session AND o.agent = r.agent) THEN 1 ELSE 0 END) > 0"""
_AGENTS = """SELECT agent, type, task, tool_use_id, parent_agent FROM agent_run WHERE person = ? AND session = ?"""


@dataclass(slots=True)
class Totals:
    """Tokens and nano-dollars of some responses, own and delegated."""

    responses: int = 0
    delegated: int = 0
    tokens_own: int = 0
    tokens_delegated: int = 0
    cost_own: int = 0
    cost_delegated: int = 0
    unpriced: int = 0
    lower_bound: int = 0
    calls: int = 0
    errors: int = 0
    models: frozenset[str] = frozenset()


@dataclass(slots=True)
class Work:
    """A session's rows while it is worked out."""

    db: Database
    person: int
    session: str
    events: list[Event]
    replayed: set[str]
    moments: Moments
    days: Days
    prompts: list[Any] = field(default_factory=list)
    prompt_seqs: list[int] = field(default_factory=list)
    runs: dict[str, str] = field(default_factory=dict)
    """uuid of an inline side chain's record -> its run"""
    run_prompt: dict[str, str | None] = field(default_factory=dict)
    redated: Redated = field(default_factory=Redated)


def derive_session(
    db: Database, owners: Owners, session: str, *, others: set[str], prices: Overrides | None, idle_ms: int
) -> None:
    """Derives every row of one session and clears its staleness. To be called in a transaction, after the owners
    of what it shares with `others` are settled. Deriving twice changes nothing."""
    person = owners.person
    rows = db.run("SELECT zone FROM session WHERE person = ? AND id = ?", (person, session))
    if not rows:
        return
    local = _local(rows[0][0])
    events, redated = dated_events(db, person, session)
    moments = Moments((e.agent, e.seq, e.at) for e in events)
    replayed = replayed_records(db, person, session, others, owners) if others else set()
    work = Work(db, person, session, events, replayed, moments, Days(local, moments), redated=redated)
    _queued(work)
    work.prompts = [
        (*row[:3], redated.prompts.get(row[0], row[3]), *row[4:]) for row in db.run(_PROMPTS, (person, session))
    ]
    work.prompt_seqs = [row[2] for row in work.prompts]
    _inline_runs(work)
    calls = [redated_call(row, redated) for row in db.run(_CALLS, (person, session))]
    _agents(work, calls)
    copied = {row[0] for row in db.run(_COPIED_AGENTS, (person, session))} if others else set()
    per_prompt, per_run, whole = _responses(work, calls, prices, local)
    _calls(work, calls, per_prompt, per_run, whole)
    spans, instants = _times(work, calls)
    _store_prompts(work, per_prompt, spans, local)
    _store_agents(work, per_run, copied)
    _store_session(work, whole, spans, instants, local, idle_ms)
    work.days.store(db, (person, session))


_zones: dict[str, LocalTime] = {}


def _local(zone: str) -> LocalTime:
    if zone not in _zones:
        _zones[zone] = LocalTime(zone)
    return _zones[zone]


def _queued(work: Work) -> None:
    """Prompts that stand nowhere but in the queue's records."""
    db, key = work.db, (work.person, work.session)
    db.run(
        "DELETE FROM prompt WHERE person = ? AND session = ? AND kind = 'queued_prompt' AND substr(uuid, 1, 1) = '#'",
        key,
    )
    queue = [(uuid, human_queue_text(text), seq, at) for uuid, text, seq, at in db.run(_QUEUE, key)]
    if not any(text for _, text, _, _ in queue):
        return
    known = {_squeeze(without_injected(text)) for (text,) in db.run(_ALL_USER_TEXTS, key)}
    known |= {_squeeze(command_line(text)) for (text,) in db.run(_COMMAND_TEXTS, key)}
    found = []
    for uuid, text, seq, at in queue:
        if text and _squeeze(text) not in known:
            known.add(_squeeze(text))
            found.append(
                (work.person, work.session, uuid, "queued_prompt", seq, at, None, len(text), 0, None, "queued", None)
            )
    store.add_queued_prompts(db, found)


def _squeeze(text: str) -> str:
    return " ".join(text.split())


def _inline_runs(work: Work) -> None:
    """Side chains inside the main file (client 1.0.x): a run is named after the record that begins it."""
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


def _prompt_at(work: Work, seq: int) -> str | None:
    index = bisect_right(work.prompt_seqs, seq) - 1
    return work.prompts[index][0] if index >= 0 else None


def _agents(work: Work, calls: list[Any]) -> None:
    """Which prompt each run belongs to: the one whose turn made the call that started it."""
    by_use = {call[1]: call for call in sorted(calls, key=lambda call: (call[4], call[1]), reverse=True)}
    store.forget_derived_runs(work.db, (work.person, work.session))
    known = {row[0]: row for row in work.db.run(_AGENTS, (work.person, work.session))}
    spawned = {call[11]: call for call in sorted(calls, key=lambda call: (call[4], call[1]), reverse=True) if call[11]}
    started: dict[str, tuple[int, str | None]] = {}
    for e in work.events:
        run = e.agent or work.runs.get(e.uuid, "")
        at = (e.at if e.at is not None else work.moments.near(e.agent, e.seq)) or 0
        if run and (run not in started or at < started[run][0]):
            started[run] = (at, e.parent)
    missing, shown = [], []
    callers: dict[str, Any] = {}
    for run in sorted(set(started) | set(spawned) | set(known)):
        row = known.get(run)
        if row is None:
            missing.append((work.person, work.session, run))
            row = (run, None, None, None, None)
        call = spawned.get(run) or by_use.get(row[3] or "")
        if call is not None:
            callers[run] = call
        of_call = (call[7], call[8], call[1]) if call is not None else (None, None, None)
        shown.append((row[1] or of_call[0], row[2] or of_call[1], row[3] or of_call[2], work.person, work.session, run))
    store.add_agent_runs(work.db, missing)
    store.update_rows(
        work.db, "agent_run", ("person", "session", "agent"), ("shown_type", "shown_task", "started_by"), shown
    )
    for run, call in sorted(callers.items(), key=lambda item: (bool(item[1][2]), item[0])):
        work.moments.begins(run, call[5] if call[5] is not None else work.moments.near(call[2], call[4]))
    prompt_times = [(row[3], row[0]) for row in work.prompts if row[3] is not None]
    for run in callers.keys() | started.keys() | known.keys():
        work.run_prompt[run] = _prompt_of_run(work, run, callers, started, prompt_times)


def _prompt_of_run(work: Work, run: str, callers: dict[str, Any], started: dict[str, tuple[int, str | None]],
                   prompt_times: list[tuple[int, str]]) -> str | None:  # fmt: skip
    seen: set[str] = set()
    while run in callers and run not in seen:
        seen.add(run)
        call = callers[run]
        caller = call[2] or (work.runs.get(call[3], "") if call[13] else "")
        if not caller:
            return _prompt_at(work, call[4])
        run = caller
    at = started.get(run, (0, None))[0]
    before = [uuid for when, uuid in prompt_times if when <= at]
    return before[-1] if before else (work.prompts[0][0] if work.prompts else None)


def _responses(work: Work, calls: list[Any], prices: Overrides | None, local: LocalTime
               ) -> tuple[dict[str | None, Totals], dict[str, Totals], Totals]:  # fmt: skip
    """Prices every response and adds it up by prompt, by run and for the session."""
    place: dict[str, tuple[int, str]] = {}
    for e in work.events:
        if e.message_id is not None and e.message_id not in place:
            place[e.message_id] = (e.seq, e.uuid)
    searched: dict[str, int] = defaultdict(int)
    for call in calls:
        searched[call[0]] += call[12] or 0
    per_prompt: dict[str | None, Totals] = defaultdict(Totals)
    per_run: dict[str, Totals] = defaultdict(Totals)
    rollup: dict[tuple[str, str, str, int], list[int]] = defaultdict(lambda: [0] * 9)
    whole, updates = Totals(), []
    for row in work.db.run(_RESPONSES, (work.person, work.session)):
        message_id, request_id, agent, at, model, *usage = row[:11]
        at, ended = work.redated.responses.get(message_id, (at, row[22]))
        web, has_usage, stop, speed, geo, tier, synthetic, embedded, sidechain, counted, branch = row[11:22]
        seq, uuid = place.get(message_id, (row[23], ""))
        run = agent or (work.runs.get(uuid, "") if sidechain else "")
        prompt = work.run_prompt.get(run) if run else _prompt_at(work, seq)
        credited = 0 if web else searched[message_id]
        tokens = Usage(usage[0], usage[1], usage[2], usage[3], usage[4], usage[5], web or credited)
        when = at if at is not None else work.moments.near(agent, seq)
        cost, basis = _cost(tokens, model, when, speed, geo, tier, prices, bool(has_usage), bool(synthetic))
        bound = int(bool(has_usage) and not synthetic and (stop is None or embedded == 2))
        day, hour = work.days.of(when, agent, seq), local.day_and_hour(at)[1] if at is not None else None
        updates.append((at, ended, run, prompt, credited, day, hour, bound, cost, basis, PRICE_TABLE_VERSION,
                        work.person, message_id, request_id))  # fmt: skip
        if counted and not synthetic:
            written = max(usage[3], usage[4] + usage[5])
            _roll_up(rollup[(day, model or "", branch or "", int(bool(run)))],
                     (1, usage[0], usage[1], usage[2], written, web or credited, cost or 0, int(cost is None), bound))  # fmt: skip
            amount = usage[0] + usage[1] + usage[2] + written
            for totals in (per_prompt[prompt], per_run[run], whole):
                _add(totals, bool(run), amount, cost, bound)
            _add_to_day(work.days, day, bool(run), amount, cost, bound)
    whole.models = frozenset(model for _, model, _, delegated in rollup if model and not delegated)
    store.update_rows(work.db, "response", ("person", "message_id", "request_id"),
                      ("at", "ended_at", "run", "prompt", "searches_credited", "local_day", "hour_of_week", "lower_bound", "cost_nano",
                       "cost_basis", "price_version"), updates)  # fmt: skip
    store.replace_usage(work.db, (work.person, work.session), [(*key, *sums) for key, sums in rollup.items()])
    return per_prompt, per_run, whole


def _roll_up(sums: list[int], amounts: tuple[int, ...]) -> None:
    for index, amount in enumerate(amounts):
        sums[index] += amount


def _cost(tokens: Usage, model: str | None, at: int | None, speed: str | None, geo: str | None, tier: str | None,
          prices: Overrides | None, has_usage: bool, synthetic: bool) -> tuple[int | None, str]:  # fmt: skip
    if synthetic:
        return 0, "zero"
    if not has_usage:
        return None, "no_usage"
    found = price(tokens, model=model, at=at, speed=speed, geo=geo, tier=tier, overrides=prices)
    return found.nano, found.basis


def _add(totals: Totals, delegated: bool, tokens: int, cost: int | None, bound: int) -> None:
    if delegated:
        totals.delegated += 1
        totals.tokens_delegated += tokens
        totals.cost_delegated += cost or 0
    else:
        totals.responses += 1
        totals.tokens_own += tokens
        totals.cost_own += cost or 0
    totals.unpriced += cost is None
    totals.lower_bound += bound


def _add_to_day(days: Days, day: str, delegated: bool, tokens: int, cost: int | None, bound: int) -> None:
    whose = "delegated" if delegated else "own"
    days.add_all(day, {f"responses_{whose}": 1, f"tokens_{whose}": tokens, f"cost_{whose}_nano": cost,
                       "unpriced": int(cost is None), "lower_bound": bound})  # fmt: skip


def _calls(work: Work, calls: list[Any], per_prompt: dict[str | None, Totals], per_run: dict[str, Totals],
           whole: Totals) -> None:  # fmt: skip
    seqs = {(e.message_id, e.tool_use_id): e.seq for e in work.events if e.kind == "tool_call"}
    updates = []
    by_tool: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for call in calls:
        seq = seqs.get((call[0], call[1]), call[4])
        day = work.days.of(call[5], call[2], seq)
        by_tool[day, call[6]][0] += 1
        by_tool[day, call[6]][1] += call[10] == 1
        run = call[2] or (work.runs.get(call[3], "") if call[13] else "")
        prompt = work.run_prompt.get(run) if run else _prompt_at(work, seq)
        updates.append((call[5], run, prompt, day, work.person, call[0], call[1]))
        for totals in (per_prompt[prompt], per_run[run], whole):
            totals.calls += 1
    whole.errors = sum(bad for _, bad in by_tool.values())
    store.replace_tools(work.db, (work.person, work.session), [(*key, n, bad) for key, (n, bad) in by_tool.items()])
    for (day, _), (n, bad) in by_tool.items():
        work.days.add_all(day, {"tool_calls": n, "tool_errors": bad})
    store.update_rows(
        work.db, "tool_call", ("person", "message_id", "tool_use_id"), ("at", "run", "prompt", "local_day"), updates
    )


def _times(work: Work, calls: list[Any]) -> tuple[list[tuple[int, int]], list[int]]:
    """The session's active spans and the instants of its own conversation (copies of another's left out)."""
    instants = [
        e.at for e in work.events if e.at is not None and e.kind in CONVERSATION and e.uuid not in work.replayed
    ]
    running = [
        running_span(call[5], call[9], call[6], call[15])
        for call in calls
        if call[5] is not None and call[9] is not None
    ]
    return active_spans(instants, running), instants


def _store_prompts(
    work: Work, per_prompt: dict[str | None, Totals], spans: list[tuple[int, int]], local: LocalTime
) -> None:
    ends = {e.seq: e.at for e in work.events if not e.agent and not e.sidechain and e.at is not None}
    order = sorted(ends)
    stopped = [e.seq for e in work.events if e.kind == "interruption" and not e.agent]
    updates = []
    for index, (uuid, kind, seq, at, replayed, mode, _) in enumerate(work.prompts):
        following = work.prompt_seqs[index + 1] if index + 1 < len(work.prompts) else 1 << 62
        last = bisect_right(order, following - 1) - 1
        ended = ends[order[last]] if last >= 0 and order[last] >= seq else at
        first_stop = bisect_right(stopped, seq)
        interrupted = int(first_stop < len(stopped) and stopped[first_stop] < following)
        active = _within(spans, at, ended) if at is not None and ended is not None else None
        day, hour = work.days.of(at, "", seq), local.day_and_hour(at)[1] if at is not None else None
        if not replayed:
            work.days.add(day, "prompts" if kind in HUMAN_KINDS else "prompts_queued")
        if mode == "plan":
            work.days.mark(day, "plan_mode")
        t = per_prompt.get(uuid) or Totals()
        updates.append((at, index + 1, interrupted, day, hour, ended, active, t.responses + t.delegated, t.calls, t.tokens_own,
                        t.tokens_delegated, t.cost_own, t.cost_delegated, t.unpriced, work.person, work.session, uuid))  # fmt: skip
    store.update_rows(work.db, "prompt", ("person", "session", "uuid"),
                      ("at", "number", "interrupted", "local_day", "hour_of_week", "ended_at", "active_ms", "responses",
                       "tool_calls", "tokens_own", "tokens_delegated", "cost_own_nano", "cost_delegated_nano",
                       "unpriced"), updates)  # fmt: skip


def _within(spans: list[tuple[int, int]], start: int, end: int) -> int:
    """How much of the spans, which are in order and apart, lies between two instants."""
    found, index = 0, max(bisect_right(spans, (start,)) - 1, 0)
    while index < len(spans) and spans[index][0] < end:
        found += max(min(spans[index][1], end) - max(spans[index][0], start), 0)
        index += 1
    return found


def _store_agents(work: Work, per_run: dict[str, Totals], copied: set[str]) -> None:
    times: dict[str, list[int]] = {}
    for e in work.events:
        run = e.agent or (work.runs.get(e.uuid, "") if e.sidechain else "")
        if run and e.at is not None:
            span = times.setdefault(run, [e.at, e.at])
            span[0], span[1] = min(span[0], e.at), max(span[1], e.at)
    used = work.db.run(
        """SELECT run, MIN(model) FROM response WHERE person = ? AND session = ? AND run <> '' AND counted = 1
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
        updates.append((int(run in copied), work.run_prompt.get(run), models.get(run), first, last, t.responses + t.delegated, t.calls,
                        t.tokens_own + t.tokens_delegated, t.cost_own + t.cost_delegated, t.unpriced,
                        work.person, work.session, run))  # fmt: skip
    store.update_rows(work.db, "agent_run", ("person", "session", "agent"),
                      ("replayed", "prompt", "model", "started_at", "ended_at", "responses", "tool_calls", "tokens", "cost_nano",
                       "unpriced"), updates)  # fmt: skip


def _store_session(work: Work, whole: Totals, spans: list[tuple[int, int]], instants: list[int], local: LocalTime,
                   idle_ms: int) -> None:  # fmt: skip
    key = (work.person, work.session)
    contexts = work.db.run(_CONTEXT, key)
    first, last = (contexts[0], max(contexts, key=lambda c: (c[6], c[0], c[1], c[2]))) if contexts else (None, None)
    started, ended = (min(instants), max(instants)) if instants else (None, None)
    day, hour = local.day_and_hour(started) if started is not None else (None, None)
    own = [row for row in work.prompts if not row[4]]
    automated = _automated(contexts, own)
    said = work.db.run(_METADATA, key)
    title, source = _title(work, said)
    kinds: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for e in work.events:
        if e.uuid not in work.replayed:
            kinds[e.kind].add((e.uuid, e.part))
    blocks = work_blocks(instants, spans, idle_ms)
    _days_of_session(work, spans, instants, blocks)
    agents = work.db.run("SELECT COUNT(*) FROM agent_run WHERE person = ? AND session = ? AND replayed = 0", key)[0][0]
    store.replace_work_blocks(
        work.db,
        key,
        [(*key, b.started_at, b.ended_at, b.active_ms, local.day_and_hour(b.started_at)[0]) for b in blocks],
    )
    project = _project(work, first[0] if first else None)
    values = {
        "stale": 0, "derived_version": DERIVED_VERSION, "derive_error": None, "project": project, "cwd": (first[0] or None) if first else None,
        "branch": next((c[1] for c in sorted(contexts, key=lambda c: -c[6]) if c[1]), None),
        "version": (last[2] or None) if last else None,
        "entrypoint": next((c[3] for c in contexts if c[3]), None), "title": title, "title_source": source,
        "automated": int(automated is not None), "automated_reason": automated,
        "forked_from": _forked_from(work), "started_at": started, "ended_at": ended, "local_day": day,
        "hour_of_week": hour, "wall_ms": ended - started if started is not None and ended is not None else None,
        "active_ms": total(spans) if instants else None, "work_blocks": len(blocks),
        "prompts": sum(row[1] in HUMAN_KINDS for row in own),
        "prompts_queued": sum(row[1] not in HUMAN_KINDS for row in own), "prompts_replayed": len(work.prompts) - len(own),
        "interruptions": len(kinds["interruption"]), "compactions": len(kinds["compact_boundary"]),
        "api_errors": len(kinds["api_error"]), "plan_mode": _plan_mode(work), "agents": agents,
        "tool_calls": whole.calls, "tool_errors": whole.errors, "responses_own": whole.responses,
        "responses_delegated": whole.delegated, "tokens_own": whole.tokens_own,
        "tokens_delegated": whole.tokens_delegated, "cost_own_nano": whole.cost_own,
        "cost_delegated_nano": whole.cost_delegated, "unpriced": whole.unpriced, "lower_bound": whole.lower_bound,
        "client_cost_nano": next((int(text) for kind, text, _ in reversed(said) if kind == "cost_state"), None),
    }  # fmt: skip
    try:
        with work.db.savepoint():
            values |= derive_insight(
                work.db, *key, automated=automated is not None, project=project, branch=values["branch"],
                trees=tuple(dict.fromkeys(c[0] for c in contexts if c[0])), models=whole.models, replayed=work.replayed, last=_last(work),
                days=work.days,
            )  # fmt: skip
    except AccreteError:
        raise
    except Exception as error:  # its prices and totals stand; doctor tells that outcome and practices are missing
        values["derive_error"] = place_of(error)
    store.update_rows(work.db, "session", ("person", "id"), list(values), [(*values.values(), *key)])


_OF_DAY = {"interruption": "interruptions", "compact_boundary": "compactions", "api_error": "api_errors"}


def _days_of_session(work: Work, spans: list[tuple[int, int]], instants: list[int], blocks: list[Block]) -> None:
    days = work.days
    days.add_instants(instants)
    days.add_spans(spans if instants else [])
    for block in blocks:
        days.add(days.of(block.started_at, "", 0), "work_blocks")
    counted: set[tuple[str, str, int]] = set()
    for e in work.events:
        if e.kind in _OF_DAY and e.uuid not in work.replayed and (e.kind, e.uuid, e.part) not in counted:
            counted.add((e.kind, e.uuid, e.part))
            days.add(days.of(e.at, e.agent, e.seq), _OF_DAY[e.kind])
        if _plans(e):
            days.mark(days.of(e.at, e.agent, e.seq), "plan_mode")


def _plans(e: Event) -> bool:
    """Whether a record is one of plan mode."""
    return (
        e.kind == "plan_mode"
        or (e.kind in ("mode", "permission_mode") and e.name == "plan")
        or (e.kind == "tool_call" and e.name in ("EnterPlanMode", "ExitPlanMode", "exit_plan_mode"))
    )


def _last(work: Work) -> dict[str, list[tuple[int, str | None]]]:
    """(place, message id) of each interruption and answer of the main line, in order."""
    found: dict[str, list[tuple[int, str | None]]] = {"interruption": [], "assistant_text": []}
    for e in work.events:
        if e.kind in found and not e.agent and not e.sidechain and e.uuid not in work.replayed:
            found[e.kind].append((e.seq, e.message_id))
    return found


def _project(work: Work, cwd: str | None) -> str | None:
    if not cwd:
        return None
    rows = work.db.run("SELECT project FROM workdir WHERE person = ? AND cwd = ?", (work.person, cwd))
    return rows[0][0] if rows else None


def _automated(contexts: list[Any], prompts: list[Any]) -> str | None:
    """Why a session is not a person's: run by `-p` or the SDK, or a member of an agent team. None when it is."""
    if any(context[4] for context in contexts):
        return "team member"
    entry = next((context[3] for context in contexts if context[3]), "")
    if entry.startswith("sdk"):
        return "print mode or SDK"
    sources = {row[6] for row in prompts}
    return "print mode or SDK" if not entry and sources == {"sdk"} else None


def _title(work: Work, said: list[Any]) -> tuple[str | None, str | None]:
    """The session's title and where it is from: a custom one, the client's, a summary, else the first prompt."""
    key = (work.person, work.session)
    latest = {kind: text for kind, text, _ in said}
    for kind in ("custom_title", "ai_title", "agent_name"):
        if latest.get(kind):
            return latest[kind], kind
    rows = work.db.run(_SUMMARY, key)
    if rows:
        return rows[0][0], "summary"
    for _, text in work.db.run(_TEXTS, key):
        line = _squeeze((text or "").replace("\n", " "))
        if line and not line.startswith("<"):
            return line if len(line) <= 120 else line[:119] + "…", "prompt"
    return None, None


def _plan_mode(work: Work) -> int:
    if any(row[5] == "plan" for row in work.prompts):
        return 1
    return int(any(_plans(e) for e in work.events))


def _forked_from(work: Work) -> str | None:
    rows = work.db.run(
        """SELECT forked_from FROM event WHERE person = ? AND session = ? AND forked_from IS NOT NULL
        ORDER BY seq LIMIT 1""",
        (work.person, work.session),
    )
    return rows[0][0] if rows else None
