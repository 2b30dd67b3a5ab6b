"""Stores the owners of a cluster's records: only what differs from what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from accrete.database import Database
from accrete.derive.clusters import CAPTURED, KEYS_AT_ONCE, asked, slices
from accrete.derive.moments import TOLD
from accrete.record import store


class Record(NamedTuple):
    """What settling reads of one event."""

    uuid: str
    agent: str
    at: int | None
    replayed: int
    message_id: str | None
    sidechain: int


_RECORDS = (
    f"SELECT {', '.join(TOLD if name == 'at' else name for name in Record._fields)} FROM event "
    "WHERE person = ? AND session = ?"
)
_PROMPTS = (
    f"SELECT p.uuid, p.replayed FROM prompt p WHERE p.person = ? AND p.session = ? AND {CAPTURED}"
)


def records_of(db: Database, person: int, session: str) -> list[Record]:
    """The events of a session."""
    return [Record(*row) for row in db.run(_RECORDS, (person, session))]


class Placing:
    """Writes the owners of what sessions hold, one session after the other, then those of
    responses.

    `prompts` and `messages` are the owners by id; `changed` are the sessions in which something
    differed.
    """

    def __init__(
        self, db: Database, person: int, prompts: Mapping[str, str], messages: Mapping[str, str]
    ) -> None:
        self._db, self._person = db, person
        self._prompts, self._messages = prompts, messages
        self._agents: dict[str, tuple[int, str]] = {}
        self.changed: set[str] = set()

    def mark(self, session: str, records: Iterable[Record], owners: Mapping[str, str]) -> None:
        """Marks which of the session's records and prompts another owns; records without an owner
        in `owners`, by uuid, are left as they are."""
        marked = set()
        for each in records:
            owner = owners.get(each.uuid)
            replayed = each.replayed if owner is None else int(owner != session)
            if replayed != each.replayed:
                marked.add((replayed, self._person, session, each.agent, each.uuid))
            if each.message_id is not None and self._messages.get(each.message_id) == session:
                place = (each.sidechain, each.agent)
                self._agents[each.message_id] = min(place, self._agents.get(each.message_id, place))
        store.update_rows(
            self._db, "event", ("person", "session", "agent", "uuid"), ("replayed",), sorted(marked)
        )
        prompts = [
            (int(self._prompts[uuid] != session), self._person, session, uuid)
            for uuid, was in self._db.run(_PROMPTS, (self._person, session))
            if uuid in self._prompts and (self._prompts[uuid] != session) != bool(was)
        ]
        store.update_rows(self._db, "prompt", ("person", "session", "uuid"), ("replayed",), prompts)
        if marked or prompts:
            self.changed.add(session)

    def place_responses(self) -> None:
        """Gives responses and their calls to the sessions that own them. Those have to be marked
        before."""
        for table in ("response", "tool_call"):
            placed = set()
            sql = (
                f"SELECT DISTINCT message_id, session, agent FROM {table} WHERE person = ? "
                f"AND message_id IN ({{marks}})"
            )
            for some in slices(sorted(self._messages), KEYS_AT_ONCE):
                for message_id, *was in asked(self._db, self._person, sql, some):
                    now = [self._messages[message_id], self._agents[message_id][1]]
                    if was != now:
                        placed.add((*now, self._person, message_id))
                        self.changed.update((was[0], now[0]))
            store.update_rows(
                self._db, table, ("person", "message_id"), ("session", "agent"), sorted(placed)
            )
