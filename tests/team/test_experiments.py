"""Experiments: begun with a team of five or more, reported alike whatever came of them."""

from __future__ import annotations

import random
import re

import pytest
from accrete_team import experiments, tokens
from accrete_team.experiments import Row, begin, report
from accrete_team.weeks import later

from accrete.errors import AccreteError
from accrete.queries.practices_of_people import PersonShare
from tests.team.leading import LEAD, last_monday, led
from tests.team.signed import a_person, in_team, signed_in

START = "2026-10-05"


def row(**changed: object) -> Row:
    made = Row("x", "forge", "Forge", "planning", "use", START, 2, 1, None)
    return made._replace(**changed)  # type: ignore[arg-type]


def shares(rng: random.Random, people: int, by: float, sessions: int = 12) -> list[PersonShare]:
    found = []
    for person in range(people):
        own = rng.uniform(0.2, 0.6)
        before = sum(rng.random() < own for _ in range(2 * sessions))
        after = sum(rng.random() < min(own + by, 1) for _ in range(sessions))
        found.append(PersonShare(person, "planning", before, 2 * sessions, after, sessions, "1"))
    return found


def test_no_difference_has_a_sentence_of_its_own():
    rng = random.Random(1)
    said = report(row(), shares(rng, 9, 0), range(9), "2026-10-12")
    assert said.state == "none"
    assert re.fullmatch(r"No difference found \(between .* and .*, 9 people\)\.", said.words)


def test_a_planted_effect_is_found_and_said():
    rng = random.Random(2)
    up = report(row(), shares(rng, 9, 0.4), range(9), "2026-10-12")
    down = report(row(), shares(rng, 9, -0.5), range(9), "2026-10-12")
    assert (up.state, down.state) == ("more", "fewer")
    assert up.words.startswith("More than before (between ")
    assert down.words.startswith("Less than before (between ")


@pytest.mark.long
def test_an_experiment_without_effect_says_so_nineteen_times_of_twenty(stats):
    rng = random.Random(3)
    states = [report(row(), shares(rng, 8, 0), range(8), "2026-10-12").state for _ in range(1000)]
    low, high = stats.binom.ppf([0.0001, 0.9999], 1000, 0.05)
    assert low <= 1000 - states.count("none") <= high


def test_what_cannot_be_said_yet_says_why():
    rng = random.Random(4)
    early = report(row(), shares(rng, 9, 0.4), range(9), START)
    assert early.words == "Too early: 1 of 2 weeks are over."
    few = report(row(), shares(rng, 4, 0.4), range(9), "2026-10-12")
    assert few.words == "Too few: 4 of 9 people have 5 sessions before and during it; it takes 5."
    mixed = [each._replace(versions="1 2") for each in shares(rng, 9, 0.4)]
    assert report(row(), mixed, range(9), "2026-10-12").state == "mixed"
    assert report(row(ended_at=5), shares(rng, 9, 0.4), range(9), START).state == "ended"
    others = report(row(metric="checks"), shares(rng, 9, 0.4), range(9), "2026-10-12")
    assert others.state == "few"


@pytest.mark.long
def test_a_lead_begins_one_from_the_agenda_and_ends_it(team):
    browser = led(team, sessions=True)
    week = browser.page("/week")
    href = re.search(r'href="([^"]*/experiments/new\?practice=[a-z-]+)"', week)[1]
    form = browser.page(href)
    assert "selected" in form
    fields = {"practice": "review", "team": "forge", "metric": "use", "weeks": "2"}
    assert browser.form(href, "/experiments", **fields).status_code == 303
    html = browser.page("/experiments")
    assert "Review, <bdi>Forge</bdi>" in html
    assert "Too early: 0 of 2 weeks are over." in html
    ((name, start),) = team.rows("SELECT id, start_week FROM experiment")
    assert start > last_monday().isoformat()
    assert browser.form("/experiments", f"/experiments/{name}/end").status_code == 303
    assert "Ended early: nothing is said of it." in browser.page("/experiments")
    said = [what for (what,) in team.rows("SELECT what FROM audit ORDER BY at")]
    assert said[-2:] == ["began an experiment", "ended an experiment"]


@pytest.mark.alike
@pytest.mark.long
def test_what_came_of_it_is_the_change_within_its_people(team):
    browser = led(team)
    with team.database() as db:
        begin(
            db,
            "forge",
            "review",
            "use",
            4,
            later(last_monday().isoformat(), -5),
            actor=1,
            now=tokens.now_ms(),
        )
    html = browser.page("/experiments")
    assert re.search(r"More than before \(between \d+ points? more and \d+ points? more", html)


def test_it_takes_five_people_and_a_known_choice(team):
    led(team)
    a_person(team, "Omar Said")
    small = in_team(team, "Small", leads=[], members=[1, 2, 3, 6])
    with team.database() as db:
        for given in (
            (small, "review", "use", 2),
            ("forge", "nothing", "use", 2),
            ("forge", "review", "cost", 2),
            ("forge", "review", "use", 3),
        ):
            with pytest.raises(AccreteError):
                begin(db, *given, START, actor=1, now=tokens.now_ms())
    assert team.rows("SELECT COUNT(*) FROM experiment")[0][0] == 0


@pytest.mark.long
def test_only_leads_begin_and_end_them_and_members_see_that_they_run(team):
    browser = led(team, teams=("forge",))
    with team.database() as db:
        name = begin(
            db,
            "forge",
            "review",
            "use",
            2,
            later(last_monday().isoformat(), -5),
            actor=1,
            now=tokens.now_ms(),
        )
        begin(db, "harbour", "planning", "use", 2, START, actor=1, now=tokens.now_ms())
    omar = a_person(team, "Omar Said")
    with team.database() as db:
        db.run(
            "INSERT INTO team_place (person, team, role, since, made_at) "
            f"VALUES ({omar}, 'forge', 'member', 1, 1)"
        )
    member = signed_in(team, "Omar Said")
    html = member.page("/experiments")
    assert "Review, <bdi>Forge</bdi>" in html
    assert "The team&#39;s lead tells the team" in html
    assert "points" not in html
    assert member.get("/experiments/new").status_code == 404
    assert "Planning, <bdi>Harbour</bdi>" not in browser.page("/experiments")
    for who in (member, browser):
        refused = who.post(f"/experiments/{name}/end", {"token": "x"})
        assert refused.status_code == 403
    assert team.rows("SELECT COUNT(*) FROM experiment WHERE ended_at IS NOT NULL")[0][0] == 0


@pytest.mark.long
def test_an_item_that_was_put_off_is_not_told_for_four_weeks(team):
    browser = led(team, sessions=True)
    first = re.findall(r'name="item" value="([^"]+)"', browser.page("/week"))
    assert browser.form("/week", "/week/not-now", item=first[0]).status_code == 303
    assert first[0] not in re.findall(r'name="item" value="([^"]+)"', browser.page("/week"))
    with team.database() as db:
        db.run(f"UPDATE put_off SET until = until - {experiments.OFF_MS + 1000}")
    assert re.findall(r'name="item" value="([^"]+)"', browser.page("/week")) == first
    assert signed_in(team, LEAD).get("/week").status_code == 200
