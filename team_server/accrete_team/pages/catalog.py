"""The catalog: a card for each project of five people or more. What it says of people whose
sessions the reader may open cites these; all others are counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from starlette.responses import Response

from accrete.errors import AccreteError
from accrete.explorer.forms import Sent, form, seen_other
from accrete.explorer.page import Cell, Column, Page, Sheet
from accrete.explorer.ranges import spoken
from accrete.explorer.view import MissingError, View
from accrete.insight.catalog import TOLD, Card, Listed, Said, card, listed
from accrete.insight.four_weeks import whole_blocks
from accrete.insight.sums import FEWEST
from accrete.present.formats import plural
from accrete.queries.catalog import Worked, digests, worked
from accrete.queries.scope import Scope
from accrete_team import access
from accrete_team.access import Seat
from accrete_team.catalog import hidden, hide
from accrete_team.pages.matrix import nth_page, refuse_orders
from accrete_team.pages.noted import noted
from accrete_team.rosters import roster
from accrete_team.web import Site, ask_weekly, seat_in, team_viewer
from accrete_team.weeks import Weeks, last_whole, later

PAGE = 6
"""Cards a page."""
WEEKS = 12
ONLY = "The catalog is for leads and administrators. Your own projects are under My work."
ABOUT = {
    "theme": "What it was about", "category": "What was done", "kind": "Kinds of files",
    "practice": "Practices seen", "file": "Files worked on most",
}  # fmt: skip
"""The parts of a card, in their order."""


class Source(NamedTuple):
    """A session that sentences of a card rest on. nth: its number there; name: whose; day: in
    words."""

    nth: int
    href: str
    name: str
    day: str


class Sentence(NamedTuple):
    """A sentence of a card, what is said of it, and the sessions that it rests on."""

    words: str
    note: str
    cites: list[Source]


class About(NamedTuple):
    """The sentences of a card about one thing, a key of ABOUT."""

    heading: str
    about: str
    some: list[Sentence]


class Drawn(NamedTuple):
    """What the template draws of a card. project: its id; who, others: sentences on people; by: who
    made it and of what."""

    project: str
    name: str
    who: str
    by: str
    parts: list[About]
    others: str
    sources: list[Source]


class Spans(NamedTuple):
    """What the cards are about. near: the last weeks of those whose sessions the reader may open;
    far: whole blocks for all others, since weeks of one's own choice would tell people apart."""

    near: Weeks
    far: Weeks


def spans(last_day: str) -> Spans:
    """The weeks of the cards by the last day that is shown."""
    last = last_whole(last_day)
    blocks = whole_blocks(last, WEEKS)
    return Spans(Weeks(later(last, 1 - WEEKS), last), Weeks(blocks[0], later(blocks[-1], 3)))


async def show(view: View) -> Page:
    """The cards by the names of their projects."""
    refuse_orders(view)
    seat, over = seat_in(view), spans(view.today)
    found = await cards_for(view, seat, over)
    put_away = await view.ask(hidden())
    shown = [each for each in found if each.project not in put_away]
    nth = nth_page(view.query.get("page"))
    names = {each.person: each.name for each in seat.led}
    made = [
        await _card(view, seat, each, over.near) for each in shown[nth * PAGE : (nth + 1) * PAGE]
    ]
    _cite(view, made)
    return Page(
        title="Catalog",
        current="/catalog",
        lead=_lead(shown, seat),
        sheets=[_cited(made, names), _sentences(made)],
        parts={
            "cards": [_shown(view, each, names) for each in made],
            "near": over.near.said,
            "far": over.far.said,
            "leads": bool(seat.led),
            "fewest": FEWEST,
            "most": TOLD,
            "newer": view.here(page=nth) if nth else None,
            "older": view.here(page=nth + 2) if len(shown) > (nth + 1) * PAGE else None,
            "hidden": [
                {"project": each.project, "name": each.name, "by": put_away[each.project].by,
                 "day": spoken(view.local.day(put_away[each.project].at))}
                for each in found if each.project in put_away
            ],
        },
    )  # fmt: skip


async def cards_for(view: View, seat: Seat, over: Spans) -> list[Listed]:
    """The projects that have a card for somebody. Raises MissingError for who sees none."""
    if not (seat.leads or seat.admin):
        raise MissingError(ONLY)
    there = await view.ask(roster())
    rest = access.beyond(seat, [each.person for each in there.members if each.left_at is None])
    return listed(await _worked(view, _near(seat), over.near),
                  await _worked(view, rest, over.far))  # fmt: skip


def _near(seat: Seat) -> Scope | None:
    return access.led(seat) if seat.led else None


async def _worked(view: View, scope: Scope | None, over: Weeks) -> list[Worked]:
    if scope is None:
        return []
    weeks = replace(scope, since=over.first, until=over.last)
    return await ask_weekly(view, weeks, worked(weeks))


async def _card(view: View, seat: Seat, each: Listed, over: Weeks) -> Card:
    near = _near(seat)
    if near is None or not each.people:
        return card(each, [], over.until)
    scope = replace(near, since=over.first, until=over.until, project=each.project)
    found = await ask_weekly(view, scope, digests(scope, seat.last_day(), limit=TOLD))
    return card(each, found, over.until)


def _lead(shown: Sequence[Listed], seat: Seat) -> list[str]:
    if not shown:
        return [f"No project has {FEWEST} people or more who share sessions on it."]
    said = [f"{plural(len(shown), 'project')} of {FEWEST} people or more. The cards are made by "
            "rules, from sessions that are shared."]  # fmt: skip
    if not seat.led:
        said.append("You may open nobody's sessions, so they say counts alone.")
    return said


def _shown(view: View, made: Card, names: dict[int, str]) -> Drawn:
    """What the template draws of a card."""
    base = team_viewer(view).base
    sources = [
        Source(
            nth,
            f"{base}/people/{each.person}/sessions/{each.session}",
            names[each.person],
            spoken(each.day),
        )
        for nth, each in enumerate(made.sources, 1)
    ]
    parts = []
    for about, heading in ABOUT.items():
        some = [_sentence(each, sources) for each in made.about(about)]
        if some:
            parts.append(About(heading, about, some))
    until = f", of sessions up to {spoken(made.made_on)}" if made.sessions else ""
    return Drawn(
        made.project,
        made.name,
        _who(made),
        f"Made by {made.made_by}{until}.",
        parts,
        _others(made, bool(names)),
        sources,
    )


def _sentence(said: Said, sources: Sequence[Source]) -> Sentence:
    note = f"in {plural(said.sessions, 'session')}"
    return Sentence(
        said.words,
        "" if said.about == "theme" and said.sessions == 1 else note,
        [sources[nth - 1] for nth in said.sources],
    )


def _who(made: Card) -> str:
    if not made.people:
        return ""
    who = plural(made.people, "person", "people")
    return f"{who} of your teams; their last {plural(made.sessions, 'session')}."


def _others(made: Card, leads: bool) -> str:
    """What is said of people whose sessions the reader may not open."""
    if not made.others:
        return ""
    where = " outside your teams" if leads else ""
    said = f"{plural(made.others, 'person', 'people')}{where} worked on it."
    if made.others_use:
        said += f" Seen with {FEWEST} of them or more: {', '.join(made.others_use)}."
    return said


def _cited(made: Sequence[Card], names: dict[int, str]) -> Sheet:
    columns = (
        Column("project", "Project"), Column("nth", "Source", right=True), Column("name", "Name"),
        Column("session", "Session"), Column("day", "Day"),
    )  # fmt: skip
    rows = [
        [Cell(each.name, each.name), Cell(nth, str(nth)),
         Cell(names[source.person], names[source.person]), Cell(source.session, source.session[:8]),
         Cell(source.day, spoken(source.day))]
        for each in made for nth, source in enumerate(each.sources, 1)
    ]  # fmt: skip
    return Sheet("sources", "The sessions that the cards cite.", columns, rows)


def _sentences(made: Sequence[Card]) -> Sheet:
    columns = (
        Column("project", "Project"), Column("people", "People of your teams", right=True),
        Column("others", "Other people", right=True), Column("about", "About"),
        Column("words", "What"), Column("sessions", "Sessions", right=True),
        Column("sources", "Sources"),
    )  # fmt: skip
    rows = []
    for each in made:
        head = [
            Cell(each.name, each.name),
            Cell(each.people or None, str(each.people)),
            Cell(each.others or None, str(each.others)),
        ]
        for said in each.said:
            rows.append([*head, Cell(said.about, said.about), Cell(said.words, said.words),
                         Cell(said.sessions, str(said.sessions)),
                         Cell(" ".join(map(str, said.sources)))])  # fmt: skip
        for use in each.others_use:
            rows.append([*head, Cell("practice of others"), Cell(use, use), Cell(None), Cell("")])
        if not each.said and not each.others_use:
            rows.append([*head, Cell(""), Cell(""), Cell(None), Cell("")])
    return Sheet("sentences", "What the cards say.", columns, rows)


def _cite(view: View, made: Sequence[Card]) -> None:
    """Notes of whom the page shows something: it is written down before the page is sent."""
    team_viewer(view).shown.update((each.person, None) for one in made for each in one.sources)


endpoint = noted(show, "catalog.html", "catalog")


@form
async def change(sent: Sent) -> Response:
    """Hides a card, or shows it again."""
    view, seat = sent.view, seat_in(sent.view)
    site: Site = sent.request.app.state.site
    project, on = sent.fields.get("project", ""), sent.fields.get("on") == "1"
    async with view.viewer.source.reading() as reader:
        found = await cards_for(replace(view, reader=reader), seat, spans(view.today))
    name = next((each.name for each in found if each.project == project), None)
    if name is None:
        raise AccreteError("There is no such card in the catalog.")
    await site.write(
        team_viewer(view).company,
        lambda db: hide(db, project, name, on, actor=seat.person, now=seat.now),
    )
    return seen_other(view.bare("/catalog"))
