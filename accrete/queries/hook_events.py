"""The last hook event of each kind, and of each session."""

from __future__ import annotations

from dataclasses import dataclass, field

from accrete.database import Question, Row
from accrete.queries.scope import Scope, narrowed_by

FOLDERS = 300


@dataclass(frozen=True, slots=True)
class Seen:
    """One kind of event: how often it came, and when last (UTC ms)."""

    event: str
    times: int
    last_at: int


@dataclass(frozen=True, slots=True)
class Capture:
    """The kinds of events, by name, and the newest version of the client that any transcript names.
    sessions: when the last event of each came, UTC ms. folders: where sessions were begun, the last
    first. left_out: sessions that are to be kept out."""

    events: list[Seen]
    client: str | None
    sessions: dict[str, int] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    left_out: frozenset[str] = frozenset()

    @property
    def last_at(self) -> int | None:
        """When the last event came, UTC ms; None if none did."""
        return max((seen.last_at for seen in self.events), default=None)


@narrowed_by()
def capture(scope: Scope) -> Question[Capture]:
    """What came from hooks so far."""
    whose, people = scope.of("person")
    where, params = scope.where()
    statements = (
        (
            "SELECT event, COUNT(*), MAX(at) FROM hook_event "
            f"WHERE {whose} GROUP BY event ORDER BY event",
            people,
        ),
        (
            f"""SELECT s.version FROM visible_session s WHERE {where} AND s.version IS NOT NULL
            ORDER BY s.ended_at DESC NULLS LAST LIMIT 1""",
            params,
        ),
        (f"SELECT session, MAX(at) FROM hook_event WHERE {whose} GROUP BY session", people),
        (
            f"""SELECT s.cwd FROM visible_session s WHERE {where} AND s.cwd IS NOT NULL
            GROUP BY s.cwd ORDER BY MAX(s.ended_at) DESC NULLS LAST, s.cwd LIMIT ?""",
            [*params, FOLDERS],
        ),
        (f"SELECT value FROM forgotten WHERE {whose} AND what = 'session'", people),
    )
    return Question(
        statements,
        _shape,
    )


def _shape(answers: list[list[Row]]) -> Capture:
    events, clients, sessions, folders, left_out = answers
    return Capture(
        [Seen(event, int(times), int(last_at)) for event, times, last_at in events],
        next((client for (client,) in clients), None),
        {session: int(at) for session, at in sessions},
        [folder for (folder,) in folders],
        frozenset(session for (session,) in left_out),
    )
