"""Budgets of a company and of its projects: who sets and sees them, and that what a month cost
equals a plain count and tells nothing of fewer than five people."""

from __future__ import annotations

import random
import re
from datetime import date, timedelta
from html import unescape

import pytest
from accrete_team import tokens
from accrete_team.__main__ import commands
from accrete_team.amounts import Fact, Where, shown
from accrete_team.budgets import (
    Budget,
    Followed,
    at,
    budgets,
    followed_by,
    read_dollars,
    set_budget,
)
from accrete_team.months import Sums, _in_question, beside, days_of, forecast, month_of, parts_of
from accrete_team.pages.budget import alert, words
from accrete_team.weeks import last_whole, later
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from accrete.clock import monday
from accrete.errors import AccreteError
from accrete.insight.four_weeks import block_of, months_of
from accrete.insight.sums import FEWEST
from tests.insight.test_sums import isolated
from tests.team.leading import LEAD, last_day, led
from tests.team.signed import a_person, in_team, signed_in
from tests.team.test_amounts import BLOCK, blocks_of, held, world

pytestmark = pytest.mark.long

DOLLAR = 10**9
BUDGET = Budget("", 1000 * DOLLAR, 0, "Ada Admin")


def even(first: str, last: str, each: int) -> Sums:
    """The same cost every week; what a week has in each of two months is by its days."""
    weeks, parts, week = {}, {}, monday(first)
    while week <= last:
        weeks[week] = each
        for month in months_of(week)[1:]:
            days = [(date.fromisoformat(week) + timedelta(n)).isoformat() for n in range(7)]
            for half in (week[:7], month):
                parts[week, half] = each * sum(day[:7] == half for day in days) // 7
        week = later(week, 1)
    return Sums(weeks, parts)


def test_a_month_is_whole_weeks_and_its_days_of_the_weeks_at_its_ends():
    sums = even("2026-07-01", "2026-11-09", 70 * DOLLAR)
    october = parts_of(sums, "2026-10", "2026-11-09")
    assert october[0].first == "2026-10-01"
    assert october[-1].last == "2026-10-31"
    assert sum(each.nano for each in october) == 310 * DOLLAR
    whole = Sums(sums.weeks, {})
    assert parts_of(whole, "2026-10", "2026-11-09")[0].first == "2026-09-28"
    assert parts_of(whole, "2026-10", "2026-11-09")[-1].last == "2026-11-01"
    assert parts_of(whole, "2026-11", "2026-11-09")[0].first == "2026-11-02"
    few = Sums({"2026-11-02": 5}, {})
    assert [each.nano for each in parts_of(few, "2026-11", "2026-11-09")] == [5, None]
    late = Sums(sums.weeks, sums.months, "2026-11-09")
    assert [each.first for each in parts_of(late, "2026-11", "2026-11-09")] == ["2026-11-09"]


@given(st.integers(2024, 2030), st.integers(1, 12), st.sets(st.integers(0, 70)))
@settings(deadline=None)
def test_each_day_counts_in_one_month_whatever_may_be_told(year, nth, told):
    first = date(year, nth, 1)
    months = [f"{first + timedelta(31 * n):%Y-%m}" for n in range(3)]
    week, parts = monday(f"{months[0]}-01"), {}
    weeks = {later(week, n): 1 for n in range(20)}
    for n, each in enumerate(weeks):
        if len(months_of(each)) == 2 and n in told:
            parts |= {(each, month): 1 for month in months_of(each)}
    spans = [part for month in months for part in parts_of(Sums(weeks, parts), month, max(weeks))]
    for one, after in zip(spans, spans[1:], strict=False):
        assert date.fromisoformat(one.last) + timedelta(1) == date.fromisoformat(after.first)


def test_a_forecast_is_made_of_the_last_weeks_and_is_not_said_early():
    sums = even("2026-07-01", "2026-11-09", 70 * DOLLAR)
    month = month_of(sums, BUDGET, "2026-11", "2026-11-17")
    assert (month.spent, month.low, month.high) == (150 * DOLLAR, 300 * DOLLAR, 300 * DOLLAR)
    assert words(month) == (
        "1 Nov 2026 to 15 Nov 2026: $150.00 of $1,000.00, 15% of the budget. $300 by 30 Nov 2026, "
        "within the budget."
    )
    assert month_of(sums, BUDGET, "2026-11", "2026-11-04").low is None
    assert "No week of November 2026 is over" in words(month_of(
        Sums(sums.weeks, {}), BUDGET, "2026-11", "2026-11-04"))  # fmt: skip
    few = Sums({"2026-11-02": 1, "2026-11-09": 1, "2026-10-26": 1}, {})
    assert forecast(few, "2026-11", "2026-11-09") is None
    over = month_of(sums, BUDGET, "2026-10", "2026-11-03")
    assert over.over
    assert (over.low, over.spent) == (310 * DOLLAR, 310 * DOLLAR)


@pytest.mark.parametrize(
    ("month", "first", "last"),
    [
        # April 2026 ends on a Thursday: four days of that week are in it, three in May.
        ("2026-04", "2026-03-30", "2026-05-03"),
        ("2026-05", "2026-05-04", "2026-05-31"),
        # September ends on a Wednesday: three days of that week are in it, four in October.
        ("2026-09", "2026-08-31", "2026-09-27"),
        ("2026-10", "2026-09-28", "2026-11-01"),
    ],
)
def test_a_week_that_is_told_whole_counts_where_most_of_its_days_are(month, first, last):
    whole = Sums(even("2026-03-01", "2026-12-06", 70 * DOLLAR).weeks, {})
    parts = parts_of(whole, month, "2026-11-30")
    assert (parts[0].first, parts[-1].last) == (first, last)


def test_the_single_day_of_a_last_week_is_foreseen_until_that_week_is_over():
    """November 2026 ends on a Monday. Its last week is told by months, or is in December."""
    sums = even("2026-07-01", "2026-12-06", 70 * DOLLAR)
    for each, whole in ((sums, 300), (Sums(sums.weeks, {}), 280)):
        parts = parts_of(each, "2026-11", "2026-11-23")
        spent = sum(part.nano for part in parts)
        assert parts[-1].last == "2026-11-29"
        tomorrow = spent + 10 * DOLLAR
        assert forecast(each, "2026-11", "2026-11-23") == (tomorrow, tomorrow)
        assert forecast(each, "2026-11", "2026-11-30") == (whole * DOLLAR, whole * DOLLAR)


def test_a_month_beside_a_lead_tells_nobody_of_the_rest_of_its_week():
    """Six of the lead's people worked in the first days of a week of two months, others and two of
    them in its last days: the company's first days beside the lead's week tell of the two."""
    week = later(BLOCK, 4 * 13 + 4)
    while len(months_of(week)) == 1:
        week = later(week, 1)
    blocks = [block_of(week)]
    first, second = months_of(week)

    def facts(of_two: int, others: int = 6, idle: int = 0) -> list[Fact]:
        early, late = (Where(week, "a", "", frozenset({"forge"}), m) for m in (first, second))
        found = [Fact(person, early, 10) for person in range(6)]
        found += [Fact(person, late, 10) for person in range(of_two)]
        beside_ = late._replace(teams=frozenset())
        found += [Fact(person, beside_, 10) for person in range(10, 10 + others)]
        return found + [Fact(person, beside_, 0) for person in range(20, 20 + idle)]

    for of_two, told in ((0, True), (2, False), (5, True)):
        some = facts(of_two)
        every = shown(some, blocks, [], [])
        assert {key for key in every.months if key[0] == week} == {(week, first), (week, second)}
        sums = beside(some, every, blocks, [])
        assert week in sums.weeks
        assert (sums.months == every.months) is told, of_two
    for others, idle, told in ((5, 0, True), (4, 0, False), (4, 3, False), (0, 0, True)):
        some = facts(6, others, idle)
        sums = beside(some, shown(some, blocks, [], []), blocks, [])
        assert (week in sums.weeks, bool(sums.months)) == (told, told), (others, idle)


@pytest.mark.parametrize("month", ["2026-06", "2026-08", "2026-10", "2026-11"])
@pytest.mark.parametrize("split", [True, False])
def test_a_month_that_is_over_cost_what_was_spent_wherever_its_last_week_counts(month, split):
    sums = even("2026-05-01", "2026-12-06", 70 * DOLLAR)
    sums = sums if split else Sums(sums.weeks, {})
    last = monday(f"{month}-{days_of(month)}")
    spent = sum(part.nano for part in parts_of(sums, month, last))
    assert forecast(sums, month, last) == (spent, spent)
    before = later(last, -1)
    low, _ = forecast(sums, month, before)
    assert low > sum(part.nano for part in parts_of(sums, month, before))


def test_a_forecast_is_of_four_known_weeks_or_more_and_never_below_what_was_spent():
    weeks = {later("2026-11-09", -n): DOLLAR for n in range(4)}
    whole = 2 * DOLLAR + round(15 / 7 * DOLLAR)  # the two weeks of November, and the days left
    assert forecast(Sums(weeks, {}), "2026-11", "2026-11-09") == (whole, whole)
    del weeks["2026-10-19"]
    assert forecast(Sums(weeks, {}), "2026-11", "2026-11-09") is None
    wild = {later("2026-11-09", -n): 0 for n in range(8)} | {"2026-11-09": 700 * DOLLAR}
    low, high = forecast(Sums(wild, {}), "2026-11", "2026-11-09")
    assert low == 700 * DOLLAR < high


def test_a_budget_that_is_met_to_the_cent_is_not_passed():
    sums = even("2026-07-01", "2026-11-30", 70 * DOLLAR)
    for more, passed in ((0, None), (-1, "2026-11-30")):
        budget = BUDGET._replace(nano=300 * DOLLAR + more)
        found = month_of(sums, budget, "2026-11", "2026-12-07")
        assert (found.spent, found.passed) == (300 * DOLLAR, passed)
        assert (found.foreseen is None) is (passed is None)


@pytest.mark.parametrize(
    ("month", "today", "told", "foreseen"),
    [
        ("2026-11", "2026-11-04", False, None),
        ("2026-11", "2026-11-05", True, None),
        # A week that ends on the fifth day of a month, and one that ends on the fourth.
        ("2026-07", "2026-07-06", True, "2026-07-05"),
        ("2026-10", "2026-10-06", True, None),
    ],
)
def test_nothing_is_foreseen_before_the_fifth_day(month, today, told, foreseen):
    sums = even("2026-05-01", "2026-11-30", 420 * DOLLAR)
    found = month_of(sums, BUDGET, month, today)
    assert (found.low is not None, found.foreseen) == (told, foreseen)


@pytest.mark.parametrize(
    ("since", "said"),
    [("", None), ("2026-05-25", None), ("2026-06-01", None), ("2026-06-08", "2026-06-08")],
)
def test_from_when_the_weeks_of_a_month_are_told_is_said_where_that_is_in_it(since, said):
    sums = Sums(even("2026-05-01", "2026-07-05", DOLLAR).weeks, {}, since)
    assert month_of(sums, BUDGET, "2026-06", "2026-07-06").since == said


@pytest.mark.parametrize(
    ("today", "asked"),
    [
        ("2026-11-01", ["2026-11", "2026-10"]),
        ("2026-11-14", ["2026-11", "2026-10"]),
        ("2026-11-15", ["2026-11"]),
        ("2026-11-30", ["2026-11"]),
        ("2027-01-14", ["2027-01", "2026-12"]),
    ],
)
def test_early_in_a_month_the_one_before_is_said_too(today, asked):
    assert _in_question(today) == asked


def test_four_of_five_months_of_like_weeks_end_within_the_band():
    chance, inside, n = random.Random(11), 0, 400
    for _ in range(n):
        sums = even("2026-07-01", "2026-11-23", 0)
        weeks = {week: round(max(chance.gauss(70, 20), 0) * DOLLAR) for week in sums.weeks}
        parts = {(week, month): weeks[week] * (1 if month == "2026-11" else 6) // 7
                 for week, month in sums.months if week == "2026-10-26"}  # fmt: skip
        every = Sums(weeks, parts | {("2026-11-30", "2026-11"): 0})
        low, high = forecast(every, "2026-11", "2026-11-09")
        rest = weeks["2026-11-16"] + weeks["2026-11-23"] + round(
            max(chance.gauss(70, 20), 0) * DOLLAR) // 7  # fmt: skip
        whole = sum(each.nano for each in parts_of(every, "2026-11", "2026-11-09")) + rest
        inside += low <= whole <= high
    assert 0.70 <= inside / n <= 0.90


def test_when_a_budget_was_passed_and_when_that_was_foreseen_is_said():
    sums = even("2026-07-01", "2026-11-16", 420 * DOLLAR)
    month = month_of(sums, BUDGET, "2026-11", "2026-11-17")
    assert (month.foreseen, month.passed) == ("2026-11-08", None)
    assert alert(month, {}) == (
        "November 2026 will cost more than its budget of $1,000.00, if its weeks go on like the "
        "last ones: $1,800. First so in the week to 8 Nov 2026."
    )
    month = month_of(sums, BUDGET, "2026-11", "2026-11-24")
    assert month.passed == "2026-11-22"
    assert alert(month, {}) == (
        "November 2026 has cost $1,320.00, more than its budget of $1,000.00. It passed it in the "
        "week to 22 Nov 2026."
    )
    assert alert(month_of(sums, BUDGET._replace(nano=3000 * DOLLAR), "2026-11", "2026-11-24"),
                 {}) is None  # fmt: skip


def test_a_project_is_followed_from_the_block_of_its_budget_to_that_of_its_end():
    day, week = 86_400_000, 7 * 86_400_000
    start = 19_723 * day  # 2024-01-01
    first, second = BLOCK, later(BLOCK, 4)
    sets = [
        Budget("a", 1, start, ""),
        Budget("b", 1, start + week, ""),
        Budget("a", None, start + 2 * week, ""),
        Budget("", 9, start + 2 * week, ""),
    ]
    assert followed_by(sets) == [("a", first, first), ("b", first, None)]
    twice = [*sets, Budget("a", None, start + 5 * week, ""), Budget("c", None, start, "")]
    assert followed_by(twice) == [("a", first, first), ("b", first, None)]
    again = [*sets, Budget("a", 2, start + 3 * week, "")]
    assert followed_by(again) == [("a", first, None), ("b", first, None)]
    later_ = [*sets, Budget("a", 2, start + 5 * week, "")]
    assert followed_by(later_) == [("a", first, first), ("b", first, None), ("a", second, None)]
    assert at(sets, start + 3 * week).keys() == {"b", ""}


@given(st.integers(3, 9), st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_nobody_can_be_worked_out_of_the_company_beside_the_teams_of_a_lead(n, seed):
    facts = world(n, seed)
    over, runs = [BLOCK, later(BLOCK, 4)], [later(BLOCK, 8), later(BLOCK, 9)]
    mine = [fact._replace(where=fact.where._replace(teams=fact.where.teams & {"forge"}))
            for fact in facts]  # fmt: skip
    told = beside(mine, shown(mine, over, runs, []), over, runs)
    sums = list(shown([fact for fact in mine if fact.where.teams], over, runs, ["forge"]).sets)
    places = held(mine)
    sums += [frozenset(place for place in places if place.week == week) for week in told.weeks]
    sums += [frozenset(place for place in places if (place.week, place.month) == key)
             for key in told.months]  # fmt: skip
    assert isolated(places, [each for each in sums if each], FEWEST - 1) is None


def test_a_budget_set_later_changes_no_sum_that_was_shown():
    """Weeks of a project come after the weeks of all, and only from the block of its budget on."""
    for seed in range(20):
        facts = world(12, seed)
        moved = [Followed("a", later(BLOCK, 8), None)]
        before, after = blocks_of(facts), blocks_of(facts, moved)
        assert (before.weeks, before.months) == (after.weeks, after.months)
        assert (before.projects, before.models) == (after.projects, after.models)
        assert all(week >= later(BLOCK, 8) for week, _ in after.followed.get("a", {}))


def test_amounts_are_read_as_people_write_them():
    assert read_dollars("1,500.50") == 1_500_500_000_000
    assert read_dollars(" $900 ") == 900 * DOLLAR
    assert read_dollars("none") is read_dollars("NONE ") is read_dollars(" ") is None
    assert read_dollars("0.01") == DOLLAR // 100
    assert read_dollars("1,000,000,000") == 10**9 * DOLLAR
    for wrong in ("0", "-5", "1e9", "1,50", "ten", "0.001", "0.00", "1000000000.01", "$$5", "5$"):
        with pytest.raises(AccreteError, match="no amount"):
            read_dollars(wrong)


@pytest.fixture
def company(team):
    """The company of `led`, whose projects are published, with an administrator."""
    led(team, sessions=True)
    a_person(team, "Ada Admin", admin=True, password=None)
    with team.database() as db:
        db.run("INSERT INTO published_project (remote, id, name, at) VALUES "
               "('github.com/acme/ledger', 'ledger', 'The ledger', 1)")  # fmt: skip
    return team


def spent_on(team, first: str, last: str, more: str = "") -> int:
    ((nano,),) = team.rows(
        f"SELECT SUM(u.cost_nano) FROM session_usage u JOIN session s ON s.id = u.session AND "
        f"s.person = u.person WHERE u.local_day >= '{first}' AND u.local_day <= '{last}' {more}"
    )
    return int(nano or 0)


@pytest.mark.usefixtures("one_day")
def test_an_administrator_sets_a_budget_and_everything_about_it_is_counted(company):
    team, admin = company, signed_in(company, "Ada Admin")
    assert "The company has no budget." in admin.page("/costs")
    assert "Budget" not in signed_in(team, LEAD).page("/costs")
    for project, dollars in (("", "0.01"), ("ledger", "2,000")):
        sent = admin.form("/admin", "/admin/budget", project=project, dollars=dollars)
        assert sent.status_code == 303
    assert admin.form("/admin", "/admin/budget", project="", dollars="much").status_code == 400
    assert admin.form("/admin", "/admin/budget", project="x", dollars="5").status_code == 400
    assert "set by Ada Admin" in admin.page("/admin")
    log = team.rows("SELECT about FROM audit WHERE what = 'set' ORDER BY about")
    assert [about for (about,) in log] == [
        "budget of The ledger: $2,000.00 a month", "budget of the company: $0.01 a month",
    ]  # fmt: skip
    tables = admin.get("/costs?format=json").json()["tables"]
    today = last_day()
    newest = later(last_whole(today), 1)
    counted = [row for key in ("month", "month1") for row in tables.get(key, [])]
    assert counted or today[8:] < "14"
    first_of = date.fromisoformat(f"{today[:7]}-01")
    for row in counted:
        first = date.fromisoformat(row["week"])
        if row["cost_nano"] is None:
            continue
        weeks = months_of(monday(row["week"]))
        last = first + timedelta(6 - first.weekday())
        if len(weeks) == 2 and row["cost_nano"] != spent_on(team, str(first), str(last)):
            last = first.replace(day=days_of(weeks[0]))
        assert row["cost_nano"] == spent_on(team, str(first), str(last)), row
        assert str(last) < newest
    if tables.get("month"):
        html = unescape(admin.page("/costs"))
        total = tables["month"][0]["running"]
        assert total == sum(row["cost_nano"] or 0 for row in tables["month"])
        assert total > 0.01 * DOLLAR
        assert re.search(rf"{first_of:%B %Y} (has )?cost .*, more than its budget of \$0.01", html)
        assert "more than its budget of $0.01" in unescape(signed_in(team, LEAD).page("/week"))
    (ledger,) = [row for row in tables["project-budgets"] if row["month"] == today[:7]]
    assert ledger["name"] == "The ledger"
    assert ledger["budget"] == 2000 * DOLLAR
    since = max(block_of(monday(tokens.today().isoformat())), str(first_of))
    if ledger["cost_nano"] is not None:
        assert ledger["cost_nano"] <= spent_on(team, since, today, "AND s.project = 'ledger'")


def test_a_lead_sees_the_companys_budget_where_the_others_are_nobody_or_five(company):
    team = company
    with team.database() as db:
        set_budget(db, 5000 * DOLLAR, actor=None, now=1)
        set_budget(db, 100 * DOLLAR, actor=None, now=1, project="The ledger")
    mine = signed_in(team, LEAD).get("/costs?format=json").json()["tables"]
    whole = signed_in(team, "Ada Admin").get("/costs?format=json").json()["tables"]
    assert mine["month"] == whole["month"]
    assert "project-budgets" in whole
    assert "project-budgets" not in mine
    with team.database() as db:  # the company but two people is theirs now
        extra = a_person(team, "Otto Other", password=None)
        in_team(team, "Tools", leads=[extra], members=[])
        db.run("UPDATE team_place SET until = 2 WHERE person IN (1, 2) AND role = 'member'")
    few = signed_in(team, LEAD).get("/costs?format=json").json()["tables"]
    assert [row["cost_nano"] for row in few["month"]] == [None] * len(few["month"])
    same = signed_in(team, "Ada Admin").get("/costs?format=json").json()["tables"]
    assert same["month"] == whole["month"]


def test_a_budget_is_set_and_taken_back_by_command(company, monkeypatch):
    monkeypatch.setenv("ACCRETE_TEAM_HOME", str(company.registry.home))
    slug = company.slug("acme")

    def run(*more: str):
        return CliRunner().invoke(commands, ["company", "budget", slug, *more])

    assert "No budget. Set one" in run().output
    assert run("--month", "1500").exit_code == 0
    out = run("--project", "the ledger", "--month", "90.5").output
    assert "the company: $1,500.00 a month, set on " in out
    assert "The ledger: $90.50 a month, set on " in out
    assert "no amount of dollars" in str(run("--month", "x").exception)
    assert "no published project" in str(run("--project", "x", "--month", "1").exception)
    assert "Give --month" in run("--project", "ledger").output
    with company.database() as db:
        db.run("DELETE FROM published_project")
    assert "ledger" not in run("--project", "ledger", "--month", "none").output
    with company.database() as db:
        known = db.ask(budgets())
    assert at(known, tokens.now_ms()).keys() == {""}
    assert [each.nano for each in known][-1] is None
