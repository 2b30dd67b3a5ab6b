"""The two limits no reader of transcripts can beat: reading the bytes, and decoding the lines with
msgspec."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

CHUNK = 1 << 20


class CacheCreation(msgspec.Struct, gc=False):
    """The cache writes by time to live."""

    ephemeral_5m_input_tokens: int | None = None
    ephemeral_1h_input_tokens: int | None = None


class Usage(msgspec.Struct, gc=False):
    """The tokens of a response."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation: CacheCreation | None = None
    speed: str | None = None


class Block(msgspec.Struct, gc=False):
    """A content block: its texts decoded, its input left as JSON."""

    type: str | None = None
    text: str | None = None
    thinking: str | None = None
    id: str | None = None
    name: str | None = None
    input: msgspec.Raw = msgspec.Raw(b"")
    tool_use_id: str | None = None
    is_error: bool | None = None
    content: str | list[Block] | None = None


class Message(msgspec.Struct, gc=False):
    """The message of a user or assistant line."""

    id: str | None = None
    model: str | None = None
    content: str | list[Block] | None = None
    usage: Usage | None = None
    stop_reason: str | None = None


class Line(msgspec.Struct, gc=False):
    """The envelope and the message; the client's own record of a tool result is found but not
    decoded."""

    type: str | None = None
    uuid: str | None = None
    parentUuid: str | None = None
    sessionId: str | None = None
    timestamp: str | None = None
    isSidechain: bool | None = None
    isMeta: bool | None = None
    agentId: str | None = None
    requestId: str | None = None
    cwd: str | None = None
    gitBranch: str | None = None
    version: str | None = None
    subtype: str | None = None
    message: Message | None = None
    toolUseResult: msgspec.Raw = msgspec.Raw(b"")


def chunks(folder: Path) -> Iterator[bytes]:
    """All transcripts under a folder in pieces of 1 MiB; a file's last piece is followed by an
    empty one."""
    for path in sorted(folder.rglob("*.jsonl")):
        with path.open("rb", buffering=0) as file:
            while chunk := file.read(CHUNK):
                yield chunk
        yield b""


def read_only(folder: Path) -> tuple[int, int]:
    """Reads every byte and does nothing with it. Returns (bytes, 0)."""
    return sum(map(len, chunks(folder))), 0


def decode_only(folder: Path) -> tuple[int, int]:
    """Splits into lines and decodes each into a Line that is dropped at once. Returns (bytes,
    lines)."""
    decode = msgspec.json.Decoder(Line).decode
    size = lines = 0
    rest = b""
    for chunk in chunks(folder):
        size += len(chunk)
        whole = (rest + chunk).split(b"\n")
        rest = whole.pop() if chunk else b""
        for line in whole:
            if line:
                decode(line)
                lines += 1
    return size, lines


def main() -> None:
    """`limits.py read|decode FOLDER`: prints bytes, lines and seconds as JSON."""
    kind, folder = sys.argv[1], Path(sys.argv[2])
    began = time.perf_counter()
    size, lines = (read_only if kind == "read" else decode_only)(folder)
    print(json.dumps({"bytes": size, "lines": lines, "seconds": time.perf_counter() - began}))


if __name__ == "__main__":
    main()
