"""Brings a record of an older version up to date: with room for it, and a copy first."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from accrete.care.copies import before_upgrade, copy, remove_copies
from accrete.database import Sqlite
from accrete.database.disk_space import refuse_without_room, shortage
from accrete.database.schema import latest_version
from accrete.derive.refresh import refresh
from accrete.errors import AccreteError
from accrete.record import lock, store
from accrete.settings import Settings


def bring_up_to_date(db: Sqlite) -> Path | None:
    """Makes the schema that of this program, for a caller that holds the lock; returns where the
    record as it was is kept, None where it was new or current, or where there is no room for a
    copy. Raises AccreteError where there is no room to bring it up to date: nothing is changed.
    """
    kept, older = None, 0 < db.version < latest_version()
    if older:
        refuse_without_room(db.path)
        kept = _keep(db.path)
    db.migrate()
    if older:
        _give_back(db)
    return kept


def _give_back(db: Sqlite) -> None:
    """Gives the disk what an upgrade left empty, where that is a good part of the file. Where it
    cannot, for want of room or because others read, new rows fill it."""
    ((pages,),), ((empty,),) = db.run("PRAGMA page_count"), db.run("PRAGMA freelist_count")
    if empty * 4 > pages:
        with suppress(AccreteError):
            db.run("PRAGMA wal_checkpoint(TRUNCATE)")  # the log is as long as what changed
            db.run("VACUUM")


def _keep(database: Path) -> Path | None:
    """A copy is made where it can be: the migration is one transaction and needs none."""
    with suppress(AccreteError, OSError):
        remove_copies(database)
        if not shortage(database, copies=1):
            copy(database, before_upgrade(database))
            return before_upgrade(database)
    return None


def upgrade(settings: Settings) -> Path | None:
    """Brings a record that an older program wrote to the schema of this one, and what is derived
    with it; returns where the record as it was is kept, None where no copy was made.

    Raises AccreteError when another ingest holds the record for a minute, when it cannot be
    written, or when there is no room.
    """
    with lock.held(settings.lock, wait_s=60) as mine:
        if not mine:
            raise AccreteError(
                "Another ingest is updating the record from an older version. Try again when "
                "it is done."
            )
        db = Sqlite(settings.database)
        try:
            kept = bring_up_to_date(db)
            store.freshen_search(db)
            refresh(db, settings.person, settings)
        finally:
            db.close()
    return kept
