"""What a file of a record is, how it is opened, and what is said of one that cannot be."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from accrete.database import Question, Sqlite
from accrete.database import sqlite as module
from accrete.database.faults import sentence
from accrete.database.question import Together
from accrete.errors import AccreteError, RecordError
from tests import ready


def pragmas(db: Sqlite, *names: str) -> tuple[object, ...]:
    return tuple(db.run(f"PRAGMA {name}")[0][0] for name in names)


HOW = ("journal_mode", "synchronous", "secure_delete", "locking_mode", "foreign_keys",
       "cache_size", "temp_store", "busy_timeout", "page_size")  # fmt: skip


@pytest.mark.parametrize(
    ("scratch", "how"),
    [
        (False, ("wal", 1, 1, "normal", 1, -12_000, 2, 10_000, 16_384)),
        (True, ("truncate", 0, 0, "exclusive", 1, -3_500, 2, 10_000, 16_384)),
    ],
)
def test_a_record_lasts_and_what_is_of_one_process_alone_waits_for_no_disk(tmp_path, scratch, how):
    path = tmp_path / "data" / "accrete.db"
    with ready.applied():
        db = Sqlite(path, scratch=scratch)
        db.migrate()
    assert pragmas(db, *HOW) == how
    if not scratch:
        assert pragmas(db, "wal_autocheckpoint") == (2048,)
        with db.cache(10_500):
            assert pragmas(db, "cache_size") == (-10_500,)
            with db.cache(200):
                assert pragmas(db, "cache_size") == (-200,)
            assert pragmas(db, "cache_size") == (-10_500,)
        assert pragmas(db, "cache_size") == (-12_000,)
    db.close()
    assert path.stat().st_mode & 0o7777 == 0o600
    assert path.parent.stat().st_mode & 0o7777 == 0o700
    assert path.read_bytes()[68:72] == b"ACCR"


def test_a_reader_waits_as_long_as_a_writer_and_writes_nothing(tmp_path):
    made = Sqlite(tmp_path / "one.db")
    made.migrate()
    db = Sqlite(tmp_path / "one.db", readonly=True)
    assert pragmas(db, "busy_timeout", "temp_store", "query_only") == (10_000, 2, 1)
    with pytest.raises(RecordError, match="Cannot write"):
        db.run("DELETE FROM fact")
    for each in (db, made):
        each.close()


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def _pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def _below_a_file(path: Path) -> Path:
    path.write_text("")
    return path / "accrete.db"


ODD: dict[str, tuple[Callable[[Path], Path], str, type[Exception], str]] = {
    "a folder": (_folder, "is a folder", AccreteError, "is a folder"),
    "a pipe": (_pipe, "is not a regular file", AccreteError, "is not a regular file"),
    "a long name": (
        lambda path: path.with_name("x" * 300),
        "Cannot open .* File name too long",
        AccreteError,
        "Cannot open .* File name too long",
    ),
    "below a file": (_below_a_file, "Cannot write .*/odd/accrete.db: ", FileNotFoundError, ""),
    "nothing": (lambda path: path, "", FileNotFoundError, ""),
}


@pytest.mark.parametrize(("made", "writing", "missing", "reading"), ODD.values(), ids=ODD)
def test_what_can_be_no_record_is_said_by_its_name(tmp_path, made, writing, missing, reading):
    path = made(tmp_path / "odd")
    with pytest.raises(missing, match=reading or None):
        Sqlite(path, readonly=True)
    if writing:
        with pytest.raises(AccreteError, match=writing):
            Sqlite(path)
    else:
        Sqlite(path).close()


def test_a_file_that_may_not_be_written_is_said_before_it_is_opened(tmp_path, monkeypatch):
    Sqlite(tmp_path / "one.db").close()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(AccreteError, match="Cannot write .*one.db: Permission denied"):
        Sqlite(tmp_path / "one.db")


def test_a_record_whose_log_cannot_be_opened_is_read_as_it_is(tmp_path):
    path = tmp_path / "one.db"
    db = Sqlite(path)
    db.migrate()
    db.run("INSERT INTO fact (person, name, value) VALUES (1, 'a', 'b')")
    db.close()
    (tmp_path / "one.db-wal").mkdir()
    (tmp_path / "one.db-shm").mkdir()
    reader = Sqlite(path, readonly=True)
    assert reader.run("SELECT value FROM fact") == [("b",)]
    reader.close()


def test_a_record_that_another_program_holds_is_said_to_be_locked(tmp_path, monkeypatch):
    path = tmp_path / "one.db"
    Sqlite(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("CREATE TABLE theirs (x)")
    monkeypatch.setattr(module, "BUSY_MS", 50)
    with pytest.raises(RecordError, match="Another program is writing"):
        Sqlite(path, readonly=True)
    with pytest.raises(RecordError, match="Another program is writing"):
        Sqlite(path)
    other.close()


def test_a_record_that_may_not_be_read_is_told(tmp_path, monkeypatch):
    path = tmp_path / "one.db"
    Sqlite(path).close()

    def refused(*given: object, **named: object) -> None:
        raise sqlite3.OperationalError("unable to open database file")

    # the module's own: what measures the tests uses SQLite too
    monkeypatch.setattr(module, "sqlite3", SimpleNamespace(**{**vars(sqlite3), "connect": refused}))
    with pytest.raises(AccreteError, match="Cannot open .*one.db. Check that it is readable"):
        Sqlite(path, readonly=True)
    with pytest.raises(AccreteError, match="Cannot write .*one.db"):
        Sqlite(path)
    monkeypatch.setattr(module, "_is_there", lambda path: True)
    with pytest.raises(FileNotFoundError):  # it went away meanwhile
        Sqlite(tmp_path / "two.db", readonly=True)


def test_nothing_is_read_or_attached_where_it_cannot_be(tmp_path):
    db = Sqlite(tmp_path / "one.db")
    db.migrate()
    begun = False
    folder = tmp_path / "half full, busy and locked"  # words that SQLite has for other faults
    folder.mkdir()
    with pytest.raises(AccreteError, match="Cannot write"), db.attached(folder, "other"):
        begun = True
    other = Sqlite(tmp_path / "other.db")
    other.migrate()
    with db.attached(tmp_path / "other.db", "other"):
        assert db.run("SELECT COUNT(*) FROM other.fact") == [(0,)]
    with pytest.raises(AccreteError):
        db.run("SELECT COUNT(*) FROM other.fact")
    db.close()
    with pytest.raises(sqlite3.Error), db.reading():
        begun = True
    assert not begun
    other.close()


def test_a_savepoint_takes_back_its_own_part_and_no_more(tmp_path):
    db = Sqlite(tmp_path / "one.db")
    db.migrate()
    put = "INSERT INTO fact (person, name, value) VALUES (1, ?, '')"
    with db.transaction():
        db.run(put, ("kept",))
        with pytest.raises((RecordError, sqlite3.IntegrityError)), db.savepoint():
            db.many(put, [("gone",), ("kept",)])
        with db.savepoint():
            db.run(put, ("kept too",))
    with db.savepoint():
        db.run(put, ("alone",))
    before = db.revision()
    with pytest.raises((RecordError, sqlite3.IntegrityError)), db.savepoint():
        db.many(put, [("gone",), ("kept",)])
    assert not db.connection.in_transaction
    assert db.revision() == before
    assert db.run("SELECT name FROM fact WHERE person = 1 ORDER BY name") == [
        ("alone",), ("kept",), ("kept too",),
    ]  # fmt: skip
    db.close()


def test_of_two_threads_that_ask_what_ails_the_one_is_said_and_the_other_waits_for_nobody(
    tmp_path, monkeypatch
):
    db = Sqlite(tmp_path / "one.db")
    db.migrate()
    question = Question((("SELECT COUNT(*) FROM fact", ()),) * 3, lambda answers: answers)
    assert db.ask_at_once(question) == [[(0,)]] * 3
    left = [AccreteError("this ails it")]
    real = module._open_readonly

    def once(path: Path) -> sqlite3.Connection:
        if left:
            raise left.pop()
        return real(path)

    monkeypatch.setattr(module, "_open_readonly", once)
    monkeypatch.setattr(module, "BUSY_MS", 3000)
    began = time.monotonic()
    with pytest.raises(AccreteError, match="this ails it"):
        db.ask_at_once(question)
    assert time.monotonic() - began < 2
    db.close()


@pytest.mark.parametrize("many", [[], [False], [True], [True, False], [False, True]])
def test_questions_that_are_asked_together_get_their_own_rows_and_are_many_where_one_is(
    tmp_path, many
):
    db = Sqlite(tmp_path / "one.db")
    together = Together()
    answers = [
        together.add(
            Question(((f"SELECT {n}", ()), ("SELECT ?", (n + 10,))), lambda rows: rows, many=each)
        )
        for n, each in enumerate(many)
    ]
    assert together.rows.many == any(many)
    assert not Question((), lambda rows: rows).many
    rows = db.ask(together.rows)
    assert [each(rows) for each in answers] == [[[(n,)], [(n + 10,)]] for n in range(len(many))]
    db.close()


def test_a_fault_is_known_by_the_words_of_sqlite_alone():
    """Not by those of a path or of a text that stand in its message."""
    for said, told in (
        ("unable to open database: /full/locked.db", "Cannot write"),
        ("Could not decode to UTF-8 column 'text' with text 'the disk is full'", "is damaged"),
        ("database or disk is full", "is full"),
    ):
        assert told in str(sentence(sqlite3.OperationalError(said), Path("one.db")))
