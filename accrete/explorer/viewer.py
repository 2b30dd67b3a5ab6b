"""Who looks at the pages, what they may see, and how it is asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from accrete.care.disk import OnDisk
from accrete.clock import LocalTime, Style
from accrete.database.serving import Reader
from accrete.queries.health import SourceHealth
from accrete.queries.scope import Scope
from accrete.text.json import JsonObject
from accrete.wire.benchmarks import Benchmarks


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

    async def title(self, session: str, text: str) -> None:
        """Gives a session a title of the person's own; '' takes it away."""
        ...

    async def forget(self, session: str) -> list[str]:
        """Deletes a session for good; returns the receipt, a line each."""
        ...


class Keeping(Protocol):
    """Where the viewer's own record is kept, and what it was read from."""

    @property
    def database(self) -> Path:
        """The file of the record."""
        ...

    async def disk(self, sources: Sequence[SourceHealth]) -> OnDisk:
        """What Claude Code's folders hold now. sources: the files that were read."""
        ...

    def behind(self) -> tuple[int, int] | None:
        """(files with content that is not in the record, all files), as last looked; None before
        the first look. Never waits."""
        ...

    def size(self) -> int:
        """Bytes of the record."""
        ...

    def stated(self) -> JsonObject:
        """What config.json says, by its keys."""
        ...

    async def redactions(self) -> list[tuple[str, int]]:
        """(kind, number) of what redaction replaced; takes seconds on a long record."""
        ...

    def export(self, form: str, table: str | None) -> AsyncIterator[bytes]:
        """The record as care.download.pieces writes it."""
        ...


class Example(NamedTuple):
    """Steps that somebody shows as an example of a practice. name: whose; day: in words; href:
    where they are."""

    practice: str
    name: str
    day: str
    href: str


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks.

    scope: whose rows, up to which tier, and the zone of the days that are asked for.
    own: the rows are the viewer's own: clock times, words, and what changes them.
    deeds: None where nothing may be changed.
    keeping: where the record is kept; None where its viewer does not keep it.
    secret: what the tokens of forms are made with, one for each sign-in; empty where there are no
    forms.
    last_day: the last local day of which anything is shown, where that is not today.
    name: of the person whose pages these are, where that is not the viewer.
    amounts: whether cost, tokens, lines, commits and pull requests of one person may be shown.
    menu: the pages of the bar, as (path, name); None for the usual ones. places: other parts of the
    site, as (address, name). said: a sentence above every page.
    examples: of practices, that others show to the viewer. example_at: where a moment of one's own
    can be shown to others, '' where it cannot.
    """

    scope: Scope
    source: Source
    local: LocalTime
    own: bool = True
    deeds: Deeds | None = None
    style: Style = field(default_factory=Style)
    api_equivalent: bool = True
    budget_nano: int | None = None
    keeping: Keeping | None = None
    secret: bytes = field(default=b"", repr=False)
    monthly_budget_nano: int | None = None
    team: Callable[[], Benchmarks | None] = lambda: None
    last_day: str | None = None
    name: str = "The person"
    amounts: bool = True
    menu: Sequence[tuple[str, str]] | None = None
    places: Sequence[tuple[str, str]] = ()
    said: str = ""
    examples: Sequence[Example] = ()
    example_at: str = ""
