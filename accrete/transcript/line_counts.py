"""What the lines of a file were, counted by kind."""

from __future__ import annotations

import json
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counts:
    """What the physical lines of a file were. `lines` are those that are not blank;
    `strict_failures` those that a plain JSON reader refuses; `malformed` those that held no record
    at all; `repaired` those read after mending; `torn` an unfinished last line; `mixed` whether
    they name several sessions."""

    lines: int = 0
    strict_failures: int = 0
    malformed: int = 0
    repaired: int = 0
    torn: int = 0
    plan_mode: int = 0
    mixed: int = 0
    kinds: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, other: Counts) -> None:
        """Adds another count to this one."""
        self.lines += other.lines
        self.strict_failures += other.strict_failures
        self.malformed += other.malformed
        self.repaired += other.repaired
        self.torn += other.torn
        self.plan_mode |= other.plan_mode
        self.mixed |= other.mixed
        self.add_kinds(other.kinds)

    def add_kinds(self, kinds: dict[str, dict[str, int]]) -> None:
        """Adds counts by record type and kind."""
        for record_type, counted in kinds.items():
            mine = self.kinds.setdefault(record_type, {})
            for kind, n in counted.items():
                mine[kind] = mine.get(kind, 0) + n

    def to_json(self) -> str:
        """The counts as a small JSON object, keys sorted."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Counts:
        """The counts of `to_json`."""
        return cls(**json.loads(text)) if text else cls()
