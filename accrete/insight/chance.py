"""Whether two shares differ by more than chance would make them."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

Z = 1.959964
"""Two-sided 95 %."""
Z99 = 2.575829
"""Two-sided 99 %: where a page shows a hundred changes beside each other, one of them in a hundred
is said by chance, not one in twenty."""


class Interval(NamedTuple):
    """Ends of an interval: of 95 % where nothing else is said."""

    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether all of it lies on one side of 0."""
        return self.low > 0 or self.high < 0


def wilson(part: int, whole: int, z: float = Z) -> Interval:
    """The Wilson score interval of a share, 0 to 1. Raises ValueError of nothing."""
    if whole <= 0 or not 0 <= part <= whole:
        raise ValueError(f"{part} of {whole} is no share")
    share, z2 = part / whole, z * z
    middle = (share + z2 / (2 * whole)) / (1 + z2 / whole)
    half = z / (1 + z2 / whole) * sqrt(share * (1 - share) / whole + z2 / (4 * whole * whole))
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def change(before: tuple[int, int], after: tuple[int, int], z: float = Z) -> Interval | None:
    """By how much a share (part, whole) rose, -1 to 1: Newcombe's interval of the difference of
    two independent proportions (1998, method 10). None where either is a share of nothing."""
    if not before[1] or not after[1]:
        return None
    old, new = before[0] / before[1], after[0] / after[1]
    of_old, of_new = wilson(*before, z), wilson(*after, z)
    low = sqrt((new - of_new.low) ** 2 + (of_old.high - old) ** 2)
    high = sqrt((of_new.high - new) ** 2 + (old - of_old.low) ** 2)
    return Interval(new - old - low, new - old + high)
