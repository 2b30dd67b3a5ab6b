"""New databases that begin as copies of one that was migrated.

To apply all schema files takes a tenth of a second on SQLite and half a second on PostgreSQL, and
thousands of tests begin with an empty database. Each process of a run applies them once, as the
program does, and copies what that gave. `tests/database` always applies them.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from accrete_team import tenants
from accrete_team.registry import Company, Registry

from accrete.database import Postgres, Sqlite
from accrete.database.schema import latest_version

_migrate = Sqlite.migrate
_lock = threading.Lock()


@contextmanager
def copies(folder: Path) -> Iterator[None]:
    """An empty SQLite database is migrated by a copy as long as this goes on."""
    path = folder / "migrated.db"
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
        yield
    migrated.close()


@contextmanager
def applied() -> Iterator[None]:
    """Schema files are applied here."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Sqlite, "migrate", _migrate)
        yield


class Server:
    """A PostgreSQL server for tests, `url` of who may make databases and roles there."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._end = uuid.uuid4().hex[:12]
        self._migrated: tuple[str, str] | None = None

    def admin(self, *statements: str, database: str | None = None) -> None:
        """Runs statements, each by itself."""
        import psycopg

        at = self.url if database is None else _at(self.url, database)
        with psycopg.connect(at, autocommit=True) as admin:
            for statement in statements:
                admin.execute(statement)  # type: ignore[arg-type]

    @contextmanager
    def database(self, *, migrated: bool) -> Iterator[str]:
        """A database without tables, or with those of this program, dropped at the end."""
        name = f"accrete_test_{uuid.uuid4().hex}"
        if migrated:
            self.admin(f"CREATE DATABASE {name} TEMPLATE {self._template()[0]} STRATEGY FILE_COPY")
        else:
            self.admin(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' "
                       "LOCALE 'C.UTF-8'")  # fmt: skip
        try:
            yield _at(self.url, name)
        finally:
            self.admin(f"DROP DATABASE {name} WITH (FORCE)")

    def company(self, registry: Registry, slug: str) -> Company:
        """What `tenants.create` makes on this server."""
        name, role = tenants._names(slug)
        password = secrets.token_urlsafe(32)
        template, owner = self._template()
        self.admin(
            f"CREATE ROLE {role} LOGIN PASSWORD '{password}' NOSUPERUSER NOCREATEDB NOCREATEROLE",
            f"CREATE DATABASE {name} OWNER {role} TEMPLATE {template} STRATEGY FILE_COPY",
            f"REVOKE ALL ON DATABASE {name} FROM PUBLIC",
        )
        self.admin(f"REASSIGN OWNED BY {owner} TO {role}", database=name)
        address = _at(self.url, name, user=role, password=password)
        made = Company(slug, "postgresql", address, "active", time.time_ns() // 1_000_000)
        registry.add(made)
        return made

    def _template(self) -> tuple[str, str]:
        """A migrated database, and the role that owns what is in it."""
        if self._migrated is None:
            name, owner = f"accrete_migrated_{self._end}", f"accrete_migrated_{self._end}_owner"
            self.admin(
                f"CREATE ROLE {owner} NOLOGIN",
                f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'",
            )
            self._migrated = name, owner
            self.admin(
                "CREATE EXTENSION btree_gin", "CREATE EXTENSION pg_trgm",
                f"GRANT ALL ON SCHEMA public TO {owner}", database=name,
            )  # fmt: skip
            db = Postgres(_at(self.url, name, options=f"-c role={owner}"))
            db.migrate()
            db.close()
        return self._migrated

    def close(self) -> None:
        """Removes what others were copied from."""
        if self._migrated is not None:
            name, owner = self._migrated
            self.admin(f"DROP DATABASE {name} WITH (FORCE)", f"DROP ROLE {owner}")


_servers: dict[str, Server] = {}


def server(url: str) -> Server:
    """The server at an address; `close` is to be called in the end."""
    return _servers.setdefault(url, Server(url))


def close() -> None:
    """Removes from servers what was copied."""
    while _servers:
        _servers.popitem()[1].close()


def _at(url: str, name: str, **more: Any) -> str:
    from psycopg.conninfo import make_conninfo

    return make_conninfo(url, dbname=name, **more)
