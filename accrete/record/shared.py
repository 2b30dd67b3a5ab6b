"""Writes what is shared: on a server the rows that came, on a machine what was acknowledged."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from accrete.database import Database
from accrete.record import store
from accrete.wire.travels import NAMES, table, typed


class Held(NamedTuple):
    """The rows of a table of a session that are shared: their tier, hash, number and device."""

    tier: int
    hash: str
    row_count: int
    device: str


@cache
def _columns(name: str) -> tuple[tuple[str, Any], ...]:
    """The columns of a table with what stands in them where a tier has nothing to say."""
    found = []
    for field, (kind, nullable, _) in typed(name).items():
        empty: Any = None if nullable else "" if kind is str else 0
        found.append((field, empty))
    return tuple(found)


def held(db: Database, person: int, session: str) -> dict[str, Held]:
    """What is shared of a session, by table."""
    rows = db.run(
        "SELECT what, tier, hash, row_count, device FROM shared WHERE person = ? AND session = ?",
        (person, session),
    )
    return {str(name): Held(*rest) for name, *rest in rows}


def shared_sessions(db: Database, person: int) -> set[str]:
    """The sessions of which something is shared."""
    rows = db.run("SELECT DISTINCT session FROM shared WHERE person = ?", (person,))
    return {str(session) for (session,) in rows}


def acknowledge(
    db: Database, person: int, session: str, name: str, what: Held | None, now: int
) -> None:
    """Remembers what is shared of a table of a session; None: nothing is."""
    key = (person, session, name)
    db.run("DELETE FROM shared WHERE person = ? AND session = ? AND what = ?", key)
    if what is not None:
        db.run(
            "INSERT INTO shared (person, session, what, tier, hash, row_count, device, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*key, what.tier, what.hash, what.row_count, what.device, now),
        )


def replace_rows(
    db: Database, person: int, session: str, name: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Puts these rows of a table in the place of those that are there of the session. What a row
    does not have is NULL, or empty where the column may not be."""
    _take_out(db, person, session, name)
    if not rows:
        return
    columns = _columns(name)
    given = [
        tuple(
            person if field == "person" else row[field] if row.get(field) is not None else empty
            for field, empty in columns
        )
        for row in rows
    ]
    after = store.last_event(db) if name == "event" else 0
    db.many(_insert(name), given)
    if name == "event":
        store.index_events(db, after)


@cache
def _insert(name: str) -> str:
    columns = [field for field, _ in _columns(name)]
    key = table(name).key
    return (
        f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) "
        f"ON CONFLICT ({', '.join(key)}) DO NOTHING"
    )


def _take_out(db: Database, person: int, session: str, name: str) -> None:
    if name == "event":
        found = db.run("SELECT id FROM event WHERE person = ? AND session = ?", (person, session))
        store.delete_events(db, [int(one) for (one,) in found])
        return
    column = "id" if name == "session" else "session"
    db.run(f"DELETE FROM {name} WHERE person = ? AND {column} = ?", (person, session))


def take_away(db: Database, person: int, sessions: Iterable[str], why: str, now: int) -> None:
    """Deletes all shared rows of sessions, and remembers that they are not shared."""
    for session in sessions:
        for name in NAMES:
            _take_out(db, person, session, name)
        db.run("DELETE FROM shared WHERE person = ? AND session = ?", (person, session))
        db.run(
            "INSERT INTO unshared (person, session, why, at, told_at) VALUES (?, ?, ?, ?, NULL) "
            "ON CONFLICT (person, session) DO UPDATE SET why = excluded.why, at = excluded.at, "
            "told_at = NULL",
            (person, session, why, now),
        )


def told(db: Database, person: int, sessions: Iterable[str], now: int) -> int:
    """Remembers that the other side knows of sessions that are not shared; how many those are."""
    n = 0
    for session in sessions:
        n += 1
        db.run("DELETE FROM shared WHERE person = ? AND session = ?", (person, session))
        db.run(
            "INSERT INTO unshared (person, session, why, at, told_at) VALUES (?, ?, '', ?, ?) "
            "ON CONFLICT (person, session) DO UPDATE SET told_at = excluded.told_at",
            (person, session, now, now),
        )
    return n


def told_sessions(db: Database, person: int) -> set[str]:
    """The sessions of which the other side knows that they are not shared."""
    sql = "SELECT session FROM unshared WHERE person = ? AND told_at IS NOT NULL"
    return {str(session) for (session,) in db.run(sql, (person,))}


def forgotten_sessions(db: Database, person: int) -> set[str]:
    """The sessions that the person deleted for good."""
    sql = "SELECT value FROM forgotten WHERE person = ? AND what = 'session'"
    return {str(value) for (value,) in db.run(sql, (person,))}


def aliases(db: Database, person: int) -> dict[str, str]:
    """The id that each project leaves under: a random one, which tells nothing of the project."""
    sql = "SELECT project, leaves_as FROM shared_project WHERE person = ?"
    known = {str(project): str(alias) for project, alias in db.run(sql, (person,))}
    found = db.run("SELECT id FROM project WHERE person = ?", (person,))
    fresh = {str(one): secrets.token_hex(8) for (one,) in found if str(one) not in known}
    if fresh:
        db.many(
            "INSERT INTO shared_project (person, project, leaves_as) VALUES (?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            [(person, project, alias) for project, alias in fresh.items()],
        )
    return {**known, **fresh}
