"""Texts with styles, broken into lines and written as `rich` does it, without the time that `rich`
takes to import; it writes what is not simple.

Simple are lines of characters that take one cell each. Everything else (wide characters, joined
ones, tabs, styles within styles) is `rich`'s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Self

from accrete.text.lazy import lazy

if TYPE_CHECKING:
    from rich.padding import Padding
    from rich.text import Text as Rich

TAB = 8
"""Cells from one stop of a tab to the next."""
_SIMPLE = lazy(
    "[ -~\xa0-\xac\xae-\u02ff\u0370-\u0377\u0391-\u03a1\u03a3-\u0482"
    "\u2010-\u2027\u2190-\u21ff\u2212\u2500-\u25fc\u2713\u2717\u2800-\u28ff]*"
)
"""Characters that take one cell on every terminal; not all of them."""
_WORD = lazy(r"\s*\S+\s*")
_CODES = {
    "bold": "1", "dim": "2", "italic": "3", "red": "31", "green": "32", "yellow": "33",
    "blue": "34", "magenta": "35", "cyan": "36",
}  # fmt: skip
_COLOURS = frozenset({"red", "green", "yellow", "blue", "magenta", "cyan"})

Piece = tuple[str, str]
"""A text and its style: words of _CODES, or ''."""


def is_simple(text: str) -> bool:
    """Whether each character of a line takes one cell."""
    return _SIMPLE.fullmatch(text) is not None


def cells(text: str) -> int:
    """How many cells of a terminal a line takes."""
    if is_simple(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


class Text:
    """A text made of pieces with a style each. style: that of all of it."""

    __slots__ = ("pieces", "style")

    def __init__(self, text: str = "", style: str = "") -> None:
        self.style = style
        self.pieces: list[Piece] = [(text, "")] if text else []

    @classmethod
    def assemble(cls, *parts: str | Piece) -> Self:
        """A text of pieces, those without a style as they are."""
        made = cls()
        made.pieces = [(part, "") if isinstance(part, str) else part for part in parts]
        return made

    def append(self, text: str, style: str = "") -> None:
        """Adds a piece."""
        self.pieces.append((text, style))

    @property
    def plain(self) -> str:
        """The text without its styles."""
        return "".join(text for text, _ in self.pieces)

    def __rich__(self) -> Rich:
        from rich.text import Text as Rich

        made = Rich(style=self.style)
        for text, style in self.pieces:
            made.append(text, style)
        return made

    def height(self, width: int) -> int:
        """How many lines it takes."""
        lines = self.lines(width)
        if lines is not None:
            return len(lines)
        from rich.console import Console

        return len(self.__rich__().wrap(Console(width=width), width))

    def lines(self, width: int) -> list[list[Piece]] | None:
        """Its lines, broken between words where they are wider; None if it is not simple."""
        if self.style and any(style for _, style in self.pieces):
            return None
        styles = {self.style, *(style for _, style in self.pieces)}
        if width < 1 or not all(map(style_is_known, styles)):
            return None
        found = broken(self.plain, width)
        if found is None:
            return None
        pieces = [(text, self.style or style) for text, style in self.pieces]
        return [_between(pieces, start, end) for start, end in found]


class Cut(Text):
    """A text on one line, which is cut where the screen ends."""

    __slots__ = ()

    def __rich__(self) -> Rich:
        made = super().__rich__()
        made.no_wrap, made.overflow = True, "ellipsis"
        return made

    def lines(self, width: int | None) -> list[list[Piece]] | None:
        """Its line, whole where the width is None; None if it is not simple."""
        if self.style and any(style for _, style in self.pieces):
            return None
        styles = {self.style, *(style for _, style in self.pieces)}
        text = self.plain
        pieces = [(each, self.style or style) for each, style in self.pieces]
        counted = width is not None or "\t" in text
        if width is None and counted and len(pieces) == 1:
            text = text.expandtabs(TAB)
            pieces = [(text, pieces[0][1])]
        simple = is_simple(text) if counted else text.isprintable()
        if not simple or width == 0 or not all(map(style_is_known, styles)):
            return None
        if width is None or len(text) <= width:
            return [[piece for piece in pieces if piece[0]]]
        *before, (last, style) = _between(pieces, 0, width)
        return [[*before, (f"{last[:-1]}…", style)]]


class Block(Text):
    """A text that is set in by some cells and keeps that where it flows over."""

    __slots__ = ("by",)

    def __init__(self, text: str, style: str = "", by: int = 2) -> None:
        super().__init__(text, style)
        self.by = by

    def padded(self) -> Padding:
        """As `rich` shows it, which fills its lines on a terminal."""
        from rich.padding import Padding

        return Padding(self.__rich__(), (0, 0, 0, self.by))

    def lines(self, width: int) -> list[list[Piece]] | None:
        """Its lines without what fills them; None if it is not simple."""
        text = self.plain.expandtabs(TAB)
        found = broken(text, width - self.by) if width > self.by else None
        if found is None or not style_is_known(self.style):
            return None
        return [[(" " * self.by, ""), (text[start:end], self.style)] for start, end in found]


def _between(pieces: list[Piece], start: int, end: int) -> list[Piece]:
    """The pieces of a part of a text."""
    found, at = [], 0
    for text, style in pieces:
        if part := text[max(start - at, 0) : max(end - at, 0)]:
            found.append((part, style))
        at += len(text)
    return found


def broken(text: str, width: int) -> list[tuple[int, int]] | None:
    """Where the lines of a text begin and end if none may be wider than so many cells; None if it
    is not simple. A word that is wider than a line goes on in the next."""
    found, at = [], 0
    for line in text.split("\n"):
        if not is_simple(line):
            return None
        starts = [0, *_breaks(line, width)]
        for start, end in zip(starts, [*starts[1:], len(line)], strict=True):
            excess = max(end - start - width, 0)  # only white space goes beyond
            found.append((at + start, at + end - excess))
        at += len(line) + 1
    return found


def _breaks(line: str, width: int) -> Iterator[int]:
    if len(line) <= width:
        return
    used = 0
    for found in _WORD.finditer(line):
        word, start = found[0], found.start()
        length = len(word.rstrip())
        if length <= width - used:
            used += len(word)
        elif length > width:
            for at in range(start, start + len(word), width):
                if at:
                    yield at
                used = min(start + len(word) - at, width)
        elif used and start:
            yield start
            used = len(word)


def style_is_known(style: str) -> bool:
    """Whether `ansi` can write a style."""
    return all(word in _CODES for word in style.split())


def ansi(text: str, style: str, *, coloured: bool) -> str:
    """A text as a terminal shows it in a style. coloured: whether colours are wanted."""
    words = [word for word in style.split() if coloured or word not in _COLOURS]
    if not text or not words:
        return text
    return f"\033[{';'.join(sorted(_CODES[word] for word in words))}m{text}\033[0m"
