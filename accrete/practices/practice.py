"""The definition of a practice: its texts, when it could apply, and how it is detected."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from accrete.outcomes.story import Call, Mark, Story, Turn


class Sighting(NamedTuple):
    """One observed moment. `uuid`: the event that proves it. `use`: the tool-use id of a call,
    otherwise ''.
    `marks`: its quality marks."""

    uuid: str
    run: str
    seq: int
    at: int | None
    marks: tuple[str, ...] = ()
    note: str | None = None
    use: str = ""


@dataclass(frozen=True, slots=True)
class Practice:
    """Something observable that people do. `possible` says whether it could apply to a session:
    True, False, or None if unknown; `find` gives its sightings in order. `version` rises with
    either."""

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
"""Address of the official documentation."""
