"""A small language that writes Claude Code's transcript files line by line, with fixed ids and times."""

from __future__ import annotations

import json
from collections.abc import Iterable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

Record = dict[str, Any]

A = "aaaaaaaa-0000-4000-8000-00000000000a"
B = "bbbbbbbb-0000-4000-8000-00000000000b"
C = "cccccccc-0000-4000-8000-00000000000c"
D = "dddddddd-0000-4000-8000-00000000000d"

OPUS = "claude-opus-5"
HAIKU = "claude-haiku-4-5-20251001"
CWD = "/home/dev/demo"
SLUG = "-home-dev-demo"

NEW, MIDDLE, EARLY, FIRST = "2.1.329", "2.1.53", "2.0.55", "1.0.117"
"""The client versions whose envelopes the kit writes: each later one adds fields."""


def usage(fresh: int = 10, output: int = 100, read: int = 1000, write: int = 200, *, w5: int | None = None,
          w1: int | None = None, split: bool = True, web: int = 0, speed: str | None = "standard",
          geo: str | None = "not_available", tier: str | None = "standard", **more: Any) -> Record:  # fmt: skip
    """The `usage` of a response. Without w5 and w1 all cache writes are of the 5-minute kind; split=False leaves
    the split out, as clients before 2026 did.

    As it stands, on claude-opus-5, it costs
    10 x 5,000 + 100 x 25,000 + 1,000 x 500 + 200 x 6,250 = 4,300,000 nano-dollars.
    """
    made: Record = {
        "input_tokens": fresh,
        "cache_creation_input_tokens": write,
        "cache_read_input_tokens": read,
        "output_tokens": output,
    }
    if split:
        five = write if w5 is None and w1 is None else w5 or 0
        made["cache_creation"] = {"ephemeral_5m_input_tokens": five, "ephemeral_1h_input_tokens": w1 or 0}
    if web:
        made["server_tool_use"] = {"web_search_requests": web, "web_fetch_requests": 0}
    for name, value in (("service_tier", tier), ("inference_geo", geo), ("speed", speed)):
        if value is not None:
            made[name] = value
    return made | more


def text(words: str = "Done.") -> Record:
    """A text block."""
    return {"type": "text", "text": words}


def thinking(words: str = "Let me see.") -> Record:
    """A thinking block."""
    return {"type": "thinking", "thinking": words, "signature": "c2lnbmVk"}


def call(name: str, key: str, /, **given: Any) -> Record:
    """A tool_use block."""
    return {"type": "tool_use", "id": f"toolu_{key}", "name": name, "input": given}


def bash(key: str, command: str = "ls") -> Record:
    """A call of Bash."""
    return call("Bash", key, command=command, description="Run it")


def result_block(key: str, content: Any = "ok", *, error: bool = False) -> Record:
    """A tool_result block."""
    block: Record = {"tool_use_id": f"toolu_{key}", "type": "tool_result", "content": content}
    return block | {"is_error": True} if error else block


def to_line(record: Record) -> bytes:
    """The record as the client writes it, newline included."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n"


class Clock:
    """Time that stands still until it is moved: each line comes one second after the one before."""

    def __init__(self, start: str = "2026-09-01T10:00:00.000Z") -> None:
        self.set(start)

    def set(self, instant: str) -> None:
        """The next line's time (ISO, UTC)."""
        self.now = datetime.fromisoformat(instant).astimezone(UTC)

    def wait(self, seconds: float) -> None:
        """Lets time pass before the next line."""
        self.now += timedelta(seconds=seconds)

    def stamp(self) -> str:
        """The time of a line, after which a second passes."""
        stamp = self.now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{self.now.microsecond // 1000:03d}Z"
        self.wait(1)
        return stamp


class Ids:
    """Fixed ids, counted up within a case."""

    def __init__(self) -> None:
        self._last = {"uuid": 0, "message": 0, "request": 0}

    def _next(self, kind: str) -> int:
        self._last[kind] += 1
        return self._last[kind]

    def uuid(self) -> str:
        """A record's uuid."""
        return f"{self._next('uuid'):08x}-0000-4000-8000-000000000000"

    def message(self) -> str:
        """An API message's id."""
        return f"msg_{self._next('message'):020d}"

    def request(self) -> str:
        """An API request's id."""
        return f"req_{self._next('request'):020d}"


class Transcript:
    """One transcript file being written. Every method that writes a line returns its record."""

    def __init__(self, session: str, clock: Clock, ids: Ids, *, agent: str = "", cwd: str = CWD, version: str = NEW,
                 entrypoint: str = "cli") -> None:  # fmt: skip
        self.session = session
        self.clock = clock
        self.ids = ids
        self.agent = agent
        self.cwd = cwd
        self.version = version
        self.entrypoint = entrypoint
        self.extra: Record = {}
        self.parent: str | None = None
        self.pieces: list[bytes] = []
        self.records: list[Record] = []

    @property
    def content(self) -> bytes:
        """The file's bytes."""
        return b"".join(self.pieces)

    # -- any line

    def raw(self, data: bytes) -> None:
        """Bytes as they are; the newline, if there is to be one, included."""
        self.pieces.append(data)

    def bare(self, kind: str, /, **fields: Any) -> Record:
        """A record without the conversation's envelope, such as a title or a mode."""
        record: Record = {"type": kind, **fields}
        return self._add(record)

    def line(self, kind: str, *, sidechain: bool = False, **fields: Any) -> Record:
        """A record with the envelope of its client version. A field given as None is left out."""
        known = tuple(int(part) for part in self.version.split("."))
        record: Record = {"parentUuid": self.parent, "isSidechain": sidechain or bool(self.agent)}
        if self.agent:
            record["agentId"] = self.agent
        record |= {"userType": "external", "cwd": self.cwd, "sessionId": self.session, "version": self.version,
                   "gitBranch": "main"}  # fmt: skip
        if known >= (2, 1, 152):
            record["entrypoint"] = self.entrypoint
        record |= {"type": kind, "uuid": self.ids.uuid(), "timestamp": self.clock.stamp()}
        record |= self.extra | fields
        record = {name: value for name, value in record.items() if value is not None or name == "parentUuid"}
        self.parent = record.get("uuid", self.parent)
        return self._add(record)

    def _add(self, record: Record) -> Record:
        self.pieces.append(to_line(record))
        self.records.append(record)
        return record

    def copy(self, records: Iterable[Record], **changes: Any) -> None:
        """Lines of another file as a fork or a resume copies them: the same but for the session id and `changes`."""
        for record in records:
            again = deepcopy(record)
            if "sessionId" in again:
                again["sessionId"] = self.session
            self.parent = again.get("uuid", self.parent)
            self._add(again | changes)

    def again(self, record: Record, **changes: Any) -> Record:
        """The same record once more, with changes."""
        return self._add(deepcopy(record) | changes)

    # -- people and machines

    def user(self, content: Any, **fields: Any) -> Record:
        """A user line of any kind."""
        return self.line("user", message={"role": "user", "content": content}, **fields)

    def typed(self, words: Any = "Fix the add function.", **fields: Any) -> Record:
        """A prompt that a person typed. From 2.1.329 on the client says so."""
        said: dict[str, Any] = {}
        if self.version == NEW and self.entrypoint == "cli":
            said = {"promptSource": "typed", "origin": {"kind": "human"}, "permissionMode": "default"}
        return self.user(words, **(said | fields))

    def meta(self, words: Any, **fields: Any) -> Record:
        """A user line that the client injected."""
        return self.user(words, isMeta=True, **fields)

    # -- the model

    def reply(self, *blocks: Record, model: str | None = OPUS, used: Record | list[Record] | None = None,
              message_id: str | None = "", request: str | None = "", stop: str | None = "end_turn",
              details: Record | None = None, **fields: Any) -> list[Record]:  # fmt: skip
        """One API response: a line for each block, all with its usage, or with the usage listed for each line.
        message_id or request given as None: the client wrote none. An empty block: no content."""
        blocks = blocks or (text(),)
        message_id = self.ids.message() if message_id == "" else message_id
        request_id = self.ids.request() if request == "" else request
        uses = used if isinstance(used, list) else [used if used is not None else usage()] * len(blocks)
        written = []
        for block, use in zip(blocks, uses, strict=True):
            message: Record = {"id": message_id, "type": "message", "role": "assistant", "model": model,
                               "content": [block] if block else [], "stop_reason": stop, "stop_sequence": None, "usage": use}  # fmt: skip
            if message_id is None:
                del message["id"]
            if details is not None:
                message["stop_details"] = details
            written.append(self.line("assistant", message=message, requestId=request_id, **fields))
        return written

    def failure(self, words: str = "API Error: 529 overloaded", **fields: Any) -> Record:
        """What the client writes in the model's place when the API failed: model `<synthetic>`."""
        said: dict[str, Any] = {"isApiErrorMessage": True, "error": "server_error"} | fields
        message = {"id": self.ids.uuid(), "type": "message", "role": "assistant", "model": "<synthetic>",
                   "content": [text(words)], "stop_reason": "stop_sequence", "stop_sequence": "",
                   "usage": usage(0, 0, 0, 0)}  # fmt: skip
        return self.line("assistant", message=message, **said)

    def result(self, key: str, content: Any = "ok", *, error: bool = False, told: Any = None, **fields: Any) -> Record:
        """A tool's result. told: `toolUseResult`."""
        return self.user([result_block(key, content, error=error)], toolUseResult=told, **fields)

    def turn(self, words: Any = "Fix the add function.") -> list[Record]:
        """A typed prompt and one response of the usual usage: two lines, 4,300,000 nano-dollars."""
        prompt = self.typed(words)
        return [prompt, *self.reply()]

    # -- the rest

    def system(self, subtype: str | None, **fields: Any) -> Record:
        """A system line."""
        return self.line("system", subtype=subtype, **fields)

    def attachment(self, kind: str, /, **fields: Any) -> Record:
        """An attachment line; `fields` are the attachment's own."""
        return self.line("attachment", attachment={"type": kind, **fields})

    def queue(self, operation: str, content: Any = None, **fields: Any) -> Record:
        """A queue-operation record."""
        said: Record = {"operation": operation, "timestamp": self.clock.stamp(), "sessionId": self.session}
        if content is not None:
            said["content"] = content
        return self.bare("queue-operation", **said, **fields)

    def progress(self, agent: str, parent_tool: str, inner: Record) -> Record:
        """A subagent's record inside the parent's file, as 2.1.x before 2.1.205 embedded it."""
        return self.line(
            "progress",
            data={"type": "agent_progress", "message": inner, "normalizedMessages": [], "prompt": "", "agentId": agent},
            toolUseID=f"agent_{inner['uuid']}",
            parentToolUseID=f"toolu_{parent_tool}",
        )


def as_embedded(record: Record) -> Record:
    """The part of a subagent's line that a progress record carries."""
    kept = ("type", "timestamp", "message", "requestId", "uuid", "toolUseResult")
    return {name: record[name] for name in kept if name in record}
