"""Long sessions rest between two derivations: deriving takes time in proportion to their length, so
it does not run at every turn.

A session's figures are derived from all its rows (decision 14). What is new is stored at once; the
figures of a session whose derivation can be felt follow when RESTS times as long has passed as the
last derivation took.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable

from accrete.database import Database
from accrete.record import store

RESTS = 20
"""How much longer a session rests than its derivation took: deriving takes a twentieth of one
processor at most."""
FELT_S = 0.15
"""A derivation that takes less is done at every turn."""
LONGEST_S = 300.0
"""No session rests longer, whatever the clock says."""
RESTING = "resting"
"""The fact that holds until when sessions rest: UTC ms by session, as JSON."""


class Rests:
    """Until when a person's sessions rest. clock: seconds since 1970."""

    def __init__(self, db: Database, person: int, clock: Callable[[], float] = time.time) -> None:
        self._db, self._person, self._clock = db, person, clock
        self._until: dict[str, int] = json.loads(store.fact(db, person, RESTING) or "{}")
        self._woken: set[str] = set()

    def wake(self, sessions: Iterable[str]) -> None:
        """These sessions are derived the next time: they have ended."""
        self._woken.update(sessions)

    def resting(self) -> set[str]:
        """The sessions that are not to be derived yet."""
        now = int(self._clock() * 1000)
        latest = now + int(LONGEST_S * 1000)
        return {
            each
            for each, until in self._until.items()
            if now < until <= latest and each not in self._woken
        }

    def derived(self, session: str, took_s: float) -> None:
        """A session was derived just now. To be called in the transaction that stores what came of
        it."""
        kept = {each: self._until[each] for each in self.resting() if each != session}
        if took_s >= FELT_S:
            kept[session] = int(self._clock() * 1000) + int(min(RESTS * took_s, LONGEST_S) * 1000)
        if kept != self._until:
            self._until = kept
            store.set_fact(self._db, self._person, RESTING, json.dumps(kept))

    def due(self) -> float | None:
        """When the first of the sessions that wait for their derivation may be derived; None if
        none waits."""
        resting = self.resting()
        if not resting:
            return None
        stale = {
            session
            for (session,) in self._db.run(
                "SELECT id FROM session WHERE person = ? AND stale = 1", (self._person,)
            )
        }
        return min((self._until[session] / 1000 for session in resting & stale), default=None)
