"""What this machine knows about a folder: its real path, repository and remote."""

from __future__ import annotations

import configparser
import os
import platform
import re
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from accrete.projects.folders import drive_of, elsewhere, plain, stripped
from accrete.projects.worktrees import layouts
from accrete.text.lazy import lazy

_FOLDING_CASE = frozenset({"github.com", "gitlab.com", "bitbucket.org", "dev.azure.com"})
"""Hosts on which `Acme/Shop` and `acme/shop` are one repository."""
_PROTECTED = ("Desktop", "Documents", "Downloads", "Library")


class Seen(NamedTuple):
    """What this machine said of a folder. `real`: where it leads, as `folders.plain` spells it,
    None if that says no more than its name. `root`, `remote`: the main work tree that holds it, so
    spelled, and `host/owner/name`; None if there is none. `there`: whether the folder existed."""

    real: str | None = None
    root: str | None = None
    remote: str | None = None
    there: bool = False

    def redacted(self, redact: Callable[[str], str]) -> Seen:
        """The same with every text redacted."""
        real, root, remote = (redact(text) if text else text for text in self[:3])
        return self._replace(real=real, root=root, remote=remote)


def look(cwd: str) -> Seen:
    """Asks this machine about a folder, which need not exist any more. Reads the repository's own
    files only, and runs no git."""
    home = os.path.expanduser("~")
    path = home + cwd[1:] if cwd == "~" or cwd.startswith("~/") else cwd
    if not _may_look(path):
        return Seen()
    try:
        there = os.path.isdir(path)
        found = repository(path) or _beside(path)
        real = os.path.realpath(path)
    except (OSError, ValueError):
        return Seen()
    leads = there or real != os.path.normpath(path) or path != cwd or _is_mount(path)
    root, remote = found or (None, None)
    return Seen(_spelled(real) if leads else None, _main(root) if root else None, remote, there)


def registered(root: str) -> list[str]:
    """The worktrees that git has on its list for a repository, those among them that were removed
    without telling it.
    root: its main work tree or bare folder, as `look` gives it."""
    found = []
    for git_dir in (Path(root) / ".git", Path(root) / ".bare", Path(root)):
        try:
            for entry in sorted((git_dir / "worktrees").glob("*/gitdir")):
                pointer = entry.read_text("utf-8", "replace").strip()
                if pointer:
                    where = (
                        pointer if drive_of(pointer) else os.path.normpath(entry.parent / pointer)
                    )
                    found.append(_spelled(stripped(where.removesuffix(".git"))))
        except OSError:
            continue
    return found


def _main(root: str) -> str:
    return plain(root) if drive_of(root) else _spelled(os.path.realpath(root))


def _beside(path: str) -> tuple[str, str | None] | None:
    """The repository that a folder which is no more was a worktree of, by where it lay."""
    for layout in layouts(path.replace(os.sep, "/")):
        found = repository(layout.repository)
        if found and os.path.realpath(found[0]) == os.path.realpath(layout.repository):
            return found
    return None


def identity(text: str) -> str:
    """The id of a project: a hash of what makes it one."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=12).hexdigest()


def _spelled(path: str) -> str:
    return plain(path, local=os.name == "posix" and not _in_wsl())


def _in_wsl() -> bool:
    return "microsoft" in platform.release().lower()


def _is_mount(path: str) -> bool:
    """Whether `/mnt/d` or `/c` is a folder of this machine, and no drive of Windows."""
    found = re.match(r"^/(?:mnt/)?[A-Za-z](?=/|$)", path)
    return bool(found and not _in_wsl() and os.path.isdir(found[0]))


def normalise_remote(url: str) -> str | None:
    """`host/owner/name` from any form of a git remote; credentials, scheme, port and `.git` go.
    None for a local path, and for what may have a part of somebody's credentials where the host or
    the first folder should be."""
    url = url.strip()
    match = next((found for form in _REMOTES if (found := form.match(url))), None)
    if match is None or url.lower().startswith("file:"):
        return None
    host, path = match.group(1).lower(), match.group(2).strip("/")
    path = path.removesuffix(".git").rstrip("/")
    return _of_one_host(f"{host}/{path}") if path else None


_HOST = r"([\w.-]+|\[[0-9a-f:.]+\])"
_REMOTES = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"^[a-z][a-z0-9+.-]*://(?:[^/]*@)?{_HOST}(?::\d+)?/(.+)$",
        r"^\[(?:[^/\]]*@)?([\w.-]+)(?::\d+)?\]:(.+)$",
        rf"^[^/]*@{_HOST}:(?!//)(.+)$",
        r"^([\w.-]{2,}):(?!//)([^/@]*(?:/.*)?|@.+)$",
    )
)
"""`scheme://user@host:port/path`, `[user@host:port]:path`, `user@host:path`, `host:path`. A
password may have an @ of its own: the last one before the first slash ends the credentials. Without
a user, `a:b@c` is taken for a user and a password."""


def remote_key(remote: str) -> str:
    """What two spellings (as `normalise_remote` gives them) of one remote share: some hosts do not
    tell case."""
    remote = _of_one_host(remote)
    return remote.lower() if remote.partition("/")[0] in _FOLDING_CASE else remote


def _of_one_host(remote: str) -> str:
    """A remote by the host's usual name, where it also answers to others: SSH through the port of
    HTTPS, the older names of Azure DevOps."""
    host, _, path = remote.partition("/")
    if host in _ALSO_CALLED:
        return f"{_ALSO_CALLED[host]}/{path}"
    for form in _AZURE:
        if (found := form.match(remote)) is not None:
            return f"dev.azure.com/{found[1]}/{found[2] or found[3]}/_git/{found[3]}"
    return remote


_ALSO_CALLED = {
    "ssh.github.com": "github.com",
    "www.github.com": "github.com",
    "altssh.gitlab.com": "gitlab.com",
    "www.gitlab.com": "gitlab.com",
    "altssh.bitbucket.org": "bitbucket.org",
    "www.bitbucket.org": "bitbucket.org",
}
"""https://docs.github.com/authentication/troubleshooting-ssh/using-ssh-over-the-https-port,
https://docs.gitlab.com/topics/git/troubleshooting_git/,
https://support.atlassian.com/bitbucket-cloud/docs/set-up-an-ssh-key/."""
_AZURE = tuple(
    lazy(form, re.IGNORECASE)
    for form in (
        r"^(?:ssh\.dev\.azure|vs-ssh\.visualstudio)\.com/v3/([^/]+)/([^/]+)/([^/]+)$",
        r"^([^./]+)\.visualstudio\.com/(?:DefaultCollection/)?(?:([^/]+)/)?_git/([^/]+)$",
        r"^dev\.azure\.com/([^/]+)/(?:([^/]+)/)?_git/([^/]+)$",
    )
)
"""https://learn.microsoft.com/azure/devops/release-notes/2018/sep-10-azure-devops-launch; a project
that is called as its repository may be left out."""


def _may_look(folder: str) -> bool:
    """Not into folders that macOS guards with a question to the user, nor by a path that is not of
    this machine."""
    home = os.path.expanduser("~")
    guarded = platform.system() == "Darwin" and any(
        folder.startswith(os.path.join(home, name)) for name in _PROTECTED
    )
    return os.path.isabs(folder) and not elsewhere(folder) and not guarded


def repository(folder: str) -> tuple[str, str | None] | None:
    """(main work tree, remote) of the repository that holds a folder; None if there is none, or
    where macOS would ask its user before letting anybody look."""
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
                    return str(_main_tree(parent, entry, common)), _remote(common)
    except (OSError, ValueError):
        return None
    return None


def _main_tree(work_tree: Path, pointer: Path, common: Path) -> Path:
    """The main work tree of a worktree, the folder of a bare repository in its stead, and a
    submodule itself."""
    if common.name == ".git":
        return common.parent
    left = _LEFT.match(pointer.read_text("utf-8", "replace").strip())
    if (
        left and not common.exists()
    ):  # its repository is gone or elsewhere: the file still says where it was
        where = (left["main"] or left["bare"]).replace("\\", "/")
        return Path(where) if drive_of(where) else Path(os.path.normpath(work_tree / where))
    if not (_git_dir(work_tree, pointer) / "commondir").is_file():
        return work_tree
    return common.parent if common.name.startswith(".") else common


_LEFT = lazy(
    r"^gitdir:\s*+(?:(?P<main>.+?)[/\\]\.git|(?P<bare>.+\.git))[/\\]worktrees[/\\][^/\\]+$"
)


def _git_dir(work_tree: Path, pointer: Path) -> Path:
    return (work_tree / pointer.read_text("utf-8", "replace")[7:].strip()).resolve()


def _common_dir(work_tree: Path, pointer: Path) -> Path | None:
    """The shared git folder that a worktree's or submodule's `.git` file leads to."""
    text = pointer.read_text("utf-8", "replace")
    if not text.startswith("gitdir:"):
        return None
    git_dir = _git_dir(work_tree, pointer)
    common = git_dir / "commondir"
    return (
        (git_dir / common.read_text("utf-8", "replace").strip()).resolve()
        if common.is_file()
        else git_dir
    )


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
