"""Asks git about commits whose sha a transcript omits or cuts: after ingest, within bounds, once
each."""

from __future__ import annotations

import os
import posixpath
import time
from collections import defaultdict

from accrete.database import Database
from accrete.ingest.git_waiting import WaitingCommit, waiting_commits
from accrete.outcomes.commits import SHA_LENGTH, commit_commands, message_of
from accrete.outcomes.git import FAILED, Answer, Asked, answers, read_log
from accrete.outcomes.kinds import PRINTED, REPORTED
from accrete.outcomes.places import commit_places
from accrete.outcomes.shell import commands
from accrete.projects.repository import repository
from accrete.record import store

BUDGET_S = 1.5
"""How long one ingest asks git at most; what is left over waits for the next."""

UNFINISHED_MS, LONGEST_MS = 10 * 60_000, 30 * 86_400_000
"""How long after its call a commit may be where nobody wrote down when the call ended, and how long
a call may last: where it took longer, a clock was wrong."""

_TAKEN = (
    "SELECT substr(sha, 1, ?) FROM session_commit WHERE person = ? "
    "AND sha IS NOT NULL AND confidence IN (?, ?)"
)


def ask_git(db: Database, person: int, now: int, *, budget_s: float = BUDGET_S) -> int:
    """Stores what git says of the commits that wait for it and marks their sessions stale; returns
    how many answers there are. `now`: UTC ms. Repositories that are not on this machine are left
    for later."""
    waiting = waiting_commits(db, person, now)
    if not waiting:
        return 0
    until = time.monotonic() + budget_s
    by_repository: dict[str, list[Asked]] = defaultdict(list)
    sessions = {}
    roots: dict[str, str | None] = {}
    for commit, folders in waiting:
        root = _root(folders, commit, roots)
        if root is None:
            continue
        at, end = commit.at, commit.result_at
        last = end if end is not None and at <= end < at + LONGEST_MS else at + UNFINISHED_MS
        key = (commit.message_id, commit.use, commit.part)
        by_repository[root].append(
            Asked(key, commit.sha, _plain(commit.subject), at // 1000, -(-last // 1000))
        )
        sessions[key] = commit.session
    taken = [sha for (sha,) in db.run(_TAKEN, (SHA_LENGTH, person, PRINTED, REPORTED))]
    told = 0
    for root, asked in sorted(by_repository.items(), key=lambda item: -item[1][0].first_s):
        if time.monotonic() >= until:
            break
        log = read_log(root, min(a.first_s for a in asked) - 2, max(a.last_s for a in asked) + 2)
        said = (
            answers(asked, log, taken)
            if log is not None
            else [Answer(a.key, FAILED, None) for a in asked]
        )
        with db.transaction():
            store.store_git_answers(db, person, said, now)
            store.mark_stale(db, person, {sessions[answer.key] for answer in said})
        told += len(said)
    return told


def _plain(subject: str | None) -> str | None:
    """A subject that git can be asked for: not one with a substitution or something redacted in
    it."""
    return (
        None
        if subject is None or "$" in subject or "[redacted:" in subject or "`" in subject
        else subject
    )


def _root(folders: list[str], commit: WaitingCommit, roots: dict[str, str | None]) -> str | None:
    """The repository that a commit was made in, where it is on this machine. folders: in which its
    command may have begun."""
    place = _place(commit)
    begun = [""] if posixpath.isabs(place) else folders
    for folder in (os.path.join(folder, place) for folder in begun):
        if folder not in roots:
            found = repository(folder) if os.path.isdir(folder) else None
            roots[folder] = found[0] if found else None
        if roots[folder] is not None:
            return roots[folder]
    return None


def _place(commit: WaitingCommit) -> str:
    """Where a commit's command says that it is made: in the place of the one with its message,
    since its number does not count those of repositories that are thrown away; else by number."""
    target = commit.target or ""
    found = commands(target, powershell=commit.tool == "PowerShell")
    places = commit_places(found, target)
    if not places:
        return ""
    named = {
        place
        for words, place in zip(commit_commands(found), places, strict=True)
        if message_of(words) == commit.subject
    }
    return named.pop() if len(named) == 1 else places[min(commit.part, len(places) - 1)]
