"""Blocks of four whole weeks: what sums over people are told by, since a range of one's own choice
would tell single days and people apart."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

EPOCH = date(2024, 1, 1)
"""A Monday on which a block began."""
WEEKS = 4


def block_of(week: str) -> str:
    """The Monday on which the block of a week (its Monday) began."""
    weeks = (date.fromisoformat(week) - EPOCH).days // 7
    return (EPOCH + timedelta(7 * (weeks - weeks % WEEKS))).isoformat()


def weeks_of_block(block: str) -> list[str]:
    """The Mondays of a block."""
    return [(date.fromisoformat(block) + timedelta(7 * at)).isoformat() for at in range(WEEKS)]


def whole_blocks(last: str, weeks: int) -> list[str]:
    """The blocks that are over with the week `last`, the newest last: as many as cover `weeks`, at
    least one."""
    newest = block_of((date.fromisoformat(last) + timedelta(7)).isoformat())
    many = max(1, -(-weeks // WEEKS))
    first = date.fromisoformat(newest) - timedelta(7 * WEEKS * many)
    return [(first + timedelta(7 * WEEKS * at)).isoformat() for at in range(many)]


def months_of(week: str) -> list[str]:
    """The months (`2026-11`) that the days of a week are in: one or two."""
    last = (date.fromisoformat(week) + timedelta(6)).isoformat()
    return sorted({week[:7], last[:7]})


def stretches(mondays: Iterable[str]) -> list[str]:
    """The first days of the parts of weeks: each Monday, and the first of a month within a week."""
    return [
        day for week in mondays for day in (week, *(f"{each}-01" for each in months_of(week)[1:]))
    ]
