"""Weeks, blocks and months that sums are told by, the pace of a window, and what a running session
is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accrete.insight.four_weeks import (
    block_of,
    months_of,
    stretches,
    weeks_of_block,
    whole_blocks,
)
from accrete.insight.nudges import nudges
from accrete.insight.windows import block_of as window_of
from accrete.insight.windows import pace
from accrete.queries.costs import WINDOW_MS, CostRow, Window
from accrete.queries.live import Live

MINUTE = 60_000
CALM = Live(0, None, False, 0, None, 0, 1000, None, False, None)


@pytest.mark.parametrize(
    ("week", "months"),
    [
        ("2026-11-02", ["2026-11"]),
        ("2026-10-26", ["2026-10", "2026-11"]),
        ("2026-08-31", ["2026-08", "2026-09"]),
        ("2026-05-25", ["2026-05"]),
        ("2026-05-26", ["2026-05", "2026-06"]),
        ("2026-12-28", ["2026-12", "2027-01"]),
    ],
)
def test_a_week_is_in_the_months_of_its_days(week, months):
    assert months_of(week) == months


def test_weeks_are_parted_where_a_month_begins():
    assert stretches(["2026-10-19", "2026-10-26", "2026-11-02"]) == [
        "2026-10-19", "2026-10-26", "2026-11-01", "2026-11-02",
    ]  # fmt: skip
    assert stretches(["2026-05-25"]) == ["2026-05-25"]


def test_four_weeks_are_a_block_counted_from_one_monday():
    weeks = ["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-22"]
    assert weeks_of_block("2024-01-01") == weeks
    assert {block_of(week) for week in weeks} == {"2024-01-01"}
    assert (block_of("2024-01-29"), block_of("2023-12-25")) == ("2024-01-29", "2023-12-04")


def test_blocks_are_over_with_their_last_week_and_cover_what_is_asked_for():
    assert whole_blocks("2024-01-22", 4) == whole_blocks("2024-01-22", 0) == ["2024-01-01"]
    assert whole_blocks("2024-01-15", 1) == ["2023-12-04"]
    assert whole_blocks("2024-02-12", 5) == ["2023-12-04", "2024-01-01"]
    assert whole_blocks("2024-02-19", 8) == ["2024-01-01", "2024-01-29"]
    assert len(whole_blocks("2024-02-19", 9)) == 3


def test_the_pace_of_a_window_is_that_since_its_first_response():
    row = CostRow("0", "0", 1, 2, 100, 20, 3, 4, 0, 500, 135, 0, 0, 0)
    window = Window(0, 10 * MINUTE, 20 * MINUTE, row, [row])
    going = pace(window, 60 * MINUTE)
    assert going is not None
    assert going.tokens_per_minute == row.tokens / 50
    assert going.cost_nano_per_hour == 762
    assert (going.minutes_left, going.cost_nano_at_end) == (240, 635 + 3048)
    assert going.tokens_at_end == round(row.tokens * (1 + 240 / 50))
    first = pace(window, 10 * MINUTE)
    assert first is not None
    assert first.tokens_per_minute == row.tokens
    assert pace(window, WINDOW_MS - 1) is not None
    assert (pace(window, WINDOW_MS), pace(window, -1)) == (None, None)
    assert pace(window._replace(begins=None), 1) is pace(window._replace(first_at=None), 1) is None
    shown = window_of(window, 0)
    assert (shown.begins, shown.ends, shown.running, len(shown.models)) == (0, WINDOW_MS, True, 1)
    assert (window_of(window, WINDOW_MS).running, window_of(window, WINDOW_MS).pace) == (
        False,
        None,
    )
    assert window_of(window._replace(begins=None), 0).ends is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, ""),
        ({"calls": 25, "edited_since_check": True}, "25 tool calls with edits, no tests yet"),
        ({"calls": 24, "edited_since_check": True}, ""),
        ({"calls": 25}, ""),
        ({"calls": 99, "since_check": 24, "edited_since_check": True}, ""),
        ({"calls": 99, "since_check": 0, "edited_since_check": True}, ""),
        ({"since_check": 26, "edited_since_check": True}, "26 tool calls with edits"),
        ({"error_streak": 3}, ""),
        ({"error_streak": 4}, "4 errors in a row: press Esc"),
        ({"most_edited": ("/w/a.py", 5)}, ""),
        ({"most_edited": ("/w/a.py", 6)}, "a.py was edited 6 times with no check in between."),
        ({"context_tokens": 849}, ""),
        ({"context_tokens": 850}, "The context is nearly full: /compact"),
    ],
)
def test_a_nudge_is_said_from_its_limit_on(changed, said):
    found = nudges(replace(CALM, **changed), 5, None)
    assert [each.startswith(said) for each in found] == ([True] if said else [])


def test_a_session_is_over_a_budget_above_it_alone():
    assert nudges(CALM, 5, 5) == nudges(CALM, 5, None) == []
    assert nudges(CALM, 5, 4) == ["The session is over your budget."]
    assert nudges(CALM, 1, 0) == ["The session is over your budget."]
    every = replace(CALM, calls=30, edited_since_check=True, error_streak=9,
                    most_edited=("a", 9), context_tokens=1000)  # fmt: skip
    assert len(nudges(every, 5, 4)) == 5
