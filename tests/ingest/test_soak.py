"""A long day: transcripts grow, move, are rewritten and vanish while ingests, backfills and readers
come and go."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from accrete.ingest import ingest
from accrete.settings import Settings
from tests.records import other, projects, record
from tests.transcripts import Transcript, busy, fork

SECONDS = 60
SESSIONS = 25


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
