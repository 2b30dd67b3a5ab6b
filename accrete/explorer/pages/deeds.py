"""What a person changes about a session: tags, a note, and whether it is kept at all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from accrete.errors import AccreteError
from accrete.explorer.forms import Sent, form, seen_other
from accrete.explorer.page import Page
from accrete.explorer.response import as_asked
from accrete.explorer.undo import RECEIPT_S, UNDO_S, Kept, Undo
from accrete.explorer.view import MissingError, View, view_of
from accrete.explorer.viewer import Deeds
from accrete.present.formats import plural
from accrete.queries.forgetting import goes
from accrete.queries.sessions import said_of, session

FILES = 10


class Memory(NamedTuple):
    """What the application remembers between a form and the page after it."""

    undo: Kept[Undo]
    receipts: Kept[list[str]]


def memory() -> Memory:
    """An empty one."""
    return Memory(Kept(UNDO_S), Kept(RECEIPT_S))


@form
async def tags(sent: Sent) -> Response:
    """Adds the tag `add`, or takes off the tag `remove`."""
    deeds, session, said = _deeds(sent.view), sent.one, sent.said
    adding, removing = sent.fields.get("add", "").strip(), sent.fields.get("remove", "")
    if removing:
        await deeds.untag(session, removing)
        return _done(sent, "untagged", lambda: deeds.tag(session, removing))
    if not adding:
        raise AccreteError("The tag is empty. Write a word.")
    await deeds.tag(session, adding)
    name = adding.lstrip("#")
    had = said is not None and name in said.tags
    return _done(sent, "tagged", None if had else lambda: deeds.untag(session, name))


@form
async def note(sent: Sent) -> Response:
    """Replaces the note by `text`; an empty one takes it away."""
    deeds, session = _deeds(sent.view), sent.one
    before = (sent.said.note if sent.said else None) or ""
    await deeds.note(session, sent.fields.get("text", ""))
    return _done(sent, "noted", lambda: deeds.note(session, before))


@form
async def title(sent: Sent) -> Response:
    """Gives the session the title `text`; an empty one takes it away."""
    deeds, session = _deeds(sent.view), sent.one
    before = (sent.said.title if sent.said else None) or ""
    await deeds.title(session, sent.fields.get("text", ""))
    return _done(sent, "titled", lambda: deeds.title(session, before))


@form
async def forget(sent: Sent) -> Response:
    """Deletes the session for good and shows the receipt."""
    receipt = await _deeds(sent.view).forget(sent.one)
    name = sent.request.app.state.memory.receipts.keep(receipt)
    return seen_other(sent.view.bare(f"/forgotten/{name}"))


async def take_back(request: Request) -> Response:
    """Takes back what the name in the path stands for, once, within UNDO_S."""
    found: Undo | None = request.app.state.memory.undo.take(request.path_params["name"])
    if found is None:
        raise MissingError(
            f"It can be undone for {UNDO_S:.0f} seconds, once. Change it by hand on its page."
        )
    await found.back()
    return seen_other(found.address)


async def forgotten(request: Request) -> Response:
    """The receipt of what was deleted."""
    receipt = request.app.state.memory.receipts.get(request.path_params["name"])
    if receipt is None:
        raise MissingError("This receipt is gone: it is kept for an hour, and never on disk.")
    viewer = await request.app.state.viewer_of(request)
    async with viewer.source.reading() as reader:
        view = view_of(request, viewer, reader)
    page = Page("The session is deleted", "/sessions", receipt[:1], parts={"said": receipt[1:]})
    return as_asked(request, view, page, "forgotten.html")


async def show_said(view: View) -> Page:
    """The tags and the note of a session, on a page of their own."""
    scope = await view.session()
    row = await view.ask(session(scope))
    assert row is not None
    parts = {"session": row, "said": await view.ask(said_of(scope))}
    return Page("Tags and note", "/sessions", parts=parts)


async def show(view: View) -> Page:
    """What goes when the session is forgotten, with the one button that does it."""
    scope = await view.session()
    row = await view.ask(session(scope))
    assert row is not None
    found = await view.ask(goes(scope))
    counted = (
        (found.prompts, "prompt"),
        (found.responses, "response"),
        (found.tool_calls, "tool call"),
        (found.records, "record"),
    )
    listed = ", ".join(plural(n, one) for n, one in counted)
    return Page(
        title="Forget this session?",
        current="/sessions",
        lead=[f"This deletes {listed}, its tags and its note, for good."],
        parts={
            "session": row,
            "said": await view.ask(said_of(scope)),
            "kept_by": found.kept_by[:FILES],
            "transcripts": found.transcripts[:FILES],
            "more": max(len(found.transcripts) - FILES, 0),
            "able": view.viewer.deeds is not None,
        },
    )


def _deeds(view: View) -> Deeds:
    if view.viewer.deeds is None:
        raise AccreteError("These sessions cannot be changed here.")
    return view.viewer.deeds


def _done(sent: Sent, did: str, back: Callable[[], Awaitable[None]] | None) -> Response:
    """Back to the session, with a way to undo."""
    view, path = sent.view, f"/sessions/{sent.one}"
    plain = f"{view.bare(path)}#said"
    if back is None:
        return seen_other(plain)
    name = sent.request.app.state.memory.undo.keep(Undo(back, plain))
    until = view.now + round(UNDO_S * 1000)
    return seen_other(view.bare(path, did=did, by=until, undo=name) + "#said")
