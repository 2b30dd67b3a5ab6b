"""Which commits of a session one of its own amends replaced."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import NamedTuple

from accrete.outcomes.commits import AMENDED, OWN_KINDS, REPLACED, Commit
from accrete.outcomes.kinds import UNSURE
from accrete.outcomes.story import Call

FOLDER = "commit_folder"
"""Of a call's details: the folder in which it committed."""


class _Last(NamedTuple):
    """A commit of the session that an amend may replace: its call, its part, its folder or the
    highest of those whose commits it replaced."""

    call: int
    part: int
    folder: str


def with_amends(calls: Iterable[Call]) -> list[Call]:
    """The calls, their commits of the right kind: what an amend of the session replaced is
    `replaced`, and that amend a commit like any other; `amended` stays what changed a commit that
    the session had not made."""
    made = list(calls)
    commits = {n: list(call.commits) for n, call in enumerate(made) if call.commits}
    open_ones: list[_Last] = []
    for n in sorted(commits, key=lambda n: (made[n].at or 0, made[n].seq)):
        folder = str(made[n].detail.get(FOLDER, ""))
        for part, commit in enumerate(commits[n]):
            if commit.kind not in OWN_KINDS:
                continue
            last = (
                _replaced_by(commit, folder, open_ones, commits) if commit.kind == AMENDED else None
            )
            place = folder
            if last is not None:
                before = commits[last.call][last.part]
                sure = before.confidence if commit.confidence in UNSURE else commit.confidence
                commits[n][part] = commit._replace(kind=before.kind, confidence=sure)
                commits[last.call][last.part] = before._replace(kind=REPLACED)
                open_ones.remove(last)
                place = min(filter(None, (folder, last.folder)), key=len, default="")
            open_ones.append(_Last(n, part, place))
    return [
        call._replace(commits=tuple(commits[n])) if n in commits else call
        for n, call in enumerate(made)
    ]


def _replaced_by(
    commit: Commit, folder: str, open_ones: list[_Last], commits: dict[int, list[Commit]]
) -> _Last | None:
    """The last commit before an amend in the same repository, where it is on the same branch."""
    here = next((last for last in reversed(open_ones) if _same_tree(last.folder, folder)), None)
    if here is None:
        return None
    branch = commits[here.call][here.part].branch
    return here if branch is None or commit.branch is None or branch == commit.branch else None


def _same_tree(one: str, other: str) -> bool:
    """Whether two folders may be of one repository: the same, or one within the other."""
    if not one or not other or one == other:
        return True
    shorter = min(one, other, key=len)
    return posixpath.commonpath([one, other]) == shorter if one[0] == other[0] else False
