"""What git knows about commits: the log of a repository on this machine, read once and within
bounds."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

LOG_TIMEOUT_S = 2.0
COMMITS_READ = 20_000
SLACK_S = 1
"""Git rounds the time of a commit to seconds; the transcript has milliseconds."""

FOUND, NONE, AMBIGUOUS, FAILED = "found", "none", "ambiguous", "failed"


class Logged(NamedTuple):
    """One commit of the log: the whole sha, when it was committed (UTC s), its subject."""

    sha: str
    at: int
    subject: str


class Asked(NamedTuple):
    """One commit of a call that git is to be asked about. `sha`: its beginning, where it was told;
    `subject`: where the command says it; `first_s`, `last_s`: the call and its result, UTC s."""

    key: tuple[str, str, int]
    sha: str | None
    subject: str | None
    first_s: int
    last_s: int


class Answer(NamedTuple):
    """FOUND with the whole sha, NONE, AMBIGUOUS where several calls or commits fit, FAILED where
    git did not answer."""

    key: tuple[str, str, int]
    answer: str
    sha: str | None


def read_log(
    repository: str, since_s: int, until_s: int, *, timeout_s: float = LOG_TIMEOUT_S
) -> list[Logged] | None:
    """The commits of all branches and reflogs that were made in a span of time; None where git
    cannot say.

    Runs nothing that the repository's own configuration names: no hook, pager, filter, signature
    check or fetch.
    """
    import subprocess

    git = [
        "git",
        "--no-pager",
        "-c",
        "core.fsmonitor=false",
        "-c",
        "core.hooksPath=",
        "-c",
        "protocol.allow=never",
        "-C",
        repository,
        "log",
        "--all",
        "--reflog",
        "--no-show-signature",
        "--no-color",
        "--no-decorate",
        "--no-notes",
        "--no-mailmap",
        f"--since=@{since_s}",
        f"--until=@{until_s}",
        f"--max-count={COMMITS_READ}",
        "--format=%H %ct %s",
    ]
    try:
        done = subprocess.run(
            git,
            capture_output=True,
            timeout=timeout_s,
            check=False,
            stdin=subprocess.DEVNULL,
            env=_environment(),
        )
    except (OSError, subprocess.SubprocessError):
        return None
    if done.returncode:
        return None
    logged = []
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        sha, _, rest = line.partition(" ")
        at, _, subject = rest.partition(" ")
        if at.isdigit():
            logged.append(Logged(sha, int(at), subject))
    return logged


def _environment() -> dict[str, str]:
    kept = {
        name: os.environ[name]
        for name in ("PATH", "HOME", "SYSTEMROOT", "USERPROFILE")
        if name in os.environ
    }
    return {
        **kept,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "LC_ALL": "C",
    }


def answers(asked: list[Asked], log: list[Logged], taken: Iterable[str]) -> list[Answer]:
    """What the log says to each question. `taken`: the first seven letters of commits whose call is
    known already; they are no answer to a call that told no sha. A commit that fits several calls
    is none's: both are AMBIGUOUS."""
    known = set(taken)
    fitting = {each.key: _fitting(each, log, known) for each in asked}
    claims: dict[str, set[tuple[str, str]]] = {}
    for each in asked:
        for logged in fitting[each.key] if each.sha is None else ():
            claims.setdefault(logged.sha, set()).add(each.key[:2])
    return [_answer(each, fitting[each.key], claims) for each in asked]


def _fitting(asked: Asked, log: list[Logged], taken: set[str]) -> list[Logged]:
    if asked.sha is not None:
        return [logged for logged in log if logged.sha.startswith(asked.sha)]
    inside = [
        logged
        for logged in log
        if asked.first_s - SLACK_S <= logged.at <= asked.last_s + SLACK_S
        and logged.sha[:7] not in taken
    ]
    if asked.subject is None:
        return inside
    return [logged for logged in inside if logged.subject == asked.subject]


def _answer(asked: Asked, fitting: list[Logged], claims: dict[str, set[tuple[str, str]]]) -> Answer:
    if not fitting:
        return Answer(asked.key, NONE, None)
    if len(fitting) > 1 or len(claims.get(fitting[0].sha, ())) > 1:
        return Answer(asked.key, AMBIGUOUS, fitting[0].sha if len(fitting) == 1 else None)
    return Answer(asked.key, FOUND, fitting[0].sha)
