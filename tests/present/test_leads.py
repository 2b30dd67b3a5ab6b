"""Intervals, against published values, and what is said of them."""

from __future__ import annotations

import pytest

from accrete.insight.chance import change, wilson
from accrete.present.leads import (
    Share,
    hours,
    of_changes,
    of_facts,
    of_overview,
    practice_change,
)

WORKED = "You worked 60 minutes with Claude Code"
TITLES = {"verification": "Verification", "planning": "Planning"}


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_a_share_has_the_interval_of_newcombes_table(part, whole, low, high):
    """Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3."""
    found = wilson(part, whole)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


@pytest.mark.parametrize(
    ("after", "before", "low", "high"),
    [((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090),
     ((5, 56), (0, 29), -0.0381, 0.1926), ((10, 10), (0, 10), 0.6075, 1.0)],
)  # fmt: skip
def test_a_change_has_the_interval_of_newcombes_table(after, before, low, high):
    """Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10."""
    found = change(before, after)
    assert found is not None
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


def test_there_is_no_change_from_or_to_nothing():
    assert change((0, 0), (1, 2)) is None
    assert change((1, 2), (0, 0)) is None
    for part, whole in ((3, 2), (-1, 2), (0, 0), (0, -1)):
        with pytest.raises(ValueError, match="no share"):
            wilson(part, whole)
    assert (wilson(0, 2).low, wilson(2, 2).high) == (0, 1)


def test_a_change_that_chance_would_make_is_not_said():
    assert practice_change({"planning": Share(5, 10)}, {"planning": Share(4, 10)}, TITLES) is None


def test_the_largest_of_the_changes_is_said():
    now = {"planning": Share(30, 40), "verification": Share(2, 40)}
    before = {"planning": Share(10, 40), "verification": Share(36, 40)}
    said = practice_change(now, before, TITLES)
    assert said == ("Verification fell from 90% to 5% of the sessions in which it was possible.")


@pytest.mark.parametrize(
    ("ms", "said"),
    [(0, "0 seconds"), (26_900, "26 seconds"), (60_000, "1 minute"), (1_305_363, "21 minutes"),
     (90 * 60_000 - 1, "89 minutes"), (90 * 60_000, "1h 30m"),
     (2 * 3_600_000 + 59_999, "2 hours"), (11_100_000, "3h 05m"),
     (46_440_000, "13 hours"), (31 * 3_600_000, "31 hours")],
)  # fmt: skip
def test_a_length_of_time_is_said_in_one_unit(ms, said):
    assert hours(ms) == said


@pytest.mark.parametrize(
    ("sessions", "shipped", "edited", "said"),
    [
        (0, 0, 0, "No sessions in this range."),
        (1, 0, 0, f"{WORKED} in 1 session."),
        (1, 1, 1, f"{WORKED} in 1 session. The one session with edits shipped."),
        (3, 0, 1, f"{WORKED} in 3 sessions. The one session with edits did not ship."),
        (3, 1, 2, f"{WORKED} in 3 sessions. 1 of the 2 sessions with edits shipped."),
    ],
)  # fmt: skip
def test_the_overview_begins_with_its_answer(sessions, shipped, edited, said):
    found = of_overview(
        sessions=sessions, active_ms=3_600_000, shipped=shipped, edited=edited, now={}, before={},
        titles={},
    )  # fmt: skip
    assert " ".join(found) == said


def changed(**given):
    usual = {"files": 1, "edits": 3, "added": 4, "removed": 1, "yours": 0, "yours_lines": 0,
             "reverted": 0, "commands": 0, "prompt": None}  # fmt: skip
    return of_changes(**{**usual, **given})


def test_changes_begin_with_what_was_done_to_how_many_files():
    assert changed() == [
        "This session changed 1 file in 3 edits: 4 lines added and 1 removed in the end."
    ]
    assert changed(added=1)[0].endswith("1 line added and 1 removed in the end.")
    assert changed(prompt=2)[0].startswith("Prompt 2 changed")
    assert changed(edits=0, commands=1) == [
        "This session made no edits.",
        "1 command may have changed files, which the record does not show.",
    ]
    assert changed(yours=1, yours_lines=2, reverted=1)[1] == (
        "You changed 2 lines before it landed and 1 edit was taken back."
    )


def test_facts_name_the_two_that_were_waited_for_most():
    said = of_facts(
        responses=3, active_ms=600_000, parts=[("a", 1), ("tools", 300), ("Claude", 699)],
        peak=150_000, compactions=2, cached=9, read=10,
    )  # fmt: skip
    assert said == [
        "10 min of active time, 70% waiting for Claude and 30% waiting for tools.",
        "The context grew to 150k tokens and was compacted 2 times.",
        "90% of what Claude read came from the cache.",
    ]
