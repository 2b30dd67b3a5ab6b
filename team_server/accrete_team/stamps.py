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
_STAMP = """INSERT INTO week_stamp (person, week, stamp) VALUES (?, ?, ?)
ON CONFLICT (person, week) DO UPDATE SET stamp = excluded.stamp"""


def weeks_of(db: Database, person: int, sessions: Iterable[str]) -> set[str]:
    """The Mondays of the weeks in which anything of these sessions is held."""
    names, days = [*sessions], set[str]()
    for at in range(0, len(names), AT_ONCE):
        some = names[at : at + AT_ONCE]
        sql = _DAYS.format(f" AND session IN ({', '.join('?' * len(some))})")
        days |= {str(day) for (day,) in db.run(sql, (person, *some) * len(_TABLES))}
    return {*map(monday, days)}


def all_weeks(db: Database, person: int) -> set[str]:
    """The Mondays of all weeks of which anything of a person is held."""
    return {monday(day) for (day,) in db.run(_DAYS.format(""), (person,) * len(_TABLES))}


def stamp(db: Database, person: int, weeks: Iterable[str]) -> None:
    """Says that something of these weeks of a person changed."""
    db.many(_STAMP, [(person, week, secrets.randbits(BITS)) for week in sorted(weeks)])
