"""The matrix as a lead opens it: what each cell says, who is in it, and what is refused."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from datetime import timedelta
from html import unescape

import pytest
from accrete_team import people, tokens
from accrete_team.weeks import later

from tests.company import NAMES, PRACTICES
from tests.team.leading import LEAD, last_monday, led
from tests.team.signed import a_person, signed_in
from tests.team.test_amounts import figure

pytestmark = pytest.mark.long

TITLES = {name: name.capitalize().replace("-", " ") for name in PRACTICES}


def said(html: str) -> dict[tuple[str, str], str]:
    """What is read aloud of each cell, by name and practice."""
    found = {}
    for words in re.findall(r'<span class="unseen">([^<]*)</span>', html):
        who, _, cell = unescape(words).partition(": ")
        name, _, practice = who.rpartition(", ")
        found[name, practice] = cell
    return found


@pytest.mark.alike
def test_people_stand_by_name_under_the_whole_team(team):
    browser = led(team)
    html = browser.page("/matrix?by=none")
    names = re.findall(r'<th scope="row">(?:<a[^>]*>)?(?:<bdi>)?([^<]+)', html)
    assert names == ["Whole team", *sorted(NAMES, key=str.casefold)]
    cells = said(html)
    assert len(cells) == 13 * 11
    assert cells["Dag Hovland", "Planning"] == "private: nothing is shared"
    assert cells["Elif Aydın", "Planning"] == "new: joined less than four weeks ago"


def test_every_cell_is_counted_from_the_rows(team):
    browser = led(team)
    first = last_monday().isoformat()
    html = browser.page(f"/matrix?by=none&since={first}&until={first}")
    rows = team.rows(
        "SELECT p.name, w.practice, SUM(w.eligible), SUM(w.seen) FROM person_week w "
        f"JOIN person p ON p.id = w.person WHERE w.week = '{first}' GROUP BY p.name, w.practice"
    )
    cells, checked = said(html), 0
    for name, practice, eligible, seen in rows:
        cell = cells[name, TITLES[practice]]
        if name == "Elif Aydın":
            continue
        if eligible < 5:
            assert cell == f"few: possible in {eligible} session{'' if eligible == 1 else 's'}"
        else:
            assert f"{round(100 * seen / eligible)}% of {eligible} sessions" in cell
        checked += 1
    assert checked > 50


@pytest.mark.alike
def test_groups_are_bodies_with_headings_by_name(team):
    browser = led(team)
    for by, headings in (
        ("team", ["Forge", "Harbour"]),
        ("job", ["designer", "developer", "No role given"]),
    ):
        html = browser.page(f"/matrix?by={by}")
        found = re.findall(r'scope="rowgroup"[^>]*>(?:<bdi>)?([^<]+)', html)
        assert found == headings
        for body in html.split("<tbody")[2:]:
            names = re.findall(r'<th scope="row"><a[^>]*><bdi>([^<]+)', body)
            assert names == sorted(names, key=str.casefold)
    months = re.findall(
        r'scope="rowgroup"[^>]*>(?:<bdi>)?([^<]+)', browser.page("/matrix?by=cohort")
    )
    assert months == sorted(months)


@pytest.mark.alike
def test_no_order_but_names_is_taken(team):
    browser = led(team)
    for path in ("/matrix?sort=planning", "/matrix?order=desc", "/matrix?by=share"):
        answer = browser.get(path)
        assert answer.status_code == 400, path
        assert "People" in answer.text


@pytest.mark.alike
def test_a_hundred_people_a_page_and_the_whole_team_on_each(team):
    browser = led(team, people_=130, weeks=2, teams=("forge", "harbour"))
    first, second = (browser.page(f"/matrix?by=none&page={n}") for n in (1, 2))
    names = [re.findall(r'<th scope="row"><a[^>]*><bdi>([^<]+)', page) for page in (first, second)]
    assert [len(each) for each in names] == [100, 30]
    together = [*names[0], *names[1]]
    assert together == sorted(together, key=lambda name: (name.casefold(), name))
    row = [
        re.search(r'<tbody class="whole">.*?</tbody>', page, re.S)[0] for page in (first, second)
    ]
    assert said(row[0]) == said(row[1])


def test_csv_has_the_same_words_and_people_only_where_the_company_said_so(team):
    browser = led(team)
    cells = said(browser.page("/matrix?by=none"))
    got = list(csv.reader(io.StringIO(browser.page("/matrix?by=none&format=csv&table=team"))))
    assert got[0] == ["name", *PRACTICES]
    assert got[1] == ["Whole team", *(cells["Whole team", TITLES[name]] for name in PRACTICES)]
    assert browser.get("/matrix?format=csv&table=people").status_code == 404
    assert list(browser.get("/matrix?format=json").json()["tables"]) == ["team"]
    with team.database() as db:
        db.run(
            "INSERT INTO company_setting (name, since, value, made_at) "
            "VALUES ('people_csv', 1, 'on', 1)"
        )
    got = list(csv.reader(io.StringIO(browser.page("/matrix?by=none&format=csv&table=people"))))
    assert [row[0] for row in got[1:]] == sorted(NAMES, key=str.casefold)
    for row in got[1:]:
        assert row[1:] == [cells[row[0], TITLES[name]] for name in PRACTICES]


def bodies(html: str) -> dict[str, list[str]]:
    """The names under each heading, in the order of the page."""
    found = {}
    for body in re.findall(r"<tbody>(.*?)</tbody>", html, re.S):
        heading, *rows = re.findall(r'<th scope="row(?:group)?"[^>]*>(.*?)</th>', body, re.S)
        found[plain(heading)] = [plain(row).removesuffix("paused") for row in rows]
    return found


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html)).strip()


def test_people_stand_under_each_project_that_five_share(team):
    browser = led(team)
    four = "person IN (1, 2, 3, 6) AND project LIKE 'own-%'"
    with team.database() as db:
        db.run(f"UPDATE person_week SET project = 'four' WHERE {four}")
        db.run("UPDATE person_week SET project = 'five' WHERE person > 7 AND project LIKE 'own-%'")
        db.run("DELETE FROM person_week WHERE person = 3 AND project = 'ledger'")
        for key in ("four", "five", "ledger"):
            db.run("INSERT INTO project (person, id, name, root) SELECT DISTINCT person, project, "
                   f"'The {key}', '' FROM person_week WHERE project = '{key}'")  # fmt: skip
    html = browser.page("/matrix?by=project")
    first, last = later(last_monday().isoformat(), -11), last_monday().isoformat()
    told: dict[str, set[str]] = defaultdict(set)
    for key, name in team.rows(
        "SELECT DISTINCT w.project, p.name FROM person_week w JOIN person p ON p.id = w.person "
        f"WHERE w.week >= '{first}' AND w.week <= '{last}'"
    ):
        told[f"The {key}" if key in ("five", "ledger") else "Other projects"].add(name)
    told["No sessions in these weeks"] = set(NAMES) - set().union(*told.values())
    assert {heading: set(names) for heading, names in bodies(html).items()} == told
    assert list(bodies(html)) == [
        "The five", "The ledger", "Other projects", "No sessions in these weeks",
    ]  # fmt: skip
    assert all(names == sorted(names, key=str.casefold) for names in bodies(html).values())
    assert len(told["The five"]) == 5
    assert "Somebody who worked on several projects stands under each of them" in html
    assert "stands under each" not in browser.page("/matrix?by=none")
    assert said(html)["Kavya Rao", "Review"] == said(browser.page("/matrix"))["Kavya Rao", "Review"]


@pytest.mark.alike
def test_a_compared_range_has_a_bar_of_its_own(team):
    browser = led(team)
    assert 'class="b2"' not in browser.page("/matrix?range=4w")
    html = browser.page("/matrix?range=4w&compare=before")
    assert 'class="b2"' in html
    assert any("; before " in cell for cell in said(html).values())


def test_the_whole_team_is_compared_with_the_range_before_and_with_nothing_else(team):
    browser, last = led(team), last_monday()
    first = last - timedelta(weeks=3)
    cells = said(browser.page(f"/matrix?by=none&since={first}&until={last}&compare=before"))

    def sums(since, until) -> dict[str, tuple[int, int]]:
        rows = team.rows(
            "SELECT w.practice, SUM(w.seen), SUM(w.eligible) FROM person_week w "
            f"JOIN person p ON p.id = w.person WHERE w.week BETWEEN '{since}' AND '{until}' "
            "AND p.name <> 'Elif Aydın' GROUP BY w.practice"
        )
        return {TITLES[name]: (int(seen), int(eligible)) for name, seen, eligible in rows}

    now = sums(first, last)
    before = sums(first - timedelta(weeks=4), first - timedelta(weeks=1))
    compared = 0
    for title, (_, eligible) in now.items():
        told = cells["Whole team", title]
        if "; before " in told:
            assert f" of {eligible:,} sessions" in told
            assert told.partition("; before ")[2].split(";")[0].split(" of ")[1] == (
                f"{before[title][1]:,}"
            )
            compared += 1
    assert compared > 5


def test_a_cell_opens_its_weeks_and_moments_and_the_person_hears_of_it(team):
    browser = led(team)
    html = browser.page("/matrix?by=none")
    href = unescape(re.search(r'href="([^"]*/matrix/planning/1\?[^"]*)"', html)[1])
    whole = browser.page(href)
    assert "<h1><bdi>Amara Nwosu, Planning</bdi></h1>" in whole
    assert whole.count("Week of") >= 12
    part = browser.get(href, **{"HX-Request-Type": "partial"}).text
    assert "<html" not in part
    assert 'id="cell"' in part
    looked = team.rows("SELECT person, viewer, what FROM look")
    lead = team.rows(f"SELECT id FROM person WHERE name = '{LEAD}'")[0][0]
    assert looked == [(1, lead, "profile")]
    assert browser.get(href + "&format=json").json()["tables"] == {}


def test_all_moments_behind_a_cell_are_of_its_weeks_and_say_why_none_is_shown(team):
    """Of somebody who shares no words, the page says so, and not that there are none."""
    browser = led(team, sessions=True)
    with team.database() as db:
        db.run("UPDATE person SET tier = 1 WHERE id = 1")
    first = later(last_monday().isoformat(), -7)
    until = str(last_monday() + timedelta(6))
    cell = browser.page(f"/matrix/planning/1?since={first}&until={until}")
    html = browser.page(unescape(re.search(r'href="([^"]*/people/1/practices/[^"]*)"', cell)[1]))
    ((times,),) = team.rows(
        "SELECT COUNT(*) FROM sighting WHERE person = 1 AND practice = 'planning' "
        f"AND local_day >= '{first}' AND local_day <= '{until}'"
    )
    assert times > 0
    assert figure(html, "Times") == str(times)
    assert html.count("Moments are shown only of sessions whose words are shared (tier 3).") == 2
    assert "Not seen in this range" not in html


def test_the_work_on_one_project_is_told_apart_where_several_share_its_name(team):
    browser = led(team)
    with team.database() as db:
        for person in range(1, 13):
            db.run(
                "INSERT INTO project (person, id, name, root, ids) VALUES (?, 'ledger', 'Ledger', "
                "'', '')",
                (person,),
            )
        db.run(
            "INSERT INTO project (person, id, name, root, ids) VALUES (1, 'own-1', 'Mine', '', '')"
        )
    first = last_monday().isoformat()
    html = browser.page(f"/matrix?by=none&since={first}&until={first}")
    assert "Ledger</bdi></a>" in html
    assert "Mine" not in html
    cells = said(browser.page(f"/matrix?by=none&project=ledger&since={first}&until={first}"))
    rows = team.rows(
        "SELECT p.name, w.practice, w.eligible FROM person_week w JOIN person p ON p.id = w.person "
        f"WHERE w.week = '{first}' AND w.project = 'ledger' AND p.id <> 5"
    )
    assert rows
    for name, practice, eligible in rows:
        ending = "" if eligible == 1 else "s"
        assert cells[name, TITLES[practice]] == f"few: possible in {eligible} session{ending}"


@pytest.mark.alike
def test_nobody_else_opens_a_cell_or_the_matrix(team):
    led(team)
    a_person(team, "Omar Said")
    a_person(team, "Ada Minh", admin=True)
    for name in ("Omar Said", "Ada Minh"):
        browser = signed_in(team, name)
        for path in ("/matrix", "/matrix/planning/1", "/matrix?format=csv&table=team"):
            assert browser.get(path).status_code == 404, (name, path)
    lead = signed_in(team, LEAD)
    for path in (
        "/matrix/nothing/1",
        "/matrix/planning/4",
        "/matrix/planning/5",
        "/matrix/planning/999",
        "/matrix?team=nothing",
    ):
        assert lead.get(path).status_code == 404, path
    assert team.rows("SELECT COUNT(*) FROM look")[0][0] == 0


def test_a_lead_sees_only_the_teams_they_lead(team):
    browser = led(team, teams=("forge",))
    names = set(re.findall(r'<th scope="row"><a[^>]*><bdi>([^<]+)', browser.page("/matrix")))
    rows = team.rows(
        "SELECT p.name FROM person p JOIN team_place t ON t.person = p.id "
        "WHERE t.team = 'forge' AND t.role = 'member'"
    )
    assert names == {name for (name,) in rows}
    outside = team.rows("SELECT person FROM team_place WHERE team = 'harbour' AND role = 'member'")[
        0
    ][0]
    assert browser.get(f"/matrix/planning/{outside}").status_code == 404


@pytest.mark.alike
def test_a_person_who_leaves_the_team_is_gone_at_once(team):
    browser = led(team)
    with team.database() as db:
        people.take_out(db, 1, "harbour", "member", actor=None, now=tokens.now_ms())
    assert "Amara Nwosu" not in browser.page("/matrix")


def test_small_and_silent_teams_have_their_states(team):
    browser = led(team, people_=1, weeks=1, teams=("harbour",))
    html = browser.page("/matrix")
    assert "Too few people and weeks" in html
    with team.database() as db:
        db.run("DELETE FROM person_week")
        db.run("UPDATE account SET paused_at = 1 WHERE person = 1")
    html = browser.page("/matrix")
    assert "1 of 1 person shares nothing." in html
    assert "n/a: not possible in any session" in html
