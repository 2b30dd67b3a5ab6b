"""The sums of a session that are worked out again: of what is there now, and of no day more."""

from __future__ import annotations

from typing import Any

from accrete_team import stamps
from accrete_team.recount import FIGURES, recount

from accrete.database import Database
from accrete.pricing.cost import ASSUMED
from tests.company import insert
from tests.team.two_people import ME, OTHER
from tests.team.two_people import db as db

OLD, FIRST, LATER = "2026-08-31", "2026-09-07", "2026-09-21"
"""Mondays."""
SECOND, NEW = "2026-09-08", "2026-09-09"
STALE = dict.fromkeys(FIGURES, 77)


def a_session(db: Database, person: int, session: str, *days: str) -> None:
    """A session with figures that are not right any more."""
    insert(db, "session", person=person, id=session, client="claude-code", zone="UTC",
           local_day=days[0], **STALE)  # fmt: skip
    for day in days:
        insert(db, "session_day", person=person, session=session, local_day=day, prompts=3, **STALE)


class Filled:
    """Puts rows into sessions, each with an id of its own."""

    def __init__(self, db: Database) -> None:
        self._db, self._n = db, 0

    def response(self, person: int, session: str, day: str, **given: Any) -> None:
        self._n += 1
        row = {
            "message_id": f"m{self._n}", "request_id": "", "agent": "", "counted": 1, "run": "",
            "input_tokens": 1, "output_tokens": 10, "cache_read_tokens": 100,
            "cache_write_tokens": 1000, "cost_nano": 5, "model": "opus", "branch": "main",
        }  # fmt: skip
        insert(self._db, "response", person=person, session=session, local_day=day, **row | given)

    def call(self, person: int, session: str, day: str, tool: str = "Bash", **given: Any) -> None:
        self._n += 1
        row = {"message_id": "", "tool_use_id": f"t{self._n}", "agent": "", "uuid": "", "run": "",
               "counted": 1}  # fmt: skip
        insert(self._db, "tool_call", person=person, session=session, local_day=day,
               **row | {"tool": tool} | given)  # fmt: skip


def figures(db: Database, person: int, session: str) -> dict[str, dict[str, int]]:
    """The figures that are not 0, by day, of the whole session under ''."""
    named = ", ".join(FIGURES)
    rows = db.run(f"SELECT '', {named} FROM session WHERE person = ? AND id = ?", (person, session))
    rows += db.run(f"SELECT local_day, {named} FROM session_day WHERE person = ? AND session = ?",
                   (person, session))  # fmt: skip
    return {
        str(day): {name: int(n) for name, n in zip(FIGURES, found, strict=True) if n}
        for day, *found in rows
    }


def filled(db: Database) -> None:
    rows = Filled(db)
    a_session(db, ME, "s", FIRST, SECOND)
    for person, session in ((ME, "beside"), (OTHER, "s")):
        a_session(db, person, session, FIRST, SECOND)
        rows.response(person, session, SECOND)
        rows.call(person, session, SECOND)
    for given in (
        {},
        {"cost_nano": None, "cost_basis": "listed"},
        {"lower_bound": 1, "cost_basis": ASSUMED},
        {"run": "r1", "cost_nano": 40},
        {"counted": 0, "cost_nano": 999},
        {"synthetic": 1, "cost_nano": 999},
    ):
        rows.response(ME, "s", FIRST, **given)
    rows.response(ME, "s", NEW, cost_nano=7)
    insert(db, "inference", person=ME, session="s", local_day=FIRST, run="", model="opus",
           branch="main", message_id="m1", request_id="", kind="advisor", cost_basis="",
           price_version="", input_tokens=3, cost_nano=100)  # fmt: skip
    for given in ({}, {"is_error": 1}, {"is_error": 0, "tool": "Read"}, {"counted": 0}):
        rows.call(ME, "s", FIRST, **given)
    rows.call(ME, "s", NEW)


def test_figures_are_those_of_the_rows_that_are_there_and_a_day_without_any_has_none(db):
    filled(db)
    recount(db, ME, "s")
    first = {
        "responses_own": 3, "tokens_own": 3 * 1111 + 3, "cost_own_nano": 5 + 5 + 100,
        "responses_delegated": 1, "tokens_delegated": 1111, "cost_delegated_nano": 40,
        "unpriced": 1, "lower_bound": 1, "price_assumed": 1, "tool_calls": 3, "tool_errors": 1,
    }  # fmt: skip
    new = {"responses_own": 1, "tokens_own": 1111, "cost_own_nano": 7, "tool_calls": 1}
    whole = {name: first[name] + new.get(name, 0) for name in FIGURES}
    assert figures(db, ME, "s") == {"": whole, FIRST: first, SECOND: {}, NEW: new}
    kept = db.run("SELECT local_day, prompts FROM session_day WHERE person = ? AND session = 's' "
                  "ORDER BY local_day", (ME,))  # fmt: skip
    assert kept == [(FIRST, 3), (SECOND, 3), (NEW, 0)]
    tools = db.run("SELECT local_day, tool, calls, errors FROM session_tool WHERE person = ? "
                   "ORDER BY local_day, tool", (ME,))  # fmt: skip
    assert tools == [(FIRST, "Bash", 2, 1), (FIRST, "Read", 1, 0), (NEW, "Bash", 1, 0)]


def test_sums_by_model_and_branch_are_told_apart_by_who_worked(db):
    rows = Filled(db)
    a_session(db, ME, "s", FIRST)
    for given in ({}, {"branch": "topic"}, {"run": "r1"}, {"model": "haiku"}, {"run": "r2"}):
        rows.response(ME, "s", FIRST, **given)
    rows.response(ME, "s", FIRST, web_searches=2, searches_credited=9)
    rows.response(ME, "s", FIRST, web_searches=0, searches_credited=3)
    recount(db, ME, "s")
    found = db.run("SELECT model, branch, delegated, responses, web_searches FROM session_usage "
                   "ORDER BY model, branch, delegated")  # fmt: skip
    assert found == [
        ("haiku", "main", 0, 1, 0), ("opus", "main", 0, 3, 5), ("opus", "main", 1, 2, 0),
        ("opus", "topic", 0, 1, 0),
    ]  # fmt: skip


def test_sessions_beside_it_stay_as_they_are_and_one_that_is_gone_is_not_made(db):
    filled(db)
    others = ((ME, "beside"), (OTHER, "s"))
    before = [figures(db, *each) for each in others]
    assert all(each[""] == STALE for each in before)
    recount(db, ME, "s")
    assert [figures(db, *each) for each in others] == before
    Filled(db).response(ME, "gone", FIRST, message_id="of a session that is gone")
    recount(db, ME, "gone")
    assert figures(db, ME, "gone") == {}
    assert db.run("SELECT 1 FROM session_usage WHERE session = 'gone'") == []
    assert db.run("SELECT 1 FROM week_stamp WHERE person = ?", (OTHER,)) == []


def test_the_weeks_in_which_it_had_figures_and_those_in_which_it_has_some_are_changed(db):
    a_session(db, ME, "s", FIRST)
    insert(db, "session_usage", person=ME, session="s", local_day=OLD, model="opus", branch="",
           responses=1)  # fmt: skip
    Filled(db).response(ME, "s", LATER)
    stamps.stamp(db, ME, [OLD, FIRST, LATER, "2026-09-14"])
    before = dict(db.run("SELECT week, stamp FROM week_stamp WHERE person = ?", (ME,)))
    recount(db, ME, "s")
    after = dict(db.run("SELECT week, stamp FROM week_stamp WHERE person = ?", (ME,)))
    assert {week for week in after if after[week] != before[week]} == {OLD, FIRST, LATER}
