"""Whether releases are of use: in how many blocks something is said, in companies of 8 to 200 with
the usual turnover, and how often it is the word for the true number."""

from __future__ import annotations

import os
import random
from typing import NamedTuple

import pytest
from accrete_team.release_rules import COMPANY, REST, YEAR, cuts, plan
from accrete_team.release_words import Past, Said, earlier, steady

pytestmark = [pytest.mark.long, pytest.mark.grid]

HEAVY = bool(os.environ.get("ACCRETE_TORTURE"))
LEAVES, AWAY, CHANGES, PRACTICES = 0.0135, 0.03, 0.05, 5
"""A block: a sixth of the people leave in a year, and somebody comes for each; 3 of 100 have no
session in it; a habit begins or ends for 5 of 100."""


class Use(NamedTuple):
    """Shares of blocks in which the company is released, and all teams; of words that are said of
    what is released; and of words said that are those of the true number."""

    company: float
    teams: float
    said: float
    exact: float


def use(teams: dict[str, int], blocks: int, seed: int = 1) -> Use:
    chance = random.Random(seed)
    usual = [(at + 0.5) / PRACTICES for at in range(PRACTICES)]
    home: dict[int, str] = {}
    values: dict[int, list[bool]] = {}

    def join(team: str) -> None:
        person = len(values)
        home[person] = team
        values[person] = [chance.random() < share for share in usual]

    for team, size in teams.items():
        for _ in range(size):
            join(team)
    past: list[list[Past]] = [[] for _ in usual]
    company = whole = words = said = exact = 0
    for block in range(blocks):
        for person in [p for p in home if chance.random() < LEAVES]:
            join(home.pop(person))
        for person in home:
            for at, share in enumerate(usual):
                if chance.random() < CHANGES:
                    values[person][at] = chance.random() < share
        active = {p: team for p, team in home.items() if chance.random() >= AWAY}
        oldest = f"{max(block - YEAR, 0):04}"
        before: dict[str, set[int]] = {}
        for each in past[0]:
            if each.block >= oldest:
                before.setdefault(each.group, set()).update(each.members)
        groups = dict(plan(active, before).groups)
        company += bool(groups)
        whole += len(groups) > 1
        if groups and COMPANY not in groups:
            groups[COMPANY] = [p for some in groups.values() for p in some]
        now = {p: team or REST for p, team in home.items()}
        for at in range(len(usual)):
            held = [each for each in past[at] if each.block >= oldest]
            fresh: list[Past] = []
            for name in sorted(groups, key=lambda name: name == COMPANY):
                people = frozenset(groups[name])
                count = sum(values[person][at] for person in people)
                parts = [each.said for each in fresh if name == COMPANY]
                known = earlier(name, people, held, now)
                made: Said = steady(count, len(people), known, parts)
                fresh.append(Past(f"{block:04}", name, made, people))
                words += 1
                said += bool(made.word)
                exact += made.word == cuts(len(people)).word(count)
            past[at] = [*held, *fresh]
    return Use(company / blocks, whole / blocks, said / max(words, 1), exact / max(said, 1))


def average(teams: dict[str, int]) -> Use:
    seeds = range(8 if HEAVY else 2)
    found = [use(teams, 39 if HEAVY else 26, seed) for seed in seeds]
    return Use(*(sum(part) / len(found) for part in zip(*found, strict=True)))


SIZES = [12, 16, 20, 40] + ([13, 14, 18, 24, 30, 60, 100, 200] if HEAVY else [])
TEAMS = [
    {"a": 12, "": 12}, {"a": 12, "b": 12}, {"a": 12, "b": 14, "c": 16, "": 12},
] + ([dict.fromkeys("abcdefghij", 20)] if HEAVY else [])  # fmt: skip


@pytest.mark.parametrize("people", SIZES)
def test_a_company_of_twelve_and_more_is_told_of_in_nine_of_ten_blocks(people):
    found = average({"": people})
    assert found.company >= 0.9
    assert found.said >= 0.9
    assert found.exact >= 0.85


@pytest.mark.parametrize("teams", TEAMS, ids=lambda teams: "-".join(map(str, teams.values())))
def test_teams_of_twelve_beside_twelve_are_told_of_in_nine_of_ten_blocks(teams):
    found = average(teams)
    assert found.company >= 0.9
    assert found.teams >= 0.9
    assert found.said >= 0.9
    assert found.exact >= 0.85


def test_a_company_of_eight_is_told_of_while_nobody_is_away():
    assert use({"": 8}, 26).company < 0.9
