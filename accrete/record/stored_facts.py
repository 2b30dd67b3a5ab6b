"""Facts about a person's rows and about the record: what one word says, apart from the rows."""

from __future__ import annotations

from accrete.database import Database
from accrete.text.terms import INDEX_VERSION

SEARCH_INDEX = "search_index"
"""The fact that says which version of the words the search index holds."""

RECORD = 0
"""Whose facts are about the record itself."""


def fact(db: Database, person: int, name: str) -> str | None:
    """A fact about a person's rows, or about the RECORD itself; None if it was never stored."""
    rows = db.run("SELECT value FROM fact WHERE person = ? AND name = ?", (person, name))
    return next((value for (value,) in rows), None)


def set_fact(db: Database, person: int, name: str, value: str) -> None:
    """Stores a fact about a person's rows, or about the RECORD itself."""
    db.run(
        """INSERT INTO fact (person, name, value) VALUES (?, ?, ?)
        ON CONFLICT (person, name) DO UPDATE SET value = excluded.value""",
        (person, name, value),
    )


def search_is_current(db: Database) -> bool:
    """Whether the search index holds the words that this program makes of texts."""
    return fact(db, RECORD, SEARCH_INDEX) == str(INDEX_VERSION)
