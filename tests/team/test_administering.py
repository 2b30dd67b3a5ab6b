"""What administrators type that cannot be done: each time a sentence says what to do next, and
nothing is lost."""

from __future__ import annotations

import io
import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from accrete_team import rollups, tenants, tokens
from accrete_team.__main__ import main
from accrete_team.registry import Registry

from accrete.errors import AccreteError
from tests.records import called, kept
from tests.team.serving import Team
from tests.team.signed import Browser, a_person
from tests.team.test_elsewhere import use
from tests.team.test_sync import told

pytestmark = pytest.mark.long


@pytest.fixture
def given(tmp_path, monkeypatch, capsys):
    """What a command of the server says, and its exit code; a company `acme` is there."""
    team = Team(tmp_path / "team")
    team.company()
    monkeypatch.setenv("ACCRETE_TEAM_HOME", str(team.registry.home))
    monkeypatch.delenv(tenants.URL, raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())  # nobody answers

    def give(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([*words])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    give.team = team
    return give


def test_no_empty_company_takes_the_place_of_one_that_is_lost(given):
    company = given.team.company()
    there = Path(company.address)
    there.rename(there.with_suffix(".moved"))
    for words in (("migrate",), ("person", "list", "acme"), ("company", "backup", "acme")):
        code, _, said = given(*words)
        assert (code, f"is not at {there}. Put it back" in said) == (1, True), words
        assert not there.exists(), words
    there.with_suffix(".moved").rename(there)
    assert given("migrate") == (0, "Up to date: acme.\n", "")


@pytest.mark.parametrize("state", ["making", "going", "moving"])
def test_what_is_not_whole_is_not_migrated_and_the_others_are(given, state):
    given.team.company("other")
    given.team.registry.set_state("acme", state)
    code, _, said = given("migrate")
    assert (code, "acme: It is being" in said, "The others are: other." in said) == (1, True, True)


def test_a_machine_gets_another_token_and_the_one_it_had_ends(given, settings):
    team = given.team
    kept(settings, told(1))
    choice = team.choice()
    team.sync(settings, choice)
    (one,) = team.rows("SELECT device, used_week FROM device_token")
    assert one[1] is not None
    code, made, said = given("token", "rotate", "acme", one[0][:8])
    assert (code, said) == (0, "")
    assert re.fullmatch(r"acr_acme_\S{43}\n", made)
    assert team.rows("SELECT device, used_week FROM device_token") == [(one[0], None)]
    assert made.strip() not in str(team.rows("SELECT * FROM device_token"))
    kept(settings, told(1), told(2))
    with pytest.raises(AccreteError, match="token"):
        team.sync(settings, choice)
    assert team.sync(settings, replace(choice, token=made.strip())).sessions == 1
    assert given("token", "revoke", "acme", one[0][:8])[0] == 0
    code, out, said = given("token", "rotate", "acme", one[0][:8])
    assert (code, out, "is revoked" in said) == (1, "", True)
    for device in ("", "zq"):
        code, _, said = given("token", "rotate", "acme", device)
        assert (code, "accrete-team token list" in said) == (1, True)


def test_who_left_gets_no_token(given):
    given("person", "add", "acme", "Kim")
    assert given("person", "left", "acme", "Kim")[0] == 0
    code, out, said = given("token", "create", "acme", "Kim")
    assert (code, out, "Kim left the company" in said) == (1, "", True)
    assert given.team.rows("SELECT 1 FROM device_token") == []


def test_names_are_on_one_line_and_no_terminal_obeys_them(given):
    code, out, _ = given("person", "add", "acme", "Kim\n\x1b[31m Lee")
    assert (code, out.count("\n"), "Added Kim [31m Lee." in out) == (0, 1, True)
    assert given("token", "create", "acme", "Kim [31m Lee", "--label", "a\n\x1b[2Jb")[0] == 0
    _, out, _ = given("token", "list", "acme")
    assert "a [2Jb" in out
    assert "\x1b" not in out + str(given.team.rows("SELECT * FROM audit"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("person", "invite", "acme", "Kim", "--url", "javascript:alert(1)"), "https://accrete"),
        (("person", "invite", "acme", "Kim", "--url", "https://a.example/?x"), "https://accrete"),
        (("sso", "remove", "nobody"), "no company nobody"),
        (("company", "retention", "acme", "--tier", "2", "--days", "0"), "from 1 on"),
        (("company", "retention", "acme", "--tier", "2", "--days", "1000000"), "from 1 on"),
        (("company", "delete", "nobody"), "company list"),
        (("company", "delete", "acme"), "Nothing was deleted"),
        (("company", "import", "new", "/dev/null"), "company export"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_to_do_and_changes_nothing(given, words, said):
    given("person", "add", "acme", "Kim", "--email", "kim@example.com")
    before = given.team.rows("SELECT * FROM audit"), given.team.registry.companies()
    code, _, err = given(*words)
    assert code in (1, 2)
    assert said in err
    assert (given.team.rows("SELECT * FROM audit"), given.team.registry.companies()) == before


def test_the_nightly_job_is_never_silent_and_says_one_thing_of_a_company_that_fails(given):
    Path(given.team.company().address).write_bytes(b"zq" * 1000)
    code, out, said = given("nightly")
    assert (code, out, said.count("acme: ")) == (1, "", 1)
    given.team.registry.remove("acme")
    assert given("nightly") == (0, "No companies in use.\n", "")


def test_a_company_is_open_when_its_demo_is_whole_and_not_before(given, monkeypatch):
    states = []
    real = rollups.add_up_everything

    def look(*some):
        states.append(given.team.registry.find("tiny").state)
        return real(*some)

    monkeypatch.setattr(rollups, "add_up_everything", look)
    code, _, _ = given("demo", "tiny", "--people", "2", "--weeks", "1", "--until", "2026-11-20")
    assert (code, set(states)) == (0, {"making"})
    assert given.team.registry.find("tiny").state == "active"


def test_a_company_that_was_made_says_what_comes_next_and_is_listed(given):
    assert given("company", "create", "new") == (
        0,
        "new is ready (sqlite).\n"
        'Next: accrete-team person add new "Name", then accrete-team token create\n',
        "",
    )
    assert given("company", "list") == (
        0, f"{'acme':40} sqlite     active\n{'new':40} sqlite     active\n", "",
    )  # fmt: skip
    code, out, _ = given("company", "list", "--json")
    assert (code, json.loads(out)) == (
        0, [{"slug": slug, "engine": "sqlite", "state": "active"} for slug in ("acme", "new")],
    )  # fmt: skip
    code, out, said = given("company", "delete", "nobody", "--yes")
    assert (code, out, "There is no company nobody" in said) == (1, "", True)
    for slug in ("acme", "new"):
        assert given("company", "delete", slug, "--yes") == (0, f"Deleted {slug}: {slug}.db.\n", "")
    code, out, _ = given("company", "list")
    assert out == "No companies yet. Make one: accrete-team company create NAME\n"
    assert given("company", "list", "--json") == (0, "[]\n", "")


def test_nothing_is_left_of_a_company_that_could_not_be_made(given, monkeypatch):
    def full(registry, company):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(tenants, "activate", full)
    code, out, said = given("company", "create", "new")
    assert (code, out, "A database failed" in said) == (1, "", True)
    assert given.team.registry.find("new") is None
    assert sorted(each.name for each in (given.team.registry.home / "companies").iterdir()) == [
        "acme.db"
    ]


def test_a_full_disk_lets_the_list_of_companies_be_read(given):
    """A log and its index would have to be made before anything is read."""
    home = given.team.registry.home
    with closing(sqlite3.connect(home / "registry.db")) as older:
        older.execute("PRAGMA journal_mode = WAL")
    assert [each.slug for each in Registry(home).companies()] == ["acme"]
    with closing(sqlite3.connect(home / "registry.db")) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert not list(home.glob("registry.db-*"))


def test_ctrl_c_ends_a_command_with_a_sentence(given, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(tenants, "bring_up", stopped)
    code, out, said = given("company", "create", "new")
    assert (code, out, "Stopped. `accrete-team doctor` says" in said) == (130, "", True)
    assert given.team.registry.find("new") is None


def test_a_list_of_companies_that_is_none_is_said_with_what_to_do(tmp_path):
    (tmp_path / "registry.db").write_bytes(b"zq" * 1000)
    with pytest.raises(AccreteError, match=r"not a database\. Put back that file from a copy"):
        Registry(tmp_path)


def test_a_database_that_fails_in_between_is_a_sentence_that_quotes_no_row(given, monkeypatch):
    def fail(*_):
        raise psycopg.OperationalError("zqsecret: the server closed the connection")

    monkeypatch.setattr(tokens, "tokens", fail)
    code, _, said = given("token", "list", "acme")
    assert (code, "accrete-team doctor" in said, "zqsecret" in said) == (1, True, False)


def test_who_shares_nothing_yet_is_sent_to_no_page_that_is_not_there(given):
    team = given.team
    a_person(team, "Kim")
    with team.client:
        browser = Browser(team)
        browser.sign_in("kim@example.com")
        page = browser.page("/me/")
        assert "No session of yours is here yet" in page
        assert "accrete backfill" not in page
        for link in set(re.findall(r'href="(/c/acme/[^"#]*)', page)):
            assert browser.get(link.replace("&amp;", "&")).status_code in (200, 303), link


@pytest.mark.parametrize(
    ("status", "said"),
    [(404, "no team server of Accrete at"), (423, "acme is archived"), (503, "cannot take")],
)
def test_a_machine_is_told_what_an_answer_means(settings, given, capsys, monkeypatch, status, said):
    import httpx2

    from accrete.sync import transport
    from accrete.sync.choice import read_choice

    use(monkeypatch, given.team, settings, None)
    answer = httpx2.MockTransport(lambda request: httpx2.Response(status))
    monkeypatch.setattr(transport, "client", lambda choice: httpx2.Client(transport=answer))
    monkeypatch.setattr(transport, "WAIT_S", 0.0)
    code, out, err = called(capsys, "team", "join", "http://localhost", "--yes", "--token",
                            given.team.choice().token)  # fmt: skip
    assert (code, out) == (1, "")
    assert said in err
    assert read_choice(settings) is None


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "Nothing was deleted there."),
        (502, "Nothing says that your data was deleted there. Run this again later."),
    ],
)
def test_who_deletes_everything_is_told_when_nothing_was_or_may_not_have_been(
    settings, given, capsys, monkeypatch, status, said
):
    import httpx2

    from accrete.sync import transport

    use(monkeypatch, given.team, settings, given.team.choice())
    answer = httpx2.MockTransport(lambda request: httpx2.Response(status))
    monkeypatch.setattr(transport, "client", lambda choice: httpx2.Client(transport=answer))
    monkeypatch.setattr(transport, "WAIT_S", 0.0)
    code, out, err = called(capsys, "team", "delete-my-data", "--yes")
    assert (code, out, err.rstrip().endswith(said)) == (1, "", True), err


def test_a_preview_of_nothing_says_so(settings, given, capsys, monkeypatch):
    kept(settings, told(1))
    use(monkeypatch, given.team, settings, given.team.choice())
    assert called(capsys, "sync", "--preview")[1] != ""
    assert called(capsys, "sync")[0] == 0
    code, out, err = called(capsys, "sync", "--preview")
    assert (code, out, "Nothing would leave" in err) == (0, "", True)


def test_what_a_change_of_projects_needs_is_said(settings, given, capsys, monkeypatch):
    use(monkeypatch, given.team, settings, given.team.choice())
    for what in ("tier", "private", "public", "add"):
        code, _, err = called(capsys, "team", "projects", what)
        assert (code, bool(re.search("NAME 1|github.com/me|team status|projects to add", err))) == (
            2, True
        ), what  # fmt: skip
