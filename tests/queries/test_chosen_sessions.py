"""What sessions can be narrowed to: each filter beside its near misses, over people, days and a
limit, and beside how many there are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from accrete.derive import DERIVED_VERSION
from accrete.queries.scope import Scope, spanning, stored_number
from accrete.queries.search import titled
from accrete.queries.sessions import (
    SORTS,
    After,
    Said,
    anything,
    extent,
    other_zones,
    said_of,
    session_tags,
    sessions,
    sessions_count,
    sessions_named,
    used,
)
from tests.company import insert
from tests.queries.by_hand import DAY, NEXT, Values, add, put
from tests.queries.by_hand import db as db

pytestmark = pytest.mark.long

ME, BOTH = Scope((1,)), Scope((1, 2))


USES: Values = {"local_day": DAY, "counted": 1}
EDITED: Values = {"local_day": DAY, "tool": "Edit", "status": "ok", "target": "/w/a.py"}
BILLED: Values = {"local_day": DAY, "skill": None, "plugin": None, "mcp_server": None}
NONE_OF = {"skill": "s", "plugin": "p", "mcp_server": "m"}
CASES: dict[str, tuple[Values, str, Values, list[Values]]] = {
    "skill": ({"skill": "x"}, "response", USES | {"skill": "x"},
              [{"counted": 0}, {"skill": "y"}, {"skill": None, "plugin": "x"}]),
    "plugin": ({"plugin": "x"}, "response", USES | {"plugin": "x"},
               [{"counted": 0}, {"plugin": None, "skill": "x"}]),
    "server": ({"server": "x"}, "response", USES | {"mcp_server": "x"},
               [{"counted": 0}, {"mcp_server": None, "plugin": "x"}]),
    "check": ({"check": "test"}, "check_run", {"local_day": DAY, "kind": "test"},
              [{"kind": "lint"}]),
    "tool": ({"tool": "Bash"}, "session_tool", {"local_day": DAY, "tool": "Bash", "calls": 1},
             [{"calls": 0, "errors": 1}, {"tool": "Read"}]),
    "failed": ({"failed": "Bash"}, "session_tool",
               {"local_day": DAY, "tool": "Bash", "calls": 1, "errors": 1},
               [{"errors": 0}, {"tool": "Read"}]),
    "file": ({"file": "/w/a.py"}, "tool_call", EDITED,
             [{"status": "error"}, {"counted": 0}, {"tool": "Read"}, {"target": "/w/b.py"}]),
    "kind": ({"kind": ".py"}, "session_kind", {"local_day": DAY, "kind": ".py"}, [{"kind": ".md"}]),
    "practice": ({"practice": "review"}, "sighting", {"local_day": DAY, "practice": "review"},
                 [{"practice": "planning"}, {"local_day": ""}]),
    "pull": ({"pull": ["u1", "u2"]}, "session_pull", {"url": "u2"}, [{"url": "u3"}]),
    "worked on": ({"pull": ["u1", "u2"]}, "session_pull_state", {"url": "u1"}, [{"url": "u3"}]),
    "tag": ({"tag": "x"}, "session_tag", {"tag": "x"}, [{"tag": "y"}]),
    "no branch": ({"lacks": "branch"}, "session_usage", {"local_day": DAY, "model": "m"},
                  [{"branch": "main"}]),
    "no model": ({"lacks": "model"}, "session_usage", {"local_day": DAY, "branch": "main"},
                 [{"model": "m"}]),
    "no kind": ({"lacks": "kind"}, "session_kind", {"local_day": DAY, "kind": ""},
                [{"kind": ".md"}]),
    **{f"no {what}": ({"lacks": what}, "response", BILLED | NONE_OF | {column: None},
                      [{"counted": 0}, {"synthetic": 1}, {column: "x"}])
       for what, column in (("skill", "skill"), ("plugin", "plugin"), ("server", "mcp_server"))},
    **{f"inference for no {what}": ({"lacks": what}, "inference", BILLED | NONE_OF | {column: None},
                                    [{column: "x"}])
       for what, column in (("skill", "skill"), ("plugin", "plugin"), ("server", "mcp_server"))},
}  # fmt: skip
EVER = ("pull", "worked on", "tag")
"""What is of a session whatever the day."""


def ids(db, scope: Scope, **chosen: Any) -> list[str]:
    """The sessions that are listed, in their order; as many are counted."""
    found = [each.id for each in db.ask(sessions(scope, **chosen))]
    for sort in SORTS:
        again = db.ask(sessions(scope, **chosen, sort=sort, limit=2))
        assert {each.id for each in again} <= set(found)
        assert len(again) == min(2, len(found))
    assert db.ask(sessions_count(scope, **chosen)) == len(found)
    return found


@pytest.mark.parametrize("case", CASES)
def test_sessions_are_narrowed_to_what_they_have(db, case):
    chosen, table, values, misses = CASES[case]
    figures = {"edits_landed": 1}
    for name in ("none", "yes", *(f"miss {n}" for n, _ in enumerate(misses))):
        add(db, name, **figures)
    add(db, "none", person=2, **figures)
    put(db, table, "yes", 1, values)
    put(db, table, "none", 2, values)
    for n, miss in enumerate(misses):
        put(db, table, f"miss {n}", 1, values | miss)
    assert ids(db, ME, **chosen) == ["yes"]
    assert ids(db, BOTH, **chosen) == ["none", "yes"]
    assert ids(db, replace(ME, since=DAY, until=DAY), **chosen) == ["yes"]
    other = ["yes"] if case in EVER else []
    assert ids(db, replace(ME, since=NEXT), **chosen) == other
    assert ids(db, replace(ME, until="2026-09-21"), **chosen) == []


@pytest.mark.parametrize("chosen", [{"subagent": "Explore"}, {"lacks": "subagent"}])
def test_sessions_are_narrowed_to_responses_of_subagents(db, chosen):
    shown = "Explore" if "subagent" in chosen else None
    for name, type_, values in (
        ("yes", shown, {}),
        ("of another type", "Plan", {}),
        ("not counted", shown, {"counted": 0}),
        ("of the main line", shown, {"run": ""}),
    ):
        for person in (1, 2):
            add(db, name, person=person)
        put(db, "agent_run", name, 1, {"shown_type": type_})
        put(db, "agent_run", name, 2, {"shown_type": "Plan"})
        for person in (1, 2):
            put(db, "response", name, person, USES | {"run": "a"} | values)
    assert ids(db, ME, **chosen) == ["yes"]
    assert ids(db, Scope((2,)), **chosen) == []
    assert ids(db, replace(ME, since=NEXT), **chosen) == []


def test_sessions_are_narrowed_to_those_in_which_a_practice_was_possible(db):
    for name, practice, possible in (
        ("yes", "review", 1), ("not", "review", 0), ("unknown", "review", None),
        ("another", "planning", 1), ("elsewhere", "review", 0),
    ):  # fmt: skip
        add(db, name, days=(DAY,))
        put(db, "session_practice", name, 1, {"practice": practice, "possible": possible})
    add(db, "untimed", days=("",))
    put(db, "session_practice", "untimed", 1, {"practice": "review", "possible": 1})
    add(db, "elsewhere", person=2)
    put(db, "session_practice", "elsewhere", 2, {"practice": "review", "possible": 1})
    assert ids(db, ME, possible="review") == ["yes"]
    assert ids(db, replace(ME, since=DAY, until=DAY), possible="review") == ["yes"]
    assert ids(db, replace(ME, since=NEXT), possible="review") == []


@pytest.mark.parametrize(
    ("chosen", "yes", "no"),
    [
        ({"made": "commits"}, {"commits": 1}, {"edits_landed": 1}),
        ({"made": "edits"}, {"edits_landed": 1}, {"commits": 1}),
        ({"made": "delegated"}, {"responses_delegated": 1}, {"responses_own": 1}),
        ({"made": "responses"}, {"responses_own": 1}, {}),
        ({"made": "responses"}, {"responses_delegated": 1}, {}),
        ({"outcome": "shipped"}, {"outcome": "shipped"}, {"outcome": "explored"}),
        ({"lacks": "outcome"}, {"outcome": None}, {"outcome": "explored"}),
        ({"lacks": "project"}, {"project": None}, {"project": "p"}),
        ({"lacks": "transcript"}, {"source_missing_at": 5}, {}),
        ({"lacks": "current rules"}, {"stale": 1}, {}),
        ({"lacks": "current rules"}, {"derived_version": DERIVED_VERSION - 1}, {}),
        ({"lacks": "price"}, {"unpriced": 1}, {"lower_bound": 1}),
        ({"lacks": "whole output"}, {"lower_bound": 1}, {"price_assumed": 1}),
        ({"lacks": "confirmed price"}, {"price_assumed": 1}, {"unpriced": 1}),
    ],
)
def test_sessions_are_narrowed_by_their_own_figures(db, chosen, yes, no):
    add(db, "yes", **yes)
    add(db, "no", **no)
    assert ids(db, ME, **chosen) == ["yes"]
    assert ids(db, replace(ME, since=DAY), **chosen) == ["yes"]


def test_branch_and_model_are_of_the_days_of_a_range(db):
    for name in ("a", "b", "c"):
        add(db, name)
    add(db, "c", person=2)
    put(db, "session_usage", "a", 1, {"local_day": DAY, "branch": "main", "model": "m"})
    put(db, "session_usage", "b", 1, {"local_day": NEXT, "branch": "main", "model": "n"})
    put(db, "session_usage", "c", 2, {"local_day": NEXT, "branch": "side", "model": "o"})
    assert ids(db, replace(ME, branch="main")) == ["a", "b"]
    assert ids(db, replace(ME, branch="main", since=NEXT)) == ["b"]
    assert ids(db, replace(ME, model="m")) == ["a"]
    assert ids(db, replace(ME, branch="main", model="o")) == []
    assert ids(db, replace(ME, branch="side")) == []
    assert db.ask(used(ME, "branch")) == ["main"]
    assert db.ask(used(BOTH, "branch")) == ["main", "side"]
    assert db.ask(used(replace(ME, since=NEXT), "model")) == ["n"]
    with pytest.raises(ValueError, match="zone"):
        used(ME, "zone")


def test_a_session_in_which_nothing_happened_is_listed_if_asked_for(db):
    add(db, "full")
    add(db, "empty", prompts=0)
    assert ids(db, ME) == ["full"]
    found = db.ask(sessions(ME, empty=True))
    assert [each.id for each in found] == ["empty", "full"]


def test_a_title_is_found_whatever_its_letter_case_before_a_limit_cuts(db):
    for n, title in enumerate(("Über alles", "ÜBER", None, "Other", "Straße über")):
        add(db, f"{n}", title=title, started_at=n)
    for scope in (ME, replace(ME, since=DAY)):
        found = db.ask(sessions(scope, text="über"))
        assert [each.id for each in found] == ["4", "1", "0"]
        assert [each.id for each in db.ask(sessions(scope, text="über", limit=2))] == ["4", "1"]
        assert [each.id for each in db.ask(sessions(scope, text="STRASSE"))] == ["4"]


TITLED = (
    "Fix the Café TOTAL", "Subtotal of it", "Totals", "ΣTOTAL", None, "The K\u212anob", "合計total",
)  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "there"),
    [("total", "0236"), ("TOTAL the", "0"), ("cafe", "0"), ("Café", "0"), ("sub", "1"), ("k", "5"),
     ("kkno", "5"), ("otal", ""), ("合", "6"), ("total zebra", ""), ("", ""), ("- %", "")],
)  # fmt: skip
def test_a_session_is_named_by_words_of_its_title_in_any_letters(db, asked, there):
    for n, title in enumerate(TITLED):
        add(db, f"{n}", title=title, started_at=-n)
    for among in (len(TITLED) + 1, 1000):
        question = titled(ME, asked, dialect=db.dialect, limit=9, among=among)
        found, more = db.ask(question)
        assert ("".join(each.session for each in found), more) == (there, False)


def test_titles_are_read_until_enough_are_found(db):
    for n in range(8):
        add(db, f"{n}", title="Subtotal" if n > 2 else "Total", started_at=n)

    def asked(limit: int, among: int) -> tuple[list[str], bool]:
        question = titled(ME, "total", dialect=db.dialect, limit=limit, among=among)
        found, more = db.ask(question)
        return [each.session for each in found], more

    assert asked(2, 5) == ([], True)
    assert asked(2, 6) == (["2"], True)
    assert asked(2, 7) == (["2", "1"], False)
    assert asked(9, 8) == (["2", "1", "0"], True)
    assert asked(9, 9) == (["2", "1", "0"], False)


FIGURES = {
    "started": ("started_at", "started_at"), "cost": ("cost_own_nano", "cost_delegated_nano"),
    "active": ("active_ms", "active_ms"), "prompts": ("prompts", "prompts_queued"),
    "errors": ("tool_errors", "tool_errors"), "lines": ("lines_added", "lines_removed"),
}  # fmt: skip


@pytest.mark.parametrize("sort", SORTS)
def test_a_sorted_list_goes_on_after_any_of_its_sessions(db, sort):
    one, two = FIGURES[sort]
    for name, value in (("a", 2), ("b", 5), ("c", 2), ("d", None), ("e", None), ("f", 9)):
        column = two if name == "f" else one
        missing = {"started_at": None} if sort == "started" else {}
        given = missing if value is None else {column: value}
        add(db, name, days=(DAY,), **({"started_at": 1, "prompts": 1} | given))
    for scope in (ME, replace(ME, since=DAY)):
        every = db.ask(sessions(scope, sort=sort))
        assert [each.id for each in every][:4] == ["f", "b", "a", "c"]
        for n, row in enumerate(every):
            after = After.read(After.of(row, sort).write())
            for limit in (None, 2):
                rest = db.ask(sessions(scope, sort=sort, after=after, limit=limit))
                assert rest == every[n + 1 :][:limit]


@pytest.mark.parametrize("text", ["", "5", "5~", "~", "x~a", f"{2**63}~a", f"{-(2**63) - 1}~a"])
def test_what_is_no_place_in_a_list_is_said(text):
    with pytest.raises(ValueError, match="no place|no number|invalid literal"):
        After.read(text)


def test_a_place_in_a_list_holds_what_a_column_can():
    assert After.read("~a") == After(None, "a")
    assert After.read("5~a~b") == After(5, "a~b")
    assert (stored_number(f"{2**63 - 1}"), stored_number(f"{-(2**63)}")) == (2**63 - 1, -(2**63))


def test_how_far_sessions_reach(db):
    assert db.ask(extent(ME)) == (0, None, None)
    assert db.ask(anything(ME)) is False
    add(db, "untimed", days=("",))
    assert db.ask(extent(ME)) == (1, None, None)
    add(db, "a", days=(DAY,))
    add(db, "b", days=(DAY, NEXT))
    add(db, "a", person=2, days=("2026-09-01",))
    assert db.ask(extent(ME)) == (3, DAY, NEXT)
    assert db.ask(extent(BOTH)) == (4, "2026-09-01", NEXT)
    assert db.ask(extent(replace(ME, since=NEXT))) == (1, NEXT, NEXT)
    assert db.ask(anything(replace(ME, since=NEXT))) is True
    assert db.ask(anything(replace(ME, since="2026-09-24"))) is False


def test_a_session_is_named_by_the_beginning_of_its_id(db):
    for n, name in enumerate(("aab", "aac", "Aad", "b%")):
        add(db, name, started_at=n, title=name.upper())
    add(db, "zz", started_at=9, prompts=0)
    add(db, "zy", person=2, started_at=9)
    assert db.ask(sessions_named(ME, "aa")) == [("aab", "AAB"), ("aac", "AAC")]
    assert db.ask(sessions_named(ME, "%")) == []
    assert db.ask(sessions_named(ME, "z")) == [("zz", None)]
    assert db.ask(sessions_named(ME, "latest")) == [("b%", "B%")]


def test_zones_tags_and_words_are_of_sessions_of_the_scope(db):
    add(db, "a", zone="Asia/Tokyo", zone_assumed=1)
    add(db, "b", zone="Europe/Rome", zone_assumed=0)
    add(db, "c", zone="UTC", zone_assumed=1)
    add(db, "a", person=2, zone="Asia/Seoul", zone_assumed=1)
    assert db.ask(other_zones(ME)) == ["Asia/Tokyo"]
    assert db.ask(other_zones(replace(BOTH, zone="Asia/Seoul"))) == ["Asia/Tokyo", "UTC"]
    for person, tag in ((1, "y"), (1, "x"), (2, "z")):
        insert(db, "session_tag", person=person, session="a", tag=tag, at=1)
    insert(db, "session_tag", person=1, session="gone", tag="w", at=1)
    insert(db, "session_title", person=1, session="a", text="Mine", at=1)
    insert(db, "session_note", person=2, session="a", text="Theirs", at=1)
    assert db.ask(session_tags(ME)) == ["x", "y"]
    assert db.ask(session_tags(BOTH)) == ["x", "y", "z"]
    assert db.ask(said_of(replace(ME, session="a"))) == Said(["x", "y"], None, "Mine")
    assert db.ask(said_of(Scope((2,), session="a"))) == Said(["z"], "Theirs", None)
    assert db.ask(said_of(replace(ME, session="b"))) == Said([], None, None)


def test_scopes_span_from_the_first_day_of_all_to_the_last():
    some = [replace(ME, since=DAY, until=NEXT), replace(BOTH, since="2026-01-01", until=DAY)]
    assert spanning(some) == replace(ME, since="2026-01-01", until=NEXT)
    assert spanning([some[0], replace(ME, until=DAY)]) == replace(ME, since=None, until=NEXT)
    assert spanning([some[0], replace(ME, since=DAY)]) == replace(ME, since=DAY, until=None)
