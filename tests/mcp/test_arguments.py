"""What models send to the tools, and what they are told when it makes no sense."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from accrete_mcp.record import Record
from mcp import Client

from accrete.clock import LocalNow
from accrete.practices import all_practices
from tests.mcp.asked import answered, asked, call, keep, refused, shipped
from tests.transcripts import Transcript

pytestmark = pytest.mark.long


def asked_over_days() -> Transcript:
    t = Transcript(1)
    for n in range(3):
        t.prompt(f"needle {n}", after_ms=0 if n == 0 else 86_400_000)
        t.answer(f"msg_{n}")
    return t


@pytest.mark.parametrize("limit", ["1", " 1 ", 1.0, "1.0", [1], ["1"]])
def test_a_number_is_understood_however_it_is_sent(home, limit):
    keep(home, asked_over_days())
    assert len(call("usage", limit=limit)["rows"]) == 1
    assert len(call("search_history", words="needle", project="all", limit=limit)["hits"]) == 1
    assert len(call("what_to_try", limit=limit)["steps"]) <= 1


@pytest.mark.parametrize("nothing", [None, "", " ", "null", "None", "undefined", [], {}])
def test_null_means_that_nothing_was_given(home, nothing):
    keep(home, shipped())
    assert call(
        "usage", by=nothing, project=nothing, since=nothing, until=nothing, limit=nothing
    ) == call("usage")
    assert call("my_practices", practice=nothing, project=nothing) == call("my_practices")
    assert call("session", id=nothing, view=nothing) == call("session")


@pytest.mark.parametrize(
    "limit", ["many", 0, -3, "0", True, 1.5, "nan", "9" * 5000, "inf", [1, 2], {"n": 1}]
)
def test_what_is_no_number_is_refused_with_a_call_that_works(home, limit):
    keep(home, shipped())
    said = refused("usage", limit=limit)
    assert "whole number" in said
    assert "Call usage(limit=10)." in said
    assert len(said) < 200


def test_more_than_a_tool_shows_is_as_much_as_it_shows(home):
    keep(home, shipped())
    assert call("usage", limit=10**30)["rows"]


@pytest.mark.parametrize(
    ("tool", "given", "better"),
    [
        ("usage", {"group_by": "model"}, 'usage(by="model")'),
        ("usage", {"days": 7}, 'usage(since="7d")'),
        (
            "usage",
            {"by": "week", "from": "2w", "to": "today"},
            'usage(by="week", since="2w", until="today")',
        ),
        ("usage", {"nothingLikeIt": 1}, "usage()"),
        ("usage", {"Project": "all"}, 'usage(project="all")'),
        ("session", {"sessionId": "abc"}, 'session(id="abc")'),
        ("search_history", {"query": "cart"}, 'search_history(words="cart")'),
        (
            "search_history",
            {"words": "cart", "max_results": 3},
            'search_history(words="cart", limit=3)',
        ),
        ("my_practices", {"name": "review"}, 'my_practices(practice="review")'),
        ("what_to_try", {"count": 1}, "what_to_try(limit=1)"),
        ("compare_with_team", {"untill": "today"}, 'compare_with_team(until="today")'),
    ],
)
def test_an_unknown_argument_is_refused_with_the_right_call(home, tool, given, better):
    keep(home, shipped())
    said = refused(tool, **given)
    assert f"Call {better}." in said
    assert f"{tool} has no argument" in said


def test_an_unknown_argument_has_the_names_that_there_are_beside_it(home):
    said = refused("usage", nosuch=1, **{"x" * 9000: "y" * 9000, "a\nb\x1b": None})
    assert "It takes by, project, since, limit, until." in said
    assert len(said) < 500
    assert "\x1b" not in said


def test_what_a_tool_needs_is_asked_for(home):
    assert "search_history needs words" in refused("search_history")
    assert "search_history needs words" in refused("search_history", words=None)


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ("days", "day"),
        ("DAY", "day"),
        ("daily", "day"),
        ("weekly", "week"),
        ("Monthly", "month"),
        (" projects ", "project"),
        (["model"], "model"),
        ("sub-agents", "subagent"),
        ("branches", "branch"),
    ],
)
def test_one_of_several_words_is_understood_in_its_other_forms(home, given, key):
    keep(home, shipped())
    assert call("usage", by=given)["by"] == key


@pytest.mark.parametrize("given", ["colour", 7, True, {"a": 1}, ["day", "week"], "d" * 9000])
def test_none_of_several_words_is_refused_with_all_of_them(home, given):
    said = refused("usage", by=given)
    assert "Call usage(by=" in said
    assert len(said) < 400


@pytest.mark.parametrize(
    "words", ["\ud800 needle", "needle\0", "needle " * 20_000, ["needle"], "\u202eneedle"]
)
def test_any_text_is_taken(home, words):
    keep(home, asked_over_days())
    call("search_history", words=words, project="all")


def test_a_number_is_taken_for_a_text_where_a_text_is_asked_for(home):
    keep(home, asked_over_days())
    assert call("search_history", words=2, project="all")["hits"]


def test_an_unknown_tool_is_told_which_there_are():
    assert "Choose one of my_practices" in refused("no_such_tool")


@pytest.mark.parametrize(
    "day",
    [
        "2026-09-21",
        "2026-09-21T14:00:00Z",
        "2026-09-21 14:00",
        "2026-09",
        "2026",
        "last 3650 days",
        "3650 days ago",
        "past 100 months",
    ],
)
def test_days_are_understood_as_models_write_them(home, day):
    keep(home, shipped())
    assert call("usage", since=day)["rows"]


def test_a_week_or_month_is_whole_at_both_ends(home):
    keep(home, asked_over_days())  # 21 to 23 September 2026
    assert len(call("usage", since="2026-09", until="2026-09")["rows"]) == 3
    assert (
        len(
            call("search_history", words="needle", project="all", since="2026-02", until="2026")[
                "hits"
            ]
        )
        == 3
    )
    assert not call("usage", since="2026-02", until="2026-02").get("rows")
    for words in ("this week", "last week", "this month", "last month"):
        call("usage", since=words, until=words)


@pytest.mark.parametrize(
    "day", ["whenever", "2026-13-01", "-1d", "9" * 400, "2026-09-99", "\x1b[31m", "0000"]
)
def test_what_is_no_day_is_refused_with_days_that_are(home, day):
    keep(home, shipped())
    said = refused("usage", since=day)
    assert "is not a date. Call it with" in said
    assert len(said) < 300


def test_days_the_wrong_way_round_are_refused_with_the_right_way(home):
    keep(home, shipped())
    said = refused("usage", since="2026-03-02", until="2026-03-01")
    assert 'since="2026-03-01", until="2026-03-02"' in said


@pytest.mark.parametrize(
    "tool", ["my_practices", "what_to_try", "compare_with_team", "usage", "session"]
)
def test_a_server_whose_folder_was_removed_answers(home, tool, tmp_path, monkeypatch):
    keep(home, shipped())
    gone = tmp_path / "gone"
    gone.mkdir()
    here = Path.cwd()
    monkeypatch.delenv("CLAUDE_PROJECT_DIR", raising=False)
    os.chdir(gone)
    try:
        gone.rmdir()
        call(tool)
        refused("my_practices", project="./elsewhere")
    finally:
        os.chdir(here)


def test_a_removed_worktree_is_still_the_project_that_it_was_of(home, tmp_path, monkeypatch):
    folder = tmp_path / "shop"
    folder.mkdir()
    t = Transcript(3, cwd=str(folder))
    t.prompt("needle in the shop")
    t.answer()
    keep(home, t, shipped())
    monkeypatch.delenv("CLAUDE_PROJECT_DIR", raising=False)
    here = Path.cwd()
    os.chdir(folder)
    try:
        folder.rmdir()
        assert len(call("search_history", words="needle")["hits"]) == 1
        assert len(call("search_history", words="needle", project=".")["hits"]) == 1
        assert not call("search_history", words="add").get("hits")
    finally:
        os.chdir(here)


def test_every_practice_answers_to_its_name_and_title(home):
    keep(home, shipped())
    names = {
        name: practice.what
        for practice in all_practices()
        for name in (
            practice.name,
            practice.title,
            practice.name.upper().replace("-", "_"),
            f" {practice.name} ",
        )
    }

    async def each(client: Client) -> dict[str, str]:
        return {
            name: (await answered(client, "my_practices", practice=name, project="all"))["what"]
            for name in names
        }

    assert asked(each) == names


@pytest.mark.parametrize(
    ("today", "words", "span"),
    [
        ("2026-11-25", "this week", ("2026-11-23", "2026-11-25")),
        ("2026-11-23", "this week", ("2026-11-23", "2026-11-23")),
        ("2026-11-25", "last week", ("2026-11-16", "2026-11-22")),
        ("2026-11-23", "last week", ("2026-11-16", "2026-11-22")),
        ("2026-11-25", "this month", ("2026-11-01", "2026-11-25")),
        ("2026-03-31", "last month", ("2026-02-01", "2026-02-28")),
        ("2026-01-01", "last month", ("2025-12-01", "2025-12-31")),
        ("2026-11-25", "2025", ("2025-01-01", "2025-12-31")),
        ("2026-11-25", "2024-02", ("2024-02-01", "2024-02-29")),
        ("2026-11-25", "0000", None), ("2026-11-25", "2026-13", None),
        ("2026-11-25", "next week", None),
    ],
)  # fmt: skip
def test_a_week_a_month_and_a_year_are_meant_by_their_names(today, words, span):
    at = int(datetime.fromisoformat(f"{today}T12:00:00+00:00").timestamp() * 1000)
    asked = cast("Record", SimpleNamespace(now=LocalNow("UTC", at)))
    assert Record._span(asked, words) == span


def test_only_the_first_unknown_arguments_are_named(home):
    said = refused("usage", **{f"odd{n}": 1 for n in range(7)})
    assert "'odd4'" in said
    assert "odd5" not in said.partition("It takes")[0]
