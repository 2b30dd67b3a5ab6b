"""Sends messages to a team server, and remembers what it took."""

from __future__ import annotations

import gzip
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx2
import msgspec

from accrete.database import Database
from accrete.queries.scope import Scope
from accrete.record import shared
from accrete.record.shared import Refusal
from accrete.sync.choice import Choice
from accrete.sync.prepare import Leaving, Parcel, parcel_of, parcels
from accrete.sync.transport import NotTakenError, UnreachableError, asked, client, read
from accrete.wire.contract import Erased, Fault, Message, Receipt, Turn
from accrete.wire.travels import NUMBERED

__all__ = ["NotTakenError", "Sent", "UnreachableError", "packed", "send"]


WHOLE_EVERY_MS = 7 * 24 * 3_600_000
"""How often a sync compares every session, whatever is known to have changed."""
ROUNDS = 2
"""How often a sync goes over what changed: once more where the server wants sessions again."""


@dataclass(slots=True)
class Sent:
    """What a sync did. refused: rows that the server did not take, and why; erased: when what was
    taken back is gone there; wanted: sessions that it still wants again; outdated: those of which
    it had heard something newer of this machine: the next sync compares them again."""

    messages: int = 0
    sessions: int = 0
    tables: int = 0
    bytes: int = 0
    taken_back: int = 0
    refused: list[Fault] = field(default_factory=list)
    erased: Erased | None = None
    wanted: int = 0
    outdated: int = 0


class Numbers:
    """The numbers of the messages of one sync, each larger than the last. The server hands them out
    when the first is needed: this machine keeps none, so no restored or copied folder has an old
    one (decision 26). A server of an older version has none."""

    def __init__(self, choice: Choice, http: httpx2.Client, sleep: Callable[[float], None]) -> None:
        self._choice, self._http, self._sleep = choice, http, sleep
        self._next = 0

    def of(self, message: Message) -> int:
        """The number of a message that is about to leave; 0 in a version without. Raises as `asked`
        does."""
        if message.wire < NUMBERED:
            return 0
        if not self._next:
            answer = asked(self._http, self._choice, "POST", "turn", sleep=self._sleep)
            if answer.status == 404:
                raise UnreachableError(f"{self._choice.url} is no team server of Accrete.")
            self._next = read(self._choice, answer, Turn).number
        self._next += 1
        return self._next - 1


def packed(message: Message) -> bytes:
    """A message as it leaves: compressed JSON, always the same bytes for the same message. At 5 a
    hundredth more bytes than at 6, for three quarters of the work."""
    return gzip.compress(msgspec.json.encode(message), 5, mtime=0)


def send(
    db: Database,
    scope: Scope,
    choice: Choice,
    *,
    leaving: bool = False,
    whole: bool = False,
    http: httpx2.Client | None = None,
    now: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    sleep: Callable[[float], None] = time.sleep,
) -> Sent:
    """Sends all that changed; what the server took is remembered message by message, so that a
    sync that breaks off goes on where it was. leaving: takes back all that this machine sent.
    whole: compares every session, as it also does after WHOLE_EVERY_MS.
    Raises UnreachableError when the server does not answer, AccreteError when it refuses this
    machine."""
    done = Sent()
    own = client(choice) if http is None else http
    began = now()
    numbers = Numbers(choice, own, sleep)
    last = shared.compared_whole_at(db, scope.person)
    whole = whole or not 0 <= began - last < WHOLE_EVERY_MS
    try:
        for again in range(ROUNDS):
            done.wanted = 0
            every = whole and not again
            for parcel in parcels(db, scope, choice, now(), leaving=leaving, whole=every):
                _send(db, scope.person, choice, own, parcel, numbers, now, sleep, done)
            if every and not leaving:
                with db.transaction():
                    shared.set_compared_whole_at(db, scope.person, began)
            if not done.wanted:
                break
    finally:
        if http is None:
            own.close()
    return done


def _send(
    db: Database,
    person: int,
    choice: Choice,
    http: httpx2.Client,
    parcel: Parcel,
    numbers: Numbers,
    now: Callable[[], int],
    sleep: Callable[[float], None],
    done: Sent,
) -> None:
    """One message. Where the server does not take it, its sessions go one by one, and the one that
    it refuses is left out by name: it keeps no other back."""
    parcel.message.number = numbers.of(parcel.message)
    body = packed(parcel.message)
    sessions = [each.shared.session for each in parcel.leaving]
    tables = [(each.shared.session, name) for each in parcel.leaving for name in each.held]
    with db.transaction():
        shared.about_to_send(db, person, tables, choice.device, now())
    try:
        answer = asked(http, choice, "POST", "sync", body, packed=True, sleep=sleep)
        if answer.status == 404:
            raise UnreachableError(f"{choice.url} is no team server of Accrete.")
        receipt = read(choice, answer, Receipt)
    except NotTakenError as error:
        if not parcel.leaving:
            raise
        if len(parcel.leaving) == 1:
            fault = Fault(sessions[0], "", 0, str(error))
            with db.transaction():
                _refuse(db, person, parcel.leaving[0], [fault], now())
            done.refused.append(fault)
            return
        for each in parcel.leaving:
            alone = parcel_of(choice, [each], now(), parcel.message.wire)
            _send(db, person, choice, http, alone, numbers, now, sleep, done)
        return
    done.messages += 1
    done.bytes += len(body)
    _remember(db, person, parcel, receipt, now(), done)


def _remember(
    db: Database, person: int, parcel: Parcel, receipt: Receipt, now: int, done: Sent
) -> None:
    taken = {(each.session, each.table, each.hash) for each in receipt.kept}
    with db.transaction():
        for leaving in parcel.leaving:
            done.sessions += 1
            session = leaving.shared.session
            found = [name for name, what in leaving.held.items()
                     if (session, name, what.hash) in taken]  # fmt: skip
            for name in found:
                done.tables += 1
                shared.acknowledge(db, person, session, name, leaving.held[name], now)
            faults = [each for each in receipt.refused if each.session == session]
            _refuse(db, person, leaving, faults, now)
            if len(found) == len(leaving.held) and not faults:
                shared.found_equal(db, person, [(session, leaving.change, leaving.basis)])
        for gone in receipt.gone:
            shared.told(db, person, gone.session, gone.why, now)
            done.taken_back += gone.why != "again"
            done.wanted += gone.why == "again"
    done.refused += receipt.refused
    done.outdated += len(receipt.outdated)
    done.erased = receipt.erased or done.erased


def _refuse(db: Database, person: int, leaving: Leaving, faults: list[Fault], now: int) -> None:
    """Remembers by table and reason what was refused of a session, so that it is not sent again
    until it or a program changes."""
    version = shared.versions(db, person)
    for name, what in leaving.held.items():
        rows: Counter[str] = Counter()
        for each in faults:
            if each.table == name and each.row < what.row_count:
                rows[_plain(each.why)] += 1
            elif not each.table:
                rows[_plain(each.why)] = what.row_count
        found = [Refusal(why, count, what.tier, what.hash, version) for why, count in rows.items()]
        shared.refuse(db, person, leaving.shared.session, name, found, now)


def _plain(why: str) -> str:
    """A reason as it is kept and shown: the server's words, on one line."""
    return "".join(each if each.isprintable() else " " for each in why)[:200].strip() or "no reason"
