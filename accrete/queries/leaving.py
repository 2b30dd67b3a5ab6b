"""Stored rows of a session as they stand, for what is shared of them."""

from __future__ import annotations

from operator import itemgetter
from typing import NamedTuple

from accrete.database import Question, Row
from accrete.model import Tier
from accrete.queries.scope import Scope, narrowed_by
from accrete.wire.travels import typed


class Shareable(NamedTuple):
    """A session: its project ('' for none), the project's remote ('' for none), the zone of its
    days, its day, and a number that every change of its rows raises."""

    session: str
    project: str
    remote: str
    zone: str
    day: str
    change: int


@narrowed_by("project", "session", "without", "automated")
def shareable(scope: Scope, *, waiting: bool = False) -> Question[list[Shareable]]:
    """The sessions of a person that are ready to be shared, the oldest first. waiting: those that
    are to be derived first, too."""
    where, params = scope.where()
    ready = "" if waiting else " AND s.stale = 0"
    sql = f"""SELECT s.id, COALESCE(s.project, ''), COALESCE(p.remote, ''), s.zone,
        COALESCE(s.local_day, ''), COALESCE(c.n, 0)
      FROM visible_session s LEFT JOIN project p ON p.person = s.person AND p.id = s.project
        LEFT JOIN session_change c ON c.person = s.person AND c.session = s.id
      WHERE {where}{ready}
      ORDER BY s.started_at NULLS LAST, s.id"""
    return Question(((sql, params),), lambda answers: [Shareable._make(row) for row in answers[0]])


@narrowed_by("session", shows=Tier.WORDS)
def stored_rows(scope: Scope, table: str) -> Question[list[Row]]:
    """All rows of a table of the scope's session, by its identity; the columns as `typed` has
    them. They are sorted here: asked to, SQLite reads all rows of the person in that order."""
    gate, params = scope.gate
    person, session = scope.one
    column = "id" if table == "session" else "session"
    fields = tuple(typed(table))
    identity = itemgetter(*(at for at, each in enumerate(fields) if each in _ORDER[table]))
    sql = f"""SELECT {", ".join(fields)} FROM {table}
      WHERE person = ? AND {column} = ? AND {gate}"""
    return Question(
        ((sql, [person, session, *params]),), lambda answers: sorted(answers[0], key=identity)
    )


@narrowed_by("session")
def events_known(scope: Scope) -> Question[int]:
    """How many events of the scope's session are stored."""
    person, session = scope.one
    gate, params = scope.gate
    sql = f"SELECT COUNT(*) FROM event WHERE person = ? AND session = ? AND {gate}"
    return Question(((sql, [person, session, *params]),), lambda answers: int(answers[0][0][0]))


@narrowed_by("session")
def first_records(scope: Scope) -> Question[dict[str, str]]:
    """The id of the first record of each subagent of the scope's session: every machine that has
    the transcript finds the same."""
    person, session = scope.one
    gate, params = scope.gate
    sql = f"""SELECT e.agent, MIN(e.uuid) FROM event e JOIN (
        SELECT agent, MIN(at) AS at FROM event
        WHERE person = ? AND session = ? AND agent <> '' AND {gate} GROUP BY agent
      ) f ON f.agent = e.agent AND f.at = e.at
      WHERE e.person = ? AND e.session = ? GROUP BY e.agent"""
    values = [person, session, *params, person, session]
    return Question(((sql, values),), lambda answers: {str(a): str(u) for a, u in answers[0]})


def _keys() -> dict[str, frozenset[str]]:
    from accrete.model.tables import TABLES

    return {each.name: frozenset(each.key) for each in TABLES}


_ORDER = _keys()
