"""Where money went that could have been had for less, as far as a session's responses prove it:
caches lost after a pause, models switched in mid-session, outputs that filled the context.

All of it is of main conversations, of responses that count. Two of them follow each other if
nothing else of the same session's main conversation lies between them. A response's context is all
its input: new, read from the cache and written to it. What it leaves in the cache is what it read
and wrote. Money is at list prices, in nano-dollars, and None where no list price is known.

A cache was lost after a pause (`cold`) where a prompt came more than five minutes after the end of
the response before it (an hour, if either wrote anything to the cache for an hour), less was read
from the cache than was left in it, and the context had not shrunk, so that all of it had to be sent
again. tokens: what was missing, as far as it was written again; nano: by how much that was dearer
than reading it.

Models were switched (`switch`) where another model than that of the response before it found less
in the cache, before that had run out: a cache is of one model. Likewise.

An output filled the context (`output`) where a response to the same prompt by the same model had
FILLED tokens more in its context than the response with tool calls before it had in it and put out.
nano: of these tokens in that response, and as a read from the cache in each later one until the
context shrank or the model changed. Known only where the output is wholly known, which it is not of
older clients.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from accrete.model.sessions import Finding
from accrete.pricing.cost import UsedTokens, price

FILLED = 10_000
"""Tokens that one step has to bring for it to have filled the context. Claude Code warns about the
output of an MCP tool from there on (its documentation, mcp)."""
MINUTES_5, HOUR = 300_000, 3_600_000
"""How long the API keeps a cache from its last use, in ms."""


class Answer(NamedTuple):
    """A response of the main conversation. seq: where it begins in its file; typed_at: UTC ms of
    its prompt; ended_at: when it began where nothing tells when it ended."""

    seq: int
    message_id: str
    request_id: str
    model: str
    prompt: str | None
    typed_at: int | None
    at: int | None
    ended_at: int | None
    day: str
    stop_reason: str | None
    lower_bound: int
    usage: UsedTokens
    speed: str | None
    geo: str | None
    tier: str | None

    @property
    def kept(self) -> int:
        """What it left in the cache."""
        return self.usage.cache_read + self.usage.written

    @property
    def context(self) -> int:
        """All its input."""
        return self.usage.input + self.kept

    def price(self, usage: UsedTokens) -> int | None:
        """What this usage would have cost in its place."""
        given = price(
            usage, model=self.model, at=self.at, speed=self.speed, geo=self.geo, tier=self.tier
        )
        return given.nano


class Found(NamedTuple):
    """What the responses of one session prove. told, untold: the days of its steps with tool calls,
    one entry a step, of which is known how much they brought, and of which it is not."""

    rows: list[Finding]
    told: list[str]
    untold: list[str]


def findings(key: tuple[int, str], answers: Iterable[Answer]) -> Found:
    """The findings of the session `key` (person, id)."""
    line = sorted(answers, key=lambda each: (each.seq, each.message_id))
    held = _held(line)
    found = Found([], [], [])
    for place, (before, now) in enumerate(pairwise(line), start=1):
        if _again(before, now):
            if _cold(before, now):
                found.rows.append(_rewritten(key, "cold", before, now))
            elif before.model != now.model and _soon(before, now):
                found.rows.append(_rewritten(key, "switch", before, now))
        if now.prompt is None or now.prompt != before.prompt or now.model != before.model:
            continue
        if not _in_order(before, now):
            continue
        if before.lower_bound:
            found.untold.append(now.day)
        elif before.stop_reason == "tool_use":
            found.told.append(now.day)
            brought = now.context - before.context - before.usage.output
            if brought >= FILLED:
                found.rows.append(_brought(key, before, now, brought, held[place]))
    return found


def _again(before: Answer, now: Answer) -> bool:
    """Whether what was left in the cache had to be written again."""
    return now.usage.cache_read < before.kept <= now.context and now.usage.written > 0


def _lasts(before: Answer, now: Answer) -> int:
    return HOUR if before.usage.cache_write_1h or now.usage.cache_write_1h else MINUTES_5


def _cold(before: Answer, now: Answer) -> bool:
    return (
        now.prompt != before.prompt
        and now.typed_at is not None
        and before.ended_at is not None
        and now.typed_at - before.ended_at > _lasts(before, now)
    )


def _soon(before: Answer, now: Answer) -> bool:
    pause = _pause(before, now)
    return pause is not None and 0 <= pause <= _lasts(before, now)


def _in_order(before: Answer, now: Answer) -> bool:
    pause = _pause(before, now)
    return pause is not None and pause >= 0


def _pause(before: Answer, now: Answer) -> int | None:
    return None if now.at is None or before.ended_at is None else now.at - before.ended_at


def _held(line: Sequence[Answer]) -> list[int]:
    """Of each response how many after it had its whole context in theirs."""
    held = [0] * len(line)
    for place in range(len(line) - 2, -1, -1):
        before, now = line[place], line[place + 1]
        if now.context >= before.context and now.model == before.model:
            held[place] = held[place + 1] + 1
    return held


def _rewritten(key: tuple[int, str], kind: str, before: Answer, now: Answer) -> Finding:
    tokens = min(before.kept - now.usage.cache_read, now.usage.written)
    read = _without(now.usage, tokens)
    paid = now.price(now.usage)
    had = now.price(read._replace(cache_read=now.usage.cache_read + tokens))
    nano = None if paid is None or had is None else paid - had
    return _finding(key, kind, before, now, tokens, nano)


def _brought(key: tuple[int, str], before: Answer, now: Answer, tokens: int, later: int) -> Finding:
    paid, without = now.price(now.usage), now.price(_without(now.usage, tokens))
    read = now.price(UsedTokens(0, 0, tokens, 0, 0, 0))
    known = paid is not None and without is not None and read is not None
    nano = paid - without + later * read if known else None  # type: ignore[operator]
    return _finding(key, "output", before, now, tokens, nano, later)


def _finding(
    key: tuple[int, str], kind: str, before: Answer, now: Answer, tokens: int, nano: int | None,
    later: int = 0,
) -> Finding:  # fmt: skip
    return Finding(
        *key, now.message_id, now.request_id, kind, now.prompt, now.at, now.day, now.model,
        before.model, before.message_id, _pause(before, now), tokens, nano, later,
    )  # fmt: skip


def _without(usage: UsedTokens, tokens: int) -> UsedTokens:
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
