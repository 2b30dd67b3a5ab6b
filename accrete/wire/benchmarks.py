"""What a member may learn of their company and their team, as a server says it."""

from __future__ import annotations

import msgspec

TOO_FEW, OTHERS = "people", "others"
"""Why a group is kept back: fewer than eight people count in it; or too few count in the others, of
whom it would tell."""


class Cell(msgspec.Struct, omit_defaults=True):
    """How many people of a group a practice is regular for. word: few, about half, most; '' where
    it is kept back; versions: those of the practice's rules that it rests on, with spaces."""

    practice: str
    word: str = ""
    versions: str = ""


class Group(msgspec.Struct, omit_defaults=True):
    """A group that the asker is of. of: company or team; people: how many count, None where it is
    kept back; why: it is kept back, '' where it is not; known: how many others' values somebody may
    know, besides their own, to whom the words tell nothing of anybody."""

    of: str
    name: str
    people: int | None = None
    why: str = ""
    known: int | None = None
    cells: list[Cell] = []


class Teacher(msgspec.Struct):
    """Somebody who offers to show a practice."""

    practice: str
    name: str


class Benchmarks(msgspec.Struct, omit_defaults=True):
    """The newest release, as far as it concerns the asker. first, last: the days of its four weeks,
    None before the first release; teachers: who offers to show what; teaching: what the asker
    offers."""

    company: str
    first: str | None = None
    last: str | None = None
    groups: list[Group] = []
    teachers: list[Teacher] = []
    teaching: list[str] = []


class Offered(msgspec.Struct):
    """The practices that the asker offers to show now."""

    teaching: list[str]


class Teaching(msgspec.Struct, forbid_unknown_fields=True):
    """That the asker offers to show a practice, or does not any more."""

    practice: str
    on: bool
