"""Requests to a team server: each to its end within a time, whatever the server does."""

from __future__ import annotations

import random
import ssl
import threading
import time
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import httpx2
import msgspec

from accrete.errors import AccreteError
from accrete.sync.choice import Choice

CONNECT_S, ANSWER_S = 5.0, 30.0
WHOLE_S = 60.0
"""How long one request may take in all, however slowly the server answers."""
TRIES = 3
WAIT_S = 1.0
ANSWER_MOST = 4 << 20
UNTRUSTED = "certificate verify failed"
"""What OpenSSL says of a certificate that nobody known has issued, or of another server's."""
PACKED = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
T = TypeVar("T")


class UnreachableError(AccreteError):
    """The server does not answer, or not as one; what waits is sent later."""


class NotTakenError(AccreteError):
    """The server does not take this message, and will not take it again."""


class Answer(NamedTuple):
    """What a server said."""

    status: int
    body: bytes


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


def asked(
    http: httpx2.Client,
    choice: Choice,
    method: str,
    what: str,
    body: bytes = b"",
    *,
    packed: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Answer:
    """A request to the company's `what`, tried TRIES times. Raises UnreachableError when the server
    does not answer, NotTakenError for a message that it does not take, AccreteError when it refuses
    this machine. 404 is an answer: the server may be older."""
    for attempt in range(TRIES):
        if attempt:
            sleep(WAIT_S * 2**attempt * (0.5 + random.random() / 2))  # noqa: S311
        try:
            return _checked(choice, _once(http, choice, method, what, body, packed))
        except UnreachableError:
            if attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def read(choice: Choice, answer: Answer, kind: type[T]) -> T:
    """An answer of a kind. Raises UnreachableError for another."""
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise UnreachableError(f"{choice.url} is no team server of Accrete.") from None


_SAYS = {
    423: "{company} is archived and takes nothing new: ask your administrator",
    429: "{url} asks this machine to slow down",
    503: "{url} cannot take anything of {company} now",
}
"""What is said of answers that mean something to a person."""


def _checked(choice: Choice, answer: Answer) -> Answer:
    if answer.status in (401, 403):
        raise AccreteError(
            f"{choice.url} does not take this machine's token. Ask your administrator for a new "
            "one, and join again. Nothing is lost."
        )
    if answer.status in (400, 413):
        raise NotTakenError(f"the server does not take it ({answer.status})")
    if answer.status == 426:
        raise AccreteError(f"{choice.url} is older than this Accrete. It has to be upgraded.")
    if (said := _SAYS.get(answer.status)) is not None:
        raise UnreachableError(
            said.format(company=choice.company, url=choice.url)
            + f" ({answer.status}). What waits is sent later."
        )
    if answer.status >= 300 and answer.status != 404:
        raise UnreachableError(f"{choice.url} says {answer.status}. What waits is sent later.")
    return answer


def _once(
    http: httpx2.Client, choice: Choice, method: str, what: str, body: bytes, packed: bool
) -> Answer:
    """One request. A read of a client has a time limit of its own, which a server that sends a byte
    now and then never meets: so all of it runs beside, and is left behind when its time is up."""
    done: list[Answer | BaseException] = []

    def work() -> None:
        try:
            done.append(_whole(http, choice, method, what, body, packed))
        except BaseException as error:  # raised again where it is waited for
            done.append(error)

    beside = threading.Thread(target=work, daemon=True)
    beside.start()
    beside.join(WHOLE_S)
    if not done:
        raise UnreachableError(f"{choice.url} does not come to an end. Nothing is lost.")
    if isinstance(done[0], httpx2.HTTPError) and UNTRUSTED in str(done[0]):
        why = str(done[0]).partition(f"{UNTRUSTED}: ")[2].partition(" (_ssl")[0]
        raise UnreachableError(
            f"This machine does not trust the certificate of {choice.url} ({why}). If your company "
            "issues its own, join with --ca-file and the issuer's certificate. Nothing is lost."
        )
    if isinstance(done[0], httpx2.HTTPError):
        raise UnreachableError(f"{choice.url} does not answer ({done[0]}). Nothing is lost.")
    if isinstance(done[0], BaseException):
        raise done[0]
    return done[0]


def _whole(
    http: httpx2.Client, choice: Choice, method: str, what: str, body: bytes, packed: bool
) -> Answer:
    began, said = time.monotonic(), bytearray()
    headers = PACKED if packed else {"Content-Type": "application/json"} if body else {}
    address = f"{choice.address}/{what}"
    with http.stream(method, address, content=body or None, headers=headers) as answer:
        for piece in answer.iter_bytes():
            said += piece
            if len(said) > ANSWER_MOST or time.monotonic() - began > WHOLE_S:
                raise UnreachableError(f"{choice.url} does not come to an end. Nothing is lost.")
    return Answer(answer.status_code, bytes(said))
