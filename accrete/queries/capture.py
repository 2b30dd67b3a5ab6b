"""What hooks wrote down: the last event of each kind, and of each session."""

from __future__ import annotations

from dataclasses import dataclass, field

from accrete.database import Question

FOLDERS = 300


@dataclass(frozen=True, slots=True)
class Seen:
    """One kind of event: how often it came, and when last (UTC ms)."""

    event: str
    times: int
    last_at: int


@dataclass(frozen=True, slots=True)
class Capture:
    """The kinds of events, by name, and the newest version of the client that any transcript names. sessions: when the last
    event of each came, UTC ms. folders: where sessions were begun, the last first. left_out: sessions that are to be kept out."""

    events: list[Seen]
    client: str | None
    sessions: dict[str, int] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    left_out: frozenset[str] = frozenset()

    @property
    def last_at(self) -> int | None:
        """When the last event came, UTC ms; None where none did."""
        return max((seen.last_at for seen in self.events), default=None)


def capture(person: int) -> Question[Capture]:
    """What came from hooks so far."""
    statements = (
        ("SELECT event, COUNT(*), MAX(at) FROM hook_event WHERE person = ? GROUP BY event ORDER BY event", (person,)),
        (
            "SELECT version FROM session WHERE person = ? AND version IS NOT NULL ORDER BY ended_at DESC NULLS LAST LIMIT 1",
            (person,),
        ),
        ("SELECT session, MAX(at) FROM hook_event WHERE person = ? GROUP BY session", (person,)),
        (
            "SELECT cwd FROM session WHERE person = ? AND cwd IS NOT NULL GROUP BY cwd ORDER BY MAX(ended_at) DESC NULLS LAST, cwd LIMIT ?",
            (person, FOLDERS),
        ),
        ("SELECT value FROM forgotten WHERE person = ? AND what = 'session'", (person,)),
    )
    return Question(
        statements,
        lambda answers: Capture(
            [Seen(row[0], int(row[1]), int(row[2])) for row in answers[0]],
            answers[1][0][0] if answers[1] else None,
            {row[0]: int(row[1]) for row in answers[2]},
            [row[0] for row in answers[3]],
            frozenset(row[0] for row in answers[4]),
        ),
    )
