"""What an older reader made of one file goes when that is read again, and nothing else does."""

from __future__ import annotations

import json

import pytest

from accrete.ingest import Report, open_for_writing, reread
from accrete.ingest.writer import Writer
from accrete.record import store
from accrete.record.readers import read_job
from accrete.record.stored_facts import SWEPT
from accrete.transcript import READER_VERSION
from accrete.transcript.discover import discover, signature
from accrete.transcript.read import Job
from tests.records import kept, projects
from tests.transcripts import Transcript, busy

TABLES = ("source_file", "session", "event", "prompt", "response", "tool_call", "agent_run",
          "session_context", "session_pull_request", "waiting_result")  # fmt: skip


def columns(db, table: str) -> list[str]:
    found = db.run(f"PRAGMA table_info({table})")
    return [name for _, name, of, *_ in found if (name, of) != ("id", "INTEGER")]


def copied(db, table: str, **other: object) -> None:
    """Adds a copy of each row of the first person with other values in some columns."""
    names = columns(db, table)
    taken = ", ".join(repr(other[name]) if name in other else name for name in names)
    db.run(f"INSERT INTO {table} ({', '.join(names)}) SELECT {taken} FROM {table} "
           "WHERE person = 1")  # fmt: skip


def waits(db, person: int, session: str, seq: int) -> None:
    db.run(
        "INSERT INTO waiting_result (person, session, agent, tool_use_id, call_uuid, seq, result) "
        "VALUES (?, ?, '', 'call_gone', '', ?, '[]')",
        (person, session, seq),
    )


@pytest.fixture
def sessions() -> tuple[Transcript, Transcript]:
    return busy(1, turns=2), busy(2, turns=2)


@pytest.fixture
def db(settings, sessions):
    """A record of two sessions, both held by a second person too, that an older reader made."""
    kept(settings, *sessions)
    db = open_for_writing(settings)
    with db.transaction():
        for table in TABLES:
            if "reader" in columns(db, table):
                db.run(f"UPDATE {table} SET reader = ?", (READER_VERSION - 1,))
        db.run("DELETE FROM fact WHERE name = ?", (SWEPT,))
        for table in TABLES:
            copied(db, table, person=2)
    yield db
    db.close()


def read_again(db, settings, of: Transcript) -> None:
    of.write(projects(settings))
    (found,) = (each for each in discover(settings.roots).files if each.session == of.session)
    job = Job(str(found.path), "main", of.session, "", None, None, seen=signature(found))
    writer = Writer(db, settings, 5)
    for reading in read_job(job, str):
        writer.take(reading, Report())


def kept_beside(db, session: str) -> dict[str, list[str]]:
    """All rows but those of a session of the first person."""
    return {
        table: sorted(
            map(
                repr,
                db.run(f"SELECT {', '.join(columns(db, table))} FROM {table} WHERE person <> 1 "
                       f"OR {'id' if table == 'session' else 'session'} <> ?", (session,)),
            )
        )
        for table in TABLES
    }  # fmt: skip


def test_reading_one_file_again_leaves_other_sessions_and_other_people_as_they_were(
    db, settings, sessions
):
    one, two = (each.session for each in sessions)
    for person, session in ((1, one), (1, two), (2, one)):
        waits(db, person, session, reread.OLD_RESULT)
    waits(db, 1, one, 7)
    before = kept_beside(db, one)
    read_again(db, settings, sessions[0])
    reread.sweep(db, 1, read_again=True)
    assert kept_beside(db, one) == before
    assert db.run("SELECT seq FROM waiting_result WHERE person = 1 AND session = ?", (one,)) == [
        (7,)
    ]
    assert db.run("SELECT reader, stale FROM session WHERE person = 1 ORDER BY id") == [
        (READER_VERSION, 1), (READER_VERSION - 1, 0),
    ]  # fmt: skip


def test_a_call_that_only_an_older_reader_saw_in_a_record_goes_when_that_is_read_again(
    db, settings, sessions
):
    one = sessions[0].session
    copied(db, "tool_call", tool_use_id="toolu_misread")
    read_again(db, settings, sessions[0])
    uses = "SELECT tool_use_id, status FROM tool_call WHERE person = 1 AND session = ? ORDER BY 1"
    assert db.run(uses, (one,)) == [("toolu_1_0", "ok"), ("toolu_1_1", "error")]
    waiting = "SELECT person, session, tool_use_id, seq, result FROM waiting_result"
    found = db.run(waiting)
    assert {row[:4] for row in found} == {(1, one, "toolu_misread", reread.OLD_RESULT)}
    assert {json.loads(row[4])[0] for row in found} == {reread.OLD_RESULT}
    reread.sweep(db, 1, read_again=True)
    assert db.run(waiting) == []


def test_reading_again_is_over_once_no_file_that_is_there_waits_for_it(db, settings, sessions):
    def over() -> bool:
        reread.sweep(db, 1, read_again=False)
        return store.fact(db, 1, SWEPT) == str(READER_VERSION)

    assert not over()
    read_again(db, settings, sessions[0])
    assert not over()
    db.run("UPDATE source_file SET missing_at = 1 WHERE person = 1 AND session = ?",
           (sessions[1].session,))  # fmt: skip
    assert over()
    assert store.fact(db, 2, SWEPT) != str(READER_VERSION)
    readers = "SELECT reader FROM session WHERE person = 1 ORDER BY id"
    assert db.run(readers) == [(READER_VERSION,), (READER_VERSION - 1,)]
