"""Who looks at the pages, what they may see, and how it is asked for."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from accrete.clock import LocalTime, Style
from accrete.database.serving import Reader
from accrete.queries.scope import Scope


class Source(Protocol):
    """Where the rows are: a record on this machine, or a company's database."""

    dialect: str

    def reading(self) -> AbstractAsyncContextManager[Reader]:
        """Everything asked within it is of one moment. Raises AccreteError where it cannot be
        read; see database.serving.Pool."""
        ...


class Deeds(Protocol):
    """What a person may do with their own sessions. Each raises AccreteError with a sentence."""

    async def tag(self, session: str, tag: str) -> None:
        """Puts a tag on a session."""
        ...

    async def untag(self, session: str, tag: str) -> None:
        """Takes a tag off a session."""
        ...

    async def note(self, session: str, text: str) -> None:
        """Replaces the note of a session; '' takes it away."""
        ...

    async def forget(self, session: str) -> str:
        """Deletes a session for good; returns the receipt, in sentences."""
        ...


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks.

    scope: whose rows, up to which tier, and the zone of the days that are asked for.
    own: the rows are the viewer's own: clock times, words, and what changes them.
    deeds: None where nothing may be changed.
    """

    scope: Scope
    source: Source
    local: LocalTime
    own: bool = True
    deeds: Deeds | None = None
    style: Style = field(default_factory=Style)
    api_equivalent: bool = True
    budget_nano: int | None = None
    monthly_budget_nano: int | None = None
