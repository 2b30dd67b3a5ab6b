"""PostgreSQL: the record of one company."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Sized
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from accrete.database.faults import refuse_newer
from accrete.database.question import WRITES, Question, Row, T
from accrete.database.schema import REVISION_SINCE, latest_version, migrations
from accrete.errors import AccreteError

if TYPE_CHECKING:
    import psycopg

MIGRATION_LOCK = 0x41434352
READ_ONLY = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
"""All that follows in the transaction sees one moment."""
PLANNED = "SET plan_cache_mode = force_custom_plan"
"""A plan is made for the people who are asked about: one for any array takes it to be short."""


def no_answer(error: Exception) -> str:
    """That a server was not reached, as its driver says it, on one line."""
    said = " ".join(str(error).split()).rstrip(".")
    return f"PostgreSQL did not answer: {said}."


class Postgres:
    """A PostgreSQL database, for a team server and for tests of the shared SQL."""

    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        """Raises AccreteError when the server does not answer, or when the database is newer than
        this program."""
        import psycopg

        try:
            self.connection: psycopg.Connection[Row] = psycopg.connect(url, autocommit=True)
        except psycopg.OperationalError as error:
            raise AccreteError(
                f"{no_answer(error)} Check that it runs and can be reached from here."
            ) from error
        try:
            self.connection.execute(PLANNED)
            self.version = self._version()
            refuse_newer(self.version, "This PostgreSQL database")
        except BaseException:
            self.connection.close()
            raise

    version = 0

    def _version(self) -> int:
        with self.connection.transaction():
            self.run("SELECT pg_advisory_xact_lock(?)", (MIGRATION_LOCK,))
            self.run("CREATE TABLE IF NOT EXISTS migration (version BIGINT PRIMARY KEY)")
        return int(self.run("SELECT COALESCE(MAX(version), 0) FROM migration")[0][0])

    def run(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        """All rows of one statement."""
        if sql.lstrip()[:7].upper() in WRITES and not self._in_transaction:
            with self.transaction():
                return self.run(sql, params)
        cursor = self.connection.execute(*for_psycopg(sql, params))
        return cursor.fetchall() if cursor.description else []

    def many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """One statement for each row; all of them or none."""
        if isinstance(rows, Sized) and not rows:
            return
        with self.transaction(), self.connection.cursor() as cursor:
            cursor.executemany(_spoken(sql).sql, [for_psycopg(sql, row)[1] for row in rows])

    def load(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Many new rows of a table at once; all of them or none."""
        sql = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        with self.transaction(), self.connection.cursor() as cursor, cursor.copy(sql) as copy:
            for row in rows:
                copy.write_row(row)

    @staticmethod
    def keep(text: str | None) -> str | None:
        """A long text of a tool call as it is stored: the server compresses it by itself."""
        return text

    @contextmanager
    def reading(self) -> Iterator[None]:
        """What is read within it is of one moment: a read transaction, or the transaction that is
        open."""
        if self._in_transaction:
            yield
            return
        with self.connection.transaction():
            self.connection.execute(READ_ONLY)
            yield

    def ask(self, question: Question[T]) -> T:
        """The answer to a question, read in one transaction."""
        with self.reading():
            answers = [self.run(sql, params) for sql, params in question.statements]
        return question.shape(answers)

    def revision(self) -> int:
        """A number that every transaction raises which may have written."""
        return (
            int(self.run("SELECT n FROM revision")[0][0]) if self.version >= REVISION_SINCE else 0
        )

    @property
    def _in_transaction(self) -> bool:
        from psycopg.pq import TransactionStatus

        return self.connection.info.transaction_status is not TransactionStatus.IDLE

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction, rolled back whole when anything raises. The revision is raised last,
        since whoever writes next waits for it."""
        outermost = not self._in_transaction
        with self.connection.transaction():
            yield
            if outermost and self.version >= REVISION_SINCE:
                self.connection.execute("UPDATE revision SET n = n + 1")

    def savepoint(self) -> AbstractContextManager[object]:
        """A part of a transaction that is taken back whole when it raises: transactions nest
        here."""
        return self.connection.transaction() if self._in_transaction else self.transaction()

    def migrate(self, up_to: int | None = None) -> None:
        """Applies the schema files that are not applied yet, in one transaction; of two programs
        that do so at once the second waits for the first and finds nothing left to do. up_to: the
        last of them, for rows of that schema."""
        last = latest_version() if up_to is None else up_to
        with self.connection.transaction():
            self.run("SELECT pg_advisory_xact_lock(?)", (MIGRATION_LOCK,))
            found = self._version()
            for version, statements in migrations(self.dialect):
                if found < version <= last:
                    for statement in statements:
                        self._apply(statement)
                    self.run("INSERT INTO migration (version) VALUES (?)", (version,))
        self.version = max(found, last)

    def _apply(self, statement: str) -> None:
        """One statement of a schema file. Raises AccreteError for an extension that the server
        lacks, or that this role may not create."""
        from psycopg import errors

        try:
            self.run(statement)
        except errors.InsufficientPrivilege as error:
            if not (extension := _EXTENSION.match(statement)):
                raise
            raise AccreteError(
                f"This role cannot create the PostgreSQL extension {extension[1]}, which search "
                "needs. Ask the owner of the database to run "
                f"`CREATE EXTENSION {extension[1]}`, then try again."
            ) from error
        except (errors.FeatureNotSupported, errors.UndefinedFile) as error:
            if not (extension := _EXTENSION.match(statement)):
                raise
            raise AccreteError(
                f"PostgreSQL lacks its extension {extension[1]}, which search needs. Install "
                "the additional modules of PostgreSQL on its server (often the package "
                "postgresql-contrib), then try again."
            ) from error

    def close(self) -> None:
        """Closes the connection."""
        self.connection.close()


_EXTENSION = re.compile(r"CREATE EXTENSION IF NOT EXISTS (\w+)")
_QUOTED_LIST_OR_MARK = re.compile(
    r"'(?:[^']|'')*'|\b(?P<no>NOT\s+)?IN\s*\((?P<list>\?(?:, \?){15,})\)|\?|%"
)


class _Spoken(NamedTuple):
    """A statement as psycopg takes it. lists: where lists of parameters begin that became one, and
    how many were in each; the last first."""

    sql: str
    lists: tuple[tuple[int, int], ...]


@lru_cache(maxsize=512)
def _spoken(sql: str) -> _Spoken:
    lists: list[tuple[int, int]] = []
    seen = 0

    def replace(match: re.Match[str]) -> str:
        nonlocal seen
        found = match.group()
        if found == "?":
            seen += 1
            return "%s"
        if match["list"]:
            count = match["list"].count("?")
            lists.append((seen, count))
            seen += count
            return "<> ALL(%s)" if match["no"] else "= ANY(%s)"
        return found.replace("%", "%%")

    made = _QUOTED_LIST_OR_MARK.sub(replace, sql)
    return _Spoken(made, tuple(reversed(lists)))


def for_psycopg(sql: str, params: Sequence[object] = ()) -> tuple[str, Sequence[object]]:
    """The statement with psycopg's placeholders, and its parameters: `?` becomes `%s`, a literal
    `%` is doubled, quoted text stays. A long list becomes an array: to read a thousand parameters
    takes longer than most questions."""
    made = _spoken(sql)
    if not made.lists:
        return made.sql, params
    given = list(params)
    for start, count in made.lists:
        given[start : start + count] = [given[start : start + count]]
    return made.sql, given
