"""The MCP server's front: answers start-up requests from a file, and imports the SDK at the first
call.

`answers.json` holds what the SDK's server answers, by protocol version and method (`python -m
tools.mcp_answers --write`).
Only messages of exactly the usual form are answered here. At the first other message the SDK's
server takes over the connection: it gets the opening messages again and does everything else,
errors too.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing and pathlib take longer to import than all that is done here
    from collections.abc import Callable

    from typing_extensions import Buffer

    from accrete.text.json import Json, JsonObject

ANSWERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "answers.json")
META = "io.modelcontextprotocol/"
ENVELOPE = {META + "protocolVersion", META + "clientInfo", META + "clientCapabilities"}
"""What every request carries since 2026-07-28; there is no handshake then."""
NESTING = 64
"""Brackets in one line up to which it is read here: the SDK's reader refuses what is nested
deeply."""
CLIENT_WORDS = {"name", "title", "version", "description", "websiteUrl"}
PARTS: dict[str, Callable[[JsonObject], bool]] = {
    "roots": lambda it: it in ({}, {"listChanged": it.get("listChanged") is True}),
    "sampling": lambda it: it == {},
    "elicitation": lambda it: (
        it.keys() <= {"form", "url"} and all(mode == {} for mode in it.values())
    ),
    "experimental": lambda it: all(isinstance(part, dict) for part in it.values()),
    "extensions": lambda it: all(isinstance(part, dict) for part in it.values()),
}
"""What a client may say that it can do."""


class Front:
    """One connection, as far as the file answers it. opening: the request that the SDK has to be
    told again."""

    def __init__(self, answers: dict[str, JsonObject]) -> None:
        self._answers = answers
        self._version = ""
        self.opening: JsonObject | None = None
        self.initialized = False

    def takes(self, line: bytes) -> bytes | None:
        """The answer to a line, empty for a notification; None if the SDK has to answer."""
        message = parsed(line)
        if message is None:
            return None
        method, params = str(message["method"]), message.get("params")
        if "id" not in message:
            if method != "notifications/initialized" or params or "initialize" not in self._known():
                return None
            self.initialized = True
            return b""
        version = self._known_version(method, params)
        if version is None or method not in self._answers[version]:
            return None
        if not self._version:
            self._version, self.opening = version, message
        said = {"jsonrpc": "2.0", "id": message["id"], "result": self._answers[version][method]}
        return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

    def _known(self) -> JsonObject:
        return self._answers.get(self._version, {})

    def _known_version(self, method: str, params: Json) -> str | None:
        """The protocol version that a request is to be answered in, None for a request that is not
        of the usual form."""
        if method == "initialize":
            return None if self._version else self._negotiated(params)
        if "initialize" in self._known():
            return self._version if is_bare(params) else None
        version = enveloped(params)
        known = version in self._answers and "initialize" not in self._answers[version]
        return version if known and self._version in ("", version) else None

    def _negotiated(self, params: Json) -> str | None:
        if not (
            isinstance(params, dict)
            and params.keys() == {"protocolVersion", "capabilities", "clientInfo"}
        ):
            return None
        wanted = params["protocolVersion"]
        if not (
            isinstance(wanted, str)
            and is_client(params["clientInfo"])
            and is_able(params["capabilities"])
        ):
            return None
        versions = [version for version, known in self._answers.items() if "initialize" in known]
        return wanted if wanted in versions else max(versions)

    def replay(self, name: str) -> bytes:
        """What the SDK's server has to read to be where this is; its answer bears the id `name`."""
        if self.opening is None:
            return b""
        again: list[JsonObject] = [{**self.opening, "id": name}]
        params = self.opening.get("params")
        if self.opening["method"] == "initialize" and isinstance(params, dict):
            # another SDK than the file's may know more versions
            again[0]["params"] = {**params, "protocolVersion": self._version}
        if self.initialized:
            again.append({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return b"".join(json.dumps(each).encode() + b"\n" for each in again)


def parsed(line: bytes) -> JsonObject | None:
    """A request or notification of the usual form, None for anything else: what one JSON reader
    takes, another may not."""
    text = line.removesuffix(b"\n").removesuffix(b"\r")
    if text.count(b"{") + text.count(b"[") > NESTING or b"\r" in text or b"\\ud" in text.lower():
        return None
    try:
        message = json.loads(text.decode(), parse_constant=_refuse, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or not message.keys() <= {"jsonrpc", "id", "method", "params"}:
        return None
    if message.get("jsonrpc") != "2.0" or not isinstance(message.get("method"), str):
        return None
    return message if "id" not in message or is_id(message["id"]) else None


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _once(pairs: list[tuple[str, Json]]) -> JsonObject:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def is_id(value: Json) -> bool:
    """Whether this can be a request's id."""
    return isinstance(value, str) or (type(value) is int and abs(value) < 1 << 53)


def is_bare(params: Json) -> bool:
    """Whether a request asks for nothing in particular: no cursor, and of `_meta` only what
    progress is reported by."""
    if not params:
        return params is None or params == {}
    if (
        not isinstance(params, dict)
        or params.keys() != {"_meta"}
        or not isinstance(params["_meta"], dict)
    ):
        return False
    return params["_meta"].keys() <= {"progressToken"} and all(map(is_id, params["_meta"].values()))


def enveloped(params: Json) -> str | None:
    """The protocol version of a request that carries its own envelope and asks for nothing in
    particular."""
    meta = params.get("_meta") if isinstance(params, dict) and params.keys() == {"_meta"} else None
    if not isinstance(meta, dict) or not ENVELOPE <= meta.keys() <= ENVELOPE | {"progressToken"}:
        return None
    if not is_client(meta[META + "clientInfo"]) or not is_able(meta[META + "clientCapabilities"]):
        return None
    version = meta[META + "protocolVersion"]
    return version if isinstance(version, str) and is_id(meta.get("progressToken", 0)) else None


def is_client(value: Json) -> bool:
    """Whether a client says who it is as clients do."""
    return (
        isinstance(value, dict)
        and {"name", "version"} <= value.keys() <= CLIENT_WORDS
        and all(isinstance(word, str) for word in value.values())
    )


def is_able(value: Json) -> bool:
    """Whether a client says what it can do as clients do."""
    return isinstance(value, dict) and all(
        name in PARTS and isinstance(part, dict) and PARTS[name](part)
        for name, part in value.items()
    )


class Input(io.RawIOBase):
    """What was kept, then what a reader still has."""

    def __init__(self, kept: bytes, rest: io.BufferedReader) -> None:
        self._kept, self._rest = kept, rest

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        """Fills the buffer with what comes next."""
        view = memoryview(buffer).cast("B")
        some = self._kept[: len(view)] or self._rest.read1(len(view))
        self._kept = self._kept[len(view) :]
        view[: len(some)] = some
        return len(some)


class Output(io.BufferedWriter):
    """The wire without the answer to what was told again. The SDK writes a whole line at a time."""

    def __init__(self, raw: io.RawIOBase, name: str) -> None:
        super().__init__(raw)
        self._unwanted = json.dumps(name).encode()

    def write(self, data: Buffer, /) -> int:
        """Writes a line on, or leaves it out."""
        line = bytes(data)
        if self._unwanted in line[:100]:
            return len(line)
        return super().write(line)


def run(serve: Callable[[], None]) -> None:
    """Answers over standard input and output until the client goes. `serve` runs the SDK's server
    over `sys.stdin` and `sys.stdout`; it is called at the first message that the file does not
    answer."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # nothing is written here that an end could tear
    source, wire = _claim()
    with open(ANSWERS, "rb") as file:
        front = Front(json.load(file))
    for line in iter(source.readline, b""):
        answer = front.takes(line)
        if answer is None:
            name = f"accrete:{os.urandom(8).hex()}"
            kept = front.replay(name) + line
            sys.stdin = io.TextIOWrapper(io.BufferedReader(Input(kept, source)), "utf-8")
            sys.stdout = io.TextIOWrapper(Output(wire, name), "utf-8")
            return serve()
        try:
            while answer:
                answer = answer[wire.write(answer) :]
        except BrokenPipeError:  # the client went without a word
            return None
    return None


def _claim() -> tuple[io.BufferedReader, io.FileIO]:
    """The two ends of the wire for us alone: whatever else is printed goes to standard error,
    whoever else reads finds nothing."""
    source, wire = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    try:
        os.dup2(2, 1)
    except OSError:
        os.dup2(null, 1)
    os.close(null)
    return source, wire
