"""Writes what is shared: on a server the rows that came, on a machine what was acknowledged."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple, cast

from accrete.database import Database
from accrete.projects.repository import remote_key
from accrete.record import store
from accrete.record.published import listed_ids
from accrete.wire.travels import NAMES, PROGRAM, spoken_with, table, typed

NEVER = ("forgotten", "expired")
"""Why the other side takes a session no more, whatever is chosen."""
ELSEWHERE = "elsewhere"
"""Why a session is unshared on a machine: because it was on another one of the person."""
WHOLE = "compared whole"
"""The fact that holds when every session was compared with what the other side has."""
SERVER = "team server"
"""The fact that holds the program of the other side."""


class Refusal(NamedTuple):
    """Why rows of a table of a session were not taken. version: of the program here and there that
    said so."""

    why: str
    row_count: int
    tier: int
    hash: str
    version: str


BYTES_WAIT = "bytes_wait"
"""The fact that words of deleted events may still be in the search index; another value with each
deletion."""


ROWS_AT_ONCE, NAMES_AT_ONCE = 5_000, 400


class Held(NamedTuple):
    """The rows of a table of a session that are shared: their tier, hash, number, bytes as they
    left and device."""

    tier: int
    hash: str
    row_count: int
    byte_count: int
    device: str


@cache
def _columns(name: str) -> tuple[tuple[str, ...], tuple[tuple[int, object], ...]]:
    """The columns of a table; and of those that may not be NULL, by their place, what stands in
    them where a tier has nothing to say."""
    names, empty = [], []
    for at, (field, (kind, nullable, _)) in enumerate(typed(name).items()):
        names.append(field)
        if not nullable and field != "person":
            empty.append((at, "" if kind is str else 0))
    return tuple(names), tuple(empty)


def held(db: Database, person: int, session: str) -> dict[str, Held]:
    """What is shared of a session, by table."""
    rows = db.run(
        "SELECT what, tier, hash, row_count, byte_count, device FROM shared "
        "WHERE person = ? AND session = ?",
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
    acknowledge_all(db, person, [(session, name, what)], now)


def acknowledge_all(
    db: Database, person: int, found: Sequence[tuple[str, str, Held | None]], now: int
) -> None:
    """The same of several: (session, table, what is shared)."""
    nothing = [(person, session, name) for session, name, what in found if what is None]
    rows = [(person, session, name, *what, now) for session, name, what in found if what]
    if nothing:
        db.many("DELETE FROM shared WHERE person = ? AND session = ? AND what = ?", nothing)
    if rows:
        shares_again(db, person, sorted({session for _, session, *_ in rows}))
        insert_all(db, "shared", rows)


def shares_again(db: Database, person: int, sessions: Sequence[str]) -> None:
    """Forgets that sessions were not shared any more."""
    for some in parts(sessions):
        db.run(
            f"DELETE FROM unshared WHERE person = ? AND session IN ({', '.join('?' * len(some))})",
            (person, *some),
        )


def parts(sessions: Sequence[str]) -> Iterator[Sequence[str]]:
    """Ids in parts that a statement can name one by one."""
    for at in range(0, len(sessions), NAMES_AT_ONCE):
        yield sessions[at : at + NAMES_AT_ONCE]


def refusals(db: Database, person: int, session: str) -> dict[str, Refusal]:
    """What of a session the other side did not take, by table; one reason of several stands for
    all: their rows, hash and version are alike."""
    rows = db.run(
        "SELECT what, why, row_count, tier, hash, version FROM refused "
        "WHERE person = ? AND session = ? ORDER BY what, why",
        (person, session),
    )
    return {str(name): Refusal(*rest) for name, *rest in rows}


def refuse(
    db: Database, person: int, session: str, name: str, found: Iterable[Refusal], now: int
) -> None:
    """Remembers what of a table of a session was not taken, in place of what was before."""
    db.run(
        "DELETE FROM refused WHERE person = ? AND session = ? AND what = ?", (person, session, name)
    )
    db.many(
        "INSERT INTO refused (person, session, what, why, row_count, tier, hash, version, at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(person, session, name, *each, now) for each in found],
    )


def replace_rows(
    db: Database, person: int, session: str, name: str, rows: Sequence[Mapping[str, object]]
) -> None:
    """Puts these rows of a table in the place of those that are there of the session."""
    take_out(db, person, session, name)
    put_rows(db, person, name, rows)


def put_rows(
    db: Database,
    person: int,
    name: str,
    rows: Sequence[Mapping[str, object]],
    *,
    yields: bool = False,
) -> None:
    """Adds rows of a table. Where one of the same identity is there, it gives way; with `yields`
    the new one does."""
    if not rows:
        return
    after = store.last_event(db) if name == "event" else 0
    insert_all(db, name, [*placed(person, name, rows)], yields=yields)
    if name == "event":
        store.index_events(db, after)


def placed(person: int, name: str, rows: Iterable[Mapping[str, object]]) -> Iterator[list[object]]:
    """Rows of a table as they are stored, in the order of `fields`. What a row does not have is
    NULL, or empty where the column may not be."""
    names, empty = _columns(name)
    owner = names.index("person")
    for row in rows:
        values = [*map(row.get, names)]
        values[owner] = person
        for at, nothing in empty:
            if values[at] is None:
                values[at] = nothing
        yield values


def fields(name: str) -> tuple[str, ...]:
    """The columns of a table whose rows are shared."""
    return _columns(name)[0]


def insert_all(
    db: Database, name: str, given: Sequence[Sequence[object]], *, yields: bool = False
) -> None:
    """Inserts rows, with all columns of the table, or replaces those of the same identity; of two
    alike the last counts. With `yields` what is there first stays. PostgreSQL takes a column as an
    array, so that a row is no round trip."""
    if db.dialect == "sqlite":
        db.many(_insert(name, arrays=False, yields=yields), given)
        return
    if not yields:  # one statement changes no row twice
        places = [fields(name).index(each) for each in table(name).key]
        given = [*{tuple(row[at] for at in places): row for row in given}.values()]
    for at in range(0, len(given), ROWS_AT_ONCE):
        columns = zip(*given[at : at + ROWS_AT_ONCE], strict=True)
        db.run(_insert(name, arrays=True, yields=yields), [_array(each) for each in columns])


def _array(values: Sequence[object]) -> str:
    """An array as PostgreSQL writes it: made here, since the driver takes many times as long."""
    missing = values.count(None)
    if missing == len(values):
        return f"{{{','.join(('NULL',) * missing)}}}"
    if missing:
        return f"{{{','.join(map(_item, values))}}}"
    if not isinstance(values[0], str):
        return f"{{{','.join(map(repr, values))}}}"
    texts = cast("Sequence[str]", values)
    joined = '","'.join(texts)
    if "\\" in joined or joined.count('"') != 2 * (len(texts) - 1):
        joined = '","'.join([each.replace("\\", "\\\\").replace('"', '\\"') for each in texts])
    return f'{{"{joined}"}}'


def _item(value: object) -> str:
    if value is None:
        return "NULL"
    if not isinstance(value, str):
        return repr(value)
    if "\\" in value or '"' in value:
        value = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{value}"'


_ARRAYS = {int: "BIGINT[]", str: "TEXT[]", float: "DOUBLE PRECISION[]"}


@cache
def _insert(name: str, *, arrays: bool, yields: bool) -> str:
    columns = fields(name)
    key = table(name).key
    rest = [field for field in columns if field not in key]
    taken = f"UPDATE SET {', '.join(f'{field} = excluded.{field}' for field in rest)}"
    if arrays:
        kinds = [_ARRAYS[kind] for kind, *_ in typed(name).values()]
        rows = f"SELECT * FROM unnest({', '.join(f'CAST(? AS {kind})' for kind in kinds)})"
    else:
        rows = f"VALUES ({', '.join('?' * len(columns))})"
    return (
        f"INSERT INTO {name} ({', '.join(columns)}) {rows} "
        f"ON CONFLICT ({', '.join(key)}) DO {'NOTHING' if yields or not rest else taken}"
    )


def take_out(db: Database, person: int, session: str, name: str) -> None:
    """Deletes the rows of a table of a session."""
    take_out_all(db, person, [session], name)


def take_out_all(db: Database, person: int, sessions: Sequence[str], name: str) -> None:
    """The same of several sessions."""
    column = "id" if name == "session" else "session"
    for some in parts(sessions):
        where = f"person = ? AND {column} IN ({', '.join('?' * len(some))})"
        if name != "event":
            db.run(f"DELETE FROM {name} WHERE {where}", (person, *some))
        elif found := db.run(f"SELECT id FROM event WHERE {where}", (person, *some)):
            store.delete_events(db, [int(one) for (one,) in found])
            store.set_fact(db, store.RECORD, BYTES_WAIT, secrets.token_hex(8))


def take_rows(db: Database, person: int, session: str) -> None:
    """Deletes all shared rows of a session, and the examples that were made of it."""
    for name in NAMES:
        take_out(db, person, session, name)
    for name in ("shared", "clip"):
        db.run(f"DELETE FROM {name} WHERE person = ? AND session = ?", (person, session))


def unshare(db: Database, person: int, session: str, why: str, now: int) -> None:
    """Remembers that a session is not shared any more."""
    db.run(
        "INSERT INTO unshared (person, session, why, at, told_at) VALUES (?, ?, ?, ?, NULL) "
        "ON CONFLICT (person, session) DO UPDATE SET why = excluded.why, at = excluded.at, "
        "told_at = NULL",
        (person, session, why, now),
    )


def bytes_waiting(db: Database) -> str | None:
    """A mark of the last deletion whose words may still be in the search index; None where none
    are."""
    return store.fact(db, store.RECORD, BYTES_WAIT)


def bytes_gone(db: Database, mark: str) -> None:
    """Remembers that the words of all deletions up to a mark have left the search index."""
    db.run(
        "DELETE FROM fact WHERE person = ? AND name = ? AND value = ?",
        (store.RECORD, BYTES_WAIT, mark),
    )


def told(db: Database, person: int, session: str, why: str, now: int) -> None:
    """Remembers that the other side does not hold a session any more. why: `again` where it wants
    all of it anew; it may hold some of it, so that taking it back has to reach it."""
    for name in ("refused", "compared"):
        db.run(f"DELETE FROM {name} WHERE person = ? AND session = ?", (person, session))
    if why == "again":
        db.run("UPDATE shared SET hash = '' WHERE person = ? AND session = ?", (person, session))
        return
    db.run("DELETE FROM shared WHERE person = ? AND session = ?", (person, session))
    db.run(
        "INSERT INTO unshared (person, session, why, at, told_at) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (person, session) DO UPDATE SET why = excluded.why, "
        "told_at = excluded.told_at",
        (person, session, why, now, now),
    )


def about_to_send(
    db: Database, person: int, tables: Iterable[tuple[str, str]], device: str, now: int
) -> None:
    """Remembers that the other side may hold something else of tables, (session, table), from now
    on, whatever comes of it: what is taken back later includes them, and where no answer comes they
    are sent again, also if they are as they were before."""
    rows = list(tables)
    db.many(
        "INSERT INTO shared (person, session, what, tier, hash, row_count, device, at) "
        "VALUES (?, ?, ?, 0, '', 0, ?, ?) ON CONFLICT (person, session, what) DO UPDATE SET "
        "hash = ''",
        [(person, session, name, device, now) for session, name in rows],
    )
    db.many(
        "DELETE FROM compared WHERE person = ? AND session = ?",
        [(person, session) for session in sorted({session for session, _ in rows})],
    )


def compared(db: Database, person: int) -> dict[str, tuple[int, str]]:
    """The sessions of which the other side was found to have all that is shared: at which change of
    theirs, and on what basis."""
    rows = db.run(
        "SELECT c.session, c.n, c.basis FROM compared c WHERE c.person = ? AND EXISTS "
        "(SELECT 1 FROM shared s WHERE s.person = c.person AND s.session = c.session)",
        (person,),
    )
    return {str(session): (int(n), str(basis)) for session, n, basis in rows}


def found_equal(db: Database, person: int, rows: Iterable[tuple[str, int, str]]) -> None:
    """Remembers that the other side has all that is shared of sessions: (session, change,
    basis)."""
    db.many(
        "INSERT INTO compared (person, session, n, basis) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (person, session) DO UPDATE SET n = excluded.n, basis = excluded.basis",
        [(person, *row) for row in rows],
    )


def compared_whole_at(db: Database, person: int) -> int:
    """When every session was last compared with what the other side has, UTC ms; 0: never."""
    return int(store.fact(db, person, WHOLE) or 0)


def set_compared_whole_at(db: Database, person: int, at: int) -> None:
    """Remembers when every session was compared."""
    store.set_fact(db, person, WHOLE, str(at))


def refused_sessions(db: Database, person: int) -> set[str]:
    """The sessions of which the other side did not take something."""
    rows = db.run("SELECT DISTINCT session FROM refused WHERE person = ?", (person,))
    return {str(session) for (session,) in rows}


def versions(db: Database, person: int) -> str:
    """The version of the program here, and there when it was asked last."""
    return f"{PROGRAM}; {store.fact(db, person, SERVER) or 'unknown'}"


def spoken(db: Database, person: int) -> int:
    """The version of the contract that is spoken with the other side."""
    return spoken_with(store.fact(db, person, SERVER) or "")


def set_server(db: Database, person: int, program: str) -> None:
    """Remembers the program of the other side."""
    if (store.fact(db, person, SERVER) or "") != program:
        store.set_fact(db, person, SERVER, program[:200])


def nothing_is_held(db: Database, person: int) -> None:
    """Remembers that the other side deleted everything: all of it would be sent anew."""
    for name in ("shared", "unshared", "refused", "compared"):
        db.run(f"DELETE FROM {name} WHERE person = ?", (person,))


def taken_back_elsewhere(
    db: Database, person: int, gone: Iterable[tuple[str, str, int]], now: int
) -> None:
    """Remembers what the other side says of sessions, (session, why, when): what the person forgot
    or unshared on another machine, and what is wanted again. What is said no more does not hold any
    more."""
    sql = "SELECT session, why FROM unshared WHERE person = ?"
    known = {str(session): str(why) for session, why in db.run(sql, (person,))}
    elsewhere = set()
    for session, why, at in gone:
        if why == "again" or (why in NEVER and known.get(session) != why):
            told(db, person, session, why, now)
        elif why == "unshared" and known.get(session) != why:
            elsewhere.add(session)
            if session not in known:
                told(db, person, session, ELSEWHERE, at)
    for session, why in known.items():
        if why == ELSEWHERE and session not in elsewhere:
            db.run("DELETE FROM unshared WHERE person = ? AND session = ?", (person, session))


def unshared_elsewhere(db: Database, person: int) -> dict[str, int]:
    """The sessions that the person unshared on another machine, and when."""
    sql = "SELECT session, told_at FROM unshared WHERE person = ? AND why = ?"
    return {str(session): int(at) for session, at in db.run(sql, (person, ELSEWHERE))}


def begin_anew(db: Database, person: int) -> None:
    """Forgets what any other side was sent, and under which ids: for another server."""
    for name in ("shared", "unshared", "shared_project", "refused", "compared"):
        db.run(f"DELETE FROM {name} WHERE person = ?", (person,))
    db.run("DELETE FROM published_project")


def refused_by_the_other(db: Database, person: int) -> set[str]:
    """The sessions that the other side does not take: their owner forgot them elsewhere, or the
    company keeps sessions for a shorter time."""
    sql = "SELECT session FROM unshared WHERE person = ? AND why IN ('forgotten', 'expired')"
    return {str(session) for (session,) in db.run(sql, (person,))}


def expired_sessions(db: Database, person: int) -> set[str]:
    """The sessions of a person that a company deleted since it kept them long enough."""
    sql = "SELECT session FROM unshared WHERE person = ? AND why = 'expired'"
    return {str(session) for (session,) in db.run(sql, (person,))}


def forgotten_sessions(db: Database, person: int) -> set[str]:
    """The sessions that the person deleted for good."""
    sql = "SELECT value FROM forgotten WHERE person = ? AND what = 'session'"
    return {str(value) for (value,) in db.run(sql, (person,))}


def aliases(db: Database, person: int) -> dict[str, str]:
    """The id that each project leaves under: that of the company's published list, else a random
    one, which tells nothing of the project. Under '' a secret of this machine, for what stands for
    other names."""
    sql = "SELECT project, leaves_as FROM shared_project WHERE person = ?"
    known = {str(project): str(alias) for project, alias in db.run(sql, (person,))}
    found = db.run("SELECT id, remote FROM project WHERE person = ?", (person,))
    listed = listed_ids(db)
    public = {
        str(one): listed[remote_key(remote)]
        for one, remote in found
        if remote and remote_key(remote) in listed
    }
    fresh = {str(one): secrets.token_hex(8) for one, _ in found if str(one) not in known}
    if "" not in known:
        fresh[""] = secrets.token_hex(16)
    if fresh:
        db.many(
            "INSERT INTO shared_project (person, project, leaves_as) VALUES (?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            [(person, project, alias) for project, alias in fresh.items()],
        )
    return {**known, **fresh, **public}


def set_tier(db: Database, person: int) -> None:
    """The person's tier is the highest of what is held of them; the lowest of all where nothing
    is."""
    db.run(
        "UPDATE person SET tier = COALESCE((SELECT MAX(tier) FROM shared WHERE person = ?), 1) "
        "WHERE id = ?",
        (person, person),
    )
