"""Sentences for what a tool call made: commits, pull requests, checks."""

from __future__ import annotations

from accrete.outcomes.kinds import UNSURE
from accrete.queries.replay import CheckRow, CommitRow, Entry


def commit_line(made: CommitRow) -> str:
    """`1a2b3c4 Add the cart`, and how sure it is where that is not certain."""
    said = f"{made.sha[:7] if made.sha else 'a commit'} {made.subject or ''}".strip()
    return f"{said} ({made.confidence})" if made.confidence in UNSURE else said


def check_line(run: CheckRow) -> str:
    """`pytest passed (12 passed, 0 failed)`."""
    counts = (
        f" ({run.passed} passed, {run.failed} failed)"
        if run.passed is not None or run.failed
        else ""
    )
    return (
        f"{run.runner} {'ran, result unknown' if run.verdict == 'unknown' else run.verdict}{counts}"
    )


def notes(entry: Entry) -> list[str]:
    """Everything that a call made, a line each: checks, commits, pull requests."""
    return [
        *map(check_line, entry.checks),
        *(f"commit {commit_line(each)}" for each in entry.commits),
        *(f"pull request {url}" for url in entry.pulls),
    ]
