"""Exports for whoever takes them slowly: a piece at a time, none read before it is asked for."""

from __future__ import annotations

import io
import json
from collections.abc import Generator, Iterator
from pathlib import Path

from accrete.care.export import csv_row, rows_of
from accrete.database import Sqlite
from accrete.model.tables import EXPORTED
from accrete.queries.scope import Scope

FORMATS = {
    "jsonl": "application/x-ndjson",
    "json": "application/json",
    "csv": "text/csv",
}
PIECE = 64 * 1024


def pieces(path: Path, scope: Scope, form: str, table: str | None) -> Generator[str]:
    """The record as text: as JSON Lines of one table or of all; one table as a JSON array or as
    CSV. Between two pieces no statement is open, so whoever stops taking them holds no writer up.

    All pieces must be asked for on one thread, and the iterator closed on it."""
    db = Sqlite(path, readonly=True)
    try:
        out = io.StringIO()
        for text in _texts(db, scope, form, (table,) if table else EXPORTED):
            out.write(text)
            if out.tell() >= PIECE:
                yield out.getvalue()
                out = io.StringIO()
        yield out.getvalue()
    finally:
        db.close()


def _texts(db: Sqlite, scope: Scope, form: str, tables: tuple[str, ...]) -> Iterator[str]:
    if form == "jsonl":
        for table in tables:
            for row in rows_of(db, table, None, scope):
                yield json.dumps({"table": table, **row}, ensure_ascii=False) + "\n"
        return
    first = True
    for row in rows_of(db, tables[0], None, scope):
        if form == "json":
            yield ("[\n" if first else ",\n") + json.dumps(row, ensure_ascii=False)
        else:
            yield csv_row(row, heading=first)
        first = False
    if form == "json":
        yield "[]\n" if first else "\n]\n"
