"""Search from the pages: the same places as the terminal's, by session, and by week."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import date, timedelta
from urllib.parse import quote

import pytest

from accrete.database import Postgres, Sqlite
from accrete.database.serving import PostgresPool, SqlitePool
from accrete.explorer.pages import search as page
from accrete.explorer.templates import marked
from accrete.queries import search as asked
from accrete.queries.scope import Scope
from accrete.queries.search import asking, find, find_by, search_days
from tests.explorer.asking import words
from tests.people import fill
from tests.records import called, kept, rows, world
from tests.transcripts import START, Transcript, busy, fork, session_id

pytestmark = pytest.mark.long

DAY = 86_400_000
TEXTS = ("needle1", '"look at needle2"', "needl*", "prompts looking needle3", "C++ needle1")


@pytest.fixture
def client(settings, opened):
    first = busy(1)
    kept(settings, first, busy(2), busy(20), fork(first, 3, upto=8))
    return opened(settings)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_server_finds_what_the_terminal_finds(engine, settings, tmp_path, request):
    if engine == "sqlite":
        db, at = Sqlite(tmp_path / "one.db"), tmp_path / "one.db"
        opening = SqlitePool.open(at)
    else:
        url = request.getfixturevalue("postgres_url")
        db, opening = Postgres(url), PostgresPool.open(url)
    db.migrate()
    world(settings)
    fill(db, settings)

    async def served():
        pool = await opening
        try:
            async with pool.reading() as reader:
                found = []
                for text in TEXTS:
                    steps = asking(Scope((1,)), text, dialect=pool.dialect)
                    found.append(await find_by(reader, steps))
                return found
        finally:
            await pool.close()

    expected = [find(db, Scope((1,)), text) for text in TEXTS]
    assert asyncio.run(served()) == expected
    assert any(each.hits for each in expected)
    for each in expected:
        days = db.ask(search_days(Scope((1,)), each.terms, dialect=db.dialect, least=each.least))
        every = asked.search(
            Scope((1,)), each.terms, dialect=db.dialect, least=each.least, limit=1000
        )
        assert sum(days.values()) == len(db.ask(every))
    db.close()


def test_the_page_finds_what_the_terminal_finds(client, settings, capsys, monkeypatch):
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    for text in TEXTS:
        told = json.loads(called(capsys, "search", text, "--json", "-n", "100", "--human")[1])
        shown = client.get("/search", params={"q": text, "range": "all", "format": "json"}).json()
        listed = shown["tables"]["steps"]
        assert [(each["session"], each["uuid"]) for each in listed] == [
            (each["session"], each["uuid"]) for each in told
        ]
        drawn = "Places by week" in client.get(f"/search?q={quote(text)}&range=all").text
        assert drawn == ("weeks" in shown["tables"])  # a few places are not counted by week
        if drawn:
            assert sum(each["places"] for each in shown["tables"]["weeks"]) == len(listed)


def test_a_bar_counts_the_places_that_its_link_shows(client, monkeypatch):
    monkeypatch.setattr(page, "FEW", 1)
    shown = client.get("/search?q=needle1&range=all&format=json").json()
    for each in shown["tables"]["weeks"]:
        sunday = (date.fromisoformat(each["week"]) + timedelta(6)).isoformat()
        there = client.get(
            f"/search?q=needle1&since={each['week']}&until={sunday}&format=json"
        ).json()
        if each["places"]:
            assert len(there["tables"]["steps"]) == each["places"]
    assert [each["places"] for each in shown["tables"]["weeks"]] == [2, 0, 4]


@pytest.mark.long
def test_each_result_opens_at_its_step(client, settings):
    html = client.get("/search?q=needle1&range=all").text
    links = re.findall(r'href="/sessions/([0-9a-f-]{36})\?range=all#s-([0-9a-f]{8})"', html)
    known = {(each[0], each[1][:8]) for each in rows(settings, "SELECT session, uuid FROM event")}
    assert links
    assert set(links) <= known


def test_a_session_shows_its_three_best_steps_first(client):
    html = client.get("/search?q=needle1&range=all").text
    articles = re.findall(r'<article class="hits">(.*?)</article>', html, re.DOTALL)
    assert len(articles) == 3
    assert all(words(each).index("prompt 2") < words(each).index("Bash") for each in articles)


def hit(n: int, kind: str, excerpt: str):
    return asked.Hit("s", None, "p", 1, n, kind, "Bash", f"u{n}", excerpt)


def test_the_best_step_has_most_of_the_words_then_is_a_persons_then_is_the_newest():
    some = [
        hit(1, "tool_call", "\x02a\x03 \x02b\x03"),
        hit(2, "assistant_text", "\x02a\x03 \x02A\x03"),
        hit(3, "typed_prompt", "\x02a\x03"),
        hit(4, "assistant_text", "\x02a\x03"),
    ]
    assert [each.at for each in page.best(some)] == [1, 3, 4, 2]


def test_what_was_loosened_is_said(client):
    exact = words(client.get("/search?q=needle1&range=all").text)
    assert "No exact match" not in exact
    loose = words(client.get("/search?q=needle1+zebra&range=all").text)
    assert f"No exact match. These have {asked.SOME}." in loose


def test_where_the_range_has_nothing_all_time_is_searched_and_said(client):
    shown = words(client.get("/search?q=needle1&since=2020-01-01&until=2020-02-01").text)
    assert "Nothing in 1 Jan 2020 to 1 Feb 2020; this is from all time." in shown
    assert "needle1" in shown


def test_filters_narrow_and_others_are_refused(client):
    def found(**given) -> list[dict]:
        params = {"q": "needle1", "range": "all", "format": "json", **given}
        return client.get("/search", params=params).json()["tables"]["steps"]

    assert {each["kind"] for each in found(**{"in": "prompts"})} == {"prompt"}
    assert {each["kind"] for each in found(**{"in": "commands"})} == {"Bash"}
    assert found(who="automated") == []
    assert found(project="none") == []
    assert client.get("/search?q=x&in=nowhere").status_code == 400


def test_nothing_to_look_for_is_said(client):
    for text in ("...", '""'):
        assert "Nothing to search for" in words(client.get("/search", params={"q": text}).text)
    assert "Nothing found" in words(client.get("/search?q=zebra&range=all").text)
    empty = client.get("/search").text
    assert "Finds words in titles, prompts" in words(empty)
    assert 'class="hits"' not in empty


def test_hostile_text_is_marked_and_not_run(settings, opened):
    t = Transcript(1)
    t.prompt('<img src=x onerror=alert(1)> needle <mark>"\u202e\x02planted\x03 {{ 7001*3 }}')
    t.answer()
    kept(settings, t)
    html = opened(settings).get("/search?q=needle&range=all").text
    assert "<mark>needle</mark>" in html
    assert "<img" not in html
    assert "\u202e" not in html
    assert "21003" not in html
    assert str(marked("<b>\x02x\x03")) == "<bdi>&lt;b&gt;<mark>x</mark></bdi>"


def test_older_places_are_reached_and_the_number_of_all_is_said(settings, opened, monkeypatch):
    monkeypatch.setattr(page, "MOST", 3)
    made = []
    for n in range(1, 9):
        t = Transcript(n, start=START + n * DAY)
        t.prompt("a needle")
        t.answer()
        made.append(t)
    kept(settings, *made)
    client = opened(settings)
    first = client.get("/search?q=needle&range=all").text
    assert "8 places; the newest 3 are shown." in words(first)
    link = re.search(r'<a href="([^"]+)">Older</a>', first)
    assert link is not None
    older = client.get(link[1].replace("&amp;", "&") + "&format=json").json()
    assert older["tables"]["steps"][0]["session"] in (session_id(6), session_id(5))


def test_more_than_can_be_counted_is_not_counted(settings, opened, monkeypatch):
    monkeypatch.setattr(asked, "COUNTED", 2)
    kept(settings, busy(1))
    html = opened(settings).get("/search?q=needl*&range=all").text
    assert "not counted by week" in html


def test_what_a_subagent_said_opens_on_a_page_of_its_own(settings, opened):
    t = Transcript(40)
    t.prompt("Look around")
    t.call("Task", {"prompt": "look", "description": "look", "subagent_type": "Explore"})
    t.answer("said", blocks=[{"type": "text", "text": "the lighthouse stands here"}],
             isSidechain=True, agentId="a1b2c3")  # fmt: skip
    t.result("done")
    kept(settings, t)
    client = opened(settings)
    html = client.get("/search?range=all&q=lighthouse").text
    (link,) = set(re.findall(r'href="(/sessions/[^"]*/steps/[^"]+)"', html))
    assert "the lighthouse stands here" in client.get(link).text


def test_titles_are_searched_and_links_stay_in_the_range(settings, opened):
    t = Transcript(41)
    t.prompt("Look around")
    title = {"type": "custom-title", "customTitle": "Remove the phantom file"}
    t.lines.append({**title, "sessionId": t.session})
    kept(settings, t)
    client = opened(settings)
    for wanted in ("phantom", "file phan"):
        html = client.get(f"/search?range=all&q={wanted}").text
        assert "Nothing in texts; 1 title with these words." in words(html)
        assert f'<a href="/sessions/{t.session}?range=all">' in html
    assert "In titles" not in client.get("/search?range=all&q=phantom+zebra").text
    found = client.get("/search?range=all&q=around").text
    assert "In titles" not in found
    assert f'href="/sessions/{t.session}?range=all#s-' in found


def test_titles_that_only_have_the_letters_hide_no_title_with_the_word(
    settings, opened, monkeypatch
):
    monkeypatch.setattr(page, "TITLES_AT_ONCE", 1)
    kept(settings, _told(1, "The total is wrong"), *(_told(n, "Subtotals") for n in range(2, 14)))
    html = opened(settings).get("/search?range=all&in=answers&q=total").text
    assert "1 title with these words" in words(html)
    assert html.count("The total is wrong") == 1


def _told(n: int, *prompts: str, entrypoint: str = "cli") -> Transcript:
    made = Transcript(n, start=START + n * DAY, entrypoint=entrypoint)
    for prompt in prompts:
        made.prompt(prompt)
        made.answer(f"msg_{n}_{len(made.lines)}")
    return made


def test_beside_few_sessions_with_all_the_words_are_some_with_most_of_them(settings, opened):
    spread = "Review the margins of the chart", "Now print the chart"
    kept(
        settings,
        _told(1, "Explain and review the margins of the print in one place"),
        _told(2, *spread),
        _told(3, "Something else altogether"),
    )
    client = opened(settings)
    shown = client.get("/search?range=all&q=review+print+margins&format=json").json()["tables"]
    assert {each["session"] for each in shown["steps"]} == {session_id(1)}
    assert {each["session"] for each in shown["near"]} == {session_id(2)}
    html = client.get("/search?range=all&q=review+print+margins").text
    assert html.index(session_id(1)) < html.index("With some of the words") < html.index(
        session_id(2)
    )  # fmt: skip
    one = client.get("/search?range=all&q=altogether")
    assert "With some of the words" not in one.text
    many = client.get("/search?range=all&q=chart+review&format=json").json()["tables"]
    assert len({each["session"] for each in many["steps"]}) == 1


def test_what_only_automated_sessions_hold_is_found_and_said(settings, opened):
    kept(settings, _told(1, "Draw the nightly chart", entrypoint="sdk-cli"), _told(2, "Hello"))
    assert rows(settings, "SELECT COUNT(*) FROM session WHERE automated = 1") == [(1,)]
    client = opened(settings)
    found = client.get("/search?range=all&q=nightly+chart").text
    assert "Nothing in your own sessions; this is in automated ones." in words(found)
    assert session_id(1) in found
    assert "Nothing found" in words(client.get("/search?range=all&q=nightly+zebra+gnu").text)
    own = client.get("/search?range=all&q=hello").text
    assert "automated ones" not in words(own)
