"""What pages are made of: figures and tables, shown as HTML and handed out as CSV and JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

Scalar = str | int | float | None
DASH = "—"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the figures on top of a page. key: of its definition on /numbers; value: the number
    itself; text: as it is shown; note: one plain comparison; href: the rows it counts."""

    key: str
    name: str
    value: Scalar
    text: str
    note: str = ""
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """key: its name in CSV and JSON; unit: of the values there, where it is not a plain number."""

    key: str
    name: str
    right: bool = False
    unit: str = ""
    define: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """value: as CSV and JSON have it; text: as it is shown. chip: a word in a frame before it, in
    a tone: good, warn, bad or plain. why: why a value is unknown, not possible or too few."""

    value: Scalar
    text: str = ""
    href: str | None = None
    chip: str = ""
    tone: str = "plain"
    under: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table. key: its name in a URL; older: where its next rows are, and next_name, what that
    link is called; sorts: what it can be sorted by, by the key of a column, with the address that
    does."""

    key: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    older: str | None = None
    sort: str | None = None
    sorts: dict[str, str] = field(default_factory=dict)
    empty: str = "Nothing here."
    next_name: str = "Older"

    def records(self) -> list[dict[str, Scalar]]:
        """The rows by the keys of their columns."""
        keys = [column.key for column in self.columns]
        return [dict(zip(keys, (cell.value for cell in row), strict=True)) for row in self.rows]

    def less(self, *keys: str) -> Sheet:
        """The same without some columns."""
        if not keys:
            return self
        kept = [nth for nth, column in enumerate(self.columns) if column.key not in keys]
        rows = [[row[nth] for nth in kept] for row in self.rows]
        return replace(self, columns=[self.columns[nth] for nth in kept], rows=rows)

    def by_days(self, day: Callable[[int], str]) -> Sheet:
        """The same with the days of its instants alone."""
        at = [nth for nth, column in enumerate(self.columns) if column.unit == "UTC ms"]
        if not at:
            return self
        columns = [replace(column, unit="") if column.unit == "UTC ms" else column
                   for column in self.columns]  # fmt: skip
        rows = [
            [
                replace(cell, value=day(cell.value))
                if nth in at and isinstance(cell.value, int)
                else cell
                for nth, cell in enumerate(row)
            ]
            for row in self.rows
        ]
        return replace(self, columns=columns, rows=rows)

    def csv(self) -> str:
        """The rows as CSV (RFC 4180). A text that a spreadsheet would take for a formula gets an
        apostrophe before it."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([column.key for column in self.columns])
        for row in self.rows:
            writer.writerow([_harmless(cell.value) for cell in row])
        return out.getvalue()


@dataclass(frozen=True, slots=True)
class Page:
    """One page: what it says first, its figures, its tables and what its template needs beside
    them. current: the entry of the menu that it belongs to; live: whether it says when there is
    something new; streamed: its HTML is sent while it is written, which long pages are; rest: what
    makes the page from what was read, where that takes long: the head is sent before, so this one
    has its title alone."""

    title: str
    current: str = ""
    lead: Sequence[str] = ()
    figures: Sequence[Figure] = ()
    sheets: Sequence[Sheet] = ()
    parts: Mapping[str, object] = field(default_factory=dict)
    status: int = 200
    live: bool = False
    streamed: bool = False
    rest: Callable[[], Page] | None = None

    def whole(self) -> Page:
        """The page with all that it shows."""
        return self if self.rest is None else self.rest()

    def sheet(self, key: str) -> Sheet:
        """The table of a key. Raises KeyError."""
        return {each.key: each for each in self.sheets}[key]

    def as_json(self) -> dict[str, object]:
        """What is shown, as numbers: the lead, the figures by key, the tables by key."""
        return {
            "title": self.title,
            "lead": list(self.lead),
            "figures": {each.key: each.value for each in self.figures},
            "tables": {each.key: each.records() for each in self.sheets},
        }


def _harmless(value: Scalar) -> Scalar:
    text = isinstance(value, str) and value.startswith(_FORMULA)
    return f"'{value}" if text else value
