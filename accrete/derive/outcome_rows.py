"""Stores outcomes and practices: derived rows, replaced completely for each session."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from accrete.database import Database
from accrete.model.sessions import (
    CheckRun,
    SessionCommit,
    SessionPractice,
    SessionPull,
    Sighting,
)
from accrete.practices.practice import Sighting as Seen
from accrete.record.pull_states import renew_states
from accrete.record.store import insert

_SIGHTING = insert("sighting", Sighting._fields, "ON CONFLICT DO NOTHING")
_SESSION_PRACTICE = insert("session_practice", SessionPractice._fields, "")
_COMMIT = insert("session_commit", SessionCommit._fields, "")
_PULL = insert("session_pull", SessionPull._fields, "")
_CHECK = insert("check_run", CheckRun._fields, "")


def replace_insight(
    db: Database,
    key: tuple[int, str],
    *,
    commits: Iterable[SessionCommit],
    pulls: Iterable[SessionPull],
    checks: Iterable[CheckRun],
    practices: Iterable[tuple[str, bool | None, Sequence[Seen], int]],
    placed: Callable[[Seen], tuple[int | None, str]],
) -> None:
    """What came of the session `key` (person, id) and what it shows of each practice: (name,
    possible, sightings, version). placed: the time and the local day of a sighting."""
    for table in ("session_commit", "session_pull", "check_run", "sighting", "session_practice"):
        db.run(f"DELETE FROM {table} WHERE person = ? AND session = ?", key)
    db.many(_COMMIT, commits)
    db.many(_PULL, pulls)
    person, session = key
    renew_states(db, person, [session])
    db.many(_CHECK, checks)
    for name, possible, sightings, version in practices:
        db.many(
            _SIGHTING,
            [
                Sighting(
                    *key, name, s.uuid, s.use, s.run, s.seq, *placed(s), " ".join(s.marks), s.note
                )
                for s in sightings
            ],
        )
        marked = sum(bool(s.marks) for s in sightings)
        known = None if possible is None else int(possible)
        db.run(
            _SESSION_PRACTICE,
            SessionPractice(*key, name, known, len(sightings), marked, version),
        )
