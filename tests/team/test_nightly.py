"""The nightly job: what is kept too long goes, and deleted bytes leave the disk."""

from __future__ import annotations

import asyncio
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from accrete_team import app, nightly, tenants, tokens
from accrete_team.__main__ import main

from accrete.care.forget import What, forget
from accrete.errors import AccreteError
from tests.patience import until
from tests.records import kept, rows
from tests.team.serving import NOW, Team
from tests.team.test_sync import everything, told

DAY = 86_400_000


def on_disk(team: Team, name: str = "acme") -> bytes:
    """All bytes of a company's database as they are on the disk."""
    company = team.registry.find(team.slug(name))
    if company.engine == "sqlite":
        path = Path(company.address)
        return b"".join(each.read_bytes() for each in sorted(path.parent.glob(f"{path.name}*")))
    import psycopg
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    inside = make_conninfo(team.admin_url, dbname=conninfo_to_dict(company.address)["dbname"])
    with psycopg.connect(inside, autocommit=True) as admin:
        admin.execute("CHECKPOINT")
        found = admin.execute(
            "SELECT pg_read_binary_file(pg_relation_filepath(c.oid)) FROM pg_class c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'i', 't', 'm') AND n.nspname IN ('public', 'pg_toast') "
            "AND c.relfilenode <> 0"
        ).fetchall()
    return b"".join(each for (each,) in found)


def job(team: Team, now: int = NOW, name: str = "acme") -> nightly.Done:
    return nightly.run(team.registry.find(team.slug(name)), now)


@pytest.mark.long
def test_the_bytes_of_a_forgotten_session_leave_the_disk_with_the_job(settings, team):
    kept(settings, told(1), told(2))
    choice = team.choice(tier=3)
    team.sync(settings, choice)
    assert b"zqfolder1" in on_disk(team)
    forget(settings, What(sessions=(told(1).session,)), NOW)
    team.sync(settings, choice)
    assert "zqfolder1" not in everything(team)
    done = job(team, NOW + 5)
    assert (done.problem, done.expired, done.left) == (None, 0, 0)
    assert b"zqfolder1" not in on_disk(team)
    assert b"zqfolder2" in on_disk(team)
    with team.database() as db:
        assert (nightly.last_run(db), nightly.bytes_gone_before(db)) == (NOW + 5, NOW + 5)


@pytest.mark.long
def test_words_of_a_lowered_tier_leave_the_disk_with_the_job(settings, team):
    kept(settings, told(1))
    choice = team.choice(tier=3)
    team.sync(settings, choice)
    assert b"zqanswer" in on_disk(team)
    team.sync(settings, choice, tier=1)
    assert job(team).problem is None
    assert b"zqanswer" not in on_disk(team)
    assert b"zqprompt" not in on_disk(team)
    # Nothing was deleted since; PostgreSQL counts changes a little later.
    until(lambda: job(team).rewritten == ())


@pytest.mark.long
def test_sessions_go_when_their_tier_is_kept_no_longer_and_do_not_come_back(settings, team):
    kept(settings, told(1), told(2))
    choice = team.choice(tier=2)
    team.sync(settings, choice)
    ended = max(at for (at,) in rows(settings, "SELECT MAX(ended_at) FROM session"))
    with team.database() as db:
        nightly.set_days(db, nightly.RETENTION[3], 1, 0)
        assert nightly.expire(db, ended + 400 * DAY) == 0  # of another tier
        nightly.set_days(db, nightly.RETENTION[2], 30, 0)
        assert nightly.expire(db, ended + 30 * DAY) == 0
        nightly.set_days(db, nightly.RETENTION[2], None, 1)  # from later on: for ever
        assert nightly.expire(db, ended + 32 * DAY) == 0
        db.run("DELETE FROM company_setting WHERE since = 1")
        assert nightly.expire(db, ended + 32 * DAY) == 2
        assert db.run("SELECT DISTINCT why FROM unshared") == [("expired",)]
    assert team.rows("SELECT COUNT(*) FROM session") == [(0,)]
    assert team.rows("SELECT tier FROM person") == [(1,)]
    t = told(1)
    t.answer("msg_later", blocks=[{"type": "text", "text": "more"}])
    kept(settings, t)
    assert team.sync(settings, choice).taken_back == 1  # it is told so, once
    assert team.sync(settings, choice).messages == 0
    assert team.rows("SELECT COUNT(*) FROM response") == [(0,)]


@pytest.mark.long
def test_what_is_kept_of_leavers_goes_after_their_days(settings, team):
    kept(settings, told(1))
    choice = team.choice(tier=3)
    team.sync(settings, choice)
    other = team.choice("Kim")
    with team.database() as db:
        db.run("UPDATE account SET left_at = ?, email = 'a@example.org' WHERE person = 1", (NOW,))
        assert nightly.delete_leavers(db, NOW + 30 * DAY - 1) == 0
        assert nightly.delete_leavers(db, NOW + 30 * DAY) == 1
        assert nightly.delete_leavers(db, NOW + 31 * DAY) == 0
        assert db.run("SELECT email FROM account WHERE person = 1") == [(None,)]
    assert "zq" not in everything(team)
    kept(settings, told(2))
    with pytest.raises(AccreteError, match="token"):
        team.sync(settings, choice)
    with team.http(other) as http:
        answer = http.post(other.endpoint, content=b"", headers={"Content-Encoding": "gzip"})
        assert answer.status_code == 400  # this one's token still works


@pytest.mark.long
def test_leavers_are_kept_where_the_company_says_so(settings, tmp_path):
    team = Team(tmp_path / "t")
    kept(settings, told(1))
    team.sync(settings, team.choice())
    with team.database() as db:
        db.run("UPDATE account SET left_at = 1")
        nightly.set_days(db, nightly.LEAVERS, None, 1)
        assert nightly.delete_leavers(db, NOW) == 0


@pytest.mark.long
@pytest.mark.parametrize("value", ["", "-1", "soon", "1e3", "999999", "٣"])
def test_a_setting_that_is_no_number_of_days_deletes_nothing(settings, tmp_path, value):
    team = Team(tmp_path / "t")
    kept(settings, told(1))
    team.sync(settings, team.choice())
    with team.database() as db:
        db.run("INSERT INTO company_setting (name, since, value, made_at) "
               "VALUES ('retention_days_1', 0, ?, 0)", (value,))  # fmt: skip
        with pytest.raises(AccreteError, match="retention_days_1"):
            nightly.expire(db, NOW * 2)
    ((slug, done),) = nightly.run_all(team.registry, NOW * 2)
    assert (slug, "retention_days_1" in done.problem) == ("acme", True)
    assert team.rows("SELECT COUNT(*) FROM session") == [(1,)]


def test_one_job_at_a_time_does_a_company(team):
    company = team.company()
    db = tenants.open_company(company)
    try:
        with nightly._alone(db) as mine:
            assert mine
            assert job(team).problem == "The job is running already."
        assert job(team).problem is None
    finally:
        db.close()


def test_a_table_that_is_in_use_is_rewritten_at_the_next_run(settings, team, monkeypatch):
    if team.admin_url is None:
        pytest.skip("SQLite rewrites its file")
    monkeypatch.setattr(nightly, "WAIT_S", 1)
    kept(settings, told(1))
    choice = team.choice(tier=3)
    team.sync(settings, choice)
    assert job(team).problem is None
    team.sync(settings, choice, projects="none")
    db = tenants.open_company(team.company())
    try:
        with db.reading():
            db.run("SELECT COUNT(*) FROM prompt")
            done = job(team, NOW + 9)
            assert "prompt could not be rewritten" in done.problem
    finally:
        db.close()
    with team.database() as db:
        assert nightly.bytes_gone_before(db) == NOW
        assert nightly.last_run(db) == NOW + 9
    assert job(team, NOW + 10).problem is None
    assert b"zqprompt" not in on_disk(team)


@pytest.mark.long
def test_what_a_reader_keeps_in_the_log_is_said_and_leaves_later(settings, tmp_path, monkeypatch):
    monkeypatch.setattr("accrete.database.sqlite.BUSY_MS", 200)  # how long it waits for readers
    team = Team(tmp_path / "t")
    kept(settings, told(1))
    choice = team.choice(tier=3)
    team.sync(settings, choice)
    db = tenants.open_company(team.company())
    try:
        with db.reading():
            db.run("SELECT COUNT(*) FROM prompt")
            team.sync(settings, choice, projects="none")
            db.run("SELECT COUNT(*) FROM prompt")
            assert "reads the database" in job(team).problem
            with team.database() as other:
                assert nightly.bytes_gone_before(other) is None
    finally:
        db.close()
    assert job(team).problem is None
    assert b"zq" not in on_disk(team)


def test_the_next_run_is_at_the_next_quiet_hour():
    assert nightly.next_run(datetime(2026, 3, 1, 3, 29)) == datetime(2026, 3, 1, 3, 30)
    assert nightly.next_run(datetime(2026, 3, 1, 3, 30)) == datetime(2026, 3, 2, 3, 30)
    assert nightly.next_run(datetime(2026, 3, 31, 22), time(22, 5)) == datetime(2026, 3, 31, 22, 5)


def test_a_server_does_the_job_by_itself_and_a_company_that_fails_keeps_no_other_back(
    settings, tmp_path, monkeypatch
):
    team = Team(tmp_path / "t")
    broken = team.company("broken")
    team.company("acme")
    Path(broken.address).write_bytes(b"x" * 5000)
    monkeypatch.setattr(nightly, "next_run", lambda now, at: now + timedelta(seconds=0.01))

    async def through() -> None:
        server = app.Server(team.registry)
        task = asyncio.create_task(app.nights(server, nightly.QUIET))
        for _ in range(3000):
            await asyncio.sleep(0.02)
            with team.database() as db:
                if nightly.last_run(db) is not None:
                    break
        task.cancel()

    asyncio.run(through())
    with team.database() as db:
        assert nightly.last_run(db) is not None


@pytest.mark.long
def test_the_command_says_what_it_did(settings, tmp_path, monkeypatch, capsys):
    team = Team(tmp_path / "t")
    monkeypatch.setenv("ACCRETE_TEAM_HOME", str(team.registry.home))
    kept(settings, told(1))
    team.sync(settings, team.choice(tier=2))

    def said(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main([*words])
        return int(ended.value.code or 0), "".join(capsys.readouterr())

    assert "tier 2: kept" in said("company", "retention", "acme")[1]
    code, out = said("company", "retention", "acme", "--tier", "2", "--days", "30")
    assert (code, "tier 2: deleted after 30 days" in out) == (0, True)
    assert said("company", "retention", "acme", "--days", "30")[0] == 2
    assert said("company", "retention", "acme", "--tier", "2", "--days", "x")[0] == 2
    monkeypatch.setattr(tokens, "now_ms", lambda: NOW + 500 * DAY)
    assert said("nightly") == (0, "acme: 1 expired.\n")
    monkeypatch.setattr(nightly, "scrub", lambda db, now: ((), "No room."))
    assert said("nightly")[0] == 1
