"""Sessions in figures: spreads over five people and more, against plain counts, and never names."""

from __future__ import annotations

import statistics

from accrete_team.weeks import later

from accrete.insight.blocks import whole_blocks
from accrete.insight.sums import FEWEST
from tests.company import NAMES
from tests.team.leading import last_monday, led
from tests.team.signed import a_person, signed_in

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
    assert got["figures"]["prompts"] == statistics.median_low([row[1] for row in rows])
    (roles, since, projects) = (got["tables"][name] for name in ("roles", "weeks", "projects"))
    for table in (roles, since, projects):
        assert sum(row["sessions"] for row in table) == len(rows)


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
