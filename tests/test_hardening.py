"""What went wrong once, or nearly: odd input stops nothing, forgetting holds, orders do not
show."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from accrete.care.forget import SCRUB_WAITS, What, forget
from accrete.care.maintain import backup, restore
from accrete.database import Sqlite
from accrete.errors import AccreteError
from accrete.ingest import ingest, open_for_writing
from accrete.record.store import RECORD, set_fact
from tests.contents import contents
from tests.records import projects, rows
from tests.transcripts import START, Transcript, append, busy, minted, session_id

NOW = START + 90 * 86_400_000


HUGE = [1e300, 1e19, 2**63, -(2**70)]


@pytest.mark.parametrize("value", HUGE)
def test_a_number_that_no_database_takes_stops_nothing(value, settings):
    t = busy(1)
    t.add("system", subtype="turn_duration", durationMs=value)
    t.add(
        "system",
        subtype="compact_boundary",
        compactMetadata={"trigger": "auto", "preTokens": value},
    )
    t.add("pr-link", prUrl="https://github.com/acme/demo/pull/1", prNumber=value)
    t.add("cost-state", totalCostUSD=value)
    t.call(
        "WebSearch",
        {"query": "x"},
        use="toolu_w",
        message_id="msg_w",
        usage={"output_tokens": value, "input_tokens": value},
    )
    t.result(
        "ok",
        use="toolu_w",
        told={"durationSeconds": value, "searchCount": value, "durationMs": value},
    )
    t.write(projects(settings))
    ingest(settings)
    assert rows(settings, "SELECT stale, prompts FROM session") == [(0, 4)]


@pytest.mark.parametrize(
    "instant", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+14:00", "1969-01-01T00:00:00Z"]
)
def test_an_instant_in_no_year_of_ours_stops_nothing(instant, settings):
    t = busy(1)
    t.prompt("When?", timestamp=instant)
    t.write(projects(settings))
    ingest(settings)
    assert rows(settings, "SELECT stale, prompts FROM session") == [(0, 5)]


def test_broken_letters_beside_transcripts_stop_nothing(settings):
    main = busy(1).write(projects(settings))
    agents = main.with_suffix("") / "subagents"
    agents.mkdir(parents=True)
    (agents / "agent-abc.jsonl").write_text("")
    (agents / "agent-abc.meta.json").write_text('{"description": "cut \\ud83d"}')
    odd = os.fsencode(projects(settings)) + b"/-odd-\xff"
    os.makedirs(odd)
    Path(os.fsdecode(odd + b"/notes.jsonl")).write_bytes(busy(2).text())
    (settings.roots[0] / "history.jsonl").write_text(
        '{"display": "x", "project": "/p/\\ud800", "timestamp": 1790000000000}\n'
    )
    assert ingest(settings).skipped == []
    assert ingest(settings).lines_parsed == 0
    assert rows(settings, "SELECT COUNT(*) FROM session") == [(2,)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_pipe_named_like_a_transcript_is_reported_and_not_waited_for(settings):
    folder = projects(settings) / "-x"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "pipe.jsonl")
    assert [reason for _, reason in ingest(settings).skipped] == ["not a regular file"]


def test_reading_processes_import_nothing_from_the_folder_they_are_called_in(settings, tmp_path):
    trap = tmp_path / "trap"
    trap.mkdir()
    for name in ("msgspec", "queue", "json"):
        (trap / f"{name}.py").write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')")
    busy(1).write(projects(settings))
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "ACCRETE_HOME": str(settings.home),
        "CLAUDE_CONFIG_DIR": str(settings.roots[0]),
    }
    command = [Path(sys.executable).with_name("accrete"), "backfill", "--jobs", "1", "--json"]
    done = subprocess.run(command, cwd=trap, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["lines_parsed"] > 0
    assert not (tmp_path / "sprung").exists()


def test_a_new_session_without_instants_is_not_taken_for_an_old_one(settings):
    busy(1).write(projects(settings))
    ingest(settings)
    forget(settings, What(before=NOW), NOW)
    fresh = Transcript(9, start=NOW + 86_400_000)
    path = projects(settings) / "-home-dev-demo" / f"{fresh.session}.jsonl"
    append(
        path, {"type": "permission-mode", "permissionMode": "default", "sessionId": fresh.session}
    )
    ingest(settings)
    fresh.prompt("Here I am")
    append(path, *fresh.lines)
    ingest(settings)
    assert rows(settings, "SELECT id, prompts FROM session") == [(fresh.session, 1)]


def test_a_session_keeps_what_it_did_in_a_folder_of_a_forgotten_project(settings):
    busy(1).write(projects(settings))
    other = Transcript(2, cwd="/home/dev/secret")
    other.prompt("secret work")
    other.write(projects(settings))
    ingest(settings)
    (project,) = rows(settings, f"SELECT project FROM session WHERE id = '{session_id(2)}'")[0]
    forget(settings, What(project=project), NOW)
    t = busy(1)
    moved = Transcript(1, start=NOW, cwd="/home/dev/secret")
    moved.prompt("a word in the other folder", uuid="moved-1")
    append(projects(settings) / "-home-dev-demo" / f"{t.session}.jsonl", *moved.lines)
    ingest(settings)
    assert rows(settings, "SELECT id, prompts FROM session") == [(session_id(1), 5)]


def test_a_session_of_a_forgotten_project_does_not_come_back_by_its_bookkeeping(settings):
    first = Transcript(1, cwd="/home/dev/secret")
    first.prompt("secret work")
    first.write(projects(settings))
    ingest(settings)
    (project,) = rows(settings, "SELECT project FROM session")[0]
    forget(settings, What(project=project), NOW)
    later = Transcript(3, cwd="/home/dev/secret")
    later.prompt("more of it")
    path = later.write(projects(settings))
    ingest(settings)
    append(
        path,
        {"type": "ai-title", "aiTitle": "TOPSECRET", "sessionId": later.session},
        {
            "type": "queue-operation",
            "operation": "enqueue",
            "content": "TOPSECRET",
            "sessionId": later.session,
        },
    )
    ingest(settings)
    assert rows(settings, "SELECT id FROM session") == []
    assert b"TOPSECRET" not in settings.database.read_bytes()


def test_forgetting_all_takes_what_belongs_to_no_session_and_keeps_it_away(settings):
    busy(1).write(projects(settings))
    folder = projects(settings) / "-home-dev-demo"
    append(
        folder / f"{session_id(8)}.jsonl",
        {"type": "summary", "summary": "MARKER one", "leafUuid": "nowhere"},
    )
    append(folder / "notes.jsonl", {"type": "something-new", "uuid": "n1", "text": "MARKER two"})
    agents = folder / session_id(1) / "subagents"
    agents.mkdir(parents=True)
    (agents / "agent-abc.jsonl").write_text("")
    (agents / "agent-abc.meta.json").write_text('{"description": "MARKER three"}')
    ingest(settings)
    assert b"MARKER" in settings.database.read_bytes()
    for _ in range(2):
        forget(settings, What(everything=True), NOW)
        assert b"MARKER" not in b"".join(
            path.read_bytes() for path in settings.home.rglob("*") if path.is_file()
        )
        ingest(settings)
        assert rows(settings, "SELECT COUNT(*) FROM event") == [(0,)]


def test_a_forget_that_was_killed_before_it_scrubbed_is_finished_by_the_next_ingest(settings):
    busy(1).write(projects(settings))
    ingest(settings)
    db = open_for_writing(settings)
    set_fact(db, RECORD, SCRUB_WAITS, "1")
    db.close()
    ingest(settings)
    assert rows(settings, f"SELECT value FROM fact WHERE name = '{SCRUB_WAITS}'") == [("0",)]


def test_copies_that_a_killed_restore_left_go_with_forget(settings):
    busy(1).write(projects(settings))
    ingest(settings)
    (settings.home / "accrete.db.restoring").write_bytes(settings.database.read_bytes())
    forget(settings, What(everything=True), NOW)
    assert not (settings.home / "accrete.db.restoring").exists()


def test_a_restore_honours_a_forgotten_project_in_remembered_prompts(settings, tmp_path):
    t = Transcript(1, cwd="/home/dev/secret")
    t.prompt("secret work")
    t.write(projects(settings))
    (settings.roots[0] / "history.jsonl").write_text(
        json.dumps(
            {
                "display": "remembered",
                "project": "/home/dev/secret/.claude/worktrees/w1",
                "timestamp": START,
            }
        )
        + "\n"
    )
    ingest(settings)
    backup(settings, tmp_path / "copy.db")
    (project,) = rows(settings, "SELECT project FROM session")[0]
    forget(settings, What(project=project), NOW)
    assert rows(settings, "SELECT COUNT(*) FROM typed_history") == [(0,)]
    restore(settings, tmp_path / "copy.db")
    assert rows(settings, "SELECT COUNT(*) FROM typed_history") == [(0,)]
    assert rows(settings, "SELECT COUNT(*) FROM session") == [(0,)]


def test_the_record_is_no_backup_of_itself_and_a_damaged_backup_is_refused(settings, tmp_path):
    busy(1).write(projects(settings))
    ingest(settings)
    for act in (
        lambda: backup(settings, settings.database, force=True),
        lambda: restore(settings, settings.database),
    ):
        with pytest.raises(AccreteError, match="is the record itself"):
            act()
    torn = tmp_path / "torn.db"
    torn.write_bytes(settings.database.read_bytes()[:9000])
    with pytest.raises(AccreteError, match="torn.db is damaged"):
        restore(settings, torn)
    assert rows(settings, "SELECT COUNT(*) FROM session") == [(1,)]


def test_a_result_that_is_read_before_its_call_is_joined(settings):
    a, b = Transcript(1), Transcript(2)
    a.prompt("go")
    a.call("Bash", {"command": "ls"}, use="toolu_1")
    b.result("done", use="toolu_1")
    other = type(settings)(
        home=settings.home.with_name("other"),
        roots=(settings.roots[0].with_name("second"),),
        zone="UTC",
    )
    for each, order in ((settings, (a, b)), (other, (b, a))):
        for made in order:
            made.write(each.roots[0] / "projects")
            ingest(each)
    assert (
        rows(settings, "SELECT status FROM tool_call")
        == rows(other, "SELECT status FROM tool_call")
        == [("ok",)]
    )
    assert contents(Sqlite(settings.database, readonly=True)) == contents(
        Sqlite(other.database, readonly=True)
    )


def test_a_meta_file_that_comes_later_names_its_agent(settings):
    t = busy(1)
    main = t.write(projects(settings))
    agents = main.with_suffix("") / "subagents"
    append(
        agents / "agent-abc.jsonl",
        {**t.lines[0], "isSidechain": True, "agentId": "abc", "uuid": "a-1"},
    )
    ingest(settings)
    (agents / "agent-abc.meta.json").write_text('{"agentType": "scout"}')
    ingest(settings)
    assert rows(settings, "SELECT type, shown_type FROM agent_run") == [("scout", "scout")]


def test_a_new_file_with_the_inode_of_a_deleted_one_is_another(settings):
    path = busy(1).write(projects(settings))
    ingest(settings)
    renamed = path.with_name(f"{session_id(2)}.jsonl")
    path.rename(renamed)
    renamed.write_bytes(busy(2).text())
    ingest(settings)
    missing = rows(settings, "SELECT id, source_missing_at IS NOT NULL FROM session ORDER BY id")
    assert missing == [(session_id(1), 1), (session_id(2), 0)]


def test_days_follow_the_zone_of_the_settings_at_the_next_rebuild(settings):
    from accrete.care.maintain import rebuild

    t = Transcript(1, start=1_790_034_000_000)  # 2026-09-21T23:40Z
    t.prompt("late")
    t.write(projects(settings))
    ingest(settings)
    assert rows(settings, "SELECT local_day FROM prompt") == [("2026-09-21",)]
    rebuild(type(settings)(home=settings.home, roots=settings.roots, zone="Asia/Tokyo"))
    assert rows(settings, "SELECT local_day FROM prompt") == [("2026-09-22",)]


def test_a_damaged_record_is_told_in_a_sentence(settings):
    for n in range(1, 8):
        busy(n, turns=30).write(projects(settings))
    ingest(settings)
    data = bytearray(settings.database.read_bytes())
    data[40_000:-40_000] = b"\xa5" * (len(data) - 80_000)
    settings.database.write_bytes(data)
    with pytest.raises(AccreteError, match="damaged"):
        rows(settings, "SELECT COUNT(*), MAX(text) FROM event")


def test_a_path_that_is_no_transcript_is_refused(settings, tmp_path):
    (tmp_path / "MANIFEST.json").write_text("{}")
    with pytest.raises(AccreteError, match="no transcript"):
        ingest(settings, paths=(tmp_path / "MANIFEST.json",))


def test_the_path_of_a_forgotten_transcript_is_not_stored_again(settings):
    t = Transcript(1, cwd="/home/dev/hush")
    t.prompt("secret work")
    t.write(projects(settings), slug="-home-dev-hush")
    busy(2).write(projects(settings))
    ingest(settings)
    assert b"-home-dev-hush" in settings.database.read_bytes()
    forget(settings, What(sessions=(t.session,)), NOW)
    for _ in range(2):
        report = ingest(settings)
        assert b"-home-dev-hush" not in settings.database.read_bytes()
        assert rows(settings, "SELECT id FROM session") == [(session_id(2),)]
    assert report.lines_parsed == 0


def test_what_a_forgotten_session_shares_with_another_in_one_file_stays_with_that_one(settings):
    t = Transcript(1)
    t.prompt("go")
    t.call("Bash", {"command": "ls"}, use="toolu_1")
    t.result("done", use="toolu_1")
    t.write(projects(settings))
    ingest(settings)
    forget(settings, What(sessions=(t.session,)), NOW)
    copies = [{**line, "sessionId": session_id(2)} for line in t.lines]
    append(projects(settings) / "-home-dev-demo" / "both.jsonl", *t.lines, *copies)
    ingest(settings)
    assert rows(settings, "SELECT id, prompts, responses_own, tool_calls FROM session") == [
        (session_id(2), 1, 1, 1)
    ]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_result_goes_to_the_call_in_the_record_that_it_names(at_once, settings):
    t = Transcript(1)
    t.prompt("go")
    first = t.call("Bash", {"command": "one"}, use="toolu_same", message_id="msg_a")
    t.call("Bash", {"command": "two"}, use="toolu_same", message_id="msg_b")
    t.result("of one", use="toolu_same", sourceToolAssistantUUID=first)
    path = projects(settings) / "-home-dev-demo" / f"{t.session}.jsonl"
    for some in [t.lines] if at_once else [[line] for line in t.lines]:
        append(path, *some)
        ingest(settings)
    assert rows(settings, "SELECT target, output FROM tool_call ORDER BY target") == [
        ("one", "of one"),
        ("two", None),
    ]


def test_a_summary_in_another_file_names_its_session_whenever_it_comes(settings):
    named = Transcript(1)
    leaf = named.prompt("The words of the prompt")
    named.write(projects(settings))
    later = Transcript(2)
    later.lines.append({"type": "summary", "summary": "What it was about", "leafUuid": leaf})
    later.prompt("Something else")
    ingest(settings)
    later.write(projects(settings))
    ingest(settings)
    fresh = type(settings)(home=settings.home.with_name("fresh"), roots=settings.roots, zone="UTC")
    ingest(fresh)
    db = Sqlite(settings.database, readonly=True)
    assert db.run("SELECT title FROM session WHERE id = ?", (named.session,)) == [
        ("What it was about",)
    ]
    db.close()
    assert contents(Sqlite(settings.database, readonly=True)) == contents(
        Sqlite(fresh.database, readonly=True)
    )


def test_a_replay_lends_nothing_for_good_when_a_second_request_of_the_main_line_comes(settings):
    t = Transcript(1)
    t.prompt("go")
    t.answer(minted("msg"), requestId=minted("req", 2), usage={"output_tokens": 10})
    path = t.write(projects(settings))
    aside = path.with_suffix("") / "subagents" / "agent-aside_question-1.jsonl"
    replay = {
        **t.lines[-1],
        "isSidechain": True,
        "agentId": "aside_question-1",
        "requestId": minted("req", 3),
    }
    replay["message"] = {
        **replay["message"],
        "usage": {**replay["message"]["usage"], "output_tokens": 100},
    }
    append(aside, replay)
    ingest(settings)
    counted = "SELECT SUM(output_tokens) FROM response WHERE counted = 1"
    assert rows(settings, counted) == [(100,)]
    t.answer(minted("msg"), requestId=minted("req", 1), usage={"output_tokens": 5})
    append(path, t.lines[-1])
    ingest(settings)
    fresh = type(settings)(home=settings.home.with_name("fresh"), roots=settings.roots, zone="UTC")
    ingest(fresh)
    assert rows(settings, counted) == rows(fresh, counted) == [(15,)]
