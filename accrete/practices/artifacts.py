"""Artifacts: plans, specifications and documents written down, so that they outlive the session."""

from __future__ import annotations

import re
from collections.abc import Iterator

from accrete.practices.practice import DOCS, Practice, Sighting, seen
from accrete.story import Call, Story

_PROSE = (".md", ".mdx", ".markdown", ".rst", ".adoc")
_NOT = re.compile(
    r"(?:^|/)(?:claude(?:\.local)?\.md|agents\.md|gemini\.md|memory\.md|changelog[^/]*|changes[^/]*|history\.md|license[^/]*)$"
    r"|/\.claude/(?:projects/[^/]+/memory|skills|commands|agents|output-styles)/|(?:^|/)\.[a-z-]+/(?:skills|commands|agents|rules)/|/skill\.md$",
    re.IGNORECASE,
)


def find(story: Story) -> Iterator[Sighting]:
    """One sighting for each document that was written or edited: at its first edit."""
    code = min((call.seq for call in story.landed_code if not call.run), default=None)
    first: dict[str, Call] = {}
    for call in story.landed:
        path = _path(call)
        if path.lower().endswith(_PROSE) and not _NOT.search(path):
            first.setdefault(path, call)
    read: dict[str, int] = {}
    for call in story.calls:
        if call.tool == "Read" and call.ok:
            path = _path(call)
            read[path] = max(read.get(path, 0), call.at or 0)
    for path, call in first.items():
        marks = []
        if not call.run and (code is None or call.seq < code):
            marks.append("before-code")
        if read.get(path, 0) > (call.at or 0):
            marks.append("read-again")
        yield seen(call, *marks, note=path.rsplit("/", 1)[-1])


def _path(call: Call) -> str:
    return (call.target or "").replace("\\", "/")


PRACTICE = Practice(
    name="artifacts",
    title="Artifacts",
    what="Plans, specs and documents written as Markdown. Memory files, changelogs and skills are not among them.",
    why="What is only in a conversation is gone with it. A written spec can be read by the next session, and by people.",
    source=DOCS + "best-practices#let-claude-interview-you",
    good="A spec before the code, read again by the session that builds it.",
    marks={"before-code": "before any code was edited", "read-again": "read again later"},
    try_next="“Interview me about this with AskUserQuestion, then write what we agreed to SPEC.md.” Then build it in a fresh session.",
    possible=lambda story: bool(story.landed) or len(story.main) >= 5,
    find=find,
)
