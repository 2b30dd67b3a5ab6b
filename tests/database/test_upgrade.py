"""A record that an earlier program wrote, read again by this one: what is on disk is as if read for
the first time."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from accrete.database import Sqlite
from accrete.database.schema import latest_version
from accrete.ingest import background, ingest
from accrete.record import stored_facts
from accrete.settings import Settings
from accrete.transcript import READER_VERSION
from tests.fuzz import TORTURE
from tests.records import (
    LAST_OF_SCHEMA,
    NEVER_LAST,
    called,
    ingest_with_the_first,
    many,
    other,
    projects,
    record,
    rows,
    start_backfill,
    world,
)
from tests.transcripts import Transcript, fork, minted
from tests.upgraded import captured, known_better, remove_half

pytestmark = pytest.mark.long

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
CASES = sorted(
    path.parent for path in CORPUS.glob("*/expected.json")
    if not {"steps", "links"} & json.loads(path.read_bytes()).keys()
)  # fmt: skip
EVERY = 1 if TORTURE else 18
"""Of so many cases one is upgraded here; all of them in `make torture`."""


def laid(tmp_path: Path, case: Path) -> Settings:
    """A case's files in a place of their own."""
    root = tmp_path / case.name / "claude"
    shutil.copytree(case, root, ignore=shutil.ignore_patterns("expected.json"))
    return Settings(home=tmp_path / case.name / "data", roots=(root,), zone="UTC")


def read_alone(settings: Settings) -> dict[str, list[Any]]:
    """The record that a first reading of what is on disk gives."""
    clean = other(settings, settings.home.name + "-clean")
    ingest(clean)
    return record(clean)


def assert_holds_all_that_is_on_disk(settings: Settings) -> None:
    clean = other(settings, settings.home.name + "-clean")
    ingest(clean)
    mine, fresh = captured(settings), captured(clean)
    better = known_better(settings)
    for table, found in fresh.items():
        missing = {
            row for row in found - mine[table] if table != "response" or row[1] not in better
        }
        assert not missing, (table, sorted(map(repr, missing))[:3])


@pytest.mark.slow
@pytest.mark.upgrade
def test_every_case_read_again_is_as_if_read_for_the_first_time(tmp_path):
    places = [laid(tmp_path, case) for case in CASES[::EVERY]]
    ingest_with_the_first(*places)
    different = []
    for settings in places:
        ingest(settings)
        if record(settings) != read_alone(settings):
            different.append(settings.home.parent.name)
    assert different == []


@pytest.mark.slow
@pytest.mark.upgrade
def test_what_is_still_on_disk_is_read_anew_and_what_is_gone_stays(tmp_path):
    places, rng = [laid(tmp_path, case) for case in CASES[EVERY // 2 :: EVERY]], random.Random(8)
    ingest_with_the_first(*places)
    for settings in places:
        before = {row[0] for row in rows(settings, "SELECT id FROM session")}
        remove_half(settings.roots[0], rng)
        ingest(settings)
        assert before <= {row[0] for row in rows(settings, "SELECT id FROM session")}
        assert_holds_all_that_is_on_disk(settings)
        twice = (
            "SELECT message_id FROM response WHERE counted = 1 "
            "GROUP BY message_id, request_id HAVING COUNT(*) > 1"
        )
        assert rows(settings, twice) == []


@pytest.mark.slow
@pytest.mark.upgrade
def test_an_upgrade_killed_at_random_ends_as_one_that_was_not(settings):
    many(settings, 40 if TORTURE else 16)
    ingest_with_the_first(settings)
    rng, killed = random.Random(5), 0
    for _ in range(4):
        child = start_backfill(settings)
        try:
            child.wait(rng.uniform(0.2, 1.5 if TORTURE else 0.8))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            killed += 1
    assert killed
    ingest(settings)
    assert record(settings) == read_alone(settings)


COUNTED = (
    "SELECT COUNT(*), SUM(prompts), "
    "SUM(responses_own + responses_delegated), SUM(tool_calls) FROM session"
)


def test_every_schema_number_is_brought_up_to_date_by_the_next_test():
    assert {*LAST_OF_SCHEMA, *NEVER_LAST} == set(range(1, latest_version())), (
        "a new number: list the last commit that had the one before"
    )


@pytest.mark.upgrade
@pytest.mark.parametrize("number", LAST_OF_SCHEMA if EVERY == 1 else [14])
def test_a_record_of_every_schema_number_is_brought_up_to_date_though_it_is_killed(
    settings, number
):
    many(settings, 6)
    ingest_with_the_first(settings, commit=LAST_OF_SCHEMA[number])
    assert rows(settings, "PRAGMA user_version") == [(number,)]
    counted = rows(settings, COUNTED)
    child = start_backfill(settings)
    time.sleep(0.6)
    child.kill()
    child.wait()
    ingest(settings)
    assert rows(settings, "PRAGMA user_version") == [(latest_version(),)]
    fresh = other(settings, "fresh")
    ingest(fresh)
    assert rows(settings, COUNTED) == rows(fresh, COUNTED) == counted
    assert rows(settings, "PRAGMA quick_check") == [("ok",)]


def test_a_row_whose_transcript_is_gone_says_which_reader_read_it(settings):
    paths = world(settings)
    ingest_with_the_first(settings)
    gone = paths[0]
    gone.unlink()
    ingest(settings)
    readers = dict(rows(settings, "SELECT id, reader FROM session"))
    assert readers[gone.stem] < READER_VERSION
    assert {reader for session, reader in readers.items() if session != gone.stem} == {
        READER_VERSION
    }
    assert_holds_all_that_is_on_disk(settings)


def test_a_result_stays_when_the_file_that_told_it_is_gone_and_that_of_its_call_is_left(settings):
    (path, *_) = world(settings)
    whole = path.read_bytes().splitlines(keepends=True)
    copy = path.parent.with_name("-home-dev-elsewhere") / path.name
    copy.parent.mkdir()
    path.rename(copy)
    path.write_bytes(b"".join(line for line in whole if b"tool_result" not in line))
    ingest(settings)
    results = (
        "SELECT message_id, tool_use_id, status, output "
        "FROM tool_call WHERE status IS NOT NULL ORDER BY 1, 2"
    )
    told = rows(settings, results)
    assert told
    by_older(settings)
    copy.unlink()
    ingest(settings)
    assert rows(settings, results) == told


def by_older(settings: Settings) -> None:
    """Makes every row that of an older reader."""
    db = Sqlite(settings.database)
    with db.transaction():
        for table in (
            "source_file",
            "session",
            "event",
            "prompt",
            "response",
            "tool_call",
            "agent_run",
            "session_context",
            "session_pull_request",
        ):
            db.run(f"UPDATE {table} SET reader = ?", (READER_VERSION - 1,))
        db.run("DELETE FROM fact WHERE name = ?", (stored_facts.SWEPT,))
    db.close()


def test_what_an_older_reader_made_up_is_gone_after_reading_again(settings):
    world(settings)
    ingest(settings)
    right = record(settings)
    by_older(settings)
    db = Sqlite(settings.database)
    with db.transaction():
        db.run(
            "UPDATE event SET text = 'misread', kind = 'typed_prompt' WHERE kind = 'assistant_text'"
        )
        db.run(
            "UPDATE response SET output_tokens = output_tokens + 1000, "
            "request_id = request_id || 'x'"
        )
        db.run("UPDATE tool_call SET target = 'misread', output = 'misread'")
        db.run("UPDATE prompt SET kind = 'shell_input'")
        db.run("UPDATE session_context SET branch = 'misread'")
    db.close()
    ingest(settings)
    assert record(settings) == right


def test_hooks_read_again_a_little_at_a_time_until_all_is_read(settings, monkeypatch):
    world(settings)
    ingest(settings)
    right = record(settings)
    by_older(settings)
    monkeypatch.setattr(background, "AGAIN_BYTES", 1)
    left = len(rows(settings, "SELECT id FROM source_file"))
    for _ in range(left):
        report = background.background(settings)
        assert (report.read_again, report.left_for_later) == (1, left - 1)
        left -= 1
    assert background.background(settings).read_again == 0
    assert record(settings) == right


def test_an_unchanged_record_is_read_once_only(settings):
    world(settings)
    ingest(settings)
    by_older(settings)
    assert ingest(settings).lines_parsed > 0
    assert ingest(settings).lines_parsed == 0


def test_the_doctor_counts_what_waits_to_be_read_again_and_what_never_can(
    settings, monkeypatch, capsys
):
    (path, *_) = world(settings)
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(settings.roots[0]))
    ingest(settings)
    by_older(settings)
    assert "6 files were read by an older version" in called(capsys, "doctor")[1]
    path.unlink()
    ingest(settings)
    said = called(capsys, "doctor")[1]
    assert "read by an older version of Accrete" not in said
    assert "1 session was read by an older version" in said


@pytest.mark.parametrize("command", [("overview",), ("cost",), ("show", "latest")])
def test_figures_that_rest_on_an_older_reading_say_so(settings, monkeypatch, capsys, command):
    paths = world(settings)
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(settings.roots[0]))
    ingest(settings)
    assert "older version" not in " ".join(called(capsys, *command)[1].split())
    by_older(settings)
    for path in paths:
        path.unlink()
    ingest(settings)
    assert "older version" in " ".join(called(capsys, *command)[1].split())
    assert {row["assumed"] for row in json.loads(called(capsys, "sessions", "--json")[1])} == {1}


MINTED = (minted("msg", 7), minted("req", 7))


def spent(settings: Settings) -> dict[str, int]:
    """Nano-dollars by session."""
    return dict(rows(settings, "SELECT id, cost_own_nano FROM session"))


@pytest.mark.parametrize("gone", [0, 1])
@pytest.mark.parametrize(
    "ids", [("chatcmpl-1", None), ("chatcmpl-1", "req_x"), (MINTED[0], None), MINTED]
)
def test_what_a_file_that_is_gone_held_too_is_charged_once(settings, ids, gone):
    first = Transcript(1)
    first.prompt("Hello there")
    first.answer(ids[0], requestId=ids[1], usage={"input_tokens": 5000, "output_tokens": 100})
    second = fork(first, 2, upto=2, extra=1)
    second.lines[-1]["message"]["id"], second.lines[-1]["requestId"] = minted("msg"), minted("req")
    paths = [each.write(projects(settings)) for each in (first, second)]
    ingest_with_the_first(settings)
    clean = other(settings, "clean")
    ingest(clean)
    paths[gone].unlink()
    ingest(settings)
    assert sum(spent(settings).values()) == sum(spent(clean).values())


@pytest.mark.parametrize("ids", [("chatcmpl-7", "req_{}"), ("msg_1", "req_{}")])
def test_two_answers_of_one_id_keep_their_cost_when_one_file_is_gone(settings, ids):
    paths = []
    for n in (1, 2):
        t = Transcript(n)
        t.prompt("Hello there")
        t.answer(
            ids[0],
            requestId=ids[1].format(n),
            usage={"input_tokens": 5000 * n, "output_tokens": 100},
        )
        paths.append(t.write(projects(settings)))
    ingest_with_the_first(settings)
    clean = other(settings, "clean")
    ingest(clean)
    paths[0].unlink()
    ingest(settings)
    assert spent(settings) == spent(clean)


def test_what_a_file_held_before_it_was_cut_is_kept_and_assumed(settings):
    t = Transcript(1)
    for n in range(3):
        t.prompt(f"Step {n}")
        t.answer(minted("msg", n), requestId=minted("req", n))
    path = t.write(projects(settings))
    ingest_with_the_first(settings)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    ingest(settings)
    assert rows(settings, "SELECT prompts, responses_own FROM session") == [(3, 3)]
    assert rows(settings, f"SELECT reader < {READER_VERSION} FROM session") == [(1,)]


def test_a_record_of_an_older_version_is_brought_up_to_date_by_the_first_command_that_reads_it(
    settings, monkeypatch
):
    from accrete.commands import cli
    from accrete.database.schema import latest_version

    t = Transcript(1)
    t.prompt("Look at @src/app.py")
    t.answer()
    t.write(settings.roots[0] / "projects")
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    ingest_with_the_first(settings)
    done = CliRunner().invoke(cli, ["practices", "context", "--json"])
    assert done.exit_code == 0, done.output
    assert "once" in done.stderr
    assert json.loads(done.stdout)["sightings"] == 1
    db = Sqlite(settings.database, readonly=True)
    assert db.version == latest_version()
    db.close()
    assert CliRunner().invoke(cli, ["doctor"]).stderr == ""
