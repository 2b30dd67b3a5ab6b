"""Which project a folder belongs to: its git remote without credentials, else its repository, else itself."""

from __future__ import annotations

import configparser
import os
import platform
import re
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

_WORKTREE = re.compile(r"^(.+?)[/\\]\.claude[/\\]worktrees[/\\][^/\\]+")
_PROTECTED = ("Desktop", "Documents", "Downloads", "Library")


class Project(NamedTuple):
    """A project. `remote` is `host/owner/name` or None; `root` the main work tree or the folder itself."""

    id: str
    name: str
    remote: str | None
    root: str


def identify(cwd: str) -> Project:
    """The project of a folder, which need not exist any more. Worktrees fold into their repository. Reads the
    repository's own files only, and runs no git."""
    match = _WORKTREE.match(cwd)
    base = match.group(1) if match else cwd.rstrip("/\\") or cwd
    found = repository(base)
    root, remote = found or (base, None)
    identity = f"remote:{remote}" if remote else f"path:{root}"
    name = (remote or root).replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] or root
    return Project(blake2b(identity.encode("utf-8", "replace"), digest_size=12).hexdigest(), name, remote, root)


def normalise_remote(url: str) -> str | None:
    """`host/owner/name` from any form of a git remote; credentials, scheme, port and `.git` go. None for a local path."""
    url = url.strip()
    match = re.match(r"^[a-z][a-z0-9+.-]*://(?:[^/@]*@)?([^/:]+)(?::\d+)?/(.+)$", url, re.IGNORECASE)
    if match is None:
        match = re.match(r"^(?:[^/@]*@)?([^/:\\]{2,}):(?!//)(.+)$", url)
    if match is None or url.lower().startswith("file:"):
        return None
    host, path = match.group(1).lower(), match.group(2).strip("/")
    path = path.removesuffix(".git").rstrip("/")
    return f"{host}/{path}" if path else None


def _may_look(folder: str) -> bool:
    """Not into folders that macOS guards with a question to the user."""
    home = os.path.expanduser("~")
    guarded = platform.system() == "Darwin" and any(folder.startswith(os.path.join(home, name)) for name in _PROTECTED)
    return os.path.isabs(folder) and not guarded


def repository(folder: str) -> tuple[str, str | None] | None:
    """(main work tree, remote) of the repository that holds a folder; None where there is none, or where macOS would
    ask its user before letting anybody look."""
    if not _may_look(folder):
        return None
    try:
        for parent in (Path(folder), *Path(folder).parents):
            entry = parent / ".git"
            if entry.is_dir():
                return str(parent), _remote(entry)
            if entry.is_file():
                common = _common_dir(parent, entry)
                if common is not None:
                    root = common.parent if common.name == ".git" else parent
                    return str(root), _remote(common)
    except (OSError, ValueError):
        return None
    return None


def _common_dir(work_tree: Path, pointer: Path) -> Path | None:
    """The shared git folder that a worktree's or submodule's `.git` file leads to."""
    text = pointer.read_text("utf-8", "replace")
    if not text.startswith("gitdir:"):
        return None
    git_dir = (work_tree / text[7:].strip()).resolve()
    common = git_dir / "commondir"
    return (git_dir / common.read_text("utf-8", "replace").strip()).resolve() if common.is_file() else git_dir


def _remote(git_dir: Path) -> str | None:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True, delimiters=("=",))
    try:
        parser.read_string((git_dir / "config").read_text("utf-8", "replace"))
    except (OSError, configparser.Error):
        return None
    sections = sorted(parser.sections(), key=lambda name: name != 'remote "origin"')
    for section in sections:
        if section.startswith("remote ") and parser.has_option(section, "url"):
            return normalise_remote(parser.get(section, "url") or "")
    return None
