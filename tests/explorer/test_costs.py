"""Costs on their page, against the terminal and counts of their own."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from accrete.errors import AccreteError
from accrete.ingest import ingest
from accrete.present.leads import of_forecast, of_spending
from accrete.queries.costs import GROUPINGS, IN_TIME
from accrete.settings import read_settings
from tests.explorer.asking import words
from tests.explorer.edits import Editing
from tests.explorer.worked import record, worked
from tests.records import called, kept, rows, world
from tests.transcripts import START, Transcript

pytestmark = pytest.mark.long

DOLLAR = 1_000_000_000


@pytest.fixture
def client(settings, opened):
    kept(settings, *record())
    return opened(settings)


def shown(client, path: str) -> dict:
    return client.get(f"{path}{'&' if '?' in path else '?'}format=json").json()


@pytest.mark.long
@pytest.mark.parametrize("by", GROUPINGS)
def test_every_grouping_has_the_rows_of_the_terminal(client, settings, capsys, monkeypatch, by):
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    _, out, _ = called(capsys, "cost", "--human", "--by", by, "--json")
    told = json.loads(out)["rows"]
    mine = shown(client, f"/costs?range=all&by={by}")["tables"]["costs"]
    expected = [(row["sessions"], row["responses"], row["cost_nano"]) for row in told]
    if by in IN_TIME:
        expected.reverse()
    assert [(row["sessions"], row["responses"], row["cost_nano"] or 0) for row in mine] == expected


@pytest.mark.long
def test_subagents_and_inferences_beside_responses_are_counted(
    settings, opened, capsys, monkeypatch
):
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    world(settings)
    ingest(settings)
    client = opened(settings)
    _, out, _ = called(capsys, "cost", "--human", "--by", "subagent", "--json")
    (told,) = json.loads(out)["rows"]
    (mine,) = shown(client, "/costs?range=all&by=subagent")["tables"]["costs"]
    assert (mine["subagent"], mine["cost_nano"]) == (told["key"], told["cost_nano"])
    figures = shown(client, "/costs?range=all")["figures"]
    own, delegated = rows(
        settings,
        """SELECT SUM(cost_own_nano), SUM(cost_delegated_nano)
      FROM session WHERE automated = 0""",
    )[0]
    assert figures["cost"] == own + delegated
    assert figures["delegated"] == pytest.approx(delegated / (own + delegated)) != 0
    for where in ("subagent=Explore", "made=delegated"):
        listed = shown(client, f"/sessions?range=all&{where}")["tables"]["sessions"]
        assert len(listed) == mine["sessions"] == 1, where


def test_the_figures_are_counted_from_responses(client, settings):
    figures = shown(client, "/costs?range=all")["figures"]
    own = "FROM response r JOIN session s ON s.id = r.session WHERE s.automated = 0"
    cost, read, taken = rows(
        settings,
        f"""SELECT SUM(r.cost_nano), SUM(r.cache_read_tokens),
      SUM(r.input_tokens + r.cache_read_tokens + r.cache_write_tokens) {own}""",
    )[0]
    assert figures["cost"] == cost > 0
    assert figures["cache-reads"] == pytest.approx(read / taken)
    assert figures["delegated"] == 0
    active = rows(settings, "SELECT SUM(active_ms) FROM session WHERE automated = 0")[0][0]
    assert figures["cost-per-active-hour"] == round(cost * 3_600_000 / active)
    commits, paid = rows(
        settings,
        """SELECT SUM(commits), SUM(cost_own_nano) FROM session
      WHERE automated = 0 AND commits > 0""",
    )[0]
    assert figures["cost-per-commit"] == round(paid / commits)


@pytest.mark.long
def test_the_days_add_up_to_the_cost(client):
    page = shown(client, "/costs?range=all")
    for by in ("day", "week", "month", "project", "branch", "model", "session", "outcome"):
        costs = shown(client, f"/costs?range=all&by={by}")["tables"]["costs"]
        assert sum(row["cost_nano"] or 0 for row in costs) == page["figures"]["cost"], by
        if by != "branch":
            assert sum(row["share"] for row in costs) == pytest.approx(1), by


@pytest.mark.long
def test_rows_open_just_the_sessions_they_count(client):
    page = client.get("/costs?range=all&by=model").text
    for row in shown(client, "/costs?range=all&by=model")["tables"]["costs"]:
        assert f"/sessions?range=all&amp;model={row['model']}" in page
        listed = shown(client, f"/sessions?range=all&model={row['model']}")["tables"]["sessions"]
        assert len(listed) == row["sessions"]


def test_a_prompt_opens_where_it_was_typed(client, settings):
    page = client.get("/costs?range=all&by=prompt").text
    for session, uuid in rows(
        settings,
        """SELECT p.session, p.uuid FROM prompt p JOIN session s
      ON s.id = p.session WHERE s.automated = 0""",
    ):
        assert f'href="/sessions/{session}?range=all#s-{uuid[:8]}"' in page


def test_what_was_answered_before_any_prompt_has_a_cost_by_prompt_too(settings, opened):
    t = Transcript(1)
    t.answer("msg_0")
    t.prompt("Count every row")
    t.answer("msg_1")
    kept(settings, t)
    client = opened(settings)
    costs = shown(client, "/costs?range=all&by=prompt")["tables"]["costs"]
    assert sorted(row["prompt"] for row in costs) == [f"{t.session}#0", f"{t.session}#1"]
    assert "(no prompt: a plan handed over" in client.get("/costs?range=all&by=prompt").text
    assert sum(row["share"] for row in costs) == pytest.approx(1)


def test_a_long_prompt_does_not_fill_the_table(settings, opened):
    t = Transcript(1)
    t.prompt("Count every row of the ledger " + "again and " * 40)
    t.answer("msg_1")
    kept(settings, t)
    client = opened(settings)
    for path in ("/costs?range=all&by=prompt", f"/sessions/{t.session}/facts"):
        page = client.get(path).text
        (named,) = re.findall(r"<td><a [^>]*><bdi>([^<]*Count every row[^<]*)<", page)
        assert len(named) < 100, path
        assert named.endswith("…"), path


def test_a_session_without_a_response_is_no_row_of_the_cost(settings, opened):
    silent = Transcript(2, start=START, cwd="/home/dev/ledger")
    silent.prompt("Never answered")
    odd = worked(3)
    odd.session = odd.common["sessionId"] = "agent#3"
    for line in odd.lines:
        line["sessionId"] = "agent#3"
    kept(settings, worked(1), silent, odd)
    client = opened(settings)
    (row,) = shown(client, "/costs?range=all&by=project")["tables"]["costs"]
    where = f"/sessions?range=all&project={row['project']}&made=responses"
    assert where.replace("&", "&amp;") in client.get("/costs?range=all&by=project").text
    assert len(shown(client, where)["tables"]["sessions"]) == row["sessions"] == 2
    assert client.get("/costs?range=all&by=prompt").status_code == 200


@pytest.mark.long
def test_a_week_at_the_end_of_a_range_opens_its_days_alone(client, settings):
    first = rows(settings, "SELECT MIN(local_day) FROM session_day")[0][0]
    path = f"/costs?since={first}&until={first}&by=week"
    (row,) = shown(client, path)["tables"]["costs"]
    where = f"/sessions?since={first}&until={first}&made=responses"
    assert where.replace("&", "&amp;") in client.get(path).text
    listed = shown(client, where)["tables"]["sessions"]
    assert len(listed) == row["sessions"] == 1


@pytest.mark.long
def test_whose_sessions_are_counted_can_be_chosen(client):
    mine, theirs, both = (
        shown(client, f"/costs?range=all{who}")["figures"]["cost"]
        for who in ("", "&who=automated", "&who=all")
    )
    assert mine + theirs == both
    assert theirs > 0


@pytest.mark.long
def test_a_long_table_goes_on_without_a_gap(client, monkeypatch):
    from accrete.explorer.pages import costs

    for by in ("day", "session", "prompt"):
        monkeypatch.setattr(costs, "ROWS", 31)
        path: str | None = f"/costs?range=all&by={by}"
        whole = [row[by] for row in shown(client, path)["tables"]["costs"]]
        monkeypatch.setattr(costs, "ROWS", 4)
        seen = []
        while path is not None:
            seen += [row[by] for row in shown(client, path)["tables"]["costs"]]
            more = re.search(r'href="([^"]+)#costs">More<', client.get(path).text)
            path = more[1].replace("&amp;", "&") if more else None
        assert seen == whole, by
        assert len(seen) > 4, by
    for by in ("session", "prompt"):
        for wrong in ("x", "1", "~x", "1.5~x", f"{10**30}~x"):
            assert client.get(f"/costs?by={by}&after={wrong}").status_code == 400, (by, wrong)


def test_a_table_goes_on_where_it_was_when_a_row_before_is_gone(
    settings, opened, client, monkeypatch, capsys
):
    from accrete.explorer.pages import costs

    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    path = "/costs?range=all&by=session"
    whole = [row["session"] for row in shown(client, path)["tables"]["costs"]]
    monkeypatch.setattr(costs, "ROWS", 4)
    more = re.search(r'href="([^"]+)#costs">More<', client.get(path).text)
    assert more is not None
    for gone in (whole[0], whole[3]):
        assert called(capsys, "forget", gone, "--yes")[0] == 0
    rest = shown(client, more[1].replace("&amp;", "&"))["tables"]["costs"]
    assert [row["session"] for row in rest] == whole[4:8]


def test_an_unknown_grouping_is_refused_with_the_choices(client):
    answer = client.get("/costs?by=person")
    assert answer.status_code == 400
    assert "Choose one of: day, week" in words(answer.text)


@pytest.mark.long
def test_shares_of_cost_stand_beside_shares_of_lines(client, settings):
    table = shown(client, "/costs?range=all")["tables"]["shares"]
    added = rows(settings, "SELECT SUM(lines_added + lines_removed) FROM session "
                 "WHERE automated = 0")[0][0]  # fmt: skip
    for by in ("project", "outcome", "kind of file"):
        assert sum(row["lines"] for row in table if row["by"] == by) == added, by
    assert {row["name"]: row["lines"] for row in table if row["by"] == "kind of file"} == {
        ".py": 21, ".ts": 6, ".md": 3,
    }  # fmt: skip
    costs = [row["cost_share"] for row in table if row["by"] == "project"]
    assert sum(costs) == pytest.approx(1)
    assert {row["cost_share"] for row in table if row["by"] == "kind of file"} == {None}


def test_no_lines_are_none_where_nothing_was_edited_and_unknown_where_only_a_notebook_was(
    settings, opened
):
    notebook = Editing(3, cwd="/home/dev/notes")
    notebook.prompt("Change the notebook")
    edited = {"notebook_path": "/home/dev/notes/a.ipynb", "new_source": "x", "cell_id": "1"}
    notebook.did("NotebookEdit", edited)
    looked = worked(2, cwd="/home/dev/shop", edits=(), checks=(), commit=False)
    kept(settings, worked(1), looked, notebook)
    table = shown(opened(settings), "/costs?range=all")["tables"]["shares"]
    lines = {row["name"]: row["lines"] for row in table if row["by"] == "project"}
    known = rows(settings, "SELECT id, root FROM project")
    assert {Path(root).name: lines[identity] for identity, root in known} == {
        "ledger": 3, "shop": 0, "notes": None,
    }  # fmt: skip


def test_the_table_as_csv_has_the_rows_of_the_page(client):
    text = client.get("/costs?range=all&by=project&format=csv&table=costs").text
    listed = list(csv.DictReader(io.StringIO(text)))
    mine = shown(client, "/costs?range=all&by=project")["tables"]["costs"]
    assert [row["project"] for row in listed] == [row["project"] for row in mine]


def test_a_lost_cache_is_told_with_its_money_and_opens_its_prompt(settings, opened):
    t = worked(1)
    for n, (read, write) in enumerate(((0, 40_000), (0, 41_000))):
        uuid = t.prompt("again", after_ms=10 * 60_000)
        t.answer(f"msg_again_{n}", usage={
            "cache_read_input_tokens": read, "cache_creation_input_tokens": write,
            "cache_creation": {"ephemeral_5m_input_tokens": write, "ephemeral_1h_input_tokens": 0},
        })  # fmt: skip
    kept(settings, t)
    client = opened(settings)
    (lost,) = [
        row for row in shown(client, "/costs?range=all")["tables"]["cold"] if row["tokens"] > 1000
    ]
    assert lost["tokens"] == 40_000
    assert f"/sessions/{t.session}?range=all#s-{uuid[:8]}" in client.get("/costs?range=all").text


def test_budgets_are_shown_where_they_are_set(settings, opened):
    now = time.time_ns() // 1_000_000
    kept(settings, worked(1, days=(now - START) / 86_400_000))
    without = words(opened(settings).get("/costs").text)
    assert "budget" not in without
    given = replace(settings, session_budget_nano=1, monthly_budget_nano=60 * DOLLAR)
    client = opened(given)
    said = words(client.get("/costs").text)
    assert "1 of 1 session passed the session budget" in said
    assert "of $60.00 so far this month" in said
    spent = shown(client, "/costs?range=all")
    assert spent["tables"]["month"][0]["cost_nano"] == spent["figures"]["cost"]


def test_a_monthly_budget_is_a_number_of_dollars(settings):
    settings.home.mkdir(parents=True, exist_ok=True)
    env = {"ACCRETE_HOME": str(settings.home), "TZ": "UTC"}
    config = settings.home / "config.json"
    config.write_text('{"monthlyBudgetUsd": 60}')
    assert read_settings(env).monthly_budget_nano == 60 * DOLLAR
    config.write_text('{"monthlyBudgetUsd": -1}')
    with pytest.raises(AccreteError, match="monthlyBudgetUsd must be a number of dollars above 0"):
        read_settings(env)


def test_a_range_without_responses_says_so_and_leads_on(client):
    page = client.get("/costs?since=2020-01-01&until=2020-01-02").text
    assert "Nothing was billed in this range." in words(page)
    assert '<p><a href="/costs?range=all">All time</a></p>' in page
    assert "By day" not in words(page)


def test_the_lead_says_where_half_of_it_was():
    many = [10 * DOLLAR, *[DOLLAR] * 9]
    assert of_spending(19 * DOLLAR, many, 0, False, {}) == [
        "Half of $19.00 went to 1 of 10 sessions."
    ]
    assert of_spending(3 * DOLLAR, [DOLLAR] * 3, 0, False, {"caches": DOLLAR}) == [
        "$3.00 in 3 sessions.",
        "$1.00 of it went to caches.",
    ]
    assert of_spending(4 * DOLLAR, [DOLLAR] * 4, DOLLAR, False, {"caches": 1})[1:] == [
        "Subagents account for 25% of it."
    ]
    assert of_spending(None, [], 0, False, {}) == ["Nothing was billed in this range."]
    assert of_spending(3 * DOLLAR, [DOLLAR] * 3, 0, True, {}) == ["At least $3.00 in 3 sessions."]
    assert of_spending(19 * DOLLAR, many, 0, True, {}) == [
        "Half of at least $19.00 went to 1 of 10 sessions."
    ]
    assert of_spending(0, [], 0, True, {}) == [
        "Nothing with a known price was billed in this range."
    ]


def test_a_forecast_is_said_beside_the_budget():
    args = (60 * DOLLAR, "30 Nov")
    assert of_forecast(26 * DOLLAR, 30 * DOLLAR, 33 * DOLLAR, *args) == (
        "$26.00 of $60.00 so far this month; $30 to $33 by 30 Nov, within the budget."
    )
    assert of_forecast(26 * DOLLAR, 50 * DOLLAR, 70 * DOLLAR, *args).endswith("near the budget.")
    assert of_forecast(26 * DOLLAR, 61 * DOLLAR, 70 * DOLLAR, *args).endswith("beyond the budget.")
    assert "from the fifth day on" in of_forecast(DOLLAR, None, None, *args)
