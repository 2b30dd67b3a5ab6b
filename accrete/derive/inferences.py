"""Which inferences of a response are billed in addition to its usage: advisors, compactions,
attempts before a fallback.

The usage of a response is that of the attempt that gave the message. Of what `usage.iterations`
lists, the entries of that attempt are in it; every other inference is billed beside it, at the
rates of the model that ran it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from accrete.pricing.cost import UsedTokens, price
from accrete.pricing.models import canonical_model
from accrete.pricing.overrides import Overrides
from accrete.pricing.refusals import REFUSED, is_billed
from accrete.transcript.usage import DECLINED, SAMPLING, Entry, entries_of

BESIDE: Final = frozenset({"advisor_message", "compaction", *SAMPLING})
"""Kinds of which the pages say that the usage leaves them out, unless they are of its own
attempt."""

BILLED: Final = "billed"
"""In place of a refusal's category: nothing was declined, or only after output."""


class Terms(NamedTuple):
    """What of a response holds for the price of all of its inferences."""

    at: int | None
    geo: str | None
    tier: str | None
    prices: Overrides | None

    def cost(
        self,
        parts: tuple[UsedTokens, ...],
        model: str | None,
        speed: str | None,
        searches: int,
        refusal: str | None,
    ) -> tuple[int | None, str]:
        """Nano-dollars and basis of requests to one model, which together made `searches` web
        searches. refusal: the category (or None) where nothing was output, else BILLED."""
        if refusal != BILLED and not is_billed(refusal, self.at):
            return 0, REFUSED
        if parts[0].web_searches != searches:
            parts = (parts[0]._replace(web_searches=searches), *parts[1:])
        found = [
            price(
                part,
                model=model,
                at=self.at,
                speed=speed,
                geo=self.geo,
                tier=self.tier,
                overrides=self.prices,
            )
            for part in parts
        ]
        first = next((each for each in found if each.basis != "zero"), found[0])
        nanos = [each.nano for each in found if each.nano is not None]
        return sum(nanos) if len(nanos) == len(found) else None, first.basis


class Beside(NamedTuple):
    """An inference that is billed beside the usage, or what a round of the answer used beyond the
    usage. `place` is its place in the list; `declined`: its model declined before any output."""

    place: int
    kind: str
    model: str | None
    usage: UsedTokens
    speed: str | None
    refusal: str | None
    declined: bool


class Inferences(NamedTuple):
    """The inferences of one response: the rounds of the attempt that gave the message, where they
    add up to its usage, and what is billed beside it."""

    rounds: tuple[UsedTokens, ...]
    beside: tuple[Beside, ...]


_NONE = Inferences((), ())


def inferences(
    stored: str | None, whole: UsedTokens, model: str | None, speed: str | None
) -> Inferences:
    """What the stored list of a response says. whole: the usage of the response, whose model and
    speed are given."""
    if stored is None:
        return _NONE
    entries = _attempts(entries_of(stored))
    own = sorted(_own(entries))
    rounds = tuple(_usage(entries[place]) for place in own)
    left, rest = _beyond(whole, rounds)
    adds_up = not any(left[:4]) and not any(map(any, rest))
    knows_hours = sum(each.cache_write_1h for each in rounds) >= whole.cache_write_1h
    beside = [
        Beside(place, entries[place].kind, model, more, speed, None, False)
        for place, more in zip(own, rest, strict=True)
    ]
    for place, entry in enumerate(entries):
        if place not in own:
            each = _beside(place, entry, model, speed)
            if (
                entry.kind not in BESIDE
            ):  # of a kind that no page tells of: only what the usage leaves out
                left, more = _taken(left, each.usage)
                each = each._replace(usage=more)
            beside.append(each)
    return Inferences(
        rounds if adds_up and knows_hours else (), tuple(each for each in beside if any(each.usage))
    )


def _attempts(entries: list[Entry]) -> list[Entry]:
    """The entries with the category for which the model of each declined, however its id is written
    there. One before a fallback that names no model is of the only one that declined."""
    told = {canonical_model(each.model): each for each in entries if each.kind == DECLINED}
    found = [each for each in entries if each.kind != DECLINED]
    fell_back = next(
        (place for place, each in enumerate(found) if each.kind == "fallback_message"), 0
    )
    if len(told) == 1:
        only = next(iter(told.values())).model
        found[:fell_back] = [each._replace(model=each.model or only) for each in found[:fell_back]]
    return [
        each._replace(refusal=each.refusal or told[name].refusal)
        if (name := canonical_model(each.model)) in told
        else each
        for each in found
    ]


def _beyond(
    whole: UsedTokens, rounds: tuple[UsedTokens, ...]
) -> tuple[UsedTokens, list[UsedTokens]]:
    """What of the usage its rounds leave over, and what each round used beyond it."""
    left, rest = _written_once(whole), []
    for each in rounds:
        left, more = _taken(left, each)
        rest.append(more)
    return left, rest


def _own(entries: list[Entry]) -> set[int]:
    """The places of the attempt that gave the message: the last of the answer, and those before it
    by the same model."""
    own: set[int] = set()
    last: str | None = None
    for place in reversed(range(len(entries))):
        entry = entries[place]
        if entry.kind not in SAMPLING:
            continue
        name = canonical_model(entry.model)
        if last not in (None, name):
            break
        last = name
        own.add(place)
    return own


def _beside(place: int, entry: Entry, model: str | None, speed: str | None) -> Beside:
    """An entry as it is billed. A speed that it does not say is the request's where the same model
    ran it."""
    same = model is not None and canonical_model(entry.model) == canonical_model(model)
    declined = entry.kind in SAMPLING and not entry.output
    return Beside(
        place,
        entry.kind,
        entry.model or None,
        _usage(entry),
        entry.speed or (speed if same else None),
        entry.refusal or None,
        declined,
    )


def _usage(entry: Entry) -> UsedTokens:
    return UsedTokens(*entry[4:])


def _written_once(usage: UsedTokens) -> UsedTokens:
    """A usage whose cache writes are all in `cache_write`, without web searches."""
    return usage._replace(cache_write=usage.written, web_searches=0)


def _taken(said: UsedTokens, used: UsedTokens) -> tuple[UsedTokens, UsedTokens]:
    """What is left of the usage that the response says once a round has its part of it, and what
    the round used beyond."""
    used = _written_once(used)
    pairs = list(zip(said, used, strict=True))
    left = UsedTokens(*(max(theirs - mine, 0) for theirs, mine in pairs))
    more = UsedTokens(*(max(mine - theirs, 0) for theirs, mine in pairs))
    hour = min(used.cache_write_1h, more.cache_write)
    five = min(used.cache_write_5m, more.cache_write - hour)
    return left, more._replace(cache_write_5m=five, cache_write_1h=hour)
