"""Pull requests that sessions opened or worked on: their states, their sessions and what these
cost."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from accrete.database import Question, Row
from accrete.model import Tier
from accrete.outcomes.addresses import same_address
from accrete.outcomes.kinds import CLOSED, MERGED, OPEN
from accrete.queries.scope import SESSIONS, Scope, narrowed_by
from accrete.queries.sessions import HAS_WORK

WORDS = ("open", "draft", "merged", "closed", "unknown")
"""What a pull request can be, as it is shown."""


class PullRow(NamedTuple):
    """One pull request. state: open, draft, merged, closed, or None if no forge told; moments in
    UTC ms. fault: why the last asking brought nothing. first_at: when a session of the scope first
    named it. sessions: ids of those that opened it or worked on it, sorted; opened: how many of
    them opened it. cost_nano: what these cost, within the range; unpriced, lower_bound: their
    responses without a price, and with output that is known in part."""

    url: str
    number: int | None
    repository: str | None
    state: str | None
    opened_at: int | None
    merged_at: int | None
    closed_at: int | None
    asked_at: int | None
    fault: str | None
    first_at: int | None
    sessions: tuple[str, ...]
    opened: int
    cost_nano: int
    unpriced: int
    lower_bound: int

    @property
    def word(self) -> str:
        """One of WORDS."""
        return self.state or "unknown"

    @property
    def since(self) -> int | None:
        """When it came into its state, UTC ms: opened, merged or closed."""
        return {MERGED: self.merged_at, CLOSED: self.closed_at, None: None}.get(
            self.state, self.opened_at
        )


class MergedCost(NamedTuple):
    """What merged pull requests cost. pulls: all of the scope; known: those whose state a forge
    told; merged: of these, the merged ones; sessions: those of the scope that opened one of the
    merged or worked on it; cost_nano: what these cost, within the range, each counted once."""

    pulls: int = 0
    known: int = 0
    merged: int = 0
    sessions: int = 0
    cost_nano: int = 0
    unpriced: int = 0
    lower_bound: int = 0

    @property
    def each_nano(self) -> int | None:
        """The cost for one merged pull request; None where none is known to be merged, or none of
        the cost is known."""
        if not self.merged or (self.unpriced and not self.cost_nano):
            return None
        return round(self.cost_nano / self.merged)


class Pulls(NamedTuple):
    """Pull requests, the last one first, and the cost of the merged ones."""

    rows: list[PullRow]
    merged: MergedCost


class Asked(NamedTuple):
    """at: when pull requests were last asked for (UTC ms), None if never; fault: what kept it from
    asking; known: how many have a state, of all pull requests."""

    at: int | None
    fault: str | None
    known: int
    pulls: int


_COLUMNS = """{named}, s.person, s.id, r.cost_own_nano + r.cost_delegated_nano,
r.unpriced, r.lower_bound, t.state, t.draft, t.opened_at, t.merged_at, t.closed_at,
COALESCE(p.asked_at, t.told_at), p.fault"""
_OPENED = (
    "l.url, l.number, l.repository, l.at",
    """session_pull l LEFT JOIN session_pull_state t
      ON t.person = l.person AND t.session = l.session AND t.url = l.url
    LEFT JOIN pull_request p ON p.person = l.person AND p.url = l.url""",
    "l.person = s.person AND l.session = s.id",
)
_WORKED_ON = (
    "t.url, p.number, p.repository, l.at",
    """session_pull_state t LEFT JOIN session_pull_request l
      ON l.person = t.person AND l.session = t.session AND l.url = t.url
    LEFT JOIN pull_request p ON p.person = t.person AND p.url = t.url""",
    "t.person = s.person AND t.session = s.id",
)
"""Columns, tables and condition. Only a machine knows when it asked, and when a link was made."""


@narrowed_by(*SESSIONS, shows=Tier.ACTIVITY)
def pulls(scope: Scope) -> Question[Pulls]:
    """The pull requests that the scope's sessions opened, as their tools printed it, or worked on,
    as the client linked them. A session counts if something of it happened in the range, whenever
    the pull request was opened or merged."""
    tables, where, params = scope.sessions()
    statements = tuple(
        (
            scope.figures(
                f"""SELECT {_COLUMNS.format(named=named)} FROM {links}, {tables}
                WHERE {theirs} AND {where} AND {HAS_WORK}"""
            ),
            params,
        )
        for named, links, theirs in (_OPENED, _WORKED_ON)
    )
    return Question(statements, lambda answers: _pulls(*answers))


@narrowed_by()
def spellings(scope: Scope, url: str) -> Question[list[str]]:
    """The addresses in the record that name the same pull request as this one."""
    whose, people = scope.of("person")
    sql = f"""SELECT url FROM session_pull WHERE {whose}
      UNION SELECT url FROM session_pull_state WHERE {whose}"""
    wanted = same_address(url)
    return Question(
        ((sql, [*people, *people]),),
        lambda answers: sorted(found for (found,) in answers[0] if same_address(found) == wanted),
    )


@narrowed_by()
def pulls_asked(scope: Scope) -> Question[Asked]:
    """How the asking for states goes."""
    whose, people = scope.of("person")
    statements = (
        (f"SELECT value FROM fact WHERE {whose} AND name = 'pull_states_asked'", people),
        *(
            (
                f"""SELECT l.url, p.state FROM {table} l
                LEFT JOIN pull_request p ON p.person = l.person AND p.url = l.url
                WHERE {whose.replace("person", "l.person")}""",
                people,
            )
            for table in ("session_pull", "session_pull_request")
        ),
    )

    def shape(answers: list[list[Row]]) -> Asked:
        last = json.loads(answers[0][0][0]) if answers[0] else {}
        found = [(same_address(url), state) for rows in answers[1:] for url, state in rows]
        known = {url for url, state in found if state is not None}
        return Asked(last.get("at"), last.get("fault"), len(known), len({url for url, _ in found}))

    return Question(statements, shape)


class _Found:
    """What the rows of one pull request add up to."""

    def __init__(self, url: str) -> None:
        self.urls = {url}
        self.number: int | None = None
        self.repository: str | None = None
        self.at: int | None = None
        self.opened: set[tuple[int, str]] = set()
        self.sessions: dict[tuple[int, str], tuple[int, int, int]] = {}
        self.told: tuple[tuple[bool, int], Row] = ((False, -1), (None,) * 7)

    def take(self, row: Row, opened: bool) -> None:
        url, number, repository, at, person, session, cost, unpriced, lower_bound, *told = row
        self.urls.add(url)
        self.number = self.number if number is None else number
        self.repository = self.repository or repository
        self.at = at if self.at is None or (at is not None and at < self.at) else self.at
        self.opened |= {(person, session)} if opened else set()
        self.sessions[person, session] = (int(cost), int(unpriced), int(lower_bound))
        if told[5] is not None and (rank := (told[0] is not None, int(told[5]))) > self.told[0]:
            self.told = (rank, tuple(told))

    def row(self) -> PullRow:
        state, draft, opened_at, merged_at, closed_at, asked_at, fault = self.told[1]
        cost, unpriced, lower_bound = _sum(self.sessions.values())
        return PullRow(
            url=min(self.urls),
            number=self.number,
            repository=self.repository,
            state="draft" if state == OPEN and draft else state,
            opened_at=opened_at,
            merged_at=merged_at,
            closed_at=closed_at,
            asked_at=asked_at,
            fault=fault,
            first_at=self.at,
            sessions=tuple(sorted(session for _, session in self.sessions)),
            opened=len(self.opened),
            cost_nano=cost,
            unpriced=unpriced,
            lower_bound=lower_bound,
        )


def _pulls(opened: list[Row], linked: list[Row]) -> Pulls:
    found: dict[str, _Found] = {}
    for rows in (opened, linked):
        for row in rows:
            url, *_ = row
            one = found.setdefault(same_address(url), _Found(url))
            one.take(row, rows is opened)
    made = [(each, each.row()) for each in found.values()]
    rows_ = sorted((row for _, row in made), key=lambda row: (-(row.first_at or 0), row.url))
    return Pulls(rows_, merged_cost(made))


def merged_cost(made: list[tuple[_Found, PullRow]]) -> MergedCost:
    """The cost of the merged ones: a session that worked on several is counted once."""
    merged = [(each, row) for each, row in made if row.state == MERGED]
    sessions = {key: value for each, _ in merged for key, value in each.sessions.items()}
    known = sum(row.state is not None for _, row in made)
    return MergedCost(len(made), known, len(merged), len(sessions), *_sum(sessions.values()))


def _sum(values: Iterable[tuple[int, int, int]]) -> tuple[int, int, int]:
    cost = unpriced = lower_bound = 0
    for nano, unknown, partly in values:
        cost, unpriced, lower_bound = cost + nano, unpriced + unknown, lower_bound + partly
    return cost, unpriced, lower_bound
