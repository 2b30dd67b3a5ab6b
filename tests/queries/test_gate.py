"""Every question goes through one gate: whose rows, which of them, up to which tier."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from accrete.database import Postgres, Sqlite
from accrete.queries.practices import person_weeks, practices
from accrete.queries.scope import Scope, narrowed_by
from accrete.queries.search import search
from tests.people import both_people, fill, stop
from tests.queries.asked import ABOUT_A_SESSION, ABOUT_MANY, EVERY, ONE, questions, scope_for

FILTERS: dict[str, Any] = {
    "since": "2001-02-03",
    "until": "2002-03-04",
    "project": "p-asked",
    "session": "s-asked",
    "branch": "b-asked",
    "model": "m-asked",
    "automated": False,
    "client": "c-asked",
    "without": ("w-asked",),
    "over": "2003-04-05",
}


def test_every_question_is_asked_here():
    assert questions() == {question for question, _ in EVERY.values()}


def test_a_scope_is_of_somebody():
    with pytest.raises(ValueError, match="nobody"):
        Scope(())
    with pytest.raises(ValueError, match="one person"):
        _ = Scope((1, 2)).person
    assert Scope((1, 2, 3), since="2026-01-01").among({3, 1}) == Scope((1, 3), since="2026-01-01")
    for others in ({1, 4}, {4}):
        with pytest.raises(ValueError, match="others"):
            Scope((1, 2, 3)).among(others)
    with pytest.raises(ValueError, match="nobody"):
        Scope((1, 2, 3)).among(())
    with pytest.raises(ValueError, match="one session"):
        _ = Scope((1,)).one


@pytest.mark.parametrize("name", EVERY)
def test_a_filter_is_applied_or_refused_and_never_ignored(name):
    for filter_ in FILTERS:
        _is_applied_or_refused(name, filter_)


def _is_applied_or_refused(name: str, filter_: str) -> None:
    question, ask = EVERY[name]
    scope = replace(scope_for(name, 1), **{filter_: FILTERS[filter_]})
    if filter_ not in question.narrowed_by:
        with pytest.raises(ValueError, match=f"cannot be narrowed by .*{filter_}"):
            ask(scope, "sqlite")
        return
    asked = ask(scope, "sqlite")
    if not asked.statements:
        return  # nothing is asked for this grouping
    value = FILTERS[filter_]
    wanted = 0 if value is False else value[0] if isinstance(value, tuple) else value
    if name.startswith("search") and filter_ in (
        "since",
        "until",
    ):  # it looks at the instants around these days
        assert asked.statements != ask(scope_for(name, 1), "sqlite").statements, filter_
        return
    assert any(wanted in params for _, params in asked.statements), filter_
    if filter_ == "automated":
        assert any("automated = ?" in sql for sql, _ in asked.statements)


@pytest.mark.parametrize("name", EVERY)
def test_sessions_are_read_through_the_view(name):
    ask = EVERY[name][1]
    asked = [ask(scope_for(name, 1), dialect) for dialect in ("sqlite", "postgresql")]
    for sql in (sql for each in asked for sql, _ in each.statements):
        assert not re.search(r"\b(FROM|JOIN)\s+(session|person_week)\b(?!_)", sql), sql


@pytest.mark.parametrize("name", EVERY)
def test_what_is_read_is_bound_to_people(name):
    for sql, params in EVERY[name][1](scope_for(name, 4711), "sqlite").statements:
        assert 4711 in params, sql


@pytest.fixture(params=["sqlite", "postgresql"])
def two(request, settings, tmp_path):
    """A database with two people of the same ids, and one with the first of them alone."""
    if request.param == "sqlite":
        dbs = Sqlite(tmp_path / "two.db"), Sqlite(tmp_path / "one.db")
    else:
        dbs = Postgres(request.getfixturevalue("postgres_url")), Sqlite(tmp_path / "one.db")
    for db in dbs:
        db.migrate()
    both_people(dbs[0], settings, tmp_path / "theirs")
    fill(dbs[1], settings)
    stop(dbs[1], 1)
    yield dbs
    for db in dbs:
        db.close()


@pytest.mark.long
def test_somebody_elses_rows_of_the_same_ids_change_no_answer(two):
    shared, alone = two
    different = []
    for name, (_, ask) in EVERY.items():
        mine = shared.ask(ask(scope_for(name, 1), shared.dialect))
        theirs = alone.ask(ask(scope_for(name, 1), alone.dialect))
        if mine != theirs:
            different.append(name)
    assert different == []


@pytest.mark.long
def test_several_people_are_asked_about_together(two):
    shared, _ = two
    for name, (_, ask) in ABOUT_MANY.items():
        together = shared.ask(ask(Scope((1, 2)), shared.dialect))
        assert type(together) is type(shared.ask(ask(Scope((1,)), shared.dialect))), name
    rows = shared.ask(EVERY["sessions by started"][1](Scope((1, 2)), shared.dialect))
    whole = shared.ask(EVERY["overview"][1](Scope((1, 2)), shared.dialect))
    each = [shared.ask(EVERY["overview"][1](Scope((n,)), shared.dialect)) for n in (1, 2)]
    assert {row.person for row in rows} <= {1, 2}
    assert whole.human.sessions == sum(one.human.sessions for one in each)
    assert whole.human.cost_own_nano == sum(one.human.cost_own_nano for one in each)
    assert whole.usage.sessions == sum(one.usage.sessions for one in each)
    hits = [
        len(shared.ask(search(Scope(people), "needle1", dialect=shared.dialect, limit=50)))
        for people in ((1,), (2,), (1, 2))
    ]
    assert hits[2] == hits[0] + hits[1]
    assert whole.usage.input_tokens == sum(one.usage.input_tokens for one in each)


@pytest.mark.long
def test_what_is_shared_at_a_lower_tier_is_left_out(two):
    shared, _ = two
    empty = {}
    for name, (_, ask) in {**ABOUT_MANY, **ABOUT_A_SESSION}.items():
        nobody = replace(scope_for(name, 1), people=(99,))
        empty[name] = shared.ask(ask(nobody, shared.dialect))
    with shared.transaction():
        shared.run("UPDATE person SET tier = 1 WHERE id = 1")
    for name, (_, ask) in {**ABOUT_MANY, **ABOUT_A_SESSION}.items():
        if name in (
            "capture",
            "read",
            "overview",
        ):  # of one's own machine; the overview remembers what history.jsonl did
            continue
        assert (
            shared.ask(ask(replace(scope_for(name, 1), tier=3), shared.dialect)) == empty[name]
        ), name
    assert shared.ask(EVERY["session"][1](Scope((1,), session=ONE), shared.dialect)) is not None


@pytest.mark.long
def test_weeks_of_a_person_are_those_that_practices_adds_up(two):
    shared, _ = two
    found = shared.ask(person_weeks(Scope((1,))))
    added = shared.ask(practices(Scope((1,), automated=False)))
    assert {(w.week, w.practice, w.eligible, w.seen, w.sightings, w.marked) for w in found} == {
        (w.week, row.name, *w[1:]) for row in added for w in row.weeks if any(w[1:])
    }
    assert found


def test_a_question_past_the_gate_is_found():
    @narrowed_by("since")
    def careless(scope: Scope) -> str:
        return f"SELECT 1 FROM session WHERE local_day >= '{scope.since}'"

    with pytest.raises(ValueError, match="careless cannot be narrowed by branch"):
        careless(Scope((1,), branch="main"))
    assert re.search(r"\b(FROM|JOIN)\s+(session|person_week)\b(?!_)", careless(Scope((1,))))


def test_the_views_have_every_column_of_their_tables(tmp_path, postgres_url):
    for db in (Sqlite(tmp_path / "one.db"), Postgres(postgres_url)):
        db.migrate()
        more = {"session", "first_at", "last_at", "first_day", "partly"}
        for view, table, besides in (
            ("visible_session", "session", more),
            ("visible_person", "person_week", set()),
        ):
            if db.dialect == "sqlite":
                columns = [
                    {r[1] for r in db.run(f"PRAGMA table_info({each})")} for each in (view, table)
                ]
            else:
                named = "SELECT column_name FROM information_schema.columns WHERE table_name = ?"
                columns = [{r[0] for r in db.run(named, (each,))} for each in (view, table)]
            assert columns[0] == columns[1] | {"tier"} | besides
        db.close()
