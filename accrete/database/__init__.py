"""Opens SQLite and PostgreSQL databases, keeps their schema current, and runs questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accrete.database.question import Question, Row, T
from accrete.database.sqlite import Sqlite

if TYPE_CHECKING:
    from accrete.database.postgres import Postgres

    Database = Sqlite | Postgres

__all__ = ["Database", "Postgres", "Question", "Row", "Sqlite", "T"]


def __getattr__(name: str) -> object:
    """`Postgres` and `Database` when they are asked for: a command on a laptop needs neither."""
    if name not in ("Postgres", "Database"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from accrete.database.postgres import Postgres

    return Postgres if name == "Postgres" else Sqlite | Postgres
