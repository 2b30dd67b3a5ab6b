"""How often a machine may ask: many times at once, then a number of times a second."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

BURST, PER_S = 1_200, 20
"""A first sync is hundreds of messages, one after another; an hourly one is a handful."""
MACHINES = 10_000
"""How many machines are remembered; the one that has not asked for longest is forgotten."""


class Rates:
    """When each machine will have all its requests again. One that may not ask uses none up."""

    def __init__(
        self,
        burst: int = BURST,
        per_s: float = PER_S,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._step, self._most, self._now = 1 / per_s, burst / per_s, now
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def wait_s(self, token: str) -> float:
        """Counts a request of a machine. Seconds until it may ask again; 0 where it may now."""
        now = self._now()
        full_at = max(self._full_at.pop(token, now), now)
        wait = max(0.0, full_at + self._step - now - self._most)
        self._full_at[token] = full_at if wait > 0 else full_at + self._step
        if len(self._full_at) > MACHINES:
            self._full_at.popitem(last=False)
        return wait
