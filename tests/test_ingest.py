"""Incremental, idempotent, order-free, kill-safe: the same rows however the transcripts are read."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accrete.database import Sqlite
from accrete.errors import AccreteError
from accrete.ingest import ingest
from accrete.settings import Settings
from tests.contents import contents
from tests.fuzz import examples
from tests.transcripts import Transcript, busy, fork, session_id


def record(settings: Settings) -> dict:
    db = Sqlite(settings.database, readonly=True)
    try:
        return contents(db)
    finally:
        db.close()


def projects(settings: Settings) -> Path:
    return settings.roots[0] / "projects"


def other(settings: Settings, name: str) -> Settings:
    return Settings(home=settings.home.with_name(name), roots=settings.roots, zone=settings.zone)


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
    assert ingest(settings).lines_parsed == 1


def test_ingesting_twice_into_the_same_record_changes_nothing(settings):
    busy(1).write(projects(settings))
    ingest(settings)
    before = record(settings)
    os.utime(next(projects(settings).rglob("*.jsonl")))
    ingest(settings)
    assert record(settings) == before


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


def world(settings: Settings) -> list[Path]:
    """Three sessions, two forks, a subagent."""
    one, two = busy(1), busy(2)
    paths = [one.write(projects(settings)), two.write(projects(settings)), busy(3, turns=2).write(projects(settings))]
    first = fork(one, 4, upto=10)
    paths.append(first.write(projects(settings)))
    paths.append(fork(first, 5, upto=9, extra=2).write(projects(settings)))
    agent = Transcript(2, start=two.now)
    for line in ("msg_agent_1", "msg_agent_2"):
        agent.answer(line, model="claude-haiku-4-5")
    folder = projects(settings) / "-home-dev-demo" / two.session / "subagents"
    folder.mkdir(parents=True)
    lines = [{**line, "isSidechain": True, "agentId": "a1b2c3"} for line in agent.lines]
    path = folder / "agent-a1b2c3.jsonl"
    path.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    (folder / "agent-a1b2c3.meta.json").write_text(
        json.dumps({"agentType": "Explore", "description": "look", "toolUseId": "toolu_2_0"})
    )
    return [*paths, path]


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


def test_reading_in_other_processes_gives_the_same_rows(settings):
    world(settings)
    ingest(settings, jobs=0)
    parallel = other(settings, "parallel")
    ingest(parallel, jobs=2)
    assert record(parallel) == record(settings)


@hypothesis_settings(
    max_examples=examples(12), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
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
    assert db.run("SELECT session, COUNT(*) FROM response GROUP BY session ORDER BY session") == [
        (session_id(1), 8),
        (session_id(4), 1),
    ]
    assert db.run("SELECT prompts, prompts_replayed FROM session WHERE id = ?", (session_id(4),)) == [(1, 2)]
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
    settings.database.write_text("this is not a database, and it is long enough to be looked at closely" * 20)
    with pytest.raises(AccreteError, match="no SQLite database"):
        ingest(settings)


def test_the_record_is_for_its_owner_alone(settings):
    busy(1).write(projects(settings))
    ingest(settings)
    assert settings.home.stat().st_mode & 0o777 == 0o700
    for path in settings.home.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_full_disk_is_told_in_a_sentence_and_damages_nothing(settings):
    for n in range(1, 6):
        busy(n, turns=20).write(projects(settings))
    ingest(settings, paths=tuple(projects(settings).rglob(f"{session_id(1)}.jsonl")))
    before = record(settings)
    limit = settings.database.stat().st_size // 4096 + 2
    script = (
        "import sys, pathlib, accrete.database as d\n"
        "from accrete.ingest import ingest\nfrom accrete.settings import Settings\nfrom accrete.errors import AccreteError\n"
        "old = d._open_writable\n"
        f"def limited(path):\n    c = old(path)\n    c.execute('PRAGMA max_page_count = {limit}')\n    return c\n"
        "d._open_writable = limited\n"
        f"s = Settings(home=pathlib.Path({str(settings.home)!r}), roots=(pathlib.Path({str(settings.roots[0])!r}),))\n"
        "try:\n    ingest(s)\nexcept AccreteError as e:\n    print(e); sys.exit(3)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, "is full" in done.stdout) == (3, True), done.stderr
    assert set(before["session"]) <= set(record(settings)["session"]) or record(settings)["event"]
    ingest(settings)
    clean = other(settings, "clean")
    ingest(clean)
    assert record(settings) == record(clean)


def start_backfill(settings: Settings, jobs: int = 0) -> subprocess.Popen:
    env = {**os.environ, "ACCRETE_HOME": str(settings.home), "CLAUDE_CONFIG_DIR": str(settings.roots[0]), "TZ": "UTC"}
    return subprocess.Popen([sys.executable, "-m", "accrete", "backfill", "-q", "--jobs", str(jobs)], env=env)


def many(settings: Settings, sessions: int = 30) -> None:
    for n in range(1, sessions + 1):
        busy(n, turns=25).write(projects(settings))
    fork(busy(1, turns=25), 900, upto=60).write(projects(settings))


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


def test_a_second_persons_rows_under_the_same_ids_change_nothing_of_the_firsts(settings):
    from accrete.ingest import open_for_writing
    from accrete.readers import read_job
    from accrete.store import store_batch
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


def test_calls_of_one_message_id_with_two_request_ids_in_two_sessions_have_one_owner_in_any_order(settings):
    paths = []
    for n in (1, 2):
        t = Transcript(n)
        t.prompt("Go")
        t.call("Bash", {"command": "ls"}, message_id="msg_same", use="toolu_same", requestId=f"req_{n}")
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
