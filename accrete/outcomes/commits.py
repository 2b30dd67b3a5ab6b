"""Commits that a tool call made: what the client recorded, what git printed, or only what was asked of git."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

from accrete.git_line import printed_commits
from accrete.outcomes.git import FOUND
from accrete.outcomes.shell import Simple

REPORTED, PRINTED, VERIFIED, QUIET = "reported", "printed", "verified", "unconfirmed"
"""How sure a commit is: the client's own record of it; git's line `[branch sha]`; git's log, asked later; no word but a
good exit."""

AMBIGUOUS = "ambiguous"
"""Git has a commit that several calls may have made."""

UNSURE = frozenset({QUIET, AMBIGUOUS})

SHA_LENGTH = 7
_WITH_VALUE = frozenset(
    {"-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path", "--config-env", "--super-prefix"}
)


_NO_COMMIT = frozenset({"--dry-run", "--help", "-h"})


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
        if words[:1] == ("commit",) and not _NO_COMMIT & set(words):
            made.append(words[1:])
    return made


def commit_places(found: Iterable[Simple]) -> list[str]:
    """For each command that commit_commands gives, the folder it ran in as the text says: '' for where the call began,
    else a path, absolute or from there."""
    place, places = "", []
    for simple in found:
        if simple.words[:1] == ("cd",):
            place = posixpath.join(place, simple.words[1]) if len(simple.words) > 1 else "~"
        words = git_words(simple.words)
        if words[:1] == ("commit",) and not _NO_COMMIT & set(words):
            before = simple.words[: len(simple.words) - len(words)]
            given = [folder for option, folder in pairwise(before) if option == "-C"]
            places.append(posixpath.join(place, *given))
    return places


_OTHER_WAYS = {
    "cherry-pick": "cherry-picked",
    "revert": "reverted",
    "merge": "merged",
    "am": "applied",
    "rebase": "rebased",
}
OWN_KINDS = frozenset({"committed", "amended"})
"""Kinds of commits whose content is the session's own; the others bring what was committed before."""


def brings(found: Iterable[Simple]) -> str | None:
    """How else the commands make commits (cherry-picked, reverted, merged …), None where they do not."""
    for simple in found:
        words = git_words(simple.words)
        if (
            words[:1]
            and words[0] in _OTHER_WAYS
            and not {"--abort", "--quit", "--no-commit", "-n", "--help"} & set(words)
        ):
            return _OTHER_WAYS[words[0]]
    return None


_NOT_PUSHED = re.compile(
    r"\[(?:remote )?rejected\]|^error: failed to push|^fatal: |^Everything up-to-date", re.MULTILINE
)


def pushes(found: Iterable[Simple], output: str = "") -> bool:
    """Whether the commands push something that the output does not say was refused or nothing new."""
    return any(_is_push(git_words(simple.words)) for simple in found) and not _NOT_PUSHED.search(output)


def _is_push(words: tuple[str, ...]) -> bool:
    deletes = {"--delete", "-d", "--dry-run", "-n", "--help"} & set(words) or any(w.startswith(":") for w in words[1:])
    return words[:1] == ("push",) and not deletes


_STAT = re.compile(r"^ \d+ files? changed(?:, (\d+) insertions?\(\+\))?(?:, (\d+) deletions?\(-\))?", re.MULTILINE)


def committed_lines(output: str) -> int | None:
    """Lines added and removed by the commits of a call as git says; None where it does not."""
    found = _STAT.findall(output)
    return sum(int(n) for pair in found for n in pair if n) if found else None


def commits_of(asked: list[tuple[str, ...]], *, ok: bool, output: str, told: dict[str, Any], other: str | None = None
               ) -> list[Commit]:  # fmt: skip
    """The commits of one call. `asked`: its `git commit` commands; `other`: how else it makes some, as brings() says;
    `ok`: it ended well; `told`: its details, with the client's `git` object, which is believed whatever the command
    was, and the `commits` that stood in a cut part of the output.

    A line that git printed counts even where a later command of the same call failed; silence counts only in a call
    that ended well, and stays unconfirmed."""
    report = told.get("git")
    reported = report.get("commit") if isinstance(report, dict) else None
    if not asked and other is None and not reported:
        return []
    amends = any("--amend" in words for words in asked)
    quiet = any(_is_quiet(words) for words in asked)
    kind = "amended" if amends else "committed" if asked or other is None else other
    found: dict[str, Commit] = {}
    printed = printed_commits(output) + [tuple(each) for each in told.get("commits", ()) if len(each) == 3]
    for branch, sha, subject in printed if asked or other else ():
        found.setdefault(sha[:SHA_LENGTH], Commit(sha, branch, subject or None, PRINTED, kind, quiet))
    if isinstance(reported, dict) and isinstance(reported.get("sha"), str):
        sha, how = reported["sha"], str(reported.get("kind") or kind)
        known = found.get(sha[:SHA_LENGTH])
        branch = reported.get("branch") if isinstance(reported.get("branch"), str) else None
        found[sha[:SHA_LENGTH]] = Commit(sha, branch or (known.branch if known else None), known.subject if known else None,
                                         REPORTED, how, quiet)  # fmt: skip
    if found:
        return list(found.values())
    if not ok or _NOT_MADE.search(output) or (not quiet and _NOTHING.search(output)):
        return []
    return [Commit(None, None, _message(words), QUIET, kind, quiet) for words in asked]


_NOT_MADE = re.compile(r"^FAILED: git commit|^husky - .* (?:failed|exited)", re.MULTILINE)
"""What stands in the output of a call that ended well, behind a pipe or in a wrapper, when git made no commit."""

_NOTHING = re.compile(r"^nothing (?:added )?to commit|^no changes added to commit", re.MULTILINE)
"""The same, where the commit would have said so itself; after a quiet one it is the word of a `git status`."""


def with_answers(commits: tuple[Commit, ...], said: dict[int, tuple[str, str | None]]) -> tuple[Commit, ...]:
    """The commits with what git said of them later: by their number, an answer (outcomes/git.py) and a whole sha."""
    return tuple(_with_answer(commit, *said[part]) if part in said else commit for part, commit in enumerate(commits))


def _with_answer(commit: Commit, answer: str, sha: str | None) -> Commit:
    if answer == FOUND and sha is not None:
        return commit._replace(sha=sha, confidence=VERIFIED if commit.confidence == QUIET else commit.confidence)
    if answer == "ambiguous" and commit.confidence == QUIET:
        return commit._replace(confidence=AMBIGUOUS)
    return commit


def _is_quiet(words: tuple[str, ...]) -> bool:
    return any(w == "--quiet" or (re.fullmatch(r"-[a-zA-Z]+", w) is not None and "q" in w.split("m")[0]) for w in words)


_WITH_MESSAGE = re.compile(r"-[a-zA-Z]*m")


def _message(words: tuple[str, ...]) -> str | None:
    for index, word in enumerate(words):
        if (word == "--message" or _WITH_MESSAGE.fullmatch(word)) and index + 1 < len(words):
            return words[index + 1].strip().split("\n", 1)[0] or None
        if word.startswith("--message="):
            return word[10:].strip().split("\n", 1)[0] or None
    return None
