"""The calendar of the invented company: holidays, and days on which people work."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest
from accrete_team.demo.calendar import BERLIN, NEW_YORK, holidays, working_days

EASTER = (
    "1954-04-18", "1981-04-19", "1999-04-04", "2000-04-23", "2008-03-23", "2011-04-24",
    "2016-03-27", "2019-04-21", "2020-04-12", "2021-04-04", "2022-04-17", "2023-04-09",
    "2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2028-04-16", "2029-04-01",
    "2030-04-21", "2031-04-13", "2032-03-28", "2033-04-17", "2034-04-09", "2035-03-25",
    "2036-04-13", "2037-04-05", "2038-04-25", "2039-04-10", "2040-04-01", "2049-04-18",
    "2076-04-19", "2100-03-28", "2106-04-18", "2133-04-19", "2200-04-06", "2285-03-22",
)  # fmt: skip


@pytest.mark.parametrize("sunday", EASTER)
def test_holidays_move_with_easter(sunday):
    """Good Friday, Easter Monday, Ascension and Whit Monday, and no other that moves."""
    easter = date.fromisoformat(sunday)
    moving = {easter + timedelta(n) for n in (-2, 1, 39, 50)}
    fixed = {(1, 1), (5, 1), (10, 3), (12, 24), (12, 25), (12, 26), (12, 31)}
    assert holidays(BERLIN, easter.year) == moving | {date(easter.year, *day) for day in fixed}


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2026, "01-01 01-19 05-25 06-19 07-04 09-07 11-26 11-27 12-24 12-25"),
        (2027, "01-01 01-18 05-31 06-19 07-04 09-06 11-25 11-26 12-24 12-25"),
        (2028, "01-01 01-17 05-29 06-19 07-04 09-04 11-23 11-24 12-24 12-25"),
        (2029, "01-01 01-15 05-28 06-19 07-04 09-03 11-22 11-23 12-24 12-25"),
    ],
)
def test_the_holidays_of_new_york(year, days):
    assert sorted(holidays(NEW_YORK, year)) == [
        date.fromisoformat(f"{year}-{each}") for each in days.split()
    ]


def test_people_work_on_weekdays_but_for_holidays_leave_and_sick_days():
    first, last = date(2025, 12, 1), date(2027, 1, 31)
    weekdays = {
        day for n in range((last - first).days + 1) if (day := first + timedelta(n)).weekday() < 5
    }
    free = holidays(BERLIN, 2025) | holidays(BERLIN, 2026) | holidays(BERLIN, 2027)
    at_work = [working_days(BERLIN, first, last, Random(seed)) for seed in range(40)]
    shares = []
    for days in at_work:
        assert days == sorted(set(days))
        assert set(days) <= weekdays - free
        shares.append(1 - len(days) / len(weekdays - free))
    assert set().union(*at_work) == weekdays - free  # the first and the last day, too
    assert 0.10 < sum(shares) / len(shares) < 0.17  # six leaves in 14 months, two days sick of 100
    one_day = date(2026, 11, 24)
    assert working_days(BERLIN, one_day, one_day, Random(2)) == [one_day]
    assert working_days(BERLIN, one_day, one_day - timedelta(1), Random(2)) == []
