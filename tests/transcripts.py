"""Writes small transcripts for tests: one function a kind of line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

START = 1_790_000_000_000  # 2026-09-21T14:13:20Z


def iso(ms: int) -> str:
    """The instant as the client writes it."""
    from datetime import UTC, datetime

    return (
        datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"
    )


def session_id(n: int) -> str:
    """A session id."""
    return f"{n:08x}-0000-4000-8000-000000000000"


class Transcript:
    """Collects the lines of one session's file; every line is a second after the one before."""

    def __init__(
        self, n: int = 1, *, start: int = START, cwd: str = "/home/dev/demo", **common: Any
    ) -> None:
        self.session = session_id(n)
        self.now = start
        self.common = {
            "cwd": cwd,
            "gitBranch": "main",
            "version": "2.1.329",
            "entrypoint": "cli",
            **common,
        }
        self.lines: list[dict[str, Any]] = []
        self.last: str | None = None
        self._count = 0

    def add(self, kind: str, *, after_ms: int = 1000, **fields: Any) -> str:
        """One line with an envelope; returns its uuid."""
        self._count += 1
        self.now += after_ms
        uuid = fields.pop("uuid", f"{self.session[:8]}-1111-4000-8000-{self._count:012x}")
        line = {
            "parentUuid": self.last,
            "isSidechain": False,
            "type": kind,
            "uuid": uuid,
            "timestamp": iso(self.now),
            "sessionId": self.session,
            **self.common,
            **fields,
        }
        self.lines.append(line)
        self.last = uuid
        return uuid

    def prompt(self, text: Any = "Please fix the tests", **fields: Any) -> str:
        """What a person typed."""
        return self.add("user", message={"role": "user", "content": text}, **fields)

    def answer(
        self,
        message_id: str = "msg_1",
        *,
        blocks: list[dict[str, Any]] | None = None,
        model: str = "claude-opus-5",
        usage: dict[str, Any] | None = None,
        stop: str | None = "end_turn",
        **fields: Any,
    ) -> str:
        """One line of an API response."""
        used = {
            "input_tokens": 10,
            "output_tokens": 20,
            "cache_read_input_tokens": 300,
            "cache_creation_input_tokens": 0,
            **(usage or {}),
        }
        message = {
            "id": message_id,
            "type": "message",
            "role": "assistant",
            "model": model,
            "usage": used,
            "content": blocks or [{"type": "text", "text": "Done."}],
            "stop_reason": stop,
        }
        return self.add(
            "assistant",
            message=message,
            requestId=fields.pop("requestId", f"req_{message_id}"),
            **fields,
        )

    def call(
        self,
        tool: str,
        given: dict[str, Any],
        *,
        message_id: str = "msg_1",
        use: str = "toolu_1",
        **fields: Any,
    ) -> str:
        """A response that calls a tool."""
        block = {"type": "tool_use", "id": use, "name": tool, "input": given}
        return self.answer(message_id, blocks=[block], stop="tool_use", **fields)

    def result(
        self,
        text: Any = "ok",
        *,
        use: str = "toolu_1",
        error: bool = False,
        told: Any = None,
        **fields: Any,
    ) -> str:
        """What came of a call."""
        block = {"type": "tool_result", "tool_use_id": use, "content": text, "is_error": error}
        more = {} if told is None else {"toolUseResult": told}
        return self.add("user", message={"role": "user", "content": [block]}, **more, **fields)

    def text(self, *, end: str = "\n") -> bytes:
        """The file's bytes."""
        return b"".join(json.dumps(line).encode() + end.encode() for line in self.lines)

    def write(
        self, projects: Path, *, slug: str = "-home-dev-demo", name: str | None = None
    ) -> Path:
        """Writes the file below a projects folder and returns its path."""
        path = projects / slug / f"{name or self.session}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.text())
        return path


def busy(n: int = 1, *, turns: int = 4, start: int = START) -> Transcript:
    """A session with prompts, tools, an error, an edit and a title."""
    t = Transcript(n, start=start + n * 86_400_000)
    for turn in range(turns):
        t.prompt(f"Prompt {turn} of session {n}: look at needle{turn}")
        key = f"msg_{n}_{turn}"
        t.call(
            "Bash",
            {"command": f"pytest -k needle{turn}"},
            message_id=key,
            use=f"toolu_{n}_{turn}",
            usage={
                "output_tokens": 50 + turn,
                "cache_creation_input_tokens": 40,
                "cache_creation": {
                    "ephemeral_5m_input_tokens": 30,
                    "ephemeral_1h_input_tokens": 10,
                },
            },
        )
        t.result(
            "Exit code 1\nFAILED" if turn == 1 else "passed",
            use=f"toolu_{n}_{turn}",
            error=turn == 1,
        )
        t.answer(
            f"{key}_end",
            blocks=[{"type": "thinking", "thinking": "hm"}],
            usage={"output_tokens": 3},
            stop=None,
        )
        t.answer(
            f"{key}_end",
            blocks=[{"type": "text", "text": f"Answer {turn}"}],
            usage={"output_tokens": 70},
        )
    t.lines.append({"type": "ai-title", "aiTitle": f"Session {n}", "sessionId": t.session})
    return t


def fork(of: Transcript, n: int, *, upto: int, extra: int = 1) -> Transcript:
    """A forked session: the first `upto` lines copied with their uuids, the session id rewritten,
    then new ones."""
    copy = Transcript(n, start=of.now + 3_600_000)
    for line in of.lines[:upto]:
        copy.lines.append({**line, "sessionId": copy.session})
    copy.last = of.lines[upto - 1].get("uuid")
    for turn in range(extra):
        copy.prompt(f"Forked prompt {turn} of {n}")
        copy.answer(f"msg_fork_{n}_{turn}")
    return copy


def write_agent(
    projects: Path,
    of: Transcript,
    made: Transcript,
    *,
    agent: str = "a1b2c3",
    use: str | None = None,
) -> None:
    """Writes what a subagent did beside the session's file; `use`: the call that started it, as a
    file beside the subagent's names it."""
    folder = projects / "-home-dev-demo" / of.session / "subagents"
    for n, line in enumerate(made.lines):
        line.update(isSidechain=True, agentId=agent, sessionId=of.session, uuid=f"{agent}-{n}")
    append(folder / f"agent-{agent}.jsonl", *made.lines)
    if use is not None:
        said = {"agentType": "Explore", "description": "look", "toolUseId": use}
        (folder / f"agent-{agent}.meta.json").write_text(json.dumps(said))


def minted(kind: str, n: int = 1) -> str:
    """An id as the API mints them: `msg`, `req` or `toolu`."""
    return f"{kind}_01{n:022}"


def append(path: Path, *found: dict) -> None:
    """Adds lines to a file, which is made where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write("".join(json.dumps(line) + "\n" for line in found).encode())
