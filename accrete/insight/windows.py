"""Five-hour windows of plans as answers, and the pace of the running one."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from accrete.insight.answer import made
from accrete.insight.costs import Cost, cost_of
from accrete.queries.costs import WINDOW_MS, Window

MINUTE_MS = 60_000


class Pace(NamedTuple):
    """How fast the running window is used, from its first response until now, and what it comes to
    at that pace when it ends."""

    tokens_per_minute: Annotated[float, "tokens a minute"]
    cost_nano_per_hour: Annotated[float, "cost an hour"]
    minutes_left: Annotated[int, "until it ends"]
    tokens_at_end: Annotated[int, "tokens when it ends"]
    cost_nano_at_end: Annotated[int, "cost when it ends"]


class Block(NamedTuple):
    """One window of five hours."""

    begins: Annotated[int | None, "the full hour of its first response; null if nobody knows"]
    ends: Annotated[int | None, "five hours later"]
    first_at: Annotated[int | None, "its first response"]
    last_at: Annotated[int | None, "its last response"]
    running: Annotated[bool, "whether it is going on"]
    used: Annotated[Cost, "all of it"]
    models: Annotated[list[Cost], "it by model, the highest cost first"]
    pace: Annotated[Pace | None, "of the running window only"]


def pace(window: Window, now: int) -> Pace | None:
    """The pace of a window that is running now; None for one that has ended, or has no time."""
    if (
        window.begins is None
        or window.first_at is None
        or not window.begins <= now < window.begins + WINDOW_MS
    ):
        return None
    minutes = max((now - window.first_at) / MINUTE_MS, 1)
    left = (window.begins + WINDOW_MS - now) / MINUTE_MS
    tokens, cost = window.row.tokens, window.row.cost_nano
    return Pace(
        tokens / minutes,
        cost / minutes * 60,
        int(left),
        round(tokens + tokens / minutes * left),
        round(cost + cost / minutes * left),
    )


def block_of(window: Window, now: int) -> Block:
    """A window as an answer."""
    going = pace(window, now)
    return made(
        Block,
        window,
        ends=None if window.begins is None else window.begins + WINDOW_MS,
        running=going is not None,
        used=cost_of(window.row),
        models=[cost_of(row) for row in window.models],
        pace=going,
    )
