"""Long texts of calls are kept as frames; whoever reads them gets them as they were."""

from __future__ import annotations

import base64
import sqlite3
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accrete.care.maintain import redact_past
from accrete.care.upgrade import bring_up_to_date
from accrete.database import Sqlite
from accrete.database.long_texts import LONG_TEXTS, SHORTEST, kept, text_of
from accrete.database.schema import latest_version
from accrete.errors import RecordError
from accrete.ingest import ingest
from accrete.queries.leaving import stored_rows
from accrete.record import store
from tests.contents import contents
from tests.people import fill
from tests.queries.asked import EVERY, scope_for
from tests.records import projects, world
from tests.transcripts import Transcript

pytestmark = pytest.mark.long

COLUMNS = [(table, name) for table, names in LONG_TEXTS.items() for name in names]
KINDS = "SELECT DISTINCT typeof({0}) FROM {1} WHERE {0} IS NOT NULL"


def always(text: str | None) -> bytes | None:
    """A frame of any text, however short."""
    from backports import zstd

    return None if text is None else zstd.compress(text.encode())


@given(st.text(max_size=40), st.integers(1, 400))
def test_a_text_is_read_as_it_was(text, times):
    assert text_of(kept(text * times)) == text * times


def test_a_long_text_is_a_frame_and_a_short_one_is_itself():
    assert isinstance(kept("a line of it\n" * SHORTEST), bytes)
    assert kept("a" * (SHORTEST - 1)) == "a" * (SHORTEST - 1)
    assert kept(None) is None
    noise = base64.b64encode(b"".join(sha256(bytes([n])).digest() for n in range(9))).decode()
    assert kept(noise) == noise  # its frame would hardly be shorter


def test_the_schema_takes_frames_where_they_are_kept(settings):
    db = Sqlite(settings.database)
    db.migrate()
    found = [
        (table, name)
        for (table,) in db.run("SELECT name FROM sqlite_schema WHERE type = 'table'")
        for _, name, kind, *_ in db.run(f"PRAGMA table_info({table})")
        if kind == "ANY"
    ]
    db.close()
    assert found == COLUMNS


@pytest.fixture
def framed_and_plain(settings, tmp_path, monkeypatch):
    """Two records of the same transcripts: in one every such text is a frame, in the other none."""
    world(settings)
    made = []
    for name, keep in (("framed", always), ("plain", lambda text: text)):
        monkeypatch.setattr(Sqlite, "keep", staticmethod(keep))
        db = Sqlite(tmp_path / f"{name}.db")
        db.migrate()
        fill(db, settings)
        made.append(db)
    yield made
    for db in made:
        db.close()


def test_every_question_and_every_derived_row_is_as_without_frames(framed_and_plain):
    framed, plain = framed_and_plain
    for table, name in COLUMNS[:2]:  # the transcripts here have no patches
        assert framed.run(KINDS.format(name, table)) == [("blob",)]
        assert plain.run(KINDS.format(name, table)) == [("text",)]
    assert contents(framed) == contents(plain)
    for name, (_, ask) in EVERY.items():
        question = ask(scope_for(name, 1), "sqlite")
        assert framed.ask(question) == plain.ask(question), name
    leaves = stored_rows(scope_for("stored rows", 1), "tool_call")
    assert framed.ask(leaves) == plain.ask(leaves)
    assert framed.ask(leaves)


def long_call(settings) -> None:
    t = Transcript(1)
    t.prompt("Look at the table")
    t.call("Bash", {"command": "cat table.txt"})
    t.result("a row of the table\n" * 100)
    t.write(projects(settings))


ROW = {
    "person": 1, "message_id": "m", "tool_use_id": "u", "session": "s", "agent": "", "uuid": "e",
    "seq": 1, "tool": "Bash", "input": "{}", "input_cut": 0, "sidechain": 0, "embedded": 0,
    "output": "a row of the table\n" * 200, "patch": None, "local_day": "x",
}  # fmt: skip


def test_a_record_from_before_is_brought_up_to_date(settings):
    old = Sqlite(settings.database)
    old.migrate(36)
    rows = [{**ROW, "message_id": f"m{n}"} for n in range(500)]
    old.load("tool_call", tuple(ROW), [tuple(row.values()) for row in rows])
    old.run("PRAGMA wal_checkpoint(TRUNCATE)")
    size = settings.database.stat().st_size
    assert bring_up_to_date(old)  # where the record as it was is kept
    assert old.version == latest_version()
    found = old.run(f"SELECT {', '.join(ROW)} FROM tool_call ORDER BY length(message_id), 2")
    assert found == [tuple(row.values()) for row in sorted(rows, key=lambda row: (
        len(row["message_id"]), row["message_id"]))]  # fmt: skip
    assert old.run("SELECT DISTINCT typeof(input), typeof(output), typeof(patch) FROM tool_call"
                   ) == [("text", "blob", "null")]  # fmt: skip
    old.close()
    assert settings.database.stat().st_size < size * 0.7  # given back to the disk


def test_a_frame_that_is_damaged_is_said(settings):
    long_call(settings)
    ingest(settings)
    db = Sqlite(settings.database)
    assert db.run("SELECT typeof(output) FROM tool_call") == [("blob",)]
    db.run("UPDATE tool_call SET output = substr(output, 1, 20)")
    for column in ("output", "text_of(output)"):
        with pytest.raises(RecordError, match="damaged"):
            db.run(f"SELECT {column} FROM tool_call")
    db.close()


def test_what_new_patterns_find_goes_from_a_frame_too(settings):
    long_call(settings)
    ingest(settings)
    secret = "ghp_" + "x7Gq2LmP0aBcD3eFgH4iJkL5mNoP6qRsT8uV"
    db = Sqlite(settings.database)
    text = db.run("SELECT output FROM tool_call")[0][0] + secret
    db.run("UPDATE tool_call SET output = ?", (db.keep(text),))
    store.set_fact(db, store.RECORD, "redaction_version", "0")
    assert redact_past(db)
    assert db.run("SELECT typeof(output) FROM tool_call") == [("blob",)]
    assert db.run("SELECT output FROM tool_call") == [
        (text.replace(secret, "[redacted:github-token]"),)
    ]
    db.close()


def test_the_frame_is_the_standards(settings):
    """What is kept outlives this program: anything that reads Zstandard reads it."""
    long_call(settings)
    ingest(settings)
    raw = sqlite3.connect(settings.database)
    ((frame,),) = raw.execute("SELECT output FROM tool_call")
    raw.close()
    assert frame[:4] == bytes.fromhex("28b52ffd")
