"""Works one session out from its stored rows: prompts and their turns, agents, times, prices, title, totals.

Longer than a module should be because every figure of a session comes from the same one pass over its events.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import PurePath
from typing import Any

from accrete import store
from accrete.clock import LocalTime
from accrete.database import Database
from accrete.derive.answers import settle_answers
from accrete.derive.automation import Asked, Signs, automated
from accrete.derive.days import Days
from accrete.derive.events import Event, Redated, dated_events, redated_call
from accrete.derive.inferences import BILLED, Terms, inferences
from accrete.derive.insight import Where, derive_insight
from accrete.derive.moments import Moments
from accrete.derive.queue import Line, Operation, only_in_queue
from accrete.derive.times import Block, active_spans, running_span, total, work_blocks
from accrete.derive.title import (
    LOOKED_AT,
    Said,
    answer_title,
    given_title,
    one_line,
    prompt_title,
    weak_title,
    written_title,
)
from accrete.derive.worktrees import Place, worktrees_of
from accrete.errors import AccreteError, place_of
from accrete.model import HUMAN_KINDS, PROMPT_KINDS, Inference
from accrete.pricing import ASSUMED, NO_USAGE, PRICE_TABLE_VERSION, Overrides, Usage
from accrete.redaction import redact
from accrete.settings import Settings
from accrete.transcript.usage import with_declined
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


_CONTENT = frozenset({"assistant_text", "thinking", "tool_call"})
PLACEHOLDER = 1
"""Output tokens that a refusal without any output may carry (Bedrock's page of fallback credit shows one)."""
_BEFORE_ALL = frozenset(
    {"queue_operation", "hook_output", "mode", "permission_mode", "summary_title", "ai_title", "lineage"}
)
"""Kinds that may stand before the first word of a session."""
_NO_END = frozenset({
    "injected_context", "command_output", "shell_output", "task_notification", "teammate_message", "agent_prompt",
    "assistant_empty",
})  # fmt: skip
"""Kinds that may follow the end of a turn."""


_METADATA = """SELECT kind, text, seq FROM event WHERE person = ? AND session = ? AND kind IN
('ai_title', 'custom_title', 'agent_name', 'cost_state') AND text IS NOT NULL ORDER BY seq"""
_SUMMARY = """SELECT s.text FROM event l JOIN event s ON s.person = l.person AND s.parent = l.uuid
WHERE l.person = ? AND l.session = ? AND l.agent = '' AND s.kind = 'summary_title' AND s.text IS NOT NULL
ORDER BY l.seq DESC, s.text LIMIT 1"""
_OWN_SUMMARY = """SELECT text FROM event WHERE person = ? AND session = ? AND kind = 'summary_title' AND text IS NOT NULL
ORDER BY seq DESC, text LIMIT 1"""
"""A summary that stands in the session's file: older clients wrote those of other sessions there, so it comes last."""
_WITHOUT_WORDS = """SELECT 1 FROM event WHERE person = ? AND session = ? AND kind = 'typed_prompt' AND COALESCE(text, '') = '' LIMIT 1"""
_ASKED = f"""SELECT e.kind, e.text FROM event e WHERE e.person = ? AND e.session = ? AND e.agent = '' AND e.sidechain = 0
AND e.text IS NOT NULL AND (e.kind IN ({", ".join(f"'{kind}'" for kind in (*PROMPT_KINDS, "plan_handoff"))})
  OR (e.kind = 'queue_operation' AND EXISTS (SELECT 1 FROM prompt p
    WHERE p.person = e.person AND p.session = e.session AND p.uuid = e.uuid)))
ORDER BY e.seq, e.part LIMIT {LOOKED_AT}"""
_ANSWERED = """SELECT text FROM event WHERE person = ? AND session = ? AND kind = 'assistant_text' AND text IS NOT NULL
AND agent = '' AND sidechain = 0 ORDER BY seq, part LIMIT 10"""
_ANYTHING = """SELECT text FROM event WHERE person = ? AND session = ? AND kind IN ('assistant_text', 'thinking') AND text IS NOT NULL
ORDER BY kind, agent, seq, part LIMIT 10"""
_TASK = """SELECT shown_task FROM agent_run WHERE person = ? AND session = ? AND shown_task IS NOT NULL
ORDER BY started_at NULLS LAST, agent LIMIT 1"""
_TASK_PROMPT = """SELECT text FROM event WHERE person = ? AND session = ? AND kind IN ('agent_prompt', 'prompt_beside_result')
AND text IS NOT NULL ORDER BY at NULLS LAST, agent, seq LIMIT 1"""
_ALL_USER_TEXTS = """SELECT kind, text, seq FROM event WHERE person = ? AND session = ? AND text IS NOT NULL AND kind IN
('typed_prompt', 'slash_command', 'shell_input', 'queued_prompt', 'prompt_beside_result', 'plan_handoff',
 'injected_context', 'machine_message', 'task_notification', 'teammate_message', 'compact_summary') ORDER BY seq, part"""
_QUEUE = """SELECT uuid, name, text, seq, at FROM event WHERE person = ? AND session = ? AND kind = 'queue_operation'
ORDER BY seq, uuid"""
_OPEN_FILES = """SELECT 1 FROM event WHERE person = ? AND session = ? AND kind IN ('typed_prompt', 'slash_command', 'injected_context')
AND (text LIKE '%<ide_opened_file>%' OR text LIKE '%<ide_selection>%') LIMIT 1"""
_CONTEXT = """SELECT cwd, branch, version, entrypoint, teammate, first_seq, last_seq FROM session_context
WHERE person = ? AND session = ? ORDER BY first_seq, cwd, branch, version"""
_RESPONSES = """SELECT message_id, request_id, agent, at, model, input_tokens, output_tokens, cache_read_tokens,
cache_write_tokens, cache_write_5m_tokens, cache_write_1h_tokens, web_searches, has_usage, stop_reason, speed, geo,
tier, refusal, iterations, synthetic, embedded, sidechain, counted, branch, skill, version, contested, ended_at, seq
FROM response WHERE person = ? AND session = ?"""
_SAID_BESIDE = """SELECT answer, iterations FROM response
WHERE person = ? AND session = ? AND answer IS NOT NULL AND iterations IS NOT NULL"""
_CALLS = """SELECT message_id, tool_use_id, agent, uuid, seq, at, tool, variant, target, result_at, is_error, spawned,
search_count, sidechain, embedded, ms, COALESCE(answer, message_id), result_uuid, status FROM tool_call
WHERE person = ? AND session = ? AND counted = 1"""
_PROMPTS = """SELECT uuid, kind, seq, at, replayed, permission_mode, source FROM prompt
WHERE person = ? AND session = ? ORDER BY seq, uuid"""
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_FILES = "SELECT path FROM source_file WHERE person = ? AND session = ? AND layout = 'main' ORDER BY path"
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
    price_assumed: int = 0
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
    db: Database, person: int, session: str, *, shared: bool, prices: Overrides | None, settings: Settings
) -> None:
    """Derives every row of one session and clears its staleness. To be called in a transaction, after the owners of
    its records are settled; `shared` says that others hold some of them. Deriving twice changes nothing."""
    rows = db.run("SELECT zone FROM session WHERE person = ? AND id = ?", (person, session))
    if not rows:
        return
    local = _local(rows[0][0])
    events, redated = dated_events(db, person, session)
    moments = Moments((e.agent, e.seq, e.at) for e in events)
    replayed = {e.uuid for e in events if e.replayed}
    work = Work(db, person, session, events, replayed, moments, Days(local, moments), redated=redated)
    taken_back = _queued(work)
    work.prompts = [
        (*row[:3], redated.prompts.get(row[0], row[3]), *row[4:]) for row in db.run(_PROMPTS, (person, session))
    ]
    work.prompt_seqs = [row[2] for row in work.prompts]
    _inline_runs(work)
    answers = settle_answers(db, person, session, events, work.runs)
    calls = [redated_call(row, redated) for row in db.run(_CALLS, (person, session))]
    _agents(work, calls)
    copied = {row[0] for row in db.run(_COPIED_AGENTS, (person, session))} if shared else set()
    per_prompt, per_run, whole = _responses(work, calls, answers, prices, local)
    _calls(work, calls, per_prompt, per_run, whole)
    spans, instants = _times(work, calls, settings.active_tool_ms)
    _store_prompts(work, per_prompt, spans, local)
    _store_agents(work, per_run, copied)
    _store_session(work, whole, spans, instants, local, settings, taken_back)
    work.days.store(db, (person, session))


_zones: dict[str, LocalTime] = {}


def _local(zone: str) -> LocalTime:
    if zone not in _zones:
        _zones[zone] = LocalTime(zone)
    return _zones[zone]


def _queued(work: Work) -> int:
    """Stores the prompts that stand nowhere but in the queue's records; returns how many texts were taken back."""
    db, key = work.db, (work.person, work.session)
    db.run(
        "DELETE FROM prompt WHERE person = ? AND session = ? AND kind = 'queued_prompt' AND substr(uuid, 1, 1) = '#'",
        key,
    )
    operations = [Operation(*row) for row in db.run(_QUEUE, key)]
    if not any(operation.text for operation in operations):
        return 0
    found = only_in_queue(operations, [_line(*row) for row in db.run(_ALL_USER_TEXTS, key)])
    store.add_queued_prompts(db, [
        (*key, of.uuid, "queued_prompt", of.seq, of.at, None, len(words), 0, None, "queued", None)
        for of, words, given in found if given
    ])  # fmt: skip
    return sum(not queued.given for queued in found)


def _line(kind: str, text: str, seq: int) -> Line:
    """A stored text as the person typed it."""
    command = kind in ("slash_command", "shell_input")
    return Line(kind, command_line(text) if command else without_injected(text), seq)


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


def _responses(work: Work, calls: list[Any], answers: dict[str, Event], prices: Overrides | None, local: LocalTime
               ) -> tuple[dict[str | None, Totals], dict[str, Totals], Totals]:  # fmt: skip
    """Prices every response and what is billed beside it, and adds both up by prompt, by run and for the session."""
    place: dict[str, tuple[int, str]] = {}
    answered: set[str] = set()
    for e in work.events:
        if e.message_id is not None:
            place.setdefault(e.message_id, (e.seq, e.uuid))
            if e.kind in _CONTENT and (e.kind != "assistant_text" or e.size):
                answered.add(e.message_id)
    own_times = {
        e.message_id: e.at for e in reversed(work.events) if e.message_id and e.message_id.endswith(f"#{e.uuid}")
    }
    place |= {message_id: (e.seq, e.uuid) for message_id, e in answers.items()}
    searched: dict[str, int] = defaultdict(int)
    for call in calls:
        searched[call[16]] += call[12] or 0
    per_prompt: dict[str | None, Totals] = defaultdict(Totals)
    per_run: dict[str, Totals] = defaultdict(Totals)
    rollup: dict[tuple[str, str, str, int], list[int]] = defaultdict(lambda: [0] * 10)
    whole, updates, beside, owned, asked = Totals(), [], [], [], set()
    contexts = work.db.run(_CONTEXT, (work.person, work.session))
    declined: dict[str, list[str]] = defaultdict(list)
    for counted, said in work.db.run(_SAID_BESIDE, (work.person, work.session)):
        declined[counted].append(said)
    for row in work.db.run(_RESPONSES, (work.person, work.session)):
        message_id, request_id, agent, at, model, *usage = row[:11]
        web, has_usage, stop, speed, geo, tier, refusal, iterations, synthetic = row[11:20]
        embedded, sidechain, counted, branch, skill, version, shared, ended, own_seq = row[20:]
        at, ended = work.redated.responses.get(message_id, (at, ended))
        seq, uuid = place.get(message_id, (own_seq, ""))
        if (begun := answers.get(message_id)) is not None and begun.at is not None:
            at = begun.at
        elif message_id in own_times:
            at = own_times[message_id]
        run = agent or (work.runs.get(uuid, "") if sidechain else "")
        prompt = work.run_prompt.get(run) if run else _prompt_at(work, seq)
        if shared and not agent and (here := _said_at(contexts, seq)) not in (None, (branch, version)):
            branch = here[0]
            owned.append((*here, work.person, message_id, request_id))
        credited = 0 if web else searched[message_id]
        tokens = Usage(usage[0], usage[1], usage[2], usage[3], usage[4], usage[5], web or credited)
        when = at if at is not None else work.moments.near(agent, seq)
        found = inferences(with_declined(iterations, *declined[message_id]), tokens, model, speed)
        terms = Terms(when, geo, tier, prices)
        nothing_said = usage[1] == 0 or (usage[1] <= PLACEHOLDER and message_id not in answered)
        if synthetic:
            cost, basis = 0, "zero"
        elif not has_usage:
            cost, basis = None, NO_USAGE
        else:
            cost, basis = terms.cost(found.rounds or (tokens,), model, speed, tokens.web_searches,
                                     refusal if stop == "refusal" and nothing_said else BILLED)  # fmt: skip
        bound = int(bool(has_usage) and not synthetic and (stop is None or embedded == 2))
        day, hour = work.days.of(when, agent, seq), local.day_and_hour(at)[1] if at is not None else None
        updates.append((at, ended, run, prompt, credited, day, hour, bound, cost, basis, PRICE_TABLE_VERSION,
                        work.person, message_id, request_id))  # fmt: skip
        if not counted or synthetic:
            continue
        if model and not run:
            asked.add(model)
        billed = [(1, model, tokens, cost, basis, bound)]
        for each in found.beside:
            own_cost, own_basis = terms.cost(
                (each.usage,), each.model, each.speed, 0, each.refusal if each.declined else BILLED
            )
            billed.append((0, each.model, each.usage, own_cost, own_basis, 0))
            beside.append(Inference(
                work.person, work.session, message_id, request_id, each.place, when, each.kind, each.model, branch, skill,
                *each.usage[:6], each.speed, geo, tier, each.refusal, run, prompt, day, hour, own_cost, own_basis,
                PRICE_TABLE_VERSION,
            ))  # fmt: skip
        for responses, name, used, amount, why, low in billed:
            assumed = int(why == ASSUMED)
            _roll_up(rollup[(day, name or "", branch or "", int(bool(run)))],
                     (responses, used.input, used.output, used.cache_read, used.written, used.web_searches, amount or 0,
                      int(amount is None), low, assumed))  # fmt: skip
            sums = Totals(tokens_own=used.input + used.output + used.cache_read + used.written, responses=responses,
                          cost_own=amount or 0, unpriced=int(amount is None), lower_bound=low, price_assumed=assumed)  # fmt: skip
            for totals in (per_prompt[prompt], per_run[run], whole):
                _add(totals, bool(run), sums)
            _add_to_day(work.days, day, bool(run), sums)
    whole.models = frozenset(asked)
    store.update_rows(work.db, "response", ("person", "message_id", "request_id"),
                      ("at", "ended_at", "run", "prompt", "searches_credited", "local_day", "hour_of_week", "lower_bound", "cost_nano",
                       "cost_basis", "price_version"), updates)  # fmt: skip
    store.update_rows(work.db, "response", ("person", "message_id", "request_id"), ("branch", "version"), owned)
    store.replace_usage(work.db, (work.person, work.session), [(*key, *sums) for key, sums in rollup.items()])
    store.replace_inferences(work.db, (work.person, work.session), beside)
    return per_prompt, per_run, whole


def _said_at(contexts: list[Any], seq: int) -> tuple[str | None, str | None] | None:
    """(branch, version) that a session's records say at a place of its main line; of several the one said for the
    shortest part of it."""
    said = [(c[6] - c[5], c[1], c[2]) for c in contexts if c[5] <= seq <= c[6]]
    return (min(said)[1] or None, min(said)[2] or None) if said else None


def _roll_up(sums: list[int], amounts: tuple[int, ...]) -> None:
    for index, amount in enumerate(amounts):
        sums[index] += amount


def _add(totals: Totals, delegated: bool, sums: Totals) -> None:
    """Adds what stands in the own part of `sums` to the own or to the delegated part of `totals`."""
    if delegated:
        totals.delegated += sums.responses
        totals.tokens_delegated += sums.tokens_own
        totals.cost_delegated += sums.cost_own
    else:
        totals.responses += sums.responses
        totals.tokens_own += sums.tokens_own
        totals.cost_own += sums.cost_own
    totals.unpriced += sums.unpriced
    totals.lower_bound += sums.lower_bound
    totals.price_assumed += sums.price_assumed


def _add_to_day(days: Days, day: str, delegated: bool, sums: Totals) -> None:
    """Adds what stands in the own part of `sums` to the own or to the delegated part of a day."""
    whose = "delegated" if delegated else "own"
    days.add_all(day, {f"responses_{whose}": sums.responses, f"tokens_{whose}": sums.tokens_own,
                       f"cost_{whose}_nano": sums.cost_own, "unpriced": sums.unpriced, "lower_bound": sums.lower_bound,
                       "price_assumed": sums.price_assumed})  # fmt: skip


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


def _times(work: Work, calls: list[Any], tool_ms: int) -> tuple[list[tuple[int, int]], list[int]]:
    """The session's active spans and the instants of its own conversation (copies of another's left out)."""
    instants = [
        e.at for e in work.events if e.at is not None and e.kind in CONVERSATION and e.uuid not in work.replayed
    ]
    running = [
        running_span(call[5], call[9], call[6], call[15], tool_ms)
        for call in calls
        if call[5] is not None and call[9] is not None and (call[18] != "interrupted" or call[15] is not None)
    ]  # the client writes that a call was interrupted when the session goes on, whenever that is
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
                   settings: Settings, taken_back: int) -> None:  # fmt: skip
    key = (work.person, work.session)
    contexts = work.db.run(_CONTEXT, key)
    first, last = (contexts[0], max(contexts, key=lambda c: (c[6], c[0], c[1], c[2]))) if contexts else (None, None)
    started, ended = (min(instants), max(instants)) if instants else (None, None)
    day, hour = local.day_and_hour(started) if started is not None else (None, None)
    own = [row for row in work.prompts if not row[4]]
    reason = _automated(work, contexts, own, settings.automated)
    said = work.db.run(_METADATA, key)
    title, source = _title(work, said)
    kinds: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for e in work.events:
        if e.uuid not in work.replayed:
            kinds[e.kind].add((e.uuid, e.part))
    blocks = work_blocks(instants, spans, settings.work_block_idle_ms)
    _days_of_session(work, spans, instants, blocks)
    agents = work.db.run("SELECT COUNT(*) FROM agent_run WHERE person = ? AND session = ? AND replayed = 0", key)[0][0]
    store.replace_work_blocks(
        work.db,
        key,
        [(*key, b.started_at, b.ended_at, b.active_ms, local.day_and_hour(b.started_at)[0]) for b in blocks],
    )
    project = _project(work, first[0] if first else None)
    places = [Place(c[0], c[5], c[6]) for c in contexts if c[0]]
    store.replace_worktrees(work.db, key, worktrees_of(work.db, key, places))
    values = {
        "stale": 0, "derived_version": DERIVED_VERSION, "derive_error": None, "project": project, "cwd": (first[0] or None) if first else None,
        "branch": next((c[1] for c in sorted(contexts, key=lambda c: -c[6]) if c[1]), None),
        "version": (last[2] or None) if last else None,
        "entrypoint": next((c[3] for c in contexts if c[3]), None), "title": title, "title_source": source,
        "automated": int(reason is not None), "automated_reason": reason,
        "forked_from": _forked_from(work), "started_at": started, "ended_at": ended, "local_day": day,
        "hour_of_week": hour, "wall_ms": ended - started if started is not None and ended is not None else None,
        "active_ms": total(spans) if instants else None, "work_blocks": len(blocks),
        "prompts": sum(row[1] in HUMAN_KINDS for row in own),
        "prompts_queued": sum(row[1] not in HUMAN_KINDS for row in own), "prompts_replayed": len(work.prompts) - len(own),
        "prompts_taken_back": taken_back,
        "interruptions": len(kinds["interruption"]), "compactions": len(kinds["compact_boundary"]),
        "api_errors": len(kinds["api_error"]), "plan_mode": _plan_mode(work), "agents": agents,
        "tool_calls": whole.calls, "tool_errors": whole.errors, "responses_own": whole.responses,
        "responses_delegated": whole.delegated, "tokens_own": whole.tokens_own,
        "tokens_delegated": whole.tokens_delegated, "cost_own_nano": whole.cost_own,
        "cost_delegated_nano": whole.cost_delegated, "unpriced": whole.unpriced, "lower_bound": whole.lower_bound,
        "price_assumed": whole.price_assumed,
        "client_cost_nano": next((int(text) for kind, text, _ in reversed(said) if kind == "cost_state"), None),
    }  # fmt: skip
    try:
        with work.db.savepoint():
            values |= derive_insight(
                work.db, *key, automated=reason is not None, project=project, branch=values["branch"],
                wheres=[Where(c[0], c[5], c[6]) for c in contexts if c[0]], models=whole.models, replayed=work.replayed, last=_last(work),
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
    """(place, message id) of each interruption and answer of the main line, in order; and, as "end", the place and the
    tool-use id of what it ends with, where that is a call, its result or a thought."""
    found: dict[str, list[tuple[int, str | None]]] = {"interruption": [], "assistant_text": [], "end": []}
    main = [e for e in work.events if not e.agent and not e.sidechain and e.uuid not in work.replayed]
    for e in main:
        if e.kind in ("interruption", "assistant_text"):
            found[e.kind].append((e.seq, e.message_id))
    last = next((e for e in reversed(main) if e.kind in CONVERSATION and e.kind not in _NO_END), None)
    if last is not None and last.kind in ("tool_call", "tool_result", "thinking"):
        found["end"].append((last.seq, last.tool_use_id))
    return found


def _project(work: Work, cwd: str | None) -> str | None:
    if not cwd:
        return None
    rows = work.db.run("SELECT project FROM workdir WHERE person = ? AND cwd = ?", (work.person, cwd))
    return (rows[0][0] or None) if rows else None


def _automated(work: Work, contexts: list[Any], prompts: list[Any], globs: Sequence[str]) -> str | None:
    """Why the session is not a person's; None when it is."""
    main = [e for e in work.events if not e.agent and not e.sidechain and e.uuid not in work.replayed]
    answers = [(e.seq, e.at) for e in main if e.kind == "assistant_text" and e.at is not None]
    asked = [Asked(row[6], _after(answers, row)) for row in prompts if row[1] in HUMAN_KINDS]
    begun = takewhile(lambda e: e.kind in _BEFORE_ALL, main)
    queue = tuple(e.name or "" for e in begun if e.kind == "queue_operation")
    by_hand = any(e.kind in ("interruption", "shell_input") for e in main)
    if queue and not by_hand:
        by_hand = bool(work.db.run(_OPEN_FILES, (work.person, work.session)))
    return automated(Signs(
        next((c[0] for c in contexts if c[0]), ""), next((c[3] for c in contexts if c[3]), ""), any(c[4] for c in contexts), queue, asked,
        by_hand), globs)  # fmt: skip


def _after(answers: list[tuple[int, int]], prompt: Any) -> int | None:
    """How long after the last answer before it a prompt came, ms."""
    index = bisect_right(answers, (prompt[2], 0)) - 1
    return prompt[3] - answers[index][1] if index >= 0 and prompt[3] is not None else None


def _title(work: Work, said: list[Any]) -> tuple[str | None, str | None]:
    """The session's title and where it is from: a custom one, the client's, a summary, the first prompt that says
    something, an answer, whatever was put in; else what its subagents were to do."""
    key = (work.person, work.session)
    latest = {kind: text for kind, text, _ in said}
    for kind in ("custom_title", "ai_title", "agent_name"):
        if title := (written_title if kind == "ai_title" else given_title)(latest.get(kind)):
            return title, kind
    for (text,) in work.db.run(_SUMMARY, key):
        if title := written_title(text):
            return title, "summary"
    asked = [Said(*row) for row in work.db.run(_ASKED, key)]
    if found := prompt_title(asked):
        return found
    if name := _file_name(work):
        return name, "file"
    answered = [text for (text,) in work.db.run(_ANSWERED, key)]
    if title := answer_title(answered):
        return title, "answer"
    if title := weak_title(asked):
        return title, "prompt"
    for source, sql in (("subagent", _TASK), ("subagent", _TASK_PROMPT), ("answer", _ANYTHING)):
        for (text,) in work.db.run(sql, key):
            if title := one_line(text):
                return title, source
    for (text,) in work.db.run(_OWN_SUMMARY, key):
        if title := written_title(text):
            return title, "summary"
    return ("[Image]", "prompt") if work.db.run(_WITHOUT_WORDS, key) else (None, None)


def _file_name(work: Work) -> str | None:
    """The name of the session's file where a person chose it: the client's own are ids."""
    names = (PurePath(row[0]).stem for row in work.db.run(_FILES, (work.person, work.session)))
    return next((redact(name) for name in names if name != work.session and not _ID.fullmatch(name)), None)


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
