"""What people's work cost and made, by person, week and place: what sums over people are made of.
Never shown as it is; insight/sums.py says which sums may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from accrete.database import Question, Row
from accrete.outcomes.kinds import MERGED
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
    """What a person's sessions made in a week, by project. sessions: those at work, each once a
    week, without automated ones, as on all pages; the rest is of all sessions."""

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


class Pulled(NamedTuple):
    """A pull request that a session of a person opened in a week. nth, project: as in Made; state:
    open, merged or closed, None where no forge told the person's machines; ended_at: when it was
    merged or closed, UTC ms."""

    person: int
    nth: int
    project: str
    state: str | None
    ended_at: int | None


class SpentOnMerged(NamedTuple):
    """What was billed in a stretch of days of the sessions of a person that opened merged pull
    requests or worked on them. nth, project, model: as in Spent; merged_at: when the first of a
    session's was merged, UTC ms."""

    person: int
    nth: int
    project: str
    model: str
    merged_at: int
    cost_nano: int


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
        many=scope.many,
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

    return Question(((sql, [*steps, *params]),), shape, many=scope.many)


@narrowed_by("since", "until")
def made(scope: Scope, mondays: Sequence[str]) -> Question[list[Made]]:
    """What was committed, opened and written, of all sessions."""
    where, params = scope.where(day="d.local_day")
    week, steps = stretch_of("d.local_day", mondays)
    sql = f"""SELECT x.person, x.week, x.project,
      COUNT(DISTINCT x.session), SUM(x.commits), SUM(x.pulls),
      SUM(x.added), SUM(x.removed) FROM (
      SELECT d.person AS person, {week} AS week,
        CASE WHEN s.automated = 0 AND d.prompts + d.prompts_queued + d.responses_own > 0
          THEN d.session END AS session,
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

    return Question(((sql, [*steps, *params]),), shape, many=scope.many)


@narrowed_by()
def labels(scope: Scope) -> Question[dict[str, str]]:
    """The names of people's projects by their ids, where they have one."""
    whose, params = scope.of("p.person")
    sql = f"""SELECT p.id, MIN(p.name) FROM project p JOIN person v ON v.id = p.person
    WHERE {whose} AND v.tier >= ? AND p.name <> '' GROUP BY p.id"""
    return Question(
        ((sql, [*params, int(scope.tier)]),),
        lambda answers: {str(id_): str(name) for id_, name in answers[0]},
    )


@narrowed_by("since", "until")
def pulled(scope: Scope, mondays: Sequence[str]) -> Question[list[Pulled]]:
    """The pull requests that sessions opened, as far as their owners share them (from tier 2 on).
    Where a person's machines know different states of one, merged counts, then the last told."""
    where, params = scope.where(day="l.local_day")
    week, steps = stretch_of("l.local_day", mondays)
    sql = f"""SELECT l.person, l.session, l.url, {week}, COALESCE(s.project, ''), t.state,
      t.merged_at, t.closed_at, COALESCE(t.told_at, 0)
      FROM session_pull l JOIN visible_session s ON s.person = l.person AND s.id = l.session
      LEFT JOIN session_pull_state t ON t.person = l.person AND t.url = l.url
        AND t.state IS NOT NULL
      WHERE {where} AND l.local_day <> ''"""

    def shape(answers: list[list[Row]]) -> list[Pulled]:
        found: dict[tuple[int, str, str], tuple[tuple[bool, int, str, int], Pulled]] = {}
        for person, session, url, nth, project, state, merged_at, closed_at, told_at in answers[0]:
            merged = state == MERGED
            ended = (merged_at or closed_at or told_at) if merged else closed_at
            one = Pulled(int(person), int(nth), str(project), state, ended)
            key = (one.person, str(session), str(url))
            rank = (merged, int(told_at), state or "", ended or 0)
            known = found.get(key)
            if known is None or known[0] < rank:
                found[key] = (rank, one)
        return [one for _, one in found.values()]

    return Question(((sql, [*steps, *params]),), shape)


@narrowed_by("since", "until")
def spent_on_merged(scope: Scope, starts: Sequence[str]) -> Question[list[SpentOnMerged]]:
    """What was billed of all sessions that opened merged pull requests or worked on them."""
    where, params = scope.where(day="u.local_day")
    nth, steps = stretch_of("u.local_day", starts)
    whose, people = scope.of("t.person")
    sql = f"""SELECT x.person, x.nth, x.project, x.model, x.at, SUM(x.cost) FROM (
      SELECT u.person AS person, {nth} AS nth, COALESCE(s.project, '') AS project,
        u.model AS model, m.at AS at, u.cost_nano AS cost
      FROM (
        SELECT t.person AS person, t.session AS session,
          MIN(COALESCE(k.merged_at, k.closed_at, k.told_at, 0)) AS at
        FROM session_pull_state t JOIN session_pull_state k
          ON k.person = t.person AND k.url = t.url AND k.state = ?
        WHERE {whose}
        GROUP BY t.person, t.session
      ) m
      JOIN visible_session s ON s.person = m.person AND s.id = m.session
      JOIN session_usage u ON u.person = m.person AND u.session = m.session
      WHERE {where} AND u.local_day <> '') x
    GROUP BY x.person, x.nth, x.project, x.model, x.at"""

    def shape(answers: list[list[Row]]) -> list[SpentOnMerged]:
        return [
            SpentOnMerged(int(person), int(nth), project, model, int(at), int(cost or 0))
            for person, nth, project, model, at, cost in answers[0]
        ]

    return Question(((sql, [*steps, MERGED, *people, *params]),), shape)


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
        many=scope.many,
    )
