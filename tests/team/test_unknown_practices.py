"""A practice that a machine knows and the server does not, yet: kept, and shown nowhere."""

from __future__ import annotations

import pytest

from accrete.ingest import open_for_writing
from tests.records import kept
from tests.team.signed import a_person, in_team, signed_in
from tests.team.test_sync import told

FUTURE = "zqfuture"


@pytest.mark.long
def test_a_practice_that_the_server_does_not_know_is_kept_and_not_shown(settings, team):
    kept(settings, told(1))
    db = open_for_writing(settings)
    try:
        ((practice, version),) = db.run(
            "SELECT practice, version FROM session_practice WHERE possible = 1 "
            "ORDER BY practice LIMIT 1"
        )
        db.run(
            "INSERT INTO session_practice (person, session, practice, possible, sightings, "
            "marked, version) VALUES (1, ?, ?, 1, 2, 1, ?)",
            (told(1).session, FUTURE, version),
        )
        db.run(
            "INSERT INTO sighting (person, session, practice, uuid, tool_use_id, agent, seq, at, "
            "marks, note, local_day) SELECT person, session, ?, uuid, '', agent, seq, at, '', "
            "NULL, ? FROM event WHERE session = ? ORDER BY seq LIMIT 1",
            (FUTURE, "2026-03-02", told(1).session),
        )
    finally:
        db.close()
    team.company()
    amara = a_person(team, "Amara", password=None)
    assert team.sync(settings, team.choice("Amara", tier=3)).refused == []
    for table in ("session_practice", "sighting"):
        found = team.rows(f"SELECT COUNT(*) FROM {table} WHERE practice = '{FUTURE}'")
        assert found == [(1,)], table
    lea = a_person(team, "Lea Lead", password=None)
    in_team(team, "Ledger", leads=[lea], members=[amara])
    owner, lead = signed_in(team, "Amara"), signed_in(team, "Lea Lead")
    assert practice in owner.page("/me/practices?range=all")
    for browser, paths in (
        (owner, ("/me/?range=all", "/me/practices?range=all", "/me/practices?range=all&format=json",
                 f"/me/sessions/{told(1).session}", f"/me/practices/{practice}?range=all")),
        (lead, ("/week", "/matrix", "/matrix?format=csv", f"/people/{amara}/",
                f"/people/{amara}/sessions/{told(1).session}")),
    ):  # fmt: skip
        for path in paths:
            assert FUTURE not in browser.page(path), path
    assert owner.get(f"/me/practices/{FUTURE}").status_code == 404
