"""Incremental, idempotent, order-free, kill-safe: the same rows however the transcripts are
read."""

from __future__ import annotations

import json
import os
import random
import sqlite3

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accrete.database import Sqlite
from accrete.errors import AccreteError
from accrete.ingest import ingest
from accrete.settings import Settings
from accrete.transcript import READER_VERSION
from tests.contents import contents
from tests.fuzz import examples
from tests.records import other, projects, record, world
from tests.transcripts import Transcript, busy, fork, session_id


def test_an_unchanged_tree_parses_no_line(settings):
    busy(1).write(projects(settings))
    assert ingest(settings).lines_parsed > 0
    again = ingest(settings)
    assert (again.lines_parsed, again.bytes_read, again.sessions_changed) == (0, 0, 0)


def test_one_appended_line_parses_one(settings):
    t = busy(1)
    path = t.write(projects(settings))
    ingest(settings)
    before = len(t.lines)
    t.prompt("one more")
    with path.open("ab") as file:
        file.write(json.dumps(t.lines[before]).encode() + b"\n")
    report = ingest(settings)
    assert (report.lines_parsed, report.files_read) == (1, 1)
    assert ingest(settings).files_read == 0


@pytest.mark.long
def test_ingesting_twice_into_the_same_record_changes_nothing(settings):
    busy(1).write(projects(settings))
    ingest(settings)
    before = record(settings)
    os.utime(next(projects(settings).rglob("*.jsonl")))
    ingest(settings)
    assert record(settings) == before


@pytest.mark.long
def test_a_torn_last_line_is_read_when_it_is_finished(settings):
    t = busy(1)
    path = t.write(projects(settings))
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    ingest(settings)
    path.write_bytes(whole)
    ingest(settings)
    clean = other(settings, "clean")
    ingest(clean)
    assert record(settings) == record(clean)


def test_a_complete_last_line_without_a_newline_counts_and_counts_once(settings):
    t = Transcript(1)
    t.prompt("hello")
    path = t.write(projects(settings))
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    ingest(settings)
    assert len(record(settings)["prompt"]) == 1
    path.write_bytes(path.read_bytes() + b"\n")
    ingest(settings)
    assert len(record(settings)["prompt"]) == 1


def test_a_rewritten_file_is_read_again_and_merged(settings):
    t = busy(1)
    path = t.write(projects(settings))
    ingest(settings)
    t.lines = t.lines[6:]
    t.prompt("after the rewrite")
    t.write(projects(settings))
    ingest(settings)
    texts = [row for row in record(settings)["event"] if row[7] == "typed_prompt"]
    assert len(texts) == 5
    assert path.exists()


def test_a_rewrite_of_the_same_size_and_time_is_noticed(settings):
    t = Transcript(1)
    t.prompt("aaaa")
    path = t.write(projects(settings))
    stat = path.stat()
    ingest(settings)
    path.write_bytes(path.read_bytes().replace(b"aaaa", b"bbbb").replace(b"-1111-", b"-2222-"))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    ingest(settings)
    assert len(record(settings)["prompt"]) == 2


def test_a_moved_file_is_recognised_and_not_read_again(settings):
    path = busy(1).write(projects(settings))
    ingest(settings)
    before = record(settings)
    target = projects(settings) / "-elsewhere" / path.name
    target.parent.mkdir()
    path.rename(target)
    report = ingest(settings)
    assert record(settings) == before
    assert report.files_missing == 0
    assert report.lines_parsed == 0


@pytest.mark.parametrize("table", ["response", "tool_call"])
def test_what_an_older_reader_alone_made_goes_when_its_file_is_read_again(settings, table):
    path = busy(1).write(projects(settings))
    ingest(settings)
    before = record(settings)
    db = Sqlite(settings.database)
    with db.transaction():
        for each in ("source_file", "session", "event", "response", "tool_call"):
            db.run(f"UPDATE {each} SET reader = ?", (READER_VERSION - 1,))
        names = [row[1] for row in db.run(f"PRAGMA table_info({table})") if row[1] != "id"]
        kept = ", ".join("'msg_of_before'" if name == "message_id" else name for name in names)
        db.run(f"INSERT INTO {table} ({', '.join(names)}) SELECT {kept} FROM {table} LIMIT 1")
    db.close()
    path.touch()
    assert ingest(settings).files_read == 1
    assert record(settings) == before


def test_rows_stay_when_the_transcript_is_gone(settings):
    path = busy(1).write(projects(settings))
    ingest(settings)
    before = len(record(settings)["event"])
    path.unlink()
    report = ingest(settings)
    assert report.files_missing == 1
    assert len(record(settings)["event"]) == before
    db = Sqlite(settings.database, readonly=True)
    assert db.run("SELECT source_missing_at IS NOT NULL FROM session") == [(1,)]
    db.close()


def test_a_file_that_comes_back_is_no_longer_marked_missing(settings):
    t = busy(1)
    path = t.write(projects(settings))
    ingest(settings)
    path.unlink()
    ingest(settings)
    t.write(projects(settings))
    ingest(settings)
    db = Sqlite(settings.database, readonly=True)
    assert db.run("SELECT source_missing_at FROM session") == [(None,)]
    assert db.run("SELECT missing_at FROM source_file") == [(None,)]
    db.close()


def test_the_same_file_by_two_links_counts_once(settings):
    path = busy(1).write(projects(settings))
    link = projects(settings) / "-linked"
    link.symlink_to(path.parent, target_is_directory=True)
    assert ingest(settings).files == 1


def test_an_unreadable_file_is_reported_and_the_others_are_read(settings, monkeypatch):
    busy(1).write(projects(settings))
    busy(2).write(projects(settings))
    broken = projects(settings) / "-home-dev-demo" / f"{session_id(3)}.jsonl"
    broken.symlink_to("/nowhere/at/all.jsonl")
    report = ingest(settings)
    assert len(report.skipped) == 1
    assert len(record(settings)["session"]) == 2


@pytest.mark.long
def test_any_order_of_files_gives_the_same_rows(settings):
    paths = world(settings)
    ingest(settings)
    expected = record(settings)
    rng = random.Random(7)
    for attempt in range(4):
        shuffled = other(settings, f"order{attempt}")
        order = paths[:]
        rng.shuffle(order)
        for path in order:
            ingest(shuffled, paths=(path,))
        assert record(shuffled) == expected


@pytest.mark.long
def test_reading_in_other_processes_gives_the_same_rows(settings):
    world(settings)
    ingest(settings, jobs=0)
    parallel = other(settings, "parallel")
    ingest(parallel, jobs=2)
    assert record(parallel) == record(settings)


@pytest.mark.long
@hypothesis_settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(cuts=st.lists(st.floats(0, 1), max_size=4), order=st.permutations(range(6)))
def test_any_cut_and_order_of_reading_gives_the_same_rows(settings, tmp_path_factory, cuts, order):
    base = tmp_path_factory.mktemp("cuts")
    source = Settings(home=base / "whole", roots=(base / "claude",), zone="UTC")
    paths = world(source)
    ingest(source)
    whole = {path: path.read_bytes() for path in paths}
    stepwise = Settings(home=base / "steps", roots=source.roots, zone="UTC")
    for path in paths:
        path.write_bytes(b"")
    for share in [*sorted(cuts), 1.0]:
        for index in order:
            path = paths[index]
            path.write_bytes(whole[path][: int(len(whole[path]) * share)])
            ingest(stepwise, paths=(path,))
    assert record(stepwise) == record(source)


def test_a_fork_is_not_charged_twice_and_the_original_owns_what_is_shared(settings):
    one = busy(1)
    one.write(projects(settings))
    fork(one, 4, upto=10).write(projects(settings))
    ingest(settings)
    db = Sqlite(settings.database, readonly=True)
    assert db.run(
        "SELECT session, COUNT(*) FROM response WHERE counted = 1 GROUP BY session ORDER BY session"
    ) == [
        (session_id(1), 8),
        (session_id(4), 1),
    ]
    assert db.run(
        "SELECT prompts, prompts_replayed FROM session WHERE id = ?", (session_id(4),)
    ) == [(1, 2)]
    db.close()


def test_a_whole_copied_original_still_owns_its_lines(settings):
    one = busy(9)
    one.lines.pop()
    one.write(projects(settings))
    fork(one, 1, upto=len(one.lines)).write(projects(settings))
    ingest(settings)
    db = Sqlite(settings.database, readonly=True)
    assert db.run("SELECT responses_own FROM session WHERE id = ?", (session_id(9),)) == [(8,)]
    db.close()


def test_a_newer_database_is_refused_with_a_sentence(settings):
    busy(1).write(projects(settings))
    ingest(settings)
    raw = sqlite3.connect(settings.database)
    raw.execute("PRAGMA user_version = 999")
    raw.close()
    with pytest.raises(AccreteError, match="newer Accrete"):
        ingest(settings)


def test_another_programs_database_is_refused(settings):
    settings.home.mkdir(parents=True)
    raw = sqlite3.connect(settings.database)
    raw.execute("CREATE TABLE theirs (x)")
    raw.commit()
    raw.close()
    with pytest.raises(AccreteError, match="not an Accrete database"):
        ingest(settings)


def test_a_file_that_is_no_database_is_refused(settings):
    settings.home.mkdir(parents=True)
    settings.database.write_text(
        "this is not a database, and it is long enough to be looked at closely" * 20
    )
    with pytest.raises(AccreteError, match="not a SQLite database"):
        ingest(settings)


def test_the_record_is_for_its_owner_alone(settings):
    busy(1).write(projects(settings))
    ingest(settings)
    assert settings.home.stat().st_mode & 0o777 == 0o700
    for path in settings.home.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_second_persons_rows_under_the_same_ids_change_nothing_of_the_firsts(settings):
    from accrete.ingest import open_for_writing
    from accrete.record.readers import read_job
    from accrete.record.store import store_batch
    from accrete.transcript.read import Job

    path = busy(1).write(projects(settings))
    ingest(settings)
    before = record(settings)
    db = open_for_writing(settings)
    for reading in read_job(Job(str(path), "main", session_id(1), "", None, None, person=2), str):
        with db.transaction():
            store_batch(db, reading.piece.batch, person=2, zone="UTC")
    mine = {table: [row for row in rows if row[0] != 2] for table, rows in contents(db).items()}
    db.close()
    assert mine == before


@pytest.mark.long
def test_calls_of_one_message_id_with_two_request_ids_in_two_sessions_have_one_owner_in_any_order(
    settings,
):
    paths = []
    for n in (1, 2):
        t = Transcript(n)
        t.prompt("Go")
        t.call(
            "Bash", {"command": "ls"}, message_id="msg_same", use="toolu_same", requestId=f"req_{n}"
        )
        t.result("ok", use="toolu_same")
        paths.append(t.write(projects(settings)))
    found = []
    for name, order in (("one", paths), ("other", paths[::-1])):
        mine = other(settings, name)
        for path in order:
            ingest(mine, paths=(path,))
        found.append(record(mine))
    assert found[0] == found[1]
    assert len(found[0]["response"]) == 2


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_copies_with_equal_usage_the_owners_branch_counts_whatever_the_clients_version(
    settings, order
):
    t = Transcript(1, version="2.1.100", gitBranch="feature")
    t.prompt("Go")
    t.answer("msg_1")
    copy = fork(t, 2, upto=2)
    for line in copy.lines[:2]:
        line |= {"gitBranch": "zz-main", "version": "2.1.329"}
    paths = [each.write(projects(settings)) for each in (t, copy)]
    for n in order:
        ingest(settings, paths=(paths[n],))
    db = Sqlite(settings.database, readonly=True)
    assert db.run(
        "SELECT session, branch, version FROM response WHERE counted = 1 ORDER BY session"
    ) == [(session_id(1), "feature", "2.1.100"), (session_id(2), "main", "2.1.329")]
    assert db.run(
        "SELECT branch, SUM(responses) FROM session_usage GROUP BY branch ORDER BY branch"
    ) == [("feature", 1), ("main", 1)]
