"""Tags, notes and titles of sessions; no transcript holds them and no rebuild changes them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from accrete.database import Database
from accrete.errors import AccreteError
from accrete.record.store import mark_stale
from accrete.redaction import redact
from accrete.text.plain import squeeze

LONGEST_TITLE = 200
_TAG = re.compile(r"^[^\s,#-][^\s,#]{0,39}$")


def tag(db: Database, person: int, session: str, tags: Iterable[str], now: int) -> None:
    """Puts tags on a session; one that it has stays as it is. Raises AccreteError for what can be
    no tag."""
    clean = [_checked(each) for each in tags]
    with db.transaction():
        db.many(
            "INSERT INTO session_tag (person, session, tag, at) "
            "VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [(person, session, each, now) for each in clean],
        )


def untag(db: Database, person: int, session: str, tags: Iterable[str]) -> None:
    """Takes tags off a session."""
    with db.transaction():
        db.many(
            "DELETE FROM session_tag WHERE person = ? AND session = ? AND tag = ?",
            [(person, session, each.lstrip("#")) for each in tags],
        )


def note(db: Database, person: int, session: str, text: str | None, now: int) -> None:
    """Writes the note of a session in the place of the one it had; None or nothing but space takes
    it away."""
    with db.transaction():
        db.run("DELETE FROM session_note WHERE person = ? AND session = ?", (person, session))
        if text and text.strip():
            db.run(
                "INSERT INTO session_note (person, session, text, at) VALUES (?, ?, ?, ?)",
                (person, session, redact(text.strip()), now),
            )


def title(db: Database, person: int, session: str, text: str | None, now: int) -> None:
    """Gives a session a title that stands before every other; None or nothing but space takes it
    away. The session is stale afterwards: deriving it shows the title."""
    name = squeeze(text or "")[:LONGEST_TITLE]
    with db.transaction():
        db.run("DELETE FROM session_title WHERE person = ? AND session = ?", (person, session))
        if name:
            db.run(
                "INSERT INTO session_title (person, session, text, at) VALUES (?, ?, ?, ?)",
                (person, session, redact(name), now),
            )
        mark_stale(db, person, [session])


def _checked(text: str) -> str:
    name = redact(text.lstrip("#"))
    if not _TAG.match(name):
        raise AccreteError(
            f"{text!r} isn't a valid tag. "
            "Use up to 40 characters, no spaces, commas or #, and don't begin with -."
        )
    return name
