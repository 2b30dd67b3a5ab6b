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
from accrete.sync.prepare import Parcel, parcels
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


def client(choice: Choice) -> httpx2.Client:
    """A client for a server: the system's certificates and those of the choice, no redirect, no
    proxy and no other address."""
    context: ssl.SSLContext | bool = True
    if choice.ca_file:
        context = ssl.create_default_context(cafile=choice.ca_file)
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
            body = packed(parcel.message)
            receipt = _post(own, choice, body, sleep)
            done.messages += 1
            done.bytes += len(body)
            _remember(db, scope.person, parcel, receipt, now(), done)
    finally:
        if http is None:
            own.close()
    return done


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
        done.taken_back += shared.told(db, person, [each.session for each in receipt.gone], now)
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
    if answer.status_code == 426:
        raise AccreteError(f"{choice.url} speaks a newer language. Upgrade Accrete.")
    if answer.status_code >= 400:
        raise UnreachableError(f"{choice.url} says {answer.status_code}. What waits is sent later.")
    try:
        return msgspec.json.decode(bytes(said), type=Receipt)
    except msgspec.DecodeError:
        raise UnreachableError(f"{choice.url} is no team server of Accrete.") from None
