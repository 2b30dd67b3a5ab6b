"""Which shell commands may have changed files, and which renamed one: of these no patch is kept."""

from __future__ import annotations

import posixpath
import re

from accrete.outcomes.commits import git_words
from accrete.outcomes.places import is_temporary
from accrete.outcomes.quoting import HEREDOC
from accrete.outcomes.shell import commands
from accrete.text.lazy import lazy

_PROGRAMS = frozenset(
    {
        "rm", "mv", "cp", "ln", "tee", "touch", "truncate", "install", "patch", "dd", "rsync",
        "unzip", "Remove-Item", "Move-Item", "Copy-Item", "Set-Content", "Add-Content", "Out-File",
        "New-Item", "black", "isort", "rustfmt", "autopep8", "yapf", "gofumpt",
    }
)  # fmt: skip
_GIT = frozenset(
    {
        "checkout", "restore", "switch", "reset", "stash", "apply", "am", "merge", "rebase", "pull",
        "cherry-pick", "revert", "mv", "rm", "clean",
    }
)  # fmt: skip
_WITH = (
    ("sed", re.compile(r"-\w*i\S*|--in-place\S*")),
    ("perl", re.compile(r"-\w*i\S*")),
    ("gofmt", re.compile(r"-\w*w")),
    ("goimports", re.compile(r"-\w*w")),
    ("prettier", re.compile(r"--write|-w")),
    ("biome", re.compile(r"--write|--fix|--apply|format")),
    ("eslint", re.compile(r"--fix")),
    ("stylelint", re.compile(r"--fix")),
    ("ruff", re.compile(r"--fix|format")),
    ("rubocop", re.compile(r"-[aA]|--autocorrect(-all)?")),
    ("tar", re.compile(r"-?[a-wyz]*x\w*|--extract")),
    ("cargo", re.compile(r"fmt|fix|add|remove|update|init|new")),
    ("go", re.compile(r"fmt|get|generate|tidy|fix")),
    ("dotnet", re.compile(r"format|add|new")),
    ("npm", re.compile(r"install|i|add|uninstall|remove|update|init")),
    ("pnpm", re.compile(r"install|i|add|remove|update|init")),
    ("yarn", re.compile(r"install|add|remove|upgrade|init")),
    ("bun", re.compile(r"install|add|remove|update|init")),
    ("uv", re.compile(r"add|remove|lock|sync|init")),
    ("poetry", re.compile(r"add|remove|lock|update|init|new")),
    ("dart", re.compile(r"format|fix")),
    ("terraform", re.compile(r"fmt")),
    ("curl", re.compile(r"-\w*[oO]|--output|--remote-name")),
)
_SCRIPTS = frozenset({"format", "fmt", "fix", "lint:fix", "lint-fix", "format:fix", "prettier"})
_RUNNERS = frozenset({"make", "just", "task", "npm", "pnpm", "yarn", "bun", "rake", "nox", "tox"})
_CODE = lazy(
    r"""\bopen\([^()]*,\s*['"](?:[wax]|r\+)|write_text|write_bytes|writeFile|appendFile|"""
    r"""\bunlink\(|\brename\(|shutil\.|\bos\.remove\("""
)
_MAY_RENAME = lazy("mv|Move-Item")
_NAMES = {*_PROGRAMS, *_GIT, *_SCRIPTS, *(program for program, _ in _WITH)}
_MAY_WRITE = lazy(rf"\b(?:{'|'.join(map(re.escape, sorted(_NAMES)))})\b")
"""A word that every command has that `_writes` looks for: most commands are read no further."""
_QUOTES = str.maketrans("", "", "\\\"'`\n")
"""What a shell takes out of a word."""
_QUOTED = lazy(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_REDIRECTED = lazy(r"(?<![<>=\-])(?:\d|&)?>>?(?![>&(=])\|?[ \t]*([^\s;&|<>()]+)")
_NO_FILE = lazy(r"/dev/(?:null|stdout|stderr|tty|fd/\d+)|NUL|\$null", re.IGNORECASE)


def may_write(text: str, *, powershell: bool = False) -> bool:
    """Whether a shell command may have changed files of the project, by what it runs and where it
    redirects to. Scripts and builds may do so too and are not known from outside."""
    if _redirects(text) or _CODE.search(text):
        return True
    if not _MAY_WRITE.search(text) and not _MAY_WRITE.search(text.translate(_QUOTES)):
        return False
    return any(_writes(each.words) for each in commands(text, powershell=powershell))


def _redirects(text: str) -> bool:
    if ">" not in text:
        return False
    bare = _QUOTED.sub(_quoted, _without_heredocs(text))
    return any(
        not _NO_FILE.fullmatch(target) and not is_temporary(target)
        for target in _REDIRECTED.findall(bare)
    )


def _without_heredocs(text: str) -> str:
    kept, ends = [], list[str]()
    for line in text.split("\n"):
        if ends:
            if line.strip("\t ") == ends[0]:
                ends.pop(0)
            continue
        kept.append(line)
        here = HEREDOC.finditer(line.replace("<<<", ""))
        ends = [mark for found in here for mark in found.groups() if mark]
    return "\n".join(kept)


def _quoted(found: re.Match[str]) -> str:
    """A quoted word as it stands where it may be a target, nothing where it is code or prose."""
    inner = found[0][1:-1]
    return inner if re.fullmatch(r"[^\s;&|<>()]+", inner) else "_"


def _writes(words: tuple[str, ...]) -> bool:
    if not words:
        return False
    name, rest = words[0].replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".exe"), words[1:]
    if name in ("npx", "bunx", "uvx", "pipx") and rest:
        return _writes(tuple(word for word in rest if word not in ("run", "-y", "--yes")))
    if name in ("uv", "poetry", "pnpm", "yarn", "bundle") and rest[:1] in (("run",), ("exec",)):
        return _writes(rest[1:]) or bool(_SCRIPTS & set(rest[1:2]))
    git = git_words(words)
    if git:
        return git[0] in _GIT and not (git[0] == "stash" and git[1:2] in (("list",), ("show",)))
    if name in _RUNNERS and _SCRIPTS & {word.rsplit(":", 1)[0] for word in rest} | _SCRIPTS & {
        *rest
    }:
        return True
    if name in _PROGRAMS:
        named = [word for word in rest if not word.startswith("-")]
        return not named or not all(
            is_temporary(word) or _NO_FILE.fullmatch(word) for word in named
        )
    return any(
        name == program and any(option.fullmatch(word) for word in rest)
        for program, option in _WITH
    )


def renames(text: str, *, powershell: bool = False) -> list[tuple[str, str]]:
    """(old, new) of each file that a command renamed, as it names them."""
    found: list[tuple[str, str]] = []
    if not _MAY_RENAME.search(text.translate(_QUOTES)):
        return found
    for each in commands(text, powershell=powershell):
        git = git_words(each.words)
        words = git if git else each.words
        if not words or words[0] not in ("mv", "Move-Item"):
            continue
        named = [word for word in words[1:] if not word.startswith("-")]
        if len(named) == 2 and not any(char in "".join(named) for char in "*?$`{"):
            old, new = named
            found.append(
                (old, posixpath.join(new, posixpath.basename(old)) if new.endswith("/") else new)
            )
    return found


def renamed(path: str, old: str, new: str) -> str | None:
    """The path after a rename that names it relative to a folder; None where it names another."""
    old, new = posixpath.normpath(old), posixpath.normpath(new)
    if old.startswith(("/", "~")) or new.startswith(("/", "~")):
        return new if path == old else None
    if old.startswith("..") or new.startswith("..") or not path.endswith(f"/{old}"):
        return None
    return path.removesuffix(old) + new
