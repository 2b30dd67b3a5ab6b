"""Sums over people that may be shown: cost, tokens, commits, pull requests and lines of a company
or of teams, under the rule of five.

Which sums there are does not depend on what a page asks for. In each block of four weeks they are,
in this order: each week, cost of its days in each of two months, and of each project with a budget;
the block, each team that is led, each project, each model, each state of pull requests, and what is
merged by team and project. What of them insight/sums.py admits is shown wherever it
is asked for; the rest of a block is one sum. Blocks share no facts, so what holds in each holds in
all together. Who is in a team is decided by the end of each week, so that somebody who comes or
goes changes no sum of the past.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from accrete.insight.four_weeks import (
    block_of,
    months_of,
    weeks_of_block,
    whole_blocks,
)
from accrete.insight.sums import FEWEST, Sums
from accrete.outcomes.kinds import MERGED
from accrete_team.budgets import Followed
from accrete_team.people import Place
from accrete_team.rosters import Roster
from accrete_team.weeks import Weeks, later

OTHER = ""
"""What is left of a sum by project or model after those that are shown."""


class Where(NamedTuple):
    """The place of a value: what sums can be told apart by. model: of cost; of calls the tool;
    month: '' of what is not told by months; mark: the state of a pull request, and MERGED of the
    cost of sessions that worked on a merged one: told last, beside all other sums."""

    week: str
    project: str
    model: str
    teams: frozenset[str]
    month: str = ""
    mark: str = ""


class Fact(NamedTuple):
    """A value of one person in one place."""

    person: int
    where: Where
    value: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a sum, by the blocks in which it is shown by itself; in the others it is part of
    what is left."""

    by: dict[str, int] = field(default_factory=dict)

    @property
    def value(self) -> int:
        """Of all these blocks."""
        return sum(self.by.values())

    @property
    def blocks(self) -> int:
        """How many they are."""
        return len(self.by)


@dataclass(slots=True)
class Shown:
    """The sums of one measure over a range that may be shown. totals: by block; weeks: by week;
    months: by week and month, of weeks that are in two of them; followed: by project, the same two
    (the month is '' for the whole week); projects, models, teams: the parts, with OTHER for what is
    left; marks: the same by marks; merged: what is marked so, by ("project", its id) and ("team",
    its id); withheld: the blocks of which nothing may be said; sets: the places of each sum that
    was shown, for whoever checks them."""

    totals: dict[str, int] = field(default_factory=dict)
    weeks: dict[str, int] = field(default_factory=dict)
    months: dict[tuple[str, str], int] = field(default_factory=dict)
    followed: dict[str, dict[tuple[str, str], int]] = field(default_factory=dict)
    projects: dict[str, Part] = field(default_factory=dict)
    models: dict[str, Part] = field(default_factory=dict)
    teams: dict[str, Part] = field(default_factory=dict)
    marks: dict[str, Part] = field(default_factory=dict)
    merged: dict[tuple[str, str], Part] = field(default_factory=dict)
    withheld: list[str] = field(default_factory=list)
    sets: list[frozenset[Where]] = field(default_factory=list)

    @property
    def total(self) -> int | None:
        """Of all blocks in which one may be; None where it is none."""
        return sum(self.totals.values()) if self.totals else None

    @property
    def blocks(self) -> int:
        """How many they are."""
        return len(self.totals)


def shown(
    facts: Iterable[Fact],
    blocks: Sequence[str],
    running: Sequence[str],
    teams: Sequence[str],
    followed: Sequence[Followed] = (),
) -> Shown:
    """What may be shown of a measure. blocks: whole ones; running: the weeks after them; teams:
    those that may be told apart; followed: in the order in which their budgets were set."""
    of: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        of[block_of(fact.where.week)].append(fact)
    held = {block: held_in(some) for block, some in of.items()}
    found = Shown()
    for block in blocks:
        weeks = weeks_of_block(block)
        add_block(found, held.get(block, {}), block, weeks, teams, followed, whole=True)
    if running:
        block = block_of(running[0])
        add_block(found, held.get(block, {}), block, running, teams, followed, whole=False)
    return found


@dataclass(slots=True)
class Held:
    """What is in a place: who has a value there, and the sum."""

    people: set[int] = field(default_factory=set)
    value: int = 0


def held_in(facts: Iterable[Fact]) -> dict[Where, Held]:
    """What is in each place; a value of 0 is none."""
    found: dict[Where, Held] = {}
    for fact in facts:
        if fact.value:
            place = found.get(fact.where)
            if place is None:
                place = found[fact.where] = Held()
            place.people.add(fact.person)
            place.value += fact.value
    return found


def add_block(
    found: Shown,
    held: Mapping[Where, Held],
    block: str,
    weeks: Sequence[str],
    teams: Sequence[str],
    followed: Sequence[Followed],
    *,
    whole: bool,
) -> None:
    """Adds what may be shown of a block; of one that runs its weeks alone."""
    people: dict[Where, set[int]] = defaultdict(set)
    parts_of: dict[Where, list[Where]] = defaultdict(list)
    for where, place in held.items():
        people[_unmarked(where)] |= place.people
        parts_of[_unmarked(where)].append(where)
    sums = Sums(people)

    def total(places: Iterable[Where]) -> int:
        found.sets.append(frozenset(part for place in places for part in parts_of[place]))
        return sum(held[part].value for part in found.sets[-1])

    def add(into: dict[str, Part], name: str, places: Iterable[Where]) -> None:
        into.setdefault(name, Part()).by[block] = total(places)

    def split(into: dict[tuple[str, str], int], week: str, places: Collection[Where]) -> None:
        """Tells the days of a week in each of two months, where they may be told apart."""
        first, *others = months_of(week)
        early = [place for place in places if place.month == first]
        if others and all(place.month for place in places) and sums.admit(early):
            into[week, first] = total(early)
            into[week, others[0]] = total(place for place in places if place.month != first)

    told = [
        each for each in followed
        if each.first <= block and (each.last is None or block <= each.last)
    ]  # fmt: skip
    for week in weeks:
        places = [place for place in people if place.week == week]
        if not sums.admit(places):
            continue
        found.weeks[week] = total(places)
        split(found.months, week, places)
        for each in told:
            places_of = [place for place in places if place.project == each.project]
            if sums.admit(places_of):
                into_ = found.followed.setdefault(each.project, {})
                into_[week, ""] = total(places_of)
                split(into_, week, places_of)
    if not whole:
        return
    if not sums.admit(people):
        found.withheld.append(block)
        return
    if not people:
        return
    found.totals[block] = total(people)
    for team in teams:
        places = [place for place in people if team in place.teams]
        if places and sums.admit(places):
            add(found.teams, team, places)
    keys: tuple[tuple[dict[str, Part], Callable[[Where], str]], ...] = (
        (found.projects, lambda place: place.project),
        (found.models, lambda place: place.model),
    )
    for into, key in keys:
        parts = sums.split(people, key, lambda name: name != OTHER)
        for name, places_ in parts.shown.items():
            add(into, name, places_)
        if parts.rest:
            add(into, OTHER, parts.rest)
    if any(place.mark for place in held):
        finer = {where: place.people for where, place in held.items()}
        _marked(found, sums.refined(finer, _unmarked), held, block, teams)


def _unmarked(where: Where) -> Where:
    return where._replace(mark="") if where.mark else where


def _marked(
    found: Shown,
    sums: Sums[Where],
    held: Mapping[Where, Held],
    block: str,
    teams: Sequence[str],
) -> None:
    """Adds what may be shown of what is marked in a block, beside all that is shown of it."""

    def total(places: Iterable[Where]) -> int:
        found.sets.append(frozenset(places))
        return sum(held[place].value for place in found.sets[-1])

    parts = sums.split(held, lambda place: place.mark, lambda name: name != OTHER, MERGED)
    for name, some in parts.shown.items():
        found.marks.setdefault(name, Part()).by[block] = total(some)
    if parts.rest and not parts.withheld:
        found.marks.setdefault(OTHER, Part()).by[block] = total(parts.rest)
    merged = parts.shown.get(MERGED, frozenset())
    of = [(("team", team), [each for each in merged if team in each.teams]) for team in teams]
    of += [
        (("project", name), [each for each in merged if each.project == name])
        for name, part in found.projects.items()
        if name != OTHER and block in part.by
    ]
    for key, places in of:
        some_people = {person for place in places for person in held[place].people}
        if len(some_people) >= FEWEST and sums.admit(places):
            found.merged.setdefault(key, Part()).by[block] = total(places)


def spans(weeks: Weeks) -> tuple[list[str], list[str], list[str]]:
    """The whole blocks that cover some weeks, the weeks after them, and the Mondays of all."""
    blocks = whole_blocks(weeks.last, weeks.many)
    mondays = [week for block in blocks for week in weeks_of_block(block)]
    running = []
    while (week := later(mondays[-1], 1)) <= weeks.last:
        mondays.append(week)
        running.append(week)
    return blocks, running, mondays


def membership(there: Roster, teams: set[str]) -> Callable[[int, str], frozenset[str]]:
    """In which of some teams a person was when a week (its Monday) ended."""
    held: dict[int, list[Place]] = defaultdict(list)
    for place in there.places:
        if place.role == "member" and place.team in teams:
            held[place.person].append(place)
    known: dict[tuple[int, str], frozenset[str]] = {}

    def member(person: int, week: str) -> frozenset[str]:
        if (person, week) not in known:
            end = end_of(week)
            known[person, week] = frozenset(
                place.team
                for place in held.get(person, ())
                if place.since <= end and (place.until is None or place.until > end)
            )
        return known[person, week]

    return member


def end_of(week: str) -> int:
    """The instant at which a week ends in UTC, in ms."""
    return int(datetime.fromisoformat(later(week, 1)).replace(tzinfo=UTC).timestamp() * 1000) - 1
