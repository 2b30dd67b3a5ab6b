"""Forms that change something: each carries a token that only this viewer's pages can know."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from accrete.errors import AccreteError
from accrete.explorer.form_tokens import fits
from accrete.explorer.response import PRIVATE, Fault, answer_fault
from accrete.explorer.view import View, view_of
from accrete.queries.sessions import Said, said_of

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that came with the right token. session, said: the id of the session that its path
    names, and the tags and the note of it as they were; None for a form of no session."""

    request: Request
    view: View
    fields: Mapping[str, str]
    session: str | None = None
    said: Said | None = None

    @property
    def one(self) -> str:
        """The id of its session."""
        assert self.session is not None
        return self.session


Do = Callable[[Sent], Awaitable[Response]]


def form(do: Do) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of a form: `do` changes something and returns where to go. Nothing is read any
    more while it does. What it refuses is said with a way back to the page."""

    async def endpoint(request: Request) -> Response:
        viewer = await request.app.state.viewer_of(request)
        fields = await fields_of(request)
        session, said = None, None
        async with viewer.source.reading() as reader:
            view = view_of(request, viewer, reader)
            if not fits(view, fields.get("token", "")):
                return _refused(view, "Nothing was changed", STALE, 403)
            if "session" in view.params:
                scope = await view.session()
                session, said = scope.session, await view.ask(said_of(scope))
        try:
            return await do(Sent(request, view, fields, session, said))
        except AccreteError as error:
            return _refused(view, "That did not work", str(error), 400)

    return endpoint


STALE = "This form is of another run of the explorer. Go back, reload the page and try again."


async def fields_of(request: Request) -> Mapping[str, str]:
    """The fields of a form, each once. Starlette refuses a body above its limit."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        return {}
    body = (await request.body()).decode("utf-8", "replace")
    return {name: values[-1] for name, values in parse_qs(body, keep_blank_values=True).items()}


def _refused(view: View, title: str, what: str, status: int) -> Response:
    session = view.params.get("session")
    back = (view.bare(f"/sessions/{session}"), "Back to the session") if session else None
    return answer_fault(Fault(status, title, what, way=back), view.mount)


def seen_other(address: str) -> Response:
    """To a page, after a form: reloading it sends the form no second time."""
    return RedirectResponse(address, 303, headers=PRIVATE)
