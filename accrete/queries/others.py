"""What others see of people's sessions: whole days, and only sessions that are over."""

from __future__ import annotations

from typing import NamedTuple

from accrete.database import Question, Row
from accrete.queries.scope import OVER as OVER_BY
from accrete.queries.scope import Scope, narrowed_by
from accrete.queries.sessions import HAS_WORK

OVER = OVER_BY.format("s")
"""Whether a session was over on a day."""


class OthersSession(NamedTuple):
    """A session as others see it, without amounts. title: None where its owner does not share it;
    day: the local day on which it began; active_ms: ms."""

    person: int
    id: str
    title: str | None
    day: str
    project: str | None
    project_name: str
    prompts: int
    active_ms: int | None
    outcome: str | None
    checks: int
    checks_failed: int
    tool_errors: int
    interruptions: int
    agents: int


@narrowed_by("since", "until", "project", "session")
def others_sessions(
    scope: Scope,
    last_day: str,
    *,
    limit: int,
    skip: int = 0,
    practice: str | None = None,
    possible: str | None = None,
) -> Question[list[OthersSession]]:
    """People's own sessions that were over on a day, the newest day first; of one day by id, which
    tells no time. practice: those in which it was seen; possible: in which it was possible."""
    where, params = scope.where(day="s.local_day")
    of = "person = s.person AND {0}.session = s.id AND {0}.practice = ?"
    seen, names = "", list[object]()
    if practice is not None:
        seen += f" AND EXISTS (SELECT 1 FROM sighting g WHERE g.{of.format('g')})"
        names.append(practice)
    if possible is not None:
        seen += (" AND EXISTS (SELECT 1 FROM session_practice y "
                 f"WHERE y.{of.format('y')} AND y.possible = 1)")  # fmt: skip
        names.append(possible)
    sql = f"""SELECT s.person, s.id, s.title, s.local_day, s.project, COALESCE(p.name, ''),
      s.prompts + s.prompts_queued, s.active_ms, s.outcome, s.checks, s.checks_failed,
      s.tool_errors, s.interruptions, s.agents
    FROM visible_session s LEFT JOIN project p ON p.person = s.person AND p.id = s.project
    WHERE {where} AND s.automated = 0 AND {HAS_WORK} AND {OVER}{seen}
    ORDER BY s.local_day DESC, s.id, s.person LIMIT ? OFFSET ?"""
    values = [*params, last_day, *names, limit, skip]
    return Question(((sql, values),), lambda answers: [_other(row) for row in answers[0]])


def _other(row: Row) -> OthersSession:
    return OthersSession(*row)


@narrowed_by("session")
def over_by(scope: Scope, day: str) -> Question[bool]:
    """Whether the scope's session may be seen and was over on a day."""
    where, params = scope.where()
    sql = f"SELECT 1 FROM visible_session s WHERE {where} AND {OVER} LIMIT 1"
    return Question(((sql, [*params, day]),), lambda answers: bool(answers[0]))


class LastDay(NamedTuple):
    """The last local day of a person's sessions, and how many sessions there are."""

    person: int
    day: str
    sessions: int


@narrowed_by("since", "until")
def last_days(scope: Scope) -> Question[list[LastDay]]:
    """For each person of a scope who has sessions in its range the last day on which something
    happened."""
    within, days = scope.days("d.local_day")
    where, params = scope.where()
    whose, people = scope.of("d.person")  # PostgreSQL does not find out by itself
    sql = f"""SELECT d.person, MAX(d.local_day), COUNT(DISTINCT d.session) FROM session_day d
      JOIN visible_session s ON s.person = d.person AND s.id = d.session
      WHERE {where} AND {whose}{within} AND s.automated = 0 AND d.local_day <> ''
      GROUP BY d.person"""
    return Question(
        ((sql, [*params, *people, *days]),),
        lambda answers: [
            LastDay(int(person), str(day), int(sessions)) for person, day, sessions in answers[0]
        ],
        many=len(scope.people) > 1,
    )
