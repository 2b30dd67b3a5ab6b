"""Maintains the record: rebuild, redaction of stored texts, backup, restore."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from accrete.care.copies import copy
from accrete.care.forget import Receipt, delete_sessions, scrub
from accrete.care.upgrade import bring_up_to_date
from accrete.database import Row, Sqlite
from accrete.database.long_texts import LONG_TEXTS
from accrete.derive.appends import forget_settled
from accrete.derive.refresh import refresh
from accrete.derive.weeks import let_every_week_wait
from accrete.errors import AccreteError, NewerRecordError
from accrete.model.field import Holds
from accrete.model.sharing import SharedRows
from accrete.model.tables import TABLES, Table
from accrete.record import lock, store
from accrete.record.forgotten import forget_history
from accrete.record.stored_facts import REDACTED, SCRUB_WAITS
from accrete.redaction import REDACTION_VERSION, redact, redact_json
from accrete.settings import Settings

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many sessions were derived again, and how many stored texts newer patterns changed."""

    sessions: int
    redacted: int


def rebuild(settings: Settings) -> Rebuilt:
    """Works out every derived row and the search index from the stored rows; reads no transcript.

    Raises AccreteError when another ingest holds the record for a minute.
    """
    with lock.held(settings.lock, wait_s=60) as mine:
        if not mine:
            raise AccreteError("Another ingest is running. Wait until it ends and try again.")
        db = Sqlite(settings.database)
        try:
            bring_up_to_date(db)
            store.freshen_search(db)
            changed = redact_past(db)
            with db.transaction():
                store.rebuild_search(db)
                forget_settled(db, settings.person)
                let_every_week_wait(db, settings.person)
                db.run("UPDATE session SET stale = 1 WHERE person = ?", (settings.person,))
                store.assume_zone(db, settings.person, settings.zone)
            return Rebuilt(refresh(db, settings.person, settings), changed)
        finally:
            db.close()


def redact_past(db: Sqlite) -> int:
    """Goes over every stored text when the patterns are newer than those it was stored with;
    returns how many texts changed. What was replaced is scrubbed from the file."""
    if int(store.fact(db, store.RECORD, REDACTED) or 0) >= REDACTION_VERSION:
        return 0
    changed = 0
    with db.transaction():
        changed += _redact_events(db)
        for table in TABLES:
            changed += _redact_table(db, table)
        store.set_fact(db, store.RECORD, REDACTED, str(REDACTION_VERSION))
        if changed:
            db.run("UPDATE session SET stale = 1")
            store.set_fact(db, store.RECORD, SCRUB_WAITS, "1")
    if changed:
        scrub(db)
    return changed


def _redact_events(db: Sqlite) -> int:
    changed, last = 0, 0
    while rows := db.run(
        "SELECT id, text, kind FROM event WHERE id > ? AND text IS NOT NULL ORDER BY id LIMIT ?",
        (last, _AT_ONCE),
    ):
        last, _, _ = rows[-1]
        found = [
            (new, identity)
            for identity, text, kind in rows
            if (new := _clean(text, kind == "unknown")) != text
        ]
        store.replace_event_texts(db, found)
        changed += len(found)
    return changed


def _clean(text: str, is_json: bool) -> str:
    return redact_json(text, redact) if is_json else redact(text)


def _redact_table(db: Sqlite, table: Table) -> int:
    """Goes over the texts of a table; the events' own, which the search index follows, are gone
    over apart."""
    columns = tuple(name for name in table.texts if (table.name, name) != ("event", "text"))
    if not columns:
        return 0
    json_of = [table.fields[name].holds is Holds.JSON for name in columns]
    long = {columns.index(name) for name in LONG_TEXTS.get(table.name, ())}
    changed = []
    for row in db.connection.execute(
        f"SELECT {', '.join((*columns, *table.key))} FROM {table.name}"
    ):
        texts = tuple(
            _clean(text, is_json) if isinstance(text, str) else text
            for text, is_json in zip(row, json_of, strict=False)
        )
        if texts != tuple(row[: len(columns)]):
            stored = (db.keep(text) if n in long else text for n, text in enumerate(texts))
            changed.append((*stored, *row[len(columns) :]))
    # Names that differ in a secret alone become one row.
    into = f"OR REPLACE {table.name}" if set(columns) & set(table.key) else table.name
    store.update_rows(db, into, table.key, columns, changed)
    return len(changed)


def backup(settings: Settings, file: Path, *, force: bool = False) -> int:
    """Writes a whole, checked copy of the record to `file` (mode 0600) while others read and write;
    returns its size in bytes. Raises AccreteError when the file is there already, or cannot be
    written."""
    _refuse_the_record(file, settings)
    if file.exists() and not force:
        raise AccreteError(f"{file} exists. Give another name, or --force to overwrite it.")
    return copy(settings.database, file)


def _refuse_the_record(file: Path, settings: Settings) -> None:
    if file.exists() and settings.database.exists() and os.path.samefile(file, settings.database):
        raise AccreteError(f"{file} is the record itself. Give another file.")


def _check_backup(file: Path) -> None:
    try:
        db = Sqlite(file, readonly=True)
        found = [said for (said,) in db.run("PRAGMA quick_check(1)")]
        db.close()
    except NewerRecordError:
        raise
    except AccreteError as error:
        raise AccreteError(
            f"{file} is damaged or not an Accrete backup. Nothing was changed. Try another file."
        ) from error
    if found != ["ok"]:
        raise AccreteError(
            f"{file} is damaged ({found[0]}). Nothing was changed. Try another backup."
        )


def restore(settings: Settings, file: Path) -> Path | None:
    """Puts a backup in the place of the record; returns where the record that stood there is kept,
    None when there was none. Sessions forgotten since the backup are forgotten in it too.

    Raises AccreteError when `file` is no backup, is newer than this program, or an ingest is at
    work.
    """
    if not file.is_file():
        raise AccreteError(f"{file} does not exist. Give a file that `accrete backup` wrote.")
    _refuse_the_record(file, settings)
    _check_backup(file)
    with lock.held(settings.lock, wait_s=60) as mine:
        if not mine:
            raise AccreteError("Another ingest is running. Wait until it ends and try again.")
        fresh = settings.database.with_name("accrete.db.restoring")
        fresh.unlink(missing_ok=True)
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            _copy(file, fresh)
            _prepare(fresh, _known(settings.database), settings)
            kept = _set_aside(settings.database)
            _remove_log(settings.database)
            os.replace(fresh, settings.database)
        finally:
            for suffix in ("", "-wal", "-shm"):
                fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)
    return kept


def _copy(file: Path, fresh: Path) -> None:
    source = Sqlite(file, readonly=True)
    try:
        if source.version < 1:
            raise AccreteError(
                f"{file} is not an Accrete backup. Give a file that `accrete backup` wrote."
            )
        os.close(os.open(fresh, os.O_CREAT | os.O_RDWR, 0o600))
        target = sqlite3.connect(fresh)
        try:
            source.connection.backup(target)
        finally:
            target.close()
    finally:
        source.close()


class _Known(NamedTuple):
    """What a restored record takes over from the one that it replaces: what was forgotten, what a
    team server holds, and the revision that follows its own."""

    forgotten: list[Row] = []
    shared: list[Row] = []
    revision: int = 0


def _known(path: Path) -> _Known:
    if not path.exists():
        return _Known()
    try:
        db = Sqlite(path, readonly=True)
    except AccreteError:
        return _Known()  # the record is damaged: that may be why it is being restored
    try:
        if not db.version:
            return _Known()
        tables = {name for (name,) in db.run("SELECT name FROM sqlite_master")}
        held = f"SELECT {', '.join(SharedRows._fields)} FROM shared"
        return _Known(
            db.run("SELECT person, what, value, at FROM forgotten"),
            db.run(held) if "shared" in tables else [],
            db.revision() + 1,
        )
    finally:
        db.close()


def _prepare(fresh: Path, known: _Known, settings: Settings) -> None:
    """Makes a restored record current, and forgets in it what was forgotten since. Its revision
    goes on from that of the record it replaces: whoever shows something sees that it changed. What
    a team server holds is not what it held when the backup was made: all is compared anew."""
    db = Sqlite(fresh)
    try:
        db.migrate()
        store.freshen_search(db)
        with db.transaction():
            db.many(
                "INSERT INTO forgotten (person, what, value, at) "
                "VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                known.forgotten,
            )
            db.run("UPDATE shared SET hash = ''")
            db.run("DELETE FROM compared")
            db.many(
                f"INSERT OR REPLACE INTO shared ({', '.join(SharedRows._fields)}) "
                f"VALUES ({', '.join('?' * len(SharedRows._fields))})",
                known.shared,
            )
            rows = db.run(
                """SELECT DISTINCT s.person, s.id FROM session s
                JOIN forgotten f ON f.person = s.person
                WHERE (f.what = 'session' AND f.value = s.id) OR (f.what = 'project'
                AND f.value = s.project)
                ORDER BY s.person, s.id"""
            )
            people = [person for (person,) in db.run("SELECT id FROM person ORDER BY id")]
            for person in people:
                delete_sessions(
                    db, person, [session for whose, session in rows if whose == person], Receipt()
                )
                forget_history(db, person)
            db.run(
                "UPDATE revision SET n = CASE WHEN n < ? THEN ? ELSE n END",
                (known.revision, known.revision),
            )
        for person in people:
            refresh(db, person, settings)
        if known.forgotten:
            scrub(db)
        db.run("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        db.close()


def _set_aside(path: Path) -> Path | None:
    """Keeps the present record under another name, whole, and its log empty: until it is replaced
    it stays in place."""
    if not path.exists():
        return None
    try:
        db = Sqlite(path)
        db.run("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
    except AccreteError:
        pass  # it is damaged: that may be why a backup is restored
    kept = path.with_name(f"accrete.db.replaced-{time.strftime('%Y%m%d-%H%M%S')}")
    kept.unlink(missing_ok=True)
    try:
        os.link(path, kept)
    except OSError:
        shutil.copy2(path, kept)
    return kept


def _remove_log(path: Path) -> None:
    """What is left of the log of a record that was replaced: it is not the new one's."""
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
