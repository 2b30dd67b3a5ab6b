"""How long the explorer's pages take, how large they are, and what the explorer needs meanwhile.

    python benchmarks/explorer.py --record DATA_FOLDER [--times 40] [--json]

DATA_FOLDER is a record as `benchmarks/backfill.py --keep` or `accrete backfill` leaves it. The
explorer runs as a person starts it; pages are asked for one after the other.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import json
import os
import re
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

PAGES = {
    "overview": "/?range=4w",
    "overview, a year": "/?range=year",
    "overview, all": "/?range=all",
    "sessions": "/sessions?range=all",
    "sessions by cost": "/sessions?range=all&sort=cost",
    "replay, newest": "/sessions/{newest}",
    "replay, longest": "/sessions/{longest}",
    "changes, longest": "/sessions/{longest}/changes",
    "facts, longest": "/sessions/{longest}/facts",
    "practices": "/practices?range=all",
    "one practice": "/practices/delegation?range=all",
    "costs": "/costs?range=all",
    "projects": "/projects?range=all",
    "search": "/search?range=all&q=test",
    "search, rare": "/search?range=all&q=%22zzz%20qqq%22",
    "data": "/data",
    "numbers": "/numbers",
}
GOAL_MS = {"search": 150.0, "search, rare": 150.0}
USUAL_GOAL_MS = 50.0


class Served:
    """`accrete explore` with a record."""

    def __init__(self, record: Path, home: str) -> None:
        env = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "ACCRETE_HOME": str(record),
            "CLAUDE_CONFIG_DIR": f"{home}/claude",
            "TZ": "UTC",
        }
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "accrete", "explore", "--port", "0", "--no-browser"],
            env=env,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        found = None
        while found is None:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit("The explorer did not start.")
            found = re.search(r"http://\S+", line)
        self.url = urlsplit(found[0])
        self.connection = http.client.HTTPConnection(self.url.netloc)
        _, _, headers = self.get(f"{self.url.path}?{self.url.query}", cookie="")
        self.cookie = headers["set-cookie"].partition(";")[0]
        self.get("/", self.cookie)
        self.first_s = time.perf_counter() - self.began

    def get(self, path: str, cookie: str | None = None) -> tuple[float, bytes, dict[str, str]]:
        """One page: ms to its first byte, its bytes, its headers."""
        headers = {"Cookie": self.cookie if cookie is None else cookie}
        began = time.perf_counter()
        self.connection.request("GET", path, headers=headers)
        answer = self.connection.getresponse()
        first = (time.perf_counter() - began) * 1000
        data = answer.read()
        if answer.status >= 400:
            raise SystemExit(f"{path}: {answer.status} {data[:300]!r}")
        return first, data, {name.lower(): value for name, value in answer.getheaders()}

    def cpu_s(self) -> float:
        """CPU seconds that the process used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        """The most memory that it had."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        return int(found[1]) / 1000 if found else 0.0

    def end(self) -> None:
        """Ends it as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(15)


def named(served: Served) -> dict[str, str]:
    """The sessions that pages are asked about."""
    found = {}
    for name, sort in (("newest", "started"), ("longest", "prompts")):
        page = served.get(f"/sessions?range=all&sort={sort}&who=all")[1].decode()
        link = re.search(r'href="/sessions/([^"?/]+)', page)
        found[name] = link[1] if link else "none"
    return found


def measure(record: Path, times: int, idle_s: float) -> dict[str, object]:
    """Every page, and what the explorer needs."""
    with tempfile.TemporaryDirectory() as home:
        served = Served(record, home)
        try:
            sessions = named(served)
            pages = {}
            for name, path in PAGES.items():
                took = []
                for _ in range(times):
                    first, data, _ = served.get(path.format(**sessions))
                    took.append(first)
                took.sort()
                pages[name] = {
                    "median_ms": round(statistics.median(took), 1),
                    "p95_ms": round(took[max(0, int(len(took) * 0.95) - 1)], 1),
                    "bytes": len(data),
                    "gzip_bytes": len(gzip.compress(data, 5)),
                }
            before = served.cpu_s()
            time.sleep(idle_s)
            idle = (served.cpu_s() - before) / idle_s
            return {
                "first_answer_s": round(served.first_s, 3),
                "memory_mb": round(served.memory_mb(), 1),
                "idle_cpu": round(idle, 4),
                "pages": pages,
            }
        finally:
            served.end()


def main() -> None:
    """Prints a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--record", type=Path, required=True, help="a data folder")
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--idle", type=float, default=5.0, help="seconds to watch it idle")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = measure(given.record.resolve(), given.times, given.idle)
    if given.json:
        print(json.dumps(found, indent=2))
        return
    print(f"first answer {found['first_answer_s']} s after exec (goal 0.6)")
    print(
        f"memory {found['memory_mb']} MB (goal 150), idle CPU {found['idle_cpu']:.2%} (goal 0.5%)"
    )
    print(f"{'page':20} {'median':>9} {'p95':>9} {'goal':>7} {'gzip':>9}")
    pages = found["pages"]
    assert isinstance(pages, dict)
    for name, each in pages.items():
        goal = GOAL_MS.get(name, USUAL_GOAL_MS)
        missed = "  missed" if each["p95_ms"] > goal else ""
        print(f"{name:20} {each['median_ms']:7.1f}ms {each['p95_ms']:7.1f}ms {goal:5.0f}ms "
              f"{each['gzip_bytes'] / 1000:6.1f}kB{missed}")  # fmt: skip
    own = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    print(f"(the measuring itself took {own:.1f} s of CPU)")


if __name__ == "__main__":
    main()
