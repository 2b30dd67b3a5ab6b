"""The databases of companies: made, opened, kept current, removed. One for each, and no other."""

from __future__ import annotations

import os
import re
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING

from accrete.database import Database, Postgres, Sqlite
from accrete.errors import AccreteError
from accrete_team.registry import Company, Registry, check_slug

if TYPE_CHECKING:
    from psycopg import sql

URL = "ACCRETE_DATABASE_URL"
"""The address of a PostgreSQL server, with a role that may make databases and roles. Without it
each company is an SQLite file."""


def create(registry: Registry, slug: str, *, admin_url: str | None = None) -> Company:
    """Makes a company and its database. Raises AccreteError."""
    check_slug(slug)
    if registry.find(slug) is not None:
        raise AccreteError(f"There is a company {slug} already.")
    now = time.time_ns() // 1_000_000
    if admin_url:
        address = _create_postgres(admin_url, slug)
        company = Company(slug, "postgresql", address, "active", now)
    else:
        folder = registry.home / "companies"
        folder.mkdir(mode=0o700, exist_ok=True)
        company = Company(slug, "sqlite", str(folder / f"{slug}.db"), "active", now)
    db = open_company(company)
    try:
        db.migrate()
    finally:
        db.close()
    registry.add(company)
    return company


def open_company(company: Company) -> Database:
    """The database of a company, for writing. Raises AccreteError."""
    if company.engine == "postgresql":
        return Postgres(company.address)
    return Sqlite(Path(company.address))


def migrate(registry: Registry) -> list[str]:
    """Brings the databases of all companies up to date; returns those that were done. What fails is
    said at the end, and the others are done."""
    done, failed = [], []
    for company in registry.companies():
        try:
            db = open_company(company)
            try:
                db.migrate()
            finally:
                db.close()
            done.append(company.slug)
        except AccreteError as error:
            failed.append(f"{company.slug}: {error}")
    if failed:
        raise AccreteError("Not migrated: " + "; ".join(failed))
    return done


def delete(registry: Registry, slug: str, *, admin_url: str | None = None) -> list[str]:
    """Deletes a company for good; returns what was removed."""
    company = registry.find(slug)
    if company is None:
        raise AccreteError(f"There is no company {slug}.")
    registry.set_state(slug, "going")
    if company.engine == "postgresql":
        if not admin_url:
            raise AccreteError(f"Set {URL} to the server's address to delete {slug}.")
        gone = _drop_postgres(admin_url, slug)
    else:
        gone = []
        for end in ("", "-wal", "-shm"):
            path = Path(company.address + end)
            if path.exists():
                path.unlink()
                gone.append(path.name)
    registry.remove(slug)
    return gone


def _names(slug: str) -> tuple[str, str]:
    """The names of a company's database and of the role that may use it alone."""
    safe = re.sub(r"[^a-z0-9]", "_", slug)
    return f"accrete_{safe}", f"accrete_{safe}_login"


def _create_postgres(admin_url: str, slug: str) -> str:
    """A database of its own, and a role that can connect to nothing else."""
    import psycopg
    from psycopg import sql

    database, role = _names(slug)
    password = secrets.token_urlsafe(32)
    named: dict[str, sql.Composable] = {
        "database": sql.Identifier(database),
        "role": sql.Identifier(role),
        "password": sql.Literal(password),
    }
    try:
        with psycopg.connect(admin_url, autocommit=True) as admin:
            for statement in (
                "CREATE ROLE {role} LOGIN PASSWORD {password} NOSUPERUSER NOCREATEDB NOCREATEROLE",
                "GRANT {role} TO CURRENT_USER",
                "CREATE DATABASE {database} OWNER {role} TEMPLATE template0 ENCODING 'UTF8' "
                "LOCALE 'C.UTF-8'",
                "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
            ):
                admin.execute(sql.SQL(statement).format(**named))
        with psycopg.connect(_url(admin_url, database), autocommit=True) as inside:
            for extension in ("btree_gin", "pg_trgm"):
                inside.execute(
                    sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension))
                )
    except psycopg.Error as error:
        raise AccreteError(f"PostgreSQL could not make the database of {slug}: {error}") from None
    return _url(admin_url, database, role, password)


def _drop_postgres(admin_url: str, slug: str) -> list[str]:
    import psycopg
    from psycopg import sql

    database, role = _names(slug)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        for statement, name in (
            ("DROP DATABASE IF EXISTS {} WITH (FORCE)", database),
            ("DROP ROLE IF EXISTS {}", role),
        ):
            admin.execute(sql.SQL(statement).format(sql.Identifier(name)))
    return [database, role]


def keep_others_out(admin_url: str) -> None:
    """Takes from everybody the right to connect to the databases that every role may connect to
    by default, so that a company's role reaches its own alone."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(admin_url, autocommit=True) as admin:
        rows = admin.execute("SELECT datname FROM pg_database WHERE NOT datistemplate").fetchall()
        for (name,) in rows:
            admin.execute(
                sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name))
            )


def _url(admin_url: str, database: str, role: str = "", password: str = "") -> str:
    """The address of a database on the same server, for a role."""
    from psycopg.conninfo import make_conninfo

    who = {"user": role, "password": password} if role else {}
    return make_conninfo(admin_url, dbname=database, **who)


def admin_url() -> str | None:
    """The server's address from the environment."""
    return os.environ.get(URL) or None
