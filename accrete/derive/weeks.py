"""Adds up a person's practices by project and week: only the weeks in which something changed.

Trends and a team's matrix read them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from accrete.clock import monday
from accrete.database import Database, Row
from accrete.derive.rows import replace_weeks
from accrete.model.sessions import PersonWeek
from accrete.practices.weeks import Seen, add_up
from accrete.record.store import fact, set_fact

WEEKS_WAIT = "weeks_wait"
"""The fact that names, as JSON, the weeks (their Mondays) whose sessions changed since they were
added up; EVERY_WEEK where they are many."""
EVERY_WEEK = "1"
FEW_WEEKS = 12
"""Weeks that are added up one by one; of more, one walk over all is faster."""

_DAYS = """SELECT local_day FROM session_day WHERE person = ? AND session = ? AND local_day <> ''
UNION SELECT local_day FROM sighting WHERE person = ? AND session = ? AND local_day <> ''"""
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


def weeks_of(db: Database, person: int, sessions: Iterable[str]) -> set[str]:
    """The weeks that these sessions count in, as they are stored."""
    return {monday(day) for session in sessions for (day,) in db.run(_DAYS, (person, session) * 2)}


def let_weeks_wait(db: Database, person: int, weeks: set[str]) -> None:
    """Weeks that are to be added up again. To be called in the transaction that changes what their
    sessions show, with the weeks of before and after it, so that no kill leaves an old sum."""
    waiting = waiting_weeks(db, person)
    if waiting is None or weeks <= waiting:
        return
    every = waiting | weeks
    said = json.dumps(sorted(every)) if len(every) <= FEW_WEEKS else EVERY_WEEK
    set_fact(db, person, WEEKS_WAIT, said)


def let_every_week_wait(db: Database, person: int) -> None:
    """All weeks are to be added up again, also those of which no session is left."""
    set_fact(db, person, WEEKS_WAIT, EVERY_WEEK)


def waiting_weeks(db: Database, person: int) -> set[str] | None:
    """The weeks that are to be added up again; None for all of them."""
    said = fact(db, person, WEEKS_WAIT) or "0"
    return None if said == EVERY_WEEK else set() if said == "0" else set(json.loads(said))


def derive_weeks(db: Database, person: int) -> None:
    """Adds up the weeks of a person that wait, from what their sessions show."""
    if waiting_weeks(db, person) == set():
        return
    with db.transaction():
        weeks = waiting_weeks(db, person)
        each = [None] if weeks is None else sorted(weeks)
        rows = [row for week in each for row in _rows(db, person, week)]
        replace_weeks(db, person, rows, weeks)
        set_fact(db, person, WEEKS_WAIT, "0")


def _rows(db: Database, person: int, week: str | None) -> list[PersonWeek]:
    """The rows of one week, or of all (None)."""
    condition, days = (_WITHIN, [week, _sunday(week)]) if week is not None else (_EVER, [])
    return _added_up(
        person,
        db.run(_POSSIBLE.format(within=condition.format(day="d.local_day")), (person, *days)),
        db.run(_SEEN.format(within=condition.format(day="g.local_day")), (person, *days)),
    )


def _sunday(week: str) -> str:
    return (date.fromisoformat(week) + timedelta(days=6)).isoformat()


def _added_up(person: int, possible_in: list[Row], seen_in: list[Row]) -> list[PersonWeek]:
    possible: dict[tuple[str, str], list[tuple[str, tuple[int, str]]]] = defaultdict(list)
    versions: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    for project, practice, day, session, version in possible_in:
        week = monday(day)
        possible[project, practice].append((week, (person, session)))
        versions[project, practice, week].add(int(version))
    seen: dict[tuple[str, str], list[Seen]] = defaultdict(list)
    for project, practice, day, session, n, marked in seen_in:
        seen[project, practice].append(Seen(monday(day), (person, session), int(n), int(marked)))
    rows = []
    for project, practice in sorted(possible.keys() | seen.keys()):
        there, found = possible[project, practice], seen[project, practice]
        weeks = {week for week, _ in there} | {each.week for each in found}
        for w in add_up(weeks, there, found):
            by = " ".join(map(str, sorted(versions[project, practice, w.week])))
            figures = (w.eligible, w.seen, w.sightings, w.marked)
            rows.append(PersonWeek(person, project, w.week, practice, *figures, by))
    return rows
