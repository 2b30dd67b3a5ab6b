"""Whether several people changed: the mean of what each of them changed by, and its interval."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import atan, cos, pi, sin, sqrt
from statistics import fmean, stdev
from typing import NamedTuple

from accrete.insight.chance import Interval

FEWEST = 5
"""Nothing is said of fewer people."""


class Within(NamedTuple):
    """people: how many have both values; mean: of their differences, each person's alike; interval:
    of the mean, 95 %."""

    people: int
    mean: float
    interval: Interval

    @property
    def way(self) -> str:
        """`rising`, `falling`, or '' where the interval holds 0."""
        if not self.interval.excludes_zero:
            return ""
        return "rising" if self.mean > 0 else "falling"


def within(differences: Sequence[float], confidence: float = 0.95) -> Within | None:
    """The mean of people's differences with Student's interval (the paired t-test): sessions of one
    person are alike, so people are counted and not sessions. None of fewer than FEWEST people."""
    n = len(differences)
    if n < FEWEST:
        return None
    mean = fmean(differences)
    half = t_value(n - 1, confidence) * stdev(differences) / sqrt(n)
    return Within(n, mean, Interval(mean - half, mean + half))


@lru_cache(maxsize=2048)
def t_value(freedom: int, confidence: float = 0.95) -> float:
    """How many standard errors a two-sided interval of Student's t reaches to either side.
    freedom: degrees of it, 1 or more."""
    low, high = 0.0, 1.0
    while _inside(high, freedom) < confidence:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        if _inside(middle, freedom) < confidence:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _inside(t: float, freedom: int) -> float:
    """The probability of -t to t (Abramowitz and Stegun 26.7.3 and 26.7.4)."""
    angle = atan(t / sqrt(freedom))
    squared = cos(angle) ** 2
    if freedom % 2:
        term = 0.0 if freedom == 1 else cos(angle)
        total = term
        for k in range(3, freedom - 1, 2):
            term *= squared * (k - 1) / k
            total += term
        return 2 / pi * (angle + sin(angle) * total)
    term = total = 1.0
    for k in range(2, freedom - 1, 2):
        term *= squared * (k - 1) / k
        total += term
    return sin(angle) * total
