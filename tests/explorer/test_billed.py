"""The list of responses has what each cost is made of."""

from __future__ import annotations

import re

import pytest

from accrete.queries.costs import GROUPINGS
from tests.explorer.leading import ALL, Cells, links, listed, shown
from tests.explorer.worked import record
from tests.records import kept, rows

pytestmark = pytest.mark.long


@pytest.fixture
def client(settings, opened):
    kept(settings, *record())
    return opened(settings)


@pytest.mark.parametrize("by", GROUPINGS)
def test_a_cost_leads_to_the_responses_that_it_adds_up(various, by):
    for row in links(various, f"/costs?{ALL}&by={by}", "costs"):
        (responses, where), (cost, same) = row["responses"], row["cost_nano"]
        if row[by][0] is None and by in ("day", "week", "month", "window"):
            assert where is None  # its lines have no time
            continue
        assert where is not None
        assert same in (where, None)
        figures, found = shown(various, where)["figures"], listed(various, where, "responses")
        assert figures["responses"] == responses
        assert figures["sessions"] == row["sessions"][0]
        assert len({each["session"] for each in found}) == row["sessions"][0]
        assert sum(each["cost_nano"] or 0 for each in found) == (cost or 0)
        assert (
            figures["tokens"]
            == row["tokens"][0]
            == sum(
                each[f"{name}_tokens"]
                for each in found
                for name in ("input", "cache_read", "cache_write", "output")
            )
        )


def test_the_list_of_responses_is_counted_from_responses(various, settings):
    for query, where in (
        (ALL, ""),
        (f"{ALL}&model=claude-opus-5", "AND r.model = 'claude-opus-5'"),
        (f"{ALL}&lacks=branch", "AND r.branch IS NULL"),
        (f"{ALL}&lacks=price", "AND r.cost_nano IS NULL"),
        ("range=all&who=automated", "AND s.automated = 1"),
        (f"{ALL}&lacks=whole+output", "AND r.lower_bound = 1"),
        (f"{ALL}&subagent=Explore", """AND EXISTS (SELECT 1 FROM agent_run a
          WHERE a.session = r.session AND a.agent = r.run AND a.shown_type = 'Explore')"""),
    ):  # fmt: skip
        counted = rows(
            settings,
            f"""SELECT COUNT(*), COUNT(DISTINCT r.session) FROM response r
          JOIN session s ON s.id = r.session WHERE r.counted = 1 AND r.synthetic = 0 {where}""",
        )[0]
        beside = rows(
            settings,
            f"""SELECT COUNT(*) FROM (SELECT *, 0 AS lower_bound FROM inference) r
          JOIN session s ON s.id = r.session WHERE 1 = 1 {where}""",
        )[0][0]
        figures = shown(various, f"/responses?{query}")["figures"]
        assert figures["responses"] == counted[0], query
        assert figures["sessions"] == counted[1], query
        found = listed(various, f"/responses?{query}", "responses")
        assert len(found) == counted[0] + beside, query


def test_responses_are_listed_page_by_page_and_each_once(various, monkeypatch):
    from accrete.explorer.pages import billed

    whole = listed(various, f"/responses?{ALL}", "responses")
    monkeypatch.setattr(billed, "PAGE", 3)
    assert listed(various, f"/responses?{ALL}", "responses") == whole
    assert len(whole) > 9


def test_each_response_says_its_time_of_day(various):
    page = Cells(various.get(f"/responses?{ALL}").text)
    (rows,) = [each["rows"] for each in page.tables if each["key"] == "responses"]
    said = [row[1]["text"] for row in rows if row]
    assert len(said) > 9
    assert all(re.search(r"\d\d:\d\d$", each.strip()) for each in said), said


def test_what_cannot_be_read_in_an_address_of_responses_is_said(client):
    for wrong in ("lacks=x", "after=x", "prompt=1", "window=x", "session=a&prompt=-1",
                  "session=a&places=1", "window=" + "9" * 30, "window=" + "9" * 16,
                  f"after={'9' * 16}~a~b~c~1", f"after={'9' * 30}~a~b~c~1", "after=-1~a~b~c~1",
                  f"after=1~a~b~c~{'9' * 30}"):  # fmt: skip
        answer = client.get(f"/responses?{wrong}")
        assert answer.status_code == 400, wrong
        assert "Traceback" not in answer.text


def test_places_that_no_column_can_hold_are_refused(client, settings):
    ((project, session),) = rows(settings, "SELECT project, id FROM session WHERE checks LIMIT 1")
    most = "9" * 30
    for path in (f"/sessions?after={most}~x", f"/projects/{project}?check=test&after={most}~1~a~b",
                 f"/projects/{project}?check=test&after=1~{most}~a~b",
                 f"/sessions/{session}/facts?records=tool_call&after=a~{most}~b"):  # fmt: skip
        assert client.get(path).status_code == 400, path


def test_each_filter_of_responses_can_be_taken_away(various, settings):
    ((session,),) = rows(settings, "SELECT MIN(id) FROM session WHERE prompts > 0")
    for within in ("prompt=1", "places=0-9"):
        path = f"/responses?{ALL}&session={session}&{within}&model=m&lacks=price"
        bar = various.get(path).text.partition('aria-label="Narrowed to"')[2].partition("</nav>")[0]
        ways = [each.replace("&amp;", "&") for each in re.findall(r'<a href="([^"]+)"', bar)]
        assert len(ways) == 4, bar
        for way in ways:
            assert various.get(way).status_code == 200, way
        assert f"/responses?{ALL}&model=m&lacks=price" in ways
