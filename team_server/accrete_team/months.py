"""Calendar months of a company's cost beside their budgets: so far, as it may become, and when the
budget was passed. All of it is made of the sums by week that may be shown (amounts.py): a week in
two months counts in each where both parts may be told, else whole where most of its days are."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from accrete.clock import monday
from accrete.explorer.view import View
from accrete.insight.forecast import FROM_DAY, band
from accrete.insight.four_weeks import months_of, stretches
from accrete.insight.sums import FEWEST
from accrete.queries.amounts import costs
from accrete_team import access
from accrete_team.access import Seat
from accrete_team.amounts import Fact, Shown, Where, membership, shown, spans
from accrete_team.budgets import COMPANY, Budget, at, budgets, followed_by
from accrete_team.rosters import roster
from accrete_team.web import ask_weekly
from accrete_team.weeks import Weeks, last_whole, later

SAMPLE, LEAST = 8, 4
"""The weeks that a forecast is made of, and how many of them have to be known."""
AFTER = 14
"""Days of a month in which what the month before came to is still said."""


class Stretch(NamedTuple):
    """Days of a month that are in one week. nano: what they cost, None where that may not be
    shown."""

    first: str
    last: str
    nano: int | None


class Month(NamedTuple):
    """A month beside its budget. parts: its weeks that are over; low, high: what it will have cost,
    in four months of five, None where that is not said; over: whether all of it is counted; passed,
    foreseen: the last day of the first week after which it had cost more than the budget, and was
    going to; since: the first day from which its weeks may be told, where that is not always."""

    month: str
    budget: Budget
    parts: Sequence[Stretch]
    low: int | None
    high: int | None
    over: bool
    passed: str | None
    foreseen: str | None
    since: str | None = None

    @property
    def nano(self) -> int:
        """The budget in nano-dollars."""
        return self.budget.nano or 0

    @property
    def spent(self) -> int:
        """What is known of it so far."""
        return sum(each.nano or 0 for each in self.parts)

    @property
    def missing(self) -> int:
        """Of how many weeks nothing may be shown."""
        return sum(each.nano is None for each in self.parts)

    @property
    def days(self) -> int:
        """Its days."""
        return days_of(self.month)


def days_of(month: str) -> int:
    """How many days a month has."""
    return monthrange(int(month[:4]), int(month[5:]))[1]


class Sums(NamedTuple):
    """What may be shown of the company or a project: by week, by week and month of weeks that are
    in two; since: the first week of which it may be asked, '' for all."""

    weeks: Mapping[str, int]
    months: Mapping[tuple[str, str], int]
    since: str = ""


def parts_of(sums: Sums, month: str, last_week: str) -> list[Stretch]:
    """The weeks of a month up to one, in order."""
    first, end = f"{month}-01", f"{month}-{days_of(month):02d}"
    found, week = [], max(monday(first), sums.since)
    while week <= min(monday(end), last_week):
        sunday = _day(week, 6)
        if len(months_of(week)) == 1:
            found.append(Stretch(week, sunday, sums.weeks.get(week)))
        elif (week, month) in sums.months:
            value = sums.months[week, month]
            found.append(Stretch(max(first, week), min(end, sunday), value))
        elif _day(week, 3)[:7] == month:
            found.append(Stretch(week, sunday, sums.weeks.get(week)))
        week = later(week, 1)
    return found


def _day(week: str, nth: int) -> str:
    return (date.fromisoformat(week) + timedelta(nth)).isoformat()


def forecast(sums: Sums, month: str, last_week: str) -> tuple[int, int] | None:
    """What a month will have cost, with what is known at the end of a week, if the weeks that are
    left are like the last ones; None where too few of those are known."""
    parts = parts_of(sums, month, last_week)
    spent, end = sum(each.nano or 0 for each in parts), f"{month}-{days_of(month):02d}"
    counted = parts[-1].last if parts else _day(f"{month}-01", -1)
    if last_week >= monday(end):
        return spent, spent
    weeks = [sums.weeks.get(later(last_week, -back)) for back in range(SAMPLE)]
    known = [value for value in weeks if value is not None]
    if len(known) < LEAST:
        return None
    left = (date.fromisoformat(end) - date.fromisoformat(counted)).days
    least, most = band(known, left / 7)
    low = max(spent, spent + least)
    return low, max(low, spent + most)


def month_of(sums: Sums, budget: Budget, month: str, today: str) -> Month:
    """A month beside a budget, as it is seen on a day."""
    newest, nano = last_whole(today), budget.nano or 0
    parts = parts_of(sums, month, newest)
    over = newest >= monday(f"{month}-{days_of(month):02d}")
    told = forecast(sums, month, newest) if over or today >= f"{month}-{FROM_DAY:02d}" else None
    passed = foreseen = None
    for n, each in enumerate(parts):
        if passed is None and sum(part.nano or 0 for part in parts[: n + 1]) > nano:
            passed = each.last
        then = forecast(sums, month, monday(each.last))
        if foreseen is None and then and then[0] > nano and each.last >= f"{month}-{FROM_DAY:02d}":
            foreseen = each.last
    low, high = told or (None, None)
    since = sums.since if sums.since > f"{month}-01" else None
    return Month(month, budget, parts, low, high, over, passed, foreseen, since)


async def months(view: View, seat: Seat) -> list[Month]:
    """The months that are in question today, the newest first: of the company, then, for
    administrators, of each project with a budget, by its id."""
    set_ = await view.ask(budgets())
    now = at(set_, seat.now)
    asked = _in_question(view.today)
    if not now or not seat.admin and COMPANY not in now:
        return []
    weeks = Weeks(later(monday(f"{asked[-1]}-01"), -SAMPLE), last_whole(view.today))
    followed = followed_by(set_) if seat.admin else []
    cost = await _cost(view, seat, weeks, [each.project for each in followed])
    every = shown(cost.facts, cost.blocks, cost.running, [], followed)
    made = []
    for project in sorted(now) if seat.admin else [COMPANY]:
        if project == COMPANY:
            sums = Sums(every.weeks, every.months)
            if not seat.admin:
                sums = beside(cost.facts, every, cost.blocks, cost.running)
        else:
            since = max(each.first for each in followed if each.project == project)
            told = every.followed.get(project, {})
            sums = Sums({week: value for (week, month), value in told.items() if not month},
                        {key: value for key, value in told.items() if key[1]}, since)  # fmt: skip
        for month in asked:
            ended = datetime(int(month[:4]), int(month[5:]), days_of(month), 23, 59, tzinfo=UTC)
            then = at(set_, min(seat.now, int(ended.timestamp() * 1000))).get(project)
            if then is not None:
                made.append(month_of(sums, then, month, view.today))
    return made


def _in_question(today: str) -> list[str]:
    """The month of a day, and early in it the one before."""
    before = _day(f"{today[:7]}-01", -1)[:7]
    return [today[:7], before] if int(today[8:]) <= AFTER else [today[:7]]


class _Cost(NamedTuple):
    facts: list[Fact]
    blocks: Sequence[str]
    running: Sequence[str]


async def _cost(view: View, seat: Seat, weeks: Weeks, projects: Sequence[str]) -> _Cost:
    """What everybody's work cost, by stretch and by some projects; teams: those that are led."""
    there = await view.ask(roster())
    blocks, running, mondays = spans(weeks)
    scope = replace(
        access.everybody(seat, [each.person for each in there.members]),
        since=mondays[0],
        until=Weeks(mondays[0], mondays[-1]).until,
    )
    starts = stretches(mondays)
    led = {each.id for each in seat.teams if each.role == "lead"}
    member = membership(there, led)
    rows = await ask_weekly(view, scope, costs(scope, starts, projects))
    facts = []
    for row in rows:
        week = monday(starts[row.nth])
        teams = member(row.person, week)
        where = Where(week, row.project, "", teams, starts[row.nth][:7])
        facts.append(Fact(row.person, where, row.cost_nano))
    return _Cost(facts, blocks, running)


def beside(
    facts: Collection[Fact], every: Shown, blocks: Sequence[str], running: Sequence[str]
) -> Sums:
    """The company's sums that may be shown to somebody who sees those of some teams: what the teams
    leave of each is about nobody, or five people or more. teams of a fact: those that are led."""
    inside = shown((each for each in facts if each.where.teams), blocks, running, [])
    outside: dict[tuple[str, str], set[int]] = defaultdict(set)
    for each in facts:
        if each.value and not each.where.teams:
            outside[each.where.week, ""].add(each.person)
            outside[each.where.week, each.where.month].add(each.person)

    def may(week: str, month: str) -> bool:
        people = len(outside[week, month])
        told = (week, month) in inside.months if month else week in inside.weeks
        return people >= FEWEST or (people == 0 and told)

    weeks = {week: value for week, value in every.weeks.items() if may(week, "")}
    parts = {
        (week, month): value
        for (week, month), value in every.months.items()
        if week in weeks and all(may(week, each) for each in months_of(week))
    }
    return Sums(weeks, parts)
