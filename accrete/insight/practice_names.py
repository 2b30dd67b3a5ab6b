"""The practice that a person or a model means by a word."""

from __future__ import annotations

import re
from difflib import get_close_matches

from accrete.practices import all_practices, named
from accrete.practices.practice import Practice

KNOWN_AS = {
    "artifacts": "plans specs spec specifications documents docs documentation notes",
    "committing": "commit commits git small-commits",
    "context": "clear compact compaction context-window mentions at-mentions context-management",
    "delegation": "subagent subagents sub-agent sub-agents agent agents team teams workflow "
    "workflows parallel-agents delegate delegating",
    "isolation": "worktree worktrees git-worktree git-worktrees isolate parallel-work branches",
    "planning": "plan plan-mode planmode think plan-first",
    "review": "reviews code-review code-reviews reviewing reviewer",
    "skills": "skill slash-command slash-commands commands custom-commands",
    "steering": "interrupt interrupts interruption interruptions correcting corrections "
    "course-correction rewind esc feedback",
    "task-tracking": "todo todos todo-list todo-lists todowrite task tasks task-list "
    "tasks-list tracking",
    "verification": "test tests testing check checks verify verifying lint build builds ci tdd",
}
"""What people call the practices, besides their names."""


def meant(name: str) -> Practice | None:
    """The practice of a name, or of what people call it; None for any other word."""
    folded = _folded(name)
    called = next((right for right, others in KNOWN_AS.items() if folded in others.split()), folded)
    return named(called)


def nearest(name: str) -> str:
    """The name of the practice that a word is most like."""
    names = [each.name for each in all_practices()]
    near = get_close_matches(_folded(name), [*names, *" ".join(KNOWN_AS.values()).split()], n=1)
    return next(
        (each for each in names if near and near[0] in (each, *KNOWN_AS.get(each, "").split())),
        names[0],
    )


def _folded(name: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", name[:60].lower()))
