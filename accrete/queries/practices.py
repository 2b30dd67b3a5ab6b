"""A person's practices by week: how often they are used and done well, with the moments that prove
them."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from accrete.clock import monday
from accrete.database import Question, Row
from accrete.model import Tier
from accrete.practices import all_practices
from accrete.practices.depth import Week, depth
from accrete.practices.weeks import Seen, counted
from accrete.queries.prompts import prompt_number
from accrete.queries.scope import SESSIONS, Scope, narrowed_by


class PracticeRow(NamedTuple):
    """One practice. eligible: sessions in which it was possible; seen: of these, in which it was
    seen; sightings:
    how often; marked: of these with a quality mark; depth as practices/depth.py; weeks with a
    session, in order;
    first_at, last_at: UTC ms of the first and last sighting, None if there is none."""

    name: str
    title: str
    eligible: int
    seen: int
    sightings: int
    marked: int
    depth: str
    first_at: int | None
    last_at: int | None
    weeks: list[Week]


class SightingRow(NamedTuple):
    """One observed moment and the event that proves it. prompt: the number of the prompt it belongs
    to, None before the first; at: UTC ms; what: the tool, else the event's kind; text: what it
    says, if anything; run: the subagent whose line has it, '' for the main line."""

    session: str
    title: str | None
    project: str
    practice: str
    uuid: str
    prompt: int | None
    at: int | None
    marks: list[str]
    note: str | None
    what: str | None
    text: str | None
    run: str = ""


@narrowed_by(*SESSIONS)
def practices(scope: Scope) -> Question[list[PracticeRow]]:
    """Every practice, whether seen or not, in what happened in the range of a scope: sightings
    count on their own days, a session in every week in which it was at work. Whether a practice was
    possible is said of a session as a whole."""
    at_work, day_params = scope.where(day="d.local_day")
    where, params = scope.where()
    whose, people = scope.of("i.person")
    within, days = scope.days("i.local_day")
    if scope.session is not None:
        within, days = f"{within} AND i.session = ?", [*days, scope.session]
    statements = (
        (f"""SELECT d.local_day, d.person, d.session FROM session_day d
          JOIN visible_session s ON s.person = d.person AND s.id = d.session
          WHERE {at_work} AND d.local_day <> ''""", day_params),
        (f"""SELECT p.practice, p.person, p.session FROM session_practice p
          JOIN visible_session s ON s.person = p.person AND s.id = p.session
          WHERE {where} AND p.possible = 1""", params),
        (f"""SELECT g.practice, g.local_day, g.person, g.session, g.n, g.marked, g.first_at,
            g.last_at
          FROM (SELECT i.person AS person, i.local_day AS local_day, i.practice AS practice,
            i.session AS session, COUNT(*) AS n,
            SUM(CASE WHEN i.marks = '' THEN 0 ELSE 1 END) AS marked, MIN(i.at) AS first_at,
            MAX(i.at) AS last_at
          FROM sighting i WHERE {whose}{within} AND i.local_day <> ''
          GROUP BY i.person, i.local_day, i.practice, i.session) g
          JOIN visible_session s ON s.person = g.person AND s.id = g.session
          WHERE {where}""", [*people, *days, *params]),
    )  # fmt: skip

    def shape(answers: list[list[Row]]) -> list[PracticeRow]:
        weeks: dict[str, set[_Session]] = defaultdict(set)
        for day, *session in answers[0]:
            weeks[monday(day)].add(tuple(session))
        possible: dict[str, set[_Session]] = defaultdict(set)
        for practice, *session in answers[1]:
            possible[practice].add(tuple(session))
        found: dict[str, list[Seen]] = defaultdict(list)
        times: dict[str, list[int]] = defaultdict(list)
        for practice, day, person, session, n, marked, first, last in answers[2]:
            found[practice].append(Seen(monday(day), (person, session), int(n), int(marked)))
            times[practice] += [at for at in (first, last) if at is not None]
        return [
            _practice(p.name, p.title, weeks, possible[p.name], found[p.name], times[p.name])
            for p in all_practices()
        ]

    return Question(statements, shape)


_Session = tuple[int, str]
"""A person and a session."""


def _practice(
    name: str,
    title: str,
    weeks: dict[str, set[_Session]],
    possible: set[_Session],
    found: list[Seen],
    times: list[int],
) -> PracticeRow:
    """weeks: the sessions at work in each week; possible: those in which the practice was, of any
    time."""
    by_week = counted(weeks, {week: len(some & possible) for week, some in weeks.items()}, found)
    sessions = len(possible.intersection(set[_Session]().union(*weeks.values())))
    return PracticeRow(
        name,
        title,
        sessions,
        len({each.session for each in found}),
        sum(w.sightings for w in by_week),
        sum(w.marked for w in by_week),
        depth(by_week, sessions),
        min(times, default=None),
        max(times, default=None),
        by_week,
    )


@narrowed_by(*SESSIONS, "over", shows=Tier.WORDS)
def sightings(
    scope: Scope, practice: str, *, limit: int, marked: bool = False
) -> Question[list[SightingRow]]:
    """The newest sightings of a practice in the range of a scope; `marked`: those with a quality
    mark alone."""
    where, params = scope.where(day="g.local_day")
    sql = f"""SELECT g.session, s.title, COALESCE(p.name, ''), g.practice, g.uuid,
    {prompt_number("g")}, g.at, g.marks, g.note,
      COALESCE(MIN(CASE WHEN e.kind = 'tool_call' THEN e.name END), MIN(e.kind)),
      MIN(CASE WHEN e.kind = 'tool_call' OR e.kind <> 'tool_result' THEN e.text END), g.agent
    FROM sighting g JOIN visible_session s ON s.person = g.person AND s.id = g.session
    LEFT JOIN project p ON p.person = s.person AND p.id = s.project
    LEFT JOIN event e ON e.person = g.person AND e.session = g.session AND e.agent = g.agent
    AND e.uuid = g.uuid
    WHERE {where} AND g.practice = ?{" AND g.marks <> ''" if marked else ""}
    GROUP BY g.person, g.session, s.title, p.name, g.practice, g.uuid, g.agent, g.seq, g.at,
    g.marks, g.note
    ORDER BY g.at DESC NULLS LAST, g.session, g.uuid LIMIT ?"""
    return Question(
        ((sql, [*params, practice, limit]),),
        lambda answers: [_sighting(row) for row in answers[0]],
    )


def _sighting(row: Row) -> SightingRow:
    session, title, project, practice, uuid, prompt, at, marks, note, what, text, run = row
    return SightingRow(
        session, title, project, practice, uuid, prompt, at, marks.split(), note, what, text, run
    )


class PersonWeekRow(NamedTuple):
    """A person's week of one practice, added up over projects. versions: the lowest and the highest
    of those of the practice's rules that this rests on, separated by spaces; one where they are the
    same."""

    person: int
    week: str
    practice: str
    eligible: int
    seen: int
    sightings: int
    marked: int
    versions: str


@narrowed_by("since", "until", "project", "without")
def person_weeks(scope: Scope, practice: str | None = None) -> Question[list[PersonWeekRow]]:
    """The weeks of the people of a scope, by person, week and practice, or of one practice alone.
    since, until: the Mondays of weeks."""
    where, params = of_weeks(scope, practice)
    sums = ", ".join(f"CAST(SUM(w.{each}) AS BIGINT)" for each in _WEEK_SUMS)
    sql = f"""SELECT w.person, w.week, w.practice, {sums}, MIN(w.versions), MAX(w.versions)
    FROM visible_person w WHERE {where}
    GROUP BY w.person, w.week, w.practice ORDER BY w.person, w.week, w.practice"""
    return Question(
        ((sql, params),),
        lambda answers: [
            PersonWeekRow(*[*counted, spanned(least, most)]) for *counted, least, most in answers[0]
        ],
    )


_WEEK_SUMS = ("eligible", "seen", "sightings", "marked")
"""The fields of PersonWeekRow that are added up, in its order."""


def of_weeks(scope: Scope, practice: str | None = None) -> tuple[str, list[object]]:
    """The condition on an alias `w` of `visible_person`, and its parameters. since, until: the
    Mondays of weeks; practice: the one that is asked for, None for all."""
    whose, params = scope.of("w.person")
    within, days = scope.days("w.week")
    conditions, values = [whose, "w.tier >= ?"], [*params, int(scope.tier)]
    if scope.project is not None:
        conditions, values = [*conditions, "w.project = ?"], [*values, scope.project]
    if scope.without:
        conditions.append(f"w.project NOT IN ({', '.join('?' * len(scope.without))})")
        values += scope.without
    if practice is not None:
        conditions, values = [*conditions, "w.practice = ?"], [*values, practice]
    return " AND ".join(conditions) + within, [*values, *days]


def spanned(least: str, most: str) -> str:
    """The versions between two lists of them: one where they are the same."""
    return least if least == most else f"{least.split()[0]} {most.split()[-1]}"
