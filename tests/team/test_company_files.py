"""Companies that are files: made, opened, brought up to date and deleted, each alone."""

from __future__ import annotations

import sqlite3
import stat
import time
from pathlib import Path

import pytest
from accrete_team import tenants
from accrete_team.registry import Company, Registry

from accrete.database import Sqlite
from accrete.database.schema import latest_version
from accrete.errors import AccreteError
from accrete.record.stored_facts import search_is_current

ENDS = ("", "-wal", "-shm", "-nightly")


@pytest.fixture
def registry(tmp_path) -> Registry:
    return Registry(tmp_path / "team")


def files(registry: Registry) -> list[str]:
    return sorted(each.name for each in (registry.home / "companies").glob("*"))


def listed(registry: Registry) -> dict[str, str]:
    return {each.slug: each.state for each in registry.companies()}


def older(company: Company) -> None:
    """A database that another program's schema is in."""
    with sqlite3.connect(company.address) as db:
        db.execute("PRAGMA user_version = 1")
    db.close()


def test_a_new_company_is_a_file_of_its_own_in_a_folder_for_the_server_alone(registry):
    before = time.time_ns() // 1_000_000
    company = tenants.create(registry, "acme")
    assert company._replace(made_at=0) == Company(
        "acme", "sqlite", str(registry.home / "companies/acme.db"), "active", 0
    )
    assert before <= company.made_at <= time.time_ns() // 1_000_000
    assert registry.find("acme") == company
    folder = registry.home / "companies"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    db = tenants.open_company(company)
    try:
        assert db.version == latest_version()
        assert search_is_current(db)
        assert db.run("SELECT COUNT(*) FROM person") == [(0,)]
    finally:
        db.close()
    tenants.create(registry, "globex")
    assert listed(registry) == {"acme": "active", "globex": "active"}


def test_a_company_is_made_once(registry):
    made = tenants.begin(registry, "acme")
    assert (made.state, registry.find("acme")) == ("making", made)
    assert files(registry) == []
    with pytest.raises(AccreteError, match="acme is being made, .* company delete acme"):
        tenants.create(registry, "acme")
    assert tenants.activate(registry, made) == made._replace(state="active")
    assert listed(registry) == {"acme": "active"}
    for state in ("active", "archived", "going", "moving"):
        registry.set_state("acme", state)
        with pytest.raises(AccreteError, match="There is a company acme already"):
            tenants.begin(registry, "acme")
    with pytest.raises(AccreteError, match="name"):
        tenants.create(registry, "No Name")
    assert listed(registry) == {"acme": "moving"}


def test_a_file_that_no_company_has_is_left_and_said(registry):
    path = registry.home / "companies/acme.db"
    path.parent.mkdir()
    path.write_text("mine")
    for make in (tenants.create, tenants.begin, tenants.new_place):
        with pytest.raises(AccreteError, match="acme.db is in the way, though no company has it"):
            make(registry, "acme")
    assert (listed(registry), path.read_text()) == ({}, "mine")


def test_a_making_that_fails_leaves_nothing(registry, monkeypatch):
    def full(self: Sqlite, up_to: int | None = None) -> None:
        assert Path(self.path).exists()
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(Sqlite, "migrate", full)
    with pytest.raises(sqlite3.OperationalError):
        tenants.create(registry, "acme")
    assert (listed(registry), files(registry)) == ({}, [])


def test_a_new_place_is_named_and_nothing_is_made_of_it(registry):
    tenants.create(registry, "acme")
    before = time.time_ns() // 1_000_000
    place = tenants.new_place(registry, "globex")
    assert place[:4] == (
        "globex", "sqlite", str(registry.home / "companies/globex.db"), "making"
    )  # fmt: skip
    assert before <= place.made_at <= time.time_ns() // 1_000_000
    tenants.make_room(place, None)
    tenants.make_room(place, "postgresql://nobody@localhost:1/none")  # of a file there is none
    assert (listed(registry), files(registry)) == ({"acme": "active"}, ["acme.db"])


def test_a_database_that_is_lost_or_older_is_not_opened(registry):
    company = tenants.create(registry, "acme")
    older(company)
    with pytest.raises(AccreteError, match="acme is of another version. Run `accrete-team migrate"):
        tenants.open_company(company)
    db = tenants.existing_database(company)
    try:
        assert db.version == 1
    finally:
        db.close()
    Path(company.address).unlink()
    for opened in (tenants.open_company, tenants.existing_database):
        with pytest.raises(AccreteError, match="The database of acme is not at .*acme.db"):
            opened(company)
    assert not Path(company.address).exists()


def test_what_cannot_be_brought_up_to_date_is_said_and_the_others_are(registry):
    made = {slug: tenants.create(registry, slug) for slug in
            ("acme", "busy", "gone", "half", "lost", "moved", "odd", "old", "torn")}  # fmt: skip
    assert tenants.migrate(registry) == sorted(made)
    for slug, state in (("acme", "archived"), ("half", "making"), ("moved", "moving"),
                        ("gone", "going"), ("odd", "asleep")):  # fmt: skip
        registry.set_state(slug, state)
    Path(made["lost"].address).unlink()
    older(made["old"])  # what its schema would add is there
    Path(made["torn"].address).write_bytes(b"torn" * 4096)
    with pytest.raises(AccreteError) as said:
        tenants.migrate(registry)
    text = str(said.value)
    assert text.startswith("Not up to date: gone: It is being deleted")
    for words in (
        "; half: It is being made, or that broke off; then delete it and make it again;",
        "; moved: It is being moved, or that broke off; `accrete-team doctor` says which;",
        "; lost: The database of lost is not at ", "; odd: asleep; ",
        "; old: Can't use the database ", "; torn: ",
    ):  # fmt: skip
        assert words in text
    assert text.endswith(" The others are: acme, busy.")
    for slug in ("acme", "busy"):
        tenants.delete(registry, slug)
    with pytest.raises(AccreteError) as said:
        tenants.migrate(registry)
    assert "The others" not in str(said.value)


@pytest.mark.parametrize("state", ["active", "archived", "making", "going"])
def test_a_company_is_deleted_with_all_its_files_and_no_other_is(registry, state):
    company, other = (tenants.create(registry, slug) for slug in ("acme", "acme-2"))
    for each in (company, other):
        for end in ENDS[1:]:
            Path(each.address + end).write_text("")
        (registry.home / f"{each.slug}.move").write_text("")
    registry.set_state("acme", state)
    assert tenants.delete(registry, "acme") == [f"acme.db{end}" for end in ENDS]
    assert listed(registry) == {"acme-2": "active"}
    assert files(registry) == sorted(f"acme-2.db{end}" for end in ENDS)
    assert not (registry.home / "acme.move").exists()
    assert (registry.home / "acme-2.move").exists()
    with pytest.raises(AccreteError, match="There is no company acme. See `accrete-team company"):
        tenants.delete(registry, "acme")
    assert tenants.drop(company) == []


def test_what_can_be_deleted_only_later_stays_as_it_is(registry):
    tenants.create(registry, "acme")
    away = Company("far", "postgresql", "postgresql://far@localhost:1/far", "active", 1)
    registry.add(away)
    with pytest.raises(AccreteError, match="Set ACCRETE_DATABASE_URL .* to delete far"):
        tenants.delete(registry, "far")
    with pytest.raises(AccreteError, match="Set ACCRETE_DATABASE_URL .* to remove far"):
        tenants.drop(away)
    registry.begin_move(tenants.new_place(registry, "acme-there")._replace(slug="acme"))
    with pytest.raises(AccreteError, match="A move of acme has not ended"):
        tenants.delete(registry, "acme")
    assert listed(registry) == {"acme": "moving", "far": "active"}
    assert files(registry) == ["acme.db"]


def test_a_deletion_that_breaks_off_is_seen_and_can_be_ended(registry):
    company = tenants.create(registry, "acme")
    blocked = Path(company.address + "-wal")
    blocked.mkdir()
    with pytest.raises(OSError, match="acme.db-wal"):
        tenants.delete(registry, "acme")
    assert listed(registry) == {"acme": "going"}
    blocked.rmdir()
    assert tenants.delete(registry, "acme") == []
    assert listed(registry) == {}


def test_a_fault_is_said_without_what_it_quotes():
    import psycopg

    unique = psycopg.errors.UniqueViolation("Key (email)=(amara@example.com) exists")
    assert tenants.fault_said(unique) == "UniqueViolation 23505"
    assert tenants.fault_said(sqlite3.IntegrityError("amara")) == "IntegrityError"
    assert {*tenants.faults()} == {sqlite3.Error, psycopg.Error}


def test_the_address_of_a_server_is_one_or_is_refused_without_its_password(monkeypatch):
    monkeypatch.delenv(tenants.URL, raising=False)
    assert tenants.admin_url() is None
    monkeypatch.setenv(tenants.URL, "")
    assert tenants.admin_url() is None
    for url, where in (("postgresql://me:pw@db.example:5433/all", ("db.example", "5433")),
                       ("dbname=all", ("", ""))):  # fmt: skip
        monkeypatch.setenv(tenants.URL, url)
        assert tenants.admin_url() == url
        assert tenants.server(url) == where
    monkeypatch.setenv(tenants.URL, "secret password")
    with pytest.raises(AccreteError, match="is no address of a PostgreSQL server") as said:
        tenants.admin_url()
    assert "secret" not in str(said.value)
    assert said.value.__cause__ is None
