"""Commits that a tool call made: what the client recorded, what git printed, or only what was asked of git."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from accrete.outcomes.shell import Simple

REPORTED, PRINTED, QUIET = "reported", "printed", "unconfirmed"
"""How sure a commit is: the client's own record of it; git's line `[branch sha]`; no word but a good exit."""

SHA_LENGTH = 7
_LINE = re.compile(r"^\[([^\]\n]*?)\s(?:\(root-commit\)\s)?([0-9a-f]{7,40})\]\s?(.*)$", re.MULTILINE)
_WITH_VALUE = frozenset(
    {"-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path", "--config-env", "--super-prefix"}
)


class Commit(NamedTuple):
    """One commit. `sha` may be short, and None where nobody told it; `kind`: committed or amended."""

    sha: str | None
    branch: str | None
    subject: str | None
    confidence: str
    kind: str
    quiet: bool


def git_words(words: tuple[str, ...]) -> tuple[str, ...]:
    """The subcommand of a git command and its arguments; () for any other command."""
    if not words or words[0].replace("\\", "/").rsplit("/", 1)[-1] not in ("git", "git.exe"):
        return ()
    at = 1
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in _WITH_VALUE else 1
    return words[at:]


def commit_commands(found: Iterable[Simple]) -> list[tuple[str, ...]]:
    """The arguments of each `git commit` that would commit (no --dry-run, no --help)."""
    made = []
    for simple in found:
        words = git_words(simple.words)
        if words[:1] == ("commit",) and not {"--dry-run", "--help", "-h"} & set(words):
            made.append(words[1:])
    return made


def pushes(found: Iterable[Simple]) -> bool:
    """Whether the commands push."""
    return any(git_words(s.words)[:1] == ("push",) and not {"--dry-run", "-n", "--help"} & set(s.words) for s in found)


def printed_commits(output: str) -> list[tuple[str | None, str, str]]:
    """(branch, sha, subject) of each line in which git says that it committed."""
    return [
        (branch.removeprefix("detached HEAD") or None, sha, subject) for branch, sha, subject in _LINE.findall(output)
    ]


def commits_of(asked: list[tuple[str, ...]], *, ok: bool, output: str, told: dict[str, Any]) -> list[Commit]:
    """The commits of one call. `asked`: its `git commit` commands; `ok`: it ended well; `told`: its details, with the
    client's `git` object and the `commits` that stood in a cut part of the output.

    A line that git printed counts even where a later command of the same call failed; silence counts only in a call
    that ended well, and stays unconfirmed."""
    if not asked:
        return []
    amends = any("--amend" in words for words in asked)
    quiet = any(_is_quiet(words) for words in asked)
    kind = "amended" if amends else "committed"
    found: dict[str, Commit] = {}
    for branch, sha, subject in printed_commits(output) + [
        tuple(each) for each in told.get("commits", ()) if len(each) == 3
    ]:
        found.setdefault(sha[:SHA_LENGTH], Commit(sha, branch, subject or None, PRINTED, kind, quiet))
    report = told.get("git")
    reported = report.get("commit") if isinstance(report, dict) else None
    if isinstance(reported, dict) and isinstance(reported.get("sha"), str):
        sha, how = reported["sha"], str(reported.get("kind") or kind)
        known = found.get(sha[:SHA_LENGTH])
        branch = reported.get("branch") if isinstance(reported.get("branch"), str) else None
        found[sha[:SHA_LENGTH]] = Commit(sha, branch or (known.branch if known else None), known.subject if known else None,
                                         REPORTED, how, quiet)  # fmt: skip
    if found:
        return list(found.values())
    return [Commit(None, None, _message(words), QUIET, kind, quiet) for words in asked] if ok else []


def _is_quiet(words: tuple[str, ...]) -> bool:
    return any(w == "--quiet" or (re.fullmatch(r"-[a-zA-Z]+", w) is not None and "q" in w.split("m")[0]) for w in words)


def _message(words: tuple[str, ...]) -> str | None:
    for index, word in enumerate(words):
        if word in ("-m", "--message", "-am") and index + 1 < len(words):
            return words[index + 1].strip().split("\n", 1)[0] or None
        if word.startswith("--message="):
            return word[10:].strip().split("\n", 1)[0] or None
    return None
