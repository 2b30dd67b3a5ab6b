"""Which companies there are, and where the database of each is. Knows nothing about people."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from accrete.errors import AccreteError

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,37}[a-z0-9])?")
RESERVED = frozenset({"api", "admin", "c", "healthz", "readyz", "metrics", "static", "registry"})
ENGINES = ("sqlite", "postgresql")
_SCHEMA = """CREATE TABLE IF NOT EXISTS company (
  slug TEXT PRIMARY KEY, engine TEXT NOT NULL, address TEXT NOT NULL, state TEXT NOT NULL,
  made_at INTEGER NOT NULL) STRICT"""
_PROVIDERS = """CREATE TABLE IF NOT EXISTS provider (
  slug TEXT PRIMARY KEY, issuer TEXT NOT NULL, client_id TEXT NOT NULL, secret TEXT NOT NULL)
STRICT"""
_MOVES = """CREATE TABLE IF NOT EXISTS move (
  slug TEXT PRIMARY KEY, engine TEXT NOT NULL, address TEXT NOT NULL, state TEXT NOT NULL,
  before TEXT NOT NULL) STRICT"""


_TO_DO = {
    "full": "Free some space on its disk, then try again.",
    "disk I/O": "Check its disk and the space that is free there, then try again.",
    "locked": "Another program is writing to it. Try again.",
    "not a database": "Put back that file from a copy.",
    "malformed": "Put back that file from a copy.",
    "open": "Check its permissions, or set ACCRETE_TEAM_HOME to another folder.",
}
"""What to do about a fault, by a word of SQLite's message; the last for any other."""


class Company(NamedTuple):
    """A company. engine: sqlite or postgresql; address: the path or the URL of its database;
    state: making, active, archived, moving, going; made_at: UTC ms."""

    slug: str
    engine: str
    address: str
    state: str
    made_at: int


class Provider(NamedTuple):
    """Where the people of a company sign in: the issuer's address, and what it knows this server
    by."""

    slug: str
    issuer: str
    client_id: str
    secret: str


class Move(NamedTuple):
    """A move that has not ended. engine, address: of the company's other database; state: making,
    where that is not whole yet, or going, where the company left it; before: the company's state
    before."""

    slug: str
    engine: str
    address: str
    state: str
    before: str

    @property
    def other(self) -> Company:
        """The other database, as that of a company."""
        return Company(self.slug, self.engine, self.address, self.state, 0)


class Registry:
    """The list of companies, in a file of its own that only the server's user reads. Raises
    AccreteError where there can be no such file, or it is none."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.path = home / "registry.db"
        try:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._open() as db:
                db.execute("PRAGMA journal_mode = DELETE")  # a log could not be read on a full disk
                db.execute(_SCHEMA)
                db.execute(_PROVIDERS)
                db.execute(_MOVES)
            self.path.chmod(0o600)
        except OSError as error:
            raise AccreteError(
                f"Cannot use {home} as the server's data folder: {error.strerror}. "
                "Set ACCRETE_TEAM_HOME to another."
            ) from None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """The list. Raises AccreteError where it cannot be read or written."""
        try:
            db = sqlite3.connect(self.path, timeout=10, isolation_level=None)
            try:
                yield db
            finally:
                db.close()
        except sqlite3.IntegrityError:
            raise
        except sqlite3.Error as error:
            what = next((to for of, to in _TO_DO.items() if of in str(error)), _TO_DO["open"])
            raise AccreteError(
                f"Cannot use the list of companies, {self.path}: {error}. {what}"
            ) from None

    def companies(self) -> list[Company]:
        """All of them, by name."""
        with self._open() as db:
            return [Company._make(row) for row in db.execute("SELECT * FROM company ORDER BY slug")]

    def find(self, slug: str) -> Company | None:
        """One of them; None where there is none."""
        with self._open() as db:
            row = db.execute("SELECT * FROM company WHERE slug = ?", (slug,)).fetchone()
        return Company._make(row) if row else None

    def add(self, company: Company) -> None:
        """Lists a company. Raises AccreteError for a name that cannot be one, or is taken."""
        check_slug(company.slug)
        try:
            with self._open() as db:
                db.execute("INSERT INTO company VALUES (?, ?, ?, ?, ?)", company)
        except sqlite3.IntegrityError:
            raise AccreteError(f"There is a company {company.slug} already.") from None

    def set_state(self, slug: str, state: str) -> None:
        """Changes the state of a company."""
        with self._open() as db:
            db.execute("UPDATE company SET state = ? WHERE slug = ?", (state, slug))

    def provider(self, slug: str) -> Provider | None:
        """Where the people of a company sign in, if not with a password alone."""
        with self._open() as db:
            row = db.execute("SELECT * FROM provider WHERE slug = ?", (slug,)).fetchone()
        return Provider._make(row) if row else None

    def set_provider(self, slug: str, provider: Provider | None) -> None:
        """Sets that, or takes it away."""
        with self._open() as db:
            db.execute("DELETE FROM provider WHERE slug = ?", (slug,))
            if provider is not None:
                db.execute("INSERT INTO provider VALUES (?, ?, ?, ?)", provider)

    def moving(self, slug: str) -> Move | None:
        """The move of a company that has not ended."""
        with self._open() as db:
            row = db.execute("SELECT * FROM move WHERE slug = ?", (slug,)).fetchone()
        return Move._make(row) if row else None

    def begin_move(self, there: Company) -> None:
        """Closes a company and says where its new database is to be, before there is anything."""
        with self._all_or_none() as db:
            (before,) = db.execute(
                "SELECT CASE c.state WHEN 'moving' THEN COALESCE(m.before, 'active') "
                "ELSE c.state END FROM company c LEFT JOIN move m ON m.slug = c.slug "
                "WHERE c.slug = ?",
                (there.slug,),
            ).fetchone()
            db.execute(
                "INSERT OR REPLACE INTO move VALUES (?, ?, ?, 'making', ?)",
                (there.slug, there.engine, there.address, before),
            )
            db.execute("UPDATE company SET state = 'moving' WHERE slug = ?", (there.slug,))

    def switch(self, slug: str) -> None:
        """Says that a company is in its new database, and opens it there."""
        with self._all_or_none() as db:
            old = db.execute(
                "SELECT engine, address FROM company WHERE slug = ?", (slug,)
            ).fetchone()
            db.execute(
                "UPDATE company SET (engine, address, state) = "
                "(SELECT engine, address, before FROM move WHERE move.slug = company.slug) "
                "WHERE slug = ?",
                (slug,),
            )
            db.execute(
                "UPDATE move SET engine = ?, address = ?, state = 'going' WHERE slug = ?",
                (*old, slug),
            )

    def stay(self, slug: str) -> None:
        """Opens a company again that does not move."""
        with self._open() as db:
            db.execute(
                "UPDATE company SET state = COALESCE("
                "(SELECT before FROM move WHERE move.slug = company.slug), 'active') "
                "WHERE slug = ? AND state = 'moving'",
                (slug,),
            )

    def end_move(self, slug: str) -> None:
        """Says that there is nothing left of a company's other database."""
        with self._open() as db:
            db.execute("DELETE FROM move WHERE slug = ?", (slug,))

    @contextmanager
    def _all_or_none(self) -> Iterator[sqlite3.Connection]:
        """One transaction; closing the list takes back what was not committed."""
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")

    def remove(self, slug: str) -> None:
        """Takes a company off the list."""
        self.set_provider(slug, None)
        self.end_move(slug)
        with self._open() as db:
            db.execute("DELETE FROM company WHERE slug = ?", (slug,))


def check_slug(slug: str) -> str:
    """The name of a company in addresses. Raises AccreteError for one that cannot be."""
    if not SLUG.fullmatch(slug) or slug in RESERVED:
        raise AccreteError(
            f"{slug[:60]!r} cannot be the name of a company in addresses. Use small letters, "
            "digits and hyphens, at most 39."
        )
    return slug
