"""Every number of a page leads to the rows that it counts or is made from, and to what it means."""

from __future__ import annotations

import csv
import io
import re
from contextlib import closing
from urllib.parse import parse_qsl, urlsplit

import pytest

from accrete.database import Sqlite
from accrete.ingest import ingest
from accrete.queries.billed import LACKS as OF_RESPONSES
from accrete.queries.costs import GROUPINGS
from accrete.queries.sessions import LACKS
from tests.explorer.leading import ALL, DAY, Cells, links, listed, shown
from tests.explorer.worked import record, worked
from tests.records import kept, rows, world
from tests.transcripts import START, Transcript, busy, session_id

pytestmark = pytest.mark.long

NEVER = "since=2020-01-01&until=2020-01-31"
LISTED = {"definitions", "steps"}
"""Tables that a page shows as a list."""
NUMBER_OF = ("prompt",)
"""Columns of numbers that name something, and so have no definition."""
KINDS = ("a.py", "b.py", "c.ts", "Makefile")


@pytest.fixture
def client(settings, opened):
    kept(settings, *record())
    return opened(settings)


def pages(settings) -> list[str]:
    """Every page with numbers in tables."""
    sessions = [id_ for (id_,) in rows(settings, "SELECT id FROM session ORDER BY id")]
    projects = [id_ for (id_,) in rows(settings, "SELECT id FROM project")]
    return [
        f"/?{ALL}", f"/sessions?{ALL}", f"/practices?{ALL}", f"/practices/verification?{ALL}",
        f"/projects?{ALL}", f"/responses?{ALL}", "/numbers", f"/search?q=total&{ALL}", "/data",
        *(f"/costs?{ALL}&by={by}" for by in GROUPINGS),
        *(f"/projects/{id_}?{ALL}&check=test" for id_ in projects),
        *(f"/sessions/{id_}/{part}" for id_ in sessions for part in ("facts", "changes")),
    ]  # fmt: skip


def test_every_number_in_a_table_leads_to_rows_and_to_its_definition(various, settings):
    nowhere, undefined, seen = set(), set(), 0
    for path in pages(settings):
        html = various.get(path).text
        for table in Cells(html).tables:
            for row in table["rows"]:
                for head, cell in zip(table["heads"], row, strict=False):
                    if not (cell["right"] and re.search(r"[1-9]", cell["text"])):
                        continue
                    seen += 1
                    where = (path, table["key"], head["text"].strip())
                    if not any(each["href"] for each in row):
                        nowhere.add(where)
                    name = where[2]
                    defined = "/numbers#" in (head["href"] or "") or f"{name}: definition" in html
                    if not defined and name.lower() not in NUMBER_OF:
                        undefined.add(where)
    assert seen > 500
    assert nowhere == set()
    assert undefined == set()


def test_every_figure_leads_to_rows_and_to_its_definition(various, settings):
    found = 0
    for path in pages(settings):
        for key, name, href in re.findall(
            r'<dt><a class="define" href="/numbers#([\w-]+)">([^<]+)</a></dt>\s*<dd>'
            r'(?:<a href="([^"]+)">)?[^<]*[1-9]',
            various.get(path).text,
        ):
            found += 1
            assert href or key in ("depth",), (path, name)
            if href.startswith("#"):
                assert f'id="{href[1:]}"' in various.get(path).text, (path, name)
    assert found > 50


def test_sessions_of_a_kind_of_file_are_those_with_lines_in_it(settings, opened):
    t = worked(1, edits=KINDS)
    command = Transcript(3, start=START + DAY)
    command.prompt("Format")
    command.call("Bash", {"command": "ruff format"})
    patch = {
        "filePath": "/home/dev/x.py",
        "structuredPatch": [
            {"oldStart": 1, "oldLines": 1, "newStart": 1, "newLines": 1, "lines": ["-a", "+b"]}
        ],
    }
    command.result("1 file reformatted", told={"stdout": "", "gitDiff": patch})
    command.answer("msg_end")  # fmt: skip
    kept(settings, t, worked(2, days=3, edits=KINDS[:1]), command)
    client = opened(settings)
    made = [row for row in links(client, "/costs?range=all", "shares")
            if row["by"][0] == "kind of file"]  # fmt: skip
    assert {row["name"][0] for row in made} >= {".py", ".ts", "Makefile"}
    for row in made:
        kind, where = row["name"]
        counted, lines = rows(
            settings,
            f"""SELECT COUNT(DISTINCT session), SUM(lines_added + lines_removed)
          FROM session_kind WHERE kind = '{kind or ""}'""",
        )[0]
        assert (row["sessions"][0], row["lines"][0]) == (counted, lines)
        assert len(listed(client, where, "sessions")) == counted > 0
    of = "since=2026-09-24&until=2026-09-24&kind=.py"
    assert len(shown(client, f"/sessions?{of}")["tables"]["sessions"]) == 1
    assert not shown(client, f"/sessions?{of.replace('.py', '.ts')}")["tables"]["sessions"]


def test_a_pull_request_leads_to_the_sessions_that_opened_it_or_worked_on_it(various, settings):
    project = rows(settings, "SELECT project FROM session WHERE pull_requests > 0")[0][0]
    (row,) = [
        each
        for each in links(various, f"/projects/{project}?{ALL}", "pull-requests")
        if each["url"][0].endswith("/pull/1")
    ]
    (sessions, where), (cost, same) = row["sessions"], row["cost_nano"]
    assert where == same
    found = listed(various, where, "sessions")
    assert len(found) == sessions == 2
    assert sum(each["cost_nano"] or 0 for each in found) == (cost or 0)
    (paid,) = rows(
        settings,
        """SELECT SUM(cost_own_nano + cost_delegated_nano) FROM session WHERE id IN (
      SELECT session FROM session_pull UNION SELECT session FROM session_pull_request)""",
    )[0]
    assert cost == paid


def test_another_spelling_of_an_address_is_the_same_pull_request(various):
    of = "/sessions?range=all&pull=http%3A%2F%2FGitHub.com%2Facme%2Fdemo%2Fpull%2F1%2F"
    assert len(shown(various, of)["tables"]["sessions"]) == 2
    none = "/sessions?range=all&pull=https%3A%2F%2Fgithub.com%2Facme%2Fdemo%2Fpull%2F9"
    assert shown(various, none)["tables"]["sessions"] == []


LACKING = {
    "project": ("UPDATE session SET project = NULL WHERE id = ?",),
    "outcome": ("UPDATE session SET outcome = NULL WHERE id = ?",),
    "transcript": ("UPDATE session SET source_missing_at = 1 WHERE id = ?",),
    "current rules": ("UPDATE session SET derived_version = 0 WHERE id = ?",),
    "price": ("UPDATE session SET unpriced = (id = ?)",
              "UPDATE response SET cost_nano = CASE WHEN session = ? THEN NULL ELSE 1 END"),
    "whole output": ("UPDATE session SET lower_bound = (id = ?)",
                     "UPDATE response SET lower_bound = (session = ?)"),
    "confirmed price": ("UPDATE session SET price_assumed = 1 WHERE id = ?",
                        "UPDATE response SET cost_basis = 'assumed' WHERE session = ?"),
    "branch": ("UPDATE OR REPLACE session_usage SET branch = '' WHERE session = ?",
               "UPDATE response SET branch = NULL WHERE session = ?"),
    "model": ("UPDATE OR REPLACE session_usage SET model = '' WHERE session = ?",
              "UPDATE response SET model = NULL WHERE session = ?"),
    **{name: (f"UPDATE response SET {column} = 'x' WHERE session <> ?",
              f"UPDATE inference SET {column} = 'x' WHERE session <> ?")
       for name, column in (("skill", "skill"), ("plugin", "plugin"), ("server", "mcp_server"))},
    "subagent": ("UPDATE agent_run SET shown_type = NULL WHERE session = ?",),
    "kind": ("UPDATE OR REPLACE session_kind SET kind = '' WHERE session = ?",),
}  # fmt: skip
"""What makes one session lack it, and no other; with the session's id."""


@pytest.mark.parametrize("lacks", [*LACKS, *(set(OF_RESPONSES) - set(LACKS))])
def test_what_one_session_lacks_lists_it_alone(settings, opened, lacks):
    world(settings)
    kept(settings, worked(1, edits=KINDS), busy(21))
    table = {"subagent": "response WHERE run <> ''"}.get(lacks, "session_kind")
    ((one,),) = rows(settings, f"SELECT MIN(session) FROM {table}")
    with closing(Sqlite(settings.database)) as db, db.transaction():
        for sql in LACKING[lacks]:
            db.run(sql, (one,))
    client = opened(settings)
    if lacks in ("project", "outcome", "branch", "model", "subagent"):
        costs = links(client, f"/costs?{ALL}&by={lacks}", "costs")
        (row,) = [each for each in costs if each[lacks][0] in (None, "(unknown)")]
        name, responses = urlsplit(row[lacks][1]), row["responses"]
        assert dict(parse_qsl(name.query))["lacks"] == lacks
        assert len(listed(client, row[lacks][1], "sessions")) == row["sessions"][0] == 1
        assert shown(client, responses[1])["figures"]["responses"] == responses[0] > 0
    for of in (ALL, "since=2020-01-01&until=2029-12-31&who=all"):
        if of != ALL and lacks in ("price", "whole output", "confirmed price"):
            continue  # figures of days, which were not changed
        where = f"{of}&lacks={lacks.replace(' ', '+')}"
        if lacks in LACKS:
            found = links(client, f"/sessions?{where}", "sessions")
            assert [urlsplit(each["title"][1]).path for each in found] == [f"/sessions/{one}"], of
        if lacks in OF_RESPONSES:
            found = listed(client, f"/responses?{where}", "responses")
            assert {each["session"] for each in found} == {one}, of


def test_what_nothing_can_lack_is_refused(client):
    assert client.get("/sessions?lacks=zebra").status_code == 400


def test_the_facts_of_a_session_lead_to_the_responses_that_they_count(various, settings):
    for (session,) in rows(settings, "SELECT id FROM session WHERE responses_own > 0"):
        path = f"/sessions/{session}/facts"
        tables = shown(various, path)["tables"]
        for table in ("context", "prompts", "models", "subagents", "skills"):
            for row in links(various, path, table) if tables[table] else ():
                responses, where = row["responses"]
                figures = shown(various, where)["figures"]
                assert figures["responses"] == responses, (where, table)
                if "cost_nano" in row:
                    assert (figures["cost"] or 0) == (row["cost_nano"][0] or 0), where
                if table == "context":
                    read = listed(various, where, "responses")
                    assert len(read) == responses
                    assert row["tokens"][0] == max(
                        each["input_tokens"] + each["cache_read_tokens"]
                        + each["cache_write_tokens"] for each in read
                    )  # fmt: skip


def test_the_prompts_of_a_long_session_come_in_parts(settings, opened, monkeypatch):
    from accrete.explorer.pages import facts

    t = Transcript(1)
    for n in range(7):
        t.prompt(f"Prompt {n}")
        t.answer(f"msg_{n}", usage={"output_tokens": 10 * (n % 3)})
    kept(settings, t)
    client = opened(settings)
    path = f"/sessions/{t.session}/facts"
    whole = shown(client, path)["tables"]["prompts"]
    monkeypatch.setattr(facts, "PROMPTS", 3)
    assert len(shown(client, path)["tables"]["prompts"]) == 3
    assert client.get(f"{path}?format=csv&table=prompts").text.count("\n") - 1 == 3
    assert listed(client, path, "prompts") == whole
    assert client.get(f"{path}?prompts=x").status_code == 400


def test_prompts_without_a_price_come_each_once_in_their_order(settings, opened, monkeypatch):
    from accrete.explorer.pages import costs, facts

    t = Transcript(1)
    for n in range(12):
        t.prompt(f"Prompt {n}")
        t.answer(f"msg_{n}", model="house-model")
    kept(settings, t)
    client = opened(settings)
    monkeypatch.setattr(facts, "PROMPTS", 5)
    monkeypatch.setattr(costs, "ROWS", 5)
    found = listed(client, f"/sessions/{t.session}/facts", "prompts")
    assert [each["prompt"] for each in found] == [f"Prompt {n}" for n in range(12)]
    found = listed(client, "/costs?range=all&by=prompt", "costs")
    assert [each["prompt"] for each in found] == [f"{t.session}#{n}" for n in range(1, 13)]


def test_records_of_a_kind_are_listed_and_open(various, settings, monkeypatch):
    from accrete.explorer.pages import kinds_of_records

    monkeypatch.setattr(kinds_of_records, "RECORDS", 4)
    whose = {"main": "replayed = 0 AND agent = ''", "agents": "replayed = 0 AND agent <> ''",
             "copied": "replayed <> 0"}  # fmt: skip
    seen = set()
    for (session,) in rows(settings, "SELECT id FROM session"):
        for row in links(various, f"/sessions/{session}/facts", "kinds"):
            for of, condition in whose.items():
                n, where = row[of]
                counted = rows(
                    settings,
                    f"""SELECT COUNT(*) FROM event WHERE session = '{session}'
                  AND kind = '{row["kind"][0]}' AND {condition}""",
                )[0][0]
                assert n == counted
                assert (where is None) == (n == 0)
                if where is None:
                    continue
                seen.add(of)
                found = listed(various, where, "records")
                assert len(found) == n
                known = rows(
                    settings,
                    f"""SELECT uuid, agent FROM event WHERE session = '{session}'
                  AND kind = '{row["kind"][0]}' AND {condition}""",
                )
                assert sorted((each["uuid"], each["agent"] or "") for each in found) == sorted(
                    known
                )
                for each in links(various, where.partition("#")[0], "records"):
                    assert various.get(each["uuid"][1]).status_code == 200, each
    assert seen == set(whose)
    assert various.get(f"/sessions/{session}/facts?records=thinking&of=x").status_code == 400
    assert various.get(f"/sessions/{session}/facts?records=x&after=x").status_code == 400


def test_the_files_that_were_read_are_listed(various, settings, monkeypatch):
    from accrete.explorer.pages import data

    monkeypatch.setattr(data, "FILES", 3)
    for row in links(various, "/data", "sources"):
        files, where = row["files"]
        found = listed(various, where, "files")
        assert len(found) == files
        for name in ("bytes", "lines", "malformed"):
            assert sum(each[name] for each in found) == row[name][0]
        counted, read = rows(
            settings,
            f"""SELECT COUNT(*), SUM(read_to) FROM source_file
          WHERE layout = '{row["layout"][0]}'""",
        )[0]
        assert (files, row["bytes"][0]) == (counted, read)
    assert various.get("/data?files=x").status_code == 400
    assert various.get("/data?files=main&only=x").status_code == 400


def test_files_with_lines_that_could_not_be_read_are_listed_alone(settings, opened):
    t = busy(1)
    kept(settings, t, busy(2))
    path = next(settings.roots[0].rglob(f"{t.session}.jsonl"))
    path.write_text(path.read_text() + "not json\n{also not\n")
    ingest(settings)
    client = opened(settings)
    (row,) = [each for each in links(client, "/data", "sources") if each["layout"][0] == "main"]
    malformed, where = row["malformed"]
    (only,) = listed(client, where, "files")
    assert (malformed, only["malformed"], only["path"]) == (2, 2, str(path))


def test_what_is_not_covered_is_listed(various):
    for row in links(various, "/numbers", "coverage"):
        (whole, all_), (missing, where) = row["whole"], row["missing"]
        assert row["covered"][0] + missing == whole
        assert (where is None) == (missing == 0)
        for n, at in ((whole, all_), (missing, where)):
            if at is None:
                continue
            table = urlsplit(at).path[1:]
            found = listed(various, at, table)
            if "Responses" in row["what"][0] and at == all_:
                assert shown(various, at)["figures"]["responses"] == n
            else:
                assert len(found) == n, row["what"]


def test_runs_of_checks_are_listed_by_how_they_ended(client, settings, monkeypatch):
    from accrete.explorer.pages import projects

    monkeypatch.setattr(projects, "RUNS", 2)
    for (project,) in rows(settings, "SELECT id FROM project"):
        for row in links(client, f"/projects/{project}?range=all", "checks"):
            for name, verdict in (("runs", None), ("passed", "passed"), ("failed", "failed"),
                                  ("unknown", "unknown")):  # fmt: skip
                n, where = row[name]
                if not n:
                    assert where is None
                    continue
                found = listed(client, where, "runs")
                assert len(found) == n
                assert {each["verdict"] for each in found} <= (
                    {verdict} if verdict else {"passed", "failed", "unknown"}
                )
                of = f"c.kind = '{row['kind'][0]}'"
                of += f" AND c.verdict = '{verdict}'" if verdict else ""
                counted = rows(
                    settings,
                    f"""SELECT COUNT(*) FROM check_run c JOIN session s ON s.id = c.session
                  WHERE s.project = '{project}' AND s.automated = 0 AND {of}""",
                )
                assert counted == [(n,)]
    at = f"/projects/{project}?range=all&check=test"
    assert client.get(f"{at}&verdict=x").status_code == 400
    assert client.get(f"{at}&after=x").status_code == 400


@pytest.mark.parametrize("who", ["", "&who=all", "&who=automated"])
def test_the_overview_counts_whose_sessions_it_is_asked_for(client, settings, who):
    page = shown(client, f"/?range=all{who}")
    automated = {"": "AND automated = 0", "&who=automated": "AND automated = 1"}.get(who, "")
    counted, cost = rows(
        settings,
        f"""SELECT COUNT(*), SUM(cost_own_nano) FROM session WHERE prompts > 0 {automated}""",
    )[0]
    assert page["figures"]["sessions"] == counted > 0
    assert page["figures"]["cost"] == cost
    for row in links(client, f"/?range=all{who}", "days"):
        found = listed(client, row["day"][1], "sessions")
        assert len(found) == row["sessions"][0]
        assert sum(each["prompts"] for each in found) == row["prompts"][0]
        assert sum(each["cost_nano"] or 0 for each in found) == (row["cost_nano"][0] or 0)


def test_the_models_of_the_overview_lead_to_what_they_cost(client):
    for row in links(client, "/?range=all", "models"):
        assert len(listed(client, row["model"][1], "sessions")) == row["sessions"][0]
        cost, where = row["cost_nano"]
        if where is not None:
            assert shown(client, where)["figures"]["cost"] == cost > 0


def test_the_weeks_of_a_practice_lead_to_its_sessions_and_moments(client):
    path = "/practices/verification?since=2026-08-24&until=2026-10-14&who=all"
    for row in links(client, path, "weeks"):
        for name in ("seen", "possible"):
            n, where = row[name]
            if n:
                assert dict(parse_qsl(urlsplit(where).query))["who"] == "all"
                assert len(listed(client, where, "sessions")) == n
        for name in ("sightings", "marked"):
            n, where = row[name]
            if n:
                assert len(listed(client, where, "moments")) == n


@pytest.mark.parametrize("range_", ["since=2026-09-23&until=2026-10-06", "range=all"])
def test_the_weeks_of_a_search_lead_to_its_places_in_them(client, monkeypatch, range_):
    from accrete.explorer.pages import search

    monkeypatch.setattr(search, "FEW", 1)
    found = links(client, f"/search?q=total&{range_}", "weeks")
    assert sum(row["places"][0] for row in found) > 1
    for row in found:
        assert len(shown(client, row["week"][1])["tables"]["steps"]) == row["places"][0]


def test_a_page_without_sessions_of_a_kind_says_so(client):
    page = client.get(f"/responses?{ALL}&model=none").text
    assert "Nothing was billed that matches" in page
    assert shown(client, f"/responses?{ALL}&model=none")["tables"]["responses"] == []
    assert session_id(1) not in page


def test_a_cost_that_is_not_known_is_none_in_json_too(settings, opened):
    kept(settings, worked(1, model="house-model"))
    client = opened(settings)
    ((project, session),) = rows(settings, "SELECT project, id FROM session")
    for path in ("/", "/costs", f"/projects/{project}", "/responses", f"/sessions/{session}/facts"):
        html = client.get(f"{path}?range=all").text
        assert re.search(r"Cost, API-equivalent</a></dt>\s*<dd>(<a[^>]*>)?—", html), path
        assert shown(client, f"{path}?range=all")["figures"]["cost"] is None, path
    figures = shown(client, "/costs?range=all")["figures"]
    assert figures["cost-per-active-hour"] is figures["cost-per-commit"] is None


def test_json_and_csv_have_what_the_page_shows(various, settings):
    """The same tables, with as many rows, and where both are numbers the same numbers."""
    seen = 0
    for path in [*pages(settings), f"/?{NEVER}", f"/costs?{NEVER}", f"/responses?{NEVER}"]:
        given, html = shown(various, path), various.get(path).text
        drawn = {table["key"]: [row for row in table["rows"] if row]
                 for table in Cells(html).tables}  # fmt: skip
        assert {key for key, some in given["tables"].items() if some} - LISTED == set(drawn), path
        for key, cells in drawn.items():
            values = given["tables"][key]
            assert len(cells) == len(values), (path, key)
            at = f"{path}{'&' if '?' in path else '?'}format=csv&table={key}"
            of_csv = list(csv.DictReader(io.StringIO(various.get(at).text, newline="")))
            assert [list(row) for row in of_csv] == [list(row) for row in values]
            for row, line, other in zip(cells, values, of_csv, strict=True):
                if key == "practices" and len(row) == len(line) + 1:
                    continue  # its column of bars is no table
                for cell, (name, value) in zip(row, line.items(), strict=True):
                    text = cell["text"].strip()
                    assert other[name].lstrip("'") == ("" if value is None else str(value))
                    if cell["right"] and re.fullmatch(r"[\d,]+", text):
                        seen += 1
                        assert int(text.replace(",", "")) == value, (path, key, name)
                    if text in ("—", "n/a") or value is None:
                        assert cell["why"] or cell["href"], (path, key, name)
                        assert value is None or text not in ("—", "n/a"), (path, key, name)
        shown_there = set(re.findall(r'<dt><a class="define" href="/numbers#([\w-]+)">', html))
        assert set(given["figures"]) == shown_there, path
    assert seen > 500
