"""Error sentences for databases that cannot be read or written."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from accrete.database.schema import latest_version
from accrete.errors import AccreteError


def known(error: sqlite3.DatabaseError, path: Path) -> Exception:
    """The sentence for what a person can act on; the error itself where it is a fault of the program."""
    said = sentence(error, path)
    return error if str(said).startswith(f"The database {path} refused") else said


_SENTENCES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("full",), "The disk that holds {} is full. Free some space and run the command again: what was stored is whole."),
    (("locked", "busy"), "Another program is writing to {}. Wait a moment and try again."),
    (("readonly", "unable to open"), "Cannot write {} ({}). Check its permissions, or set ACCRETE_HOME to another folder."),
    (("disk I/O",), "Cannot read or write {} ({}). Check the disk and how much room it has."),
    (("malformed", "not a database", "no such table", "not decode to UTF-8"),
     "{} is damaged or no SQLite database ({}). Restore a backup over it, or move it away and backfill again."),
)  # fmt: skip
"""What to say where SQLite's message has one of the words: of the file, and of that message."""


def sentence(error: sqlite3.DatabaseError, path: Path) -> AccreteError:
    """What to say of an error."""
    for words, text in _SENTENCES:
        if any(word in str(error) for word in words):
            return AccreteError(text.format(path, error))
    return AccreteError(f"The database {path} refused: {error}.")


def refuse_newer(version: int, where: str) -> None:
    """Raises AccreteError for a schema that this program does not know."""
    known = latest_version()
    if version > known:
        raise AccreteError(
            f"{where} was written by a newer Accrete (schema {version}; this program knows {known}). "
            "Upgrade this program: pipx upgrade accrete-ai, or uv tool upgrade accrete-ai."
        )
