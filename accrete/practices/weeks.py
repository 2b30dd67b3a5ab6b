"""Adds up sessions to a person's weeks; rollups and questions share this rule."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from accrete.clock import monday
from accrete.practices.depth import Week

if TYPE_CHECKING:
    from accrete.model.sessions import PersonWeek


class Seen(NamedTuple):
    """How often some sessions showed a practice in a week, and how often it was done well."""

    week: str
    sessions: Collection[tuple[int, str]]
    sightings: int
    marked: int


def add_up(
    weeks: Iterable[str], possible: Iterable[tuple[str, tuple[int, str]]], seen: Iterable[Seen]
) -> list[Week]:
    """Each of the weeks (their Mondays) in order. possible: (week, session) for the sessions that
    were at work in a week and in which the practice was possible; a session counts once a week."""
    return counted(weeks, Counter(week for week, _ in set(possible)), seen)


def counted(weeks: Iterable[str], eligible: Mapping[str, int], seen: Iterable[Seen]) -> list[Week]:
    """The same with the number of sessions in which the practice was possible, by week."""
    sessions: dict[str, set[tuple[int, str]]] = {week: set() for week in weeks}
    sums = {week: [0, 0] for week in sessions}
    for week, some, sightings, marked in seen:
        if week in sums:
            sessions[week].update(some)
            of_week = sums[week]
            of_week[0] += sightings
            of_week[1] += marked
    return [
        Week(week, eligible.get(week, 0), len(sessions[week]), *sums[week]) for week in sorted(sums)
    ]


def weeks_of_person(
    person: int,
    possible_in: Iterable[tuple[str, str, str, str, int]],
    seen_in: Iterable[tuple[str, str, str, str, int, int]],
) -> list[PersonWeek]:
    """A person's weeks, by project and practice. possible_in: (project, practice, local day,
    session, version of the rules) for the days of each session in which the practice was possible;
    seen_in: (project, practice, local day, session, sightings, of these done well)."""
    from accrete.model.sessions import PersonWeek

    possible: dict[tuple[str, str], list[tuple[str, tuple[int, str]]]] = defaultdict(list)
    versions: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    for project, practice, day, session, version in possible_in:
        week = monday(day)
        possible[project, practice].append((week, (person, session)))
        versions[project, practice, week].add(int(version))
    seen: dict[tuple[str, str], list[Seen]] = defaultdict(list)
    for project, practice, day, session, n, marked in seen_in:
        some = [(person, session)]
        seen[project, practice].append(Seen(monday(day), some, int(n), int(marked)))
    rows = []
    for project, practice in sorted(possible.keys() | seen.keys()):
        there, found = possible[project, practice], seen[project, practice]
        weeks = {week for week, _ in there} | {each.week for each in found}
        for w in add_up(weeks, there, found):
            by = " ".join(map(str, sorted(versions[project, practice, w.week])))
            figures = (w.eligible, w.seen, w.sightings, w.marked)
            rows.append(PersonWeek(person, project, w.week, practice, *figures, by))
    return rows
