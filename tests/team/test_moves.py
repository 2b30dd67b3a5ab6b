"""Companies that move between engines and servers, as far as they come: killed, failed, given up,
repeated."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
from accrete_team import copies, doctor, moves, people, portable, tenants, web
from accrete_team.__main__ import main
from accrete_team.registry import Company, Registry

from accrete.errors import AccreteError
from accrete.record import lock
from tests.fuzz import TORTURE
from tests.records import kept
from tests.team.serving import NOW, Team
from tests.team.signed import Browser, a_person
from tests.team.test_companies import held
from tests.team.test_sync import told
from tools import postgres

pytestmark = pytest.mark.long
PHASES, BEHIND = (100, 170, 230), 300
LINES = range(1, BEHIND + 1) if TORTURE else PHASES
"""Where a move is killed: at these of the lines that it runs, the last of which is behind its end.
In `make test` while a place is made, while it is filled, and while the company is said to be there
or what it leaves is dropped."""


@pytest.fixture(scope="module")
def second_server(postgres_server, tmp_path_factory) -> Iterator[str]:
    """Another PostgreSQL server."""
    cluster = tmp_path_factory.mktemp("pg") / "cluster"
    url = postgres.start(cluster)
    if url is None:
        why = "no programs of PostgreSQL to start a second server with"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    try:
        yield url
    finally:
        postgres.stop(cluster, "immediate")


class Kills(NamedTuple):
    """A company that goes round between a file and two servers, what it is beside there, and what
    kills its moves."""

    team: Team
    choice: object
    servers: dict[str, str]
    beside: list[tuple[Registry, Company, str]]
    killer: subprocess.Popen[str]

    @property
    def slug(self) -> str:
        return self.team.slug("acme")

    def killed(self, to: str, line: int) -> str:
        """Moves the company in a process that is killed at a line."""
        assert self.killer.stdin is not None
        assert self.killer.stdout is not None
        home, url = str(self.team.registry.home), self.servers.get(to)
        asked = [home, self.slug, url, to == "sqlite", line]
        self.killer.stdin.write(json.dumps(asked) + "\n")
        self.killer.stdin.flush()
        return self.killer.stdout.readline().strip()


@pytest.fixture(scope="module")
def kills(postgres_server, second_server, tmp_path_factory) -> Iterator[Kills]:
    home = tmp_path_factory.mktemp("kills")
    team = Team(home / "team")
    team.end = f"-k-{os.getpid()}"
    servers = {"first": postgres_server, "second": second_server}
    beside = []
    for n, url in enumerate(servers.values()):
        other = Registry(home / f"other{n}")  # another team server's, with a longer name
        beside.append((other, tenants.create(other, f"{team.slug('acme')}-2", admin_url=url), url))
    command = [sys.executable, "-m", "tests.team.killed"]
    given = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **given) as killer:  # type: ignore[call-overload]
        yield Kills(team, team.choice(tier=3), servers, beside, killer)
        killer.stdin.close()
    for other, company, url in beside:
        tenants.delete(other, company.slug, admin_url=url)
    for url in servers.values():
        _swept(url, team.slug("acme"))


def _swept(url: str, slug: str) -> None:
    """Removes what a test that failed left on a server."""
    database, role = tenants._names(slug)
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")  # type: ignore[call-overload]
        admin.execute(f"DROP ROLE IF EXISTS {role}")  # type: ignore[call-overload]


def _ended(monkeypatch: pytest.MonkeyPatch, *words: str, url: str | None = None) -> int:
    if url is None:
        monkeypatch.delenv(tenants.URL, raising=False)
    else:
        monkeypatch.setenv(tenants.URL, url)
    with pytest.raises(SystemExit) as ended:
        main([*words])
    return int(ended.value.code or 0)


def _to_do(registry: Registry, slug: str) -> str | None:
    """What `doctor` says is to be done about a company's move."""
    said = [
        each.says
        for each in doctor.examine(registry, NOW)
        if each.says.startswith(f"{slug}: ") and "company move" in each.says
    ]
    assert len(said) < 2
    return said[0] if said else None


def _follow(kills: Kills, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does what `doctor` says until it says no more."""
    for _ in range(3):
        said = _to_do(kills.team.registry, kills.slug)
        if said is None:
            return
        command = re.search(r"accrete-team (company move \S+ --[a-z-]+)", said)
        assert command is not None, said
        needs = re.search(rf"{tenants.URL} set to the server at (\S+):(\d+):", said)
        url = None
        if needs:
            (url,) = [u for u in kills.servers.values() if tenants.server(u) == needs.groups()]
        assert _ended(monkeypatch, *command[1].split(), url=url) == 0
    raise AssertionError(_to_do(kills.team.registry, kills.slug))


@pytest.mark.grid
@pytest.mark.parametrize("line", LINES)
def test_a_move_that_is_killed_at_any_line_loses_nothing_and_is_ended_as_doctor_says(
    kills, line, settings, monkeypatch
):
    team, registry, slug = kills.team, kills.team.registry, kills.slug
    monkeypatch.setenv("ACCRETE_TEAM_HOME", str(registry.home))
    if not team.rows("SELECT 1 FROM session"):
        kept(settings, told(1))
        team.sync(settings, kills.choice)
    for to in ("first", "second", "sqlite"):
        old = registry.find(slug)
        before, mark = held(team), f"{to} {line}"
        how = kills.killed(to, line)
        assert how in ("killed", "done")
        assert how == "killed" or line not in PHASES, "PHASES are lines of a move"
        assert how == "done" or line != BEHIND, "a move has more lines"
        now = registry.find(slug)

        with team.http(kills.choice) as http:  # machines are served, or told to try again
            answer = http.get(f"{kills.choice.address}/projects")
        assert answer.status_code == (503 if now.state == "moving" else 200)

        accepted = False  # a message that came before the move, and is written now
        try:
            db = tenants.open_company(old)
        except AccreteError:
            pass
        else:
            try:
                people.note(db, mark, "", None, NOW)
                accepted = True
            except (AccreteError, *tenants.faults()):
                pass
            finally:
                db.close()
        assert not (accepted and now.address != old.address)

        _follow(kills, monkeypatch)
        there = registry.find(slug)
        assert there.state == "active"
        if there.address == old.address:  # nothing was begun, or it was given up
            url = kills.servers["second" if to == "sqlite" else to]
            flag = "--to-sqlite" if to == "sqlite" else "--to-postgresql"
            assert _ended(monkeypatch, "company", "move", slug, flag, url=url) == 0
            _follow(kills, monkeypatch)
            there = registry.find(slug)
        assert there.engine == ("sqlite" if to == "sqlite" else "postgresql")
        if to != "sqlite":
            assert tenants.server(there.address) == tenants.server(kills.servers[to])
        assert held(team) == before
        assert bool(team.rows(f"SELECT 1 FROM audit WHERE what = '{mark}'")) == accepted
        assert registry.moving(slug) is None
        assert not list(registry.home.glob("*.moving"))
        with pytest.raises(AccreteError):
            tenants.open_company(old)
        for other, company, _ in kills.beside:
            tenants.open_company(other.find(company.slug)).close()


@pytest.fixture
def acme(settings, tmp_path, postgres_server) -> Iterator[Team]:
    """A company in a file, with a name that no other test has on the server."""
    team = Team(tmp_path / "moving")
    team.end = f"-{tmp_path.name[-8:]}-{os.getpid()}".lower().replace("_", "-")
    kept(settings, told(1))
    team.sync(settings, team.choice(tier=3))
    yield team
    _swept(postgres_server, team.slug("acme"))


def there(server: str, slug: str) -> bool:
    """Whether a PostgreSQL server has the database or the role of a company."""
    with psycopg.connect(server, autocommit=True) as admin:
        found = admin.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = %s) "
            "OR EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", tenants._names(slug)
        ).fetchone()  # fmt: skip
    assert found is not None
    return bool(found[0])


def test_a_company_moves_between_engines_and_its_machines_go_on(acme, settings, postgres_server):
    choice = acme.choice(tier=3)
    registry, slug, before = acme.registry, acme.slug("acme"), held(acme)
    old = acme.company()
    moved = moves.move(registry, slug, admin_url=postgres_server)
    assert (moved.company.engine, moved.gone, moved.left) == ("postgresql", [f"{slug}.db"], None)
    assert held(acme) == before
    with pytest.raises(AccreteError, match="is not at"):
        tenants.open_company(old)
    kept(settings, told(1), told(2))
    assert acme.sync(settings, choice).sessions == 1
    before = held(acme)
    with pytest.raises(AccreteError, match="on that PostgreSQL server already"):
        moves.move(registry, slug, admin_url=postgres_server)
    copies.archive(registry, slug)
    moves.move(registry, slug, admin_url=postgres_server, to_sqlite=True)
    assert held(acme) == before
    assert registry.find(slug).state == "archived"
    assert not there(postgres_server, slug)
    with pytest.raises(AccreteError, match="on sqlite already"):
        moves.move(registry, slug, admin_url=postgres_server, to_sqlite=True)


@pytest.mark.parametrize("comes", [1, moves.TRIES])
def test_a_message_that_comes_in_while_a_company_moves_is_not_lost(
    acme, monkeypatch, postgres_server, comes
):
    registry, slug, real, n = acme.registry, acme.slug("acme"), portable.export, 0

    def late(db, file, company, now):
        nonlocal n
        made = real(db, file, company, now)
        if n < comes:
            people.note(db, "came in late", "", None, 1)
        n += 1
        return made

    monkeypatch.setattr(portable, "export", late)
    if comes == moves.TRIES:
        with pytest.raises(AccreteError, match="did not come to rest"):
            moves.move(registry, slug, admin_url=postgres_server)
        assert not there(postgres_server, slug)
    else:
        moves.move(registry, slug, admin_url=postgres_server)
    assert n == min(comes + 1, moves.TRIES)
    late_ones = acme.rows("SELECT COUNT(*) FROM audit WHERE what = 'came in late'")
    assert late_ones == [(comes,)]
    assert not list(registry.home.glob("*.moving"))


@pytest.mark.parametrize(
    "fault", [OSError(28, "No space left"), psycopg.OperationalError("gone"), KeyboardInterrupt()]
)
@pytest.mark.parametrize("at", ["export", "filled", "noted"])
def test_a_move_that_fails_leaves_a_company_where_it_was_and_in_use(
    acme, settings, monkeypatch, postgres_server, at, fault
):
    registry, slug, before = acme.registry, acme.slug("acme"), held(acme)
    module = portable if at == "export" else copies
    real = getattr(module, at)

    def fail(*given):
        real(*given)
        raise fault

    monkeypatch.setattr(module, at, fail)
    told_as = type(fault) if isinstance(fault, KeyboardInterrupt) else AccreteError
    with pytest.raises(told_as):
        moves.move(registry, slug, admin_url=postgres_server)
    assert (registry.find(slug).state, registry.moving(slug)) == ("active", None)
    assert held(acme) == before
    assert not there(postgres_server, slug)
    assert _to_do(registry, slug) is None
    kept(settings, told(1), told(2))
    assert acme.sync(settings, acme.choice(tier=3)).sessions == 1  # it takes rows again


@pytest.mark.parametrize("killed", [False, True])
def test_a_copy_that_fills_the_disk_goes_before_anything_is_written(
    acme, monkeypatch, postgres_server, killed
):
    """Until then the list of companies cannot say that the company is in use again."""
    slug, real, full = acme.slug("acme"), Registry.stay, []

    def stay(registry, of):
        full.append(there(postgres_server, slug))
        real(registry, of)

    def fail(*_):
        raise AccreteError("The disk is full.")

    monkeypatch.setattr(Registry, "stay", stay)
    if killed:
        _half(acme, postgres_server)
        moves.give_up(acme.registry, slug, admin_url=postgres_server)
    else:
        monkeypatch.setattr(copies, "filled", fail)
        with pytest.raises(AccreteError, match="is full"):
            moves.move(acme.registry, slug, admin_url=postgres_server)
    assert full == [False]
    assert (acme.registry.find(slug).state, acme.registry.moving(slug)) == ("active", None)


def _half(team: Team, url: str) -> Company:
    """The state that a kill leaves after the new database was made, and the old one closed."""
    registry, slug = team.registry, team.slug("acme")
    place = tenants.new_place(registry, slug, admin_url=url)
    registry.begin_move(place)
    tenants.make_room(place, url)
    db = tenants.open_company(registry.find(slug))
    try:
        assert moves._closed(db, db.revision())
    finally:
        db.close()
    return place


def test_a_move_that_broke_off_can_be_given_up(acme, monkeypatch, postgres_server, capsys):
    registry, slug, before = acme.registry, acme.slug("acme"), held(acme)
    monkeypatch.setenv("ACCRETE_TEAM_HOME", str(registry.home))
    copies.archive(registry, slug)
    _half(acme, postgres_server)
    assert _ended(monkeypatch, "company", "delete", slug, "--yes", url=postgres_server) == 1
    assert "accrete-team doctor" in capsys.readouterr().err
    assert _ended(monkeypatch, "company", "backup", slug, str(registry.home / "never")) == 1
    assert _ended(monkeypatch, "company", "move", slug, "--give-up", "--to-sqlite") == 2
    assert _ended(monkeypatch, "company", "move", slug, "--to-sqlite", "--forget") == 2
    assert _ended(monkeypatch, "company", "move", slug, "--to-sqlite") == 1
    assert "--give-up" in capsys.readouterr().err
    # Without the address of that server it is in use again, and the copy stays listed.
    assert _ended(monkeypatch, "company", "move", slug, "--give-up") == 1
    assert f"set {tenants.URL} to that server" in capsys.readouterr().err
    assert registry.find(slug).state == "archived"
    assert held(acme) == before
    copies.unarchive(registry, slug)  # it takes rows
    assert "half a copy" in (_to_do(registry, slug) or "")
    assert _ended(monkeypatch, "company", "move", slug, "--give-up", url=postgres_server) == 0
    assert registry.moving(slug) is None
    assert not there(postgres_server, slug)
    assert _ended(monkeypatch, "company", "move", slug, "--give-up", url=postgres_server) == 1
    assert f"No move of {slug} broke off" in capsys.readouterr().err


def test_a_server_that_is_gone_for_good_is_forgotten(acme, monkeypatch, postgres_server, capsys):
    registry, slug = acme.registry, acme.slug("acme")
    monkeypatch.setenv("ACCRETE_TEAM_HOME", str(registry.home))
    _half(acme, postgres_server)
    assert _ended(monkeypatch, "company", "move", slug, "--give-up", "--forget") == 0
    said = capsys.readouterr().out
    assert "is active" in said
    assert "forgotten" in said
    assert (registry.find(slug).state, registry.moving(slug)) == ("active", None)
    assert there(postgres_server, slug)  # as it said


def test_a_company_moves_back_though_its_old_database_was_left(acme, postgres_server, monkeypatch):
    registry, slug, before = acme.registry, acme.slug("acme"), held(acme)

    def left(*given: object) -> list[str]:
        raise AccreteError("It is left.")

    with monkeypatch.context() as patched:
        patched.setattr(moves, "_drop", left)
        moved = moves.move(registry, slug, admin_url=postgres_server)
    assert (moved.company.engine, moved.gone, moved.left) == ("postgresql", [], "It is left.")
    moved = moves.move(registry, slug, admin_url=postgres_server, to_sqlite=True)
    assert (moved.company.engine, registry.moving(slug)) == ("sqlite", None)
    assert held(acme) == before
    assert not there(postgres_server, slug)


def test_one_company_is_moved_by_one_at_a_time(acme, postgres_server, monkeypatch):
    monkeypatch.setattr(moves, "WAIT_S", 0.1)
    registry, slug = acme.registry, acme.slug("acme")
    place = _half(acme, postgres_server)
    with lock.held(registry.home / f"{slug}.move", wait_s=0) as mine:
        assert mine
        for work in (moves.move, moves.give_up):
            with pytest.raises(AccreteError, match="is being moved now"):
                work(registry, slug, admin_url=postgres_server)
        assert moves.standing(registry, registry.find(slug)) == (
            True, f"{slug}: it is being moved now. Machines wait until that is done."
        )  # fmt: skip
    assert registry.moving(slug).address == place.address


def test_a_move_that_an_older_version_left_is_ended(acme, postgres_server):
    registry, slug, before = acme.registry, acme.slug("acme"), held(acme)
    registry.set_state(slug, "moving")
    assert "--give-up" in (_to_do(registry, slug) or "")
    assert moves.give_up(registry, slug, admin_url=None).company.state == "active"
    registry.set_state(slug, "moving")
    assert moves.move(registry, slug, admin_url=postgres_server).company.state == "active"
    assert held(acme) == before


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_move_that_broke_off_before_an_upgrade_is_given_up(
    acme, engine, monkeypatch, postgres_server
):
    registry, slug = acme.registry, acme.slug("acme")
    if engine == "postgresql":
        moves.move(registry, slug, admin_url=postgres_server)
    before = held(acme)
    db = tenants.open_company(registry.find(slug))
    assert moves._closed(db, db.revision())  # as far as it may have come
    db.close()
    registry.set_state(slug, "moving")
    newer = tenants.latest_version() + 1
    with monkeypatch.context() as upgraded:
        upgraded.setattr(tenants, "latest_version", lambda: newer)
        with pytest.raises(AccreteError, match="accrete-team doctor"):
            tenants.migrate(registry)
        with pytest.raises(AccreteError, match="accrete-team migrate"):
            moves.move(registry, slug, admin_url=postgres_server, to_sqlite=engine != "sqlite")
        assert moves.give_up(registry, slug, admin_url=None).company.state == "active"
    assert tenants.migrate(registry) == [slug]
    copies.noted(registry.find(slug), "it takes rows", slug)
    assert held(acme).keys() == before.keys()


def test_a_company_whose_file_is_lost_in_a_move_can_be_deleted(acme, postgres_server):
    registry, slug = acme.registry, acme.slug("acme")
    _half(acme, postgres_server)
    Path(registry.find(slug).address).unlink()
    with pytest.raises(AccreteError, match="accrete-team doctor"):
        tenants.delete(registry, slug, admin_url=postgres_server)
    moves.give_up(registry, slug, admin_url=postgres_server)
    assert not there(postgres_server, slug)
    assert any("is not at" in each.says for each in doctor.examine(registry, NOW))
    tenants.delete(registry, slug)
    assert registry.find(slug) is None


def test_what_another_team_server_has_under_the_name_of_a_company_stays(
    acme, postgres_server, second_server, tmp_path
):
    registry, slug = acme.registry, acme.slug("acme")
    other = Registry(tmp_path / "other")
    theirs = tenants.create(other, slug, admin_url=second_server)
    try:
        with pytest.raises(AccreteError, match="left as it is"):
            moves.move(registry, slug, admin_url=second_server)
        assert (registry.find(slug).state, registry.moving(slug)) == ("active", None)
        moves.move(registry, slug, admin_url=postgres_server)
        with pytest.raises(AccreteError, match="is not this one"):
            tenants.delete(registry, slug, admin_url=second_server)
        tenants.open_company(theirs).close()
        assert tenants.delete(registry, slug, admin_url=postgres_server)
        assert not there(postgres_server, slug)
    finally:
        tenants.delete(other, slug, admin_url=second_server)


def test_people_of_a_company_that_moves_are_told_to_come_back(acme):
    a_person(acme, "Kim")
    with acme.client:
        browser, said = Browser(acme), web.CLOSED["moving"][2]
        assert browser.sign_in("kim@example.com").status_code == 303
        acme.registry.set_state(acme.slug("acme"), "moving")
        for answer in (browser.get("/"), Browser(acme).sign_in("kim@example.com")):
            assert (answer.status_code, said in unescape(answer.text)) == (503, True)
        assert said not in unescape(Browser(acme).sign_in("nobody@example.com").text)


def test_a_message_that_meets_a_move_is_told_to_come_back(acme, postgres_server):
    """The company was looked up before the move, and is written after it."""
    slug, server, before = acme.slug("acme"), acme.app.state.server, acme.company()
    _half(acme, postgres_server)

    def write(db):
        people.note(db, "late", "", None, NOW)

    for _ in range(2):
        with pytest.raises(Exception, match="being moved") as said:
            asyncio.run(server.write(before, write))
        assert said.value.status_code == 503
        moves.move(acme.registry, slug, admin_url=postgres_server)
        if acme.registry.find(slug).engine == "postgresql":
            break
    with pytest.raises(Exception, match="being moved"):
        asyncio.run(server.write(before, write))
    assert acme.rows("SELECT 1 FROM audit WHERE what = 'late'") == []
