"""Parts of the page of a search, each by itself: weeks, links of bars, places by session."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from accrete.clock import LocalTime
from accrete.explorer.pages import search
from accrete.explorer.view import View
from accrete.queries.scope import Scope
from accrete.queries.search import Hit
from tests.transcripts import START


def view(now: int = START) -> View:
    made = SimpleNamespace(
        local=LocalTime("UTC"),
        now=now,
        link=lambda path, **named: path,
        bare=lambda path, **named: path,
        here=lambda **named: " ".join(f"{name}={value}" for name, value in named.items()),
    )
    return cast(View, made)


def hit(session: str, **given: object) -> Hit:
    values = dict.fromkeys(Hit._fields) | {
        "session": session, "kind": "typed_prompt", "uuid": f"u-{session}", "run": "",
        "excerpt": "", "project": "",
    }  # fmt: skip
    return Hit(**values | given)  # type: ignore[arg-type]


def test_every_week_from_the_first_to_the_last_has_its_places():
    assert search._weeks({}) == search._weeks({"": 3}) == []
    assert search._weeks({"2026-11-15": 2}) == [("2026-11-09", 2)]
    days = {"2026-11-02": 1, "2026-11-08": 2, "2026-11-23": 4, "": 9}
    assert search._weeks(days) == [
        ("2026-11-02", 3), ("2026-11-09", 0), ("2026-11-16", 0), ("2026-11-23", 4),
    ]  # fmt: skip


def test_of_many_weeks_the_last_are_shown():
    last = date(2026, 11, 23)
    for back, shown in ((search.MOST_WEEKS - 1, search.MOST_WEEKS), (search.MOST_WEEKS, None)):
        first = last - timedelta(7 * back)
        found = search._weeks({first.isoformat(): 5, last.isoformat(): 1})
        assert len(found) == search.MOST_WEEKS
        assert found[-1] == ("2026-11-23", 1)
        assert (found[0] == (first.isoformat(), 5)) is (shown is not None)


@pytest.mark.parametrize(
    ("since", "until", "link"),
    [
        (None, None, "since=2026-11-09 until=2026-11-15"),
        ("2026-11-11", "2026-11-13", "since=2026-11-11 until=2026-11-13"),
        ("2026-11-01", "2026-11-30", "since=2026-11-09 until=2026-11-15"),
    ],
)
def test_a_bar_leads_to_the_days_of_its_week_that_were_searched(since, until, link):
    scope = cast(Scope, SimpleNamespace(since=since, until=until))
    assert search._in_week(view(), scope, "2026-11-09") == link
    made = search._chart(view(), scope, [("2026-11-09", 1), ("2026-11-16", 2)])
    beyond = f"since=2026-11-16 until={until or '2026-11-22'}"
    assert [(mark.label, mark.href) for mark in made.marks] == [
        ("Week of 9 Nov 2026: 1 place", link),
        ("Week of 16 Nov 2026: 2 places", beyond.replace("2026-11-30", "2026-11-22")),
    ]
    assert made.ends == ("week of 9 Nov 2026", "week of 16 Nov 2026")
    rows = search._week_sheet(view(), scope, [("2026-11-09", 1), ("2026-11-16", 2)]).rows
    assert [row[0].value for row in rows] == ["2026-11-16", "2026-11-09"]
    assert [row[1].value for row in rows] == [2, 1]


def test_places_stand_by_session_the_best_of_each_first():
    some = [
        hit("a", at=START, uuid="1", title="A", project="p"),
        hit("b", at=START - 5, uuid="2"),
        *(hit("a", at=START - 10 * n, uuid=f"a{n}", kind="answer") for n in range(1, 5)),
    ]
    groups = search._groups(view(), some)
    assert [group.title for group in groups] == [
        "A", f"Session of {LocalTime('UTC').text(START, '%-d %b %Y')}"
    ]  # fmt: skip
    assert [group.at for group in groups] == [START, START - 5]
    first = groups[0]
    assert (len(first.steps), len(first.rest)) == (search.STEPS, 5 - search.STEPS)
    assert [each.at for each in [*first.steps, *first.rest]] == [
        START - 10 * n for n in range(5)
    ]  # fmt: skip
    assert (first.project, groups[1].project) == ("p", "")


def test_a_place_is_a_row_that_says_what_is_not_known():
    rows = search._steps(
        view(),
        [
            hit("0123456789", at=None, prompt=3, excerpt="a \x02word\x03", kind="odd", name="Bash",
                uuid="fedcba9876"),
            hit("b", title="B", project="p", kind="odd"),
        ],
    ).rows  # fmt: skip
    assert [cell.text for cell in rows[0]][:4] == ["01234567", "Session 01234567", "—", "3"]
    assert (rows[0][5].text, rows[0][6].text) == ("Bash", "fedcba98")
    assert rows[0][7].value == "a **word**"
    assert [cell.text for cell in rows[1]][1:3] == ["B", "p"]
    assert rows[1][5].text == "odd"
    assert [rows[0][2].value, rows[1][2].value] == [None, "p"]


def test_the_label_of_a_range_within_a_sentence():
    assert search._in_sentence("The last 4 weeks") == "the last 4 weeks"
    assert search._in_sentence("3 Nov 2026") == "3 Nov 2026"
    assert search._in_sentence("") == ""
