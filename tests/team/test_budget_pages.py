"""Budgets on the page of costs, of a company in which everybody does the same: each month by week
beside its budget, as words, as a table and as a chart, and the projects that have one."""

from __future__ import annotations

import re
from html import unescape

import pytest
from accrete_team.budgets import set_budget

from tests.company import add_session
from tests.team.even import DOLLAR, NOW, even
from tests.team.seen import parts, rows, words_of
from tests.team.signed import signed_in

pytestmark = [pytest.mark.long, pytest.mark.parametrize("team", ["sqlite"], indirect=True)]
DAY = 86_400_000
EARLY = NOW - 40 * DAY
"""2 October, in the block before the last one."""


@pytest.fixture
def budgets(team):
    even(team)
    with team.database() as db:
        for key, name in (("quay", "The Quay"), ("ledger", "Ledger")):
            db.run("INSERT INTO published_project (remote, id, name, at) VALUES (?, ?, ?, 1)",
                   (f"github.com/acme/{key}", key, name))  # fmt: skip
        set_budget(db, 200 * DOLLAR, actor=None, now=EARLY)
        set_budget(db, 50 * DOLLAR, actor=None, now=EARLY, project="quay")
        set_budget(db, 5000 * DOLLAR, actor=None, now=NOW - 2 * DAY, project="ledger")
    return team


def costs(team, *, now: int = NOW, who: str = "Ada Admin") -> str:
    return signed_in(team, who, now=now).page("/costs?range=12w")


def months(html: str) -> list[str]:
    """What is said of each month, in words."""
    part = html[html.index('id="budget"') : html.index("By project")]
    found = re.findall(r"<h3>(.*?)</h3>\s*<p>(.*?)</p>", part, re.S)
    return [f"{words_of(name)}: {words_of(said)}" for name, said in found]


def bars(html: str, month: str) -> list[tuple[float, float, str]]:
    """Where the bars of the chart of a month begin, how wide they are, and what they say."""
    chart = html.partition(f'aria-label="What {month} cost')[2].partition("</svg>")[0]
    found = re.findall(r'<rect class="b2?" x="([\d.]+)".*?width="([\d.]+)".*?<title>(.*?)</title>',
                       chart, re.S)  # fmt: skip
    return [(float(x), float(width), unescape(said)) for x, width, said in found]


def test_each_month_is_told_by_week_in_words_as_a_table_and_as_a_chart(budgets):
    html = costs(budgets)
    assert months(html) == [
        "November 2026: 1 Nov 2026 to 8 Nov 2026: $60.00 of $200.00, 30% of the budget. $249 to "
        "$256 by 30 Nov 2026, beyond the budget.",
        "October 2026: 1 Oct 2026 to 31 Oct 2026: $270.00 of $200.00, 135% of the budget.",
    ]
    assert rows(html, "month1") == [
        ["26 Oct 2026 to 31 Oct 2026", "$62.50", "$270.00", "135%"],
        ["19 Oct 2026 to 25 Oct 2026", "$62.50", "$207.50", "104%"],
        ["12 Oct 2026 to 18 Oct 2026", "$62.50", "$145.00", "72%"],
        ["5 Oct 2026 to 11 Oct 2026", "$62.50", "$82.50", "41%"],
        ["1 Oct 2026 to 4 Oct 2026", "$20.00", "$20.00", "10%"],
    ]
    assert rows(html, "month") == [
        ["2 Nov 2026 to 8 Nov 2026", "$60.00", "$60.00", "30%"],
        ["1 Nov 2026 to 1 Nov 2026", "$0.00", "$0.00", "0%"],
    ]
    by = "by week, newest first. $200.00 a month, set on 2 Oct 2026 by the command line."
    captions = [words_of(each) for each in parts(html, "caption")]
    assert f"November 2026 {by}" in captions
    assert f"October 2026 {by}" in captions
    assert [bar[2] for bar in bars(html, "October 2026")] == [
        f"Up to {day} Oct 2026: {so_far}" for day, so_far in
        ((4, "$20.00"), (11, "$82.50"), (18, "$145.00"), (25, "$207.50"), (31, "$270.00"))
    ]  # fmt: skip
    per_day = 300 / 31
    for (x, width, _), (first, last) in zip(
        bars(html, "October 2026"), ((1, 4), (5, 11), (12, 18), (19, 25), (26, 31)), strict=True
    ):
        assert abs(x - (first - 1) * per_day) < 0.1
        assert abs(width - (last - first + 1) * per_day) < 2.1
    assert bars(html, "November 2026")[-1][2] == "Forecast: $249 to $256"
    assert "budget $200.00" in html
    alerts = [words_of(each) for each in re.findall(r'<p class="notice[^>]*>(.*?)</p>', html, re.S)]
    text = " ".join(alerts) or words_of(html)
    assert "October 2026 cost $270.00, more than its budget of $200.00. It passed it in the week " \
           "to 25 Oct 2026." in text  # fmt: skip
    assert ("November 2026 will cost more than its budget of $200.00, if its weeks go on like the "
            "last ones: $249 to $256.") in text  # fmt: skip
    assert "The Quay: October 2026 cost $100.00, more than its budget of $50.00." in text
    assert "Ledger: " not in text


def test_budgets_of_projects_stand_by_name_and_month(budgets):
    assert rows(costs(budgets), "project-budgets") == [
        ["Ledger", "November 2026", "$5,000.00 set 9 Nov 2026", "$40.00 from 2 Nov 2026 on", "1%",
         "—"],
        ["The Quay", "October 2026", "$50.00 set 2 Oct 2026", "$100.00", "200%", "$100"],
        ["The Quay", "November 2026", "$50.00 set 2 Oct 2026", "$20.00", "40%", "$83"],
    ]  # fmt: skip
    with budgets.database() as db:
        db.run("DELETE FROM published_project WHERE id = 'quay'")
        for table in ("session", "session_day", "session_usage"):
            db.run(f"DELETE FROM {table} WHERE person > 4 AND local_day BETWEEN '2026-10-12' AND "
                   "'2026-10-18'")  # fmt: skip
            db.run(f"DELETE FROM {table} WHERE person > 4 AND local_day > '2026-11-01'")
    table = rows(costs(budgets), "project-budgets")
    assert table[1] == ["project quay", "October 2026", "$50.00 set 2 Oct 2026",
                        "$80.00 1 week left out", "160%", "$80"]  # fmt: skip
    assert [row[0] for row in table] == ["Ledger", "project quay", "project quay"]
    assert [row[3:5] for row in table[::2]] == [["—", "—"], ["$0.00 1 week left out", "0%"]]


def test_a_week_that_cannot_be_told_by_its_days_is_of_one_month_and_ends_at_its_edge(budgets):
    with budgets.database() as db:
        for table in ("session", "session_day", "session_usage"):
            db.run(f"DELETE FROM {table} WHERE person > 3 AND local_day = '2026-10-01'")
        for person in range(1, 4):
            add_session(db, person, 5000, "2026-11-01")
    html = costs(budgets)
    table = rows(html, "month1")
    assert [row[0] for row in (table[-1], table[0])] == [
        "28 Sep 2026 to 4 Oct 2026", "26 Oct 2026 to 1 Nov 2026"
    ]  # fmt: skip
    drawn = bars(html, "October 2026")
    per_day = 300 / 31
    assert abs(drawn[0][0]) < 0.1
    assert abs(drawn[0][1] - 4 * per_day) < 2.1
    assert abs(drawn[-1][0] - 25 * per_day) < 0.1
    assert abs(drawn[-1][1] - 6 * per_day) < 2.1
    assert drawn[-1][2].startswith("Up to 1 Nov 2026: ")


def test_a_week_of_few_people_is_left_out_and_said_so(budgets):
    with budgets.database() as db:
        for table in ("session", "session_day", "session_usage"):
            db.run(f"DELETE FROM {table} WHERE person > 4 AND local_day BETWEEN '2026-10-12' AND "
                   "'2026-10-18'")  # fmt: skip
    html = costs(budgets)
    assert months(html)[1] == (
        "October 2026: 1 Oct 2026 to 31 Oct 2026: $207.50 of $200.00, 104% of the budget. 1 week "
        "of fewer than five people left out."
    )
    assert rows(html, "month1")[2] == ["12 Oct 2026 to 18 Oct 2026", "—", "$82.50", "41%"]


@pytest.mark.parametrize(
    ("dollars", "where"),
    [(254, "near"), (256.3, "within"), (248, "beyond"), (255, "near"), (300, "within")],
)
def test_a_forecast_is_within_near_or_beyond_the_budget(budgets, dollars, where):
    with budgets.database() as db:
        set_budget(db, int(dollars * DOLLAR), actor=None, now=NOW - DAY)
    html = costs(budgets)
    assert f"$249 to $256 by 30 Nov 2026, {where} the budget." in months(html)[0]
    will = r"(?<!The Quay: )November 2026 will cost more than its budget"
    assert bool(re.search(will, words_of(html))) == (where == "beyond")


def test_who_sees_the_budget_is_told_whose_it_is(budgets):
    whose = "The budget and its months are the company's, not your teams' alone."
    assert whose not in words_of(costs(budgets))
    html = costs(budgets, who="Lena Lead")
    assert whose in words_of(html)
    assert months(html) == months(costs(budgets))
    assert "project-budgets" not in html
    assert "Set budgets" not in html
    with budgets.database() as db:
        set_budget(db, None, actor=None, now=NOW - DAY)
    assert "The company has no budget." in costs(budgets)
    assert "Budget" not in costs(budgets, who="Lena Lead")
