"""What a person shares, who sees it, who looked, and how to stop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from accrete.clock import LocalTime
from accrete.errors import AccreteError
from accrete.explorer.forms import Sent, form, seen_other
from accrete.explorer.page import Cell, Column, Figure, Page, Sheet
from accrete.explorer.ranges import spoken
from accrete.explorer.response import PRIVATE
from accrete.explorer.view import View
from accrete.present.formats import number, plural
from accrete.present.formats import size as spoken_size
from accrete.queries.sessions import sessions_count
from accrete_team import access, clips, held, lowering, mine, people, signin
from accrete_team.announced import Announced, announced
from accrete_team.looks import LookRow, looks
from accrete_team.pages import clips as examples
from accrete_team.pages.seen_pages import TIERS
from accrete_team.tenants import open_company
from accrete_team.tokens import Who
from accrete_team.web import Site, TeamViewer, seat_in, team_viewer

LOOKS = 50
SAID = {
    "cost_per_person": {
        "on": "Leads see cost, tokens, lines and commits of single people",
        "off": "Leads see cost, tokens, lines and commits of five people or more only",
    },
    "people_csv": {
        "on": "Leads can save the practices of single people as a file",
        "off": "Leads can save the practices of the whole team as a file only",
    },
}
"""What a switched setting means."""


async def show(view: View) -> Page:
    """Everything about one's own sharing."""
    seat, viewer = seat_in(view), team_viewer(view)
    local = LocalTime(seat.zone)
    found = await view.ask(held.holding(seat.person))
    told = await view.ask(announced(seat.person, seat.now))
    looked = await view.ask(looks(seat.person, LOOKS))
    shown = await view.ask(clips.of_person(seat.person))
    tier = max(found.tiers, default=1)
    next_day = (date.fromisoformat(seat.last_day()) + timedelta(1)).isoformat()
    waiting = await view.ask(sessions_count(replace(access.own(seat), since=next_day)))
    lowered = await view.ask(held.chosen(seat.person, "tier"))
    cleared = await view.ask(held.chosen(seat.person, "cleared"))
    said = [
        f"The company holds {plural(found.sessions, 'session')} of yours: {TIERS[tier]}."
        if found.sessions else "The company holds nothing of yours.",
        _who(told, seat.settings),
    ]  # fmt: skip
    if seat.paused:
        said.append("You paused: nothing new is taken from your machines.")
    days = f"{spoken(found.first_day)} to {spoken(found.last_day)}" if (
        found.first_day and found.last_day) else "—"  # fmt: skip
    return Page(
        title="Sharing",
        current="/sharing",
        lead=said,
        figures=[
            Figure("sessions", "Sessions held", found.sessions, number(found.sessions),
                   href=f"{viewer.base}/me/sessions?range=all"),
            Figure("rows-held", "Rows held", found.rows, number(found.rows)),
            Figure("bytes-held", "Bytes held", found.size, _size(found.size, found.rows),
                   _unsized(found)),
            Figure("not-shown-yet", "Not shown to others yet", waiting, number(waiting),
                   f"since {spoken(next_day)}", f"{viewer.base}/me/sessions?since={next_day}"),
        ],
        sheets=[
            _looks(looked, local, viewer.base, seat.person),
            _projects(found, viewer.base),
            _newest(found, local),
        ],
        parts={
            "days": days,
            "tiers": [(number(n), TIERS[each]) for each, n in sorted(found.tiers.items())],
            "machines": found.machines,
            "examples": examples.listed(shown, viewer.base, seat),
            "leads": told.leads,
            "announced": list(_announcements(told, local, seat.now)),
            "paused": seat.paused,
            "receipts": [_receipt(each, local) for each in (lowered, cleared)
                         if each is not None and (each.where == "" or each.what == "cleared")],
            "lower": [(str(n), TIERS[n]) for n in range(tier - 1, 0, -1)],
            "tier": tier,
            "zone": seat.zone,
            "mine": f"{viewer.base}/people/{seat.person}/",
            "email": seat.email,
        },
    )  # fmt: skip


def _size(size: int, rows: int) -> str:
    """The bytes of rows; "—" where none of theirs were counted when they came."""
    return spoken_size(size) if size or not rows else "—"


def _unsized(found: held.Holding) -> str:
    """What the bytes are, and what is not in them."""
    if not found.unsized:
        return "of the rows as they came, not compressed"
    return f"without {plural(found.unsized, 'session')} that came before bytes were counted"


def _receipt(chosen: held.Chosen, local: LocalTime) -> str:
    """What was deleted when, and when its bytes are gone."""
    shown = "%-d %b %Y, %H:%M"
    when = local.text(chosen.at, shown)
    said = [
        f"On {when} you lowered your tier to {chosen.amount} here: what no longer fits was deleted."
        if chosen.what == "tier" else f"On {when} you deleted everything that you had shared."
    ]  # fmt: skip
    gone = chosen.gone_before is not None and chosen.gone_before >= chosen.at
    said.append(
        "Its bytes have left the server's disk." if gone else
        f"Its bytes leave the server's disk by {local.text(chosen.at + mine.NIGHT_MS, shown)}."
    )  # fmt: skip
    said.append("Backups that were made before keep it until they are replaced.")
    if chosen.what == "tier":
        names = ", ".join(each or "no name" for each in chosen.unheard)
        said.append(
            f"Not heard of it yet: {names}. Until then nothing above tier {chosen.amount} is taken "
            "from there." if names else "All your machines that sync have heard of it."
        )  # fmt: skip
    return " ".join(said)


def _who(told: Announced, settings: object) -> str:
    if not told.leads:
        return "Nobody but you sees your sessions."
    names = sorted({name for _, name in told.leads})
    listed = ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]
    return f"{listed} {'see' if len(names) > 1 else 'sees'} your sessions, a day after they ended."


def _announcements(told: Announced, local: LocalTime, now: int) -> Iterator[str]:
    """What is told, as sentences with a day."""
    for glass in told.glasses:
        when = "may look until" if glass.until > now else "could look until"
        yield (f"{glass.admin} {when} {local.text(glass.until, '%-d %b %Y, %H:%M')}, for this "
               f"reason: {glass.why}")  # fmt: skip
    for switch in told.switches:
        meant = SAID.get(switch.name, {}).get(switch.value)
        if meant:
            yield f"From {local.text(switch.since, '%-d %b %Y, %H:%M')} on: {meant}."
    for change in told.changes:
        what = "leads" if change.role == "lead" else "is in"
        yield (f"{change.name} {what} {change.team} from "
               f"{local.text(change.since, '%-d %b %Y, %H:%M')} on.")  # fmt: skip


def _looks(found: list[LookRow], local: LocalTime, base: str, me: int) -> Sheet:
    columns = (Column("at", "When", unit="UTC ms"), Column("viewer", "Who"),
               Column("what", "What"), Column("why", "Why"))  # fmt: skip
    rows = [
        [
            Cell(each.at, local.text(each.at, "%-d %b %Y, %H:%M")),
            Cell(each.viewer, each.viewer),
            Cell(each.what, each.what,
                 href=f"{base}/people/{me}/sessions/{each.session}" if each.session else None),
            Cell(each.why, each.why or " "),
        ]
        for each in found
    ]  # fmt: skip
    return Sheet("looks", f"The newest {LOOKS} at most, the last first.", columns, rows,
                 empty="Nobody looked at your sessions.")  # fmt: skip


def _projects(found: held.Holding, base: str) -> Sheet:
    columns = (Column("project", "Project"), Column("sessions", "Sessions", right=True),
               Column("rows", "Rows", right=True),
               Column("bytes", "Bytes", right=True, unit="bytes"),
               Column("tier", "Tier", right=True))  # fmt: skip
    rows = [
        [Cell(each.id, each.name or ("(no name)" if each.id else "(no project)"),
              href=f"{base}/me/projects/{each.id}?range=all" if each.id else None),
         Cell(each.sessions, number(each.sessions)), Cell(each.rows, number(each.rows)),
         Cell(each.size, _size(each.size, each.rows)), Cell(each.tier, str(each.tier))]
        for each in found.projects
    ]  # fmt: skip
    return Sheet("projects", "What is held of each project. Those that the company did not list "
                 "come without their name; only your sessions tell you which they are.", columns,
                 rows, empty="Nothing was sent yet.")  # fmt: skip


def _newest(found: held.Holding, local: LocalTime) -> Sheet:
    columns = (Column("at", "When", unit="UTC ms"), Column("session", "Session"),
               Column("table", "Table"), Column("rows", "Rows", right=True),
               Column("bytes", "Bytes", right=True, unit="bytes"),
               Column("tier", "Tier", right=True))  # fmt: skip
    rows = [
        [Cell(each.at, local.text(each.at, "%-d %b %Y, %H:%M")),
         Cell(each.session, each.session[:8]), Cell(each.table, each.table),
         Cell(each.rows, number(each.rows)), Cell(each.size, _size(each.size, each.rows)),
         Cell(each.tier, str(each.tier))]
        for each in found.newest
    ]  # fmt: skip
    return Sheet("newest", "What your machines sent last.", columns, rows,
                 empty="Nothing was sent yet.")  # fmt: skip


async def ask(view: View) -> Page:
    """The page before everything is deleted."""
    found = await view.ask(held.holding(seat_in(view).person))
    return Page(
        title="Delete what you shared",
        current="/sharing",
        lead=[f"{plural(found.sessions, 'session')} of yours will be deleted here at once. Your "
              "own record stays as it is."],
        parts={"sessions": found.sessions},
    )  # fmt: skip


def _of(sent: Sent) -> tuple[Site, TeamViewer]:
    site: Site = sent.request.app.state.site
    return site, team_viewer(sent.view)


@form
async def delete(sent: Sent) -> Response:
    """Deletes everything of one's own."""
    site, viewer = _of(sent)
    seat, company = seat_in(sent.view), viewer.company
    who = Who(seat.person, "")
    await site.write(company, lambda db: mine.delete_everything(db, who, seat.now))
    return seen_other(sent.view.bare("/sharing"))


@form
async def lower(sent: Sent) -> Response:
    """Keeps no more than a lower tier has."""
    site, viewer = _of(sent)
    seat, company = seat_in(sent.view), viewer.company
    given = sent.fields.get("tier", "")
    if given not in ("1", "2", "3"):
        raise AccreteError("There are tiers 1, 2 and 3. Choose one of them.")
    await site.write(company, lambda db: lowering.lower(db, seat.person, int(given), seat.now))
    return seen_other(sent.view.bare("/sharing"))


@form
async def pause(sent: Sent) -> Response:
    """Pauses, or goes on."""
    site, viewer = _of(sent)
    seat, company = seat_in(sent.view), viewer.company
    on = sent.fields.get("on") == "1"
    await site.write(company, lambda db: people.pause(db, seat.person, on, seat.now))
    return seen_other(sent.view.bare("/sharing"))


@form
async def zone(sent: Sent) -> Response:
    """Sets the zone of one's own pages."""
    site, viewer = _of(sent)
    seat, company = seat_in(sent.view), viewer.company
    given = sent.fields.get("zone", "")
    await site.write(
        company,
        lambda db: people.set_account(db, seat.person, actor=seat.person, now=seat.now, zone=given),
    )
    return seen_other(sent.view.bare("/sharing"))


@form
async def sign_out(sent: Sent) -> Response:
    """Ends this sign-in, or all of them."""
    site, viewer = _of(sent)
    seat, company = seat_in(sent.view), viewer.company
    if sent.fields.get("where") == "everywhere":
        await site.write(company, lambda db: people.end_sign_ins(db, seat.person, seat.now))
    else:
        await site.write(company, lambda db: signin.sign_out(db, seat.key, seat.now))
    answer = RedirectResponse(f"{viewer.base}/sign-in", 303, headers=PRIVATE)
    answer.delete_cookie(signin.cookie_name(company.slug), path=viewer.base)
    return answer


async def export(request: Request) -> Response:
    """All that is held of oneself, as a file."""
    viewer: TeamViewer = request.scope["accrete.viewer"]
    seat, company = viewer.seat, viewer.company
    if request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise AccreteError("Another site asked for this.")

    def make() -> IO[bytes]:
        db = open_company(company)
        try:
            return held.as_file(db, seat.person)
        finally:
            db.close()

    file = await run_in_threadpool(make)
    headers = {**PRIVATE, "Content-Disposition": 'attachment; filename="accrete-shared.zip"'}
    return StreamingResponse(_pieces(file), media_type="application/zip", headers=headers)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(1 << 16):
            yield piece
