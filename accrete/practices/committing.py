"""Committing: work put down in small commits, while it is green."""

from __future__ import annotations

from collections.abc import Iterator

from accrete.outcomes.checks import PASSED
from accrete.outcomes.commits import QUIET
from accrete.practices.practice import DOCS, Practice, Sighting, seen
from accrete.practices.words import is_git
from accrete.story import EDITS, Story

SMALL = 200
"""Lines added and removed up to which a commit counts as small."""


def find(story: Story) -> Iterator[Sighting]:
    """One sighting for each call that made a commit that is known to have happened."""
    changed, verdict = 0, None
    for call in story.main:
        if call.tool in EDITS and call.ok:
            changed += (call.added or 0) + (call.removed or 0)
        if call.checks:
            verdict = call.checks[-1].verdict
        made = [commit for commit in call.commits if commit.confidence != QUIET]
        if not made:
            continue
        marks = []
        if 0 < changed <= SMALL:
            marks.append("small")
        if verdict == PASSED:
            marks.append("checks-green")
        changed = 0
        yield seen(call, *marks, note=made[-1].subject or made[-1].sha)


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
