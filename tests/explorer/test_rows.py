"""Cells of the tables that several pages have: figures, links, and why one is not known."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from accrete.clock import LocalTime
from accrete.explorer.listings import (
    came_of,
    cost_sheet,
    money_cell,
    pull_name,
    session_sheet,
    share_of,
    tone,
)
from accrete.explorer.page import Cell, Column
from accrete.explorer.templates import when
from accrete.explorer.view import View
from accrete.queries.costs import CostRow
from accrete.queries.pulls import PullRow
from accrete.queries.sessions import SessionRow
from tests.transcripts import START

DAY_MS = 86_400_000
UTC = LocalTime("UTC")


def session(**given: Any) -> SessionRow:
    values = dict.fromkeys(SessionRow._fields, 0)
    known = {"id": "s1", "title": "Fix it", "project": "p1", "project_name": "demo",
             "branch": "main", "started_at": START, "outcome": None}  # fmt: skip
    return SessionRow(**values | known | given)


def cells(**given: Any) -> dict[str, Cell]:
    """The cells of a session's row by the key of their column."""
    view = SimpleNamespace(link=lambda path: path, local=UTC, now=START)
    sheet = session_sheet(cast(View, view), [session(**given)], caption="")
    return dict(zip([column.key for column in sheet.columns], sheet.rows[0], strict=True))


def test_a_session_leads_to_itself_and_to_its_project():
    found = cells(prompts=2, prompts_queued=3, active_ms=61_000, cost_own_nano=5, outcome="shipped")
    assert (found["title"].text, found["title"].href) == ("Fix it", "/sessions/s1")
    assert (found["project"].value, found["project"].href) == ("demo", "/projects/p1")
    assert (found["project"].why, found["active_ms"].why) == ("", "")
    assert (found["prompts"].value, found["prompts"].text) == (5, "5")
    assert (found["outcome"].value, found["outcome"].tone) == ("shipped", "good")


def test_what_a_session_does_not_have_says_why():
    found = cells(title=None, project=None, project_name="", active_ms=None,
                  prompts=2, prompts_queued=1, local_day="2026-11-16")  # fmt: skip
    assert (found["title"].value, found["title"].text) == (
        None,
        "Session of 16 Nov 2026, 3 prompts",
    )
    assert (found["project"].text, found["project"].href) == ("—", None)
    assert found["project"].why == "It has no folder."
    assert found["active_ms"].why == "Its lines have no time."
    assert found["outcome"].why == "Nothing tells yet what came of it."


@pytest.mark.parametrize(
    ("given", "under"),
    [
        ({}, ""),
        ({"branch": "master"}, ""),
        ({"branch": None}, ""),
        ({"branch": "fix"}, "fix"),
        ({"automated": 1, "partly": 1}, "automated · goes beyond this range"),
        ({"tool_errors": 1, "agents": 2, "compactions": 3},
         "1 failed call · 2 subagents · 3 compactions"),
    ],
)  # fmt: skip
def test_what_is_unusual_about_a_session_stands_under_its_title(given, under):
    assert cells(**given)["title"].under == under


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, " "),
        ({"commits": 1}, "1 commit"),
        ({"commits": 2, "pull_requests": 1}, "2 commits, 1 pull request"),
        ({"checks": 3}, "3 checks"),
        ({"checks": 3, "checks_failed": 1}, "3 checks, 1 failed"),
    ],
)
def test_what_came_of_a_session_is_counted(given, said):
    assert came_of(session(**given)) == said


def test_tones_are_of_good_and_bad_ends_only():
    assert [tone(each) for each in ("shipped", "errored", "abandoned", "explored", None)] == [
        "good", "bad", "bad", "plain", "plain"]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "value", "text", "why"),
    [
        (money_cell(0), 0, "$0.00", ""),
        (money_cell(0, 1), None, "—", "1 response without a price."),
        (money_cell(1_500_000_000), 1_500_000_000, "$1.50", ""),
        (money_cell(1_500_000_000, 2), 1_500_000_000, "$1.50+", ""),
        (money_cell(1_500_000_000, 0, 1), 1_500_000_000, "≥ $1.50", ""),
        (money_cell(1_500_000_000, 2, 1), 1_500_000_000, "$1.50+", ""),
    ],
)
def test_a_cost_says_how_well_it_is_known(cell, value, text, why):
    assert (cell.value, cell.text, cell.why) == (value, text, why)


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(0, 0, "—"), (1, 0, "—"), (0, 9, "0%"), (4, 1000, "<1%"), (5, 1000, "0%"), (1, 3, "33%")],
)
def test_a_share_that_would_read_as_nothing_says_so(part, whole, said):
    assert share_of(part, whole) == said


def costs(total: int | None) -> list[list[Any]]:
    row = CostRow("k", "l", 2, 3, 1, 20, 300, 4000, 0, 600_000_000, 400_000_000, 0, 0, 0)
    named = [Cell("k")]
    sheet = cost_sheet("models", "", Column("model", "Model"), [row], named, behind=["/responses"],
                       total=total)  # fmt: skip
    linked = [column.key for column, cell in zip(sheet.columns, sheet.rows[0], strict=True)
              if cell.href == "/responses"]  # fmt: skip
    assert linked == ["responses", "cost_nano"]
    assert len(sheet.columns) == len(sheet.rows[0])
    return [[cell.value, cell.text] for cell in sheet.rows[0]]


def test_a_row_of_costs_adds_up_its_tokens_and_has_a_share_only_of_a_total():
    known = [["k", ""], [2, "2"], [3, "3"], [4321, "4.3k"], [1_000_000_000, "$1.00"]]
    assert costs(None) == known
    assert costs(4_000_000_000) == [*known, [0.25, "25%"]]
    assert costs(0) == [*known, [None, "—"]]


def test_a_pull_request_is_named_by_its_number_where_its_place_is_known():
    values = dict.fromkeys(PullRow._fields) | {"url": "https://x.org/1"}
    assert pull_name(PullRow(**values)) == "https://x.org/1"
    assert pull_name(PullRow(**values | {"number": 3})) == "https://x.org/1"
    named = PullRow(**values | {"number": 3, "repository": "dev/demo"})
    assert pull_name(named) == "dev/demo #3"


def test_an_instant_is_told_by_how_long_ago_it_is():
    told = [when(START - ago * DAY_MS, UTC, START) for ago in (0, 1, 2, 6, 7, 263, 264)]
    assert told == [
        "today 14:13", "yesterday 14:13", "Sat 14:13", "Tue 14:13", "14 Sep", "1 Jan",
        "31 Dec 2025"]  # fmt: skip
    assert when(START + DAY_MS, UTC, START) == "22 Sep"
    assert when(None, UTC, START) == "—"
