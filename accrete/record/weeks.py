"""Writes a person's weeks: their practices by project, from the rows of their sessions.

The laptop and the team server add up by these rules, each from what it holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from accrete.clock import monday
from accrete.database import Database, Row
from accrete.model.sessions import PersonWeek
from accrete.practices.weeks import weeks_of_person
from accrete.record.store import insert

FEW_WEEKS = 12
"""Weeks that are added up one by one; of more, one walk over all is faster."""
AT_ONCE = 200
"""Sessions that are named in one statement."""

_DAYS = """SELECT local_day FROM session_day
WHERE person = ? AND session IN ({some}) AND local_day <> ''
UNION SELECT local_day FROM sighting
WHERE person = ? AND session IN ({some}) AND local_day <> ''"""
_POSSIBLE = """SELECT COALESCE(s.project, ''), p.practice, d.local_day, s.id, p.version
FROM session_day d
CROSS JOIN session s CROSS JOIN session_practice p
WHERE d.person = ? AND {within} AND s.person = d.person AND s.id = d.session AND s.automated = 0
AND p.person = s.person AND p.session = s.id AND p.possible = 1"""
_SEEN = """SELECT COALESCE(s.project, ''), g.practice, g.local_day, s.id, COUNT(*),
SUM(CASE WHEN g.marks = '' THEN 0 ELSE 1 END)
FROM sighting g JOIN session s ON s.person = g.person AND s.id = g.session
WHERE g.person = ? AND {within} AND s.automated = 0
GROUP BY s.project, g.practice, g.local_day, s.id"""
_EVER = "{day} <> ''"
_WITHIN = "{day} >= ? AND {day} <= ?"
_WEEK = insert("person_week", PersonWeek._fields, "")
_STORED = f"SELECT {', '.join(PersonWeek._fields)} FROM person_week WHERE person = ? AND {{within}}"


def weeks_of(db: Database, person: int, sessions: Iterable[str]) -> set[str]:
    """The weeks that these sessions count in, as they are stored."""
    names, days = [*sessions], set()
    for at in range(0, len(names), AT_ONCE):
        some = names[at : at + AT_ONCE]
        sql = _DAYS.format(some=", ".join("?" * len(some)))
        days |= {day for (day,) in db.run(sql, (person, *some) * 2)}
    return {*map(monday, days)}


def add_up_weeks(db: Database, person: int, weeks: set[str] | None) -> None:
    """Adds up these weeks of a person (their Mondays), or all of them (None), from what their
    sessions show. To be called in a transaction. A row that stays as it was is not written."""
    if weeks is None:
        _replace(db, person, _EVER, [])
        return
    spans = [(week, week) for week in sorted(weeks)]
    if len(spans) > FEW_WEEKS:
        spans = [(spans[0][0], spans[-1][0])]
    for first, last in spans:
        _replace(db, person, _WITHIN, [first, _sunday(last)])


def _replace(db: Database, person: int, condition: str, days: list[str]) -> None:
    """Puts the weeks that days of this condition lie in, which are whole, in the place of those
    that are stored."""

    def asked(sql: str, day: str) -> list[Row]:
        return db.run(sql.format(within=condition.format(day=day)), (person, *days))

    rows = weeks_of_person(person, asked(_POSSIBLE, "d.local_day"), asked(_SEEN, "g.local_day"))
    stored = [PersonWeek._make(row) for row in asked(_STORED, "week")]
    now = set(rows)
    db.many(
        "DELETE FROM person_week WHERE person = ? AND week = ? AND practice = ? AND project = ?",
        [(person, old.week, old.practice, old.project) for old in stored if old not in now],
    )
    db.many(_WEEK, sorted(now.difference(stored)))


def _sunday(week: str) -> str:
    last = min(date.fromisoformat(week).toordinal() + 6, date.max.toordinal())
    return date.fromordinal(last).isoformat()
