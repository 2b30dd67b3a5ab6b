"""The people of the teams that somebody leads, by name."""

from __future__ import annotations

from accrete.explorer.page import Cell, Column, Page, Sheet
from accrete.explorer.ranges import spoken
from accrete.explorer.view import MissingError, View
from accrete.present.formats import plural
from accrete.queries.others import last_days
from accrete_team import access
from accrete_team.pages.seen_pages import TIERS
from accrete_team.web import seat_in, team_viewer


async def show(view: View) -> Page:
    """A table for each team that is led; and whom an administrator looks at for a reason."""
    seat, base = seat_in(view), team_viewer(view).base
    if not (seat.leads or seat.opened or seat.admin):
        raise MissingError("You see your own work. People are seen by the leads of their teams.")
    days: dict[int, str] = {}
    if seat.led:
        found = await view.ask(last_days(access.led(seat)))
        days = {each.person: each.day for each in found}
    sheets = []
    for team in (each for each in seat.teams if each.role == "lead"):
        rows = [
            [
                Cell(each.name, each.name, href=f"{base}/people/{each.person}/"),
                Cell(each.tier, TIERS[max(1, min(each.tier, 3))]),
                Cell(days.get(each.person), spoken(days[each.person]))
                if each.person in days
                else Cell(None, "—", why="Nothing was shared yet."),
                Cell("paused" if each.paused else "", "paused" if each.paused else " "),
            ]
            for each in seat.led
            if each.team == team.id
        ]
        sheets.append(Sheet(f"team-{team.id}", "By name.", _COLUMNS, rows,
                            empty="Nobody is in this team yet."))  # fmt: skip
    people = {each.person for each in seat.led}
    said = [f"{plural(len(people), 'person', 'people')} in the teams that you lead."]
    if not seat.leads:
        said = ["Administrators see no single person's work. Sums over five people or more, and "
                "what the company's settings say, are all there is."]  # fmt: skip
    return Page(
        title="People", current="/people", lead=said, sheets=sheets,
        parts={
            "teams": [each.name for each in seat.teams if each.role == "lead"],
            "opened": [(f"{base}/people/{each.person}/", each) for each in seat.opened],
        },
    )  # fmt: skip


_COLUMNS = (
    Column("name", "Name"),
    Column("tier", "Shared"),
    Column("last_day", "Last at work"),
    Column("paused", "Paused"),
)
