"""A fault of ours in one session keeps no other from being worked out, and is told."""

from __future__ import annotations

import json

from click.testing import CliRunner

from accrete.care.maintain import rebuild
from accrete.database import Sqlite
from accrete.derive import refresh as refreshing
from accrete.ingest import ingest
from tests.transcripts import Transcript


def test_one_session_that_cannot_be_worked_out_stops_no_other(settings, monkeypatch):
    made = [Transcript(n) for n in (1, 2, 3)]
    for n, t in enumerate(made):
        t.prompt("Hello")
        t.answer(f"msg_{n}")
        t.write(settings.roots[0] / "projects")
    good = refreshing.derive_session

    def sometimes(db, person, session, **given):
        good(db, person, session, **given)
        if session == made[1].session:
            raise ValueError("secret words")

    monkeypatch.setattr(refreshing, "derive_session", sometimes)
    ingest(settings)
    db = Sqlite(settings.database, readonly=True)
    rows = dict(db.run("SELECT id, derive_error FROM session"))
    derived = {row[0] for row in db.run("SELECT session FROM session_practice")}
    assert rows[made[1].session].startswith("ValueError at test_isolation.py:")
    assert derived == {made[0].session, made[2].session}
    db.close()

    from accrete.commands import cli

    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    told = json.loads(CliRunner().invoke(cli, ["doctor", "--json"]).output)
    assert any("could not be computed" in finding["text"] for finding in told["findings"])

    monkeypatch.setattr(refreshing, "derive_session", good)
    rebuild(settings)
    db = Sqlite(settings.database, readonly=True)
    assert db.run("SELECT COUNT(*) FROM session WHERE derive_error IS NOT NULL") == [(0,)]
    db.close()
