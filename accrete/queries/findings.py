"""Where money went that could have been had for less, as far as responses prove it: caches lost
after a pause, models switched in mid-session, outputs that filled the context.

All of it is of main conversations, of responses that count. Two of them follow each other if
nothing else of the same session's main conversation lies between them. A response's context is all
its input: new, read from the cache and written to it. What it leaves in the cache is what it read
and wrote. Money is at list prices, in nano-dollars, and None where no list price is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from accrete.database import Question, Row
from accrete.pricing import Usage, price
from accrete.queries.scope import SESSIONS, Scope, narrowed_by

FILLED = 10_000
"""Tokens that one step has to bring for it to have filled the context. Claude Code warns about the
output of an MCP tool from there on (its documentation, mcp)."""
MINUTES_5, HOUR = 300_000, 3_600_000
"""How long the API keeps a cache from its last use, in ms."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One response that cost more than it had to.

    uuid: the record of the prompt that it answers. at: UTC ms, when it came. pause_ms: since the
    response before it had ended. before: the model, and the message id, of that one. tokens:
    written to the cache again, or brought into the context. nano: what that cost. later: how many
    responses had the same in their context afterwards, and paid for it again.
    """

    session: str
    title: str | None
    uuid: str
    at: int | None
    model: str
    before: str
    called: str
    pause_ms: int | None
    tokens: int
    nano: int | None
    later: int = 0


@dataclass(frozen=True, slots=True)
class Findings:
    """The most expensive first. cold: caches lost after a pause; switches: models switched in
    mid-session; outputs: what filled the context. told, untold: steps with tool calls of which is
    known how much they brought, and of which it is not."""

    cold: list[Finding]
    switches: list[Finding]
    outputs: list[Finding]
    told: int
    untold: int


class _Answer(NamedTuple):
    """A response. typed_at: UTC ms of its prompt."""

    session: str
    title: str | None
    message_id: str
    model: str
    prompt: str | None
    typed_at: int | None
    at: int | None
    ended_at: int | None
    day: str | None
    stop_reason: str | None
    lower_bound: int
    input: int
    output: int
    read: int
    write: int
    write_5m: int
    write_1h: int
    speed: str | None
    geo: str | None
    tier: str | None

    @property
    def usage(self) -> Usage:
        return Usage(self.input, self.output, self.read, self.write, self.write_5m, self.write_1h)

    @property
    def kept(self) -> int:
        """What it left in the cache."""
        return self.read + self.usage.written

    @property
    def context(self) -> int:
        return self.input + self.kept

    def price(self, usage: Usage) -> int | None:
        """What this usage would have cost in its place."""
        given = price(
            usage, model=self.model, at=self.at, speed=self.speed, geo=self.geo, tier=self.tier
        )
        return given.nano


@narrowed_by(*SESSIONS)
def findings(scope: Scope) -> Question[Findings]:
    """What the responses of a scope in its range prove.

    A cache was lost after a pause (`cold`) where a prompt came more than five minutes after the
    end of the response before it (an hour, if either wrote anything to the cache for an hour), less
    was read from the cache than was left in it, and the context had not shrunk, so that all of it
    had to be sent again. tokens: what was missing, as far as it was written again; nano: by how
    much that was dearer than reading it.

    Models were switched (`switches`) where another model than that of the response before it
    found less in the cache, before that had run out: a cache is of one model. Likewise.

    An output filled the context (`outputs`) where a response to the same prompt by the same model
    had FILLED tokens more in its context than the response with tool calls before it had in it and
    put out. nano: of these tokens in that response, and as a read from the cache in each later one
    until the context shrank or the model changed. Known only where the output is wholly known,
    which it is not of older clients.
    """
    where, params = scope.where()
    at_work, days = scope.days("d.local_day")
    if at_work:
        where += f""" AND EXISTS (SELECT 1 FROM session_day d WHERE d.person = s.person
          AND d.session = s.id{at_work})"""
    sql = f"""SELECT r.person, r.session, s.title, r.message_id, r.model, r.prompt, t.at, r.at,
      COALESCE(r.ended_at, r.at), r.local_day, r.stop_reason, r.lower_bound, r.input_tokens,
      r.output_tokens, r.cache_read_tokens, r.cache_write_tokens, r.cache_write_5m_tokens,
      r.cache_write_1h_tokens, r.speed, r.geo, r.tier
    FROM response r JOIN visible_session s ON s.person = r.person AND s.id = r.session
    LEFT JOIN prompt t ON t.person = r.person AND t.session = r.session AND t.uuid = r.prompt
    WHERE {where} AND r.counted = 1 AND r.synthetic = 0 AND r.has_usage = 1 AND r.run = ''
      AND r.model IS NOT NULL
    ORDER BY r.person, r.session, r.seq, r.message_id"""

    def shape(answers: list[list[Row]]) -> Findings:
        lines: dict[tuple[int, str], list[_Answer]] = {}
        for row in answers[0]:
            lines.setdefault((row[0], row[1]), []).append(_Answer._make(row[1:]))
        found = Findings([], [], [], 0, 0)
        for line in lines.values():
            found = _added(found, line, scope)
        for each in (found.cold, found.switches, found.outputs):
            each.sort(key=lambda one: (-(one.nano or 0), -one.tokens, one.session, one.at or 0))
        return found

    return Question(((sql, [*params, *days]),), shape)


def _added(found: Findings, line: Sequence[_Answer], scope: Scope) -> Findings:
    """The same with what a session's main conversation tells."""
    told, untold = found.told, found.untold
    for place, (before, now) in enumerate(pairwise(line), start=1):
        if not scope.holds(now.day or ""):
            continue
        if _again(before, now):
            if _cold(before, now):
                found.cold.append(_rewritten(before, now))
            elif before.model != now.model and _soon(before, now):
                found.switches.append(_rewritten(before, now))
        if now.prompt is None or now.prompt != before.prompt or now.model != before.model:
            continue
        if not _in_order(before, now):
            continue
        if before.lower_bound:
            untold += 1
        elif before.stop_reason == "tool_use":
            told += 1
            brought = now.context - before.context - before.output
            if brought >= FILLED:
                found.outputs.append(_brought(before, now, brought, _held(line, place)))
    return Findings(found.cold, found.switches, found.outputs, told, untold)


def _again(before: _Answer, now: _Answer) -> bool:
    """Whether what was left in the cache had to be written again."""
    return now.read < before.kept <= now.context and now.usage.written > 0


def _lasts(before: _Answer, now: _Answer) -> int:
    return HOUR if before.write_1h or now.write_1h else MINUTES_5


def _cold(before: _Answer, now: _Answer) -> bool:
    return (
        now.prompt != before.prompt
        and now.typed_at is not None
        and before.ended_at is not None
        and now.typed_at - before.ended_at > _lasts(before, now)
    )


def _soon(before: _Answer, now: _Answer) -> bool:
    pause = _pause(before, now)
    return pause is not None and 0 <= pause <= _lasts(before, now)


def _in_order(before: _Answer, now: _Answer) -> bool:
    pause = _pause(before, now)
    return pause is not None and pause >= 0


def _pause(before: _Answer, now: _Answer) -> int | None:
    return None if now.at is None or before.ended_at is None else now.at - before.ended_at


def _held(line: Sequence[_Answer], place: int) -> int:
    """How many responses after that at a place had its whole context in theirs."""
    n = 0
    for before, now in pairwise(line[place:]):
        if now.context < before.context or now.model != before.model:
            break
        n += 1
    return n


def _rewritten(before: _Answer, now: _Answer) -> Finding:
    tokens = min(before.kept - now.read, now.usage.written)
    read = _without(now.usage, tokens)
    paid, had = now.price(now.usage), now.price(read._replace(cache_read=now.read + tokens))
    return _finding(before, now, tokens, None if paid is None or had is None else paid - had)


def _brought(before: _Answer, now: _Answer, tokens: int, later: int) -> Finding:
    paid, without = now.price(now.usage), now.price(_without(now.usage, tokens))
    read = now.price(Usage(0, 0, tokens, 0, 0, 0))
    known = paid is not None and without is not None and read is not None
    nano = paid - without + later * read if known else None  # type: ignore[operator]
    return _finding(before, now, tokens, nano, later)


def _finding(
    before: _Answer, now: _Answer, tokens: int, nano: int | None, later: int = 0
) -> Finding:
    return Finding(
        now.session, now.title, now.prompt or "", now.at, now.model, before.model,
        before.message_id, _pause(before, now), tokens, nano, later,
    )  # fmt: skip


def _without(usage: Usage, tokens: int) -> Usage:
    """The same without these tokens: of those written for five minutes first, which cost less, then
    of those for an hour, then of the input."""
    short = usage.written - usage.cache_write_1h
    from_short = min(tokens, short)
    from_hour = min(tokens - from_short, usage.cache_write_1h)
    rest = min(tokens - from_short - from_hour, usage.input)
    return usage._replace(
        input=usage.input - rest,
        cache_write=usage.written - from_short - from_hour,
        cache_write_5m=short - from_short,
        cache_write_1h=usage.cache_write_1h - from_hour,
    )


class Called(NamedTuple):
    """The call of a response with the largest output, and the record that holds it."""

    tool: str
    uuid: str


@narrowed_by("project", "session", "automated", "client", "without")
def largest_calls(scope: Scope, responses: Sequence[str]) -> Question[dict[str, Called]]:
    """For each of these responses (message ids) its call with the largest output."""
    if not responses:
        return Question((), lambda answers: {})
    where, params = scope.where()
    sql = f"""SELECT c.message_id, c.tool, c.uuid FROM tool_call c
      JOIN visible_session s ON s.person = c.person AND s.id = c.session
    WHERE {where} AND c.message_id IN ({", ".join("?" * len(responses))}) AND c.counted = 1
    ORDER BY COALESCE(c.output_chars, 0), c.tool_use_id DESC"""
    return Question(
        ((sql, [*params, *responses]),),
        lambda answers: {row[0]: Called(row[1], row[2]) for row in answers[0]},
    )
