"""Pages, and the figures on them, against the terminal's and against counts of their own."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from urllib.parse import quote

import pytest

from accrete.explorer.page import Cell, Column, Sheet
from tests.explorer.asking import words
from tests.records import called, kept, rows
from tests.transcripts import START, Transcript, session_id

DAY = 86_400_000
HOSTILE = (
    '<script>alert(1)</script> "><img src=x onerror=alert(2)> \u202eabc\u202c \u200b {{ 7001*3 }}'
)


def made(n: int, days: int = 0, title: str = "Please fix the tests", **common) -> Transcript:
    t = Transcript(n, start=START + days * DAY, **common)
    t.prompt(title)
    t.answer(f"msg_{n}", usage={"input_tokens": 1000 * n, "output_tokens": 50 * n})
    return t


@pytest.fixture
def client(settings, opened):
    kept(settings, *(made(n, days=n % 7) for n in range(1, 9)))
    return opened(settings)


def test_the_figures_are_those_of_the_terminal(client, settings, capsys, monkeypatch):
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    shown = client.get("/?range=all&format=json").json()
    _, out, _ = called(capsys, "overview", "--human", "--json")
    told = json.loads(out)["human"]
    assert shown["figures"]["sessions"] == told["sessions"] == 8
    assert shown["figures"]["active-time"] == told["active_ms"]
    assert shown["figures"]["cost"] == told["cost_own_nano"] + told["cost_delegated_nano"] > 0
    assert shown["figures"]["cost"] == sum(row["cost_nano"] for row in shown["tables"]["days"])


def test_a_lower_bound_is_called_one_wherever_the_cost_stands(settings, opened):
    t = made(1)
    t.lines[-1]["message"]["stop_reason"] = None
    kept(settings, t)
    ((project, bound),) = rows(settings, "SELECT project, lower_bound FROM session")
    assert bound == 1
    client = opened(settings)
    least = client.get("/sessions?range=all").text
    cost = re.search(r"≥ \$[\d.]+", least)
    assert cost is not None
    assert f"for at least {cost[0][2:]}" in words(client.get(f"/sessions/{t.session}").text)
    for path in ("/", "/costs", "/projects", f"/projects/{project}"):
        page = client.get(f"{path}?range=all").text
        cells = re.findall(r"<td[^>]*>(?:<a[^>]*><bdi>)?((?:≥ )?\$[\d.]+)<", page)
        assert cells, path
        assert set(cells) == {cost[0]}, path
        for label in re.findall(r'aria-label="[^"]*: ([^"]*\$[^"]*), ', page):
            assert label == cost[0], path
        if "<dl" in page:
            assert f"at least {cost[0][2:]}" in words(page), path
    costs = client.get("/costs?range=all").text
    assert words(costs).count(f"t least {cost[0][2:]}") >= 2
    assert re.search(r"Per active hour</a></dt>\s*<dd><a[^>]*>at least \$", costs)


def test_a_range_shows_what_happened_in_it(client, settings):
    day = rows(settings, "SELECT MIN(local_day) FROM session")[0][0]
    shown = client.get(f"/?since={day}&until={day}&format=json").json()
    expected = rows(settings, f"SELECT COUNT(*) FROM session_day WHERE local_day = '{day}'")
    assert shown["figures"]["sessions"] == expected[0][0]
    assert "No sessions in this range" in words(
        client.get("/?since=2020-01-01&until=2020-01-02").text
    )


@pytest.mark.long
def test_a_figure_links_to_just_the_sessions_it_counts(client):
    page = client.get("/?range=all").text
    for name in ("Sessions", "Shipped", "Commits"):
        found = re.search(rf">{name}</a></dt>\s*<dd><a href=\"([^\"]+)\">", page)
        assert found is not None
        link = found[1].replace("&amp;", "&")
        listed = client.get(f"{link}&format=json").json()["tables"]["sessions"]
        assert len(listed) == (8 if name == "Sessions" else 0)


@pytest.mark.long
def test_older_sessions_follow_without_a_gap_or_a_repetition(settings, monkeypatch, opened):
    from accrete.explorer.pages import sessions

    kept(settings, *(made(n, days=n % 3) for n in range(1, 12)))
    monkeypatch.setattr(sessions, "PAGE", 4)
    client = opened(settings)
    for sort in ("started", "cost", "active", "prompts"):
        seen, link = [], f"/sessions?range=all&sort={sort}"
        for _ in range(5):
            answer = client.get(link).text
            seen += re.findall(r'href="/sessions/([0-9a-f-]{36})', answer)
            older = re.search(r'<a href="([^"]+)">Older</a>', answer)
            if older is None:
                break
            link = older[1].replace("&amp;", "&")
        assert len(seen) == len(set(seen)) == 11


@pytest.mark.long
@pytest.mark.parametrize(
    "query",
    ["sort=name", "outcome=great", "practice=yoga", "after=x", "after=1", "made=coffee",
     "range=fortnight", "since=nonsense"],
)  # fmt: skip
def test_a_wrong_parameter_is_said_and_shows_nothing(client, query):
    answer = client.get(f"/sessions?{query}")
    assert answer.status_code == 400
    assert "Traceback" not in answer.text
    assert "<table" not in answer.text
    assert client.get(f"/sessions?{query}&format=json").json()["error"]


def test_hostile_text_stays_text(settings, opened):
    kept(settings, made(1, title=HOSTILE, cwd="/home/dev/<b>x</b>", gitBranch='"><svg onload=1>'))
    client = opened(settings)
    for path in ("/?range=all", "/sessions?range=all"):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<svg onload" not in page
        assert "<b>x</b>" not in page
        assert "\u202e" not in page
        assert "21003" not in page
    missing = client.get("/" + quote('"><img src=x onerror=alert(1)>'))
    assert missing.status_code == 404
    assert "<img src=x" not in missing.text


def test_without_a_record_it_says_what_to_do(settings, opened):
    answer = opened(settings).get("/")
    assert answer.status_code == 503
    assert "accrete backfill" in answer.text


def test_a_record_that_comes_later_is_found(settings, opened):
    client = opened(settings)
    assert client.get("/").status_code == 503
    kept(settings, made(1))
    assert client.get("/?range=all").status_code == 200


@pytest.mark.long
def test_the_chosen_range_is_remembered(client):
    client.get("/?range=year")
    assert 'aria-current="true">A year' in client.get("/sessions").text.replace("\n", "")


def test_a_chart_is_called_by_what_its_bars_are(settings, opened):
    kept(settings, made(1), made(2, days=-200))
    client = opened(settings)
    for path in ("/", "/costs"):
        short = client.get(f"{path}?since=2026-09-01&until=2026-09-30").text
        long = client.get(f"{path}?since=2026-01-01&until=2026-09-30").text
        assert "<h2>Cost by day</h2>" in short
        assert "<h2>Cost by week</h2>" in long


def test_short_tables_lead_to_whole_ones(client):
    page = client.get("/?range=all").text
    for name, key in (("All models", "costs"), ("All projects", "projects")):
        link = re.search(rf'href="([^"]+)">{name}<', page)
        assert link is not None
        whole = client.get(f"{link[1].replace('&amp;', '&')}&format=json").json()["tables"][key]
        short = client.get("/?range=all&format=json").json()["tables"][name.split()[1]]
        assert len(whole) == len(short) == 1


def test_every_page_with_figures_or_tables_leads_to_its_json(client):
    session = re.search(r'href="/sessions/([0-9a-f-]{36})', client.get("/sessions?range=all").text)
    assert session is not None
    of_one = f"/sessions/{session[1]}"
    for path in ("/", "/sessions", of_one, f"{of_one}/facts", f"{of_one}/changes", "/practices",
                 "/practices/review", "/costs", "/projects", "/search?q=tests", "/data",
                 "/numbers", "/settings"):  # fmt: skip
        page = client.get(f"{path}{'&' if '?' in path else '?'}range=all").text
        link = re.search(r'href="([^"]+)">This page as JSON<', page)
        assert link is not None, path
        answer = client.get(link[1].replace("&amp;", "&")).json()
        shown = re.findall(r'="(?!/data/export)[^"]*format=csv&amp;table=([\w-]+)', page)
        assert set(shown) <= set(answer["tables"]), path


def test_what_was_not_possible_is_told_from_what_is_not_known(client):
    page = words(client.get("/?range=all").text)
    assert "Shipped n/a of sessions with edits" in page
    empty = words(client.get("/costs?since=2020-01-01&until=2020-01-02&who=all").text)
    assert "—" not in empty.partition("Where it goes")[0]
    assert "n/a" in words(client.get("/practices?range=all").text)


def test_csv_is_what_the_table_shows(client):
    answer = client.get("/sessions?range=all&format=csv&table=sessions")
    assert answer.headers["content-type"].startswith("text/csv")
    told = list(csv.DictReader(io.StringIO(answer.text)))
    shown = client.get("/sessions?range=all&format=json").json()["tables"]["sessions"]
    assert [row["title"] for row in told] == [row["title"] for row in shown]
    assert [int(row["cost_nano"]) for row in told] == [row["cost_nano"] for row in shown]
    assert client.get("/sessions?format=csv&table=nope").status_code == 404


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2", "@x", "\tx", "\rx"])
def test_csv_holds_no_formula(text):
    sheet = Sheet("s", "", [Column("a", "A"), Column("b", "B")], [[Cell(text), Cell(-2)]])
    row = next(csv.DictReader(io.StringIO(sheet.csv())))
    assert row["a"] == f"'{text}" or row["a"].startswith("'")
    assert row["b"] == "-2"


def test_a_partial_has_the_page_without_its_frame(client):
    partial = client.get("/sessions?range=all", headers={"HX-Request-Type": "partial"}).text
    assert "<html" not in partial
    assert 'id="list"' in partial


def test_pages_styles_and_scripts_are_small(client):
    def size(path: str) -> int:
        return len(gzip.compress(client.get(path).content, 6))

    page = client.get("/?range=all").text
    styles, scripts = (re.findall(rf'="(/static/[^"]+\.{kind}\?[^"]+)"', page + client.get(
        f"/sessions/{session_id(1)}").text) for kind in ("css", "js"))  # fmt: skip
    assert len(set(styles)) == 1
    assert sum(map(size, set(styles))) <= 12_000
    assert len(set(scripts)) == 2
    assert sum(map(size, set(scripts))) <= 30_000
    for path in ("/", "/sessions", "/practices", "/costs", "/projects", "/numbers"):
        assert size(f"{path}?range=all") <= 40_000, path


def test_static_files_are_cached_for_good(settings, locked):
    client, _ = locked(settings)
    answer = client.get("/static/app.css")
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    again = client.get("/static/app.css", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.long
def test_every_page_of_what_grows_listens_for_news_and_no_other_does(client, settings):
    ((project,),) = rows(settings, "SELECT DISTINCT project FROM session")
    ((session,),) = rows(settings, "SELECT MIN(id) FROM session")
    growing = ("/", "/sessions", "/costs", "/practices", "/practices/verification", "/projects",
               f"/projects/{project}", f"/sessions/{session}")  # fmt: skip
    asked = {path: client.get(path) for path in (*growing, "/numbers", "/keys", "/settings")}
    assert {answer.status_code for answer in asked.values()} == {200}
    known = re.compile(r'hx-sse:connect="/live\?known=[^"]+"')
    assert {path for path, answer in asked.items() if known.search(answer.text)} == set(growing)
