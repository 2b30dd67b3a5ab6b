"""The database of a company with two people and nothing else, on SQLite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from accrete_team import tokens

from accrete.database import Database, Sqlite

ME, OTHER = 1, 2


@pytest.fixture
def db(tmp_path) -> Iterator[Database]:
    found = Sqlite(tmp_path / "acme.db")
    try:
        found.migrate()
        assert [tokens.add_person(found, name) for name in ("Amara", "Bela")] == [ME, OTHER]
        yield found
    finally:
        found.close()
