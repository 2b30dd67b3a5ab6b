"""Makes the response to a request: the page as HTML, CSV or JSON, or a sentence."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from accrete.errors import AccreteError, NoRecordError, OldRecordError
from accrete.explorer.page import Page
from accrete.explorer.ranges import NAMES
from accrete.explorer.templates import render, stream
from accrete.explorer.view import MissingError, View, view_of

Show = Callable[[View], Awaitable[Page]]
_LOG = logging.getLogger("accrete.explorer")
_PRIVATE = {"Cache-Control": "no-store", "Vary": "HX-Request, Cookie"}


def page(show: Show, template: str) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of a page. Everything is read in one transaction, which ends before the first
    byte is sent. `?format=json` and `?format=csv&table=…` give what the page shows."""

    async def endpoint(request: Request) -> Response:
        viewer = await request.app.state.viewer_of(request)
        async with viewer.source.reading() as reader:
            view = view_of(request, viewer, reader)
            shown = await show(view)
        response = _as_asked(request, view, shown, template)
        chosen = request.query_params.get("range")
        if chosen in NAMES:
            response.set_cookie(
                "range", chosen, path=view.mount or "/", samesite="strict", httponly=True
            )
        return response

    return endpoint


def _as_asked(request: Request, view: View, shown: Page, template: str) -> Response:
    form = request.query_params.get("format")
    if form == "json":
        return JSONResponse(shown.as_json(), headers=_PRIVATE)
    if form == "csv":
        key = request.query_params.get("table") or (shown.sheets[0].key if shown.sheets else "")
        try:
            sheet = shown.sheet(key)
        except KeyError:
            names = ", ".join(each.key for each in shown.sheets) or "none"
            raise MissingError(f"No table {key[:40]!r} on this page. It has: {names}.") from None
        name = re.sub(r"[^a-z0-9-]+", "-", f"accrete-{sheet.key}").strip("-")
        kept = {**_PRIVATE, "Content-Disposition": f'attachment; filename="{name}.csv"'}
        return Response(sheet.csv(), media_type="text/csv; charset=utf-8", headers=kept)
    partial = request.headers.get("HX-Request-Type") == "partial"
    if shown.streamed:
        parts = stream(template, partial=partial, view=view, page=shown)
        return StreamingResponse(parts, media_type="text/html", headers=_PRIVATE)
    html = render(template, partial=partial, view=view, page=shown)
    return HTMLResponse(html, status_code=shown.status, headers=_PRIVATE)


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
        headers = {**_PRIVATE, "Content-Disposition": f'attachment; filename="{made.name}"'}
        return StreamingResponse(made.pieces, media_type=made.media_type, headers=headers)

    return endpoint


async def said(request: Request, error: Exception) -> Response:
    """What went wrong, as a page with a sentence on what to do; never a traceback."""
    status, title, what = _fault(error)
    mount = request.scope.get("root_path", "").rstrip("/")
    if request.query_params.get("format") in ("json", "csv"):
        return JSONResponse({"error": what}, status_code=status, headers=_PRIVATE)
    words = request.scope["path"].rstrip("/").rpartition("/")[2] if status == 404 else ""
    html = render("fault.html", mount=mount, title=title, what=what, words=words, status=status)
    return HTMLResponse(html, status_code=status, headers=_PRIVATE)


def _fault(error: Exception) -> tuple[int, str, str]:
    if isinstance(error, MissingError):
        return 404, "Not found", str(error)
    if isinstance(error, NoRecordError):
        return 503, "Nothing has been read yet", str(error)
    if isinstance(error, OldRecordError):
        return 503, "The record is being updated", f"{error} This page is back when it is done."
    if isinstance(error, AccreteError):
        return 400, "That did not work", str(error)
    if isinstance(error, HTTPException):
        known = {404: "There is no such page.", 405: "This address takes no such request."}
        return error.status_code, "Not found", known.get(error.status_code, str(error.detail))
    name = secrets.token_hex(4)
    _LOG.error("%s", name, exc_info=error)
    return 500, "Something went wrong here", f"The log has it under {name}. Reload the page."
