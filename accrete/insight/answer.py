"""An answer: a noun whose fields are keys of JSON, each with its meaning beside its type."""

from __future__ import annotations

import re
from enum import Enum
from typing import Annotated, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

Shape = TypeVar("Shape", bound=tuple[object, ...])


class Absent(Enum):
    """The value of a key that is left out because nobody asked for it; None is "not known"."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT

_UNITS = {
    r"(.*_)?at|begins|ends": "UTC ms",
    r"(.*_)?ms": "ms",
    r".*_nano(_.*)?": "nano-dollars",
    r"(.*_)?tokens(_.*)?": "tokens",
    r"(.*_)?day|week|baseline": "YYYY-MM-DD",
    r"minutes_left": "minutes",
    r"seconds": "seconds",
}
"""Units by the name of a key: one unit a name, everywhere."""


class Key(NamedTuple):
    """One key of an answer. optional: it may be left out."""

    type: object
    meaning: str
    unit: str
    optional: bool


def keys(shape: type[tuple[object, ...]]) -> dict[str, Key]:
    """The keys of an answer, in their order. Raises TypeError for a key without a meaning."""
    found = {}
    for name, hint in get_type_hints(shape, include_extras=True).items():
        if get_origin(hint) is not Annotated:
            raise TypeError(f"{shape.__name__}.{name} has no meaning")
        kind, meaning = get_args(hint)
        optional = Absent in get_args(kind)
        unit = next((u for pattern, u in _UNITS.items() if re.fullmatch(pattern, name)), "")
        numbers = {int, float, str} & {kind, *get_args(kind)}
        found[name] = Key(kind, str(meaning), unit if numbers else "", optional)
    return found


def made(shape: type[Shape], row: object, **more: object) -> Shape:
    """An answer from a row that has its keys by name, and what the row has not or has in another
    form."""
    names = shape._fields  # type: ignore[attr-defined]
    known = {name: getattr(row, name) for name in names if name not in more and hasattr(row, name)}
    return shape(**known, **more)


def as_json(value: object) -> object:
    """An answer, or a list of them, as what `json.dumps` takes; keys that are absent left out."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {
            name: as_json(each)
            for name, each in zip(value._fields, value, strict=True)
            if each is not ABSENT
        }
    if isinstance(value, (list, tuple)):
        return [as_json(each) for each in value]
    if isinstance(value, dict):
        return {name: as_json(each) for name, each in value.items()}
    return value
