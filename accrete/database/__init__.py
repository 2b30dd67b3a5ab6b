"""Opens the two kinds of database, keeps their schema current, and asks them questions."""

from accrete.database.postgres import Postgres
from accrete.database.question import Question, Row, T
from accrete.database.sqlite import Sqlite

Database = Sqlite | Postgres

__all__ = ["Database", "Postgres", "Question", "Row", "Sqlite", "T"]
