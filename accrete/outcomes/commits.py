"""Commits that a tool call made: recorded by the client, printed by git, or only requested."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from accrete.outcomes.git import FOUND
from accrete.outcomes.kinds import AMBIGUOUS, PRINTED, QUIET, REPORTED, VERIFIED
from accrete.outcomes.shell import Simple
from accrete.text.git_line import printed_commits
from accrete.text.json import JsonObject
from accrete.text.lazy import lazy

SHA_LENGTH = 7
_WITH_VALUE = frozenset(
    {
        "-C",
        "-c",
        "--git-dir",
        "--work-tree",
        "--namespace",
        "--exec-path",
        "--config-env",
        "--super-prefix",
    }
)


_NO_COMMIT = frozenset({"--dry-run", "--help", "-h"})


class Commit(NamedTuple):
    """One commit. `sha` may be short, and None if nobody told it; `kind`: committed or amended."""

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


def makes_commit(simple: Simple) -> bool:
    """Whether a command is a `git commit` that would commit (no --dry-run, no --help)."""
    words = git_words(simple.words)
    return words[:1] == ("commit",) and not _NO_COMMIT & set(words)


def commit_commands(found: Iterable[Simple]) -> list[tuple[str, ...]]:
    """The arguments of each `git commit` that would commit."""
    return [git_words(simple.words)[1:] for simple in found if makes_commit(simple)]


def proven(found: Sequence[Simple], index: int) -> bool:
    """Whether a good exit of the whole call says that its command number `index` ran and ended
    well."""
    simple = found[index]
    return (
        not simple.branch
        and not simple.negated
        and not simple.asked
        and all(later.follows == "&&" for later in found[index:-1])
    )


_OTHER_WAYS = {
    "cherry-pick": "cherry-picked",
    "revert": "reverted",
    "merge": "merged",
    "am": "applied",
    "rebase": "rebased",
}
COMMITTED, AMENDED, REPLACED = "committed", "amended", "replaced"
"""A commit; one that changed a commit of somebody else's; one that an amend of the same session put
another in place of."""

OWN_KINDS = frozenset({COMMITTED, AMENDED})
"""Kinds of commits whose content is the session's own; the others bring what was committed before,
or are no more."""


def brings(found: Iterable[Simple]) -> str | None:
    """How else the commands make commits (cherry-picked, reverted, merged …), None if they do
    not."""
    for simple in found:
        words = git_words(simple.words)
        if (
            words[:1]
            and words[0] in _OTHER_WAYS
            and not {"--abort", "--quit", "--no-commit", "-n", "--help"} & set(words)
        ):
            return _OTHER_WAYS[words[0]]
    return None


_STAT = lazy(
    r"^ \d+ files? changed(?:, (\d+) insertions?\(\+\))?(?:, (\d+) deletions?\(-\))?", re.MULTILINE
)


def committed_lines(output: str) -> int | None:
    """Lines added and removed by the commits of a call as git says; None if it does not."""
    found = _STAT.findall(output)
    return sum(int(n) for pair in found for n in pair if n) if found else None


class Run(NamedTuple):
    """How a `git commit` ran. `proven`: the good exit of the call is its own; `branch`: it may not
    have run; `hidden`:
    what it printed may be cut off; `scratch`: in a repository made to be thrown away; `after`:
    git's subcommands behind it; `text`: the whole command, in which a heredoc may hold the message.
    """

    proven: bool = True
    branch: bool = False
    hidden: bool = True
    scratch: bool = False
    after: frozenset[str] = frozenset()
    text: str = ""


def commit_runs(
    found: Sequence[Simple], scratch: Sequence[bool], *, silenced: bool, text: str = ""
) -> list[Run]:
    """For each command that commit_commands gives, how it ran. `silenced`: the call throws some
    output away."""
    runs = []
    for index, simple in enumerate(found):
        if makes_commit(simple):
            after = frozenset(
                rest[0] for later in found[index + 1 :] if (rest := git_words(later.words))
            )
            hidden = silenced or simple.follows == "|"
            runs.append(
                Run(
                    proven(found, index),
                    simple.branch or simple.tested,
                    hidden,
                    scratch[index],
                    after,
                    text,
                )
            )
    return runs


def commits_of(
    asked: list[tuple[str, ...]],
    *,
    ok: bool,
    output: str,
    told: JsonObject,
    other: str | None = None,
    runs: Sequence[Run] | None = None,
    wrapped: bool = False,
) -> list[Commit]:
    """The commits of one call. `asked`: its `git commit` commands, and `runs` how each of them ran;
    `other`: how else it makes some, as brings() says; `ok`: it ended well; `told`: its details,
    with the client's `git` object, which is believed whatever the command was, and the `commits`
    that stood in a cut part of the output;
    `wrapped`: a script may have committed in it.

    A line that git printed counts even where a later command of the same call failed; silence
    counts only where the commit ran and ended well, and stays unconfirmed unless git's log or
    status behind it shows the commit.
    """
    report = told.get("git")
    reported = report.get("commit") if isinstance(report, dict) else None
    if not asked and other is None and not reported and not wrapped:
        return []
    runs = runs if runs is not None else [Run(proven=ok)] * len(asked)
    if runs and all(run.scratch for run in runs):
        return []
    quiet = any(_is_quiet(words) for words in asked)
    kind = _kind(asked[-1]) if asked else other or COMMITTED
    found = {
        c.sha[:SHA_LENGTH]: c
        for c in _printed(asked, runs, output, told, kind, quiet, wrapped)
        if c.sha
    }
    if len(found) == len(asked):
        found = {
            sha: c._replace(kind=_kind(words))
            for (sha, c), words in zip(found.items(), asked, strict=True)
        }
    if isinstance(reported, dict) and isinstance(sha := reported.get("sha"), str):
        _report(found, sha, reported, kind, quiet)
    subjects = {commit.subject for commit in found.values()}
    silent = [
        (words, run)
        for words, run in zip(asked, runs, strict=True)
        if not run.scratch
        and (not found or (_is_quiet(words) and message_of(words) not in subjects))
    ]
    room = sum(not run.scratch for run in runs) - len(found)
    return [*found.values(), *_silent(silent[: max(room, 0)], ok, output, set(found))]


def _kind(words: tuple[str, ...]) -> str:
    return AMENDED if "--amend" in words else COMMITTED


def _printed(
    asked: list[tuple[str, ...]],
    runs: Sequence[Run],
    output: str,
    told: JsonObject,
    kind: str,
    quiet: bool,
    wrapped: bool,
) -> list[Commit]:
    """The commits of which git printed its line, without those of scratch repositories."""
    lines = list(
        {
            sha[:SHA_LENGTH]: (branch, sha, subject or None)
            for branch, sha, subject in reversed([*printed_commits(output), *_kept(told)])
        }.values()
    )[::-1]
    if not asked and kind == COMMITTED and wrapped:
        first = set(_FIRST_COMMIT.findall(output))
        lines = [
            line for line in lines if line[1] not in first
        ]  # a script's own repositories, as tests make them
    elif any(run.scratch for run in runs):
        if len(lines) == len(runs):
            lines = [line for line, run in zip(lines, runs, strict=True) if not run.scratch]
        else:
            away = {
                message_of(words) for words, run in zip(asked, runs, strict=True) if run.scratch
            }
            lines = [line for line in lines if line[2] not in away]
    return [Commit(sha, branch, subject, PRINTED, kind, quiet) for branch, sha, subject in lines]


def _kept(told: JsonObject) -> Iterator[tuple[str | None, str, str]]:
    """(branch, sha, subject) of the commits that stood in a cut part of the output."""
    listed = told.get("commits")
    for each in listed if isinstance(listed, list) else ():
        branch, sha, subject = each if isinstance(each, list) and len(each) == 3 else (None,) * 3
        if isinstance(sha, str) and isinstance(subject, str):
            yield branch if isinstance(branch, str) else None, sha, subject


def _report(
    found: dict[str, Commit], sha: str, reported: JsonObject, kind: str, quiet: bool
) -> None:
    """Adds the commit that the client recorded, with what git printed of it."""
    known = found.get(sha[:SHA_LENGTH])
    branch = reported.get("branch")
    found[sha[:SHA_LENGTH]] = Commit(
        sha,
        branch if isinstance(branch, str) and branch else known.branch if known else None,
        known.subject if known else None,
        REPORTED,
        str(reported.get("kind") or kind),
        quiet,
    )


def _silent(
    silent: list[tuple[tuple[str, ...], Run]], ok: bool, output: str, taken: set[str]
) -> list[Commit]:
    """The commits of which git printed no line: shown by the log behind them, by the word of rtk,
    or only not denied."""
    made = []
    for words, run in silent:
        quiet, message, kind = _is_quiet(words), message_of(words), _kind(words)
        failed = _NOT_MADE.search(output) or (not quiet and _NOTHING.search(output))
        shown = None if failed else _shown(output, message, run, taken)
        if shown is not None:
            taken.add((shown[0] or "")[:SHA_LENGTH])
            made.append(Commit(shown[0], None, shown[1] or message, PRINTED, kind, quiet))
        elif not failed and (word := _rtk_word(output, run)) is not None:
            made.append(Commit(word or None, None, message, PRINTED, kind, quiet))
        elif ok and not _denied(output, run, quiet=quiet):
            made.append(Commit(None, None, message, QUIET, kind, quiet))
    return made


_RTK = lazy(r"\brtk\s+git\s+(?:-\S+\s+)*(add|commit|push|pull|fetch)\b")
_RTK_OK = lazy(r"^ok ✓(?: ([0-9a-f]{7,40})\b)?", re.MULTILINE)


def _rtk_word(output: str, run: Run) -> str | None:
    """What rtk, which swallows git's own line, says of a commit: its sha, '' if it only says that
    it was made; None where it says nothing of it. It prints one such line for each of git's
    subcommands that ended well."""
    asked = _RTK.findall(run.text)
    said = _RTK_OK.findall(output)
    if asked.count("commit") != 1 or len(said) <= asked.index("commit"):
        return None
    return str(said[asked.index("commit")])


def _denied(output: str, run: Run, *, quiet: bool) -> bool:
    """Whether a commit that git did not print was made in no case that can be known."""
    if _NOT_MADE.search(output) or (not quiet and _NOTHING.search(output)):
        return True
    return not run.proven and (run.branch or not (quiet or run.hidden))


_SHA_LINE = lazy(r"^[*|\\/ ]*([0-9a-f]{7,40})(?:[ \t]+\([^)\n]*\))?[ \t]+(\S[^\n]*)$", re.MULTILINE)
_SHA_BLOCK = lazy(
    r"^commit ([0-9a-f]{7,40})[^\n]*\n(?:[A-Z]\w+:[^\n]*\n)+\n {4}([^\n]+)", re.MULTILINE
)
_SHA_ALONE = lazy(r"^([0-9a-f]{7,40})$", re.MULTILINE)
_STATUS = lazy(
    r"^nothing to commit, working tree clean|^Your branch is ahead of '[^']+' by \d+ commit|"
    r"^## \S+ \[ahead \d+",
    re.MULTILINE,
)


def _shown(
    output: str, message: str | None, run: Run, taken: set[str]
) -> tuple[str | None, str | None] | None:
    """(sha, subject) of a silent commit as a later command of the same call shows it; None if none
    does."""
    known = message is not None and not re.search(r"[$`]|\[redacted:", message)
    logged: list[tuple[str, str]] = []
    if run.after & {"log", "show", "reflog"}:
        logged = [
            line
            for line in _SHA_BLOCK.findall(output) + _SHA_LINE.findall(output)
            if line[0][:SHA_LENGTH] not in taken
        ]
    if known:
        fitting = [line for line in logged if line[1].strip() == message]
    else:  # a heredoc, a file or a variable holds the message
        fitting = [line for line in logged if f"\n{line[1].strip()}\n" in run.text] or (
            logged if run.proven else []
        )
    if fitting:
        return fitting[0]
    if run.after & {"rev-parse", "log"} and run.proven and not logged:
        alone = [sha for sha in _SHA_ALONE.findall(output) if sha[:SHA_LENGTH] not in taken]
        if alone:
            return alone[-1], None
    return (None, None) if "status" in run.after and run.proven and _STATUS.search(output) else None


_FIRST_COMMIT = lazy(r"^\[[^\]\n]*\(root-commit\) ([0-9a-f]{7,40})\]", re.MULTILINE)
_NOT_MADE = lazy(
    r"^FAILED: git commit|^husky - .* (?:failed|exited)|^error: gpg failed to sign|"
    r"^error: .*(?:ssh-keygen|signing|Signing)|"
    r"^fatal: (?:failed to write commit|cannot lock ref|unable to auto-detect|not a git repository|"
    r"could not (?:open|read)|"
    r"Unable to create|paths |cannot do a partial|no changes|You are in the middle|"
    r"Exiting because)|^Aborting commit|"
    r"^error: (?:Committing is not possible|pathspec|insufficient permission|"
    r"There was a problem with the editor)|"
    r"hook declined|^✖\s+(?:found \d+ problem|lint-staged|subject|type)|^pre-commit hook .*failed|"
    r"^lefthook.*failed|"
    r"(?<!\.)\.{3,}(?:\([^()\n]*\))?Failed$",
    re.MULTILINE,
)
"""What stands in the output of a call that ended well, behind a pipe or in a wrapper, when git made
no commit."""

_NOTHING = lazy(
    r"^(?:ok \()?nothing (?:added )?to commit|^no changes added to commit", re.MULTILINE
)
"""The same, where the commit would have said so itself; after a quiet one it is the word of a `git
status`."""


def with_answers(
    commits: tuple[Commit, ...], said: dict[int, tuple[str, str | None]]
) -> tuple[Commit, ...]:
    """The commits with what git said of them later: by their number, an answer (outcomes/git.py)
    and a whole sha."""
    return tuple(
        _with_answer(commit, *said[part]) if part in said else commit
        for part, commit in enumerate(commits)
    )


def _with_answer(commit: Commit, answer: str, sha: str | None) -> Commit:
    if answer == FOUND and sha is not None:
        return commit._replace(
            sha=sha, confidence=VERIFIED if commit.confidence == QUIET else commit.confidence
        )
    if answer == "ambiguous" and commit.confidence == QUIET:
        return commit._replace(confidence=AMBIGUOUS)
    return commit


def _is_quiet(words: tuple[str, ...]) -> bool:
    return any(
        w == "--quiet" or (re.fullmatch(r"-[a-zA-Z]+", w) is not None and "q" in w.split("m")[0])
        for w in words
    )


_WITH_MESSAGE = lazy(r"-[a-zA-Z]*m")


def message_of(words: tuple[str, ...]) -> str | None:
    """The first line of the message that a `git commit` is given; None where it has none."""
    for index, word in enumerate(words):
        if (word == "--message" or _WITH_MESSAGE.fullmatch(word)) and index + 1 < len(words):
            return words[index + 1].strip().split("\n", 1)[0] or None
        if word.startswith("--message="):
            return word[10:].strip().split("\n", 1)[0] or None
    return None
