"""A session's figures by local day; its days add up to its totals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from accrete.clock import LocalTime
from accrete.database import Database
from accrete.derive.moments import Moments
from accrete.model import DAY_KNOWN
from accrete.model.days import SessionDay, SessionFigures
from accrete.model.sessions import SessionFile, SessionKind
from accrete.record.store import insert

NO_DAY = ""
"""The day of a session none of whose records has a time."""

_FIGURES = (*SessionDay._fields[3:], *SessionFigures._fields)
_DAY = insert("session_day", (*SessionDay._fields[:3], *_FIGURES), "")
_FILE = insert("session_file", SessionFile._fields, "")
_KIND = insert("session_kind", SessionKind._fields, "")
_NULL = frozenset(("first_at", "last_at", *DAY_KNOWN))


class Days:
    """The days of one session while it is derived."""

    def __init__(self, local: LocalTime, moments: Moments) -> None:
        self.local = local
        self.moments = moments
        self._sums: dict[str, dict[str, int]] = defaultdict(dict)
        self._files: set[tuple[str, str]] = set()
        self._kinds: dict[tuple[str, str], tuple[int, int]] = {}

    def of(self, at: int | None, line: str, seq: int) -> str:
        """The local day of something at this time, or of its nearest neighbour in its line of
        work."""
        at = self.moments.near(line, seq) if at is None else at
        return NO_DAY if at is None else self.local.day(at)

    def add(self, day: str, column: str, n: int | None = 1) -> None:
        """Adds to a figure of a day; None adds nothing."""
        if n is not None:
            sums = self._sums[day]
            sums[column] = sums.get(column, 0) + n

    def add_all(self, day: str, figures: dict[str, int | None]) -> None:
        """Adds several figures to a day."""
        for column, n in figures.items():
            self.add(day, column, n)

    def mark(self, day: str, column: str) -> None:
        """A figure of a day that is 0 or 1."""
        self._sums[day][column] = 1

    def add_spans(self, spans: Iterable[tuple[int, int]]) -> None:
        """Active time, cut at midnight."""
        for start, end in spans:
            for day, ms in self.local.by_day(start, end):
                self.add(day, "active_ms", ms)

    def add_instants(self, instants: Iterable[int]) -> None:
        """When something was said: the first and the last of each day."""
        for at in instants:
            sums = self._sums[self.local.day(at)]
            sums["first_at"] = min(sums.get("first_at", at), at)
            sums["last_at"] = max(sums.get("last_at", at), at)
            sums.setdefault("active_ms", 0)

    def add_file(self, day: str, path: str) -> None:
        """A file that was changed on a day."""
        self._files.add((day, path))

    def add_lines(self, day: str, kind: str, added: int, removed: int) -> None:
        """Lines that a call changed on a day, in files of a kind; '' for those of a command."""
        before = self._kinds.get((day, kind), (0, 0))
        self._kinds[day, kind] = before[0] + added, before[1] + removed

    def store(self, db: Database, key: tuple[int, str]) -> None:
        """Replaces the rows of the session `key` (person, id)."""
        for table in ("session_day", "session_file", "session_kind"):
            db.run(f"DELETE FROM {table} WHERE person = ? AND session = ?", key)
        db.many(
            _DAY,
            [
                (*key, day, *(sums.get(name, None if name in _NULL else 0) for name in _FIGURES))
                for day, sums in sorted(self._sums.items())
            ],
        )
        db.many(_FILE, [(*key, *file) for file in sorted(self._files)])
        db.many(_KIND, [(*key, *kind, *sums) for kind, sums in sorted(self._kinds.items())])
