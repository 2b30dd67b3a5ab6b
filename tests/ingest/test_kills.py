"""Killed, crowded and short of disk: what was stored stays whole, and the end is the same."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from itertools import count

import pytest

from accrete.database import Sqlite
from accrete.ingest import ingest
from accrete.settings import Settings
from tests.records import many, other, projects, record, rows, start_backfill
from tests.transcripts import Transcript, busy, session_id

pytestmark = pytest.mark.long


def test_a_full_disk_is_told_in_a_sentence_and_damages_nothing(settings):
    for n in range(1, 6):
        busy(n, turns=20).write(projects(settings))
    ingest(settings, paths=tuple(projects(settings).rglob(f"{session_id(1)}.jsonl")))
    before = record(settings)
    limit = rows(settings, "PRAGMA page_count")[0][0] + 1
    script = (
        "import sys, pathlib, accrete.database.sqlite as d\n"
        "from accrete.ingest import ingest\nfrom accrete.settings import Settings\nfrom "
        "accrete.errors import AccreteError\n"
        "old = d._open_writable\n"
        "def limited(*given):\n    c = old(*given)\n    c.execute('PRAGMA max_page_count = "
        f"{limit}')\n    return c\n"
        "d._open_writable = limited\n"
        f"s = Settings(home=pathlib.Path({str(settings.home)!r}), "
        f"roots=(pathlib.Path({str(settings.roots[0])!r}),))\n"
        "try:\n    ingest(s)\nexcept AccreteError as e:\n    print(e); sys.exit(3)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
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
    start_backfill(other(settings, "timing")).wait(120)
    usual = time.monotonic() - began
    for attempt in range(kills):
        child = start_backfill(settings, jobs=attempt % 2)
        time.sleep(usual * rng.uniform(0.1, 1.0))
        child.send_signal(signal.SIGKILL)
        died += child.wait(120) == -signal.SIGKILL
        if rng.random() < 0.3:
            path = projects(settings) / "-home-dev-demo" / f"{session_id(rng.randint(1, 30))}.jsonl"
            with path.open("ab") as file:
                file.write(
                    b'{"type":"ai-title","aiTitle":"later","sessionId":"%s"}\n' % path.stem.encode()
                )
    return died


def same_as_undisturbed(settings: Settings) -> bool:
    ingest(settings)
    clean = other(settings, "clean")
    ingest(clean)
    return record(settings) == record(clean)


@pytest.mark.slow
def test_a_backfill_killed_four_times_ends_with_the_same_content(settings):
    assert killed_backfills(settings, 4) > 0
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


class Killed(BaseException):
    """What nothing catches, as a kill."""


def killed_after(monkeypatch, settings: Settings, transactions: int) -> bool:
    """Ingests and dies once that many transactions are written; returns whether it died."""
    written = 0
    whole = Sqlite.transaction

    @contextmanager
    def counted(db: Sqlite):
        nonlocal written
        inside = db.connection.in_transaction
        with whole(db):
            yield
        written += not inside
        if not inside and written == transactions:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Sqlite, "transaction", counted)
        try:
            ingest(settings)
        except Killed:
            return True
    return False


def test_a_kill_between_any_two_transactions_leaves_projects_as_the_next_ingest_would_have_them(
    settings, monkeypatch
):
    """A session tells of a worktree, and begins, in folders that are known: no folder is asked
    about again."""

    def in_folder(n: int, cwd: str, command: str = "ls", printed: str = "ok") -> Transcript:
        made = Transcript(n, cwd=cwd)
        made.prompt()
        made.call("Bash", {"command": command}, message_id=f"msg_{n}", use=f"toolu_{n}")
        made.result(printed, use=f"toolu_{n}")
        return made

    first = [in_folder(1, "/w/shop"), in_folder(2, "/w/try")]
    later = in_folder(
        3,
        "/w/shop",
        "git worktree add ../try",
        "Preparing worktree (new branch 'try')\nHEAD is now at 1a",
    )
    for made in (*first, later):
        made.write(projects(settings))
    clean = other(settings, "clean")
    ingest(clean)
    died = 0
    for step in count(1):
        each = other(settings, f"step {step}")
        (projects(settings) / "-home-dev-demo" / f"{later.session}.jsonl").unlink()
        ingest(each)
        later.write(projects(settings))
        if not killed_after(monkeypatch, each, step):
            break
        died += 1
        ingest(each)
        assert rows(each, "SELECT COUNT(DISTINCT project) FROM session") == [(1,)], step
        assert record(each) == record(clean), step
    assert died >= 3
