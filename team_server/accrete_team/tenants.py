"""The databases of companies: made, opened, kept current, removed. One for each, and no other."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from accrete.database import Database, Postgres, Sqlite
from accrete.database.postgres import no_answer
from accrete.database.schema import latest_version
from accrete.errors import AccreteError
from accrete.record.store import freshen_search
from accrete_team.registry import Company, Registry, check_slug
from accrete_team.tokens import now_ms

if TYPE_CHECKING:
    from typing import LiteralString

    import psycopg
    from psycopg import sql

URL = "ACCRETE_DATABASE_URL"
"""The address of a PostgreSQL server, with a role that may make databases and roles. Without it
each company is an SQLite file."""


BETWEEN = {
    "making": "It is being made, or that broke off; then delete it and make it again",
    "going": "It is being deleted, or that broke off; then delete it again",
    "moving": "It is being moved, or that broke off; `accrete-team doctor` says which",
}
"""What is said of a company in a state in which nobody can use it."""


def create(registry: Registry, slug: str, *, admin_url: str | None = None) -> Company:
    """Makes a company and its database. Raises AccreteError."""
    company = begin(registry, slug, admin_url=admin_url)
    try:
        db = empty_database(company)
        try:
            bring_up(db)
        finally:
            db.close()
        return activate(registry, company)
    except BaseException:
        undo(registry, company, admin_url=admin_url)
        raise


def begin(registry: Registry, slug: str, *, admin_url: str | None = None) -> Company:
    """Lists a company that is not open yet, and makes room for its database. It is listed first: a
    making that breaks off leaves nothing that nobody knows of. Raises AccreteError."""
    check_slug(slug)
    found = registry.find(slug)
    if found is not None and found.state == "making":
        raise AccreteError(
            f"{slug} is being made, or its making broke off. If nobody makes it now, delete it "
            f"and make it again: accrete-team company delete {slug}"
        )
    if found is not None:
        raise AccreteError(f"There is a company {slug} already.")
    with _administered(admin_url) as admin:
        engine, address = _named_place(registry, slug, admin_url)
        company = Company(slug, engine, address, "making", now_ms())
        registry.add(company)
        try:
            _make_room(admin, company, admin_url)
        except BaseException:
            _, left = _removed(company, admin_url)
            if not left:
                registry.remove(slug)
            raise
    return company


def undo(registry: Registry, company: Company, *, admin_url: str | None) -> None:
    """Takes back a making that failed; where that is not possible now, it stays listed."""
    with suppress(AccreteError, *faults()):
        drop(company, admin_url=admin_url)  # first: a full disk lets nothing be written
        registry.remove(company.slug)


def activate(registry: Registry, company: Company) -> Company:
    """Opens a company whose database is ready."""
    registry.set_state(company.slug, "active")
    return company._replace(state="active")


def new_place(registry: Registry, slug: str, *, admin_url: str | None = None) -> Company:
    """Where a new database is to be; nothing is made yet. Raises AccreteError where there is a file
    already, or the PostgreSQL server lets nobody in."""
    with _administered(admin_url):
        engine, address = _named_place(registry, slug, admin_url)
    return Company(slug, engine, address, "making", now_ms())


def make_room(company: Company, admin_url: str | None) -> None:
    """Makes the database of a new place on a PostgreSQL server; a file is made when it is opened.
    Raises AccreteError; what was made by then bears the company's mark, and `drop` removes it."""
    admin_url = admin_url if company.engine == "postgresql" else None
    with _administered(admin_url) as admin:
        _make_room(admin, company, admin_url)


def _named_place(registry: Registry, slug: str, admin_url: str | None) -> tuple[str, str]:
    """The engine and address that a new database is to have; nothing is made but a folder."""
    if admin_url:
        database, role = _names(slug)
        return "postgresql", _url(admin_url, database, role, secrets.token_urlsafe(32))
    folder = registry.home / "companies"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{slug}.db"
    if path.exists():
        raise AccreteError(f"{path} is in the way, though no company has it. Move it away.")
    return "sqlite", str(path)


def _removed(company: Company, admin_url: str | None) -> tuple[list[str], bool]:
    """What went of a company whose making failed, and whether something may be left."""
    try:
        return drop(company, admin_url=admin_url), False
    except AccreteError:
        return [], True


def open_company(company: Company) -> Database:
    """The database of a company, for writing. Raises AccreteError where it is not there, or not of
    this program's schema."""
    db = existing_database(company)
    if db.version != latest_version():
        db.close()
        raise AccreteError(f"{company.slug} is of another version. Run `accrete-team migrate`.")
    return db


def existing_database(company: Company) -> Database:
    """The database of a company whatever its schema is. Raises AccreteError where it is not there:
    none is made in the place of one that is lost."""
    if company.engine == "sqlite" and not Path(company.address).exists():
        raise AccreteError(
            f"The database of {company.slug} is not at {company.address}. Put it back, or delete "
            f"the company and restore a backup: accrete-team company delete {company.slug}"
        )
    return empty_database(company)


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
        if company.state not in ("active", "archived"):
            failed.append(f"{company.slug}: {BETWEEN.get(company.state, company.state)}")
            continue
        try:
            db = existing_database(company)
            try:
                bring_up(db)
            finally:
                db.close()
            done.append(company.slug)
        except AccreteError as error:
            failed.append(f"{company.slug}: {error}")
        except faults() as error:
            failed.append(f"{company.slug}: {fault_said(error)}")
    if failed:
        well = f" The others are: {', '.join(done)}." if done else ""
        raise AccreteError(f"Not up to date: {'; '.join(failed).rstrip('.')}.{well}")
    return done


def delete(registry: Registry, slug: str, *, admin_url: str | None = None) -> list[str]:
    """Deletes a company for good; returns what was removed."""
    company = registry.find(slug)
    if company is None:
        raise AccreteError(f"There is no company {slug}. See `accrete-team company list`.")
    if company.engine == "postgresql" and not admin_url:
        raise AccreteError(f"Set {URL} to the server's address to delete {slug}.")
    if registry.moving(slug) is not None:
        raise AccreteError(
            f"A move of {slug} has not ended, and it has two databases. Run `accrete-team doctor`, "
            "which says how to end that, then delete it."
        )
    if company.state != "making":  # of that only what bears its mark goes, the next time too
        registry.set_state(slug, "going")
    gone = drop(company, admin_url=admin_url)
    registry.remove(slug)
    (registry.home / f"{slug}.move").unlink(missing_ok=True)
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


@contextmanager
def _administered(admin_url: str | None) -> Iterator[psycopg.Connection | None]:
    """A connection to the PostgreSQL server for the block; None where companies are files. Raises
    AccreteError where the server does not let it in."""
    if not admin_url:
        yield None
        return
    import psycopg

    try:
        admin = psycopg.connect(admin_url, autocommit=True)
    except psycopg.Error as error:
        raise AccreteError(
            f"{no_answer(error)} Check that it runs, and that {URL} has its address and a role "
            "that may sign in."
        ) from None
    with admin:
        yield admin


def _make_room(admin: psycopg.Connection | None, company: Company, admin_url: str | None) -> None:
    """A database of its own on PostgreSQL, which only a role of its own may enter; the role bears
    the mark of its company from its first moment. The file of an SQLite database is made when it
    is opened. Raises AccreteError."""
    if admin is None or admin_url is None:
        return
    import psycopg
    from psycopg import sql
    from psycopg.conninfo import conninfo_to_dict

    slug = company.slug
    database, role = _names(slug)
    named: dict[str, sql.Composable] = {
        "database": sql.Identifier(database),
        "role": sql.Identifier(role),
        "password": sql.Literal(str(conninfo_to_dict(company.address)["password"])),
        "mark": sql.Literal(_mark(company)),
    }

    def do(statement: LiteralString) -> None:
        admin.execute(sql.SQL(statement).format(**named))

    try:
        with admin.transaction():
            do("CREATE ROLE {role} LOGIN PASSWORD {password} NOSUPERUSER NOCREATEDB NOCREATEROLE")
            do("COMMENT ON ROLE {role} IS {mark}")
            do("GRANT {role} TO CURRENT_USER")
        do(
            "CREATE DATABASE {database} OWNER {role} TEMPLATE template0 ENCODING 'UTF8' "
            "LOCALE 'C.UTF-8'"
        )
        do("REVOKE ALL ON DATABASE {database} FROM PUBLIC")
        with psycopg.connect(_url(admin_url, database), autocommit=True) as inside:
            for extension in ("btree_gin", "pg_trgm"):
                inside.execute(
                    sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension))
                )
    except (psycopg.errors.DuplicateObject, psycopg.errors.DuplicateDatabase):
        raise AccreteError(
            f"That PostgreSQL server has a database or role of {slug} ({database}, {role}), "
            "though no company here has it. It was left as it is. Choose another name, or "
            "remove both there."
        ) from None
    except psycopg.errors.InsufficientPrivilege as error:
        raise AccreteError(
            f"PostgreSQL could not make the database of {slug}: {_line(error)}. The role of {URL} "
            "has to make roles and databases. Let an administrator of PostgreSQL run: "
            f"ALTER ROLE {_quoted(admin.info.user)} CREATEROLE CREATEDB"
        ) from None
    except psycopg.Error as error:
        raise AccreteError(
            f"PostgreSQL could not make the database of {slug}: {_line(error)}. "
            "Check PostgreSQL's log, then try again."
        ) from None


def _mark(company: Company) -> str:
    """What PostgreSQL keeps as the comment of a company's role: it says of which making it is, and
    nothing of the password that it is made of."""
    return "accrete " + hashlib.sha256(company.address.encode()).hexdigest()[:32]


def _quoted(name: str) -> str:
    """A name as it is written in SQL."""
    return (
        name if re.fullmatch("[a-z_][a-z0-9_]*", name) else '"{}"'.format(name.replace('"', '""'))
    )


def _line(error: Exception) -> str:
    """What a driver says, on one line and without a full stop at its end."""
    return " ".join(str(error).split()).rstrip(".")


def _drop_postgres(admin_url: str, company: Company) -> list[str]:
    """Of a company that is not whole only what bears its mark, of any only what is on the server of
    its address or bears its mark: another server's company may have its name."""
    import psycopg
    from psycopg import sql

    slug = company.slug
    database, role = _names(slug)
    with _administered(admin_url) as admin:
        assert admin is not None
        try:
            owner = admin.execute(
                "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s", (database,)
            ).fetchone()
            same = server(company.address) == server(admin_url)
            said = admin.execute(
                "SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = %s",
                (role,),
            ).fetchone()
            marked = said == (_mark(company),)
            if company.state == "making":
                if not same:
                    raise AccreteError(f"{slug} was begun on another server: is {URL} right?")
                if not marked:
                    return []
                here = [database] if owner == (role,) else []
            elif owner is None and not (company.state == "going" and same):
                raise AccreteError(f"That server has no database of {slug}: is {URL} right?")
            elif owner is not None and not (same or marked):
                raise AccreteError(
                    f"The {slug} on that server is not this one, and was left as it is: is {URL} "
                    "right?"
                )
            else:
                here = [database]
            for name in here:
                admin.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
                )
            admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))
        except psycopg.Error as error:
            raise AccreteError(
                f"PostgreSQL could not delete {slug}: {_line(error)}. Delete it with the role that "
                "made it, or as an administrator of PostgreSQL."
            ) from None
    return [*here, role]


def server(url: str) -> tuple[str, str]:
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
