"""Isolation: work that runs side by side, each in a tree of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from accrete.practices.practice import DOCS, Practice, Sighting, seen
from accrete.practices.words import is_git
from accrete.story import SHELLS, Story

_ADD = re.compile(r"(?:^|[;&|(\n]\s*|\s)git(?:\s+-C\s+\S+)?\s+worktree\s+add\b")
_TREE = re.compile(r"[/\\]\.(?:claude[/\\])?worktrees?[/\\][^/\\]+")


def find(story: Story) -> Iterator[Sighting]:
    """One sighting for each worktree that was made or entered, or one for a session that ran in one."""
    found = False
    for call in story.calls:
        made = call.tool == "EnterWorktree" and call.ok
        added = (
            call.tool in SHELLS
            and call.ok
            and _ADD.search(call.target or "")
            and not re.match(r"\s*(?:echo|printf)\b", call.target or "")
        )
        if made or added:
            found = True
            own = made or re.search(r"\s-[bB]\s", call.target or "")
            yield seen(call, *(("own-branch",) if own else ()), note="EnterWorktree" if made else "git worktree add")
    tree = next((tree for tree in story.trees if _TREE.search(tree)), None)
    if tree and not found and story.turns:
        yield seen(story.turns[0], "own-branch", note="ran in a worktree")


PRACTICE = Practice(
    name="isolation",
    title="Isolation",
    what="Worktrees: sessions or subagents that work at the same time, each in a folder and on a branch of its own.",
    why="Two sessions in one folder overwrite each other's files and run each other's half-done code.",
    source=DOCS + "worktrees",
    good="One worktree for each thing that goes on at once, on its own branch.",
    marks={"own-branch": "on a branch of its own"},
    try_next="claude --worktree fix-login, in a second terminal, for the next independent task.",
    possible=lambda story: bool(story.landed) and is_git(story),
    find=find,
)
