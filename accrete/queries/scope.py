"""What a question is about: the person, what they narrowed it to, and the range of days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accrete.model import DAY_FIGURES

EVENT_DAY = """CASE
  WHEN e.kind IN ('tool_call', 'tool_result') THEN (SELECT MIN(dc.local_day) FROM tool_call dc
    WHERE dc.person = e.person AND dc.tool_use_id = e.tool_use_id AND (e.message_id IS NULL OR dc.message_id = e.message_id))
  WHEN e.message_id IS NOT NULL THEN (SELECT MIN(dr.local_day) FROM response dr WHERE dr.person = e.person AND dr.message_id = e.message_id)
  ELSE (SELECT dp.local_day FROM prompt dp WHERE dp.person = e.person AND dp.session = e.session AND dp.uuid = e.uuid) END"""
"""The local day of an event `e` that somebody said or did: of the prompt, of the call, or on which the response began."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A person's sessions, narrowed. since, until: local days `YYYY-MM-DD`, both included: what happened on them belongs to
    the question. project: a project id. session: a session id. automated: False for a person's own sessions, True for
    automated ones, None for both. without: ids of projects that are left out. zone: the person's, for what belongs to no
    session."""

    person: int
    since: str | None = None
    until: str | None = None
    project: str | None = None
    session: str | None = None
    branch: str | None = None
    model: str | None = None
    automated: bool | None = None
    without: tuple[str, ...] = ()
    zone: str = "UTC"

    @property
    def ranged(self) -> bool:
        """Whether it has a range of days."""
        return self.since is not None or self.until is not None

    def days(self, column: str) -> tuple[str, list[Any]]:
        """The condition that a column, or an expression, with a local day lies in the range: ("", []) without a range, else
        (" AND …", parameters)."""
        given = [(f" AND {column} >= ?", self.since), (f" AND {column} <= ?", self.until)]
        return "".join(text for text, day in given if day is not None), [day for _, day in given if day is not None]

    def holds(self, day: str) -> bool:
        """Whether a local day lies in the range."""
        return (self.since is None or day >= self.since) and (self.until is None or (day != "" and day <= self.until))

    def where(self, *, day: str, session: str = "s") -> tuple[str, list[Any]]:
        """A condition on the session alias and on the column, or expression, that holds the local day of what is asked for,
        and its parameters."""
        within, days = self.days(day)
        narrowed, params = self._narrowed(session)
        return narrowed + within, [*params, *days]

    def sessions(self) -> tuple[str, str, list[Any]]:
        """The sessions of which something happened in the range: tables, condition, parameters. `s` is the session, `r` its
        figures of the range alone: DAY_FIGURES, plan_mode, wall_ms, files_edited, first_at, last_at, first_day, and `partly`, 1 where the
        session goes beyond the range."""
        source, params = self._part()
        condition, more = self._narrowed("s")
        return f"session s JOIN ({source}) r ON r.person = s.person AND r.session = s.id", condition, [*params, *more]

    def _narrowed(self, session: str) -> tuple[str, list[Any]]:
        conditions: list[tuple[str, Any]] = [
            (f"{session}.person = ?", self.person),
            (f"{session}.project = ?", self.project),
            (f"{session}.id = ?", self.session),
            (f"{session}.automated = ?", None if self.automated is None else int(self.automated)),
        ]
        given = [(text, value) for text, value in conditions if value is not None]
        left_out = f" AND COALESCE({session}.project, '') NOT IN ({', '.join('?' * len(self.without))})"
        narrowed = " AND ".join(text for text, _ in given) + (left_out if self.without else "")
        return narrowed, [*(value for _, value in given), *self.without]

    def _part(self) -> tuple[str, list[Any]]:
        if not self.ranged:
            return (
                f"""SELECT t.person AS person, t.id AS session, {", ".join(f"t.{name} AS {name}" for name in DAY_FIGURES)},
                t.plan_mode AS plan_mode, t.wall_ms AS wall_ms, t.files_edited AS files_edited, t.started_at AS first_at,
                t.ended_at AS last_at, t.local_day AS first_day, 0 AS partly FROM session t WHERE t.person = ?""",
                [self.person],
            )
        within, days = self.days("d.local_day")
        of_files, of_files_days = self.days("f.local_day")
        sql = f"""SELECT d.person AS person, d.session AS session, {", ".join(f"CAST(SUM(d.{name}) AS BIGINT) AS {name}" for name in DAY_FIGURES)},
          MAX(d.plan_mode) AS plan_mode, MAX(d.last_at) - MIN(d.first_at) AS wall_ms,
          (SELECT COUNT(DISTINCT f.path) FROM session_file f WHERE f.person = d.person AND f.session = d.session{of_files}) AS files_edited,
          MIN(d.first_at) AS first_at, MAX(d.last_at) AS last_at, MIN(d.local_day) AS first_day,
          CASE WHEN COUNT(*) < (SELECT COUNT(*) FROM session_day a WHERE a.person = d.person AND a.session = d.session)
            THEN 1 ELSE 0 END AS partly
        FROM session_day d WHERE d.person = ?{within} GROUP BY d.person, d.session"""
        return sql, [*of_files_days, self.person, *days]
