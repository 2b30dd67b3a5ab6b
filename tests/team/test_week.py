"""The pages of the week and of one practice: their figures against plain counts."""

from __future__ import annotations

import re
from html import unescape

import pytest
from accrete_team import access, companies
from accrete_team.agenda import MOST, agenda, swings
from accrete_team.pages.practice import said_of, together
from accrete_team.pages.week import taken_up
from accrete_team.weeks import later

from accrete.insight.matrix import ORDER, TeamCell
from accrete.queries.practices import PersonWeekRow
from accrete.queries.practices_of_people import Beside, Stuck, WeekSum
from tests.company import NAMES, add_week
from tests.team.leading import last_monday, led
from tests.team.test_amounts import figure

pytestmark = pytest.mark.long

TITLES = {name: name for name in ORDER}
QUIET = {name: TeamCell(0, 0, 0, 0, None) for name in ORDER}


def test_the_figures_of_the_week_are_counted_from_the_rows(team):
    browser = led(team, sessions=True)
    first = last_monday().isoformat()
    week = f"local_day >= '{first}' AND local_day < '{later(first, 1)}'"
    html = browser.page("/week")
    ((people, sessions),) = team.rows(
        f"SELECT COUNT(DISTINCT person), COUNT(*) FROM session WHERE {week}"
    )
    assert figure(html, "Active people") == str(people)
    assert figure(html, "Sessions") == str(sessions)
    ((seen, possible),) = team.rows(
        "SELECT SUM(seen), SUM(eligible) FROM person_week WHERE practice = 'verification' "
        f"AND week = '{first}'"
    )
    assert figure(html, "Checked after edits") == f"{round(100 * int(seen) / int(possible))}%"
    month = f"local_day >= '{later(first, -3)}' AND local_day < '{later(first, 1)}'"
    ((all_, failed, whose),) = team.rows(
        "SELECT COUNT(*), SUM(CASE WHEN checks_failed > 0 THEN 1 ELSE 0 END), COUNT(DISTINCT "
        f"CASE WHEN checks_failed > 0 THEN person END) FROM session WHERE {month}"
    )
    said = f"In {failed} of {all_} sessions a check failed ({whose} people)."
    assert said in unescape(html)


@pytest.mark.alike
def test_the_week_names_nobody_and_has_three_sentences_and_items_at_most(team):
    browser = led(team, sessions=True)
    html = browser.page("/week")
    assert not [name for name in NAMES if name in html]
    assert len(re.findall(r'name="item"', html)) <= MOST
    lead = re.search(r'<p class="lead"[^>]*>(.*?)</p>', html)[1]
    assert len(re.findall(r"\.(?: |$)", lead)) <= 3


@pytest.mark.alike
def test_a_week_of_which_nothing_can_be_said_says_that_alone(team):
    browser = led(team, people_=2, weeks=1)
    lead = re.search(r'<p class="lead"[^>]*>(.*?)</p>', browser.page("/week"))[1]
    assert lead == "Too few people and weeks to say what spreads and what stands still."


@pytest.mark.alike
def test_what_was_put_off_is_not_said_to_be_fine(team):
    """Checks fail in many sessions, and the lead said not now to that."""
    browser = led(team, sessions=True)
    with team.database() as db:  # nothing spreads and nothing stands still
        db.run("DELETE FROM person_week")
    assert "a check failed" in browser.page("/week")
    while 'name="item"' in (html := browser.page("/week")):
        assert browser.form("/week", "/week/not-now").status_code == 303
    lead = re.search(r'<p class="lead"[^>]*>(.*?)</p>', html)[1]
    assert not re.search("nobody|stuck|check", lead)


def test_a_practice_page_counts_people_and_sessions(team):
    browser = led(team, sessions=True)
    html = browser.page("/matrix/review")
    first = last_monday().isoformat()
    rows = team.rows(
        "SELECT person, SUM(seen), SUM(eligible) FROM person_week WHERE practice = 'review' "
        f"AND week >= '{later(first, -11)}' AND person <> 5 GROUP BY person"
    )
    enough = [(int(s), int(e)) for _, s, e in rows if e >= 5]
    assert figure(html, "People who use it often") == str(sum(4 * s >= e for s, e in enough))
    assert figure(html, "Seen in") == str(sum(int(s) for _, s, _ in rows))
    assert figure(html, "Possible in") == str(sum(int(e) for _, _, e in rows))
    names = re.findall(r'<li><a href="[^"]*/people/\d+/"><bdi>([^<]+)', html)
    assert names == sorted(NAMES, key=str.casefold)
    assert browser.get("/matrix/nothing").status_code == 404
    assert browser.get("/matrix/review?sort=share").status_code == 400


@pytest.mark.alike
def test_what_goes_together_is_said_within_people_and_hidden_of_few(team):
    browser = led(team, sessions=True)
    assert "Sessions with it ship more often" in browser.page("/matrix/planning")
    assert "No difference found" in browser.page("/matrix/verification")
    assert "Too few to say" in browser.page("/matrix/isolation")
    rows = [Beside(n, used, 20, 16 if used else 4) for n in range(4) for used in (True, False)]
    assert together(rows) is None
    assert said_of(None).startswith("Too few to say: it takes 5 people")
    few = [Beside(n, used, 4, 4 if used else 0) for n in range(9) for used in (True, False)]
    assert together(few) is None


@pytest.mark.parametrize(
    ("with_it", "without", "people", "said"),
    [
        (15, 5, 8, "ship more often than the same people's without it (between 50 points more and "
         "50 points more, 8 people)."),
        (0, 20, 5, "ship less often than the same people's without it (between 100 points fewer "
         "and 100 points fewer, 5 people)."),
        (7, 7, 5, "No difference found in how often sessions ship, with it and without it (between "
         "no points and no points, 5 people)."),
        (20, 0, 4, "Too few to say"),
    ],
)  # fmt: skip
def test_by_how_many_points_more_or_less_they_ship_is_said(with_it, without, people, said):
    rows = [Beside(n, used, 20, with_it if used else without)
            for n in range(people) for used in (True, False)]  # fmt: skip
    alone = [Beside(99, True, 20, 20)]  # who never worked without it
    assert said in said_of(together([*rows, *alone]))


def test_sessions_on_one_side_have_to_be_five_each():
    for many, found in ((5, 6), (4, 5)):
        rows = [Beside(n, used, 9, 9 if used else 0) for n in range(5) for used in (True, False)]
        rows += [Beside(5, True, many, 0), Beside(5, False, 9, 0)]
        assert together(rows).people == found


def test_stuck_is_said_of_several_people_alone():
    one = [Stuck(1, 40, 30, 0, 0), Stuck(2, 40, 0, 0, 0), Stuck(3, 40, 0, 0, 0)]
    assert agenda(QUIET, one, [], TITLES, TITLES) == []
    several = [Stuck(n, 40, 30, 20, 15) for n in range(4)]
    items = agenda(QUIET, several, [], TITLES, TITLES)
    assert [item.key for item in items] == ["checks", "interruptions", "errors"]
    assert agenda(QUIET, several, [], TITLES, TITLES, without=["checks"])[0].key != "checks"


def weeks_of(using: list[int], people: int = 8) -> list[WeekSum]:
    return [WeekSum(later("2026-01-05", n), "planning", people, u, 30, u)
            for n, u in enumerate(using)]  # fmt: skip


def test_a_cohort_swings_where_its_weeks_change_by_more_than_their_interval():
    assert swings(weeks_of([0, 8, 0, 8, 0, 8, 0]), "2026-01") == [("2026-01", "planning")]
    assert swings(weeks_of([4, 5, 4, 5, 4, 5, 4]), "2026-01") == []
    assert swings(weeks_of([0, 8, 0, 8]), "2026-01") == []
    assert swings(weeks_of([0, 4, 0, 4, 0, 4, 0], people=4), "2026-01") == []


def test_a_cohort_that_swings_is_on_the_agenda_from_five_people_and_six_weeks_on(team):
    browser = led(team, people_=8, weeks=1)
    last = last_monday().isoformat()
    with team.database() as db:
        db.run("DELETE FROM person_week")
        db.run("UPDATE account SET paused_at = NULL")
        for person in range(1, 9):
            for back in range(12):
                add_week(db, person, later(last, -back), "committing", 5, 5 * (back % 2))

    def said(month: str, people_: int) -> bool:
        with team.database() as db:
            db.run("UPDATE account SET start_month = ? WHERE person <= ?", (month, people_))
            db.run("UPDATE account SET start_month = '' WHERE person > ?", (people_,))
        html = unescape(browser.page("/week"))
        return (
            f"Committing goes up and down from week to week among those who started in {month}"
        ) in html

    assert said("2025-03", 8)
    assert said("2025-03", 5)
    assert not said("2025-03", 4)
    began = later(last, -5)[:7]  # in which somebody may have begun less than six weeks ago
    assert not said(began, 8)


def test_a_practice_is_taken_up_in_the_week_in_which_it_becomes_regular():
    last = "2026-03-30"
    rows = [
        PersonWeekRow(1, later(last, -at), "review", 4, 3 if at < 2 else 0, 3, 0, "1")
        for at in range(4)
    ]
    assert taken_up(sorted(rows, key=lambda row: row.week), last) == [(1, "review")]
    assert taken_up(sorted(rows, key=lambda row: row.week), later(last, 1)) == []


@pytest.mark.alike
def test_every_figure_of_a_team_has_a_definition(team):
    browser = led(team, sessions=True)
    with team.database() as db:
        companies.switch(db, "cost_per_person", "on", actor=None, now=1)
        db.run("UPDATE company_setting SET since = 1")
    known = set(re.findall(r'id="([\w-]+)"', browser.page("/numbers")))
    linked = {}
    for path in ("/week", "/matrix/planning", "/matrix/planning/1", "/activity", "/costs",
                 "/figures", "/people/1/", "/people/1/practices"):  # fmt: skip
        linked[path] = set(re.findall(r'/numbers#([\w-]+)"', browser.page(path)))
        assert linked[path], path
        assert linked[path] <= known, path
    assert {"active-time", "messages", "tokens", "accepted", "shipped"} <= linked["/figures"]


@pytest.mark.alike
def test_the_pages_of_a_team_have_a_menu(team):
    browser = led(team)
    html = browser.page("/week")
    for name in ("This week", "Practices", "Activity", "Costs", "Experiments"):
        assert f">{name}</a>" in html
    seat = access.Seat(1, "", "", True, "UTC", "", 1, False, 0)
    assert not seat.leads
