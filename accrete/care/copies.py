"""Whole copies of a record: a checked one in any place, and the one that an upgrade keeps."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from accrete.database import Sqlite
from accrete.errors import AccreteError

KEPT_S = 30 * 86_400
"""How long the copy from before an upgrade is kept: as long as Claude Code keeps transcripts."""


def copy(database: Path, file: Path) -> int:
    """Writes a whole, checked copy of a record to `file` (mode 0600), at once, while others read
    and write; returns its size in bytes. Raises AccreteError where it cannot be written.
    """
    partial = file.with_name(f".{file.name}.{uuid4().hex[:8]}.partial")
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_RDWR | os.O_EXCL, 0o600))
        source = Sqlite(database, readonly=True)
        target = sqlite3.connect(partial)
        try:
            source.connection.backup(target)
            check = target.execute("PRAGMA quick_check(1)").fetchone()[0]
            if check != "ok":
                raise AccreteError(
                    f"The copy did not pass its check ({check}). Run `accrete doctor`."
                )
            target.execute("PRAGMA journal_mode = DELETE")
        finally:
            target.close()
            source.close()
        os.replace(partial, file)
    except (OSError, sqlite3.Error) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise AccreteError(
            f"Cannot write {file}: {said}. Nothing was changed. Try another location."
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    return file.stat().st_size


def before_upgrade(database: Path) -> Path:
    """Where the copy is kept that was made before the last upgrade of a record. `forget` of older
    programs removes files whose names begin so, too."""
    return database.with_name(f"{database.name}.replaced-by-upgrade")


def remove_copies(database: Path) -> list[Path]:
    """Removes the copy from before an upgrade, and what is left of one whose making was killed;
    returns which files went. Raises OSError where one cannot be removed.
    """
    name = before_upgrade(database).name
    found = [before_upgrade(database), *database.parent.glob(f".{name}.*.partial")]
    removed = [path for path in found if path.exists()]
    for path in removed:
        path.unlink(missing_ok=True)
    return removed


def expire(database: Path, now: float) -> None:
    """Removes the copy from before an upgrade where it is older than KEPT_S; now: s since 1970."""
    with suppress(OSError):
        if now - before_upgrade(database).stat().st_mtime > KEPT_S:
            remove_copies(database)
