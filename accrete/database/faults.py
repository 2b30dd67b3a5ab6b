"""Error sentences for databases that cannot be read or written."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from accrete.database.schema import latest_version
from accrete.errors import NewerRecordError, RecordError


def known(error: sqlite3.DatabaseError, path: Path) -> Exception:
    """The sentence for what a person can act on; the error itself where it is a fault of the
    program."""
    said = sentence(error, path)
    return error if str(said).startswith(f"Can't use the database {path}") else said


_SENTENCES: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("malformed", "not a database", "no such table", "not decode to UTF-8"),
        "{} is damaged or not a SQLite database ({}). "
        "Restore a backup, or move it away and run `accrete backfill`.",
    ),
    (("full",), "The disk with {} is full. Free some space and try again. Stored data is intact."),
    (("locked", "busy"), "Another program is writing to {}. Wait a moment and try again."),
    (
        ("readonly", "unable to open"),
        "Cannot write {} ({}). Check its permissions, or set ACCRETE_HOME to another folder.",
    ),
    (("disk I/O",), "Cannot read or write {} ({}). Check the disk and its free space."),
    (
        ("user-defined function",),
        "{} is damaged (a long text cannot be unpacked). "
        "Restore a backup, or move it away and run `accrete backfill`.",
    ),
)
"""What to say where SQLite's message has one of the words before its first colon, since a path
may stand behind that: of the file, and of that message. A text that cannot be decoded stands in the
message, and may have any word: the first row that fits is said."""


def sentence(error: sqlite3.DatabaseError, path: Path) -> RecordError:
    """What to say of an error."""
    fault = str(error).partition(":")[0]
    for words, text in _SENTENCES:
        if any(word in fault for word in words):
            return RecordError(text.format(path, error))
    return RecordError(f"Can't use the database {path}: {error}.")


def refuse_newer(version: int, where: str) -> None:
    """Raises NewerRecordError for a schema that this program does not know."""
    known = latest_version()
    if version > known:
        raise NewerRecordError(
            f"{where} was written by a newer Accrete (schema {version}; "
            f"this version knows {known}). "
            "Upgrade: pipx upgrade accrete-ai, or uv tool upgrade accrete-ai."
        )
