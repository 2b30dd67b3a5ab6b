"""Administration of people: accounts, invitations, tokens; and the broken glass."""

from __future__ import annotations

from starlette.responses import HTMLResponse, Response

from accrete.database import Database
from accrete.errors import AccreteError
from accrete.explorer.forms import Sent, form, seen_other
from accrete.explorer.page import Cell, Column, Page, Sheet
from accrete.explorer.response import PRIVATE
from accrete.explorer.templates import render
from accrete.explorer.view import MissingError, View
from accrete_team import companies, people, tokens
from accrete_team.access import Seat
from accrete_team.pages.admin import admin_seat, write
from accrete_team.rosters import roster
from accrete_team.web import TEMPLATES, team_viewer


async def show(view: View) -> Page:
    """Everybody, by name."""
    admin_seat(view)
    found = await view.ask(roster())
    teams = {each.id: each.name for each in found.teams}
    columns = (Column("name", "Name"), Column("email", "E-mail"), Column("job", "Job"),
               Column("since", "Since"), Column("teams", "Teams"),
               Column("state", "State"))  # fmt: skip
    rows = []
    for each in found.members:
        of = sorted({teams[place.team] for place in found.places
                     if place.person == each.person and place.until is None
                     and place.team in teams})  # fmt: skip
        state = ("left" if each.left_at else "administrator" if each.admin
                 else "signs in" if each.signs_in else "not signed in yet")  # fmt: skip
        rows.append([
            Cell(each.name, each.name, href=view.bare(f"/admin/people/{each.person}")),
            Cell(each.email, each.email or "—", why="" if each.email else "Not set."),
            Cell(each.job, each.job or "—"), Cell(each.start_month, each.start_month or "—"),
            Cell(", ".join(of), ", ".join(of) or "—"), Cell(state, state),
        ])  # fmt: skip
    return Page(
        title="People of the company", current="/admin", lead=[],
        sheets=[Sheet("people", "By name.", columns, rows, empty="Nobody yet.")],
    )  # fmt: skip


@form
async def add(sent: Sent) -> Response:
    """Adds a person."""
    fields, made = sent.fields, list[int]()

    def do(db: Database, seat: Seat) -> None:
        person = tokens.add_person(db, fields.get("name", ""))
        made.append(person)
        if fields.get("email"):
            people.set_account(db, person, actor=seat.person, now=seat.now, email=fields["email"])
        people.note(db, "added", people.member(db, person).name, seat.person, seat.now)

    await write(sent, do)
    return seen_other(sent.view.bare(f"/admin/people/{made[0]}"))


async def show_one(view: View) -> Page:
    """One person's account."""
    admin_seat(view)
    found = await view.ask(roster())
    person = int(view.params["id"])
    who = next((each for each in found.members if each.person == person), None)
    if who is None:
        raise MissingError("There is no such person in this company.")
    machines = await view.ask(tokens.machines(person))
    return Page(
        title=who.name, current="/admin",
        parts={"who": who, "machines": machines, "reason": companies.LEAST_REASON,
               "asked": view.query.get("ask") == "left"},
    )  # fmt: skip


@form
async def change(sent: Sent) -> Response:
    """Changes an account."""
    fields, person = sent.fields, int(sent.view.params["id"])
    await write(sent, lambda db, seat: people.set_account(
        db, person, actor=seat.person, now=seat.now, email=fields.get("email") or None,
        job=fields.get("job"), start_month=fields.get("start_month"),
        admin=fields.get("admin") == "1",
    ))  # fmt: skip
    return seen_other(sent.view.bare(f"/admin/people/{person}"))


@form
async def deed(sent: Sent) -> Response:
    """Invites, makes or ends a token, says that somebody left, breaks the glass."""
    person, what = int(sent.view.params["id"]), sent.view.params["deed"]
    viewer, shown = team_viewer(sent.view), dict[str, str]()
    company = viewer.company

    def do(db: Database, seat: Seat) -> None:
        if what == "invite":
            secret = people.invite(db, person, actor=seat.person, now=seat.now)
            address = f"{sent.request.url.scheme}://{sent.request.url.netloc}"
            shown["secret"] = f"{address}{viewer.base}/invitation/{secret}"
            shown["words"] = "Send this link to nobody else. It sets a password, once, for a week."
        elif what == "token":
            who = people.member(db, person)
            if who.left_at is not None:
                raise AccreteError(f"{who.name} has left the company.")
            label = sent.fields.get("label", "")
            shown["secret"] = tokens.make_token(db, company.slug, person, label, seat.now)
            shown["words"] = "It lets a machine of this person send what the person chose."
            people.note(db, "made a token", who.name, seat.person, seat.now)
        elif what == "revoke":
            tokens.revoke(db, sent.fields.get("device", ""), seat.now)
            people.note(db, "ended a token", people.member(db, person).name, seat.person, seat.now)
        elif what == "left":
            people.leave(db, person, actor=seat.person, now=seat.now)
        elif what == "glass":
            companies.break_glass(db, person, seat.person, sent.fields.get("why", ""), seat.now)
        else:
            raise AccreteError("There is no such form.")

    await write(sent, do)
    if not shown:
        return seen_other(sent.view.bare(f"/admin/people/{person}"))
    return _shown_once(sent, shown | {"back": sent.view.bare(f"/admin/people/{person}")})


def _shown_once(sent: Sent, shown: dict[str, str]) -> Response:
    page = Page(title="Shown this once", current="/admin", lead=[shown["words"]], parts=shown)
    html = render("shown_once.html", TEMPLATES, view=sent.view, page=page)
    return HTMLResponse(html, headers=PRIVATE)
