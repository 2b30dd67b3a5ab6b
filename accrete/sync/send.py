"""Sends messages to a team server, and remembers what it took."""

from __future__ import annotations

import gzip
import random
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx2
import msgspec

from accrete.database import Database
from accrete.errors import AccreteError
from accrete.queries.scope import Scope
from accrete.record import shared
from accrete.sync.choice import Choice
from accrete.sync.prepare import Parcel, parcel_of, parcels
from accrete.wire.contract import Fault, Message, Receipt

CONNECT_S, ANSWER_S = 5.0, 30.0
WHOLE_S = 60.0
"""How long one message may take in all, however slowly the server answers."""
TRIES = 3
WAIT_S = 1.0
ANSWER_MOST = 4 << 20


@dataclass(slots=True)
class Sent:
    """What a sync did. refused: rows that the server did not take, and why."""

    messages: int = 0
    sessions: int = 0
    tables: int = 0
    bytes: int = 0
    taken_back: int = 0
    refused: list[Fault] = field(default_factory=list)


class UnreachableError(AccreteError):
    """The server does not answer, or not as one; what waits is sent later."""


class NotTakenError(AccreteError):
    """The server does not take this message, and will not take it again."""


def client(choice: Choice) -> httpx2.Client:
    """A client for a server: the system's certificates and those of the choice, no redirect, no
    proxy and no other address."""
    context: ssl.SSLContext | bool = True
    if choice.ca_file:
        try:
            context = ssl.create_default_context()
            context.load_verify_locations(choice.ca_file)
        except OSError as error:
            raise AccreteError(f"{choice.ca_file} holds no certificates ({error}).") from None
    limits = httpx2.Timeout(ANSWER_S, connect=CONNECT_S)
    return httpx2.Client(
        verify=context, timeout=limits, follow_redirects=False, trust_env=False,
        headers={"Authorization": f"Bearer {choice.token}"},
    )  # fmt: skip


def packed(message: Message) -> bytes:
    """A message as it leaves: compressed JSON, always the same bytes for the same message."""
    return gzip.compress(msgspec.json.encode(message), 6, mtime=0)


def send(
    db: Database,
    scope: Scope,
    choice: Choice,
    *,
    http: httpx2.Client | None = None,
    now: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    sleep: Callable[[float], None] = time.sleep,
) -> Sent:
    """Sends all that changed; what the server took is remembered message by message, so that a
    sync that breaks off goes on where it was. Raises UnreachableError when the server does not
    answer, AccreteError when it refuses this machine."""
    done = Sent()
    own = client(choice) if http is None else http
    try:
        for parcel in parcels(db, scope, choice, now()):
            _send(db, scope.person, choice, own, parcel, now, sleep, done)
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
    now: Callable[[], int],
    sleep: Callable[[float], None],
    done: Sent,
) -> None:
    """One message. Where the server does not take it, its sessions go one by one, and the one that
    it refuses is left out by name: it keeps no other back."""
    body = packed(parcel.message)
    sessions = [each.shared.session for each in parcel.leaving]
    with db.transaction():
        shared.about_to_send(db, person, sessions, choice.device, now())
    try:
        receipt = _post(http, choice, body, sleep)
    except NotTakenError as error:
        if not parcel.leaving:
            raise
        if len(parcel.leaving) == 1:
            done.refused.append(Fault(sessions[0], "", 0, str(error)))
            return
        for each in parcel.leaving:
            alone = parcel_of(choice, [each], now())
            _send(db, person, choice, http, alone, now, sleep, done)
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
            for name, what in leaving.held.items():
                if (session, name, what.hash) in taken:
                    done.tables += 1
                    shared.acknowledge(db, person, session, name, what, now)
        for gone in receipt.gone:
            shared.told(db, person, gone.session, gone.why, now)
            done.taken_back += gone.why != "again"
    done.refused += receipt.refused


def _post(
    http: httpx2.Client, choice: Choice, body: bytes, sleep: Callable[[float], None]
) -> Receipt:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    for attempt in range(TRIES):
        if attempt:
            sleep(WAIT_S * 2**attempt * (0.5 + random.random() / 2))  # noqa: S311
        try:
            return _once(http, choice, body, headers)
        except UnreachableError:
            if attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _once(http: httpx2.Client, choice: Choice, body: bytes, headers: dict[str, str]) -> Receipt:
    began = time.monotonic()
    try:
        with http.stream("POST", choice.endpoint, content=body, headers=headers) as answer:
            said = bytearray()
            for piece in answer.iter_bytes():
                said += piece
                if len(said) > ANSWER_MOST or time.monotonic() - began > WHOLE_S:
                    raise UnreachableError(f"{choice.url} does not come to an end. Try later.")
    except httpx2.HTTPError as error:
        raise UnreachableError(
            f"{choice.url} does not answer ({error}). Nothing is lost."
        ) from None
    if answer.status_code in (401, 403):
        raise AccreteError(
            f"{choice.url} does not take this machine's token. Ask your administrator for a new "
            "one, and join again. Nothing is lost."
        )
    if answer.status_code in (400, 413):
        raise NotTakenError(f"the server does not take it ({answer.status_code})")
    if answer.status_code == 426:
        raise AccreteError(f"{choice.url} is older than this Accrete. It has to be upgraded.")
    if answer.status_code >= 400:
        raise UnreachableError(f"{choice.url} says {answer.status_code}. What waits is sent later.")
    try:
        return msgspec.json.decode(bytes(said), type=Receipt)
    except msgspec.DecodeError:
        raise UnreachableError(f"{choice.url} is no team server of Accrete.") from None
