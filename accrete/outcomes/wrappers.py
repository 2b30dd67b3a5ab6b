"""Scripts and tools that may commit, push or open a pull request; excludes commands that only show
text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from accrete.outcomes.commits import git_words
from accrete.outcomes.runners import TEST, runner_of
from accrete.outcomes.shell import Simple
from accrete.text.lazy import lazy

_READERS = frozenset(
    {
        "cat",
        "bat",
        "batcat",
        "less",
        "more",
        "head",
        "tail",
        "tac",
        "nl",
        "grep",
        "egrep",
        "fgrep",
        "rg",
        "ag",
        "ack",
        "zgrep",
        "zcat",
        "sed",
        "awk",
        "gawk",
        "cut",
        "tr",
        "jq",
        "yq",
        "strings",
        "xxd",
        "od",
        "diff",
        "cmp",
        "Get-Content",
        "gc",
        "Select-String",
        "type",
        "journalctl",
        "curl",
        "wget",
        "http",
        "sqlite3",
        "psql",
        "mysql",
        "ls",
        "find",
        "fd",
        "tree",
    }
)
"""Commands that show what stands somewhere; git's lines in it are of another time."""
_PLAIN = frozenset(
    {
        "cd",
        "pushd",
        "popd",
        "echo",
        "printf",
        "true",
        "false",
        ":",
        "pwd",
        "date",
        "sleep",
        "wait",
        "export",
        "set",
        "unset",
        "source",
        ".",
        "test",
        "[",
        "[[",
        "mkdir",
        "rm",
        "cp",
        "mv",
        "touch",
        "chmod",
        "sort",
        "uniq",
        "wc",
        "tee",
        "column",
        "stat",
        "file",
        "which",
        "du",
        "kill",
        "read",
        "local",
        "return",
        "exit",
        "trap",
        "shift",
        "alias",
        "let",
        "eval",
        "Write-Host",
        "Write-Output",
        "Set-Location",
    }
)
_OWN_GIT = frozenset(
    {
        "add", "am", "apply", "archive", "bisect", "blame", "branch", "bundle", "cat-file",
        "check-ignore", "checkout", "cherry", "cherry-pick",
        "clean", "clone", "commit", "config", "count-objects", "describe", "diff", "diff-tree",
        "fetch", "filter-branch", "for-each-ref",
        "format-patch", "fsck", "gc", "grep", "hash-object", "help", "init", "log", "ls-files",
        "ls-remote", "ls-tree", "merge", "merge-base",
        "mv", "name-rev", "notes", "prune", "pull", "push", "range-diff", "read-tree", "rebase",
        "reflog", "remote", "rerere", "reset",
        "restore", "rev-list", "rev-parse", "revert", "rm", "shortlog", "show", "show-ref",
        "sparse-checkout", "stash", "status", "submodule",
        "switch", "symbolic-ref", "tag", "update-index", "update-ref", "var", "verify-commit",
        "version", "whatchanged", "worktree",
        "write-tree", "commit-tree", "lfs", "credential", "maintenance", "repack", "replace",
    }
)  # fmt: skip
_CONTAINERS_SHOW = frozenset({"logs", "ps", "images", "inspect", "get", "describe", "top", "stats"})
_SHOWS = frozenset(
    {"log", "show", "diff", "reflog", "cat-file", "blame", "whatchanged", "format-patch", "grep"}
)
_SENDING = lazy(
    r"(?:^|[-_:/. ])(?:push|release|publish|submit|ship|deploy|sync|land|propose|commit|save|bump|"
    r"version|tag|pr|mr|upload|promote)"
    r"(?:$|[-_:/. ])",
    re.IGNORECASE,
)


def may_send(found: Sequence[Simple]) -> bool:
    """Whether a call runs a script or a tool whose own commits and pushes its output may report.
    Tests are none: they make repositories of their own. Beside what shows text only a command
    counts whose words speak of sending."""
    others = [simple.words for simple in found if is_other(simple.words)]
    return bool(others) and (
        any(_SENDING.search(" ".join(words)) for words in others) or not shows_text(found)
    )


def is_other(words: tuple[str, ...]) -> bool:
    """Whether a command is a script or a tool of some kind: neither git's own, nor a test runner,
    nor plain or showing."""
    name = words[0].replace("\\", "/").rsplit("/", 1)[-1]
    if name in _READERS or name in _PLAIN:
        return False
    if rest := git_words(words):
        return rest[0] not in _OWN_GIT or rest[:2] in (("lfs", "push"), ("submodule", "foreach"))
    if name in ("docker", "docker-compose", "podman", "kubectl"):
        return not _CONTAINERS_SHOW & set(words[1:4])
    if name in ("gh", "glab"):
        return {"create", "ship", "submit", "release"} & set(words[1:4]) != set()
    runner = runner_of(words)
    return runner is None or runner.kind != TEST


def shows_text(found: Iterable[Simple]) -> bool:
    """Whether a call shows what stands in files, logs or git's history."""
    for simple in found:
        name, rest = simple.words[0].rsplit("/", 1)[-1], git_words(simple.words)
        if rest and rest[0] in _SHOWS:
            return True
        if (
            name in _READERS
            and any(not word.startswith("-") for word in simple.words[1:])
            and name not in ("ls", "find")
        ):
            return True
    return False
