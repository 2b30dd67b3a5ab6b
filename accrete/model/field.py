"""A stored field: its privacy tier, its unit, its meaning, and whether it holds text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Annotated, get_args, get_origin, get_type_hints

from accrete.model.tier import Tier


class Holds(Enum):
    """What a field holds, which decides how it is redacted."""

    VALUE = "value"
    """A number, an id, a hash, a day, or one of Accrete's own words: nothing to redact."""
    TEXT = "text"
    """Text from outside: redacted."""
    JSON = "json"
    """JSON from outside: each string in it is redacted."""


@dataclass(frozen=True, slots=True)
class Field:
    """The mark of a field in its noun. `listed` names a list of model/published_names.py: what
    stands on it may leave the machine at tier 1, every other value is "other" there and needs the
    field's own tier."""

    tier: Tier
    meaning: str
    unit: str = ""
    holds: Holds = Holds.VALUE
    listed: str = ""


def local(meaning: str, unit: str = "") -> Field:
    """Bookkeeping of this machine."""
    return Field(Tier.LOCAL, meaning, unit)


def kept_here(meaning: str) -> Field:
    """A text from outside that does not leave this machine."""
    return Field(Tier.LOCAL, meaning, holds=Holds.TEXT)


def key(meaning: str) -> Field:
    """An id, a hash, or one of a few words that Accrete itself writes."""
    return Field(Tier.METADATA, meaning)


def flag(meaning: str) -> Field:
    """1 or 0."""
    return Field(Tier.METADATA, meaning, "0 or 1")


def count(meaning: str, unit: str = "") -> Field:
    """A number of things."""
    return Field(Tier.METADATA, meaning, unit)


def instant(meaning: str) -> Field:
    """A moment."""
    return Field(Tier.METADATA, meaning, "UTC ms")


def span(meaning: str) -> Field:
    """A length of time."""
    return Field(Tier.METADATA, meaning, "ms")


def tokens(meaning: str) -> Field:
    """A number of tokens."""
    return Field(Tier.METADATA, meaning, "tokens")


def money(meaning: str) -> Field:
    """An amount of money."""
    return Field(Tier.METADATA, meaning, "nano-dollars")


def day(meaning: str) -> Field:
    """A day of the session's own zone."""
    return Field(Tier.METADATA, meaning, "YYYY-MM-DD")


def name(meaning: str, listed: str) -> Field:
    """A name that a company may have given: what is on the published list `listed` is metadata."""
    return Field(Tier.ACTIVITY, meaning, holds=Holds.TEXT, listed=listed)


def activity(meaning: str, *, unit: str = "", holds: Holds = Holds.TEXT) -> Field:
    """A path, a command, an address, a branch, a patch."""
    return Field(Tier.ACTIVITY, meaning, unit, holds)


def words(meaning: str, *, holds: Holds = Holds.TEXT) -> Field:
    """What people or the model wrote."""
    return Field(Tier.WORDS, meaning, holds=holds)


@cache
def marks(noun: type[tuple[object, ...]]) -> dict[str, Field]:
    """The mark of each field of a noun, in the noun's order. Raises TypeError for a field without
    one."""
    found = {}
    for each, hint in get_type_hints(noun, include_extras=True).items():
        mark = next((m for m in get_args(hint)[1:] if isinstance(m, Field)), None)
        if get_origin(hint) is not Annotated or mark is None:
            raise TypeError(f"{noun.__name__}.{each} has no mark")
        found[each] = mark
    return found
