"""What an administrator sees and sets of the whole company: settings, the audit log, openings."""

from __future__ import annotations

from typing import NamedTuple

from accrete.database import Database, Question
from accrete.errors import AccreteError
from accrete_team import people
from accrete_team.access import SETTINGS
from accrete_team.people import DAY_MS, NOTICE_MS

OPENED_MS = DAY_MS
LEAST_REASON = 20
"""Characters of the reason for breaking the glass."""


class Entry(NamedTuple):
    """A line of the audit log. actor: their name, `the command line` for none; at: UTC ms."""

    at: int
    actor: str
    what: str
    about: str


def entries(limit: int) -> Question[list[Entry]]:
    """The newest lines of the audit log."""
    sql = """SELECT a.at, COALESCE(p.name, 'the command line'), a.what, a.about
      FROM audit a LEFT JOIN person p ON p.id = a.actor ORDER BY a.at DESC, a.id LIMIT ?"""
    return Question(
        ((sql, (limit,)),),
        lambda answers: [Entry(int(a), str(b), str(c), str(d)) for a, b, c, d in answers[0]],
    )


class Setting(NamedTuple):
    """A setting that holds, or will. since: UTC ms."""

    name: str
    value: str
    since: int


def stated() -> Question[list[Setting]]:
    """All settings that were ever made, in the order of their beginning."""
    sql = "SELECT name, value, since FROM company_setting ORDER BY since, name"
    return Question(
        ((sql, ()),), lambda answers: [Setting(str(a), str(b), int(c)) for a, b, c in answers[0]]
    )


def switch(db: Database, name: str, value: str, *, actor: int | None, now: int) -> int:
    """Sets a setting a day from now, of which everybody is told; returns the moment. Raises
    AccreteError for what cannot be set."""
    if value not in SETTINGS.get(name, ()):
        known = "; ".join(f"{each}: {', '.join(values)}" for each, values in SETTINGS.items())
        raise AccreteError(f"{name[:40]} cannot be set to {value[:40]!r}. Known: {known}.")
    since = now + NOTICE_MS
    with db.transaction():
        db.run("DELETE FROM company_setting WHERE name = ? AND since > ?", (name, now))
        db.run(
            "INSERT INTO company_setting (name, since, value, by_person, made_at) "
            "VALUES (?, ?, ?, ?, ?)",
            (name, since, value, actor, now),
        )
        people.note(db, "set", f"{name.replace('_', ' ')}: {value}", actor, now)
    return since


def break_glass(db: Database, person: int, admin: int, why: str, now: int) -> int:
    """Opens one person's sessions to an administrator for a day; the person is told at once.
    Returns until when. Raises AccreteError without a reason."""
    reason = " ".join(why.split())
    if len(reason) < LEAST_REASON:
        raise AccreteError(
            f"Write the reason in {LEAST_REASON} characters or more: the person reads it at once."
        )
    who = people.member(db, person)
    if person == admin:
        raise AccreteError("You see your own work already.")
    with db.transaction():
        db.run(
            "INSERT INTO opening (person, admin, since, until, why) VALUES (?, ?, ?, ?, ?)",
            (person, admin, now, now + OPENED_MS, reason[:1000]),
        )
        people.note(db, "broke the glass", f"{who.name}: {reason}", admin, now)
    return now + OPENED_MS
