"""Opens the two kinds of database, keeps their schema current, and asks them questions."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from accrete.errors import AccreteError
from accrete.schema import latest_version, migrations

if TYPE_CHECKING:
    import aiosqlite
    import psycopg

APPLICATION_ID = 0x41434352  # "ACCR": tells our file from any other SQLite database
BUSY_MS = 10_000
THREADS = 2
T = TypeVar("T")
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """Statements to ask in order, and the function that makes the answer of their rows.

    The same question can be put to a synchronous and to an asynchronous database of either engine.
    """

    statements: tuple[tuple[str, Sequence[Any]], ...]
    shape: Callable[[list[list[Row]]], T]


class Sqlite:
    """A SQLite database: WAL, foreign keys, 10 s busy timeout. `readonly` never writes, nor waits for a writer."""

    dialect = "sqlite"

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        """Raises AccreteError when the file is no Accrete database, is newer than this program, or cannot be
        opened; FileNotFoundError when it is to be read and does not exist."""
        self.path = path
        self.connection = _open_readonly(path) if readonly else _open_writable(path)
        try:
            self._check()
        except BaseException:
            self.connection.close()
            raise

    def _check(self) -> None:
        try:
            # In this order: another process may be making the database between any two of them.
            tables = self.run("SELECT COUNT(*) FROM sqlite_schema")[0][0]
            application = self.run("PRAGMA application_id")[0][0]
            self.version = self.run("PRAGMA user_version")[0][0]
        except sqlite3.DatabaseError as error:
            raise _sentence(error, self.path) from error
        if tables and application != APPLICATION_ID:
            raise AccreteError(f"{self.path} is not an Accrete database. Move it away, or set ACCRETE_HOME.")
        _refuse_newer(self.version, str(self.path))

    def run(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """All rows of one statement. A damaged, locked or full database is an AccreteError that says what to do."""
        try:
            return self.connection.execute(sql, params).fetchall()
        except sqlite3.DatabaseError as error:
            raise _known(error, self.path) from error

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """One statement for each row."""
        try:
            self.connection.executemany(sql, rows)
        except sqlite3.DatabaseError as error:
            raise _known(error, self.path) from error

    def ask(self, question: Question[T]) -> T:
        """The answer to a question."""
        return question.shape([self.run(sql, params) for sql, params in question.statements])

    def ask_at_once(self, question: Question[T]) -> T:
        """The answer to a question whose statements read much: two threads take them in turn, each on a connection of
        its own."""
        from concurrent.futures import ThreadPoolExecutor

        answers: dict[int, list[Row]] = {}
        left = iter(tuple(enumerate(question.statements)))  # hands each of them to one thread alone

        def work() -> None:
            db = Sqlite(self.path, readonly=True)
            try:
                while (taken := next(left, None)) is not None:
                    n, (sql, params) = taken
                    answers[n] = db.run(sql, params)
            finally:
                db.close()

        with ThreadPoolExecutor(THREADS) as pool:
            for done in [pool.submit(work) for _ in range(THREADS)]:
                done.result()
        return question.shape([answers[n] for n in range(len(question.statements))])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """`BEGIN IMMEDIATE` … `COMMIT`; rolled back whole when anything raises. Disk-full and damage become an
        AccreteError that says what to do. Inside another one it is part of that one."""
        nested = self.connection.in_transaction
        if nested:
            yield
            return
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise
        except sqlite3.DatabaseError as error:
            raise _sentence(error, self.path) from error

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part of a transaction that is taken back whole when it raises, while the rest stands."""
        self.connection.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK TO part")
                self.connection.execute("RELEASE part")
            raise
        self.connection.execute("RELEASE part")

    def migrate(self) -> None:
        """Applies the schema files that are not applied yet, in one transaction: whoever reads meanwhile finds the
        schema as it was or as it is to be, never a part of it."""
        if self.version == latest_version():
            return
        self.run(f"PRAGMA application_id = {APPLICATION_ID}")
        with self.transaction():
            found = self.run("PRAGMA user_version")[0][0]
            for version, statements in migrations(self.dialect):
                if version > found:
                    for statement in statements:
                        self.connection.execute(statement)
                    self.connection.execute(f"PRAGMA user_version = {version}")
        self.version = latest_version()

    def close(self) -> None:
        """Closes the connection."""
        self.connection.close()


def _is_there(path: Path) -> bool:
    """Whether there is a file. Raises AccreteError for anything else of that name: SQLite would wait for a pipe for ever."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise AccreteError(f"Cannot open {path}: {error.strerror}. Check the permissions of its folder.") from error
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "no regular file"
        raise AccreteError(f"{path} is {what}. Move it away, or set ACCRETE_HOME to another folder.")
    return True


def _open_writable(path: Path) -> sqlite3.Connection:
    _is_there(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise AccreteError(
            f"Cannot write {path}: {error.strerror}. Free the path, or set ACCRETE_HOME to another folder."
        ) from error
    connection = sqlite3.connect(path, timeout=BUSY_MS / 1000, isolation_level=None, cached_statements=256)
    try:
        for pragma in (
            f"busy_timeout = {BUSY_MS}",
            "journal_mode = WAL",
            "synchronous = NORMAL",
            "foreign_keys = ON",
            "cache_size = -12000",
            "temp_store = MEMORY",
            "secure_delete = ON",
            "wal_autocheckpoint = 8000",
        ):
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.DatabaseError as error:
        connection.close()
        raise _sentence(error, path) from error
    return connection


def _open_readonly(path: Path) -> sqlite3.Connection:
    if not _is_there(path):
        raise FileNotFoundError(path)
    for options in ("mode=ro", "mode=ro&immutable=1"):  # a WAL database in a read-only folder opens only the second way
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?{options}", uri=True, timeout=BUSY_MS / 1000, isolation_level=None
        )
        try:
            connection.execute("SELECT COUNT(*) FROM sqlite_schema")
            connection.execute("PRAGMA query_only = ON")
            connection.execute("PRAGMA temp_store = MEMORY")
            return connection
        except sqlite3.OperationalError as error:
            connection.close()
            if "unable to open" not in str(error) and "readonly" not in str(error):
                raise _sentence(error, path) from error
        except sqlite3.DatabaseError as error:
            connection.close()
            raise _sentence(error, path) from error
    raise AccreteError(f"Cannot open {path}. Check that it is readable.")


def _known(error: sqlite3.DatabaseError, path: Path) -> Exception:
    """The sentence for what a person can act on; the error itself where it is a fault of the program."""
    said = _sentence(error, path)
    return error if str(said).startswith(f"The database {path} refused") else said


_SENTENCES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("full",), "The disk that holds {} is full. Free some space and run the command again: what was stored is whole."),
    (("locked", "busy"), "Another program is writing to {}. Wait a moment and try again."),
    (("readonly", "unable to open"), "Cannot write {} ({}). Check its permissions, or set ACCRETE_HOME to another folder."),
    (("disk I/O",), "Cannot read or write {} ({}). Check the disk and how much room it has."),
    (("malformed", "not a database", "no such table", "not decode to UTF-8"),
     "{} is damaged or no SQLite database ({}). Restore a backup over it, or move it away and backfill again."),
)  # fmt: skip
"""What to say where SQLite's message has one of the words: of the file, and of that message."""


def _sentence(error: sqlite3.DatabaseError, path: Path) -> AccreteError:
    for words, sentence in _SENTENCES:
        if any(word in str(error) for word in words):
            return AccreteError(sentence.format(path, error))
    return AccreteError(f"The database {path} refused: {error}.")


def _refuse_newer(version: int, where: str) -> None:
    known = latest_version()
    if version > known:
        raise AccreteError(
            f"{where} was written by a newer Accrete (schema {version}; this program knows {known}). "
            "Upgrade this program: pipx upgrade accrete-ai, or uv tool upgrade accrete-ai."
        )


class Postgres:
    """A PostgreSQL database, for a team server and for tests of the shared SQL."""

    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        """Raises AccreteError when the server does not answer, or when the database is newer than this program."""
        import psycopg

        try:
            self.connection: psycopg.Connection[Row] = psycopg.connect(url, autocommit=True)
        except psycopg.OperationalError as error:
            raise AccreteError(f"PostgreSQL did not answer: {error}. Check the database URL.") from error
        try:
            self.version = self._version()
            _refuse_newer(self.version, "This PostgreSQL database")
        except BaseException:
            self.connection.close()
            raise

    def _version(self) -> int:
        with self.transaction():
            self.run("SELECT pg_advisory_xact_lock(?)", (APPLICATION_ID,))
            self.run("CREATE TABLE IF NOT EXISTS migration (version BIGINT PRIMARY KEY)")
        return int(self.run("SELECT COALESCE(MAX(version), 0) FROM migration")[0][0])

    def run(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """All rows of one statement."""
        cursor = self.connection.execute(for_psycopg(sql), params)
        return cursor.fetchall() if cursor.description else []

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """One statement for each row."""
        with self.connection.cursor() as cursor:
            cursor.executemany(for_psycopg(sql), list(rows))

    def ask(self, question: Question[T]) -> T:
        """The answer to a question."""
        return question.shape([self.run(sql, params) for sql, params in question.statements])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction, rolled back whole when anything raises."""
        with self.connection.transaction():
            yield

    def savepoint(self) -> AbstractContextManager[None]:
        """A part of a transaction that is taken back whole when it raises: transactions nest here."""
        return self.transaction()

    def migrate(self) -> None:
        """Applies the schema files that are not applied yet, in one transaction; of two programs that do so at once
        the second waits for the first and finds nothing left to do."""
        with self.transaction():
            self.run("SELECT pg_advisory_xact_lock(?)", (APPLICATION_ID,))
            found = self._version()
            for version, statements in migrations(self.dialect):
                if version > found:
                    for statement in statements:
                        self.run(statement)
                    self.run("INSERT INTO migration (version) VALUES (?)", (version,))
        self.version = latest_version()

    def close(self) -> None:
        """Closes the connection."""
        self.connection.close()


class AsyncSqlite:
    """A read-only SQLite database for whatever serves."""

    dialect = "sqlite"

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self.connection = connection

    @classmethod
    async def open(cls, path: Path) -> AsyncSqlite:
        """Raises FileNotFoundError when there is no database yet, AccreteError when it is newer than this program."""
        import aiosqlite

        Sqlite(path, readonly=True).close()
        connection = await aiosqlite.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_MS / 1000)
        await connection.execute("PRAGMA query_only = ON")
        return cls(connection)

    async def ask(self, question: Question[T]) -> T:
        """The answer to a question."""
        answers = []
        for sql, params in question.statements:
            async with self.connection.execute(sql, params) as cursor:
                answers.append([tuple(row) for row in await cursor.fetchall()])
        return question.shape(answers)

    async def close(self) -> None:
        """Closes the connection."""
        await self.connection.close()


class AsyncPostgres:
    """A PostgreSQL database for whatever serves."""

    dialect = "postgresql"

    def __init__(self, connection: psycopg.AsyncConnection[Row]) -> None:
        self.connection = connection

    @classmethod
    async def open(cls, url: str) -> AsyncPostgres:
        """Raises AccreteError when the server does not answer."""
        import psycopg

        try:
            return cls(await psycopg.AsyncConnection.connect(url, autocommit=True))
        except psycopg.OperationalError as error:
            raise AccreteError(f"PostgreSQL did not answer: {error}. Check the database URL.") from error

    async def ask(self, question: Question[T]) -> T:
        """The answer to a question."""
        answers = []
        for sql, params in question.statements:
            cursor = await self.connection.execute(for_psycopg(sql), params)
            answers.append(await cursor.fetchall())
        return question.shape(answers)

    async def close(self) -> None:
        """Closes the connection."""
        await self.connection.close()


Database = Sqlite | Postgres

_QUOTED_OR_MARK = re.compile(r"'(?:[^']|'')*'|\?|%")


def for_psycopg(sql: str) -> str:
    """The statement with psycopg's placeholders: `?` becomes `%s`, a literal `%` is doubled; quoted text stays."""

    def replace(match: re.Match[str]) -> str:
        found = match.group()
        return "%s" if found == "?" else found.replace("%", "%%")

    return _QUOTED_OR_MARK.sub(replace, sql)
