"""Patterns that are compiled when they are first used: a short command uses few of those that its
modules define, and to compile all would take longer than all else that it does."""

from __future__ import annotations

import re
from typing import AnyStr, Generic, cast


class Lazy(Generic[AnyStr]):
    """Behaves as the pattern: what is asked of it once is its own from then on."""

    def __init__(self, pattern: AnyStr, flags: int) -> None:
        self.pattern: AnyStr = pattern
        self._flags = flags
        self._compiled: re.Pattern[AnyStr] | None = None

    def compiled(self) -> re.Pattern[AnyStr]:
        """The pattern itself."""
        if self._compiled is None:
            self._compiled = re.compile(self.pattern, self._flags)
        return self._compiled

    def __reduce__(self) -> tuple[object, ...]:
        return lazy, (self.pattern, self._flags)

    def __getattr__(self, name: str) -> object:
        found: object = getattr(self.compiled(), name)
        setattr(self, name, found)
        return found


def lazy(pattern: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As `re.compile`, whose faults come with the first use. Functions of `re` do not take it."""
    return cast("re.Pattern[AnyStr]", Lazy(pattern, flags))
