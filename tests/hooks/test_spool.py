"""From the spool into the record: each event once, with nobody's words."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accrete.care.forget import What, forget
from accrete.edge.local import ME
from accrete.ingest import ingest, open_for_writing
from accrete.ingest.background import background
from accrete.model.captured import HookEvent
from accrete.record import spool, store
from accrete.record.spooled import keeps_out
from tests.fuzz import examples
from tests.hooks.spooled import drained, put, talk
from tests.records import rows
from tests.transcripts import START, Transcript, session_id

pytestmark = pytest.mark.usefixtures("texts_as_they_are")


def test_an_event_is_kept_without_anybodys_words_and_its_file_goes(settings):
    put(
        settings,
        "SessionStart",
        {
            "session_id": "s",
            "source": "resume",
            "model": "claude-opus-5",
            "session_title": "secret words",
        },
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


@pytest.mark.long
@hypothesis_settings(max_examples=examples(200))
@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_raise_anything_else(data):
    for each in (
        data,
        b"accrete-hook 1 Stop 5 0 - s\n" + data,
        b"accrete-hook 1 Stop 5 0 UTC s\n/x\n" + data,
    ):
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
    [
        ("America/New_York", -240, "America/New_York"),
        ("-", 330, "UTC+05:30"),
        ("No/Such", 60, "UTC+01:00"),
    ],
)
def test_a_session_takes_the_zone_that_a_hook_saw(settings, zone, offset, expected):
    t = talk()
    t.write(settings.roots[0] / "projects")
    put(settings, "SessionStart", {"session_id": t.session}, zone=zone, offset=offset)
    background(settings)
    assert rows(settings, "SELECT zone, zone_assumed FROM session") == [(expected, 0)]


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
    with later.open(
        "ab"
    ) as file:  # lines without a folder, and of another one, of a session that is left alone
        file.write(
            json.dumps(
                {
                    "type": "ai-title",
                    "aiTitle": "a title not for the record",
                    "sessionId": left.session,
                }
            ).encode()
            + b"\n"
        )
    ingest(settings)
    assert rows(settings, "SELECT id FROM session") == [(kept.session,)]
    assert b"not for the record" not in settings.database.read_bytes()


def test_a_link_to_an_ignored_folder_is_ignored_too(settings, tmp_path):
    from accrete.record.ignored import Ignored

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
    (settings.spool / "1.hook").write_bytes(
        b"accrete-hook 1 UserPromptSubmit 5 0 - s\n/x\n{cut off MARKER"
    )
    put(settings, "UserPromptSubmit", {"session_id": t.session, "prompt": "MARKER"}, n=2)
    (settings.spool / ".3.part").write_bytes(b"MARKER")
    forget(settings, What(everything=True), START)
    assert [
        p for p in settings.home.rglob("*") if p.is_file() and b"MARKER" in p.read_bytes()
    ] == []


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
    put(
        settings,
        "SessionStart",
        {"session_id": first.session, "source": "startup"},
        zone="America/New_York",
    )
    put(
        settings,
        "SessionStart",
        {"session_id": first.session, "source": "resume"},
        zone="Europe/Berlin",
        at=START + 9_000_000,
        n=1,
    )
    put(
        settings,
        "SessionStart",
        {"session_id": resumed.session, "source": "resume"},
        zone="Pacific/Auckland",
        n=2,
    )
    background(settings)
    assert rows(settings, "SELECT zone, zone_assumed FROM session ORDER BY id") == [
        ("America/New_York", 0),
        ("UTC", 1),
    ]


def test_a_copy_within_seconds_is_told_from_an_event_by_its_content(settings):
    db = open_for_writing(settings)
    row = HookEvent(ME, "s", "Stop", START, "h", None, "{}")
    with db.transaction():
        assert store.add_hook_event(db, row, within_ms=5000)
        assert not store.add_hook_event(db, row._replace(at=START + 4000), within_ms=5000)
        assert store.add_hook_event(db, row._replace(at=START + 4000, hash="other"), within_ms=5000)
    db.close()


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


@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "nice"), reason="priorities are a thing of POSIX")
def test_an_ingest_of_its_own_lowers_its_priority():
    """Run as `accrete ingest`; in a test's own process it does not, see tests/conftest.py."""
    modest = (
        "import os; from accrete.commands import main\n"
        "try: main(['ingest'])\nexcept SystemExit: pass\nprint(os.nice(0))"
    )
    done = subprocess.run(
        [sys.executable, "-c", modest], check=True, capture_output=True, text=True
    )
    assert int(done.stdout.split()[-1]) == min(19, os.nice(0) + 10)


def test_one_session_that_stays_out_is_seen_among_other_events(settings):
    settings.spool.mkdir(parents=True)
    assert not keeps_out(settings)
    put(settings, "Stop", {})
    assert not keeps_out(settings)
    put(settings, spool.DISABLED, {})
    assert keeps_out(settings)
