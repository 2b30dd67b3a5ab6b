"""What hooks wrote down: the last event of each kind."""

from __future__ import annotations

from dataclasses import dataclass

from accrete.database import Question


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


def capture(person: int) -> Question[Capture]:
    """What came from hooks so far."""
    statements = (
        ("SELECT event, COUNT(*), MAX(at) FROM hook_event WHERE person = ? GROUP BY event ORDER BY event", (person,)),
        (
            "SELECT version FROM session WHERE person = ? AND version IS NOT NULL ORDER BY ended_at DESC NULLS LAST LIMIT 1",
            (person,),
        ),
    )
    return Question(
        statements,
        lambda answers: Capture(
            [Seen(row[0], int(row[1]), int(row[2])) for row in answers[0]], answers[1][0][0] if answers[1] else None
        ),
    )
