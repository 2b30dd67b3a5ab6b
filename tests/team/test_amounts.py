"""Sums of a company that may be shown: equal to plain counts, and nobody can be worked out."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from html import unescape
from itertools import combinations

import pytest
from accrete_team import companies, people, tokens
from accrete_team.amounts import OTHER, Fact, Shown, Where, membership, shown
from accrete_team.budgets import Followed
from accrete_team.pages import activity
from accrete_team.pages.activity import per_commit
from accrete_team.rosters import Roster
from accrete_team.weeks import Weeks, last_whole, later, weeks_of
from hypothesis import given, settings
from hypothesis import strategies as st

from accrete.explorer.ranges import Range
from accrete.insight.four_weeks import (
    EPOCH,
    WEEKS,
    block_of,
    months_of,
    weeks_of_block,
    whole_blocks,
)
from accrete.insight.sums import FEWEST
from tests.insight.test_sums import isolated
from tests.team.leading import LEAD, last_day, last_monday, led
from tests.team.signed import a_person, signed_in

pytestmark = pytest.mark.long

BLOCK = EPOCH.isoformat()
TEAMS = ("forge", "harbour")


def world(people_: int, seed: int) -> list[Fact]:
    """Values of people over two blocks and a running one, on projects, with models, in teams."""
    rng = random.Random(seed)
    facts = []
    for person in range(people_):
        teams = frozenset(team for team in TEAMS if rng.random() < 0.6)
        for week in range(2 * WEEKS + 2):
            if rng.random() < 0.6:
                for month in months_of(later(BLOCK, week)):
                    where = Where(
                        later(BLOCK, week), rng.choice(["a", "b", f"own-{person}"]),
                        rng.choice(["opus", "haiku"]), teams, month,
                        rng.choice(["", "merged", "merged", "open"]),
                    )  # fmt: skip
                    if rng.random() < 0.7:
                        facts.append(Fact(person, where, rng.randrange(1, 10**6)))
    return facts


FOLLOWED = [Followed("b", BLOCK, None), Followed("a", later(BLOCK, WEEKS), None)]


def blocks_of(facts: list[Fact], followed=()):
    over, runs = [BLOCK, later(BLOCK, WEEKS)], [later(BLOCK, 8), later(BLOCK, 9)]
    return shown(facts, over, runs, TEAMS, followed)


def held(facts: list[Fact]) -> dict[Where, set[int]]:
    found = defaultdict(set)
    for fact in facts:
        found[fact.where].add(fact.person)
    return found


@given(st.integers(1, 8), st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_nobody_can_be_worked_out_from_all_sums_of_all_weeks_projects_models_and_teams(n, seed):
    facts = world(n, seed)
    for followed in ((), FOLLOWED):
        assert isolated(held(facts), blocks_of(facts, followed).sets, FEWEST - 1) is None


@given(st.integers(5, 30), st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_every_sum_is_of_five_people_and_equals_a_plain_count(n, seed):
    facts = world(n, seed)
    found = blocks_of(facts, FOLLOWED)
    of = held(facts)
    for places in found.sets:
        assert len({person for place in places for person in of[place]}) >= FEWEST or not places

    def plain(wanted) -> int:
        return sum(fact.value for fact in facts if wanted(fact.where))

    for week, value in found.weeks.items():
        assert value == plain(lambda where, week=week: where.week == week)
    for (week, month), value in found.months.items():
        assert value == plain(lambda w, week=week, month=month: (w.week, w.month) == (week, month))
    for project, values in found.followed.items():
        for (week, month), value in values.items():
            assert value == plain(
                lambda w, p=project, week=week, month=month: (
                    (w.project, w.week) == (p, week) and month in ("", w.month)
                )
            )
    for (of_what, name), part in found.merged.items():
        for block, value in part.by.items():
            assert value == plain(
                lambda w, of_what=of_what, name=name, block=block: (
                    w.mark == "merged" and block_of(w.week) == block
                    and name in ((w.project,) if of_what == "project" else w.teams)
                )
            )  # fmt: skip
    for mark, part in found.marks.items():
        for block, value in part.by.items():
            if mark != OTHER:
                assert value == plain(
                    lambda w, mark=mark, block=block: w.mark == mark and block_of(w.week) == block
                )
        for block in part.by:
            assert sum(each.by.get(block, 0) for each in found.marks.values()) == plain(
                lambda w, block=block: block_of(w.week) == block
            )
    over = [week for block in (BLOCK, later(BLOCK, WEEKS)) for week in weeks_of_block(block)]
    if found.blocks == 2:
        assert found.total == plain(lambda where: where.week in over)
        for parts in (found.projects, found.models):
            assert sum(part.value for part in parts.values()) == found.total
        for name, part in found.projects.items():
            if name != OTHER and part.blocks == 2:
                assert part.value == plain(
                    lambda where, name=name: where.project == name and where.week in over
                )


def test_what_a_larger_range_adds_is_of_five_people_or_more():
    """The same weeks have the same sums in every range: nothing depends on what is asked."""
    facts = world(12, 3)
    one = shown(facts, [BLOCK], [], TEAMS)
    two = shown(facts, [BLOCK, later(BLOCK, WEEKS)], [], TEAMS)
    assert one.weeks.items() <= two.weeks.items()
    running = shown(facts, [BLOCK], [later(BLOCK, 4), later(BLOCK, 5)], TEAMS)
    assert running.weeks.items() <= two.weeks.items()


def test_blocks_are_four_whole_weeks():
    assert block_of(BLOCK) == BLOCK
    assert block_of(later(BLOCK, 3)) == BLOCK
    assert block_of(later(BLOCK, 4)) == later(BLOCK, 4)
    assert whole_blocks(later(BLOCK, 7), 4) == [later(BLOCK, 4)]
    assert whole_blocks(later(BLOCK, 8), 12) == [later(BLOCK, at) for at in (-4, 0, 4)]
    assert EPOCH.weekday() == 0


@pytest.mark.parametrize(
    ("given_", "last_day", "first", "last"),
    [
        (Range("12w", None, None), "2026-11-24", "2026-08-31", "2026-11-16"),
        (Range("12w", None, None), "2026-11-22", "2026-08-31", "2026-11-16"),
        (Range("12w", None, None), "2026-11-21", "2026-08-24", "2026-11-09"),
        (Range("week", None, None), "2026-11-24", "2026-11-16", "2026-11-16"),
        (Range("days", "2026-10-14", "2026-10-31"), "2026-11-24", "2026-10-19", "2026-10-26"),
        (Range("days", "2026-11-24", "2026-11-24"), "2026-11-24", "2026-11-16", "2026-11-16"),
        (Range("month", "2026-11-01", "2026-11-24"), "2026-11-24", "2026-11-02", "2026-11-16"),
        (Range("all", None, None), "2026-11-24", "2024-11-25", "2026-11-16"),
    ],
)  # fmt: skip
def test_ranges_are_whole_weeks_that_are_over(given_, last_day, first, last):
    assert weeks_of(given_, last_day) == Weeks(first, last)
    assert date.fromisoformat(last_whole(last_day)) + timedelta(6) <= date.fromisoformat(last_day)


def figure(html: str, name: str) -> str:
    """The value of a figure on a page."""
    return unescape(re.search(rf">{name}</a></dt>\s*<dd>(?:<a[^>]*>)?([^<\s]+)", html)[1])


@pytest.mark.usefixtures("one_day")
def test_the_figures_of_activity_and_costs_are_counted_from_the_rows(team):
    browser = led(team, sessions=True)
    first, last = whole_blocks(last_monday().isoformat(), 12)[0], last_monday()
    until = later(whole_blocks(last.isoformat(), 12)[-1], WEEKS)
    ((cost, n_),) = team.rows(
        f"SELECT SUM(cost_nano), COUNT(*) FROM session_usage WHERE local_day >= '{first}' "
        f"AND local_day < '{until}'"
    )
    ((commits, pulls),) = team.rows(
        f"SELECT SUM(commits), SUM(pull_requests) FROM session_day WHERE local_day >= '{first}' "
        f"AND local_day < '{until}'"
    )
    assert n_ > 300
    html = browser.page("/activity")
    assert figure(html, "Commits") == str(commits)
    assert figure(html, "Pull requests") == str(pulls)
    assert figure(html, "Cost per commit") == f"${int(cost) / int(commits) / 1e9:.2f}"
    tables = browser.get("/activity?format=json").json()["tables"]
    range_ = f"local_day >= '{first}' AND local_day < '{until}'"
    told = team.rows(
        f"SELECT model, SUM(cost_nano) FROM session_usage WHERE {range_} GROUP BY model"
    )
    shown_ = {row["name"]: row["cost"] for row in tables["models"]}
    assert sum(shown_.values()) == sum(int(nano) for _, nano in told)
    assert all(nano <= int(dict(told)[name]) for name, nano in shown_.items() if name in dict(told))
    told = team.rows(f"SELECT tool, SUM(calls) FROM session_tool WHERE {range_} GROUP BY tool")
    calls = {tool: int(n) for tool, n in told if not tool.startswith("own-")}
    calls["all others"] = sum(int(n) for tool, n in told if tool.startswith("own-"))
    assert {row["name"]: row["calls"] for row in tables["tools"]} == calls
    assert [row["name"] for row in tables["tools"]] == ["Read", "Edit", "all others"]
    priced = {row["name"]: row["cost_per_commit"] for row in tables["projects"]}
    told = []
    for block in whole_blocks(last.isoformat(), 12):
        days = f"d.local_day >= '{block}' AND d.local_day < '{later(block, WEEKS)}'"
        told += team.rows(
            "SELECT SUM(d.cost_own_nano), SUM(d.commits) FROM session_day d JOIN session s ON "
            f"s.person = d.person AND s.id = d.session WHERE {days} AND s.project = 'ledger'"
        )
    some = [each for n in (1, 2, 3) for each in combinations(told, n)]
    each = {sum(int(a) for a, _ in few) // sum(int(b) for _, b in few): few for few in some}
    made = sum(int(b) for _, b in each[priced["project ledger"]])
    assert f"of {made} commits" in html
    assert priced["other projects"] is None
    assert figure(browser.page("/costs"), "Cost") == f"${int(cost) / 1e9:,.2f}"
    begins, ends = later(last.isoformat(), -11), last + timedelta(6)
    range_ = f"local_day >= '{begins}' AND local_day <= '{ends}'"
    ((sessions,),) = team.rows(f"SELECT COUNT(*) FROM session WHERE {range_}")
    assert figure(html, "Sessions") == str(sessions)
    for name, n in team.rows(
        f"SELECT p.name, COUNT(*) FROM session s JOIN person p ON p.id = s.person WHERE {range_} "
        "GROUP BY p.name"
    ):
        assert re.search(rf"<bdi>{name}</bdi></a>.*?{n} sessions", html, re.S), name
    names = re.findall(r'<li><a href="[^"]*/people/\d+/"><bdi>([^<]+)', html)
    assert names == sorted(names, key=str.casefold)


MERGED_BY = """EXISTS (SELECT 1 FROM session_pull_state m WHERE m.person = {0}.person
  AND m.url = {0}.url AND m.state = '{1}' AND m.{2} < {3})"""


def what_came(team, block: str) -> tuple[dict[str, int], int]:
    """Counted from the rows: pull requests that were opened in a block, by what had come of them a
    week after it, and what its sessions cost that opened one that was merged, or worked on it."""
    until = later(block, WEEKS)
    days = f"local_day >= '{block}' AND local_day < '{until}'"
    by = int(datetime.fromisoformat(later(until, 1)).replace(tzinfo=UTC).timestamp() * 1000)
    merged = MERGED_BY.format("l", "merged", "merged_at", by)
    closed = MERGED_BY.format("l", "closed", "closed_at", by)
    ((every,),) = team.rows(f"SELECT SUM(pull_requests) FROM session_day WHERE {days}")
    ((n, n_merged, n_closed, n_told),) = team.rows(
        f"SELECT COUNT(*), SUM(CASE WHEN {merged} THEN 1 ELSE 0 END), "
        f"SUM(CASE WHEN {closed} THEN 1 ELSE 0 END), SUM(CASE WHEN EXISTS (SELECT 1 FROM "
        "session_pull_state t WHERE t.person = l.person AND t.session = l.session "
        "AND t.url = l.url AND t.state IS NOT NULL) THEN 1 ELSE 0 END) "
        f"FROM session_pull l WHERE {days}"
    )
    ((cost,),) = team.rows(
        f"SELECT SUM(u.cost_nano) FROM session_usage u WHERE {days} AND EXISTS (SELECT 1 FROM "
        "session_pull_state l WHERE l.person = u.person AND l.session = u.session "
        f"AND {merged})"
    )
    found = {
        "merged": int(n_merged), "closed": int(n_closed), "not known": int(n - n_told),
        "open": int(n_told - n_merged - n_closed), "not shared": int(every - n),
    }  # fmt: skip
    return found, int(cost)


@pytest.mark.usefixtures("one_day")
def test_what_came_of_pull_requests_is_counted_from_the_rows(team):
    browser = led(team, sessions=True)
    blocks = whole_blocks(last_monday().isoformat(), 24)
    over = [block for block in blocks if later(block, WEEKS) <= last_whole(last_day())]
    assert len(over) >= len(blocks) - 1
    counted = {block: what_came(team, block) for block in over}
    url = f"/activity?since={later(last_monday().isoformat(), -23)}&until={last_day()}&range=days"
    tables = browser.get(f"{url}&format=json").json()["tables"]
    shown_ = {row["state"]: row["pull_requests"] for row in tables["states"]}
    total: Counter[str] = Counter()
    for each, _ in counted.values():
        total.update(each)
    assert sum(shown_.values()) == total.total()
    told = {name: n for name, n in shown_.items() if name != "all others"}
    assert {"merged", "open"} <= set(told)
    assert all(n <= total[name] for name, n in told.items())
    html = unescape(browser.page(url))
    price, n, of = re.search(
        r"A merged pull request cost \$([\d.]+): (\d+) merged of (\d+) pull requests", html
    ).groups()
    some = [each for k in range(1, len(over) + 1) for each in combinations(over, k)]
    fitting = [
        few for few in some
        if sum(counted[block][0]["merged"] for block in few) == int(n)
        and sum(sum(counted[block][0].values()) for block in few) == int(of)
        and f"{sum(counted[block][1] for block in few) // int(n) / 1e9:.2f}" == price
    ]  # fmt: skip
    assert fitting, (price, n, of, counted)
    assert figure(browser.page(url.replace("/activity", "/costs")),
                  "Cost per merged pull request") == f"${price}"  # fmt: skip
    for name in ("projects", "teams"):
        for row in tables[name]:
            assert (row["cost_per_merged"] is None) or row["merged"]


@pytest.mark.usefixtures("one_day")
def test_what_comes_of_a_pull_request_later_changes_no_sum(team):
    """Whoever looks again after one was merged would see what its sessions cost."""
    browser = led(team, sessions=True)
    url = f"/activity?since={later(last_monday().isoformat(), -23)}&until={last_day()}&range=days"
    before = browser.page(url), browser.get(f"{url}&format=json").json()["tables"]
    with team.database() as db:
        db.run(
            "UPDATE session_pull_state SET state = 'merged', merged_at = ?, closed_at = ? "
            "WHERE state = 'open'",
            (tokens.now_ms(), tokens.now_ms()),
        )
    after = browser.page(url), browser.get(f"{url}&format=json").json()["tables"]
    assert after[1] == before[1]
    assert "merged of" in before[0]
    found = [re.search(r"A merged pull request cost [^<]*", html)[0] for html, _ in (before, after)]
    assert found[0] == found[1]


def test_cost_by_commit_is_of_the_weeks_of_which_both_are_shown():
    cost, commits = Shown({"a": 10, "b": 30}), Shown({"b": 4, "c": 9})
    assert per_commit(cost, commits, 0) == (7, "4 commits, 1 of 2 blocks")
    assert per_commit(cost, Shown({"a": 1, "b": 1}), 2) == (20, "2 commits, some cost unknown")
    assert per_commit(cost, Shown({"c": 9}), 0)[0] is None
    assert per_commit(Shown(), Shown(), 0)[0] is None


@pytest.mark.alike
def test_tools_of_many_people_are_counted_where_they_are_asked_for(team, monkeypatch):
    monkeypatch.setattr(activity, "MANY", 5)
    browser = led(team, sessions=True)
    assert "tools" not in browser.get("/activity?format=json").json()["tables"]
    link = re.search(r'href="([^"]*)#tools">Count the tools', browser.page("/activity"))[1]
    assert "Read" in browser.page(unescape(link))


def test_amounts_of_one_person_are_on_their_pages_where_the_company_switched_them_on(team):
    browser = led(team, sessions=True)
    pages = {"/people/1/?range=all": ("2000-01-01", last_day()),
             "/matrix/planning/1": (later(last_monday().isoformat(), -11),
                                    str(last_monday() + timedelta(6)))}  # fmt: skip
    for path in pages:
        assert "$" not in browser.page(path)
        assert "of single people" not in browser.page(path)
    with team.database() as db:
        companies.switch(db, "cost_per_person", "on", actor=None, now=tokens.now_ms())
    assert "$" not in browser.page("/people/1/?range=all")
    since = 1_790_000_000_000
    with team.database() as db:
        db.run("UPDATE company_setting SET since = ?", (since,))
    for path, (first, last) in pages.items():
        html = browser.page(path)
        ((cost, commits, added, removed),) = team.rows(
            "SELECT SUM(cost_own_nano), SUM(commits), SUM(lines_added), SUM(lines_removed) FROM "
            f"session_day WHERE person = 1 AND local_day >= '{first}' AND local_day <= '{last}'"
        )
        assert figure(html, "Cost") == f"${int(cost) / 1e9:,.2f}"
        assert figure(html, "Commits") == str(commits)
        assert f"+{int(added):,} −{int(removed):,}" in html
        assert "of single people to their leads since 21 Sep 2026" in html
    a_person(team, "Ada Minh", admin=True, password=None)
    for name in ("Ada Minh", "Beatriz Lima"):
        a_person(team, name, password=None)
        for path in pages:
            assert signed_in(team, name).get(path).status_code == 404


def test_an_administrator_sees_sums_and_nobody(team):
    led(team, sessions=True)
    a_person(team, "Ada Minh", admin=True)
    browser = signed_in(team, "Ada Minh")
    for path in ("/activity", "/costs"):
        html = browser.page(path)
        names = [name for (name,) in team.rows("SELECT name FROM person")]
        assert not [name for name in names if name in html], path
        assert browser.get(f"{path}?sort=cost").status_code == 400
    assert "$" in figure(browser.page("/costs"), "Cost")
    assert "People</h2>" not in browser.page("/activity")


@pytest.mark.alike
def test_a_team_of_four_has_no_sums(team):
    browser = led(team, people_=8, sessions=True, teams=("forge",))
    html = browser.page("/activity")
    assert figure(html, "Commits") == "—"
    assert figure(browser.page("/costs"), "Cost") == "—"
    tables = browser.get("/costs?format=json").json()["tables"]
    assert not [row for rows in tables.values() for row in rows if row.get("cost_nano")]
    assert {row["running"] for row in tables["weeks"]} == {None}  # no total of nothing


@pytest.mark.alike
def test_who_leaves_a_team_changes_no_sum_of_the_past(team):
    browser = led(team, sessions=True)
    before = browser.get("/costs?format=json").json()
    with team.database() as db:
        people.take_out(db, 1, "harbour", "member", actor=None, now=tokens.now_ms())
        people.leave(db, 2, actor=None, now=tokens.now_ms())
    assert browser.get("/costs?format=json").json() == before


def test_who_leads_a_team_without_being_in_it_is_not_counted_in_it():
    places = [
        people.Place(1, "forge", "member", 0, None, 0),
        people.Place(2, "forge", "lead", 0, None, 0),
        people.Place(3, "harbour", "member", 0, None, 0),
        people.Place(4, "forge", "member", 0, 86_400_000, 0),
    ]
    member = membership(Roster([], [], places), {"forge"})
    assert [member(person, BLOCK) for person in (1, 2, 3, 4)] == [
        {"forge"}, set(), set(), set()
    ]  # fmt: skip


@pytest.mark.alike
def test_a_member_sees_no_sums(team):
    led(team, sessions=True)
    a_person(team, "Omar Said")
    browser = signed_in(team, "Omar Said")
    for path in ("/activity", "/costs", "/week"):
        assert browser.get(path).status_code == 404
    assert signed_in(team, LEAD).get("/week").status_code == 200
