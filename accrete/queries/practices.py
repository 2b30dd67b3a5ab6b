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
    """Every practice, whether seen or not, in the sessions of a scope."""
    where, params = scope.where(day="s.local_day")
    statements = (
        (f"""SELECT s.local_day, p.practice, COALESCE(p.possible, 0), p.sightings, p.marked FROM session_practice p
          JOIN session s ON s.person = p.person AND s.id = p.session
          WHERE {where} AND s.local_day IS NOT NULL ORDER BY s.local_day""", params),
        (f"""SELECT g.practice, MIN(g.at), MAX(g.at) FROM sighting g JOIN session s ON s.person = g.person AND s.id = g.session
          WHERE {where} GROUP BY g.practice""", params),
    )  # fmt: skip

    def shape(answers: list[list[Row]]) -> list[PracticeRow]:
        spans = {row[0]: (row[1], row[2]) for row in answers[1]}
        weeks = _weeks(answers[0])
        return [
            _practice(p.name, p.title, weeks.get(p.name, []), *spans.get(p.name, (None, None))) for p in all_practices()
        ]

    return Question(statements, shape)


def _weeks(rows: list[Row]) -> dict[str, list[Week]]:
    found: dict[str, dict[str, list[int]]] = {}
    for day, practice, possible, sightings, marked in rows:
        sums = found.setdefault(practice, {}).setdefault(monday(day), [0, 0, 0, 0])
        for index, value in enumerate((possible == 1, sightings > 0, sightings, marked)):
            sums[index] += int(value)
    return {name: [Week(week, *sums) for week, sums in sorted(weeks.items())] for name, weeks in found.items()}


def _practice(name: str, title: str, weeks: list[Week], first: int | None, last: int | None) -> PracticeRow:
    return PracticeRow(
        name, title, sum(w.eligible for w in weeks), sum(w.seen for w in weeks), sum(w.sightings for w in weeks),
        sum(w.marked for w in weeks), depth(weeks), first, last, weeks,
    )  # fmt: skip


def sightings(scope: Scope, practice: str, *, limit: int) -> Question[list[SightingRow]]:
    """The newest sightings of a practice."""
    where, params = scope.where(day="s.local_day")
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
