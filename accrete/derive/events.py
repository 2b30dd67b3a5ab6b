"""A session's events in order, with corrected times, and those times for the rows that depend on
them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from accrete.database import Database
from accrete.derive.moments import doubtful, misdated
from accrete.model.batch import extreme
from accrete.record import store


class Event(NamedTuple):
    """What of an event the derivation needs."""

    uuid: str
    part: int
    agent: str
    seq: int
    at: int | None
    kind: str
    name: str | None
    size: int
    message_id: str | None
    tool_use_id: str | None
    parent: str | None
    sidechain: int
    replayed: int
    misdated: int | None
    forked_from: str | None
    id: int
    """The id of its row."""

    @property
    def told(self) -> int | None:
        """The time that its line tells, whether it can be right or not."""
        return self.misdated if self.at is None else self.at


_EVENTS = (
    f"SELECT {', '.join(Event._fields)} FROM event WHERE person = ? "
    "AND session = ? ORDER BY seq, part"
)
_TEXTS = "SELECT id, text FROM event WHERE id IN ({ids}) AND ({condition})"
_AT_ONCE = (1, 8, 50, 400)
"""How many rows one statement asks for: the last ones are filled up, so that few statements are
prepared and remembered."""
_LAST_READ = "SELECT MAX(read_at) FROM source_file WHERE person = ? AND session = ?"
_OF_SEVERAL_READ = "SELECT MAX(read_at) FROM source_file WHERE person = ? AND session IS NULL"
_NEVER_READ = 1 << 62
"""Where no file is known any more: nothing can be said to be ahead of its reading."""


@dataclass(slots=True)
class Redated:
    """What the rows of misdated records, and of records whose time was given back, have for a time
    now."""

    prompts: dict[str, int | None] = field(default_factory=dict)
    """uuid -> its time"""
    responses: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    """message id -> its first and its last time"""
    calls: dict[tuple[str, str], int | None] = field(default_factory=dict)
    """(message id, tool-use id) -> its time"""
    results: frozenset[str] = frozenset()
    """uuids of results without a time"""


def dated_events(db: Database, person: int, session: str) -> tuple[list[Event], Redated]:
    """A session's events in order. Times that cannot be right are moved from `at` to `misdated`,
    and back where lines read since then speak for them."""
    events = [Event(*row) for row in db.run(_EVENTS, (person, session))]
    told = [event.told for event in events]
    known = [at for at in told if at is not None]
    read_at = _last_read(db, person, session)
    doubt = doubtful(known, read_at)
    if not doubt and all(event.misdated is None for event in events):
        return events, Redated()
    lines: dict[str, list[int | None]] = defaultdict(list)
    places = []
    for event, at in zip(events, told, strict=True):
        places.append((event.agent, len(lines[event.agent])))
        lines[event.agent].append(at)
    wrong = misdated(lines, read_at) if doubt else set()
    judged = [
        event._replace(at=None if place in wrong else at, misdated=at if place in wrong else None)
        for event, at, place in zip(events, told, places, strict=True)
    ]
    store.update_rows(
        db,
        "event",
        ("person", "session", "agent", "uuid", "part"),
        ("at", "misdated"),
        [
            (new.at, new.misdated, person, session, new.agent, new.uuid, new.part)
            for new, old in zip(judged, events, strict=True)
            if new != old
        ],
    )
    touched = {e.uuid for e in (*events, *judged) if e.misdated is not None}
    return judged, _redated(judged, touched)


def texts_of(db: Database, events: Iterable[Event], condition: str) -> dict[int, str | None]:
    """The texts of those of these events for which a condition of SQL holds, by the ids of their
    rows. Of a long session few events are asked for their text: only their pages are read."""
    ids = [event.id for event in events]
    texts: dict[int, str | None] = {}
    for at in range(0, len(ids), _AT_ONCE[-1]):
        some = ids[at : at + _AT_ONCE[-1]]
        some += some[-1:] * (next(n for n in _AT_ONCE if n >= len(some)) - len(some))
        sql = _TEXTS.format(ids=", ".join("?" * len(some)), condition=condition)
        texts.update(db.run(sql, some))
    return texts


def _last_read(db: Database, person: int, session: str) -> int:
    """When the session was last read; of one that shares its file, when such a file was. Never what
    its own records say:
    they are what is judged."""
    ((read_at,),) = db.run(_LAST_READ, (person, session))
    if read_at is None:
        ((read_at,),) = db.run(_OF_SEVERAL_READ, (person,))
    return read_at if read_at is not None else _NEVER_READ


def _redated(events: list[Event], touched: set[str]) -> Redated:
    """The times of everything that one of the records `touched` tells of."""
    messages = {e.message_id for e in events if e.uuid in touched and e.message_id is not None}
    found = Redated(results=frozenset(e.uuid for e in events if e.misdated is not None))
    for e in events:
        if e.uuid in touched and not e.agent:
            found.prompts.setdefault(e.uuid, e.at)
        if e.message_id is not None and e.message_id in messages:
            first, last = found.responses.get(e.message_id, (None, None))
            found.responses[e.message_id] = (extreme(min, first, e.at), extreme(max, last, e.at))
            if e.kind == "tool_call" and e.tool_use_id is not None:
                key = (e.message_id, e.tool_use_id)
                found.calls[key] = extreme(min, found.calls.get(key), e.at)
    return found
