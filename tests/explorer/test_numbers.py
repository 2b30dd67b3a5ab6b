"""Every figure that a page shows is defined, and the settings say what holds."""

from __future__ import annotations

import json
import re

import pytest
from starlette.routing import Route

from accrete.explorer import response
from accrete.explorer.app import routes
from accrete.explorer.page import Page
from accrete.practices import all_practices
from accrete.present.definitions import BASES, DEFINITIONS, SECTIONS, versions
from accrete.pricing.version import PRICE_TABLE_VERSION
from accrete.settings import KEYS
from tests.explorer.asking import HOME, token, words
from tests.records import kept, rows
from tests.transcripts import busy, session_id

HERE = {"Origin": HOME, "Sec-Fetch-Site": "same-origin"}
NO_PAGE = ("/live", "/data/export")
"""Addresses that answer with no page: one never ends, the other is a file."""


@pytest.fixture
def client(settings, opened):
    kept(settings, busy(1), busy(2))
    return opened(settings)


def addresses(project: str, event: str) -> list[str]:
    """Every page that can be asked for, with something in each place of its path."""
    places = {
        "session": session_id(1),
        "practice": all_practices()[0].name,
        "slug": all_practices()[0].name,
        "name": all_practices()[0].name,
        "project": project,
        "id": project,
        "uuid": event,
        "event": event,
    }
    return [
        re.sub(r"\{(\w+)(:\w+)?\}", lambda found: places.get(found[1], "1"), route.path)
        for route in routes()
        if isinstance(route, Route) and "GET" in (route.methods or ()) and route.path not in NO_PAGE
    ]


@pytest.mark.long
def test_every_figure_and_column_that_links_to_a_definition_has_one(client, settings, monkeypatch):
    made: dict[str, Page] = {}
    linked: set[tuple[str, str]] = set()
    as_asked = response.as_asked

    def noted(request, view, page, template):
        made[request.url.path] = page
        return as_asked(request, view, page, template)

    monkeypatch.setattr(response, "as_asked", noted)
    project = rows(settings, "SELECT id FROM project")[0][0]
    event = rows(settings, "SELECT uuid FROM event ORDER BY seq")[0][0]
    for path in addresses(project, event):
        html = client.get(f"{path}?range=all").text
        linked |= {(path, key) for key in re.findall(r'href="/numbers#([^"]+)"', html)}
    assert {"/", "/sessions", "/search", "/data", "/numbers"} <= made.keys()
    missing = {
        (path, key)
        for path, page in made.items()
        for key in (
            *(figure.key for figure in page.figures),
            *(column.define for sheet in page.sheets for column in sheet.columns if column.define),
        )
        if key not in DEFINITIONS
    }
    assert missing == set()
    assert linked
    dead = {
        (path, figure.key)
        for path, page in made.items()
        for figure in page.figures
        if figure.value and not figure.href and DEFINITIONS[figure.key].unit in ("", "nano-dollars")
    }
    assert dead == set()  # a duration, a share or a size has its definition alone
    assert {(path, key) for path, key in linked if key not in DEFINITIONS} == set()


def test_every_definition_has_an_anchor_and_says_how_well_it_is_known(client):
    html = client.get("/numbers").text
    for each in DEFINITIONS.values():
        assert html.count(f'id="{each.key}"') == 1, each.key
        assert each.basis in BASES
        assert each.counts.endswith(".")
        assert not each.source.endswith(".")
    assert len(DEFINITIONS) == sum(len(some) for some in SECTIONS.values())


def test_no_two_definitions_have_one_name():
    names = [each.name.casefold() for each in DEFINITIONS.values()]
    assert len(set(names)) == len(names)


def test_a_tool_opens_the_sessions_that_are_counted(client, settings):
    calls = client.get("/?range=all&format=json").json()["tables"]["tools"]
    assert calls
    html = client.get("/?range=all").text
    for tool in calls:
        address = f"/sessions?range=all&amp;tool={tool['tool']}"
        assert address in html
        listed = client.get(f"{address.replace('&amp;', '&')}&format=json").json()["tables"]
        expected = rows(
            settings,
            f"SELECT COUNT(DISTINCT session) FROM session_tool WHERE tool = '{tool['tool']}'",
        )[0][0]
        assert len(listed["sessions"]) == expected > 0
        failed = client.get(f"/sessions?range=all&failed={tool['tool']}&format=json").json()
        assert bool(failed["tables"]["sessions"]) == bool(tool["errors"])


def test_the_page_names_the_versions_that_figures_rest_on(client):
    shown = words(client.get("/numbers").text)
    for what, version in versions():
        assert what in shown
        assert version in shown
    assert PRICE_TABLE_VERSION in shown


def test_coverage_is_counted_over_the_whole_record(client, settings):
    told = client.get("/numbers?format=json").json()["tables"]["coverage"]
    found = {each["what"]: (each["covered"], each["whole"]) for each in told}
    sessions, outcomes, bound, unpriced = rows(
        settings,
        "SELECT COUNT(*), COUNT(outcome), SUM(lower_bound), SUM(unpriced) FROM session",
    )[0]
    responses = rows(settings, "SELECT COUNT(*) FROM response WHERE counted = 1 AND synthetic = 0")[
        0
    ][0]
    assert found["Responses with a price"] == (responses - unpriced, responses)
    assert found["Responses with their whole output"] == (responses - bound, responses)
    assert found["Sessions with a known outcome"] == (outcomes, sessions)
    assert found["Sessions by the current rules"] == (sessions, sessions)


def test_settings_show_what_is_set_and_what_each_key_means(settings, opened):
    kept(settings, busy(1))
    config = settings.home / "config.json"
    config.write_text(json.dumps({"sessionBudgetUsd": 5, "automated": ["<b>*"]}))
    client = opened(settings)
    told = client.get("/settings?format=json").json()["tables"]["config"]
    assert {each["key"] for each in told} == set(KEYS)
    assert {each["key"]: each["value"] for each in told if each["value"]} == {
        "sessionBudgetUsd": "5",
        "automated": '["<b>*"]',
    }
    html = client.get("/settings").text
    assert str(config) in words(html)
    assert "<b>" not in html


@pytest.mark.long
def test_choices_are_kept_in_the_browser(client):
    given = token(client.get("/settings").text, "/settings")
    data = {"token": given, "range": "12w", "density": "dense", "keys": "off"}
    assert client.post("/settings", data=data, headers=HERE).status_code == 200
    html = client.get("/sessions").text
    assert '<html lang="en" class="dense" data-keys="off">' in html
    assert re.search(r'range=12w[^"]*" aria-current="true"', html)
    assert "switched off" in words(client.get("/keys").text)
    data |= {"density": "", "keys": ""}
    client.post("/settings", data=data, headers=HERE)
    assert '<html lang="en">' in client.get("/sessions").text


def test_a_choice_that_is_none_is_refused(client):
    given = token(client.get("/settings").text, "/settings")
    for field in ("density", "keys", "range"):
        data = {"token": given, "range": "4w", field: "zebra"}
        assert client.post("/settings", data=data, headers=HERE).status_code == 400
    client.cookies.set("density", '"><script>')
    assert '<html lang="en">' in client.get("/sessions").text


def test_all_shortcuts_are_listed(client):
    shown = words(client.get("/keys").text)
    for keys in ("j k next and previous step", "g s sessions", "/ search", "? this list"):
        assert keys in shown
