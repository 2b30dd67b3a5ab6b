"""Sums over people that may be shown: cost, tokens, commits, pull requests and lines of a company
or of teams, under the rule of five.

Which sums there are does not depend on what a page asks for. In each block of four weeks they are,
in this order: each week, cost of its days in each of two months, and of each project with a budget;
the block, each team that is led, each project, each model. What of them insight/sums.py admits is
shown wherever it is asked for; the rest of a block is one sum. Blocks share no facts, so what holds
in each holds in all together. Who is in a team is decided by the end of each week, so that somebody
who comes or goes changes no sum of the past.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import NamedTuple

from accrete.clock import monday
from accrete.explorer.view import View
from accrete.insight.four_weeks import (
    block_of,
    months_of,
    stretches,
    weeks_of_block,
    whole_blocks,
)
from accrete.insight.sums import Sums
from accrete.queries.amounts import Made, Spent, Used, made, spent, tools_used
from accrete_team import access
from accrete_team.access import Seat
from accrete_team.budgets import Followed, budgets, followed_by
from accrete_team.people import Place
from accrete_team.rosters import Roster, roster
from accrete_team.weeks import Weeks, later

OTHER = ""
"""What is left of a sum by project or model after those that are shown."""


class Where(NamedTuple):
    """The place of a value: what sums can be told apart by. month: '' of what is not told by
    months."""

    week: str
    project: str
    model: str
    teams: frozenset[str]
    month: str = ""


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
    left; withheld: the blocks of which nothing may be said; sets: the places of each sum that was
    shown, for whoever checks them."""

    totals: dict[str, int] = field(default_factory=dict)
    weeks: dict[str, int] = field(default_factory=dict)
    months: dict[tuple[str, str], int] = field(default_factory=dict)
    followed: dict[str, dict[tuple[str, str], int]] = field(default_factory=dict)
    projects: dict[str, Part] = field(default_factory=dict)
    models: dict[str, Part] = field(default_factory=dict)
    teams: dict[str, Part] = field(default_factory=dict)
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
    held: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.value:
            held[block_of(fact.where.week)].append(fact)
    found = Shown()
    for block in blocks:
        weeks = weeks_of_block(block)
        _block(found, held.get(block, []), block, weeks, teams, followed, whole=True)
    if running:
        block = block_of(running[0])
        _block(found, held.get(block, []), block, running, teams, followed, whole=False)
    return found


def _block(
    found: Shown,
    facts: Sequence[Fact],
    block: str,
    weeks: Sequence[str],
    teams: Sequence[str],
    followed: Sequence[Followed],
    *,
    whole: bool,
) -> None:
    """Adds what may be shown of a block; of one that runs its weeks alone."""
    people: dict[Where, set[int]] = defaultdict(set)
    values: dict[Where, int] = defaultdict(int)
    for fact in facts:
        people[fact.where].add(fact.person)
        values[fact.where] += fact.value
    sums = Sums(people)

    def total(places: Iterable[Where]) -> int:
        found.sets.append(frozenset(places))
        return sum(values[place] for place in found.sets[-1])

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


@dataclass(frozen=True, slots=True)
class Facts:
    """What the sums of a viewer are made of, and the place of each row. blocks, running: as `shown`
    takes them; teams: (id, name) of those that the viewer leads, by name; company: whether all of
    it is about the company and not about teams; followed: as `shown` takes them;
    tools: whether `used` was asked for."""

    spent: list[Spent]
    spent_in: list[Where]
    made: list[Made]
    made_in: list[Where]
    used: list[Used]
    used_in: list[Where]
    mondays: list[str]
    blocks: list[str]
    running: list[str]
    teams: list[tuple[str, str]]
    company: bool
    followed: list[Followed]
    tools: bool

    @property
    def said(self) -> str:
        """The blocks in words."""
        many = len(self.blocks)
        return Weeks(self.blocks[0], later(self.blocks[-1], 3)).said if many else ""

    @property
    def many(self) -> bool:
        """Whether teams are parts of something: of a company, or of several teams."""
        return len(self.teams) > (0 if self.company else 1)

    @property
    def names(self) -> dict[str, str]:
        """Names of projects by their ids, where they have one."""
        found = {row.project: row.label for row in self.spent}
        found |= {row.project: row.label for row in self.made}
        return {key: name for key, name in found.items() if name}

    @property
    def labels(self) -> dict[str, str]:
        """What stands for each project: its name, else the beginning of its id."""
        ids = {row.project for row in self.spent} | {row.project for row in self.made}
        return {key: f"project {key[:6]}" for key in ids if key} | self.names

    def measure(self, name: str) -> Shown:
        """The sums of a measure: a figure of Spent or Made, or `calls`, whose models are tools."""
        rows: Sequence[Spent | Made | Used] = self.made
        places = self.made_in
        if name == "calls":
            rows, places = self.used, self.used_in
        elif name in Spent._fields:
            rows, places = self.spent, self.spent_in
        facts = [
            Fact(row.person, where, getattr(row, name))
            for row, where in zip(rows, places, strict=True)
        ]
        if not self.company:
            facts = [fact for fact in facts if fact.where.teams]
        teams = [team for team, _ in self.teams]
        return shown(facts, self.blocks, self.running, teams, self.followed)


async def facts(
    view: View, seat: Seat, weeks: Weeks, *, costs_only: bool = False, tools: int | None = 0
) -> Facts:
    """Everything that the sums of a range are made of, for a viewer: of the company for an
    administrator, else of the teams that are led. costs_only: nothing but Spent is needed; tools:
    up to how many people Used is, too, None for any number. Raises MissingError for everybody
    else."""
    there = await view.ask(roster())
    led = [(each.id, each.name) for each in seat.teams if each.role == "lead"]
    people = (
        [each.person for each in there.members]
        if seat.admin
        else sorted({p.person for p in there.places if p.team in dict(led) and p.role == "member"})
    )
    blocks, running, mondays = spans(weeks)
    scope = replace(
        access.everybody(seat, people),
        since=mondays[0],
        until=Weeks(mondays[0], mondays[-1]).until,
    )
    member = membership(there, {team for team, _ in led})
    starts = stretches(mondays)
    costs = await view.ask(spent(scope, starts))
    work = [] if costs_only else await view.ask(made(scope, mondays))

    told = tools is None or len(people) <= tools
    calls = await view.ask(tools_used(scope, mondays)) if told else []

    def where(row: Spent | Made | Used, day: str, model: str, month: str) -> Where:
        week = monday(day)
        return Where(week, row.project, model, member(row.person, week), month)

    set_ = await view.ask(budgets()) if seat.admin else []
    return Facts(
        costs, [where(row, starts[row.nth], row.model, starts[row.nth][:7]) for row in costs],
        work, [where(row, mondays[row.nth], "", "") for row in work],
        calls, [where(row, mondays[row.nth], row.tool, "") for row in calls],
        mondays, blocks, running, led, seat.admin, followed_by(set_), told,
    )  # fmt: skip


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
            end = _end(week)
            known[person, week] = frozenset(
                place.team
                for place in held.get(person, ())
                if place.since <= end and (place.until is None or place.until > end)
            )
        return known[person, week]

    return member


def _end(week: str) -> int:
    """The instant at which a week ends in UTC, in ms."""
    return int(datetime.fromisoformat(later(week, 1)).replace(tzinfo=UTC).timestamp() * 1000) - 1
