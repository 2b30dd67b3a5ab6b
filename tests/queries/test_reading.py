"""The answers of one question are of one moment, whoever writes meanwhile."""

from __future__ import annotations

import asyncio
import time

import pytest

from accrete.database import Postgres, Question, Sqlite
from accrete.database.opening import open_for_reading
from accrete.database.serving import PostgresPool, SqlitePool
from accrete.errors import AccreteError, NoRecordError, OldRecordError
from accrete.queries.scope import Scope
from accrete.record import store

COUNT = "SELECT COUNT(*) FROM forgotten"
TWICE = Question(((COUNT, ()), (COUNT, ())), lambda answers: [rows[0][0] for rows in answers])


def write(db) -> None:
    with db.transaction():
        db.run(
            "INSERT INTO forgotten (person, what, value, at) SELECT 1, "
            "'file', CAST(COUNT(*) AS TEXT), 1 FROM forgotten"
        )


@pytest.fixture(params=["sqlite", "postgresql"])
def pair(request, tmp_path):
    """(reader, writer, what to open a pool with)."""
    if request.param == "sqlite":
        path = tmp_path / "one.db"
        writer = Sqlite(path)
        writer.migrate()
        reader = Sqlite(path, readonly=True)
        yield reader, writer, lambda: SqlitePool.open(path)
    else:
        url = request.getfixturevalue("postgres_url")
        writer = Postgres(url)
        writer.migrate()
        reader = Postgres(url)
        yield reader, writer, lambda: PostgresPool.open(url)
    reader.close()
    writer.close()


def test_a_writer_between_two_statements_of_a_question_is_not_seen(pair, monkeypatch):
    reader, writer, _ = pair
    run = type(reader).run

    def and_then_somebody_writes(db, sql, params=()):
        rows = run(db, sql, params)
        if db is reader and sql == COUNT:
            write(writer)
        return rows

    monkeypatch.setattr(type(reader), "run", and_then_somebody_writes)
    assert reader.ask(TWICE) == [0, 0]
    assert reader.ask(TWICE) == [2, 2]


def test_what_serves_reads_one_moment_too_and_ends_its_transaction(pair):
    _, writer, pool = pair

    async def ask() -> list[list[int]]:
        opened = await pool()
        try:
            async with opened.reading() as reader:
                first = await reader.ask(TWICE)
                write(writer)
                second = await reader.ask(TWICE)
            return [first, second, await opened.ask(TWICE)]
        finally:
            await opened.close()

    assert asyncio.run(ask()) == [[0, 0], [0, 0], [1, 1]]


LONG = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
    "FROM n) SELECT COUNT(*) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
}


@pytest.mark.long
def test_a_question_that_takes_too_long_is_cancelled_with_a_sentence_and_the_pool_goes_on(
    pair, monkeypatch
):
    monkeypatch.setattr("accrete.database.serving.READ_S", 0.3)
    reader, _, pool = pair

    async def ask() -> tuple[float, list[int]]:
        opened = await pool()
        try:
            began = time.monotonic()
            with pytest.raises(AccreteError, match="longer than"):
                await opened.ask(Question(((LONG[reader.dialect], ()),), lambda answers: answers))
            return time.monotonic() - began, await opened.ask(TWICE)
        finally:
            await opened.close()

    took, answer = asyncio.run(ask())
    assert took < 40
    assert answer == [0, 0]


def test_many_ask_a_pool_at_once(pair):
    _, writer, pool = pair
    write(writer)

    async def ask() -> list[list[int]]:
        opened = await pool()
        try:
            return await asyncio.gather(*(opened.ask(TWICE) for _ in range(40)))
        finally:
            await opened.close()

    assert asyncio.run(ask()) == [[1, 1]] * 40


def taken_back(db) -> None:
    with db.transaction():
        write(db)
        raise ValueError("taken back")


def test_every_transaction_that_writes_raises_the_revision(pair):
    reader, writer, _ = pair
    seen = [reader.revision()]

    def now() -> bool:
        seen.append(reader.revision())
        return seen[-1] > seen[-2]

    write(writer)
    assert now()
    assert not now()
    with writer.transaction():
        write(writer)
        write(writer)
        assert reader.revision() == seen[-1]
    assert now()
    with pytest.raises(ValueError, match="taken back"):
        taken_back(writer)
    assert not now()
    writer.ask(TWICE)
    assert not now()


def test_a_statement_of_its_own_and_one_for_many_rows_raise_it_too(tmp_path):
    db = Sqlite(tmp_path / "one.db")
    db.migrate()
    before = db.revision()
    db.run("INSERT INTO forgotten (person, what, value, at) VALUES (1, 'file', 'x', 1)")
    assert db.revision() == before + 1
    db.many("DELETE FROM forgotten WHERE value = ?", [("x",), ("y",)])
    assert db.revision() == before + 2
    db.many("DELETE FROM forgotten WHERE value = ?", [("x",)])
    assert db.revision() == before + 2
    db.close()


def test_facts_are_of_one_person(pair):
    _, db, _ = pair
    store.set_fact(db, 1, "weeks_wait", "1")
    store.set_fact(db, 2, "weeks_wait", "0")
    assert [store.fact(db, person, "weeks_wait") for person in (1, 2, 3)] == ["1", "0", None]


def test_one_policy_opens_a_record(tmp_path):
    with pytest.raises(NoRecordError, match="No record in"):
        open_for_reading(tmp_path / "none.db")
    empty = Sqlite(tmp_path / "empty.db")
    empty.close()
    with pytest.raises(NoRecordError, match="is empty"):
        open_for_reading(tmp_path / "empty.db")
    db = Sqlite(tmp_path / "old.db")
    db.migrate()
    db.run("PRAGMA user_version = 14")
    db.close()
    with pytest.raises(OldRecordError, match="older version"):
        open_for_reading(tmp_path / "old.db")
    with pytest.raises(OldRecordError):
        asyncio.run(SqlitePool.open(tmp_path / "old.db"))


@pytest.mark.long
def test_a_request_that_goes_away_leaves_the_pool_as_it_was(pair, monkeypatch):
    monkeypatch.setattr("accrete.database.serving.READ_S", 20)
    reader, writer, pool = pair
    slow = Question(((LONG[reader.dialect], ()),), lambda answers: answers)

    async def ask() -> tuple[float, list[int]]:
        opened = await pool()
        try:
            for wait in (0.2, 0.0, 0.001, 0.01, 0.05, 0.0, 0.2):
                asked = [asyncio.create_task(opened.ask(slow)) for _ in range(6)]
                await asyncio.sleep(wait)
                for task in asked:
                    task.cancel()
                await asyncio.gather(*asked, return_exceptions=True)
            began = time.monotonic()
            answer = await opened.ask(TWICE)
            return time.monotonic() - began, answer
        finally:
            await opened.close()

    took, answer = asyncio.run(ask())
    assert took < 15
    assert answer == [0, 0]
    write(writer)
    if reader.dialect == "sqlite":
        assert writer.run("PRAGMA wal_checkpoint(TRUNCATE)")[0][0] == 0


def test_a_statement_of_its_own_raises_the_revision_with_what_it_writes(pair):
    _, db, _ = pair
    before = db.revision()
    db.run("INSERT INTO forgotten (person, what, value, at) VALUES (1, 'file', 'x', 1)")
    with db.savepoint():
        db.run("DELETE FROM forgotten")
    assert db.revision() == before + 2
    db.run(COUNT)
    assert db.revision() == before + 2


def test_a_transaction_within_a_reading_is_refused(tmp_path):
    db = Sqlite(tmp_path / "one.db")
    db.migrate()
    with db.reading(), pytest.raises(RuntimeError, match="rolled back"):
        write(db)
    db.close()


def test_a_question_about_many_looks_up_no_rows_one_by_one_and_no_other_is_touched(postgres_url):
    from accrete.database import Question
    from accrete.database.postgres import Postgres

    db = Postgres(postgres_url)
    db.migrate()
    db.close()
    show = (("SHOW enable_nestloop", ()),)

    async def asked() -> list[str]:
        pool = await PostgresPool.open(postgres_url)
        async with pool.reading() as reader:
            found = [
                await reader.ask(Question(show, lambda rows: str(rows[0][0][0]), many=many))
                for many in (False, True, False)
            ]
        await pool.close()
        return found

    assert asyncio.run(asked()) == ["on", "off", "on"]
    assert [Scope(tuple(range(n))).many for n in (1, 50, 51)] == [False, False, True]
