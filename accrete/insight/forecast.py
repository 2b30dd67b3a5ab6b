"""What a calendar month will have cost at its end, as a band."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date
from math import sqrt
from statistics import fmean, stdev
from typing import NamedTuple

FROM_DAY = 5
"""Nothing is said before this day of the month: too few days have gone by."""
Z = 1.281552
"""Two-sided 80 %."""


class Forecast(NamedTuple):
    """Nano-dollars. spent: so far, today included; low, high: what the whole month will have cost,
    in four months of five, if its other days are like those so far; None before FROM_DAY. days: of
    the month; today: of them."""

    spent: int
    low: int | None
    high: int | None
    today: int
    days: int


def of_month(daily: Mapping[str, int], today: str) -> Forecast:
    """The month of `today` (a local day). daily: nano-dollars by local day; a day that is missing
    cost nothing. The days before today are a sample of days; those left, today among them, cost its
    mean on average, within what the spread of the sample and its size allow. Never less than what
    was spent."""
    now = date.fromisoformat(today)
    days = monthrange(now.year, now.month)[1]
    costs = [daily.get(now.replace(day=day).isoformat(), 0) for day in range(1, now.day + 1)]
    spent = sum(costs)
    if now.day < FROM_DAY:
        return Forecast(spent, None, None, now.day, days)
    known = costs[:-1]
    least, most = (sum(known) + more for more in band(known, days - now.day + 1))
    low = max(spent, least)
    return Forecast(spent, low, max(low, most), now.day, days)


def band(sample: Sequence[int], left: float) -> tuple[int, int]:
    """What so many more stretches of time will cost, at least and at most, in four cases of five,
    if they are like those of a sample: of stretches of one length, two or more. Nano-dollars; the
    lower end may be below 0."""
    middle = left * fmean(sample)
    off = Z * stdev(sample) * sqrt(left + left * left / len(sample))
    return round(middle - off), round(middle + off)
