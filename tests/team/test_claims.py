"""Which machine's rows of a session are held, and which of several claims to a row stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from accrete_team import devices
from accrete_team.devices import Place
from accrete_team.tokens import Who

from accrete.database import Database
from accrete.record import shared
from accrete.wire.contract import LARGEST, Shared
from tests.team.serving import NOW
from tests.team.two_people import ME, OTHER
from tests.team.two_people import db as db

LEADS, TAKES_OVER, FOLLOWS = Place.LEADS, Place.TAKES_OVER, Place.FOLLOWS
ASIDE, AGAIN = Place.ASIDE, Place.AGAIN


def known(db: Database, *machines: tuple[str, int, int], person: int = ME, session: str = "s",
          wanted: int = 0) -> None:  # fmt: skip
    """That machines know a session: (machine, events, tier)."""
    db.many("INSERT INTO session_device (person, session, device, events, tier, wanted) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            [(person, session, *each, wanted) for each in machines])  # fmt: skip


def holds(db: Database, machine: str, tier: int, *, person: int = ME, session: str = "s") -> None:
    """That a machine's rows of a session are held."""
    shared.put_rows(db, person, "session", [{"id": session}])
    what = shared.Held(tier, "x", 1, 1, machine)
    shared.acknowledge(db, person, session, "session", what, NOW)


def noted(db: Database) -> dict[str, tuple[int, int, int]]:
    """Of the session's machines: (events, tier, whether it is wanted of them)."""
    rows = db.run("SELECT device, events, tier, wanted FROM session_device "
                  "WHERE person = ? AND session = 's'", (ME,))  # fmt: skip
    return {str(device): (int(n), int(tier), int(wanted)) for device, n, tier, wanted in rows}


@pytest.mark.parametrize(
    ("machines", "leader", "comes", "place", "lowered", "wanted"),
    [
        # nothing is held: all of it is needed
        ([], None, (5, 2, True), LEADS, False, ""),
        ([], None, (5, 2, False), AGAIN, False, "a"),
        ([("b", 9, 2)], None, (5, 2, True), LEADS, False, ""),
        # its own is held
        ([("a", 5, 2)], "a", (5, 2, True), LEADS, False, ""),
        ([("a", 5, 2)], "a", (6, 2, False), LEADS, False, ""),
        ([("a", 5, 2), ("b", 9, 2)], "a", (4, 2, False), LEADS, False, ""),
        # another one's is held, at the same tier: that with more events leads
        ([("b", 5, 2)], "b", (6, 2, True), TAKES_OVER, False, ""),
        ([("b", 5, 2)], "b", (6, 2, False), AGAIN, False, "a"),
        ([("b", 5, 2)], "b", (5, 2, True), FOLLOWS, False, ""),
        ([("b", 5, 2)], "b", (5, 2, False), FOLLOWS, False, ""),
        ([("b", 5, 2), ("c", 9, 2)], "b", (6, 2, True), TAKES_OVER, False, ""),
        ([("b", 9, 2), ("c", 1, 2)], "b", (6, 2, True), FOLLOWS, False, ""),
        # at a lower tier: what is held goes
        ([("b", 9, 2)], "b", (5, 1, True), LEADS, True, ""),
        ([("b", 9, 2)], "b", (5, 1, False), AGAIN, True, "a"),
        ([("a", 9, 3)], "a", (5, 2, True), LEADS, True, ""),
        # at a higher tier than another machine's: nothing of it
        ([("b", 1, 1)], "b", (9, 2, True), ASIDE, False, ""),
        ([("b", 1, 1), ("c", 1, 3)], "b", (9, 2, False), ASIDE, False, ""),
        ([("b", 1, 1)], None, (9, 2, False), ASIDE, False, ""),
        # at a higher tier than before: those that stood aside are asked for theirs
        ([("a", 5, 1)], "a", (5, 2, True), LEADS, False, ""),
        ([("a", 5, 1), ("b", 5, 3), ("c", 5, 2)], "a", (5, 2, True), LEADS, False, "bc"),
        # a machine that is held and known no more
        ([("c", 5, 2)], "b", (4, 2, True), LEADS, False, ""),
        ([("b", 5, 3)], "b", (4, 3, True), FOLLOWS, False, ""),
    ],
)  # fmt: skip
def test_the_machine_with_most_events_leads_at_the_lowest_tier_of_all(
    db, machines, leader, comes, place, lowered, wanted
):
    known(db, *machines)
    known(db, ("z", 99, 1), person=OTHER)
    known(db, ("z", 99, 1), session="t")
    for session, person in (("s", OTHER), ("t", ME)):
        holds(db, "z", 1, session=session, person=person)
    if leader:
        was = [tier for machine, _, tier in machines if machine == leader]
        holds(db, leader, was[0] if was else comes[1])
    events, tier, whole = comes
    came = Shared("s", tier, [], events, whole)
    assert devices.arrive(db, Who(ME, "a"), came) == (place, lowered)
    found = noted(db)
    assert found.pop("a")[:2] == (events, tier)
    assert {name: each[:2] for name, each in found.items()} == {
        name: (n, its) for name, n, its in machines if name != "a"
    }
    assert [name for name, each in sorted(noted(db).items()) if each[2]] == [*wanted]
    assert db.run("SELECT wanted FROM session_device WHERE device = 'z'") == [(0,), (0,)]
    held = shared.held(db, ME, "s")
    assert bool(held) == (leader is not None and not lowered)
    for session, person in (("s", OTHER), ("t", ME)):
        assert "session" in shared.held(db, person, session)


@pytest.mark.parametrize(
    ("said", "kept"), [(-1, 0), (0, 0), (7, 7), (LARGEST, LARGEST), (LARGEST + 1, LARGEST)]
)
def test_of_a_number_of_events_what_a_database_can_hold_is_kept(db, said, kept):
    devices.sends(db, Who(ME, "a"), [Shared("s", 1, [], said, True)])
    assert noted(db) == {"a": (kept, 1, 0)}


@pytest.mark.parametrize(("whole", "wanted"), [(True, 0), (False, 1)])
def test_what_is_wanted_of_a_machine_is_wanted_until_it_sends_all_of_it(db, whole, wanted):
    known(db, ("a", 1, 3), ("b", 1, 3), wanted=1)
    known(db, ("a", 1, 3), session="t", wanted=1)
    known(db, ("a", 1, 3), person=OTHER, wanted=1)
    devices.sends(db, Who(ME, "a"), [Shared("s", 2, [], 5, whole)])
    assert noted(db) == {"a": (5, 2, wanted), "b": (1, 3, 1)}
    asked = {(who, session): devices.is_wanted(db, who, session)
             for who in (Who(ME, "a"), Who(ME, "b"), Who(OTHER, "a"), Who(OTHER, "b"))
             for session in "stu"}  # fmt: skip
    expected = {(Who(ME, "b"), "s"), (Who(ME, "a"), "t"), (Who(OTHER, "a"), "s")}
    assert {each for each, wants in asked.items() if wants} == expected | (
        {(Who(ME, "a"), "s")} if wanted else set()
    )


def brings(db: Database, session: str, machine: str, rows: Mapping[str, int], *, events: int = 5,
           forked: str | None = None, person: int = ME) -> set[str]:  # fmt: skip
    """A machine sends all of a session: responses by their id and output. Returns what `claim`
    does."""
    who = Who(person, machine)
    place, _ = devices.arrive(db, who, Shared(session, 2, [], events, True))
    if place in (LEADS, TAKES_OVER):
        row = {"id": session, "forked_from": forked}
        shared.replace_rows(db, person, session, "session", [row])
        what = shared.Held(2, "x", 1, 1, machine)
        shared.acknowledge(db, person, session, "session", what, NOW)
    given: list[dict[str, Any]] = [
        {"person": person, "session": session, "message_id": each, "request_id": "r",
         "output_tokens": n, "model": f"{session}{machine}"} for each, n in rows.items()
    ]  # fmt: skip
    return devices.claim(db, who, session, "response", given)


def stands(db: Database, person: int = ME) -> dict[str, tuple[str, str, int]]:
    """Whose row stands of each response: its session, the session and machine that sent it, its
    output."""
    rows = db.run("SELECT message_id, session, model, output_tokens FROM response "
                  "WHERE person = ?", (person,))  # fmt: skip
    return {str(one): (str(a), str(b), int(n)) for one, a, b, n in rows}


def rivals(db: Database) -> list[tuple[str, str]]:
    return sorted((str(a), str(b)) for a, b in db.run("SELECT session, device FROM rival_row"))


def test_of_one_machine_what_it_sent_last_is_held_and_is_no_rival(db):
    brings(db, "s", "a", {"m1": 1, "m2": 1})
    brings(db, "s", "a", {"m2": 3, "m3": 1})
    assert stands(db) == {"m2": ("s", "sa", 3), "m3": ("s", "sa", 1)}
    assert rivals(db) == []
    assert not devices.is_mixed(db, ME, "s")


@pytest.mark.parametrize(
    ("a", "b", "ahead", "winner"),
    [(5, 7, "a", "b"), (7, 5, "b", "a"), (5, 5, "a", "a"), (5, 5, "b", "b"), (0, 0, "", "a")],
)
def test_of_two_machines_the_larger_output_stands_and_then_that_of_who_leads(
    db, a, b, ahead, winner
):
    for order in ("ab", "ba"):
        for name in order:
            output, events = (a, 9 if ahead == "a" else 5) if name == "a" else (
                b, 9 if ahead == "b" else 5)  # fmt: skip
            brings(db, "s", name, {"m": output, f"only-{name}": 1}, events=events)
        leads = ahead or order[0]
        expected = winner if ahead else leads
        output = a if expected == "a" else b
        assert stands(db) == {
            "m": ("s", f"s{expected}", output), "only-a": ("s", "sa", 1), "only-b": ("s", "sb", 1)
        }  # fmt: skip
        assert rivals(db) == [("s", "a")] * 2 + [("s", "b")] * 2
        assert devices.is_mixed(db, ME, "s")
        assert not devices.is_mixed(db, OTHER, "s")
        assert not devices.is_mixed(db, ME, "t")
        devices.take_away(db, ME, "s", "unshared", NOW)
        assert (stands(db), rivals(db), noted(db)) == ({}, [], {})


def test_what_a_second_machine_sends_no_more_is_not_held_of_it_any_more(db):
    brings(db, "s", "a", {"m": 1, "both": 1})
    brings(db, "s", "b", {"n": 1, "both": 9})
    assert set(stands(db)) == {"m", "n", "both"}
    assert stands(db)["both"] == ("s", "sb", 9)
    brings(db, "s", "b", {"o": 1})
    assert stands(db) == {name: ("s", f"s{of}", 1) for name, of in
                          (("m", "a"), ("both", "a"), ("o", "b"))}  # fmt: skip
    assert rivals(db) == [("s", "a")] * 2 + [("s", "b")]


@pytest.mark.parametrize("order", ["st", "ts"])
@pytest.mark.parametrize(
    ("forked", "winner"), [(None, "s"), ("t", "t")]
)  # fmt: skip
def test_a_session_that_continues_no_other_has_the_row_then_that_of_the_smaller_id(
    db, order, forked, winner
):
    for name in order:
        origin = {"s": forked, "t": None}[name]
        brings(db, name, name, {"m": 9 if name != winner else 1, f"only-{name}": 1}, forked=origin)
    brings(db, "s", "far", {"m": 5}, person=OTHER)
    assert stands(db) == {
        "m": (winner, winner * 2, 1), "only-s": ("s", "ss", 1), "only-t": ("t", "tt", 1)
    }  # fmt: skip
    assert stands(db, OTHER) == {"m": ("s", "sfar", 5)}
    assert rivals(db) == [("s", "s"), ("t", "t")]
    other = {"s": "t", "t": "s"}[winner]
    assert devices.withdraw(db, ME, winner) == {other}
    assert stands(db) == {
        "m": (other, other * 2, 9), f"only-{other}": (other, other * 2, 1)
    }  # fmt: skip
    assert rivals(db) == []
    assert stands(db, OTHER) == {"m": ("s", "sfar", 5)}


def test_a_claim_says_whose_sums_it_changed(db):
    assert brings(db, "s", "a", {"m": 1}) == set()
    assert brings(db, "t", "a", {"n": 1}) == set()
    assert brings(db, "u", "a", {"m": 1, "x": 1}) == {"s", "u"}
    assert brings(db, "u", "a", {"x": 1}) == {"s"}
    assert rivals(db) == []
    assert stands(db) == {"m": ("s", "sa", 1), "n": ("t", "ta", 1), "x": ("u", "ua", 1)}


def test_a_machine_that_leaves_is_forgotten_and_the_others_are_asked_for_theirs(db):
    for name, events in (("a", 9), ("b", 5)):
        brings(db, "s", name, {"m": 1}, events=events)
    brings(db, "t", "a", {"n": 1})
    devices.leave(db, Who(ME, "a"), "s", NOW + 1)
    assert noted(db) == {"b": (5, 2, 1)}
    assert (stands(db), rivals(db)) == ({"n": ("t", "ta", 1)}, [])
    assert db.run("SELECT session, why, at FROM unshared") == [("s", "left", NOW + 1)]
    assert not devices.is_wanted(db, Who(ME, "a"), "t")


def test_what_is_taken_away_is_known_of_no_machine_and_others_stay(db):
    for person in (ME, OTHER):
        for session in ("s", "t"):
            brings(db, session, "a", {f"m{session}": 1}, person=person)
    devices.take_away(db, ME, "s", "forgotten", NOW)
    assert set(stands(db)) == {"mt"}
    assert set(stands(db, OTHER)) == {"ms", "mt"}
    assert sorted(db.run("SELECT person, session FROM session_device")) == [
        (ME, "t"), (OTHER, "s"), (OTHER, "t")
    ]  # fmt: skip
    assert db.run("SELECT person, session, why, at FROM unshared") == [(ME, "s", "forgotten", NOW)]
