"""Which rows an export of a range or of some sessions holds, and how a table spells them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from accrete.care.export import csv_row, rows_of, write_csv, write_json_lines
from accrete.database import Sqlite
from accrete.edge.local import MINE
from tests.records import kept, projects
from tests.transcripts import START, Transcript, busy, session_id, write_agent

FIRST, SECOND = "2026-09-21", "2026-09-22"
MIDNIGHT = START + 35_200_000
"""2026-09-22T00:00:00Z."""


@pytest.fixture
def db(settings):
    """A session over midnight in which two subagents ran, one on either day, and two others."""
    t = Transcript(1)
    t.prompt("First")
    for n, after in enumerate((0, 40_000_000)):
        t.call("Task", {"prompt": "look"}, message_id=f"msg_{n}", use=f"toolu_{n}", after_ms=after)
        run = Transcript(1, start=t.now)
        run.prompt("look")
        run.answer(f"msg_agent_{n}")
        write_agent(projects(settings), t, run, agent=f"a{n}", use=f"toolu_{n}")
        t.result("seen", use=f"toolu_{n}")
    kept(settings, t, busy(3), busy(4))
    found = Sqlite(settings.database)
    yield found
    found.close()


def day(of: str):
    return replace(MINE, since=of, until=of)


def test_a_range_has_the_subagents_that_began_in_it_and_the_events_that_came_in_it(db):
    for of, agent in ((FIRST, "a0"), (SECOND, "a1")):
        assert [row["agent"] for row in rows_of(db, "agent_run", None, day(of))] == [agent]
        events = list(rows_of(db, "event", [session_id(1)], day(of)))
        assert {row["at"] < MIDNIGHT for row in events} == {of == FIRST}  # type: ignore[operator]
        assert agent in {row["agent"] for row in events}
    whole = rows_of(db, "event", [session_id(1)], replace(MINE, since=FIRST, until=SECOND))
    assert len(list(whole)) == db.run(
        "SELECT COUNT(*) FROM event WHERE session = ?", (session_id(1),)
    )[0][0]  # fmt: skip


def test_an_event_without_a_time_is_of_the_day_of_the_one_before_in_its_own_file(db):
    mine = "session = ? AND agent = '' ORDER BY seq, part"
    order = [each for (each,) in db.run(f"SELECT id FROM event WHERE {mine}", (session_id(1),))]
    ((last,),) = db.run(
        f"SELECT MAX(seq) FROM event WHERE session = ? AND agent = '' AND at < {MIDNIGHT}",
        (session_id(1),),
    )
    db.run("UPDATE event SET at = NULL WHERE session = ? AND agent = '' AND seq = ?",
           (session_id(1), last))  # fmt: skip
    found = [row["id"] for row in rows_of(db, "event", [session_id(1)], day(FIRST))
             if not row["agent"]]  # fmt: skip
    before = [each for each in order if each in found]
    assert before == order[: len(before)]
    assert db.run(f"SELECT COUNT(*) FROM event WHERE id IN ({', '.join('?' * len(found))}) "
                  "AND at IS NULL", found) != [(0,)]  # fmt: skip


def test_an_event_without_a_time_is_of_no_day_of_another_session_or_file(db):
    for session, agent in ((session_id(1), "a1"), (session_id(3), "")):
        ((first,),) = db.run(
            "SELECT MIN(seq) FROM event WHERE session = ? AND agent = ?", (session, agent)
        )
        db.run(
            "UPDATE event SET at = NULL WHERE session = ? AND agent = ? AND seq = ?",
            (session, agent, first),
        )
    for of in (FIRST, SECOND):
        found = rows_of(db, "event", [session_id(1), session_id(3)], day(of))
        assert {(row["session"], row["at"] is None) for row in found} == {(session_id(1), False)}


def test_sessions_beyond_the_number_that_is_asked_for_at_once_are_there_once(db):
    some = [f"none-{n}" for n in range(399)] + [session_id(1), session_id(3)]
    for ids in (some, some[1:], some[::-1]):
        assert sorted(str(row["id"]) for row in rows_of(db, "session", ids, MINE)) == [
            session_id(1),
            session_id(3),
        ]
        assert {row["session"] for row in rows_of(db, "prompt", ids, MINE)} == {
            session_id(1),
            session_id(3),
        }


def test_whoever_writes_is_told_how_many_rows_and_headings_stand_once(db):
    tables, lines, cells = ("session", "agent_run"), io.StringIO(), io.StringIO(newline="")
    assert write_json_lines(db, lines, tables, None, MINE) == 3 + 2
    assert len(lines.getvalue().splitlines()) == 5
    assert write_csv(db, cells, "session", None, MINE) == 3
    heading, *rows = csv.reader(io.StringIO(cells.getvalue(), newline=""))
    assert (heading[0], len(rows)) == ("id", 3)
    assert sorted(row[0] for row in rows) == [session_id(n) for n in (1, 3, 4)]
    assert write_csv(db, io.StringIO(), "session", [], MINE) == 0


def test_a_table_spells_times_in_utc_and_money_in_dollars_and_leaves_other_numbers():
    row: dict[str, object] = {
        "at": 0, "misdated": -1, "ended_at": 10**18, "seen_at": None, "n": 1, "format": 2,
        "cost_nano": 1, "total_nano": 2_500_000_000, "none_nano": None, "text": "plain",
    }  # fmt: skip
    heading, cells = csv.reader(io.StringIO(csv_row(row, heading=True), newline=""))
    assert heading == ["at", "misdated", "ended_at", "seen_at", "n", "format", "cost_usd",
                       "total_usd", "none_usd", "text"]  # fmt: skip
    assert cells == [
        "1970-01-01T00:00:00.000+00:00", "1969-12-31T23:59:59.999+00:00", "1" + "0" * 18, "",
        "1", "2", "0.000000001", "2.500000000", "", "plain",
    ]  # fmt: skip
