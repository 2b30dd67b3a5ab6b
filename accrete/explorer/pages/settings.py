"""What is set, where, and what it means; and the few choices of this browser."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.responses import Response

from accrete.errors import AccreteError
from accrete.explorer.forms import Sent, form, seen_other
from accrete.explorer.page import Cell, Column, Page, Sheet
from accrete.explorer.ranges import NAMES, USUAL
from accrete.explorer.view import PREFERENCES, View
from accrete.settings import KEYS

YEAR_S = 365 * 86_400
CHOICES = {
    "range": ("Range", [(USUAL, NAMES[USUAL]), *((key, name) for key, name in NAMES.items()
                                                 if key != USUAL)]),
    "density": ("Tables", [("", "usual"), ("dense", "dense")]),
    "keys": ("Keyboard shortcuts", [("", "on"), ("off", "off")]),
}  # fmt: skip


async def show(view: View) -> Page:
    """config.json, and the form of what this browser keeps."""
    keeping = view.viewer.keeping
    said = keeping.stated() if keeping is not None else {}
    values = {"range": view.range.key if view.range.key in NAMES else USUAL, **view.kept}
    wording = (
        "Costs are called API-equivalent: what the API would charge, not what a subscription costs."
        if view.viewer.api_equivalent
        else "Costs are called costs: you pay the API by use."
    )
    return Page(
        title="Settings",
        lead=[wording],
        sheets=[_config(said)] if keeping is not None else [],
        parts={
            "path": str(keeping.database.with_name("config.json")) if keeping else None,
            "choices": [
                (name, label, values.get(name, ""), given)
                for name, (label, given) in CHOICES.items()
            ],
            "able": bool(view.viewer.secret),
        },
    )


def _config(said: Mapping[str, object]) -> Sheet:
    """The keys of config.json. Prices, rules and folders are shown as they are written."""
    columns = (Column("key", "Key"), Column("value", "Set to"), Column("meaning", "What it sets"))
    rows = []
    for key, meaning in KEYS.items():
        value = json.dumps(said[key], ensure_ascii=False) if key in said else None
        shown = Cell(value, value) if value else Cell(None, "—", why="Not set: the default holds.")
        rows.append([Cell(key, key), shown, Cell(meaning, meaning)])
    return Sheet("config", "What config.json can set, and sets.", columns, rows)


@form
async def save(sent: Sent) -> Response:
    """Keeps the choices in this browser."""
    answer = seen_other(sent.view.bare("/settings"))
    path = sent.view.mount or "/"
    for name, (label, given) in CHOICES.items():
        value = sent.fields.get(name, "")
        if value not in (key for key, _ in given):
            raise AccreteError(f"{label}: no {value[:40]!r}. Choose one of the list.")
        if value and (name == "range" or value in PREFERENCES[name]):
            answer.set_cookie(
                name, value, max_age=YEAR_S, path=path, samesite="strict", httponly=True
            )
        else:
            answer.delete_cookie(name, path=path)
    return answer
