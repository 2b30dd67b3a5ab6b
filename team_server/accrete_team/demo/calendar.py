"""When people of the demo company work: weekdays without holidays, leave and sick days."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

DAY = timedelta(days=1)
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
ZONES = (BERLIN, NEW_YORK)
SICK = 0.02
LEAVE_EVERY = 75
"""Days of the calendar for which a person takes one leave."""


def holidays(zone: str, year: int) -> frozenset[date]:
    """Public holidays where people of a zone live."""
    if zone == BERLIN:
        easter = _easter(year)
        moving = {easter + DAY * n for n in (-2, 1, 39, 50)}
        fixed = {(1, 1), (5, 1), (10, 3), (12, 24), (12, 25), (12, 26), (12, 31)}
    else:
        thanks = _nth(year, 11, 3, 4)
        moving = {_nth(year, 1, 0, 3), _nth(year, 9, 0, 1), thanks, thanks + DAY,
                  _nth(year, 6, 0, 1) - DAY * 7}  # fmt: skip
        fixed = {(1, 1), (6, 19), (7, 4), (12, 24), (12, 25)}
    return frozenset(moving | {date(year, month, day) for month, day in fixed})


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    """The n-th of a weekday (Monday is 0) in a month."""
    first = date(year, month, 1)
    return first + DAY * ((weekday - first.weekday()) % 7 + 7 * (n - 1))


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, by the usual reckoning of golden number and
    epacts."""
    golden, century = year % 19, year // 100
    epact = (19 * golden + century - century // 4 - (8 * century + 13) // 25 + 15) % 30
    moon = epact - (epact // 28) * (1 - (29 // (epact + 1)) * ((21 - golden) // 11))
    sunday = moon - (year + year // 4 + moon + 2 - century + century // 4) % 7
    month = 3 + (sunday + 40) // 44
    return date(year, month, sunday + 28 - 31 * (month // 4))


def working_days(zone: str, first: date, last: date, rng: Random) -> list[date]:
    """The days from first to last on which somebody works."""
    free: set[date] = set()
    for year in range(first.year, last.year + 1):
        free |= holidays(zone, year)
    span = (last - first).days + 1
    for _ in range(round(span / LEAVE_EVERY)):
        start = first + DAY * rng.randrange(max(span, 1))
        free |= {start + DAY * n for n in range(rng.choice((5, 7, 12, 14)))}
    return [
        day
        for day in (first + DAY * n for n in range(span))
        if day.weekday() < 5 and day not in free and rng.random() >= SICK
    ]
