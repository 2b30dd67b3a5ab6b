"""Archives, exports and copies of whole companies."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from accrete.care.copies import copy
from accrete.database import Database, Sqlite
from accrete.errors import AccreteError
from accrete_team import looks, people, portable, tenants
from accrete_team.registry import Company, Registry, check_slug
from accrete_team.tokens import now_ms

SQLITE = b"SQLite format 3\x00"


def found(registry: Registry, slug: str) -> Company:
    """A company. Raises AccreteError where there is none."""
    company = registry.find(slug)
    if company is None:
        raise AccreteError(
            f"There is no company {slug}. Make it: accrete-team company create {slug}"
        )
    return company


def whole(registry: Registry, slug: str) -> Company:
    """A company that can be read and changed now, active or archived. Raises AccreteError."""
    company = found(registry, slug)
    if company.state not in ("active", "archived"):
        raise AccreteError(f"{slug}: {tenants.BETWEEN.get(company.state, company.state)}.")
    return company


def archive(registry: Registry, slug: str) -> None:
    """Makes a company read-only: its machines send nothing until it is opened again. What people
    were promised to have deleted is still deleted."""
    _switch(registry, slug, "active", "archived", "archive")


def unarchive(registry: Registry, slug: str) -> None:
    """Opens an archived company again."""
    _switch(registry, slug, "archived", "active", "unarchive")


def _switch(registry: Registry, slug: str, before: str, after: str, what: str) -> None:
    company = found(registry, slug)
    if company.state != before:
        raise AccreteError(f"{slug} is {company.state}, not {before}.")
    noted(company, f"company {what}", slug)
    registry.set_state(slug, after)


def noted(company: Company, what: str, slug: str) -> None:
    """Writes down what the command line did with a whole company."""
    db = tenants.open_company(company)
    try:
        people.note(db, what, slug, None, now_ms())
    finally:
        db.close()


def export(registry: Registry, slug: str, file: Path) -> portable.Manifest:
    """Writes a company to a new file. Everybody in it can see that this happened."""
    company, now = whole(registry, slug), now_ms()
    if file.exists():
        raise AccreteError(f"{file} is there already. Nothing was changed. Name another.")
    db = tenants.open_company(company)
    try:
        _exported(db, now)
        return portable.export(db, file, slug, now)
    finally:
        db.close()


def _exported(db: Database, now: int) -> None:
    """Writes down for each person that what is held of them was exported by the command line."""
    known = [int(person) for (person,) in db.run("SELECT id FROM person ORDER BY id")]
    with db.transaction():
        for person in known:
            looks.look(db, person, 0, "export", now)
        people.note(db, "company export", f"{len(known)} people", None, now)


def load(
    registry: Registry, slug: str, file: Path, *, admin_url: str | None = None
) -> portable.Manifest:
    """Makes a company of an exported file. Raises AccreteError; then there is none."""
    portable.manifest_of(file)
    company = tenants.begin(registry, slug, admin_url=admin_url)
    try:
        manifest = filled(company, file)
        noted(company, "company import", slug)
    except BaseException:
        tenants.undo(registry, company, admin_url=admin_url)
        raise
    tenants.activate(registry, company)
    return manifest


def filled(company: Company, file: Path) -> portable.Manifest:
    """Fills the empty database of a company from an exported file. Raises AccreteError."""
    db = tenants.empty_database(company)
    try:
        return portable.load(db, file)
    finally:
        db.close()


def backup(registry: Registry, slug: str, file: Path) -> int:
    """Writes a copy of a company's database, of one moment, while it serves: a SQLite file as it
    is, a PostgreSQL database as an export. Returns its bytes."""
    company = whole(registry, slug)
    db = tenants.open_company(company)  # says what is wrong with it
    try:
        if isinstance(db, Sqlite):
            with portable.reserved(file):
                copy(db.path, file)
        else:
            portable.export(db, file, slug, now_ms())
        people.note(db, "company backup", slug, None, now_ms())
    finally:
        db.close()
    return file.stat().st_size


def restore(registry: Registry, slug: str, file: Path, *, admin_url: str | None = None) -> Company:
    """Makes a company of a backup: of an export on the engine that is set, of a SQLite file as a
    file. Raises AccreteError; then there is none."""
    check_slug(slug)
    if registry.find(slug) is not None:
        raise AccreteError(
            f"There is a company {slug}. Restore under another name, or delete it first: "
            f"accrete-team company delete {slug}"
        )
    try:
        with file.open("rb") as opened:
            is_sqlite = opened.read(len(SQLITE)) == SQLITE
    except OSError as error:
        raise AccreteError(f"Cannot read {file}: {error.strerror}.") from None
    if not is_sqlite:
        load(registry, slug, file, admin_url=admin_url)
        return found(registry, slug)
    company = tenants.begin(registry, slug)
    try:
        _copied(file, Path(company.address))
        db = tenants.empty_database(company)
        try:
            tenants.bring_up(db)
            people.note(db, "company restore", slug, None, now_ms())
        finally:
            db.close()
    except BaseException:
        tenants.undo(registry, company, admin_url=None)
        raise
    return tenants.activate(registry, company)


def _copied(file: Path, target: Path) -> None:
    """A checked copy of a company's file. Raises AccreteError for a damaged one, and for a person's
    own record."""
    db = Sqlite(file, readonly=True)
    try:
        if db.run("SELECT 1 FROM source_file LIMIT 1"):
            raise AccreteError(f"{file} is the record of one machine, not a company.")
    except sqlite3.Error as error:
        raise AccreteError(f"{file} is damaged ({type(error).__name__}).") from error
    finally:
        db.close()
    copy(file, target)
