"""One practice in a team: who uses it, since when, by week, and what goes together with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from accrete.explorer import charts
from accrete.explorer.page import Cell as Shown
from accrete.explorer.page import Column, Figure, Page, Sheet
from accrete.explorer.ranges import spoken
from accrete.explorer.view import View
from accrete.insight.matrix import Cell, TeamCell, cells, is_new, middle_of, team_cells
from accrete.insight.within import FEWEST, Within, within
from accrete.practices import Practice
from accrete.practices.depth import ELIGIBLE
from accrete.present.formats import number, percent, plural
from accrete.queries.practices import person_weeks
from accrete.queries.practices_of_people import (
    Beside,
    Member,
    WeekSum,
    first_uses,
    members,
    outcomes_beside,
    person_shares,
    week_sums,
)
from accrete_team import benchmarks, clips
from accrete_team.experiments import points
from accrete_team.pages.clips import listed
from accrete_team.pages.drawn_cells import cell_shown
from accrete_team.pages.matrix import practice_of, refuse_orders, scope_of
from accrete_team.web import ask_weekly, seat_in, team_viewer
from accrete_team.weeks import Weeks, chosen, usual

COHORTS = 4
"""Start months that are shown; of more their years are."""


async def show(view: View) -> Page:
    """The practice of the address."""
    refuse_orders(view)
    usual(view)
    practice = practice_of(view.params["practice"])
    seat, weeks = seat_in(view), chosen(view)
    scope = scope_of(seat, weeks, view.query.get("team") or None)
    every = replace(scope, since=None, until=None)
    there = await view.ask(members(every, seat.now))
    middle = middle_of(weeks.first, weeks.last)
    counted = {member.person for member in there if not is_new(member, view.today)}
    shares = await ask_weekly(view, scope, person_shares(scope, middle, practice.name))
    cell = team_cells(shares, counted)[practice.name]
    by_week = await ask_weekly(view, scope, week_sums(scope, practice.name))
    rows = await ask_weekly(view, scope, person_weeks(scope, practice.name))
    found = cells(there, rows, middle=middle, today=view.today)
    first = await ask_weekly(view, every, first_uses(every, practice.name))
    days = replace(scope, until=weeks.until, automated=False)
    came = await ask_weekly(view, days, outcomes_beside(days, practice.name))
    teachers = await view.ask(benchmarks.offers(practice.name))
    examples = await view.ask(clips.shown(seat.last_day(), practice.name))
    return Page(
        title=practice.title,
        current="/matrix",
        lead=_lead(practice, cell),
        figures=_figures(cell, first, there),
        sheets=[_weeks(by_week, weeks)],
        parts={
            "practice": practice,
            "weeks": weeks,
            "back": view.link("/matrix"),
            "chart": _chart(practice, by_week, weeks),
            "cohorts": _cohorts(there, first, weeks),
            "people": _people(view, there, found, practice),
            "beside": said_of(together(came)),
            "teachers": teachers,
            "examples": listed(examples, team_viewer(view).base, seat),
            "experiment": view.bare("/experiments/new", practice=practice.name),
        },
    )


def _lead(practice: Practice, cell: TeamCell) -> list[str]:
    if not cell.people:
        return ["Too few sessions in which it was possible to say who uses it."]
    using = "Nobody" if not cell.using else f"{cell.using} of {cell.people} people"
    said = [
        f"{using} {'uses' if cell.using < 2 else 'use'} it in a quarter of their sessions or more."
    ]
    if cell.moved is None:
        said.append(
            "Its rules changed in these weeks, so no change is shown."
            if cell.mixed
            else f"A change is shown of {FEWEST} people or more with sessions in both halves."
        )
        return said
    low, high = (round(100 * end) for end in cell.moved.interval)
    ends = f"between {points(low)} and {points(high)}"
    way = {"rising": "It spreads", "falling": "It is used less", "": "No change was found"}
    moved = points(round(100 * cell.moved.mean))
    said.append(
        f"{way[cell.moved.way]}: {moved} within people in the second half of these weeks "
        f"({ends}; {cell.moved.people} people)."
    )
    return said


def _figures(cell: TeamCell, first: Mapping[int, str], there: Sequence[Member]) -> list[Figure]:
    return [
        Figure("people-using", "People who use it often", cell.using, number(cell.using),
               f"of {cell.people} with enough sessions"),
        Figure("people-tried", "Ever used it", len(first), number(len(first)),
               f"of {plural(len(there), 'person', 'people')}"),
        Figure("seen-in", "Seen in", cell.seen, number(cell.seen), "sessions"),
        Figure("possible-in", "Possible in", cell.eligible, number(cell.eligible), "sessions"),
        Figure("share-of-possible", "Share", cell.seen / cell.eligible if cell.eligible else None,
               percent(cell.seen, cell.eligible, 0) if cell.eligible else "n/a",
               "of sessions where possible"),
    ]  # fmt: skip


def _chart(practice: Practice, by_week: Sequence[WeekSum], weeks: Weeks) -> charts.Chart:
    held = {each.week: each for each in by_week}
    bars = []
    for day in weeks.mondays:
        each = held.get(day, WeekSum(day, practice.name, 0, 0, 0, 0))
        words = (
            f"{each.seen} of {plural(each.eligible, 'session')}, {each.using} of {each.people} "
            "people" if each.eligible else "not possible"
        )  # fmt: skip
        share = min(each.seen / each.eligible, 1) if each.eligible else 0
        bars.append(charts.Bar(share, f"Week of {spoken(day)}: {words}"))
    return charts.bars(
        f"{practice.title} by week: the share of the team's sessions in which it was seen; the "
        "table below has the figures",
        bars,
        ends=(f"week of {spoken(weeks.first)}", f"week of {spoken(weeks.last)}"),
        most=1,
    )


def _weeks(by_week: Sequence[WeekSum], weeks: Weeks) -> Sheet:
    columns = (
        Column("week", "Week of"),
        Column("using", "People who used it", right=True),
        Column("people", "People who could", right=True),
        Column("seen", "Seen in", right=True),
        Column("possible", "Possible in", right=True),
        Column("share", "Share", right=True),
    )
    rows = [
        [
            Shown(each.week, spoken(each.week)),
            Shown(each.using, number(each.using)),
            Shown(each.people, number(each.people)),
            Shown(each.seen, number(each.seen)),
            Shown(each.eligible, number(each.eligible)),
            Shown(each.seen / each.eligible, percent(each.seen, each.eligible, 0))
            if each.eligible
            else Shown(None, "n/a", why="Not possible in any session of the week."),
        ]
        for each in reversed(by_week)
    ]
    return Sheet("weeks", f"{weeks.said}, newest first. Sessions of all people together.", columns,
                 rows, empty="No sessions in these weeks.")  # fmt: skip


def _cohorts(
    there: Sequence[Member], first: Mapping[int, str], weeks: Weeks
) -> list[dict[str, object]]:
    """For each start month, how many of its people had used it by each week: a small bar each."""
    months = {member.start_month for member in there if member.start_month}
    kept = 7 if len(months) <= COHORTS else 4  # characters of 2026-03: months, of many years
    groups: dict[str, list[Member]] = defaultdict(list)
    for member in there:
        groups[member.start_month[:kept] or "Not given"].append(member)
    made = []
    for month in sorted(groups):
        people = groups[month]
        began = [first[member.person] for member in people if member.person in first]
        values = [sum(day <= monday for day in began) / len(people) for monday in weeks.mondays]
        now = sum(day <= weeks.last for day in began)
        name = (
            f"{month}: {now} of {plural(len(people), 'person', 'people')} used it by the last week"
        )
        made.append(
            {
                "month": month,
                "said": f"{now} of {len(people)}",
                "chart": charts.spark(name, values, 1),
            }
        )
    return made


def _people(
    view: View,
    there: Sequence[Member],
    found: Mapping[int, Mapping[str, Cell]],
    practice: Practice,
) -> list[dict[str, object]]:
    """People by name, each with their cell in words."""
    base = team_viewer(view).base
    made = []
    for member in there:
        cell = found[member.person][practice.name]
        made.append(
            {
                **cell_shown(cell)._asdict(),
                "name": member.name,
                "href": f"{base}/people/{member.person}/",
                "cell": view.link(f"/matrix/{practice.name}/{member.person}")
                if cell.word not in ("private", "new")
                else None,
            }
        )
    return made


def together(rows: Sequence[Beside]) -> Within | None:
    """By how much more often sessions with a practice shipped than those without it, within people
    who have at least 5 of each."""
    held: dict[int, dict[bool, Beside]] = defaultdict(dict)
    for row in rows:
        held[row.person][row.used] = row
    differences = [
        each[True].shipped / each[True].sessions - each[False].shipped / each[False].sessions
        for each in held.values()
        if len(each) == 2 and min(one.sessions for one in each.values()) >= ELIGIBLE
    ]
    return within(differences)


def said_of(found: Within | None) -> str:
    """The same as a sentence, with what it does not say."""
    if found is None:
        return (
            f"Too few to say: it takes {FEWEST} people who each edited something in {ELIGIBLE} "
            f"sessions with it and in {ELIGIBLE} without it."
        )
    low, high = (round(100 * end) for end in found.interval)
    ends = f"between {points(low)} and {points(high)}, {found.people} people"
    if not found.interval.excludes_zero:
        return (
            f"No difference found in how often sessions ship, with it and without it ({ends}). "
            "Harder work may call for it, and ship less often."
        )
    more = "more" if found.mean > 0 else "less"
    return (
        f"Sessions with it ship {more} often than the same people's without it ({ends}). The two "
        "go together; this does not say that one causes the other."
    )
