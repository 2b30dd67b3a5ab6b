"""Where tools put worktrees: layouts that identify a folder's repository."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from accrete.text.lazy import lazy

IN_CLAUDE, HIDDEN, WITHIN, NEXT_TO, BESIDE = "in .claude", "hidden", "within", "next to", "beside"

_LAYOUTS = (
    (IN_CLAUDE, re.compile(r"^(.+?)/\.claude/worktrees/[^/]+")),
    (HIDDEN, re.compile(r"^(.+?)/\.worktrees/[^/]+")),
    (WITHIN, re.compile(r"^(.+?)/worktrees/[^/]+")),
    (NEXT_TO, re.compile(r"^(.+?)/(?!\.claude/)\.?worktrees/([^/]+)/[^/]+")),
    (BESIDE, re.compile(r"^(.*?/(?!\.claude[._-])[^/]+)[._-]worktrees/[^/]+")),
)
"""Claude Code's own folder; `<repo>/.worktrees/<name>`; `<repo>/worktrees/<name>`;
`.worktrees/<repo>/<name>` or `worktrees/<repo>/<name>` next to the repository;
`<repo>.worktrees/<name>` (VS Code) and `<repo>-worktrees/<name>`. `.claude-worktrees` holds the
worktrees of many repositories."""

_HOME = lazy(r"^(?:/(?:home|Users)/[^/]+|/root|(?:[A-Z]:/U|[a-z]:/u)sers/[^/]+)(?=/|$)")


class Layout(NamedTuple):
    """A layout that a folder fits, and the folder of the repository that it names."""

    kind: str
    repository: str


def layouts(folder: str) -> Iterator[Layout]:
    """The layouts that a folder (a key, or any path with forward slashes) fits. Whether there is
    such a repository is for others to say."""
    for kind, pattern in _LAYOUTS:
        if found := pattern.match(folder):
            yield Layout(kind, "/".join(found.groups()))


def home_of(folder: str) -> str | None:
    """Somebody's home that a folder (a key, or as `folders.plain` gives it) lies in or is."""
    found = _HOME.match(folder)
    return found[0] if found else None


def is_home(folder: str, home: str = "") -> bool:
    """Whether a folder (a key) is somebody's home: worktrees that are kept there are of any
    repository."""
    return folder in (home, home_of(folder))
