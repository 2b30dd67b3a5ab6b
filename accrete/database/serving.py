"""Databases for servers: pools of read-only connections, one transaction for each set of
questions."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from accrete.database.faults import known
from accrete.database.long_texts import teach
from accrete.database.opening import open_for_reading
from accrete.database.postgres import PLANNED, READ_ONLY, Postgres, for_psycopg
from accrete.database.question import Question, Row, T
from accrete.database.sqlite import BUSY_MS
from accrete.errors import SlowError

if TYPE_CHECKING:
    import aiosqlite
    import psycopg
    from psycopg_pool import AsyncConnectionPool

CONNECTIONS = 4
READ_S = 2.0
"""How long a read transaction may be open: a longer one keeps SQLite's log from being emptied."""
TOO_LONG = f"This takes longer than {READ_S:.0f} s. Ask for a shorter range, or for one project."


class Reader(Protocol):
    """Answers questions, all of one moment."""

    async def ask(self, question: Question[T]) -> T:
        """The answer to a question."""
        ...


class Pool(Protocol):
    """Reads a database for many at once."""

    dialect: str

    def reading(self) -> AbstractAsyncContextManager[Reader]:
        """Everything asked within it is of one moment. Cancelled with an AccreteError after READ_S.
        Must end before the answer is sent."""
        ...

    async def ask(self, question: Question[T]) -> T:
        """The answer to one question."""
        ...

    async def close(self) -> None:
        """Closes all connections."""
        ...


class _SqliteReader:
    """Asks on one connection, within an open transaction. All statements of a question are one
    errand for the connection's thread: to wake it takes longer than most of them."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def ask(self, question: Question[T]) -> T:
        db = self._connection
        rows = await db._execute(_all_rows, db._conn, question.statements)  # type: ignore[no-untyped-call]
        return question.shape(rows)


def _all_rows(
    connection: sqlite3.Connection, statements: Sequence[tuple[str, Sequence[object]]]
) -> list[list[Row]]:
    return [connection.execute(sql, params).fetchall() for sql, params in statements]


class _PostgresReader:
    """Asks on one connection, within an open transaction."""

    def __init__(self, connection: psycopg.AsyncConnection[Row]) -> None:
        self._connection = connection

    async def ask(self, question: Question[T]) -> T:
        rows = []
        if question.many:
            await self._connection.execute("SET LOCAL enable_nestloop = off")
        for sql, params in question.statements:
            cursor = await self._connection.execute(*for_psycopg(sql, params))
            rows.append(await cursor.fetchall())
        if question.many:
            await self._connection.execute("SET LOCAL enable_nestloop = on")
        return question.shape(rows)


class SqlitePool:
    """Read-only connections to one SQLite database, opened as they are needed."""

    dialect = "sqlite"

    def __init__(self, path: Path, connections: int = CONNECTIONS) -> None:
        self.path = path
        self._idle: list[aiosqlite.Connection] = []
        self._free = asyncio.Semaphore(connections)

    @classmethod
    async def open(cls, path: Path, connections: int = CONNECTIONS) -> SqlitePool:
        """Raises what opening.open_for_reading raises."""
        await asyncio.to_thread(lambda: open_for_reading(path).close())
        return cls(path, connections)

    async def _connect(self) -> aiosqlite.Connection:
        import aiosqlite

        connection = await aiosqlite.connect(
            f"{self.path.resolve().as_uri()}?mode=ro",
            uri=True,
            timeout=BUSY_MS / 1000,
            isolation_level=None,
            detect_types=sqlite3.PARSE_DECLTYPES,
        )
        try:
            await connection._execute(teach, connection._conn)  # type: ignore[no-untyped-call]
            await connection.execute("PRAGMA query_only = ON")
            await connection.execute("PRAGMA temp_store = MEMORY")
        except BaseException:
            await connection.close()
            raise
        return connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reader]:
        """See Pool."""
        async with self._free:
            try:
                connection = self._idle.pop() if self._idle else await self._connect()
            except sqlite3.DatabaseError as error:
                raise known(error, self.path) from error
            try:
                async with asyncio.timeout(READ_S):
                    await connection.execute("BEGIN")
                    yield _SqliteReader(connection)
            except TimeoutError:
                raise SlowError(TOO_LONG) from None
            except sqlite3.DatabaseError as error:
                raise known(error, self.path) from error
            finally:
                connection._conn.interrupt()  # what a request that went away still asks
                await asyncio.shield(_give_back(connection, self._idle))

    async def ask(self, question: Question[T]) -> T:
        """The answer to one question."""
        async with self.reading() as reader:
            return await reader.ask(question)

    async def close(self) -> None:
        """Closes the connections that are idle."""
        while self._idle:
            await self._idle.pop().close()


async def _give_back(connection: aiosqlite.Connection, idle: list[aiosqlite.Connection]) -> None:
    """Ends the transaction behind whatever the connection's thread still has to do, and keeps the
    connection."""
    try:
        ends = asyncio.ensure_future(connection._execute(_roll_back, connection._conn))  # type: ignore[no-untyped-call]
        while not (await asyncio.wait({ends}, timeout=0.02))[
            0
        ]:  # a statement may begin after it was interrupted
            connection._conn.interrupt()
        ends.result()
        idle.append(connection)
    except sqlite3.Error:
        await connection.close()


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


async def _configure(connection: psycopg.AsyncConnection[Row]) -> None:
    await connection.execute(PLANNED)


class PostgresPool:
    """Connections to one PostgreSQL database; none while nobody asks."""

    dialect = "postgresql"

    def __init__(self, pool: AsyncConnectionPool[psycopg.AsyncConnection[Row]]) -> None:
        self._pool = pool

    @classmethod
    async def open(cls, url: str, connections: int = CONNECTIONS) -> PostgresPool:
        """Raises AccreteError when the server does not answer, or when the database is newer than
        this program."""
        from psycopg_pool import AsyncConnectionPool

        await asyncio.to_thread(lambda: Postgres(url).close())
        pool: AsyncConnectionPool[psycopg.AsyncConnection[Row]] = AsyncConnectionPool(
            url, min_size=0, max_size=connections, max_idle=60, max_lifetime=1800, open=False,
            check=AsyncConnectionPool.check_connection, kwargs={"autocommit": True},
            configure=_configure,
        )  # fmt: skip
        await pool.open()
        return cls(pool)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reader]:
        """See Pool."""
        import psycopg

        async with self._pool.connection() as connection:
            try:
                async with asyncio.timeout(READ_S), connection.transaction():
                    limit = f"SET LOCAL statement_timeout = {round(READ_S * 1000)}"
                    await connection.execute(f"{READ_ONLY}; {limit}")
                    yield _PostgresReader(connection)
            except (TimeoutError, psycopg.errors.QueryCanceled):
                raise SlowError(TOO_LONG) from None

    async def ask(self, question: Question[T]) -> T:
        """The answer to one question."""
        async with self.reading() as reader:
            return await reader.ask(question)

    async def close(self) -> None:
        """Closes all connections."""
        await self._pool.close()
