"""What hooks wrote down: the last event of each kind."""

from __future__ import annotations

from dataclasses import dataclass

from accrete.database import Question
from accrete.queries.scope import Scope, narrowed_by


@dataclass(frozen=True, slots=True)
class Seen:
    """One kind of event: how often it came, and when last (UTC ms)."""

    event: str
    times: int
    last_at: int


@dataclass(frozen=True, slots=True)
class Capture:
    """The kinds of events, by name, and the newest version of the client that any transcript names."""

    events: list[Seen]
    client: str | None


@narrowed_by()
def capture(scope: Scope) -> Question[Capture]:
    """What came from hooks so far."""
    whose, people = scope.of("person")
    where, params = scope.where()
    statements = (
        (f"SELECT event, COUNT(*), MAX(at) FROM hook_event WHERE {whose} GROUP BY event ORDER BY event", people),
        (
            f"""SELECT s.version FROM visible_session s WHERE {where} AND s.version IS NOT NULL
            ORDER BY s.ended_at DESC NULLS LAST LIMIT 1""",
            params,
        ),
    )
    return Question(
        statements,
        lambda answers: Capture(
            [Seen(row[0], int(row[1]), int(row[2])) for row in answers[0]], answers[1][0][0] if answers[1] else None
        ),
    )
