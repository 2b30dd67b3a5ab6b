"""What a practice is: its words, when it was possible, and how it is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from accrete.outcomes.story import Call, Mark, Story, Turn


class Sighting(NamedTuple):
    """One observed moment. `uuid` is the event that proves it, `use` the tool-use id where it is a call, '' else;
    `marks` are the quality marks that it carries."""

    uuid: str
    run: str
    seq: int
    at: int | None
    marks: tuple[str, ...] = ()
    note: str | None = None
    use: str = ""


@dataclass(frozen=True, slots=True)
class Practice:
    """Something observable that people do. `possible` says of a session whether it could be seen at all: True,
    False, or None where that is not known; `find` gives its sightings in order. `version` rises with either."""

    name: str
    title: str
    what: str
    why: str
    source: str
    good: str
    marks: dict[str, str]
    try_next: str
    possible: Callable[[Story], bool | None]
    find: Callable[[Story], Iterable[Sighting]]
    version: int = 1


def seen(at: Turn | Call | Mark, *marks: str, note: str | None = None) -> Sighting:
    """A sighting proved by a turn, a call or a mark."""
    run = "" if isinstance(at, Turn) else at.run
    use = at.use if isinstance(at, Call) else ""
    return Sighting(at.uuid, run, at.seq, at.at, tuple(sorted(marks)), note, use)


DOCS = "https://code.claude.com/docs/en/"
"""Where the official documentation stands."""
