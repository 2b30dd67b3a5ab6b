"""Merges that a tool call made: a merge commit or a fast-forward, by git's lines; conflicts do not
count."""

from __future__ import annotations

import re
from collections.abc import Sequence

from accrete.outcomes.commits import Commit, git_words, proven
from accrete.outcomes.kinds import PRINTED
from accrete.outcomes.shell import Simple
from accrete.text.lazy import lazy

MERGED = "merged"
_NONE = frozenset({"--abort", "--quit", "--no-commit", "--squash", "--help", "-h"})
_VALUED = frozenset(
    {
        "-m",
        "-F",
        "-s",
        "-X",
        "--file",
        "--strategy",
        "--strategy-option",
        "--into-name",
        "--cleanup",
    }
)
_MADE = lazy(r"^Merge made by the '[\w-]+' strategy\b", re.MULTILINE)
_FORWARDED = lazy(
    r"^Updating [0-9a-f]{4,40}\.\.([0-9a-f]{4,40})\n(?:Fast-forward\b|Fast forward\b)", re.MULTILINE
)
_LOGGED = lazy(r"^[*|\\/ ]*([0-9a-f]{7,40}) (?:\([^)\n]*\) )?([^\n]*)$", re.MULTILINE)
_SUBJECT = lazy(r"Merge (?:(?:remote-tracking )?branch(?:es)?|tag|commit|pull request) ")
_REMOTE = lazy(r"^(?:origin|upstream)/|^FETCH_HEAD$|@\{u(?:pstream)?\}$")


def merges_of(
    found: Sequence[Simple], scratch: Sequence[bool], *, ok: bool, output: str
) -> list[Commit]:
    """The merges of one call. To be brought forward to a remote's branch is what a pull does, and
    no merge."""
    asked = [
        (place, words)
        for place, simple in enumerate(found)
        if not scratch[place]
        and (words := git_words(simple.words))[:1] == ("merge",)
        and not _NONE & set(words)
    ]
    if not asked:
        return []
    messages = [_message(words) for _, words in asked]
    made = [
        _merge(None, message)
        for message, _ in zip([*messages, *[None] * 9], _MADE.findall(output), strict=False)
    ]
    if not all(any(_REMOTE.search(name) for name in _named(words)) for _, words in asked):
        made += [_merge(sha, None) for sha in _FORWARDED.findall(output)]
    place, words = asked[-1]
    logs = any(git_words(later.words)[:1] in (("log",), ("show",)) for later in found[place + 1 :])
    if not made and logs and ok and proven(found, place) and (first := _LOGGED.search(output)):
        sha, subject = first.groups()
        if subject == messages[-1] or (messages[-1] is None and _SUBJECT.match(subject)):
            made = [_merge(sha, subject)]
    return made


def _merge(sha: str | None, subject: str | None) -> Commit:
    return Commit(sha, None, subject, PRINTED, MERGED, quiet=False)


def _message(words: tuple[str, ...]) -> str | None:
    at = next((n for n, word in enumerate(words) if word == "-m"), len(words))
    return words[at + 1].strip().split("\n", 1)[0] or None if at + 1 < len(words) else None


def _named(words: tuple[str, ...]) -> list[str]:
    """What a merge is asked to merge."""
    return [
        word
        for n, word in enumerate(words[1:], 1)
        if not word.startswith("-") and words[n - 1] not in _VALUED
    ]
