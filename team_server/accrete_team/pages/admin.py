"""Administration: settings, the audit log, teams."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from starlette.responses import Response

from accrete.database import Database
from accrete.errors import AccreteError
from accrete.explorer.forms import Sent, form, seen_other
from accrete.explorer.page import Cell, Column, Page, Sheet
from accrete.explorer.view import MissingError, View
from accrete.present.formats import money
from accrete_team import budgets, companies, people
from accrete_team.access import SETTINGS, Seat, settings_at
from accrete_team.nightly import KEEP, LEAVERS, LEAVERS_DAYS, RETENTION, days, set_days
from accrete_team.people import Member, Place, TeamRow
from accrete_team.rosters import Roster, roster
from accrete_team.web import Site, seat_in, team_viewer

LINES = 200
KEPT = (
    (RETENTION[1], "Sessions shared at tier 1"), (RETENTION[2], "Sessions shared at tier 2"),
    (RETENTION[3], "Sessions shared at tier 3"), (LEAVERS, "What is held of people who left"),
)  # fmt: skip
"""For how many days what is kept."""
WORDS = {
    "cost_per_person": (
        "Cost, tokens, lines, commits and pull requests of single people",
        {"off": "sums over five people or more only", "on": "shown to their leads"},
    ),
    "people_csv": (
        "The matrix of practices as a file",
        {"off": "the row of the whole team only", "on": "rows of people, for their leads"},
    ),
}
"""Each setting: what it is about, and what its values mean."""


def admin_seat(view: View) -> Seat:
    """Who administers. Raises MissingError for everybody else."""
    seat = seat_in(view)
    if not seat.admin:
        raise MissingError("There is no such page for you. Administrators have it.")
    return seat


async def write(sent: Sent, do: Callable[[Database, Seat], object]) -> Seat:
    """Does something as an administrator."""
    seat = admin_seat(sent.view)
    site: Site = sent.request.app.state.site
    company = team_viewer(sent.view).company

    def together(db: Database) -> None:
        with db.transaction():
            do(db, seat)

    await site.write(company, together)
    return seat


def instant(at: int) -> str:
    """A moment, in UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%-d %b %Y, %H:%M UTC")


async def show(view: View) -> Page:
    """The settings, and the ways to the rest."""
    seat = admin_seat(view)
    known = await view.ask(companies.stated())
    now = settings_at([(each.name, each.since, each.value) for each in known
                       if each.since <= seat.now])  # fmt: skip
    later = {each.name: each for each in known if each.since > seat.now}
    names = await view.ask(budgets.project_names())
    return Page(
        title="Administration",
        current="/admin",
        lead=["A setting that changes what others see holds a day after you set it. Everybody is "
              "told at once."],
        parts={
            "settings": [
                {
                    "name": name, "words": WORDS[name][0], "value": now[name],
                    "values": [(each, WORDS[name][1][each]) for each in values],
                    "later": f"From {instant(later[name].since)} on: "
                             f"{WORDS[name][1][later[name].value]}." if name in later else "",
                }
                for name, values in SETTINGS.items()
            ],
            "budgets": _budgets(await view.ask(budgets.budgets()), names, seat.now),
            "kept": [(name, words, _days(known, name, seat.now)) for name, words in KEPT],
        },
    )  # fmt: skip


def _days(known: list[companies.Setting], name: str, now: int) -> str:
    """For how many days something is kept now; '' for ever."""
    values = [each.value for each in known if each.name == name and each.since <= now]
    found = values[-1] if values else str(LEAVERS_DAYS) if name == LEAVERS else KEEP
    return "" if found == KEEP else found


def _budgets(known: list[budgets.Budget], names: dict[str, str], now: int) -> dict[str, object]:
    """The budgets that hold, by name, the company's first; and what may have one."""
    held = budgets.at(known, now)
    places = [(budgets.COMPANY, "The company")]
    places += sorted(names.items(), key=lambda each: (each[1].casefold(), each[0]))
    named = dict(places)
    places += [(key, f"project {key[:6]}") for key in sorted(held) if key not in named]
    return {
        "places": places,
        "held": [
            {
                "name": name, "said": f"{money(held[key].nano)} a month",
                "set": f"since {instant(held[key].since)}, set by {held[key].by}",
            }
            for key, name in places if key in held
        ],
    }  # fmt: skip


@form
async def set_budget(sent: Sent) -> Response:
    """Sets a budget of the company or of a project; an empty one takes it back."""
    nano = budgets.read_dollars(sent.fields.get("dollars", ""))
    project = sent.fields.get("project", "")
    await write(sent, lambda db, seat: budgets.set_budget(
        db, nano, actor=seat.person, now=seat.now, project=project))  # fmt: skip
    return seen_other(sent.view.bare("/admin") + "#budgets")


@form
async def keep(sent: Sent) -> Response:
    """Sets for how long sessions are kept."""
    given = {name: sent.fields.get(name, "").strip() for name, _ in KEPT}
    for value in given.values():
        if value and not (value.isascii() and value.isdigit() and 0 < int(value) < 100_000):
            raise AccreteError(f"{value[:20]!r} is no number of days. Empty is for ever.")

    def do(db: Database, seat: Seat) -> None:
        for name, value in given.items():
            if days(db, name, seat.now, LEAVERS_DAYS if name == LEAVERS else None) != (
                wanted := int(value) if value else None
            ):
                set_days(db, name, wanted, seat.now)
                people.note(db, "set", f"{name.replace('_', ' ')}: {value or KEEP}",
                            seat.person, seat.now)  # fmt: skip

    await write(sent, do)
    return seen_other(sent.view.bare("/admin"))


@form
async def settings(sent: Sent) -> Response:
    """Sets one."""
    name, value = sent.fields.get("name", ""), sent.fields.get("value", "")
    await write(sent, lambda db, seat: companies.switch(
        db, name, value, actor=seat.person, now=seat.now))  # fmt: skip
    return seen_other(sent.view.bare("/admin"))


async def audit(view: View) -> Page:
    """The newest lines of the audit log."""
    admin_seat(view)
    found = await view.ask(companies.entries(LINES))
    columns = (Column("at", "When"), Column("actor", "Who"), Column("what", "Did"),
               Column("about", "About"))  # fmt: skip
    rows = [[Cell(text, text) for text in (instant(each.at), *each[1:])] for each in found]
    return Page(
        title="Audit log", current="/admin",
        lead=["What administrators and people did with accounts, teams, tokens and settings."],
        sheets=[Sheet("audit", f"The newest {LINES} at most.", columns, rows)],
    )  # fmt: skip


async def teams(view: View) -> Page:
    """Who is in which team, and who leads it."""
    seat = admin_seat(view)
    found = await view.ask(roster())
    return Page(
        title="Teams",
        current="/admin",
        lead=["Somebody who joins a team or leads it does so a day from now, and its members are "
              "told."],
        parts={
            "teams": [_team(found, team, seat.now) for team in found.teams],
            "asked": view.query.get("ask"),
            "people": [(each.person, each.name) for each in found.members if each.left_at is None],
        },
    )  # fmt: skip


def _team(found: Roster, team: TeamRow, now: int) -> dict[str, object]:
    names = {each.person: each for each in found.members}
    there = [each for each in found.places
             if each.team == team.id and (each.until is None or each.until > now)]  # fmt: skip
    return {
        "id": team.id, "name": team.name,
        "places": [
            {"person": each.person, "name": names[each.person].name, "role": each.role,
             "later": f"from {instant(each.since)} on" if each.since > now else ""}
            for each in sorted(there, key=lambda each: _order(names, each))
        ],
    }  # fmt: skip


def _order(names: dict[int, Member], place: Place) -> tuple[bool, str, int]:
    return place.role != "lead", names[place.person].name.casefold(), place.person


@form
async def change_teams(sent: Sent) -> Response:
    """Makes or dissolves a team, puts somebody in it or takes them out."""
    fields = sent.fields
    what, team = fields.get("what", ""), fields.get("team", "")
    person = fields.get("person", "")

    def do(db: Database, seat: Seat) -> None:
        who = {"actor": seat.person, "now": seat.now}
        if what == "make":
            people.make_team(db, fields.get("name", ""), **who)
        elif what == "dissolve":
            people.dissolve(db, team, **who)
        elif what in ("member", "lead", "out member", "out lead") and person.isdecimal():
            role = what.rpartition(" ")[2]
            change = people.take_out if what.startswith("out") else people.place
            change(db, int(person), team, role, **who)
        else:
            raise AccreteError("That form asks for nothing. Go back and choose.")

    await write(sent, do)
    return seen_other(sent.view.bare("/admin/teams"))
