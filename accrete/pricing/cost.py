"""The one calculation of a response's cost: exact, in nano-dollars, rounded once."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Final, NamedTuple

from accrete.pricing.models import read_model_id
from accrete.pricing.overrides import Overrides
from accrete.pricing.table import BATCH, PREMIUM, TABLE, WEB_SEARCH_USD, Rates, Row

SYNTHETIC = "<synthetic>"
"""The model of messages that the client made up itself."""

_NANO = 10**9
_PER_TOKEN = Fraction(_NANO, 10**6)


class UsedTokens(NamedTuple):
    """Tokens of one API response, as its usage counts them: `input` is without cache tokens.

    cache_write: all tokens written to the cache. What it has beyond the 5-minute and 1-hour parts
    is billed at the 5-minute rate; where it is less than the parts together, the parts count. (A
    tuple, because one is made for each of millions of responses.)
    """

    input: int
    output: int
    cache_read: int
    cache_write: int
    cache_write_5m: int
    cache_write_1h: int
    web_searches: int = 0

    @property
    def written(self) -> int:
        """All tokens written to the cache."""
        return max(self.cache_write, self.cache_write_5m + self.cache_write_1h)


@dataclass(frozen=True, slots=True)
class Price:
    """nano: nano-dollars, or None if no price is known.

    basis: `table`, a list price; `assumed`, a list price from before the day it is first known of;
    `undated`, the newest list price, because the time is not known; `alias`, the list price of the
    model that the person's alias names; `override`, the person's own rates; `zero`, nothing was
    used or the client made the message up; `refused`, declined before any output and not billed.
    Without a price it says why: one of UNPRICED.
    """

    nano: int | None
    basis: str


NO_MODEL = "unpriced:model"
"""The model is in no table."""
NO_FAST = "unpriced:fast"
"""The model had no fast mode then; the API refuses such a request."""
NO_SPEED = "unpriced:speed"
NO_TIER = "unpriced:tier"
NO_GEO = "unpriced:geo"
NO_USAGE = "unpriced:usage"
UNPRICED: Final = (NO_MODEL, NO_FAST, NO_SPEED, NO_TIER, NO_GEO, NO_USAGE)
"""Why a response has no price: its model, speed, service tier or geo is not known, or it carries no
usage."""

ASSUMED = "assumed"

_ZERO = Price(0, "zero")


def price(
    usage: UsedTokens,
    *,
    model: str | None,
    at: int | None,
    speed: str | None = None,
    geo: str | None = None,
    tier: str | None = None,
    overrides: Overrides | None = None,
) -> Price:
    """What one response costs at the prices of its time.

    at: UTC ms. speed, geo, tier: `speed`, `inference_geo` and `service_tier` of the response's
    usage.

    Nothing is guessed: the price is None for a model that is in neither the table nor `overrides`,
    for fast mode on a model that had none then (the API refuses such a request, so what such a
    record cost is not known), and for a speed, geo or tier that is not documented. The person's own
    rates hold as written whatever the length, speed, geo and tier, as in Claude Code; only the
    multiplier is applied to them.
    """
    if model == SYNTHETIC or not any(usage):
        return _ZERO
    if not model or (known := _known(model, overrides)) is None:
        return Price(None, NO_MODEL)
    written = usage.written
    if known.own is not None:
        basis, card = "override", known.own
    else:
        index = len(known.rows) - 1 if at is None else max(bisect_right(known.since, at) - 1, 0)
        row = known.rows[index]
        prompt = usage.input + usage.cache_read + written
        long = row.long is not None and prompt > row.long_above
        found = _card(model, overrides, index, long, speed, geo, tier)
        if isinstance(found, str):
            return Price(None, found)
        basis, card = _basis(known.basis, row, at), found
    total = (
        usage.input * card.input
        + (written - usage.cache_write_1h) * card.write_5m
        + usage.cache_write_1h * card.write_1h
        + usage.cache_read * card.read
        + usage.output * card.output
        + usage.web_searches * card.search
    )
    return Price(_rounded(total, card.scale), basis)


def _basis(basis: str, row: Row, at: int | None) -> str:
    if at is None:
        return "undated"
    return ASSUMED if at < row.known_since else basis


def _rounded(total: int, scale: int) -> int:
    """total / scale, half to even."""
    whole, rest = divmod(total, scale)
    return whole + (2 * rest > scale or (2 * rest == scale and whole % 2 == 1))


class _Card(NamedTuple):
    """Nano-dollars for one token or search, all times `scale`, which makes them whole."""

    scale: int
    input: int
    write_5m: int
    write_1h: int
    read: int
    output: int
    search: int


class _Known(NamedTuple):
    """How a model's price is found: the person's own card, or the rows of the table and where they
    begin."""

    basis: str
    own: _Card | None
    rows: tuple[Row, ...]
    since: tuple[int, ...]
    regional: bool
    bedrock: bool


@lru_cache(maxsize=4096)
def _known(model: str, overrides: Overrides | None) -> _Known | None:
    target = overrides.target(model) if overrides else None
    name = target or model
    if overrides and (own := overrides.own_rates(name)):
        return _Known(
            "override", _carded(own, overrides.multiplier), (), (), regional=False, bedrock=False
        )
    canonical, regional, bedrock = read_model_id(name)
    rows = tuple(
        sorted((row for row in TABLE if row.model == canonical), key=lambda row: row.since)
    )
    if not rows:
        return None
    return _Known(
        "alias" if target else "table",
        None,
        rows,
        tuple(row.since for row in rows),
        regional,
        bedrock,
    )


@lru_cache(maxsize=16384)
def _card(
    model: str,
    overrides: Overrides | None,
    index: int,
    long: bool,
    speed: str | None,
    geo: str | None,
    tier: str | None,
) -> _Card | str:
    """The card of one row under one set of conditions; where they have no documented price, why."""
    known = _known(model, overrides)
    assert known is not None
    for value, documented, why in (
        (speed, _SPEEDS, NO_SPEED),
        (tier, _TIERS, NO_TIER),
        (geo, _GEOS, NO_GEO),
    ):
        if value not in documented:
            return why
    if tier == "priority" and known.bedrock:
        return NO_TIER
    row = known.rows[index]
    rates = row.fast if speed == "fast" else row.long if long else row.standard
    if rates is None:
        return NO_FAST
    # One premium at most: `inference_geo` belongs to the Claude API, an area to Bedrock.
    if (known.regional and row.region) or (geo == "us" and row.us):
        rates = rates.times(PREMIUM)
    # Fast mode is not sold in batches.
    if tier == "batch" and speed != "fast":
        rates = rates.times(BATCH)
    return _carded(rates, overrides.multiplier if overrides else Fraction(1))


_SPEEDS = frozenset({None, "", "standard", "fast"})
_GEOS = frozenset({None, "", "not_available", "global", "us"})
# Anthropic's priority is paid by commitment, not by the token; its tokens are shown at list price.
# "default" is the standard tier of Bedrock (its user guide, service-tiers-inference) and of OpenAI,
# whose names gateways copy. Bedrock's "flex", "reserved" and "priority" cost less, a fixed sum and
# more: how much is on no page for Claude.
_TIERS = frozenset({None, "", "standard", "default", "priority", "batch"})


def _carded(rates: Rates, multiplier: Fraction) -> _Card:
    each = [rate * _PER_TOKEN for rate in rates.amounts()] + [WEB_SEARCH_USD * _NANO]
    exact = [amount * multiplier for amount in each]
    scale = lcm(*(amount.denominator for amount in exact))
    return _Card(scale, *(int(amount * scale) for amount in exact))
