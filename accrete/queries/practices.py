"""Which practices a person has: adoption, volume and depth, by week, with the moments that prove them."""

from __future__ import annotations

from dataclasses import dataclass

from accrete.clock import monday
from accrete.database import Question, Row
from accrete.practices import all_practices
from accrete.practices.depth import Week, depth
from accrete.queries.prompts import prompt_number
from accrete.queries.scope import Scope


@dataclass(frozen=True, slots=True)
class PracticeRow:
    """One practice. eligible: sessions in which it was possible; seen: of these, in which it was seen; sightings:
    how often; marked: of these with a quality mark; depth as practices/depth.py; weeks with a session, in order;
    first_at, last_at: UTC ms of the first and last sighting, None where there is none."""

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


@dataclass(frozen=True, slots=True)
class SightingRow:
    """One observed moment and the event that proves it. prompt: the number of the prompt it belongs to, None before the
    first; at: UTC ms; what: the tool, else the event's kind; text: what it says, if anything."""

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


def practices(scope: Scope) -> Question[list[PracticeRow]]:
    """Every practice, whether seen or not, in what happened in the range of a scope: sightings count on their own days, a
    session in every week in which it was at work. Whether a practice was possible is said of a session as a whole."""
    at_work, day_params = scope.where(day="d.local_day")
    seen, seen_params = scope.where(day="g.local_day")
    statements = (
        (f"""SELECT d.local_day, d.session, p.practice FROM session_practice p
          JOIN session s ON s.person = p.person AND s.id = p.session
          JOIN session_day d ON d.person = p.person AND d.session = p.session
          WHERE {at_work} AND p.possible = 1 AND d.local_day <> ''""", day_params),
        (f"""SELECT g.local_day, g.session, g.practice, COUNT(*), SUM(CASE WHEN g.marks = '' THEN 0 ELSE 1 END), MIN(g.at), MAX(g.at)
          FROM sighting g JOIN session s ON s.person = g.person AND s.id = g.session
          WHERE {seen} AND g.local_day <> '' GROUP BY g.local_day, g.session, g.practice""", seen_params),
        (f"""SELECT DISTINCT d.local_day FROM session_day d JOIN session s ON s.person = d.person AND s.id = d.session
          WHERE {at_work} AND d.local_day <> ''""", day_params),
    )  # fmt: skip

    def shape(answers: list[list[Row]]) -> list[PracticeRow]:
        weeks = {monday(row[0]) for row in answers[2]}
        return [
            _practice(
                p.name, p.title, weeks,
                [(monday(day), session) for day, session, name in answers[0] if name == p.name],
                [(monday(row[0]), row[1], *row[3:]) for row in answers[1] if row[2] == p.name],
            )
            for p in all_practices()
        ]  # fmt: skip

    return Question(statements, shape)


def _practice(name: str, title: str, weeks: set[str], possible: list[tuple[str, str]], found: list[Row]) -> PracticeRow:
    """possible: (week, session) of each day at work; found: (week, session, sightings, marked, first, last)."""
    eligible, seen = set(possible), {(row[0], row[1]) for row in found}
    by_week = [
        Week(
            week, sum(at == week for at, _ in eligible), sum(at == week for at, _ in seen),
            sum(int(row[2]) for row in found if row[0] == week), sum(int(row[3]) for row in found if row[0] == week),
        )
        for week in sorted(weeks)
    ]  # fmt: skip
    first, last = [row[4] for row in found if row[4] is not None], [row[5] for row in found if row[5] is not None]
    sessions = len({session for _, session in eligible})
    return PracticeRow(
        name, title, sessions, len({session for _, session in seen}), sum(w.sightings for w in by_week),
        sum(w.marked for w in by_week), depth(by_week, sessions), min(first, default=None), max(last, default=None), by_week,
    )  # fmt: skip


def sightings(scope: Scope, practice: str, *, limit: int) -> Question[list[SightingRow]]:
    """The newest sightings of a practice in the range of a scope."""
    where, params = scope.where(day="g.local_day")
    sql = f"""SELECT g.session, s.title, COALESCE(p.name, ''), g.practice, g.uuid, {prompt_number("g")}, g.at, g.marks, g.note,
      COALESCE(MIN(CASE WHEN e.kind = 'tool_call' THEN e.name END), MIN(e.kind)), MIN(CASE WHEN e.kind = 'tool_call' OR e.kind <> 'tool_result' THEN e.text END)
    FROM sighting g JOIN session s ON s.person = g.person AND s.id = g.session
    LEFT JOIN project p ON p.person = s.person AND p.id = s.project
    LEFT JOIN event e ON e.person = g.person AND e.session = g.session AND e.agent = g.agent AND e.uuid = g.uuid
    WHERE {where} AND g.practice = ?
    GROUP BY g.person, g.session, s.title, p.name, g.practice, g.uuid, g.agent, g.seq, g.at, g.marks, g.note
    ORDER BY g.at DESC NULLS LAST, g.session, g.uuid LIMIT ?"""
    return Question(
        ((sql, [*params, practice, limit]),),
        lambda answers: [_sighting(row) for row in answers[0]],
    )


def _sighting(row: Row) -> SightingRow:
    session, title, project, practice, uuid, prompt, at, marks, note, what, text = row
    return SightingRow(session, title, project, practice, uuid, prompt, at, marks.split(), note, what, text)
