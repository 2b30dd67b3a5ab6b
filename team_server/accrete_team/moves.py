"""Moves of whole companies to the other engine or another PostgreSQL server. One that was killed is
known, and is gone on with or given up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from accrete.database import Database, Sqlite
from accrete.errors import AccreteError
from accrete.record import lock
from accrete_team import copies, portable, tenants
from accrete_team.registry import Company, Move, Registry
from accrete_team.tokens import now_ms

TRIES = 3
"""How often a company is copied again where a message came in meanwhile."""
WAIT_S = 1.0
"""How long a move waits for another one of the same company."""
_CLOSE = """CREATE TRIGGER IF NOT EXISTS moved BEFORE UPDATE ON revision
BEGIN SELECT RAISE(ABORT, 'the company is being moved'); END"""
"""Each transaction that writes raises the revision: with this none can, nor one that has begun."""


class Moved(NamedTuple):
    """Where a company is now; what was removed of its other place, and why something may be left
    there, or None."""

    company: Company
    gone: list[str]
    left: str | None


def move(registry: Registry, slug: str, *, admin_url: str | None, to_sqlite: bool = False) -> Moved:
    """Moves a company to the PostgreSQL server of `admin_url`, or to a file; machines wait
    meanwhile. Begins again what was killed on the way, and ends what was killed after it. Raises
    AccreteError; then the company is where it was, and in use."""
    with _alone(registry, slug):
        company, begun = copies.found(registry, slug), registry.moving(slug)
        if begun is not None and begun.state == "going":
            gone = _cleared(registry, company, begun, admin_url)
            if to_sqlite == (company.engine == "sqlite"):
                return Moved(company, gone, None)
            begun = None  # and now it is to go to the other engine
        _check(company, admin_url, to_sqlite)
        if begun is not None:  # it stays listed: another kill may come
            _drop(company, begun, admin_url)
        there = tenants.new_place(registry, slug, admin_url=None if to_sqlite else admin_url)
        with _in_place(company) as db:
            registry.begin_move(there)
            try:
                _fill(registry, db, there, admin_url)
                registry.switch(slug)
            except BaseException as error:
                _stay(registry, company, db, admin_url)
                if isinstance(error, (OSError, *tenants.faults())):
                    raise AccreteError(
                        f"{slug} was not moved: something failed ({tenants.fault_said(error)}). "
                        "`accrete-team doctor` says whether there is something to do."
                    ) from error
                raise
        company, begun = copies.found(registry, slug), registry.moving(slug)
        assert begun is not None
        try:
            return Moved(company, _cleared(registry, company, begun, admin_url), None)
        except AccreteError as error:
            return Moved(company, [], str(error))


def give_up(registry: Registry, slug: str, *, admin_url: str | None, forget: bool = False) -> Moved:
    """Ends a move that was killed: the company is in use where it is, and its other place goes.
    forget: that place is on a server that is gone for good. Raises AccreteError where something is
    left; the company is in use then, too, unless its own database does not answer."""
    with _alone(registry, slug):
        company, begun = copies.found(registry, slug), registry.moving(slug)
        if begun is None and company.state != "moving":
            raise AccreteError(f"No move of {slug} broke off. It is {company.state}.")
        gone: list[str] = []
        failed = None
        if begun is not None:  # first: it may be what fills the disk
            try:
                gone = _drop(company, begun, admin_url)
            except AccreteError as error:
                failed = error
        if company.state == "moving":
            if company.engine == "postgresql" or Path(company.address).exists():  # else it is lost
                with closing(tenants.existing_database(company)) as db:  # migrated when in use
                    _open_again(db)
            registry.stay(slug)
        if failed is not None and not forget:
            raise failed
        registry.end_move(slug)
        left = failed and begun and f"What may be left on {where(begun.other)} is forgotten here."
        return Moved(copies.found(registry, slug), gone, left or None)


def standing(registry: Registry, company: Company) -> tuple[bool, str] | None:
    """What is to be said of a company whose move has not ended: whether nothing is to be done, and
    a sentence; None where there is no such move."""
    slug, begun = company.slug, registry.moving(company.slug)
    if company.state != "moving" and begun is None:
        return None
    with lock.held(_locked(registry, slug), wait_s=0) as broke_off:
        pass
    if not broke_off:
        return True, f"{slug}: it is being moved now. Machines wait until that is done."
    again = f"accrete-team company move {slug}"
    if begun is None:
        return False, (
            f"{slug}: its move broke off. It is whole on {where(company)}, and nobody can use it. "
            f"Move it again, or end that: {again} --give-up"
        )
    other = begun.other
    to = _server(other)
    url = f" with {tenants.URL} set to the server at {to}" if to else ""
    if company.state == "moving":
        return False, (
            f"{slug}: its move to {where(other)} broke off. It is whole on {where(company)}, and "
            f"nobody can use it. Go on{url}: {again} --to-{other.engine}. Or let it stay where it "
            f"is: {again} --give-up"
        )
    if begun.state == "making":
        return False, (
            f"{slug}: half a copy of it is left on {where(other)}. Remove it{url}: "
            f"{again} --give-up"
        )
    return False, (
        f"{slug}: it was moved to {where(company)}. Its old database on {where(other)} takes "
        f"nothing, but is still there. Remove it{url}: {again} --to-{company.engine}"
    )


def where(company: Company) -> str:
    """A place in words, without what opens it."""
    if company.engine == "sqlite":
        return f"a file ({company.address})"
    return f"PostgreSQL at {_server(company)}"


def _server(company: Company) -> str:
    """The host and port of a company's PostgreSQL server; empty for a file."""
    if company.engine == "sqlite":
        return ""
    host, port = tenants.server(company.address)
    return f"{host or 'its socket'}{f':{port}' if port else ''}"


@contextmanager
def _alone(registry: Registry, slug: str) -> Iterator[None]:
    """One move of a company at a time; the system ends the lock of one that is killed."""
    copies.found(registry, slug)
    with lock.held(_locked(registry, slug), wait_s=WAIT_S) as mine:
        if not mine:
            raise AccreteError(f"{slug} is being moved now. Wait until that is done.")
        _copied(registry, slug).unlink(missing_ok=True)  # of one that was killed
        yield


def _locked(registry: Registry, slug: str) -> Path:
    return registry.home / f"{slug}.move"


def _copied(registry: Registry, slug: str) -> Path:
    """The file that a move copies a company through."""
    return registry.home / f"{slug}.moving"


def _check(company: Company, admin_url: str | None, to_sqlite: bool) -> None:
    """Raises AccreteError for a move that cannot be."""
    slug = company.slug
    if company.state not in ("active", "archived", "moving"):
        said = tenants.BETWEEN.get(company.state, company.state)
        raise AccreteError(f"{slug} cannot be moved. {said}.")
    if not to_sqlite and not admin_url:
        raise AccreteError(f"Set {tenants.URL} to the address of the PostgreSQL server.")
    if to_sqlite and company.engine == "sqlite":
        raise AccreteError(f"{slug} is on sqlite already.{_ended(company)}")
    if to_sqlite or not admin_url or company.engine == "sqlite":
        return
    if tenants.server(company.address) == tenants.server(admin_url):
        raise AccreteError(f"{slug} is on that PostgreSQL server already.{_ended(company)}")


def _ended(company: Company) -> str:
    if company.state != "moving":
        return ""
    return f" End its move: accrete-team company move {company.slug} --give-up"


@contextmanager
def _in_place(company: Company) -> Iterator[Database]:
    """The database that a company is in."""
    db = tenants.open_company(company)
    try:
        yield db
    finally:
        db.close()


def _fill(registry: Registry, db: Database, there: Company, admin_url: str | None) -> None:
    """Makes the new place and copies a company into it, until nothing came in meanwhile; then the
    old one takes nothing any more."""
    slug = there.slug
    file = _copied(registry, slug)
    for _ in range(TRIES):
        tenants.make_room(there, admin_url)
        before = db.revision()
        try:
            portable.export(db, file, slug, now_ms())
            copies.filled(there, file)
        finally:
            file.unlink(missing_ok=True)
        if _closed(db, before):
            copies.noted(there, "company move", slug)
            return
        tenants.drop(there, admin_url=admin_url)
    raise AccreteError(f"{slug} did not come to rest. Archive it, then move it.")


def _closed(db: Database, revision: int) -> bool:
    """Lets nobody write into a database from now on, whoever has it open, if it is still of a
    revision. What is being written is waited for."""
    if isinstance(db, Sqlite):
        with db.transaction():
            if db.revision() != revision:
                return False
            db.run(_CLOSE)
        return True
    with db.connection.transaction():
        db.run("LOCK TABLE revision IN SHARE ROW EXCLUSIVE MODE")
        if db.revision() != revision:
            return False
        db.run("REVOKE UPDATE ON revision FROM CURRENT_USER")
    return True


def _open_again(db: Database) -> None:
    """Takes that back."""
    if isinstance(db, Sqlite):
        with db.transaction():
            db.run("DROP TRIGGER IF EXISTS moved")
    else:
        with db.connection.transaction():
            db.run("GRANT UPDATE ON revision TO CURRENT_USER")


def _stay(registry: Registry, company: Company, db: Database, admin_url: str | None) -> None:
    """Takes back a move that failed, as far as the databases answer; `standing` says the rest."""
    begun, gone = registry.moving(company.slug), False
    with suppress(AccreteError, *tenants.faults()):  # first: it may be what fills the disk
        if begun is not None:
            _drop(company, begun, admin_url)
        gone = True
    with suppress(AccreteError, *tenants.faults()):
        _open_again(db)
        registry.stay(company.slug)
        if gone:
            registry.end_move(company.slug)


def _cleared(registry: Registry, company: Company, begun: Move, admin_url: str | None) -> list[str]:
    """Removes the place that a company is not in, and ends its move."""
    gone = _drop(company, begun, admin_url)
    registry.end_move(company.slug)
    return gone


def _drop(company: Company, begun: Move, admin_url: str | None) -> list[str]:
    """Raises AccreteError where that place is on another server than that of `admin_url`."""
    other = begun.other
    if other.engine == "postgresql":
        here = tenants.server(admin_url) if admin_url else None
        if here != tenants.server(other.address):
            end = "--give-up" if begun.state == "making" else f"--to-{company.engine}"
            raise AccreteError(
                f"{company.slug} has another database on {where(other)}, which takes nothing. To "
                f"remove it, set {tenants.URL} to that server, then: accrete-team company move "
                f"{company.slug} {end}. Is that server gone for good? Then --give-up --forget."
            )
    return tenants.drop(other, admin_url=admin_url)
