"""The nightly job: deletes what is kept too long, and takes the bytes of deleted rows off the
disk."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from itertools import groupby
from time import monotonic, sleep
from typing import NamedTuple

from accrete.database import Database, Postgres, Sqlite
from accrete.errors import AccreteError
from accrete.record import lock, shared, store
from accrete.wire.rows import DAY_MS
from accrete.wire.travels import NAMES
from accrete_team import rollups, tenants
from accrete_team.held import GONE
from accrete_team.registry import Company, Registry
from accrete_team.releases import make_releases

RETENTION = {tier: f"retention_days_{tier}" for tier in (1, 2, 3)}
LEAVERS, LEAVERS_DAYS = "leavers_days", 30
KEEP = "none"
SLICE = 50
"""How many sessions are deleted in one transaction: machines may send between two of them."""
FREE_MOST = 0.05
"""The part of a SQLite file that may be free before it is rewritten."""
WAIT_S = 60
"""How long a rewrite waits for those who use the table."""
NIGHTLY_LOCK = 0x4143_4E54
QUIET = time(3, 30)
"""When `serve` does the job, by the server's clock."""
RAN, COUNTERS = "nightly_at", "nightly_counters"
"""Facts of the database: when the job last ended, and PostgreSQL's counters of changed rows at that
time. GONE is a third."""
OF_PEOPLE = (*NAMES, "event_search", "person_week")
"""Tables whose deleted rows said something of people."""


class Done(NamedTuple):
    """What the job did for a company. expired, left: sessions that were deleted since they were
    kept long enough, and since their owner left; rewritten: tables or files; problem: why bytes of
    deleted rows may still be on the disk, or None; released: the first days of the blocks of which
    a release was made."""

    expired: int = 0
    left: int = 0
    rewritten: tuple[str, ...] = ()
    problem: str | None = None
    released: tuple[str, ...] = ()


def run(company: Company, now: int) -> Done:
    """The whole job for one company, by one at a time. Raises AccreteError."""
    db = tenants.open_company(company)
    try:
        with _alone(db) as mine:
            if not mine:
                return Done(problem="The job is running already.")
            released = make_releases(db, now) if company.state == "active" else []
            expired, left = expire(db, now), delete_leavers(db, now)
            rewritten, problem = scrub(db, now)
            with db.transaction():
                store.set_fact(db, store.RECORD, RAN, str(now))
            return Done(expired, left, rewritten, problem, tuple(released))
    finally:
        db.close()


def run_all(registry: Registry, now: int) -> Iterator[tuple[str, Done]]:
    """The job for each company, archived ones too; what fails is said of that company alone."""
    for company in registry.companies():
        if company.state in ("active", "archived"):
            try:
                yield company.slug, run(company, now)
            except AccreteError as error:
                yield company.slug, Done(problem=str(error))
            except tenants.faults() as error:
                yield company.slug, Done(problem=f"{tenants.fault_said(error)}.")


@contextmanager
def _alone(db: Database) -> Iterator[bool]:
    if isinstance(db, Sqlite):
        with lock.held(db.path.with_name(db.path.name + "-nightly"), wait_s=0) as mine:
            yield mine
        return
    mine = bool(db.run("SELECT pg_try_advisory_lock(?)", (NIGHTLY_LOCK,))[0][0])
    try:
        yield mine
    finally:
        if mine:
            db.run("SELECT pg_advisory_unlock(?)", (NIGHTLY_LOCK,))


def last_run(db: Database) -> int | None:
    """When the job last ended here, UTC ms."""
    found = store.fact(db, store.RECORD, RAN)
    return int(found) if found else None


def bytes_gone_before(db: Database) -> int | None:
    """All that was deleted before this moment, UTC ms, has left the disk; None where the job never
    ended well. Backups keep it as long as they are kept."""
    found = store.fact(db, store.RECORD, GONE)
    return int(found) if found else None


def next_run(now: datetime, at: time = QUIET) -> datetime:
    """When the job begins next, by the clock of `now`."""
    today = now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)


def days(db: Database, name: str, now: int, default: int | None = None) -> int | None:
    """A setting in days as it is now; None: for ever. Raises AccreteError for a value that is no
    number of days: nothing is deleted by guessing."""
    rows = db.run(
        "SELECT value FROM company_setting WHERE name = ? AND since <= ? "
        "ORDER BY since DESC LIMIT 1",
        (name, now),
    )
    if not rows:
        return default
    value = str(rows[0][0]).strip()
    if value == KEEP:
        return None
    if not value.isascii() or not value.isdigit() or len(value) > 5:
        raise AccreteError(f"The setting {name} is {value[:40]!r}. Give days, or {KEEP}.")
    return int(value)


def set_days(db: Database, name: str, value: int | None, now: int) -> None:
    """Sets a setting in days from now on."""
    db.run(
        "INSERT INTO company_setting (name, since, value, by_person, made_at) "
        "VALUES (?, ?, ?, NULL, ?) "
        "ON CONFLICT (name, since) DO UPDATE SET value = excluded.value",
        (name, now, KEEP if value is None else str(value), now),
    )


def expire(db: Database, now: int) -> int:
    """Deletes sessions that ended longer ago than the company keeps those of their tier. They do
    not come back. Returns how many."""
    kept = {tier: days(db, name, now) for tier, name in RETENTION.items()}
    if all(each is None for each in kept.values()):
        return 0
    today = now - now % DAY_MS
    gone = []
    for person, session, tier, at in _ages(db):
        limit = kept.get(tier)
        if limit is not None and at is not None and at < today - limit * DAY_MS:
            gone.append((person, session))
    return _take(db, gone, "expired", now)


def _ages(db: Database) -> list[tuple[int, str, int, int | None]]:
    """Of each session that is held: whose it is, its tier, and when it ended, UTC ms; where it says
    neither end nor beginning, when it came."""
    rows = db.run(
        """SELECT h.person, h.session, MAX(h.tier),
          COALESCE(MAX(s.ended_at), MAX(s.started_at), MAX(h.at))
        FROM shared h LEFT JOIN session s ON s.person = h.person AND s.id = h.session
        GROUP BY h.person, h.session
        UNION ALL
        SELECT s.person, s.id, p.tier, COALESCE(s.ended_at, s.started_at)
        FROM session s JOIN person p ON p.id = s.person
        WHERE NOT EXISTS (SELECT 1 FROM shared h WHERE h.person = s.person AND h.session = s.id)"""
    )
    return sorted(
        (int(person), str(session), int(tier), None if at is None else int(at))
        for person, session, tier, at in rows
    )


def delete_leavers(db: Database, now: int) -> int:
    """Deletes what is held of people who left longer ago than the company's policy says, and ends
    their tokens; returns how many sessions. That they were there stays, and who looked at what."""
    limit = days(db, LEAVERS, now, LEAVERS_DAYS)
    if limit is None:
        return 0
    before = now - limit * DAY_MS
    rows = db.run("SELECT person FROM account WHERE left_at <= ? ORDER BY person", (before,))
    gone = 0
    for (person,) in rows:
        held = {session for who, session, *_ in _ages(db) if who == person}
        gone += _take(db, [(person, session) for session in sorted(held)], "left", now)
        with db.transaction():
            for table in ("person_week", "week_stamp", "shared_project", "sign_in", "invitation",
                          "counted", "teaching", "clip"):  # fmt: skip
                db.run(f"DELETE FROM {table} WHERE person = ?", (person,))
            db.run(
                "UPDATE device_token SET revoked_at = ? WHERE person = ? AND revoked_at IS NULL",
                (now, person),
            )
            db.run(
                "UPDATE account SET email = NULL, password = NULL, subject = NULL WHERE person = ?",
                (person,),
            )
            shared.set_tier(db, person)
    return gone


def _take(db: Database, gone: list[tuple[int, str]], why: str, now: int) -> int:
    for person, ours in groupby(gone, key=lambda each: each[0]):
        sessions = [session for _, session in ours]
        for at in range(0, len(sessions), SLICE):
            rollups.take_away(db, person, sessions[at : at + SLICE], why, now)
    return len(gone)


def scrub(db: Database, now: int) -> tuple[tuple[str, ...], str | None]:
    """Takes the bytes of deleted rows off the disk; returns what was rewritten, and the problem
    where not all of it went. `bytes_gone_before` is `now` then, else what it was."""
    if isinstance(db, Sqlite):
        rewritten, problem = _scrub_sqlite(db)
    else:
        rewritten, problem = _scrub_postgres(db)
    if problem is None:
        with db.transaction():
            store.set_fact(db, store.RECORD, GONE, str(now))
    return rewritten, problem


def _scrub_sqlite(db: Sqlite) -> tuple[tuple[str, ...], str | None]:
    """Deleted rows are overwritten at once (secure_delete); the search index keeps deleted words
    until it is merged, and the log whole pages until it is emptied."""
    rewritten: tuple[str, ...] = ()
    try:
        mark = shared.bytes_waiting(db)
        if mark is not None:
            db.run("INSERT INTO event_search (event_search) VALUES ('optimize')")
            shared.bytes_gone(db, mark)
        pages, free = (db.run(f"PRAGMA {name}")[0][0] for name in ("page_count", "freelist_count"))
        size = db.path.stat().st_size
        if free > FREE_MOST * pages and shutil.disk_usage(db.path.parent).free > 2 * size:
            db.run("VACUUM")
            rewritten = (db.path.name,)
        ((busy, *_),) = db.run("PRAGMA wal_checkpoint(TRUNCATE)")
    except (sqlite3.Error, AccreteError, OSError) as error:
        return rewritten, f"The file could not be cleaned ({error})."
    if busy:
        return rewritten, "Somebody reads the database. What it logged leaves at the next run."
    return rewritten, None


def _scrub_postgres(db: Postgres) -> tuple[tuple[str, ...], str | None]:
    """Rewrites the tables in which rows were deleted or changed since the last run."""
    import psycopg

    found = _counters(db)
    known = json.loads(store.fact(db, store.RECORD, COUNTERS) or "{}")
    fresh = known.get("") != found[""]  # the counters may be lost with a crash of the server
    rewritten, problems = [], []
    kept: list[int] = []
    db.connection.add_notice_handler(lambda said: kept.extend(_still_seen(said.message_detail)))
    _settle(db)
    db.run(f"SET lock_timeout = '{WAIT_S}s'")
    try:
        for table in OF_PEOPLE:
            if not fresh and found.get(table) == known.get(table):
                continue
            try:
                kept.clear()
                db.run(f"VACUUM (FULL, VERBOSE) {table}")
                db.run(f"ANALYZE {table}")
            except psycopg.Error as error:
                found.pop(table, None)
                problems.append(f"{table} could not be rewritten ({error.sqlstate}).")
                continue
            rewritten.append(table)
            if any(kept):
                found.pop(table, None)
                problems.append(f"Somebody still reads deleted rows of {table}.")
    finally:
        db.run("RESET lock_timeout")
    with db.transaction():
        store.set_fact(db, store.RECORD, COUNTERS, json.dumps(found))
    said = f"{' '.join(problems)} Their bytes leave at the next run." if problems else None
    return tuple(rewritten), said


def _settle(db: Postgres) -> None:
    """Waits for the transactions that write now, in any database of the server: a rewrite keeps
    what was deleted after the oldest of them began."""
    until = monotonic() + WAIT_S
    last = int(db.run("SELECT CAST(pg_snapshot_xmax(pg_current_snapshot()) AS TEXT)")[0][0])
    while monotonic() < until:
        ((oldest,),) = db.run("SELECT CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT)")
        if int(oldest) >= last:
            return
        sleep(0.1)


def _still_seen(detail: str | None) -> list[int]:
    """How many deleted rows a rewrite kept, since an open transaction can still read them: the
    first number of what it says, in any language."""
    return [int(each) for each in re.findall(r"\d+", detail or "")[:1]]


def _counters(db: Postgres) -> dict[str, int | str]:
    """How many rows were ever deleted or changed, by table; under '' when the server started."""
    db.run("SELECT pg_stat_force_next_flush()")
    rows = db.run("SELECT relname, n_tup_del + n_tup_upd FROM pg_stat_user_tables")
    started = str(db.run("SELECT pg_postmaster_start_time()")[0][0])
    return {"": started, **{str(name): int(count) for name, count in rows if name in OF_PEOPLE}}
