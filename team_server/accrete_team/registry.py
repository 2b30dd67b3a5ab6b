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


class Registry:
    """The list of companies, in a file of its own that only the server's user reads. Raises
    AccreteError where there can be no such file, or it is none."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.path = home / "registry.db"
        try:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._open() as db:
                db.execute(_SCHEMA)
                db.execute(_PROVIDERS)
            self.path.chmod(0o600)
        except OSError as error:
            raise AccreteError(
                f"Cannot use {home} as the server's data folder: {error.strerror}. "
                "Set ACCRETE_TEAM_HOME to another."
            ) from None
        except sqlite3.Error as error:
            raise AccreteError(f"Cannot use the list of companies, {self.path}: {error}.") from None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self.path, timeout=10, isolation_level=None)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            yield db
        finally:
            db.close()

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

    def move(self, slug: str, engine: str, address: str) -> None:
        """Says where the database of a company is from now on."""
        with self._open() as db:
            db.execute(
                "UPDATE company SET engine = ?, address = ? WHERE slug = ?", (engine, address, slug)
            )

    def remove(self, slug: str) -> None:
        """Takes a company off the list."""
        self.set_provider(slug, None)
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
