"""Artifacts: plans, specifications and documents written down, so that they outlive the session."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from accrete.outcomes.story import Call, Story
from accrete.outcomes.tool_names import EDITS
from accrete.practices.practice import DOCS, Practice, Sighting, seen
from accrete.text.lazy import lazy

LINES = 5
"""Minimum lines added before a document counts as written; correcting a number does not count."""

_TREE = lazy(r"/\.(?:claude/)?worktrees/[^/]+/")
_PROSE = (".md", ".mdx", ".markdown", ".rst", ".adoc")
_NOT = lazy(
    r"(?:^|/)(?:claude(?:\.local)?\.md|agents\.md|gemini\.md|memory\.md|copilot-instructions\.md|"
    r"[^/]*\.instructions\.md|"
    r"changelog[^/]*|changes[^/]*|history\.md|license[^/]*)$"
    r"|/\.claude/(?:projects/[^/]+/memory|skills|commands|agents|output-styles)/|(?:^|"
    r"/)\.[a-z-]+/(?:skills|commands|agents|rules)/|/skill\.md$",
    re.IGNORECASE,
)


def find(story: Story) -> Iterator[Sighting]:
    """One sighting for each document that was written, or edited by more than a few lines: where
    that began."""
    code = min((_when(call) for call in story.landed_code if not call.run), default=None)
    first: dict[str, Call] = {}
    added = Counter[str]()
    for call in sorted(story.landed, key=_when):
        path = _path(call)
        if path.lower().endswith(_PROSE) and not _NOT.search(path):
            added[path] += LINES if call.tool == "Write" or call.added is None else call.added
            if added[path] >= LINES:
                first.setdefault(path, call)
    again = _read_again(story, first)
    for path, call in first.items():
        marks = []
        if not call.run and code is not None and _when(call) < code:
            marks.append("before-code")
        if path in again:
            marks.append("read-again")
        yield seen(call, *marks, note=path.rpartition("/")[2])


def _read_again(story: Story, first: dict[str, Call]) -> set[str]:
    """The documents that were read after they were written; not where the reader edits them next,
    as who edits a file has to read it."""
    found = set()
    named = {
        _TREE.sub("/", path): path for path in first
    }  # read in another worktree it is the same document
    next_edits: set[tuple[str, str]] = set()
    for call in sorted(story.calls, key=_when, reverse=True):
        path = named.get(_TREE.sub("/", _path(call))) if call.ok else None
        if path is None:
            continue
        if call.tool in EDITS:
            next_edits.add((call.run, path))
        elif call.tool == "Read":
            if (call.run, path) not in next_edits and _when(call) > _when(first[path]):
                found.add(path)
            next_edits.discard((call.run, path))
    return found


def _when(call: Call) -> tuple[int, int]:
    return call.at or 0, call.seq


def _path(call: Call) -> str:
    return (call.target or "").replace("\\", "/")


PRACTICE = Practice(
    name="artifacts",
    title="Artifacts",
    what="Plans, specs and documents written as Markdown. Memory files, changelogs and skills do "
    "not count; plans from plan mode are under Planning.",
    why="What is only in a conversation is lost with it. "
    "The next session, and people, can read a written spec.",
    source=DOCS + "best-practices#let-claude-interview-you",
    good="A spec before the code, read again by the session that builds it.",
    marks={"before-code": "before code was edited", "read-again": "read again later"},
    try_next="“Interview me about this with AskUserQuestion, then write what we agreed to "
    "SPEC.md.” Then build it in a fresh session.",
    possible=lambda story: bool(story.landed) or len(story.main) >= 5,
    find=find,
    version=2,
)
