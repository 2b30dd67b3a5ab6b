"""Writes the rows of tables, the marks of charts, and other people's text. In Python, not in a
template: a table has thousands of cells."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

from accrete.explorer.charts import Mark
from accrete.explorer.page import DASH, Cell, Sheet
from accrete.text.plain import squeeze, visible


def untrusted(text: str | None) -> Markup:
    """Other people's text: escaped, its direction kept to itself, what cannot be seen made
    visible."""
    return Markup(f"<bdi>{escape(visible(text or ''))}</bdi>")  # noqa: S704 - escaped


def one_line(text: str | None, most: int = 200) -> Markup:
    """The same on one line, cut after `most` characters."""
    return untrusted(flat(text, most))


def isolated(text: str | None, most: int = 200) -> Markup:
    """The same for an element whose style keeps the direction to itself (`unicode-bidi`)."""
    return escape(visible(flat(text, most)))


def flat(text: str | None, most: int) -> str:
    """A text on one line, cut after `most` characters."""
    line = squeeze(text or "")
    return line if len(line) <= most else line[: most - 1] + "…"


def rows(sheet: Sheet) -> Markup:
    """The rows of a table as `tr`."""
    kinds = ['<td class="n">' if column.right else "<td>" for column in sheet.columns]
    made = []
    for row in sheet.rows:
        cells = [f"{kind}{_cell(each)}</td>" for kind, each in zip(kinds, row, strict=False)]
        made.append(f"<tr>{''.join(cells)}</tr>")
    return Markup("\n".join(made))  # noqa: S704 - every text in it went through escape


def drawn(marks: Sequence[Mark]) -> Markup:
    """The marks of a chart as `rect`; of those that open something the last takes the focus."""
    made = []
    for at, mark in enumerate(marks, 1):
        label = _escaped(mark.label)
        title = f"<title>{label}</title>" if label else ""
        rect = (
            f'<rect class="{mark.kind}" x="{mark.x}" y="{mark.y}" width="{mark.width}" '
            f'height="{mark.height}" rx="1">{title}</rect>'
        )
        if mark.href:
            focus = 0 if at == len(marks) else -1
            rect = (
                f'<a href="{_escaped(mark.href)}" aria-label="{label}" tabindex="{focus}">'
                f"{rect}</a>"
            )
        made.append(rect)
    return Markup("".join(made))  # noqa: S704 - every text in it went through escape


def cell(each: Cell) -> Markup:
    """What stands in one cell."""
    return Markup(_cell(each))  # noqa: S704 - every text in it went through escape


def _cell(each: Cell) -> str:
    """The same as a plain string: Markup would look at every piece that is put into it."""
    value = each.value
    if each.href:
        said = f'<a href="{_escaped(each.href)}">{_line(each.text or DASH)}</a>'
    elif each.why:
        why, text = _escaped(each.why), _escaped(each.text or DASH)
        said = f'<abbr tabindex="0" title="{why}">{text}</abbr>'
    else:
        own = isinstance(value, int | float)
        said = _escaped(each.text) if own else _line(each.text)
    if each.chip:
        said = f'<span class="chip {_escaped(each.tone)}">{_escaped(each.chip)}</span> {said}'
    if each.under:
        said = f'{said}<span class="under">{_line(each.under)}</span>'
    return said


def _line(text: str) -> str:
    """`one_line` as a plain string."""
    return f"<bdi>{_escaped(visible(flat(text, 200)))}</bdi>"


_SPECIAL = re.compile("[&<>\"']")


def _escaped(text: str) -> str:
    """`escape` as a plain string; most texts have nothing to escape."""
    return str(escape(text)) if _SPECIAL.search(text) else text
