"""One request for a page: who asks, for which range, and how links are made."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from starlette.requests import Request

from accrete.clock import LocalTime
from accrete.database.question import Question, T
from accrete.database.serving import Reader
from accrete.errors import AccreteError
from accrete.explorer.ranges import Range, read_range
from accrete.explorer.viewer import Viewer
from accrete.queries.scope import Scope
from accrete.queries.sessions import sessions_named

if TYPE_CHECKING:
    from accrete.explorer.notices import Notice

FILTERS = ("project", "branch", "model", "outcome", "practice", "tag", "text", "who")
"""What narrows a list, as URLs name it. who: `all`, `automated`, or people's own sessions."""
LONGEST = 400
"""Characters of a parameter of a URL that are read."""


@dataclass(slots=True)
class View:
    """What a page is made for. query: the parameters of the URL; now: UTC ms; revision: of what it
    was made from; kept: what the viewer set in this browser, see PREFERENCES; notices: what the
    page says of its own figures."""

    viewer: Viewer
    reader: Reader
    mount: str
    path: str
    query: Mapping[str, str]
    range: Range
    now: int
    params: Mapping[str, str] = field(default_factory=dict)
    revision: int = 0
    kept: Mapping[str, str] = field(default_factory=dict)
    notices: Sequence[Notice] = ()

    @property
    def local(self) -> LocalTime:
        """The viewer's zone."""
        return self.viewer.local

    @property
    def today(self) -> str:
        """The viewer's local day; for what others see the last day that is shown."""
        return today_of(self.viewer, self.now)

    @property
    def scope(self) -> Scope:
        """The viewer's rows of the range that the URL names, narrowed by its project and by whose
        sessions (`who`) it asks for: people's own ones where it does not say."""
        return self.within(self.range)

    @property
    def told(self) -> Scope:
        """The same, for words and titles: others read them of sessions that were over on the last
        day that is shown."""
        return replace(self.scope, over=self.viewer.last_day)

    def within(self, chosen: Range | None) -> Scope:
        """The same in another range; None for all days."""
        last = self.viewer.last_day
        until = chosen.until if chosen else None
        if last is not None:
            until = last if until is None else min(until, last)
        automated = {"all": None, "automated": True}.get(self.query.get("who", ""), False)
        return replace(
            self.viewer.scope,
            since=chosen.since if chosen else None,
            until=until,
            project=self.query.get("project") or None,
            automated=automated,
        )

    async def ask(self, question: Question[T]) -> T:
        """The answer, of the same moment as every other of this page."""
        return await self.reader.ask(question)

    async def session(self) -> Scope:
        """The viewer's rows of the one session that the path names, whole or by the beginning of
        its id. Raises MissingError where there is none."""
        named = self.params["session"]
        found = await self.ask(sessions_named(self.viewer.scope, named))
        exact = [each for each, _ in found if each == named]
        if self.viewer.own and not exact:
            exact = [each for each, _ in found]
        if len(exact) != 1:
            raise MissingError(f"No session {named[:40]!r} in the record.")
        return replace(self.viewer.scope, session=exact[0])

    def link(self, path: str, /, **query: str | int | None) -> str:
        """The address of a page in the same range. None leaves a parameter out."""
        return self.bare(path, **{**self.range.query, **query})

    def bare(self, path: str, /, **query: str | int | None) -> str:
        """The address of a page that has no range."""
        given = "&".join(
            f"{_in_query(name)}={_in_query(str(value))}"
            for name, value in query.items()
            if value is not None
        )
        return f"{self.mount}{_in_path(path)}" + (f"?{given}" if given else "")

    def here(self, **query: str | int | None) -> str:
        """The address of this page with some parameters set or, by None, left out."""
        kept = {name: value for name, value in self.query.items() if name not in _RANGE}
        if any(name in _RANGE for name in query):
            return self.bare(self.path, **{**kept, **query})
        return self.link(self.path, **{**kept, **query})

    def sessions(self, **query: str | int | None) -> str:
        """The list of sessions that a figure of this page counts: the same range and filters."""
        return self.link("/sessions", **{**self.kept_filters, **query})

    def sessions_of(self, since: str, until: str, **query: str | None) -> str:
        """The same of some days: of those of them that lie in the range of this page."""
        return self._of_days("/sessions", since, until, query)

    def responses(self, **query: str | int | None) -> str:
        """The list of responses that a cost of this page is made of: the same range and filters."""
        return self.link("/responses", **{**self.kept_filters, **query})

    def responses_of(self, since: str, until: str, **query: str | None) -> str:
        """The same of some days: of those of them that lie in the range of this page."""
        return self._of_days("/responses", since, until, query)

    @property
    def kept_filters(self) -> dict[str, str]:
        """The filters of this page that lists which its figures lead to have, too."""
        return {name: self.query[name] for name in ("project", "who") if self.query.get(name)}

    def _of_days(self, path: str, since: str, until: str, query: Mapping[str, str | None]) -> str:
        first, last = max(since, self.range.since or since), min(until, self.range.until or until)
        return self.bare(path, **{"since": first, "until": last, **self.kept_filters, **query})


PREFERENCES = {"density": ("dense",), "keys": ("off",)}
"""Cookies of a viewer's own choice, and what each may be set to."""
_RANGE = ("range", "since", "until")


# A page has hundreds of addresses, of few paths, names and values.
_in_path = lru_cache(maxsize=1024)(quote)
_in_query = lru_cache(maxsize=4096)(quote_plus)


class MissingError(AccreteError):
    """What the URL names is not in what the viewer may see."""


def today_of(viewer: Viewer, now: int) -> str:
    """The last day of the ranges that a viewer sees."""
    return viewer.local.day(now) if viewer.last_day is None else viewer.last_day


def view_of(request: Request, viewer: Viewer, reader: Reader) -> View:
    """The view of a request. Raises AccreteError for a range that is none."""
    now = time.time_ns() // 1_000_000
    given = request.query_params.items()
    query = {
        name: value[:LONGEST].replace("\0", "\N{REPLACEMENT CHARACTER}") for name, value in given
    }
    chosen = read_range(query, request.cookies.get("range"), today_of(viewer, now))
    mount = request.scope.get("root_path", "").rstrip("/")
    path = request.scope["path"].removeprefix(mount) or "/"
    params = {name: str(value) for name, value in request.path_params.items()}
    kept = {
        name: value
        for name, values in PREFERENCES.items()
        if (value := request.cookies.get(name)) in values
    }
    return View(viewer, reader, mount, path, query, chosen, now, params, kept=kept)
