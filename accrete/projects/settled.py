"""By which rules projects were derived: every command asks, so it stands apart from the rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

PROJECTS_SETTLED = "projects_settled"
"""The fact that projects are derived: by which rules (`digest`); '' where folders or a person's
words changed since."""

PLACING_VERSION = 3
"""Raised when folders are placed in projects otherwise than before."""

DIGEST_OF_NONE = "9e453d359370c90c"
"""What tells no rules: written out, because every command asks and `hashlib` takes long to import.
Changes with PLACING_VERSION."""


class Rule(NamedTuple):
    """Folders that fit `glob`, and all in them, are of the project `name`."""

    glob: str
    name: str


def digest(rules: Iterable[Rule]) -> str:
    """What tells one set of rules, as this version applies them, from another."""
    known = [tuple(rule) for rule in rules]
    if not known:
        return DIGEST_OF_NONE
    from hashlib import blake2b

    text = repr((PLACING_VERSION, known))
    return blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()
