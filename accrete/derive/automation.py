"""Whether a session is a person's or automated: print mode, SDK, CI runner, or a folder that its
owner names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from accrete.text.globs import fits
from accrete.text.lazy import lazy

AT_ONCE_MS = 1_500
"""How soon after an answer only a program sends the next prompt."""
A_LOOP = 3
"""Prompts from which sending them at once is a loop's way."""


class Asked(NamedTuple):
    """One prompt: its source as the client names it, and how long after the last answer it came;
    None if no answer was before it or times are missing."""

    source: str | None
    after_ms: int | None


class Signs(NamedTuple):
    """What a session's records say of who drove it. `cwd`: the folder it began in; `entry`: the
    client's entry point;
    `queue`: the names of the queue's records with which it begins; `by_hand`: something that only a
    person at a screen does (an interruption, a `!` command, a file open in an editor)."""

    cwd: str
    entry: str
    teammate: bool
    queue: tuple[str, ...]
    asked: Sequence[Asked]
    by_hand: bool


_ENTRIES = frozenset(
    {"claude-code-github-action", "remote_trigger", "remote_cowork_trigger", "bench"}
)
_TYPED = frozenset({"typed", "suggestion_accepted"})
_RUNNERS = lazy(
    r"^(?:/home/runner/work|/Users/runner/work|/github/workspace|/home/vsts/work|/__w|"
    r"/bitbucket/pipelines|/opt/atlassian/pipelines|/home/circleci|"
    r"/drone/src|/woodpecker/src|/codebuild/output|/home/travis/build|/home/semaphore|"
    r"/opt/buildhome/repo|/vercel/path\d+|/tmp/cirrus-ci-build|"
    r"/builds/[^/]+/[^/]+|/tmp/build/[0-9a-f]{8}|[A-Za-z]:/a/[^/]+/[^/]+)(?:/|$)"
    r"|(?:/actions-runner/_work|/_work/\d+/s|/jenkins/(?:agent/)?workspace|"
    r"/buildkite(?:-agent)?/builds|/teamcity/[^/]+/work)(?:/|$)"
)
"""Folders into which CI services put what they check out."""
_MAYBE_RUNNER = lazy(r"^/workspace(?:/|$)")
"""A folder of some CI services and of many containers of people."""


def automated(signs: Signs, globs: Iterable[str] = ()) -> str | None:
    """Why a session is not a person's, None when it is. What the owner says of a folder goes before
    all else."""
    for glob in globs:
        if fits(glob, signs.cwd):
            return f"config.json: {glob}"
    if signs.teammate:
        return "team member"
    if signs.entry.startswith("sdk"):
        return "print mode or SDK"
    if signs.entry in _ENTRIES:
        return f"entry point {signs.entry}"
    if signs.by_hand or any(each.source in _TYPED for each in signs.asked):
        return None
    return _by_folder(signs) or (None if signs.entry else _without_entry(signs))


def _by_folder(signs: Signs) -> str | None:
    folder = signs.cwd.replace("\\", "/")
    if _RUNNERS.search(folder):
        return f"CI runner: {folder}"
    return (
        f"CI runner: {folder}"
        if _MAYBE_RUNNER.match(folder) and not signs.entry and len(signs.asked) == 1
        else None
    )


def _without_entry(signs: Signs) -> str | None:
    """By the records of clients that did not write how they were started."""
    if signs.asked and all(each.source == "sdk" for each in signs.asked):
        return "print mode or SDK"
    waits = [each.after_ms for each in signs.asked[1:]]
    at_once = all(wait is not None and wait <= AT_ONCE_MS for wait in waits)
    if _begins_by_dequeue(signs.queue) and signs.asked and at_once:
        return "print mode of an older client"
    return "prompts sent by a program" if len(waits) >= A_LOOP - 1 and at_once else None


def _begins_by_dequeue(queue: tuple[str, ...]) -> bool:
    """Print mode takes its prompt out of the queue before anything else is written."""
    return queue[:1] == ("dequeue",) or queue[:2] == ("enqueue", "dequeue")
