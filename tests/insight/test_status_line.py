"""What the status line and the live view say."""

from __future__ import annotations

import pytest

from accrete.insight.nudges import nudges
from accrete.insight.status_line import money, nudge, parts
from accrete.queries.live import Live

EDIT, CHECK, OTHER, FAILED = ("ok", 0, 1), ("ok", 1, 0), ("ok", 0, 0), ("error", 0, 0)
WELL = Live(40, 3, False, 0, None, 10_000, 200_000, 1, False, None)


def test_the_parts_are_in_order_and_those_that_need_a_look_say_so():
    given = {
        "model": {"display_name": "Op\x1bus"},
        "context_window": {"used_percentage": 85},
        "rate_limits": {
            "seven_day": {"used_percentage": 12.6},
            "five_hour": {"used_percentage": 4},
        },
    }
    row = (3_000_000_000, 500_000_000, 1, 0)
    assert parts(given, row, [FAILED] * 4, 2.5) == [
        ("Opus", False),
        ("context 85%", True),
        ("$3.00 (subagents $0.50), over budget", True),
        ("5h 4%", False),
        ("7d 13%", False),
        ("4 errors in a row", True),
    ]


def test_of_a_session_that_nobody_knows_nothing_is_said():
    assert parts({}, None, [], 1.0) == []
    assert parts({"cost": {"total_cost_usd": 2}}, None, [], 2.0) == [("$2.00", False)]
    assert (
        parts({"model": 3, "context_window": [], "cost": 1, "rate_limits": 5}, None, [], None) == []
    )


@pytest.mark.parametrize(
    ("told", "row", "said"),
    [
        (2.0, (1_000_000_000, 0, 0, 0), 2.0),
        (0.5, (1_000_000_000, 0, 0, 0), 1.0),
        (0.5, (1_000_000_000, 0, 0, 3), 0.5),
        (None, (1_000_000_000, 0, 0, 3), None),
        (None, None, None),
    ],
)
def test_the_cost_is_the_larger_of_the_two_that_are_known(told, row, said):
    assert money({"cost": {"total_cost_usd": told}}, row) == said


@pytest.mark.parametrize(
    ("calls", "said"),
    [
        ([FAILED] * 3, None),
        ([FAILED] * 4 + [OTHER], "4 errors in a row"),
        ([OTHER] + [FAILED] * 9, None),
        ([OTHER] * 24 + [EDIT], "25 tool calls, no tests yet"),
        ([OTHER] * 30, None),
        ([EDIT] * 24 + [CHECK] + [EDIT] * 40, None),
        ([EDIT] * 26 + [CHECK], "26 tool calls, no tests yet"),
        ([OTHER] * 30 + [CHECK] + [EDIT] * 9, None),
        ([FAILED] * 3 + [OTHER], None),
    ],
)
def test_a_nudge_comes_from_the_newest_calls(calls, said):
    assert nudge(calls) == said


@pytest.mark.parametrize(
    ("change", "cost", "word"),
    [
        ({}, 0, None),
        ({"since_check": 25, "edited_since_check": True}, 0, "25 tool calls with edits"),
        ({"since_check": None, "edited_since_check": True}, 0, "40 tool calls with edits"),
        ({"since_check": 24, "edited_since_check": True}, 0, None),
        ({"since_check": 25, "edited_since_check": False}, 0, None),
        ({"since_check": None, "edited_since_check": False}, 0, None),
        ({"error_streak": 3}, 0, None),
        ({"most_edited": ("/a/b.py", 5)}, 0, None),
        ({"context_tokens": 169_999}, 0, None),
        ({}, 5, None),
        ({"error_streak": 4}, 0, "4 errors in a row"),
        ({"most_edited": ("/a/b.py", 6)}, 0, "b.py was edited 6 times"),
        ({"context_tokens": 170_000}, 0, "nearly full"),
        ({}, 6, "over your budget"),
    ],
)
def test_the_live_view_has_a_sentence_for_each_thing_that_is_worth_one(change, cost, word):
    from dataclasses import replace

    said = nudges(replace(WELL, **change), cost, 5)
    assert [word in each for each in said] == ([True] if word else [])
