"""The first page: how it goes, what came of it, and one thing to try."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from accrete.database.question import Together
from accrete.explorer import charts
from accrete.explorer.day_bars import Day, cost_by_day
from accrete.explorer.listings import chosen_by, known, money_cell, of_project, session_sheet
from accrete.explorer.page import Cell, Column, Figure, Page, Sheet
from accrete.explorer.ranges import Range, spoken
from accrete.explorer.view import View
from accrete.practices import named
from accrete.practices.depth import NOT_SEEN, TOO_FEW
from accrete.present.formats import least, number, percent, plural, span
from accrete.present.leads import Share, of_overview
from accrete.queries.costs import CostRow, cost
from accrete.queries.overview import (
    DayRow,
    ProjectRow,
    Results,
    Side,
    by_project,
    days,
    prompt_hours,
    results,
    sides,
    tools,
)
from accrete.queries.practices import PracticeRow, practice_days
from accrete.queries.scope import spanning
from accrete.queries.sessions import sessions

LAST, NAMES = 8, 6
HALF_YEAR = 26
NARROW, WIDE = 620, 1190
"""Widths of the chart of days: beside the tip, and alone."""


async def show(view: View) -> Page:
    """The overview of the range."""
    earlier = view.range.before()
    ranges = [view.scope, *([view.within(earlier)] if earlier else [])]
    asked = Together()  # one errand for the database's thread
    of_sides = [asked.add(sides(each)) for each in ranges]
    of_days = [asked.add(days(each)) for each in ranges]
    of_results = [asked.add(results(each)) for each in ranges]
    of_practices = asked.add(practice_days(spanning(ranges), timed=False))
    of_models, of_tools = asked.add(cost(view.scope, "model")), asked.add(tools(view.scope))
    of_projects = asked.add(by_project(view.scope))
    of_last = asked.add(sessions(view.scope, limit=LAST))
    of_half_year = asked.add(days(view.within(_half_year(view.today))))
    of_hours = asked.add(prompt_hours(view.scope)) if view.viewer.own else None
    rows = await view.ask(asked.rows)
    side, *was = (_about(made(rows)) for made in of_sides)
    this, *days_before = (made(rows) for made in of_days)
    came, *came_before = (made(rows) for made in of_results)
    read, last = of_practices(rows), of_last(rows)
    habits, *habits_before = (read.within(each.since, each.until) for each in ranges)
    tip = _tip(habits)
    wide = WIDE if tip is None else NARROW
    return Page(
        title=view.range.label,
        current="/",
        lead=of_overview(
            sessions=side.sessions,
            active_ms=side.active_ms,
            shipped=came.shipped,
            edited=came.edited,
            now=_shares(habits),
            before=_shares(next(iter(habits_before), [])),
            titles={row.name: row.title for row in habits},
        ),
        figures=_figures(view, side, came, next(iter(was), None), next(iter(came_before), None)),
        sheets=[
            _days(view, this),
            session_sheet(
                view, last, caption=f"The last {len(last)}, newest first.", empty="Nothing to list."
            ),
            _models(view, of_models(rows)),
            _tools(view, of_tools(rows)),
            _projects(view, of_projects(rows)),
        ],
        live=True,
        parts={
            "cost_by_day": cost_by_day(
                view, _held(this), _held(next(iter(days_before), [])), earlier, width=wide
            ),
            "calendar": _calendar(view, of_half_year(rows)),
            "hours": _hours(of_hours(rows)) if of_hours is not None else None,
            "practices": [_practice(row) for row in habits],
            "tip": tip,
        },
    )


def _about(found: tuple[Side, Side]) -> Side:
    """All that the scope selects: people's own sessions, automated ones, or both."""
    human, automated = found
    return Side(*(a + b for a, b in zip(human, automated, strict=True)))


def _shares(rows: list[PracticeRow]) -> dict[str, Share]:
    return {row.name: Share(row.seen, row.eligible) for row in rows if row.eligible}


def _figures(
    view: View, side: Side, came: Results, was: Side | None, had: Results | None
) -> list[Figure]:
    cost = side.cost_own_nano + side.cost_delegated_nano
    cost_was = was.cost_own_nano + was.cost_delegated_nano if was else 0
    before = least(cost_was, was.unpriced, was.lower_bound) if was else ""
    lines = f"+{number(came.lines_added)} −{number(came.lines_removed)} lines edited"
    priced = [plural(side.unpriced, "response") + " without a price"] if side.unpriced else []
    said = [*priced, f"{before} before" if was else ""]
    return [
        Figure(
            "sessions",
            "Sessions",
            side.sessions,
            number(side.sessions),
            f"{number(was.sessions)} before" if was else "",
            view.sessions(),
        ),
        Figure(
            "active-time",
            "Active time",
            side.active_ms,
            span(side.active_ms),
            f"{span(was.active_ms)} before" if was else "",
            view.sessions(sort="active"),
        ),
        Figure(
            "shipped",
            "Shipped",
            came.shipped if came.edited else None,
            f"{number(came.shipped)} of {number(came.edited)}" if came.edited else "n/a",
            f"{number(had.shipped)} of {number(had.edited)} before"
            if had and had.edited
            else "of sessions with edits",
            view.sessions(outcome="shipped", made="edits"),
        ),
        Figure(
            "commits",
            "Commits",
            came.commits,
            number(came.commits),
            lines if came.lines_added is not None else "",
            view.sessions(made="commits"),
        ),
        Figure(
            "cost",
            "Cost, API-equivalent" if view.viewer.api_equivalent else "Cost",
            known(cost, side.unpriced),
            least(cost, side.unpriced, side.lower_bound),
            "; ".join(each for each in said if each),
            view.link("/costs"),
        ),
    ]


def _held(days: list[DayRow]) -> dict[str, Day]:
    return {
        row.day: Day(row.cost_nano, row.unpriced, row.lower_bound, row.active_ms) for row in days
    }


def _half_year(today: str) -> Range:
    last = date.fromisoformat(today)
    first = last - timedelta(last.weekday() + 7 * (HALF_YEAR - 1))
    return Range("days", first.isoformat(), today)


def _calendar(view: View, days: list[DayRow]) -> charts.Chart:
    given = {
        row.day: (
            float(row.active_ms),
            f"{span(row.active_ms)}, {plural(row.sessions, 'session')}, "
            f"{money_cell(row.cost_nano, row.unpriced, row.lower_bound).text}",
        )
        for row in days
        if row.day
    }
    return charts.calendar("Active time by day, half a year", given, view.today, HALF_YEAR)


def _hours(counts: list[int]) -> charts.Chart | None:
    if not any(counts):
        return None
    return charts.hours(
        "Prompts by weekday and hour",
        [float(n) for n in counts],
        [plural(n, "prompt") for n in counts],
    )


def _practice(row: PracticeRow) -> dict[str, str]:
    words = row.depth if row.depth in (TOO_FEW, NOT_SEEN) else f"{row.depth}, {_seen(row)}"
    return {
        "name": row.name,
        "title": row.title,
        "glyph": row.depth.replace(" ", "-"),
        "words": words,
    }


def _seen(row: PracticeRow) -> str:
    return f"{percent(row.seen, row.eligible, 0)} of {plural(row.eligible, 'session')}"


class Tip(NamedTuple):
    """A practice to try. seen: how often it was; words: what to say; why, source: as Practice."""

    name: str
    title: str
    seen: str
    words: str
    why: str
    source: str


def _tip(rows: list[PracticeRow]) -> Tip | None:
    """The practice that was possible most often beyond what was seen of it."""
    able = [row for row in rows if row.depth != TOO_FEW and row.eligible > row.seen]
    if not able:
        return None
    row = max(able, key=lambda each: (each.eligible - each.seen, each.name))
    practice = named(row.name)
    if practice is None:
        return None
    of = plural(row.eligible, "session")
    seen = f"{row.title}: seen in {number(row.seen)} of {of} where possible."
    return Tip(row.name, row.title, seen, practice.try_next, practice.why, practice.source)


def _days(view: View, rows_of: list[DayRow]) -> Sheet:
    columns = (
        Column("day", "Day"),
        Column("sessions", "Sessions", right=True, define="sessions"),
        Column("prompts", "Prompts", right=True, define="prompts"),
        Column("active_ms", "Active", right=True, unit="ms", define="active-time"),
        Column("cost_nano", "Cost", right=True, unit="nano-dollars", define="cost"),
    )
    rows = [
        [
            Cell(
                row.day or None,
                spoken(row.day) if row.day else "—",
                href=view.sessions_of(row.day, row.day) if row.day else None,
                why="" if row.day else "Its lines have no time.",
            ),
            Cell(row.sessions, number(row.sessions)),
            Cell(row.all_prompts, number(row.all_prompts)),
            Cell(row.active_ms, span(row.active_ms)),
            money_cell(row.cost_nano, row.unpriced, row.lower_bound),
        ]
        for row in reversed(rows_of)
    ]
    return Sheet("days", "Days on which something happened, newest first.", columns, rows)


def _models(view: View, found: list[CostRow]) -> Sheet:
    columns = (
        Column("model", "Model"),
        Column("sessions", "Sessions", right=True, define="sessions"),
        Column("cost_nano", "Cost", right=True, unit="nano-dollars", define="cost"),
    )
    rows = []
    for row in found[:NAMES]:
        used = chosen_by("model", row)
        cost = money_cell(row.cost_nano, row.unpriced, row.lower_bound)
        rows.append(
            [
                Cell(row.key or None, row.label, href=view.sessions(**used)),
                Cell(row.sessions, number(row.sessions)),
                replace(cost, href=view.responses(**used)) if cost.value is not None else cost,
            ]
        )
    return Sheet("models", "The most expensive first.", columns, rows)


def _tools(view: View, found: list[tuple[str, int, int]]) -> Sheet:
    columns = (
        Column("tool", "Tool"),
        Column("calls", "Calls", right=True, define="tool-calls"),
        Column("errors", "Failed", right=True, define="tool-errors"),
    )
    rows = [
        [
            Cell(tool, tool, href=view.sessions(tool=tool)),
            Cell(calls, number(calls)),
            Cell(errors, number(errors), href=view.sessions(failed=tool) if errors else None),
        ]
        for tool, calls, errors in found[:NAMES]
    ]
    return Sheet("tools", "The most used first.", columns, rows)


def _projects(view: View, found: list[ProjectRow]) -> Sheet:
    columns = (
        Column("project", "Project"),
        Column("sessions", "Sessions", right=True, define="sessions"),
        Column("active_ms", "Active", right=True, unit="ms", define="active-time"),
        Column("cost_nano", "Cost", right=True, unit="nano-dollars", define="cost"),
    )
    rows = [
        [
            Cell(row.name, row.name, href=view.link(f"/projects/{row.id}") if row.id else None),
            Cell(row.sessions, number(row.sessions), href=of_project(view, row.id)),
            Cell(row.active_ms, span(row.active_ms)),
            money_cell(row.cost_nano, row.unpriced, row.lower_bound),
        ]
        for row in found[:NAMES]
    ]
    return Sheet("projects", "The last used first.", columns, rows)
