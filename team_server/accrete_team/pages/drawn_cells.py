"""The cells of the matrix as they are drawn: a figure for the eye, and a sentence instead of it for
a screen reader.

They are put together as strings. A page has more than a thousand of them, and in a template they
took half of its time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from accrete.insight.matrix import Cell, TeamCell, share

GLYPHS = {"not seen": "not-seen", "tried": "tried", "regular": "regular", "fluent": "fluent"}
WAYS = {"rising": "↗", "falling": "↘", "": ""}


class Drawn(NamedTuple):
    """What is drawn of a cell. glyph: of its word; percent, before: of this range and of
    the one before; way: an arrow; mixed: whether versions of the rules are mixed."""

    said: str
    glyph: str | None
    word: str
    percent: int | None
    way: str
    before: int | None
    mixed: bool


class DrawnTeam(NamedTuple):
    """What is drawn of a cell of the whole team. using: how many of how many people; the
    others as in Drawn."""

    said: str
    using: str
    word: str
    percent: int | None
    way: str
    before: int | None
    mixed: bool


def cell_shown(cell: Cell) -> Drawn:
    """What is drawn of a cell."""
    old = cell.before
    return Drawn(
        cell.said,
        GLYPHS.get(cell.word),
        cell.word,
        cell.percent,
        WAYS[cell.way],
        share(*old) if old and old[1] and cell.counted else None,
        bool(cell.mixed),
    )


def team_shown(cell: TeamCell) -> DrawnTeam:
    """What is drawn of a cell of the whole team."""
    word = "" if cell.counted else "few" if cell.eligible else "n/a"
    return DrawnTeam(
        cell.said,
        f"{cell.using}/{cell.people}" if cell.people else "",
        word,
        cell.percent,
        WAYS[cell.way],
        share(*cell.before) if cell.before and cell.before[1] else None,
        bool(cell.mixed),
    )


def drawn(cell: Drawn | DrawnTeam, who: str, href: str | None) -> Markup:
    """A cell as it stands in the table. who: whose it is and which practice; href: what is behind
    it."""
    said = f'<span class="unseen">{escape(who)}: {escape(cell.said)}</span>'
    if cell.word and cell.percent is None:
        inner = said + _word(cell.word)
    elif isinstance(cell, DrawnTeam):
        inner = said + _figure(cell.using, "", *cell[3:])
    else:
        inner = said + _figure("", cell.glyph or "", *cell[3:])
    made = f'<a href="{escape(href)}">{inner}</a>' if href else inner
    return Markup(made)  # noqa: S704 - every text in it went through escape


@lru_cache(32)
def _word(word: str) -> str:
    return f'<span class="word" aria-hidden="true">{escape(word)}</span>'


@lru_cache(4096)
def _figure(
    using: str, glyph: str, percent: int | None, way: str, before: int | None, mixed: bool
) -> str:
    """The figure and its bar. using: how many of how many people, of the whole team."""
    shown = using or (
        f'<svg class="glyph" viewBox="0 0 12 12"><use href="#g-{glyph}"/></svg>{percent}'
    )
    under = f'<span class="under" aria-hidden="true">{percent}%</span>' if using else ""
    old = "" if before is None else f'<rect class="b2" y="5" width="{before}" height="3"/>'
    return (
        f'<span class="v" aria-hidden="true">{shown}{f"<b>{way}</b>" if way else ""}'
        f"{'<sup>*</sup>' if mixed else ''}</span>{under}"
        '<svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<path d="M0 0h100v4H0z"/><rect class="b" width="{percent}" height="4"/>{old}</svg>'
    )
