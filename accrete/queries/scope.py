"""Which sessions a question is about: the person, and what they narrowed it to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Scope:
    """A person's sessions, narrowed. since, until: local days `YYYY-MM-DD`, both included. project: a project id.
    session: a session id. automated: False for a person's own sessions, True for automated ones, None for both."""

    person: int
    since: str | None = None
    until: str | None = None
    project: str | None = None
    session: str | None = None
    branch: str | None = None
    model: str | None = None
    automated: bool | None = None

    def where(self, *, day: str, session: str = "s") -> tuple[str, list[Any]]:
        """A condition on the session alias and the column that holds the local day, and its parameters."""
        parts, params = [f"{session}.person = ?"], [self.person]
        conditions: list[tuple[str, Any]] = [
            (f"{day} >= ?", self.since),
            (f"{day} <= ?", self.until),
            (f"{session}.project = ?", self.project),
            (f"{session}.id = ?", self.session),
            (f"{session}.automated = ?", None if self.automated is None else int(self.automated)),
        ]
        for condition, value in conditions:
            if value is not None:
                parts.append(condition)
                params.append(value)
        return " AND ".join(parts), params
