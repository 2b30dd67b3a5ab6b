"""Keeps what whole weeks add up to, until anything of them changes.

The team's pages are about weeks that are over, of up to a thousand people. What is worked out of
them is kept with the stamps (stamps.py) that they had; it is worked out again where these are
others, so that a page never shows what is not held any more.
"""

from __future__ import annotations

import gc
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Sized
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple, TypeVar, cast

from accrete.clock import monday
from accrete.database.question import Question
from accrete.database.serving import Reader
from accrete.queries.practices_of_people import WeekVersion, week_versions
from accrete.queries.scope import Scope

T = TypeVar("T")

MOST = 600_000
"""Rows that are kept of all companies together: of some 100 bytes each."""
AT_ONCE = 13
"""Weeks whose versions are read at once."""
HEAVY = 2_000
"""Rows from which on the garbage collector is told not to look at an answer: it holds nothing that
refers to itself, and to go through all that is kept takes longer than most pages."""
DAY_S = 86_400.0
"""How long something is kept at most: what was deleted may be in it until then."""


class Kept(NamedTuple):
    """What was worked out. version: of the weeks it is of; rows: its size; at: when, in seconds."""

    version: Hashable
    answer: object
    rows: int
    at: float


class Memory:
    """What was worked out for all companies, what was used last at the end."""

    def __init__(self, most: int = MOST, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._rows = 0

    async def of(
        self,
        key: Hashable,
        version: Hashable,
        work: Callable[[], Awaitable[T]],
        size: Callable[[T], int],
    ) -> T:
        """What work gives; what it gave before, where the version is the same. size: its rows."""
        now = self._clock()
        kept = self._kept.get(key)
        if kept is not None and kept.version == version and now - kept.at < DAY_S:
            self._kept.move_to_end(key)
            return cast("T", kept.answer)  # it was put there by the same work
        answer = await work()
        self._take(key)
        rows = 1 + size(answer)
        self._kept[key] = Kept(version, answer, rows, now)
        self._rows += rows
        if rows >= HEAVY:
            gc.unfreeze()  # what was in flight the last time is garbage by now
            gc.collect()
            gc.freeze()
        for old in [each for each, held in self._kept.items() if now - held.at >= DAY_S]:
            self._take(old)
        while self._rows > self._most and self._kept:
            self._take(next(iter(self._kept)))
        return answer

    def _take(self, key: Hashable) -> None:
        gone = self._kept.pop(key, None)
        self._rows -= gone.rows if gone is not None else 0

    def forget(self, company: str) -> None:
        """Drops everything of a company, named by its address."""
        for key in [key for key in self._kept if isinstance(key, tuple) and key[0] == company]:
            self._take(key)


def _rows(answer: object) -> int:
    return len(answer) if isinstance(answer, Sized) else 1


class _Versions(NamedTuple):
    """The versions of all weeks from a Monday on, '' for all there are."""

    since: str
    weeks: list[WeekVersion]


@dataclass(slots=True)
class Weekly:
    """Asks about whole weeks of one company; the versions are those of one read transaction."""

    memory: Memory
    company: str
    _reader: Reader | None = None
    _versions: dict[tuple[object, ...], _Versions] = field(default_factory=dict)

    async def ask(self, reader: Reader, scope: Scope, question: Question[T]) -> T:
        """The answer to a question about the weeks of a scope alone, which is not changed by who
        gets it. It may depend on nothing but rows that have stamps."""
        asked = tuple((sql, tuple(params)) for sql, params in question.statements)
        return await self.work(reader, scope, asked, lambda: reader.ask(question), _rows)

    async def work(
        self,
        reader: Reader,
        scope: Scope,
        key: Hashable,
        work: Callable[[], Awaitable[T]],
        size: Callable[[T], int],
    ) -> T:
        """The same for anything that is worked out of the weeks of a scope, and of its key. size:
        how many rows it is as large as."""
        version = await self._version(reader, scope)
        return await self.memory.of((self.company, scope, key), version, work, size)

    async def _version(self, reader: Reader, scope: Scope) -> Hashable:
        """The versions of the weeks of a scope. Those of a quarter are read at once, since a page
        asks about several ranges."""
        if reader is not self._reader:
            self._reader, self._versions = reader, {}
        since = "" if scope.since is None else monday(scope.since)
        of = (scope.people, scope.tier)
        held = self._versions.get(of)
        if held is None or since < held.since:
            start = min(since, _before(scope.until)) if since and scope.until else since
            weeks = Scope(scope.people, scope.tier, start or None)
            held = _Versions(start, await reader.ask(week_versions(weeks)))
            if reader is self._reader:  # else another page began meanwhile
                self._versions[of] = held
        return tuple(
            each
            for each in held.weeks
            if since <= each.week and (scope.until is None or each.week <= scope.until)
        )


def _before(day: str) -> str:
    """The Monday of the week a quarter before a day."""
    return monday((date.fromisoformat(day) - timedelta(weeks=AT_ONCE)).isoformat())
