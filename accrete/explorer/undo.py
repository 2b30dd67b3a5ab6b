"""What a person just did and can take back, and the receipts of what is gone: kept in memory, for
a while, under names that nobody can guess."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, NamedTuple, TypeVar

UNDO_S = 10.0
RECEIPT_S = 3600.0
MOST = 200
T = TypeVar("T")


class Undo(NamedTuple):
    """back: takes it back; address: the page that it was done on."""

    back: Callable[[], Awaitable[None]]
    address: str


class Kept(Generic[T]):
    """Things by name, each for so many seconds; the oldest make room."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._held: OrderedDict[str, tuple[float, T]] = OrderedDict()

    def keep(self, thing: T) -> str:
        """The name under which it is found."""
        name = secrets.token_urlsafe(16)
        self._held[name] = (time.monotonic() + self.seconds, thing)
        while len(self._held) > MOST:
            self._held.popitem(last=False)
        return name

    def get(self, name: str) -> T | None:
        """What has the name, if its time is not over."""
        until, thing = self._held.get(name, (-1.0, None))
        return thing if time.monotonic() <= until else None

    def take(self, name: str) -> T | None:
        """The same, once."""
        thing = self.get(name)
        self._held.pop(name, None)
        return thing
