"""This week: what spreads, what stands still, where several people get stuck; and an agenda of at
most three items."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from accrete.explorer import charts
from accrete.explorer.page import Cell as Shown
from accrete.explorer.page import Column, Figure, Page, Sheet
from accrete.explorer.ranges import spoken
from accrete.explorer.view import View
from accrete.insight.matrix import (
    ORDER,
    is_new,
    middle_of,
    spreading,
    standing,
    team_cells,
)
from accrete.practices.depth import FLUENT, REGULAR, depth
from accrete.present.formats import money, number, percent, plural
from accrete.queries.practices import PersonWeekRow, person_weeks
from accrete.queries.practices_of_people import (
    Member,
    WeekSum,
    members,
    person_shares,
    sessions_by_week,
    stuck,
    week_sums,
)
from accrete.queries.scope import Scope
from accrete_team.agenda import COHORT, SETTLED, agenda, swings
from accrete_team.experiments import put_off
from accrete_team.pages import budget
from accrete_team.pages.matrix import practice_of, refuse_orders, scope_of, unchanged
from accrete_team.team_sums import facts
from accrete_team.web import ask_weekly, seat_in
from accrete_team.weeks import Weeks, last_whole, later

WEEKS = 12
MANY = 200
"""People up to whom every person's weeks are gone through for what was taken up."""

PAUSED = "Everybody in your teams has paused sharing, so nothing new arrives."
"""What stands before all else then."""


async def show(view: View) -> Page:
    """The last whole week of a lead's teams, and the twelve weeks up to it."""
    refuse_orders(view)
    seat = seat_in(view)
    last = last_whole(view.today)
    weeks = Weeks(later(last, 1 - WEEKS), last)
    scope = scope_of(seat, weeks)
    there = await view.ask(members(replace(scope, since=None, until=None), seat.now))
    shares = await ask_weekly(view, scope, person_shares(scope, middle_of(weeks.first, weeks.last)))
    counted = {member.person for member in there if not is_new(member, view.today)}
    row = team_cells(shares, counted)
    by_week = await ask_weekly(view, scope, week_sums(scope))
    days = replace(scope, until=weeks.until, automated=False)
    sessions = await ask_weekly(view, days, sessions_by_week(days, weeks.mondays))
    month = replace(days, since=later(last, -3))
    where = await ask_weekly(view, month, stuck(month))
    rows: list[PersonWeekRow] | None = None
    if len(there) <= MANY:
        longer = replace(scope, since=later(weeks.first, -1))
        rows = await ask_weekly(view, longer, person_weeks(longer))
    titles = {name: practice_of(name).title for name in ORDER}
    off = await view.ask(put_off(seat.person, seat.now))
    items = agenda(
        row, where, await _swinging(view, scope, there, last, by_week), titles,
        {name: practice_of(name).try_next for name in ORDER},
        without=off,
    )  # fmt: skip
    active = [{each.person for each in sessions if each.nth == nth} for nth in range(WEEKS)]
    totals = [sum(each.sessions for each in sessions if each.nth == nth) for nth in range(WEEKS)]
    taken = None if rows is None else len(taken_up(rows, last))
    checks = [each for each in by_week if each.practice == "verification" and each.week == last]
    spent = await facts(view, seat, Weeks(last, last), costs_only=True)
    paid = spent.measures["cost_nano"]
    budgets = await budget.told(view, seat)
    said = []
    if rising := spreading(row):
        said.append(f"{_list([titles[name] for name in rising[:3]])} "
                    f"{'spreads' if len(rising[:3]) == 1 else 'spread'}.")  # fmt: skip
    if still := standing(row):
        said.append(f"{_list([titles[name] for name in still[:3]])} "
                    f"{'stands' if len(still[:3]) == 1 else 'stand'} still.")  # fmt: skip
    stuck_at = [item for item in items if item.key in ("checks", "interruptions", "errors")]
    if stuck_at:
        said.append(stuck_at[0].seen)
    if not said:
        said.append(unchanged(row))
    if all(each.paused for each in seat.led):
        said = [PAUSED, *said[:2]]
    return Page(
        title=f"Week of {spoken(last)}",
        current="/week",
        lead=said,
        figures=[
            Figure("active-people", "Active people", len(active[-1]), number(len(active[-1])),
                   f"of {len(there)}; {len(active[-2])} the week before"),
            Figure("sessions", "Sessions", totals[-1], number(totals[-1]),
                   f"{number(totals[-2])} the week before", view.link("/activity")),
            Figure("taken-up", "Practices taken up", taken, number(taken),
                   "became regular for a person" if taken is not None
                   else f"counted for up to {MANY} people", view.link("/matrix")),
            _checks(view, checks),
            _cost(view, paid.weeks, last),
        ],
        sheets=[_activity(weeks, totals, active), _adoption(weeks, by_week, titles)],
        parts={
            "weeks": weeks,
            "items": items,
            "alerts": budgets.alerts,
            "costs": view.bare("/costs") + "#budget",
            "new_experiment": view.bare("/experiments/new"),
            "bars": _bars(weeks, totals, active),
            "multiples": [
                (title, view.link(f"/matrix/{name}"), *_spark(title, name, by_week, weeks))
                for name, title in titles.items()
            ],
        },
    )  # fmt: skip


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _checks(view: View, found: Sequence[WeekSum]) -> Figure:
    seen, possible = (sum(getattr(each, name) for each in found) for name in ("seen", "eligible"))
    return Figure(
        "checks-after-edits", "Checked after edits", seen / possible if possible else None,
        percent(seen, possible, 0) if possible else "n/a",
        f"of {plural(possible, 'session')}", view.link("/matrix/verification"),
    )  # fmt: skip


def _cost(view: View, weeks: Mapping[str, int], last: str) -> Figure:
    value, before = weeks.get(last), weeks.get(later(last, -1))
    note = f"{money(before)} the week before" if before is not None else "at API prices"
    return Figure("cost", "Cost", value, "—" if value is None else money(value),
                  "only of five people or more" if value is None else note,
                  view.link("/costs"))  # fmt: skip


def taken_up(rows: Sequence[PersonWeekRow], last: str) -> list[tuple[int, str]]:
    """The (person, practice) that are regular by the last week and were not by the one before it,
    each by the twelve weeks up to then."""
    held: dict[tuple[int, str], list[PersonWeekRow]] = defaultdict(list)
    for row in rows:
        held[row.person, row.practice].append(row)
    ends = last, later(last, -1)
    begins = [later(end, 1 - WEEKS) for end in ends]
    return sorted(
        key
        for key, weeks in held.items()
        if _regular(weeks, begins[0], ends[0]) and not _regular(weeks, begins[1], ends[1])
    )


def _regular(rows: Sequence[PersonWeekRow], first: str, last: str) -> bool:
    weeks = [row for row in rows if first <= row.week <= last]
    return depth(weeks, sum(week.eligible for week in weeks)) in (REGULAR, FLUENT)


async def _swinging(
    view: View, scope: Scope, there: Sequence[Member], last: str, whole: list[WeekSum]
) -> list[tuple[str, str]]:
    """What swings in cohorts of at least five people, all of whom began six weeks ago or earlier.
    whole: the weeks of all people of the scope."""
    groups: dict[str, list[int]] = defaultdict(list)
    for member in there:
        if member.start_month and f"{member.start_month}-31" <= later(last, -SETTLED):
            groups[member.start_month].append(member.person)
    found: list[tuple[str, str]] = []
    for month, people in sorted(groups.items()):
        if len(people) >= COHORT:
            by_week = whole
            if set(people) != set(scope.people):
                cohort = scope.among(people)
                by_week = await ask_weekly(view, cohort, week_sums(cohort))
            found += swings(by_week, month)
    return found


def _bars(weeks: Weeks, totals: Sequence[int], active: Sequence[set[int]]) -> charts.Chart:
    return charts.bars(
        "Sessions by week; the table below has the figures",
        [
            charts.Bar(n, f"Week of {spoken(day)}: {plural(n, 'session')} of "
                       f"{plural(len(people), 'person', 'people')}")
            for day, n, people in zip(weeks.mondays, totals, active, strict=True)
        ],
        ends=(spoken(weeks.first), f"week of {spoken(weeks.last)}"),
        width=380,
    )  # fmt: skip


def _spark(
    title: str, name: str, by_week: Sequence[WeekSum], weeks: Weeks
) -> tuple[charts.Chart, str]:
    """The people who used a practice, of those who could, by week; and the last week in words."""
    held: Mapping[str, WeekSum] = {each.week: each for each in by_week if each.practice == name}
    none = WeekSum("", name, 0, 0, 0, 0)
    each = [held.get(day, none) for day in weeks.mondays]
    values = [week.using / week.people if week.people else 0 for week in each]
    said = f"{each[-1].using} of {each[-1].people}" if each[-1].people else "n/a"
    return charts.spark(f"{title}, {weeks.many} weeks: last {said} people used it", values, 1), said


def _activity(weeks: Weeks, totals: Sequence[int], active: Sequence[set[int]]) -> Sheet:
    columns = (
        Column("week", "Week of"),
        Column("sessions", "Sessions", right=True),
        Column("people", "Active people", right=True),
    )
    rows = [
        [Shown(day, spoken(day)), Shown(n, number(n)), Shown(len(people), number(len(people)))]
        for day, n, people in zip(weeks.mondays, totals, active, strict=True)
    ]
    return Sheet("activity", f"{weeks.said}, newest first.", columns, rows[::-1])


def _adoption(weeks: Weeks, by_week: Sequence[WeekSum], titles: Mapping[str, str]) -> Sheet:
    """People who used each practice, of those who could, by week."""
    held = {(each.week, each.practice): each for each in by_week}
    columns = [Column("week", "Week of"), *(Column(name, titles[name]) for name in ORDER)]
    rows = []
    for day in reversed(weeks.mondays):
        cells_ = [Shown(day, spoken(day))]
        for name in ORDER:
            each = held.get((day, name))
            cells_.append(
                Shown(f"{each.using} of {each.people}", f"{each.using} of {each.people}")
                if each is not None and each.people
                else Shown(None, "n/a", why="Not possible in any session of the week.")
            )
        rows.append(cells_)
    return Sheet("adoption", "People who used a practice in a week, of those who could.", columns,
                 rows)  # fmt: skip
