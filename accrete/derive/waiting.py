"""An index of queued texts by their words: those that wait, and those with equal words."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush


class _Row:
    """A row with which waiting texts begin, behind the rows before it. held: the numbers of the
    texts that end with it."""

    __slots__ = ("held", "then")

    def __init__(self) -> None:
        self.held: list[int] = []
        self.then: dict[str, _Row] = {}


class Waiting:
    """The texts that wait in the queue, in their order, each by its rows."""

    def __init__(self) -> None:
        self._begin = _Row()
        self._texts: dict[str, tuple[int, list[str]]] = {}
        self._uuids: list[str] = []
        self._left = 0

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def put(self, uuid: str, rows: list[str]) -> None:
        """A text joins the queue."""
        number = len(self._uuids)
        self._uuids.append(uuid)
        self._texts[uuid] = (number, rows)
        if rows:
            self._end(rows).held.append(number)

    def remove(self, uuid: str) -> None:
        """A text leaves the queue, if it is there."""
        if (found := self._texts.pop(uuid, None)) is not None and found[1]:
            held = self._end(found[1]).held
            del held[bisect_left(held, found[0])]

    def _end(self, rows: list[str]) -> _Row:
        at = self._begin
        for row in rows:
            at = at.then.setdefault(row, _Row())
        return at

    def first(self) -> str | None:
        """The text that has waited longest."""
        while self._left < len(self._uuids) and self._uuids[self._left] not in self._texts:
            self._left += 1
        return self._uuids[self._left] if self._left < len(self._uuids) else None

    def joined(self, rows: list[str]) -> tuple[list[str], bool]:
        """The texts with which these rows begin, one after the other in their order, and whether
        the rows are no more."""
        found: list[str] = []
        at, last = 0, -1
        while at < len(rows):
            best: tuple[int, int] | None = None
            here = self._begin
            for end in range(at, len(rows)):
                following = here.then.get(rows[end])
                if following is None:
                    break
                here = following
                place = bisect_right(here.held, last)
                if place < len(here.held) and (best is None or here.held[place] < best[0]):
                    best = (here.held[place], end + 1)
            if best is None:
                return found, False
            last, at = best
            found.append(self._uuids[last])
        return found, bool(found)


class Same:
    """Queued texts of the same words, to be taken for lines in the order of their places: the one
    that left the queue last before the line, else the first that did not leave, else the first that
    went back."""

    def __init__(self, texts: Iterable[tuple[int, str, int | None, bool]]) -> None:
        """texts: (place, uuid, where it left the queue, whether it went back)."""
        each = sorted(texts)
        self._staying = deque((place, uuid) for place, uuid, _, _ in each)
        leaving = [
            (left, -place, uuid, back) for place, uuid, left, back in each if left is not None
        ]
        self._leaving = deque(sorted(leaving))
        self._let_go: list[tuple[int, int, str]] = []
        self._back: list[tuple[int, str]] = []
        self._done: set[str] = set()

    def best(self, seq: int) -> tuple[int, int, int] | None:
        """How well the best of them fits a line at `seq`; None if none does. `seq` must not go
        back."""
        while self._leaving and self._leaving[0][0] <= seq:
            left, place, uuid, back = self._leaving.popleft()
            if uuid not in self._done:
                self._done.add(uuid)
                if back:
                    heappush(self._back, (-place, uuid))
                else:
                    self._let_go.append((left, place, uuid))
        while self._staying and self._staying[0][1] in self._done:
            self._staying.popleft()
        if self._let_go:
            return 2, *self._let_go[-1][:2]
        if self._staying and self._staying[0][0] <= seq:
            return 1, 0, -self._staying[0][0]
        return (0, 0, -self._back[0][0]) if self._back else None

    def take(self, seq: int) -> str:
        """The uuid of the best of them, which is not asked for again."""
        kind = (self.best(seq) or (0,))[0]
        if kind == 2:
            return self._let_go.pop()[2]
        if kind == 0:
            return heappop(self._back)[1]
        _, uuid = self._staying.popleft()
        self._done.add(uuid)
        return uuid
