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
