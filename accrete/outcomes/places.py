"""Where a call's commands work: each folder, and whether it is a scratch repository."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from itertools import pairwise

from accrete.outcomes.commits import git_words, makes_commit
from accrete.outcomes.shell import Simple
from accrete.outcomes.walk import Walk
from accrete.text.lazy import lazy

_TEMPORARY = lazy(
    r"^(?:file://)?(?:/private)?(?:/tmp|/var/tmp|/var/folders|/dev/shm|/run/user/\d+|/t/)(?:/|$)"
    r"|^\$\{?(?:TMPDIR|TMP|TEMP|RUNNER_TEMP|SCRATCH\w*|TEMPDIR)\b|^%TE?MP%|^\$env:TE?MP\b|"
    r"[/\\]AppData[/\\]Local[/\\]Temp(?:[/\\]|$)"
    r"|(?:^|[/\\])(?:scratchpad|pytest-of-[\w.-]+|pytest-\d+)(?:[/\\]|$)",
    re.IGNORECASE,
)
_MADE = lazy(
    r"""(?:^|[\s;&(])(\w+)=["']?(?:\$\(|`)\s*mktemp\b|(?:^|[\s;&(])\$?(\w+)\s*=\s*["']?([^\s"';&]+)"""
)
_ROOTS = frozenset({"/tmp", "/private/tmp", "/var/tmp", "/dev/shm"})  # noqa: S108, compared only
_VARIABLE = lazy(r"^\$\{?(\w+)\}?")
_NAMING = lazy(
    r"-[A-Za-z]*[bBocuj]|--(?:(?:initial-)?branch|origin|config|depth|filter|jobs|(?:ref|object)-format"
    r"|upload-pack|reference(?:-if-able)?|reason|template|shallow-(?:since|exclude)|server-option)"
)
"""Options of git's init, clone and worktree whose value is no folder to work in."""


class Places:
    """The repositories of a session, as far as its commands tell: first all of them are learned,
    then asked for."""

    def __init__(self, home: str | None) -> None:
        self.home = "" if home is None or home.rstrip("/") in _ROOTS else home
        self.made: set[str] = set()
        self.real: set[str] = set()

    def learn(self, found: Sequence[Simple], text: str, cwd: str | None) -> None:
        """Notes where a call initialises, clones or links repositories."""
        for simple, folder in zip(found, folders_of(found, text, cwd or self.home), strict=True):
            words = git_words(simple.words)
            named = [
                word for option, word in pairwise(words)
                if not word.startswith("-") and not _NAMING.fullmatch(option)
            ]  # fmt: skip
            if words[:1] == ("init",):
                self.made.add(_joined(folder, named[-1] if named else "", text))
            elif words[:1] == ("clone",):
                self.real.update(_joined(folder, word, text) for word in named if "://" not in word)
            elif words[:2] == ("worktree", "add"):
                self.real.update(_joined(folder, word, text) for word in named[1:])

    def scratch(
        self, found: Sequence[Simple], text: str, cwd: str | None, output: str
    ) -> list[bool]:
        """For each command of a call, whether it works in a repository that was initialised under a
        temporary folder and is not the one that the session was started in."""
        new = "(root-commit)" in output
        return [
            self._is_scratch(folder, new) for folder in folders_of(found, text, cwd or self.home)
        ]

    def _is_scratch(self, folder: str, new: bool) -> bool:
        if not is_temporary(folder) or (self.home and _within(folder, self.home)):
            return False
        if any(_within(folder, real) for real in self.real):
            return False
        return new or "$(mktemp)" in folder or any(_within(folder, made) for made in self.made)


def is_temporary(path: str) -> bool:
    """Whether a path lies in a folder for temporary files."""
    return _TEMPORARY.search(path) is not None or path.startswith("$(mktemp)")


def folders_of(
    found: Sequence[Simple], text: str, cwd: str, options: Sequence[str] = ("-C", "--work-tree")
) -> list[str]:
    """The folder in which each command works: after `cd`, with git's options that name one."""
    walk, places = Walk(cwd, lambda base, given: _joined(base, given, text), guesses=True), []
    for simple in found:
        rest = git_words(simple.words)
        before = simple.words[: len(simple.words) - len(rest)] if rest else ()
        folder = walk.at(simple) or ""
        for option, value in pairwise(before):
            folder = _joined(folder, value, text) if option in options else folder
        places.append(folder)
    return places


def commit_places(found: Sequence[Simple], text: str) -> list[str]:
    """For each command that commit_commands gives, the folder it ran in as the text says: '' for
    where the call began, else a path, absolute or from there; one that begins with `~`, `$` or `%`
    is known to its machine alone."""
    places = zip(found, folders_of(found, text, "", ("-C",)), strict=True)
    return [folder for simple, folder in places if makes_commit(simple)]


def _joined(place: str, given: str, text: str) -> str:
    """A folder as a command names it, from another; a variable that the text itself sets stands for
    its value."""
    given = _resolved(given, text).replace("\\", "/")
    if given.startswith(("/", "$", "~", "%")) or re.match(r"[A-Za-z]:/", given):
        return _normal(given)
    return _normal(posixpath.join(place, given)) if given else place


def _normal(path: str) -> str:
    """A path without `.` and `..`, but for those above a folder whose place is not known."""
    head, slash, rest = path.partition("/")
    if head[:1] not in ("$", "~", "%") or not slash:
        return posixpath.normpath(path)
    rest = posixpath.normpath(rest)
    return head if rest == "." else f"{head}/{rest}"


def _resolved(given: str, text: str) -> str:
    if given in ("$()", "`"):
        return "$(mktemp)" if "mktemp" in text else given
    match = _VARIABLE.match(given)
    if match is None:
        return given
    for made in _MADE.finditer(text):
        if made.group(1) == match.group(1):
            return "$(mktemp)" + given[match.end() :]
        if made.group(2) == match.group(1) and is_temporary(made.group(3)):
            return made.group(3) + given[match.end() :]
    return given


def _within(folder: str, root: str) -> bool:
    return folder == root or folder.startswith(root.rstrip("/") + "/")
