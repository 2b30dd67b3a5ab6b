"""The one gate for reading: whose rows a question reads, which of them, and up to which tier."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from accrete.model import DAY_FIGURES, Tier
from accrete.text.lazy import lazy

_FIGURES_OF = lazy(r"\br\.")
_ASKED_OF = lazy(r"\br\.(\w+|\*)")
_OF_RANGE = "/* its figures of the range */"
"""Where `Scope.figures` puts those that a statement names: adding up forty columns of each session
takes longer than all the rest of a statement that names three."""
_IN_RANGE = {
    **{name: f"CAST(SUM(d.{name}) AS BIGINT)" for name in DAY_FIGURES},
    "plan_mode": "MAX(d.plan_mode)",
    "wall_ms": "MAX(d.last_at) - MIN(d.first_at)",
    "first_at": "MIN(d.first_at)",
    "last_at": "MAX(d.last_at)",
    "first_day": "MIN(d.local_day)",
    "partly": """CASE WHEN COUNT(*) < (SELECT COUNT(*) FROM session_day a
      WHERE a.person = d.person AND a.session = d.session) THEN 1 ELSE 0 END""",
}
"""How the figures of a session come of its days."""

P = ParamSpec("P")
R = TypeVar("R")

EVENT_DAY = """CASE
  WHEN e.kind IN ('tool_call', 'tool_result') THEN (SELECT MIN(dc.local_day) FROM tool_call dc
    WHERE dc.person = e.person AND dc.tool_use_id = e.tool_use_id AND (e.message_id IS NULL
    OR dc.message_id = e.message_id))
  WHEN e.message_id IS NOT NULL THEN (SELECT MIN(dr.local_day) FROM response dr
  WHERE dr.person = e.person AND dr.message_id = e.message_id)
  ELSE (SELECT dp.local_day FROM prompt dp WHERE dp.person = e.person AND dp.session = e.session
  AND dp.uuid = e.uuid) END"""
"""The local day of an event `e` that somebody said or did: of the prompt, of the call, or on which
the response began."""

ZONES_MS = 16 * 3_600_000
"""How far a local day of any zone may lie from the same day of UTC."""

PROJECT_NAME = """COALESCE(MIN(p.name), CASE WHEN MIN(COALESCE(s.project, '')) = ''
  THEN '(no folder)' ELSE '(not named)' END)"""
"""The name of the project `p` of sessions `s` that are grouped by it; not named is one that left a
machine without its name."""

OVER = """NOT EXISTS (SELECT 1 FROM session_day o WHERE o.person = {0}.person AND o.session = {0}.id
  AND o.local_day > ?)"""
"""Whether a session of an alias of `visible_session` was over on a day."""

MANY = 50
"""People of a scope from whom on a question reads a good part of the tables."""

RANGE = ("since", "until")
SESSIONS = (*RANGE, "project", "session", "automated", "client", "without")
"""What narrows a question by properties of sessions alone."""
USED = ("branch", "model")
"""What narrows it by what responses used."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows, which of them, and up to which tier. Only the edge makes one: a command, a call
    of a tool, a request.

    people: the owners of the sessions; must not be empty.
    tier: the tier of the answer; sessions that their owners share only at a lower tier are left
    out.
    since, until: local days `YYYY-MM-DD`, both included; what happened on them is selected.
    project: a project id. session: a session id.
    automated: False for people's own sessions, True for automated ones, None for both.
    client: the program the sessions ran in.
    without: ids of projects that are left out.
    over: a local day on which the sessions were over.
    zone: the viewer's zone, for rows without a session; it selects nothing.
    """

    people: tuple[int, ...]
    tier: int = Tier.METADATA
    since: str | None = None
    until: str | None = None
    project: str | None = None
    session: str | None = None
    branch: str | None = None
    model: str | None = None
    automated: bool | None = None
    client: str | None = None
    without: tuple[str, ...] = ()
    over: str | None = None
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if not self.people:
            raise ValueError("a scope of nobody")

    @property
    def person(self) -> int:
        """The one person of the scope. Raises ValueError if there are several."""
        if len(self.people) > 1:
            raise ValueError("this is asked about one person")
        return self.people[0]

    @property
    def many(self) -> bool:
        """Whether it is of so many people that their sessions are a good part of a company's."""
        return len(self.people) > MANY

    @property
    def one(self) -> tuple[int, str]:
        """The person and the session of the question. Raises ValueError if there are several."""
        if self.session is None:
            raise ValueError("this is asked about one session")
        return self.person, self.session

    @property
    def gate(self) -> tuple[str, list[object]]:
        """The condition that the one session of the scope may be seen, and its parameters: for what
        is asked about it by its key alone."""
        person, session = self.one
        return (
            "EXISTS (SELECT 1 FROM visible_session v WHERE v.person = ? "
            "AND v.id = ? AND v.tier >= ?)",
            [
                person,
                session,
                int(self.tier),
            ],
        )

    @property
    def narrowed(self) -> tuple[str, ...]:
        """The names of the filters that are set."""
        apart = ("people", "tier", "zone")
        return tuple(
            f.name
            for f in fields(self)
            if f.name not in apart and getattr(self, f.name) not in (None, ())
        )

    @property
    def ranged(self) -> bool:
        """Whether it has a range of days."""
        return self.since is not None or self.until is not None

    def among(self, people: Iterable[int]) -> Scope:
        """The same about some of its people. Raises ValueError where somebody else is among them:
        who may be seen is decided once, where a scope is made."""
        some = tuple(sorted(people))
        if not set(some) <= set(self.people):
            raise ValueError("a scope of others")
        return replace(self, people=some)

    def of(self, column: str) -> tuple[str, list[object]]:
        """The condition that a column holds one of the people, and its parameters."""
        if len(self.people) == 1:
            return f"{column} = ?", [self.people[0]]
        return f"{column} IN ({', '.join('?' * len(self.people))})", list(self.people)

    def distinct(self, alias: str) -> str:
        """How many sessions the rows of an alias are of: two people may have sessions of one id."""
        return (
            f"COUNT(DISTINCT {alias}.session)"
            if len(self.people) == 1
            else f"COUNT(DISTINCT {alias}.person || '/' || {alias}.session)"
        )

    def days(self, column: str) -> tuple[str, list[object]]:
        """The condition that a column, or an expression, with a local day lies in the range: ("",
        []) without a range, else (" AND …", parameters)."""
        given = [(f" AND {column} >= ?", self.since), (f" AND {column} <= ?", self.until)]
        return "".join(text for text, day in given if day is not None), [
            day for _, day in given if day is not None
        ]

    def holds(self, day: str) -> bool:
        """Whether a local day lies in the range."""
        return (self.since is None or day >= self.since) and (
            self.until is None or (day != "" and day <= self.until)
        )

    def where(self, *, day: str | None = None, session: str = "s") -> tuple[str, list[object]]:
        """A condition on an alias of `visible_session`, and on the column, or expression, that
        holds the local day of what is asked for, with its parameters."""
        within, days = self.days(day) if day is not None else ("", [])
        narrowed, params = self._narrowed(session)
        return narrowed + within, [*params, *days]

    def sessions(
        self, *, files: bool = False, among: str | None = None
    ) -> tuple[str, str, list[object]]:
        """The sessions of which something happened in the range: tables, condition, parameters. `s`
        is the session, `r` its figures of the range alone: DAY_FIGURES, plan_mode, wall_ms,
        first_at, last_at, first_day, `partly`, 1 where the session goes beyond the range, and with
        `files` files_edited, which takes longer than all the rest. What is asked with them goes
        through `figures`. among: a table that has the person and the session of those that are
        asked for, of a range alone."""
        condition, params = self._narrowed("s")
        if not self.ranged:
            return "visible_session s", condition, params
        source, of_range = self._part(files, among)
        return (
            f"visible_session s JOIN ({source}) r ON r.person = s.person AND r.session = s.id",
            condition,
            [*of_range, *params],
        )

    def figures(self, sql: str) -> str:
        """A statement about `sessions`: in a range with the figures (`r`) that it names; without
        one a session has them itself."""
        if not self.ranged:
            return _FIGURES_OF.sub("s.", sql)
        asked = set(_ASKED_OF.findall(sql))
        named = [f", {made} AS {name}" for name, made in _IN_RANGE.items() if {name, "*"} & asked]
        return sql.replace(_OF_RANGE, "".join(named))

    def _narrowed(self, session: str) -> tuple[str, list[object]]:
        whose, people = self.of(f"{session}.person")
        conditions: list[tuple[str, object]] = [
            (f"{session}.project = ?", self.project),
            (f"{session}.id = ?", self.session),
            (f"{session}.automated = ?", None if self.automated is None else int(self.automated)),
            (f"{session}.client = ?", self.client),
            (OVER.format(session), self.over),
        ]
        given = [(text, value) for text, value in conditions if value is not None]
        left_out = (
            f" AND COALESCE({session}.project, '') NOT IN ({', '.join('?' * len(self.without))})"
        )
        narrowed = " AND ".join([whose, f"{session}.tier >= ?", *(text for text, _ in given)])
        return (
            narrowed + (left_out if self.without else ""),
            [*people, int(self.tier), *(value for _, value in given), *self.without],
        )

    def used(
        self, alias: str, columns: tuple[str, str] = ("branch", "model")
    ) -> tuple[str, list[object]]:
        """The condition on the branch and the model of what a row used: ("", []) or (" AND …",
        parameters)."""
        given = [
            (f" AND {alias}{column} = ?", value)
            for column, value in zip(columns, (self.branch, self.model), strict=True)
            if value is not None
        ]
        return "".join(text for text, _ in given), [value for _, value in given]

    def _part(self, files: bool, among: str | None) -> tuple[str, list[object]]:
        """The figures of each session within the range. files, among: see `sessions`."""
        whose, people = self.of("d.person")
        within, days = self.days("d.local_day")
        of_files, edited, of_files_days = "", *self.days("f.local_day")
        if files:
            of_files = f""", (SELECT COUNT(DISTINCT f.path) FROM session_file f
          WHERE f.person = d.person AND f.session = d.session{edited}) AS files_edited"""
        one, identity = (
            (" AND d.session = ?", [self.session]) if self.session is not None else ("", [])
        )
        if among is not None:
            one += f" AND (d.person, d.session) IN (SELECT a.person, a.session FROM {among} a)"
        sql = f"""SELECT d.person AS person, d.session AS session{_OF_RANGE}{of_files}
        FROM session_day d WHERE {whose}{within}{one} GROUP BY d.person, d.session"""
        return sql, [*(of_files_days if files else ()), *people, *days, *identity]


def stored_number(text: str) -> int:
    """A whole number of a URL that a column can hold: 64 bits. Raises ValueError for another."""
    number = int(text)
    if not -(2**63) <= number < 2**63:
        raise ValueError(f"{text[:40]!r} is no number of a column")
    return number


def spanning(scopes: Sequence[Scope]) -> Scope:
    """The first of some scopes, from the first day of all of them to the last one."""
    begins, ends = [each.since for each in scopes], [each.until for each in scopes]
    return replace(
        scopes[0],
        since=None if None in begins else min(day for day in begins if day is not None),
        until=None if None in ends else max(day for day in ends if day is not None),
    )


def narrowed_by(
    *filters: str, shows: Tier = Tier.METADATA
) -> Callable[[Callable[Concatenate[Scope, P], R]], Callable[Concatenate[Scope, P], R]]:
    """Says which filters of its scope a question applies; asked with another one it raises
    ValueError. shows: the tier of what its answer holds: sessions that are shared at a lower one
    are left out, whatever the scope says."""

    def mark(question: Callable[Concatenate[Scope, P], R]) -> Callable[Concatenate[Scope, P], R]:
        @wraps(question)
        def checked(scope: Scope, /, *args: P.args, **kwargs: P.kwargs) -> R:
            refused = [name for name in scope.narrowed if name not in filters]
            if refused:
                raise ValueError(f"{question.__name__} cannot be narrowed by {', '.join(refused)}")
            return question(
                scope if scope.tier >= shows else replace(scope, tier=shows), *args, **kwargs
            )

        checked.narrowed_by = filters  # type: ignore[attr-defined]
        return checked

    return mark
