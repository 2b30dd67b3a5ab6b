"""Where the marks of charts stand."""

from __future__ import annotations

import pytest

from accrete.explorer.charts import Bar, bars, calendar, hours, level, levels, spark


def test_bars_stand_on_the_axis_and_the_tallest_fills_the_room():
    chart = bars("x", [Bar(1, "a"), Bar(2, "b"), Bar(0, "c")], ends=("first", "last"))
    assert all(mark.y + mark.height == pytest.approx(90, abs=0.02) for mark in chart.marks)
    tall = [mark.height for mark in chart.marks]
    assert tall[1] == pytest.approx(82)
    assert tall[0] == pytest.approx(41)
    assert tall[2] == 0.5


def test_bars_of_nothing_are_drawn():
    assert bars("x", [], ends=("", "")).marks == []
    assert [mark.height for mark in bars("x", [Bar(0, "a")], ends=("", "")).marks] == [0.5]


def test_a_small_value_can_be_seen():
    chart = bars("x", [Bar(1, "a"), Bar(1_000_000, "b")], ends=("", ""))
    assert chart.marks[0].height == 1.0


def test_levels_are_quantiles_of_what_is_above_zero():
    of = levels([0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    assert of == [3, 5, 7, 9]
    assert [level(value, of) for value in (0, 1, 3, 5, 10)] == [0, 1, 2, 3, 5]
    assert level(3, levels([3])) == 5
    assert levels([0]) == []


def test_the_calendar_ends_today_and_begins_on_a_monday():
    chart = calendar("x", {"2026-11-26": (5.0, "five")}, "2026-11-26", 4)
    assert len(chart.marks) == 3 * 7 + 4
    assert chart.marks[0].label == "Mon 2 Nov: nothing"
    assert chart.marks[-1].label == "Thu 26 Nov: five"
    assert chart.marks[-1].kind == "q5"


def test_hours_are_a_week():
    chart = hours("x", [0.0] * 167 + [1.0], [str(n) for n in range(168)])
    assert chart.marks[-1].label == "Sun 23:00: 167"


def test_a_spark_has_a_mark_for_each_value():
    assert len(spark("x", [0, 1, 2]).marks) == 3
