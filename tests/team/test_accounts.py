"""People, teams and tokens of a company: what may be changed, what is refused, what is written
down, and who sees whom because of it."""

from __future__ import annotations

import uuid
from datetime import date

import argon2
import pytest
from accrete_team import access, looks, people, signin, tokens
from accrete_team.people import DAY_MS, NOTICE_MS
from accrete_team.tokens import Who

from accrete.errors import AccreteError
from accrete.sync.choice import join
from tests.team.serving import Team

NOW = 1_790_000_000_000


@pytest.fixture
def team(tmp_path):
    made = Team(tmp_path / "team")
    made.company()
    return made


@pytest.fixture
def db(team):
    with team.database() as found:
        yield found


def noted(db) -> list[tuple[str, str]]:
    """What was written down: (what, about)."""
    return sorted((str(a), str(b)) for a, b in db.run("SELECT what, about FROM audit"))


def account(db, person: int) -> people.Member:
    return people.member(db, person)


def test_there_is_no_member_whom_nobody_added(db):
    with pytest.raises(AccreteError, match="no such person"):
        people.member(db, 99)


@pytest.mark.parametrize(
    ("email", "kept"),
    [
        (" Amara@Example.COM ", "amara@example.com"), ("a" * 64 + "@x", "a" * 64 + "@x"),
        ("a@" + "x" * 189, "a@" + "x" * 189), ("a" * 65 + "@x", None), ("a@" + "x" * 190, None),
        ("amara", None), ("a b@x", None), ("a@b@c", None), ("@x", None), ("a@", None), ("", None),
    ],
)  # fmt: skip
def test_an_address_is_kept_in_one_spelling_or_refused(db, email, kept):
    amara = tokens.add_person(db, "Amara")
    if kept is None:
        with pytest.raises(AccreteError, match="no e-mail address"):
            people.set_account(db, amara, actor=None, now=NOW, email=email)
        assert noted(db) == []
        return
    people.set_account(db, amara, actor=None, now=NOW, email=email)
    people.set_account(db, amara, actor=None, now=NOW, email=email)  # their own is no other's
    assert account(db, amara).email == kept
    other = tokens.add_person(db, "Bela")
    with pytest.raises(AccreteError, match="signs somebody else in already"):
        people.set_account(db, other, actor=None, now=NOW, email=email)
    assert account(db, other).email is None


@pytest.mark.parametrize(
    ("given", "kept", "note"),
    [
        ({"job": "  senior   developer "}, {"job": "senior developer"}, "set job"),
        ({"job": "x" * 81}, {"job": "x" * 80}, "set job"),
        ({"start_month": "2026-03"}, {"start_month": "2026-03"}, "set start month"),
        ({"start_month": "2026-12"}, {"start_month": "2026-12"}, "set start month"),
        ({"start_month": ""}, {"start_month": ""}, "set start month"),
        ({"zone": "UTC"}, {"zone": "UTC"}, None),
        ({"zone": "Europe/Berlin"}, {"zone": "Europe/Berlin"}, None),
        ({"admin": True}, {"admin": True}, "set admin"),
        ({"admin": False}, {"admin": False}, "set admin"),
        ({"start_month": "2026-13"}, None, "is no month"),
        ({"start_month": "2026-3"}, None, "is no month"),
        ({"start_month": "2026-03-01"}, None, "is no month"),
        ({"zone": "Berlin"}, None, "is no time zone"),
        ({"zone": ""}, None, "is no time zone"),
    ],
)  # fmt: skip
def test_what_an_account_says_is_changed_and_written_down_or_refused(db, given, kept, note):
    amara = tokens.add_person(db, "Amara")
    before = account(db, amara)
    if kept is None:
        with pytest.raises(AccreteError, match=note):
            people.set_account(db, amara, actor=None, now=NOW, **given)
        assert (account(db, amara), noted(db)) == (before, [])
        return
    people.set_account(db, amara, actor=amara, now=NOW, **given)
    assert account(db, amara) == before._replace(**kept)
    assert noted(db) == ([(note, "Amara")] if note else [])
    if note:
        assert db.run("SELECT at, actor FROM audit") == [(NOW, amara)]


def test_there_is_always_an_administrator_who_is_there(db):
    ada, bela, mia = (tokens.add_person(db, name) for name in ("Ada", "Bela", "Mia"))
    for each in (ada, bela):
        people.set_account(db, each, actor=None, now=NOW, admin=True)
    people.set_account(db, mia, actor=None, now=NOW, admin=False)
    people.leave(db, bela, actor=None, now=NOW)
    assert not account(db, bela).admin
    with pytest.raises(AccreteError, match="Ada is the only administrator"):
        people.set_account(db, ada, actor=None, now=NOW, admin=False)
    db.run("UPDATE account SET admin = 1 WHERE person = ?", (bela,))  # of an older version
    with pytest.raises(AccreteError, match="Ada is the only administrator"):
        people.leave(db, ada, actor=None, now=NOW)
    people.set_account(db, mia, actor=None, now=NOW, admin=True)
    people.set_account(db, ada, actor=None, now=NOW, admin=False)
    assert not account(db, ada).admin


def test_members_are_listed_by_name_whatever_its_case_and_whether_they_sign_in(db):
    made = [tokens.add_person(db, name) for name in ("bela", "Amara", "Chi")]
    db.run("UPDATE account SET password = 'x' WHERE person = ?", (made[0],))
    db.run("UPDATE account SET subject = 'x' WHERE person = ?", (made[2],))
    people.pause(db, made[0], True, NOW)
    found = people.members(db)
    assert [(each.name, each.signs_in) for each in found] == [
        ("Amara", False), ("bela", True), ("Chi", True)
    ]  # fmt: skip
    assert [each.paused_at for each in found] == [None, NOW, None]
    assert people.is_paused(db, made[0])
    assert not people.is_paused(db, made[1])
    people.pause(db, made[0], False, NOW + 1)
    assert not people.is_paused(db, made[0])
    choice = db.run("SELECT what, amount, device, at FROM person_choice")
    assert choice == [("paused", 0, "", NOW + 1)]


def test_an_invitation_is_for_who_has_an_address_and_is_used_once(db):
    amara = tokens.add_person(db, "Amara")
    with pytest.raises(AccreteError, match="Amara has no e-mail address"):
        people.invite(db, amara, actor=None, now=NOW)
    people.set_account(db, amara, actor=None, now=NOW, email="amara@example.com")
    first = people.invite(db, amara, actor=None, now=NOW)
    secret = people.invite(db, amara, actor=None, now=NOW + 1)
    signed = signin.sign_in(db, amara, "password", NOW)
    for each, now in (("", NOW), (first, NOW), (secret, NOW + 1 + 7 * DAY_MS)):
        assert people.invited(db, each, now) is None
        with pytest.raises(AccreteError, match="Ask for another"):
            people.accept(db, each, "hash", now)
    assert db.run("SELECT password FROM account") == [(None,)]
    assert people.accept(db, secret, "hash", NOW + 7 * DAY_MS) == amara
    assert db.run("SELECT password FROM account") == [("hash",)]
    assert db.ask(access.seat_of(people.hashed(signed.cookie), NOW)) is None
    assert ("set a password", "Amara") in noted(db)
    assert noted(db).count(("invited", "Amara")) == 2
    with pytest.raises(AccreteError, match="Ask for another"):
        people.accept(db, secret, "another", NOW)
    third = people.invite(db, amara, actor=None, now=NOW)
    people.leave(db, amara, actor=None, now=NOW)
    assert people.invited(db, third, NOW) is None


def test_who_leaves_is_out_of_everything_from_that_moment(db):
    amara, bela = tokens.add_person(db, "Amara"), tokens.add_person(db, "Bela")
    old, made = (people.make_team(db, name, actor=None, now=NOW) for name in ("Old", "Forge"))
    for each in (amara, bela):
        for name in (old, made):
            people.place(db, each, name, "member", actor=None, now=NOW, since=NOW)
    people.take_out(db, amara, old, "member", actor=None, now=NOW + 1)
    token = tokens.make_token(db, "acme", amara, "laptop", NOW)
    revoked = tokens.make_token(db, "acme", amara, "old", NOW)
    kept = tokens.make_token(db, "acme", bela, "laptop", NOW)
    who = tokens.whose(db, revoked, None)
    tokens.revoke(db, who.device, NOW + 1)
    people.leave(db, amara, actor=bela, now=NOW + 2)
    until = {(each.person, each.team): each.until for each in people.places(db)}
    assert until == {(amara, old): NOW + 1, (amara, made): NOW + 2, (bela, old): None,
                     (bela, made): None}  # fmt: skip
    assert tokens.whose(db, token, None) is None
    assert tokens.whose(db, kept, None) is not None
    ended = {each.label: each.revoked_at for each in tokens.tokens(db) if each.person == amara}
    assert ended == {"laptop": NOW + 2, "old": NOW + 1}
    assert account(db, amara).left_at == NOW + 2
    assert account(db, bela).left_at is None
    assert ("left the company", "Amara") in noted(db)


def test_a_team_has_a_name_of_its_own(db):
    assert people.teams(db) == []
    with pytest.raises(AccreteError, match="Known: none yet"):
        people.team_named(db, "Forge")
    for name in ("", " ", "x" * 81):
        with pytest.raises(AccreteError, match="1 to 80 characters"):
            people.make_team(db, name, actor=None, now=NOW)
    second = people.make_team(db, "Quay", actor=None, now=NOW)
    first = people.make_team(db, " Forge   of gold ", actor=None, now=NOW)
    early = people.make_team(db, "x" * 80, actor=None, now=NOW - 1)
    assert [each.id for each in people.teams(db)] == [early, first, second]
    with pytest.raises(AccreteError, match="There is a team forge of GOLD already"):
        people.make_team(db, "forge of GOLD", actor=None, now=NOW)
    for name in (first, "Forge  of gold"):
        assert people.team_named(db, name).id == first
    with pytest.raises(AccreteError, match=r"no team 'Fort'. Known: x+, Forge of gold, Quay."):
        people.team_named(db, "Fort")
    assert ("made a team", "Forge of gold") in noted(db)
    people.dissolve(db, first, actor=None, now=NOW + 5)
    assert [each.id for each in people.teams(db)] == [early, second]
    assert ("dissolved a team", "Forge of gold") in noted(db)
    assert people.make_team(db, "Forge of gold", actor=None, now=NOW + 6) != first


def test_a_dissolved_team_ends_for_who_is_in_it_and_for_nobody_else(db):
    amara, bela, chi = (tokens.add_person(db, name) for name in ("Amara", "Bela", "Chi"))
    forge, quay = (people.make_team(db, name, actor=None, now=1) for name in ("Forge", "Quay"))
    for person, made in ((amara, forge), (bela, forge), (chi, forge), (amara, quay)):
        people.place(db, person, made, "member", actor=None, now=1, since=1)
    people.take_out(db, bela, forge, "member", actor=None, now=5)
    db.run("UPDATE team_place SET until = 20 WHERE person = ?", (chi,))
    people.dissolve(db, "Forge", actor=None, now=10)
    until = {(each.person, each.team): each.until for each in people.places(db)}
    assert until == {(amara, forge): 10, (bela, forge): 5, (chi, forge): 10, (amara, quay): None}


def test_a_place_is_taken_a_day_after_it_is_told_and_at_once_where_nobody_is(db):
    amara, bela, chi = (tokens.add_person(db, name) for name in ("Amara", "Bela", "Chi"))
    made = people.make_team(db, "Forge", actor=None, now=NOW)
    given = {"actor": None, "now": NOW}
    assert people.place(db, chi, made, "lead", **given) == NOW + NOTICE_MS == NOW + 24 * 3_600_000
    assert people.place(db, amara, "Forge", "member", **given) == NOW
    assert people.place(db, bela, made, "member", **given) == NOW + NOTICE_MS
    assert people.place(db, amara, made, "lead", **given) == NOW + NOTICE_MS
    again = {"actor": None, "now": NOW + 5}
    assert people.place(db, amara, made, "member", **again) == NOW  # is there already
    assert len(people.places(db, team=made)) == 4
    assert noted(db).count(("member of Forge", "Amara")) == 1
    with pytest.raises(AccreteError, match=r"No role 'boss'. Choose one of: member, lead."):
        people.place(db, amara, made, "boss", **given)
    people.take_out(db, amara, made, "member", actor=None, now=NOW + 6)
    roles = {(each.person, each.role): each.until for each in people.places(db)}
    assert roles[amara, "member"] == NOW + 6
    assert roles[amara, "lead"] is None
    assert ("no member of Forge any more", "Amara") in noted(db)
    for person, role in ((amara, "member"), (bela, "lead")):
        with pytest.raises(AccreteError, match=f"is no {role} of Forge"):
            people.take_out(db, person, made, role, actor=None, now=NOW + 7)
    back = people.place(db, amara, made, "member", actor=None, now=NOW + 8)
    assert back == NOW + 8 + NOTICE_MS
    other = people.make_team(db, "Quay", actor=None, now=NOW)
    assert people.places(db, team=other) == []
    assert people.place(db, amara, other, "member", actor=None, now=NOW, since=7) == 7


def test_signing_out_everywhere_may_leave_one_browser(db):
    amara, bela = tokens.add_person(db, "Amara"), tokens.add_person(db, "Bela")
    here, there = (signin.sign_in(db, amara, "password", NOW) for _ in range(2))
    other = signin.sign_in(db, bela, "password", NOW)
    people.end_sign_ins(db, amara, NOW + 1, but=people.hashed(here.cookie))
    seats = [db.ask(access.seat_of(people.hashed(each.cookie), NOW + 2)) for each in
             (here, there, other)]  # fmt: skip
    assert [seat and seat.person for seat in seats] == [amara, None, bela]
    people.end_sign_ins(db, amara, NOW + 3)
    assert db.ask(access.seat_of(people.hashed(here.cookie), NOW + 4)) is None
    assert {*db.run("SELECT ended_at FROM sign_in WHERE person = ?", (amara,))} == {
        (NOW + 1,), (NOW + 3,)
    }  # fmt: skip


def test_a_sign_in_lasts_two_weeks_and_is_forgotten_two_weeks_later(db):
    amara = tokens.add_person(db, "Amara")
    made = signin.sign_in(db, amara, "password", NOW)
    end = NOW + 14 * DAY_MS
    assert made.until == end
    key = people.hashed(made.cookie)
    assert db.ask(access.seat_of(key, end - 1)).key == key
    assert db.ask(access.seat_of(key, end)) is None
    for now, kept in ((end + 14 * DAY_MS, 2), (end + 14 * DAY_MS + 1, 2)):
        signin.sign_in(db, amara, "password", now)
        assert len(db.run("SELECT 1 FROM sign_in")) == kept
    signin.sign_out(db, key, NOW)


@pytest.mark.parametrize(
    ("account_", "address", "taken"),
    [(11, 0, True), (12, 0, False), (0, 199, True), (0, 200, False)],
)
def test_attempts_are_counted_by_account_and_by_address(monkeypatch, account_, address, taken):
    now = [1000.0]
    monkeypatch.setattr(signin.time, "monotonic", lambda: now[0])
    attempts = signin.Attempts()
    for n in range(account_):
        assert attempts.begin("amara", f"far-{n}")
    for n in range(address):
        assert attempts.begin(f"other-{n}", "here")
    now[0] += 15 * 60 - 1
    assert attempts.begin("amara", "here") == taken
    now[0] += 1
    assert attempts.begin("amara", "here")  # a quarter of an hour later


def test_a_right_password_counts_for_nothing_and_its_account_begins_anew():
    attempts = signin.Attempts()
    for n in range(3):
        for _ in range(11):
            assert attempts.begin(f"amara-{n}", "here")
        attempts.well(f"amara-{n}", "here")
        assert attempts.begin(f"amara-{n}", "there")
    assert sum(attempts.begin(f"new-{n}", "here") for n in range(300)) == 200 - 30
    attempts.well("never", "nowhere")


def test_a_machine_is_named_by_the_beginning_of_its_id_alone(db):
    amara = tokens.add_person(db, "Amara")
    for _ in range(2):
        tokens.make_token(db, "acme", amara, "x" * 101, NOW)
    one, other = (each.device for each in tokens.tokens(db))
    db.run("UPDATE device_token SET device = ? WHERE device = ?", ("aa" + one[2:], one))
    db.run("UPDATE device_token SET device = ? WHERE device = ?", ("ab" + other[2:], other))
    for given, said in (("", "names no tokens"), ("zz", "names 0 tokens"), ("a", "names 2 tokens")):
        with pytest.raises(AccreteError, match=said):
            tokens.revoke(db, given, NOW)
    tokens.revoke(db, "aa", NOW + 1)
    tokens.revoke(db, "aa", NOW + 2)
    found = {each.device[:2]: each.revoked_at for each in tokens.tokens(db)}
    assert found == {"aa": NOW + 1, "ab": None}
    assert {each.label for each in db.ask(tokens.machines(amara))} == {"x" * 100}
    with pytest.raises(AccreteError, match="is revoked"):
        tokens.rotate(db, "acme", "aa", NOW)


def test_of_a_token_the_week_of_its_use_is_kept(db):
    amara = tokens.add_person(db, "Amara")
    token = tokens.make_token(db, "acme", amara, "laptop", NOW)
    assert tokens.whose(db, token + "x", date(2026, 9, 20)) is None
    who = tokens.whose(db, token, None)
    assert who == Who(amara, str(uuid.UUID(who.device)))
    assert db.run("SELECT used_week FROM device_token") == [(None,)]
    for day, week in ((20, "2026-09-14"), (21, "2026-09-21"), (27, "2026-09-21")):
        assert tokens.whose(db, token, date(2026, 9, day)) == who
        assert db.run("SELECT used_week FROM device_token") == [(week,)]


@pytest.mark.parametrize(
    ("name", "kept"),
    [("", None), (" \x00 ", None), ("x" * 201, None), ("x" * 200, "x" * 200),
     (" Kim\t Lee\x7f", "Kim Lee")],
)  # fmt: skip
def test_a_name_has_a_length_and_is_of_one_person(db, name, kept):
    if kept is None:
        with pytest.raises(AccreteError, match="1 to 200 characters"):
            tokens.add_person(db, name)
        return
    person = tokens.add_person(db, name)
    assert account(db, person).name == kept
    assert (account(db, person).admin, account(db, person).zone) == (False, "UTC")
    assert tokens.person_named(db, name) == person
    with pytest.raises(AccreteError, match="already"):
        tokens.add_person(db, f" {name} ")
    with pytest.raises(AccreteError, match=f"no person 'Mia'. Known: {kept}."):
        tokens.person_named(db, "Mia")


def test_of_many_names_ten_are_told_in_their_order(db):
    for n in range(12, 0, -1):
        tokens.add_person(db, f"Kim {n:02}")
        people.make_team(db, f"Team {n:02}", actor=None, now=NOW)
    told = ", ".join(f"{{}} {n:02}" for n in range(1, 11)) + "."
    with pytest.raises(AccreteError) as said:
        tokens.person_named(db, "Mia")
    assert str(said.value) == "There is no person 'Mia'. Known: " + told.replace("{}", "Kim")
    with pytest.raises(AccreteError) as said:
        people.team_named(db, "Fort")
    assert str(said.value) == "There is no team 'Fort'. Known: " + told.replace("{}", "Team")


def test_what_is_refused_is_quoted_only_so_far(db):
    amara, long = tokens.add_person(db, "Amara"), "x" * 300
    made = people.make_team(db, "Forge", actor=None, now=NOW)
    given = {"actor": None, "now": NOW}
    for refused, most in (
        (lambda: people.set_account(db, amara, email=long, **given), 80),
        (lambda: people.set_account(db, amara, start_month=long, **given), 20),
        (lambda: people.set_account(db, amara, zone=long, **given), 40),
        (lambda: people.team_named(db, long), 80),
        (lambda: people.place(db, amara, made, long, **given), 20),
        (lambda: tokens.revoke(db, long, NOW), 40),
    ):
        with pytest.raises(AccreteError) as said:
            refused()
        assert str(said.value).count("x" * most + "'") == 1
        assert "x" * (most + 1) not in str(said.value)
    people.note(db, "said", long + "y", None, NOW)
    assert noted(db)[-1] == ("said", long)


def test_a_token_is_for_who_is_there_and_is_stored_as_its_hash_alone(db):
    amara, bela = tokens.add_person(db, "Amara"), tokens.add_person(db, "Bela")
    people.leave(db, bela, actor=None, now=NOW)
    with pytest.raises(AccreteError, match="Bela left the company, and gets no token"):
        tokens.make_token(db, "acme", bela, "laptop", NOW)
    first, other = (tokens.make_token(db, "acme", amara, " lap\ttop\x00 ", NOW + n)
                    for n in range(2))  # fmt: skip
    for each in (first, other):
        assert join("http://localhost", each).company == "acme"
    rows = db.ask(tokens.machines(amara))
    assert [(each.label, each.made_at, each.used_week, each.revoked_at) for each in rows] == [
        ("lap top", NOW, None, None), ("lap top", NOW + 1, None, None)
    ]  # fmt: skip
    assert len({each.device for each in rows}) == 2
    assert not {first, other} & {*db.run("SELECT hash FROM device_token")[0]}
    who = tokens.whose(db, first, date(2026, 9, 20))
    again = tokens.rotate(db, "acme", who.device, NOW + 5)
    assert tokens.whose(db, first, None) is None
    assert tokens.whose(db, again, None) == who
    assert tokens.whose(db, other, None) == Who(amara, rows[1].device)
    found = {each.device: (each.made_at, each.used_week) for each in tokens.tokens(db)}
    assert found == {who.device: (NOW + 5, None), rows[1].device: (NOW + 1, None)}


def test_tokens_are_listed_by_the_name_of_the_person_then_by_age(db):
    bela, amara = tokens.add_person(db, "Bela"), tokens.add_person(db, "Amara")
    for person, label, at in ((bela, "b", 1), (amara, "new", 3), (amara, "old", 2)):
        tokens.make_token(db, "acme", person, label, at)
    assert [(each.name, each.label) for each in tokens.tokens(db)] == [
        ("Amara", "old"), ("Amara", "new"), ("Bela", "b")
    ]  # fmt: skip
    assert [each.label for each in db.ask(tokens.machines(amara))] == ["old", "new"]


def test_a_password_is_hashed_at_a_cost_and_nobody_s_is_compared_at_the_same():
    for password in ("x" * 11, "x" * 257, ""):
        with pytest.raises(AccreteError, match="A password has 12 to 256 characters"):
            people.hash_password(password)
    cost = "$argon2id$v=19$m=19456,t=2,p=1$"
    for password in ("x" * 12, "x" * 256):
        stored = people.hash_password(password)
        assert stored.startswith(cost)
        assert people.password_fits(stored, password)
        assert not people.password_fits(stored, password[1:])
        assert not people.password_fits(None, password)
        assert not people.password_fits("no hash", password)
    assert people.password_fits(stored, "x" * 257)  # no more of it is looked at
    assert people._NOBODY.startswith(cost)


def test_a_password_that_was_hashed_at_another_cost_still_fits():
    """As by an earlier version of the program: its hash says what it takes to compare with it."""
    for cost in ({"time_cost": 1, "memory_cost": 64, "parallelism": 2, "salt_len": 8},
                 {"time_cost": 3, "memory_cost": 20 * 1024, "parallelism": 1, "hash_len": 20}
                 ):  # fmt: skip
        stored = argon2.PasswordHasher(**cost).hash("correct horse")
        assert f"m={cost['memory_cost']},t={cost['time_cost']}," in stored
        assert people.password_fits(stored, "correct horse")
        assert not people.password_fits(stored, "correct horses")


def test_nobody_is_known_where_nobody_was_added(db):
    with pytest.raises(AccreteError, match="Known: nobody yet"):
        tokens.person_named(db, "Mia")


@pytest.mark.parametrize(
    ("later", "other", "rows"),
    [(10 * 60_000 - 1, {}, 1), (10 * 60_000, {}, 2), (1, {"session": "t"}, 2),
     (1, {"why": "asked"}, 2), (1, {"what": "other"}, 2), (1, {"viewer": 3}, 2),
     (1, {"person": 3}, 2)],
)  # fmt: skip
def test_the_same_look_within_ten_minutes_is_one(db, later, other, rows):
    for name in ("Amara", "Bela", "Chi"):
        tokens.add_person(db, name)
    first = {"person": 1, "viewer": 2, "what": "session", "session": "s", "why": None}
    looks.look(db, **first, now=NOW)
    looks.look(db, **(first | other), now=NOW + later)
    assert len(db.run("SELECT 1 FROM look")) == rows
    found = db.ask(looks.looks(1, 9))
    assert found[-1] == looks.LookRow(NOW, "Bela", "session", "s", None)
    assert len(db.ask(looks.looks(1, 1))) == 1
    assert [each.at for each in found] == sorted((each.at for each in found), reverse=True)


@pytest.mark.parametrize("heard", [False, True])
def test_a_machine_sends_no_more_than_was_chosen_elsewhere_until_it_heard_of_it(db, heard):
    amara, bela = tokens.add_person(db, "Amara"), tokens.add_person(db, "Bela")
    assert people.highest_tier(db, amara, "here") == 3
    people.chose(db, amara, "there", "tier", 2, NOW)
    people.chose(db, amara, "there", "tier", 1, NOW + 1)
    people.chose(db, amara, "there", "paused", 0, NOW)
    if heard:
        people.heard(db, amara, "here", ["tier", "paused"])
        people.heard(db, amara, "here", ["tier"])
    tiers = [people.highest_tier(db, amara, device) for device in ("here", "there", "third")]
    assert tiers == [3 if heard else 1, 3, 1]
    assert people.highest_tier(db, bela, "here") == 3
    people.chose(db, amara, "there", "tier", 2, NOW + 2)  # of which nobody heard
    assert people.highest_tier(db, amara, "here") == 2
    assert db.run("SELECT amount, at FROM person_choice WHERE what = 'tier'") == [(2, NOW + 2)]
