"""Derives the worktrees that a session made, listed or was in, and the repository of each."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from accrete.database import Database
from accrete.outcomes.commits import git_words
from accrete.outcomes.shell import Simple, commands
from accrete.projects import plain
from accrete.projects.folders import drive_of
from accrete.transcript.assemble import AGENT_SEQ

_CALLS = """SELECT tool, target, output, is_error, status, at, seq, agent FROM tool_call
WHERE person = ? AND session = ? AND status IS NOT NULL
AND (tool = 'EnterWorktree' OR (tool IN ('Bash', 'PowerShell') AND target LIKE '%worktree%'))
ORDER BY seq, message_id, tool_use_id"""
_RECORDS = """SELECT text, COALESCE(at, 0) FROM event WHERE person = ? AND session = ? AND kind = 'lineage'
AND name = 'worktree-state' AND text IS NOT NULL"""
_WITH_VALUE = frozenset({"-b", "-B", "--reason"})
_ENTERED = re.compile(r"worktree at [\"'“`]?(.+?)[\"'”`]?(?: on branch|\.?$)", re.MULTILINE)
_LISTED = re.compile(
    r"^((?:/|[A-Za-z]:[\\/]).*?)(?<=\S)[ \t]+(?:\(bare\)|[0-9a-f]{7,40} (?:\[|\(detached))", re.MULTILINE
)
_PORCELAIN = re.compile(r"^worktree (.+)$", re.MULTILINE)
_HOME = re.compile(r"^(?:/home/[^/]+|/Users/[^/]+|/root|[A-Z]:/Users/[^/]+)(?=/|$)")


class Place(NamedTuple):
    """A folder that the session was in, from its first to its last line there."""

    cwd: str
    first_seq: int
    last_seq: int


def worktrees_of(db: Database, key: tuple[int, str], places: Sequence[Place]) -> list[tuple[str, str, int]]:
    """(worktree, folder of its repository, when) of the session `key` (person, id), as `plain` spells folders."""
    found: dict[tuple[str, str], int] = {}
    for worktree, made_in, at in (*_recorded(db, key), *_called(db, key, places)):
        if worktree != made_in:
            found[(worktree, made_in)] = max(at, found.get((worktree, made_in), at))
    return [(*pair, at) for pair, at in sorted(found.items())]


def _recorded(db: Database, key: tuple[int, str]) -> Iterator[tuple[str, str, int]]:
    for text, at in db.run(_RECORDS, key):
        try:
            said = json.loads(text)
        except ValueError:
            continue
        if isinstance(said, dict) and said.get("worktree") and said.get("of"):
            yield plain(str(said["worktree"])), plain(str(said["of"])), at


def _called(db: Database, key: tuple[int, str], places: Sequence[Place]) -> Iterator[tuple[str, str, int]]:
    for tool, target, output, is_error, status, at, seq, agent in db.run(_CALLS, key):
        cwd = _at(places, seq + AGENT_SEQ if agent else seq)
        if cwd is None or status == "rejected":
            continue
        if tool == "EnterWorktree":
            said = None if is_error else _ENTERED.search(output or "")
            pairs: Iterable[tuple[str, str]] = [(plain(said[1]), cwd)] if said else []
        else:
            pairs = in_command(target, output or "", cwd, failed=bool(is_error), powershell=tool == "PowerShell")
        for worktree, made_in in pairs:
            yield worktree, made_in, at or 0


def _at(places: Sequence[Place], seq: int) -> str | None:
    """The folder that a line stands in: of those that the session was in then, the one that it came to last."""
    then = [place for place in places if place.first_seq <= seq <= place.last_seq] or list(places[:1])
    return plain(max(then, key=lambda place: place.first_seq).cwd) if then else None


def in_command(text: str, output: str, cwd: str, *, failed: bool = False, powershell: bool = False
               ) -> Iterator[tuple[str, str]]:  # fmt: skip
    """(worktree, folder of its repository) of the worktrees that a shell command, run in `cwd`, made, moved or listed.
    What git refused was not made."""
    place = cwd
    for simple in commands(text, powershell=powershell):
        words = git_words(simple.words)
        if simple.words[:1] in (("cd",), ("pushd",), ("Set-Location",)):
            place = _joined(place, simple.words[1] if len(simple.words) > 1 else "~") or place
        if words[:1] != ("worktree",):
            continue
        made_in = _repository_of(simple, words, place)
        if words[1:2] == ("list",):
            yield from _listed(output)
        elif made_in and not _refused(output, failed):
            worktree = _joined(made_in, _new_place(words[1:]))
            if worktree:
                yield worktree, made_in


def _repository_of(simple: Simple, words: Sequence[str], place: str) -> str | None:
    """The folder that git was told to work in."""
    found: str | None = place
    for option, folder in pairwise(simple.words[: len(simple.words) - len(words)]):
        if option == "-C" and found:
            found = _joined(found, folder)
    return found


def _new_place(words: Sequence[str]) -> str:
    """The new folder that `worktree add` or `worktree move` is given; '' where there is none."""
    given, after = [], ""
    for word in words[1:]:
        if after not in _WITH_VALUE and not word.startswith("-"):
            given.append(word)
        after = word
    number = {"add": 0, "move": 1}.get(words[0] if words else "", 9)
    return given[number] if len(given) > number else ""


def _refused(output: str, failed: bool) -> bool:
    return "fatal: " in output or (failed and "Preparing worktree" not in output)


def _joined(base: str, path: str) -> str | None:
    """A folder that a command names, from where it runs; None where its name is not known before it runs."""
    if not path or re.search(r"[$`*?]|\[redacted:", path):
        return None
    if path[0] == "~":
        home = _HOME.match(base)
        return plain(home[0] + path[1:]) if home and path[1:2] in ("", "/", "\\") else None
    if drive_of(path) or path.startswith(("/", "\\\\")):
        return plain(path, drives=frozenset(filter(None, [drive_of(base)])))
    folder = posixpath.join(base, path.replace("\\", "/") if drive_of(base) else path)
    return folder if folder == base else _normal(folder)


def _normal(folder: str) -> str:
    return "/" + posixpath.normpath(folder) if folder.startswith("//") else posixpath.normpath(folder)


def _listed(output: str) -> Iterator[tuple[str, str]]:
    """What `git worktree list` prints: the main one first."""
    found = _PORCELAIN.findall(output) or _LISTED.findall(output)
    for worktree in found[1:]:
        yield plain(worktree), plain(found[0])
