"""Confirmed pushes: by git's lines, the client's record, or the push's own exit status."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from accrete.outcomes.commits import git_words, proven
from accrete.outcomes.places import is_temporary
from accrete.outcomes.shell import Simple
from accrete.text.json import JsonObject
from accrete.text.lazy import lazy

_COLOURS = lazy(r"\x1b\[[0-9;]*m")
_TO = lazy(r"^(?:remote: )?To (\S(?:.*\S)?)\s*$")
_FROM = lazy(r"^From \S")
_UPDATED = lazy(
    r"^\s*+(?:[+*]\s*+)?(?:[0-9a-f]{4,40}\.{2,3}[0-9a-f]{4,40}|\[new (?:branch|tag|"
    r"reference)\])\s+(\S+)\s+->\s+(\S+)"
)
_PORCELAIN = lazy(r"^[ +*]\t\S+:\S+\t")
_JJ = lazy(
    r"^\s*(?:Move (?:forward|sideways|backward) |Add )(?:bookmark|"
    r"branch) \S+ (?:from [0-9a-f]+ )?to [0-9a-f]+"
)
_JJ_DRY = lazy(r"^Dry-run requested, not pushing", re.MULTILINE)
_JJ_HEAD = lazy(r"^Changes to push to \S+:")
_TRACKING = lazy(
    r"^[Bb]ranch '([^']+)' set up to track (?:remote branch '\1' from '[^']+'|'[^']+/\1')",
    re.MULTILINE,
)
_NOTHING_NEW = lazy(r"^Everything up-to-date|\(up-to-date\)|^Nothing changed\.$", re.MULTILINE)
_REFUSED = lazy(
    r"^[ \t]*! \[|\[(?:remote )?rejected\]|^error: failed to push|^error: src refspec|^fatal: |"
    r"^husky - .*(?:failed|exited)|"
    r"^error: .*hook declined|pre-receive hook declined|^ERROR: ",
    re.MULTILINE,
)
_DRY = frozenset({"--dry-run", "-n", "--help", "-h"})


def push_commands(found: Iterable[Simple]) -> list[Simple]:
    """The `git push` commands that would push something: no dry run, no deletion."""
    return [simple for simple in found if is_push(git_words(simple.words))]


def is_push(words: tuple[str, ...]) -> bool:
    """Whether the words, from git's subcommand on, push."""
    deletes = {"--delete", "-d", *_DRY} & set(words) or any(
        word.startswith(":") for word in words[1:]
    )
    return words[:1] == ("push",) and not deletes


def pushed(found: Sequence[Simple], *, ok: bool, output: str, told: JsonObject, wrapped: bool,
           scratch: Sequence[bool]) -> bool:  # fmt: skip
    """Whether a call pushed. `told`: its details, with the client's own `git` record; `wrapped`: a
    script may have pushed in it, so that git's whole report counts; `scratch`: for each command,
    whether its repository is made to be thrown away.

    A push that may not have run, or whose exit status is hidden, counts by what git printed;
    nothing new is none.
    """
    report = told.get("git")
    asked = [
        simple
        for simple, away in zip(found, scratch, strict=True)
        if not away and is_push(git_words(simple.words))
    ]
    if (any(scratch) and not asked) or _JJ_DRY.search(output):
        return False
    if isinstance(report, dict) and report.get("push"):
        return True
    dry = sum(git_words(s.words)[:1] == ("push",) and bool(_DRY & set(s.words)) for s in found)
    if asked or wrapped:
        fetches = any(git_words(s.words)[:1] in (("fetch",), ("pull",), ("remote",)) for s in found)
        if _reports(output, headless=bool(asked) and not fetches) > dry:
            return True
    if not asked or _NOTHING_NEW.search(output) or _REFUSED.search(output):
        return False
    if any(match.group(1) for match in _TRACKING.finditer(output)) and _sets_upstream(asked):
        return True
    return ok and any(proven(found, found.index(simple)) for simple in asked)


def _sets_upstream(asked: list[Simple]) -> bool:
    return any({"-u", "--set-upstream"} & set(simple.words) for simple in asked)


def _reports(output: str, *, headless: bool) -> int:
    """The number of reports in which git says that a remote took something. `headless`: a line
    without the `To` above it, as behind `| tail -1`, is a push's too."""
    reports, header, taken = 0, "", False
    plain = _COLOURS.sub("", output)
    if not any(
        sign in plain for sign in ("To ", "Changes to push", *(("->",) if headless else ()))
    ):
        return 0
    for line in plain.splitlines():
        if _FROM.match(line):
            header = "from"
        elif (to := _TO.match(line)) or _JJ_HEAD.match(line):
            header, taken = ("scratch" if to and is_temporary(to.group(1)) else "to"), False
        elif (
            not taken and (header == "to" or (headless and not header)) and _is_update(line, header)
        ):
            reports, taken = reports + 1, True
    return reports


def _is_update(line: str, header: str) -> bool:
    match = _UPDATED.match(line)
    if match is None:
        return header == "to" and (_PORCELAIN.match(line) or _JJ.match(line)) is not None
    return header == "to" or not match.group(2).endswith("/" + match.group(1))
