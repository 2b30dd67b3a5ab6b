"""Derives the worktrees that a session created, listed or ran in, and their repositories."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from accrete.database import Database
from accrete.derive.events import Event, texts_of
from accrete.outcomes.commits import git_words, proven
from accrete.outcomes.shell import Simple, commands
from accrete.outcomes.walk import Walk, is_absolute, joined
from accrete.projects.folders import plain
from accrete.text.lazy import lazy
from accrete.transcript.assemble import AGENT_SEQ

_CALLS = """SELECT tool, target, output, is_error, status, at, seq, agent FROM tool_call
WHERE person = ? AND session = ? AND status IS NOT NULL
AND (tool = 'EnterWorktree' OR (tool IN ('Bash', 'PowerShell') AND target LIKE '%worktree%'))
ORDER BY seq, message_id, tool_use_id"""
_WITH_VALUE = frozenset({"-b", "-B", "--reason"})
_ENTERED = lazy(r"worktree at [\"'“`]?(.+?)[\"'”`]?(?: on branch|\.?$)", re.MULTILINE)
_LISTED = lazy(
    r"^((?:/|[A-Za-z]:[\\/]).*?)(?<=\S)[ \t]+(?:\(bare\)|[0-9a-f]{7,40} (?:\[|\(detached))",
    re.MULTILINE,
)
_PORCELAIN = lazy(r"^worktree (.+)$", re.MULTILINE)


class Place(NamedTuple):
    """A folder that the session was in, from its first to its last line there."""

    cwd: str
    first_seq: int
    last_seq: int


def worktrees_of(
    db: Database, key: tuple[int, str], events: Iterable[Event], places: Sequence[Place]
) -> list[tuple[str, str, int]]:
    """(worktree, folder of its repository, when) of the session `key` (person, id), as `plain`
    spells folders."""
    found: dict[tuple[str, str], int] = {}
    for worktree, made_in, at in (*_recorded(db, events), *_called(db, key, places)):
        if worktree != made_in:
            found[(worktree, made_in)] = max(at, found.get((worktree, made_in), at))
    return [(*pair, at) for pair, at in sorted(found.items())]


def _recorded(db: Database, events: Iterable[Event]) -> Iterator[tuple[str, str, int]]:
    records = [e for e in events if e.kind == "lineage" and e.name == "worktree-state"]
    texts = texts_of(db, records, "text IS NOT NULL")
    for event in records:
        try:
            said = json.loads(texts.get(event.id) or "")
        except ValueError:
            continue
        if isinstance(said, dict) and said.get("worktree") and said.get("of"):
            yield plain(str(said["worktree"])), plain(str(said["of"])), event.at or 0


def _called(
    db: Database, key: tuple[int, str], places: Sequence[Place]
) -> Iterator[tuple[str, str, int]]:
    for tool, target, output, is_error, status, at, seq, agent in db.run(_CALLS, key):
        cwd = _at(places, seq + AGENT_SEQ if agent else seq)
        if cwd is None or status == "rejected":
            continue
        if tool == "EnterWorktree":
            said = None if is_error else _ENTERED.search(output or "")
            pairs: Iterable[tuple[str, str]] = [(plain(said[1]), cwd)] if said else []
        else:
            pairs = in_command(
                target, output or "", cwd, failed=bool(is_error), powershell=tool == "PowerShell"
            )
        for worktree, made_in in pairs:
            yield worktree, made_in, at or 0


def _at(places: Sequence[Place], seq: int) -> str | None:
    """The folder that a line stands in: of those that the session was in then, the one that it came
    to last."""
    then = [place for place in places if place.first_seq <= seq <= place.last_seq] or list(
        places[:1]
    )
    return plain(max(then, key=lambda place: place.first_seq).cwd) if then else None


def in_command(text: str, output: str, cwd: str, *, failed: bool = False, powershell: bool = False
               ) -> Iterator[tuple[str, str]]:  # fmt: skip
    """(worktree, folder of its repository) of the worktrees that a shell command, run in `cwd`,
    made, moved or listed.
    What git refused, or may not have been asked to make, was not made."""
    found = commands(text, powershell=powershell)
    walk, made = Walk(cwd), _Made(text, output, failed, found)
    for index, simple in enumerate(found):
        place = walk.at(simple)
        words = git_words(simple.words)
        if words[:1] != ("worktree",):
            continue
        made_in = _repository_of(simple, words, place)
        if words[1:2] == ("list",):
            yield from _listed(output)
        elif made_in and made.says(index):
            worktree = joined(made_in, _new_place(words[1:]))
            if worktree:
                yield worktree, made_in


def _adds(simple: Simple) -> bool:
    return git_words(simple.words)[:2] == ("worktree", "add")


class _Made:
    """What the output of a call says of the worktrees that its commands (`found`) were to make."""

    def __init__(self, text: str, output: str, failed: bool, found: list[Simple]) -> None:
        self.redirected = ">" in text
        self.output = output
        self.failed = failed
        self.found = found
        self.adds = [simple for simple in found if _adds(simple)]
        self.said = [(branch, _is_made(after)) for branch, after in _prepared(output)]

    def says(self, index: int) -> bool:
        """Whether the worktree of the command number `index` was made or moved. Git tells of each
        that it makes; silence says so only of a command that certainly ran, where git was told to
        be quiet, or its words went elsewhere and a good exit is its own."""
        simple = self.found[index]
        if self.said and _adds(simple):
            return any(self._of(simple))
        if (
            simple.branch
            or simple.tested
            or simple.negated
            or self.failed
            or "fatal: " in self.output
        ):
            return False
        quiet = not _adds(simple) or not {"-q", "--quiet"}.isdisjoint(simple.words)
        elsewhere = self.redirected and (
            proven(self.found, index) or "HEAD is now at " in self.output
        )
        return quiet or elsewhere

    def _of(self, simple: Simple) -> list[bool]:
        """What git said of it: in their order where it told of all, else by the branch that it
        named."""
        if len(self.said) == len(self.adds):
            return [
                ended
                for (_, ended), each in zip(self.said, self.adds, strict=True)
                if each is simple
            ]
        words = git_words(simple.words)
        names = {*words, posixpath.basename(_new_place(words[1:]).replace("\\", "/"))}
        return [ended for name, ended in self.said if name in names or len(self.adds) == 1]


_PREPARING = "Preparing worktree ("


def _prepared(output: str) -> list[tuple[str, str]]:
    """For each of git's lines about a new worktree the branch that it names in quotes ('' for
    none), and what was printed until the next such line."""
    found: list[tuple[str, list[str]]] = []
    for line in output.split("\n"):
        if line.startswith(_PREPARING) and line.rstrip().endswith(")"):
            quoted = line.split("'", 2)
            found.append((quoted[1] if len(quoted) > 2 else "", []))
        elif found:
            found[-1][1].append(line)
    return [(branch, "".join(f"\n{line}" for line in after)) for branch, after in found]


def _is_made(after: str) -> bool:
    """Whether git made the worktree that it was preparing: another command's `fatal: ` comes after
    its last line."""
    return "\nHEAD is now at " in after or not after.startswith("\nfatal: ")


def _repository_of(simple: Simple, words: Sequence[str], place: str | None) -> str | None:
    """The folder that git was told to work in; None if unknown, or its repository lies
    elsewhere."""
    before = simple.words[: len(simple.words) - len(words)]
    if any(word.startswith(("--git-dir", "--work-tree")) for word in before):
        return None
    for option, folder in pairwise(before):
        if option == "-C":
            place = joined(place or "", folder) if place or is_absolute(folder) else None
    return place


def _new_place(words: Sequence[str]) -> str:
    """The new folder that `worktree add` or `worktree move` is given; '' if there is none."""
    given, after = [], ""
    for word in words[1:]:
        if after not in _WITH_VALUE and not word.startswith("-"):
            given.append(word)
        after = word
    number = {"add": 0, "move": 1}.get(words[0] if words else "", 9)
    return given[number] if len(given) > number else ""


def _listed(output: str) -> Iterator[tuple[str, str]]:
    """What `git worktree list` prints: the main one first."""
    found = _PORCELAIN.findall(output) or _LISTED.findall(output)
    for worktree in found[1:]:
        yield plain(worktree), plain(found[0])
