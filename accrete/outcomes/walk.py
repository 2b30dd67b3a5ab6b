"""The working folder of each command in a shell text, through `cd`, `pushd`, `popd` and
subshells. Of what stands in a pipe or in the background only one command is held apart, not a
group, a loop or the body of a function."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from accrete.outcomes.shell import Simple
from accrete.projects.folders import drive_of, plain
from accrete.projects.worktrees import home_of


@dataclass(slots=True)
class _Shell:
    """Where a shell is; None if unknown. tested: it is there if a test held."""

    place: str | None
    before: str | None = None
    stack: list[str | None] = field(default_factory=list)
    tested: bool = False


class Walk:
    """Follows the folder that commands run in, each subshell from where the one around it stood.

    join: names a folder from another one, as `joined` does. guesses: what may not have run counts
    as if it had; `popd`, `cd -` and what `join` has no answer for stay where they are.
    """

    def __init__(
        self,
        cwd: str,
        join: Callable[[str, str], str | None] | None = None,
        *,
        guesses: bool = False,
    ) -> None:
        self.shells: dict[tuple[int, ...], _Shell] = {(): _Shell(cwd)}
        self.join = join or joined
        self.guesses = guesses

    def at(self, simple: Simple) -> str | None:
        """The folder that the next command runs in; None if unknown."""
        shell = self._shell(simple.shell)
        if shell.tested and not simple.tested:
            shell.place, shell.tested = shell.place if self.guesses else None, False
        place, words = shell.place, simple.words
        word = words[0].lower() if words else ""
        if word in _GOING and (simple.follows not in ("|", "&") or word in _POWER):
            there = None
            if self.guesses or not simple.branch:
                there = self._goes(shell, _GOING[word], self._named(words[1:]))
            shell.tested = simple.tested
            if there is not None or not self.guesses:
                shell.place, shell.before = there, place
        return place

    def _named(self, words: tuple[str, ...]) -> list[str]:
        """What a command is told to go to: its words without those that change nothing about it."""
        to, skip = [], False
        for word in words:
            if skip or word.lower() in _VALUED:
                skip = not skip
            elif word.lower() not in _PLAIN:
                to.append(word)
        if self.guesses:  # an option that is not known names no folder
            to = [word for word in to if not (word[:1] == "-" and word[1:2].isalpha())]
        return to[-1:] if self.guesses else to

    def _shell(self, path: tuple[int, ...]) -> _Shell:
        if path not in self.shells:
            around = self._shell(path[:-1])
            self.shells[path] = replace(around, stack=[*around.stack])
        return self.shells[path]

    def _goes(self, shell: _Shell, kind: str, to: list[str]) -> str | None:
        target = to[0] if to else "~"
        if kind == "pop":
            return shell.stack.pop() if shell.stack and not to else None
        if kind == "push" and not to:
            shell.stack.append(shell.place)
            return shell.stack.pop(-2) if len(shell.stack) > 1 else None
        if kind == "push":
            shell.stack.append(shell.place)
        if target == "-":
            return shell.before
        if target.startswith(("-", "+")) or (shell.place is None and not is_absolute(target)):
            return None
        return self.join(shell.place or "", target)


_GOING = {
    "cd": "go",
    "chdir": "go",
    "set-location": "go",
    "sl": "go",
    "pushd": "push",
    "push-location": "push",
    "popd": "pop",
    "pop-location": "pop",
}
_POWER = frozenset({"set-location", "sl", "push-location", "pop-location"})
"""PowerShell's, which move where they stand in a pipe, too."""
_PLAIN = frozenset({"--", "-p", "-l", "-path", "-literalpath", "-passthru"})
"""Options of these that change nothing about where they lead."""
_VALUED = frozenset({"-erroraction", "-ea"})
"""The same with a word behind them."""


def is_absolute(path: str) -> bool:
    """Whether a folder is named from its root."""
    return path.startswith("/") or drive_of(path) is not None


def joined(base: str, path: str) -> str | None:
    """A folder that a command names, from where it runs; None if its name is not known before it
    runs."""
    if not path or re.search(r"[$`*?]|\[redacted:", path):
        return None
    if path[0] == "~":
        home = home_of(base)
        return plain(home + path[1:]) if home and path[1:2] in ("", "/", "\\") else None
    if drive_of(path) or path.startswith(("/", "\\\\")):
        return plain(path, drives=frozenset(filter(None, [drive_of(base)])))
    folder = posixpath.join(base, path.replace("\\", "/") if drive_of(base) else path)
    return folder if folder == base else _normal(folder)


def _normal(folder: str) -> str:
    return (
        "/" + posixpath.normpath(folder) if folder.startswith("//") else posixpath.normpath(folder)
    )
