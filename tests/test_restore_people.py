"""A backup that is restored forgets what was forgotten since, of those who forgot it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from accrete.care.forget import What, forget_within
from accrete.care.maintain import backup, restore
from accrete.database import Sqlite
from tests.people import both_people
from tests.queries.asked import ONE
from tests.records import busy, projects, rows


def test_what_one_person_forgot_is_gone_for_them_alone(settings, tmp_path):
    db = Sqlite(settings.database)
    db.migrate()
    both_people(db, settings, tmp_path / "theirs")
    db.close()
    backup(settings, tmp_path / "backup.db")
    db = Sqlite(settings.database)
    forget_within(db, replace(settings, person=2), What(sessions=(ONE,)), 5)
    before = db.revision()
    db.close()
    mine = rows(settings, "SELECT id FROM session WHERE person = 1 ORDER BY id")
    restore(settings, tmp_path / "backup.db")
    assert rows(settings, "SELECT id FROM session WHERE person = 1 ORDER BY id") == mine
    assert (ONE,) not in rows(settings, "SELECT id FROM session WHERE person = 2")
    db = Sqlite(settings.database, readonly=True)
    assert db.revision() > before
    db.close()


def test_processes_that_read_files_are_of_the_program_that_started_them(settings):
    for n in range(1, 5):
        busy(n, turns=30).write(projects(settings))
    root = Path(__file__).resolve().parents[1]
    env = {
        **os.environ,
        "ACCRETE_HOME": str(settings.home),
        "CLAUDE_CONFIG_DIR": str(settings.roots[0]),
        "PYTHONPATH": os.pathsep.join(map(str, (root, root / "hooks", root / "mcp_server"))),
        "PYTHONSAFEPATH": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "accrete", "backfill", "-q", "--jobs", "2"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert rows(settings, "SELECT COUNT(*) FROM session") == [(4,)]
    from accrete.record import readers

    assert readers.package_folder() == str(root)
