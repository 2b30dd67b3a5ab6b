"""Practices as answers: how often, by week, the moments that prove it, what to try next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple

from accrete.insight.answer import ABSENT, Absent, made
from accrete.practices import named
from accrete.practices.depth import NOT_SEEN
from accrete.practices.depth import Week as WeekRow
from accrete.practices.practice import Practice as PracticeOf
from accrete.queries.practices import PracticeRow, SightingRow
from accrete.queries.replay import as_typed


class Week(NamedTuple):
    """One week of one practice."""

    week: Annotated[str, "its Monday"]
    possible: Annotated[int, "sessions in which the practice could apply"]
    seen: Annotated[int, "of these, sessions in which it was used"]
    sightings: Annotated[int, "times it was used"]
    marked: Annotated[int, "of these, times with a quality mark"]


class Moment(NamedTuple):
    """One observed moment of a practice."""

    session: Annotated[str, "id of its session"]
    title: Annotated[str | None, "title of its session"]
    project_name: Annotated[str, "name of its project"]
    practice: Annotated[str, "name of the practice"]
    uuid: Annotated[str, "the event that proves it"]
    prompt: Annotated[int | None, "number of the prompt it belongs to; null before the first"]
    asked: Annotated[str | None, "the words of that prompt"]
    at: Annotated[int | None, "when"]
    marks: Annotated[list[str], "its quality marks"]
    note: Annotated[str | None, "what was seen, in words"]
    what: Annotated[str | None, "the tool, else the event's kind"]
    text: Annotated[str | None, "the command, file or words that prove it"]


class Practice(NamedTuple):
    """One practice of a person: sessions with it of those in which it was possible, and how often.
    The keys from `what` on come with a practice's name only."""

    name: Annotated[str, "its name"]
    title: Annotated[str, "its title"]
    possible: Annotated[int, "sessions in which it could apply"]
    seen: Annotated[int, "of these, sessions in which it was used"]
    sightings: Annotated[int, "times it was used"]
    marked: Annotated[int, "of these, times with a quality mark"]
    depth: Annotated[str, "too few, not seen, tried, regular or fluent"]
    first_at: Annotated[int | None, "the first time"]
    last_at: Annotated[int | None, "the last time"]
    weeks: Annotated[list[Week], "weeks with a session, in their order"]
    what: Annotated[str | Absent, "what it is"] = ABSENT
    why: Annotated[str | Absent, "why it helps"] = ABSENT
    source: Annotated[str | Absent, "address of the page that explains it"] = ABSENT
    good: Annotated[str | Absent, "what a good one looks like"] = ABSENT
    marks: Annotated[dict[str, str] | Absent, "its quality marks and what each means"] = ABSENT
    try_next: Annotated[str | Absent, "what to try"] = ABSENT
    moments: Annotated[list[Moment] | Absent, "the newest moments (-n)"] = ABSENT


class Step(NamedTuple):
    """A practice to try next, with the person's own figures."""

    name: Annotated[str, "name of the practice"]
    possible: Annotated[int, "sessions in which it could apply"]
    seen: Annotated[int, "of these, sessions in which it was used"]
    last_at: Annotated[int | None, "the last time"]
    try_next: Annotated[str, "what to try"]
    why: Annotated[str, "why it helps"]
    source: Annotated[str, "address of the page that explains it"]


class ByWeek(NamedTuple):
    """The newest weeks in which a practice was possible, in two columns, the newest last."""

    seen: Annotated[list[int], "sessions with it, a week each"]
    possible: Annotated[list[int], "sessions in which it could apply, a week each"]


def practice_of(row: PracticeRow) -> Practice:
    """A practice as an answer."""
    return made(Practice, row, possible=row.eligible, weeks=[_week(week) for week in row.weeks])


def in_full(row: PracticeRow, practice: PracticeOf, moments: list[Moment]) -> Practice:
    """A practice with what it is and its moments."""
    return practice_of(row)._replace(
        what=practice.what,
        why=practice.why,
        source=practice.source,
        good=practice.good,
        marks=practice.marks,
        try_next=practice.try_next,
        moments=moments,
    )


def moment_of(row: SightingRow, prompts: Mapping[int, str]) -> Moment:
    """A moment as an answer; prompts: the texts of its session's prompts by number."""
    asked = prompts.get(row.prompt) if row.prompt is not None else None
    return made(
        Moment, row, project_name=row.project, asked=as_typed(asked) if asked is not None else None
    )


def _week(week: WeekRow) -> Week:
    return made(Week, week, possible=week.eligible)


def by_week(row: PracticeRow, most: int) -> ByWeek:
    """The newest weeks in which a practice was possible."""
    weeks = [week for week in row.weeks if week.eligible][-most:]
    return ByWeek([week.seen for week in weeks], [week.eligible for week in weeks])


def by_use(rows: Sequence[PracticeRow]) -> list[PracticeRow]:
    """Practices, those seen in most sessions first."""
    return sorted(rows, key=lambda row: (-row.seen, row.name))


def steps(rows: Sequence[PracticeRow]) -> list[Step]:
    """What to try, the most promising first: practices that could often apply and are seldom used;
    one that was never seen counts twice."""
    possible = sorted(
        (row for row in rows if row.eligible),
        key=lambda row: (
            -(row.eligible - row.seen) * (2 if row.depth == NOT_SEEN else 1),
            row.name,
        ),
    )
    return [_step(row) for row in possible]


def _step(row: PracticeRow) -> Step:
    practice = named(row.name)
    assert practice is not None
    return made(
        Step, row, possible=row.eligible,
        try_next=practice.try_next, why=practice.why, source=practice.source,
    )  # fmt: skip
