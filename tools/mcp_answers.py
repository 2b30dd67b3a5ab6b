"""What the SDK's server answers at a client's start, for `mcp_server/accrete_mcp/answers.json`:
`python -m tools.mcp_answers --write`.

Without --write it says whether the file is right. To be run after a change of the tools, of their
words, of the practices or of the SDK.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from accrete_mcp.front import ANSWERS, META
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS

METHODS = (
    "ping",
    "server/discover",
    "tools/list",
    "prompts/list",
    "resources/list",
    "resources/templates/list",
)
SERVER = (sys.executable, "-P", "-c", "from accrete_mcp.server import run; run()")
CLIENT = {"name": "tool", "version": "1"}


class Talk:
    """A server over stdio, spoken to line by line."""

    def __init__(self, command: tuple[str, ...] = SERVER) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ}
        )

    def tell(self, line: bytes) -> None:
        """Sends a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def ask(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """The answer to a request."""
        given = {} if params is None else {"params": params}
        self.tell(json.dumps({"jsonrpc": "2.0", "id": method, "method": method, **given}).encode())
        assert self.process.stdout is not None
        answer = json.loads(self.process.stdout.readline())
        assert answer["id"] == method, answer
        return dict(answer)

    def close(self) -> bytes:
        """Ends it; returns what was not read."""
        return self.process.communicate(timeout=30)[0]


def answers(talk: Talk, version: str) -> dict[str, Any]:
    """What a server answers in a protocol version, by method; without what it answers with an
    error."""
    found, params = {}, None
    if version in MODERN_PROTOCOL_VERSIONS:
        envelope = {"protocolVersion": version, "clientInfo": CLIENT, "clientCapabilities": {}}
        params = {"_meta": {META + name: value for name, value in envelope.items()}}
    else:
        hello = {"protocolVersion": version, "capabilities": {}, "clientInfo": CLIENT}
        found["initialize"] = talk.ask("initialize", hello)["result"]
        talk.tell(b'{"jsonrpc":"2.0","method":"notifications/initialized"}')
    for method in METHODS:
        answer = talk.ask(method, params)
        if "result" in answer:
            found[method] = answer["result"]
    talk.close()
    return found


def text() -> str:
    """The file as it has to be."""
    talks = {
        version: Talk() for version in (*HANDSHAKE_PROTOCOL_VERSIONS, *MODERN_PROTOCOL_VERSIONS)
    }
    found = {version: answers(talk, version) for version, talk in talks.items()}
    versions = [
        f"{json.dumps(version)}: {{\n{_lines(known)}\n}}" for version, known in found.items()
    ]
    return "{" + ",\n".join(versions) + "}\n"


def _lines(known: dict[str, Any]) -> str:
    """A line for each method: what changed is seen in a diff."""
    return ",\n".join(
        f" {json.dumps(method)}: {json.dumps(it, ensure_ascii=False)}"
        for method, it in known.items()
    )


def main() -> None:
    """Writes the file, or says whether it is right."""
    wanted = text()
    if "--write" in sys.argv[1:]:
        Path(ANSWERS).write_text(wanted, "utf-8")
    elif Path(ANSWERS).read_text("utf-8") != wanted:
        sys.exit("answers.json is not what the server answers: python -m tools.mcp_answers --write")


if __name__ == "__main__":
    main()
