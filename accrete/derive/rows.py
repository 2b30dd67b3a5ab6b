"""Stores outcomes and practices: derived rows, replaced completely for each session."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from accrete.database import Database
from accrete.model.sessions import PersonWeek
from accrete.practices.practice import Sighting
from accrete.record.store import insert

_SIGHTING = insert(
    "sighting",
    (
        "person",
        "session",
        "practice",
        "uuid",
        "tool_use_id",
        "agent",
        "seq",
        "at",
        "local_day",
        "marks",
        "note",
    ),
    "ON CONFLICT DO NOTHING",
)
_SESSION_PRACTICE = insert(
    "session_practice",
    ("person", "session", "practice", "possible", "sightings", "marked", "version"),
    "",
)
_COMMIT = insert(
    "session_commit",
    (
        "person",
        "session",
        "message_id",
        "tool_use_id",
        "part",
        "project",
        "sha",
        "branch",
        "subject",
        "confidence",
        "kind",
        "uuid",
        "seq",
        "at",
        "local_day",
    ),
    "",
)
_PULL = insert(
    "session_pull",
    (
        "person",
        "session",
        "url",
        "number",
        "repository",
        "confidence",
        "uuid",
        "seq",
        "at",
        "local_day",
    ),
    "",
)
_CHECK = insert(
    "check_run",
    (
        "person",
        "session",
        "message_id",
        "tool_use_id",
        "part",
        "run",
        "kind",
        "runner",
        "verdict",
        "passed",
        "failed",
        "uuid",
        "seq",
        "at",
        "local_day",
    ),
    "",
)


def replace_insight(
    db: Database,
    key: tuple[int, str],
    *,
    commits: Iterable[Sequence[Any]],
    pulls: Iterable[Sequence[Any]],
    checks: Iterable[Sequence[Any]],
    practices: Iterable[tuple[str, bool | None, Sequence[Sighting], int]],
    placed: Callable[[Sighting], tuple[int | None, str]],
) -> None:
    """What came of the session `key` (person, id) and what it shows of each practice: (name,
    possible, sightings, version). placed: the time and the local day of a sighting."""
    for table in ("session_commit", "session_pull", "check_run", "sighting", "session_practice"):
        db.run(f"DELETE FROM {table} WHERE person = ? AND session = ?", key)
    db.many(_COMMIT, [(*key, *row) for row in commits])
    db.many(_PULL, [(*key, *row) for row in pulls])
    db.many(_CHECK, [(*key, *row) for row in checks])
    for name, possible, sightings, version in practices:
        db.many(
            _SIGHTING,
            [
                (*key, name, s.uuid, s.use, s.run, s.seq, *placed(s), " ".join(s.marks), s.note)
                for s in sightings
            ],
        )
        marked = sum(bool(s.marks) for s in sightings)
        db.run(
            _SESSION_PRACTICE,
            (
                *key,
                name,
                None if possible is None else int(possible),
                len(sightings),
                marked,
                version,
            ),
        )


_WEEK = insert("person_week", PersonWeek._fields, "")
_WEEKS = f"SELECT {', '.join(PersonWeek._fields)} FROM person_week WHERE person = ?"


def replace_weeks(
    db: Database, person: int, rows: Iterable[PersonWeek], weeks: set[str] | None
) -> None:
    """A person's practices by project, in these weeks (their Mondays) or in all (None). A row that
    stays as it was is not written."""
    stored = [
        PersonWeek._make(row)
        for sql, params in (
            [(_WEEKS, (person,))]
            if weeks is None
            else [(f"{_WEEKS} AND week = ?", (person, week)) for week in sorted(weeks)]
        )
        for row in db.run(sql, params)
    ]
    now = set(rows)
    db.many(
        "DELETE FROM person_week WHERE person = ? AND week = ? AND practice = ? AND project = ?",
        [(person, old.week, old.practice, old.project) for old in stored if old not in now],
    )
    db.many(_WEEK, sorted(now.difference(stored)))
