"""What a release may say: blocks of four weeks, groups of people, and words whose cuts tell nothing
of any one person.

Pure functions; docs/decisions/0020-releases.md has the reasons.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import product
from typing import NamedTuple

from accrete.wire.benchmarks import OTHERS, TOO_FEW

EPOCH = date(2024, 1, 1)
"""A Monday, on which a block began."""
WEEKS, LATE_DAYS, YEAR = 4, 3, 13
"""Weeks of a block; days that machines have to send the last of it; blocks of a year."""
PEOPLE, TOGETHER = 8, 3
"""The fewest people of a group, and the fewest who enter it together."""
FEW, HALF, MOST = "few", "about half", "most"
WORDS = (FEW, HALF, MOST)
COMPANY, REST = "", "-"
"""The groups that are no team: all people, and those of no team where teams are released."""


class Block(NamedTuple):
    """Four weeks: the first and the last day, `YYYY-MM-DD`."""

    first: str
    last: str


def block_at(n: int) -> Block:
    """The block that begins n blocks after the epoch."""
    first = EPOCH + timedelta(weeks=WEEKS * n)
    return Block(first.isoformat(), (first + timedelta(weeks=WEEKS, days=-1)).isoformat())


def number_of(day: str) -> int:
    """How many blocks after the epoch a day's block began."""
    return (date.fromisoformat(day) - EPOCH).days // (7 * WEEKS)


def newest_over(today: date) -> int:
    """The number of the newest block that is over, and whose last days have had time to arrive."""
    return number_of((today - timedelta(days=LATE_DAYS)).isoformat()) - 1


# -- cuts


class Cuts(NamedTuple):
    """From how many people on a word is `about half`, and from how many on it is `most`."""

    half: int
    most: int

    def word(self, count: int) -> str:
        """The word for a number of people."""
        return FEW if count < self.half else HALF if count < self.most else MOST

    def band(self, word: str, people: int) -> tuple[int, int]:
        """The least and the greatest number that a word is said of."""
        return {
            FEW: (0, self.half - 1), HALF: (self.half, self.most - 1), MOST: (self.most, people),
        }[word]  # fmt: skip


def single(low: int, high: int, unknown: int) -> bool:
    """Whether it follows from a sum of unknown values, each 0 or 1, what each of them is. The sum
    is one of low to high."""
    return unknown > 0 and (high == 0 or low == unknown)


def tells(people: int, cuts: Cuts, known: int) -> bool:
    """Whether a word can tell the value of somebody to one who knows the values of `known`
    others."""
    unknown = people - known
    for ones, word in product(range(known + 1), WORDS):
        low, high = cuts.band(word, people)
        low, high = max(0, low - ones), min(unknown, high - ones)
        if low <= high and single(low, high, unknown):
            return True
    return False


@cache
def safe_known(people: int, cuts: Cuts) -> int:
    """The largest k: a word tells nothing of anybody to one who knows their own value and those of
    k others. -1 where it tells something even to one who knows their own alone."""
    known = 1
    while known < people and not tells(people, cuts, known):
        known += 1
    return known - 2


@cache
def cuts(people: int) -> Cuts:
    """The cuts for a group: those with the largest k, of all that treat both values alike, that
    call everything strictly between 40 and 60 percent about half, and under which no word states
    a number. Raises ValueError for groups that have none."""
    found = [
        (safe_known(people, made), -half, made)
        for half in range(1, people)
        for made in (Cuts(half, people + 1 - half),)
        if made.most - made.half >= 2 and 5 * (half - 1) <= 2 * people
    ]
    if people < PEOPLE or not found:
        raise ValueError(f"no word is said of {people} people")
    return max(found)[2]


@cache
def known_by(people: int) -> int:
    """The k of a group's own cuts."""
    return safe_known(people, cuts(people))


# -- groups


class Plan(NamedTuple):
    """What is released of a block. groups: who counts in each group of which something is said;
    why, short: the reason for each group that is kept back, and how many count in it; waiting:
    how many people wait until others join."""

    groups: dict[str, list[int]]
    why: dict[str, str]
    short: dict[str, int]
    waiting: int


def plan(people: Mapping[int, str], before: Mapping[str, Iterable[int]]) -> Plan:
    """Who counts where. people: everybody with sessions in the block and their team, '' for none;
    before: who counted in each group within the last year. All teams are released, each with at
    least PEOPLE, or none is; then all people are one group."""
    parts: dict[str, list[int]] = {}
    for person, team in sorted(people.items()):
        parts.setdefault(team or REST, []).append(person)
    counted = {name: _entered(some, before.get(name, ())) for name, some in parts.items()}
    teams = {name for name in parts if name != REST}
    rest = counted.get(REST, [])
    if not rest:
        counted.pop(REST, None)
    small = {name for name, some in counted.items() if len(some) < PEOPLE}
    if teams and not small and len(counted) > 1:
        inside = {person for some in counted.values() for person in some}
        return Plan(counted, {}, {}, len(people) - len(inside))
    why = {name: TOO_FEW if name in small else OTHERS for name in sorted(teams)}
    short = {name: len(counted[name]) for name in why}
    everybody = _entered(sorted(people), before.get(COMPANY, ()))
    waiting = len(people) - len(everybody)
    if len(everybody) < PEOPLE:
        return Plan({}, {COMPANY: TOO_FEW, **why}, {COMPANY: len(everybody), **short}, waiting)
    return Plan({COMPANY: everybody}, why, short, waiting)


def _entered(some: Sequence[int], before: Iterable[int]) -> list[int]:
    """Who of some counts: those who did before, and the others once they are enough together."""
    known = set(before)
    fresh = [person for person in some if person not in known]
    return [*some] if len(fresh) >= TOGETHER else [each for each in some if each in known]
