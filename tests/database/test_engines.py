"""SQLite and PostgreSQL hold the same rows and give the same answers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from accrete.database import Postgres, Sqlite
from accrete.database.postgres import for_psycopg
from accrete.database.schema import latest_version
from accrete.database.serving import PostgresPool, SqlitePool
from accrete.derive.projects import settle_projects
from accrete.errors import AccreteError
from accrete.queries.costs import GROUPINGS, cost, windows, without_price
from accrete.queries.counts import counts
from accrete.queries.decisions import actions, thoughts
from accrete.queries.figures import GROUPS, figures
from accrete.queries.health import health
from accrete.queries.overview import overview
from accrete.queries.practices import practices, sightings
from accrete.queries.projects import known_projects, project_folders, project_names
from accrete.queries.projects import project_words as all_words
from accrete.queries.replay import replay
from accrete.queries.rules import other_rules
from accrete.queries.scope import Scope
from accrete.queries.search import search
from accrete.queries.sessions import SORTS, session, sessions, sessions_named, used
from accrete.record import project_words, store
from tests.contents import contents
from tests.fuzz import TORTURE
from tests.people import fill
from tests.records import world
from tests.transcripts import Transcript

pytestmark = pytest.mark.usefixtures("applied_schema")


@pytest.fixture(scope="module")
def both(applied_schema, shared_settings, shared_postgres_url):
    """A record of each engine, filled from the same transcripts; tests only read it."""
    with filled(shared_settings, shared_settings.home, shared_postgres_url) as dbs:
        yield dbs


@pytest.fixture
def own(settings, tmp_path, postgres_url):
    """The same, for a test that changes it."""
    with filled(settings, tmp_path, postgres_url) as dbs:
        yield dbs


@contextlib.contextmanager
def filled(settings, folder, postgres_url):
    world(settings)
    (settings.roots[0] / "history.jsonl").write_text(
        json.dumps({"display": "typed", "timestamp": 1, "project": "/x"}) + "\n"
    )
    folder.mkdir(parents=True, exist_ok=True)
    sqlite, postgres = Sqlite(folder / "one.db"), Postgres(postgres_url)
    for db in (sqlite, postgres):
        db.migrate()
        fill(db, settings)
    yield sqlite, postgres
    sqlite.close()
    postgres.close()


WITHIN = Scope((1,), since="2026-09-22", until="2026-09-24", automated=False)
QUESTIONS = {
    "overview": overview(Scope((1,))),
    "overview narrowed": overview(
        Scope((1,), since="2026-09-22", until="2026-09-24", automated=False)
    ),
    **{
        f"{name} within a range": question
        for name, question in (
            (
                "sessions",
                sessions(replace(WITHIN, branch="main"), practice="verification", sort="lines"),
            ),
            ("all sessions", sessions(WITHIN, empty=True)),
            ("practices", practices(WITHIN)),
            ("sightings", sightings(WITHIN, "verification", limit=5)),
            ("thoughts", thoughts(WITHIN, ["Answer"])),
            ("actions", actions(WITHIN, ["pytest"])),
            *((f"figures by {by}", figures(WITHIN, by=by)) for by in GROUPS),
            *((f"cost by {by}", cost(WITHIN, by)) for by in GROUPINGS),
        )
    },
    "counts": counts(Scope((1,))),
    "sessions": sessions(Scope((1,))),
    "sessions of a branch": sessions(
        Scope((1,), branch="main", model="claude-opus-5"), limit=3, empty=True
    ),
    **{f"sessions sorted by {sort}": sessions(Scope((1,)), sort=sort) for sort in SORTS},
    "sessions narrowed": sessions(
        Scope((1,)), outcome="explored", practice="verification", text="50%_s", tag="x"
    ),
    "session": session(Scope((1,), session="00000001-0000-4000-8000-000000000000")),
    "practices": practices(Scope((1,))),
    "sightings": sightings(Scope((1,)), "verification", limit=5),
    "replay": replay(Scope((1,), session="00000001-0000-4000-8000-000000000000")),
    "models": used(Scope((1,)), "model"),
    "latest": sessions_named(Scope((1,)), "latest"),
    "by prefix": sessions_named(Scope((1,)), "0000000"),
    "projects": project_names(Scope((1,))),
    "project": known_projects(Scope((1,))),
    "project folders": project_folders(Scope((1,))),
    "health": health(Scope((1,))),
    "without a price": without_price(Scope((1,))),
    **{f"cost by {by}": cost(Scope((1,)), by) for by in (*GROUPINGS, "all")},
    "windows": windows(Scope((1,))),
    **{
        f"cost of a model by {by}": cost(Scope((1,), model="claude-opus-5"), by) for by in GROUPINGS
    },
    "overview without a project": overview(Scope((1,), without=("nowhere", ""))),
    "sessions without a project": sessions(replace(WITHIN, without=("nowhere",))),
    "cost of one": cost(
        Scope((1,), session="00000001-0000-4000-8000-000000000000", branch="main"), "model"
    ),
}


def test_both_engines_hold_the_same_rows(both):
    sqlite, postgres = both
    mine, theirs = contents(sqlite), contents(postgres)
    assert mine.keys() == theirs.keys()
    for table in mine:
        assert sorted(map(repr, mine[table])) == sorted(map(repr, theirs[table])), table
    assert mine["response"]
    assert mine["inference"]


def test_both_engines_give_the_same_answers(both):
    sqlite, postgres = both
    for name, question in QUESTIONS.items():
        assert sqlite.ask(question) == postgres.ask(question), name


@pytest.mark.parametrize(
    "words",
    [
        "needle1",
        '"session 2"',
        "needle*",
        "fix of",
        "NEEDLE2 prompt",
        "nothinglikeit",
        "look session",
    ],
)
def test_both_engines_find_the_same_places(both, words):
    found = []
    for db in both:
        hits = db.ask(search(Scope((1,)), words, dialect=db.dialect, limit=50))
        found.append({(hit.session, hit.uuid, hit.kind, hit.at) for hit in hits})
    assert {place[1] for place in found[0]} == {place[1] for place in found[1]}
    assert bool(found[0]) == (words not in ("nothinglikeit", "fix of"))


@pytest.mark.parametrize(
    "words",
    [
        "a OR b NOT",
        'un"closed',
        "(x",
        "col:x",
        "a - b",
        "^x",
        "x' --",
        "ünïcode",
        "a/b.c",
        "100%",
        "a?b",
    ],
)
def test_search_takes_any_text_for_words(both, words):
    for db in both:
        assert isinstance(db.ask(search(Scope((1,)), words, dialect=db.dialect)), list)


def test_search_for_nothing_is_refused(both):
    with pytest.raises(ValueError, match="nothing"):
        search(Scope((1,)), '"" * ()', dialect="sqlite")


def test_whatever_serves_gets_the_same_answers_without_blocking(
    both, shared_settings, shared_postgres_url
):
    sqlite, _ = both

    async def ask_all(opened):
        db = await opened
        try:
            return {name: await db.ask(question) for name, question in QUESTIONS.items()}
        finally:
            await db.close()

    mine = {name: sqlite.ask(question) for name, question in QUESTIONS.items()}
    assert asyncio.run(ask_all(SqlitePool.open(shared_settings.home / "one.db"))) == mine
    assert asyncio.run(ask_all(PostgresPool.open(shared_postgres_url))) == mine


def test_migrating_twice_does_nothing_and_a_newer_schema_is_refused(own, postgres_url):
    _, postgres = own
    postgres.migrate()
    postgres.run("INSERT INTO migration (version) VALUES (999)")
    with pytest.raises(AccreteError, match="newer"):
        Postgres(postgres_url)


def test_a_role_that_may_not_create_the_extension_is_told_whom_to_ask(empty_postgres_url):
    with psycopg.connect(empty_postgres_url, autocommit=True) as owner:
        owner.execute("GRANT CREATE, USAGE ON SCHEMA public TO pg_monitor")
        db = Postgres(make_conninfo(empty_postgres_url, options="-c role=pg_monitor"))
        with pytest.raises(AccreteError, match="run `CREATE EXTENSION btree_gin`"):
            db.migrate()
        owner.execute("CREATE EXTENSION btree_gin")
    db.migrate()
    assert db.run("SELECT COUNT(*) FROM event_search") == [(0,)]
    db.close()


def test_an_extension_that_the_server_lacks_is_named(empty_postgres_url, monkeypatch):
    lacking = [(1, ["CREATE EXTENSION IF NOT EXISTS accrete_lacks_this"])]
    monkeypatch.setattr("accrete.database.postgres.migrations", lambda _: lacking)
    db = Postgres(empty_postgres_url)
    with pytest.raises(AccreteError, match="lacks its extension accrete_lacks_this"):
        db.migrate()
    assert db.run("SELECT COUNT(*) FROM migration") == [(0,)]
    db.close()


def test_two_programs_that_migrate_one_postgresql_database_at_once_both_succeed(empty_postgres_url):
    with ThreadPoolExecutor(4) as pool:
        versions = list(pool.map(lambda _: migrated(empty_postgres_url), range(4)))
    assert versions == [latest_version()] * 4


def migrated(url: str) -> int:
    db = Postgres(url)
    try:
        db.migrate()
        return db.version
    finally:
        db.close()


@pytest.mark.long
@pytest.mark.grid
def test_who_reads_while_a_record_is_being_made_sees_none_of_it_or_the_whole_schema(tmp_path):
    paths = [tmp_path / str(n) / "accrete.db" for n in range(20 if TORTURE else 8)]
    seen: set[int] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            for path in paths:
                with contextlib.suppress(FileNotFoundError):
                    db = Sqlite(path, readonly=True)
                    seen.add(db.version)
                    db.close()

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        try:
            for path in paths:
                db = Sqlite(path)
                db.migrate()
                db.close()
        finally:
            done.set()
        for reader in readers:
            reader.result()
    assert seen <= {0, latest_version()}
    assert latest_version() in seen


def test_a_server_that_does_not_answer_is_told_in_a_sentence():
    with pytest.raises(AccreteError, match="did not answer"):
        Postgres("postgresql://127.0.0.1:1/none?connect_timeout=2")


def test_deleting_events_empties_the_search_index(own):
    for db in own:
        with db.transaction():
            store.delete_events(db, [row[0] for row in db.run("SELECT id FROM event")])
        assert db.ask(search(Scope((1,)), "needle1", dialect=db.dialect)) == []


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("a = ? AND b LIKE '%?'", "a = %s AND b LIKE '%%?'"),
        ("x % 2", "x %% 2"),
        ("'it''s ?' || ?", "'it''s ?' || %s"),
    ],
)
def test_placeholders_become_psycopgs_and_quoted_text_stays(sql, expected):
    assert for_psycopg(sql)[0] == expected


def test_a_long_list_of_parameters_becomes_an_array():
    marks = ", ".join("?" * 20)
    sql = f"a = ? AND b IN ({marks}) AND c IN (?, ?) AND d NOT IN ({marks}) AND e = ?"
    given = ["a", *range(20), 1, 2, *map(str, range(20)), "e"]
    assert for_psycopg(sql, given) == (
        "a = %s AND b = ANY(%s) AND c IN (%s, %s) AND d <> ALL(%s) AND e = %s",
        ["a", [*range(20)], 1, 2, [*map(str, range(20))], "e"],
    )
    assert for_psycopg(f"a NOT\n IN ({marks})", range(20))[0] == "a <> ALL(%s)"
    assert for_psycopg(f"MIN ({marks})", range(20))[0].startswith("MIN (%s, ")


@pytest.mark.parametrize("values", [[*range(1, 30)], [5, 1 << 40, *range(40)]])
def test_a_long_list_finds_the_same_on_both_engines(own, values):
    marks = ", ".join("?" * len(values))
    for no in ("", "NOT "):
        sql = f"SELECT n FROM (SELECT 7 AS n UNION SELECT 70) t WHERE n {no}IN ({marks})"
        names = f"SELECT n FROM (SELECT '7' AS n UNION SELECT 'x') t WHERE n {no}IN ({marks})"
        for statement, given in ((sql, values), (names, [*map(str, values)])):
            found = [db.run(statement, given) for db in own]
            assert found[0] == found[1]


def test_projects_and_what_a_person_says_of_them_are_the_same_on_both_engines(
    settings, tmp_path, postgres_url
):
    for n, cwd in enumerate(
        ("C:\\w\\shop", "c:/w/shop/", "/w/api", "/h/api", "/w/api.worktrees/x"), 1
    ):
        made = Transcript(n, cwd=cwd)
        made.prompt()
        made.call(
            "Bash",
            {"command": "git worktree add /far/tree"},
            message_id=f"msg_{n}",
            use=f"toolu_{n}",
        )
        made.result("Preparing worktree", use=f"toolu_{n}")
        made.write(settings.roots[0] / "projects", slug=f"s{n}")
    said = []
    for db in (Sqlite(tmp_path / "one.db"), Postgres(postgres_url)):
        db.migrate()
        fill(db, settings)
        answers = [db.ask(known_projects(Scope((1,))))]
        one, two, shop = (project.id for project in answers[0])
        project_words.merge(db, 1, [(one, "api (h/api)")], two, 1)
        project_words.merge(db, 1, [(one, "api (h/api)")], two, 2)
        project_words.rename(db, 1, shop, "Store", "shop", 2)
        project_words.split(db, 1, ["/w/api.worktrees"], 3)
        for undo in ((), ((project_words.MERGE, one), (project_words.NAME, shop))):
            for what, subject in undo:
                project_words.take_back(db, 1, what, [subject])
            settle_projects(db, 1, settings)
            answers.append(
                (
                    db.ask(known_projects(Scope((1,)))),
                    db.ask(project_folders(Scope((1,)))),
                    db.ask(all_words(Scope((1,)))),
                    db.ask(project_names(Scope((1,)))),
                )
            )
        assert not db.ask(other_rules(Scope((1,)), settings.projects))
        answers.append((project_words.project_ids(db, 1, shop), contents(db)))
        with db.transaction():
            project_words.forget_words(db, 1, {two})
        answers.append(db.ask(all_words(Scope((1,)))))
        said.append(answers)
        db.close()
    assert said[0] == said[1]
    assert [project.name for project in said[0][1][0]] == ["Store", "api", "api.worktrees"]


@pytest.mark.parametrize("rows", [[], ()])
def test_a_statement_without_rows_is_not_even_prepared(either, rows):
    before = either.revision()
    either.many("NO STATEMENT", rows)
    assert either.revision() == before


def test_what_is_unknown_is_stored_as_null_in_a_column_of_any_type(either):
    either.many(
        "INSERT INTO session (person, id, zone, title, started_at) VALUES (?, ?, ?, ?, ?)",
        iter([(1, "s", "UTC", None, None), [1, "t", "UTC", "a title", 5]]),
    )
    asked = "SELECT id, title IS NULL, title, started_at FROM session ORDER BY id"
    assert either.run(asked) == [("s", 1, None, None), ("t", 0, "a title", 5)]
    either.many(
        "INSERT INTO session (person, id, zone, title, started_at) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (person, id) DO UPDATE SET title = COALESCE(excluded.title, session.title), "
        "started_at = CASE WHEN excluded.started_at IS NULL THEN 7 END",
        [(1, "t", "UTC", None, None)],
    )
    either.many("UPDATE session SET title = ? WHERE id = ?", [(None, "s"), ("now", "s")])
    assert either.run(asked) == [("s", 0, "now", None), ("t", 0, "a title", 7)]
    either.many("UPDATE session SET title = ? WHERE id = ?", [(None, "s")])
    assert either.run(asked)[0] == ("s", 1, None, None)
