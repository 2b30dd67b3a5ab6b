"""The working folder of each command in a shell text, through `cd`, `pushd`, `popd` and
subshells."""

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
    as if it had, and what leads nobody knows where as if it had not, so a folder is always known.
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
        if words[:1] and words[0] in _GOING and simple.follows not in ("|", "&"):
            left = shell.place
            shell.place = (
                None
                if simple.branch and not self.guesses
                else self._goes(shell, words[0], [w for w in words[1:] if w not in _PLAIN])
            )
            if shell.place is None and self.guesses:
                shell.place = left
            shell.before, shell.tested = left, simple.tested
        return place

    def _shell(self, path: tuple[int, ...]) -> _Shell:
        if path not in self.shells:
            around = self._shell(path[:-1])
            self.shells[path] = replace(around, stack=[*around.stack])
        return self.shells[path]

    def _goes(self, shell: _Shell, word: str, to: list[str]) -> str | None:
        kind, target = _GOING[word], to[0] if to else ""
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
        return self.join(shell.place or "", target or "~")


_GOING = {
    "cd": "go",
    "chdir": "go",
    "Set-Location": "go",
    "sl": "go",
    "pushd": "push",
    "Push-Location": "push",
    "popd": "pop",
    "Pop-Location": "pop",
}
_PLAIN = frozenset({"--", "-P", "-L", "-Path", "-LiteralPath"})
"""Options of these that change nothing about where they lead."""


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
