"""Writes the rows of tables, and other people's text. In Python, not in a template: a table has
thousands of cells."""

from __future__ import annotations

from markupsafe import Markup, escape

from accrete.explorer.page import DASH, Cell, Sheet
from accrete.text.plain import squeeze, visible


def untrusted(text: str | None) -> Markup:
    """Other people's text: escaped, its direction kept to itself, what cannot be seen made
    visible."""
    return Markup(f"<bdi>{escape(visible(text or ''))}</bdi>")  # noqa: S704 - escaped


def one_line(text: str | None, most: int = 200) -> Markup:
    """The same on one line, cut after `most` characters."""
    return untrusted(_flat(text, most))


def isolated(text: str | None, most: int = 200) -> Markup:
    """The same for an element whose style keeps the direction to itself (`unicode-bidi`)."""
    return escape(visible(_flat(text, most)))


def _flat(text: str | None, most: int) -> str:
    flat = squeeze(text or "")
    return flat if len(flat) <= most else flat[: most - 1] + "…"


def rows(sheet: Sheet) -> Markup:
    """The rows of a table as `tr`."""
    kinds = [' class="n"' if column.right else "" for column in sheet.columns]
    return Markup(  # noqa: S704 - every text in it went through escape
        "\n".join(
            "<tr>"
            + "".join(
                f"<td{kind}>{cell(each)}</td>" for kind, each in zip(kinds, row, strict=False)
            )
            + "</tr>"
            for row in sheet.rows
        )
    )


def cell(each: Cell) -> Markup:
    """What stands in one cell."""
    if each.href:
        said = f'<a href="{escape(each.href)}">{one_line(each.text or DASH)}</a>'
    elif each.why:
        why, text = escape(each.why), escape(each.text or DASH)
        said = f'<abbr tabindex="0" title="{why}">{text}</abbr>'
    else:
        own = isinstance(each.value, int | float)
        said = str(escape(each.text) if own else one_line(each.text))
    if each.chip:
        said = f'<span class="chip {escape(each.tone)}">{escape(each.chip)}</span> {said}'
    if each.under:
        said = f'{said}<span class="under">{one_line(each.under)}</span>'
    return Markup(said)  # noqa: S704 - every text in it went through escape
