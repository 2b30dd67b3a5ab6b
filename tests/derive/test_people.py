"""What is derived for one person leaves what waits for another."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from accrete.care.forget import What, forget_within
from accrete.database import Sqlite
from accrete.derive.refresh import refresh
from accrete.derive.weeks import EVERY_WEEK
from accrete.model.batch import Batch
from accrete.model.captured import Event
from accrete.model.tables import OF_PERSON
from accrete.record import store
from accrete.record.stored_facts import WEEKS_WAIT
from tests.derive.test_declined import declining
from tests.people import both_people, fill
from tests.records import projects, world
from tests.test_conformance import CORPUS
from tests.transcripts import Transcript, iso, session_id


@pytest.fixture
def db(either, settings, tmp_path):
    both_people(either, settings, tmp_path / "theirs")
    return either


def kept_of(db, person: int) -> dict[str, list[str]]:
    return {
        table: sorted(map(repr, db.run(f"SELECT * FROM {table} WHERE person = ?", (person,))))
        for table in OF_PERSON
    }


@pytest.mark.long
def test_weeks_that_a_kill_left_undone_wait_for_their_own_person(db, settings):
    weeks = "SELECT COUNT(*) FROM person_week WHERE person = 1"
    before = db.run(weeks)
    with db.transaction():
        db.run("DELETE FROM person_week WHERE person = 1")
        store.set_fact(db, 1, WEEKS_WAIT, EVERY_WEEK)
    refresh(db, 2, replace(settings, person=2))
    assert db.run(weeks) == [(0,)]
    refresh(db, 1, settings)
    assert db.run(weeks) == before
    assert before[0][0] > 0


def test_a_summary_names_the_session_of_its_own_person_whoever_is_worked_out_first(db, settings):
    leaf = db.run("""SELECT session, uuid FROM event WHERE person = 1 AND agent = '' AND kind =
    'assistant_text'
        AND session LIKE '00000003%' ORDER BY seq DESC LIMIT 1""")[0]
    with db.transaction():
        db.run("DELETE FROM event WHERE kind IN ('ai_title', 'custom_title', 'agent_name')")
        store.mark_stale(db, 1, [leaf[0]])
    refresh(db, 1, settings)
    said = Event(
        1,
        "",
        "",
        "u-summary",
        0,
        0,
        None,
        "summary_title",
        None,
        "What it was about",
        17,
        None,
        None,
        leaf[1],
        0,
        0,
        None,
    )
    with db.transaction():
        store.store_batch(db, Batch(events=[said]), person=1, zone="UTC")
    refresh(db, 2, replace(settings, person=2))
    refresh(db, 1, settings)
    assert db.run("SELECT title FROM session WHERE person = 1 AND id = ?", (leaf[0],)) == [
        ("What it was about",)
    ]


@pytest.mark.long
def test_forgetting_everything_of_one_person_leaves_the_other(db, settings):
    theirs = kept_of(db, 1)
    forget_within(db, replace(settings, person=2), What(everything=True), 5)
    assert kept_of(db, 1) == theirs
    assert {table: rows for table, rows in kept_of(db, 2).items() if rows} == {}


TWISTED = {
    "event": "text = 'Theirs: unknown .claude b1x', seq = seq - 1000",
    "response": "request_id = 'theirs' || request_id, error = 'theirs', "
    "synthetic = 1 - synthetic, "
    """iterations = '[["declined","claude-fable-5","theirs"]]'""",
    "tool_call": "output = 'exit code 1, 7 failed', status = 'error', target = 'theirs b1x'",
    "git_answer": "answer = 'found', sha = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'",
    "session_context": "cwd = '/theirs', branch = 'theirs', first_seq = first_seq - 1",
    "session_title": "text = 'Theirs'",
    "agent_run": "shown_task = 'Theirs', responses = responses + 1",
    "prompt": "kind = 'slash_command', replayed = 1 - replayed, permission_mode = 'plan'",
    "session_pull_request": "at = at - 1",
    "pull_request": "number = 9999",
    "session": "zone = 'Asia/Tokyo'",
    "workdir": "project = 'theirs'",
}
"""What somebody else's rows of the same ids say."""


SAME = {
    "person", "id", "session", "agent", "uuid", "part", "kind", "message_id", "tool_use_id",
    "request_id", "run", "prompt", "cwd", "url", "embedded", "sidechain", "counted", "contested",
    "has_usage", "replayed", "synthetic", "reader", "result_reader", "result_rank", "derived",
    "derived_version", "stale", "iterations", "interrupted", "teammate", "entrypoint",
}  # fmt: skip
"""Ids, kinds and flags: what a row is found by."""


def all_of(db: Sqlite, table: str) -> str:
    """The assignments that make all else of a table's rows somebody else's."""
    return ", ".join(
        f"{name} = '0theirs'" if of == "TEXT" else f"{name} = COALESCE({name}, 0) + 1000"
        for _, name, of, *_ in db.run(f"PRAGMA table_info({table})")
        if name not in SAME and of in ("TEXT", "INTEGER")
    )


def changed_by_another(
    settings, path: Path, said_of: Callable[[Sqlite, str], str]
) -> tuple[dict[str, list[str]], set[str]]:
    """What the transcripts of a person come to, by table; and the tables that are not the same
    when somebody else holds other things under the same ids: what `said_of` a table assigns."""
    db = Sqlite(path)
    db.migrate()
    fill(db, settings)
    before = kept_of(db, 1)
    with db.transaction():
        for table in TWISTED:
            columns = [
                name
                for _, name, of, *_ in db.run(f"PRAGMA table_info({table})")
                if (name, of) != ("id", "INTEGER")
            ]
            taken = ", ".join("2" if each == "person" else each for each in columns)
            db.run(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {taken} FROM {table} "
                   "WHERE person = 1")  # fmt: skip
            db.run(f"UPDATE {table} SET {said_of(db, table)} WHERE person = 2")
        db.run("INSERT INTO git_answer SELECT 2, message_id, tool_use_id, 0, 'found', ?, 1 "
               "FROM tool_call WHERE person = 1", ("a" * 40,))  # fmt: skip
        store.mark_stale(
            db, 1, [each for (each,) in db.run("SELECT id FROM session WHERE person = 1")]
        )
        db.run("DELETE FROM settled WHERE person = 1")  # so that owners are derived again
    refresh(db, 1, settings)
    after = kept_of(db, 1)
    db.close()
    counters = {"session_change", "settled"}  # they count what was stored of everybody
    return before, {each for each in after.keys() - counters if after[each] != before[each]}


def test_what_another_holds_under_the_same_ids_says_nothing_of_a_person(settings, tmp_path):
    t = Transcript(7)
    t.prompt("Fix the parser of dates")
    t.call("Bash", {"command": "git commit -qam x"}, message_id="m1", use="c1")
    t.result("", use="c1")
    t.call("Bash", {"command": "pytest -q"}, message_id="m2", use="c2")
    t.result("Running", use="c2", told={"stdout": "", "backgroundTaskId": "b1x"})
    t.call("Bash", {"command": "gh pr create --fill"}, message_id="m3", use="c3")
    t.result("", use="c3", told={"stdout": ""})
    url = "https://github.com/a/b/pull/7"
    t.lines.append({"type": "pr-link", "sessionId": t.session, "prNumber": 7, "prUrl": url,
                    "prRepository": "a/b", "timestamp": iso(t.now + 1)})  # fmt: skip
    t.answer("m4")
    t.write(projects(settings))
    declining("chatcmpl-1", None, "cyber").write(projects(settings), name=session_id(8))
    world(settings)
    before, changed = changed_by_another(
        settings, tmp_path / "both.db", lambda db, table: TWISTED[table]
    )
    assert "b/pull/7" in repr(before["session_pull"])
    assert changed == set()


@pytest.mark.long
@pytest.mark.parametrize(
    "case",
    ["agent-id-in-two-sessions", "agents-nested", "agents-of-a-workflow", "fork-subagent",
     "btw-sidechain-knows-more", "client-2.1.329-gitpr", "client-2.1.329-tools", "compaction",
     "fork-with-everything", "gateway-answer-written-twice", "gateway-counts-anew",
     "iterations-of-one-answer", "one-id-ended-answers", "one-id-six-answers",
     "outcome-check-in-the-background", "plan-handoff", "progress-embedded-and-own-file",
     "queued-and-absorbed", "queued-and-taken-back", "rewind", "same-session-in-two-files",
     "snapshots-repeat-blocks", "team-members", "titles", "tool-ids-reused",
     "worktree-that-the-client-tells-of"],
)  # fmt: skip
def test_of_no_kind_of_session_anything_is_taken_from_another(settings, tmp_path, case):
    shutil.copytree(CORPUS / case, settings.roots[0])
    for number, said in enumerate((all_of, lambda db, table: TWISTED[table])):
        before, changed = changed_by_another(settings, tmp_path / f"{number}.db", said)
        assert before["session"]
        assert changed == set()
