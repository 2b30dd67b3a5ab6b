"""A scripted stand-in for the Messages API on loopback: what the real client is answered in the
end-to-end tests.

A script is chosen by the words of the last user message that holds one of its keys, the turn by how
many answers stand after it: so subagents, resumed and forked sessions need nothing special. A turn
is a list of blocks, or a function of the request that gives one.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Block = dict[str, Any]
Request = dict[str, Any]
Turn = list[Block] | Callable[[Request], list[Block]]

MODEL = "claude-opus-5-5"


def text(words: str) -> Block:
    """A text block."""
    return {"type": "text", "text": words}


def use(tool: str, /, **given: Any) -> Block:
    """A tool_use block; the id is given when it is sent."""
    return {"type": "tool_use", "name": tool, "input": given}


def slow(words: str) -> list[Block]:
    """An answer that is sent so slowly that somebody can interrupt it."""
    return [{"type": "text", "text": words, "slow": True}]


class Api:
    """The server. `scripts`: {words of a prompt: turns}; `asked`: the bodies of all requests for a
    message."""

    def __init__(self, scripts: dict[str, list[Turn]]) -> None:
        self.scripts = scripts
        self.asked: list[Request] = []
        self._ids = itertools.count(1)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *given: Any) -> None:
                pass

            def do_HEAD(self) -> None:
                self._json(200, {})

            def do_GET(self) -> None:
                self._json(
                    200,
                    {
                        "data": [
                            {
                                "type": "model",
                                "id": MODEL,
                                "display_name": MODEL,
                                "created_at": "2026-01-01T00:00:00Z",
                            }
                        ],
                        "has_more": False,
                    },
                )

            def do_POST(self) -> None:
                body = json.loads(
                    self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}"
                )
                if self.path.split("?")[0].endswith("/count_tokens"):
                    self._json(200, {"input_tokens": 100})
                elif self.path.split("?")[0].endswith("/messages"):
                    outer._answer(self, body)
                else:
                    self._json(
                        404,
                        {
                            "type": "error",
                            "error": {"type": "not_found_error", "message": "not here"},
                        },
                    )

            def _json(self, status: int, value: Any) -> None:
                data = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        """Ends it."""
        self.server.shutdown()
        self.server.server_close()

    def _answer(self, handler: Any, body: Request) -> None:
        self.asked.append(body)
        blocks = self._blocks(body)
        n = next(self._ids)
        names = {tool.get("name") for tool in body.get("tools") or []}
        for at, block in enumerate(blocks):
            if block["type"] == "tool_use":
                name = (
                    "Task"
                    if block["name"] == "Agent" and "Agent" not in names and "Task" in names
                    else block["name"]
                )
                blocks[at] = {**block, "name": name, "id": f"toolu_01Made{n:06d}{at:02d}"}
        usage = {
            "input_tokens": 3,
            "cache_creation_input_tokens": 20,
            "cache_read_input_tokens": 100,
            "output_tokens": 1,
            "cache_creation": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 0},
            "service_tier": "standard",
        }
        stop = "tool_use" if any(block["type"] == "tool_use" for block in blocks) else "end_turn"
        message = {
            "id": f"msg_01Made{n:08d}",
            "type": "message",
            "role": "assistant",
            "model": body.get("model"),
            "content": blocks,
            "stop_reason": stop,
            "stop_sequence": None,
            "usage": usage,
        }
        if not body.get("stream"):
            handler._json(200, {**message, "usage": {**usage, "output_tokens": 9}})
            return
        handler.send_response(200)
        for name, value in (
            ("content-type", "text/event-stream"),
            ("request-id", f"req_01Made{n:08d}"),
            ("transfer-encoding", "chunked"),
        ):
            handler.send_header(name, value)
        handler.end_headers()
        try:
            for kind, data in _events(message, usage):
                chunk = f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n".encode()
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
                handler.wfile.flush()
                if data.pop("pause", False):
                    threading.Event().wait(0.4)
            handler.wfile.write(b"0\r\n\r\n")
        except OSError:
            return

    def _blocks(self, body: Request) -> list[Block]:
        schema = ((body.get("output_config") or {}).get("format") or {}).get("schema")
        if schema and not body.get("tools"):
            return [text(json.dumps(_filled(schema)))]
        answers = 0
        for message in reversed(body.get("messages") or []):
            if message["role"] == "assistant":
                answers += 1
                continue
            if message["role"] != "user":  # the client's own words, such as the list of skills
                continue
            words = _words(message)
            if "Your task is to create a" in words and "summary" in words:
                return [
                    text(
                        "<analysis>Looked.</analysis>\n<summary>\n1. Work on the demo.\n</summary>"
                    )
                ]
            places = [(words.rfind(key), key) for key in self.scripts if key in words]
            if places:
                turns = self.scripts[max(places)[1]]
                turn = turns[answers] if answers < len(turns) else [text("Done.")]
                return [dict(block) for block in (turn(body) if callable(turn) else turn)]
        return [text("Nothing is scripted for this.")]


def _words(message: dict[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content
    return "\n".join(
        block.get("text", "") for block in content or [] if block.get("type") == "text"
    )


def _filled(schema: dict[str, Any]) -> Any:
    kind = schema.get("type")
    if "enum" in schema:
        return schema["enum"][0]
    if kind == "object":
        return {name: _filled(part) for name, part in (schema.get("properties") or {}).items()}
    return {"array": [], "boolean": True, "number": 1, "integer": 1}.get(str(kind), "A made title")


def _events(message: dict[str, Any], usage: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "message_start", {"message": {**message, "content": [], "stop_reason": None}}
    for index, block in enumerate(message["content"]):
        if block["type"] == "text":
            slowly = block.get("slow", False)
            yield (
                "content_block_start",
                {"index": index, "content_block": {"type": "text", "text": ""}},
            )
            for at in range(0, len(block["text"]), 40):
                piece = {"type": "text_delta", "text": block["text"][at : at + 40]}
                yield "content_block_delta", {"index": index, "delta": piece, "pause": slowly}
        else:
            yield "content_block_start", {"index": index, "content_block": {**block, "input": {}}}
            yield (
                "content_block_delta",
                {
                    "index": index,
                    "delta": {
                        "type": "input_json_delta",
                        "partial_json": json.dumps(block["input"]),
                    },
                },
            )
        yield "content_block_stop", {"index": index}
    yield (
        "message_delta",
        {
            "delta": {"stop_reason": message["stop_reason"], "stop_sequence": None},
            "usage": {**usage, "output_tokens": 9},
        },
    )
    yield "message_stop", {}
