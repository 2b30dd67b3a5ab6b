"""Assigns each folder to a project from what is known of folders and what their owner said."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from accrete.database import Database, Question, Row
from accrete.projects.folders import key, plain
from accrete.projects.person_changes import PersonChanges
from accrete.projects.resolve import Claim, Folder, Placed, place
from accrete.projects.settled import Rule

_FOLDERS = "SELECT cwd, leads_to, root, remote, there, asked_at FROM workdir WHERE person = ?"
_BEGUN = "SELECT cwd, COUNT(*) FROM session WHERE person = ? AND cwd IS NOT NULL GROUP BY cwd"
_BRANCHES = "SELECT DISTINCT cwd FROM session_context WHERE person = ? AND branch <> ''"
_CLAIMS = (
    "SELECT worktree, repository, MAX(at) FROM session_worktree WHERE person = ? "
    "GROUP BY worktree, repository"
)
_ON_LIST = "SELECT worktree, repository, 0 FROM git_worktree WHERE person = ?"
_WORDS = "SELECT what, subject, value FROM project_word WHERE person = ?"


@dataclass(frozen=True, slots=True)
class Facts:
    """All that projects are derived of, but the rules."""

    folders: list[Folder]
    claims: list[Claim]
    changes: PersonChanges


def facts(person: int) -> Question[Facts]:
    """What is known of a person's folders."""
    asked = (_FOLDERS, _BEGUN, _BRANCHES, _CLAIMS, _ON_LIST, _WORDS)
    return Question(tuple((sql, (person,)) for sql in asked), _facts)


def _facts(answers: list[list[Row]]) -> Facts:
    rows, begun, branches, claims, listed, words = answers
    sessions = {cwd: int(n) for cwd, n in begun}
    named = {cwd for (cwd,) in branches}
    said: dict[str, dict[str, str]] = {"merge": {}, "split": {}, "name": {}}
    for what, subject, value in words:
        said[what][subject] = value
    return Facts(
        [_folder(row, sessions, named) for row in rows],
        [Claim(worktree, repository, int(at)) for worktree, repository, at in (*claims, *listed)],
        PersonChanges(said["merge"], said["split"], said["name"]),
    )


def _folder(row: Row, sessions: dict[str, int], named: set[str]) -> Folder:
    """The folder of a row. sessions: how many began in each; named: those with a branch."""
    cwd, leads_to, root, remote, there, asked_at = row
    if (
        root is not None and asked_at is None
    ):  # as an older version wrote it: where nothing was said, the folder itself
        root = None if remote is None and key(plain(root)) == key(plain(cwd)) else plain(root)
    begun = sessions.get(cwd, 0)
    return Folder(cwd, leads_to, root, remote, bool(there), asked_at or 0, begun, cwd in named)


def placed(db: Database, person: int, rules: Sequence[Rule], more: Iterable[Folder] = (),
           split: Mapping[str, str] | None = None) -> Placed:  # fmt: skip
    """Every project of the record. more: folders besides those that are stored. split: folders
    besides those that the person split off, as PersonChanges has them."""
    found = db.ask(facts(person))
    said = replace(found.changes, split={**found.changes.split, **(split or {})})
    known = {folder.cwd for folder in found.folders}
    folders = [*found.folders, *(folder for folder in more if folder.cwd not in known)]
    return place(folders, found.claims, rules, said, plain(os.path.expanduser("~")))
