"""The pages of costs and of activity of a company in which everybody does the same: each figure,
each row and each bar is plain arithmetic."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.company import insert
from tests.team.even import DOLLAR, NOW, RANGE, even
from tests.team.seen import figures, items, lead_of, links, parts, rows, words_of
from tests.team.signed import a_person, in_team, signed_in

pytestmark = [pytest.mark.long, pytest.mark.parametrize("team", ["sqlite"], indirect=True)]
LEFT_OUT = (
    "1 block is left out: the sum, or what it leaves of the weeks beside it, would be about fewer "
    "than five people."
)
OVER = "20 weeks, 15 Jun 2026 to 1 Nov 2026"
VIEWERS = ("Ada Admin", "Lena Lead", "Finn Forge")


@pytest.fixture
def page(team):
    """The page of somebody at an address, over all weeks of the company."""
    even(team)

    def of(name: str, path: str) -> str:
        return signed_in(team, name, now=NOW).page(f"{path}?{RANGE}")

    return of


def bars(html: str) -> list[str]:
    return [unescape(each) for each in re.findall(r"<title>(.*?)</title>", html)[1:]]


@pytest.mark.parametrize(
    ("name", "whose", "of", "said"),
    [
        ("Ada Admin", "The company's work", 20, ("42.0k", "$2.71", 240, 60)),
        ("Lena Lead", "The work of your teams", 20, ("42.0k", "$2.71", 240, 60)),
        ("Finn Forge", "The work of your teams", 10, ("22.0k", "$2.75", 120, 30)),
    ],
)
def test_what_work_cost_is_told_by_week_project_and_model(page, name, whose, of, said):
    html, (used, each, commits, pulls) = page(name, "/costs"), said
    own = 2.5  # dollars a week of the last block, of the five who have work of their own
    whole = of * 12 * 2 + of * 8 + 4 * own
    assert lead_of(html) == f"{whose} cost ${whole:,.2f} at API prices in {OVER}. {LEFT_OUT}"
    assert figures(html) == {
        "Cost": f"${whole:,.2f} API prices",
        "Tokens": f"{used} of all kinds",
        "Last week shown": f"${of * 3}.00 ${of * 3 + own:.2f} the week before",
        "Cost per commit": f"{each} {commits} commits, 3 of 4 blocks",
        "Cost per merged pull request": f"$2.00 30 merged of {pulls} pull requests, 3 of 5 blocks",
    }
    weekly = [0.0] * 4 + [None] * 4 + [of * 2] * 4 + [of * 3] * 4 + [of * 3 + own] * 4 + [of * 3]
    table, running = rows(html, "weeks")[::-1], 0.0
    assert len(table) == len(weekly) == 21
    assert [table[0][0], table[8][0], table[-1][0]] == ["15 Jun 2026", "10 Aug 2026", "2 Nov 2026"]
    for (day, cost, so_far), nano in zip(table, weekly, strict=True):
        running += nano or 0
        assert cost == ("—" if nano is None else f"${nano:.2f}"), day
        assert so_far == f"${running:,.2f}", day
    shown = [f"Week of {day}: {cost if cost != '—' else 'not shown, fewer than five people'}"
             for day, cost, _ in table]  # fmt: skip
    assert bars(html)[:21] == shown
    assert "week of 15 Jun 2026" in words_of(html)
    assert "week of 2 Nov 2026" in words_of(html)
    ledger, quay, left = of * 24, of * 8, 10
    share = [f"{round(100 * part / whole)}%" for part in (ledger, quay, left)]
    two, one = "in 2 of 3 blocks", "in 1 of 3 blocks"
    thousands = [f"{of * 1.2:.1f}k", f"{of * 0.8:.1f}k {two}", f"2.0k {one}"]
    costs = [f"${ledger}.00", f"${quay}.00 {two}", f"$10.00 {one}"]
    lines = [list(each) for each in zip(costs, share, thousands, strict=True)]
    names = ["project ledger", "The Quay", "other projects"]
    assert rows(html, "projects") == [
        [name, *line] for name, line in zip(names, lines, strict=True)
    ]
    models = ["claude-opus-5-5", "claude-haiku-5-5", "other models"]
    of_models = [[name, *line] for name, line in zip(models, lines, strict=True)]
    assert rows(html, "models") == [of_models[1], of_models[0], of_models[2]]
    legend = [f"{name}: {cost.partition(' ')[0]}, {part}"
              for name, cost, part in zip(names, costs, share, strict=True)]  # fmt: skip
    assert items(html)[:3] == bars(html)[21:24] == legend
    assert items(html)[3].startswith("claude-haiku-5-5: ")
    assert ("Budget" in html) == (name == "Ada Admin")
    assert links(html).get("Set budgets") == (
        f"{html_base(html)}/admin#budgets" if name == "Ada Admin" else None
    )
    assert "Some responses have no known price" not in html


def html_base(html: str) -> str:
    return re.search(r'href="(/c/[^/"]+)/', html)[1]


def test_teams_stand_beside_each_other_for_who_has_several(page):
    assert rows(page("Lena Lead", "/costs"), "teams") == [
        ["Forge", "$330.00", "51%", "22.0k"], ["Harbour", "$320.00", "49%", "20.0k"],
    ]  # fmt: skip
    assert "Somebody in two teams counts in both." in page("Lena Lead", "/costs")
    for name in ("Ada Admin", "Finn Forge"):
        assert rows(page(name, "/costs"), "teams") == []
        assert "Somebody in two teams" not in page(name, "/costs")
        assert "By team" not in page(name, "/activity")


def test_an_administrator_who_leads_one_team_sees_it_beside_the_company(team, page):
    page("Ada Admin", "/costs")
    ((ada,),) = team.rows("SELECT id FROM person WHERE name = 'Ada Admin'")
    with team.database() as db:
        db.run("INSERT INTO team_place (person, team, role, since, made_at) "
               "VALUES (?, 'forge', 'lead', 1, 1)", (ada,))  # fmt: skip
    html = page("Ada Admin", "/costs")
    assert rows(html, "teams") == [["Forge", "$330.00", "51%", "22.0k"]]
    assert lead_of(html).startswith("The company's work cost $650.00")
    html = page("Ada Admin", "/activity")
    assert lead_of(html) == "252 sessions in the company."
    assert [row[0] for row in rows(html, "teams")] == ["Forge"]


def test_what_has_no_price_is_said_and_the_largest_named_project_is_named(team, page):
    page("Ada Admin", "/costs")
    with team.database() as db:
        for person in range(1, 21):
            db.run("INSERT INTO project (person, id, name, root, ids) "
                   "VALUES (?, 'ledger', 'Ledger', '', '')", (person,))  # fmt: skip
        db.run("UPDATE session_usage SET unpriced = 1 WHERE local_day = '2026-10-06'")
    html = page("Ada Admin", "/costs")
    assert "74% of it went into Ledger." in lead_of(html)
    block = "/costs?range=days&since=2026-10-05&until=2026-11-01"
    assert lead_of(signed_in(team, "Ada Admin", now=NOW).page(block)) == (
        "The company's work cost $250.00 at API prices in 4 weeks, 5 Oct 2026 to 1 Nov 2026. 64% "
        "of it went into Ledger."
    )
    assert "Some responses have no known price and are not in these sums." in html
    assert figures(html)["Cost per commit"].endswith("3 of 4 blocks, some cost unknown")
    html = page("Ada Admin", "/activity")
    assert "30 merged of 60 pull requests, 3 of 5 blocks, some cost unknown. All" in words_of(html)
    assert figures(html)["Cost per commit"].endswith("3 of 4 blocks, some cost unknown")


@pytest.mark.parametrize(
    ("name", "where", "of", "half"),
    [("Ada Admin", "in the company", 20, 30), ("Lena Lead", "in your teams", 20, 30),
     ("Finn Forge", "in your teams", 10, 0)],
)  # fmt: skip
def test_what_was_done_is_told_by_week_project_model_tool_and_state(page, name, where, of, half):
    html, leads = page(name, "/activity"), name != "Ada Admin"
    weekly = [of] * 4 + [of * 2] * 4 + [of * 2 + 5] * 4 + [of * 2]
    early = [(3, 3)] * 4 if leads else [(0, 0)] * 4
    total = sum(weekly) + sum(n for n, _ in early)
    assert lead_of(html) == f"{total} sessions {where}."
    cost = (of * 24 + of * 8 + 10) / (of * 12)
    per_commit = f"${int(cost * 100 + 0.5) / 100} {of * 12} commits, 3 of 4 blocks"
    assert figures(html) == {
        "Sessions": f"{total} {of * 2} in the last week",
        **({"Active people": f"{of} in the last week"} if leads else {}),
        "Commits": f"{of * 12} in whole blocks of four weeks",
        "Pull requests": f"{of * 3} in whole blocks of four weeks",
        "Cost per commit": per_commit,
    }
    people = [early[0][1]] * 4 + [of] * 13
    table = rows(html, "weeks")[::-1]
    counts = [n for n, _ in early] + weekly
    assert [row[1] for row in table] == [str(n) for n in counts]
    assert [table[-1][0], table[-13][0]] == ["2 Nov 2026", "10 Aug 2026"]
    if leads:
        assert [row[2] for row in table] == [str(n) for n in people]
    of_whom = [f" of {n} people" if leads else "" for n in people]
    days = [row[0] for row in table]
    assert bars(html)[:17] == [
        f"Week of {day}: {n} sessions{who}"
        for day, n, who in zip(days, counts, of_whom, strict=True)
    ]
    none = ["—"] * 7
    assert rows(html, "projects") == [
        ["project ledger", f"{of * 12}", f"{of * 12}", f"{of * 3}", f"{of * 120:,}", f"{of * 48}",
         f"$2.00 of {of * 12} commits", "30", "$2.00 of 30 merged"],
        ["The Quay", f"{of * 8} in 2 of 3 blocks", *none],
        ["other projects", "20 in 1 of 3 blocks", *none],
    ]  # fmt: skip
    whole = of * 32 + 10
    assert rows(html, "models") == [
        ["claude-opus-5-5", f"${of * 24}.00", f"{round(of * 2400 / whole)}%"],
        ["claude-haiku-5-5", f"${of * 8}.00 in 2 of 3 blocks", f"{round(of * 800 / whole)}%"],
        ["all others", "$10.00", f"{round(1000 / whole)}%"],
    ]
    assert rows(html, "tools") == [
        ["Bash", f"{of * 36}", "82%"], ["Read", f"{of * 8} in 2 of 3 blocks", "18%"],
    ]  # fmt: skip
    assert rows(html, "states") == (
        [["Merged", "30", "50%"], ["Open", "30", "50%"]] if half else [["Merged", "30", "100%"]]
    )
    assert "Pull requests that sessions opened in 3 blocks of four weeks" in html
    assert (f"A merged pull request cost $2.00: 30 merged of {of * 3} pull requests, 3 of 5 "
            "blocks. All cost of the sessions that opened one") in words_of(html)  # fmt: skip
    assert ("<h2>People</h2>" in html) == leads


def test_teams_are_told_with_what_was_merged_where_that_is_of_five(page):
    assert rows(page("Lena Lead", "/activity"), "teams") == [
        ["Forge", "220", "120", "30", "1,200", "480", "$2.75 of 120 commits", "30",
         "$2.00 of 30 merged"],
        ["Harbour", "200", "120", "30", "1,200", "480", "$2.67 of 120 commits", "—", "—"],
    ]  # fmt: skip


def test_people_stand_by_name_with_their_sessions_and_the_last_week_of_them(team, page):
    page("Lena Lead", "/activity")
    with team.database() as db:
        db.run("UPDATE session_day SET local_day = '2026-10-06' WHERE person = 2 AND "
               "local_day > '2026-10-04'")  # fmt: skip
        for table in ("session", "session_day", "session_usage"):
            db.run(f"DELETE FROM {table} WHERE person = 7")
            db.run(f"DELETE FROM {table} WHERE person = 8 AND local_day > '2026-08-16'")
    people = [each for each in items(page("Lena Lead", "/activity")) if each.startswith("Person")]
    assert len(people) == 20
    assert people[0] == "Person 01 30 sessions, last in the week of 2 Nov 2026"
    assert people[6] == "Person 07 0 sessions, none in these weeks"
    assert people[7] == "Person 08 1 session, last in the week of 10 Aug 2026"
    assert people[19] == "Person 20 22 sessions, last in the week of 2 Nov 2026 (paused)"
    assert people == sorted(people)


def test_a_hundred_people_a_page(team, page):
    page("Lena Lead", "/activity")
    with team.database() as db:
        for n in range(100, 190):
            db.run("INSERT INTO person (id, uuid, name, tier) VALUES (?, ?, ?, 1)",
                   (n, f"u{n}", f"Person {n}"))  # fmt: skip
            db.run("INSERT INTO account (person, admin, job, start_month, zone, made_at) "
                   "VALUES (?, 0, '', '', 'UTC', 1)", (n,))  # fmt: skip
            db.run("INSERT INTO team_place (person, team, role, since, made_at) "
                   "VALUES (?, 'forge', 'member', 1, 1)", (n,))  # fmt: skip
    browser = signed_in(team, "Lena Lead", now=NOW)

    def on(html: str) -> int:
        return len([each for each in items(html) if each.startswith("Person")])

    first = browser.page("/activity")
    assert (on(first), "People before" in links(first)) == (100, False)
    second = browser.page(links(first)["More people"])
    assert (on(second), "More people" in links(second)) == (10, False)
    assert "page=1" in links(second)["People before"]
    assert on(browser.page(links(second)["People before"])) == 100
    with team.database() as db:
        db.run("DELETE FROM team_place WHERE person > 179")
    assert "More people" not in links(browser.page("/activity"))
    with team.database() as db:
        db.run("INSERT INTO team_place (person, team, role, since, made_at) "
               "VALUES (185, 'forge', 'member', 1, 1)")  # fmt: skip
    assert "More people" in links(browser.page("/activity"))


def test_the_ten_tools_of_most_use_have_rows_and_the_others_are_one(team, page):
    page("Lena Lead", "/activity")
    with team.database() as db:
        db.run("DELETE FROM session_tool WHERE tool = 'Read'")
        used = db.run("SELECT person, session, local_day FROM session_tool")
        for nth in range(12):
            for person, session, day in used:
                insert(db, "session_tool", person=person, session=session, local_day=day,
                       tool=f"Tool{nth:02d}", calls=20 + (nth + 5) % 12)  # fmt: skip
    table = rows(page("Lena Lead", "/activity"), "tools")
    calls = [int(row[1].split()[0].replace(",", "")) for row in table]
    assert len(table) == 11
    assert calls[:-1] == sorted(calls[:-1], reverse=True)
    assert table[0][0] == "Tool06"
    assert table[-1][0] == "all others"
    assert sum(calls) == 240 * (sum(range(20, 32)) + 3)


def test_a_range_or_a_team_of_which_nothing_may_be_shown_says_so(team, page):
    page("Lena Lead", "/costs")
    solo = a_person(team, "Solo Lead", password=None)
    in_team(team, "Four", leads=[solo], members=[1, 2, 3, 4])
    html = page("Solo Lead", "/costs")
    assert lead_of(html) == ("Cost is shown as sums over at least five people, in whole blocks of "
                             "four weeks: this range has none.")  # fmt: skip
    none = "— only of five people or more"
    told = figures(html)
    assert [told["Cost"], told["Tokens"]] == ["— API prices", "— of all kinds"]
    assert [told[f"Cost per {each}"] for each in ("commit", "merged pull request")] == [none] * 2
    assert "Nothing that five people or more have part in." in html
    html = page("Solo Lead", "/activity")
    assert lead_of(html) == (
        f"{3 * 4 + 4 * 4 + 8 * 4 + 12 * 4 + 8} sessions in your teams. Commits, pull requests, "
        "lines and cost are shown of at least five people."
    )
    assert figures(html)["Commits"] == "— only of five people or more"
    assert "What a merged pull request cost is not shown here: it would be about" in html
    assert "Nothing that five people or more used." in html
    with team.database() as db:
        for table in ("session", "session_day", "session_usage"):
            db.run(f"DELETE FROM {table}")
    assert lead_of(page("Ada Admin", "/activity")).startswith("0 sessions in the company.")


def test_what_nobody_did_is_told_as_what_fewer_than_five_did(team, page):
    """A 0 would tell the same of each of them."""
    page("Ada Admin", "/activity")
    few: list[tuple[object, str]] = []
    with team.database() as db:
        db.run("UPDATE session_day SET commits = 0 WHERE person > 4")
    for _ in range(2):
        told = signed_in(team, "Ada Admin", now=NOW).get(f"/activity?{RANGE}&format=json").json()
        few.append((told["figures"]["commits"], figures(page("Ada Admin", "/activity"))["Commits"]))
        with team.database() as db:
            db.run("UPDATE session_day SET commits = 0")
    assert few == [(None, "— only of five people or more")] * 2


def test_one_week_has_none_before_it(team, page):
    page("Lena Lead", "/costs")
    block = "/costs?range=days&since=2026-10-05&until=2026-11-01"

    def last() -> str:
        return figures(signed_in(team, "Lena Lead", now=NOW).page(block))["Last week shown"]

    assert last() == "$62.50 $62.50 the week before"
    with team.database() as db:
        for table in ("session", "session_day", "session_usage"):
            db.run(f"DELETE FROM {table} WHERE person > 4 AND local_day < '2026-10-26'")
    assert last() == "$62.50 of five people or more"


def test_the_tables_hold_the_numbers_that_the_pages_show(team, page):
    page("Lena Lead", "/costs")
    browser = signed_in(team, "Lena Lead", now=NOW)
    costs = browser.get(f"/costs?{RANGE}&format=json").json()
    assert costs["figures"] == {
        "cost": 650 * DOLLAR, "tokens": 42_000, "cost-last-week": 60 * DOLLAR,
        "cost-by-commits": 650 * DOLLAR // 240, "cost-by-merged": 2 * DOLLAR,
    }  # fmt: skip
    tables = costs["tables"]
    assert tables["projects"] == [
        {"name": name, "cost_nano": cost * DOLLAR, "share": cost / 650, "tokens": used}
        for name, cost, used in (
            ("project ledger", 480, 24_000), ("The Quay", 160, 16_000), ("other projects", 10, 2000)
        )
    ]  # fmt: skip
    assert tables["weeks"][0] == {
        "week": "2026-11-02", "cost_nano": 60 * DOLLAR, "running": 710 * DOLLAR
    }  # fmt: skip
    assert tables["weeks"][13] == {"week": "2026-08-03", "cost_nano": None, "running": 0}
    work = browser.get(f"/activity?{RANGE}&format=json").json()
    assert work["figures"] == {
        "sessions": 472, "active-people": 20, "commits": 240, "pull-requests": 60,
        "cost-by-commits": 650 * DOLLAR // 240,
    }  # fmt: skip
    tables = work["tables"]
    assert tables["weeks"][0] == {"week": "2026-11-02", "sessions": 40, "people": 20}
    assert tables["projects"][0] == {
        "name": "project ledger", "sessions": 240, "commits": 240, "pull_requests": 60,
        "lines_added": 2400, "lines_removed": 960, "cost_per_commit": 2 * DOLLAR, "merged": 30,
        "cost_per_merged": 2 * DOLLAR,
    }  # fmt: skip
    assert set(tables["projects"][2].values()) == {"other projects", 20, None}
    assert [row["cost_per_commit"] for row in tables["teams"]] == [
        330 * DOLLAR // 120, 320 * DOLLAR // 120
    ]  # fmt: skip
    assert tables["states"] == [
        {"state": "merged", "pull_requests": 30, "share": 0.5},
        {"state": "open", "pull_requests": 30, "share": 0.5},
    ]
    assert tables["models"] == [
        {"name": name, "cost": cost * DOLLAR, "share": cost / 650}
        for name, cost in (("claude-opus-5-5", 480), ("claude-haiku-5-5", 160), ("all others", 10))
    ]
    assert tables["tools"] == [
        {"name": "Bash", "calls": 720, "share": 720 / 880},
        {"name": "Read", "calls": 160, "share": 160 / 880},
    ]


def test_of_a_block_of_which_a_week_has_not_passed_no_pull_request_is_told(team, page):
    page("Lena Lead", "/activity")
    for day, blocks, merged in ((4, 2, 20), (11, 3, 30)):
        now = NOW - (11 - day) * 86_400_000
        html = signed_in(team, "Lena Lead", now=now).page(f"/activity?{RANGE}")
        assert f"Pull requests that sessions opened in {blocks} blocks of four weeks" in html
        assert rows(html, "states") == [
            ["Merged", str(merged), "50%"], ["Open", str(merged), "50%"]
        ]  # fmt: skip
        assert figures(html)["Pull requests"] == "60 in whole blocks of four weeks"


def test_projects_and_teams_stand_by_name_whatever_its_case_and_what_is_left_last(team, page):
    page("Lena Lead", "/activity")
    with team.database() as db:
        db.run("DELETE FROM project")
        for person in range(1, 21):
            for key, name in (("ledger", "beta"), ("quay", "Alpha")):
                db.run("INSERT INTO project (person, id, name, root, ids) VALUES (?, ?, ?, '', '')",
                       (person, key, name))  # fmt: skip
        db.run("UPDATE team SET name = 'aforge' WHERE id = 'harbour'")
    for path in ("/activity", "/costs"):
        html = page("Lena Lead", path)
        assert [row[0] for row in rows(html, "projects")] == ["Alpha", "beta", "other projects"]
        assert [row[0] for row in rows(html, "teams")] == ["aforge", "Forge"]
        first = {"/activity": "13 Jul", "/costs": "15 Jun"}[path]
        assert words_of(parts(html, "p", **{"class": "ends"})[0]) == (
            f"week of {first} 2026 week of 2 Nov 2026"
        )


def test_where_all_blocks_are_shown_none_is_counted(team, page):
    page("Lena Lead", "/costs")
    html = signed_in(team, "Lena Lead", now=NOW).page("/costs?range=12w")
    told = figures(html)
    assert told["Cost per commit"] == "$2.71 240 commits"
    assert told["Cost per merged pull request"] == "$2.00 30 merged of 60 pull requests"
    assert "left out" not in lead_of(html)
    assert rows(html, "projects")[0] == ["project ledger", "$480.00", "74%", "24.0k"]
