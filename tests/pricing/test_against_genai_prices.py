"""Our table next to genai-prices: every Claude model, day and variant; the differences stand in a
table."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from typing import NamedTuple

import pytest
from genai_prices import Usage as TheirUsage
from genai_prices import calc_price
from genai_prices.data_snapshot import get_snapshot

from accrete.pricing.cost import UsedTokens, price
from accrete.pricing.models import canonical_model
from accrete.pricing.table import TABLE

USAGES = (
    UsedTokens(1_000, 2_000, 3_000, 4_000, 3_000, 1_000),
    UsedTokens(7, 11, 99_000, 13, 13, 0),
    UsedTokens(100_000, 1, 0, 0, 0, 0),
    UsedTokens(100_001, 1, 0, 0, 0, 0),
    UsedTokens(200_000, 900, 0, 0, 0, 0),
    UsedTokens(1, 1, 150_000, 60_000, 0, 60_000),
    UsedTokens(250_000, 5, 7, 20_000, 20_000, 0),
)
DAYS = tuple(
    date.fromisoformat(day)
    for day in (
        "2025-03-01",
        "2025-08-12",
        "2025-12-31",
        "2026-02-10",
        "2026-02-17",
        "2026-03-12",
        "2026-03-13",
        "2026-04-29",
        "2026-04-30",
        "2026-06-29",
        "2026-06-30",
        "2026-07-24",
        "2026-07-25",
        "2026-08-31",
        "2026-09-01",
        "2026-10-06",
        "2026-10-07",
        "2026-10-13",
        "2026-10-14",
        "2026-11-21",
        "2026-11-30",
        "2026-12-01",
    )
)
VARIANTS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "usual": ({}, {}),
    "fast": ({"speed": "fast"}, {"speed": "fast"}),
    "batch": ({"tier": "batch"}, {"processing": "batch"}),
}
OURS = {row.model for row in TABLE}


class Case(NamedTuple):
    """One price that both know, and what each says, in nano-dollars."""

    model: str
    day: date
    usage: UsedTokens
    variant: str
    ours: int | None
    theirs: int

    @property
    def prompt(self) -> int:
        return self.usage.input + self.usage.cache_read + self.usage.cache_write


class Difference(NamedTuple):
    """Where the two differ, and why ours is meant."""

    models: set[str]
    applies: Callable[[Case], bool]
    why: str


NO_FAST = OURS - {row.model for row in TABLE if row.fast}
DIFFERENCES = (
    Difference(
        {"claude-sonnet-4-5"},
        lambda c: c.variant == "usual" and c.prompt > 200_000 and c.day >= date(2026, 4, 30),
        "they keep the price of long prompts after 2026-04-30, when the API took no more of them",
    ),
    Difference(
        {"claude-sonnet-4"},
        lambda c: c.variant == "usual" and c.prompt > 200_000 and c.day < date(2026, 4, 30),
        "they have no price of long prompts, which the pricing page of 2025-09 gives",
    ),
    Difference(
        OURS - {"claude-fable-5-2", "claude-mythos-5-2"},
        lambda c: c.variant == "batch" and c.day < date(2026, 10, 14),
        "they have batch prices from the day they were added; the pricing page had them all along",
    ),
    Difference(
        {"claude-sonnet-4-5"},
        lambda c: c.variant == "batch" and c.prompt > 200_000 and c.day >= date(2026, 10, 14),
        "as the first, in a batch",
    ),
    Difference(
        {"claude-opus-4-1", "claude-opus-4", "claude-sonnet-4", "claude-3-7-sonnet",
         "claude-3-5-sonnet",
         "claude-3-5-haiku", "claude-3-opus", "claude-3-sonnet", "claude-3-haiku"},
        lambda c: c.variant == "batch" and c.day >= date(2026, 10, 14),
        "they leave retired models out of batch prices",
    ),
    Difference(
        {"claude-opus-4-6"},
        lambda c: c.variant == "fast" and c.day < date(2026, 6, 30),
        "they do not have the fast mode that was removed on 2026-06-29",
    ),
    Difference(
        {"claude-opus-4-7"},
        lambda c: c.variant == "fast" and c.ours is not None and c.day < date(2026, 7, 25),
        "they do not have the fast mode that was removed on 2026-07-24",
    ),
    Difference(
        {"claude-opus-4-7"},
        lambda c: c.variant == "fast" and c.ours is None and c.day >= date(2026, 7, 25),
        "they give the usual price where the API refuses; ours is unpriced",
    ),
    Difference(
        {"claude-opus-4-8"},
        lambda c: c.variant == "fast" and c.ours is None and c.day >= date(2026, 12, 1),
        "they keep fast mode after its removal on 2026-11-30; ours is unpriced",
    ),
    Difference(
        {"claude-sonnet-5-5"},
        lambda c: c.variant == "usual" and c.usage.cache_read > 0 and c.day < date(2026, 10, 7),
        "they know cache reads only at the price of 2026-10-07",
    ),
    Difference(
        NO_FAST,
        lambda c: c.variant == "fast" and c.ours is None,
        "they give the usual price where there is no fast mode; ours is unpriced",
    ),
)  # fmt: skip


def provider(name):
    return next(found for found in get_snapshot().providers if found.id == name)


@cache
def known_to_both():
    """Their id of each Claude model that both have, by ours."""
    ids = {canonical_model(model.id): model.id for model in provider("anthropic").models}
    return {ours: theirs for ours, theirs in ids.items() if ours in OURS}


def millis(day):
    return int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp() * 1000)


def their_nano(usage, model, day, context, source="anthropic"):
    counted = TheirUsage(
        input_tokens=usage.input + usage.cache_write + usage.cache_read,
        cache_write_tokens=usage.cache_write,
        cache_write_1h_tokens=usage.cache_write_1h,
        cache_read_tokens=usage.cache_read,
        output_tokens=usage.output,
        web_searches=usage.web_searches or None,
    )
    found = calc_price(
        counted,
        model,
        provider_id=source,
        genai_request_timestamp=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
        price_context=context or None,
    )
    return round(found.total_price * 10**9)


@cache
def all_cases():
    return [
        Case(ours, day, usage, variant, price(usage, model=ours, at=millis(day), **mine).nano,
             their_nano(usage, theirs, day, context))
        for ours, theirs in known_to_both().items()
        for day in DAYS
        for usage in USAGES
        for variant, (mine, context) in VARIANTS.items()
    ]  # fmt: skip


def explained(case):
    return any(case.model in known.models and known.applies(case) for known in DIFFERENCES)


def test_each_knows_every_model_of_the_other_but_these():
    theirs = {canonical_model(model.id) for model in provider("anthropic").models}
    assert theirs - OURS == {
        "claude-2",
        "claude-v1",
    }  # from before the third generation and before Claude Code
    assert OURS - theirs == {
        "claude-mythos-preview",
        "claude-mythos-5",
        "claude-mythos-5-1",
    }  # limited availability


@pytest.mark.long
def test_every_price_agrees_or_its_difference_is_explained():
    differing = [case for case in all_cases() if case.ours != case.theirs]
    assert [case for case in differing if not explained(case)] == []


@pytest.mark.long
@pytest.mark.parametrize("known", DIFFERENCES, ids=lambda known: known.why)
def test_every_explained_difference_is_there(known):
    """An explanation that explains nothing any more is to go, and none covers a price that
    agrees."""
    covered = [case for case in all_cases() if case.model in known.models and known.applies(case)]
    assert {case.model for case in covered} == known.models & set(known_to_both())
    assert [case for case in covered if case.ours == case.theirs] == []


@pytest.mark.long
def test_most_prices_agree():
    cases = all_cases()
    usual = [case for case in cases if case.variant == "usual"]
    assert len(usual) == len(known_to_both()) * len(DAYS) * len(USAGES)
    assert sum(case.ours == case.theirs for case in usual) > 0.97 * len(usual)
    assert {c.model for c in cases if c.variant == "fast" and c.ours == c.theirs} >= {
        "claude-opus-4-8",
        "claude-opus-5",
        "claude-opus-5-5",
        "claude-fable-5-2",
        "claude-mythos-5-2",
    }
    assert len({c.model for c in cases if c.variant == "batch" and c.ours == c.theirs}) >= 15


@pytest.mark.parametrize(
    "model", ["claude-sonnet-4-5", "claude-opus-5", "claude-haiku-4-5", "claude-fable-5-1"]
)
def test_web_searches_cost_the_same(model):
    day, usage = date(2026, 11, 20), UsedTokens(1, 1, 0, 0, 0, 0, 17)
    assert price(usage, model=model, at=millis(day)).nano == their_nano(usage, model, day, {})


@pytest.mark.parametrize(
    "model",
    ["claude-opus-4-5", "claude-opus-4-6", "claude-opus-4-7", "claude-opus-4-8", "claude-opus-5",
     "claude-opus-5-5", "claude-sonnet-4-5-20250929", "claude-sonnet-4-6", "claude-sonnet-5",
     "claude-sonnet-5-5",
     "claude-fable-5", "claude-fable-5-1", "claude-haiku-4-5-20251001", "claude-haiku-5-5"],
)  # fmt: skip
def test_bedrock_endpoints_cost_the_same(model):
    day, usage = date(2026, 11, 20), USAGES[0]
    for area in ("us", "global"):
        raw = f"{area}.anthropic.{model}-v1:0"
        assert price(usage, model=raw, at=millis(day)).nano == their_nano(
            usage, raw, day, {}, "aws"
        )
