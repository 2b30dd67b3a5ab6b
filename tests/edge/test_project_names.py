"""A project is named by its name, its remote, its folder, the end of either, or its id."""

from __future__ import annotations

import pytest

from accrete.database import Sqlite
from accrete.edge.local import MINE
from accrete.edge.project_names import find_project
from accrete.errors import AccreteError
from tests.records import kept
from tests.transcripts import Transcript


@pytest.fixture
def named(settings):
    """Two projects, one of them called otherwise than its folder; how to find one, and its id."""
    for n, folder in enumerate(("/home/dev/till", "/home/dev/shop"), 1):
        t = Transcript(n, cwd=folder)
        t.prompt()
        kept(settings, t)
    db = Sqlite(settings.database)
    db.run("UPDATE project SET name = 'acme/Store', short = 'Store', "
           "remote = 'git.example/team/acme-store' WHERE root = '/home/dev/till'")  # fmt: skip
    ((identity,),) = db.run("SELECT id FROM project WHERE short = 'Store'")
    yield lambda name: find_project(db, MINE, name), identity
    db.close()


def test_a_project_is_found_by_all_that_names_it(named):
    find, identity = named
    for name in (
        "acme/Store", "Store", " store ", "STORE", "git.example/team/acme-store", "ACME/STORE",
        "/home/dev/till", "/home/dev/till/", "dev/till", "team/acme-store", identity, identity[:6],
    ):  # fmt: skip
        assert find(name) == identity, name


@pytest.mark.parametrize("name", ["till", "", "sto", "ev/till", "home/dev"])
def test_a_folder_alone_a_part_of_a_name_or_little_of_an_id_names_none(named, name):
    find, identity = named
    with pytest.raises(AccreteError, match=f"No project '{name}'"):
        find(name)
    with pytest.raises(AccreteError, match="No project"):
        find(identity[:5])
