"""Changes within people, against scipy, and how often they are said where nothing changed."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accrete.insight.chance import Z99, change, wilson
from accrete.insight.within import FEWEST, t_value, within

pytestmark = pytest.mark.long


@given(st.integers(1, 2000), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
@settings(max_examples=200, deadline=None)
def test_the_reach_of_an_interval_is_students(stats, freedom, confidence):
    assert t_value(freedom, confidence) == pytest.approx(
        stats.t.ppf((1 + confidence) / 2, freedom), rel=1e-9
    )


@given(st.lists(st.floats(-1, 1), min_size=FEWEST, max_size=60))
@settings(max_examples=200, deadline=None)
def test_the_mean_of_differences_has_the_interval_of_the_paired_t_test(stats, differences):
    found = within(differences)
    assert found is not None
    if len(set(differences)) == 1:
        assert found.interval == (found.mean, found.mean)
        return
    theirs = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
    assert tuple(found.interval) == pytest.approx(tuple(theirs), rel=1e-7, abs=1e-9)


def test_nothing_is_said_of_fewer_than_five_people():
    assert within([0.5] * (FEWEST - 1)) is None


@given(st.integers(1, 400), st.data(), st.sampled_from([1.959964, Z99]))
@settings(max_examples=200, deadline=None)
def test_a_share_has_the_interval_of_wilson(stats, whole, data, z):
    part = data.draw(st.integers(0, whole))
    theirs = stats.binomtest(part, whole).proportion_ci(2 * stats.norm.cdf(z) - 1, method="wilson")
    assert tuple(wilson(part, whole, z)) == pytest.approx(tuple(theirs), abs=1e-9)


def _said(rng: random.Random, old: float, new: float, z: float, sessions: int) -> bool:
    before = sum(rng.random() < old for _ in range(sessions)), sessions
    after = sum(rng.random() < new for _ in range(sessions)), sessions
    found = change(before, after, z)
    return found is not None and found.excludes_zero


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.8])
@pytest.mark.parametrize("sessions", [8, 20, 60])
def test_a_cell_that_did_not_change_is_said_to_at_most_once_in_a_hundred(stats, share, sessions):
    rng = random.Random(f"{share} {sessions}")
    said = sum(_said(rng, share, share, Z99, sessions) for _ in range(4000))
    # Newcombe's interval is close to its rate in small samples, and never far above it.
    assert said <= stats.binom.ppf(0.9999, 4000, 0.015)


def test_a_cell_that_changed_a_lot_is_said_to():
    rng = random.Random(5)
    said = sum(_said(rng, 0.2, 0.7, Z99, 30) for _ in range(1000))
    assert said > 900


def _team(rng: random.Random, people: int, by: float) -> list[float]:
    """Differences of people who differ from each other more than chance makes them."""
    differences = []
    for _ in range(people):
        own, sessions = rng.uniform(0.1, 0.8), rng.randrange(5, 40)
        shares = [
            sum(rng.random() < min(own + more, 1) for _ in range(sessions)) / sessions
            for more in (0, by + rng.gauss(0, 0.05))
        ]
        differences.append(shares[1] - shares[0])
    return differences


@pytest.mark.parametrize("people", [5, 8, 20])
def test_a_team_that_did_not_change_is_said_to_once_in_twenty(stats, people):
    rng = random.Random(people)
    found = [within(_team(rng, people, 0)) for _ in range(2000)]
    said = sum(each is not None and each.way != "" for each in found)
    low, high = stats.binom.ppf([0.0001, 0.9999], 2000, 0.05)
    assert low <= said <= high


def test_a_team_that_changed_is_said_to():
    rng = random.Random(3)
    found = [within(_team(rng, 10, 0.2)) for _ in range(300)]
    assert sum(each is not None and each.way == "rising" for each in found) > 270
