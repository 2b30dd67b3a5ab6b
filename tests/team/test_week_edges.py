"""The page of the week where it turns: who has settled in, who swings by themselves, and what is
said first where nobody shares any more."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from accrete_team.weeks import later

from tests.company import add_session, add_week
from tests.team.even import NOW, even_weeks
from tests.team.seen import lead_of
from tests.team.signed import signed_in

pytestmark = [
    pytest.mark.long, pytest.mark.parametrize("team", ["sqlite"], indirect=True)
]  # fmt: skip
SWINGS = "Committing goes up and down from week to week among those who started in {}"


def swinging(team, cohort: str, *, of: int = 5, seen: tuple[int, ...], others: tuple[int, ...]):
    """Twelve people commit in all of five sessions of a week or in none, by turns: those who
    started in a month by the first, all others, of whom no month is known, by the second."""
    with team.database() as db:
        db.run("DELETE FROM person_week")
        db.run("UPDATE account SET start_month = '', paused_at = NULL")
        db.run("UPDATE account SET start_month = ? WHERE person <= ?", (cohort, of))
        for person in range(1, 13):
            turns = seen if person <= of else others
            for back in range(13):
                add_week(db, person, later("2026-11-02", -back), "committing", 5,
                         5 * turns[back % 2])  # fmt: skip


@pytest.mark.parametrize(
    ("month", "day", "settled"),
    [("2026-08", 21, True), ("2026-08", 14, False), ("2026-09", 21, False), ("2026-07", 14, True)],
)
def test_a_cohort_has_settled_in_when_its_last_day_is_six_weeks_before_the_week(
    team, month, day, settled
):
    """31 August is the Monday six weeks before 12 October, and may be the day on which somebody of
    August began."""
    even_weeks(team)
    swinging(team, month, of=12, seen=(0, 1), others=(0, 1))
    now = int(datetime(2026, 10, day, 14, 30, tzinfo=UTC).timestamp() * 1000)
    html = unescape(signed_in(team, "Lena Lead", now=now).page("/week"))
    assert f"Week of {day - 9} Oct 2026" in html
    assert (SWINGS.format(month) in html) == settled


@pytest.mark.parametrize(
    ("of", "seen", "others", "said"),
    [
        (5, (0, 1), (1, 0), True), (6, (0, 1), (1, 0), True), (4, (0, 1), (1, 0), False),
        (5, (1, 1), (0, 1), False), (5, (0, 0), (0, 1), False), (12, (0, 1), (1, 1), True),
    ],
)  # fmt: skip
def test_a_cohort_swings_by_the_weeks_of_its_own_people(team, of, seen, others, said):
    """Whatever the others of its teams do, who may swing against it or alone."""
    even_weeks(team)
    swinging(team, "2025-03", of=of, seen=seen, others=others)
    html = unescape(signed_in(team, "Lena Lead", now=NOW).page("/week"))
    assert (SWINGS.format("2025-03") in html) == said
    assert html.count("goes up and down") == said  # of those whose month nobody knows, nothing


def test_cohorts_that_swing_stand_in_the_order_of_their_months(team):
    even_weeks(team)
    swinging(team, "2025-03", of=6, seen=(0, 1), others=(1, 0))
    with team.database() as db:
        db.run("UPDATE account SET start_month = '2024-11' WHERE start_month = ''")
    html = unescape(signed_in(team, "Lena Lead", now=NOW).page("/week"))
    assert re.findall(SWINGS.format(r"([\d-]+)"), html) == ["2024-11", "2025-03"]


def test_that_nobody_shares_any_more_stands_before_two_sentences_more(team):
    even_weeks(team)
    lead = signed_in(team, "Lena Lead", now=NOW)
    with team.database() as db:
        for person in range(1, 9):
            for nth in range(6):
                add_session(db, person, nth, f"2026-11-0{2 + nth}", checks=2, checks_failed=1)
    two = "Review spreads. Skills stands still."
    assert lead_of(lead.page("/week")) == f"{two} In 48 of 48 sessions a check failed (8 people)."
    with team.database() as db:
        db.run("UPDATE account SET paused_at = 1")
    assert lead_of(lead.page("/week")) == (
        f"Everybody in your teams has paused sharing, so nothing new arrives. {two}"
    )
