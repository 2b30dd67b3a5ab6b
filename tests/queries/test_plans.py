"""The engines answer what a company asks most by an index."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from accrete.database import Postgres, Sqlite
from accrete.edge.local import MINE
from accrete.queries.leaving import stored_rows
from accrete.queries.scope import Scope
from accrete.queries.search import search
from accrete.wire.travels import NAMES
from benchmarks import gate
from tests.queries.asked import ABOUT_A_SESSION, ONE

pytestmark = pytest.mark.long

USED = {
    "one session": {"sqlite": "sqlite_autoindex_session_1", "postgresql": "session_pkey"},
    "newest 50 of everybody": {"sqlite": "session_newest", "postgresql": "session_newest"},
    "newest 50 of a team of 20, a week": {
        "sqlite": "session_day_by_day",
        "postgresql": "session_day_by_day",
    },
    "matrix of 100 people, 12 weeks": {
        "sqlite": "sqlite_autoindex_person_week_1",
        "postgresql": "person_week_pkey",
    },
}


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory):
    db = Sqlite(tmp_path_factory.mktemp("company") / "company.db")
    db.migrate()
    gate.fill(db, 60, 30)
    yield db
    db.close()


def plan(db, question) -> str:
    return "\n".join(gate.plan(db, question))


@pytest.mark.parametrize("name", USED)
def test_sqlite_answers_by_an_index(sqlite, name):
    assert USED[name]["sqlite"] in plan(sqlite, gate.questions(60)[name])


OF_ALL = {"what goes with it": {"prompt", "source_file"}, "standing": {"session"}}
"""What a question asks of everything a person has, because it has to."""


def test_what_is_asked_about_one_session_reads_no_table_of_a_person_whole(tmp_path):
    """As in a record that nobody analysed: SQLite guesses there."""
    db = Sqlite(tmp_path / "record.db")
    db.migrate()
    table_of = dict(db.run("SELECT name, tbl_name FROM sqlite_master WHERE type = 'index'"))
    of_a_session = {
        table
        for table in table_of.values()
        if any(row[1] == "session" for row in db.run(f"PRAGMA table_info({table})"))
    }
    one = replace(MINE, session=ONE)
    asked = {name: ask(one, "sqlite") for name, (_, ask) in ABOUT_A_SESSION.items()}
    asked |= {f"rows of {name}": stored_rows(one, name) for name in NAMES}
    found: dict[str, set[str]] = {}
    for name, question in asked.items():
        for line in gate.plan(db, question):
            used = re.search(r"INDEX (\w+) \(person=\?\)$", line)
            if used and table_of[used[1]] in of_a_session | {"session"}:
                found.setdefault(name, set()).add(table_of[used[1]])
    assert found == OF_ALL
    db.close()


def test_postgresql_answers_by_an_index(postgres_url):
    db = Postgres(postgres_url)
    db.migrate()
    gate.fill(db, 60, 30)
    db.run("SET enable_seqscan = off")
    for name, used in USED.items():
        assert used["postgresql"] in plan(db, gate.questions(60)[name]), name
    db.run("""INSERT INTO event (person, session, agent, uuid, part, seq, kind, text, size,
    sidechain, embedded)
        SELECT n % 50, 's', '', 'u' || n, 0, n, 'assistant_text', 'w' || n, 1, 0, 0
        FROM generate_series(1, 20000) n""")
    db.run("INSERT INTO event_search (id, person, words) SELECT id, person, text FROM event")
    db.run("ANALYZE")
    found = plan(db, search(Scope((3, 4)), "needle", dialect="postgresql"))
    assert "event_search_found" in found
    db.close()
