"""What a lead has in place of their pages as long as nobody else is in their teams."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from accrete.explorer.page import Page
from accrete.explorer.response import Show, page
from accrete.explorer.view import View
from accrete_team.web import TeamViewer

NOBODY = (
    "Nobody else is in the teams that you lead. An administrator puts people into a team; they are "
    "in it a day later, and this page then shows their work."
)


def of_people(
    show: Show, template: str, title: str, current: str, *, sums: bool = False
) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of a page about the people who are led, with a sentence where there are none.
    sums: administrators have the page without leading anybody."""

    async def nobody(view: View) -> Page:
        return Page(title=title, current=current, lead=[NOBODY])

    made, empty = page(show, template), page(nobody, "empty_team.html")

    async def endpoint(request: Request) -> Response:
        viewer: TeamViewer = request.scope["accrete.viewer"]
        seat = viewer.seat
        alone = seat.leads and not seat.led and not (sums and seat.admin)
        return await (empty if alone else made)(request)

    return endpoint
