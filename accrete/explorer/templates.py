"""The templates, and how they write figures, times and other people's text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from importlib import resources
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from accrete.clock import LocalTime
from accrete.explorer import charts
from accrete.explorer.cells import cell, drawn, isolated, one_line, rows, untrusted
from accrete.explorer.form_tokens import form_token
from accrete.explorer.ranges import NAMES, spoken
from accrete.explorer.static import address
from accrete.explorer.view import View
from accrete.present import formats
from accrete.present.markup import markdown_html
from accrete.text.plain import squeeze, visible

MENU = (
    ("/", "Overview"),
    ("/sessions", "Sessions"),
    ("/practices", "Practices"),
    ("/costs", "Costs"),
    ("/projects", "Projects"),
)
FIRST_PIECE, PIECE = 512, 64 * 1024
"""Characters that are sent at once of a page that is sent while it is made: first its head alone,
which names the style sheet."""


def marked(text: str) -> Markup:
    """An excerpt on one line, what stands between \x02 and \x03 marked."""
    made = Markup("")
    for at, piece in enumerate(re.split("[\x02\x03]", squeeze(text))):
        shown = escape(visible(piece))
        made += Markup("<mark>{}</mark>").format(shown) if at % 2 else shown
    return Markup("<bdi>{}</bdi>").format(made)


def when(at: int | None, local: LocalTime, now: int) -> str:
    """An instant as a list has it: today 10:10, yesterday 9:05, Mon 14:02, 12 Nov, 3 Dec 2025."""
    if at is None:
        return "—"
    day, today = (date.fromisoformat(local.day(each)) for each in (at, now))
    ago = (today - day).days
    if ago in (0, 1):
        return f"{('today', 'yesterday')[ago]} {local.text(at, '%H:%M')}".strip()
    if 1 < ago < 7:
        return local.text(at, "%a %H:%M")
    return local.text(at, "%-d %b" if day.year == today.year else "%-d %b %Y")


def clock(at: int | None, local: LocalTime) -> str:
    """The time of day of an instant."""
    return "" if at is None else local.text(at, "%H:%M")


@lru_cache
def environment(*more: Path) -> Environment:
    """The templates, ready to be rendered. more: folders of other templates."""
    folder = resources.files("accrete.explorer") / "templates"
    made = Environment(
        loader=FileSystemLoader([str(folder), *map(str, more)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "untrusted": untrusted,
        "one_line": one_line,
        "isolated": isolated,
        "rows": rows,
        "cell": cell,
        "drawn": drawn,
        "when": when,
        "clock": clock,
        "day": spoken,
        "money": formats.money,
        "span": formats.span,
        "number": formats.number,
        "tokens": formats.tokens,
        "size": formats.size,
        "percent": formats.percent,
        "plural": formats.plural,
        "markdown": markdown_html,
        "visible": visible,
    }
    made.filters |= {"marked": marked}
    made.globals |= {"form_token": form_token}
    made.globals |= {"MENU": MENU, "RANGES": NAMES, "asset": address, "charts": charts}
    return made


def render(template: str, /, *more: Path, **context: object) -> str:
    """A template with its context. A context without a view is that of a fault."""
    return environment(*more).get_template(template).render(_with_mount(context))


def stream(template: str, /, *more: Path, **context: object) -> Iterator[str]:
    """The same in pieces, as they are made: the head of the page first."""
    held, size, most = list[str](), 0, FIRST_PIECE
    for piece in environment(*more).get_template(template).generate(_with_mount(context)):
        held.append(piece)
        size += len(piece)
        if size >= most:
            yield "".join(held)
            held, size, most = [], 0, PIECE
    yield "".join(held)


def _with_mount(context: dict[str, object]) -> dict[str, object]:
    view = context.get("view")
    context.setdefault("view", None)
    context.setdefault("partial", False)
    context.setdefault("menu", None)
    context["mount"] = view.mount if isinstance(view, View) else context.get("mount", "")
    return context


__all__ = ["environment", "escape", "one_line", "render", "stream", "untrusted", "when"]
