"""What tells whether anything of a week changed: each week of a person has a random number, and
whatever changes rows of a session gives its weeks another one.

A number that is counted up could come back to a value it had, when a person's rows are deleted or a
copy of the company is restored; a random one does not, and stands for the same rows wherever it is
found again.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from accrete.clock import monday
from accrete.database import Database

BITS = 40
"""Of a stamp: the sum of those of 1,000 people over ten years has 60."""

AT_ONCE = 100
"""Sessions that are asked about in one statement."""
_TABLES = ("session_day", "session_usage", "session_tool", "sighting")
_DAYS = " UNION ".join(
    f"SELECT local_day FROM {table} WHERE person = ? AND local_day <> ''{{0}}" for table in _TABLES
)
_PULLS = """SELECT d.local_day FROM session_pull_state t
JOIN {table} l ON l.person = t.person AND l.url = t.url
JOIN session_day d ON d.person = l.person AND d.session = l.session
WHERE t.person = ? AND d.local_day <> '' AND t.session IN ({some})"""
"""The days of sessions that opened, or worked on, pull requests whose state some sessions tell."""
_OF_PULLS = " UNION ".join(
    _PULLS.replace("{table}", name) for name in ("session_pull", "session_pull_state")
)
_STAMP = """INSERT INTO week_stamp (person, week, stamp) VALUES (?, ?, ?)
ON CONFLICT (person, week) DO UPDATE SET stamp = excluded.stamp"""


def weeks_of(db: Database, person: int, sessions: Iterable[str]) -> set[str]:
    """The Mondays of the weeks in which anything of these sessions is held, and of others with the
    same pull requests, whose states are told of all of them."""
    names, days = [*sessions], set[str]()
    for at in range(0, len(names), AT_ONCE):
        some = names[at : at + AT_ONCE]
        places = ", ".join("?" * len(some))
        sql = _DAYS.format(f" AND session IN ({places})")
        days |= {str(day) for (day,) in db.run(sql, (person, *some) * len(_TABLES))}
        rows = db.run(_OF_PULLS.format(some=places), (person, *some) * 2)
        days |= {str(day) for (day,) in rows}
    return {*map(monday, days)}


def all_weeks(db: Database, person: int) -> set[str]:
    """The Mondays of all weeks of which anything of a person is held."""
    return {monday(day) for (day,) in db.run(_DAYS.format(""), (person,) * len(_TABLES))}


def stamp(db: Database, person: int, weeks: Iterable[str]) -> None:
    """Says that something of these weeks of a person changed."""
    db.many(_STAMP, [(person, week, secrets.randbits(BITS)) for week in sorted(weeks)])
