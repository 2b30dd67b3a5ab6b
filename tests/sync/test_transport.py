"""A server that hangs, drips or vanishes costs a bounded time, and loses nothing."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2
import pytest

from accrete.sync import transport
from accrete.sync.choice import Choice, join
from accrete.sync.transport import UnreachableError, asked, client
from tests.patience import clock_s, least

TOKEN = "acr_acme_" + "x" * 43


@contextmanager
def listening(answer: Callable[[socket.socket, threading.Event], None]) -> Iterator[Choice]:
    """A server on loopback that does with each connection what `answer` does."""
    end = threading.Event()
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(0.1)

        def serve() -> None:
            while not end.is_set():
                try:
                    one, _ = door.accept()
                except OSError:
                    continue
                held.append(one)
                threading.Thread(target=answer, args=(one, end), daemon=True).start()

        beside = threading.Thread(target=serve, daemon=True)
        beside.start()
        try:
            yield join(f"http://127.0.0.1:{door.getsockname()[1]}", TOKEN)
        finally:
            end.set()
            beside.join()
            for one in held:
                one.close()


def drip(begin: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """Sends a beginning, then a byte now and then, so that no single read ever waits long."""

    def answer(one: socket.socket, end: threading.Event) -> None:
        try:
            one.sendall(begin)
            while not end.wait(0.05):
                one.sendall(b"a")
        except OSError:
            return

    return answer


def silent(one: socket.socket, end: threading.Event) -> None:
    end.wait()


@pytest.mark.long
@pytest.mark.parametrize(
    "answer",
    [
        drip(b"HTTP/1.1 200 OK\r\nX-Long: "),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"),
        drip(b""),
        silent,
    ],
    ids=["headers", "body", "status line", "silence"],
)
@pytest.mark.parametrize("body", [b"", b"x" * (8 << 20)], ids=["a question", "8 MiB"])
def test_a_server_that_hangs_or_drips_cannot_stretch_a_request(monkeypatch, answer, body):
    monkeypatch.setattr(transport, "WHOLE_S", 0.4)
    monkeypatch.setattr(transport, "TRIES", 1)
    with listening(answer) as choice, client(choice) as http:

        def ask() -> None:
            with pytest.raises(UnreachableError, match="Nothing is lost"):
                asked(http, choice, "POST" if body else "GET", "state", body)

        assert least(lambda: clock_s(ask), 5) < 5


def test_an_endless_answer_is_not_kept(monkeypatch):
    monkeypatch.setattr(transport, "TRIES", 1)
    monkeypatch.setattr(transport, "ANSWER_MOST", 1000)

    def endless(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=b"x" * 5000)

    choice = join("http://127.0.0.1:9", TOKEN)
    with (
        httpx2.Client(transport=httpx2.MockTransport(endless)) as http,
        pytest.raises(UnreachableError),
    ):
        asked(http, choice, "GET", "state")


def test_waits_between_tries_grow_and_are_partly_chance():
    waits: list[float] = []

    def gone(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("gone")

    choice = join("http://127.0.0.1:9", TOKEN)
    with httpx2.Client(transport=httpx2.MockTransport(gone)) as http:
        for _ in range(20):
            with pytest.raises(UnreachableError):
                asked(http, choice, "GET", "state", sleep=waits.append)
    first, second = waits[::2], waits[1::2]
    assert all(1 <= each <= 2 for each in first)
    assert all(2 <= each <= 4 for each in second)
    assert len(set(waits)) == 40


@pytest.mark.parametrize("status", [301, 302, 429, 500, 503])
def test_what_is_no_answer_is_tried_later_and_a_redirect_is_not_followed(status):
    asked_at: list[str] = []

    def away(request: httpx2.Request) -> httpx2.Response:
        asked_at.append(request.url.host)
        return httpx2.Response(status, headers={"Location": "https://elsewhere.example/"})

    choice = join("http://127.0.0.1:9", TOKEN)
    with (
        httpx2.Client(transport=httpx2.MockTransport(away)) as http,
        pytest.raises(UnreachableError),
    ):
        asked(http, choice, "GET", "state", sleep=lambda s: None)
    assert asked_at == ["127.0.0.1"] * transport.TRIES


def test_a_certificate_that_is_not_trusted_is_not_called_silence(tmp_path, monkeypatch):
    monkeypatch.setattr(transport, "TRIES", 1)
    own, other = made_certificate(tmp_path / "own"), made_certificate(tmp_path / "other")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(own, own)

    def answer(one: socket.socket, end: threading.Event) -> None:
        with suppress(OSError), context.wrap_socket(one, server_side=True) as safe:
            safe.recv(1 << 16)
            safe.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with listening(answer) as plain:
        url = plain.url.replace("http:", "https:")
        for trusted in (None, other):
            choice = join(url, TOKEN, ca_file=trusted)
            with client(choice) as http, pytest.raises(UnreachableError) as said:
                asked(http, choice, "GET", "state")
            assert "does not trust the certificate" in str(said.value)
            assert "--ca-file" in str(said.value)
            assert "does not answer" not in str(said.value)
        choice = join(url, TOKEN, ca_file=own)
        with client(choice) as http:
            assert asked(http, choice, "GET", "state").body == b"ok"


def made_certificate(path: Path) -> str:
    """A certificate of 127.0.0.1 and its key, in one file."""
    key, certificate = path.with_suffix(".key"), path.with_suffix(".pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-keyout", str(key), "-out", str(certificate),
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    certificate.write_text(certificate.read_text() + key.read_text())
    return str(certificate)
