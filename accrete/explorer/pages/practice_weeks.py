"""The weeks of a practice: as bars, as a line in a table, and as a table of their own."""

from __future__ import annotations

from datetime import date, timedelta

from accrete.explorer import charts
from accrete.explorer.page import Cell, Column, Sheet
from accrete.explorer.ranges import Range, spoken
from accrete.explorer.view import View
from accrete.practices import Practice
from accrete.practices.depth import Week, depth
from accrete.present.formats import number, percent
from accrete.queries.practices import PracticeRow

WEEKS = 12


def end_of(view: View) -> str:
    """The last local day of the range that has begun."""
    return min(view.range.until or view.today, view.today)


def last_weeks(view: View) -> Range:
    """The last twelve weeks up to the end of the range."""
    last = date.fromisoformat(end_of(view))
    first = last - timedelta(last.weekday() + 7 * (WEEKS - 1))
    return Range("days", first.isoformat(), last.isoformat())


def _mondays(chosen: Range) -> list[str]:
    first = date.fromisoformat(chosen.since or "")
    return [(first + timedelta(7 * at)).isoformat() for at in range(WEEKS)]


def spark(view: View, row: PracticeRow, weeks: list[Week]) -> charts.Chart:
    """The share of each of the last weeks, 0 to 1."""
    held = {week.week: week for week in weeks}
    shares = [
        held[day].seen / held[day].eligible if day in held and held[day].eligible else 0
        for day in _mondays(last_weeks(view))
    ]
    possible, seen = (sum(getattr(w, name) for w in weeks) for name in ("eligible", "seen"))
    return charts.spark(
        f"{row.title}, the last {WEEKS} weeks: "
        f"seen in {number(seen)} of {number(possible)} where possible",
        [min(share, 1) for share in shares],
        most=1,
    )


def bars(view: View, practice: Practice, weeks: list[Week]) -> charts.Chart:
    """The share of sessions in each of the last weeks; a bar opens those in which it was seen."""
    held = {week.week: week for week in weeks}
    mondays = _mondays(last_weeks(view))
    bars = []
    for day in mondays:
        week = held.get(day, Week(day, 0, 0, 0, 0))
        share = week.seen / week.eligible if week.eligible else 0.0
        words = (
            f"{number(week.seen)} of {number(week.eligible)}" if week.eligible else "not possible"
        )
        link = _of_week(view, "/sessions", day, practice=practice.name)
        bars.append(charts.Bar(min(share, 1), f"Week of {spoken(day)}: {words}", "b", link))
    return charts.bars(
        f"{practice.title} by week: the share of sessions in which it was seen; the table below "
        "has the figures",
        bars,
        ends=(f"week of {spoken(mondays[0])}", f"week of {spoken(mondays[-1])}"),
        most=1,
    )


def _of_week(view: View, path: str, week: str, **query: str) -> str:
    """The address of a page in the days of a week up to the end of the range."""
    last = (date.fromisoformat(week) + timedelta(6)).isoformat()
    return view.bare(path, since=week, until=min(last, end_of(view)), **view.kept_filters, **query)


def _counted(n: int, href: str) -> Cell:
    """A count that opens what it counts, where there is any."""
    return Cell(n, number(n), href=href if n else None)


def week_sheet(view: View, name: str, weeks: list[Week]) -> Sheet:
    """A row for each week, the newest first; every count opens what it counts."""
    columns = (
        Column("week", "Week of"),
        Column("seen", "Seen in", right=True, define="seen-in"),
        Column("possible", "Possible in", right=True, define="possible-in"),
        Column("share", "Share", right=True, define="share-of-possible"),
        Column("sightings", "Times", right=True, define="sightings"),
        Column("marked", "Done well", right=True, define="done-well"),
        Column("depth", "Habit by then", define="depth"),
    )
    rows = []
    for at in range(len(weeks), 0, -1):
        week = weeks[at - 1]
        moments = f"/practices/{name}"
        share = week.seen / week.eligible if week.eligible else None
        upto = weeks[:at]
        rows.append(
            [
                Cell(week.week, spoken(week.week), href=_of_week(view, "/sessions", week.week)),
                _counted(week.seen, _of_week(view, "/sessions", week.week, practice=name)),
                _counted(week.eligible, _of_week(view, "/sessions", week.week, possible=name)),
                Cell(share, percent(week.seen, week.eligible, 0))
                if share is not None
                else Cell(None, "n/a", why="Not possible in any session of the week."),
                _counted(week.sightings, _of_week(view, moments, week.week) + "#moments"),
                _counted(week.marked, _of_week(view, moments, week.week, done="well") + "#moments"),
                Cell(word := depth(upto, sum(each.eligible for each in upto)), word),
            ]
        )
    return Sheet(
        "weeks",
        f"The last {WEEKS} weeks, as far as there were sessions, newest first. Habit: by these "
        "weeks up to then.",
        columns,
        rows,
        empty="No sessions in the last twelve weeks of this range.",
    )
