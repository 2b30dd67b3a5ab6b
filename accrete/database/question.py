"""A question: its statements, and the function that turns their rows into the answer; for either
engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Answer = TypeVar("Answer", covariant=True)
Row = tuple[Any, ...]
WRITES = frozenset({"INSERT ", "UPDATE ", "DELETE ", "REPLACE"})
"""How statements begin that write rows: each is a transaction of its own where none is open."""


class Question(Generic[Answer]):
    """Statements to ask in order, and the function that makes the answer of their rows. They are
    asked in one read transaction, so that no writer comes between two of them. many: they join a
    good part of large tables, which PostgreSQL takes for a few rows, since it does not know that a
    session has one person: it is told not to look up row by row."""

    __slots__ = ("many", "shape", "statements")

    def __init__(
        self,
        statements: tuple[tuple[str, Sequence[object]], ...],
        shape: Callable[[list[list[Row]]], Answer],
        many: bool = False,
    ) -> None:
        self.statements = statements
        self.shape = shape
        self.many = many


class Together:
    """Several questions that one question asks, so that their answers are of one moment."""

    def __init__(self) -> None:
        self._asked: list[tuple[str, Sequence[object]]] = []
        self._many = False

    @property
    def statements(self) -> tuple[tuple[str, Sequence[object]], ...]:
        """The statements of all of them, in their order."""
        return tuple(self._asked)

    @property
    def rows(self) -> Question[list[list[Row]]]:
        """All of them, asked at once, for those who make the answers later: the rows that what
        `add` returned takes."""
        return Question(self.statements, lambda answers: answers, self._many)

    def add(self, question: Question[T]) -> Callable[[list[list[Row]]], T]:
        """Takes a question in; returns what makes its answer of the rows of all statements."""
        at = len(self._asked)
        self._asked += question.statements
        self._many = self._many or question.many
        end = len(self._asked)
        return lambda answers: question.shape(answers[at:end])
