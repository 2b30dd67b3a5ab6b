"""Nothing in a spool can block it: odd files, large ones, folders that have grown."""

from __future__ import annotations

import os
import time

import pytest

from accrete.ingest import ingest
from accrete.ingest.background import background
from accrete.record import spool, spooled
from accrete.settings import Settings
from tests.hooks.spooled import Waited, drained, put
from tests.patience import least, thread_s
from tests.records import rows
from tests.transcripts import START


@pytest.mark.slow
def test_a_directory_that_has_grown_is_made_anew_once_it_is_empty(settings, monkeypatch):
    settings.spool.mkdir(parents=True)
    (settings.spool / "unreadable").mkdir()
    (settings.spool / "unreadable" / "kept").write_text("x")
    before = settings.spool.stat()
    monkeypatch.setattr(
        spool, "GROWN", before.st_size - 1
    )  # not every file system's directories grow with their names
    put(settings, "Stop", {"session_id": "s"})
    assert drained(settings).events == 1
    after = settings.spool.stat()
    assert after.st_ino != before.st_ino
    assert after.st_mode & 0o777 == 0o700
    assert (settings.spool / "unreadable" / "kept").read_text() == "x"


def body(
    settings: Settings, data: bytes, *, n: int = 0, session: str = "-", at: object = START
) -> None:
    settings.spool.mkdir(parents=True, exist_ok=True)
    head = f"accrete-hook 1 Stop {at} 0 - {session}\n/home/dev/demo\n".encode()
    (settings.spool / f"{START:020d}-{n}-Stop.hook").write_bytes(head + data)


@pytest.mark.parametrize(
    "data",
    [
        b'{"session_id": "s", "last_assistant_message": "cut \\ud800 off"}',
        b'{"session_id": "s", "reason": "\\udfff\\ud800"}',
        b'{"session_id": "s", "transcript_path": "/x/\\ud800\\u0000.jsonl"}',
        b'{"session_id": "s", "x": 1e999, "y": NaN}',
    ],
)
def test_what_json_cannot_carry_keeps_no_event_from_being_read(settings, data):
    body(settings, data)
    waited = Waited()
    assert background(settings, clock=waited.clock, sleep=waited.sleep).events == 1
    assert rows(settings, "SELECT session FROM hook_event") == [("s",)]
    assert os.listdir(settings.spool) == []


@pytest.mark.parametrize(
    ("data", "more"),
    [
        *(
            (b'{"session_id": "%s"}' % odd, {})
            for odd in (b"a\\ud800", b"**", b"../x", b"a b", b"x" * 300)
        ),
        (b"{}", {}),
        (b"[]", {"session": "s"}),
        *((b"{}", {"session": "s", "at": odd}) for odd in ("9" * 40, "²", "-5")),
    ],
)
def test_what_can_be_no_event_never_blocks_those_behind_it(settings, data, more):
    body(settings, data, **more)
    put(settings, "SessionEnd", {"session_id": "s"}, n=1)
    waited = Waited()
    assert background(settings, clock=waited.clock, sleep=waited.sleep).events == 1
    assert os.listdir(settings.spool) == ["unreadable"]
    assert len(os.listdir(settings.spool / "unreadable")) == 1


def test_names_that_are_no_plain_files_never_block_the_spool(settings):
    settings.spool.mkdir(parents=True)
    os.mkfifo(settings.spool / "1.hook")
    (settings.spool / "2.hook").mkdir()
    (settings.spool / "2.hook" / "inside").touch()
    (settings.spool / "3.hook").symlink_to("/dev/zero")
    (settings.spool / "4.hook").symlink_to("/no/such/file")
    put(settings, "SessionEnd", {"session_id": "s"})
    found = drained(settings)
    assert (found.events, found.unreadable) == (1, 3)
    assert os.listdir(settings.spool) == ["unreadable"]


@pytest.mark.long
@pytest.mark.parametrize(
    "kind", ["a payload", "a cut one", "a last answer", "more than any hook writes"]
)
def test_large_files_in_the_spool_are_read_or_removed_in_seconds(settings, kind):
    assert least(lambda: read_large(settings, kind), 5) < 5
    assert [path.name for path in settings.spool.glob("*.hook")] == []
    assert sum(path.stat().st_size for path in settings.spool.rglob("*") if path.is_file()) < 20_000


def read_large(settings: Settings, kind: str) -> float:
    """CPU seconds of an ingest that finds a large file in the spool."""
    words = b"AKIA some words of a person " * (50_000_000 // 28)
    if kind == "a payload":
        body(settings, b'{"session_id": "s", "prompt": "\\ud800' + words + b'"}')
    elif kind == "a cut one":
        body(settings, b'{"session_id": "s", "prompt": "' + words)
    elif kind == "a last answer":
        body(
            settings,
            b'{"session_id": "s", "last_assistant_message": "' + words + b'"}',
            at=int(time.time() * 1000),
        )
    else:
        body(settings, b'{"session_id": "s", "prompt": "' + words + words + b'"}')
    waited = Waited()
    return thread_s(lambda: background(settings, clock=waited.clock, sleep=waited.sleep))


def test_so_many_files_that_are_no_event_are_kept_and_no_more(settings, monkeypatch):
    monkeypatch.setattr(spool, "ASIDE_FILES", 3)
    settings.spool.mkdir(parents=True)
    for n in range(10):
        (settings.spool / f"{n}.hook").write_bytes(b"garbage")
    assert drained(settings).unreadable == 10
    assert len(os.listdir(settings.spool / "unreadable")) == 3
    assert os.listdir(settings.spool) == ["unreadable"]


@pytest.mark.long
def test_what_hooks_dropped_is_counted_and_said(settings, monkeypatch, capsys):
    from accrete_hooks import capture

    from tests.records import called

    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(settings.roots[0]))
    monkeypatch.setattr(capture, "FULL", -1)
    assert spooled.dropped(settings) is None
    for _ in range(3):
        capture.put(str(settings.home), "Stop", b"x")
    lost = spooled.dropped(settings)
    assert lost is not None
    assert lost[0] == 3
    assert abs(lost[1] - time.time() * 1000) < 60_000
    assert "Hooks dropped 3 events because the spool was full" in " ".join(
        called(capsys, "status")[1].split()
    )


def test_an_ingest_makes_no_spool_where_no_hook_has_written(settings):
    ingest(settings)
    background(settings)
    assert not settings.spool.exists()
