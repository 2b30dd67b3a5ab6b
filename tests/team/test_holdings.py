"""What a company holds of one person and of nobody else: how much, the newest, all as a file."""

from __future__ import annotations

import io
import json
import zipfile
from decimal import Decimal
from typing import Any

from accrete_team import held, people
from accrete_team.held import Chosen, HeldProject, HeldRows

from accrete.database import Database
from accrete.record import shared, store
from accrete.wire.travels import NAMES
from tests.team.serving import NOW
from tests.team.two_people import ME, OTHER
from tests.team.two_people import db as db


def holds(
    db: Database, person: int, session: str, what: str, *, tier: int = 1, rows: int = 1,
    size: int = 10, at: int = NOW, **row: Any,
) -> None:  # fmt: skip
    """Rows of a table of a session, of which one is there."""
    key = {"id": session} if what == "session" else {"session": session}
    shared.put_rows(db, person, what, [{**key, **row}])
    held_ = shared.Held(tier, "x", rows, size, "d")
    shared.acknowledge(db, person, session, what, held_, at)


def project(db: Database, person: int, id_: str, name: str) -> None:
    db.run("INSERT INTO project (person, id, name, root, ids) VALUES (?, ?, ?, '', '')",
           (person, id_, name))  # fmt: skip


def test_of_who_shares_nothing_nothing_is_held(db):
    holds(db, OTHER, "s", "session", local_day="2026-11-03")
    assert db.ask(held.holding(ME)) == held.Holding(0, 0, 0, 0, None, None, {}, [], [], [])


def test_what_is_held_is_counted_by_session_and_not_by_table(db):
    holds(db, ME, "s", "session", local_day="2026-11-03", project="p", at=NOW - 1)
    holds(db, ME, "s", "prompt", rows=4, size=100, tier=2, uuid="u", at=NOW)
    holds(db, ME, "t", "session", local_day="2026-11-05", project="q", tier=3, size=0, at=NOW)
    holds(db, ME, "u", "session", local_day="", rows=0, size=0, at=NOW - 2)
    for session in "su":
        holds(db, OTHER, session, "session", local_day="2025-01-01", project="p", rows=50, tier=3,
              at=NOW + 1)  # fmt: skip
    project(db, ME, "p", "The API")
    project(db, ME, "q", "")
    project(db, OTHER, "p", "Theirs")
    found = db.ask(held.holding(ME))
    assert (found.sessions, found.rows, found.size, found.unsized) == (3, 6, 110, 1)
    assert (found.first_day, found.last_day) == ("2026-11-03", "2026-11-05")
    assert found.tiers == {1: 2, 2: 1, 3: 1}
    assert found.newest == [
        HeldRows("s", "prompt", 2, 4, 100, NOW), HeldRows("t", "session", 3, 1, 0, NOW),
        HeldRows("s", "session", 1, 1, 10, NOW - 1), HeldRows("u", "session", 1, 0, 0, NOW - 2),
    ]  # fmt: skip
    assert found.projects == [
        HeldProject("p", "The API", 1, 5, 110, 2), HeldProject("", "", 1, 0, 0, 1),
        HeldProject("q", "", 1, 1, 0, 3),
    ]  # fmt: skip


def test_projects_are_in_the_order_of_their_names_whatever_the_case(db):
    for n, name in enumerate(("beta", "Alpha", "alpha", "Gamma")):
        holds(db, ME, f"s{n}", "session", project=f"p{n}")
        project(db, ME, f"p{n}", name)
    found = [(each.name, each.id) for each in db.ask(held.holding(ME)).projects]
    assert found == [("Alpha", "p1"), ("alpha", "p2"), ("beta", "p0"), ("Gamma", "p3")]


def test_the_twenty_newest_are_told(db):
    for n in range(22):
        holds(db, ME, f"s{n:02}", "session", at=NOW + n)
    newest = db.ask(held.holding(ME)).newest
    assert [each.session for each in newest] == [f"s{n:02}" for n in range(21, 1, -1)]


def machine(db: Database, person: int, device: str, *, made_at: int, used: str | None,
            revoked_at: int | None = None) -> None:  # fmt: skip
    db.run(
        "INSERT INTO device_token (person, device, hash, label, made_at, used_week, revoked_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (person, device, f"h{device}", f"the {device}", made_at, used, revoked_at),
    )


def test_the_machines_of_a_person_are_told_until_they_are_revoked(db):
    machine(db, ME, "b", made_at=1, used="2026-11-09")
    machine(db, ME, "a", made_at=2, used=None)
    machine(db, ME, "c", made_at=3, used=None, revoked_at=4)
    machine(db, OTHER, "d", made_at=5, used=None)
    assert db.ask(held.holding(ME)).machines == [("the b", "2026-11-09"), ("the a", None)]


def test_a_choice_is_told_with_who_did_not_hear_of_it(db):
    assert db.ask(held.chosen(ME, "tier")) is None
    week = "2026-11-09"
    for device, made_at, used, revoked_at in (
        ("late", 3, week, None), ("z", 2, week, None), ("a", 2, week, None),
        ("here", 1, week, None), ("new", 1, None, None), ("gone", 1, week, 9),
        ("told", 1, week, None),
    ):  # fmt: skip
        machine(db, ME, device, made_at=made_at, used=used, revoked_at=revoked_at)
    machine(db, OTHER, "theirs", made_at=1, used=week)
    people.chose(db, ME, "here", "tier", 2, NOW)
    people.chose(db, ME, "", "cleared", 0, NOW + 1)
    people.chose(db, OTHER, "theirs", "tier", 1, NOW + 2)
    people.heard(db, ME, "told", ["tier"])
    people.heard(db, ME, "late", ["cleared"])
    people.heard(db, OTHER, "z", ["tier"])
    expected = Chosen("tier", 2, "here", NOW, None, ("the a", "the z", "the late"))
    assert db.ask(held.chosen(ME, "tier")) == expected
    store.set_fact(db, store.RECORD, held.GONE, str(NOW + 5))
    store.set_fact(db, ME, held.GONE, "7")
    assert db.ask(held.chosen(ME, "tier")) == expected._replace(gone_before=NOW + 5)
    everybody = ("the here", "the told", "the a", "the z")
    assert db.ask(held.chosen(ME, "cleared")) == Chosen(
        "cleared", 0, "", NOW + 1, NOW + 5, everybody
    )


def unpacked(file: Any) -> dict[str, list[dict[str, Any]]]:
    with zipfile.ZipFile(file) as packed:
        assert {each.compress_type for each in packed.infolist()} == {zipfile.ZIP_DEFLATED}
        return {each: [json.loads(line) for line in packed.read(each).decode().splitlines()]
                for each in packed.namelist()}  # fmt: skip


def test_all_that_is_held_is_written_by_table_and_session_and_nothing_of_others(db):
    for person in (ME, OTHER):
        for session in ("t", "s"):
            holds(db, person, session, "session", local_day="2026-11-03", zone=f"of {person} é")
            holds(db, person, session, "prompt", uuid=f"u{session}", seq=1)
    shared.put_rows(db, ME, "session", [{"id": "kept"}])  # of which nothing is shared
    to = io.BytesIO()
    assert held.write_all(db, ME, to) == 4
    found = unpacked(to)
    assert list(found) == [f"{name}.jsonl" for name in NAMES]
    assert {name: len(rows) for name, rows in found.items() if rows} == {
        "session.jsonl": 2, "prompt.jsonl": 2
    }  # fmt: skip
    assert [each["id"] for each in found["session.jsonl"]] == ["s", "t"]
    assert [(each["session"], each["uuid"]) for each in found["prompt.jsonl"]] == [
        ("s", "us"), ("t", "ut")
    ]  # fmt: skip
    for each in (*found["session.jsonl"], *found["prompt.jsonl"]):
        assert "person" not in each
        assert None not in each.values()
    assert {each["zone"] for each in found["session.jsonl"]} == {"of 1 é"}
    with held.as_file(db, ME) as file:
        assert file.tell() == 0
        assert unpacked(file) == found
    with held.as_file(db, 3) as file:
        assert not any(unpacked(file).values())


def test_a_number_of_postgresql_is_written_as_a_number():
    assert held._plain(Decimal("1.5")) == 1.5
    assert held._plain(b"x") == "b'x'"
