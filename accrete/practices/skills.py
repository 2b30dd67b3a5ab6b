"""Skills: instructions written once, called by name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from accrete.outcomes.story import Call, Story, Turn
from accrete.practices.built_in import BUILT_IN_COMMANDS
from accrete.practices.practice import DOCS, Practice, Sighting, seen
from accrete.practices.slash_commands import command_of
from accrete.text.lazy import lazy

_UNKNOWN = lazy(r"Unknown (?:slash command|command|skill)\b")


_BASE = lazy(r"Base directory for this skill: ([^\n]+)")
_OF_ITS_OWN = lazy(r"^(?:project|user|local):")
"""Before older clients' commands that stand in the project's or the person's folder."""


def _folders(story: Story) -> list[str]:
    """The paths that tell where skills and commands stand: of skills that were loaded, and of files
    worked on."""
    paths = [
        m.group(1)
        for mark in story.marks
        if mark.kind == "injected_context" and (m := _BASE.search(mark.text or ""))
    ]
    paths += [call.target for call in story.calls if call.target and ".claude" in call.target]
    return [path.replace("\\", "/") for path in paths if "/plugins/" not in path.replace("\\", "/")]


def _stands_in(folders: list[str], name: str) -> bool:
    """Whether a command or skill of that name stands in somebody's own `.claude` folder."""
    inner = re.escape(name.replace(":", "/"))
    last = re.escape(name.rpartition(":")[2])
    own = re.compile(
        rf"\.claude/commands/{inner}\.md\b|\.claude/skills/(?:{inner}|{last})(?:/|$)", re.MULTILINE
    )
    return any(own.search(path) for path in folders)


def _uses(story: Story, folders: list[str]) -> list[tuple[str, Turn | Call]]:
    uses: list[tuple[str, Turn | Call]] = []
    for turn in story.turns:
        name = command_of(turn)
        own = name is not None and (name not in BUILT_IN_COMMANDS or _stands_in(folders, name))
        if name and own and not name.startswith("mcp__") and not _unknown(story, turn):
            uses.append((name, turn))
    for call in story.calls:
        name = (call.variant or "").lstrip("/")
        if (
            call.tool == "Skill"
            and call.ok
            and name
            and (name not in BUILT_IN_COMMANDS or _stands_in(folders, name))
        ):
            uses.append((name, call))
    return sorted(uses, key=lambda use: (use[1].seq, use[1].uuid))


def _unknown(story: Story, turn: Turn) -> bool:
    """Whether the client said that it knows no such command."""
    following = min((other.seq for other in story.turns if other.seq > turn.seq), default=1 << 62)
    return any(
        mark.kind == "command_output"
        and turn.seq <= mark.seq < following
        and _UNKNOWN.search(mark.text or "")
        for mark in story.marks
    )


_PATHS = lazy(r"(?<![^\s\"'`<>])[^\s\"'`<>]*\.claude[/\\][^\s\"'`<>]*")


def _told(story: Story, name: str, use: Turn | Call) -> bool | None:
    """Whether the text that the client adds to a command, or the folder of a skill, is somebody's
    own, by its paths; None if it names none."""
    following = min((turn.seq for turn in story.turns if turn.seq > use.seq), default=1 << 62)
    added = [
        mark.text or ""
        for mark in story.marks
        if mark.kind == "injected_context" and use.seq < mark.seq < following
    ]
    if isinstance(use, Turn):
        paths = _PATHS.findall(added[0]) if added else []
    else:
        folders = [m.group(1).strip() for text in added if (m := _BASE.search(text))]
        paths = [
            folder
            for folder in folders
            if re.split(r"[/\\]", folder)[-1] == name.rpartition(":")[2]
        ]
    paths = [path.replace("\\", "/") for path in paths if ".claude" in path]
    return not any("/plugins/" in path for path in paths) if paths else None


def find(story: Story) -> Iterator[Sighting]:
    """One sighting for each skill or custom command that was called, by a person or by Claude."""
    folders = _folders(story)
    uses = _uses(story, folders)
    times = Counter(name.lstrip("/") for name, _ in uses)
    for name, use in uses:
        name = name.lstrip("/")
        marks = []
        told = _told(story, name, use)
        if told is not False and (
            told or ":" not in name or _OF_ITS_OWN.match(name) or _stands_in(folders, name)
        ):
            marks.append("own")
        if times[name] > 1:
            marks.append("again")
        yield seen(use, *marks, note=name)


PRACTICE = Practice(
    name="skills",
    title="Skills",
    what="Skills and custom commands of your own, "
    "your project or a plugin, called by you or by Claude.",
    why="If you explain something for the third time, put it in a file. "
    "Claude loads it only when it needs it.",
    source=DOCS + "skills",
    good="A few skills of your own for weekly tasks, "
    "kept in the project so that others have them too.",
    marks={
        "own": "your own or the project's, not a plugin's",
        "again": "more than once in the session",
    },
    try_next="“Write a skill from what we just did, in .claude/skills/, "
    "so that I can call it by name next time.”",
    possible=lambda story: bool(story.turns),
    find=find,
    version=3,
)
