"""The explorer's pages beside agentsview's server: what both can show, of the same history.

Used by `explorer.py --peer HISTORY`. agentsview reads the history into a folder that is deleted
afterwards, offline and without its daemon; its server then runs on loopback, without telemetry,
update checks, and looking for changes. Both are asked in turn, so that what else the machine does
falls on both.
"""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ASKED = {
    "list": ("/sessions?range=all", "/api/v1/sessions?limit=50&include_one_shot=true"),
    "session": ("/sessions/{longest}", "/api/v1/sessions/{longest}/messages?limit=1000"),
    "usage": ("/costs?range=all", "/api/v1/usage/summary?from=2020-01-01&to=2099-12-31"),
    "search": ("/search?range=all&q=test", "/api/v1/search?q=test"),
}
"""What both show, by the address of each. agentsview's answers are JSON that its page draws."""
LONGEST_S = 120.0
"""How long one of its answers may take."""


class Took(NamedTuple):
    """One answer: ms to its first byte and to its last, CPU ms, its bytes as they came."""

    first_ms: float
    whole_ms: float
    cpu_ms: float
    size: int


class Peer:
    """agentsview's server over a history of Claude Code."""

    def __init__(self, history: Path, scratch: Path) -> None:
        program = shutil.which("agentsview") or shutil.which(
            "agentsview", path=Path(sys.executable).parent
        )
        if program is None:
            raise SystemExit("agentsview is not installed: pip install agentsview==0.46.1")
        home = scratch / "peer-home"
        home.mkdir()
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "AGENTSVIEW_DATA_DIR": str(scratch / "peer"),
            "CLAUDE_PROJECTS_DIR": str(history / "projects"),
            "AGENTSVIEW_NO_DAEMON": "1",
            "AGENTSVIEW_TELEMETRY_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "TZ": "UTC",
        }
        subprocess.run([program, "sync"], env=env, check=True, stdout=subprocess.DEVNULL)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        self.process = subprocess.Popen(
            [program, "serve", "--no-sync", "--no-browser", "--no-update-check",
             "--host", "127.0.0.1", "--port", str(port)],
            env=env, stdout=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self.address = f"127.0.0.1:{port}"
        self._wait()
        self.connection = http.client.HTTPConnection(self.address, timeout=LONGEST_S)

    def _wait(self) -> None:
        until = time.monotonic() + LONGEST_S
        while time.monotonic() < until:
            try:
                asked = http.client.HTTPConnection(self.address, timeout=5)
                asked.request("GET", "/api/ping")
                asked.getresponse().read()
                return
            except OSError:
                time.sleep(0.1)
        self.end()
        raise SystemExit("agentsview did not start.")

    def get(self, path: str) -> tuple[float, bytes]:
        """ms to the first byte of an answer, and its bytes as they came."""
        began = time.perf_counter()
        self.connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = self.connection.getresponse()
        begin = answer.read(1)
        first = (time.perf_counter() - began) * 1000
        data = begin + answer.read()
        if answer.status != 200:
            raise SystemExit(f"agentsview: {path}: {answer.status}")
        return first, data

    def cpu_s(self) -> float:
        """CPU seconds that it used so far, and its processes that still run."""
        return sum(_cpu_s(pid) for pid in _with_children(self.process.pid))

    def end(self) -> None:
        """Ends it, and what it started."""
        for pid in reversed(_with_children(self.process.pid)):
            os.kill(pid, signal.SIGTERM)
        self.process.wait(15)


def _with_children(pid: int) -> list[int]:
    try:
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        below = []
    return [pid, *(each for child in below for each in _with_children(int(child)))]


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def took(get: Callable[[], tuple[float, bytes]], cpu_s: Callable[[], float]) -> Took:
    """One answer."""
    began, before = time.perf_counter(), cpu_s()
    first, data = get()
    whole = (time.perf_counter() - began) * 1000
    return Took(first, whole, (cpu_s() - before) * 1000, len(data))


def typical(answers: list[Took]) -> dict[str, float]:
    """Medians of times, the mean of CPU (its clock ticks every 10 ms), and the size."""
    return {
        "first_ms": round(statistics.median(each.first_ms for each in answers), 1),
        "whole_ms": round(statistics.median(each.whole_ms for each in answers), 1),
        "cpu_ms": round(statistics.fmean(each.cpu_ms for each in answers), 1),
        "gzip_bytes": answers[-1].size,
    }


def show(found: dict[str, dict[str, dict[str, float]]]) -> None:
    """A table of both."""
    print(f"{'':10} {'':12} {'first ask':>10} {'first byte':>11} {'whole':>10} {'CPU':>10} "
          f"{'gzip':>10}")  # fmt: skip
    for name, programs in found.items():
        for program, each in programs.items():
            print(
                f"{name:10} {program:12} {each['once_ms']:8.1f}ms {each['first_ms']:9.1f}ms "
                f"{each['whole_ms']:8.1f}ms {each['cpu_ms']:8.1f}ms "
                f"{each['gzip_bytes'] / 1000:8.1f}kB"
            )
