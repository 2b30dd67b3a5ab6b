"""Sessions in figures: spreads over five people and more, against plain counts, and never names."""

from __future__ import annotations

import statistics
from datetime import date

import pytest
from accrete_team.weeks import later

from accrete.insight.four_weeks import whole_blocks
from accrete.insight.sums import FEWEST
from tests.company import NAMES
from tests.team.leading import last_monday, led
from tests.team.signed import a_person, signed_in

pytestmark = pytest.mark.long

BLOCKS = "range=12w&format=json"


def sessions(team, more: str = "") -> list[tuple]:
    """The sessions of the blocks of twelve weeks: person, messages, shipped, edited."""
    blocks = whole_blocks(last_monday().isoformat(), 12)
    return team.rows(
        "SELECT s.person, s.prompts + s.responses_own, "
        "CASE WHEN s.outcome = 'shipped' THEN 1 ELSE 0 END, s.edits_landed FROM session s "
        "JOIN account a ON a.person = s.person "
        f"WHERE s.local_day >= '{blocks[0]}' AND s.local_day < '{later(blocks[-1], 4)}' {more}"
    )


def test_spreads_are_counted_from_the_sessions(team):
    browser = led(team, sessions=True)
    got = browser.get(f"/figures?{BLOCKS}").json()
    rows = sessions(team)
    edited = [row for row in rows if row[3]]
    shipped = sum(row[2] for row in edited)
    assert got["figures"]["shipped"] == shipped / len(edited)
    assert got["figures"]["messages"] == statistics.median_low([row[1] for row in rows])
    for name in ("roles", "weeks", "projects", "cohorts"):
        assert sum(row["sessions"] for row in got["tables"][name]) == len(rows)


def test_the_first_weeks_of_a_cohort_are_counted_from_the_sessions(team):
    """Two cohorts of five people and more, and one that is too small to be told."""
    browser = led(team, sessions=True)
    with team.database() as db:
        for month, people in (("2025-03", "<= 6"), ("2026-01", "> 6"), ("2026-02", "= 12")):
            db.run(f"UPDATE account SET start_month = ? WHERE person {people} AND person < 13",
                   (month,))  # fmt: skip
    got = browser.get("/figures?range=year&format=json").json()["tables"]["cohorts"]
    began = dict(team.rows("SELECT person, MIN(week) FROM person_week GROUP BY person"))
    months = dict(team.rows("SELECT person, start_month FROM account"))
    blocks = whole_blocks(last_monday().isoformat(), 52)
    rows = team.rows(
        "SELECT person, local_day, prompts + responses_own, edits_landed, "
        "CASE WHEN outcome = 'shipped' THEN 1 ELSE 0 END FROM session "
        f"WHERE local_day >= '{blocks[0]}' AND local_day < '{later(blocks[-1], 4)}'"
    )
    weeks = {"weeks 1 and 2": range(-99, 2), "weeks 3 and 4": range(2, 4),
             "weeks 5 to 8": range(4, 8), "weeks 9 to 12": range(8, 12)}  # fmt: skip
    told = [row["name"] for row in got]
    assert told[-1] == "all others"
    assert told[:-1] == [f"{month}: {name}" for month in ("2025-03", "2026-01") for name in weeks
                         if f"{month}: {name}" in told]  # fmt: skip
    assert len(told) > 4
    for row in got[:-1]:
        month, _, name = row["name"].partition(": ")
        some = [
            each for each in rows if months[each[0]] == month
            and (date.fromisoformat(each[1]) - date.fromisoformat(began[each[0]])).days // 7
            in weeks[name]
        ]  # fmt: skip
        assert len({person for person, *_ in some}) >= FEWEST
        assert row["sessions"] == len(some)
        assert row["messages"] == statistics.median_low([each[2] for each in some])
        edited = [each for each in some if each[3]]
        assert row["shipped"] == sum(each[4] for each in edited) / len(edited)


@pytest.mark.alike
def test_no_row_is_about_fewer_than_five_people(team):
    browser = led(team, sessions=True)
    got = browser.get(f"/figures?{BLOCKS}").json()["tables"]
    for row in got["roles"]:
        if row["name"] in ("developer", "designer"):
            people = {p for p, *_ in sessions(team, f"AND a.job = '{row['name']}'")}
            assert len(people) >= FEWEST
    assert {row["name"] for row in got["projects"]} <= {"project ledger", "all others"}
    html = browser.page("/figures")
    assert not [name for name in NAMES if name in html]


@pytest.mark.alike
def test_a_team_of_four_and_members_see_no_spreads(team):
    browser = led(team, people_=8, sessions=True, teams=("forge",))
    got = browser.get(f"/figures?{BLOCKS}").json()
    assert got["tables"] == {}
    assert got["figures"] == {}
    a_person(team, "Omar Said")
    assert signed_in(team, "Omar Said").get("/figures").status_code == 404
    a_person(team, "Ada Minh", admin=True)
    assert signed_in(team, "Ada Minh").get("/figures").status_code == 200
    assert browser.get("/figures?sort=tokens").status_code == 400
