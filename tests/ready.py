"""New databases that begin as copies: of one that was migrated, or of a company that was filled.

To apply all schema files takes a tenth of a second on SQLite and half a second on PostgreSQL, and
thousands of tests begin with an empty database. Each process of a run applies them once, as the
program does, and copies what that gave. `tests/database/test_engines.py` applies them each time.
"""

from __future__ import annotations

import secrets
import shutil
import sqlite3
import threading
import time
import uuid
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from accrete_team import tenants
from accrete_team.registry import Company, Registry

from accrete.database import Postgres, Sqlite
from accrete.database import sqlite as sqlite_engine
from accrete.database.schema import latest_version

if TYPE_CHECKING:
    import psycopg

PAGE_BYTES = 4096
"""A quarter of the program's, for few rows: an empty database has two hundred pages, and is
written, logged and thrown away for each test."""
_migrate = Sqlite.migrate
_SHIPPED = sqlite_engine.PAGE_BYTES
_lock = threading.Lock()


@contextmanager
def copies(folder: Path) -> Iterator[None]:
    """An empty SQLite database is migrated by a copy as long as this goes on. folder: for what is
    copied from."""
    path = folder / "migrated.db"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("accrete.database.sqlite.PAGE_BYTES", PAGE_BYTES)
        db = Sqlite(path)
        _migrate(db)
        db.close()
    migrated = sqlite3.connect(path, check_same_thread=False)

    def copied(self: Sqlite, up_to: int | None = None) -> None:
        empty = up_to is None and self.run("SELECT COUNT(*) FROM sqlite_schema") == [(0,)]
        if not empty or self.run("PRAGMA journal_mode") != [("wal",)]:
            _migrate(self, up_to)
            return
        with _lock:
            migrated.backup(self.connection)
        self.version = latest_version()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Sqlite, "migrate", copied)
        patched.setattr("accrete.database.sqlite.PAGE_BYTES", PAGE_BYTES)
        patched.setattr(FILES, "folder", folder, raising=False)
        yield
    migrated.close()
    while _servers:
        _servers.popitem()[1].close()


@contextmanager
def applied() -> Iterator[None]:
    """A database is made here as the program makes it: schema files are applied, and pages are as
    large as its own."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Sqlite, "migrate", _migrate)
        patched.setattr("accrete.database.sqlite.PAGE_BYTES", _SHIPPED)
        yield


class Companies:
    """Companies that are files, each a copy of an empty one or of one that was kept."""

    folder: Path

    def __init__(self) -> None:
        self.kept: dict[Hashable, str] = {}

    def make(self, registry: Registry, slug: str, like: Hashable = None) -> Company:
        """What `tenants.create` makes; like: with what was kept under a key."""
        made = tenants.create(registry, slug)
        if like is not None:
            shutil.copyfile(self.folder / self.kept[like], made.address)
        return made

    def keep(self, company: Company, key: Hashable) -> None:
        """Keeps the database of a company, which nobody has open."""
        name = f"{uuid.uuid4().hex}.db"
        shutil.copyfile(company.address, self.folder / name)
        self.kept[key] = name


class Server:
    """The same on a PostgreSQL server, `url` of who may make databases and roles there; and
    databases that are no companies."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.kept: dict[Hashable, str] = {}
        self._end = uuid.uuid4().hex[:12]
        self._owner = ""
        self._connection: psycopg.Connection[Any] | None = None
        self._lock = threading.RLock()

    def _admin(self, *statements: str, database: str | None = None) -> None:
        """Runs statements, each by itself, on a connection that is kept, or in a database."""
        import psycopg

        if database is not None:
            with psycopg.connect(_at(self.url, database), autocommit=True) as there:
                for statement in statements:
                    there.execute(statement)  # type: ignore[arg-type]
            return
        with self._lock:
            if self._connection is None or self._connection.closed:
                self._connection = psycopg.connect(self.url, autocommit=True)
            for statement in statements:
                self._connection.execute(statement)  # type: ignore[arg-type]

    @contextmanager
    def database(self, *, migrated: bool) -> Iterator[str]:
        """A database without tables, or with those of this program, dropped at the end."""
        name = f"accrete_test_{uuid.uuid4().hex}"
        self._admin(self._copied(name, self._migrated() if migrated else None))
        try:
            yield _at(self.url, name)
        finally:
            self._admin(f"DROP DATABASE {name} WITH (FORCE)")

    def make(self, registry: Registry, slug: str, like: Hashable = None) -> Company:
        """What `tenants.create` makes; like: with what was kept under a key."""
        name, role = tenants._names(slug)
        password = secrets.token_urlsafe(32)
        self._admin(  # the role is a member of the owner: to give it every table takes 30 ms
            f"CREATE ROLE {role} LOGIN PASSWORD '{password}' NOSUPERUSER NOCREATEDB NOCREATEROLE",
            self._copied(name, self._migrated() if like is None else self.kept[like]),
            f"GRANT {self._owner} TO {role}", f"ALTER DATABASE {name} OWNER TO {role}",
            f"REVOKE ALL ON DATABASE {name} FROM PUBLIC",
        )  # fmt: skip
        address = _at(self.url, name, user=role, password=password)
        made = Company(slug, "postgresql", address, "active", time.time_ns() // 1_000_000)
        registry.add(made)
        return made

    def keep(self, company: Company, key: Hashable) -> None:
        """Keeps the database of a company, which nobody has open, and what a server knows of its
        tables after a while: questions of the copies are planned by it."""
        database, role = tenants._names(company.slug)
        name = f"accrete_kept_{uuid.uuid4().hex}"
        self._admin(self._copied(name, database))
        self.kept[key] = name
        self._admin(  # takes the company's own database too, which is given back
            f"REASSIGN OWNED BY {role} TO {self._owner}",
            f"ALTER DATABASE {database} OWNER TO {role}", "ANALYZE", database=name,
        )  # fmt: skip

    def _copied(self, name: str, of: str | None) -> str:
        """The statement that makes a database like another one, or without tables."""
        self._admin()  # connected
        assert self._connection is not None
        how = "STRATEGY FILE_COPY" if self._connection.info.server_version >= 150_000 else ""
        empty = "template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"
        return f"CREATE DATABASE {name} TEMPLATE {of or empty} {how}"

    def _migrated(self) -> str:
        """A database with tables, owned by a role that owns nothing else."""
        name = f"accrete_migrated_{self._end}"
        with self._lock:
            self._make_migrated(name)
        return name

    def _make_migrated(self, name: str) -> None:
        if not self._owner:
            self._owner = f"accrete_owner_{self._end}"
            self._admin(f"CREATE ROLE {self._owner} NOLOGIN", self._copied(name, None))
            self._admin(
                "CREATE EXTENSION btree_gin", "CREATE EXTENSION pg_trgm",
                f"GRANT ALL ON SCHEMA public TO {self._owner}", database=name,
            )  # fmt: skip
            db = Postgres(_at(self.url, name, options=f"-c role={self._owner}"))
            db.migrate()
            db.close()

    def close(self) -> None:
        """Removes what others were copied from."""
        try:
            if self._owner:
                for name in (self._migrated(), *self.kept.values()):
                    self._admin(f"DROP DATABASE {name} WITH (FORCE)")
                self._admin(f"DROP ROLE {self._owner}")
        finally:
            if self._connection is not None:
                self._connection.close()


FILES = Companies()
_servers: dict[str, Server] = {}


def server(url: str) -> Server:
    """The server at an address."""
    return _servers.setdefault(url, Server(url))


def _at(url: str, name: str, **more: Any) -> str:
    from psycopg.conninfo import make_conninfo

    return make_conninfo(url, dbname=name, **more)
