"""What a lead would see of oneself at a tier: the team server's own pages, over a company that is
made for as long as they are looked at."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accrete.clock import DaysOnly
from accrete.commands import common
from accrete.explorer import app as explorer
from accrete.explorer.guard import Keys
from accrete.explorer.local import doors
from accrete.explorer.response import page
from accrete.explorer.viewer import Viewer
from accrete.ingest import open_for_writing
from accrete.settings import Settings
from accrete.sync.choice import Choice, read_choice
from accrete.sync.prepare import everything
from accrete.wire.contract import Message
from accrete.wire.travels import WIRE_VERSION

MATRIX = "/matrix"
MOST, AT_ONCE = 500, 50
"""Sessions that are shown, the newest, and taken at once."""


def as_lead(settings: Settings, tier: int, keys: Keys, host: str) -> Starlette:
    """The pages. Nothing leaves this machine: what would is put into a company in a folder that
    only this user can read, and that goes with the pages."""
    from accrete_team import access, receive, tenants, tokens
    from accrete_team.access import InTeam, Led, Seat
    from accrete_team.pages import seen_pages
    from accrete_team.pools import CompanySource, Pools
    from accrete_team.registry import Registry
    from accrete_team.web import PERSON_MENU, TEMPLATES, TeamViewer

    folder = tempfile.TemporaryDirectory(prefix="accrete-")
    company = tenants.create(Registry(Path(folder.name)), "preview")
    now = tokens.now_ms()
    there, here = tenants.open_company(company), open_for_writing(settings)
    try:
        who = tokens.Who(tokens.add_person(there, "You"), "preview")
        choice = replace(read_choice(settings) or Choice("", "", who.device), tier=tier)
        waiting = list(everything(here, common.MINE, choice, MOST))
        for at in range(0, len(waiting), AT_ONCE):
            some = waiting[at : at + AT_ONCE]
            receive.take(there, who, Message(WIRE_VERSION, who.device, now, sessions=some), now)
        held = int(there.run("SELECT tier FROM person WHERE id = ?", (who.person,))[0][0])
    finally:
        here.close()
        there.close()
    seat = Seat(who.person, "You", "", False, "UTC", "", held, False, now)
    pools = Pools()
    more = f" The newest {MOST} sessions." if len(waiting) == MOST else ""
    viewer = TeamViewer(
        scope=access.one(seat, who.person), source=CompanySource(pools, company),
        local=DaysOnly(), own=False, seat=seat, company=company, base="",
        subject=who.person, name="You", last_day=seat.last_day(), amounts=False,
        weekly=pools.weekly(company),
        menu=(*PERSON_MENU, (MATRIX, "In the matrix")),
        said=f"What a lead of yours would see at tier {tier}. Nothing was sent.{more}",
    )  # fmt: skip

    team = "preview"
    lead = replace(
        seat, person=0, name="A lead", teams=(InTeam(team, "Your team", "lead"),),
        led=(Led(who.person, "You", held, team, "", False),),
    )  # fmt: skip
    leads = replace(viewer, seat=lead, scope=access.led(lead), subject=None)

    async def viewer_of(request: Request) -> Viewer:
        shown = leads if request.url.path.startswith(MATRIX) else viewer
        request.scope["accrete.viewer"] = shown
        return shown

    @asynccontextmanager
    async def while_served(app: Starlette) -> AsyncIterator[None]:
        yield
        await pools.close()
        folder.cleanup()

    return explorer.application(
        viewer_of, pages=[*seen_pages.routes(), *_in_the_matrix()], templates=(TEMPLATES,),
        outer=doors(keys, host), lifespan=while_served,
    )  # fmt: skip


def _in_the_matrix() -> list[BaseRoute]:
    """One's own row as a lead has it, and what is behind its cells. What is about a whole team is
    not there: nobody else is in the company."""
    from accrete_team.pages import matrix, matrix_cell

    return [
        Route(MATRIX, page(matrix.show, "matrix.html")),
        Route(
            f"{MATRIX}/{{practice}}/{{person:int}}", page(matrix_cell.show_cell, "matrix_cell.html")
        ),
        Route(f"{MATRIX}/{{path:path}}", _practice),
        Route("/people/{person:int}/{path:path}", _elsewhere),
    ]


async def _practice(request: Request) -> Response:
    return _to(f"/practices/{request.path_params['path']}", request)


async def _elsewhere(request: Request) -> Response:
    """The pages of the one person stand at the root here."""
    return _to(f"/{request.path_params['path']}", request)


def _to(path: str, request: Request) -> Response:
    query = request.url.query
    here = "/" + quote(path.lstrip("/"))  # two of them would lead to another site
    return RedirectResponse(here + (f"?{query}" if query else ""), 303)
