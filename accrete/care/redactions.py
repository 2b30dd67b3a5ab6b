"""Counts what redaction replaced in the stored texts, by kind."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from accrete.database import Sqlite
from accrete.model.tables import TABLES

MARK = "[redacted:"
_KIND = re.compile(r"\[redacted:([a-z0-9-]{1,60})\]")
AT_ONCE = 20_000
"""Rows that one statement looks at: no read transaction stays open while all are counted."""


def redactions(path: Path) -> list[tuple[str, int]]:
    """(kind, how often it stands in a stored text), the most frequent first. Reads every text, so
    it takes seconds on a long record; copies in forks count too."""
    found: Counter[str] = Counter()
    db = Sqlite(path, readonly=True)
    try:
        for table in TABLES:
            if table.texts:
                _count(db, table.name, table.texts, found)
    finally:
        db.close()
    return sorted(found.items(), key=lambda each: (-each[1], each[0]))


def _count(db: Sqlite, table: str, columns: tuple[str, ...], found: Counter[str]) -> None:
    last = db.run(f"SELECT COALESCE(MAX(rowid), 0) FROM {table}")[0][0]
    held = " OR ".join(f"instr({column}, '{MARK}') > 0" for column in columns)
    for begin in range(0, last, AT_ONCE):
        for row in db.run(
            f"SELECT {', '.join(columns)} FROM {table} WHERE rowid > ? AND rowid <= ? AND ({held})",
            (begin, begin + AT_ONCE),
        ):
            for text in row:
                found.update(_KIND.findall(text) if isinstance(text, str) else ())
