"""Killed, crowded and short of disk: what was stored stays whole, and the end is the same."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

import pytest

from accrete.ingest import ingest
from accrete.settings import Settings
from tests.records import many, other, projects, record, start_backfill
from tests.transcripts import busy, session_id


def test_a_full_disk_is_told_in_a_sentence_and_damages_nothing(settings):
    for n in range(1, 6):
        busy(n, turns=20).write(projects(settings))
    ingest(settings, paths=tuple(projects(settings).rglob(f"{session_id(1)}.jsonl")))
    before = record(settings)
    limit = settings.database.stat().st_size // 4096 + 2
    script = (
        "import sys, pathlib, accrete.database.sqlite as d\n"
        "from accrete.ingest import ingest\nfrom accrete.settings import Settings\nfrom accrete.errors import AccreteError\n"
        "old = d._open_writable\n"
        f"def limited(path):\n    c = old(path)\n    c.execute('PRAGMA max_page_count = {limit}')\n    return c\n"
        "d._open_writable = limited\n"
        f"s = Settings(home=pathlib.Path({str(settings.home)!r}), roots=(pathlib.Path({str(settings.roots[0])!r}),))\n"
        "try:\n    ingest(s)\nexcept AccreteError as e:\n    print(e); sys.exit(3)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, "is full" in done.stdout) == (3, True), done.stderr
    after = record(settings)
    assert all(row in after["event"] for row in before["event"])
    ingest(settings)
    clean = other(settings, "clean")
    ingest(clean)
    assert record(settings) == record(clean)


def killed_backfills(settings: Settings, kills: int) -> int:
    """Starts backfills and kills each at a random moment; returns how many died of it."""
    many(settings)
    rng = random.Random(11)
    died = 0
    began = time.monotonic()
    start_backfill(other(settings, "timing")).wait(60)
    usual = time.monotonic() - began
    for attempt in range(kills):
        child = start_backfill(settings, jobs=attempt % 2)
        time.sleep(usual * rng.uniform(0.1, 1.0))
        child.send_signal(signal.SIGKILL)
        died += child.wait(60) == -signal.SIGKILL
        if rng.random() < 0.3:
            path = projects(settings) / "-home-dev-demo" / f"{session_id(rng.randint(1, 30))}.jsonl"
            with path.open("ab") as file:
                file.write(b'{"type":"ai-title","aiTitle":"later","sessionId":"%s"}\n' % path.stem.encode())
    return died


def same_as_undisturbed(settings: Settings) -> bool:
    ingest(settings)
    clean = other(settings, "clean")
    ingest(clean)
    return record(settings) == record(clean)


@pytest.mark.slow
def test_a_backfill_killed_ten_times_ends_with_the_same_content(settings):
    assert killed_backfills(settings, 10) > 0
    assert same_as_undisturbed(settings)


@pytest.mark.torture
def test_a_backfill_killed_two_hundred_times_ends_with_the_same_content(settings):
    assert killed_backfills(settings, 200) > 20
    assert same_as_undisturbed(settings)


@pytest.mark.slow
def test_two_backfills_at_once_give_the_same_content(settings):
    many(settings)
    children = [start_backfill(settings, jobs=1) for _ in range(2)]
    assert [child.wait(120) for child in children] == [0, 0]
    assert same_as_undisturbed(settings)
