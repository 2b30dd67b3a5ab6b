"""Makes the messages that bring a team server up to date with what a person shares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import msgspec

from accrete.clock import LocalTime
from accrete.database import Database, Row
from accrete.queries.leaving import Shareable, shareable, stored_rows
from accrete.queries.scope import Scope
from accrete.record.shared import (
    Held,
    aliases,
    forgotten_sessions,
    held,
    refused_by_the_other,
    shared_sessions,
)
from accrete.sync.choice import Choice
from accrete.wire.contract import Message, Shared, Table, Tombstone, rows_hash
from accrete.wire.rows import Reducer
from accrete.wire.travels import NAMES, WIRE_VERSION, columns, typed

SESSIONS_MOST = 500
MESSAGE_MOST = 1 << 20
"""About how many bytes of rows a message holds; a larger session goes alone."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is to be sent of one session: a part of a message, and what to remember of each table
    when the server has taken it."""

    shared: Shared
    held: dict[str, Held]
    size: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message, and the sessions in it."""

    message: Message
    leaving: list[Leaving]


def changes(db: Database, scope: Scope, choice: Choice) -> Iterator[Leaving]:
    """Each session of which the server does not have what is shared of it, the oldest first."""
    names = aliases(db, scope.person)
    refused = refused_by_the_other(db, scope.person)
    for session in db.ask(shareable(scope)):
        if choice.shares(session.project) and session.session not in refused:
            found = of_session(db, scope, choice, session, names)
            if found.shared.tables:
                yield found


def of_session(
    db: Database, scope: Scope, choice: Choice, session: Shareable, names: dict[str, str]
) -> Leaving:
    """What changed of one session since the server last took it."""
    known = held(db, scope.person, session.session)
    local, one = LocalTime(session.zone), replace(scope, session=session.session)
    tables, remember, size = [], {}, 0
    for name in NAMES:
        raw: list[bytes] = []
        if columns(name, choice.tier):
            reducer = Reducer(name, choice.tier, tuple(typed(name)), local, names)
            stored: list[Row] = db.ask(stored_rows(one, name))
            raw = [msgspec.json.encode(row) for row in reducer.rows(stored)]
        before = known.get(name)
        if not raw and before is None:
            continue
        now = Held(choice.tier, rows_hash(raw), len(raw), choice.device)
        if before is not None and before[:2] == now[:2]:
            continue
        size += sum(map(len, raw))
        tables.append(Table(name, now.hash, [msgspec.Raw(row) for row in raw]))
        remember[name] = now
    return Leaving(Shared(session.session, choice.tier, tables), remember, size)


def taken_back(db: Database, scope: Scope, choice: Choice | None) -> list[Tombstone]:
    """The sessions that the server has, or may have, and that are not shared any more."""
    sent = shared_sessions(db, scope.person)
    forgotten = sent & forgotten_sessions(db, scope.person)
    gone = [Tombstone(each, "forgotten") for each in sorted(forgotten)]
    left = sent - forgotten
    if choice is None:
        return [*gone, *(Tombstone(each, "left") for each in sorted(left))]
    kept = {each.session for each in db.ask(shareable(scope)) if choice.shares(each.project)}
    return [*gone, *(Tombstone(each, "unshared") for each in sorted(left - kept))]


def parcels(db: Database, scope: Scope, choice: Choice, now: int) -> Iterator[Parcel]:
    """The messages to send, in their order: first what is taken back."""
    gone = taken_back(db, scope, choice)
    for at in range(0, len(gone), SESSIONS_MOST):
        some = gone[at : at + SESSIONS_MOST]
        yield Parcel(Message(WIRE_VERSION, choice.device, now, gone=some), [])
    waiting: list[Leaving] = []
    size = 0
    for each in changes(db, scope, choice):
        if waiting and (size + each.size > MESSAGE_MOST or len(waiting) >= SESSIONS_MOST):
            yield parcel_of(choice, waiting, now)
            waiting, size = [], 0
        waiting.append(each)
        size += each.size
    if waiting:
        yield parcel_of(choice, waiting, now)


def parcel_of(choice: Choice, leaving: list[Leaving], now: int) -> Parcel:
    """A message of some sessions."""
    shared = [each.shared for each in leaving]
    return Parcel(Message(WIRE_VERSION, choice.device, now, sessions=shared), list(leaving))
