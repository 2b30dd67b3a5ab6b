"""What is asked about one session is answered from that session alone."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from accrete.database import Sqlite
from accrete.queries.scope import Scope
from accrete.queries.steps import deeds, steps, whole, words
from tests.explorer.worked import worked
from tests.people import fill
from tests.queries.asked import ABOUT_A_SESSION
from tests.records import projects, world

AGENT = "a1b2c3"
SESSIONS = [f"0000000{n}-0000-4000-8000-000000000000" for n in (1, 2, 3, 7, 8)]
"""Those of `records.world`, the second with a subagent, and two that edit, check and commit."""
OF_A_RUN = {
    f"{asked.__name__} of a subagent": (asked, lambda s, _, asked=asked: asked(s, AGENT))
    for asked in (steps, deeds, words, whole)
}

OF_OTHERS = ("read", "beside", "standing")
"""What is told by other sessions, or by the paths of the machine."""
OF_FORKS = ("what goes with it", "stored rows")
"""What the forks of a session, here of the first, have to do with it."""


def written(settings) -> None:
    world(settings)
    for n in (7, 8):
        worked(n, days=n, checks=(True, False), edits=("a.py", "b.md")).write(projects(settings))


@pytest.fixture
def recorded(settings, tmp_path):
    """A record of all sessions, and one of each alone."""
    written(settings)
    made = {"all": Sqlite(tmp_path / "all.db")}
    made["all"].migrate()
    fill(made["all"], settings)
    for session in SESSIONS:
        root = tmp_path / session
        shutil.copytree(projects(settings), root / "projects")
        for path in (root / "projects").glob("*/*"):
            if path.name.removesuffix(".jsonl") != session:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        made[session] = Sqlite(tmp_path / f"{session}.db")
        made[session].migrate()
        fill(made[session], replace(settings, roots=(root,)))
    yield made
    for db in made.values():
        db.close()


def test_other_sessions_change_no_answer_about_one(recorded):
    different, empty = [], set(ABOUT_A_SESSION) | set(OF_A_RUN)
    for session in SESSIONS:
        scope = Scope((1,), session=session)
        for name, (_, ask) in (ABOUT_A_SESSION | OF_A_RUN).items():
            if name in OF_OTHERS or (session == SESSIONS[0] and name in OF_FORKS):
                continue
            alone = recorded[session].ask(ask(scope, "sqlite"))
            if recorded["all"].ask(ask(scope, "sqlite")) != alone:
                different.append((session[7], name))
            if alone:
                empty.discard(name)
    assert different == []
    assert "steps of a subagent" not in empty
