"""Figures, logs and the doctor tell how a server is, and nothing of what it holds."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import httpx2
import pytest
from accrete_team import app, doctor, nightly, request_log, tokens
from accrete_team.__main__ import main

from tests.asked_once import Client
from tests.records import kept
from tests.team.served import Served
from tests.team.serving import Team
from tests.team.test_sync import SECRETS, told


@pytest.fixture
def team(tmp_path) -> Team:
    return Team(tmp_path / "t")


def figures(team: Team, token: str = "") -> tuple[int, str]:
    answer = team.client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.text


def test_figures_are_for_their_token_alone(team, monkeypatch):
    assert figures(team)[0] == 404
    monkeypatch.setenv(request_log.ASKED_FOR, "secret")
    assert [figures(team, token)[0] for token in ("", "x", "secre", "secret")] == [
        401, 401, 401, 200,
    ]  # fmt: skip


@pytest.mark.long
def test_figures_and_logs_hold_nothing_of_what_was_sent(team, settings, monkeypatch, caplog):
    monkeypatch.setenv(request_log.ASKED_FOR, "secret")
    caplog.set_level(logging.INFO, "accrete_team")
    kept(settings, told(1), told(2))
    choice = team.choice("Amara", tier=3)
    team.sync(settings, choice)
    team.client.post("/c/zqstranger/api/v1/sync", headers={"X-Request-Id": "zq stranger\n"})
    team.client.get("/c/zqstranger/people/7")
    code, text = figures(team, "secret")
    assert code == 200
    assert 'accrete_sync_sessions_total{company="acme"} 2' in text
    assert 'accrete_requests_total{kind="sync",status="401"} 1' in text
    assert 'accrete_request_seconds_bucket{kind="sync",le="+Inf"} 2' in text
    said = text + caplog.text
    held = (*SECRETS, "Amara", "zqstranger", "zqfolder", told(1).session, choice.token)
    assert [word for word in held if word in said] == []
    lines = [json.loads(each.message) for each in caplog.records if each.name == "accrete_team"]
    assert {"sync", "page"} <= {line.get("kind") for line in lines}
    assert all(line["request"] for line in lines)


def test_every_answer_has_the_id_of_its_request(team, monkeypatch):
    given = team.client.get("/healthz", headers={"X-Request-Id": "abc-1"})
    assert given.headers["x-request-id"] == "abc-1"
    for bad in ("a b", "x" * 65, "<script>", ""):
        found = team.client.get("/healthz", headers={"X-Request-Id": bad}).headers["x-request-id"]
        assert found != bad
        assert len(found) == 16


def test_a_fault_of_the_program_is_found_by_its_id(team, monkeypatch, caplog):
    monkeypatch.setattr(team.registry, "companies", lambda: 1 / 0)
    client = Client(team.app, base_url="http://localhost", raise_server_exceptions=False)
    answer = client.get("/healthz")
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.json()["error"]
    assert answer.headers["x-request-id"] in caplog.text


def test_a_fault_is_logged_with_its_place_and_without_its_text(
    tmp_path, monkeypatch, capfd, caplog
):
    def broken():
        raise ValueError("duplicate: (name)=(zqAmara)")

    served = Served(tmp_path / "t")
    try:
        monkeypatch.setattr(served.registry, "companies", broken)
        answer = httpx2.get(served.base.replace("/c/acme", "/healthz"))
    finally:
        served.close()
    assert answer.status_code == 500
    logged = [json.loads(each.message) for each in caplog.records if "{" in each.message]
    (fault,) = [each for each in logged if "fault" in each]
    assert (fault["request"], fault["fault"]) == (answer.headers["x-request-id"], "ValueError")
    assert fault["at"][-1].startswith("test_watch.py:")
    assert fault["at"][-1].endswith(" broken")
    out, err = capfd.readouterr()
    assert "zqAmara" not in out + err + caplog.text + answer.text


def test_a_server_whose_registry_is_broken_is_not_ready(team, monkeypatch):
    assert team.client.get("/readyz").status_code == 200
    (team.registry.home / "registry.db").write_bytes(b"no database")
    answer = team.client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "not ready\n")


def test_strangers_who_ask_whether_it_is_ready_do_not_open_everything_each_time(team, monkeypatch):
    opened, now = [], [1000.0]
    real = app.open_company

    def counted(company):
        opened.append(company.slug)
        return real(company)

    monkeypatch.setattr(app, "open_company", counted)
    monkeypatch.setattr(app, "monotonic", lambda: now[0])
    companies = [team.company("acme").slug, team.company("globex").slug]
    assert {team.client.get("/readyz").status_code for _ in range(20)} == {200}
    assert opened == companies
    Path(team.company("globex").address).rename(team.registry.home / "away")
    assert team.client.get("/readyz").status_code == 200
    now[0] += app.READY_S
    assert {team.client.get("/readyz").status_code for _ in range(20)} == {503}
    assert opened == companies * 2
    (team.registry.home / "away").rename(team.registry.find(companies[1]).address)
    now[0] += app.READY_S
    assert team.client.get("/readyz").status_code == 200


def test_a_database_that_is_none_makes_the_server_not_ready_and_quotes_nothing(team, caplog):
    Path(team.company().address).write_bytes(b"zqsecret, no database" * 300)
    assert team.client.get("/readyz").status_code == 503
    assert "zqsecret" not in caplog.text
    assert "not ready" in caplog.text


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/c/acme/api/v1/sync", "sync"), ("/c/acme/api/v1/state", "api"),
        ("/c/acme/api/v1/projects", "api"), ("/c/acme/api/v1/mine", "api"),
        ("/c/acme/api/v1/synchronous", "api"), ("/api/v1/openapi.json", "api"),
        ("/c/acme/", "page"), ("/c/acme/apiary", "page"), ("/c/acme", "page"),
        ("/readyz", "check"), ("/metrics", "check"), ("/nothing", "other"),
    ],
)  # fmt: skip
def test_figures_name_the_kind_of_each_request(team, monkeypatch, path, kind):
    monkeypatch.setenv(request_log.ASKED_FOR, "secret")
    status = team.client.get(path).status_code
    line = f'accrete_requests_total{{kind="{kind}",status="{status}"}} 1\n'
    assert line in figures(team, "secret")[1]


def said(monkeypatch, capsys, team: Team) -> tuple[int, str]:
    monkeypatch.setenv("ACCRETE_TEAM_HOME", str(team.registry.home))
    with pytest.raises(SystemExit) as ended:
        main(["doctor"])
    return int(ended.value.code or 0), capsys.readouterr().out


def test_a_doctor_finds_what_is_wrong(team, monkeypatch, capsys):
    monkeypatch.setattr(doctor, "FREE_LEAST", 0)
    assert said(monkeypatch, capsys, team)[0] == 0
    company = team.company()
    code, out = said(monkeypatch, capsys, team)
    assert (code, "never ran" in out) == (1, True)
    nightly.run(company, tokens.now_ms())
    code, out = said(monkeypatch, capsys, team)
    assert (code, "acme: active on sqlite" in out) == (0, True)
    nightly.run(company, tokens.now_ms() - 5 * doctor.DAY_MS)
    assert "5 days ago" in said(monkeypatch, capsys, team)[1]
    nightly.run(company, tokens.now_ms())
    Path(company.address).chmod(0o644)
    code, out = said(monkeypatch, capsys, team)
    assert (code, "chmod 600" in out) == (1, True)
    Path(company.address).unlink()
    code, out = said(monkeypatch, capsys, team)
    assert (code, "is not at" in out) == (1, True)
    team.registry.set_state("acme", "making")
    assert "broke off" in said(monkeypatch, capsys, team)[1]


def test_a_doctor_says_when_a_disk_is_full(team, monkeypatch, capsys):
    monkeypatch.setattr(doctor, "FREE_LEAST", 1 << 60)
    code, out = said(monkeypatch, capsys, team)
    assert (code, "Free some" in out) == (1, True)


def test_a_company_that_there_is_not_is_not_asked_about(team, monkeypatch, capsys):
    monkeypatch.setenv("ACCRETE_TEAM_HOME", str(team.registry.home))
    with pytest.raises(SystemExit) as ended:
        main(["company", "delete", "nope"])
    out, err = capsys.readouterr()
    assert (ended.value.code, "There is no company nope." in err, out) == (1, True, "")


@pytest.mark.parametrize("url", ["mysql://root:zqpassword@db/x", "zqpassword", "postgresql://[zq"])
def test_an_address_of_another_kind_of_server_is_refused_and_not_quoted(
    tmp_path, monkeypatch, capsys, url
):
    monkeypatch.setenv("ACCRETE_TEAM_HOME", str(tmp_path / "t"))
    monkeypatch.setenv("ACCRETE_DATABASE_URL", url)
    with pytest.raises(SystemExit) as ended:
        main(["company", "create", "acme"])
    out, err = capsys.readouterr()
    assert (ended.value.code, "postgresql://ROLE:PASSWORD@HOST" in err) == (1, True)
    assert "zq" not in out + err


def test_a_data_folder_that_cannot_be_one_is_named_in_a_sentence(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("x")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "registry.db").write_bytes(b"no database" * 200)
    for name in ("file", "file/below", "broken"):
        monkeypatch.setenv("ACCRETE_TEAM_HOME", str(tmp_path / name))
        with pytest.raises(SystemExit) as ended:
            main(["company", "list"])
        said_ = capsys.readouterr().err
        assert (ended.value.code, str(tmp_path / name) in said_, "Cannot use" in said_) == (
            1, True, True,
        )  # fmt: skip
