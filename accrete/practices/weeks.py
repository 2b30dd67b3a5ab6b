"""Adds up sessions to a person's weeks; rollups and questions share this rule."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from accrete.clock import monday
from accrete.practices.depth import Week

if TYPE_CHECKING:
    from accrete.model.sessions import PersonWeek


class Seen(NamedTuple):
    """How often a practice was seen in a week, and how often it was done well. sessions: those that
    showed it and that nothing else of that week has counted: a session counts once a week."""

    week: str
    sessions: int
    sightings: int
    marked: int


def add_up(weeks: Iterable[str], eligible: Mapping[str, int], seen: Iterable[Seen]) -> list[Week]:
    """Each of the weeks (their Mondays) in order. eligible: by week, how many sessions were at work
    in which the practice was possible."""
    sums = {week: [0, 0, 0] for week in weeks}
    for week, *some in seen:
        if week in sums:
            sums[week] = [total + n for total, n in zip(sums[week], some, strict=True)]
    return [Week(week, eligible.get(week, 0), *sums[week]) for week in sorted(sums)]


def weeks_of_person(
    person: int,
    possible_in: Iterable[tuple[str, str, str, str, int]],
    seen_in: Iterable[tuple[str, str, str, str, int, int]],
) -> list[PersonWeek]:
    """A person's weeks, by project and practice. possible_in: (project, practice, local day,
    session, version of the rules) for the days of each session in which the practice was possible;
    seen_in: (project, practice, local day, session, sightings, of these done well)."""
    from accrete.model.sessions import PersonWeek

    possible: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    versions: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    for project, practice, day, session, version in possible_in:
        week = monday(day)
        possible[project, practice].add((week, session))
        versions[project, practice, week].add(int(version))
    seen: dict[tuple[str, str], list[Seen]] = defaultdict(list)
    met = set()
    for project, practice, day, session, n, marked in seen_in:
        it = (project, practice, week := monday(day), session)
        seen[project, practice].append(Seen(week, int(it not in met), int(n), int(marked)))
        met.add(it)
    rows = []
    for project, practice in sorted(possible.keys() | seen.keys()):
        eligible = Counter(week for week, _ in possible[project, practice])
        found = seen[project, practice]
        for w in add_up(eligible.keys() | {each.week for each in found}, eligible, found):
            by = " ".join(map(str, sorted(versions[project, practice, w.week])))
            figures = (w.eligible, w.seen, w.sightings, w.marked)
            rows.append(PersonWeek(person, project, w.week, practice, *figures, by))
    return rows
