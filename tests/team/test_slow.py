"""Who is slow holds a connection for a bounded time and bounded memory; others are served."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import ExitStack, closing

import httpx2
import pytest
from accrete_team import held
from accrete_team.patience import Patience
from starlette.responses import StreamingResponse
from starlette.routing import Route

from accrete.database import Question
from tests.queries.test_reading import LONG
from tests.team.served import Served
from tests.team.signed import a_person, signed_in

LONGEST_S = 60
"""How long a test waits for what comes at once: the machine may be busy."""
PIECE = b"x" * 65_536
HEAD = b"Host: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\n"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A server that is impatient. `sent`: the pieces of endless answers that were asked for."""
    limits = Patience(head_s=0.5, body_s=0.5, reader_s=0.5, connections=40)
    made = Served(tmp_path_factory.mktemp("slow"), limits=limits)
    made.sent, made.ended = [], threading.Event()

    async def endless(request):
        async def pieces():
            try:
                while True:
                    made.sent.append(1)
                    yield PIECE
                    await asyncio.sleep(0)  # as whoever reads a file does
            finally:
                made.ended.set()

        return StreamingResponse(pieces())

    made.app.router.routes.insert(0, Route("/endless", endless))
    yield made
    made.close()


def connected(served) -> socket.socket:
    return socket.create_connection(("127.0.0.1", served.port), timeout=LONGEST_S)


def rest(given: socket.socket) -> bytes:
    """All that comes until the server ends the connection."""
    found = b""
    try:
        while piece := given.recv(65_536):
            found += piece
    except ConnectionResetError:
        pass
    return found


def serves(served) -> bool:
    """Whether somebody else is served now."""
    asked = httpx2.get(f"http://127.0.0.1:{served.port}/healthz", timeout=LONGEST_S, verify=False)
    return asked.text == "ok\n"


@pytest.mark.long
@pytest.mark.parametrize(
    "begin",
    [b"", b"GET /healthz HTTP/1.1\r\n" + HEAD, b"GET /healthz HTTP/1.1\r\n" + HEAD + b"\r\n"],
    ids=["nothing", "half a head", "nothing after an answer"],
)
def test_who_sends_no_head_is_cut_off(served, begin):
    with closing(connected(served)) as slow:
        slow.sendall(begin)
        assert serves(served)
        said = rest(slow)
    assert (b"408 Request Timeout" in said) == (begin.count(b"\r\n") == 3)


@pytest.mark.long
def test_a_byte_now_and_then_does_not_make_the_wait_longer(served):
    with closing(connected(served)) as slow:
        slow.settimeout(0.05)
        said = b""
        try:
            for _ in range(int(LONGEST_S / 0.05)):
                slow.sendall(b"X" if said else b"G")
                try:
                    said = slow.recv(1000) or b"closed"
                    break
                except TimeoutError:
                    continue
        except (BrokenPipeError, ConnectionResetError):
            said = b"closed"
    assert said


@pytest.mark.long
@pytest.mark.parametrize("path", ["/c/acme/sign-in", "/c/acme/api/v1/state"])
def test_who_sends_half_a_body_is_cut_off(served, path):
    length = b"Content-Length: 1000\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
    with closing(connected(served)) as slow:
        slow.sendall(b"POST " + path.encode() + b" HTTP/1.1\r\n" + HEAD + length + b"email=a")
        assert serves(served)
        assert rest(slow).split(b"\r\n")[0] in (b"HTTP/1.1 408 Request Timeout",
                                                b"HTTP/1.1 401 Unauthorized")  # fmt: skip


@pytest.mark.long
def test_many_who_are_idle_keep_nobody_out(served):
    with ExitStack() as stack:
        idle = [stack.enter_context(closing(connected(served))) for _ in range(200)]
        assert serves(served)
        assert len(served.server.server_state.connections) <= 41
        assert all(rest(each) == b"" for each in idle)


@pytest.mark.long
def test_a_reader_who_does_not_read_is_cut_off_and_what_waits_for_them_is_bounded(served):
    with closing(socket.socket()) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        slow.connect(("127.0.0.1", served.port))
        slow.sendall(b"GET /endless HTTP/1.1\r\n" + HEAD + b"\r\n")
        assert serves(served)
        assert served.ended.wait(LONGEST_S)
    assert len(served.sent) < 200  # of 64 KiB each: what sockets hold, and one more


@pytest.mark.long
def test_pages_of_the_team_have_no_stream_to_stall(team):
    team.company()
    a_person(team, "Amara Nwosu", password=None)
    assert signed_in(team, "Amara Nwosu").get("/me/live?known=1").status_code == 204


@pytest.mark.long
def test_a_question_that_takes_too_long_ends_with_a_sentence_and_others_go_on(team, monkeypatch):
    team.company()
    a_person(team, "Amara Nwosu", password=None)
    browser = signed_in(team, "Amara Nwosu")
    sql = LONG["postgresql" if team.admin_url else "sqlite"]
    with monkeypatch.context() as slow:
        slow.setattr("accrete.database.serving.READ_S", 0.3)
        slow.setattr(held, "holding", lambda person: Question(((sql, ()),), lambda found: found))
        answer = browser.get("/sharing")
    assert answer.status_code == 503
    assert "longer than" in answer.text
    assert browser.get("/sharing").status_code == 200
