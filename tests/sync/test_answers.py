"""What is done for each answer of a server: tried again, given up, or told."""

from __future__ import annotations

import httpx2
import msgspec
import pytest

from accrete.errors import AccreteError
from accrete.sync import transport
from accrete.sync.choice import join
from accrete.sync.transport import (
    ANSWER_MOST,
    TRIES,
    WAIT_S,
    NotTakenError,
    UnreachableError,
    asked,
    read,
)
from accrete.wire.contract import WIRE_VERSION, Receipt

CHOICE = join("https://team.example", "acr_acme_" + "x" * 43)
TAKEN = msgspec.json.encode(Receipt(WIRE_VERSION))


def posted(*answers: tuple[int, bytes]) -> tuple[Receipt | AccreteError, int, list[float]]:
    """What came of a message where the server answers so, the last one ever after: the receipt or
    the fault, how many requests there were, and the waits between them."""
    requests: list[httpx2.Request] = []
    waits: list[float] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        status, body = answers[min(len(requests), len(answers)) - 1]
        return httpx2.Response(status, content=body)

    with httpx2.Client(transport=httpx2.MockTransport(answer)) as http:
        try:
            got = asked(http, CHOICE, "POST", "sync", b"body", packed=True, sleep=waits.append)
            came: Receipt | AccreteError = read(CHOICE, got, Receipt)
        except AccreteError as error:
            came = error
    assert all(request.method == "POST" for request in requests)
    return came, len(requests), waits


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (401, AccreteError, "does not take this machine's token"),
        (403, AccreteError, "does not take this machine's token"),
        (400, NotTakenError, "does not take it (400)"),
        (413, NotTakenError, "does not take it (413)"),
        (426, AccreteError, "has to be upgraded"),
    ],
)
def test_what_asking_again_would_not_change_is_told_at_once(status, kind, said):
    came, requests, waits = posted((status, b""))
    assert type(came) is kind
    assert said in str(came)
    assert (requests, waits) == (1, [])


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (302, b"", "says 302"),
        (503, b"", "(503)"),
        (200, b"x" * (ANSWER_MOST + 1), "does not come to an end"),
    ],
)
def test_what_may_pass_is_tried_again_later_and_later(status, body, said):
    came, requests, waits = posted((status, body))
    assert isinstance(came, UnreachableError)
    assert said in str(came)
    assert requests == TRIES
    assert [WAIT_S * 2**n * 0.5 <= wait <= WAIT_S * 2**n for n, wait in enumerate(waits, 1)] == (
        [True] * (TRIES - 1)
    )


def test_what_is_no_answer_of_a_team_server_is_told_at_once():
    came, requests, _ = posted((200, b"<html>"))
    assert isinstance(came, UnreachableError)
    assert ("is no team server" in str(came), requests) == (True, 1)


def test_an_answer_after_a_fault_counts():
    came, requests, waits = posted((503, b""), (200, TAKEN))
    assert isinstance(came, Receipt)
    assert (requests, len(waits)) == (2, 1)
    assert isinstance(posted((200, TAKEN + b" " * (ANSWER_MOST - len(TAKEN))))[0], Receipt)


@pytest.mark.parametrize(("chance", "part"), [(0.0, 0.5), (0.5, 0.75), (1.0, 1.0)])
def test_the_wait_before_another_try_doubles(monkeypatch, chance, part):
    monkeypatch.setattr(transport.random, "random", lambda: chance)
    came, requests, waits = posted((503, b""))
    assert isinstance(came, UnreachableError)
    assert requests == TRIES
    assert waits == [part * WAIT_S * 2 * 2**n for n in range(TRIES - 1)]


def test_what_a_client_does_and_does_not(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:1")
    with transport.client(CHOICE) as http:
        assert http.timeout == httpx2.Timeout(30, connect=5)
        assert (http.follow_redirects, http.trust_env) == (False, False)
        assert http.headers["authorization"] == f"Bearer {CHOICE.token}"
    assert (TRIES, WAIT_S, transport.WHOLE_S) == (3, 1, 60)


def test_certificates_that_are_none_are_said(tmp_path):
    for path in (tmp_path / "none.pem", tmp_path / "empty.pem"):
        if path.name == "empty.pem":
            path.write_text("no certificate")
        choice = join("https://team.example", CHOICE.token, ca_file=str(path))
        with pytest.raises(AccreteError, match=f"{path.name} holds no certificates"):
            transport.client(choice)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (299, ""),
        (300, "https://team.example says 300. What waits is sent later."),
        (404, ""),
        (423, "acme is archived and takes nothing new: ask your administrator (423). What waits"),
        (429, "https://team.example asks this machine to slow down (429). What waits"),
        (500, "says 500"),
        (503, "https://team.example cannot take anything of acme now (503). What waits"),
    ],
)
def test_an_answer_is_one_or_says_what_it_means(status, said):
    came, _, _ = posted((status, TAKEN))
    if not said:
        assert isinstance(came, Receipt)
        return
    assert isinstance(came, UnreachableError)
    assert said in str(came)


@pytest.mark.parametrize(
    ("body", "packed", "headers"),
    [(b"", False, (None, None)), (b"{}", False, ("application/json", None)),
     (b"x", True, ("application/json", "gzip"))],
)  # fmt: skip
def test_a_request_says_what_it_carries(body, packed, headers):
    came: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        came.append(request)
        return httpx2.Response(200)

    with httpx2.Client(transport=httpx2.MockTransport(answer)) as http:
        asked(http, CHOICE, "POST", "state", body, packed=packed)
    (request,) = came
    assert str(request.url) == "https://team.example/c/acme/api/v1/state"
    assert (request.headers.get("content-type"), request.headers.get("content-encoding")) == headers
    assert request.content == body


def test_a_request_that_fails_in_another_way_fails_so():
    def broken(request: httpx2.Request) -> httpx2.Response:
        raise RuntimeError("a mistake of ours")

    with (
        httpx2.Client(transport=httpx2.MockTransport(broken)) as http,
        pytest.raises(RuntimeError, match="a mistake of ours"),
    ):
        asked(http, CHOICE, "GET", "state")


def test_what_comes_in_pieces_without_an_end_is_left(monkeypatch):
    moments = iter([0.0, 30.0, 60.0, 60.5, 1e9])
    pieces = 0

    def drip():
        nonlocal pieces
        for _ in range(4):
            pieces += 1
            yield b" "

    monkeypatch.setattr(transport.time, "monotonic", lambda: next(moments))
    monkeypatch.setattr(transport, "TRIES", 1)
    with (
        httpx2.Client(
            transport=httpx2.MockTransport(lambda request: httpx2.Response(200, content=drip()))
        ) as http,
        pytest.raises(UnreachableError, match="does not come to an end"),
    ):
        asked(http, CHOICE, "GET", "state")
    assert pieces == 3
