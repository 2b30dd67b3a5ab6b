"""What an older reader made of one file goes when that is read again, and nothing else does."""

from __future__ import annotations

import json

import pytest

from accrete.ingest import Report, open_for_writing, reread
from accrete.ingest.writer import Writer
from accrete.model.batch import Batch
from accrete.model.captured import Event
from accrete.record import store
from accrete.record.readers import read_job
from accrete.record.stored_facts import SWEPT
from accrete.transcript import READER_VERSION
from accrete.transcript.discover import discover, signature
from accrete.transcript.read import Job
from tests.records import kept, projects
from tests.transcripts import Transcript, minted

pytestmark = pytest.mark.long

TABLES = ("source_file", "session", "event", "prompt", "response", "tool_call", "agent_run",
          "session_context", "session_pull_request", "waiting_result")  # fmt: skip


def columns(db, table: str) -> list[str]:
    found = db.run(f"PRAGMA table_info({table})")
    return [name for _, name, of, *_ in found if (name, of) != ("id", "INTEGER")]


def copied(db, table: str, where: str = "person = 1", **other: object) -> None:
    """Adds a copy of rows with other values in some columns."""
    names = columns(db, table)
    taken = ", ".join(_sql(other[name]) if name in other else name for name in names)
    db.run(f"INSERT INTO {table} ({', '.join(names)}) SELECT {taken} FROM {table} WHERE {where}")


def _sql(value: object) -> str:
    return "NULL" if value is None else repr(value)


def waits(db, person: int, session: str, seq: int) -> None:
    db.run(
        "INSERT INTO waiting_result (person, session, agent, tool_use_id, call_uuid, seq, result) "
        "VALUES (?, ?, '', 'call_gone', '', ?, '[]')",
        (person, session, seq),
    )


@pytest.fixture
def sessions() -> tuple[Transcript, Transcript]:
    return made(1), made(2)


def made(n: int) -> Transcript:
    """A session with two calls, of answers `10 * n` and the next."""
    t = Transcript(n)
    t.prompt("Fix the cart")
    for turn, error in enumerate((False, True)):
        ids = 10 * n + turn
        t.call("Bash", {"command": "pytest"}, message_id=minted("msg", ids),
               requestId=minted("req", ids), use=f"toolu_{n}_{turn}")  # fmt: skip
        t.result("1 failed" if error else "1 passed", use=f"toolu_{n}_{turn}", error=error)
    return t


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
    db.run("UPDATE tool_call SET tool_use_id = 'theirs_' || tool_use_id WHERE person = 2")
    before = kept_beside(db, one)
    read_again(db, settings, sessions[0])
    assert db.run("SELECT DISTINCT tool_use_id FROM waiting_result") == [("call_gone",)]
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


@pytest.mark.parametrize("table", [None, "source_file", "event", "response", "tool_call"])
def test_only_a_record_that_held_nothing_has_nothing_to_sweep(db, table):
    store.set_fact(db, 1, SWEPT, "0")
    for each in {"source_file", "event", "response", "tool_call"} - {table}:
        db.run(f"DELETE FROM {each}")
    reread.mark_swept_if_empty(db, 1)
    assert (store.fact(db, 1, SWEPT) == str(READER_VERSION)) == (table is None)


def test_a_first_backfill_looks_for_no_row_of_an_older_reader(settings, sessions, monkeypatch):
    monkeypatch.setattr(reread, "_remove_nobodys", lambda *_: pytest.fail("looked at every row"))
    kept(settings, *sessions)


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


ANSWER = minted("msg", 10)
MESSAGE = f"person = 1 AND message_id = '{ANSWER}'"
ONE = f"{MESSAGE} AND request_id = '{minted('req', 10)}'"
LINE = f"{MESSAGE} AND kind = 'tool_call'"
MISSING = {"missing_at": 9}
COPIES = [
    (MISSING, {}, True, True),
    ({"lost": 1}, {}, True, True),
    ({}, {}, False, False),
    ({**MISSING, "person": 2}, {}, False, False),
    (MISSING, {"person": 2}, False, False),
    (MISSING, {"session": "u"}, False, False),
    (MISSING, {"message_id": "msg_other"}, False, False),
    (MISSING, {"uuid": "another"}, True, False),
    (MISSING, {"reader": READER_VERSION}, True, False),
]
"""What is said of the file of another session and of its copy of a line; whether the answer is
then also in a file that is gone, and whether this is an older copy of the record itself."""


def copy_of_line(db, session: str, file: dict[str, object], line: dict[str, object]) -> None:
    db.run("INSERT INTO session (person, id, zone, stale) VALUES (1, 't', 'UTC', 0)")
    copied(db, "source_file", f"person = 1 AND session = '{session}'",
           **{"session": "t", "path": "/t.jsonl", **file})  # fmt: skip
    copied(db, "event", LINE, **{"session": "t", **line})


@pytest.mark.parametrize(("file", "line", "is_kept", "renamed"), COPIES)
def test_of_an_answer_that_a_file_which_is_gone_holds_too_only_ones_own_alone_is_taken_out(
    db, sessions, file, line, is_kept, renamed
):
    one = sessions[0].session
    copy_of_line(db, one, file, line)
    copied(db, "response", ONE, request_id="of_others_too", contested=1)
    copied(db, "response", ONE, request_id="of_the_other", session="t")
    copied(db, "response", ONE, request_id="read_anew", reader=READER_VERSION)
    beside = f"SELECT person, message_id, request_id FROM response WHERE NOT ({MESSAGE}) ORDER BY 1"
    before = sorted(db.run(beside))
    reread._take_out_responses(db, 1, {ANSWER}, {one})
    left = {request for (request,) in db.run(f"SELECT request_id FROM response WHERE {MESSAGE}")}
    assert left == {"read_anew", *(("of_others_too", "of_the_other") if is_kept else ())}
    assert sorted(db.run(beside)) == before


@pytest.mark.parametrize(("file", "line", "is_kept", "renamed"), COPIES)
def test_an_older_copy_of_a_record_in_a_file_that_is_gone_gets_its_new_answer_too(
    db, sessions, file, line, is_kept, renamed
):
    copy_of_line(db, sessions[0].session, file, line)
    ((uuid,),) = db.run(f"SELECT uuid FROM event WHERE {LINE} AND session <> 't' "
                        "AND session <> 'u'")  # fmt: skip
    everything = "SELECT person, session, uuid, message_id FROM event ORDER BY 1, 2, 3, 4"
    before = db.run(everything)
    now = Batch(events=[held_by(uuid, "msg_now"), held_by("same", "msg_same")])
    were = {(uuid, ANSWER), ("same", "msg_same"), ("unread", ANSWER)}
    assert reread._rename_copies(db, 1, now, were) == ({"t"} if renamed else set())
    expected = [
        (*row[:3], "msg_now") if renamed and row[:3] == (1, "t", uuid) else row for row in before
    ]
    assert db.run(everything) == expected
    assert db.run("SELECT stale FROM session WHERE id = 't'") == [(int(renamed),)]


def held_by(uuid: str, message: str) -> Event:
    return Event(1, "s", "", uuid, 0, 0, None, "assistant_text", None, None, 0, message, None,
                 None, 0, 0, None)  # fmt: skip


@pytest.mark.parametrize(
    ("copy", "shared"),
    [
        ({"session": "t"}, True),
        ({"agent": "a"}, True),
        ({"session": "t", "person": 2}, False),
        ({"session": "t", "message_id": "msg_other"}, False),
        ({"uuid": "another"}, False),
    ],
)
def test_an_answer_is_shared_where_another_session_or_subagent_holds_a_copy(db, copy, shared):
    copied(db, "event", LINE, **copy)
    reread.mark_shared(db, 1, [ANSWER, minted("msg", 20)])
    found = db.run("SELECT person, message_id FROM response WHERE contested = 1")
    assert found == [(1, ANSWER)] * shared


def test_what_this_reader_made_of_a_record_stays_when_the_record_is_read_again(
    db, settings, sessions
):
    for part, reader in ((98, READER_VERSION), (99, READER_VERSION - 1)):
        copied(db, "event", f"{LINE} AND part < 90", part=part, reader=reader)
        copied(db, "tool_call", f"{MESSAGE} AND tool_use_id = 'toolu_1_0'",
               tool_use_id=f"toolu_{part}", reader=reader)  # fmt: skip
        copied(db, "prompt", "person = 1 AND session LIKE '00000001%' AND uuid NOT LIKE 'x%'",
               uuid=f"x{part}", reader=reader)  # fmt: skip
    read_again(db, settings, sessions[0])
    assert db.run(f"SELECT part FROM event WHERE {LINE} AND part > 90") == [(98,)]
    uses = f"SELECT tool_use_id FROM tool_call WHERE {MESSAGE} ORDER BY 1"
    assert db.run(uses) == [("toolu_1_0",), ("toolu_98",)]
    reread.sweep(db, 1, read_again=True)
    assert db.run("SELECT uuid FROM prompt WHERE person = 1 AND uuid LIKE 'x%'") == [("x98",)]


@pytest.mark.parametrize(
    ("files", "first", "second", "current"),
    [
        (0, 0, 0, None),
        (0, 0, -1, ["one"]),
        (0, 1, -1, ["one"]),
        (-1, 0, 0, ["one", "two"]),
        (-1, -1, -1, []),
    ],
)
def test_a_session_is_of_this_reader_unless_an_older_one_read_any_of_it(
    db, sessions, files, first, second, current
):
    db.run("UPDATE source_file SET reader = ? WHERE person = 1", (READER_VERSION + files,))
    names = {"one": sessions[0].session, "two": sessions[1].session}
    for name, reader in (("one", first), ("two", second)):
        db.run("UPDATE session SET reader = ? WHERE person = 1 AND id = ?",
               (READER_VERSION + reader, names[name]))  # fmt: skip
    found = reread.current_sessions(db, 1)
    assert found == (None if current is None else {names[name] for name in current})


@pytest.mark.parametrize(
    ("file", "goes"),
    [
        ({}, True),
        ({"missing_at": 1}, False),
        ({"lost": 1}, False),
        ({"error": "odd"}, False),
        ({"reader": READER_VERSION - 1}, False),
        ({"size": 9, "read_to": 10}, False),
        ({"size": 10, "read_to": 10}, True),
        ({"person": 2, "missing_at": 1}, True),
    ],
)
@pytest.mark.parametrize("session", ["one", None])
def test_what_an_older_reader_made_goes_once_every_file_that_may_hold_it_is_read_anew(
    db, settings, sessions, file, goes, session
):
    one = sessions[0].session
    for uuid, whose in (("nobodys", "nobody"), ("misread", one)):
        copied(db, "prompt", f"person = 1 AND session = '{one}'", uuid=uuid, session=whose)
    read_again(db, settings, sessions[0])
    copied(db, "source_file", f"person = 1 AND session = '{one}'",
           **{"path": "/beside.jsonl", "session": session and one, **file})  # fmt: skip
    reread.sweep(db, 1, read_again=True)
    left = {
        uuid for (uuid,) in db.run("SELECT uuid FROM prompt WHERE person = 1 AND reader < ?",
                                   (READER_VERSION,))
    }  # fmt: skip
    assert ("misread" in left) == (session == "one" and not goes)
    assert ("nobodys" in left) == (session is None and not goes)
