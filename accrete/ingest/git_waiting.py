"""Commits that git may be asked about: apart from asking, which takes long to import."""

from __future__ import annotations

import os
from typing import NamedTuple

from accrete.database import Database
from accrete.outcomes.kinds import QUIET

AT_ONCE = 5000
FAILED_AGAIN_MS = 6 * 3_600_000
"""How long a repository that did not answer is left alone."""

_WAITING = """SELECT c.message_id, c.tool_use_id, c.part, c.sha, c.subject, c.session, t.target,
    t.at, t.result_at, t.seq, t.tool
FROM session_commit c
JOIN tool_call t ON t.person = c.person AND t.message_id = c.message_id
AND t.tool_use_id = c.tool_use_id
LEFT JOIN git_answer a ON a.person = c.person AND a.message_id = c.message_id
AND a.tool_use_id = c.tool_use_id AND a.part = c.part
WHERE c.person = ? AND (a.person IS NULL OR (a.answer = 'failed' AND a.asked_at < ?))
    AND t.at IS NOT NULL AND (c.confidence = ? OR LENGTH(c.sha) < 40)
ORDER BY t.at DESC, c.message_id, c.tool_use_id, c.part LIMIT ?"""
_FOLDERS = (
    "SELECT cwd, MIN(first_seq) FROM session_context WHERE person = ? "
    "AND session = ? AND cwd <> '' GROUP BY cwd ORDER BY cwd"
)


class WaitingCommit(NamedTuple):
    """A commit whose sha is missing or cut. target: the command that made it, as the number `part`
    of its commits; at, result_at: when that began and ended, UTC ms."""

    message_id: str
    use: str
    part: int
    sha: str | None
    subject: str | None
    session: str
    target: str | None
    at: int
    result_at: int | None
    seq: int
    tool: str


def waiting_commits(db: Database, person: int, now: int) -> list[tuple[WaitingCommit, list[str]]]:
    """The commits that wait for git's word and may be of a repository on this machine, each with
    the folders that its session was in by then. `now`: UTC ms."""
    begun: dict[str, list[tuple[str, int]]] = {}
    there: dict[str, bool] = {}
    found = []
    rows = db.run(_WAITING, (person, now - FAILED_AGAIN_MS, QUIET, AT_ONCE))
    for commit in map(WaitingCommit._make, rows):
        if commit.session not in begun:
            begun[commit.session] = [
                (cwd, first) for cwd, first in db.run(_FOLDERS, (person, commit.session))
            ]
        folders = [cwd for cwd, first in begun[commit.session] if first <= commit.seq]
        for folder in folders:
            if folder not in there:
                there[folder] = os.path.isdir(folder)
        # From a folder that is not there leads no way but an absolute one.
        target = commit.target or ""
        if any(there[folder] for folder in folders) or "/" in target or "\\" in target:
            found.append((commit, folders))
    return found
