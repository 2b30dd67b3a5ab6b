"""Blocks of four weeks, cuts of words, and who counts in which group."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from accrete_team.release_rules import (
    COMPANY,
    FEW,
    HALF,
    MOST,
    REST,
    Block,
    Cuts,
    Plan,
    block_at,
    cuts,
    known_by,
    newest_over,
    number_of,
    plan,
    safe_known,
    single,
    tells,
)

from accrete.wire.benchmarks import OTHERS, TOO_FEW


def test_blocks_are_four_weeks_from_a_monday_on_without_a_gap():
    assert block_at(0) == Block("2024-01-01", "2024-01-28")
    assert block_at(1) == Block("2024-01-29", "2024-02-25")
    assert block_at(-1) == Block("2023-12-04", "2023-12-31")
    for n in (-2, -1, 0, 1, 35, 400):
        made = block_at(n)
        assert [number_of(day) for day in made] == [n, n]
        after = date.fromisoformat(made.last) + timedelta(1)
        assert block_at(n + 1).first == after.isoformat()
        assert date.fromisoformat(made.first).weekday() == 0


def test_a_block_is_over_three_days_after_its_last():
    over = [newest_over(date(2024, 1, 31)), newest_over(date(2024, 2, 1)),
            newest_over(date(2024, 2, 28)), newest_over(date(2024, 2, 29))]  # fmt: skip
    assert over == [-1, 0, 0, 1]


def test_the_cuts_of_each_size_are_those_that_are_published():
    found = {n: (*cuts(n), known_by(n)) for n in (8, 9, 10, 11, 12, 13, 16, 20, 25, 100)}
    assert found == {
        8: (3, 6, 0), 9: (4, 6, 1), 10: (4, 7, 1), 11: (5, 7, 2), 12: (5, 8, 2), 13: (6, 8, 3),
        16: (7, 10, 4), 20: (9, 12, 6), 25: (11, 15, 8), 100: (41, 60, 38),
    }  # fmt: skip
    assert [safe_known(8, Cuts(half, 9 - half)) for half in (1, 2, 3)] == [-1, -1, 0]
    for people in (0, 1, 7):
        with pytest.raises(ValueError, match=f"no word is said of {people} people"):
            cuts(people)


def test_each_number_has_one_word_and_is_in_its_band():
    made = Cuts(3, 6)
    words = [made.word(n) for n in range(9)]
    assert words == [FEW] * 3 + [HALF] * 3 + [MOST] * 3
    assert [made.band(word, 8) for word in (FEW, HALF, MOST)] == [(0, 2), (3, 5), (6, 8)]


@pytest.mark.parametrize(
    ("low", "high", "unknown", "told"),
    [
        (0, 0, 1, True), (0, 0, 3, True), (3, 3, 3, True), (1, 1, 1, True), (0, 1, 1, False),
        (1, 3, 3, False), (0, 2, 3, False), (1, 1, 3, False), (0, 0, 0, False), (2, 3, 3, False),
    ],
)  # fmt: skip
def test_a_sum_tells_of_each_where_all_are_nought_or_all_are_one(low, high, unknown, told):
    assert single(low, high, unknown) == told


def test_a_word_tells_who_knows_enough():
    made = Cuts(3, 6)
    assert [tells(8, made, known) for known in range(9)] == [
        False, False, True, True, True, True, True, True, False
    ]  # fmt: skip


def team(name: str, first: int, n: int) -> dict[int, str]:
    """So many people of a team, numbered."""
    return dict.fromkeys(range(first, first + n), name)


def people(first: int, n: int) -> list[int]:
    return [*range(first, first + n)]


@pytest.mark.parametrize(
    ("who", "before", "expected"),
    [
        # all people are one group
        ({}, {}, Plan({}, {COMPANY: TOO_FEW}, {COMPANY: 0}, 0)),
        (team("", 1, 7), {}, Plan({}, {COMPANY: TOO_FEW}, {COMPANY: 7}, 0)),
        (team("", 1, 8), {}, Plan({COMPANY: people(1, 8)}, {}, {}, 0)),
        # newcomers wait for others, and what was is no newcomer
        (team("", 1, 10), {COMPANY: people(1, 8)}, Plan({COMPANY: people(1, 8)}, {}, {}, 2)),
        (team("", 1, 11), {COMPANY: people(1, 8)}, Plan({COMPANY: people(1, 11)}, {}, {}, 0)),
        (team("", 1, 9), {COMPANY: people(1, 7)},
         Plan({}, {COMPANY: TOO_FEW}, {COMPANY: 7}, 2)),
        (team("", 3, 8), {COMPANY: people(1, 10)}, Plan({COMPANY: people(3, 8)}, {}, {}, 0)),
        # all teams
        (team("a", 1, 8) | team("b", 9, 9), {},
         Plan({"a": people(1, 8), "b": people(9, 9)}, {}, {}, 0)),
        (team("a", 1, 8) | team("", 9, 8), {},
         Plan({"a": people(1, 8), REST: people(9, 8)}, {}, {}, 0)),
        (team("a", 1, 10) | team("b", 11, 8), {"a": people(1, 8), "b": people(11, 8)},
         Plan({"a": people(1, 8), "b": people(11, 8)}, {}, {}, 2)),
        # or none
        (team("a", 1, 7) | team("b", 8, 8), {},
         Plan({COMPANY: people(1, 15)}, {"a": TOO_FEW, "b": OTHERS}, {"a": 7, "b": 8}, 0)),
        (team("a", 1, 8) | team("", 9, 7), {},
         Plan({COMPANY: people(1, 15)}, {"a": OTHERS}, {"a": 8}, 0)),
        (team("a", 1, 9), {}, Plan({COMPANY: people(1, 9)}, {"a": OTHERS}, {"a": 9}, 0)),
        (team("a", 1, 4) | team("b", 5, 3), {},
         Plan({}, {COMPANY: TOO_FEW, "a": TOO_FEW, "b": TOO_FEW},
              {COMPANY: 7, "a": 4, "b": 3}, 0)),
        (team("a", 1, 9) | team("b", 10, 8), {"a": people(1, 7), COMPANY: people(1, 15)},
         Plan({COMPANY: people(1, 15)}, {"a": TOO_FEW, "b": OTHERS}, {"a": 7, "b": 8}, 2)),
        # of no team are two who wait: they are nobody's group
        (team("a", 1, 8) | team("b", 9, 8) | team("", 17, 2), {},
         Plan({"a": people(1, 8), "b": people(9, 8)}, {}, {}, 2)),
    ],
)  # fmt: skip
def test_all_teams_are_released_or_all_people_are_one_group(who, before, expected):
    assert plan(who, before) == expected
    assert plan(dict(reversed(who.items())), before) == expected
