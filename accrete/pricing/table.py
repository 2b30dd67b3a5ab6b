"""The price table: one row for each model and period, in USD per million tokens, each with its
source.

Prices are Anthropic's list prices for the Claude API. A row holds from its `since` until the
model's next row; a model's first row has no beginning, because nothing was billed before the model
was there. A price seen once does not hold since the model's first day: what is billed before a
row's `known_since` is assumed. Price changes from before Claude Code came out (2025-02) are left
out, and so is the price of Opus 4.6 in fast mode above 200k tokens in its first two weeks, whose
end is not known to the day.

Sources, by the letter in front of a note:
  P  Anthropic's pricing page (platform.claude.com, about-claude/pricing), states of 2025-09 to
  2026-08
  G  the package genai-prices 0.2.3, which cites that page in its state of 2026-11
  R  Anthropic's release notes (platform.claude.com, release-notes/overview), with their date
  C  Claude Code's documentation (code.claude.com, fast-mode), with its date
  M  Anthropic's announcement of the model
  O  the model's own page (platform.claude.com, models/NAME/overview), with the month of its state
  T  a public tool that copied the pricing page, with the day: its release notes or pull request

Cache reads are written out, never derived: several models read below a tenth of their input price.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Final

WEB_SEARCH_USD: Final = Fraction(1, 100)
"""Each web search: 10 USD for 1,000, whatever the model, place, speed and batch (P)."""

PREMIUM: Final = Fraction(11, 10)
"""Factor for inference in the US (P, data residency) and for a cloud's regional endpoint (P,
third-party)."""

BATCH: Final = Fraction(1, 2)
"""Factor for the Batch API, on every kind of token (P, batch processing)."""


@dataclass(frozen=True, slots=True)
class Rates:
    """USD per million tokens: input, cache write for 5 minutes and for 1 hour, cache read,
    output."""

    input: Fraction
    write_5m: Fraction
    write_1h: Fraction
    read: Fraction
    output: Fraction

    def times(self, factor: Fraction) -> Rates:
        """All rates multiplied."""
        return Rates(*(rate * factor for rate in self.amounts()))

    def amounts(self) -> tuple[Fraction, Fraction, Fraction, Fraction, Fraction]:
        """The five rates, in field order."""
        return self.input, self.write_5m, self.write_1h, self.read, self.output


@dataclass(frozen=True, slots=True)
class Row:
    """Prices of one model from one instant on.

    since: UTC ms; 0 for a model's first row. known_since: UTC ms from which on the source shows the
    price; what was billed before is priced the same and called assumed. standard: the usual rates.
    long: the rates of the whole request when its prompt (input and all cache tokens) has more than
    `long_above` tokens; None where length makes no difference. fast: the rates of fast mode, at any
    length; None if the model does not offer it. us: inference in the US costs a tenth more. region:
    so does a cloud's regional endpoint.
    source: where it is written.
    """

    model: str
    since: int
    known_since: int
    standard: Rates
    long_above: int
    long: Rates | None
    fast: Rates | None
    us: bool
    region: bool
    source: str


def instant(text: str) -> int:
    """UTC ms of `2026-03-13` (its midnight in UTC) or `2026-02-17T08:00`."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def rates(text: str) -> Rates:
    """Rates from the five amounts of a table cell."""
    return Rates(*(Fraction(amount) for amount in text.split()))


def _row(
    model: str,
    standard: str,
    source: str,
    *,
    since: str = "",
    known: str = "",
    long: str = "",
    above: int = 200_000,
    fast: str = "",
    more: str = "",
) -> Row:
    return Row(
        model=model,
        since=instant(since) if since else 0,
        known_since=instant(known) if known else 0,
        standard=rates(standard),
        long_above=above,
        long=rates(long) if long else None,
        fast=rates(fast) if fast else None,
        us="us" in more,
        region="region" in more,
        source=source,
    )


# input, 5 m write, 1 h write, read, output
_FABLE_5_2 = "8 10 16 0.20 40"
_FABLE_5_1 = "10 12.5 20 0.25 50"
_FABLE_5 = "10 12.5 20 1 50"
_OPUS = "5 6.25 10 0.50 25"
_OPUS_LONG = "10 12.5 20 1 37.5"
_OPUS_OLD = "15 18.75 30 1.50 75"
_FAST_2X = "10 12.5 20 1 50"
_FAST_3X = "15 18.75 30 1.50 75"
_FAST_6X = "30 37.5 60 3 150"
_SONNET = "3 3.75 6 0.30 15"
_SONNET_LONG = "6 7.5 12 0.60 22.5"

# From 4.6 on both premiums are asked, on 4.5 the regional one alone, before that none (P).
_US = "us region"
_REGION = "region"

_NEVER = "9999-12-31"
"""Known since: no source shows the price; it is derived."""

TABLE: Final[tuple[Row, ...]] = (
    _row("claude-mythos-5-2", _FABLE_5_2, "R 2026-11-09; G; cache as Fable 5.2",
         fast="16 20 32 0.40 80", more=_US),
    _row("claude-mythos-5-1", _FABLE_5_1, "R 2026-09-01; P 2026-09", more=_US),
    _row("claude-mythos-5", _FABLE_5, "M 2026-06-09: as Fable 5; P 2026-08, 2026-09", more=_US),
    # No page shows its cache prices; they are the input price by the multipliers of its time.
    _row("claude-mythos-preview", "25 31.25 50 2.50 125", "M 2026-04; cache by P's multipliers",
         known=_NEVER, more=_US),
    _row("claude-fable-5-2", _FABLE_5_2, "R 2026-11-09; T aix-code 2026-11-09; G",
         fast="16 20 32 0.40 80", more=_US),
    _row("claude-fable-5-1", _FABLE_5_1,
         "R 2026-09-01; T claudit 2026-09-01, cctrace 2026-09-02; G", more=_US),
    _row("claude-fable-5", _FABLE_5, "T cc-token 2026-06-10; P 2026-08; G", more=_US),
    _row("claude-opus-5-5", "4 5 8 0.20 20",
         "O 2026-09; T PromptFuel 2026-09-23, claudit 2026-09-23; G",
         fast="8 10 16 0.40 40", more=_US),
    _row("claude-opus-5", _OPUS, "O 2026-07; T ccsidekick 2026-07-24; P 2026-08; G", fast=_FAST_2X,
         more=_US),
    # A response that says it ran fast on the day of removal did: fast mode holds to the end of that
    # day.
    _row("claude-opus-4-8", _OPUS, "T ccusage 2026-05-29, with fast; P 2026-08; G", fast=_FAST_2X,
         more=_US),
    _row("claude-opus-4-8", _OPUS, "C 2026-10-30: fast removed on 2026-11-30", since="2026-12-01",
         more=_US),
    _row("claude-opus-4-7", _OPUS, "T CodexBar 2026-04-17; P 2026-08; C 2026-06 for fast",
         fast=_FAST_6X, more=_US),
    _row("claude-opus-4-7", _OPUS, "R 2026-06-25: fast removed on 07-24", since="2026-07-25",
         more=_US),
    _row("claude-opus-4-6", _OPUS,
         "P 2026-02; C 2026-02: fast at half price until 02-16, 23:59 Pacific",
         long=_OPUS_LONG, fast=_FAST_3X, more=_US),
    _row("claude-opus-4-6", _OPUS, "P 2026-02",
         since="2026-02-17T08:00", long=_OPUS_LONG, fast=_FAST_6X, more=_US),
    _row("claude-opus-4-6", _OPUS, "P 2026-04; G: 1M at the usual price",
         since="2026-03-13", fast=_FAST_6X, more=_US),
    _row("claude-opus-4-6", _OPUS, "R 2026-06-29: asked for fast, runs and is billed as standard",
         since="2026-06-30", fast=_OPUS, more=_US),
    _row("claude-opus-4-5", _OPUS, "M 2025-11-24; P 2026-02; G", more=_REGION),
    _row("claude-opus-4-1", _OPUS_OLD, "M 2025-08-05; P 2025-09, 2026-02; G"),
    _row("claude-opus-4", _OPUS_OLD, "M 2025-05-22; P 2025-09, 2026-02; G"),
    _row("claude-3-opus", _OPUS_OLD, "P 2026-02; G"),
    _row("claude-sonnet-5-5", "2 2.5 4 0.20 10",
         "O 2026-09; T PromptFuel 2026-10-01, claudit 2026-10-02", more=_US),
    _row("claude-sonnet-5-5", "2 2.5 4 0.10 10",
         "O 2026-10; T PromptFuel 2026-10-16, claudit 2026-10-24; G",
         since="2026-10-07", more=_US),
    _row("claude-sonnet-5", "2 2.5 4 0.20 10", "M 2026-06-30; O 2026-08; T claudit 2026-09-01; G",
         more=_US),
    _row("claude-sonnet-4-6", _SONNET, "M 2026-02-17; P 2026-02", long=_SONNET_LONG, more=_US),
    _row("claude-sonnet-4-6", _SONNET, "P 2026-04; G: 1M at the usual price", since="2026-03-13",
         more=_US),
    _row("claude-sonnet-4-5", _SONNET, "M 2025-09-29; P 2025-10", long=_SONNET_LONG, more=_REGION),
    _row("claude-sonnet-4-5", _SONNET, "R 2026-04-30: 1M context retired", since="2026-04-30",
         more=_REGION),
    _row("claude-sonnet-4", _SONNET, "M 2025-05-22; P 2025-09", long=_SONNET_LONG),
    _row("claude-sonnet-4", _SONNET, "R 2026-04-30: 1M context retired", since="2026-04-30"),
    _row("claude-3-7-sonnet", _SONNET, "M 2025-02-24; P 2025-09, 2026-02; G"),
    _row("claude-3-5-sonnet", _SONNET, "P 2025-09; G"),
    _row("claude-3-sonnet", _SONNET, "M 2024-03; G"),
    _row("claude-haiku-5-5", "0.10 0.125 0.20 0.01 0.50",
         "O 2026-10; T cockpit 2026-10-09, claudit 2026-10-24; G",
         long="0.50 0.625 1 0.05 2.50", above=100_000, more=_US),
    _row("claude-haiku-4-5", "1 1.25 2 0.10 5", "M 2025-10-15; P 2026-02; G", more=_REGION),
    _row("claude-3-5-haiku", "0.80 1 1.60 0.08 4", "P 2026-02; G"),
    _row("claude-3-haiku", "0.25 0.30 0.50 0.03 1.25", "P 2026-02; G"),
)  # fmt: skip
