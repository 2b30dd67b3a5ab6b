"""Adds up sessions to a person's weeks; rollups and questions share this rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from accrete.practices.depth import Week


class Seen(NamedTuple):
    """How often one session showed a practice in a week, and how often it was done well."""

    week: str
    session: tuple[int, str]
    sightings: int
    marked: int


def add_up(
    weeks: Iterable[str], possible: Iterable[tuple[str, tuple[int, str]]], seen: Iterable[Seen]
) -> list[Week]:
    """Each of the weeks (their Mondays) in order. possible: (week, session) for the sessions that
    were at work in a week and in which the practice was possible; a session counts once a week."""
    eligible = Counter(week for week, _ in set(possible))
    found: dict[str, list[Seen]] = {}
    for each in seen:
        found.setdefault(each.week, []).append(each)
    return [
        Week(
            week,
            eligible[week],
            len({each.session for each in found.get(week, ())}),
            sum(each.sightings for each in found.get(week, ())),
            sum(each.marked for each in found.get(week, ())),
        )
        for week in sorted(set(weeks))
    ]
