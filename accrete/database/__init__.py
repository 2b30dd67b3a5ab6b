"""Opens SQLite and PostgreSQL databases, keeps their schema current, and runs questions."""

from accrete.database.postgres import Postgres
from accrete.database.question import Question, Row, T
from accrete.database.sqlite import Sqlite

Database = Sqlite | Postgres

__all__ = ["Database", "Postgres", "Question", "Row", "Sqlite", "T"]
