"""Writes sessions into a company as their machines would have sent them: reduced to their tier,
hashed, and in slices, so that a large company needs no more memory than a small one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from accrete.clock import LocalTime
from accrete.database import Database
from accrete.record import shared, store
from accrete.wire.contract import rows_hash
from accrete.wire.rows import Reducer
from accrete.wire.travels import NAMES, Given, Value, columns, typed
from accrete_team.demo.session import Row

SLICE = 60_000
"""Rows that are written at once."""
_encode = msgspec.json.Encoder().encode


class Machine:
    """A person's machine: what leaves it is what a tier allows. projects: for each project's id
    the id it leaves under, and under '' a secret for what stands for other names."""

    def __init__(
        self, person: int, device: str, local: LocalTime, projects: dict[str, str]
    ) -> None:
        self.person, self.device = person, device
        self._local, self._projects = local, projects
        self._reducers: dict[tuple[str, int], Reducer] = {}

    def reduced(self, table: str, tier: int, rows: Sequence[Sequence[Value]]) -> list[Given]:
        """Rows as they leave."""
        if (table, tier) not in self._reducers:
            self._reducers[table, tier] = Reducer(
                table, tier, tuple(typed(table)), self._local, self._projects
            )
        return self._reducers[table, tier].rows(rows)


class Writer:
    """Collects rows and writes them, a slice in a transaction."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.sessions = 0
        self._waiting: dict[str, list[Sequence[object]]] = defaultdict(list)
        self._n = 0

    def add(self, machine: Machine, session: str, tier: int, rows: dict[str, list[Row]],
            at: int) -> None:  # fmt: skip
        """A session that arrived at a moment (UTC ms)."""
        self.sessions += 1
        for name in NAMES:
            if not rows[name] or not columns(name, tier):
                continue
            given = machine.reduced(name, tier, rows[name])
            raw = [_encode(row) for row in given]
            size = sum(map(len, raw))
            self._waiting[name] += shared.placed(machine.person, name, given)
            self._waiting["shared"].append(
                (machine.person, session, name, tier, rows_hash(raw), len(given), size,
                 machine.device, at)
            )  # fmt: skip
            self._n += len(given) + 1
        if self._n >= SLICE:
            self.flush()

    def flush(self) -> None:
        """Writes what waits."""
        with self.db.transaction():
            after = store.last_event(self.db) if self._waiting["event"] else 0
            for name, rows in self._waiting.items():
                if rows:
                    fields = SHARED if name == "shared" else shared.fields(name)
                    self.db.load(name, fields, rows)
            if self._waiting["event"]:
                store.index_events(self.db, after)
        self._waiting.clear()
        self._n = 0


SHARED = ("person", "session", "what", "tier", "hash", "row_count", "byte_count", "device", "at")
