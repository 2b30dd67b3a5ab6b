"""Projects over people: how many worked on them; and the sessions that tell what it was about, a
digest each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from accrete.database import Question, Row
from accrete.model import Tier
from accrete.queries.others import OVER
from accrete.queries.practices import of_weeks
from accrete.queries.scope import Scope, narrowed_by
from accrete.queries.sessions import HAS_WORK


class Worked(NamedTuple):
    """A project with a name: how many people of a scope have weeks on it; practices: with how many
    of them each was seen."""

    project: str
    name: str
    people: int
    practices: Mapping[str, int]


@narrowed_by("since", "until")
def worked(scope: Scope) -> Question[list[Worked]]:
    """The named projects that people worked on, by id. since, until: Mondays."""
    where, params = of_weeks(scope)
    statements = (
        (f"""SELECT w.project, MIN(p.name), COUNT(DISTINCT w.person) FROM visible_person w
          JOIN project p ON p.person = w.person AND p.id = w.project
          WHERE {where} AND p.name <> '' GROUP BY w.project""", params),
        (f"""SELECT w.project, w.practice, COUNT(DISTINCT w.person) FROM visible_person w
          WHERE {where} AND w.seen > 0 GROUP BY w.project, w.practice""", params),
    )  # fmt: skip

    def shape(answers: list[list[Row]]) -> list[Worked]:
        seen: dict[str, dict[str, int]] = defaultdict(dict)
        for project, practice, people in answers[1]:
            seen[project][practice] = int(people)
        return [
            Worked(project, name, int(people), seen.get(project, {}))
            for project, name, people in sorted(answers[0])
        ]

    return Question(statements, shape)


class Digest(NamedTuple):
    """One session in short. title: None where none is shared; files: the paths that it changed, and
    kinds, their endings, where they are shared."""

    person: int
    session: str
    day: str
    title: str | None
    category: str | None
    practices: frozenset[str]
    files: frozenset[str]
    kinds: frozenset[str]


@narrowed_by("since", "until", "project")
def digests(scope: Scope, last_day: str, *, limit: int) -> Question[list[Digest]]:
    """People's own sessions that began in the range and were over on a day, the newest day first;
    of one day by id, which tells no time. Each at its owner's tier."""
    where, params = scope.where(day="s.local_day")
    some = f"""SELECT s.person, s.id AS session, s.local_day, s.tier, s.category,
      CASE WHEN s.tier >= {int(Tier.WORDS)} THEN s.title END AS title
    FROM visible_session s
    WHERE {where} AND s.automated = 0 AND s.local_day <> '' AND {HAS_WORK} AND {OVER}
    ORDER BY s.local_day DESC, s.id, s.person LIMIT ?"""
    values = [*params, last_day, limit]
    shared = f"x.tier >= {int(Tier.ACTIVITY)}"
    statements = (
        (some, values),
        (f"""SELECT y.person, y.session, y.practice FROM ({some}) x
          JOIN session_practice y ON y.person = x.person AND y.session = x.session
          WHERE y.sightings > 0""", values),
        (f"""SELECT f.person, f.session, f.path FROM ({some}) x
          JOIN session_file f ON f.person = x.person AND f.session = x.session
          WHERE {shared}""", values),
        (f"""SELECT k.person, k.session, k.kind FROM ({some}) x
          JOIN session_kind k ON k.person = x.person AND k.session = x.session
          WHERE {shared} AND k.kind <> ''""", values),
    )  # fmt: skip

    def shape(answers: list[list[Row]]) -> list[Digest]:
        of: list[dict[tuple[int, str], set[str]]] = [defaultdict(set) for _ in range(3)]
        for found, rows in zip(of, answers[1:], strict=True):
            for person, session, value in rows:
                found[int(person), session].add(value)
        return [
            Digest(int(person), session, day, title or None, category,
                   *(frozenset(found.get((int(person), session), ())) for found in of))
            for person, session, day, _, category, title in answers[0]
        ]  # fmt: skip

    return Question(statements, shape)
