"""SQLite: the record of one machine, or of one company."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from collections.abc import Iterable, Iterator, Sequence, Sized
from contextlib import contextmanager, suppress
from pathlib import Path

from accrete.database.faults import known, refuse_newer, sentence
from accrete.database.long_texts import Kept, kept, teach
from accrete.database.question import WRITES, Question, Row, T
from accrete.database.schema import LOST, REVISION_SINCE, latest_version, migrations
from accrete.errors import AccreteError

APPLICATION_ID = 0x41434352  # "ACCR": tells our file from any other SQLite database
BUSY_MS = 10_000
PAGE_BYTES = 16_384
"""Of a new record; one that is there keeps its own. Most bytes are texts of some KiB: on pages of
4 KiB they overflow, and a tenth of the file is the empty ends of their last pages."""
CACHE_KB, SCRATCH_CACHE_KB = 12_000, 3_500
"""The smaller one is of a part. The ids of the API come in no order, and so nearly every row needs
other pages of their indexes: it holds most of what a part has of them."""
LOG_BYTES = 32 << 20
"""How long the log grows before its pages are written into the file."""
THREADS = 2
_NULL = float("nan")
"""What SQLite binds as NULL, too: to bind None, the sqlite3 module first looks for an adapter of
its type, for which it needs as long as for eight numbers."""
_HAS_LOST = "SELECT 1 FROM pragma_table_info('source_file') WHERE name = 'lost'"


class Sqlite:
    """A SQLite database: WAL, foreign keys, 10 s busy timeout. `readonly` never writes, nor waits
    for a writer. `scratch` is of one process alone and worth nothing when that was killed: no log,
    and no waiting for the disk."""

    dialect = "sqlite"

    def __init__(self, path: Path, *, readonly: bool = False, scratch: bool = False) -> None:
        """Raises AccreteError when the file is no Accrete database, is newer than this program, or
        cannot be opened; FileNotFoundError when it is to be read and does not exist."""
        self.path = path
        self._reads = False
        self.connection = _open_readonly(path) if readonly else _open_writable(path, scratch)
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
            raise sentence(error, self.path) from error
        if tables and application != APPLICATION_ID:
            raise AccreteError(
                f"{self.path} is not an Accrete database. Move it away, or set ACCRETE_HOME."
            )
        refuse_newer(self.version, str(self.path))

    def run(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        """All rows of one statement. A damaged, locked or full database is an AccreteError that
        says what to do."""
        if not self.connection.in_transaction and sql.lstrip()[:7].upper() in WRITES:
            with self.transaction():
                return self.run(sql, params)
        try:
            rows: list[Row] = self.connection.execute(sql, params).fetchall()
        except sqlite3.DatabaseError as error:
            raise known(error, self.path) from error
        return rows

    def many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """One statement for each row; all of them or none."""
        if isinstance(rows, Sized) and not rows:
            return  # to prepare the statement takes longer than to run it
        try:
            with self.transaction():
                self.connection.executemany(sql, map(_bound, rows))
        except sqlite3.DatabaseError as error:
            raise known(error, self.path) from error

    def load(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Many new rows of a table at once; all of them or none."""
        places = ", ".join("?" * len(columns))
        self.many(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)

    @staticmethod
    def keep(text: str | None) -> Kept | None:
        """A long text of a tool call as it is stored."""
        return kept(text)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Everything read within it is of one moment: a read transaction, or the open
        transaction."""
        if self.connection.in_transaction:
            yield
            return
        try:
            self.connection.execute("BEGIN")
        except sqlite3.DatabaseError as error:
            raise known(error, self.path) from error
        self._reads = True
        try:
            yield
        finally:
            self._reads = False
            self.connection.execute("ROLLBACK")

    def ask(self, question: Question[T]) -> T:
        """The answer to a question, read in one transaction."""
        with self.reading():
            answers = [self.run(sql, params) for sql, params in question.statements]
        return question.shape(answers)

    def ask_at_once(self, question: Question[T]) -> T:
        """Like ask, with the statements shared between two threads, each in its own transaction. If
        a writer committed between their starts, one thread asks all of it."""
        from concurrent.futures import ThreadPoolExecutor
        from threading import Barrier, BrokenBarrierError

        answers: dict[int, list[Row]] = {}
        left = iter(tuple(enumerate(question.statements)))  # hands each of them to one thread alone
        seen: dict[int, int] = {}
        begun = Barrier(THREADS, timeout=BUSY_MS / 1000)

        def work(mine: int) -> None:
            try:
                db = Sqlite(self.path, readonly=True)
            except BaseException:
                begun.abort()
                raise
            try:
                with db.reading():
                    seen[mine] = db.revision()
                    begun.wait()
                    if mine and len(set(seen.values())) > 1:
                        return
                    while (taken := next(left, None)) is not None:
                        n, (sql, params) = taken
                        answers[n] = db.run(sql, params)
            finally:
                db.close()

        with ThreadPoolExecutor(THREADS) as pool:
            faults = [
                each.exception() for each in [pool.submit(work, mine) for mine in range(THREADS)]
            ]
        for fault in sorted(
            filter(None, faults), key=lambda each: isinstance(each, BrokenBarrierError)
        ):
            raise fault
        return question.shape([answers[n] for n in range(len(question.statements))])

    def revision(self) -> int:
        """A number that every writing transaction raises."""
        return (
            int(self.run("SELECT n FROM revision")[0][0]) if self.version >= REVISION_SINCE else 0
        )

    def _raise_revision(self) -> None:
        if self.version >= REVISION_SINCE:
            self.connection.execute("UPDATE revision SET n = n + 1")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """`BEGIN IMMEDIATE` … `COMMIT`; rolled back whole when anything raises. Disk-full and
        damage become an AccreteError that says what to do. Inside another one it is part of that
        one."""
        if self._reads:
            raise RuntimeError("a transaction within a reading would be rolled back with it")
        nested = self.connection.in_transaction
        if nested:
            yield
            return
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            before = self.connection.total_changes
            try:
                yield
                if self.connection.total_changes != before:
                    self._raise_revision()
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise
        except sqlite3.DatabaseError as error:
            raise sentence(error, self.path) from error

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Part of a transaction: rolled back alone if it raises."""
        if not self.connection.in_transaction:
            with self.transaction():
                yield
            return
        self.connection.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK TO part")
                self.connection.execute("RELEASE part")
            raise
        self.connection.execute("RELEASE part")

    @contextmanager
    def attached(self, path: Path, name: str) -> Iterator[None]:
        """The tables of another database within the block, as `name.table`."""
        try:
            self.connection.execute(f"ATTACH ? AS {name}", (str(path),))
            try:
                yield
            finally:
                self.connection.execute(f"DETACH {name}")
        except sqlite3.DatabaseError as error:
            raise known(error, self.path) from error

    @contextmanager
    def cache(self, kb: int) -> Iterator[None]:
        """A page cache of another size within the block."""
        ((before,),) = self.run("PRAGMA cache_size")
        self.connection.execute(f"PRAGMA cache_size = -{kb}")
        try:
            yield
        finally:
            self.connection.execute(f"PRAGMA cache_size = {before}")

    def shrink(self) -> None:
        """Gives back what memory the page cache can do without."""
        self.connection.execute("PRAGMA shrink_memory")

    def migrate(self, up_to: int | None = None) -> None:
        """Applies the schema files that are not applied yet, in one transaction: readers see the
        old schema or the new one, never a mix. up_to: the last of them, for rows of that schema."""
        last = latest_version() if up_to is None else up_to
        if self.version == last:
            return
        self.run(f"PRAGMA application_id = {APPLICATION_ID}")
        with self.transaction():
            found = self.run("PRAGMA user_version")[0][0]
            if found == 8 and not self.run(_HAS_LOST):
                self.connection.execute(LOST)
            for version, statements in migrations(self.dialect):
                if found < version <= last:
                    for statement in statements:
                        self.connection.execute(statement)
                    self.connection.execute(f"PRAGMA user_version = {version}")
        self.version = max(found, last)

    def close(self) -> None:
        """Closes the connection."""
        self.connection.close()


def _bound(row: Sequence[object]) -> tuple[object, ...]:
    """A row as it is quickest to bind."""
    return tuple([_NULL if value is None else value for value in row])


def _is_there(path: Path) -> bool:
    """Whether there is a file. Raises AccreteError for anything else of that name: SQLite would
    wait for a pipe for ever."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise AccreteError(
            f"Cannot open {path}: {error.strerror}. Check the permissions of its folder."
        ) from error
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
        raise AccreteError(
            f"{path} is {what}. Move it away, or set ACCRETE_HOME to another folder."
        )
    return True


_DURABLE = ("journal_mode = WAL", "synchronous = NORMAL", "secure_delete = ON")
_SCRATCH = ("journal_mode = TRUNCATE", "synchronous = OFF", "secure_delete = OFF",
            "locking_mode = EXCLUSIVE")  # fmt: skip


def _open_writable(path: Path, scratch: bool) -> sqlite3.Connection:
    _is_there(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            # Never opened where it is there: to close a file takes away all locks that this process
            # has on it (POSIX), also those of connections; another process then deletes the log.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        if not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise AccreteError(
            f"Cannot write {path}: {error.strerror}. "
            "Make the path writable, or set ACCRETE_HOME to another folder."
        ) from error
    try:
        connection = sqlite3.connect(
            path,
            timeout=BUSY_MS / 1000,
            isolation_level=None,
            cached_statements=256,
            detect_types=sqlite3.PARSE_DECLTYPES,
        )
    except sqlite3.DatabaseError as error:
        raise sentence(error, path) from error
    try:
        teach(connection)
        for pragma in (
            f"busy_timeout = {BUSY_MS}",
            f"page_size = {PAGE_BYTES}",
            *(_SCRATCH if scratch else _DURABLE),
            "foreign_keys = ON",
            f"cache_size = -{SCRATCH_CACHE_KB if scratch else CACHE_KB}",
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")
        ((page,),) = connection.execute("PRAGMA page_size")
        connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_BYTES // page}")
    except sqlite3.DatabaseError as error:
        connection.close()
        raise sentence(error, path) from error
    return connection


def _open_readonly(path: Path) -> sqlite3.Connection:
    if not _is_there(path):
        raise FileNotFoundError(path)
    for options in (
        "mode=ro",
        "mode=ro&immutable=1",
    ):  # a WAL database in a read-only folder opens only the second way
        try:
            connection = sqlite3.connect(
                f"{path.resolve().as_uri()}?{options}",
                uri=True,
                timeout=BUSY_MS / 1000,
                isolation_level=None,
                detect_types=sqlite3.PARSE_DECLTYPES,
            )
        except sqlite3.OperationalError as error:
            if not path.exists():  # it went away meanwhile
                raise FileNotFoundError(path) from error
            raise AccreteError(f"Cannot open {path}. Check that it is readable.") from error
        try:
            teach(connection)
            connection.execute("SELECT COUNT(*) FROM sqlite_schema")
            connection.execute("PRAGMA query_only = ON")
            connection.execute("PRAGMA temp_store = MEMORY")
            return connection
        except sqlite3.OperationalError as error:
            connection.close()
            if "unable to open" not in str(error) and "readonly" not in str(error):
                raise sentence(error, path) from error
        except sqlite3.DatabaseError as error:
            connection.close()
            raise sentence(error, path) from error
    raise AccreteError(f"Cannot open {path}. Check that it is readable.")
