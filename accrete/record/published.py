"""The company's published projects: the list on a server, and a machine's copy of it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import NamedTuple

from accrete.database import Database
from accrete.errors import AccreteError
from accrete.projects.repository import normalise_remote, remote_key

NAME_MOST = 200


class Published(NamedTuple):
    """A project on the list: its normalised remote, the id it leaves under, and its name."""

    remote: str
    id: str
    name: str


def published(db: Database) -> list[Published]:
    """The list, by name."""
    rows = db.run("SELECT remote, id, name FROM published_project")
    return sorted((Published._make(row) for row in rows), key=lambda each: (each.name, each.remote))


def listed_ids(db: Database) -> dict[str, str]:
    """The ids of listed projects by what spellings of their remote share."""
    return {remote_key(each.remote): each.id for each in published(db)}


def replace_list(db: Database, found: Iterable[Published], now: int) -> bool:
    """Makes this the list; returns whether it changed."""
    rows = sorted({each.remote: each for each in found}.values())
    if rows == sorted(published(db)):
        return False
    db.run("DELETE FROM published_project")
    db.many(
        "INSERT INTO published_project (remote, id, name, at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        [(*each, now) for each in rows],
    )
    return True


def names(db: Database, person: int) -> dict[str, str]:
    """The names of a person's projects by their ids."""
    rows = db.run("SELECT id, name FROM project WHERE person = ?", (person,))
    return {str(id_): str(name) for id_, name in rows}


def call_by_name(db: Database, person: int) -> None:
    """Gives a person's shared sessions of listed projects the names of the list. Other projects
    have none here: they leave under ids that tell nothing."""
    db.run(
        "INSERT INTO project (person, id, name, root) "
        "SELECT DISTINCT s.person, p.id, p.name, '' FROM published_project p "
        "JOIN session s ON s.project = p.id WHERE s.person = ? "
        "ON CONFLICT (person, id) DO UPDATE SET name = excluded.name",
        (person,),
    )


def add(db: Database, remote: str, name: str, now: int) -> Published:
    """Lists a project. name: '' for the last part of the remote. Raises AccreteError for what is no
    remote, and for one that is listed."""
    clean = _remote(remote)
    known = {remote_key(each.remote): each for each in published(db)}
    if (there := known.get(remote_key(clean))) is not None:
        raise AccreteError(f"{clean} is listed already, as {there.name}.")
    called = " ".join((name or clean.rpartition("/")[2]).split())
    if not 0 < len(called) <= NAME_MOST or not called.isprintable():
        raise AccreteError(f"A name has 1 to {NAME_MOST} printable characters.")
    made = Published(clean, secrets.token_hex(8), called)
    with db.transaction():
        db.run(
            "INSERT INTO published_project (remote, id, name, at) VALUES (?, ?, ?, ?)", (*made, now)
        )
    return made


def remove(db: Database, remote: str) -> Published:
    """Takes a project off the list; from then on each machine shares it under a random id. Raises
    AccreteError where it is not listed."""
    wanted = remote_key(_remote(remote))
    for each in published(db):
        if remote_key(each.remote) == wanted:
            with db.transaction():
                db.run("DELETE FROM published_project WHERE remote = ?", (each.remote,))
            return each
    raise AccreteError(f"{_remote(remote)} is not listed. See `accrete-team projects list`.")


def _remote(given: str) -> str:
    """A normalised remote, from any form of one or from `host/owner/name`."""
    plain = given.strip()
    written = plain if ":" in plain else f"https://{plain}"
    found = normalise_remote(written)
    if found is None or not found.isprintable() or len(found) > 1000 or "." not in found:
        raise AccreteError(
            f"{given[:100]!r} is not a git remote. Write it as github.com/owner/name, "
            "or as `git remote -v` shows it."
        )
    return found
