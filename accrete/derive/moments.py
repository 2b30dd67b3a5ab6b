"""When each record happened: removes impossible times; the nearest neighbour gives the day."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

FIRST_MS = 1_738_368_000_000
"""2025-02-01: Claude Code was released on 2025-02-24, so no record of it is older."""
TOLD = f"CASE WHEN COALESCE(at, misdated) >= {FIRST_MS} THEN COALESCE(at, misdated) END"
"""The time that an event's record tells, in SQL: what orders copies of records must not change with
what is derived."""
SOON_MS, AHEAD_MS = 2 * 86_400_000, 366 * 86_400_000
"""How far a record may be ahead of its reading: beside others that are not, as far as a wrong zone
errs; in a session whose clock was fast throughout, a year."""
FAR_MS = 180 * 86_400_000
"""How far apart neighbouring lines of a file may be before one of them is doubted."""

Place = tuple[str, int]
"""A line of work ('' the main one, else the subagent's id) and an index in it."""


def doubtful(times: Sequence[int], read_at: int) -> bool:
    """Whether any of a session's times may be wrong. If False, `misdated` finds none."""
    if not times:
        return False
    first, last = min(times), max(times)
    return first < FIRST_MS or last > read_at + AHEAD_MS or last - first >= FAR_MS


def misdated(lines: Mapping[str, Sequence[int | None]], read_at: int) -> set[Place]:
    """The times that cannot be right, of a session's lines of work, each in the order of its file;
    read_at: when the session was last read.

    Wrong is what is before Claude Code or far ahead of the reading, and what lies half a year or
    more from its neighbours in the file, which agree with one another; for a subagent, from its
    session's main line too. Depends on all the times, never on the order or the pieces in which
    they were read.
    """
    wrong: set[Place] = set()
    for line, times in lines.items():
        known = [(n, at) for n, at in enumerate(times) if at is not None]
        bad = {n for n, at in known if not FIRST_MS <= at <= read_at + AHEAD_MS}
        bad |= _strays([(n, at) for n, at in known if n not in bad], read_at + SOON_MS)
        wrong |= {(line, n) for n in bad}
    return wrong | _far_from_main(lines, wrong)


def _far_from_main(lines: Mapping[str, Sequence[int | None]], wrong: set[Place]) -> set[Place]:
    good = [at for n, at in enumerate(lines.get("", ())) if at is not None and ("", n) not in wrong]
    if not good:
        return set()
    low, high = min(good) - FAR_MS, max(good) + FAR_MS
    return {(line, n) for line, times in lines.items() if line
            for n, at in enumerate(times) if at is not None and not low < at < high}  # fmt: skip


class _Stretch:
    """Lines whose times are near each other."""

    def __init__(self, n: int, at: int) -> None:
        self.members, self.first, self.last = [n], at, at
        self.weight, self.before = 0, None  # type: int, _Stretch | None

    def add(self, n: int, at: int) -> None:
        self.members.append(n)
        self.first, self.last = min(self.first, at), max(self.last, at)

    def near(self, at: int) -> bool:
        """Whether a time is near the end of the stretch."""
        return abs(at - self.last) < FAR_MS


def _strays(known: Sequence[tuple[int, int]], soon: int) -> set[int]:
    """The lines outside the chain of stretches that go forward in time and hold the most lines, of
    equal chains the later one. A long pause is no fault: after it, time goes on, but not past
    `soon`."""
    stretches = _stretches(known)
    kept = (
        stretches[0].members
        if len(stretches) == 1
        else _heaviest([each for each in stretches if each.last <= soon] or stretches)
    )
    return {n for n, _ in known}.difference(kept)


def _stretches(known: Sequence[tuple[int, int]]) -> list[_Stretch]:
    """Where time comes back to a stretch after it was elsewhere, what it was elsewhere for is left
    out: the lines around agree. So no two stretches are near each other, and there are few."""
    found: list[_Stretch] = []
    for n, at in known:
        back = next(
            (place for place in range(len(found) - 1, -1, -1) if found[place].near(at)), None
        )
        if back is None:
            found.append(_Stretch(n, at))
        else:
            found[back].add(n, at)
            del found[back + 1 :]
    return found


def _heaviest(stretches: Sequence[_Stretch]) -> list[int]:
    """The lines of the heaviest chain."""
    for place, each in enumerate(stretches):
        earlier = [other for other in stretches[:place] if other.last < each.first]
        each.before = max(earlier, key=lambda other: (other.weight, other.last), default=None)
        each.weight = len(each.members) + (each.before.weight if each.before else 0)
    end: _Stretch | None = max(stretches, key=lambda each: (each.weight, each.last), default=None)
    kept: list[int] = []
    while end is not None:
        kept += end.members
        end = end.before
    return kept


class Moments:
    """The known times of a session's lines of work, for finding the nearest neighbour's."""

    def __init__(self, known: Iterable[tuple[str, int, int | None]]) -> None:
        """known: (line, place in its file, time), ordered by place."""
        self._lines: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for line, seq, at in known:
            if at is not None:
                seqs, times = self._lines[line]
                seqs.append(seq)
                times.append(at)
        self._first = min((times[0] for _, times in self._lines.values()), default=None)
        self._began: dict[str, int] = {}

    def begins(self, line: str, at: int | None) -> None:
        """A subagent was started at this time."""
        if at is not None:
            self._began[line] = at

    def near(self, line: str, seq: int) -> int | None:
        """The time of the nearest record before this place that has one, else of the first after
        it. Where the line of work has none at all, when it was started, else when the session
        began; None if the session has no time."""
        if line not in self._lines:
            return self._began.get(line, self._first)
        seqs, times = self._lines[line]
        return times[max(bisect_right(seqs, seq) - 1, 0)]
