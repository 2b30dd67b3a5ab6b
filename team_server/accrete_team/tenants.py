"""The databases of companies: made, opened, kept current, removed. One for each, and no other."""

from __future__ import annotations

import os
import re
import secrets
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from accrete.database import Database, Postgres, Sqlite
from accrete.database.schema import latest_version
from accrete.errors import AccreteError
from accrete.record.store import freshen_search
from accrete_team.registry import Company, Registry, check_slug

if TYPE_CHECKING:
    from psycopg import sql

URL = "ACCRETE_DATABASE_URL"
"""The address of a PostgreSQL server, with a role that may make databases and roles. Without it
each company is an SQLite file."""


def create(registry: Registry, slug: str, *, admin_url: str | None = None) -> Company:
    """Makes a company and its database. Raises AccreteError."""
    company = begin(registry, slug, admin_url=admin_url)
    db = empty_database(company)
    try:
        bring_up(db)
    finally:
        db.close()
    return activate(registry, company)


def begin(registry: Registry, slug: str, *, admin_url: str | None = None) -> Company:
    """Lists a company that is not open yet, with room for its database. Raises AccreteError."""
    check_slug(slug)
    if registry.find(slug) is not None:
        raise AccreteError(f"There is a company {slug} already.")
    engine, address = new_place(registry, slug, admin_url=admin_url)
    company = Company(slug, engine, address, "making", time.time_ns() // 1_000_000)
    registry.add(company)
    return company


def activate(registry: Registry, company: Company) -> Company:
    """Opens a company whose database is ready."""
    registry.set_state(company.slug, "active")
    return company._replace(state="active")


def new_place(registry: Registry, slug: str, *, admin_url: str | None = None) -> tuple[str, str]:
    """The engine and address of a new database: on a PostgreSQL server it is made, a file is made
    when it is opened. Raises AccreteError where there is something already."""
    if admin_url:
        return "postgresql", _create_postgres(admin_url, slug)
    folder = registry.home / "companies"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{slug}.db"
    if path.exists():
        raise AccreteError(f"{path} is in the way, though no company has it. Move it away.")
    return "sqlite", str(path)


def open_company(company: Company) -> Database:
    """The database of a company, for writing. Raises AccreteError where it is not there, or not of
    this program's schema."""
    if company.engine == "sqlite" and not Path(company.address).exists():
        raise AccreteError(f"The database of {company.slug} is not at {company.address}.")
    db = empty_database(company)
    if db.version != latest_version():
        db.close()
        raise AccreteError(f"{company.slug} is of another version. Run `accrete-team migrate`.")
    return db


def empty_database(company: Company) -> Database:
    """The database of a company whatever its schema is; makes the file of one that is new."""
    if company.engine == "postgresql":
        return Postgres(company.address)
    return Sqlite(Path(company.address))


def bring_up(db: Database) -> None:
    """Gives a database this program's schema, and a search index of the words that it looks for."""
    db.migrate()
    freshen_search(db)


def migrate(registry: Registry) -> list[str]:
    """Brings the databases of all companies up to date; returns those that were done. What fails is
    said at the end, and the others are done."""
    done, failed = [], []
    for company in registry.companies():
        try:
            db = empty_database(company)
            try:
                bring_up(db)
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
    if company.engine == "postgresql" and not admin_url:
        raise AccreteError(f"Set {URL} to the server's address to delete {slug}.")
    registry.set_state(slug, "going")
    gone = drop(company, admin_url=admin_url)
    registry.remove(slug)
    return gone


def drop(company: Company, *, admin_url: str | None = None) -> list[str]:
    """Removes the database of a company; returns what went. Raises AccreteError."""
    if company.engine == "postgresql":
        if not admin_url:
            raise AccreteError(f"Set {URL} to the server's address to remove {company.slug}.")
        return _drop_postgres(admin_url, company)
    gone = []
    for end in ("", "-wal", "-shm", "-nightly"):
        path = Path(company.address + end)
        if path.exists():
            path.unlink()
            gone.append(path.name)
    return gone


def _names(slug: str) -> tuple[str, str]:
    """The names of a company's database and of the role that may use it alone."""
    safe = re.sub(r"[^a-z0-9]", "_", slug)
    return f"accrete_{safe}", f"accrete_{safe}_login"


def _create_postgres(admin_url: str, slug: str) -> str:
    """A database of its own, which only a role of its own may enter."""
    import psycopg
    from psycopg import sql

    database, role = _names(slug)
    password = secrets.token_urlsafe(32)
    named: dict[str, sql.Composable] = {
        "database": sql.Identifier(database),
        "role": sql.Identifier(role),
        "password": sql.Literal(password),
    }
    made: list[str] = []
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
                made.append(statement)
        with psycopg.connect(_url(admin_url, database), autocommit=True) as inside:
            for extension in ("btree_gin", "pg_trgm"):
                inside.execute(
                    sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension))
                )
    except psycopg.Error as error:
        # Only what was made here: a database of that name may be another server's company.
        _clean_up(admin_url, database if len(made) > 2 else None, role if made else None)
        if isinstance(error, psycopg.errors.DuplicateObject | psycopg.errors.DuplicateDatabase):
            raise AccreteError(
                f"That PostgreSQL server has a database or role of {slug} ({database}, {role}), "
                "though no company here has it. It was left as it is. Choose another name, or "
                "remove both there."
            ) from None
        raise AccreteError(f"PostgreSQL could not make the database of {slug}: {error}") from None
    return _url(admin_url, database, role, password)


def _clean_up(admin_url: str, database: str | None, role: str | None) -> None:
    """Takes away what was made of a company before something failed; None was not."""
    import psycopg
    from psycopg import sql

    with suppress(psycopg.Error), psycopg.connect(admin_url, autocommit=True) as admin:
        if database is not None:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(database)))
        if role is not None:
            admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


def _drop_postgres(admin_url: str, company: Company) -> list[str]:
    import psycopg
    from psycopg import sql

    slug = company.slug
    database, role = _names(slug)
    try:
        with psycopg.connect(admin_url, autocommit=True) as admin:
            there = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,))
            ended = company.state == "going" and _server(company.address) == _server(admin_url)
            if there.fetchone() is None and not ended:
                raise AccreteError(f"That server has no database of {slug}: is {URL} right?")
            for statement, name in (
                ("DROP DATABASE IF EXISTS {} WITH (FORCE)", database),
                ("DROP ROLE IF EXISTS {}", role),
            ):
                admin.execute(sql.SQL(statement).format(sql.Identifier(name)))
    except psycopg.Error as error:
        raise AccreteError(f"PostgreSQL could not delete {slug}: {error}") from None
    return [database, role]


def _server(url: str) -> tuple[str, str]:
    """The host and port of an address, as they are written there."""
    from psycopg.conninfo import conninfo_to_dict

    said = conninfo_to_dict(url)
    return str(said.get("host", "")), str(said.get("port", ""))


def _url(admin_url: str, database: str, role: str = "", password: str = "") -> str:
    """The address of a database on the same server, for a role."""
    from psycopg.conninfo import make_conninfo

    who = {"user": role, "password": password} if role else {}
    return make_conninfo(admin_url, dbname=database, **who)


def faults() -> tuple[type[Exception], ...]:
    """What the drivers raise: PostgreSQL's need not be installed."""
    try:
        import psycopg
    except ImportError:
        return (sqlite3.Error,)
    return (sqlite3.Error, psycopg.Error)


def fault_said(error: BaseException) -> str:
    """What is wrong, without the rows that an error may quote."""
    code = getattr(error, "sqlstate", None)
    return f"{type(error).__name__}{f' {code}' if code else ''}"


def admin_url() -> str | None:
    """The server's address from the environment. Raises AccreteError for what is none, without
    quoting it: it may hold a password."""
    url = os.environ.get(URL) or None
    if url is None:
        return None
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        conninfo_to_dict(url)
    except psycopg.Error:
        raise AccreteError(
            f"{URL} is no address of a PostgreSQL server. Write it as "
            "postgresql://ROLE:PASSWORD@HOST/DATABASE."
        ) from None
    return url
