"""What came of a tool call goes to that call, in whatever order both are read and whoever else has
calls of the same id."""

from __future__ import annotations

import pytest

from accrete.ingest import open_for_writing
from accrete.model.batch import Batch
from accrete.model.captured import Event, PullRequestLink, ResultFor, ToolCall, ToolResult
from accrete.record import store
from tests.transcripts import minted

USE = "call_1"
"""An id as gateways give them, which may be that of several calls."""
API_USE = minted("toolu")


@pytest.fixture
def db(settings):
    db = open_for_writing(settings)
    yield db
    db.close()


def call(message: str, *, person=1, session="s", agent="", seq=10, at=None, use=USE) -> ToolCall:
    return ToolCall(person, message, use, session, agent, f"u-{message}", seq, at, "Bash", None,
                    None, None, 0, 0, 0)  # fmt: skip


def line_of(made: ToolCall, **other) -> Event:
    """The record that holds a call."""
    held = Event(made.person, made.session, made.agent, made.uuid, 0, made.seq, made.at,
                 "tool_call", made.tool, None, 0, made.message_id, made.tool_use_id, None, 0, 0,
                 None)  # fmt: skip
    return held._replace(**other)


def came(output: str, *, rank=1, at=None, uuid="r") -> ToolResult:
    return ToolResult(rank, uuid, at, "ok", 0, None, None, None, None, output, len(output),
                      *[None] * 9)  # fmt: skip


def late(result: ToolResult, *, person=1, session="s", agent="", use=USE, record=None, seq=50):
    """A result that is read apart from its call."""
    return ResultFor(person, session, agent, use, record, seq, result)


def read(db, *results: ResultFor) -> None:
    with db.transaction():
        store.store_batch(db, Batch(results=list(results)), person=1, zone="UTC")


def read_call(db, made: ToolCall, *lines: Event, result: ToolResult | None = None) -> None:
    batch = Batch(
        events=list(lines), tool_calls={(made.message_id, made.tool_use_id): (made, result)}
    )
    with db.transaction():
        store.store_batch(db, batch, person=1, zone="UTC")


def told(db) -> list[tuple]:
    return db.run("SELECT person, message_id, tool_use_id, output FROM tool_call "
                  "WHERE output IS NOT NULL ORDER BY 1, 2, 3")  # fmt: skip


def waiting(db) -> list[tuple]:
    return db.run("SELECT person, session, agent, tool_use_id, seq FROM waiting_result "
                  "ORDER BY 1, 2, 3, 4, 5")  # fmt: skip


NEAREST = [
    ([("a", 10, None), ("b", 30, None), ("c", 60, None)], None, "b"),
    ([("a", 49, None), ("b", 51, None)], None, "a"),
    ([("a", 50, None)], None, "a"),
    ([("a", 60, 100)], None, None),
    ([("a", 60, 100)], 99, None),
    ([("a", 60, 100)], 100, "a"),
    ([("a", 90, 100), ("b", 60, 100)], 100, "b"),
    ([("a", 10, None), ("b", 51, 100)], 100, "a"),
]
"""Calls of one id (message, where it stands, when), when the result at 50 came, and whose it is."""


@pytest.mark.parametrize(("calls", "at", "whose"), NEAREST)
def test_a_result_is_of_the_nearest_call_before_it_or_else_of_one_made_no_later(
    db, calls, at, whose
):
    for message, seq, made_at in calls:
        made = call(message, seq=seq, at=made_at)
        read_call(db, made, line_of(made))
    read(db, late(came("done", at=at)))
    assert told(db) == ([] if whose is None else [(1, whose, USE, "done")])
    assert len(waiting(db)) == (whose is None)


@pytest.mark.parametrize("names_it", [True, False])
@pytest.mark.parametrize(
    "other",
    [{}, {"person": 2}, {"session": "t"}, {"agent": "a"}, {"tool_use_id": "call_2"},
     {"kind": "tool_result"}, {"uuid": "u-other"}],
)  # fmt: skip
def test_a_result_is_of_no_call_of_another_person_session_subagent_or_id(db, names_it, other):
    made = call("m", seq=60 if names_it else 10)
    read_call(db, made, line_of(made, **other))
    read(db, late(came("done"), record="u-m" if names_it else None))
    found = not other or ("uuid" in other and not names_it)
    assert told(db) == [(1, "m", USE, "done")] * found
    assert len(waiting(db)) == (not found)


def test_a_line_whose_call_is_not_stored_takes_no_result(db):
    near, made = call("near", seq=40), call("m")
    read_call(db, made, line_of(made), line_of(near))
    read_call(db, near._replace(person=2))
    read_call(db, near._replace(tool_use_id="call_2"))
    read(db, late(came("done")))
    assert told(db) == [(1, "m", USE, "done")]


ANYWHERE = [
    ([("m", 1, "far", 90, API_USE)], "m"),
    ([("b", 1, "far", 20, API_USE), ("c", 1, "far", 10, API_USE)], "c"),
    ([("b", 1, "far", 10, API_USE), ("a", 1, "farther", 10, API_USE)], "a"),
    ([("m", 2, "s", 10, API_USE)], None),
    ([("m", 1, "s", 10, minted("toolu", 2))], None),
    ([("m", 1, "far", 10, USE)], None),
]
"""Calls (message, person, session, where, id) none of whose lines is there, and whose the result
is."""


@pytest.mark.parametrize(("calls", "whose"), ANYWHERE)
def test_a_result_by_the_apis_id_is_of_the_first_call_of_that_id_wherever_it_stands(
    db, calls, whose
):
    for message, person, session, seq, use in calls:
        read_call(db, call(message, person=person, session=session, seq=seq, use=use))
    wanted = USE if calls[0][4] == USE else API_USE
    read(db, late(came("done"), use=wanted))
    assert told(db) == ([] if whose is None else [(1, whose, wanted, "done")])


def test_what_waits_goes_to_its_call_once_that_is_read_and_all_else_waits_on(db):
    others = [{"person": 2}, {"session": "t"}, {"agent": "a"}, {"use": "call_2"}, {"seq": 5}]
    read(db, late(came("done")), *(late(came("not yet"), **other) for other in others))
    assert len(waiting(db)) == 6
    made = call("m")
    read_call(db, made, line_of(made))
    assert told(db) == [(1, "m", USE, "done")]
    assert waiting(db) == [
        (1, "s", "", USE, 5), (1, "s", "", "call_2", 50), (1, "s", "a", USE, 50),
        (1, "t", "", USE, 50), (2, "s", "", USE, 50),
    ]  # fmt: skip


def test_what_waits_keeps_the_record_that_it_names_and_is_what_was_read_last(db):
    read(db, late(came("cut")))
    read(db, late(came("done"), record="u-m"))
    made = call("m", seq=60)
    read_call(db, made, line_of(made))
    assert told(db) == [(1, "m", USE, "done")]
    assert waiting(db) == []


def test_all_that_waits_of_a_person_is_put_to_its_calls_and_nothing_of_another(db):
    for person in (1, 2):
        made = call(f"m{person}", person=person)
        read_call(db, made, line_of(made))
        with db.transaction():
            store.let_wait(db, late(came("done"), person=person))
    store.place_all_waiting(db, 1)
    assert told(db) == [(1, "m1", USE, "done")]
    assert waiting(db) == [(2, "s", "", USE, 50)]


def stale(db) -> list[tuple]:
    found = db.run("SELECT person, id FROM session WHERE stale = 1 ORDER BY 1, 2")
    db.run("UPDATE session SET stale = 0")
    return found


def test_the_sessions_of_a_result_and_of_its_call_are_worked_out_anew_and_no_others(db):
    for session in ("s", "t", "u", "w"):
        db.run("INSERT INTO session (person, id, zone, stale) VALUES (1, ?, 'UTC', 0), "
               "(2, ?, 'UTC', 0)", (session, session))  # fmt: skip
    read_call(db, call("other", session="u", use="call_2"))
    read_call(db, call("m", session="u", use="call_3"))
    read_call(db, call("m", person=2, session="w", use=API_USE))
    read_call(db, call("m", use=API_USE))
    read(db, late(came("done"), session="t", use=API_USE))
    assert stale(db) == [(1, "s")]
    later = minted("toolu", 2)
    read(db, late(came("done"), session="t", use=later))
    assert stale(db) == []
    read_call(db, call("n", use=later))
    assert stale(db) == [(1, "s"), (1, "t")]


FIRST_GOES = [
    ({"rank": 2, "at": 9, "uuid": "z"}, {"rank": 1, "at": 1, "uuid": "a"}),
    ({"at": 4, "uuid": "z"}, {"at": 5, "uuid": "a"}),
    ({"at": 5, "uuid": "a"}, {"at": 5, "uuid": "b"}),
    ({"at": None, "uuid": "z"}, {"at": 1, "uuid": "a"}),
    ({"at": None, "uuid": "a"}, {"at": None, "uuid": "b"}),
]


@pytest.mark.parametrize("ways", ["late late", "late with", "with late", "with with"])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(("counts", "loses"), FIRST_GOES)
def test_of_two_results_the_surer_counts_then_the_earlier_in_any_order(
    db, counts, loses, turned, ways
):
    made = call("m")
    read_call(db, made, line_of(made))
    for beside in (call("n"), call("m", use="call_2"), call("m", person=2)):
        read_call(db, beside)
    both = [came("counts", **counts), came("loses", **loses)]
    for way, result in zip(ways.split(), both[::-1] if turned else both, strict=True):
        if way == "late":
            read(db, late(result))
        else:
            read_call(db, made, result=result)
    assert told(db) == [(1, "m", USE, "counts")]


def test_a_link_to_a_pull_request_is_kept_for_each_session_with_when_it_was_first_made(db):
    url = "https://github.com/acme/demo/pull/7"
    for person, session, at in ((1, "s", None), (1, "s", 9), (1, "s", 5), (1, "s", 7),
                                (1, "t", 8), (2, "s", 3)):  # fmt: skip
        link = PullRequestLink(person, session, url, at, 7, "acme/demo")
        batch = Batch(pull_requests={(session, url): link})
        with db.transaction():
            store.store_batch(db, batch, person=person, zone="UTC")
    assert db.run("SELECT person, session, url, at FROM session_pull_request ORDER BY 1, 2") == [
        (1, "s", url, 5), (1, "t", url, 8), (2, "s", url, 3),
    ]  # fmt: skip
    assert db.run("SELECT person, url, number, repository FROM pull_request ORDER BY 1") == [
        (1, url, 7, "acme/demo"), (2, url, 7, "acme/demo"),
    ]  # fmt: skip
