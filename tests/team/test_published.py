"""Projects that a company published leave under its id; all others under a random one."""

from __future__ import annotations

import re

import pytest
from accrete_team.__main__ import commands
from accrete_team.pages.seen_pages import TIERS
from click.testing import CliRunner

from accrete.edge.local import MINE
from accrete.errors import AccreteError
from accrete.ingest import open_for_writing
from accrete.present.formats import size
from accrete.record import published
from accrete.sync.prepare import everything
from tests.records import kept, rows
from tests.team.serving import NOW
from tests.team.signed import a_person, in_team, signed_in
from tests.team.test_sync import told


def with_remote(settings, n: int, remote: str) -> None:
    """Makes the project of `told(n)` one with a remote, as git would have said."""
    db = open_for_writing(settings)
    try:
        (found,) = db.run("SELECT project FROM session WHERE id = ?", (told(n).session,))
        db.run("UPDATE project SET remote = ? WHERE id = ?", (remote, found[0]))
    finally:
        db.close()


def listed(team, remote: str, name: str = "") -> str:
    with team.database() as db:
        return published.add(db, remote, name, NOW).id


def sent_bytes(settings, choice) -> dict[str, int]:
    """The bytes of each session's rows, as the preview would print them."""
    db = open_for_writing(settings)
    try:
        return {
            each.session: sum(len(row) for table in each.tables for row in table.rows)
            for each in everything(db, MINE, choice, 100)
        }
    finally:
        db.close()


def projects(team) -> list[str]:
    sql = "SELECT DISTINCT project FROM session ORDER BY project"
    return [project for (project,) in team.rows(sql)]


@pytest.mark.alike
@pytest.mark.long
def test_a_listed_project_leaves_under_the_companys_id_for_everybody(settings, team):
    kept(settings, told(1), told(2))
    with_remote(settings, 1, "github.com/Acme/Api")
    choice = team.choice()
    company = listed(team, "git@github.com:acme/api.git", "The API")
    _, sent = team.meet(settings, choice)
    assert sent.refused == []
    assert company in projects(team)
    assert len(projects(team)) == 2
    names = [repr(row) for row in team.rows("SELECT * FROM session")]
    assert not any("Api" in name or "zqfolder" in name for name in names)


@pytest.mark.long
def test_listed_projects_have_their_names_and_others_none(settings, team):
    kept(settings, told(1), told(2))
    with_remote(settings, 1, "github.com/Acme/Api")
    company = listed(team, "git@github.com:acme/api.git", "The API")
    team.meet(settings, team.choice())
    assert team.rows("SELECT person, id, name FROM project") == [(1, company, "The API")]


@pytest.mark.long
def test_the_owner_sees_how_much_is_held_of_each_project(settings, team):
    kept(settings, told(1), told(2))
    with_remote(settings, 1, "github.com/Acme/Api")
    company = listed(team, "git@github.com:acme/api.git", "The API")
    choice = team.choice("Amara", tier=2)
    team.meet(settings, choice)
    person = a_person(team, "Amara")
    owner = signed_in(team, "Amara")
    page = owner.page("/sharing?format=csv&table=projects").splitlines()
    (other,) = [each for each in projects(team) if each != company]
    told_of = {
        project: [str(n) for n in team.rows(
            "SELECT COUNT(DISTINCT s.id), SUM(h.row_count), SUM(h.byte_count), MIN(h.tier) "
            "FROM session s "
            "JOIN shared h ON h.person = s.person AND h.session = s.id "
            f"WHERE s.person = {person} AND s.project = '{project}'")[0]]
        for project in (company, other)
    }  # fmt: skip
    assert [line.split(",") for line in page[1:]] == [
        [company, *told_of[company]], [other, *told_of[other]]]  # fmt: skip
    previewed = sent_bytes(settings, choice)
    assert [int(told_of[each][2]) for each in (company, other)] == [
        previewed[told(1).session], previewed[told(2).session]]  # fmt: skip
    figures = owner.page("/sharing")
    assert size(sum(previewed.values())) in figures
    assert "not compressed" in figures
    with team.database() as db:  # as a database of before the bytes were counted
        db.run("UPDATE shared SET byte_count = 0 WHERE session = ?", (told(2).session,))
    figures = owner.page("/sharing")
    assert size(previewed[told(1).session]) in figures
    assert "without 1 session that came before" in figures
    shown = owner.page("/sharing")
    assert "The API" in shown
    for project in (company, other):
        assert f"/me/projects/{project}?range=all" in shown
        one = owner.page(f"/me/projects/{project}?range=all")
        title = re.search(r"<h1>(.*?)</h1>", one, re.S)[1]
        assert re.sub(r"<.*?>", "", title).strip() == (
            "The API" if project == company else "(no name)"
        )
        assert told(1 if project == company else 2).session in one
        assert f"/me/projects/{project}" in owner.page("/me/projects?range=all")
    assert owner.get("/me/projects/0123456789abcdef").status_code == 404
    lea = a_person(team, "Lea Lead", password=None)
    in_team(team, "Ledger", leads=[lea], members=[person])
    lead = signed_in(team, "Lea Lead")
    for path in (f"/me/projects/{other}?range=all", f"/people/{person}/projects/{other}"):
        assert lead.get(path).status_code == 404


@pytest.mark.long
def test_of_sessions_at_several_tiers_the_highest_is_said_and_each_lower_one_offered(
    settings, team
):
    kept(settings, told(1), told(2))
    team.meet(settings, team.choice("Amara", tier=3))
    a_person(team, "Amara")
    with team.database() as db:
        db.run("UPDATE shared SET tier = 1 WHERE session = ?", (told(2).session,))
    page = signed_in(team, "Amara").page("/sharing")
    assert f"holds 2 sessions of yours: {TIERS[3]}." in page
    form = page[page.index("/sharing/tier") :]
    form = form[: form.index("</form>")]
    assert [f'value="{tier}"' in form for tier in (1, 2, 3)] == [True, True, False]


@pytest.mark.alike
@pytest.mark.long
def test_a_project_that_is_listed_later_is_sent_again_under_its_id_and_back(settings, team):
    kept(settings, told(1))
    with_remote(settings, 1, "gitlab.example/acme/api")
    choice, _ = team.meet(settings, team.choice(tier=2))
    (random,) = projects(team)
    company = listed(team, "https://gitlab.example/acme/api")
    assert team.meet(settings, choice)[1].sessions == 1
    assert projects(team) == [company]
    with team.database() as db:
        published.remove(db, "gitlab.example/acme/api")
    assert team.meet(settings, choice)[1].sessions == 1
    assert projects(team) == [random]
    assert team.meet(settings, choice)[1].sessions == 0


@pytest.mark.alike
def test_the_list_of_one_company_is_not_that_of_another(settings, team):
    listed(team, "github.com/acme/api")
    team.company("globex")
    choice = team.choice(company="globex")
    with team.http(choice) as http:
        assert http.get(f"{choice.address}/projects").json() == {"projects": []}
    mine = team.choice()
    with team.http(mine) as http:
        (one,) = http.get(f"{mine.address}/projects").json()["projects"]
    assert (one["remote"], one["name"]) == ("github.com/acme/api", "api")


@pytest.mark.alike
@pytest.mark.parametrize("what", ["projects", "state"])
def test_without_a_token_nothing_is_said(team, what):
    team.company()
    slug = team.slug("acme")
    unknown = "acr_" + slug + "_" + "x" * 43
    for headers in ({}, {"Authorization": f"Bearer {unknown}"}):
        assert team.client.get(f"/c/{slug}/api/v1/{what}", headers=headers).status_code == 401
    assert team.client.delete(f"/c/{slug}/api/v1/mine").status_code == 401


@pytest.mark.alike
@pytest.mark.parametrize("remote", ["", "api", "/home/dev/api", "file:///srv/api", "acme/api"])
def test_what_is_no_remote_is_not_listed(team, remote):
    with team.database() as db, pytest.raises(AccreteError, match="remote"):
        published.add(db, remote, "", NOW)


def test_a_remote_is_listed_once_in_any_spelling(team):
    with team.database() as db:
        published.add(db, "github.com/acme/api", "", NOW)
        with pytest.raises(AccreteError, match="already"):
            published.add(db, "ssh://git@github.com:22/Acme/API.git", "", NOW)
        published.remove(db, "https://github.com/ACME/api")
        with pytest.raises(AccreteError, match="not listed"):
            published.remove(db, "github.com/acme/api")


@pytest.mark.alike
def test_an_older_server_without_a_list_is_shared_with_all_the_same(settings, team):
    from dataclasses import replace

    import httpx2
    import msgspec

    from accrete.edge.local import MINE
    from accrete.sync.learn import learn, say
    from accrete.wire.contract import State

    kept(settings, told())
    choice = team.choice()

    def older(request: httpx2.Request) -> httpx2.Response:
        if request.method == "GET" and request.url.path.endswith("/state"):
            return httpx2.Response(200, content=msgspec.json.encode(State("", 0)))
        return httpx2.Response(404)

    with httpx2.Client(transport=httpx2.MockTransport(older)) as http:
        db = open_for_writing(settings)
        try:
            assert learn(db, MINE.person, choice, http, now=NOW) == choice
        finally:
            db.close()
        assert say(replace(choice, unsaid=("tier",)), http) == choice
    assert rows(settings, "SELECT COUNT(*) FROM published_project") == [(0,)]


def test_the_command_lists_adds_and_removes(tmp_path, monkeypatch):
    monkeypatch.setenv("ACCRETE_TEAM_HOME", str(tmp_path))
    monkeypatch.delenv("ACCRETE_DATABASE_URL", raising=False)
    run = CliRunner()

    def said(*args: str) -> str:
        done = run.invoke(commands, ["projects", *args])
        assert done.exit_code == 0, done.output
        return done.output

    assert run.invoke(commands, ["company", "create", "acme"]).exit_code == 0
    assert "No projects yet" in said("list", "acme")
    assert "Listed The API (github.com/acme/api)" in said(
        "add", "acme", "git@github.com:acme/api.git", "--name", "The API"
    )
    assert '"name": "The API"' in said("list", "acme", "--json")
    assert "off the list" in said("remove", "acme", "github.com/acme/api")
    assert "No projects yet" in said("list", "acme")
