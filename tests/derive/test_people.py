"""What is derived for one person leaves what waits for another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accrete.care.forget import What, forget_within
from accrete.derive.refresh import refresh
from accrete.derive.weeks import EVERY_WEEK
from accrete.model.batch import Batch
from accrete.model.captured import Event
from accrete.model.tables import OF_PERSON
from accrete.record import store
from accrete.record.stored_facts import WEEKS_WAIT
from tests.people import both_people


@pytest.fixture
def db(either, settings, tmp_path):
    both_people(either, settings, tmp_path / "theirs")
    return either


def kept_of(db, person: int) -> dict[str, list[str]]:
    return {
        table: sorted(map(repr, db.run(f"SELECT * FROM {table} WHERE person = ?", (person,))))
        for table in OF_PERSON
    }


@pytest.mark.long
def test_weeks_that_a_kill_left_undone_wait_for_their_own_person(db, settings):
    weeks = "SELECT COUNT(*) FROM person_week WHERE person = 1"
    before = db.run(weeks)
    with db.transaction():
        db.run("DELETE FROM person_week WHERE person = 1")
        store.set_fact(db, 1, WEEKS_WAIT, EVERY_WEEK)
    refresh(db, 2, replace(settings, person=2))
    assert db.run(weeks) == [(0,)]
    refresh(db, 1, settings)
    assert db.run(weeks) == before
    assert before[0][0] > 0


def test_a_summary_names_the_session_of_its_own_person_whoever_is_worked_out_first(db, settings):
    leaf = db.run("""SELECT session, uuid FROM event WHERE person = 1 AND agent = '' AND kind =
    'assistant_text'
        AND session LIKE '00000003%' ORDER BY seq DESC LIMIT 1""")[0]
    with db.transaction():
        db.run("DELETE FROM event WHERE kind IN ('ai_title', 'custom_title', 'agent_name')")
        store.mark_stale(db, 1, [leaf[0]])
    refresh(db, 1, settings)
    said = Event(
        1,
        "",
        "",
        "u-summary",
        0,
        0,
        None,
        "summary_title",
        None,
        "What it was about",
        17,
        None,
        None,
        leaf[1],
        0,
        0,
        None,
    )
    with db.transaction():
        store.store_batch(db, Batch(events=[said]), person=1, zone="UTC")
    refresh(db, 2, replace(settings, person=2))
    refresh(db, 1, settings)
    assert db.run("SELECT title FROM session WHERE person = 1 AND id = ?", (leaf[0],)) == [
        ("What it was about",)
    ]


@pytest.mark.long
def test_forgetting_everything_of_one_person_leaves_the_other(db, settings):
    theirs = kept_of(db, 1)
    forget_within(db, replace(settings, person=2), What(everything=True), 5)
    assert kept_of(db, 1) == theirs
    assert {table: rows for table, rows in kept_of(db, 2).items() if rows} == {}
