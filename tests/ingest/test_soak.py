"""A long day: transcripts grow, move, are rewritten and vanish while ingests, backfills, readers,
hooks, syncs and pages come and go."""

from __future__ import annotations

import json
import os
import random
import re
import statistics
import subprocess
import sys
import time
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError

import pytest
from accrete_hooks.install import HOOK, write_scripts
from accrete_team import tenants, tokens
from accrete_team.registry import Registry

from accrete.ingest import ingest
from accrete.settings import Settings
from tests.records import other, projects, record
from tests.team.test_faults import Serving, free_port
from tests.transcripts import Transcript, busy, fork

SECONDS = 60
SOAK_S = float(os.environ.get("ACCRETE_SOAK_S", "60"))
"""How long hooks, syncs and pages go on: an hour in `make torture`."""
WARM_S = 15.0
"""How long a server is looked at before its memory counts: it loads its pages when they are asked
for."""
PAGES = ("/", "/?range=all", "/sessions?range=all", "/practices?range=all", "/costs?range=all",
         "/projects?range=all", "/search?range=all&q=cart", "/data")  # fmt: skip
SESSIONS = 25
BUSY = b"Another program is writing"
"""What a command says that waited for the record too long, on a machine that is busy otherwise:
whoever reads it asks again."""
SLOW = b"That takes too long"
"""The same of a page."""


def command(settings: Settings, *words: str) -> subprocess.Popen[bytes]:
    env = {
        **os.environ,
        "ACCRETE_HOME": str(settings.home),
        "CLAUDE_CONFIG_DIR": str(settings.roots[0]),
        "TZ": "UTC",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "accrete", *words],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


class Day:
    """Transcripts that are written line by line, as clients do, with what else happens to files."""

    def __init__(self, folder: Path, rng: random.Random) -> None:
        self.rng = rng
        made: list[Transcript] = [busy(n, turns=40) for n in range(1, SESSIONS)]
        made.append(fork(busy(1, turns=40), 900, upto=60))
        self.whole = {
            folder / f"-p{n % 4}" / f"{t.session}.jsonl": t.lines for n, t in enumerate(made)
        }
        self.written = dict.fromkeys(self.whole, 0)

    def step(self) -> None:
        path = self.rng.choice(list(self.whole))
        lines, at = self.whole[path], self.written[path]
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.rng.random() < 0.05:  # rewritten whole, as a client that compacts does
            path.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines[:at]))
        elif self.rng.random() < 0.03 and at:
            moved = path.with_name(path.name + ".moving")
            path.rename(moved)
            moved.rename(path)
        upto = min(at + self.rng.randint(1, 6), len(lines))
        with path.open("ab") as file:
            for line in lines[at:upto]:
                text = json.dumps(line).encode() + b"\n"
                cut = self.rng.randrange(len(text))
                file.write(text[:cut])
                file.flush()  # a reader may see half a line
                file.write(text[cut:])
        self.written[path] = upto

    def finish(self) -> None:
        for path, lines in self.whole.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))


@pytest.mark.torture
def test_a_day_of_growing_transcripts_with_everybody_at_work_ends_with_the_whole_record(settings):
    rng = random.Random(5)
    day = Day(projects(settings), rng)
    running: list[tuple[tuple[str, ...], subprocess.Popen[bytes]]] = []
    deadline = time.monotonic() + SECONDS
    said: list[tuple[tuple[str, ...], int, bytes]] = []
    day.step()
    command(settings, "backfill", "-q").communicate(timeout=60)
    while time.monotonic() < deadline:
        day.step()
        if len(running) < 6:
            words = rng.choice(
                [
                    ("ingest",),
                    ("ingest",),
                    ("backfill", "-q"),
                    ("overview", "--json"),
                    ("sessions", "--json"),
                    ("doctor", "--json"),
                    ("cost", "--json"),
                    ("rebuild",),
                    ("show", "latest", "--json"),
                ]
            )
            running.append((words, command(settings, *words)))
        for each in list(running):
            if each[1].poll() is not None:
                _, errors = each[1].communicate()
                said.append((each[0], each[1].returncode, errors))
                running.remove(each)
    for words, child in running:
        _, errors = child.communicate(timeout=120)
        said.append((words, child.returncode, errors))
    assert len(said) > 50
    bad = [
        (words, code, errors[-400:])
        for words, code, errors in said
        if b"Traceback" in errors
        or b"locked" in errors
        or (code and words[0] != "doctor")  # doctor tells of files that moved
    ]
    assert bad == []
    day.finish()
    ingest(settings)
    clean = other(settings, "clean")
    ingest(clean)
    assert record(settings) == record(clean)


class Open:
    """`accrete explore` in a process of its own, and a browser that it let in."""

    def __init__(self, settings: Settings) -> None:
        self.process = command(settings, "explore", "--port", "0", "--no-browser")
        assert self.process.stdout is not None
        address = None
        while address is None:
            line = self.process.stdout.readline().decode()
            assert line, "the explorer did not begin"
            address = re.search(r"(http://[^/\s]+)/\S+", line)
        self.url = address[1]
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self.browser = urllib.request.build_opener(cookies)
        self.get(address[0].removeprefix(self.url))

    def get(self, path: str) -> bool:
        """Whether the page was there in time: one that was not says so, and is asked for again."""
        try:
            with self.browser.open(self.url + path, timeout=60) as answer:
                answer.read()
        except HTTPError as error:
            with error:
                if SLOW not in error.read():
                    raise
            return False
        return True


def held(process: subprocess.Popen[bytes]) -> tuple[float, int]:
    """The resident memory of a process in MB, and how many files it has open."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None, "the process has ended"
    return int(found[1]) / 1024, len(os.listdir(f"/proc/{process.pid}/fd"))


def flat(said: str, samples: list[tuple[float, int]]) -> bool:
    """Whether the last third of the samples has no more memory and files than the first."""
    third = len(samples) // 3
    parts = (samples[:third], samples[-third:])
    (mb, files), (mb_last, files_last) = (
        (statistics.median(each[0] for each in part), max(each[1] for each in part))
        for part in parts
    )
    print(f"{said}: {mb:.1f} to {mb_last:.1f} MB, at most {files} to {files_last} files open")
    return mb_last <= 1.1 * mb + 8 and files_last <= files + 4


@pytest.mark.torture
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc to look at")
def test_hooks_ingests_syncs_and_pages_at_once_leave_memory_and_file_handles_flat(
    settings, tmp_path
):
    rng = random.Random(9)
    registry = Registry(tmp_path / "team")
    company = tenants.create(registry, "acme")
    db = tenants.open_company(company)
    token = tokens.make_token(db, "acme", tokens.add_person(db, "Amara"), "laptop", 0)
    db.close()
    server = Serving(registry.home, free_port())
    server.begin()
    day = Day(projects(settings), rng)
    day.finish()  # all is there at first: what grows with the record is no leak
    command(settings, "backfill", "-q").communicate(timeout=300)
    url = f"http://127.0.0.1:{server.port}"
    joined = command(settings, "team", "join", url, "--token", token, "--yes")
    out, errors = joined.communicate(timeout=300)
    assert joined.returncode == 0, (out, errors)
    write_scripts(settings.home)
    explorer = Open(settings)
    assert server.process is not None
    watched = {"explorer": explorer.process, "team server": server.process}
    samples: dict[str, list[tuple[float, int]]] = {name: [] for name in watched}
    running: list[subprocess.Popen[bytes]] = []
    done: dict[str, int] = {"hooks": 0, "pages": 0, "commands": 0, "asked again": 0}
    bad: list[tuple[object, int, bytes]] = []
    began = time.monotonic()
    try:
        while (past := time.monotonic() - began) < WARM_S + SOAK_S:
            path = rng.choice(list(day.whole))
            grow(path, done["hooks"])
            given = {
                "session_id": path.stem, "transcript_path": str(path), "cwd": "/home/dev/demo",
                "hook_event_name": "Stop", "last_assistant_message": f"Done {done['hooks']}",
            }  # fmt: skip
            running.append(hook(settings, given))
            done["hooks"] += 1
            words = rng.choice((("ingest",), ("sync",), ("overview",), ("backfill", "-q")))
            running.append(command(settings, *words))
            done["commands"] += 1
            for _ in range(3):
                page = rng.choice((*PAGES, f"/sessions/{rng.choice(list(day.whole)).stem}"))
                done["pages" if explorer.get(page) else "asked again"] += 1
            while len(running) > 4:
                child = running.pop(0)
                _, errors = child.communicate(timeout=120)
                if child.returncode and BUSY in errors:  # the record was written to for long
                    done["asked again"] += 1
                    again = isinstance(child.args, list) and child.args[3:]
                    child = command(settings, *again) if again else child
                    _, errors = child.communicate(timeout=120)
                if child.returncode or b"Traceback" in errors:
                    bad.append((child.args, child.returncode, errors[-400:]))
            if past > WARM_S:
                for name, process in watched.items():
                    samples[name].append(held(process))
        for child in running:
            child.communicate(timeout=120)
    finally:
        explorer.process.terminate()
        explorer.process.communicate(timeout=20)
        server.kill()
    print(", ".join(f"{n} {name}" for name, n in done.items()), f"in {past:.0f} s")
    not_flat = [name for name, each in samples.items() if not flat(name, each)]
    assert (bad, not_flat) == ([], [])
    assert done["asked again"] <= done["commands"] / 100


def hook(settings: Settings, given: dict[str, str]) -> subprocess.Popen[bytes]:
    """A hook as the client runs it."""
    process = subprocess.Popen(
        [str(settings.home / "bin" / HOOK), "Stop"],
        env={**os.environ, "ACCRETE_HOME": str(settings.home),
             "CLAUDE_CONFIG_DIR": str(settings.roots[0]), "TZ": "UTC"},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(json.dumps(given).encode())
    process.stdin.close()
    process.stdin = None
    return process


def grow(path: Path, n: int) -> None:
    """The last line of a transcript once more, as its client would write a small new record."""
    title = {"type": "custom-title", "customTitle": f"title {n}", "sessionId": path.stem}
    with path.open("ab") as file:
        file.write(json.dumps(title).encode() + b"\n")
