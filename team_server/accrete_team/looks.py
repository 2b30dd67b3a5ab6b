"""Who looked at whose sessions: written before anything is sent."""

from __future__ import annotations

import secrets
from typing import NamedTuple

from accrete.database import Database, Question

AGAIN_MS = 10 * 60_000
"""Within how long the same look, at the next step of a session, is one with the one before."""


class LookRow(NamedTuple):
    """One look. viewer: the name of who looked, `the command line` for an export there."""

    at: int
    viewer: str
    what: str
    session: str | None
    why: str | None


def look(
    db: Database, person: int, viewer: int, what: str, now: int, *,
    session: str | None = None, why: str | None = None,
) -> None:  # fmt: skip
    """Writes down that `viewer` is about to see words of a person."""
    recent = db.run(
        "SELECT 1 FROM look WHERE person = ? AND at > ? AND viewer = ? AND what = ? "
        "AND COALESCE(session, '') = ? AND COALESCE(why, '') = ? LIMIT 1",
        (person, now - AGAIN_MS, viewer, what, session or "", why or ""),
    )
    if not recent:
        db.run(
            "INSERT INTO look (person, id, at, viewer, what, session, why) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (person, secrets.token_hex(8), now, viewer, what, session, why),
        )


def looks(person: int, limit: int) -> Question[list[LookRow]]:
    """The newest looks at a person's sessions."""
    sql = """SELECT l.at, COALESCE(p.name, 'the command line'), l.what, l.session, l.why
      FROM look l LEFT JOIN person p ON p.id = l.viewer
      WHERE l.person = ? ORDER BY l.at DESC, l.id LIMIT ?"""
    return Question(
        ((sql, (person, limit)),),
        lambda answers: [LookRow(int(at), *said) for at, *said in answers[0]],
    )
