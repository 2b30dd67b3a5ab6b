"""A question: its statements, and the function that turns their rows into the answer; for either
engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Row = tuple[Any, ...]
WRITES = frozenset({"INSERT ", "UPDATE ", "DELETE ", "REPLACE"})
"""How statements begin that write rows: each is a transaction of its own where none is open."""


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """Statements to ask in order, and the function that makes the answer of their rows. They are
    asked in one read transaction, so that no writer comes between two of them."""

    statements: tuple[tuple[str, Sequence[Any]], ...]
    shape: Callable[[list[list[Row]]], T]


def together(*questions: Question[Any]) -> Question[tuple[Any, ...]]:
    """Several questions as one: their answers, in their order, are of one moment."""

    def shape(answers: list[list[Row]]) -> tuple[Any, ...]:
        at, made = 0, []
        for each in questions:
            made.append(each.shape(answers[at : at + len(each.statements)]))
            at += len(each.statements)
        return tuple(made)

    return Question(tuple(one for each in questions for one in each.statements), shape)
