"""Derives projects: each folder's project, its name, and the sessions that began there."""

from __future__ import annotations

from accrete.database import Database
from accrete.derive.placing import placed
from accrete.derive.weeks import let_weeks_wait
from accrete.projects.resolve import Placed
from accrete.projects.settled import PROJECTS_SETTLED, digest
from accrete.record import store
from accrete.record.weeks import weeks_of
from accrete.settings import Settings

_FOLDERS = "SELECT cwd, project, how FROM workdir WHERE person = ?"
_SESSIONS = (
    "SELECT id, cwd, project FROM session WHERE person = ? AND cwd IS NOT NULL AND stale = 0"
)
_PROJECTS = "SELECT id, name, short, remote, root, how, ids FROM project WHERE person = ?"
_BEGUN = "SELECT DISTINCT cwd FROM session WHERE person = ? AND cwd IS NOT NULL"


def settle_projects(db: Database, person: int, settings: Settings) -> bool:
    """Works out which project each folder is of, from all that is stored; returns whether anything
    is otherwise than before. It begins anew each time, so that no order of reading shows."""
    with db.transaction():
        found = placed(db, person, settings.projects)
        changed = _store(db, person, found)
        store.set_fact(db, person, PROJECTS_SETTLED, digest(settings.projects))
    return changed


def unsettle(db: Database, person: int) -> None:
    """Notes that projects are to be derived again: in the transaction that writes what they are
    derived of, so that nothing is left as it was where a kill comes before `settle_projects`."""
    store.set_fact(db, person, PROJECTS_SETTLED, "")


def is_settled(db: Database, person: int, settings: Settings) -> bool:
    """Whether projects were derived since folders, words or rules changed."""
    return store.fact(db, person, PROJECTS_SETTLED) == digest(settings.projects)


def _store(db: Database, person: int, found: Placed) -> bool:
    folders = [
        (*found.folders[cwd], person, cwd)
        for cwd, project, how in db.run(_FOLDERS, (person,))
        if found.folders[cwd] != (project, how)
    ]
    store.update_rows(db, "workdir", ("person", "cwd"), ("project", "how"), folders)
    moved = [
        (found.folders[cwd][0], person, one)
        for one, cwd, project in db.run(_SESSIONS, (person,))
        if cwd in found.folders and found.folders[cwd][0] != project
    ]
    let_weeks_wait(db, person, weeks_of(db, person, (session for _, _, session in moved)))
    store.update_rows(db, "session", ("person", "id"), ("project",), moved)
    store.update_rows(db, "session_commit", ("person", "session"), ("project",), moved)
    store.mark_changed(db, person, {session for _, _, session in moved})
    begun = {found.folders[cwd][0] for (cwd,) in db.run(_BEGUN, (person,)) if cwd in found.folders}
    wanted = {(*found.projects[one][:6], " ".join(found.projects[one].ids)) for one in begun}
    known = set(db.run(_PROJECTS, (person,)))
    store.replace_projects(
        db,
        person,
        sorted({project for project, *_ in known - wanted}),
        sorted(wanted - known, key=str),
    )
    return bool(folders or moved or known != wanted)
