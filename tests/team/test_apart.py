"""Companies are apart in storage: no role, token or name of one opens anything of another."""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg
import pytest
from accrete_team import doctor, tenants
from accrete_team.__main__ import main
from accrete_team.registry import Registry
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from accrete.errors import AccreteError
from tests.records import kept
from tests.team.serving import NOW, Team
from tests.team.test_sync import told

REFUSED = (psycopg.errors.InsufficientPrivilege, psycopg.OperationalError)


@pytest.fixture
def two(tmp_path, postgres_server):
    """Two companies on one PostgreSQL server."""
    team = Team(tmp_path / "team", postgres_server, copies=False)
    yield team, team.company("acme"), team.company("globex")
    for company in team.registry.companies():
        tenants.delete(team.registry, company.slug, admin_url=postgres_server)


@pytest.mark.long
def test_the_role_of_a_company_enters_its_own_database_alone(two, postgres_server):
    _, acme, globex = two
    theirs = conninfo_to_dict(globex.address)
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(make_conninfo(acme.address, dbname=theirs["dbname"]))
    with psycopg.connect(acme.address, autocommit=True) as ours:
        assert ours.execute("SELECT COUNT(*) FROM person").fetchone() == (0,)
        for statement in (
            f"SET ROLE {theirs['user']}",
            f"GRANT {theirs['user']} TO CURRENT_USER",
            f"ALTER ROLE {theirs['user']} PASSWORD 'x'",
            f"DROP DATABASE {theirs['dbname']}",
            "CREATE DATABASE accrete_zq",
            "CREATE ROLE accrete_zq",
            "SELECT pg_read_file('/etc/hostname')",
            "COPY person TO PROGRAM 'true'",
            "COPY person TO '/tmp/accrete_zq'",
            "ALTER ROLE CURRENT_USER SUPERUSER",
            "SELECT rolpassword FROM pg_authid",
        ):
            with pytest.raises(REFUSED):
                ours.execute(statement)  # type: ignore[arg-type]
        roles = ours.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication "
            "FROM pg_roles WHERE rolname = CURRENT_USER"
        ).fetchone()
        assert roles == (False,) * 5
        others = ours.execute(
            "SELECT COUNT(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member "
            "WHERE r.rolname = CURRENT_USER"
        ).fetchone()
        assert others == (0,)


@pytest.mark.long
def test_what_one_company_sends_reaches_no_other(team, settings):
    kept(settings, told(1))
    choice = team.choice("Amara", "acme", tier=3)
    other = team.choice("Amara", "globex")
    team.sync(settings, choice)
    assert team.rows("SELECT COUNT(*) FROM session", "globex") == [(0,)]
    named = {"acme": choice, "globex": other}
    for path, owner in (("acme", "globex"), ("globex", "acme")):
        renamed = named[owner].token.replace(team.slug(owner), team.slug(path))
        for token in (named[owner].token, renamed):
            answer = team.client.post(
                f"/c/{team.slug(path)}/api/v1/sync",
                headers={"Authorization": f"Bearer {token}", "Content-Encoding": "gzip"},
            )
            assert answer.status_code == 401


@pytest.mark.parametrize("state", ["making", "going", "unknown"])
def test_a_company_that_is_not_open_is_like_one_that_there_is_not(tmp_path, state):
    team = Team(tmp_path / "t")
    choice = team.choice()
    team.registry.set_state("acme", state)
    answers = []
    for slug in ("acme", "nobody"):
        token = choice.token.replace("acme", slug)
        answers.append(
            team.client.post(
                f"/c/{slug}/api/v1/sync",
                headers={"Authorization": f"Bearer {token}", "Content-Encoding": "gzip"},
            )
        )
    assert [each.status_code for each in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()


@pytest.mark.long
def test_a_company_of_another_server_with_the_same_name_is_left_as_it_is(
    two, postgres_server, tmp_path
):
    team, acme, _ = two
    other = Registry(tmp_path / "other")
    with pytest.raises(AccreteError, match="left as it is"):
        tenants.create(other, acme.slug, admin_url=postgres_server)
    assert other.find(acme.slug) is None
    assert team.rows("SELECT COUNT(*) FROM person", "acme") == [(0,)]


@pytest.mark.long
def test_a_deletion_that_broke_off_is_ended_by_the_next(postgres_server, tmp_path):
    registry = Registry(tmp_path / "t")
    slug = f"broken-{tmp_path.name[-8:].strip('-_').lower().replace('_', '-')}-{os.getpid()}"
    company = tenants.create(registry, slug, admin_url=postgres_server)
    named = conninfo_to_dict(company.address)
    registry.set_state(slug, "going")
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {named['dbname']} WITH (FORCE)")  # type: ignore[arg-type]
    elsewhere = make_conninfo(postgres_server, host="localhost")
    with pytest.raises(AccreteError, match="is ACCRETE_DATABASE_URL right"):
        tenants.delete(registry, slug, admin_url=elsewhere)
    assert tenants.delete(registry, slug, admin_url=postgres_server)
    assert registry.find(slug) is None
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        left = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (named["user"],))
        assert left.fetchone() is None


KILLED = """
import os, sys
from pathlib import Path
import psycopg
from accrete_team import tenants
from accrete_team.registry import Registry

home, slug, url, last = sys.argv[1:]
before = psycopg.Connection.execute

def execute(self, query, *more, **named):
    said = query if isinstance(query, str) else query.as_string(self)
    found = before(self, query, *more, **named)
    if said.startswith(last):
        os._exit(9)
    return found

psycopg.Connection.execute = execute
tenants.create(Registry(Path(home)), slug, admin_url=url)
"""


def there(server: str, slug: str) -> tuple[bool, bool]:
    """Whether a PostgreSQL server has the database and the role of a company."""
    database, role = tenants._names(slug)
    with psycopg.connect(server, autocommit=True) as admin:
        found = admin.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = %s), "
            "EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", (database, role)
        ).fetchone()  # fmt: skip
    assert found is not None
    return found[0], found[1]


def short(tmp_path) -> str:
    """A name that no other test has on that server."""
    return f"b-{tmp_path.name[-6:].strip('-_').lower().replace('_', '-')}-{os.getpid()}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("last", "left"),
    [("GRANT", (False, False)), ("CREATE DATABASE", (True, True)), ("REVOKE", (True, True))],
)
def test_a_making_that_was_killed_is_known_and_ended(
    postgres_server, tmp_path, monkeypatch, capsys, last, left
):
    home, slug = tmp_path / "t", short(tmp_path)
    given = [sys.executable, "-c", KILLED, str(home), slug, postgres_server, last]
    assert subprocess.run(given, check=False).returncode == 9
    assert there(postgres_server, slug) == left
    registry = Registry(home)
    (said,) = [each.says for each in doctor.examine(registry, NOW) if slug in each.says]
    assert "delete it and make it again" in said
    monkeypatch.setenv("ACCRETE_TEAM_HOME", str(home))
    monkeypatch.setenv(tenants.URL, postgres_server)
    for command, end in (("create", 1), ("delete", 0), ("create", 0), ("delete", 0)):
        with pytest.raises(SystemExit) as ended:
            main(["company", command, slug, *["--yes"] * (command == "delete")])
        assert (ended.value.code or 0) == end, command
        said = capsys.readouterr()
        assert end == 0 or f"accrete-team company delete {slug}" in said.err
    assert there(postgres_server, slug) == (False, False)


@pytest.mark.long
def test_of_a_making_that_broke_off_nothing_of_another_server_goes(two, postgres_server, tmp_path):
    """Two servers of Accrete on one of PostgreSQL: the name is the other's."""
    team, acme, _ = two
    other = Registry(tmp_path / "other")
    mine = make_conninfo(acme.address, password="x")
    other.add(acme._replace(address=mine, state="making"))
    for _ in range(2):
        assert tenants.delete(other, acme.slug, admin_url=postgres_server) == []
        other.add(acme._replace(address=mine, state="making"))
    assert team.rows("SELECT COUNT(*) FROM person", "acme") == [(0,)]
    with pytest.raises(AccreteError, match="is ACCRETE_DATABASE_URL right"):
        tenants.delete(other, acme.slug, admin_url=make_conninfo(postgres_server, host="localhost"))


@pytest.mark.long
def test_a_role_that_may_not_make_databases_is_told_what_it_needs_and_that_is_enough(
    postgres_server, tmp_path
):
    registry, slug = Registry(tmp_path / "t"), short(tmp_path)
    role = f"Maker {slug}"
    theirs = make_conninfo(postgres_server, user=role)
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute(f'CREATE ROLE "{role}" LOGIN')  # type: ignore[arg-type]
        try:
            with pytest.raises(AccreteError, match="administrator of PostgreSQL run: ") as said:
                tenants.create(registry, slug, admin_url=theirs)
            assert registry.companies() == []
            admin.execute(str(said.value).partition("run: ")[2])  # type: ignore[call-overload]
            company = tenants.create(registry, slug, admin_url=theirs)
            tenants.open_company(company).close()
            assert tenants.delete(registry, slug, admin_url=theirs)
            assert there(postgres_server, slug) == (False, False)
        finally:
            admin.execute(f'DROP ROLE "{role}"')  # type: ignore[arg-type]


def test_a_postgresql_that_does_not_answer_is_told_with_what_to_check(tmp_path):
    registry = Registry(tmp_path / "t")
    silent = "postgresql://127.0.0.1:1/none?connect_timeout=2"
    with pytest.raises(AccreteError, match=r"did not answer.*Check that it runs.*DATABASE_URL"):
        tenants.create(registry, "acme", admin_url=silent)
    assert registry.companies() == []
