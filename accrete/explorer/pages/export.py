"""One session as a file: Markdown, a page that stands alone, JSON."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator

from accrete.explorer.response import Document
from accrete.explorer.view import MissingError, View
from accrete.insight.answer import as_json
from accrete.insight.replay import replay_of
from accrete.present.session import as_html, as_markdown
from accrete.queries.replay import Entry, replay
from accrete.queries.sessions import SessionRow, session
from accrete.text.plain import plain_pieces

_TYPES = {"md": "text/markdown", "html": "text/html", "json": "application/json"}


def export(form: str) -> Callable[[View], Awaitable[Document]]:
    """Makes a session's file of a form: md, html or json. One's own sessions only."""

    async def make(view: View) -> Document:
        if not view.viewer.own:
            raise MissingError("Only its owner exports a session.")
        scope = await view.session()
        row = await view.ask(session(scope))
        if row is None:
            raise MissingError("There is no such session in the record.")
        items = await view.ask(replay(scope))
        name = f"accrete-{row.id[:8]}.{form}"
        return Document(name, f"{_TYPES[form]}; charset=utf-8", _pieces(form, row, items, view))

    return make


def _pieces(form: str, row: SessionRow, items: list[Entry], view: View) -> Iterator[str]:
    if form == "json":
        yield json.dumps(as_json(replay_of(row, items)), ensure_ascii=False)
        return
    yield from plain_pieces((as_markdown if form == "md" else as_html)(row, items, view.local))
