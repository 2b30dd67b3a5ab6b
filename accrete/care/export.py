"""Exports: JSON Lines, or CSV by table."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import IO

from accrete.clock import LocalTime
from accrete.database import Sqlite
from accrete.model.tables import BY_DAY
from accrete.queries.scope import Scope

_OF_PROJECTS = {
    "project": "id",
    "project_word": "CASE WHEN what = 'merge' THEN value ELSE subject END",
}
"""Tables of projects instead of sessions, and which project a row is of."""


def rows_of(
    db: Sqlite, table: str, sessions: list[str] | None, scope: Scope
) -> Iterator[dict[str, object]]:
    """The rows of a table as objects; those of some sessions where `sessions` is given, and of
    these what happened in the scope's range: a session with its figures of that range, and its tags
    and notes whole."""
    rows = _rows(db, table, sessions)
    if not scope.ranged:
        return rows
    if table in BY_DAY:
        return (row for row in rows if scope.holds(str(row["local_day"] or "")))
    if table in ("event", "agent_run"):
        return _in_range(db, rows, scope, "at" if table == "event" else "started_at")
    if table == "session":
        return (_part(row, figures) for row, figures in _with_figures(db, rows, scope))
    return (_counted(db, row, scope) for row in rows) if table == "session_practice" else rows


def _in_range(
    db: Sqlite, rows: Iterator[dict[str, object]], scope: Scope, column: str
) -> Iterator[dict[str, object]]:
    """By the clock of each session; what has no time goes with the row before it."""
    zones = dict(
        db.connection.execute(
            "SELECT id, zone FROM session WHERE person = ?", (scope.person,)
        ).fetchall()
    )
    clocks = {zone: LocalTime(zone) for zone in set(zones.values())}
    place, day = None, ""
    for row in rows:
        if place != (row["session"], row["agent"]):
            place, day = (row["session"], row["agent"]), ""
        if isinstance(at := row[column], int) and row["session"] in zones:
            day = clocks[zones[row["session"]]].day(at)
        if scope.holds(day):
            yield row


def _with_figures(
    db: Sqlite, rows: Iterator[dict[str, object]], scope: Scope
) -> Iterator[tuple[dict[str, object], dict[str, object]]]:
    tables, where, params = scope.sessions(files=True)
    cursor = db.connection.execute(scope.figures(f"SELECT r.* FROM {tables} WHERE {where}"), params)
    names = [column[0] for column in cursor.description]
    figures = {row[names.index("session")]: dict(zip(names, row, strict=True)) for row in cursor}
    return ((row, figures[str(row["id"])]) for row in rows if row["id"] in figures)


def _part(row: dict[str, object], figures: dict[str, object]) -> dict[str, object]:
    """A session's row with the figures of the range in place of its own."""
    return {
        name: figures[name] if name in figures and name not in ("person", "session") else value
        for name, value in row.items()
    }


def _counted(db: Sqlite, row: dict[str, object], scope: Scope) -> dict[str, object]:
    within, days = scope.days("local_day")
    n, marked = db.run(
        f"""SELECT COUNT(*), COALESCE(SUM(CASE WHEN marks = '' THEN 0 ELSE 1 END), 0) FROM sighting
        WHERE person = ? AND session = ? AND practice = ?{within}""",
        (scope.person, row["session"], row["practice"], *days),
    )[0]
    return {**row, "sightings": n, "marked": marked}


_AT_ONCE = 2000
"""Rows that are read before any of them is written: whoever takes them slowly holds no read
transaction open."""


def _rows(db: Sqlite, table: str, sessions: list[str] | None) -> Iterator[dict[str, object]]:
    if table == "event":
        yield from _events(db, sessions)
        return
    key = "id" if table == "session" else "session"
    if table in _OF_PROJECTS and sessions is not None:
        key, sessions = _OF_PROJECTS[table], _projects_of(db, sessions)
    if sessions is not None:
        for some in _slices(sessions):
            yield from _read(
                db, f"SELECT * FROM {table} WHERE {key} IN ({', '.join('?' * len(some))})", some
            )[0]
        return
    last: object = 0
    while True:
        found, last = _read(
            db,
            f"SELECT *, rowid FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT {_AT_ONCE}",
            (last,),
            "rowid",
        )
        if not found:
            return
        yield from found


def _events(db: Sqlite, sessions: list[str] | None) -> Iterator[dict[str, object]]:
    """Events in the order of a replay, a session at a time."""
    if sessions is None:
        sessions = [
            session for (session,) in db.run("SELECT DISTINCT session FROM event ORDER BY session")
        ]
    for session in sorted(sessions):
        yield from _read(
            db, "SELECT * FROM event WHERE session = ? ORDER BY agent, seq, part", (session,)
        )[0]


def _read(
    db: Sqlite, sql: str, params: Sequence[object], place: str = ""
) -> tuple[list[dict[str, object]], object]:
    """All rows of a statement as objects, without whose they are; and what the last has in the
    column `place`."""
    cursor = db.connection.execute(sql, params)
    names = [column[0] for column in cursor.description]
    rows = cursor.fetchall()
    last = rows[-1][names.index(place)] if place and rows else None
    apart = ("person", place)
    return [{n: v for n, v in zip(names, row, strict=True) if n not in apart} for row in rows], last


def _projects_of(db: Sqlite, sessions: list[str]) -> list[str]:
    found = {
        project
        for some in _slices(sessions)
        for (project,) in db.run(
            "SELECT DISTINCT project FROM session WHERE project IS NOT NULL AND id IN "
            f"({', '.join('?' * len(some))})",
            some,
        )
    }
    return sorted(found)


def _slices(items: list[str]) -> list[list[str]]:
    return [items[at : at + 400] for at in range(0, len(items), 400)]


def write_json_lines(
    db: Sqlite, file: IO[str], tables: tuple[str, ...], sessions: list[str] | None, scope: Scope
) -> int:
    """Writes each row as a line `{"table": …, …}`; returns how many."""
    count = 0
    for table in tables:
        for row in rows_of(db, table, sessions, scope):
            file.write(json.dumps({"table": table, **row}, ensure_ascii=False) + "\n")
            count += 1
    return count


def write_csv(
    db: Sqlite, file: IO[str], table: str, sessions: list[str] | None, scope: Scope
) -> int:
    """Writes one table with its headings; returns the number of rows. Times are ISO 8601 in UTC,
    money is in dollars (`cost_nano` becomes `cost_usd`). Text that a spreadsheet would take for a
    formula gets an apostrophe before it."""
    count = 0
    for row in rows_of(db, table, sessions, scope):
        file.write(csv_row(row, heading=not count))
        count += 1
    return count


def csv_row(row: dict[str, object], *, heading: bool) -> str:
    """A row as `write_csv` writes it, behind the headings if it is the first."""
    out = io.StringIO()
    writer = csv.writer(out)
    if heading:
        writer.writerow([_heading(name) for name in row])
    writer.writerow([_cell(name, value) for name, value in row.items()])
    return out.getvalue()


def _heading(name: str) -> str:
    return f"{name.removesuffix('_nano')}_usd" if name.endswith("_nano") else name


def _cell(name: str, value: object) -> object:
    if isinstance(value, int) and (name in ("at", "misdated") or name.endswith("_at")):
        return _iso(value)
    if isinstance(value, int) and name.endswith("_nano"):
        return f"{Decimal(value).scaleb(-9):.9f}"
    return (
        f"'{value}"
        if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r")
        else value
    )


def _iso(ms: int) -> str:
    """An instant in UTC; the number itself where the calendar has no such day."""
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)).isoformat(
            timespec="milliseconds"
        )
    except OverflowError:
        return str(ms)
