"""A person's changes to projects: merge, split, rename. No rebuild changes them."""

from __future__ import annotations

from collections.abc import Iterable

from accrete.database import Database
from accrete.errors import AccreteError
from accrete.projects.folders import key, plain
from accrete.projects.repository import identity
from accrete.projects.rules import NAME_KEPT, is_name
from accrete.projects.settled import PROJECTS_SETTLED
from accrete.record.store import insert, set_fact
from accrete.redaction import redact

MERGE, SPLIT, NAME = "merge", "split", "name"

_SAY = insert(
    "project_word",
    ("person", "what", "subject", "value", "label", "at"),
    "ON CONFLICT (person, what, subject) DO UPDATE SET value = excluded.value, label = "
    "excluded.label, at = excluded.at",
)
_LABEL = "SELECT label FROM project_word WHERE person = ? AND what = ? AND subject = ?"
_UNSAY = "DELETE FROM project_word WHERE person = ? AND what = ? AND subject = ?"


def merge(
    db: Database, person: int, projects: Iterable[tuple[str, str]], into: str, now: int
) -> None:
    """Makes projects, each (id, what it is called), part of the one with the id `into`."""
    rows = [
        (person, MERGE, one, into, redact(label), now) for one, label in projects if one != into
    ]
    with db.transaction():
        db.run(_UNSAY, (person, MERGE, into))
        _say(db, person, rows)


def split(db: Database, person: int, folders: Iterable[str], now: int) -> str:
    """Makes one project of these folders, named after the first, whatever they belong to; returns
    its id."""
    listed = [redact(folder) for folder in folders]
    first = key(plain(listed[0]))
    with db.transaction():
        _say(
            db,
            person,
            [(person, SPLIT, key(plain(folder)), first, folder, now) for folder in listed],
        )
    return identity(f"split:{first}")


def rename(db: Database, person: int, project: str, name: str, label: str, now: int) -> None:
    """Calls a project otherwise. `label`: what it is called by itself; the first time counts.
    Raises AccreteError for what can be no name."""
    clean = redact(name.strip())
    if not is_name(clean):
        raise AccreteError(
            f"{name!r} isn't a valid name. Use one line of at most {NAME_KEPT} characters."
        )
    with db.transaction():
        said = db.run(_LABEL, (person, NAME, project))
        _say(
            db, person, [(person, NAME, project, clean, said[0][0] if said else redact(label), now)]
        )


def take_back(db: Database, person: int, what: str, subjects: Iterable[str]) -> None:
    """Takes back words of one kind, by what they are about."""
    with db.transaction():
        db.many(_UNSAY, [(person, what, subject) for subject in sorted(subjects)])
        set_fact(db, person, PROJECTS_SETTLED, "")


def _say(db: Database, person: int, rows: Iterable[tuple[object, ...]]) -> None:
    db.many(_SAY, rows)
    set_fact(db, person, PROJECTS_SETTLED, "")


def project_ids(db: Database, person: int, project: str) -> set[str]:
    """Every id by which a session of a project may be known when it is read again: the project's
    own, those it had before or has by itself, and those of its folders."""
    rows = db.run("SELECT ids FROM project WHERE person = ? AND id = ?", (person, project))
    folders = db.run(
        "SELECT cwd, leads_to FROM workdir WHERE person = ? AND project = ?", (person, project)
    )
    ids = {project, *(each for (text,) in rows for each in text.split())}
    return ids | {identity(f"path:{key(real or plain(cwd))}") for cwd, real in folders}


def forget_words(db: Database, person: int, ids: set[str]) -> None:
    """Deletes what was said of projects with these ids, and of their folders. To be called in a
    transaction."""
    rows = db.run("SELECT what, subject, value FROM project_word WHERE person = ?", (person,))
    gone = [
        (person, what, subject)
        for what, subject, value in rows
        if {subject, value, identity(f"path:{subject}"), identity(f"split:{value}")} & ids
    ]
    db.many(_UNSAY, gone)
