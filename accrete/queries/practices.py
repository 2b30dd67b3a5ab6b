"""A person's practices by week: how often they are used and done well, with the moments that prove
them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from accrete.clock import monday
from accrete.database import Question, Row
from accrete.model import Tier
from accrete.practices import all_practices
from accrete.practices.depth import Week, depth
from accrete.practices.practice import Practice
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


_Session = tuple[int, str]
"""A person and a session."""


@dataclass(slots=True)
class _Shown:
    """How often sessions showed a practice on a local day, and how often it was done well; first,
    last: UTC ms."""

    day: str
    sessions: list[_Session] = field(default_factory=list)
    sightings: int = 0
    marked: int = 0
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class PracticeDays:
    """What was read of practices, by which each range within it is added up. at_work: the sessions
    of each local day; possible: of each session the practices that were possible in it, as the bits
    of their places in `asked`; shown: by practice."""

    asked: Sequence[Practice]
    at_work: dict[str, list[_Session]]
    possible: dict[_Session, int]
    shown: dict[str, list[_Shown]]

    def within(self, since: str | None, until: str | None) -> list[PracticeRow]:
        """The practices in a range of local days; None has no end on that side."""
        weeks: dict[str, set[_Session]] = {}
        for day, some in self.at_work.items():
            if (since is None or day >= since) and (until is None or day <= until):
                weeks.setdefault(monday(day), set()).update(some)
        # Few sets of practices are possible in many sessions: each is looked at once.
        by_week = {week: self._sets(sessions) for week, sessions in weeks.items()}
        ever = self._sets(set[_Session]().union(*weeks.values()))
        rows = []
        for place, each in enumerate(self.asked):
            bit = 1 << place
            shown = [
                one
                for one in self.shown[each.name]
                if (since is None or one.day >= since) and (until is None or one.day <= until)
            ]
            eligible = {week: _with_bit(sets, bit) for week, sets in by_week.items()}
            found = counted(
                weeks,
                eligible,
                (Seen(monday(s.day), s.sessions, s.sightings, s.marked) for s in shown),
            )
            rows.append(_practice(each, _with_bit(ever, bit), found, shown))
        return rows

    def _sets(self, sessions: set[_Session]) -> Counter[int]:
        """How many of some sessions have each set of possible practices."""
        return Counter(self.possible.get(session, 0) for session in sessions)


def _with_bit(sets: Mapping[int, int], bit: int) -> int:
    return sum(n for possible, n in sets.items() if possible & bit)


def _practice(each: Practice, eligible: int, weeks: list[Week], shown: list[_Shown]) -> PracticeRow:
    return PracticeRow(
        each.name,
        each.title,
        eligible,
        len(set[_Session]().union(*(one.sessions for one in shown))),
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
    # From the sessions of the range on, else from all; what was possible is looked up by session:
    # a join would sort it.
    ranged, range_days = scope.days("d.local_day")
    those, those_params = scope.of("d.person")
    some = f"(SELECT DISTINCT d.person, d.session FROM session_day d WHERE {those}{ranged}) w"
    source, at = "visible_session s", ""
    if scope.ranged:
        source, at = f"{some} CROSS JOIN {source}", "s.person = w.person AND s.id = w.session AND "
    moments = "MIN(i.at), MAX(i.at)" if timed else "NULL, NULL"
    statements = (
        (f"""SELECT d.local_day, d.person, d.session FROM session_day d
          JOIN visible_session s ON s.person = d.person AND s.id = d.session
          WHERE {at_work} AND d.local_day <> ''""", day_params),
        (f"""SELECT s.person, s.id, (SELECT SUM(CASE p.practice {bits} ELSE 0 END)
            FROM session_practice p
            WHERE p.person = s.person AND p.session = s.id AND p.possible = 1{of_one.format("p")})
          FROM {source} WHERE {at}{where}""",
         [*(each.name for each in asked), *name,
          *([*those_params, *range_days] if scope.ranged else ()), *params]),
        (f"""SELECT i.practice, i.local_day, i.person, i.session, COUNT(*),
            SUM(CASE WHEN i.marks = '' THEN 0 ELSE 1 END), {moments}
          FROM sighting i WHERE {whose}{within} AND i.local_day <> ''{of_one.format("i")}
          GROUP BY i.person, i.local_day, i.practice, i.session
          HAVING (i.person, i.session) IN
            (SELECT s.person, s.id FROM visible_session s WHERE {where})""",
         [*people, *days, *name, *params]),
    )  # fmt: skip

    def shape(answers: list[list[Row]]) -> PracticeDays:
        by_day: dict[str, list[_Session]] = defaultdict(list)
        for day, *session in answers[0]:
            by_day[day].append(tuple(session))
        possible = {(person, session): int(bits or 0) for person, session, bits in answers[1]}
        days_of: dict[str, dict[str, _Shown]] = {each.name: {} for each in asked}
        for name, day, person, session, n, marked, first, last in answers[2]:
            if (of := days_of.get(name)) is None:
                continue
            if (shown := of.get(day)) is None:
                shown = of[day] = _Shown(day)
            shown.sessions.append((person, session))
            shown.sightings += int(n)
            shown.marked += int(marked)
            if first is not None and (shown.first is None or first < shown.first):
                shown.first = first
            if last is not None and (shown.last is None or last > shown.last):
                shown.last = last
        shown_by = {name: [*of.values()] for name, of in days_of.items()}
        return PracticeDays(asked, by_day, possible, shown_by)

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
