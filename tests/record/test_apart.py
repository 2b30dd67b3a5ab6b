"""What is done to rows of one session, or of one person, leaves those of all others as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from accrete.care.forget import Receipt, delete_sessions
from accrete.database import Sqlite
from accrete.model.tables import OF_SESSION
from accrete.outcomes.forge import Address, Said
from accrete.record import notes, pull_states, shared, store
from accrete.wire.travels import NAMES

ONE, OTHER = "one", "other"
KEY = (1, ONE)
ALIKE: dict[object, object] = {
    "stale": 0,
    "local_day": "2026-09-21",
    "state": "open",
    ("person", "tier"): 3,
    ("session_pull_state", "state"): "unknown",
    ("project", "id"): "project",
    ("git_worktree", "repository"): "root",
}
"""What is not 1, or the name of its column with its session's. Of a (table, column) alone what
comes before the session's."""

Rows = dict[str, set[tuple[object, ...]]]


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sqlite]:
    """A row of every table for each of two sessions of each of two people, whose ids are alike."""
    db = Sqlite(tmp_path_factory.mktemp("apart") / "accrete.db")
    db.migrate()
    with db.transaction():
        for table in tables(db):
            columns = [c for c in columns_of(db, table) if (table, c[0]) not in NUMBERED]
            names = ", ".join(name for name, _ in columns)
            db.many(
                f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))}) "
                "ON CONFLICT DO NOTHING",
                [
                    [value(table, *column, person, session) for column in columns]
                    for person in (1, 2)
                    for session in (ONE, OTHER)
                ],
            )
        store.rebuild_search(db)
    yield db
    db.close()


NUMBERED = {("event", "id"), ("source_file", "id")}


def tables(db: Sqlite) -> list[str]:
    """The tables whose rows are somebody's."""
    found = [name for (name,) in db.run("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    return [each for each in found if {"person"} & {name for name, _ in columns_of(db, each)}] + [
        "person"
    ]


def columns_of(db: Sqlite, table: str) -> list[tuple[str, str]]:
    return [(row[1], row[2]) for row in db.run(f"PRAGMA table_info({table})")]


def value(table: str, name: str, kind: str, person: int, session: str) -> object:
    if name == "person" or (table, name) == ("person", "id"):
        return person
    if name == "session" or (table, name) == ("session", "id"):
        return session
    if table in ("person", "device_token") and kind == "TEXT":
        return f"{name} {person} {session}"
    found = ALIKE.get((table, name), ALIKE.get(name, f"{name} {session}" if kind == "TEXT" else 1))
    return f"{found} {session}" if (table, name) in ALIKE and kind == "TEXT" else found


def stored(db: Sqlite) -> Rows:
    return {table: set(db.run(f"SELECT * FROM {table}")) for table in tables(db)}


def whose(db: Sqlite, table: str, row: tuple[object, ...]) -> tuple[object, object]:
    """The person and the session of a row; of a row of no session, the one that its texts name."""
    found = dict(zip([name for name, _ in columns_of(db, table)], row, strict=True))
    person = found["id" if table == "person" else "person"]
    named = [text.split(" ")[-1] for text in row if isinstance(text, str) and " " in text]
    return person, found.get("session", found["id"] if table == "session" else (*named, None)[0])


def changed(db: Sqlite, deed: Callable[[Sqlite], object]) -> dict[str, set[tuple[object, object]]]:
    """Whose rows a deed changed, by table."""
    before = stored(db)
    db.connection.execute("BEGIN")
    try:
        deed(db)
        after = stored(db)
    finally:
        db.connection.execute("ROLLBACK")
    return {
        table: {whose(db, table, row) for row in before[table] ^ after[table]}
        for table in before
        if before[table] != after[table]
    }


FORGE_SAID = Said("merged", False, 1, 2, 2)
HELD = shared.Held(1, "h", 1, 1, "d")
OF_A_SESSION: dict[str, tuple[Callable[[Sqlite], object], set[str]]] = {
    "work blocks": (lambda db: store.replace_work_blocks(db, KEY, []), {"work_block"}),
    "usage": (lambda db: store.replace_usage(db, KEY, []), {"session_usage"}),
    "inferences": (lambda db: store.replace_inferences(db, KEY, []), {"inference"}),
    "findings": (lambda db: store.replace_findings(db, KEY, []), {"finding"}),
    "tools": (lambda db: store.replace_tools(db, KEY, []), {"session_tool"}),
    "worktrees": (lambda db: store.replace_worktrees(db, KEY, []), {"session_worktree"}),
    "derived runs": (lambda db: store.forget_derived_runs(db, KEY), {"agent_run"}),
    "stale": (lambda db: store.mark_stale(db, 1, [ONE]), {"session"}),
    "changed": (lambda db: store.mark_changed(db, 1, [ONE]), {"session_change"}),
    "underivable": (
        lambda db: store.mark_underivable(db, 1, ONE, 9, "why"),
        {"session", "session_change"},
    ),
    "tag": (lambda db: notes.tag(db, 1, ONE, ["new"], 1), {"session_tag"}),
    "untag": (lambda db: notes.untag(db, 1, ONE, [f"tag {ONE}"]), {"session_tag"}),
    "note": (lambda db: notes.note(db, 1, ONE, " ", 1), {"session_note"}),
    "title": (lambda db: notes.title(db, 1, ONE, None, 1), {"session_title", "session"}),
    "states of pull requests": (
        lambda db: pull_states.renew_states(db, 1, [ONE]),
        {"session_pull_state"},
    ),
    "acknowledged": (
        lambda db: shared.acknowledge(db, 1, ONE, f"what {ONE}", None, 9),
        {"shared"},
    ),
    "acknowledged anew": (
        lambda db: shared.acknowledge(db, 1, ONE, f"what {ONE}", HELD, 9),
        {"shared", "unshared"},
    ),
    "shared again": (lambda db: shared.shares_again(db, 1, [ONE]), {"unshared"}),
    "refused": (lambda db: shared.refuse(db, 1, ONE, f"what {ONE}", [], 9), {"refused"}),
    "taken out": (lambda db: shared.take_rows(db, 1, ONE), {*NAMES, "shared", "clip"}),
    "unshared": (lambda db: shared.unshare(db, 1, ONE, "why", 9), {"unshared"}),
    "told": (
        lambda db: shared.told(db, 1, ONE, "forgotten", 9),
        {"refused", "compared", "shared", "unshared"},
    ),
    "told to send again": (
        lambda db: shared.told(db, 1, ONE, "again", 9),
        {"refused", "compared", "shared"},
    ),
    "about to send": (
        lambda db: shared.about_to_send(db, 1, [(ONE, f"what {ONE}")], "d", 9),
        {"shared", "compared"},
    ),
    "found equal": (lambda db: shared.found_equal(db, 1, [(ONE, 9, "b")]), {"compared"}),
    "told by forges": (
        lambda db: pull_states.store_states(
            db, 1, [(Address("", "o", "n", 7), [f"url {ONE}"], FORGE_SAID)], 9
        ),
        {"pull_request", "session_pull_state", "session_change"},
    ),
    "deleted": (
        lambda db: delete_sessions(db, 1, [ONE], Receipt()),
        {
            *OF_SESSION,
            "session",
            "source_file",
            "response",
            "tool_call",
            "event",
            "git_answer",
            "pull_request",
            "workdir",
            "git_worktree",
            "project",
        },
    ),
}
ALL_OF_A_PERSON: dict[str, tuple[Callable[[Sqlite], object], set[str]]] = {
    "another zone": (lambda db: store.assume_zone(db, 1, "Asia/Tokyo"), {"session"}),
    "nothing is held": (
        lambda db: shared.nothing_is_held(db, 1),
        {"shared", "unshared", "refused", "compared"},
    ),
    "another server": (
        lambda db: shared.begin_anew(db, 1),
        {"shared", "unshared", "refused", "compared", "shared_project"},
    ),
    "the tier": (lambda db: shared.set_tier(db, 1), {"person"}),
}


@pytest.mark.parametrize(("deed", "where"), OF_A_SESSION.values(), ids=OF_A_SESSION)
def test_what_is_done_to_a_session_is_done_to_no_other_and_to_nobody_elses(db, deed, where):
    found = changed(db, deed)
    assert found.pop("fact", {(1, None)}) <= {(0, None), (1, None)}
    assert found == dict.fromkeys(where, {KEY})


@pytest.mark.parametrize(("deed", "where"), ALL_OF_A_PERSON.values(), ids=ALL_OF_A_PERSON)
def test_what_is_done_to_all_of_a_person_is_done_to_nobody_else(db, deed, where):
    found = changed(db, deed)
    assert found.keys() == where
    assert {person for keys in found.values() for person, _ in keys} == {1}
