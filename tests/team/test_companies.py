"""Whole companies: archived, exported, loaded on either engine, copied while they serve, moved."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import zipfile
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from accrete_team import copies, portable, tenants
from accrete_team import pools as pools_module
from accrete_team.__main__ import main
from accrete_team.pools import Pools
from accrete_team.registry import Company, Registry

from accrete.database import Question
from accrete.database.serving import SqlitePool
from accrete.errors import AccreteError
from accrete.model.tables import TABLES
from accrete.queries.scope import Scope
from accrete.record.stored_facts import search_is_current
from tests.records import kept
from tests.team.serving import Team
from tests.team.test_sync import everything, replace_home, told

pytestmark = pytest.mark.long


@pytest.fixture
def filled(team, settings) -> Team:
    """A company that two people share with, at two tiers."""
    kept(settings, told(1), told(2))
    team.sync(settings, team.choice(tier=3))
    team.sync(replace_home(settings), team.choice("Kim", tier=2))
    return team


def held(team: Team, name: str = "acme") -> dict[str, list[str]]:
    """All that a company holds but what was written down of the copying itself."""
    found = {}
    for table in TABLES:
        if table.name not in ("audit", "look", "revision", "fact"):
            rows = team.rows(f"SELECT {', '.join(table.fields)} FROM {table.name}", name)
            found[table.name] = sorted(map(repr, rows))
    return found


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_an_export_is_the_same_company_on_either_engine(filled, engine, tmp_path, postgres_server):
    file = tmp_path / "acme.zip"
    copies.export(filled.registry, filled.slug("acme"), file)
    assert file.stat().st_mode & 0o777 == 0o600
    admin = postgres_server if engine == "postgresql" else None
    slug = filled.slug("copy") + "-2"
    try:
        copies.load(filled.registry, slug, file, admin_url=admin)
        company = filled.registry.find(slug)
        assert (company.engine, company.state) == (engine, "active")
        db = tenants.open_company(company)
        try:
            again = tmp_path / "again.zip"
            made = portable.export(db, again, slug, 0)
            assert search_is_current(db)
            db.run("INSERT INTO person (uuid, name, tier) VALUES ('u', 'New', 1)")
            assert db.run("SELECT id FROM person WHERE name = 'New'") == [(3,)]
        finally:
            db.close()
        before = portable.manifest_of(file)
        for name, contents in made.tables.items():
            assert name == "audit" or contents == before.tables[name], name
        assert before.tables["session"].rows == 4
    finally:
        tenants.delete(filled.registry, slug, admin_url=admin)


def test_an_export_is_seen_by_everybody_in_it(filled, tmp_path):
    copies.export(filled.registry, filled.slug("acme"), tmp_path / "a.zip")
    assert filled.rows("SELECT person, viewer, what FROM look ORDER BY person") == [
        (1, 0, "export"),
        (2, 0, "export"),
    ]


def test_no_file_is_ever_overwritten(filled, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("ACCRETE_TEAM_HOME", str(filled.registry.home))
    file = tmp_path / "there"
    file.write_text("mine")
    for command in ("export", "backup"):
        with pytest.raises(SystemExit) as said:
            main(["company", command, filled.slug("acme"), str(file)])
        assert said.value.code == 1
        assert "is there already" in capsys.readouterr().err
    assert file.read_text() == "mine"


def test_a_backup_is_whole_while_it_serves_and_comes_back_under_any_name(filled, tmp_path):
    file = tmp_path / "acme.backup"
    before = held(filled)
    copies.backup(filled.registry, filled.slug("acme"), file)
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(AccreteError, match="There is a company"):
        copies.restore(filled.registry, filled.slug("acme"), file)
    copies.restore(filled.registry, filled.slug("again"), file, admin_url=filled.admin_url)
    assert held(filled, "again") == before
    assert filled.registry.find(filled.slug("again")).state == "active"


def test_a_deleted_company_comes_back_from_its_backup_and_its_machines_go_on(
    team, settings, tmp_path
):
    kept(settings, told(1))
    choice = team.choice(tier=2)
    team.sync(settings, choice)
    file, slug = tmp_path / "b", team.slug("acme")
    copies.backup(team.registry, slug, file)
    tenants.delete(team.registry, slug, admin_url=team.admin_url)
    copies.restore(team.registry, slug, file, admin_url=team.admin_url)
    kept(settings, told(1), told(2))
    assert team.sync(settings, choice).sessions == 1
    assert team.rows("SELECT COUNT(*) FROM session") == [(2,)]


def test_pages_read_the_file_that_is_there_now_and_let_go_of_a_deleted_one(
    small, settings, tmp_path
):
    company, file = small.company(), tmp_path / "b"
    copies.backup(small.registry, company.slug, file)
    asked = Question((("SELECT COUNT(*) FROM session", ()),), lambda answers: answers[0][0][0])

    def open_files() -> list[str]:
        found = []
        for each in Path("/proc/self/fd").glob("*"):
            with suppress(OSError):
                found.append(os.readlink(each))
        return [each for each in found if company.address in each and "(deleted)" in each]

    async def walk() -> list[int]:
        pools, seen = Pools(), []
        async with pools.reading(company) as held:
            async with pools.reading(company) as reader:
                seen.append(await reader.ask(asked))
            tenants.delete(small.registry, company.slug)
            with pytest.raises(AccreteError, match="is not there"):
                async with pools.reading(company):
                    pass
            copies.restore(small.registry, company.slug, file)
            with small.database() as db:
                db.run("DELETE FROM session")
            async with pools.reading(small.company()) as reader:
                seen.append(await reader.ask(asked))
            seen.append(await held.ask(asked))  # whoever was reading reads to the end
        assert open_files() == []
        await pools.close()
        return seen

    assert asyncio.run(walk()) == [1, 0, 1]


def test_nothing_that_was_worked_out_of_a_file_is_kept_for_another_in_its_place(small, tmp_path):
    """A backup has the stamps that the weeks had then, and what was worked out may be of another
    database that had them, too."""
    company, file = small.company(), tmp_path / "b"
    copies.backup(small.registry, company.slug, file)
    scope, calls = Scope((1,), since="2026-09-07", until="2026-09-07"), []

    async def ask(pools: Pools) -> None:
        async def work() -> list[int]:
            calls.append(company.slug)
            return [1]

        found = small.company()
        async with pools.reading(found) as reader:
            await pools.weekly(found).work(reader, scope, "asked", work, len)

    async def walk() -> None:
        pools = Pools()
        await ask(pools)
        await ask(pools)
        tenants.delete(small.registry, company.slug)
        copies.restore(small.registry, company.slug, file)
        await ask(pools)
        await pools.close()

    asyncio.run(walk())
    assert len(calls) == 2


def test_the_companies_read_last_keep_their_connections_and_one_in_use_is_never_closed(
    small, monkeypatch
):
    monkeypatch.setattr(pools_module, "POOLS", 2)
    companies = [small.company(f"zq{n}") for n in range(6)]
    asked = Question((("SELECT COUNT(*) FROM session", ()),), lambda answers: answers[0][0][0])
    close = SqlitePool.close

    async def slowly(pool: SqlitePool) -> None:
        await asyncio.sleep(0.02)  # meanwhile others end, and look for what to close, too
        await close(pool)

    monkeypatch.setattr(SqlitePool, "close", slowly)

    async def walk() -> list[str]:
        pools, begun = Pools(), asyncio.Semaphore(0)
        end = [asyncio.Event() for _ in companies]

        async def read(n: int) -> None:
            async with pools.reading(companies[n]) as reader:
                assert await reader.ask(asked) == 0
                begun.release()
                await end[n].wait()
                assert await reader.ask(asked) == 0  # it is not closed under its reader

        def are_open() -> list[str]:
            return [each.slug for each in companies if each.address in pools._open]

        for n in (0, 1):
            end[n].set()
            await read(n)
            await begun.acquire()
        reading = [asyncio.create_task(read(n)) for n in range(2, 6)]
        for _ in reading:
            await begun.acquire()
        assert len(are_open()) == 6  # four are used
        end[2].set()
        end[3].set()  # two end together, and both close what is idle
        await asyncio.gather(*reading[:2])
        for each in end:
            each.set()
        await asyncio.gather(*reading)
        assert len(are_open()) == 2
        for n in (0, 1, 2):
            await read(n)
        found = are_open()
        await pools.close()
        return found

    assert asyncio.run(walk()) == [companies[1].slug, companies[2].slug]


def test_no_more_pages_are_read_at_once_than_is_said_over_all_companies(small, monkeypatch):
    monkeypatch.setattr(pools_module, "READERS", 3)
    companies = [small.company(f"zq{n}") for n in range(3)]
    now, most = 0, 0

    async def walk() -> None:
        pools = Pools()

        async def read(company) -> None:
            nonlocal now, most
            async with pools.reading(company):
                now += 1
                most = max(most, now)
                await asyncio.sleep(0.01)
                now -= 1

        await asyncio.gather(*(read(companies[n % 3]) for n in range(12)))
        await pools.close()

    asyncio.run(walk())
    assert most == 3


def test_an_archived_company_takes_nothing_and_says_so_to_its_own_alone(team, settings):
    kept(settings, told(1))
    choice = team.choice()
    copies.archive(team.registry, team.slug("acme"))
    with team.http(choice) as http:
        answer = http.post(choice.endpoint, content=b"", headers={"Content-Encoding": "gzip"})
        assert (answer.status_code, "archived" in answer.json()["error"]) == (423, True)
        stranger = {"Authorization": f"Bearer acr_{team.slug('acme')}_{'x' * 43}"}
        answer = http.post(
            choice.endpoint, content=b"", headers={"Content-Encoding": "gzip"} | stranger
        )
        assert answer.status_code == 401
    with pytest.raises(AccreteError, match="423"):
        team.sync(settings, choice)
    assert team.rows("SELECT COUNT(*) FROM session") == [(0,)]
    with pytest.raises(AccreteError, match="is archived, not active"):
        copies.archive(team.registry, team.slug("acme"))
    copies.unarchive(team.registry, team.slug("acme"))
    assert team.sync(settings, choice).sessions == 1


@pytest.fixture
def small(settings, tmp_path) -> Team:
    """A company in a file."""
    team = Team(tmp_path / "small")
    kept(settings, told(1))
    team.sync(settings, team.choice(tier=3))
    return team


def changed(source, target, change) -> None:
    """A copy of an export with other entries: change takes a name and the bytes."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))


def _manifest(**fields):
    def change(name: str, data: bytes) -> bytes:
        return json.dumps(json.loads(data) | fields).encode() if name == "manifest.json" else data

    return change


def _columns(name: str, data: bytes) -> bytes:
    if name != "manifest.json":
        return data
    told = json.loads(data)
    told["tables"]["person"]["columns"][1] = "uuid) SELECT 1; DROP TABLE person; --"
    return json.dumps(told).encode()


def _row(name: str, data: bytes) -> bytes:
    return data.replace(b'"tier":3', b'"tier":2') if name == "person.jsonl" else data


def _missing(name: str, data: bytes) -> bytes:
    return b"" if name == "response.jsonl" else data


def _type(name: str, data: bytes) -> bytes:
    return data.replace(b'"tier":3', b'"tier":"x"') if name == "person.jsonl" else data


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_manifest(format="zqother"), "no export of a company"),
        (_manifest(version=2), "newer Accrete"),
        (_manifest(schema=9999), "newer Accrete"),
        (_manifest(tables={"zq": {"columns": [], "rows": 0, "hash": ""}}), "tables that"),
        (_columns, "damaged"),
        (_row, "rows that are not"),
        (_missing, "rows that are not"),
        (_type, "cannot store TEXT"),
        (lambda name, data: b"[" if name == "session.jsonl" else data, "damaged"),
        (lambda name, data: b"{}" if name == "manifest.json" else data, "no whole export"),
    ],
)  # fmt: skip
def test_a_file_that_was_changed_makes_no_company(small, tmp_path, change, said):
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    copies.export(small.registry, "acme", good)
    changed(good, bad, change)
    with pytest.raises(AccreteError, match=said):
        copies.load(small.registry, "other", bad)
    assert small.registry.find("other") is None
    assert not list((small.registry.home / "companies").glob("other*"))
    copies.load(small.registry, "other", good)


@pytest.mark.parametrize("size", [0, 100, 5000])
def test_half_a_file_makes_no_company(small, tmp_path, size):
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    copies.export(small.registry, "acme", good)
    bad.write_bytes(good.read_bytes()[:size])
    for work in (copies.load, copies.restore):
        with pytest.raises(AccreteError, match="no whole export"):
            work(small.registry, "other", bad)
    copies.backup(small.registry, "acme", good.with_suffix(".db"))
    bad.write_bytes(good.with_suffix(".db").read_bytes()[:8192])
    with pytest.raises(AccreteError):
        copies.restore(small.registry, "other", bad)
    assert small.registry.find("other") is None


def test_the_record_of_one_machine_is_no_company(small, settings, tmp_path):
    with pytest.raises(AccreteError, match="one machine"):
        copies.restore(small.registry, "other", settings.database)
    with pytest.raises(AccreteError, match="Cannot read"):
        copies.restore(small.registry, "other", tmp_path / "nothing")
    assert small.registry.find("other") is None


@pytest.mark.parametrize("fact", ["", "1"])
def test_migrate_makes_an_older_search_index_anew(filled, fact):
    company = filled.registry.find(filled.slug("acme"))
    db = tenants.open_company(company)
    words = "SELECT COUNT(*) FROM event_search"
    if db.dialect == "sqlite":
        words += " WHERE event_search MATCH 'a* OR t* OR f*'"
    try:
        before = db.run(words)
        assert before != [(0,)]
        if db.dialect == "sqlite":
            db.run("INSERT INTO event_search (event_search) VALUES ('delete-all')")
        else:
            db.run("DELETE FROM event_search")
        db.run("DELETE FROM fact WHERE name = 'search_index'")
        if fact:
            db.run("INSERT INTO fact (person, name, value) VALUES (0, 'search_index', ?)", (fact,))
        assert not search_is_current(db)
        tenants.bring_up(db)
        assert search_is_current(db)
        assert db.run(words) == before
    finally:
        db.close()


@pytest.mark.parametrize("slug", ["", "Acme", "a b", "../acme", "-acme", "a" * 40])
def test_no_company_is_listed_under_a_name_that_cannot_stand_in_addresses(tmp_path, slug):
    registry = Registry(tmp_path)
    with pytest.raises(AccreteError, match="cannot be the name of a company"):
        registry.add(Company(slug, "sqlite", "acme.db", "active", 1))
    assert registry.companies() == []


def test_a_new_company_has_a_search_index_of_this_program(team):
    company = tenants.create(team.registry, team.slug("acme"), admin_url=team.admin_url)
    db = tenants.open_company(company)
    try:
        assert search_is_current(db)
    finally:
        db.close()


def test_an_export_of_an_older_schema_is_brought_up_to_date(small, tmp_path):
    good, old = tmp_path / "good.zip", tmp_path / "old.zip"
    copies.export(small.registry, "acme", good)
    later = ("release", "release_group", "release_cell", "counted", "teaching", "experiment",
             "put_off", "choice_heard", "hidden_card", "clip", "week_stamp", "session_change",
             "compared", "session_pull_state", "message_number", "message_order")  # fmt: skip

    since = {"pull_request": ("told_at",), "unshared": ("number",), "shared": ("byte_count",),
             "response": ("plugin", "mcp_server"),
             "inference": ("plugin", "mcp_server")}  # fmt: skip

    def without(table: str, data: bytes) -> bytes:
        rows = map(msgspec.json.decode, data.splitlines())
        lines = ({k: v for k, v in row.items() if k not in since[table]} for row in rows)
        return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)

    with zipfile.ZipFile(good) as file:
        before = {f"{table}.jsonl": without(table, file.read(f"{table}.jsonl")) for table in since}

    def change(name: str, data: bytes) -> bytes:
        if name != "manifest.json":
            return before.get(name, data)
        told = json.loads(data)
        tables = {k: v for k, v in told["tables"].items() if k not in later}
        for table, columns in since.items():
            tables[table]["hash"] = hashlib.sha256(before[f"{table}.jsonl"]).hexdigest()
            for column in columns:
                tables[table]["columns"].remove(column)
        return json.dumps(told | {"schema": 27, "tables": tables}).encode()

    changed(good, old, change)
    copies.load(small.registry, "other", old)
    assert small.rows("SELECT COUNT(*) FROM session", "other") == [(1,)]
    assert small.rows("SELECT COUNT(*) FROM release", "other") == [(0,)]  # of later schema files


def test_commands_say_what_they_did(small, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("ACCRETE_TEAM_HOME", str(small.registry.home))
    monkeypatch.delenv("ACCRETE_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)

    def said(*words: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["company", *words])
        assert ended.value.code == 0
        return capsys.readouterr().out

    assert "Wrote 1 sessions" in said("export", "acme")
    (file,) = tmp_path.glob("acme-*.zip")
    assert "the same as in" in said("import", "two", str(file))
    assert "Only you can read it" in said("backup", "acme")
    (file,) = tmp_path.glob("acme-*.db")
    assert "is ready (sqlite)" in said("restore", "three", str(file))
    assert "archived" in said("archive", "acme")
    assert "active" in said("unarchive", "acme")
    assert everything(small)


def test_nothing_is_handed_out_that_does_not_work_in_an_archived_company(
    small, capsys, monkeypatch
):
    monkeypatch.setenv("ACCRETE_TEAM_HOME", str(small.registry.home))
    small.company()

    def run(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main([*words])
        return int(ended.value.code or 0), capsys.readouterr().err

    assert run("person", "add", "acme", "Kim", "--email", "kim@acme.example")[0] == 0
    handed = (("token", "create", "acme", "Kim"), ("person", "invite", "acme", "Kim"))
    before = small.rows("SELECT COUNT(*) FROM device_token")
    copies.archive(small.registry, "acme")
    for words in handed:
        code, said = run(*words)
        assert (code, "accrete-team company unarchive acme" in said) == (1, True)
    assert small.rows("SELECT COUNT(*) FROM device_token") == before
    assert run("token", "list", "acme")[0] == 0
    small.registry.set_state("acme", "moving")
    code, said = run("person", "add", "acme", "Amara")
    assert (code, "being moved" in said) == (1, True)
    small.registry.set_state("acme", "active")
    assert [run(*words)[0] for words in handed] == [0, 0]
