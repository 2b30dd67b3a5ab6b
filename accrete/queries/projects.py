"""Projects: what is known about folders, a person's changes, and the project of a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from accrete.database import Database, Question, Row
from accrete.derive.placing import placed
from accrete.projects.repository import look
from accrete.projects.resolve import Folder, Project
from accrete.projects.settled import Rule
from accrete.queries.scope import Scope, narrowed_by

_KNOWN = """SELECT id, name, COALESCE(short, name), remote, root, COALESCE(how, ''), ids
FROM project
WHERE person = ? ORDER BY name, id"""
_IN_PROJECTS = """SELECT w.project, w.cwd, COALESCE(w.how, ''), COUNT(s.id) FROM workdir w
LEFT JOIN visible_session s ON s.person = w.person AND s.cwd = w.cwd WHERE w.person = ?
GROUP BY w.project, w.cwd, w.how"""


class InProject(NamedTuple):
    """A folder of a project: how it was found to be one, and how many sessions began there."""

    cwd: str
    how: str
    sessions: int


@narrowed_by()
def known_projects(scope: Scope) -> Question[list[Project]]:
    """Every project that sessions began in, by name."""
    return Question(
        ((_KNOWN, (scope.person,)),),
        lambda answers: [Project(*[*named, tuple(ids.split())]) for *named, ids in answers[0]],
    )


@narrowed_by()
def project_folders(scope: Scope) -> Question[dict[str, list[InProject]]]:
    """The folders of each project (by id), those with most sessions first."""

    def shape(answers: list[list[Row]]) -> dict[str, list[InProject]]:
        found: dict[str, list[InProject]] = {}
        for project, cwd, how, sessions in answers[0]:
            found.setdefault(project, []).append(InProject(cwd, how, int(sessions)))
        for folders in found.values():
            folders.sort(key=lambda folder: (-folder.sessions, folder.cwd))
        return found

    return Question(((_IN_PROJECTS, (scope.person,)),), shape)


@narrowed_by()
def project_names(scope: Scope) -> Question[list[str]]:
    """What each project can be called by, sorted: its name; of namesakes the end of the path that
    tells them apart."""

    def shape(answers: list[list[Row]]) -> list[str]:
        return sorted({_callable(name, short) for _, name, short, *_ in answers[0]})

    return Question(((_KNOWN, (scope.person,)),), shape)


def _callable(name: str, short: str) -> str:
    return name if name == short else name[len(short) + 2 : -1]


def names_of(label: str) -> set[str]:
    """What a project can be called by that was shown so: its whole name, and either part of it."""
    name, found, where = label.removesuffix(")").rpartition(" (")
    return {label, name, where} if found else {label}


@dataclass(frozen=True, slots=True)
class Word:
    """What a person said of a project: `what` merge, split or name; see the schema for `subject`
    and `value`."""

    what: str
    subject: str
    value: str
    label: str
    at: int


@narrowed_by()
def project_words(scope: Scope) -> Question[list[Word]]:
    """All that a person said of projects, the oldest first."""
    sql = (
        "SELECT what, subject, value, label, at FROM project_word WHERE person = ? "
        "ORDER BY at, what, subject"
    )
    return Question(((sql, (scope.person,)),), lambda answers: [Word(*row) for row in answers[0]])


def project_at(db: Database, scope: Scope, rules: Sequence[Rule], folder: str) -> Project:
    """The project that a folder of this machine is of, whether or not the record knows it."""
    found = placed(db, scope.person, rules, [Folder(folder, *look(folder))])
    return found.projects[found.folders[folder][0]]
