"""What is forgotten is gone from every file, and stays gone."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time

import pytest

from accrete.care.forget import What, forget, scrub_again
from accrete.care.maintain import backup, rebuild, redact_past, restore
from accrete.commands.watch import page
from accrete.database import Sqlite
from accrete.errors import AccreteError
from accrete.ingest import ingest, open_for_writing
from accrete.record.store import RECORD, set_fact
from accrete.record.stored_facts import SCRUB_WAITS
from tests.contents import contents
from tests.records import called, kept, projects, unmeasured
from tests.transcripts import START, Transcript, busy, fork, session_id

pytestmark = pytest.mark.usefixtures("texts_as_they_are")

MARK = "xylophonemarker"
NOW = int(time.time() * 1000)


def marked(n: int = 7) -> Transcript:
    t = Transcript(n, start=START + n * 86_400_000, cwd=f"/home/dev/{MARK}")
    t.prompt(f"please {MARK} prompt")
    t.call(
        "Write",
        {"file_path": f"/home/dev/{MARK}.py", "content": MARK * 50},
        message_id="msg_m",
        use="toolu_m",
    )
    t.result(
        f"wrote {MARK}",
        use="toolu_m",
        told={
            "type": "update",
            "filePath": "x",
            "structuredPatch": [{"oldStart": 1, "newStart": 1, "lines": [f"+{MARK}"]}],
        },
    )
    t.answer("msg_n", blocks=[{"type": "text", "text": f"I did {MARK}"}])
    t.lines.append({"type": "custom-title", "customTitle": MARK, "sessionId": t.session})
    t.lines.append({"type": "something-new", "payload": MARK, "sessionId": t.session})
    return t


def holds_mark(settings) -> list[str]:
    return [
        path.name
        for path in settings.home.rglob("*")
        if path.is_file() and MARK.encode() in path.read_bytes()
    ]


def rows(settings, sql, *params):
    db = Sqlite(settings.database, readonly=True)
    try:
        return db.run(sql, params)
    finally:
        db.close()


@pytest.fixture
def filled(settings):
    projects = settings.roots[0] / "projects"
    for n in range(1, 5):
        busy(n).write(projects)
    marked().write(projects)
    (settings.roots[0] / "history.jsonl").write_text(
        json.dumps(
            {
                "display": f"old {MARK}",
                "timestamp": START,
                "project": "/home/dev/demo",
                "sessionId": session_id(7),
            }
        )
        + "\n"
        + json.dumps({"display": "another", "timestamp": START + 1, "project": "/home/dev/demo"})
        + "\n"
    )
    ingest(settings)
    assert holds_mark(settings)
    return settings


@pytest.mark.long
def test_a_forgotten_session_leaves_no_byte_and_does_not_come_back(filled):
    receipt = forget(filled, What(sessions=(session_id(7),)), NOW)
    assert (receipt.prompts, receipt.responses, receipt.tool_calls, receipt.remembered_prompts) == (
        1,
        2,
        1,
        1,
    )
    assert len(receipt.transcripts) == 1
    assert holds_mark(filled) == []
    next((filled.roots[0] / "projects").rglob(f"{session_id(7)}.jsonl")).touch()
    ingest(filled)
    assert holds_mark(filled) == []
    assert rows(filled, "SELECT COUNT(*) FROM session") == [(4,)]


@pytest.mark.long
def test_forgetting_a_project_forgets_its_sessions_to_come(filled):
    project = rows(filled, "SELECT project FROM session WHERE id = ?", session_id(7))[0][0]
    forget(filled, What(project=project), NOW)
    late = Transcript(70, cwd=f"/home/dev/{MARK}")
    late.prompt("a new one")
    late.write(filled.roots[0] / "projects")
    assert ingest(filled).forgotten_skipped == 2
    assert rows(filled, "SELECT COUNT(*) FROM session") == [(4,)]


@pytest.mark.long
def test_forgetting_what_is_old_keeps_what_is_new(filled):
    cut = START + 3 * 86_400_000
    forget(filled, What(before=cut), NOW)
    assert rows(filled, "SELECT COUNT(*) FROM session") == [(3,)]
    unknown = Transcript(80, start=START - 86_400_000)
    unknown.prompt("older than the day, and never seen before")
    unknown.write(filled.roots[0] / "projects")
    ingest(filled)
    assert rows(filled, "SELECT COUNT(*) FROM session") == [(3,)]


def test_forgetting_all_leaves_nothing(filled):
    receipt = forget(filled, What(everything=True), NOW)
    assert len(receipt.sessions) == 5
    ingest(filled)
    for table, found in contents(Sqlite(filled.database, readonly=True)).items():
        assert found == [], table


def test_forks_keep_their_copies_and_become_the_owners(settings):
    projects = settings.roots[0] / "projects"
    one = busy(1)
    one.write(projects)
    fork(one, 4, upto=10).write(projects)
    ingest(settings)
    total = rows(settings, "SELECT SUM(cost_nano) FROM response WHERE seq < 100000")
    receipt = forget(settings, What(sessions=(session_id(1),)), NOW)
    assert receipt.kept_by == [session_id(4)]
    assert rows(settings, "SELECT prompts, prompts_replayed, responses_own FROM session") == [
        (3, 0, 5)
    ]
    assert total[0][0] > rows(settings, "SELECT SUM(cost_nano) FROM response")[0][0] > 0


@pytest.mark.long
def test_what_is_forgotten_together_goes_over_to_what_is_left_and_to_nothing_else(settings):
    projects = settings.roots[0] / "projects"
    one = busy(1)
    one.write(projects)
    for n in (4, 5):
        fork(one, n, upto=10).write(projects)
    ingest(settings)
    receipt = forget(settings, What(sessions=(session_id(1), session_id(4))), NOW)
    assert receipt.kept_by == [session_id(5)]
    assert rows(settings, "SELECT id, prompts_replayed FROM session") == [(session_id(5), 0)]
    assert rows(settings, "SELECT DISTINCT session FROM response") == [(session_id(5),)]
    assert forget(settings, What(sessions=(session_id(5),)), NOW).kept_by == []
    assert rows(settings, "SELECT COUNT(*) FROM response") == [(0,)]


@pytest.mark.long
def test_forgetting_leaves_the_rest_as_if_it_had_never_been_there(filled, settings):
    forget(filled, What(sessions=(session_id(7),)), NOW)
    mine = contents(Sqlite(filled.database, readonly=True))
    next((filled.roots[0] / "projects").rglob(f"{session_id(7)}.jsonl")).unlink()
    lines = (filled.roots[0] / "history.jsonl").read_text().splitlines()
    (filled.roots[0] / "history.jsonl").write_text(lines[1] + "\n")
    clean = type(settings)(home=settings.home.with_name("clean"), roots=settings.roots, zone="UTC")
    ingest(clean)
    assert mine == contents(Sqlite(clean.database, readonly=True))


@pytest.mark.long
def test_a_backup_restores_to_the_same_content(filled, tmp_path):
    before = contents(Sqlite(filled.database, readonly=True))
    file = tmp_path / "copy.db"
    backup(filled, file)
    assert file.stat().st_mode & 0o777 == 0o600
    busy(30).write(filled.roots[0] / "projects")
    ingest(filled)
    kept = restore(filled, file)
    assert kept is not None
    assert contents(Sqlite(filled.database, readonly=True)) == before
    ingest(filled)
    assert rows(filled, "SELECT COUNT(*) FROM session") == [(6,)]


@pytest.mark.long
def test_a_restore_does_not_bring_back_what_was_forgotten_since(filled, tmp_path):
    file = tmp_path / "copy.db"
    backup(filled, file)
    forget(filled, What(sessions=(session_id(7),)), NOW)
    kept = restore(filled, file)
    assert rows(filled, "SELECT COUNT(*) FROM session") == [(4,)]
    assert MARK.encode() not in filled.database.read_bytes()
    forget(filled, What(sessions=(session_id(1),)), NOW)
    assert kept is not None
    assert not kept.exists()


def test_a_backup_refuses_to_overwrite_and_a_restore_to_read_anything_else(filled, tmp_path):
    file = tmp_path / "copy.db"
    backup(filled, file)
    with pytest.raises(AccreteError, match="exists"):
        backup(filled, file)
    backup(filled, file, force=True)
    (tmp_path / "text").write_text("not a database" * 100)
    with pytest.raises(AccreteError):
        restore(filled, tmp_path / "text")
    with pytest.raises(AccreteError, match="does not exist"):
        restore(filled, tmp_path / "nothing")
    assert rows(filled, "SELECT COUNT(*) FROM session") == [(5,)]


@pytest.mark.long
def test_rebuild_needs_no_transcript_and_changes_nothing(filled):
    before = contents(Sqlite(filled.database, readonly=True))
    for path in (filled.roots[0] / "projects").rglob("*.jsonl"):
        path.unlink()
    assert rebuild(filled).sessions == 5
    assert contents(Sqlite(filled.database, readonly=True)) == before
    rebuild(filled)
    assert contents(Sqlite(filled.database, readonly=True)) == before


def test_rebuild_prices_anew(filled):
    from dataclasses import replace

    dear = replace(filled, model_pricing={"multiplier": 2})
    before = rows(filled, "SELECT SUM(cost_own_nano) FROM session")[0][0]
    rebuild(dear)
    assert rows(filled, "SELECT SUM(cost_own_nano) FROM session") == [(2 * before,)]


def test_newer_patterns_redact_the_past(filled):
    secret = "gh" + "p_" + "aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7"
    db = Sqlite(filled.database)
    db.run(
        "UPDATE event SET text = ? "
        "WHERE id = (SELECT MIN(id) FROM event WHERE kind = 'assistant_text')",
        (f"see {secret}",),
    )
    db.run("UPDATE tool_call SET output = ?", (f"token {secret}",))
    db.run(
        "UPDATE session_context SET cwd = ?, branch = ?", (f"/home/dev/{secret}", f"fix-{secret}")
    )
    db.run("UPDATE prompt SET branch = ?", (f"fix-{secret}",))
    db.run("UPDATE event SET name = ? WHERE kind = 'tool_call'", (secret,))
    db.run("UPDATE fact SET value = '0' WHERE name = 'redaction_version'")
    assert redact_past(db) > 1
    db.close()
    assert secret.encode() not in filled.database.read_bytes()
    assert (
        rows(filled, "SELECT COUNT(*) FROM event_search WHERE event_search MATCH 'redacted'")[0][0]
        >= 1
    )


def said_of_it(home, *args: str, limit: int | None = None) -> tuple[int, dict, str]:
    """Runs the program where no file may grow beyond `limit`: (exit code, JSON, stderr)."""

    def short_of_room() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        [sys.executable, "-m", "accrete", *args, "--json"],
        capture_output=True,
        text=True,
        check=False,
        env={**unmeasured(), "ACCRETE_HOME": str(home)},
        preexec_fn=short_of_room,
        timeout=120,
    )
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


@pytest.mark.long
@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.9, 1.0, 1.05])
def test_without_room_it_says_truly_whether_it_deleted_and_whether_it_scrubbed(part, filled):
    size = filled.database.stat().st_size
    code, receipt, err = said_of_it(
        filled.home, "forget", "latest", "--yes", limit=int(size * part)
    )
    left = {row[0] for row in rows(filled, "SELECT id FROM session")}
    waits = rows(filled, "SELECT value FROM fact WHERE name = 'scrub_waits'")
    assert "Traceback" not in err
    if session_id(7) in left:
        assert (code, receipt, len(left)) == (1, {}, 5)
        assert "Nothing was deleted" in err or "Cannot read or write" in err
        return
    assert (receipt["sessions"], len(left)) == ([session_id(7)], 4)
    assert receipt["scrubbed"] == (waits == [("0",)]) == (code == 0) == (receipt["problem"] is None)
    if code:
        assert "rows are deleted" in err
        assert "accrete forget --scrub" in err
        assert "again" not in err
        done = subprocess.run(
            [sys.executable, "-m", "accrete", "forget", "--scrub"],
            capture_output=True,
            check=False,
            env={**os.environ, "ACCRETE_HOME": str(filled.home)},
        )
        assert done.returncode == 0
    assert holds_mark(filled) == []
    assert len(rows(filled, "SELECT id FROM session")) == 4


@pytest.mark.long
def test_a_database_that_cannot_be_rewritten_is_told_of_with_the_receipt(filled, monkeypatch):
    monkeypatch.setattr("accrete.database.sqlite.BUSY_MS", 200)  # how long it waits for readers
    reader = Sqlite(filled.database, readonly=True)
    reader.connection.execute("BEGIN")
    reader.run("SELECT COUNT(*) FROM session")
    try:
        receipt = forget(filled, What(sessions=(session_id(7),)), NOW)
    finally:
        reader.connection.close()
    assert receipt.sessions == [session_id(7)]
    assert not receipt.scrubbed
    assert "rows are deleted" in (receipt.problem or "")
    scrub_again(filled)
    assert holds_mark(filled) == []


@pytest.mark.long
def test_latest_is_the_first_row_of_the_list_and_is_named_before_it_goes(
    settings, capsys, monkeypatch
):
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    long, newest, empty = (
        Transcript(1),
        Transcript(2, start=START + 3_600_000),
        Transcript(3, start=START + 9_000_000),
    )
    long.prompt("began first")
    newest.prompt("the newest one")
    newest.answer()
    long.prompt("ends last", after_ms=36_000_000)
    long.answer("msg_last")
    empty.lines.append(
        {"type": "custom-title", "customTitle": "nothing happened", "sessionId": empty.session}
    )
    kept(settings, long, newest, empty)
    first = json.loads(called(capsys, "sessions", "--json")[1])[0]["id"]
    assert first == session_id(2)
    assert json.loads(called(capsys, "show", "latest", "--json")[1])["session"]["id"] == first
    assert (
        json.loads(called(capsys, "cost", "--session", "latest", "--json")[1])["total"]["sessions"]
        == 1
    )
    code, _, err = called(capsys, "forget", "latest")
    assert (code, first[:8] in err, "the newest one" in err, "2026-09-21" in err) == (
        1,
        True,
        True,
        True,
    )
    assert called(capsys, "forget", "latest", "--yes")[0] == 0
    assert json.loads(called(capsys, "sessions", "--json")[1])[0]["id"] == session_id(1)


def test_the_session_to_watch_is_the_one_that_is_worked_in_though_another_began_later(settings):
    resumed, newest = Transcript(1), Transcript(2, start=START + 3_600_000)
    resumed.prompt("began first")
    newest.prompt("the newest one")
    newest.answer()
    resumed.prompt("ends last", after_ms=36_000_000)
    resumed.answer("msg_last")
    kept(settings, resumed, newest)
    assert page(settings).plain.startswith("No session is running. Last: began first")


@pytest.mark.long
def test_a_forget_that_was_killed_before_it_scrubbed_is_finished_by_the_next_ingest(settings):
    busy(1).write(projects(settings))
    ingest(settings)
    db = open_for_writing(settings)
    set_fact(db, RECORD, SCRUB_WAITS, "1")
    db.close()
    ingest(settings)
    assert rows(settings, f"SELECT value FROM fact WHERE name = '{SCRUB_WAITS}'") == [("0",)]


@pytest.mark.long
def test_copies_that_a_killed_restore_left_go_with_forget(settings):
    busy(1).write(projects(settings))
    ingest(settings)
    (settings.home / "accrete.db.restoring").write_bytes(settings.database.read_bytes())
    forget(settings, What(everything=True), NOW)
    assert not (settings.home / "accrete.db.restoring").exists()
