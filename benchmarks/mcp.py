"""What the MCP server costs: size of its tools, time to the first answer, time of each call;
another one beside it.

`python benchmarks/mcp.py --record DATA_FOLDER [--beside PYTHON]`. DATA_FOLDER is a data folder with
a record, such as that of the 1 GB benchmark history; PYTHON is that of an environment with
`agentsesh[mcp]==0.15.0` and `mcp<2`. The floor is the import of the SDK alone, in the same run.
With `--client CLAUDE` the real client is run with `-p`, offline against a scripted API, in turn
without a server, with ours, and with one that does nothing but give the same answers: what that
costs is the client's.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HELLO = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "bench", "version": "1"},
}
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("my_practices", {"project": "all"}),
    ("my_practices", {"project": "all", "practice": "verification"}),
    ("what_to_try", {}),
    ("compare_with_team", {}),
    ("search_history", {"words": "the", "project": "all"}),
    ("session", {}),
    ("session", {"view": "handoff"}),
    ("session", {"view": "errors"}),
    ("session", {"view": "cost"}),
    ("usage", {"by": "day"}),
    ("usage", {"by": "model"}),
    ("usage", {"by": "session"}),
)


class Server:
    """A server on stdio, spoken to with the older handshake, which both know."""

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=env,
        )
        self._id = 0
        self.ask("initialize", HELLO)
        self.started = time.perf_counter() - self.began
        self._send({"method": "notifications/initialized"})

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        self.process.stdin.flush()

    def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """The result of a request."""
        self._id += 1
        self._send({"id": self._id, "method": method, "params": params})
        assert self.process.stdout is not None
        while True:
            answer = json.loads(self.process.stdout.readline())
            if answer.get("id") == self._id:
                return dict(answer.get("result") or {"error": answer.get("error")})

    def close(self) -> None:
        """Ends it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(10)


def sizes(server: Server) -> tuple[int, int]:
    """(tools, bytes of what a model sees of them)."""
    tools = server.ask("tools/list", {})["tools"]
    seen = [
        {"name": t["name"], "description": t.get("description"), "input_schema": t["inputSchema"]}
        for t in tools
    ]
    return len(tools), len(json.dumps(seen, separators=(",", ":"), ensure_ascii=False).encode())


INSTANT = """import sys
answers = dict(eval(open(sys.argv[1]).read()))
for line in sys.stdin:
    name, sign, rest = line.partition('"id":')
    said = answers.get(line.partition('"method":"')[2].partition('"')[0])
    if sign and said:
        number = rest.partition(",")[0].rstrip("}\\n")
        print('{"jsonrpc":"2.0","id":%s,"result":%s}' % (number, said), flush=True)
"""


def paired(client: str, record: str, runs: int) -> dict[str, list[float]]:
    """Seconds of `claude -p` without a server, with ours and with one that knows its answers by
    heart, in turn."""
    from accrete_mcp.front import ANSWERS

    from tests.e2e.api import Api, text
    from tests.e2e.client import Place

    took: dict[str, list[float]] = {"none": [], "ours": [], "instant": []}
    with tempfile.TemporaryDirectory() as folder:
        api = Api({"Hello": [[text("Hello.")]]})
        place = Place(Path(folder), client, api.url, Path(sys.executable).parent)
        state = place.home / ".claude.json"
        by_heart = Path(folder) / "answers"
        answers = json.loads(Path(ANSWERS).read_bytes())
        by_heart.write_text(
            repr({method: json.dumps(said) for method, said in answers[max(answers)].items()}),
            "utf-8",
        )
        entries = {
            "none": [],
            "ours": ["-E", "-P", "-m", "accrete", "mcp"],
            "instant": ["-I", "-S", "-c", INSTANT, str(by_heart)],
        }
        for run in range(runs + 1):
            for name, words in entries.items():
                entry = {"command": sys.executable, "args": words, "env": {"ACCRETE_HOME": record}}
                known = json.loads(state.read_text("utf-8"))
                state.write_text(
                    json.dumps({**known, "mcpServers": {"accrete": entry} if words else {}}),
                    "utf-8",
                )
                began = time.perf_counter()
                place.say("Hello")
                if run:  # the first of each is a warm-up
                    took[name].append(time.perf_counter() - began)
        api.close()
    return took


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", required=True)
    parser.add_argument("--beside")
    parser.add_argument("--client")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--rounds", type=int, default=8)
    given = parser.parse_args()
    if given.client:
        took = paired(given.client, given.record, given.runs)
        without, with_us, instant = (statistics.median(each) for each in took.values())
        print(
            f"claude -p               {without:.2f} s without, "
            f"{with_us:.2f} s with, {instant:.2f} s with one that only answers"
        )
        added = [
            statistics.median(b - a for a, b in zip(took["none"], took[name], strict=True))
            for name in ("ours", "instant")
        ]
        print(
            f"                        {added[0]:+.2f} s in pairs, "
            f"of it {added[1]:+.2f} s the client's       goal +0.15 s"
        )
    with tempfile.TemporaryDirectory() as folder:
        env = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "ACCRETE_HOME": given.record,
            "CLAUDE_CONFIG_DIR": folder,
        }
        ours, theirs, floors = (
            [sys.executable, "-P", "-m", "accrete", "mcp"],
            [given.beside, "-m", "sesh.mcp_server"] if given.beside else None,
            [],
        )
        starts: dict[str, list[float]] = {"ours": [], "theirs": []}
        for _ in range(given.runs):
            began = time.perf_counter()
            subprocess.run(
                [sys.executable, "-c", "import mcp.server.mcpserver"], check=True, env=env
            )
            floors.append(time.perf_counter() - began)
            for name, command in (("ours", ours), ("theirs", theirs)):
                if command:
                    server = Server(command, env)
                    starts[name].append(server.started)
                    server.close()
        above = statistics.median(
            start - floor for start, floor in zip(starts["ours"], floors, strict=True)
        )
        print(f"the SDK's import alone  {statistics.median(floors):.2f} s")
        print(
            f"exec to first answer    {statistics.median(starts['ours']):.2f} s, {above:+.2f} s "
            "beside the floor      goal 0.15 s"
        )
        server = Server(ours, env)
        count, size = sizes(server)
        print(
            f"tools                   {count}, "
            f"{size:,} bytes as a model sees them             goal 6, 6,144 bytes"
        )
        began = time.perf_counter()
        server.ask("tools/call", {"name": "usage", "arguments": {}})
        print(f"first call              {time.perf_counter() - began:.2f} s, with the SDK's import")
        times: list[float] = []
        for name, arguments in CALLS:
            took, largest = [], 0
            for _ in range(given.rounds):
                began = time.perf_counter()
                result = server.ask("tools/call", {"name": name, "arguments": arguments})
                took.append((time.perf_counter() - began) * 1000)
                largest = max(
                    largest,
                    len(
                        json.dumps(
                            result.get("structuredContent") or result, ensure_ascii=False
                        ).encode()
                    ),
                )
            times += took
            words = " ".join(str(value) for value in arguments.values())
            print(
                f"  {name + ' ' + words:<34} median {statistics.median(took):5.0f} ms, "
                f"{largest:>6,} bytes"
            )
        print(
            f"calls                   p95 {sorted(times)[int(0.95 * len(times))]:.0f} ms of "
            f"{len(times)}                        goal 100 ms"
        )
        server.close()
        if theirs:
            other = Server(theirs, env)
            count, size = sizes(other)
            print(
                f"agentsesh 0.15          {statistics.median(starts['theirs']):.2f} s to the first "
                f"answer, {count} tools, {size:,} bytes"
            )
            other.close()


if __name__ == "__main__":
    main()
