"""Isolation: parallel work, each in its own worktree."""

from __future__ import annotations

import re
from collections.abc import Iterator

from accrete.outcomes.story import Call, Story
from accrete.outcomes.tool_names import SHELLS, SPAWNS
from accrete.practices.practice import DOCS, Practice, Sighting, seen
from accrete.text.lazy import lazy

_TREE = lazy(r"[/\\](?:[\w.-]*[._-])?worktrees?[/\\][^/\\]+", re.IGNORECASE)
"""A folder in one for worktrees, whatever its beginning: `.worktrees/x`, `worktrees/x`,
`demo-worktrees/x`."""

_TOLD = lazy(r"^agentId: .*\nworktreePath: \S.*(\nworktreeBranch: \S)?", re.MULTILINE)
"""What the client tells of a subagent that had a worktree: it was asked for, or its type says
so."""


def find(story: Story) -> Iterator[Sighting]:
    """One sighting for each worktree that was made or entered, or one for a session that ran in
    one."""
    found = False
    for call in story.calls:
        made = call.tool == "EnterWorktree" and call.ok
        added = (
            _added(call)
            if call.tool in SHELLS and call.ok and "worktree" in (call.target or "")
            else None
        )
        if made or added:
            found = True
            own = made or (added and {"-b", "-B"} & set(added))
            yield seen(
                call,
                *(("own-branch",) if own else ()),
                note="EnterWorktree" if made else "git worktree add",
            )
    tree = next((tree for tree in story.trees if _TREE.search(tree)), None)
    for call in story.main:
        told = _TOLD.search(str(call.detail.get("isolated", ""))) if call.tool in SPAWNS else None
        asked = call.in_worktree
        if told or (asked and call.status not in ("rejected", "error")):
            found = True
            branch = asked or (told is not None and bool(told.group(1)))
            yield seen(call, *(("own-branch",) if branch else ()), note="a subagent in a worktree")
    if tree and not found and story.turns and _worked(story):
        yield seen(story.turns[0], "own-branch", note="ran in a worktree")


def _worked(story: Story) -> bool:
    """Whether something was done there: edited, committed, checked, or given to subagents, whose
    files may be gone."""
    return bool(story.landed) or any(
        c.commits or c.checks or (c.tool in SPAWNS and c.ok) for c in story.calls
    )


def _added(call: Call) -> tuple[str, ...] | None:
    """The words of the `git worktree add` that a shell call ran, None if it ran none."""
    from accrete.outcomes.commits import git_words
    from accrete.outcomes.shell import commands

    for simple in commands(call.target or "", powershell=call.tool == "PowerShell"):
        words = git_words(simple.words)
        if words[:2] == ("worktree", "add"):
            return words
    return None


PRACTICE = Practice(
    name="isolation",
    title="Isolation",
    what="Worktrees: sessions or subagents that work at the same time, "
    "each in a folder and on a branch of its own.",
    why="Two sessions in one folder overwrite each other's files "
    "and run each other's half-done code.",
    source=DOCS + "worktrees",
    good="One worktree for each parallel task, on its own branch.",
    marks={"own-branch": "on a branch of its own"},
    try_next="claude --worktree fix-login, in a second terminal, for the next independent task.",
    possible=lambda story: bool(story.landed) and story.under_git,
    find=find,
    version=4,
)
