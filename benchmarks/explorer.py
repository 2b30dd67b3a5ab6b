"""How long the explorer's pages take, how large they are, and what the explorer needs meanwhile.

    python benchmarks/explorer.py --record DATA_FOLDER [--times 40] [--grown 10] [--steps 5000]
                                  [--peer HISTORY]

DATA_FOLDER is a record as `benchmarks/backfill.py --keep` or `accrete backfill` leaves it. The
explorer runs as a person starts it; pages are asked for one after the other, compressed as browsers
ask for them. --grown: the pages over many sessions once more, with so many times the facts (in
memory, some 80 MB for each time a 1 GB history). --steps: the replay of one session with so many
steps. --peer: the folder of Claude Code that the record is of; what agentsview shows of it beside
the same of these pages (beside.py).
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
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import beside
from grown import grow, one_long

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
    "responses": "/responses?range=all",
    "responses of a model": "/responses?range=all&model=claude-sonnet-5-5",
    "projects": "/projects?range=all",
    "search": "/search?range=all&q=test",
    "search, rare": "/search?range=all&q=%22zzz%20qqq%22",
    "data": "/data",
    "numbers": "/numbers",
}
GOAL_MS = {"search": 150.0, "search, rare": 150.0}
USUAL_GOAL_MS, GROWN_GOAL_MS = 50.0, 150.0
USUAL_GOAL_KB, REPLAY_GOAL_KB = 40.0, 120.0
OF_ONE = ("replay", "changes", "facts", "search")
"""How the names of pages begin that do not grow with the number of sessions, or that the grown
record, which has no texts, cannot show."""


class RefusedError(Exception):
    """A page that was not shown: there is none, or it took longer than a question may."""


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
        """One page: ms to the first byte of its body, its bytes as they came, its headers."""
        headers = {
            "Cookie": self.cookie if cookie is None else cookie,
            "Accept-Encoding": "gzip",
        }
        began = time.perf_counter()
        self.connection.request("GET", path, headers=headers)
        answer = self.connection.getresponse()
        begin = answer.read(1)
        first = (time.perf_counter() - began) * 1000
        data = begin + answer.read()
        if answer.status >= 400:
            raise RefusedError(f"{path}: {answer.status}")
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
        data = served.get(f"/sessions?range=all&sort={sort}&who=all")[1]
        page = gzip.decompress(data).decode()
        link = re.search(r'href="/sessions/([^"?/]+)', page)
        found[name] = link[1] if link else "none"
    return found


def measure(record: Path, times: int, idle_s: float, *, only: str = "") -> dict[str, object]:
    """Every page, and what the explorer needs. only: the beginning of the names of pages; ''
    for all, `many` for those over many sessions."""
    with tempfile.TemporaryDirectory() as home:
        served = Served(record, home)
        try:
            sessions = named(served)
            pages = {}
            for name, path in PAGES.items():
                if only == "many" and name.startswith(OF_ONE):
                    continue
                if only not in ("", "many") and not name.startswith(only):
                    continue
                took, cpu = [], served.cpu_s()
                try:
                    for _ in range(times):
                        first, data, _ = served.get(path.format(**sessions))
                        took.append(first)
                except RefusedError as error:
                    print(f"{name}: not shown ({error})")
                    continue
                took.sort()
                pages[name] = {
                    "median_ms": round(statistics.median(took), 1),
                    "p95_ms": round(took[max(0, int(len(took) * 0.95) - 1)], 1),
                    "cpu_ms": round((served.cpu_s() - cpu) / times * 1000, 1),
                    "gzip_bytes": len(data),
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


def grown(record: Path, times: int, facts: int) -> dict[str, object]:
    """The pages over many sessions, with so many times the facts."""
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        larger = Path(folder) / "record"
        grow(record, larger, facts)
        return measure(larger, times, 0.5, only="many")


def long_replay(times: int, steps: int) -> tuple[int, dict[str, object]]:
    """How many steps a made session has, and its replay."""
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        history, record = Path(folder) / "claude", Path(folder) / "record"
        one_long(history, steps)
        env = {**os.environ, "HOME": folder, "ACCRETE_HOME": str(record), "TZ": "UTC",
               "CLAUDE_CONFIG_DIR": str(history)}  # fmt: skip
        command = [sys.executable, "-m", "accrete", "backfill", "--path", str(history)]
        subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)
        db = sqlite3.connect(record / "accrete.db")
        ((made,),) = db.execute(
            "SELECT COUNT(*) FROM event WHERE agent = '' AND sidechain = 0 "
            "AND kind <> 'tool_result'"
        )
        db.close()
        return int(made), measure(record, times, 0.5, only="replay, longest")


def with_peer(record: Path, history: Path, times: int) -> dict[str, dict[str, dict[str, float]]]:
    """What both programs show, by name and program; both are asked in turn."""
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        (home := Path(folder) / "home").mkdir()
        peer = beside.Peer(history, Path(folder))
        try:
            served = Served(record, str(home))
            try:
                sessions = named(served)
                found = {}
                for name, (own, theirs) in beside.ASKED.items():
                    page, answer = own.format(**sessions), theirs.format(**sessions)
                    ways = {
                        "Accrete": (lambda page=page: served.get(page)[:2], served.cpu_s),
                        "agentsview": (lambda answer=answer: peer.get(answer), peer.cpu_s),
                    }
                    once = {program: beside.took(*way) for program, way in ways.items()}
                    more: dict[str, list[beside.Took]] = {program: [] for program in ways}
                    for _ in range(times):
                        for program, way in ways.items():
                            more[program].append(beside.took(*way))
                    found[name] = {
                        program: beside.typical(answers)
                        | {"once_ms": round(once[program].whole_ms, 1)}
                        for program, answers in more.items()
                    }
                return found
            finally:
                served.end()
        finally:
            peer.end()


def _memory() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def show(pages: object, usual_ms: float) -> None:
    """A table of pages beside their goals."""
    assert isinstance(pages, dict)
    print(f"{'page':20} {'median':>9} {'p95':>9} {'goal':>7} {'CPU':>9} {'gzip':>9} {'goal':>7}")
    for name, each in pages.items():
        goal = max(GOAL_MS.get(name, usual_ms), usual_ms)
        most = REPLAY_GOAL_KB if name.startswith("replay") else USUAL_GOAL_KB
        size = each["gzip_bytes"] / 1000
        missed = "  missed" if each["p95_ms"] > goal or size > most else ""
        print(f"{name:20} {each['median_ms']:7.1f}ms {each['p95_ms']:7.1f}ms {goal:5.0f}ms "
              f"{each['cpu_ms']:7.1f}ms {size:7.1f}kB {most:5.0f}kB{missed}")  # fmt: skip


def main() -> None:
    """Prints a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--record", type=Path, required=True, help="a data folder")
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--idle", type=float, default=5.0, help="seconds to watch it idle")
    parser.add_argument("--grown", type=int, default=0, help="times the facts")
    parser.add_argument("--steps", type=int, default=0, help="steps of one long session")
    parser.add_argument("--peer", type=Path, metavar="HISTORY", help="beside agentsview")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    record = given.record.resolve()
    if given.peer:
        found = with_peer(record, given.peer.resolve(), given.times)
        print(json.dumps(found, indent=2)) if given.json else beside.show(found)
        return
    found = measure(record, given.times, given.idle)
    if given.json:
        if given.grown:
            found["grown"] = grown(record, given.times, given.grown)["pages"]
        if given.steps:
            steps, of_long = long_replay(given.times, given.steps)
            found |= {"steps": steps, "long": of_long["pages"]}
        print(json.dumps(found, indent=2))
        return
    print(f"first answer {found['first_answer_s']} s after exec (goal 0.6)")
    print(
        f"memory {found['memory_mb']} MB (goal 150), idle CPU {found['idle_cpu']:.2%} (goal 0.5%)"
    )
    show(found["pages"], USUAL_GOAL_MS)
    if given.grown:
        print(f"with {given.grown} times the facts:")
        show(grown(record, given.times, given.grown)["pages"], GROWN_GOAL_MS)
    if given.steps:
        steps, of_long = long_replay(given.times, given.steps)
        print(f"a session of {steps:,} steps:")
        show(of_long["pages"], USUAL_GOAL_MS)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    print(f"(the measuring itself took {own:.1f} s of CPU)")


if __name__ == "__main__":
    main()
