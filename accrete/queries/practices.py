"""A person's practices by week: how often they are used and done well, with the moments that prove
them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from accrete.clock import monday
from accrete.database import Question, Row
from accrete.model import Tier
from accrete.practices import all_practices
from accrete.practices.depth import Week, depth
from accrete.practices.practice import Practice
from accrete.practices.weeks import Seen, add_up
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


class _Days(NamedTuple):
    """A local day of some sessions, and the day before it on which the same ones counted, None if
    it is their first: in any range a session counts once, on its first day within."""

    day: str
    before: str | None

    def within(self, since: str | None, until: str | None) -> bool:
        """Whether the day is in a range."""
        return (since is None or self.day >= since) and (until is None or self.day <= until)

    def first(self, since: str | None) -> bool:
        """Whether it is their first in a range that has it."""
        return self.before is None or (since is not None and self.before < since)

    def first_of_week(self, since: str | None) -> bool:
        """Whether it is their first of its week, of what the range has of that."""
        return self.first(since) or monday(self.before or "") < monday(self.day)


class _AtWork(NamedTuple):
    """Sessions that were at work on the same day. possible: the practices that were possible in
    them, as the bits of their places in `asked`."""

    days: _Days
    possible: int
    sessions: int


class _Shown(NamedTuple):
    """Sessions that showed a practice on the same day, and how often it was done well; first, last:
    UTC ms."""

    days: _Days
    sessions: int
    sightings: int
    marked: int
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class PracticeDays:
    """What was read of practices, by which each range within it is added up; shown: by practice.
    Its size is that of the days, not of the sessions."""

    asked: Sequence[Practice]
    at_work: Sequence[_AtWork]
    shown: Mapping[str, Sequence[_Shown]]

    def within(self, since: str | None, until: str | None) -> list[PracticeRow]:
        """The practices in a range of local days; None has no end on that side."""
        by_week: dict[str, Counter[int]] = defaultdict(Counter)
        ever: Counter[int] = Counter()
        for days, possible, sessions in self.at_work:
            if not days.within(since, until):
                continue
            of_week = by_week[monday(days.day)]
            if days.first_of_week(since):
                of_week[possible] += sessions
            if days.first(since):
                ever[possible] += sessions
        rows = []
        for place, each in enumerate(self.asked):
            bit = 1 << place
            shown = [one for one in self.shown[each.name] if one.days.within(since, until)]
            weeks = add_up(
                by_week,
                {week: _with_bit(sets, bit) for week, sets in by_week.items()},
                (
                    Seen(
                        monday(one.days.day),
                        one.sessions if one.days.first_of_week(since) else 0,
                        one.sightings,
                        one.marked,
                    )
                    for one in shown
                ),
            )
            seen = sum(one.sessions for one in shown if one.days.first(since))
            rows.append(_practice(each, _with_bit(ever, bit), seen, weeks, shown))
        return rows


def _with_bit(sets: Mapping[int, int], bit: int) -> int:
    return sum(n for possible, n in sets.items() if possible & bit)


def _practice(
    each: Practice, eligible: int, seen: int, weeks: list[Week], shown: Sequence[_Shown]
) -> PracticeRow:
    return PracticeRow(
        each.name,
        each.title,
        eligible,
        seen,
        sum(w.sightings for w in weeks),
        sum(w.marked for w in weeks),
        depth(weeks, eligible),
        min((one.first for one in shown if one.first is not None), default=None),
        max((one.last for one in shown if one.last is not None), default=None),
        weeks,
    )


@narrowed_by(*SESSIONS)
def practices(scope: Scope) -> Question[list[PracticeRow]]:
    """Every practice, whether seen or not, in what happened in the range of a scope: sightings
    count on their own days, a session in every week in which it was at work. Whether a practice was
    possible is said of a session as a whole."""
    read = practice_days(scope)
    return Question(
        read.statements, lambda answers: read.shape(answers).within(scope.since, scope.until)
    )


@narrowed_by(*SESSIONS)
def practice_days(
    scope: Scope, practice: str | None = None, *, timed: bool = True
) -> Question[PracticeDays]:
    """What `practices` adds up, or of one of them alone, for the ranges within that of a scope:
    pages compare several, which have most of their days in common. timed: also when each was first
    and last seen, None otherwise; a fifth of the time."""
    asked = [each for each in all_practices() if practice in (None, each.name)]
    at_work, day_params = scope.where(day="d.local_day")
    where, params = scope.where()
    whose, people = scope.of("i.person")
    within, days = scope.days("i.local_day")
    if scope.session is not None:
        within, days = f"{within} AND i.session = ?", [*days, scope.session]
    of_one, name = ("", []) if practice is None else (" AND {}.practice = ?", [practice])
    bits = " ".join(f"WHEN ? THEN {1 << place}" for place in range(len(asked)))
    moments = (
        f"{'MIN(i.at)' if timed else 'NULL'} AS first, {'MAX(i.at)' if timed else 'NULL'} AS last"
    )
    statements = (
        (f"""SELECT day, before, possible, COUNT(*) FROM (
          SELECT d.local_day AS day, LAG(d.local_day)
              OVER (PARTITION BY d.person, d.session ORDER BY d.local_day) AS before,
            (SELECT SUM(CASE p.practice {bits} ELSE 0 END) FROM session_practice p
              WHERE p.person = d.person AND p.session = d.session AND p.possible = 1
              {of_one.format("p")}) AS possible
          FROM session_day d JOIN visible_session s ON s.person = d.person AND s.id = d.session
          WHERE {at_work} AND d.local_day <> '') w
          GROUP BY day, before, possible""",
         [*(each.name for each in asked), *name, *day_params]),
        (f"""SELECT practice, day, before, COUNT(*), SUM(n), SUM(marked), MIN(first), MAX(last)
          FROM (SELECT practice, local_day AS day, n, marked, first, last, LAG(local_day)
              OVER (PARTITION BY person, session, practice ORDER BY local_day) AS before
            FROM (SELECT i.person, i.session, i.practice, i.local_day, COUNT(*) AS n,
                SUM(CASE WHEN i.marks = '' THEN 0 ELSE 1 END) AS marked,
                {moments}
              FROM sighting i WHERE {whose}{within} AND i.local_day <> ''{of_one.format("i")}
              GROUP BY i.person, i.local_day, i.practice, i.session
              HAVING (i.person, i.session) IN
                (SELECT s.person, s.id FROM visible_session s WHERE {where})) o) w
          GROUP BY practice, day, before""",
         [*people, *days, *name, *params]),
    )  # fmt: skip

    def shape(answers: list[list[Row]]) -> PracticeDays:
        at_work = [
            _AtWork(_Days(day, before), int(possible or 0), int(sessions))
            for day, before, possible, sessions in answers[0]
        ]
        shown: dict[str, list[_Shown]] = {each.name: [] for each in asked}
        for name, day, before, sessions, n, marked, first, last in answers[1]:
            if (of := shown.get(name)) is not None:
                of.append(
                    _Shown(_Days(day, before), int(sessions), int(n), int(marked), first, last)
                )
        return PracticeDays(asked, at_work, shown)

    return Question(statements, shape)


@narrowed_by(*SESSIONS, "over", shows=Tier.WORDS)
def sightings(
    scope: Scope,
    practice: str,
    *,
    limit: int,
    marked: bool = False,
    after: tuple[str, str] | None = None,
) -> Question[list[SightingRow]]:
    """The newest sightings of a practice in the range of a scope; `marked`: those with a quality
    mark alone; `after`: those that follow one, named by its session and the id of its event."""
    where, params = scope.where(day="g.local_day")
    where, params = f"{where} AND g.practice = ?", [*params, practice]
    if marked:
        where += " AND g.marks <> ''"
    if after is not None:
        whose, people = scope.of("a.person")
        of_it = f"""(SELECT COALESCE(MAX(a.at), -1) FROM sighting a
          WHERE {whose} AND a.session = ? AND a.practice = ? AND a.uuid = ?)"""
        where += f""" AND (COALESCE(g.at, -1) < {of_it}
          OR (COALESCE(g.at, -1) = {of_it} AND (g.session, g.uuid) > (?, ?)))"""
        session, uuid = after
        it = [*people, session, practice, uuid]
        params += [*it, *it, session, uuid]
    # The newest first, and only then what is said of each: its prompt and its event take longer.
    sql = f"""WITH newest AS (SELECT DISTINCT g.person, g.session, g.practice, g.uuid, g.agent,
      g.seq, g.at, g.marks, g.note
      FROM sighting g JOIN visible_session s ON s.person = g.person AND s.id = g.session
      WHERE {where}
      ORDER BY g.at DESC NULLS LAST, g.session, g.uuid LIMIT ?)
    SELECT g.session, s.title, COALESCE(p.name, ''), g.practice, g.uuid,
    {prompt_number("g")}, g.at, g.marks, g.note,
      COALESCE(MIN(CASE WHEN e.kind = 'tool_call' THEN e.name END), MIN(e.kind)),
      MIN(CASE WHEN e.kind = 'tool_call' OR e.kind <> 'tool_result' THEN e.text END), g.agent
    FROM newest g JOIN visible_session s ON s.person = g.person AND s.id = g.session
    LEFT JOIN project p ON p.person = s.person AND p.id = s.project
    LEFT JOIN event e ON e.person = g.person AND e.session = g.session AND e.agent = g.agent
    AND e.uuid = g.uuid
    GROUP BY g.person, g.session, s.title, p.name, g.practice, g.uuid, g.agent, g.seq, g.at,
    g.marks, g.note
    ORDER BY g.at DESC NULLS LAST, g.session, g.uuid"""
    return Question(
        ((sql, [*params, limit]),),
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
