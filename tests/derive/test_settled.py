"""What is settled of owners, line after line: the same as where everything is worked out anew, and
no more is worked out than a line can change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accrete.database import Database, Sqlite
from accrete.derive import appends, owners
from accrete.derive.appends import Settled, forget_settled, hand_back, store_settled, unsettle
from accrete.derive.refresh import refresh, refresh_within
from accrete.settings import Settings
from tests.company import insert
from tests.owners import check_by_the_rule
from tests.queries.by_hand import db as db
from tests.records import kept, rows
from tests.transcripts import START, Transcript

pytestmark = pytest.mark.long

Steps = list[Callable[[], Any]]

OWNED = (
    "SELECT session, agent, uuid, part, replayed FROM event ORDER BY 1, 2, 3, 4",
    "SELECT session, uuid, replayed FROM prompt ORDER BY 1, 2",
    "SELECT message_id, request_id, session, agent, counted FROM response ORDER BY 1, 2",
    "SELECT id, prompts, responses_own, cost_own_nano, api_errors FROM session ORDER BY 1",
    "SELECT session, cluster, own_at FROM settled ORDER BY 1",
)


def said(t: Transcript, second: int, **fields: Any) -> str:
    """A prompt at a second, of words of its own."""
    t.now = START + second * 1000
    return t.prompt(f"{len(t.lines)}th words of {t.session}", after_ms=0, **fields)


def failed(t: Transcript, second: int) -> str:
    """A record that is neither prompt nor answer, at a second."""
    t.now = START + second * 1000
    return t.add("system", after_ms=0, subtype="api_error", content="529")


def given(to: Transcript, *lines: dict[str, Any]) -> None:
    """Copies lines into another session."""
    to.lines += [{**line, "sessionId": to.session} for line in lines]


def read(settings: Settings, made: list[Transcript]) -> None:
    """Reads the files, and compares with what is worked out from nothing."""
    kept(settings, *made)
    check_by_the_rule(settings)
    stepwise = [rows(settings, sql) for sql in OWNED]
    contenders = rows(settings, "SELECT session FROM settled WHERE contender = 1")
    db = Sqlite(settings.database)
    db.run("BEGIN")
    forget_settled(db, 1)
    db.run("UPDATE session SET stale = 1")
    db.run("COMMIT")
    was = db.run("SELECT * FROM settled")
    assert was == []
    refresh(db, 1, settings)
    anew = [db.run(sql) for sql in OWNED]
    assert set(db.run("SELECT session FROM settled WHERE contender = 1")) <= set(contenders)
    db.close()
    assert stepwise == anew


def owner(settings: Settings, uuid: str) -> str:
    """The session whose prompt it is."""
    ((session,),) = rows(settings, f"SELECT session FROM prompt WHERE uuid = '{uuid}' "
                                   "AND replayed = 0")  # fmt: skip
    return str(session)


def test_the_first_of_several_new_lines_says_since_when_a_session_went_its_own_way(settings):
    one, two, three = (Transcript(n) for n in (1, 2, 3))
    shared = said(one, 0)
    for copy in (two, three):
        given(copy, *one.lines)
    made = [one, two, three]
    read(settings, made)
    assert owner(settings, shared) == one.session
    said(two, 30)
    said(two, 10)
    read(settings, made)
    said(three, 20)
    read(settings, made)
    said(one, 40)
    read(settings, made)
    assert owner(settings, shared) == two.session
    own_at = "SELECT own_at FROM settled ORDER BY session"
    assert rows(settings, own_at) == [(START + at * 1000,) for at in (40, 10, 20)]


def test_a_line_before_those_that_others_share_may_win_what_the_session_did_not_own(settings):
    late, rival, origin = Transcript(3), Transcript(2), Transcript(1)
    won = said(rival, 0)
    given(late, *rival.lines)
    said(rival, 10)
    said(origin, 20)
    given(late, *origin.lines)
    made = [late, rival, origin]
    kept(settings, *made)
    assert owner(settings, won) == rival.session
    said(late, 5)
    kept(settings, *made)
    assert owner(settings, won) == late.session
    read(settings, made)


def test_an_owner_that_shares_with_two_who_share_nothing_else_loses_only_where_it_lost(settings):
    owner_, left, right = Transcript(9), Transcript(2), Transcript(3)
    said(owner_, 0)
    failed(owner_, 10)
    said(owner_, 20)
    given(left, *owner_.lines[:2])
    given(right, *owner_.lines[1:])
    said(left, 30)
    said(right, 40)
    made = [owner_, left, right]
    kept(settings, *made)
    errors = "SELECT api_errors FROM session ORDER BY id"
    assert rows(settings, errors) == [(0,), (0,), (1,)]
    said(owner_, 50)
    kept(settings, *made)
    assert rows(settings, errors) == [(0,), (0,), (0,)]
    read(settings, made)


@pytest.fixture
def alone(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> tuple[Settings, Steps]:
    """Two sessions of one history, the smaller id first; the second has a line of its own."""
    first, second = Transcript(1), Transcript(2)
    said(first, 0)
    said(first, 10)
    given(second, *first.lines)
    said(second, 20)
    kept(settings, first, second)
    monkeypatch.setattr(owners, "cluster_of", None)
    return settings, [first, second]


@pytest.mark.parametrize(
    ("place", "lines"),
    [
        (0, [10]),  # at the very instant of the last one that is shared
        (0, [11]),  # before the others' last one
        (0, [30, 31]),
        (1, [20]),  # at the very instant of the first one of its own
        (1, [21, 20]),
        (1, [30]),
    ],
)
def test_a_line_that_is_no_earlier_works_out_no_cluster(alone, monkeypatch, place, lines):
    settings, made = alone
    for second in lines:
        said(made[place], second)
    kept(settings, *made)
    assert rows(settings, "SELECT COUNT(*) FROM session WHERE derive_error IS NOT NULL") == [(0,)]
    upto = f"""SELECT event = (SELECT MAX(e.id) FROM event e WHERE e.session = s.session), contender
    FROM settled s WHERE session = '{made[place].session}'"""
    assert rows(settings, upto) == [(1, int(place == 0))]
    monkeypatch.undo()
    read(settings, made)


@pytest.mark.parametrize(("place", "second"), [(0, 9), (1, 19), (1, 5)])
def test_an_earlier_line_works_out_the_cluster(alone, monkeypatch, place, second):
    settings, made = alone
    said(made[place], second)
    with pytest.raises(TypeError):
        kept(settings, *made)
    monkeypatch.undo()
    read(settings, made)


def test_lines_without_a_time_or_of_a_subagent_are_nobodys_own_way(alone, monkeypatch):
    settings, made = alone
    first = made[0]
    timeless = said(first, 30)
    first.lines[-1]["timestamp"] = None
    kept(settings, *made)
    own_at = "SELECT own_at FROM settled ORDER BY session"
    assert rows(settings, own_at) == [(None,), (START + 20_000,)]
    assert rows(settings, f"SELECT at FROM event WHERE uuid = '{timeless}'") == [(None,)]
    monkeypatch.undo()
    read(settings, made)


@pytest.mark.parametrize("number", [3, 4])
def test_more_lines_than_are_looked_at_one_by_one_work_out_the_cluster(alone, monkeypatch, number):
    settings, made = alone
    monkeypatch.setattr(appends, "NEW_LINES", 3)
    for n in range(number):
        said(made[1], 30 + n)
    if number > 3:
        with pytest.raises(TypeError):
            kept(settings, *made)
    else:
        kept(settings, *made)
    monkeypatch.undo()
    read(settings, made)


def test_a_part_works_out_the_sessions_that_wait_and_no_others(settings):
    made = [Transcript(n) for n in (1, 2, 3)]
    for t in made:
        said(t, 0)
    kept(settings, *made)
    db = Sqlite(settings.database)
    db.run("UPDATE session SET wall_ms = -1, stale = id = ?", (made[1].session,))
    db.run("DELETE FROM settled")
    refresh_within(db, 1, settings)
    worked_out = [(made[1].session,)]
    assert db.run("SELECT id FROM session WHERE wall_ms <> -1") == worked_out
    assert db.run("SELECT session FROM settled") == worked_out
    db.run("DELETE FROM settled")
    refresh_within(db, 1, settings)
    assert db.run("SELECT session FROM settled") == []
    db.close()


PEOPLE = (1, 2)
SETTLED = (
    Settled("a1", 5, "a1", 7, 1, 1),
    Settled("a2", 5, "a1", None, 0, 1),
    Settled("b1", 5, "b1", 8, 0, 0),
    Settled("b2", 5, "b1", 9, 1, 0),
    Settled("alone", 5),
    Settled("other", 5),
)


def held(db: Database) -> set[tuple[int, str]]:
    return set(db.run("SELECT person, session FROM settled"))


@pytest.mark.parametrize(
    ("sessions", "gone"),
    [
        ([], []),
        (["nobody"], []),
        (["alone"], ["alone"]),
        (["a2"], ["a1", "a2"]),
        (["alone", "b1"], ["alone", "b1", "b2"]),
        (["a1", "b2"], ["a1", "a2", "b1", "b2"]),
    ],
)
def test_owners_are_undecided_in_the_clusters_of_a_person_and_nowhere_else(db, sessions, gone):
    every = {(person, each.session) for person in PEOPLE for each in SETTLED}
    for person in PEOPLE:
        store_settled(db, person, SETTLED)
    unsettle(db, 1, sessions)
    assert held(db) == every - {(1, session) for session in gone}


def test_what_was_shared_with_deleted_sessions_goes_to_their_heirs_until_it_is_worked_out(db):
    for person in PEOPLE:
        store_settled(db, person, SETTLED)
        for session in ("a1", "a2", "b1", "b2", "alone"):
            insert(db, "session", person=person, id=session, client="c", zone="UTC", reader=1,
                   stale=0, local_day="2026-09-22", started_at=1, prompts=0,
                   derived_version=1)  # fmt: skip
            store_rows(db, person, session)
    hand_back(db, 1, {"a2"}, {"b1"})
    for table in ("event", "prompt"):
        given_back = db.run(f"SELECT person, session FROM {table} WHERE replayed = 0")
        assert given_back == [(1, "a2")], table
    every = {(person, each.session) for person in PEOPLE for each in SETTLED}
    assert held(db) == every - {(1, session) for session in ("a1", "a2", "b1", "b2")}
    forget_settled(db, 1)
    assert held(db) == {(2, each.session) for each in SETTLED}
    assert set(db.run("SELECT DISTINCT person FROM event WHERE replayed <> 0")) == {(2,)}


def store_rows(db: Database, person: int, session: str) -> None:
    """A prompt and its line that are repetitions."""
    insert(db, "event", person=person, session=session, agent="", uuid="u", part=0, seq=1,
           kind="typed_prompt", replayed=1)  # fmt: skip
    insert(db, "prompt", person=person, session=session, uuid="u", kind="typed_prompt", seq=1,
           replayed=1)  # fmt: skip
