"""The table of pull requests that pages show."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import urlencode

from accrete.clock import LocalTime
from accrete.explorer.listings import pull_sheet
from accrete.explorer.templates import environment
from accrete.explorer.view import LONGEST
from accrete.queries.pulls import PullRow
from tests.explorer.asking import words
from tests.forges import ENDED_MS, OPENED_MS

HOSTILE = 'https://evil.example/<img src=x onerror="alert(1)">/pull/1'


def view():
    return SimpleNamespace(
        link=lambda path, **_: f"/mounted{path}?range=all",
        bare=lambda path, **_: f"/mounted{path}",
        here=lambda **_: "/mounted/here",
        sessions=lambda **given: f"/mounted/sessions?{urlencode(given)}",
        local=LocalTime("UTC"),
        now=ENDED_MS + 40 * 86_400_000,
        range=SimpleNamespace(label="All time"),
    )


def row(state, n=1, **changed) -> PullRow:
    told = {
        "opened_at": OPENED_MS if state else None,
        "merged_at": ENDED_MS if state == "merged" else None,
        "closed_at": ENDED_MS if state in ("merged", "closed") else None,
        "asked_at": None,
        "fault": None,
    }
    given = {
        "url": f"https://github.com/acme/demo/pull/{n}",
        "number": n,
        "repository": "acme/demo",
        "state": state,
        **told,
        "first_at": 1,
        "sessions": ("s1", "s2"),
        "opened": 1,
        "cost_nano": 2_500_000_000,
        "unpriced": 0,
        "lower_bound": 0,
    }
    return PullRow(**{**given, **changed})


def test_each_state_is_a_badge_with_its_date():
    states = ("open", "draft", "merged", "closed", None)
    sheet = pull_sheet(view(), [row(state, n) for n, state in enumerate(states, 1)])
    badges = [(cells[1].chip, cells[1].value, cells[1].tone) for cells in sheet.rows]
    assert badges == [
        ("open", "open", "plain"),
        ("draft", "draft", "plain"),
        ("merged", "merged", "plain"),
        ("closed", "closed", "plain"),
        ("", None, "plain"),
    ]
    assert [cells[2].text for cells in sheet.rows] == ["21 Sep", "21 Sep", "22 Sep", "22 Sep", "—"]
    assert sheet.rows[4][1].text == "unknown"
    assert [sheet.rows[4][n].why for n in (1, 2)] == [
        "No forge was asked for it.",
        "Its state is unknown.",
    ]
    assert sheet.records()[2] == {
        "url": "https://github.com/acme/demo/pull/3",
        "state": "merged",
        "since": ENDED_MS,
        "sessions": 2,
        "cost_nano": 2_500_000_000,
    }


def test_an_unknown_state_says_why_the_last_asking_brought_nothing():
    sheet = pull_sheet(view(), [row(None, fault="gh could not read it")])
    assert sheet.rows[0][1].why == "Last time: gh could not read it."


def test_the_sessions_and_their_cost_lead_to_the_list_under_the_mount():
    (cells,) = pull_sheet(view(), [row("open")], "p1").rows
    of = urlencode({"project": "p1", "pull": "https://github.com/acme/demo/pull/1"})
    assert [each.href for each in cells] == [None, None, None, *[f"/mounted/sessions?{of}"] * 2]


def test_an_address_that_no_url_can_hold_has_no_list():
    (cells,) = pull_sheet(view(), [row("open", url="https://a.example/" + "x" * LONGEST)]).rows
    assert {each.href for each in cells} == {None}


def test_a_hostile_address_is_text_and_no_link():
    sheet = pull_sheet(view(), [row("open", url=HOSTILE, repository=None)])
    source = "{% import 'parts.html' as parts %}{{ parts.sheet(view, sheet) }}"
    html = environment().from_string(source).render(view=view(), sheet=sheet)
    assert "<img" not in html
    assert "evil.example" in words(html)
    assert 'href="https://evil' not in html
