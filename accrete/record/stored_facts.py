"""Facts about a person's rows and about the record: what one word says, apart from the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accrete.text.terms import INDEX_VERSION

if TYPE_CHECKING:
    from accrete.database import Database

SEARCH_INDEX = "search_index"
"""The fact that says which version of the words the search index holds."""

SCRUB_WAITS = "scrub_waits"
"""The fact that something was deleted whose bytes are still in the file: "1"."""
REDACTED = "redaction_version"
"""The fact with which version of the patterns all texts were gone over."""
SWEPT = "swept_for_reader"
"""The fact for which version of the reader `ingest/reread.py` took out what only older ones
made."""
AUTOMATED_BY = "automated_by"
"""The fact by which folders of config.json sessions were told to be automated, as JSON."""
SUMMARIES_WAIT = "summaries_wait"
"""The fact that names, as JSON, the records whose summaries were stored while their sessions, which
may stand in other files, were not looked for yet; "1" where they are many."""
WEEKS_WAIT = "weeks_wait"
"""The fact that names, as JSON, the weeks (their Mondays) whose sessions changed since they were
added up; "1" where they are many, "0" for none."""

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
