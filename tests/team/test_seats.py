"""Whom a person who is signed in may see, at each moment, and what of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from accrete_team import access, people, signin, tokens
from accrete_team.access import Led, Opened, Seat

from accrete.explorer.view import MissingError
from tests.team.test_accounts import db as db
from tests.team.test_accounts import team as team

NOW = 1_790_000_000_000


def seat(**changed: object) -> Seat:
    plain = Seat(1, "Amara", "", False, "Europe/Berlin", "", 2, False, NOW)
    return replace(plain, **changed)  # type: ignore[arg-type]


FORGE, QUAY = Led(2, "Bela", 3, "forge", "", False), Led(3, "Chi", 0, "quay", "", False)


def test_a_scope_holds_whom_a_seat_may_see_and_nobody_else():
    some = seat(led=(FORGE, QUAY), opened=(Opened(4, "Dee", 2, NOW + 1, "asked"),),
                teams=(access.InTeam("forge", "Forge", "lead"),))  # fmt: skip
    assert (access.own(some).people, access.own(some).tier, access.own(some).zone) == (
        (1,), 1, "Europe/Berlin"
    )  # fmt: skip
    tiers = {person: access.one(some, person).tier for person in (1, 2, 3, 4)}
    assert tiers == {1: 2, 2: 3, 3: 1, 4: 2}
    with pytest.raises(MissingError):
        access.one(some, 5)
    assert access.led(some).people == (2, 3)
    assert access.led(some, "quay").people == (3,)
    for nobody in (
        lambda: access.led(some, "none"), lambda: access.led(seat()),
        lambda: access.everybody(seat(), [1]), lambda: access.everybody(some, []),
    ):  # fmt: skip
        with pytest.raises(MissingError):
            nobody()
    assert access.everybody(some, [3, 1]).people == (1, 3)
    assert access.everybody(seat(admin=True), [3, 1]).people == (1, 3)
    assert access.beyond(some, [5, 1, 2, 3, 4]).people == (4, 5)
    assert access.beyond(some, [1, 2, 3]) is None
    for scope in (access.led(some), access.everybody(some, [1])):
        assert (scope.until, scope.tier) == (some.last_day(), 1)
    example = access.example(2, "s")
    assert (example.people, example.session, example.tier) == ((2,), "s", 3)
    assert (some.leads, seat().leads, seat(teams=(access.InTeam("f", "F", "member"),)).leads) == (
        True, False, False
    )  # fmt: skip
    assert seat(settings={"cost_per_person": "on"}).amounts
    assert not seat(settings={"cost_per_person": "off"}).amounts
    assert not seat().amounts


def test_a_day_is_seen_when_it_is_over_everywhere_since_a_day():
    begun = 1_790_035_200_000  # 22 September, 00:00 UTC
    for hours, day in ((60, "2026-09-22"), (59.99, "2026-09-21"), (84, "2026-09-23")):
        assert seat(now=begun + int(hours * 3_600_000)).last_day() == day


@pytest.mark.parametrize(
    ("lead", "member", "seen"),
    [
        ((5, None), (5, None), True), ((10, None), (10, None), True),
        ((11, None), (5, None), False), ((5, None), (11, None), False),
        ((5, 10), (5, None), False), ((5, None), (5, 10), False),
        ((5, 11), (5, 11), True),
    ],
)  # fmt: skip
def test_a_lead_sees_members_while_both_are_in_the_team(db, lead, member, seen):
    amara, bela = tokens.add_person(db, "Amara"), tokens.add_person(db, "Bela")
    made = people.make_team(db, "Forge", actor=None, now=1)
    for person, role, (since, until) in ((amara, "lead", lead), (bela, "member", member)):
        people.place(db, person, made, role, actor=None, now=1, since=since)
        db.run("UPDATE team_place SET until = ? WHERE person = ?", (until, person))
    keys = [people.hashed(signin.sign_in(db, each, "password", 1).cookie) for each in (amara, bela)]
    found, theirs = (db.ask(access.seat_of(key, 10)) for key in keys)
    assert [each.person for each in found.led] == ([bela] if seen else [])
    assert (found.seen(bela) is not None) == seen
    assert theirs.led == ()
    assert found.leads == (lead[0] <= 10 and lead[1] != 10)
    people.dissolve(db, made, actor=None, now=10)
    assert db.ask(access.seat_of(keys[0], 10)).teams == ()


def test_a_seat_says_who_it_is_of_and_whom_they_lead_by_name(db):
    amara, bela, ada = (tokens.add_person(db, name) for name in ("Amara", "bela", "Ada"))
    quay, forge = (people.make_team(db, name, actor=None, now=1) for name in ("quay", "Forge"))
    people.set_account(db, amara, actor=None, now=1, email="a@x", zone="Europe/Berlin", admin=True)
    for person, made, role in (
        (amara, forge, "lead"), (amara, quay, "lead"), (bela, forge, "member"),
        (ada, quay, "member"), (amara, forge, "member"), (bela, quay, "lead"),
    ):  # fmt: skip
        people.place(db, person, made, role, actor=None, now=1, since=1)
    people.pause(db, ada, True, 2)
    db.run("UPDATE person SET tier = 3 WHERE id = ?", (bela,))
    db.run("INSERT INTO opening (person, admin, since, until, why) "
           "VALUES (?, ?, 5, 20, 'asked')", (bela, amara))  # fmt: skip
    key = people.hashed(signin.sign_in(db, amara, "password", 1).cookie)
    found = db.ask(access.seat_of(key, 10))
    assert (found.person, found.name, found.email, found.admin, found.zone, found.paused) == (
        amara, "Amara", "a@x", True, "Europe/Berlin", False
    )  # fmt: skip
    assert [(each.name, each.role) for each in found.teams] == [
        ("Forge", "lead"), ("Forge", "member"), ("quay", "lead")
    ]  # fmt: skip
    assert found.led == (Led(ada, "Ada", 1, quay, "", True), Led(bela, "bela", 3, forge, "", False))
    opened = (Opened(bela, "bela", 3, 20, "asked"),)
    assert found.opened == opened
    for now, there in ((4, ()), (5, opened), (19, opened), (20, ())):
        assert db.ask(access.seat_of(key, now)).opened == there
    db.run("UPDATE account SET admin = 0 WHERE person = ?", (amara,))
    assert db.ask(access.seat_of(key, 10)).opened == ()
    people.leave(db, bela, actor=None, now=10)
    assert [each.name for each in db.ask(access.seat_of(key, 9)).led] == ["Ada"]
    people.leave(db, amara, actor=None, now=10)
    assert db.ask(access.seat_of(key, 10)) is None


def test_a_setting_is_what_was_set_last_of_what_has_begun(db):
    off = {"cost_per_person": "off", "people_csv": "off"}
    assert access.settings_at([]) == off
    rows = [("people_csv", 5, "on"), ("people_csv", 3, "off"), ("cost_per_person", 9, "off"),
            ("cost_per_person", 8, "on")]  # fmt: skip
    assert access.settings_at(rows) == off | {"people_csv": "on"}
    key = people.hashed(signin.sign_in(db, tokens.add_person(db, "A"), "password", 1).cookie)
    db.run("INSERT INTO company_setting (name, value, since, made_at) "
           "VALUES ('people_csv', 'on', 10, 1)")  # fmt: skip
    for now, value in ((9, "off"), (10, "on")):
        assert db.ask(access.seat_of(key, now)).settings == off | {"people_csv": value}
