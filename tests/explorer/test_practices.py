"""Practices on their pages: figures, order, moments, words."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from html import unescape
from types import SimpleNamespace
from typing import cast

import pytest

from accrete.clock import LocalTime
from accrete.edge.local import MINE
from accrete.explorer.pages import practices
from accrete.explorer.pages.overview import _tip
from accrete.explorer.view import View
from accrete.practices.depth import REGULAR, TOO_FEW, TRIED, Week
from accrete.present.leads import Share, of_practice, of_practices, regular_since
from accrete.queries.practices import PracticeRow, SightingRow
from tests.explorer.asking import words
from tests.explorer.worked import record
from tests.records import called, kept, rows


@pytest.fixture
def client(settings, opened):
    kept(settings, *record())
    return opened(settings)


def table(client, path: str, key: str) -> list[dict]:
    return client.get(f"{path}{'&' if '?' in path else '?'}format=json").json()["tables"][key]


@pytest.mark.long
def test_every_practice_has_the_figures_of_the_terminal(client, settings, capsys, monkeypatch):
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    _, out, _ = called(capsys, "practices", "--json")
    told = {row["name"]: row for row in json.loads(out)}
    shown = table(client, "/practices?range=all", "practices")
    assert {row["practice"] for row in shown} == set(told)
    for row in shown:
        expected = told[row["practice"]]
        assert row["depth"] == expected["depth"]
        assert row["possible"] == expected["possible"]
        assert row["seen"] == (expected["seen"] if expected["possible"] else None)
        assert row["marked"] == (expected["marked"] if expected["sightings"] else None)
        assert row["last_at"] == expected["last_at"]


@pytest.mark.long
def test_possible_often_and_seen_seldom_comes_first(client):
    shown = table(client, "/practices?range=all", "practices")
    missed = [row["possible"] - (row["seen"] or 0) for row in shown]
    assert missed == sorted(missed, reverse=True)
    assert missed[0] > 0


@pytest.mark.parametrize(
    ("counted", "named"),
    [
        ([("verification", 12, 9, REGULAR), ("planning", 10, 2, TRIED), ("review", 7, 0, TRIED),
          ("delegation", 40, 0, TOO_FEW)], "planning"),
        ([("planning", 10, 4, TRIED), ("review", 9, 3, TRIED)], "review"),
        ([("planning", 10, 10, REGULAR), ("delegation", 4, 0, TOO_FEW)], None),
    ],
)  # fmt: skip
def test_what_to_try_is_what_was_possible_most_often_beyond_what_was_seen(counted, named):
    rows = [
        PracticeRow(name, name.title(), possible, seen, seen, 0, depth, None, None, [])
        for name, possible, seen, depth in counted
    ]
    for some in (rows, rows[::-1]):
        tip = _tip(some)
        assert (tip and tip.name) == named


@pytest.mark.long
def test_seen_and_possible_open_just_these_sessions(client, settings):
    for row in table(client, "/practices?range=all", "practices"):
        name = row["practice"]
        for wanted, count in (("practice", row["seen"]), ("possible", row["possible"])):
            listed = table(client, f"/sessions?range=all&{wanted}={name}", "sessions")
            assert len(listed) == (count or 0), (wanted, name)
    seen = rows(
        settings,
        """SELECT COUNT(DISTINCT g.session) FROM sighting g JOIN session s
      ON s.id = g.session WHERE g.practice = 'verification' AND s.automated = 0""",
    )
    assert seen[0][0] == next(
        row["seen"]
        for row in table(client, "/practices?range=all", "practices")
        if row["practice"] == "verification"
    )


@pytest.mark.long
def test_a_practice_has_the_moments_of_the_terminal(client, settings, capsys, monkeypatch):
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    _, out, _ = called(capsys, "practices", "verification", "--json", "-n", "20")
    told = json.loads(out)
    shown = client.get("/practices/verification?range=all&format=json").json()
    assert shown["figures"] == {
        "seen-in": told["seen"],
        "possible-in": told["possible"],
        "sightings": told["sightings"],
        "done-well": told["marked"],
        "depth": told["depth"],
    }
    assert [row["uuid"] for row in shown["tables"]["moments"]] == [
        moment["uuid"] for moment in told["moments"]
    ]
    page = client.get("/practices/verification?range=all").text
    first = told["moments"][0]
    assert f'href="/sessions/{first["session"]}?range=all#s-{first["uuid"][:8]}"' in page
    assert told["source"] in page
    assert words(page).count("What to try") == 1


def moments(client, path: str) -> list[str]:
    """The moments of a practice, from one page to the next."""
    seen, at = [], path
    while True:
        seen += [row["uuid"] for row in table(client, at, "moments")]
        older = re.search(r'href="([^"]+)#moments">Older<', client.get(at).text)
        if older is None:
            return seen
        at = older[1].replace("&amp;", "&")


def test_times_and_done_well_open_just_these_moments(client, settings, monkeypatch):
    from accrete.explorer.pages import practices

    monkeypatch.setattr(practices, "MOMENTS", 2)
    path = "/practices/verification?range=all"
    shown, page = client.get(f"{path}&format=json").json()["figures"], client.get(path).text
    of = """FROM sighting g JOIN session s ON s.id = g.session
      WHERE g.practice = 'verification' AND s.automated = 0"""
    order = "ORDER BY g.at DESC, g.session, g.uuid"
    for name, key, more in (
        ("Times", "sightings", ""),
        ("Done well", "done-well", "AND g.marks <> ''"),
    ):
        link = re.search(rf'>{name}</a></dt>\s*<dd><a href="([^"]+)#moments"', page)
        assert link is not None
        listed = moments(client, link[1].replace("&amp;", "&"))
        assert listed == [uuid for (uuid,) in rows(settings, f"SELECT g.uuid {of} {more} {order}")]
        assert len(listed) == shown[key] > 2
    assert client.get(f"{path}&after=x").status_code == 400


def test_moments_of_one_event_stay_on_one_page(settings, opened, monkeypatch):
    from accrete.explorer.pages import practices

    kept(settings, *record())
    with sqlite3.connect(settings.database) as db:
        ((uuid,),) = db.execute(
            """SELECT uuid FROM sighting g JOIN session s ON s.id = g.session
            WHERE g.practice = 'verification' AND s.automated = 0
            ORDER BY g.at DESC, g.session, g.uuid LIMIT 1 OFFSET 1"""
        )
        db.execute(
            """INSERT INTO sighting SELECT person, session, practice, uuid, 'toolu_x', agent, seq,
            at, marks, 'another call', local_day FROM sighting
            WHERE practice = 'verification' AND uuid = ?""",
            (uuid,),
        )
    monkeypatch.setattr(practices, "MOMENTS", 2)
    client = opened(settings)
    listed = moments(client, "/practices/verification?range=all")
    assert listed.count(uuid) == 2


def test_what_good_looks_like_is_of_different_sessions(client, settings):
    page = client.get("/practices/verification?range=all").text
    part = page[page.index('class="examples"') : page.index("</ol>")]
    linked = re.findall(r'href="/sessions/([0-9a-f-]{36})', part)
    assert len(linked) == len(set(linked)) == 3
    marked = {row[0] for row in rows(settings, "SELECT session FROM sighting WHERE marks <> ''")}
    assert set(linked) <= marked


@pytest.mark.long
def test_weeks_are_counted_up_to_the_end_of_the_range(client, settings):
    last = rows(settings, "SELECT MAX(local_day) FROM session_day")[0][0]
    weeks = table(client, f"/practices/verification?since=2026-09-01&until={last}", "weeks")
    assert len(weeks) == 5
    assert (
        sum(week["seen"] for week in weeks)
        == rows(
            settings,
            """SELECT COUNT(DISTINCT
      g.session) FROM sighting g JOIN session s ON s.id = g.session
      WHERE g.practice = 'verification' AND s.automated = 0""",
        )[0][0]
    )


@pytest.mark.long
def test_bars_are_of_the_twelve_weeks_up_to_the_end_of_the_range(client):
    html = client.get("/practices/verification?since=2026-09-01&until=2026-09-30").text
    mondays = re.findall(r"<title>Week of ([^:<]*):", html)
    assert (len(mondays), mondays[0], mondays[-1]) == (12, "13 Jul 2026", "28 Sep 2026")
    opened = re.findall(r'<a href="/sessions\?([^"]*)" aria-label="Week of', html)
    days = [re.findall(r"(?:since|until)=([\d-]+)", unescape(each)) for each in opened]
    assert (days[0], days[-1]) == (["2026-07-13", "2026-07-19"], ["2026-09-28", "2026-09-30"])


@pytest.mark.long
def test_an_unknown_practice_is_not_found(client):
    assert client.get("/practices/flying").status_code == 404


@pytest.mark.long
def test_a_range_without_sessions_says_so(client):
    said = words(client.get("/practices?since=2020-01-01&until=2020-01-02").text)
    assert "No practice was possible in this range." in said
    said = words(client.get("/practices/review?since=2020-01-01&until=2020-01-02").text)
    assert "It was not possible in any session of this range." in said


def weeks(*shares: tuple[int, int]) -> list[Week]:
    return [
        Week(f"2026-{9 + at // 4:02d}-{1 + 7 * (at % 4):02d}", possible, seen, seen, 0)
        for at, (seen, possible) in enumerate(shares)
    ]


def test_a_practice_is_regular_since_the_week_it_became_so_for_good():
    assert regular_since([]) is None
    assert regular_since(weeks((0, 5), (0, 5))) is None
    assert regular_since(weeks((0, 5), (0, 5), (2, 5), (2, 5), (2, 5))) == "2026-09-22"
    assert regular_since(weeks((3, 5), (3, 5))) == "2026-09-01"


def test_the_lead_of_a_practice_says_what_is_known():
    assert of_practice(Share(4, 10), "regular", "2026-09-07", 12, 5) == [
        "In 4 of 10 sessions, regular since September 2026.",
        "Done well 5 of 12 times.",
    ]
    assert of_practice(Share(1, 3), "too few", None, 1, 0) == [
        "In 1 of 3 sessions: too few to say more."
    ]
    assert of_practice(Share(0, 9), "not seen", None, 0, 0) == [
        "Not seen in 9 sessions in which it was possible."
    ]
    assert of_practice(Share(0, 0), "too few", None, 0, 0) == [
        "It was not possible in any session of this range."
    ]


def test_the_lead_of_practices_names_habits_and_what_was_not_seen():
    titles = {name: name.title() for name in ("a", "b", "c", "d", "e")}
    now = {"a": Share(9, 10), "b": Share(8, 10), "d": Share(0, 30), "e": Share(0, 8)}
    assert of_practices(["a", "b"], now, {}, titles) == [
        "A and B are regular.",
        "Not seen, but possible in 30 sessions: D.",
    ]
    assert of_practices(list("abcd"), now, {}, titles)[0] == "A, B, C and 1 more are regular."
    assert of_practices(["a"], {"a": Share(9, 10)}, {}, titles) == ["A is regular."]


def practice_row(**given: object) -> PracticeRow:
    values = dict.fromkeys(PracticeRow._fields, 0) | {
        "name": "planning", "title": "Planning", "depth": TRIED, "first_at": None, "last_at": None,
        "weeks": [],
    }  # fmt: skip
    return PracticeRow(**values | given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "seen", "possible", "well"),
    [
        ({}, ("n/a", None), ("0", None), ("n/a", None)),
        ({"eligible": 3}, ("0", None), ("3", "possible"), ("n/a", None)),
        ({"seen": 2, "sightings": 2}, ("2", "practice"), ("0", None), ("0 of 2", None)),
        ({"eligible": 1_200, "seen": 1_100, "sightings": 1_500, "marked": 3},
         ("1,100", "practice"), ("1,200", "possible"), ("3 of 1,500", "done")),
    ],
)  # fmt: skip
def test_a_figure_of_a_practice_leads_to_what_it_counts(given, seen, possible, well):
    view = SimpleNamespace(
        range=SimpleNamespace(label="All time"),
        query={},
        local=LocalTime("UTC"),
        now=0,
        viewer=SimpleNamespace(team=lambda: None),
        link=lambda path, **named: f"{path} {' '.join(named)}",
        sessions=lambda **named: " ".join(named),
        here=lambda **named: f"here {' '.join(named)}",
    )
    row = practice_row(**given)
    found = practices._table(cast(View, view), [row]).rows[0]
    assert (found[2].text, found[2].href) == seen
    assert (found[3].text, found[3].href) == possible
    assert found[4].text == well[0]
    assert (found[4].href or "").partition("#")[0] == (
        f"/practices/planning {well[1]}" if well[1] else ""
    )
    assert (found[5].href, bool(found[5].why)) == (None, True)
    figures = {each.key: each for each in practices._figures(cast(View, view), row, None)}
    assert (figures["seen-in"].text, figures["seen-in"].href) == seen
    assert (figures["possible-in"].text, figures["possible-in"].href) == possible
    assert (figures["sightings"].href is None) == (row.sightings == 0)
    assert figures["seen-in"].note == "sessions"
    assert figures["sightings"].note == "moments"


def test_the_figures_of_a_practice_stand_beside_those_before_where_it_was_possible():
    view = SimpleNamespace(
        sessions=lambda **named: "", here=lambda **named: "", link=lambda path, **named: path
    )
    row = practice_row(eligible=3, seen=2, sightings=4, marked=1)
    for eligible, said in (
        (5_000, ["1,000 of 5,000 before", "2,000 before"]),
        (1, ["1,000 of 1 before", "2,000 before"]),
        (0, ["sessions", "moments"]),
    ):
        before = practice_row(eligible=eligible, seen=1_000, sightings=2_000)
        figures = {each.key: each for each in practices._figures(cast(View, view), row, before)}
        assert [figures[name].note for name in ("seen-in", "sightings")] == said


def moment(session: str, uuid: str, **given: object) -> SightingRow:
    values = dict.fromkeys(SightingRow._fields) | {"session": session, "uuid": uuid}
    return SightingRow(**values | given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": "Run  the\ntests", "note": "green"}, ("Run the tests", "green")),
        ({"text": "Run the tests", "note": "the tests"}, ("Run the tests", "")),
        ({"text": "Run the tests"}, ("Run the tests", "")),
        ({"text": "<command-name>", "note": "asked", "what": "Bash"}, ("asked", "")),
        ({"text": "[Request interrupted]", "what": "Bash"}, ("Bash", "")),
        ({"text": " ", "note": " "}, ("", "")),
        ({"what": "Bash"}, ("Bash", "")),
    ],
)
def test_a_moment_says_what_was_said_and_the_note_where_that_is_more(given, said):
    assert practices._about(moment("s", "u", **given)) == said


def test_what_good_looks_like_is_the_newest_of_each_session_then_others():
    found = [moment("a", "1"), moment("a", "2"), moment("b", "3"), moment("a", "4"),
             moment("c", "5"), moment("b", "6")]  # fmt: skip
    shown = [each.uuid for each in practices._different(found)]
    assert shown == ["1", "3", "5"]
    of_two = [each for each in found if each.session != "c"]
    assert [each.uuid for each in practices._different(of_two)] == ["1", "3", "2"]
    assert practices._different([]) == []


@pytest.mark.parametrize(
    ("team", "columns"),
    [(None, 6), (SimpleNamespace(first=None), 6), (SimpleNamespace(first="2026-10-05"), 7)],
)
def test_what_is_regular_in_the_team_stands_beside_where_it_is_known(monkeypatch, team, columns):
    monkeypatch.setattr(practices, "_theirs", lambda team, name: "theirs")
    view = SimpleNamespace(
        range=SimpleNamespace(label="All time"), local=LocalTime("UTC"), now=0,
        viewer=SimpleNamespace(team=lambda: team), link=lambda path, **named: path,
        sessions=lambda **named: "",
    )  # fmt: skip
    sheet = practices._table(cast(View, view), [practice_row(eligible=1)])
    assert len(sheet.columns) == len(sheet.rows[0]) == columns


def test_weeks_of_several_projects_add_up_to_since_when_it_is_regular(monkeypatch):
    told = [
        SimpleNamespace(practice="planning", week="2026-11-02", eligible=3, seen=2, sightings=5,
                        marked=1),
        SimpleNamespace(practice="review", week="2026-11-02", eligible=9, seen=9, sightings=9,
                        marked=9),
        SimpleNamespace(practice="planning", week="2026-10-26", eligible=1, seen=0, sightings=0,
                        marked=0),
        SimpleNamespace(practice="planning", week="2026-11-02", eligible=10, seen=20, sightings=30,
                        marked=40),
    ]  # fmt: skip

    async def ask(question: object) -> list[SimpleNamespace]:
        return told

    monkeypatch.setattr(practices, "regular_since", lambda weeks: weeks)
    monkeypatch.setattr(practices, "end_of", lambda view: "2026-11-20")
    view = SimpleNamespace(ask=ask, query={}, viewer=SimpleNamespace(scope=MINE))
    assert asyncio.run(practices._since(cast(View, view), "planning")) == [
        Week("2026-10-26", 1, 0, 0, 0), Week("2026-11-02", 13, 22, 35, 41),
    ]  # fmt: skip
