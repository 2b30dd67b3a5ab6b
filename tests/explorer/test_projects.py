"""Projects on their pages, against the terminal and counts of their own."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import cast
from urllib.parse import quote_plus

import pytest

from accrete.explorer.pages.projects import _checks, _linked
from accrete.explorer.view import View
from accrete.outcomes.story import ending
from accrete.present.leads import of_project, of_projects
from accrete.queries.results import Checks
from tests.explorer.asking import words
from tests.explorer.worked import record, worked
from tests.records import called, kept, rows
from tests.transcripts import START, Transcript

HOSTILE = "/home/dev/<script>alert(1)<!--\u202etxt.exe"


@pytest.fixture
def client(settings, opened):
    kept(settings, *record())
    return opened(settings)


def shown(client, path: str) -> dict:
    return client.get(f"{path}{'&' if '?' in path else '?'}format=json").json()


def ids(settings) -> dict[str, str]:
    return dict(rows(settings, "SELECT name, id FROM project"))


@pytest.mark.long
def test_projects_have_the_figures_of_the_terminal(client, settings, capsys, monkeypatch):
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    _, out, _ = called(capsys, "projects", "--human", "--json")
    told = {row["id"]: row for row in json.loads(out)}
    listed = shown(client, "/projects?range=all")["tables"]["projects"]
    assert {row["project"] for row in listed} == set(told)
    assert len(told) == 2
    for row in listed:
        expected = told[row["project"]]
        for mine, theirs in (
            ("sessions", "sessions"), ("active_ms", "active_ms"), ("cost_nano", "cost_nano"),
            ("last_at", "last_at"),
        ):  # fmt: skip
            assert row[mine] == expected[theirs], mine


@pytest.mark.long
def test_shipped_of_edited_opens_the_shipped_ones(client, settings):
    listed = shown(client, "/projects?range=all")["tables"]["projects"]
    for row in listed:
        counted = rows(
            settings,
            f"""SELECT COUNT(*) FROM session WHERE automated = 0
          AND project = '{row["project"]}' AND outcome = 'shipped' AND edits_landed > 0""",
        )
        assert row["shipped"] == counted[0][0] > 0
        where = f"/sessions?range=all&project={row['project']}&outcome=shipped&made=edits"
        assert len(shown(client, where)["tables"]["sessions"]) == row["shipped"]


@pytest.mark.long
def test_one_project_has_its_own_figures(client, settings):
    ledger = ids(settings)["ledger"]
    page = shown(client, f"/projects/{ledger}?range=all")
    where = f"project = '{ledger}' AND automated = 0"
    expected = rows(
        settings,
        f"""SELECT COUNT(*), SUM(active_ms), SUM(commits),
      SUM(cost_own_nano + cost_delegated_nano),
      SUM(CASE WHEN outcome = 'shipped' AND edits_landed > 0 THEN 1 ELSE 0 END)
      FROM session WHERE {where}""",
    )[0]
    names = ("sessions", "active-time", "commits", "cost", "shipped")
    assert tuple(page["figures"][name] for name in names) == expected
    assert len(page["tables"]["sessions"]) == expected[0]


@pytest.mark.long
def test_files_are_listed_by_how_often_they_were_edited(client, settings):
    ledger = ids(settings)["ledger"]
    files = shown(client, f"/projects/{ledger}?range=all")["tables"]["files"]
    expected = rows(
        settings,
        f"""SELECT c.target, COUNT(*), COUNT(DISTINCT c.session)
      FROM tool_call c JOIN session s ON s.id = c.session WHERE c.tool = 'Edit'
      AND s.project = '{ledger}' AND s.automated = 0 AND c.status = 'ok'
      GROUP BY c.target ORDER BY 2 DESC""",
    )
    assert [(row["path"], row["edits"], row["sessions"]) for row in files] == expected
    assert files[0]["edits"] == 6
    for file in files:
        found = client.get(
            "/sessions",
            params={"range": "all", "project": ledger, "file": file["path"], "format": "json"},
        ).json()["tables"]["sessions"]
        assert len(found) == file["sessions"]
    assert ">src/bill.py<" in client.get(f"/projects/{ledger}?range=all").text.replace(
        "<bdi>", ">"
    ).replace("</bdi>", "<")


def test_how_checks_ended_adds_up_and_the_share_is_of_what_is_told():
    view = SimpleNamespace(
        sessions=lambda **given: f"/sessions?{given}", here=lambda **given: f"/projects/p1?{given}"
    )
    told, untold = Checks("test", 6, 2, 1, 2), Checks("lint", 2, 0, 0, 1)
    sheet = _checks(cast(View, view), "p1", [told, untold])
    names = [column.key for column in sheet.columns]
    rows = [dict(zip(names, row, strict=True)) for row in sheet.rows]
    assert [{name: cell.value for name, cell in row.items()} for row in rows] == [
        {"kind": "test", "runs": 6, "passed": 2, "failed": 1, "unknown": 3,
         "share": 1 / 3, "sessions": 2},
        {"kind": "lint", "runs": 2, "passed": 0, "failed": 0, "unknown": 2,
         "share": None, "sessions": 1},
    ]  # fmt: skip
    assert (rows[0]["share"].text, rows[1]["share"].text) == ("33%", "—")
    assert rows[0]["runs"].href is not None
    assert rows[1]["failed"].href is None


@pytest.mark.long
def test_checks_branches_and_models_are_those_of_the_project(client, settings):
    ledger, shop = ids(settings)["ledger"], ids(settings)["shop"]
    page = shown(client, f"/projects/{shop}?range=all")["tables"]
    (check,) = page["checks"]
    assert (check["kind"], check["runs"], check["passed"], check["failed"]) == ("test", 3, 2, 1)
    where = f"/sessions?range=all&project={shop}&check=test"
    assert len(shown(client, where)["tables"]["sessions"]) == check["sessions"] == 2
    assert {row["model"] for row in page["models"]} == {"claude-opus-5", "house-model"}
    branches = shown(client, f"/projects/{ledger}?range=all")["tables"]["branches"]
    assert {row["branch"]: row["sessions"] for row in branches} == {"main": 6, "totals": 1}
    cost = sum(row["cost_nano"] or 0 for row in branches)
    assert cost == shown(client, f"/projects/{ledger}?range=all")["figures"]["cost"]


def test_pull_requests_are_listed_by_their_address(settings, opened):
    t = Transcript(1, start=START, cwd="/home/dev/ledger")
    t.prompt("Open a pull request")
    t.call("Bash", {"command": "gh pr create --fill"})
    t.result("https://github.com/acme/ledger/pull/7")
    t.answer("msg_end")
    kept(settings, t)
    client = opened(settings)
    ledger = ids(settings)["ledger"]
    (pull,) = shown(client, f"/projects/{ledger}?range=all")["tables"]["pull-requests"]
    assert pull["url"] == "https://github.com/acme/ledger/pull/7"
    assert (pull["state"], pull["sessions"]) == (None, 1)
    page = client.get(f"/projects/{ledger}?range=all").text
    assert "acme/ledger #7" in words(page)
    assert f"/sessions/{t.session}" in page
    where = f"/sessions?range=all&project={ledger}&pull={quote_plus(pull['url'])}"
    assert where.replace("&", "&amp;") in page
    assert len(shown(client, where)["tables"]["sessions"]) == pull["sessions"]
    assert "none is known to be merged; the state of 0 of 1 is known" in words(page)


@pytest.mark.parametrize(
    ("n", "project", "led"),
    [
        (2, "p", {"project": "p", "lacks": None}),
        (0, "p", None),
        (2, "", {"project": None, "lacks": "project"}),
        (0, "", None),
    ],
)
def test_a_number_has_a_link_where_it_counts_something_of_a_project(n, project, led):
    view = cast(View, SimpleNamespace(sessions=lambda **query: query))
    assert _linked(view, n, project).href == led


def test_a_project_that_is_not_there_is_not_found(client):
    answer = client.get("/projects/nothing")
    assert answer.status_code == 404
    assert "No project" in words(answer.text)


def test_names_from_elsewhere_are_only_text(settings, opened):
    kept(settings, worked(1, cwd=HOSTILE, gitBranch="<img src=x onerror=alert(2)>"))
    client = opened(settings)
    (project,) = ids(settings).values()
    for path in ("/projects", f"/projects/{project}", "/costs", "/practices/verification"):
        page = client.get(f"{path}?range=all").text
        for bad in ("<script>alert", "<img", "\u202e"):
            assert bad not in page, (path, bad)


def test_the_kind_of_a_file_is_its_last_ending():
    kinds = {"/a/b.PY": ".py", "C:\\x\\y.tsx": ".tsx", "/a/Makefile": "Makefile", "/a/.env": ".env"}
    assert {path: ending(path) for path in kinds} == kinds


def test_the_leads_say_how_much_and_what_came_of_it():
    assert of_projects(59, ["infra", "shop"], 0.43) == [
        "59 sessions in 2 projects.",
        "43% of the active time was in infra.",
    ]
    assert of_projects(0, [], None) == ["No sessions in this range."]
    assert of_project(7, 2 * 3_600_000, 2, 3, 21, 4) == [
        "2 hours in 7 sessions.",
        "2 of 3 with edits shipped.",
        "4 of 21 checks failed.",
    ]
    assert of_project(0, 0, 0, 0, 0, 0) == ["No sessions of this project in this range."]
