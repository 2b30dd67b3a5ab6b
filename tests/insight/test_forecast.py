"""What a month will have cost, from its days so far."""

from __future__ import annotations

import random

import pytest

from accrete.insight.forecast import FROM_DAY, of_month

DOLLAR = 1_000_000_000


def daily(*costs: int) -> dict[str, int]:
    return {f"2026-11-{day:02d}": cost for day, cost in enumerate(costs, start=1)}


def test_nothing_is_said_of_the_first_days():
    for day in range(1, FROM_DAY):
        told = of_month(daily(*[DOLLAR] * day), f"2026-11-{day:02d}")
        assert (told.spent, told.low, told.high) == (day * DOLLAR, None, None)
    assert of_month(daily(*[DOLLAR] * 5), "2026-11-05").low is not None


def test_a_month_of_equal_days_is_known_to_the_dollar():
    told = of_month(daily(*[2 * DOLLAR] * 10), "2026-11-10")
    assert told == (20 * DOLLAR, 60 * DOLLAR, 60 * DOLLAR, 10, 30)


def test_days_without_work_count_as_days():
    told = of_month({"2026-11-02": 8 * DOLLAR}, "2026-11-09")
    assert told.spent == 8 * DOLLAR
    assert told.low is not None
    assert told.high is not None
    assert told.low < (8 + 22) * DOLLAR < told.high


def test_other_months_do_not_count():
    assert of_month({"2026-10-31": DOLLAR, "2026-12-01": DOLLAR}, "2026-11-20").spent == 0


def test_a_forecast_is_never_less_than_what_was_spent():
    told = of_month(daily(0, 0, 0, 0, 0, 0, 0, 0, 0, 90 * DOLLAR), "2026-11-10")
    assert told.low == told.spent == 90 * DOLLAR


def test_the_last_day_leaves_only_itself():
    told = of_month(daily(*[3 * DOLLAR] * 29, 0), "2026-11-30")
    assert (told.low, told.high) == (90 * DOLLAR, 90 * DOLLAR)


@pytest.mark.parametrize("today", [8, 15, 24])
def test_four_of_five_months_of_like_days_end_within_the_band(today):
    chance = random.Random(7)
    held = 0
    for _ in range(400):
        costs = [round(max(0.0, chance.gauss(5, 2)) * DOLLAR) for _ in range(30)]
        told = of_month(daily(*costs[: today - 1]), f"2026-11-{today:02d}")
        assert told.low is not None
        assert told.high is not None
        held += told.low <= sum(costs) <= told.high
    assert 0.70 <= held / 400 <= 0.88
