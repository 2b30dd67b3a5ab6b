"""Context: keeping what Claude has in view to what the task needs."""

from __future__ import annotations

from collections.abc import Iterator

from accrete.outcomes.story import Call, Story, Turn
from accrete.practices.practice import DOCS, Practice, Sighting, seen
from accrete.practices.slash_commands import arguments_of, command_of
from accrete.text.lazy import lazy

_COMMANDS = frozenset({"clear", "new", "reset", "compact", "context", "memory", "rewind", "btw"})
_MEMORY_FOLDER = lazy(r"/\.claude/projects/[^/]+/memory/|/\.claude/(?:agent-)?memory/")
_DECORATED = lazy(
    r"[ \t]*@[\w.]+(?:\([^\n]*\))?[ \t]*\n[ \t]*(?:@|(?:async )?def |class |public |private |"
    r"export )"
)
"""A line of pasted code that decorates the next one."""
_LEAVING = frozenset({"exit", "quit"})
_MENTION = lazy(
    r"(?:^|(?<=[\s(\[\"']))@(?:\"[^\"]+\"|[\w.~/-]*[\w-]\.[A-Za-z]\w{0,9}(?![\w/@])|"
    r"[\w.~-]*/(?:[\w.~-]+/)*(?=[\s,;:)]|$))"
)
"""`@file`: after an at sign a file with an extension, or a folder that ends in a slash. Addresses,
handles and packages do not count."""
_MEMORY = ("CLAUDE.md", "CLAUDE.local.md", "AGENTS.md")


def find(story: Story) -> Iterator[Sighting]:
    """Commands that manage the context, files named with @, and memory files that were edited, each
    once."""
    last = max((turn.seq for turn in story.turns if command_of(turn) not in _LEAVING), default=0)
    found = [s for turn in story.turns if (s := _of_turn(turn, last)) is not None]
    kept: dict[str, Call] = {}
    for call in story.landed:
        path = (call.target or "").replace("\\", "/")
        if path.endswith(_MEMORY) or _MEMORY_FOLDER.search(path):
            kept.setdefault(path, call)
    found += [seen(call, "memory", note=path.rpartition("/")[2]) for path, call in kept.items()]
    return iter(sorted(found, key=lambda s: (s.seq, s.uuid)))


def _of_turn(turn: Turn, last: int) -> Sighting | None:
    name = command_of(turn)
    if name in _COMMANDS:
        marks = []
        if name == "compact":
            marks.append("before-the-wall")
            if arguments_of(turn):
                marks.append("with-instructions")
        elif name in ("clear", "new", "reset") and turn.seq < last:
            marks.append("between-tasks")
        return seen(turn, *marks, note=f"/{name}")
    words = arguments_of(turn) if turn.kind == "slash_command" else turn.words
    for match in _MENTION.finditer(words):
        if not _DECORATED.match(words, words.rfind("\n", 0, match.start()) + 1):
            return seen(turn, "mention", note=match.group(0)[:80])
    return None


PRACTICE = Practice(
    name="context",
    title="Context",
    what="/clear between tasks, /compact before the context is full, /context, /rewind, mentioning "
         "files with @, and keeping CLAUDE.md current.",
    why="Claude gets worse as its context fills. What it does not need costs money and attention.",
    source=DOCS + "best-practices#manage-context-aggressively",
    good="A fresh session for each task; /compact by you, "
         "saying what to keep, before Claude Code has to compact.",
    marks={"before-the-wall": "you compacted, not Claude Code",
           "with-instructions": "saying what to keep",
           "between-tasks": "a clear between tasks", "mention": "a file named with @",
           "memory": "CLAUDE.md or memory edited"},
    try_next="`/clear` when you start something else. "
             "To continue: `/compact keep the decisions and the failing test`.",
    possible=lambda story: bool(story.turns),
    find=find,
    version=2,
)  # fmt: skip
