"""Resolves names of projects."""

from __future__ import annotations

import os
from collections.abc import Callable

from accrete.database import Sqlite
from accrete.errors import AccreteError
from accrete.projects.folders import key, on_windows, parts, plain
from accrete.projects.repository import identity, remote_key
from accrete.projects.resolve import Project
from accrete.queries.projects import known_projects, names_of, project_folders, project_words
from accrete.queries.scope import Scope


def find_project(db: Sqlite, scope: Scope, name: str) -> str:
    """The id of the one project that is called so: by its name, remote or folder, the end of
    either, or its id."""
    return named_project(db, scope, name).id


def named_project(db: Sqlite, scope: Scope, name: str) -> Project:
    """The one project that is called so. Raises AccreteError if there is none, or several."""
    text = (
        os.path.abspath(os.path.expanduser(name)) if name.startswith((".", "~")) else name.strip()
    )
    known = db.ask(known_projects(scope))
    found = _called(known, text) if text else []
    found = found or _holding(db, scope, known, text) or _called_before(db, scope, known, text)
    if len(found) == 1:
        return found[0]
    if found:
        raise AccreteError(f"{len(found)} projects are called {name!r}: {_choice(found)}.")
    from difflib import get_close_matches

    names = sorted({each for project in known for each in (project.name, project.short)})
    near = get_close_matches(name, names, n=3)
    hint = f" Did you mean {', '.join(near)}?" if near else " `accrete projects` lists them."
    raise AccreteError(f"No project {name!r}.{hint}")


def _called(known: list[Project], text: str) -> list[Project]:
    """The projects that a text names, by the first of the ways to name one that fits any."""
    lower, spelled, ending = text.lower(), key(plain(text)), parts(text)
    ways: tuple[Callable[[Project], bool], ...] = (
        lambda p: p.name == text,
        lambda p: p.short == text,
        lambda p: lower in (p.name.lower(), p.short.lower(), (p.remote or "").lower()),
        lambda p: key(plain(p.root)) == spelled,
        lambda p: (
            len(ending) > 1
            and any(parts(at)[-len(ending) :] == ending for at in (p.remote or "", p.root))
        ),
        lambda p: len(text) >= 6 and p.id.startswith(text),
    )
    return next(
        (found for way in ways if (found := [project for project in known if way(project)])), []
    )


def _called_before(db: Sqlite, scope: Scope, known: list[Project], text: str) -> list[Project]:
    """The projects that were called so before a person merged or renamed them, or of a part of
    which it is the remote, the end of a folder or the id."""
    lower = text.lower()
    said = [word for word in db.ask(project_words(scope)) if word.what != "split"]
    ids = {
        word.subject
        for word in said
        if lower and lower in {each.lower() for each in names_of(word.label)}
    }
    ids.add(identity(f"remote:{remote_key(lower)}"))
    ending = parts(text)
    within = {
        project
        for project, folders in db.ask(project_folders(scope)).items()
        if len(ending) > 1 and any(parts(each.cwd)[-len(ending) :] == ending for each in folders)
    }
    ways: tuple[Callable[[Project], bool], ...] = (
        lambda p: bool(ids & {p.id, *p.ids}),
        lambda p: p.id in within,
        lambda p: len(text) >= 6 and any(one.startswith(text) for one in p.ids),
    )
    return next(
        (found for way in ways if (found := [project for project in known if way(project)])), []
    )


def _choice(found: list[Project]) -> str:
    """How to name one of several projects."""
    some = [f"{each.name} [{each.id[:8]}]" for each in found[:5]]
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return f"{', '.join(some)}{more}. Give what is in parentheses, the folder or the id"


def _holding(db: Sqlite, scope: Scope, known: list[Project], folder: str) -> list[Project]:
    """The projects of a folder that sessions ran in, by its path."""
    if not on_windows(plain(folder)) and not folder.startswith("/"):
        return []
    asked = key(plain(folder))
    found = {project for project, within in db.ask(project_folders(scope)).items()
             if any(key(plain(each.cwd)) == asked for each in within)}  # fmt: skip
    return [project for project in known if project.id in found]
