"""Writes what is shared: on a server the rows that came, on a machine what was acknowledged."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
        db.run("DELETE FROM unshared WHERE person = ? AND session = ?", (person, session))
        db.run(
            "INSERT INTO shared (person, session, what, tier, hash, row_count, device, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*key, what.tier, what.hash, what.row_count, what.device, now),
        )


def replace_rows(
    db: Database, person: int, session: str, name: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Puts these rows of a table in the place of those that are there of the session."""
    _take_out(db, person, session, name)
    if not rows:
        return
    after = store.last_event(db) if name == "event" else 0
    db.many(_insert(name), placed(person, name, rows))
    if name == "event":
        store.index_events(db, after)


def placed(person: int, name: str, rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """Rows of a table as they are stored, in the order of `fields`. What a row does not have is
    NULL, or empty where the column may not be."""
    blank = dict(_columns(name))
    for row in rows:
        given = {field: value for field, value in row.items() if value is not None}
        yield tuple({**blank, **given, "person": person}.values())


@cache
def fields(name: str) -> tuple[str, ...]:
    """The columns of a table whose rows are shared."""
    return tuple(field for field, _ in _columns(name))


@cache
def _insert(name: str) -> str:
    columns = fields(name)
    key = table(name).key
    rest = [field for field in columns if field not in key]
    taken = f"UPDATE SET {', '.join(f'{field} = excluded.{field}' for field in rest)}"
    return (
        f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) "
        f"ON CONFLICT ({', '.join(key)}) DO {taken if rest else 'NOTHING'}"
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


def told(db: Database, person: int, session: str, why: str, now: int) -> None:
    """Remembers that the other side does not hold a session any more. why: `again` where it wants
    all of it anew."""
    db.run("DELETE FROM shared WHERE person = ? AND session = ?", (person, session))
    if why == "again":
        return
    db.run(
        "INSERT INTO unshared (person, session, why, at, told_at) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (person, session) DO UPDATE SET why = excluded.why, "
        "told_at = excluded.told_at",
        (person, session, why, now, now),
    )


def about_to_send(
    db: Database, person: int, sessions: Iterable[str], device: str, now: int
) -> None:
    """Remembers that the other side may hold something of sessions from now on, whatever comes of
    it: what is taken back later includes them."""
    for session in sessions:
        if not held(db, person, session):
            acknowledge(db, person, session, "session", Held(0, "", 0, device), now)


def begin_anew(db: Database, person: int) -> None:
    """Forgets what any other side was sent, and under which ids: for another server."""
    for name in ("shared", "unshared", "shared_project"):
        db.run(f"DELETE FROM {name} WHERE person = ?", (person,))


def refused_by_the_other(db: Database, person: int) -> set[str]:
    """The sessions that the other side does not take, since their owner forgot them elsewhere."""
    sql = "SELECT session FROM unshared WHERE person = ? AND why = 'forgotten'"
    return {str(session) for (session,) in db.run(sql, (person,))}


def forgotten_sessions(db: Database, person: int) -> set[str]:
    """The sessions that the person deleted for good."""
    sql = "SELECT value FROM forgotten WHERE person = ? AND what = 'session'"
    return {str(value) for (value,) in db.run(sql, (person,))}


def aliases(db: Database, person: int) -> dict[str, str]:
    """The id that each project leaves under: a random one, which tells nothing of the project.
    Under '' a secret of this machine, for what stands for other names."""
    sql = "SELECT project, leaves_as FROM shared_project WHERE person = ?"
    known = {str(project): str(alias) for project, alias in db.run(sql, (person,))}
    found = db.run("SELECT id FROM project WHERE person = ?", (person,))
    fresh = {str(one): secrets.token_hex(8) for (one,) in found if str(one) not in known}
    if "" not in known:
        fresh[""] = secrets.token_hex(16)
    if fresh:
        db.many(
            "INSERT INTO shared_project (person, project, leaves_as) VALUES (?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            [(person, project, alias) for project, alias in fresh.items()],
        )
    return {**known, **fresh}


def set_tier(db: Database, person: int) -> None:
    """The person's tier is the highest of what is held of them; the lowest of all where nothing
    is."""
    db.run(
        "UPDATE person SET tier = COALESCE((SELECT MAX(tier) FROM shared WHERE person = ?), 1) "
        "WHERE id = ?",
        (person, person),
    )
