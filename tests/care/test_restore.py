"""A backup that is restored forgets what was forgotten since, and is one."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from accrete.care.forget import What, forget, forget_within
from accrete.care.maintain import backup, restore
from accrete.database import Sqlite
from accrete.errors import AccreteError
from accrete.ingest import ingest
from tests.people import both_people
from tests.queries.asked import ONE
from tests.records import projects, rows
from tests.transcripts import START, Transcript, busy

NOW = START + 90 * 86_400_000


@pytest.mark.long
def test_a_restore_honours_a_forgotten_project_in_remembered_prompts(settings, tmp_path):
    t = Transcript(1, cwd="/home/dev/secret")
    t.prompt("secret work")
    t.write(projects(settings))
    (settings.roots[0] / "history.jsonl").write_text(
        json.dumps(
            {
                "display": "remembered",
                "project": "/home/dev/secret/.claude/worktrees/w1",
                "timestamp": START,
            }
        )
        + "\n"
    )
    ingest(settings)
    backup(settings, tmp_path / "copy.db")
    (project,) = rows(settings, "SELECT project FROM session")[0]
    forget(settings, What(project=project), NOW)
    assert rows(settings, "SELECT COUNT(*) FROM typed_history") == [(0,)]
    restore(settings, tmp_path / "copy.db")
    assert rows(settings, "SELECT COUNT(*) FROM typed_history") == [(0,)]
    assert rows(settings, "SELECT COUNT(*) FROM session") == [(0,)]


def test_the_record_is_no_backup_of_itself_and_a_damaged_backup_is_refused(settings, tmp_path):
    busy(1).write(projects(settings))
    ingest(settings)
    for act in (
        lambda: backup(settings, settings.database, force=True),
        lambda: restore(settings, settings.database),
    ):
        with pytest.raises(AccreteError, match="is the record itself"):
            act()
    torn = tmp_path / "torn.db"
    torn.write_bytes(settings.database.read_bytes()[:9000])
    with pytest.raises(AccreteError, match="torn.db is damaged"):
        restore(settings, torn)
    assert rows(settings, "SELECT COUNT(*) FROM session") == [(1,)]


@pytest.mark.long
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
