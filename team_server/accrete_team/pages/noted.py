"""Pages of the company that show something of single people: that somebody saw them is written down
before anything is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from accrete.database import Database
from accrete.explorer.response import Show, page
from accrete_team import looks
from accrete_team.web import Site, TeamViewer


def noted(show: Show, template: str, what: str) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of a page that fills `TeamViewer.shown` while it is made. One's own rows are no
    look."""
    made = page(show, template)

    async def endpoint(request: Request) -> Response:
        answer = await made(request)
        viewer: TeamViewer = request.scope["accrete.viewer"]
        seat = viewer.seat
        seen = sorted((person, session or "") for person, session in viewer.shown)
        others = [(person, session) for person, session in seen if person != seat.person]

        def write(db: Database) -> None:
            with db.transaction():
                for person, session in others:
                    looks.look(db, person, seat.person, what, seat.now, session=session or None)

        if answer.status_code == 200 and others:
            site: Site = request.app.state.site
            await site.write(viewer.company, write)
        return answer

    return endpoint
