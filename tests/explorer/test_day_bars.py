"""Bars of what each day cost: which days have one, what it says, and where it leads."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import cast
from urllib.parse import urlencode

import pytest

from accrete.explorer.charts import Chart
from accrete.explorer.day_bars import MOST_BARS, Day, cost_by_day
from accrete.explorer.ranges import Range
from accrete.explorer.view import View

TODAY = "2026-11-20"
DOLLAR, HOUR = 10**9, 3_600_000


def chart(chosen: Range, days: dict[str, Day], before: dict[str, Day] | None = None,
          **query: str) -> Chart:  # fmt: skip
    view = SimpleNamespace(
        range=chosen,
        today=TODAY,
        query=query,
        bare=lambda path, **named: f"{path}?{urlencode(named)}",
    )
    earlier = chosen.before()
    return cost_by_day(cast(View, view), days, before or {}, earlier, width=620)


def day(cost: int = 0, hours: int = 0, unpriced: int = 0, lower_bound: int = 0) -> Day:
    return Day(cost * DOLLAR, unpriced, lower_bound, hours * HOUR)


def later(first: str, days: int) -> str:
    return (date.fromisoformat(first) + timedelta(days)).isoformat()


def labels(made: Chart) -> list[str | None]:
    return [mark.label for mark in made.marks]


def test_each_day_of_a_range_and_of_that_before_it_has_a_bar():
    chosen = Range("days", "2026-11-12", "2026-11-14")
    made = chart(chosen, {"2026-11-13": day(2, 3)}, {"2026-11-10": day(1)})  # and none of the 12th
    assert labels(made) == [
        "10 Nov 2026: $1.00, 0 s",
        "11 Nov 2026: nothing",
        "12 Nov 2026: nothing",
        "13 Nov 2026: $2.00, 3h 00m",
        "14 Nov 2026: nothing",
    ]
    assert [mark.kind for mark in made.marks] == ["b2", "b2", "b", "b", "b"]
    assert made.ends == ("10 Nov 2026", "14 Nov 2026")
    assert made.name == "Cost by day; the table below has the figures"
    tall = [mark.height for mark in made.marks]
    assert tall[3] == max(tall)
    assert tall[0] * 2 == tall[3]


def test_a_range_begins_with_its_first_known_day_and_ends_with_its_own_or_the_last_known():
    known = {"": day(9), "2026-11-10": day(1), "2026-11-13": day(1)}
    for chosen, first, last in (
        (Range("days", "2026-11-01", None), "10 Nov 2026", "20 Nov 2026"),
        (Range("days", "2026-11-12", None), "12 Nov 2026", "20 Nov 2026"),
        (Range("all", None, None), "10 Nov 2026", "20 Nov 2026"),
        (Range("days", None, "2026-11-15"), "10 Nov 2026", "15 Nov 2026"),
    ):
        assert chart(chosen, known).ends == (first, last)
    beyond = {"2026-11-18": day(1), "2026-11-22": day(1)}
    assert chart(Range("all", None, None), beyond).ends == ("18 Nov 2026", "22 Nov 2026")
    assert chart(Range("all", None, None), {}).ends == ("20 Nov 2026", "20 Nov 2026")
    assert chart(Range("days", "2026-11-25", None), known).ends == ("20 Nov 2026", "20 Nov 2026")


def test_the_span_before_is_left_out_where_both_are_too_many_bars():
    half = MOST_BARS // 2
    for days, shown in ((half, MOST_BARS), (half + 1, half + 1)):
        first = later(TODAY, 1 - days)
        chosen = Range("days", first, TODAY)
        there = {later(first, at): day(1) for at in range(days)}
        past = {later(first, -at): day(1) for at in range(1, days + 1)}
        made = chart(chosen, there, past)
        assert len(made.marks) == shown
        assert sum(mark.kind == "b2" for mark in made.marks) == shown - days


def test_a_long_range_has_a_bar_for_each_week():
    first = later(TODAY, 1 - MOST_BARS)
    for begin, bars, by in ((first, MOST_BARS, "day"), (later(first, -1), 18, "week")):
        there = {later(begin, at): day(1, 1) for at in range(14)}
        made = chart(Range("days", begin, TODAY), there)
        assert len(made.marks) == bars
        assert made.name == f"Cost by {by}; the table below has the figures"
    assert labels(made)[:3] == [
        "23 Jul 2026 to 29 Jul 2026: $7.00, 7h 00m",
        "30 Jul 2026 to 5 Aug 2026: $7.00, 7h 00m",
        "6 Aug 2026 to 12 Aug 2026: $0.00, 0 s",
    ]
    assert labels(made)[-1] == "19 Nov 2026 to 20 Nov 2026: $0.00, 0 s"
    assert made.marks[1].href == "/sessions?since=2026-07-30&until=2026-08-05"


def test_a_bar_leads_to_the_sessions_of_its_day_narrowed_as_the_page_is():
    chosen = Range("days", TODAY, TODAY)
    made = chart(chosen, {TODAY: day(1)}, project="p1", who="", sort="cost")
    assert made.marks[-1].href == f"/sessions?since={TODAY}&until={TODAY}&project=p1"
    made = chart(chosen, {TODAY: day(1)}, who="me")
    assert made.marks[-1].href == f"/sessions?since={TODAY}&until={TODAY}&who=me"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (day(1), "$1.00"),
        (day(1, 0, 1), "$1.00+"),
        (day(1, 0, 0, 1), "≥ $1.00"),
        (day(0, 0, 2), "—"),
    ],
)
def test_what_has_no_price_or_is_known_in_part_is_said(given, said):
    made = chart(Range("days", TODAY, TODAY), {TODAY: given})
    assert labels(made) == [f"20 Nov 2026: {said}, 0 s"]


def test_a_span_before_of_which_nothing_is_has_no_bars():
    chosen = Range("4w", later(TODAY, -27), TODAY)
    there = {later(TODAY, -2): day(1), TODAY: day(1)}
    assert [label[:11] for label in map(str, labels(chart(chosen, there)))] == [
        "18 Nov 2026", "19 Nov 2026", "20 Nov 2026",
    ]  # fmt: skip


def test_a_span_before_that_is_left_out_does_not_lengthen_the_chart():
    chosen = Range("year", later(TODAY, -364), TODAY)
    there = {later(TODAY, -at): day(1) for at in range(30)}
    alone, beside = chart(chosen, there), chart(chosen, there, {later(TODAY, -700): day(1)})
    assert labels(beside) == labels(alone)
    assert len(alone.marks) == 30
