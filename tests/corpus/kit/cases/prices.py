"""Prices: by the response's own model, day, cache split, speed, place and tier, to the nano-dollar.

A price of 1 USD per million tokens is 1,000 nano-dollars a token; the sums in the comments are in nano-dollars.
"""

from __future__ import annotations

from tests.corpus.kit.case import Story, Want, case, want
from tests.corpus.kit.lines import EARLY, OPUS, usage


@case(
    "cache-split",
    "Cache writes of an hour cost twice the input, of five minutes a quarter more; what the split "
    "leaves over is of five minutes.",
    "A15",
    "A16",
    "V15",
)
def cache_split(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply(used=usage(0, 0, 0, 1000, w5=300, w1=600))
    # 600 x 10,000 + 300 x 6,250 + the rest, 100 x 6,250
    return want(
        responses={"main": 1},
        tokens={"cache_write": 1000, "cache_write_5m": 300, "cache_write_1h": 600},
        cost_nano=8_500_000,
    )


@case(
    "cache-split-above-total",
    "The split says more than the total: what is left over is nothing, not less than nothing.",
    "A16",
)
def cache_split_above_total(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply(used=usage(0, 10, 0, 100, w5=0, w1=300))
    # 300 x 10,000 + 10 x 25,000
    return want(responses={"main": 1}, cost_nano=3_250_000)


@case(
    "cache-split-absent",
    "Clients before 2026 wrote no split: all of it is of five minutes.",
    "A15",
    "V15",
)
def cache_split_absent(s: Story) -> Want:
    s.clock.set("2025-11-20T10:00:00.000Z")
    f = s.session(version=EARLY)
    f.typed()
    f.reply(model="claude-sonnet-4-5-20250929", used=usage(split=False, speed=None, geo=None))
    # sonnet-4-5: 10 x 3,000 + 100 x 15,000 + 1,000 x 300 + 200 x 3,750
    return want(
        responses={"main": 1}, by_model={"claude-sonnet-4-5-20250929": 1}, cost_nano=2_580_000,
        tokens={"input": 10, "output": 100, "cache_read": 1000, "cache_write": 200},
    )  # fmt: skip


@case(
    "fast-mode",
    "Fast mode doubles every rate of a model that has one, cache included.",
    "A17",
)
def fast_mode(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply(used=usage(speed="fast"))
    f.reply(model="claude-opus-4-8", used=usage(speed="fast"))
    f.reply(model="claude-opus-5-5", used=usage(speed="fast"))
    # opus-5 and opus-4-8: 10 x 10,000 + 100 x 50,000 + 1,000 x 1,000 + 200 x 12,500 = 8,600,000, twice
    # opus-5-5: 10 x 8,000 + 100 x 40,000 + 1,000 x 400 + 200 x 10,000 = 6,480,000
    return want(responses={"main": 3}, unpriced_responses=0, cost_nano=23_680_000)


@case(
    "us-residency",
    "inference_geo us adds a tenth to every rate from the 4.6 models on; older models and other places pay no more.",
    "A18",
)
def us_residency(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply(used=usage(geo="us"))
    f.reply(model="claude-sonnet-4-6", used=usage(geo="us"))
    f.reply(model="claude-haiku-4-5-20251001", used=usage(geo="us"))
    f.reply(used=usage(geo="global"))
    # opus-5 us: 4,300,000 x 1.1 = 4,730,000
    # sonnet-4-6 us: (10 x 3,000 + 100 x 15,000 + 1,000 x 300 + 200 x 3,750 = 2,580,000) x 1.1 = 2,838,000
    # haiku-4-5: 10 x 1,000 + 100 x 5,000 + 1,000 x 100 + 200 x 1,250 = 860,000; opus-5 global: 4,300,000
    return want(responses={"main": 4}, cost_nano=12_728_000)


@case(
    "batch-tier",
    "Batch is half of every rate.",
    "A18",
)
def batch_tier(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply(used=usage(tier="batch"))
    f.reply(used=usage(tier="priority"))
    # 4,300,000 / 2 + 4,300,000
    return want(responses={"main": 2}, cost_nano=6_450_000)


@case(
    "default-tier",
    "The standard tier is called default by Bedrock and by gateways; a tier that no page prices has none.",
    "A18",
)
def default_tier(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply(used=usage(tier="default"))
    f.reply(used=usage(tier="flex"))
    return want(responses={"main": 2}, cost_nano=4_300_000, unpriced_responses=1)


@case(
    "price-changed-by-day",
    "A price holds for its days: Sonnet 5.5 reads its cache at half the price from 2026-10-07 on.",
    "A18",
)
def price_changed_by_day(s: Story) -> Want:
    f = s.session()
    for day in ("2026-10-06T23:59:58.000Z", "2026-10-07T00:00:01.000Z"):
        s.clock.set(day)
        f.reply(model="claude-sonnet-5-5", used=usage(0, 0, 10_000_000, 0))
    # 10,000,000 x 200 + 10,000,000 x 100
    return want(responses={"main": 2}, cost_nano=3_000_000_000, unpriced_responses=0)


@case(
    "long-context-by-day",
    "A prompt above 200,000 tokens cost more on Sonnet and Opus 4.6 until 2026-03-13: the day of the response decides.",
    "A19",
)
def long_context_by_day(s: Story) -> Want:
    f = s.session(version="2.1.53")
    f.typed()
    for day in ("2026-03-12", "2026-03-13", "2026-03-14"):
        s.clock.set(f"{day}T12:00:00.000Z")
        for model in ("claude-sonnet-4-6", "claude-opus-4-6"):
            f.reply(model=model, used=usage(1000, 100, 250_000, 1000))
    # sonnet-4-6 long: 1,000 x 6,000 + 100 x 22,500 + 250,000 x 600 + 1,000 x 7,500 = 165,750,000
    # sonnet-4-6 after, twice: 1,000 x 3,000 + 100 x 15,000 + 250,000 x 300 + 1,000 x 3,750 = 83,250,000
    # opus-4-6 long: 1,000 x 10,000 + 100 x 37,500 + 250,000 x 1,000 + 1,000 x 12,500 = 276,250,000
    # opus-4-6 after, twice: 1,000 x 5,000 + 100 x 25,000 + 250,000 x 500 + 1,000 x 6,250 = 138,750,000
    return want(responses={"main": 6}, cost_nano=886_000_000)


@case(
    "long-context-per-request",
    "The tier is a matter of one request's prompt, input and cache together: many small ones do not add "
    "up to it, and 200,000 itself is not above it.",
    "A19",
)
def long_context_per_request(s: Story) -> Want:
    s.clock.set("2026-02-10T12:00:00.000Z")
    f = s.session(version="2.1.53")
    f.typed()
    model = "claude-sonnet-4-5-20250929"
    f.reply(model=model, used=usage(0, 0, 150_000, 0))
    f.reply(model=model, used=usage(0, 0, 150_000, 0))
    f.reply(model=model, used=usage(50_000, 0, 100_000, 50_000))
    f.reply(model=model, used=usage(50_001, 0, 100_000, 50_000))
    # 150,000 x 300 = 45,000,000, twice
    # 50,000 x 3,000 + 100,000 x 300 + 50,000 x 3,750 = 367,500,000
    # 50,001 x 6,000 + 100,000 x 600 + 50,000 x 7,500 = 735,006,000
    return want(responses={"main": 4}, cost_nano=1_192_506_000)


@case(
    "haiku-long-prompt",
    "Haiku 5.5 costs five times as much for a prompt above 100,000 tokens.",
    "A19",
)
def haiku_long_prompt(s: Story) -> Want:
    s.clock.set("2026-11-01T12:00:00.000Z")
    f = s.session()
    f.typed()
    f.reply(model="claude-haiku-5-5", used=usage(1000, 100, 99_000, 0))
    f.reply(model="claude-haiku-5-5", used=usage(1001, 100, 99_000, 0))
    # 1,000 x 100 + 100 x 500 + 99,000 x 10 = 1,140,000
    # 1,001 x 500 + 100 x 2,500 + 99,000 x 50 = 5,700,500
    return want(responses={"main": 2}, cost_nano=6_840_500)


@case(
    "cache-reads-have-their-own-rate",
    "Newer models read the cache for less than a tenth of the input: the rate is listed, never derived.",
    "A19",
)
def cache_reads_have_their_own_rate(s: Story) -> Want:
    s.clock.set("2026-11-01T12:00:00.000Z")
    f = s.session()
    f.typed()
    for model in ("claude-opus-5-5", "claude-sonnet-5-5", "claude-fable-5-1", "claude-fable-5-2", "claude-fable-5"):
        f.reply(model=model, used=usage(0, 0, 100_000, 0))
    # 100,000 x (200 + 100 + 250 + 200 + 1,000)
    return want(responses={"main": 5}, cost_nano=175_000_000)


@case(
    "unknown-model",
    "A model without a known price is unpriced: counted, not charged at $0 in silence, not matched to a similar name.",
    "A20",
)
def unknown_model(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply()
    f.reply(model="claude-opus-99")
    f.reply(model="glm-6-air")
    return want(
        responses={"main": 3}, by_model={OPUS: 1, "claude-opus-99": 1, "glm-6-air": 1}, unpriced_responses=2,
        tokens={"input": 30, "output": 300, "cache_read": 3000, "cache_write": 600, "cache_write_5m": 600},
        cost_nano=4_300_000,
    )  # fmt: skip


@case(
    "provider-model-ids",
    "Bedrock, Vertex, `[1m]` and dated ids name models that have prices; one region's endpoint costs a "
    "tenth more, the global one does not.",
    "A28",
    "A18",
)
def provider_model_ids(s: Story) -> Want:
    f = s.session(version="2.1.53")
    f.typed()
    ids = (
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "global.anthropic.claude-haiku-4-5-20251001-v1:0",
        "anthropic.claude-opus-4-1-20250805-v1:0",
        "claude-opus-4-1@20250805",
        "claude-opus-4-6[1m]",
        "anthropic/claude-opus-4.6",
    )
    for model in ids:
        f.reply(model=model, used=usage(1000, 100, 0, 0))
    # sonnet-4-5 regional: (1,000 x 3,000 + 100 x 15,000 = 4,500,000) x 1.1 = 4,950,000
    # haiku-4-5: 1,000 x 1,000 + 100 x 5,000 = 1,500,000
    # opus-4-1: 1,000 x 15,000 + 100 x 75,000 = 22,500,000, twice
    # opus-4-6: 1,000 x 5,000 + 100 x 25,000 = 7,500,000, twice
    return want(responses={"main": 6}, by_model=dict.fromkeys(ids, 1), unpriced_responses=0, cost_nano=66_450_000)


@case(
    "rounded-once",
    "A cost below a nano-dollar's unit is rounded once, after the sum, not part by part.",
    "A26",
)
def rounded_once(s: Story) -> Want:
    s.clock.set("2026-11-01T12:00:00.000Z")
    f = s.session()
    f.typed()
    f.reply(model="claude-haiku-5-5", used=usage(0, 0, 1, 1, geo="us", tier="batch"))
    # haiku-5-5, us and batch: 10 x 1.1 / 2 = 5.5 and 125 x 1.1 / 2 = 68.75; together 74.25 (by parts it would be 75)
    return want(responses={"main": 1}, cost_nano=74)


@case(
    "older-model-ids",
    "Models of 2024 and 2025 have prices, with the date in the id and with the family before or after the version.",
    "A19",
    "A28",
)
def older_model_ids(s: Story) -> Want:
    s.clock.set("2025-07-01T12:00:00.000Z")
    f = s.session(version="1.0.43")
    f.typed()
    for model in ("claude-3-5-haiku-20241022", "claude-sonnet-4-20250514", "claude-opus-4-20250514"):
        f.reply(model=model, used=usage(1000, 100, 0, 0, split=False, speed=None, geo=None))
    # haiku-3-5: 1,000 x 800 + 100 x 4,000 = 1,200,000; sonnet-4: 1,000 x 3,000 + 100 x 15,000 = 4,500,000
    # opus-4: 1,000 x 15,000 + 100 x 75,000 = 22,500,000
    return want(responses={"main": 3}, unpriced_responses=0, cost_nano=28_200_000)


@case(
    "searches-have-one-price",
    "A search costs a cent whatever the place, speed and tier; those change the price of tokens alone.",
    "A18",
    "A22",
)
def searches_have_one_price(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply(used=usage(0, 100, 0, 0, web=3, geo="us"))
    f.reply(used=usage(0, 100, 0, 0, web=2, speed="fast"))
    f.reply(used=usage(0, 100, 0, 0, web=1, tier="batch"))
    # 100 x 27,500 + 100 x 50,000 + 100 x 12,500 + 6 x 10,000,000
    return want(responses={"main": 3}, tokens={"output": 300, "web_searches": 6}, cost_nano=69_000_000)
