"""Search across the people of the teams that somebody leads: numbers, until one is opened."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from accrete.explorer.page import Cell, Column, Page, Sheet
from accrete.explorer.view import View
from accrete.model import Tier
from accrete.present.formats import number, plural
from accrete.queries.search import PersonHits, search_people, terms_of
from accrete_team import access
from accrete_team.web import seat_in, team_viewer

LONGEST = 200


async def show(view: View) -> Page:
    """In how many places and sessions of each person the words stand. No word of theirs is shown:
    that is for the page of one of them, which is written down."""
    seat, base = seat_in(view), team_viewer(view).base
    scope = replace(access.led(seat), over=seat.last_day())
    asked, hits, said = view.query.get("q", "").strip()[:LONGEST], list[PersonHits](), list[str]()
    if asked:
        try:
            terms = terms_of(asked)
            hits = await view.ask(search_people(scope, terms, dialect=view.viewer.source.dialect))
            places = sum(each.places for each in hits)
            said = [f"{plural(places, 'place')} of {plural(len(hits), 'person', 'people')}."
                    if hits else "Nobody's shared words have all of these."]  # fmt: skip
        except ValueError:
            said = ["Nothing to search for. Give letters, digits or an emoji."]
    found = {each.person: each for each in hits}
    names = {each.person: each for each in seat.led}
    rows = [
        [
            Cell(who.name, who.name,
                 href=f"{base}/people/{person}/search?{urlencode({'q': asked, 'range': 'all'})}"),
            Cell(found[person].sessions, number(found[person].sessions)),
            Cell(found[person].places, number(found[person].places)),
        ]
        for person, who in sorted(names.items(), key=lambda each: each[1].name.casefold())
        if person in found
    ]  # fmt: skip
    shared = sum(each.tier >= Tier.WORDS for each in names.values())
    return Page(
        title="Search", current="/search", lead=said,
        sheets=[Sheet("people", "By name. What was written is shown on a person's own pages, and "
                      "they see that you looked.", _COLUMNS, rows, empty="Nothing found.")],
        parts={"asked": asked, "shared": shared, "people": len(names)},
    )  # fmt: skip


_COLUMNS = (
    Column("name", "Name"),
    Column("sessions", "Sessions", right=True),
    Column("places", "Places", right=True),
)
