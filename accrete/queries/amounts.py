"""What people's work cost and made, by person, week and place: what sums over people are made of.
Never shown as it is; insight/sums.py says which sums may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from accrete.database import Question, Row
from accrete.queries.scope import Scope, narrowed_by


class Spent(NamedTuple):
    """Billed usage of a person in a stretch of days, by project and model. nth: of the first days
    that were asked with; project: its id, '' for none."""

    person: int
    nth: int
    project: str
    model: str
    cost_nano: int
    tokens: int
    unpriced: int


class Made(NamedTuple):
    """What a person's sessions made in a week, by project; each session counts once a week."""

    person: int
    nth: int
    project: str
    sessions: int
    commits: int
    pull_requests: int
    lines_added: int
    lines_removed: int


class Used(NamedTuple):
    """Calls of a tool by a person in a week, by project. nth: as in Spent; tool: its published
    name, or `other` where its owner does not share the name."""

    person: int
    nth: int
    project: str
    tool: str
    calls: int


class Cost(NamedTuple):
    """Billed usage of a person in a stretch of days. nth: as in Spent; project: one of those that
    were asked about, else ''."""

    person: int
    nth: int
    project: str
    cost_nano: int


def stretch_of(column: str, starts: Sequence[str]) -> tuple[str, list[str]]:
    """An expression for the number of the stretch that a local day is in, and its parameters.
    starts: the first days of the stretches of a range, such as its Mondays, in order. Of many it
    compares a few times, not once for each."""

    def between(first: int, last: int) -> tuple[str, list[str]]:
        if first == last:
            return str(first), []
        middle = (first + last + 1) // 2
        (before, earlier), (after, later) = between(first, middle - 1), between(middle, last)
        return (
            f"CASE WHEN {column} < ? THEN {before} ELSE {after} END",
            [starts[middle], *earlier, *later],
        )

    return between(0, len(starts) - 1)


@narrowed_by("since", "until")
def costs(scope: Scope, starts: Sequence[str], projects: Sequence[str]) -> Question[list[Cost]]:
    """What was billed of all sessions, by stretch alone, and by some projects."""
    where, params = scope.where(day="u.local_day")
    nth, steps = stretch_of("u.local_day", starts)
    one_of = f"s.project IN ({', '.join('?' * len(projects))})" if projects else "1 = 0"
    sql = f"""SELECT x.person, x.nth, x.project, SUM(x.cost) FROM (
      SELECT u.person AS person, {nth} AS nth, u.cost_nano AS cost,
        CASE WHEN {one_of} THEN s.project ELSE '' END AS project
      FROM session_usage u JOIN visible_session s ON s.person = u.person AND s.id = u.session
      WHERE {where} AND u.local_day <> '') x
    GROUP BY x.person, x.nth, x.project"""
    return Question(
        ((sql, [*steps, *projects, *params]),),
        lambda answers: [Cost(int(a), int(b), str(c), int(d or 0)) for a, b, c, d in answers[0]],
    )


@narrowed_by("since", "until")
def spent(scope: Scope, starts: Sequence[str]) -> Question[list[Spent]]:
    """What was billed, own and delegated together, of all sessions."""
    where, params = scope.where(day="u.local_day")
    week, steps = stretch_of("u.local_day", starts)
    sql = f"""SELECT x.person, x.week, x.project, x.model, SUM(x.cost), SUM(x.tokens),
      SUM(x.unpriced) FROM (
      SELECT u.person AS person, {week} AS week, COALESCE(s.project, '') AS project,
        u.model AS model, u.cost_nano AS cost, u.unpriced AS unpriced,
        u.input_tokens + u.output_tokens + u.cache_read_tokens + u.cache_write_tokens AS tokens
      FROM session_usage u JOIN visible_session s ON s.person = u.person AND s.id = u.session
      WHERE {where} AND u.local_day <> '') x
    GROUP BY x.person, x.week, x.project, x.model"""

    def shape(answers: list[list[Row]]) -> list[Spent]:
        return [
            Spent(int(person), int(nth), project, model, *(int(value or 0) for value in sums))
            for person, nth, project, model, *sums in answers[0]
        ]

    return Question(((sql, [*steps, *params]),), shape)


@narrowed_by("since", "until")
def made(scope: Scope, mondays: Sequence[str]) -> Question[list[Made]]:
    """What was committed, opened and written, of all sessions."""
    where, params = scope.where(day="d.local_day")
    week, steps = stretch_of("d.local_day", mondays)
    sql = f"""SELECT x.person, x.week, x.project,
      COUNT(DISTINCT x.session), SUM(x.commits), SUM(x.pulls),
      SUM(x.added), SUM(x.removed) FROM (
      SELECT d.person AS person, d.session AS session, {week} AS week,
        COALESCE(s.project, '') AS project, d.commits AS commits,
        d.pull_requests AS pulls,
        COALESCE(d.lines_added, 0) AS added, COALESCE(d.lines_removed, 0) AS removed
      FROM session_day d JOIN visible_session s ON s.person = d.person AND s.id = d.session
      WHERE {where} AND d.local_day <> '') x
    GROUP BY x.person, x.week, x.project"""

    def shape(answers: list[list[Row]]) -> list[Made]:
        return [
            Made(int(person), int(nth), project, *(int(value or 0) for value in rest))
            for person, nth, project, *rest in answers[0]
        ]

    return Question(((sql, [*steps, *params]),), shape)


@narrowed_by()
def labels(scope: Scope) -> Question[dict[str, str]]:
    """The names of people's projects by their ids, where they have one."""
    whose, params = scope.of("p.person")
    sql = f"""SELECT p.id, MIN(p.name) FROM project p
    WHERE {whose} AND p.name <> '' GROUP BY p.id"""
    return Question(
        ((sql, params),), lambda answers: {str(id_): str(name) for id_, name in answers[0]}
    )


@narrowed_by("since", "until")
def tools_used(scope: Scope, mondays: Sequence[str]) -> Question[list[Used]]:
    """The tool calls of all sessions, those of subagents among them."""
    where, params = scope.where(day="t.local_day")
    week, steps = stretch_of("t.local_day", mondays)
    sql = f"""SELECT x.person, x.week, x.project, x.tool, SUM(x.calls) FROM (
      SELECT t.person AS person, {week} AS week, COALESCE(s.project, '') AS project,
        t.tool AS tool, t.calls AS calls
      FROM session_tool t JOIN visible_session s ON s.person = t.person AND s.id = t.session
      WHERE {where} AND t.local_day <> '') x
    GROUP BY x.person, x.week, x.project, x.tool"""
    return Question(
        ((sql, [*steps, *params]),),
        lambda answers: [
            Used(int(a), int(b), str(c), str(d), int(e or 0)) for a, b, c, d, e in answers[0]
        ],
    )
