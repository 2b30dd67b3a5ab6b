"""What sessions waited for, what a record counts of its calls, and what is told of people and
shared of sessions, by rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from accrete.queries.catalog import digests, worked
from accrete.queries.counts import counts
from accrete.queries.facts import LONGEST_MS, Waiting, waiting
from accrete.queries.hook_events import Seen, capture
from accrete.queries.leaving import events_known, first_records, shareable
from accrete.queries.refused import refused_rows
from accrete.queries.scope import Scope
from tests.company import insert
from tests.queries.by_hand import DAY, NEXT, add, put
from tests.queries.by_hand import db as db

ME, BOTH = Scope((1,)), Scope((1, 2))
ONE = replace(ME, session="a")
MINUTE = 60_000


def said(db, n: int, kind: str, at: int | None, **more: Any) -> None:
    insert(db, "event", **{
        "person": 1, "session": "a", "uuid": f"u{n}", "part": 0, "seq": n, "agent": "",
        "kind": kind, "at": at,
    } | more)  # fmt: skip


def called(db, n: int, tool: str, **more: Any) -> None:
    put(db, "tool_call", more.pop("session", "a"), more.pop("person", 1), {
        "message_id": f"m{n}", "tool_use_id": f"t{n}", "uuid": f"u{n}", "seq": n, "at": n,
        "tool": tool, "local_day": DAY, "run": "",
    } | more)  # fmt: skip


def waited(db, *steps: tuple[str, int, dict[str, Any]]) -> Waiting:
    """After a first prompt, records each so many ms after the one before."""
    at = 1_000
    db.run("DELETE FROM event", ())
    said(db, 0, "typed_prompt", at)
    for n, (kind, gap, more) in enumerate(steps, 1):
        at += gap
        said(db, n, kind, at, **more)
    return db.ask(waiting(ONE))


def test_each_time_between_records_goes_to_what_the_later_one_brought(db):
    add(db, "a")
    for n, (tool, more) in enumerate([
        ("Read", {}), ("Agent", {}), ("Read", {"ms": 7}), ("Bash", {}), ("mcp__x__y", {}),
        ("Read", {"ms": 6 * MINUTE}), ("Read", {"counted": 0}),
    ]):  # fmt: skip
        called(db, n, tool, **more)

    def after(gap: int, kind: str, use: str | None = None, agent: str = "") -> Waiting:
        return waited(db, (kind, gap, {"tool_use_id": use, "agent": agent}))

    def only(**some: int) -> Waiting:
        return Waiting(**({"model": 0, "tools": 0, "agents": 0, "person": 0, "asked": None} | some))

    for kind in ("assistant_text", "thinking", "tool_call", "api_error", "interruption"):
        assert after(9, kind) == only(model=9), kind
    assert after(9, "typed_prompt") == after(9, "slash_command") == only(person=9)
    assert after(9, "tool_result", "t0") == after(9, "tool_result", "none") == only(tools=9)
    assert after(9, "tool_result", "t1") == after(9, "thinking", agent="x") == only(agents=9)
    assert after(0, "thinking") == after(9, "hook") == only()
    assert after(-5, "thinking") == only(person=5)
    assert after(5 * MINUTE, "typed_prompt") == only(person=5 * MINUTE)
    assert after(5 * MINUTE + 1, "typed_prompt") == after(6 * MINUTE, "thinking") == only()
    hour = 60 * MINUTE
    assert after(hour, "tool_result", "t2") == only(tools=7)
    assert after(hour, "tool_result", "t5") == only(tools=6 * MINUTE)
    assert after(hour, "tool_result", "t6") == only()
    assert after(hour, "tool_result", "t3") == only(tools=LONGEST_MS)
    assert after(hour, "tool_result", "t4") == only(tools=LONGEST_MS)
    assert after(6 * MINUTE, "tool_result", "t3") == only(tools=6 * MINUTE)
    assert 0 < after(hour, "tool_result", "t0").tools < LONGEST_MS
    several = waited(
        db, ("thinking", 1, {}), ("thinking", 20, {"replayed": 1}), ("tool_call", 300, {}),
        ("tool_result", 4_000, {"tool_use_id": "t0"}), ("typed_prompt", 50_000, {}),
    )  # fmt: skip
    assert several == only(model=321, tools=4_000, person=50_000)
    assert several.total == 54_321


def test_what_a_person_was_asked_is_apart_from_what_ran_then(db):
    add(db, "a")
    called(db, 0, "Read", decision_source="user_temporary", ms=3)
    called(db, 1, "Agent", decision_source="user_permanent", ms=4)
    called(db, 2, "Read", decision_source="user_reject")
    called(db, 3, "Read", decision_source="config", ms=3)
    for use, found in (
        ("t0", Waiting(0, 3, 0, 0, 7)), ("t1", Waiting(0, 0, 4, 0, 6)),
        ("t2", Waiting(0, 0, 0, 0, 10)), ("t3", Waiting(0, 10, 0, 0, 0)),
    ):  # fmt: skip
        assert waited(db, ("tool_result", 10, {"tool_use_id": use})) == found, use
        assert found.total == 10
    assert waited(db, ("tool_result", 2, {"tool_use_id": "t0"})) == Waiting(0, 2, 0, 0, 0)
    beside = {"tool_use_id": "t0", "agent": "x"}
    assert waited(db, ("tool_result", 10, beside)) == Waiting(0, 0, 10, 0, 0)


def test_calls_are_counted_by_what_came_of_them_and_copies_once(db):
    add(db, "a")
    add(db, "b")
    refused = {"status": "rejected", "is_error": 1}
    for n, (tool, more) in enumerate([
        ("Read", {"status": "ok"}), ("Read", {}), ("Read", {"status": "error", "is_error": 1}),
        ("Bash", refused), ("Bash", refused | {"denial": "user-rejected"}),
        ("Bash", refused | {"denial": "rule"}), ("Bash", refused | {"is_error": 0}),
        ("Bash", {"status": "interrupted"}), ("Task", {"status": "ok"}), ("Agent", {}),
        ("Grep", {"embedded": 1}), ("Grep", {"embedded": 2, "status": "ok"}),
        ("Read", {"counted": 0}), ("Read", {"person": 2}),
    ]):  # fmt: skip
        called(db, n, tool, **more)
    first = {
        "tool_calls": 11, "tools": {"Agent": 1, "Bash": 5, "Grep": 1, "Read": 3, "Task": 1},
        "tools_embedded": 2, "tool_results": 8, "tool_errors_total": 4,
        "tool_errors": {"Bash": 3, "Read": 1}, "tool_results_without_call": 0, "tool_rejected": 2,
        "tool_denied": 2, "tool_interrupted": 1, "subagent_spawns": 2,
    }  # fmt: skip
    found = db.ask(counts(ME))
    assert {key: found[key] for key in first} == first
    again = {"tool_use_id": "t0", "status": "ok"}
    called(db, 20, "Read", session="b", **again)
    assert db.ask(counts(ME))["tool_calls"] == 11
    called(db, 21, "Read", session="b", **again)
    found = db.ask(counts(ME))
    assert (found["tool_calls"], found["tool_results"], found["tools"]["Read"]) == (12, 9, 4)


def test_a_project_tells_how_many_people_worked_and_did_each_thing(db):
    for person, name in ((1, "ledger"), (2, "the ledger")):
        insert(db, "project", person=person, id="p", name=name, root="/w")
    insert(db, "project", person=1, id="q", name="", root="/q")
    for person, project, week, practice, seen in (
        (1, "p", "2026-09-14", "review", 1), (1, "p", "2026-09-21", "review", 2),
        (2, "p", "2026-09-21", "review", 1), (1, "p", "2026-09-21", "planning", 1),
        (2, "p", "2026-09-21", "planning", 0), (1, "q", "2026-09-21", "review", 1),
    ):  # fmt: skip
        insert(db, "person_week", person=person, project=project, week=week, practice=practice,
               seen=seen, versions="")  # fmt: skip
    assert db.ask(worked(BOTH)) == [("p", "ledger", 2, {"review": 2, "planning": 1})]
    assert db.ask(worked(ME)) == [("p", "ledger", 1, {"review": 1, "planning": 1})]
    early = replace(BOTH, until="2026-09-20")
    assert db.ask(worked(early)) == [("p", "ledger", 1, {"review": 1})]


def test_digests_are_of_own_sessions_that_are_over_the_newest_day_first(db):
    add(db, "a", days=(DAY,), title="One", category="fix")
    add(db, "b", days=(DAY,), title="")
    add(db, "c", days=(NEXT,), local_day=NEXT)
    add(db, "d", days=(DAY, NEXT))
    add(db, "e", days=(DAY,), automated=1)
    add(db, "f", days=(DAY,), prompts=0)
    add(db, "g", days=(), local_day="")
    add(db, "a", person=2, days=(DAY,))
    for practice, sightings in (("review", 1), ("planning", 0)):
        put(db, "session_practice", "a", 1, {"practice": practice, "sightings": sightings})
    insert(db, "session_file", person=1, session="a", path="/w/a", local_day=DAY)
    for kind in (".py", ""):
        put(db, "session_kind", "a", 1, {"kind": kind, "local_day": DAY})
    first, second = db.ask(digests(ME, DAY, limit=9))
    assert first == (1, "a", DAY, "One", "fix", {"review"}, {"/w/a"}, {".py"})
    assert second == (1, "b", DAY, None, None, set(), set(), set())
    every = [(each.person, each.session) for each in db.ask(digests(BOTH, NEXT, limit=9))]
    assert every == [(1, "c"), (1, "a"), (2, "a"), (1, "b"), (1, "d")]
    assert [each.session for each in db.ask(digests(ME, NEXT, limit=2))] == ["c", "a"]


def test_what_is_shared_of_sessions_is_told_with_what_was_not_taken(db):
    insert(db, "project", person=1, id="p", name="ledger", root="/w", remote="git")
    insert(db, "project", person=2, id="p", name="ledger", root="/w", remote="other")
    add(db, "b", project="p", started_at=1)
    add(db, "a", started_at=2, local_day=None)
    add(db, "c", started_at=None, stale=1)
    add(db, "d", started_at=None)
    insert(db, "session_change", person=1, session="b", n=7)
    insert(db, "session_change", person=2, session="a", n=8)
    ready = [("b", "p", "git", "UTC", DAY, 7), ("a", "", "", "UTC", "", 0)]
    assert db.ask(shareable(ME))[:2] == ready
    assert [each.session for each in db.ask(shareable(ME))] == ["b", "a", "d"]
    assert [each.session for each in db.ask(shareable(ME, waiting=True))] == ["b", "a", "c", "d"]
    for person, session, what, why, rows in (
        (1, "a", "event", "x", 2), (1, "b", "event", "x", 3), (1, "a", "event", "w", 5),
        (1, "a", "prompt", "x", 9), (1, "gone", "prompt", "x", 9), (2, "a", "event", "x", 9),
    ):  # fmt: skip
        insert(db, "refused", person=person, session=session, what=what, why=why, row_count=rows,
               tier=3, hash="", version="", at=1)  # fmt: skip
    assert db.ask(refused_rows(ME)) == [
        ("prompt", "x", 9, 1), ("event", "w", 5, 1), ("event", "x", 5, 2),
    ]  # fmt: skip
    for n, (agent, at) in enumerate((("x", 5), ("x", 4), ("x", 4), ("y", 9), ("", 1))):
        said(db, n, "thinking", at, agent=agent)
    said(db, 8, "thinking", 0, agent="x", session="b")
    said(db, 9, "thinking", 4, agent="x", session="b", uuid="a")
    assert db.ask(first_records(ONE)) == {"x": "u1", "y": "u3"}
    assert db.ask(events_known(ONE)) == 5


def test_hooks_tell_what_came_of_each_kind_and_session_and_when(db):
    assert db.ask(capture(ME)).last_at is None
    add(db, "a", version="2.0", cwd="/a", ended_at=5)
    add(db, "b", version="2.1", cwd="/b", ended_at=9)
    add(db, "c", cwd="/a", ended_at=12)
    add(db, "d", version="1.0", cwd="/d", ended_at=None)
    for n, (person, session, event, at) in enumerate([
        (1, "a", "Stop", 3), (1, "a", "Stop", 7), (1, "b", "Begin", 6), (2, "a", "Stop", 99),
    ]):  # fmt: skip
        insert(db, "hook_event", person=person, session=session, event=event, at=at, hash=f"{n}",
               detail="{}")  # fmt: skip
    for person, what, value in ((1, "session", "x"), (1, "project", "y"), (2, "session", "z")):
        insert(db, "forgotten", person=person, what=what, value=value, at=1)
    found = db.ask(capture(ME))
    assert found.events == [Seen("Begin", 1, 6), Seen("Stop", 2, 7)]
    assert (found.client, found.last_at, found.sessions) == ("2.1", 7, {"a": 7, "b": 6})
    assert (found.folders, found.left_out) == (["/a", "/b", "/d"], {"x"})
