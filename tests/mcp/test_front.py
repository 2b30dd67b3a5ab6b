"""The front of the MCP server: as fast as a file, and never another answer than the SDK's."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from accrete_mcp.front import ANSWERS, META, Front
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS

from tests.fuzz import TORTURE, part
from tests.mcp.messages import CANCELLED, CLIENT, ENVELOPE, HELLO, LISTS, READY, line
from tests.patience import LONG_S, clock_s, least
from tests.records import unmeasured
from tools.mcp_answers import SERVER, Talk, answers, text

pytestmark = pytest.mark.long

# ruff: noqa: E501 - a line of the table is a message, or a connection
OURS = (sys.executable, "-P", "-m", "accrete", "mcp")


def front() -> Front:
    return Front(json.loads(Path(ANSWERS).read_bytes()))


def said(command: tuple[str, ...], asked: list[bytes]) -> list[dict]:
    """What a server answers to lines, one answer waited for after each that is a request."""
    talk = Talk(command)
    assert talk.process.stdout is not None
    found = []
    for each in asked:
        talk.tell(each)
        if b'"id":' in each:
            found.append(json.loads(talk.process.stdout.readline()))
    assert talk.close() == b""
    assert talk.process.returncode == 0
    return found


@pytest.mark.slow
@pytest.mark.grid
def test_the_file_holds_what_the_sdk_answers_in_every_protocol_version():
    """`make test` asks in the oldest handshake and in the newest version."""
    held = Path(ANSWERS).read_text("utf-8")
    if TORTURE:
        assert held == text(), "python -m tools.mcp_answers --write"
        return
    found = json.loads(held)
    assert set(found) == {*HANDSHAKE_PROTOCOL_VERSIONS, *MODERN_PROTOCOL_VERSIONS}
    for version in (HANDSHAKE_PROTOCOL_VERSIONS[0], MODERN_PROTOCOL_VERSIONS[-1]):
        assert found[version] == answers(Talk(), version), "python -m tools.mcp_answers --write"


TAKEN = {
    "handshake": [
        line("initialize", HELLO, 0),
        READY,
        line("ping", None, "é"),
        *[line(m, {}, m) for m in LISTS],
        line("tools/list", {"_meta": {"progressToken": 4}}),
    ],
    "an older handshake": [
        line("initialize", {**HELLO, "protocolVersion": "2024-11-05", "capabilities": {}}),
        line("tools/list", None, 2),
    ],
    "a version nobody knows": [
        line("initialize", {**HELLO, "protocolVersion": "1999-01-01"}),
        line("prompts/list", None, "a"),
    ],
    "envelopes": [
        line("server/discover", {"_meta": ENVELOPE}, "probe"),
        *[line(m, {"_meta": ENVELOPE}, m) for m in LISTS],
    ],
    "envelopes without discovery": [
        line("tools/list", {"_meta": {**ENVELOPE, "progressToken": "p"}}, -3)
    ],
}


@pytest.mark.slow
@pytest.mark.grid
@pytest.mark.parametrize("name", part(TAKEN, 2))
def test_what_is_answered_from_the_file_is_what_the_sdk_answers(name):
    own, asked = front(), TAKEN[name]
    answered = [own.takes(each + b"\n") for each in asked]
    assert None not in answered
    assert [json.loads(each) for each in answered if each] == said(SERVER, asked)


ODD = [
    line("initialize", {**HELLO, "protocolVersion": 5}),
    line("initialize", {**HELLO, "clientInfo": {"name": "x"}}), line("initialize"),
    line("initialize", {**HELLO, "capabilities": {"roots": {"listChanged": "maybe"}}}),
    line("initialize", {**HELLO, "capabilities": {"other": 1}}),
    line("initialize", {**HELLO, "capabilities": {"elicitation": None}}),
    line("initialize", {**HELLO, "clientInfo": {**CLIENT, "icons": 3}}),
    line("initialize", HELLO, None), line("initialize", HELLO, 1.0),
    line("initialize", HELLO, True), line("initialize", HELLO, 1 << 70),
    line("initialize", HELLO, []),
    b"[" + line("initialize", HELLO) + b"]", b"", b"{}", b"null", b"not json", b"\xff\xfe{}",
    b"\xef\xbb\xbf" + line("ping"), line("ping")[:-1], line("tools/list"),
    line("initialize", HELLO).replace(b'"2.0"', b'"1.0"'),
    line("initialize", HELLO)[:-1] + b',"more":1}', line("ping").replace(b"1}", b"1,\r}"),
    line("initialize", HELLO).replace(b"claude-code", b"\\ud800"),
    line("initialize", HELLO)[:-1] + b',"id":2}', line("server/discover", {"_meta": {}}),
    line("tools/list", {"_meta": {**ENVELOPE, META + "protocolVersion": "2031-01-01"}}),
    line("server/discover", {"_meta": {META + "protocolVersion": "2026-07-28"}}),
    line("tools/list", {"_meta": {**ENVELOPE, META + "protocolVersion": "2025-11-25"}}),
    b'{"jsonrpc":"2.0","method":"notifications/initialized"}',
    line("initialize", {**HELLO,
                        "capabilities": {"experimental": {"a": {"b": [[[[]]]] * 40}}}}).replace(b"[]", b"[" * 200 + b"]" * 200),
]  # fmt: skip


@pytest.mark.parametrize("asked", ODD)
def test_what_is_not_of_the_usual_form_is_left_to_the_sdk(asked):
    assert front().takes(asked + b"\n") is None


@pytest.mark.parametrize(
    "asked",
    [
        line("initialize", HELLO, 9),
        line("tools/list", {"cursor": "x"}),
        line("tools/list", {"_meta": ENVELOPE}),
        line("tools/call", {"name": "usage"}),
        line("no/such"),
        line("tools/list", []),
        line("tools/list", {"_meta": {"progressToken": 1.5}}),
        line("logging/setLevel", {"level": "info"}),
        CANCELLED,
        line("server/discover"),
    ],
)
def test_after_a_handshake_the_rest_is_left_to_the_sdk(asked):
    own = front()
    assert own.takes(line("initialize", HELLO))
    assert own.takes(asked) is None


HANDED_OVER = {
    "a call": [line("initialize", HELLO, 0), READY, line("tools/list", {}, 1),
               line("tools/call", {"name": "usage", "arguments": {}}, 2),
               line("tools/list", {}, 3)],
    "an unknown method, then a second handshake": [line("initialize", HELLO, 0),
                                                   line("no/such", {}, 1),
                                                   line("initialize", HELLO, 0),
                                                   line("ping", None, 4)],
    "a cancelled request that was answered": [line("initialize", HELLO, 0),
                                              line("tools/list", {}, 1), CANCELLED,
                                              line("ping", {}, 5)],
    "a handshake after envelopes": [line("server/discover", {"_meta": ENVELOPE}, 0),
                                    line("initialize", HELLO, 1),
                                    line("tools/list", {"_meta": ENVELOPE}, 2)],
    "an envelope after a handshake": [line("initialize", HELLO, 0), READY,
                                      line("tools/list", {"_meta": ENVELOPE}, 1),
                                      line("prompts/list", {}, 2)],
    "a batch and a broken line": [line("initialize", HELLO, 0), b'["a"]', b"{broken",
                                  line("ping", None, "end")],
    "an unknown version, then a call": [line("initialize",
                                             {**HELLO, "protocolVersion": "2031-01-01"}, 0), READY,
                                             line("prompts/get", {"name": "retro"}, 1)],
    "nothing before a list": [line("tools/list", None, 0), line("initialize", HELLO, 1),
                              line("tools/list", {}, 2)],
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.grid
@pytest.mark.parametrize("name", HANDED_OVER if TORTURE else ["an envelope after a handshake"])
def test_a_connection_that_is_handed_over_goes_on_as_if_the_sdk_had_had_it_all_along(name):
    asked = HANDED_OVER[name]
    assert said(OURS, asked) == said(SERVER, asked)


def test_a_client_that_starts_up_waits_for_no_sdk():
    begun = subprocess.run(
        [sys.executable, "-X", "importtime", *OURS[1:]],
        input=b"\n".join(TAKEN["handshake"]) + b"\n",
        capture_output=True,
        check=True,
        env=unmeasured(),
    )
    assert len(begun.stdout.splitlines()) == len(TAKEN["handshake"]) - 1
    imported = {each.rsplit(b"|", 1)[-1].strip().decode() for each in begun.stderr.splitlines()}
    assert not imported & {
        "mcp",
        "pydantic",
        "click",
        "sqlite3",
        "asyncio",
        "typing",
        "pathlib",
        "accrete.settings",
    }


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    "asked",
    [TAKEN["handshake"][:1], [line("initialize", HELLO, 0), line("no/such", {}, 1)]],
    ids=["front", "sdk"],
)
def test_a_signal_ends_it_at_once(number, asked):
    def ends() -> float:
        talk = Talk(OURS)
        assert talk.process.stdout is not None
        for each in asked:
            talk.tell(each)
            talk.process.stdout.readline()
        talk.process.send_signal(number)
        took = clock_s(lambda: talk.process.wait(LONG_S))
        talk.close()
        return took

    assert least(ends, 1) < 1


def test_a_line_without_an_end_and_a_client_that_reads_nothing_are_no_faults():
    done = subprocess.run(OURS, input=line("initialize", HELLO), capture_output=True, check=True)
    assert json.loads(done.stdout)["id"] == 1
    assert done.stderr == b""
    talk = Talk(OURS)
    assert talk.process.stdout is not None
    talk.process.stdout.close()
    talk.tell(line("initialize", HELLO))
    assert talk.process.wait(120) == 0
    assert talk.process.stdin is not None
    talk.process.stdin.close()


def test_the_sdk_is_told_again_what_the_client_said_and_nothing_that_it_did_not():
    talk = front()
    assert talk.replay("again") == b""
    assert talk.takes(line("initialize", HELLO, 0))
    (opening,) = map(json.loads, talk.replay("again").splitlines())
    assert (opening["id"], opening["method"]) == ("again", "initialize")
    assert talk.takes(READY) == b""
    assert list(map(json.loads, talk.replay("again").splitlines())) == [
        opening,
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
    ]
