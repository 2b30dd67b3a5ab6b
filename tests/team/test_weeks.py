"""The weeks that the team's pages are about, counted day by day."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from accrete_team.weeks import LONGEST, Weeks, chosen, last_whole, later, usual, weeks_of

from accrete.explorer.ranges import Range
from accrete.explorer.view import View

DAY = timedelta(1)


def all_weeks(since: date, until: date) -> list[str]:
    """The Mondays of the weeks of which every day is within."""
    days = [since + DAY * at for at in range((until - since).days + 1)]
    there = set(days)
    return [day.isoformat() for day in days if day.weekday() == 0 and day + DAY * 6 in there]


def test_a_week_is_over_when_its_sunday_is():
    for at in range(15):
        day = date(2026, 11, 9) + DAY * at
        whole = all_weeks(date(2026, 1, 1), day)
        assert last_whole(day.isoformat()) == whole[-1]


@pytest.mark.parametrize("today", ["2026-11-20", "2026-11-22", "2026-11-23"])
@pytest.mark.parametrize(("key", "many"), [("week", 1), ("4w", 4), ("12w", 12), ("year", 52)])
def test_a_range_by_name_is_so_many_weeks_up_to_the_last_that_is_over(key, many, today):
    found = weeks_of(Range(key, "2026-11-01", today), today)
    assert found.last == last_whole(today)
    assert found.many == len(found.mondays) == many
    assert found.mondays == all_weeks(
        date.fromisoformat(found.first), date.fromisoformat(found.until)
    )


@pytest.mark.parametrize("first", range(8))
@pytest.mark.parametrize("days", [14, 15, 20, 27, 28])
def test_a_range_of_days_is_the_weeks_that_begin_in_it_up_to_that_of_its_last_day(first, days):
    since = date(2026, 9, 28) + DAY * first
    until = since + DAY * (days - 1)
    found = weeks_of(Range("days", since.isoformat(), until.isoformat()), "2026-11-20")
    begins = [day for day in (since + DAY * at for at in range(days)) if day.weekday() == 0]
    assert found.mondays == [day.isoformat() for day in begins]


@pytest.mark.parametrize(
    ("since", "until", "mondays"),
    [
        ("2026-11-03", "2026-11-05", ["2026-11-02"]),
        ("2026-11-03", "2026-11-09", ["2026-11-09"]),
        ("2026-11-10", None, ["2026-11-09"]),
        ("2026-11-18", "2026-11-19", ["2026-11-09"]),
        ("2026-11-01", "2026-12-24", ["2026-11-02", "2026-11-09"]),
        ("2027-01-01", None, ["2026-11-09"]),
    ],
)
def test_of_a_range_without_a_whole_week_the_last_one_is_shown(since, until, mondays):
    assert weeks_of(Range("days", since, until), "2026-11-20").mondays == mondays


def test_a_range_without_a_beginning_is_the_longest_and_none_is_longer():
    for since in (None, "2020-01-01", "2024-11-01"):
        found = weeks_of(Range("days", since, None), "2026-11-20")
        assert (found.many, found.last) == (LONGEST, "2026-11-09")
    last = later("2026-11-09", 1 - LONGEST)
    assert weeks_of(Range("days", last, None), "2026-11-20").many == LONGEST
    assert weeks_of(Range("days", later(last, 1), None), "2026-11-20").many == LONGEST - 1


def test_as_many_weeks_stand_before_them_and_they_are_said():
    weeks = Weeks("2026-10-26", "2026-11-09")
    assert weeks.said == "3 weeks, 26 Oct 2026 to 15 Nov 2026"
    assert weeks.before() == Weeks("2026-10-05", "2026-10-19")
    assert Weeks("2026-11-09", "2026-11-09").said == "1 week, 9 Nov 2026 to 15 Nov 2026"


@pytest.mark.parametrize(
    ("query", "many"),
    [
        ({}, 12), ({"sort": "name"}, 12), ({"range": "4w"}, 4), ({"since": "x"}, 4),
        ({"until": "x"}, 4),
    ],
)  # fmt: skip
def test_a_page_is_about_twelve_weeks_where_its_address_names_no_range(query, many):
    view = SimpleNamespace(query=query, range=Range("4w", None, None), today="2026-11-20")
    usual(cast(View, view))
    assert chosen(cast(View, view)).many == many
