"""Costs as answers: rows by one thing, what they add up to, what has no price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple

from accrete.insight.answer import ABSENT, Absent, made
from accrete.queries.costs import CostRow, Unpriced


class Cost(NamedTuple):
    """Tokens and API-equivalent cost of one thing, subagents included. They contain what is billed
    besides a response (an advisor, a compaction, an attempt before a fallback), at its own model's
    price; `responses` does not count it."""

    key: Annotated[str, "what it is of: a day, an id, `session#prompt`; empty if unknown"]
    label: Annotated[str, "the same in words: a name, a title, the beginning of a prompt"]
    sessions: Annotated[int, "sessions with a part in it"]
    responses: Annotated[int, "API responses: own and delegated"]
    input_tokens: Annotated[int, "input that no cache served"]
    output_tokens: Annotated[int, "output"]
    cache_read_tokens: Annotated[int, "input that a cache served"]
    cache_write_tokens: Annotated[int, "input written to a cache"]
    tokens: Annotated[int, "all four"]
    web_searches: Annotated[int, "web searches"]
    cost_own_nano: Annotated[int, "cost of the main conversation"]
    cost_delegated_nano: Annotated[int, "cost of subagents"]
    cost_nano: Annotated[int, "API-equivalent cost: own and delegated, of what has a price"]
    unpriced: Annotated[int, "responses and inferences without a price"]
    lower_bound: Annotated[int, "responses with partly known output"]
    price_assumed: Annotated[int, "responses and inferences with an assumed price"]
    active_ms: Annotated[
        int | None | Absent, "active time; with --by day, week, month, project, session, outcome"
    ] = ABSENT
    started_at: Annotated[int | None | Absent, "the session's beginning; with --by session"] = (
        ABSENT
    )
    local_day: Annotated[str | None | Absent, "day on which it began; with --by session"] = ABSENT
    project: Annotated[str | None | Absent, "id of its project; with --by session"] = ABSENT
    project_name: Annotated[str | Absent, "name of its project; with --by session"] = ABSENT
    models: Annotated[list[Cost] | Absent, "the row by model; with --breakdown"] = ABSENT


class Priceless(NamedTuple):
    """What has no price, for one reason."""

    reason: Annotated[str, "`unpriced:` and model, fast, speed, tier, geo or usage"]
    model: Annotated[str, "id of the model"]
    value: Annotated[str, "the unknown speed, tier or geo"]
    n: Annotated[int, "responses, and inferences beside them"]
    tokens: Annotated[int, "tokens without a price"]


class Costs(NamedTuple):
    """Costs by one thing: `total` is of everything asked for, `rows` may be fewer (-n)."""

    by: Annotated[str, "the grouping"]
    price_table: Annotated[str, "version of the price table"]
    rows: Annotated[list[Cost], "days, weeks, months and windows in their order, else by cost"]
    total: Annotated[Cost | None, "all of it; null if there is none"]
    unpriced: Annotated[list[Priceless], "what has no price and why"]


def cost_of(row: CostRow, **more: object) -> Cost:
    """A row of costs as an answer; more: keys that the row has not."""
    return made(Cost, row, **more)


def priceless(rows: Sequence[Unpriced]) -> list[Priceless]:
    """What has no price, as answers."""
    return [made(Priceless, row) for row in rows]


def added_up(rows: Sequence[CostRow], sessions: int) -> CostRow:
    """Rows in one; sessions: how many there are in them, each once."""
    names = CostRow._fields[3:]
    return CostRow("", "", sessions, *(sum(getattr(row, name) for row in rows) for name in names))


def spent(cost_nano: int, unpriced: int) -> int | None:
    """A cost as far as it is known; None where nothing of it has a price."""
    return None if unpriced and not cost_nano else cost_nano


def active_of(rows: Sequence[CostRow], active: Mapping[str, int]) -> int | None:
    """Active time of rows, ms; None for a grouping that time cannot be told by."""
    return sum(active.get(row.key, 0) for row in rows) if active else None
