"""From the spool into the record: once each, in any crash, and no wake-up is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accrete.care.forget import What, forget
from accrete.edge.local import ME
from accrete.ingest import ingest, open_for_writing
from accrete.ingest.background import SETTLE_S, background
from accrete.model import HookEvent
from accrete.record import spool, store
from accrete.settings import Settings
from tests.fuzz import examples
from tests.records import rows
from tests.transcripts import START, Transcript, session_id


def put(
    settings: Settings, name: str, payload: dict, *, at: int = START, zone: str = "-", offset: int = 0, n: int = 0
) -> Path:
    settings.spool.mkdir(parents=True, exist_ok=True)
    body = json.dumps(payload)
    path = settings.spool / f"{at:020d}-{n}-{name}.hook"
    path.write_text(f"accrete-hook 1 {name} {at} {offset} {zone} -\n/home/dev/demo\n{body}")
    return path


def drained(settings: Settings) -> spool.Drained:
    db = open_for_writing(settings)
    try:
        return spool.drain(db, ME, settings)
    finally:
        db.close()


class Waited:
    """A clock that goes on only while someone sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._began = time.time()

    def clock(self) -> float:
        return self._began + self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def talk(n: int = 1, answers: int = 1) -> Transcript:
    t = Transcript(n)
    for k in range(answers):
        t.prompt(f"Question {k}")
        t.answer(f"msg_{n}_{k}", blocks=[{"type": "text", "text": f"Answer {k}"}])
    return t


def test_an_event_is_kept_without_anybodys_words_and_its_file_goes(settings):
    put(
        settings,
        "SessionStart",
        {"session_id": "s", "source": "resume", "model": "claude-opus-5", "session_title": "secret words"},
    )
    assert drained(settings).events == 1
    ((detail,),) = rows(settings, "SELECT detail FROM hook_event")
    assert json.loads(detail) == {"source": "resume", "model": "claude-opus-5"}
    assert os.listdir(settings.spool) == []


def test_the_same_event_of_a_plugin_and_of_settings_counts_once_and_two_events_twice(settings):
    idle = {"session_id": "s", "notification_type": "idle_prompt"}
    put(settings, "Notification", idle)
    put(settings, "Notification", idle, at=START + 40, n=1)
    put(settings, "Notification", idle, at=START + 60_000, n=2)
    found = drained(settings)
    assert (found.events, found.copies) == (2, 1)


def test_being_killed_between_storing_and_removing_doubles_nothing(settings):
    path = put(settings, "Stop", {"session_id": "s"})
    data = path.read_bytes()
    drained(settings)
    path.write_bytes(data)
    assert drained(settings).copies == 1
    assert rows(settings, "SELECT COUNT(*) FROM hook_event") == [(1,)]


def test_what_is_no_event_is_put_aside(settings):
    settings.spool.mkdir(parents=True)
    (settings.spool / "1.hook").write_bytes(b"garbage")
    (settings.spool / "2.hook").write_bytes(b"accrete-hook 1 Stop 5 0 - -\n/x\n{}")
    assert drained(settings).unreadable == 2
    assert sorted(os.listdir(settings.spool / "unreadable")) == ["1.hook", "2.hook"]


@hypothesis_settings(max_examples=examples(200))
@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_raise_anything_else(data):
    for each in (data, b"accrete-hook 1 Stop 5 0 - s\n" + data, b"accrete-hook 1 Stop 5 0 UTC s\n/x\n" + data):
        try:
            event = spool.read_event(each)
        except ValueError:
            continue
        assert event.session
        assert isinstance(event.payload, dict)


def test_events_of_forgotten_sessions_are_not_kept(settings):
    t = talk()
    t.write(settings.roots[0] / "projects")
    put(settings, "SessionStart", {"session_id": t.session})
    background(settings)
    assert rows(settings, "SELECT COUNT(*) FROM hook_event") == [(1,)]
    forget(settings, What(sessions=(t.session,)), START)
    assert rows(settings, "SELECT COUNT(*) FROM hook_event") == [(0,)]
    put(settings, "Stop", {"session_id": t.session})
    assert drained(settings).forgotten == 1


@pytest.mark.parametrize(
    ("zone", "offset", "expected"),
    [("America/New_York", -240, "America/New_York"), ("-", 330, "UTC+05:30"), ("No/Such", 60, "UTC+01:00")],
)
def test_a_session_takes_the_zone_that_a_hook_saw(settings, zone, offset, expected):
    t = talk()
    t.write(settings.roots[0] / "projects")
    put(settings, "SessionStart", {"session_id": t.session}, zone=zone, offset=offset)
    background(settings)
    assert rows(settings, "SELECT zone, zone_assumed FROM session") == [(expected, 0)]


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
        {"session_id": t.session, "transcript_path": str(path), "last_assistant_message": "Answer 0"},
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
        {"session_id": t.session, "transcript_path": "/no/such/file.jsonl", "last_assistant_message": "Answer 0"},
    )
    waited = Waited()
    background(settings, clock=waited.clock, sleep=waited.sleep)
    assert waited.seconds < SETTLE_S
    assert rows(settings, "SELECT COUNT(*) FROM session") == [(1,)]


@pytest.mark.parametrize(
    "command",
    [["backfill", "-q"], ["backfill", "-q", "--path", "OTHER"], ["rebuild"], ["forget", "--project", "demo", "--yes"]],
)
def test_whoever_holds_the_record_hears_afterwards_who_came_meanwhile(settings, monkeypatch, tmp_path, command):
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
    assert not spool.waiting(settings)
    assert (second.session,) in rows(settings, "SELECT id FROM session")
    assert rows(settings, "SELECT event FROM hook_event") == [("SessionEnd",)]


def test_twenty_ingests_at_once_while_a_transcript_grows_leave_nothing_unread(settings):
    t = talk(answers=40)
    path = settings.roots[0] / "projects" / "-home-dev-demo" / f"{t.session}.jsonl"
    path.parent.mkdir(parents=True)
    lines = t.text().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]))
    env = {**os.environ, "ACCRETE_HOME": str(settings.home), "CLAUDE_CONFIG_DIR": str(settings.roots[0])}
    running = []
    for n in range(20):
        put(settings, "Stop", {"session_id": t.session}, at=START + n * 10_000, n=n)
        (settings.spool / spool.MARK).touch()
        running.append(
            subprocess.Popen([sys.executable, "-m", "accrete", "ingest", "--json"], env=env, stdout=subprocess.PIPE)
        )
        with path.open("ab") as file:
            file.write(b"".join(lines[2 + n * 4 : 6 + n * 4]))
    told = [json.loads(each.communicate(timeout=60)[0]) for each in running]
    assert all(each.returncode == 0 for each in running)
    assert sum(each["events"] for each in told) == 20
    assert rows(settings, "SELECT COUNT(*) FROM hook_event") == [(20,)]
    ingest(settings)  # a hook at the last line would have woken one more
    assert rows(settings, "SELECT COUNT(*) FROM event WHERE kind = 'assistant_text'") == [(40,)]
    assert os.listdir(settings.spool) == []


def test_events_of_an_ingest_killed_at_random_are_neither_lost_nor_doubled(settings):
    for n in range(3000):
        put(settings, "Notification", {"session_id": session_id(n % 50), "n": n}, at=START + n * 6000, n=n)
    env = {**os.environ, "ACCRETE_HOME": str(settings.home), "CLAUDE_CONFIG_DIR": str(settings.roots[0])}
    for wait in (0.2, 0.25, 0.3, 0.35):
        child = subprocess.Popen([sys.executable, "-m", "accrete", "ingest"], env=env)
        time.sleep(wait)
        child.kill()
        child.wait()
    subprocess.run([sys.executable, "-m", "accrete", "ingest"], env=env, check=True, timeout=120)
    assert rows(settings, "SELECT COUNT(*), COUNT(DISTINCT hash) FROM hook_event") == [(3000, 3000)]
    assert os.listdir(settings.spool) == []


def test_ignored_folders_are_not_read_from_transcripts_either(settings, tmp_path):
    kept, left = talk(1), Transcript(2, cwd=str(tmp_path / "left"))
    (tmp_path / "left").mkdir()
    (tmp_path / "left" / ".accrete-ignore").touch()
    left.prompt("not for the record")
    left.answer("msg_left")
    third = Transcript(3, cwd="/home/dev/private/x")
    third.prompt("neither this")
    settings.home.mkdir(parents=True)
    (settings.home / "ignore").write_text("/home/dev/private\n")
    for t in (kept, left, third):
        t.write(settings.roots[0] / "projects")
    report = ingest(settings)
    assert report.ignored == 2
    later = left.write(settings.roots[0] / "projects", slug="-later")
    with later.open("ab") as file:  # lines without a folder, and of another one, of a session that is left alone
        file.write(
            json.dumps(
                {"type": "ai-title", "aiTitle": "a title not for the record", "sessionId": left.session}
            ).encode()
            + b"\n"
        )
    ingest(settings)
    assert rows(settings, "SELECT id FROM session") == [(kept.session,)]
    assert b"not for the record" not in settings.database.read_bytes()


def test_a_link_to_an_ignored_folder_is_ignored_too(settings, tmp_path):
    from accrete.record.forgotten import Ignored

    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    settings.home.mkdir(parents=True)
    (settings.home / "ignore").write_text(f"{tmp_path / 'link'}\n")
    ignored = Ignored(settings)
    assert ignored.covers(str(tmp_path / "real" / "deep"))
    assert ignored.covers(str(tmp_path / "link"))
    assert not ignored.covers(str(tmp_path))


def test_forgetting_everything_empties_the_spool_of_words(settings):
    t = talk()
    t.write(settings.roots[0] / "projects")
    ingest(settings)
    settings.spool.mkdir(exist_ok=True)
    (settings.spool / "1.hook").write_bytes(b"accrete-hook 1 UserPromptSubmit 5 0 - s\n/x\n{cut off MARKER")
    put(settings, "UserPromptSubmit", {"session_id": t.session, "prompt": "MARKER"}, n=2)
    (settings.spool / ".3.part").write_bytes(b"MARKER")
    forget(settings, What(everything=True), START)
    assert [p for p in settings.home.rglob("*") if p.is_file() and b"MARKER" in p.read_bytes()] == []


def test_events_of_a_forgotten_project_are_not_kept(settings):
    t = talk()
    t.write(settings.roots[0] / "projects")
    ingest(settings)
    (project,) = rows(settings, "SELECT project FROM session")[0]
    forget(settings, What(project=project), START)
    put(settings, "Stop", {"session_id": session_id(9)})
    assert drained(settings).forgotten == 1
    assert rows(settings, "SELECT * FROM hook_event") == []


def test_the_zone_is_that_of_the_beginning(settings):
    first, resumed = talk(1), talk(2)
    for t in (first, resumed):
        t.write(settings.roots[0] / "projects")
    put(settings, "SessionStart", {"session_id": first.session, "source": "startup"}, zone="America/New_York")
    put(
        settings,
        "SessionStart",
        {"session_id": first.session, "source": "resume"},
        zone="Europe/Berlin",
        at=START + 9_000_000,
        n=1,
    )
    put(settings, "SessionStart", {"session_id": resumed.session, "source": "resume"}, zone="Pacific/Auckland", n=2)
    background(settings)
    assert rows(settings, "SELECT zone, zone_assumed FROM session ORDER BY id") == [("America/New_York", 0), ("UTC", 1)]


def test_a_copy_within_seconds_is_told_from_an_event_by_its_content(settings):
    db = open_for_writing(settings)
    row = HookEvent(ME, "s", "Stop", START, "h", None, "{}")
    with db.transaction():
        assert store.add_hook_event(db, row, within_ms=5000)
        assert not store.add_hook_event(db, row._replace(at=START + 4000), within_ms=5000)
        assert store.add_hook_event(db, row._replace(at=START + 4000, hash="other"), within_ms=5000)
    db.close()


def test_many_ended_sessions_settle_together_and_old_ones_not_at_all(settings):
    now = int(time.time() * 1000)
    for n in range(30):
        put(settings, "SessionEnd", {"session_id": session_id(n)}, at=now, n=n)
        put(settings, "SessionEnd", {"session_id": session_id(100 + n)}, at=START, n=100 + n)
    waited = Waited()
    assert background(settings, clock=waited.clock, sleep=waited.sleep).events == 60
    assert waited.seconds < SETTLE_S


def test_doctor_tells_forgotten_files_from_kept_ones(settings, monkeypatch):
    from click.testing import CliRunner

    from accrete.commands import cli

    gone, kept = talk(1), talk(2)
    for t in (gone, kept):
        t.write(settings.roots[0] / "projects")
    ingest(settings)
    forget(settings, What(sessions=(gone.session,)), START)
    ingest(settings)
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(settings.roots[0]))
    said = " ".join(CliRunner().invoke(cli, ["doctor"]).output.split())
    assert "1 file belongs to deleted or ignored sessions" in said
    assert "All other 1 file in" in said


@pytest.mark.parametrize("first", [background, ingest])
def test_a_session_with_capture_switched_off_stays_out_of_later_backfills_too(settings, first):
    quiet, other = talk(1), talk(2)
    for t in (quiet, other):
        t.write(settings.roots[0] / "projects")
    path = put(settings, spool.DISABLED, {})
    path.write_text(f"accrete-hook 1 {spool.DISABLED} {START} 0 - {quiet.session}\n\n")
    first(settings)
    assert rows(settings, "SELECT id FROM session") == [(other.session,)]
    background(settings)
    assert rows(settings, "SELECT COUNT(*) FROM hook_event") == [(0,)]
    quiet.prompt("More of it")
    quiet.write(settings.roots[0] / "projects")
    ingest(settings)
    assert rows(settings, "SELECT id FROM session") == [(other.session,)]


@pytest.mark.slow
def test_a_directory_that_has_grown_is_made_anew_once_it_is_empty(settings, monkeypatch):
    settings.spool.mkdir(parents=True)
    (settings.spool / "unreadable").mkdir()
    (settings.spool / "unreadable" / "kept").write_text("x")
    before = settings.spool.stat()
    monkeypatch.setattr(spool, "GROWN", before.st_size - 1)  # not every file system's directories grow with their names
    put(settings, "Stop", {"session_id": "s"})
    assert drained(settings).events == 1
    after = settings.spool.stat()
    assert after.st_ino != before.st_ino
    assert after.st_mode & 0o777 == 0o700
    assert (settings.spool / "unreadable" / "kept").read_text() == "x"


def body(settings: Settings, data: bytes, *, n: int = 0, session: str = "-", at: object = START) -> None:
    settings.spool.mkdir(parents=True, exist_ok=True)
    head = f"accrete-hook 1 Stop {at} 0 - {session}\n/home/dev/demo\n".encode()
    (settings.spool / f"{START:020d}-{n}-Stop.hook").write_bytes(head + data)


@pytest.mark.parametrize(
    "data",
    [b'{"session_id": "s", "last_assistant_message": "cut \\ud800 off"}', b'{"session_id": "s", "reason": "\\udfff\\ud800"}',
     b'{"session_id": "s", "transcript_path": "/x/\\ud800\\u0000.jsonl"}', b'{"session_id": "s", "x": 1e999, "y": NaN}'],
)  # fmt: skip
def test_what_json_cannot_carry_keeps_no_event_from_being_read(settings, data):
    body(settings, data)
    waited = Waited()
    assert background(settings, clock=waited.clock, sleep=waited.sleep).events == 1
    assert rows(settings, "SELECT session FROM hook_event") == [("s",)]
    assert os.listdir(settings.spool) == []


@pytest.mark.parametrize(
    ("data", "more"),
    [
        *((b'{"session_id": "%s"}' % odd, {}) for odd in (b"a\\ud800", b"**", b"../x", b"a b", b"x" * 300)),
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


@pytest.mark.parametrize("kind", ["a payload", "a cut one", "a last answer", "more than any hook writes"])
def test_large_files_in_the_spool_are_read_or_removed_in_seconds(settings, kind):
    words = b"AKIA some words of a person " * (50_000_000 // 28)
    if kind == "a payload":
        body(settings, b'{"session_id": "s", "prompt": "\\ud800' + words + b'"}')
    elif kind == "a cut one":
        body(settings, b'{"session_id": "s", "prompt": "' + words)
    elif kind == "a last answer":
        body(settings, b'{"session_id": "s", "last_assistant_message": "' + words + b'"}', at=int(time.time() * 1000))
    else:
        body(settings, b'{"session_id": "s", "prompt": "' + words + words + b'"}')
    began = time.process_time()
    waited = Waited()
    background(settings, clock=waited.clock, sleep=waited.sleep)
    assert time.process_time() - began < 5
    assert [path.name for path in settings.spool.glob("*.hook")] == []
    assert sum(path.stat().st_size for path in settings.spool.rglob("*") if path.is_file()) < 20_000


def test_so_many_files_that_are_no_event_are_kept_and_no_more(settings, monkeypatch):
    monkeypatch.setattr(spool, "ASIDE_FILES", 3)
    settings.spool.mkdir(parents=True)
    for n in range(10):
        (settings.spool / f"{n}.hook").write_bytes(b"garbage")
    assert drained(settings).unreadable == 10
    assert len(os.listdir(settings.spool / "unreadable")) == 3
    assert os.listdir(settings.spool) == ["unreadable"]


def test_what_hooks_dropped_is_counted_and_said(settings, monkeypatch, capsys):
    from accrete_hooks import capture

    from tests.records import called

    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(settings.roots[0]))
    monkeypatch.setattr(capture, "FULL", -1)
    assert spool.dropped(settings) is None
    for _ in range(3):
        capture.put(str(settings.home), "Stop", b"x")
    lost = spool.dropped(settings)
    assert lost is not None
    assert lost[0] == 3
    assert abs(lost[1] - time.time() * 1000) < 60_000
    assert "Hooks dropped 3 events because the spool was full" in " ".join(called(capsys, "status")[1].split())


def test_an_ingest_makes_no_spool_where_no_hook_has_written(settings):
    ingest(settings)
    background(settings)
    assert not settings.spool.exists()
