"""Makes the messages that bring a team server up to date with what a person shares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b

import msgspec

from accrete.clock import LocalTime
from accrete.database import Database, Row
from accrete.model import Tier
from accrete.queries.leaving import (
    Shareable,
    events_known,
    first_records,
    shareable,
    stored_rows,
)
from accrete.queries.scope import Scope
from accrete.record.shared import (
    Held,
    aliases,
    compared,
    forgotten_sessions,
    found_equal,
    held,
    refusals,
    refused_by_the_other,
    refused_sessions,
    shared_sessions,
    spoken,
    unshared_elsewhere,
    versions,
)
from accrete.sync.choice import Choice
from accrete.wire.contract import Message, Shared, Table, Tombstone, rows_hash
from accrete.wire.rows import Reducer
from accrete.wire.travels import NAMES, PROGRAM, WIRE_VERSION, columns, typed

SESSIONS_MOST = 500
MESSAGE_MOST = 1 << 20
"""About how many bytes of rows a message holds; a larger session goes alone."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is to be sent of one session: a part of a message, and what to remember of each table
    when the server has taken it. change, basis: of the session when it was compared."""

    shared: Shared
    held: dict[str, Held]
    size: int
    change: int = 0
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message, and the sessions in it."""

    message: Message
    leaving: list[Leaving]


def changes(
    db: Database, scope: Scope, choice: Choice, *, whole: bool = False
) -> Iterator[Leaving]:
    """Each session of which the server does not have what is shared of it, the oldest first. Rows
    are read of the sessions that changed, or for which something else did, since the server was
    found to have all of them (decision 25); of every session with `whole`."""
    names = aliases(db, scope.person)
    refused = refused_by_the_other(db, scope.person)
    known = {} if whole else compared(db, scope.person)
    basis = _Basis(db, scope.person, choice, names)
    equal: list[tuple[str, int, str]] = []
    for session in _shared_now(db, scope, choice):
        now = (session.change, basis.of(session))
        if session.session in refused or known.get(session.session) == now:
            continue
        found = of_session(db, scope, choice, session, names)
        if found.shared.tables:
            yield replace(found, change=now[0], basis=now[1])
        else:
            equal.append((session.session, *now))
    if equal:
        with db.transaction():
            found_equal(db, scope.person, equal)


class _Basis:
    """What beside a session's rows decides what is sent of it, as a hash."""

    def __init__(self, db: Database, person: int, choice: Choice, names: dict[str, str]) -> None:
        self._choice, self._names = choice, names
        self._refused, self._versions = refused_sessions(db, person), versions(db, person)
        self._program = f"{PROGRAM}, spoken {spoken(db, person)}"

    def of(self, session: Shareable) -> str:
        program = self._versions if session.session in self._refused else self._program
        parts = (
            program, self._choice.device, self._choice.tier_of(session.project), session.zone,
            self._names.get(session.project, "") if session.project else "", self._names[""],
        )  # fmt: skip
        return blake2b(msgspec.json.encode(parts), digest_size=12).hexdigest()


def _shared_now(
    db: Database, scope: Scope, choice: Choice, *, waiting: bool = False
) -> list[Shareable]:
    """The sessions that are shared by choice: of this machine, and of another one where the person
    unshared them later. waiting: as in `shareable`."""
    elsewhere = unshared_elsewhere(db, scope.person)
    return [
        each
        for each in db.ask(shareable(scope, waiting=waiting))
        if choice.shares(each.project, each.remote)
        and (each.session not in elsewhere or choice.again(elsewhere[each.session]))
    ]


def everything(db: Database, scope: Scope, choice: Choice, most: int) -> Iterator[Shared]:
    """The newest sessions that a choice shares, whole, as if nothing had been sent."""
    names = aliases(db, scope.person)
    for session in _shared_now(db, scope, choice)[-most:]:
        found = of_session(db, scope, choice, session, names, anew=True)
        if found.shared.tables:
            yield found.shared


def of_session(
    db: Database,
    scope: Scope,
    choice: Choice,
    session: Shareable,
    names: dict[str, str],
    *,
    anew: bool = False,
) -> Leaving:
    """What changed of one session since the server last took it, or refused a part of it. anew: all
    of it."""
    version = WIRE_VERSION if anew else spoken(db, scope.person)
    known = {} if anew else held(db, scope.person, session.session)
    refused = {} if anew else refusals(db, scope.person, session.session)
    programs = versions(db, scope.person) if refused else ""
    tier = choice.tier_of(session.project)
    local, one = LocalTime(session.zone), replace(scope, session=session.session)
    agents = db.ask(first_records(one)) if tier < Tier.WORDS else {}
    tables, remember, size, whole = [], {}, 0, True
    for name in NAMES:
        raw: list[bytes] = []
        if not columns(name, Tier.WORDS, version):
            continue  # the other side does not know the table
        if columns(name, tier, version):
            reducer = Reducer(name, tier, tuple(typed(name)), local, names, agents, version)
            stored: list[Row] = db.ask(stored_rows(one, name))
            raw = [msgspec.json.encode(row) for row in reducer.rows(stored)]
        before, refusal = known.get(name), refused.get(name)
        if not raw and before is None and refusal is None:
            continue
        now = Held(tier, rows_hash(raw), len(raw), sum(map(len, raw)), choice.device)
        if refusal is not None and (refusal.tier, refusal.hash) == now[:2]:
            skipped = refusal.version == programs
        else:
            skipped = before is not None and before[:2] == now[:2]
        if skipped:
            whole = False
            continue
        size += now.byte_count
        tables.append(Table(name, now.hash, [msgspec.Raw(row) for row in raw]))
        remember[name] = now
    shared = Shared(session.session, tier, tables)
    if tables:
        shared.events = db.ask(events_known(one))
        shared.whole = whole
    return Leaving(shared, remember, size)


def taken_back(db: Database, scope: Scope, choice: Choice | None) -> list[Tombstone]:
    """The sessions that the server has, or may have, and that are not shared any more. What waits
    to be derived stays as it was sent until then."""
    sent = shared_sessions(db, scope.person)
    forgotten = sent & forgotten_sessions(db, scope.person)
    gone = [Tombstone(each, "forgotten") for each in sorted(forgotten)]
    left = sent - forgotten
    if choice is None:
        return [*gone, *(Tombstone(each, "left") for each in sorted(left))]
    kept = {each.session for each in _shared_now(db, scope, choice, waiting=True)}
    return [*gone, *(Tombstone(each, "unshared") for each in sorted(left - kept))]


def parcels(
    db: Database,
    scope: Scope,
    choice: Choice,
    now: int,
    *,
    leaving: bool = False,
    whole: bool = False,
) -> Iterator[Parcel]:
    """The messages to send, in their order: first what is taken back. leaving: all that this
    machine sent is taken back, and nothing else sent. whole: as in `changes`."""
    version = spoken(db, scope.person)
    gone = taken_back(db, scope, None if leaving else choice)
    for at in range(0, len(gone), SESSIONS_MOST):
        some = gone[at : at + SESSIONS_MOST]
        yield Parcel(Message(version, choice.device, now, gone=some), [])
    if leaving:
        return
    waiting: list[Leaving] = []
    size = 0
    for each in changes(db, scope, choice, whole=whole):
        if waiting and (size + each.size > MESSAGE_MOST or len(waiting) >= SESSIONS_MOST):
            yield parcel_of(choice, waiting, now, version)
            waiting, size = [], 0
        waiting.append(each)
        size += each.size
    if waiting:
        yield parcel_of(choice, waiting, now, version)


def parcel_of(choice: Choice, leaving: list[Leaving], now: int, version: int) -> Parcel:
    """A message of some sessions, in a version of the contract."""
    shared = [each.shared for each in leaving]
    return Parcel(Message(version, choice.device, now, sessions=shared), list(leaving))
