"""What a property is tried on: the same examples in every run of `make test`; many more, and others
each time, in `make torture`.

The value of ACCRETE_TORTURE, a number, is the seed of a torture; with the same number it tries the
same seeds again. What Hypothesis finds, it says how to repeat.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings

TORTURE = os.environ.get("ACCRETE_TORTURE", "")
TIMES = 30
T = TypeVar("T")


def examples(usual: int) -> int:
    """The number of examples in this run."""
    return usual * (TIMES if TORTURE else 1)


def seeds(usual: int) -> list[int]:
    """Seeds for what draws by itself: 0, 1, … or, in a torture, others each time. The processes of
    one run draw the same ones."""
    if not TORTURE:
        return list(range(usual))
    return random.Random(TORTURE).sample(range(1 << 32), examples(usual))


def part(grid: Iterable[T], usual: int) -> list[T]:
    """So many of a grid, in its order, the same in every run; in a torture all of it. Tests of a
    part are marked `grid`."""
    whole = list(grid)
    chosen = range(len(whole)) if TORTURE else random.Random(1).sample(range(len(whole)), usual)
    return [whole[n] for n in sorted(chosen)]


def seeded(usual: int) -> Callable[[Any], Any]:
    """Marks a test that is run for each of some seeds."""

    def marked(test: Any) -> Any:
        return pytest.mark.seeded(pytest.mark.parametrize("seed", seeds(usual))(test))

    return marked


def settle_hypothesis() -> None:
    """Seeds every property test, or none; to be called before tests are imported. The usual number
    of examples is half of Hypothesis's own. No test fails for being slow on a busy machine."""
    settings.register_profile(
        "accrete",
        derandomize=not TORTURE,
        max_examples=examples(100) if TORTURE else 50,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile("accrete")
