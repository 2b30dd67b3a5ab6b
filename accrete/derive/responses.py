"""A session's responses: the price of each, and sums by prompt, by run and for the session."""

from __future__ import annotations

from collections import defaultdict

from accrete.derive.days import Days
from accrete.derive.events import Event
from accrete.derive.inferences import BILLED, Terms, inferences
from accrete.derive.session_rows import Context, CountedCall, Totals, Work, prompt_at
from accrete.model.sessions import Inference, SessionUsage
from accrete.pricing.cost import ASSUMED, NO_USAGE, UsedTokens
from accrete.pricing.findings import Answer, findings
from accrete.pricing.overrides import Overrides
from accrete.pricing.version import PRICE_TABLE_VERSION
from accrete.record import store
from accrete.transcript.usage import with_declined

PLACEHOLDER = 1
"""Output tokens that a refusal without any output may carry (Bedrock's page of fallback credit
shows one)."""
_CONTENT = frozenset({"assistant_text", "thinking", "tool_call"})
_RESPONSES = """SELECT message_id, request_id, agent, at, model, input_tokens, output_tokens,
    cache_read_tokens,
cache_write_tokens, cache_write_5m_tokens, cache_write_1h_tokens, web_searches, has_usage,
    stop_reason, speed, geo,
tier, refusal, iterations, synthetic, embedded, sidechain, counted, branch, skill, version,
    contested, ended_at, seq, plugin, mcp_server
FROM response WHERE person = ? AND session = ?"""
_SAID_BESIDE = """SELECT answer, iterations FROM response
WHERE person = ? AND session = ? AND answer IS NOT NULL AND iterations IS NOT NULL"""


def price_responses(
    work: Work, calls: list[CountedCall], answers: dict[str, Event], prices: Overrides | None
) -> tuple[dict[str | None, Totals], dict[str, Totals], Totals]:
    """Prices every response and what is billed beside it, and adds both up by prompt, by run and
    for the session."""
    place: dict[str, tuple[int, str]] = {}
    answered: set[str] = set()
    for e in work.events:
        if e.message_id is not None:
            place.setdefault(e.message_id, (e.seq, e.uuid))
            if e.kind in _CONTENT and (e.kind != "assistant_text" or e.size):
                answered.add(e.message_id)
    own_times = {
        e.message_id: e.at
        for e in reversed(work.events)
        if e.message_id and e.message_id.endswith(f"#{e.uuid}")
    }
    place |= {message_id: (e.seq, e.uuid) for message_id, e in answers.items()}
    searched: dict[str, int] = defaultdict(int)
    for call in calls:
        searched[call.answer] += call.search_count or 0
    per_prompt: dict[str | None, Totals] = defaultdict(Totals)
    per_run: dict[str, Totals] = defaultdict(Totals)
    rollup: dict[tuple[str, str, str, int], list[int]] = defaultdict(lambda: [0] * 10)
    whole, updates, beside, owned, asked = Totals(), [], [], [], set()
    line: list[Answer] = []
    typed = {each.uuid: each.at for each in work.prompts}
    declined: dict[str, list[str]] = defaultdict(list)
    for counted, said in work.db.run(_SAID_BESIDE, (work.person, work.session)):
        declined[counted].append(said)
    for row in work.db.run(_RESPONSES, (work.person, work.session)):
        (
            message_id, request_id, agent, at, model,
            given, output, cache_read, cache_write, cache_write_5m, cache_write_1h, web,
            has_usage, stop, speed, geo, tier, refusal, iterations, synthetic,
            embedded, sidechain, counted, branch, skill, version, shared, ended, own_seq,
            plugin, server,
        ) = row  # fmt: skip
        used = UsedTokens(given, output, cache_read, cache_write, cache_write_5m, cache_write_1h)
        at, ended = work.redated.responses.get(message_id, (at, ended))
        seq, uuid = place.get(message_id, (own_seq, ""))
        if (begun := answers.get(message_id)) is not None and begun.at is not None:
            at = begun.at
        elif message_id in own_times:
            at = own_times[message_id]
        run = agent or (work.runs.get(uuid, "") if sidechain else "")
        prompt = work.run_prompt.get(run) if run else prompt_at(work, seq)
        if (
            shared
            and not agent
            and (here := _said_at(work.contexts, seq)) not in (None, (branch, version))
        ):
            branch = here[0]
            owned.append((*here, work.person, message_id, request_id))
        credited = 0 if web else searched[message_id]
        tokens = used._replace(web_searches=web or credited)
        when = at if at is not None else work.moments.near(agent, seq)
        found = inferences(with_declined(iterations, *declined[message_id]), tokens, model, speed)
        terms = Terms(when, geo, tier, prices)
        nothing_said = output == 0 or (output <= PLACEHOLDER and message_id not in answered)
        if synthetic:
            cost, basis = 0, "zero"
        elif not has_usage:
            cost, basis = None, NO_USAGE
        else:
            cost, basis = terms.cost(
                found.rounds or (tokens,),
                model,
                speed,
                tokens.web_searches,
                refusal if stop == "refusal" and nothing_said else BILLED,
            )
        bound = int(bool(has_usage) and not synthetic and (stop is None or embedded == 2))
        day, hour = (
            work.days.of(when, agent, seq),
            work.local.day_and_hour(at)[1] if at is not None else None,
        )
        updates.append(
            (
                at,
                ended,
                run,
                prompt,
                credited,
                day,
                hour,
                bound,
                cost,
                basis,
                PRICE_TABLE_VERSION,
                work.person,
                message_id,
                request_id,
            )
        )
        if not counted or synthetic:
            continue
        if model and not run:
            asked.add(model)
            if has_usage:
                line.append(
                    Answer(
                        own_seq, message_id, request_id, model, prompt, typed.get(prompt or ""), at,
                        at if ended is None else ended, day, stop, bound, used, speed, geo,
                        tier,
                    )
                )  # fmt: skip
        billed = [(1, model, tokens, cost, basis, bound)]
        for each in found.beside:
            own_cost, own_basis = terms.cost(
                (each.usage,), each.model, each.speed, 0, each.refusal if each.declined else BILLED
            )
            billed.append((0, each.model, each.usage, own_cost, own_basis, 0))
            beside.append(
                Inference(
                    work.person,
                    work.session,
                    message_id,
                    request_id,
                    each.place,
                    when,
                    each.kind,
                    each.model,
                    branch,
                    skill,
                    *each.usage[:6],
                    each.speed,
                    geo,
                    tier,
                    each.refusal,
                    run,
                    prompt,
                    day,
                    hour,
                    own_cost,
                    own_basis,
                    PRICE_TABLE_VERSION,
                    plugin,
                    server,
                )
            )
        for responses, name, spent, amount, why, low in billed:
            assumed = int(why == ASSUMED)
            _roll_up(
                rollup[(day, name or "", branch or "", int(bool(run)))],
                (
                    responses,
                    spent.input,
                    spent.output,
                    spent.cache_read,
                    spent.written,
                    spent.web_searches,
                    amount or 0,
                    int(amount is None),
                    low,
                    assumed,
                ),
            )
            sums = Totals(
                tokens_own=spent.input + spent.output + spent.cache_read + spent.written,
                responses=responses,
                cost_own=amount or 0,
                unpriced=int(amount is None),
                lower_bound=low,
                price_assumed=assumed,
            )
            for totals in (per_prompt[prompt], per_run[run], whole):
                _add(totals, bool(run), sums)
            _add_to_day(work.days, day, bool(run), sums)
    whole.models = frozenset(asked)
    store.update_rows(
        work.db,
        "response",
        ("person", "message_id", "request_id"),
        (
            "at",
            "ended_at",
            "run",
            "prompt",
            "searches_credited",
            "local_day",
            "hour_of_week",
            "lower_bound",
            "cost_nano",
            "cost_basis",
            "price_version",
        ),
        updates,
    )
    store.update_rows(
        work.db, "response", ("person", "message_id", "request_id"), ("branch", "version"), owned
    )
    store.replace_usage(
        work.db,
        (work.person, work.session),
        [SessionUsage(work.person, work.session, *key, *sums) for key, sums in rollup.items()],
    )
    store.replace_inferences(work.db, (work.person, work.session), beside)
    _store_findings(work, line)
    return per_prompt, per_run, whole


def _store_findings(work: Work, line: list[Answer]) -> None:
    """Stores what the responses of the main conversation could have had for less."""
    found = findings((work.person, work.session), line)
    store.replace_findings(work.db, (work.person, work.session), found.rows)
    for column, days in (("steps_told", found.told), ("steps_untold", found.untold)):
        for day in days:
            work.days.add(day, column)


def _said_at(contexts: list[Context], seq: int) -> tuple[str | None, str | None] | None:
    """(branch, version) that a session's records say at a place of its main line; of several the
    one said for the
    shortest part of it."""
    said = [
        (c.last_seq - c.first_seq, c.branch, c.version)
        for c in contexts
        if c.first_seq <= seq <= c.last_seq
    ]
    if not said:
        return None
    _, branch, version = min(said)
    return branch or None, version or None


def _roll_up(sums: list[int], amounts: tuple[int, ...]) -> None:
    for index, amount in enumerate(amounts):
        sums[index] += amount


def _add(totals: Totals, delegated: bool, sums: Totals) -> None:
    """Adds what stands in the own part of `sums` to the own or to the delegated part of
    `totals`."""
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
    days.add_all(
        day,
        {
            f"responses_{whose}": sums.responses,
            f"tokens_{whose}": sums.tokens_own,
            f"cost_{whose}_nano": sums.cost_own,
            "unpriced": sums.unpriced,
            "lower_bound": sums.lower_bound,
            "price_assumed": sums.price_assumed,
        },
    )
