"""Committing: work put down in small commits, while it is green."""

from __future__ import annotations

from collections.abc import Iterator

from accrete.outcomes.checks import PASSED
from accrete.outcomes.commits import QUIET
from accrete.practices.practice import DOCS, Practice, Sighting, seen
from accrete.practices.words import is_git
from accrete.story import Call, Story

SMALL = 200
"""Lines added and removed up to which a commit counts as small."""


def find(story: Story) -> Iterator[Sighting]:
    """One sighting for each call that made a commit that is known to have happened."""
    since = -1
    for call in story.main:
        made = [commit for commit in call.commits if commit.confidence != QUIET]
        if not made:
            continue
        marks = []
        changed = sum((e.added or 0) + (e.removed or 0) for e in story.landed if not e.run and since < e.seq < call.seq)
        if 0 < changed <= SMALL:
            marks.append("small")
        if _green(story, call):
            marks.append("checks-green")
        since = call.seq
        yield seen(call, *marks, note=made[-1].subject or made[-1].sha)


def _green(story: Story, commit: Call) -> bool:
    before = [check for call in story.main if call.seq <= commit.seq for check in call.checks]
    return bool(before) and before[-1].verdict == PASSED


PRACTICE = Practice(
    name="committing",
    title="Committing",
    what="Commits made in the session, as the client recorded them or git printed them.",
    why="A commit is a place to go back to, and a diff that a person can read.",
    source=DOCS + "best-practices#explore-first-then-plan-then-code",
    good="Small commits, each made when the checks have passed.",
    marks={"small": f"up to {SMALL} lines", "checks-green": "the check before it passed"},
    try_next="“Run the tests, then commit this step with a message that says why.”",
    possible=lambda story: bool(story.landed) and is_git(story) or any(call.commits for call in story.calls),
    find=find,
)
