"""How regular a practice is, also exactly at each limit."""

from __future__ import annotations

import pytest

from accrete.practices.depth import Week, depth

USED, UNUSED, WELL = (4, 1, 1, 0), (4, 0, 0, 0), (4, 1, 1, 1)
"""Weeks: sessions where it could apply and was used, sightings, those with a quality mark."""
FREE = (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("weeks", "expected"),
    [
        ([(4, 4, 4, 4)], "too few"),
        ([(5, 0, 0, 0)], "not seen"),
        ([(5, 1, 1, 1)], "tried"),
        ([USED] * 2, "regular"),
        ([USED, UNUSED], "regular"),
        ([USED] * 3 + [UNUSED] * 3, "regular"),
        ([USED] * 3 + [UNUSED] * 4, "tried"),
        ([USED] * 3 + [UNUSED] * 3 + [FREE] * 5, "regular"),
        ([USED] * 4 + [UNUSED] * 4, "regular"),
        ([USED] * 5 + [UNUSED] * 5, "tried"),
        ([UNUSED] * 9 + [USED] * 4, "regular"),
        ([WELL] * 3, "regular"),
        ([WELL] * 4, "fluent"),
        ([(4, 1, 2, 1)] * 4, "fluent"),
        ([(4, 1, 2, 1)] * 4 + [USED], "regular"),
        ([WELL] * 4 + [UNUSED] * 4 + [FREE] * 4, "fluent"),
    ],
)
def test_depth_looks_at_spread_and_marks(weeks, expected):
    made = [Week(f"2026-01-{n:02d}", *sums) for n, sums in enumerate(weeks, 1)]
    assert depth(made, sum(week.eligible for week in made)) == expected
