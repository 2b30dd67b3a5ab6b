"""Answers made short for a model: fewer keys, texts and ids cut, money in dollars, local times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar, get_args

from pydantic.fields import FieldInfo

from accrete_mcp.shape import Compact, Most

Made = TypeVar("Made", bound=Compact)
Part = TypeVar("Part")
TEXT = 200
"""Characters of a text, where its key says nothing else."""
ID = 8
"""Characters of an id; the tools take the beginning of one."""
IDS = ("id", "session")
DOUBTS = ("unpriced", "price_assumed")
"""Keys that say how far a figure can be trusted; left out where they are 0."""


class Unit(NamedTuple):
    """How a model gets what an answer has in another unit."""

    theirs: str
    ours: str
    convert: Callable[[float], float]


UNITS = (
    Unit("_usd", "_nano", lambda nano: round(nano / 1e9, 4)),
    Unit("_hours", "_ms", lambda ms: round(ms / 3_600_000, 2)),
)


def source_of(name: str) -> tuple[str, ...]:
    """The keys of an answer that a key may be short for, the likeliest first."""
    converted = [name.removesuffix(u.theirs) + u.ours for u in UNITS if name.endswith(u.theirs)]
    return (name, *converted, "at" if name == "when" else f"{name}_at")


def text(words: str | None, most: int = TEXT) -> str:
    """Words on one line, cut."""
    flat = " ".join((words or "").split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"


def ends(parts: Sequence[Part], most: int) -> list[Part]:
    """The first two and the last of a list that is too long."""
    return [*parts] if len(parts) <= most else [*parts[:2], *parts[len(parts) - most + 2 :]]


@dataclass(frozen=True, slots=True)
class Short:
    """Makes answers short. time: a local time from UTC ms."""

    time: Callable[[int | None], str | None]

    def of(self, made: type[Made], answer: object, **written: object) -> Made:
        """The keys of an answer that a model gets; written: those that are written otherwise."""
        values = dict(written)
        for name, field in made.model_fields.items():
            if name in values:
                continue
            key = next((key for key in source_of(name) if hasattr(answer, key)), None)
            value = getattr(answer, key) if key is not None else None
            if value is not None:
                values[name] = self._value(name, key or name, field, value)
        return made(**values)

    def all_of(self, made: type[Made], answers: Sequence[object]) -> list[Made]:
        """Several of a kind."""
        return [self.of(made, answer) for answer in answers]

    def _value(self, name: str, key: str, field: FieldInfo, value: object) -> object:
        for unit in UNITS:
            if name.endswith(unit.theirs) and isinstance(value, int | float):
                return unit.convert(value)
        if key != name and isinstance(value, int):
            return self.time(value)
        if name in DOUBTS:
            return value or None
        if isinstance(value, str):
            most = next(
                (mark.characters for mark in field.metadata if isinstance(mark, Most)), TEXT
            )
            return value[:ID] if name in IDS else text(value, most)
        part = _part(field.annotation)
        if part is not None:
            return self.all_of(part, value) if isinstance(value, list) else self.of(part, value)
        return value


def _part(hint: object) -> type[Compact] | None:
    """The kind of answer that a hint holds: itself, in a list, or None besides."""
    for each in (hint, *get_args(hint)):
        if isinstance(each, type) and issubclass(each, Compact):
            return each
    return None
