"""Projects: what is known of folders and what a person said of them, and the project that a folder is of."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from accrete.database import Database, Question, Row
from accrete.projects import Claim, Folder, Placed, Project, Words, key, look, place, plain
from accrete.projects.rules import PROJECTS_SETTLED, Rule, digest

_KNOWN = """SELECT id, name, COALESCE(short, name), remote, root, COALESCE(how, ''), ids FROM project
WHERE person = ? ORDER BY name, id"""
_IN_PROJECTS = """SELECT w.project, w.cwd, COALESCE(w.how, ''), COUNT(s.id) FROM workdir w
LEFT JOIN session s ON s.person = w.person AND s.cwd = w.cwd WHERE w.person = ?
GROUP BY w.project, w.cwd, w.how"""
_FOLDERS = "SELECT cwd, leads_to, root, remote, there, asked_at FROM workdir WHERE person = ?"
_BEGUN = "SELECT cwd, COUNT(*) FROM session WHERE person = ? AND cwd IS NOT NULL GROUP BY cwd"
_BRANCHES = "SELECT DISTINCT cwd FROM session_context WHERE person = ? AND branch <> ''"
_CLAIMS = "SELECT worktree, repository, MAX(at) FROM session_worktree WHERE person = ? GROUP BY worktree, repository"
_ON_LIST = "SELECT worktree, repository, 0 FROM git_worktree WHERE person = ?"
_WORDS = "SELECT what, subject, value FROM project_word WHERE person = ?"


class InProject(NamedTuple):
    """A folder of a project: how it was found to be one, and how many sessions began there."""

    cwd: str
    how: str
    sessions: int


def known_projects(person: int) -> Question[list[Project]]:
    """Every project that sessions began in, by name."""
    return Question(
        ((_KNOWN, (person,)),), lambda answers: [Project._make((*row[:6], tuple(row[6].split()))) for row in answers[0]]
    )


def project_folders(person: int) -> Question[dict[str, list[InProject]]]:
    """The folders of each project (by id), those with most sessions first."""

    def shape(answers: list[list[Row]]) -> dict[str, list[InProject]]:
        found: dict[str, list[InProject]] = {}
        for project, cwd, how, sessions in sorted(answers[0], key=lambda row: (-int(row[3]), row[1])):
            found.setdefault(project, []).append(InProject(cwd, how, int(sessions)))
        return found

    return Question(((_IN_PROJECTS, (person,)),), shape)


def project_names(person: int) -> Question[list[str]]:
    """What each project can be called by, sorted: its name; of namesakes the end of the path that tells them apart."""

    def shape(answers: list[list[Row]]) -> list[str]:
        return sorted({_callable(name, short) for _, name, short, *_ in answers[0]})

    return Question(((_KNOWN, (person,)),), shape)


def _callable(name: str, short: str) -> str:
    return name if name == short else name[len(short) + 2 : -1]


def names_of(label: str) -> set[str]:
    """What a project can be called by that was shown so: its whole name, and either part of it."""
    name, found, where = label.removesuffix(")").rpartition(" (")
    return {label, name, where} if found else {label}


def other_rules(rules: Sequence[Rule]) -> Question[bool]:
    """Whether projects were worked out by other rules than these. False where an ingest has yet to work them out."""
    sql = "SELECT value FROM fact WHERE name = ?"
    return Question(
        ((sql, (PROJECTS_SETTLED,)),), lambda answers: any(row[0] not in ("", digest(rules)) for row in answers[0])
    )


@dataclass(frozen=True, slots=True)
class Word:
    """What a person said of a project: `what` merge, split or name; see the schema for `subject` and `value`."""

    what: str
    subject: str
    value: str
    label: str
    at: int


def project_words(person: int) -> Question[list[Word]]:
    """All that a person said of projects, the oldest first."""
    sql = "SELECT what, subject, value, label, at FROM project_word WHERE person = ? ORDER BY at, what, subject"
    return Question(((sql, (person,)),), lambda answers: [Word(*row) for row in answers[0]])


@dataclass(frozen=True, slots=True)
class Facts:
    """All that projects are worked out of, but the rules."""

    folders: list[Folder]
    claims: list[Claim]
    words: Words


def facts(person: int) -> Question[Facts]:
    """What is known of a person's folders."""
    asked = (_FOLDERS, _BEGUN, _BRANCHES, _CLAIMS, _ON_LIST, _WORDS)
    return Question(tuple((sql, (person,)) for sql in asked), _facts)


def _facts(answers: list[list[Row]]) -> Facts:
    rows, begun, branches, claims, listed, words = answers
    sessions = {row[0]: int(row[1]) for row in begun}
    named = {row[0] for row in branches}
    said: dict[str, dict[str, str]] = {"merge": {}, "split": {}, "name": {}}
    for what, subject, value in words:
        said[what][subject] = value
    return Facts(
        [_folder(row, sessions.get(row[0], 0), row[0] in named) for row in rows],
        [Claim(worktree, repository, int(at)) for worktree, repository, at in (*claims, *listed)],
        Words(said["merge"], said["split"], said["name"]),
    )


def _folder(row: Row, sessions: int, branch: bool) -> Folder:
    cwd, leads_to, root, remote, there, asked_at = row
    if root is not None and asked_at is None:  # as an older version wrote it: where nothing was said, the folder itself
        root = None if remote is None and key(plain(root)) == key(plain(cwd)) else plain(root)
    return Folder(cwd, leads_to, root, remote, bool(there), asked_at or 0, sessions, branch)


def placed(db: Database, person: int, rules: Sequence[Rule], more: Iterable[Folder] = (),
           split: Mapping[str, str] | None = None) -> Placed:  # fmt: skip
    """Every project of the record. more: folders besides those that are stored. split: folders besides those that the
    person split off, as Words has them."""
    found = db.ask(facts(person))
    said = replace(found.words, split={**found.words.split, **(split or {})})
    known = {folder.cwd for folder in found.folders}
    folders = [*found.folders, *(folder for folder in more if folder.cwd not in known)]
    return place(folders, found.claims, rules, said, plain(os.path.expanduser("~")))


def project_at(db: Database, person: int, rules: Sequence[Rule], folder: str) -> Project:
    """The project that a folder of this machine is of, whether or not the record knows it."""
    found = placed(db, person, rules, [Folder(folder, *look(folder))])
    return found.projects[found.folders[folder][0]]
