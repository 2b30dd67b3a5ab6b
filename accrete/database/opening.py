"""Opens a record for reading: one policy for all readers."""

from __future__ import annotations

from pathlib import Path

from accrete.database.schema import latest_version
from accrete.database.sqlite import Sqlite
from accrete.errors import NoRecordError, OldRecordError


def open_for_reading(path: Path) -> Sqlite:
    """A record that this program can read as it is.

    Raises NoRecordError when there is none, or an empty one; OldRecordError when an older version
    wrote it, so that it has to be brought up to date first; AccreteError when it is newer than this
    program, damaged, or cannot be read.
    """
    try:
        db = Sqlite(path, readonly=True)
    except FileNotFoundError:
        raise NoRecordError(
            f"No record in {path.parent} yet. Run `accrete backfill` first."
        ) from None
    if db.version == latest_version():
        return db
    db.close()
    if db.version < 1:
        raise NoRecordError(f"The record in {path.parent} is empty. Run `accrete backfill` first.")
    raise OldRecordError(
        f"The record in {path.parent} was written by an older version of Accrete. "
        "Run `accrete backfill`."
    )
