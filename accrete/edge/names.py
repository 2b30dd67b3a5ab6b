"""Resolves names: sessions by the beginning of an id, latest or current; projects, branches and
models by name."""

from __future__ import annotations

import os
from collections.abc import Callable

from accrete.database import Sqlite
from accrete.edge.running import running
from accrete.errors import AccreteError
from accrete.projects.folders import key, on_windows, parts, plain
from accrete.projects.repository import identity, remote_key
from accrete.projects.resolve import Project
from accrete.queries.projects import known_projects, names_of, project_folders, project_words
from accrete.queries.scope import Scope
from accrete.queries.sessions import sessions_named, used


def running_session() -> str:
    """The id of the Claude Code session that this process runs in; '' outside of one."""
    return running().session


def find_used(db: Sqlite, scope: Scope, name: str, column: str, text: str) -> str:
    """The one branch or model that responses have and that is called so, or has it in its name."""
    names = [row for row in db.ask(used(scope, column)) if row]
    if text in names:
        return text
    near = [each for each in names if text and text.lower() in each.lower()]
    if len(near) == 1:
        return near[0]
    shown = near or names
    some = ", ".join(shown[:6]) + (f" … and {len(shown) - 6} more" if len(shown) > 6 else "")
    raise AccreteError(
        f"{'Several' if near else 'No'} "
        f"{name}{name.endswith('ch') * 'e' + 's match' if near else ''} {text!r}. "
        f"{f'Choose one of: {some}' if some else 'The record has none'}."
    )


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


def find_session(db: Sqlite, scope: Scope, prefix: str) -> str:
    """The id of the one session whose id begins so, or of the first that `accrete sessions` lists
    for `latest`."""
    running = prefix == "current"
    if running:
        prefix = running_session()
        if not prefix:
            raise AccreteError(
                "This shell does not run in a Claude Code session. Give an id, or latest."
            )
    found = db.ask(sessions_named(scope, prefix)) or db.ask(sessions_named(scope, prefix.lower()))
    if not found and prefix == "latest":
        raise AccreteError("The record is empty. Run `accrete backfill`.")
    exact = [identity for identity, _ in found if identity == prefix]
    if len(found) == 1 or exact:
        return exact[0] if exact else found[0][0]
    if found:
        ids = [identity for identity, _ in found[:5]]
        shown = next(
            (n for n in (13, 18, 24) if len({identity[:n] for identity in ids}) == len(ids)), None
        )
        some = ", ".join(identity[:shown] for identity in ids) + (
            " …" if len(found) > len(ids) else ""
        )
        raise AccreteError(
            f"{len(found)} session ids begin with {prefix!r} ({some}). Give more of the id."
        )
    if running:
        raise AccreteError("This shell's session is not in the record yet. Run `accrete backfill`.")
    raise AccreteError(f"No session {prefix!r}. `accrete sessions` lists them.")
