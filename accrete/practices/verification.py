"""Verification: a check that Claude runs after it changed something."""

from __future__ import annotations

import re
from collections.abc import Iterator

from accrete.outcomes.checks import FAILED, PASSED
from accrete.practices.practice import DOCS, Practice, Sighting, seen
from accrete.story import Call, Story

_OF_PROSE = frozenset({"markdownlint", "vale"})
"""Linters of prose: they say nothing of code."""
_SHOTS = re.compile(r"^mcp__.*(?:screenshot|browser_snapshot|take_snapshot)$")


def find(story: Story) -> Iterator[Sighting]:
    """One sighting for each call that checked what was edited before: tests, build, lint, or a picture of the page."""
    edits = sorted(call.at or 0 for call in story.landed_code)
    if not edits:
        return
    checking = [
        call
        for call in story.calls
        if (any(check.runner not in _OF_PROSE for check in call.checks) or (_SHOTS.match(call.tool) and call.ok))
        and (call.at or 0) >= edits[0]
    ]
    checking.sort(key=lambda call: (call.at or 0, call.seq))
    last: dict[tuple[str, str], str | None] = {}
    for index, call in enumerate(checking):
        verdict, kinds = _verdict(call), {(check.kind, check.runner) for check in call.checks}
        marks = []
        if index == len(checking) - 1 and (call.at or 0) >= edits[-1] and verdict == PASSED:
            marks.append("green-at-the-end")
        if verdict == PASSED and any(last.get(kind) == FAILED for kind in kinds):
            marks.append("failure-fixed")
        last.update(dict.fromkeys(kinds, verdict))
        yield seen(call, *marks, note=call.checks[0].runner if call.checks else "screenshot")


def _verdict(call: Call) -> str | None:
    verdicts = {check.verdict for check in call.checks}
    return FAILED if FAILED in verdicts else PASSED if verdicts == {PASSED} else None


PRACTICE = Practice(
    name="verification",
    title="Verification",
    what="Tests, a build, a lint or a screenshot after code was edited.",
    why="With a check that it can run, Claude sees its own mistakes and corrects them; without one, you are the check.",
    source=DOCS + "best-practices#give-claude-a-way-to-verify-its-work",
    good="Green after the last edit; what failed on the way was fixed.",
    marks={"green-at-the-end": "passed after the last edit", "failure-fixed": "passed after it had failed"},
    try_next="“Write a failing test for this first, make it pass, then run the whole suite and show me the result.”",
    possible=lambda story: bool(story.landed_code),
    find=find,
)
