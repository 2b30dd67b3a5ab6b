"""Tables that fit the terminal: columns are dropped and text is shortened, but no figure is cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from accrete.commands.styled import broken, cells, is_simple
from accrete.text.plain import plain

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.text import Text

    Cell = str | Text

GAP = 2
"""Spaces between two columns."""
READABLE = 16
"""Characters of a text that stay before a column of lower rank goes."""
LEAST = 4
"""Characters of a text that stay where no column can go any more."""


class Column:
    """One column. how: `l` text and `r` a figure, which are never cut; `w` text that may be
    shortened, `f` text that may flow over several lines. rank: 0 always stays; of the others the
    highest goes first, equal ranks together."""

    __slots__ = ("heading", "how", "natural", "rank", "word")

    def __init__(self, heading: str, how: str, rank: int = 0) -> None:
        self.heading = heading
        self.how = how
        self.rank = rank
        self.natural = cells(heading)
        self.word = 0

    def take(self, cell: Cell) -> None:
        """Widens the column for a cell."""
        text = cell if isinstance(cell, str) else cell.plain
        self.natural = max(self.natural, *(cells(line) for line in text.split("\n")))
        if self.how == "f":
            self.word = max([self.word, *(cells(word) for word in text.split())])

    def least(self, readable: int) -> int:
        """The width below which it is not to go."""
        if self.how in "lr":
            return self.natural
        return min(self.natural, max(readable, min(self.word, 2 * READABLE)))


class Table:
    """A plain table that decides when it is printed which of its columns the terminal has room
    for."""

    __slots__ = ("columns", "rows", "show_header", "title")

    def __init__(self, columns: list[Column], title: str | None = None) -> None:
        self.columns = columns
        self.title = title
        self.show_header = True
        self.rows: list[tuple[list[Cell], str]] = []

    def add_row(self, *cells: Cell, style: str = "") -> None:
        """One row. What a terminal would obey is taken out of its texts."""
        clean: list[Cell] = []
        for column, cell in zip(self.columns, cells, strict=True):
            if isinstance(cell, str):
                cell = plain(cell) if column.how == "f" else " ".join(plain(cell).split("\n"))
            column.take(cell)
            clean.append(cell)
        self.rows.append((clean, style))

    def lines(self, width: int) -> list[tuple[str, str]] | None:
        """Its lines in so much room, each with its style; None if `rich` has to make them."""
        if self.title is not None and not (is_simple(self.title) and len(self.title) <= width):
            return None
        widths = fitted(self.columns, width)
        found = [(self.title, "bold")] if self.title is not None else []
        headings: list[Cell] = [each.heading for each in self.columns]
        for row, style in [(headings, "dim"), *self.rows] if self.show_header else self.rows:
            parts = []
            for index, room in widths.items():
                lines = _plain_lines(self.columns[index], row[index], room)
                if lines is None:
                    return None
                parts.append([_aligned(line, self.columns[index], room) for line in lines])
            blanks = [" " * room for room in widths.values()]
            for pieces in zip_longest(*parts):
                line = (piece or blank for piece, blank in zip(pieces, blanks, strict=True))
                found.append(((" " * GAP).join(line).rstrip(), style))
        return found

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.text import Text

        widths = fitted(self.columns, options.max_width)
        if self.title is not None:
            yield Text(self.title, "bold")
        if self.show_header:
            yield from self._lines(console, [each.heading for each in self.columns], "dim", widths)
        for row, style in self.rows:
            yield from self._lines(console, row, style, widths)

    def _lines(
        self, console: Console, cells: Sequence[Cell], style: str, widths: dict[int, int]
    ) -> Iterator[Text]:
        from rich.text import Text

        parts = [
            _set(self.columns[index], cells[index], width, console)
            for index, width in widths.items()
        ]
        for pieces in zip_longest(*parts):
            line = Text(style=style, no_wrap=True, overflow="ignore")
            for (index, width), piece in zip(widths.items(), pieces, strict=True):
                piece = piece or Text()
                piece.align("right" if self.columns[index].how == "r" else "left", width)
                line.append_text(piece).append(" " * GAP)
            line.rstrip()
            yield line


def _plain_lines(column: Column, cell: Cell, width: int) -> list[str] | None:
    """The lines of one cell; None if `rich` has to make them."""
    if not isinstance(cell, str) or width < 1:
        return None
    if column.how == "f":
        found = broken(cell, width)
        return None if found is None else [cell[start:end] for start, end in found]
    if not is_simple(cell):
        return None
    return [cell if len(cell) <= width else f"{cell[: width - 1]}…"]


def _aligned(text: str, column: Column, width: int) -> str:
    return text.rjust(width) if column.how == "r" else text.ljust(width)


def _set(column: Column, cell: Cell, width: int, console: Console) -> list[Text]:
    """The lines of one cell."""
    from rich.text import Text

    text = Text(cell) if isinstance(cell, str) else cell.copy()
    if column.how == "f":
        return list(text.wrap(console, width, overflow="fold"))
    text.truncate(width, overflow="ellipsis")
    return [text]


def fitted(columns: list[Column], room: int) -> dict[int, int]:
    """The columns that are shown in so much room, and how wide each is. Columns go first, then
    texts are shortened; what is still too wide flows over the terminal's edge, whole."""
    shown = dict(enumerate(columns))
    while _needed(shown, READABLE) > room and (rank := max(each.rank for each in shown.values())):
        shown = {index: each for index, each in shown.items() if each.rank < rank}
    readable = READABLE if _needed(shown, READABLE) <= room else LEAST
    widths = {index: each.least(readable) for index, each in shown.items()}
    left = room - _needed(shown, readable)
    texts = [index for index, each in shown.items() if widths[index] < each.natural]
    while left > 0 and texts:
        for index in texts:
            given = min(max(left // len(texts), 1), left, shown[index].natural - widths[index])
            widths[index] += given
            left -= given
        texts = [index for index in texts if widths[index] < shown[index].natural]
    return widths


def _needed(shown: dict[int, Column], readable: int) -> int:
    return sum(each.least(readable) for each in shown.values()) + GAP * (len(shown) - 1)


def table(*columns: tuple[str, str] | tuple[str, str, int], title: str | None = None) -> Table:
    """A plain table of columns (heading, how, rank); see Column."""
    return Table([Column(heading, how, *rank) for heading, how, *rank in columns], title)
