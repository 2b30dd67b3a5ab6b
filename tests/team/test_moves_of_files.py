"""Moves of companies that are files: what needs no PostgreSQL. A place that is made for the test
stands for the one on a server."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from accrete_team import copies, moves, people, portable, tenants
from accrete_team.registry import Company

from accrete.errors import AccreteError
from accrete.record import lock
from tests.team.serving import NOW, Team
from tests.team.test_companies import held

pytestmark = pytest.mark.long
SERVER = "postgresql://admin:secret@db.example.com:6543/postgres"
NOWHERE = "postgresql://acme:secret@db.example.com:6543/accrete_acme"


@pytest.fixture
def acme(tmp_path) -> Team:
    """A company in a file, with a person."""
    team = Team(tmp_path / "team")
    team.choice()
    return team


def other(team: Team) -> Company:
    """A second file for the company."""
    path = team.registry.home / "companies" / "other.db"
    return Company("acme", "sqlite", str(path), "making", NOW)


def written(company: Company, mark: str = "a mark") -> None:
    """Writes into a company as a message does."""
    with closing(tenants.open_company(company)) as db:
        people.note(db, mark, "", None, NOW)


def half(team: Team, place: Company) -> None:
    """What a kill leaves after the new place was begun, and the old one closed."""
    team.registry.begin_move(place)
    if place.engine == "sqlite":
        with closing(tenants.empty_database(place)):
            pass
    with closing(tenants.open_company(team.registry.find("acme"))) as db:
        assert moves._closed(db, db.revision())
    with pytest.raises(AccreteError, match="is being moved"):
        written(team.registry.find("acme"))


def on_the_way(team: Team) -> tuple[str, bool]:
    """The state of the company, and whether a move of it has not ended."""
    return team.registry.find("acme").state, team.registry.moving("acme") is not None


@pytest.fixture
def to_a_file(acme, monkeypatch) -> Company:
    """The place that every move gets."""
    place = other(acme)
    monkeypatch.setattr(tenants, "new_place", lambda *_, **__: place)
    return place


@pytest.mark.parametrize("state", ["active", "archived"])
def test_a_company_moves_with_all_that_it_holds_and_keeps_its_state(acme, to_a_file, state):
    before, old = held(acme), acme.registry.find("acme")
    acme.registry.set_state("acme", state)
    moved = moves.move(acme.registry, "acme", admin_url=SERVER)
    assert moved.company[:4] == ("acme", "sqlite", to_a_file.address, state)
    assert (moved.gone, moved.left) == (["acme.db"], None)
    assert moved.company == acme.registry.find("acme")
    assert on_the_way(acme) == (state, False)
    assert not Path(old.address).exists()
    assert held(acme) == before
    assert acme.rows("SELECT COUNT(*) FROM audit WHERE what = 'company move'") == [(1,)]
    written(moved.company)
    assert not list(acme.registry.home.glob("*.moving"))


def test_what_has_a_company_open_cannot_write_into_the_old_place_once_it_is_copied(
    acme, to_a_file, monkeypatch
):
    real, old, refused = copies.noted, acme.registry.find("acme"), []

    def noted(*given):
        for _ in range(2):
            with pytest.raises(AccreteError, match="is being moved"):
                people.note(open_before, "late", "", None, NOW)
            refused.append(acme.registry.find("acme").state)
        real(*given)

    monkeypatch.setattr(copies, "noted", noted)
    with closing(tenants.open_company(old)) as open_before:
        moves.move(acme.registry, "acme", admin_url=SERVER)
    assert refused == ["moving", "moving"]
    assert acme.rows("SELECT 1 FROM audit WHERE what = 'late'") == []


@pytest.mark.parametrize("comes", [1, moves.TRIES - 1, moves.TRIES])
def test_what_comes_in_while_a_company_is_copied_is_copied_too(acme, to_a_file, monkeypatch, comes):
    real, old, n = portable.export, acme.registry.find("acme"), 0

    def late(*given):
        nonlocal n
        made = real(*given)
        n += 1
        if n <= comes:
            written(old, "late")
        return made

    monkeypatch.setattr(portable, "export", late)
    if comes == moves.TRIES:
        with pytest.raises(AccreteError, match="acme did not come to rest"):
            moves.move(acme.registry, "acme", admin_url=SERVER)
        assert acme.registry.find("acme").address == old.address
        assert not Path(to_a_file.address).exists()
    else:
        assert moves.move(acme.registry, "acme", admin_url=SERVER).gone == ["acme.db"]
        assert acme.registry.find("acme").address == to_a_file.address
    assert n == min(comes + 1, moves.TRIES)
    assert acme.rows("SELECT COUNT(*) FROM audit WHERE what = 'late'") == [(comes,)]
    assert on_the_way(acme) == ("active", False)
    written(acme.registry.find("acme"))


@pytest.mark.parametrize("at", ["filled", "noted"])
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (OSError(28, "No space left"), r"acme was not moved: something failed \(OSError\)"),
        (sqlite3.OperationalError("gone"), r"something failed \(OperationalError\)"),
        (AccreteError("The disk is full."), "The disk is full"),
        (KeyboardInterrupt(), None),
    ],
)
def test_a_move_that_fails_leaves_the_company_in_use_where_it_was(
    acme, to_a_file, monkeypatch, at, fault, said
):
    before, old, real = held(acme), acme.registry.find("acme"), getattr(copies, at)

    def fail(*given):
        real(*given)
        raise fault

    monkeypatch.setattr(copies, at, fail)
    with pytest.raises((AccreteError, KeyboardInterrupt), match=said):
        moves.move(acme.registry, "acme", admin_url=SERVER)
    assert acme.registry.find("acme") == old
    assert on_the_way(acme) == ("active", False)
    assert not Path(to_a_file.address).exists()
    assert not list(acme.registry.home.glob("*.moving"))
    assert held(acme) == before
    written(old)


def test_a_copy_that_cannot_be_removed_stays_listed_and_the_company_is_in_use(
    acme, to_a_file, monkeypatch
):
    def fail(*_, **__):
        raise AccreteError("It cannot be.")

    with monkeypatch.context() as patched:
        patched.setattr(copies, "noted", fail)
        patched.setattr(tenants, "drop", fail)
        with pytest.raises(AccreteError, match="It cannot be"):
            moves.move(acme.registry, "acme", admin_url=SERVER)
    assert on_the_way(acme) == ("active", True)
    written(acme.registry.find("acme"))
    assert Path(to_a_file.address).exists()
    done, said = moves.standing(acme.registry, acme.registry.find("acme"))
    assert (done, "half a copy of it is left" in said) == (False, True)
    # The next move removes it and goes through.
    assert moves.move(acme.registry, "acme", admin_url=SERVER).company.address == to_a_file.address
    assert on_the_way(acme) == ("active", False)


def test_an_old_place_that_cannot_be_removed_is_said_and_goes_with_the_next_move(
    acme, to_a_file, monkeypatch
):
    old = acme.registry.find("acme")

    def fail(*_, **__):
        raise AccreteError("It cannot be.")

    with monkeypatch.context() as patched:
        patched.setattr(tenants, "drop", fail)
        moved = moves.move(acme.registry, "acme", admin_url=SERVER)
    assert moved == (acme.registry.find("acme"), [], "It cannot be.")
    assert on_the_way(acme) == ("active", True)
    assert Path(old.address).exists()
    ended = moves.move(acme.registry, "acme", admin_url=None, to_sqlite=True)
    assert ended == (moved.company, ["acme.db"], None)
    assert on_the_way(acme) == ("active", False)


@pytest.mark.parametrize("state", ["active", "archived"])
def test_a_move_that_was_killed_is_given_up(acme, state):
    acme.registry.set_state("acme", state)
    place, before = other(acme), held(acme)
    half(acme, place)
    (acme.registry.home / "acme.moving").touch()
    ended = moves.give_up(acme.registry, "acme", admin_url=None)
    assert (ended.company, ended.left) == (acme.registry.find("acme"), None)
    assert "other.db" in ended.gone
    assert not Path(place.address).exists()
    assert not (acme.registry.home / "acme.moving").exists()
    assert on_the_way(acme) == (state, False)
    written(acme.registry.find("acme"))
    assert held(acme).keys() == before.keys()
    with pytest.raises(AccreteError, match=rf"^No move of acme broke off\. It is {state}\.$"):
        moves.give_up(acme.registry, "acme", admin_url=None)


def test_a_company_that_was_moved_is_rid_of_its_old_place(acme):
    place = other(acme)
    with closing(tenants.empty_database(place)):
        pass
    acme.registry.begin_move(place)
    acme.registry.switch("acme")
    ended = moves.give_up(acme.registry, "acme", admin_url=None)
    assert (ended.company.address, ended.left) == (place.address, None)
    assert "acme.db" in ended.gone
    assert Path(place.address).exists()
    assert on_the_way(acme) == ("active", False)


def test_a_company_that_was_closed_without_a_move_is_opened_again(acme):
    """Older versions listed no moves."""
    old = acme.registry.find("acme")
    with closing(tenants.open_company(old)) as db:
        assert moves._closed(db, db.revision())
    acme.registry.set_state("acme", "moving")
    assert moves.give_up(acme.registry, "acme", admin_url=None) == (old, [], None)
    written(old)


def test_a_company_whose_file_is_lost_is_given_up_without_a_new_file(acme):
    half(acme, other(acme))
    lost = Path(acme.registry.find("acme").address)
    lost.unlink()
    assert moves.give_up(acme.registry, "acme", admin_url=None).left is None
    assert on_the_way(acme) == ("active", False)
    assert not lost.exists()


@pytest.mark.parametrize("url", [None, "postgresql://admin@other.example.com:6543/postgres"])
def test_a_copy_on_another_server_stays_listed_until_it_is_forgotten(acme, url):
    half(acme, Company("acme", "postgresql", NOWHERE, "making", NOW))
    for _ in range(2):
        with pytest.raises(AccreteError) as said:
            moves.give_up(acme.registry, "acme", admin_url=url)
        assert str(said.value) == (
            "acme has another database on PostgreSQL at db.example.com:6543, which takes nothing. "
            f"To remove it, set {tenants.URL} to that server, then: accrete-team company move acme "
            "--give-up. Is that server gone for good? Then --give-up --forget."
        )
        assert on_the_way(acme) == ("active", True)
        written(acme.registry.find("acme"))
    forgotten = moves.give_up(acme.registry, "acme", admin_url=url, forget=True)
    assert forgotten == (
        acme.registry.find("acme"), [],
        "What may be left on PostgreSQL at db.example.com:6543 is forgotten here.",
    )  # fmt: skip
    assert on_the_way(acme) == ("active", False)


def test_an_old_database_on_another_server_is_said_with_the_way_to_end_it(acme):
    there = acme.registry.find("acme")
    with acme.registry._open() as listed:
        listed.execute("INSERT INTO move VALUES (?, ?, ?, ?, ?)",
                       ("acme", "postgresql", NOWHERE, "going", "active"))  # fmt: skip
    for to_sqlite in (True, False):
        with pytest.raises(AccreteError, match="accrete-team company move acme --to-sqlite"):
            moves.move(acme.registry, "acme", admin_url=None, to_sqlite=to_sqlite)
    assert acme.registry.find("acme") == there
    assert on_the_way(acme) == ("active", True)


@pytest.mark.parametrize(
    ("state", "to_sqlite", "url", "said"),
    [
        ("active", False, None, f"Set {tenants.URL} to the address of the PostgreSQL server."),
        ("active", False, "", f"Set {tenants.URL} to the address of the PostgreSQL server."),
        ("active", True, None, "acme is on sqlite already."),
        ("archived", True, SERVER, "acme is on sqlite already."),
        ("moving", True, None, "acme is on sqlite already. End its move: "
                               "accrete-team company move acme --give-up"),
        ("making", False, SERVER, f"acme cannot be moved. {tenants.BETWEEN['making']}."),
        ("going", False, SERVER, f"acme cannot be moved. {tenants.BETWEEN['going']}."),
    ],
)  # fmt: skip
def test_a_move_that_cannot_be_says_why_and_changes_nothing(acme, state, to_sqlite, url, said):
    acme.registry.set_state("acme", state)
    with pytest.raises(AccreteError) as error:
        moves.move(acme.registry, "acme", admin_url=url, to_sqlite=to_sqlite)
    assert str(error.value) == said
    assert on_the_way(acme) == (state, False)


@pytest.mark.parametrize(
    ("url", "to_sqlite", "said"),
    [
        (NOWHERE, False, "acme is on that PostgreSQL server already."),
        (None, False, f"Set {tenants.URL} to the address of the PostgreSQL server."),
    ],
)
def test_a_company_on_a_server_is_not_moved_to_where_it_is(acme, url, to_sqlite, said):
    acme.registry.remove("acme")
    acme.registry.add(Company("acme", "postgresql", NOWHERE, "active", NOW))
    with pytest.raises(AccreteError) as error:
        moves.move(acme.registry, "acme", admin_url=url, to_sqlite=to_sqlite)
    assert str(error.value) == said
    assert on_the_way(acme) == ("active", False)


AGAIN = "accrete-team company move acme"
AT = "PostgreSQL at db.example.com:6543"
WITH = f" with {tenants.URL} set to the server at db.example.com:6543"


@pytest.mark.parametrize(
    ("state", "begun", "said"),
    [
        ("active", None, None),
        ("archived", None, None),
        ("moving", None, "acme: its move broke off. It is whole on {here}, and nobody can use it. "
                         f"Move it again, or end that: {AGAIN} --give-up"),
        ("moving", "making", f"acme: its move to {AT} broke off. It is whole on {{here}}, and "
                             f"nobody can use it. Go on{WITH}: {AGAIN} --to-postgresql. Or let it "
                             f"stay where it is: {AGAIN} --give-up"),
        ("active", "making", f"acme: half a copy of it is left on {AT}. Remove it{WITH}: "
                             f"{AGAIN} --give-up"),
        ("archived", "going", f"acme: it was moved to {{here}}. Its old database on {AT} takes "
                              f"nothing, but is still there. Remove it{WITH}: {AGAIN} "
                              "--to-sqlite"),
    ],
)  # fmt: skip
def test_of_a_move_that_has_not_ended_it_is_said_what_there_is_to_do(
    acme, state, begun, said, monkeypatch
):
    monkeypatch.setattr(moves, "WAIT_S", 0.1)
    registry = acme.registry
    registry.set_state("acme", state)
    if begun:
        with registry._open() as listed:
            listed.execute("INSERT INTO move VALUES (?, ?, ?, ?, ?)",
                           ("acme", "postgresql", NOWHERE, begun, "active"))  # fmt: skip
    company = registry.find("acme")
    here = f"a file ({company.address})"
    told = None if said is None else (False, said.replace("{here}", here))
    assert moves.standing(registry, company) == told
    with lock.held(registry.home / "acme.move", wait_s=0):
        now = (True, "acme: it is being moved now. Machines wait until that is done.")
        assert moves.standing(registry, company) == (now if said else None)
        for work in (moves.move, moves.give_up):
            with pytest.raises(AccreteError, match="acme is being moved now"):
                work(registry, "acme", admin_url=None)
    if begun:  # of a file it is said without a server
        with registry._open() as listed:
            listed.execute("UPDATE move SET engine = 'sqlite', address = '/data/acme.db'")
        of_a_file = told[1].replace(WITH, "").replace(AT, "a file (/data/acme.db)")
        of_a_file = of_a_file.replace("--to-postgresql", "--to-sqlite")
        assert moves.standing(registry, company) == (False, of_a_file)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (NOWHERE, AT),
        ("postgresql://acme:secret@db.example.com/acme", "PostgreSQL at db.example.com"),
        ("dbname=acme port=6543", "PostgreSQL at its socket:6543"),
        ("dbname=acme", "PostgreSQL at its socket"),
    ],
)
def test_a_place_is_said_without_what_opens_it(address, said):
    assert moves.where(Company("acme", "postgresql", address, "active", NOW)) == said


def test_a_company_that_is_not_there_is_not_moved(acme):
    for work in (moves.move, moves.give_up):
        with pytest.raises(AccreteError, match="There is no company nobody"):
            work(acme.registry, "nobody", admin_url=None)
