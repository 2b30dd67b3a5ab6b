"""Projects as answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from accrete.insight.answer import ABSENT, Absent, made
from accrete.projects.resolve import Project as ProjectOf
from accrete.queries.overview import ProjectRow
from accrete.queries.projects import InProject
from accrete.queries.projects import Word as WordRow


class Folder(NamedTuple):
    """A folder of a project."""

    cwd: Annotated[str, "its path"]
    how: Annotated[str, "how it was found to be of the project"]
    sessions: Annotated[int, "sessions that began in it"]


class Project(NamedTuple):
    """One project, with its sessions added up."""

    id: Annotated[str, "id of the project"]
    name: Annotated[str, "its name, told apart from namesakes"]
    sessions: Annotated[int, "sessions"]
    prompts: Annotated[int, "prompts that a person sent"]
    prompts_queued: Annotated[int, "prompts sent while Claude worked, besides `prompts`"]
    active_ms: Annotated[int, "active time"]
    cost_nano: Annotated[int, "API-equivalent cost: own and delegated, of what has a price"]
    unpriced: Annotated[int, "responses and inferences without a price"]
    lower_bound: Annotated[int, "responses with partly known output"]
    last_at: Annotated[int | None, "the last message"]
    found: Annotated[list[str], "how it was found"]
    folders: Annotated[list[Folder], "its folders, those with most sessions first"]
    short: Annotated[str | Absent, "its name alone, which namesakes share"] = ABSENT
    remote: Annotated[str | None | Absent, "its git remote"] = ABSENT
    root: Annotated[str | Absent, "a folder of it"] = ABSENT


class Word(NamedTuple):
    """A change that a person made."""

    what: Annotated[str, "merge, split or name"]
    subject: Annotated[str, "id or folder that it is about"]
    value: Annotated[str, "the project or name it was given"]
    label: Annotated[str, "how it was called then"]
    at: Annotated[int, "when"]


class ProjectInFull(NamedTuple):
    """One project, its folders and a person's changes."""

    id: Annotated[str, "id of the project"]
    name: Annotated[str, "its name, told apart from namesakes"]
    short: Annotated[str, "its name alone, which namesakes share"]
    remote: Annotated[str | None, "its git remote"]
    root: Annotated[str, "a folder of it"]
    how: Annotated[str, "how it was found"]
    ids: Annotated[list[str], "its id and those it would have, or had, by itself"]
    folders: Annotated[list[Folder], "its folders, those with most sessions first"]
    words: Annotated[list[Word], "changes that a person made"]


class Changed(NamedTuple):
    """A change of projects."""

    said: Annotated[str, "what was done, in words"]
    ids: Annotated[list[str], "ids of the projects or folders concerned"]


def project_of(
    row: ProjectRow, known: ProjectOf | None, found: list[str], folders: Sequence[InProject]
) -> Project:
    """A project with its sessions added up as an answer; known: None if no session began in it."""
    more = (
        {"short": known.short, "remote": known.remote, "root": known.root}
        if known is not None
        else {}
    )
    return made(Project, row, found=found, folders=[made(Folder, each) for each in folders], **more)


def in_full(
    project: ProjectOf, folders: Sequence[InProject], words: Sequence[WordRow]
) -> ProjectInFull:
    """A project with its folders and changes as an answer."""
    return made(
        ProjectInFull,
        project,
        ids=list(project.ids),
        folders=[made(Folder, each) for each in folders],
        words=[made(Word, each) for each in words],
    )
