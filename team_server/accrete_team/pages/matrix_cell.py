"""What is behind a cell of the matrix: the weeks of one person, and the last moments."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from accrete.explorer import charts
from accrete.explorer.page import Cell as Shown
from accrete.explorer.page import Column, Page, Sheet
from accrete.explorer.ranges import spoken
from accrete.explorer.response import page
from accrete.explorer.view import MissingError, View
from accrete.insight.matrix import (
    NEW,
    ORDER,
    PRIVATE,
    Cell,
    cells,
    middle_of,
)
from accrete.practices import Practice
from accrete.practices.depth import Week, depth
from accrete.present.formats import plural
from accrete.queries.practices import PersonWeekRow
from accrete.queries.practices_of_people import (
    members,
    moments,
)
from accrete_team import access, looks
from accrete_team.pages import person_amounts
from accrete_team.pages.matrix import practice_of, rows_of, scope_of
from accrete_team.web import Site, seat_in, team_viewer
from accrete_team.weeks import Weeks, chosen, usual

MOMENTS, LAST = 6, 12


async def show_cell(view: View) -> Page:
    """What is behind a cell: the weeks of one person, and the last moments."""
    usual(view)
    seat, weeks = seat_in(view), chosen(view)
    practice, person = practice_of(view.params["practice"]), int(view.params["person"])
    scope = scope_of(seat, weeks)
    if person not in scope.people:
        raise MissingError(access.UNSEEN)
    scope = scope.among({person})
    (member,) = await view.ask(members(replace(scope, since=None, until=None), seat.now))
    scope = replace(scope, project=view.query.get("project") or None)
    compared = view.query.get("compare") == "before"
    every, past = await rows_of(view, scope, {person}, weeks)
    cell = cells(
        [member], every, middle=middle_of(weeks.first, weeks.last), today=view.today,
        compared=past if compared else None,
    )[person][practice.name]  # fmt: skip
    if cell.word in (PRIVATE, NEW):
        raise MissingError(f"{member.name}: {cell.said}.")
    last = Weeks(max(weeks.first, _twelve(weeks)), weeks.last)
    rows = [each for each in every if each.practice == practice.name and each.week >= last.first]
    tier = next(each.tier for each in seat.led if each.person == person)
    days = replace(scope, until=weeks.until, automated=False)
    seen = await view.ask(moments(days, practice.name, limit=MOMENTS))
    paid, banner = await person_amounts.amounts(view, days)
    base = team_viewer(view).base
    where = f"{base}/people/{person}"
    return Page(
        title=f"{member.name}, {practice.title}",
        current="/matrix",
        lead=[f"{cell.said[:1].upper()}{cell.said[1:]}."],
        parts={
            "weeks": _weeks(rows, last),
            "amounts": paid,
            "banner": banner,
            "name": member.name,
            "person": person,
            "practice": practice,
            "chart": _chart(practice, rows, last),
            "moments": [
                {
                    "href": f"{where}/sessions/{each.session}"
                    + (f"#s-{each.uuid[:8]}" if tier > 1 else ""),
                    "day": spoken(each.day),
                    "said": _times(each.times, each.marked),
                }
                for each in seen
            ],
            "all": f"{where}/practices/{practice.name}?since={weeks.first}&until={weeks.until}",
            "next": _next(cell, practice, member.name),
            "back": view.link("/matrix"),
            "span": len(ORDER) + 1,
        },
    )


def _twelve(weeks: Weeks) -> str:
    return weeks.mondays[-LAST] if weeks.many > LAST else weeks.first


def _times(times: int, marked: int) -> str:
    said = plural(times, "time")
    return f"{said}, {marked} done well" if marked else said


def _next(cell: Cell, practice: Practice, name: str) -> str:
    """What would be next for this person: the practice's own advice."""
    if cell.word in ("regular", "fluent") and practice.marks:
        return f"Done well, as {name} reads it: “{'; '.join(practice.marks.values())}”."
    return practice.try_next


def _chart(practice: Practice, rows: Sequence[PersonWeekRow], weeks: Weeks) -> charts.Chart:
    held = {row.week: row for row in rows}
    bars = []
    for day in weeks.mondays:
        row = held.get(day)
        possible = row is not None and row.eligible > 0
        share = min(row.seen / row.eligible, 1) if row is not None and possible else 0
        words = f"{row.seen} of {row.eligible}" if row is not None and possible else "not possible"
        bars.append(charts.Bar(share, f"Week of {spoken(day)}: {words}"))
    return charts.bars(
        f"{practice.title} by week: the share of sessions in which it was seen; the table below "
        "has the figures",
        bars,
        ends=(spoken(weeks.first), f"week of {spoken(weeks.last)}"),
        most=1,
        width=420,
    )


def _weeks(rows: Sequence[PersonWeekRow], weeks: Weeks) -> Sheet:
    columns = (
        Column("week", "Week of"),
        Column("seen", "Seen in", right=True),
        Column("possible", "Possible in", right=True),
        Column("depth", "Habit by then"),
    )
    made = []
    for at in range(len(rows), 0, -1):
        row = rows[at - 1]
        upto = [Week(each.week, *each[3:7]) for each in rows[:at]]
        word = depth(upto, sum(week.eligible for week in upto))
        made.append(
            [
                Shown(row.week, spoken(row.week)),
                Shown(row.seen, str(row.seen)),
                Shown(row.eligible, str(row.eligible)),
                Shown(word, word),
            ]
        )
    return Sheet("weeks", f"{weeks.said}, newest first.", columns, made,
                 empty="No sessions in these weeks.")  # fmt: skip


def cell_endpoint() -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of a cell: that somebody looked is written down before it is sent."""
    made = page(show_cell, "matrix_cell.html")

    async def endpoint(request: Request) -> Response:
        answer = await made(request)
        viewer = request.scope["accrete.viewer"]
        if answer.status_code == 200:
            site: Site = request.app.state.site
            person, seat = int(request.path_params["person"]), viewer.seat
            await site.write(
                viewer.company,
                lambda db: looks.look(db, person, seat.person, "profile", seat.now),
            )
        return answer

    return endpoint
