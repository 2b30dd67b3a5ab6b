"""Stores a person's practices by project and week, for trends and a team's matrix."""

from __future__ import annotations

from collections import defaultdict

from accrete.clock import monday
from accrete.database import Database
from accrete.derive.rows import WEEKS_WAIT, replace_weeks
from accrete.model.sessions import PersonWeek
from accrete.practices.weeks import Seen, add_up
from accrete.record.store import set_fact

_POSSIBLE = """SELECT COALESCE(s.project, ''), p.practice, d.local_day, s.id, p.version
FROM session_practice p
JOIN session s ON s.person = p.person AND s.id = p.session
JOIN session_day d ON d.person = p.person AND d.session = p.session
WHERE s.person = ? AND s.automated = 0 AND p.possible = 1 AND d.local_day <> ''"""
_SEEN = """SELECT COALESCE(s.project, ''), g.practice, g.local_day, s.id, COUNT(*),
SUM(CASE WHEN g.marks = '' THEN 0 ELSE 1 END)
FROM sighting g JOIN session s ON s.person = g.person AND s.id = g.session
WHERE s.person = ? AND s.automated = 0 AND g.local_day <> ''
GROUP BY s.project, g.practice, g.local_day, s.id"""


def derive_weeks(db: Database, person: int) -> None:
    """Adds the weeks of a person up anew, from what their sessions show."""
    with db.transaction():
        possible: dict[tuple[str, str], list[tuple[str, tuple[int, str]]]] = defaultdict(list)
        versions: dict[tuple[str, str, str], set[int]] = defaultdict(set)
        for project, practice, day, session, version in db.run(_POSSIBLE, (person,)):
            week = monday(day)
            possible[project, practice].append((week, (person, session)))
            versions[project, practice, week].add(int(version))
        seen: dict[tuple[str, str], list[Seen]] = defaultdict(list)
        for project, practice, day, session, n, marked in db.run(_SEEN, (person,)):
            seen[project, practice].append(
                Seen(monday(day), (person, session), int(n), int(marked))
            )
        rows = []
        for project, practice in sorted(possible.keys() | seen.keys()):
            there, found = possible[project, practice], seen[project, practice]
            weeks = {week for week, _ in there} | {each.week for each in found}
            for w in add_up(weeks, there, found):
                by = " ".join(map(str, sorted(versions[project, practice, w.week])))
                rows.append(
                    PersonWeek(
                        person,
                        project,
                        w.week,
                        practice,
                        w.eligible,
                        w.seen,
                        w.sightings,
                        w.marked,
                        by,
                    )
                )
        replace_weeks(db, person, rows)
        set_fact(db, person, WEEKS_WAIT, "0")
