"""No wake-up is lost: whoever ingests reads until nothing is left, in any crash."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from accrete.ingest import ingest, passes
from accrete.ingest.background import SETTLE_S, background
from accrete.record import lock, spool, spooled
from accrete.settings import Settings
from tests.fuzz import TORTURE
from tests.hooks.spooled import Waited, put, talk
from tests.records import rows
from tests.transcripts import START, session_id


@pytest.mark.long
def test_at_stop_the_last_answer_is_waited_for(settings):
    t = talk()
    path = settings.roots[0] / "projects" / "-home-dev-demo" / f"{t.session}.jsonl"
    t.write(settings.roots[0] / "projects")
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    put(
        settings,
        "Stop",
        {
            "session_id": t.session,
            "transcript_path": str(path),
            "last_assistant_message": "Answer 0",
        },
        at=int(time.time() * 1000),
    )
    late = threading.Timer(0.4, lambda: path.write_bytes(whole))
    late.start()
    background(settings)
    late.join()
    assert rows(settings, "SELECT COUNT(*) FROM event WHERE kind = 'assistant_text'") == [(1,)]


def test_a_path_that_never_exists_stops_nothing_and_a_moved_file_is_found(settings):
    t = talk()
    t.write(settings.roots[0] / "projects", slug="-elsewhere")
    put(
        settings,
        "Stop",
        {
            "session_id": t.session,
            "transcript_path": "/no/such/file.jsonl",
            "last_assistant_message": "Answer 0",
        },
    )
    waited = Waited()
    background(settings, clock=waited.clock, sleep=waited.sleep)
    assert waited.seconds < SETTLE_S
    assert rows(settings, "SELECT COUNT(*) FROM session") == [(1,)]


@pytest.mark.parametrize(
    "command",
    [
        ["backfill", "-q"],
        ["backfill", "-q", "--path", "OTHER"],
        ["rebuild"],
        ["forget", "--project", "demo", "--yes"],
    ],
)
def test_whoever_holds_the_record_hears_afterwards_who_came_meanwhile(
    settings, monkeypatch, tmp_path, command
):
    from accrete.commands import main

    first, second = talk(1), talk(2)
    first.write(settings.roots[0] / "projects")
    (tmp_path / "other" / "projects").mkdir(parents=True)
    talk(3).write(tmp_path / "other" / "projects")
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(settings.roots[0]))
    ingest(settings)
    second.common["cwd"] = "/home/dev/elsewhere"
    for line in second.lines:
        line["cwd"] = "/home/dev/elsewhere"
    second.write(settings.roots[0] / "projects", slug="-elsewhere")
    put(settings, "SessionEnd", {"session_id": second.session})
    (settings.spool / spool.MARK).touch()
    main([word.replace("OTHER", str(tmp_path / "other")) for word in command])
    assert not spooled.waiting(settings)
    assert (second.session,) in rows(settings, "SELECT id FROM session")
    assert rows(settings, "SELECT event FROM hook_event") == [("SessionEnd",)]


class Interrupted:
    """The lock of the record, and what comes while it is held for the first time: just before it is
    freed, or when the transcripts are read."""

    def __init__(self, settings: Settings, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
        self.settings, self.held, self.came = settings, 0, False
        self._held, self._passes = lock.held, passes
        monkeypatch.setattr(lock, "held", self._lock)
        if when == "while it reads":
            monkeypatch.setattr("accrete.ingest.background.passes", self._read)
        self._at_the_end = when == "before it is freed"

    @contextmanager
    def _lock(self, path: Path, *, wait_s: float) -> Iterator[bool]:
        with self._held(path, wait_s=wait_s) as mine:
            self.held += 1
            yield mine
            if self._at_the_end:
                self._come()

    def _read(self, *given: Any, **more: Any) -> None:
        self._passes(*given, **more)
        self._come()

    def _come(self) -> None:
        """A hook writes of a second session; the ingest that it starts finds the lock taken."""
        if self.came:
            return
        self.came = True
        second = talk(2)
        second.write(self.settings.roots[0] / "projects")
        put(self.settings, "SessionEnd", {"session_id": second.session})
        (self.settings.spool / spool.MARK).touch()
        with self._held(self.settings.lock, wait_s=0) as other:
            assert not other


@pytest.mark.parametrize(("when", "held"), [("before it is freed", 2), ("while it reads", 1)])
def test_who_comes_while_the_record_is_held_is_heard_before_the_ingest_ends(
    settings, monkeypatch, when, held
):
    talk(1).write(settings.roots[0] / "projects")
    came = Interrupted(settings, monkeypatch, when)
    background(settings)
    assert (came.came, came.held) == (True, held)
    assert not spooled.waiting(settings)
    assert rows(settings, "SELECT id FROM session ORDER BY id") == [
        (session_id(1),),
        (session_id(2),),
    ]
    assert rows(settings, "SELECT event FROM hook_event") == [("SessionEnd",)]


def test_an_ingest_that_finds_the_record_held_says_so_and_reads_nothing(settings):
    t = talk()
    path = t.write(settings.roots[0] / "projects")
    put(settings, "SessionEnd", {"session_id": t.session, "transcript_path": str(path)})
    with lock.held(settings.lock, wait_s=0) as mine:
        assert mine
        for report in (background(settings), ingest(settings, wait_s=0)):
            assert report.held_elsewhere
    assert not settings.database.exists()
    assert not background(settings).held_elsewhere
    assert rows(settings, "SELECT COUNT(*) FROM session") == [(1,)]


INGESTS = 20 if TORTURE else 10


@pytest.mark.long
@pytest.mark.grid
def test_many_ingests_at_once_while_a_transcript_grows_leave_nothing_unread(settings):
    t = talk(answers=2 * INGESTS)
    path = settings.roots[0] / "projects" / "-home-dev-demo" / f"{t.session}.jsonl"
    path.parent.mkdir(parents=True)
    lines = t.text().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]))
    env = {
        **os.environ,
        "ACCRETE_HOME": str(settings.home),
        "CLAUDE_CONFIG_DIR": str(settings.roots[0]),
    }
    running = []
    for n in range(INGESTS):
        put(settings, "Stop", {"session_id": t.session}, at=START + n * 10_000, n=n)
        (settings.spool / spool.MARK).touch()
        running.append(
            subprocess.Popen(
                [sys.executable, "-m", "accrete", "ingest", "--json"],
                env=env,
                stdout=subprocess.PIPE,
            )
        )
        with path.open("ab") as file:
            file.write(b"".join(lines[2 + n * 4 : 6 + n * 4]))
    told = [json.loads(each.communicate(timeout=120)[0]) for each in running]
    assert all(each.returncode == 0 for each in running)
    assert sum(each["events"] for each in told) == INGESTS
    assert rows(settings, "SELECT COUNT(*) FROM hook_event") == [(INGESTS,)]
    ingest(settings)  # a hook at the last line would have woken one more
    answers = "SELECT COUNT(*) FROM event WHERE kind = 'assistant_text'"
    assert rows(settings, answers) == [(2 * INGESTS,)]
    assert os.listdir(settings.spool) == []


@pytest.mark.long
def test_events_of_an_ingest_killed_at_random_are_neither_lost_nor_doubled(settings):
    for n in range(3000):
        put(
            settings,
            "Notification",
            {"session_id": session_id(n % 50), "n": n},
            at=START + n * 6000,
            n=n,
        )
    env = {
        **os.environ,
        "ACCRETE_HOME": str(settings.home),
        "CLAUDE_CONFIG_DIR": str(settings.roots[0]),
    }
    for wait in (0.2, 0.25, 0.3, 0.35):
        child = subprocess.Popen([sys.executable, "-m", "accrete", "ingest"], env=env)
        time.sleep(wait)
        child.kill()
        child.wait()
    subprocess.run([sys.executable, "-m", "accrete", "ingest"], env=env, check=True, timeout=120)
    assert rows(settings, "SELECT COUNT(*), COUNT(DISTINCT hash) FROM hook_event") == [(3000, 3000)]
    assert os.listdir(settings.spool) == []


def test_many_ended_sessions_settle_together_and_old_ones_not_at_all(settings):
    now = int(time.time() * 1000)
    for n in range(30):
        put(settings, "SessionEnd", {"session_id": session_id(n)}, at=now, n=n)
        put(settings, "SessionEnd", {"session_id": session_id(100 + n)}, at=START, n=100 + n)
    waited = Waited()
    assert background(settings, clock=waited.clock, sleep=waited.sleep).events == 60
    assert waited.seconds < SETTLE_S
