"""Makes the response to a request: the page as HTML, CSV or JSON, or a sentence."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from accrete.errors import (
    AccreteError,
    NewerRecordError,
    NoRecordError,
    OldRecordError,
    RecordError,
    SlowError,
)
from accrete.explorer.guard import HEADERS
from accrete.explorer.notices import notices
from accrete.explorer.page import Page
from accrete.explorer.ranges import NAMES
from accrete.explorer.templates import render, stream
from accrete.explorer.view import MissingError, View, view_of
from accrete.explorer.viewer import Viewer
from accrete.present.formats import plural
from accrete.queries.moving import REVISION

Show = Callable[[View], Awaitable[Page]]
_LOG = logging.getLogger("accrete.explorer")
PRIVATE = {**HEADERS, "Cache-Control": "no-store", "Vary": "HX-Request, Cookie"}
"""Headers of everything that shows a record."""
_PART = re.compile(r"[a-z]*#([A-Za-z][\w-]{0,40})")
SOON_S = 5
"""After how long a page that waits for the record is asked for again."""


def page(show: Show, template: str) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of a page. Everything is read in one transaction, which ends before the first
    byte is sent. `?format=json` and `?format=csv&table=…` give what the page shows."""

    async def endpoint(request: Request) -> Response:
        viewer = await request.app.state.viewer_of(request)
        async with viewer.source.reading() as reader:
            view = view_of(request, viewer, reader)
            view.revision = await reader.ask(REVISION)
            shown = await show(view)
            if shown.current:
                view.notices = await notices(view, shown.current)
        response = as_asked(request, view, shown, template)
        chosen = request.query_params.get("range")
        if chosen in NAMES:
            response.set_cookie(
                "range", chosen, path=view.mount or "/", samesite="strict", httponly=True
            )
        return response

    return endpoint


def as_asked(request: Request, view: View, shown: Page, template: str) -> Response:
    """A page in the form that the request asks for."""
    form = request.query_params.get("format")
    shown = shown.whole() if form else shown
    if form and not view.viewer.own:
        shown = replace(shown, sheets=[each.by_days(view.local.day) for each in shown.sheets])
    if form == "json":
        return JSONResponse(shown.as_json(), headers=PRIVATE)
    if form == "csv":
        key = request.query_params.get("table") or (shown.sheets[0].key if shown.sheets else "")
        try:
            sheet = shown.sheet(key)
        except KeyError:
            names = ", ".join(each.key for each in shown.sheets) or "none"
            raise MissingError(f"No table {key[:40]!r} on this page. It has: {names}.") from None
        name = re.sub(r"[^a-z0-9-]+", "-", f"accrete-{sheet.key}").strip("-")
        kept = {**PRIVATE, "Content-Disposition": f'attachment; filename="{name}.csv"'}
        return Response(sheet.csv(), media_type="text/csv; charset=utf-8", headers=kept)
    partial = request.headers.get("HX-Request-Type") == "partial"
    more = request.app.state.templates
    if shown.streamed:
        parts = stream(template, *more, partial=partial, view=view, page=shown)
        return StreamingResponse(_to_an_end(parts), media_type="text/html", headers=PRIVATE)
    html = render(template, *more, partial=partial, view=view, page=shown)
    return HTMLResponse(html, status_code=shown.status, headers=PRIVATE)


def _to_an_end(pieces: Iterator[str]) -> Iterator[str]:
    """A page that is sent while it is made. What goes wrong after its head is said where the rest
    would be."""
    try:
        yield from pieces
    except Exception as error:
        fault = _fault(error)
        yield Markup('<p class="lead" role="alert">{}. {}</p>').format(fault.title, fault.what)


class Fault(NamedTuple):
    """What went wrong. words: what can be searched for instead; way: (address, words) of a link;
    run: a command that helps; soon: seconds after which the page is asked for again; part: the id
    of the part of a page that was asked for, which shows it."""

    status: int
    title: str
    what: str
    words: str = ""
    way: tuple[str, str] | None = None
    run: str = ""
    soon: int = 0
    part: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A file that a page hands out. pieces: its text, made while it is sent."""

    name: str
    media_type: str
    pieces: Iterable[str]


def document(
    make: Callable[[View], Awaitable[Document]],
) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of a file. Everything in it is read before the first byte is sent."""

    async def endpoint(request: Request) -> Response:
        viewer = await request.app.state.viewer_of(request)
        async with viewer.source.reading() as reader:
            made = await make(view_of(request, viewer, reader))
        headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="{made.name}"'}
        return StreamingResponse(made.pieces, media_type=made.media_type, headers=headers)

    return endpoint


async def said(request: Request, error: Exception) -> Response:
    """What went wrong, as a page with a sentence on what to do; never a traceback."""
    fault = _fault(error)
    if request.query_params.get("format") in ("json", "csv"):
        return JSONResponse({"error": fault.what}, status_code=fault.status, headers=PRIVATE)
    if fault.status == 404:
        fault = fault._replace(words=request.scope["path"].rstrip("/").rpartition("/")[2])
    if isinstance(error, NoRecordError):
        viewer = await request.app.state.viewer_of(request)
        fault = await _to_read(viewer, fault)
    asked = _PART.fullmatch(request.headers.get("HX-Target", ""))
    fault = fault._replace(part=asked[1] if asked else "")
    viewer = request.scope.get("accrete.viewer")
    menu = viewer.menu if isinstance(viewer, Viewer) else None
    return answer_fault(fault, request.scope.get("root_path", "").rstrip("/"), menu)


def answer_fault(
    fault: Fault, mount: str, menu: Sequence[tuple[str, str]] | None = None
) -> Response:
    """A fault as a page. menu: (path, name) of the viewer's pages, where these are others than
    those of the explorer."""
    html = render("fault.html", mount=mount, fault=fault, title=fault.title, menu=menu)
    return HTMLResponse(html, status_code=fault.status, headers=PRIVATE)


async def _to_read(viewer: Viewer, fault: Fault) -> Fault:
    """Where nothing was read yet, with what there is to read."""
    if viewer.keeping is None:
        return fault
    found = await viewer.keeping.disk([])
    places = ", ".join(found.places) or ", ".join(found.looked)
    if not found.files:
        none = f"There are no transcripts of Claude Code in {places}. Use it once, then come back."
        return fault._replace(
            what=f"{fault.what} {none} Or look around in made-up sessions.",
            run="accrete backfill --or-sample",
        )
    some = f"{plural(found.files, 'transcript')} in {places} can be read."
    return fault._replace(what=f"{fault.what} {some}")


def _fault(error: Exception) -> Fault:
    if isinstance(error, MissingError):
        return Fault(404, "Not found", str(error))
    if isinstance(error, NoRecordError):
        what = "Accrete has no sessions yet."
        return Fault(503, "Nothing has been read yet", what, run="accrete backfill", soon=SOON_S)
    if isinstance(error, OldRecordError):
        what = (
            "An older version of Accrete wrote the record. It is brought up to date by the next "
            "ingest; this page then comes back by itself."
        )
        return Fault(503, "The record is being updated", what, run="accrete backfill", soon=SOON_S)
    if isinstance(error, NewerRecordError):
        return Fault(503, "The record is newer than this program", str(error))
    if isinstance(error, RecordError):
        return Fault(503, "The record cannot be read now", str(error))
    if isinstance(error, SlowError):
        return Fault(503, "That takes too long", str(error))
    if isinstance(error, AccreteError):
        return Fault(400, "That did not work", str(error))
    if isinstance(error, HTTPException):
        known = {404: "There is no such page.", 405: "This address takes no such request."}
        what = known.get(error.status_code, str(error.detail))
        return Fault(error.status_code, "Not found", what)
    name = secrets.token_hex(4)
    _LOG.error("%s", name, exc_info=error)
    what = f"The log has it under {name}. Reload the page."
    return Fault(500, "Something went wrong here", what)
