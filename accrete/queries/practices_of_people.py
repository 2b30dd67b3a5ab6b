"""Practices over people: the members of a scope, their shares and weeks, and the moments behind a
cell of the matrix. Rows of names and figures of practices alone: no words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from accrete.database import Question, Row
from accrete.queries.amounts import stretch_of
from accrete.queries.practices import of_weeks, spanned
from accrete.queries.scope import Scope, narrowed_by


class Member(NamedTuple):
    """A person of a company who has not left. job: '' if none was given; start_month: YYYY-MM, ''
    if none was given; paused: whether they share nothing new; first_week: the Monday of the first
    week of which something is shared, None if there is none; teams: (id, name) of those they are
    in, by name."""

    person: int
    name: str
    job: str
    start_month: str
    paused: bool
    first_week: str | None
    teams: tuple[tuple[str, str], ...]


@narrowed_by()
def members(scope: Scope, at: int) -> Question[list[Member]]:
    """The people of a scope by name, with the teams that they are in at an instant (UTC ms)."""
    whose, params = scope.of("p.id")
    of_place, place_params = scope.of("c.person")
    people = f"""SELECT p.id, p.name, a.job, a.start_month, a.paused_at,
      (SELECT w.week FROM visible_person w WHERE w.person = p.id AND w.tier >= ?
        ORDER BY w.week LIMIT 1)
    FROM person p JOIN account a ON a.person = p.id WHERE {whose} AND a.left_at IS NULL"""
    places = f"""SELECT c.person, t.id, t.name FROM team_place c JOIN team t ON t.id = c.team
    WHERE {of_place} AND c.role = 'member' AND c.since <= ? AND (c.until IS NULL OR c.until > ?)
    AND (t.gone_at IS NULL OR t.gone_at > ?)"""

    def shape(answers: list[list[Row]]) -> list[Member]:
        teams: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for person, team, name in answers[1]:
            teams[person].append((team, name))
        found = [
            Member(
                int(person), name, job, month, paused is not None, first,
                tuple(sorted(teams[person], key=lambda each: by_name(each[1]))),
            )
            for person, name, job, month, paused, first in answers[0]
        ]  # fmt: skip
        return sorted(found, key=lambda each: by_name(each.name))

    return Question(
        ((people, [int(scope.tier), *params]), (places, [*place_params, at, at, at])), shape
    )


def by_name(name: str) -> tuple[str, str]:
    """The one order of people, teams and jobs: by name."""
    return name.casefold(), name


@narrowed_by("since", "until")
def shared_projects(scope: Scope) -> Question[list[tuple[str, str]]]:
    """The (id, name) of the named projects on which two people of a scope or more have weeks, by
    name."""
    where, params = of_weeks(scope)
    sql = f"""SELECT x.project, MIN(p.name) FROM (
      SELECT DISTINCT w.person AS person, w.project AS project
      FROM visible_person w WHERE {where}) x
    JOIN project p ON p.person = x.person AND p.id = x.project
    WHERE p.name <> '' GROUP BY x.project HAVING COUNT(*) > 1"""
    return Question(
        ((sql, params),),
        lambda answers: sorted(
            ((str(id_), str(name)) for id_, name in answers[0]), key=lambda named: by_name(named[1])
        ),
    )


class OnProject(NamedTuple):
    """A project on which a person has weeks. name: '' where its owner shares none."""

    person: int
    project: str
    name: str


@narrowed_by("since", "until", "project", "without")
def on_projects(scope: Scope) -> Question[list[OnProject]]:
    """The projects of each person of a scope."""
    where, params = of_weeks(scope)
    sql = f"""SELECT DISTINCT w.person, w.project, COALESCE(p.name, '') FROM visible_person w
    LEFT JOIN project p ON p.person = w.person AND p.id = w.project WHERE {where}"""
    return Question(
        ((sql, params),),
        lambda answers: sorted(OnProject(int(a), str(b), str(c)) for a, b, c in answers[0]),
    )


class WeekVersion(NamedTuple):
    """Of how many people something of a week is held, and the sum of their stamps by their tiers:
    another one after anything of it changed on a server."""

    week: str
    people: int
    stamps: int


@narrowed_by("since")
def week_versions(scope: Scope) -> Question[list[WeekVersion]]:
    """The versions of the weeks of a scope, the oldest first; of weeks without rows there are none.
    since: a Monday."""
    whose, params = scope.of("v.id")
    days: list[object] = []
    within = ""
    if scope.since is not None:
        within, days = " AND x.week >= ?", [scope.since]
    sql = f"""SELECT x.week, COUNT(*), CAST(SUM(x.stamp * v.tier) AS BIGINT)
    FROM week_stamp x JOIN person v ON v.id = x.person
    WHERE {whose} AND v.tier >= ?{within} GROUP BY x.week"""
    return Question(
        ((sql, [*params, int(scope.tier), *days]),),
        lambda answers: sorted(
            WeekVersion(str(week), int(n), int(sum_)) for week, n, sum_ in answers[0]
        ),
    )


class PersonShare(NamedTuple):
    """How often one practice was seen where it was possible, by one person, in the two halves of a
    range. versions: the lowest and the highest of the practice's rules behind it."""

    person: int
    practice: str
    seen_before: int
    eligible_before: int
    seen: int
    eligible: int
    versions: str


@narrowed_by("since", "until", "project", "without")
def person_shares(
    scope: Scope, middle: str, practice: str | None = None
) -> Question[list[PersonShare]]:
    """The sums of every person and practice, or of one practice alone, before a Monday and from it
    on: without weeks, so that a whole company is one short answer."""
    where, params = of_weeks(scope, practice)
    sql = f"""SELECT w.person, w.practice, SUM(CASE WHEN w.week < ? THEN w.seen ELSE 0 END),
      SUM(CASE WHEN w.week < ? THEN w.eligible ELSE 0 END),
      SUM(CASE WHEN w.week < ? THEN 0 ELSE w.seen END),
      SUM(CASE WHEN w.week < ? THEN 0 ELSE w.eligible END), MIN(w.versions), MAX(w.versions)
    FROM visible_person w WHERE {where} GROUP BY w.person, w.practice"""

    def shape(answers: list[list[Row]]) -> list[PersonShare]:
        return [
            PersonShare(
                int(person), practice, int(seen_before), int(before), int(seen), int(after),
                spanned(least, most),
            )
            for person, practice, seen_before, before, seen, after, least, most in answers[0]
        ]  # fmt: skip

    return Question(((sql, [*[middle] * 4, *params]),), shape)


class WeekSum(NamedTuple):
    """One practice in one week over people: how many people could use it and did, and sessions."""

    week: str
    practice: str
    people: int
    using: int
    eligible: int
    seen: int


@narrowed_by("since", "until", "project", "without")
def week_sums(scope: Scope, practice: str | None = None) -> Question[list[WeekSum]]:
    """Practices, or one of them, by week over the people of a scope, in order of weeks."""
    where, params = of_weeks(scope, practice)
    sql = f"""SELECT w.week, w.practice, COUNT(DISTINCT CASE WHEN w.eligible > 0 THEN w.person END),
      COUNT(DISTINCT CASE WHEN w.seen > 0 THEN w.person END), SUM(w.eligible), SUM(w.seen)
    FROM visible_person w WHERE {where} GROUP BY w.week, w.practice ORDER BY w.week, w.practice"""
    return Question(
        ((sql, params),),
        lambda answers: [
            WeekSum(week, practice, *map(int, counts)) for week, practice, *counts in answers[0]
        ],
    )


@narrowed_by("project", "without")
def first_uses(scope: Scope, practice: str) -> Question[dict[int, str]]:
    """The Monday of the first week in which each person used a practice; nobody who never did."""
    where, params = of_weeks(scope)
    sql = f"""SELECT w.person, MIN(w.week) FROM visible_person w
    WHERE {where} AND w.practice = ? AND w.seen > 0 GROUP BY w.person"""
    return Question(
        ((sql, [*params, practice]),),
        lambda answers: {int(person): week for person, week in answers[0]},
    )


class Moment(NamedTuple):
    """A session in which a practice was seen on a day: how often, how often it was done well, and a
    record that proves it. person: its owner; tier: up to which they share."""

    person: int
    session: str
    day: str
    times: int
    marked: int
    uuid: str
    tier: int


@narrowed_by("since", "until", "project", "automated", "without")
def moments(scope: Scope, practice: str, *, limit: int) -> Question[list[Moment]]:
    """The last days on which a practice was seen in a session, the newest first. No words: a
    session is named by its day."""
    where, params = scope.where(day="g.local_day")
    sql = f"""SELECT g.person, g.session, g.local_day, COUNT(*),
      SUM(CASE WHEN g.marks = '' THEN 0 ELSE 1 END), MIN(g.uuid), MIN(s.tier)
    FROM sighting g JOIN visible_session s ON s.person = g.person AND s.id = g.session
    WHERE {where} AND g.practice = ? AND g.local_day <> ''
    GROUP BY g.person, g.session, g.local_day
    ORDER BY g.local_day DESC NULLS LAST, g.session, g.person LIMIT ?"""
    return Question(
        ((sql, [*params, practice, limit]),),
        lambda answers: [
            Moment(int(p), s, day, int(n), int(marked), uuid, int(tier))
            for p, s, day, n, marked, uuid, tier in answers[0]
        ],
    )


class Stuck(NamedTuple):
    """A person's own sessions in a range: how many, and in how many of them a check failed, the
    person interrupted, or five calls or more failed."""

    person: int
    sessions: int
    failed_checks: int
    interrupted: int
    errors: int


MANY_ERRORS = 5


@narrowed_by("since", "until", "project", "automated", "without")
def stuck(scope: Scope) -> Question[list[Stuck]]:
    """Where people got stuck, by person."""
    where, params = scope.where(day="d.local_day")
    sql = f"""SELECT x.person, COUNT(*), SUM(CASE WHEN x.checks_failed > 0 THEN 1 ELSE 0 END),
      SUM(CASE WHEN x.interruptions > 0 THEN 1 ELSE 0 END),
      SUM(CASE WHEN x.tool_errors >= {MANY_ERRORS} THEN 1 ELSE 0 END) FROM (
      SELECT d.person AS person, SUM(d.checks_failed) AS checks_failed,
        SUM(d.interruptions) AS interruptions, SUM(d.tool_errors) AS tool_errors
      FROM session_day d JOIN visible_session s ON s.person = d.person AND s.id = d.session
      WHERE {where} GROUP BY d.person, d.session
      HAVING SUM(d.prompts + d.prompts_queued + d.responses_own) > 0) x
    GROUP BY x.person"""
    return Question(
        ((sql, params),),
        lambda answers: [Stuck(*(int(value or 0) for value in row)) for row in answers[0]],
        many=scope.many,
    )


class Beside(NamedTuple):
    """A person's own sessions with edits in which a practice was possible, with it or without it:
    how many, and how many shipped."""

    person: int
    used: bool
    sessions: int
    shipped: int


@narrowed_by("since", "until", "project", "automated", "without")
def outcomes_beside(scope: Scope, practice: str) -> Question[list[Beside]]:
    """What came of sessions with a practice and without it, by person."""
    where, params = scope.where(day="d.local_day")
    sql = f"""SELECT x.person, x.used, COUNT(*), SUM(x.shipped) FROM (
      SELECT s.person AS person, CASE WHEN y.sightings > 0 THEN 1 ELSE 0 END AS used,
        CASE WHEN s.outcome = 'shipped' THEN 1 ELSE 0 END AS shipped
      FROM session_day d JOIN visible_session s ON s.person = d.person AND s.id = d.session
      JOIN session_practice y ON y.person = d.person AND y.session = d.session
      WHERE {where} AND y.practice = ? AND y.possible = 1
      GROUP BY s.person, s.id, s.outcome, y.sightings HAVING SUM(d.edits_landed) > 0) x
    GROUP BY x.person, x.used"""
    return Question(
        ((sql, [*params, practice]),),
        lambda answers: [
            Beside(int(person), bool(used), int(n), int(shipped))
            for person, used, n, shipped in answers[0]
        ],
        many=scope.many,
    )


class WeekOf(NamedTuple):
    """How many of a person's own sessions were at work in a week, each once a week. nth: of the
    Mondays that were asked with."""

    person: int
    nth: int
    sessions: int


@narrowed_by("since", "until", "project", "automated", "without")
def sessions_by_week(scope: Scope, mondays: Sequence[str]) -> Question[list[WeekOf]]:
    """Sessions by person and week. mondays: of the weeks of the range, in order."""
    where, params = scope.where(day="d.local_day")
    week, steps = stretch_of("d.local_day", mondays)
    sql = f"""SELECT x.person, x.week, COUNT(*) FROM (
      SELECT DISTINCT d.person AS person, d.session AS session, {week} AS week
      FROM session_day d JOIN visible_session s ON s.person = d.person AND s.id = d.session
      WHERE {where} AND d.local_day <> '' AND d.prompts + d.prompts_queued + d.responses_own > 0) x
    GROUP BY x.person, x.week"""
    return Question(
        ((sql, [*steps, *params]),),
        lambda answers: [WeekOf(*(int(value) for value in row)) for row in answers[0]],
        many=scope.many,
    )
