"""Committing: small commits while checks pass."""

from __future__ import annotations

from collections.abc import Iterator

from accrete.outcomes.kinds import PASSED
from accrete.outcomes.story import Call, Story, is_prose
from accrete.outcomes.tool_names import EDITS
from accrete.practices.practice import DOCS, Practice, Sighting, seen

SMALL = 200
"""Lines added and removed up to which a commit counts as small."""


def find(story: Story) -> Iterator[Sighting]:
    """One sighting for each call that made a commit that is known to have happened, by whichever
    line."""
    from accrete.outcomes.commits import OWN_KINDS
    from accrete.outcomes.kinds import UNSURE

    changed: dict[str, int] = {}
    verdict = None
    for call in sorted(story.checking, key=lambda call: (call.at or 0, call.seq)):
        if call.tool in EDITS and call.ok:
            changed[call.run] = changed.get(call.run, 0) + (call.added or 0) + (call.removed or 0)
            verdict = verdict if is_prose(call.target) else None
        before, after = _around(call)
        verdict = before or verdict
        made = [
            commit
            for commit in call.commits
            if commit.confidence not in UNSURE and commit.kind in OWN_KINDS
        ]
        if made:
            marks = []
            edited = changed.pop(call.run, 0)
            lines = call.detail.get("committed_lines", edited)
            if isinstance(lines, int) and 0 < lines <= SMALL:
                marks.append("small")
            if verdict == PASSED:
                marks.append("checks-green")
            yield seen(call, *marks, note=made[-1].subject or made[-1].sha)
        verdict = after or verdict


def _around(call: Call) -> tuple[str | None, str | None]:
    """The verdicts of the checks that a call ran before it committed, and after; all are before
    where it did not."""
    from accrete.outcomes.commits import makes_commit
    from accrete.outcomes.runners import runner_of
    from accrete.outcomes.shell import commands

    if not call.checks:
        return None, None
    if not call.commits:
        return call.checks[-1].verdict, None
    found = commands(call.target or "", powershell=call.tool == "PowerShell")
    commit = next((n for n, simple in enumerate(found) if makes_commit(simple)), len(found))
    earlier = sum(runner_of(simple.words) is not None for simple in found[:commit])
    before, after = call.checks[:earlier], call.checks[earlier:]
    return (before[-1].verdict if before else None), (after[-1].verdict if after else None)


PRACTICE = Practice(
    name="committing",
    title="Committing",
    what="Commits made in the session, as Claude Code recorded them or git printed them. Merges, "
    "rebases and cherry-picks do not count.",
    why="A commit is a place to go back to, and a diff that a person can read.",
    source=DOCS + "best-practices#explore-first-then-plan-then-code",
    good="Small commits, each after the checks passed.",
    marks={"small": f"up to {SMALL} lines", "checks-green": "the check before it passed"},
    try_next="“Run the tests, then commit this step with a message that says why.”",
    possible=lambda story: (
        bool(story.landed) and story.under_git or any(call.commits for call in story.calls)
    ),
    find=find,
    version=3,
)
