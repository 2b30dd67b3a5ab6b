"""Stores outcomes and practices: derived rows, replaced completely for each session."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from accrete.database import Database
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
