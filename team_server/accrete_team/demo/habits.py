"""How people of the demo company work with Claude, and how that changes from week to week."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

USUAL = {
    "artifacts": 0.12, "committing": 0.55, "context": 0.35, "delegation": 0.28, "isolation": 0.06,
    "planning": 0.3, "review": 0.14, "skills": 0.2, "steering": 0.25, "task-tracking": 0.3,
    "verification": 0.55,
}  # fmt: skip
"""How often each practice is used where nothing is special about a person."""
SPREADS = ("planning", "verification", "delegation", "review", "skills", "committing")
"""The practice that spreads in a team, by its number."""
MONTH = 4.3
"""Weeks of a month."""


@dataclass(frozen=True, slots=True)
class Habit:
    """How often a practice is used: from one share to another, around a week, within some weeks.
    swing: how far it goes up and down from week to week. good: the share of it that is done
    well."""

    before: float
    after: float
    week: float
    weeks: float
    swing: float
    good: float

    def share(self, week: int) -> float:
        """The share of sessions in which it is used in a week."""
        done = 1 / (1 + math.exp(-(week - self.week) * 4 / max(self.weeks, 0.5)))
        level = self.before + (self.after - self.before) * done
        return min(max(level + (self.swing if week % 2 else -self.swing), 0.0), 0.95)


@dataclass(frozen=True, slots=True)
class Ways:
    """A person's ways. sessions: on a working day; prompts: in a session; begins: the hour of the
    day; pace: how long they take, about 1; newest: how soon they use a new model, in days; thrifty:
    how much of their work goes to the smaller model."""

    habits: dict[str, Habit]
    sessions: float
    prompts: float
    begins: float
    pace: float
    newest: int
    thrifty: float


def ways_of(team: int, weeks: int, rng: Random) -> Ways:
    """The ways of somebody in a team, over so many weeks."""
    habits = {name: _habit(usual, weeks, rng) for name, usual in USUAL.items()}
    spreading = SPREADS[team % len(SPREADS)]
    if rng.random() < 0.6:
        habits[spreading] = Habit(
            rng.uniform(0, 0.1), rng.uniform(0.4, 0.75), 2 * MONTH + rng.uniform(0, 6),
            rng.uniform(1, 5), 0.02, rng.uniform(0.3, 0.8),
        )  # fmt: skip
    return Ways(
        habits,
        sessions=min(max(rng.lognormvariate(0.75, 0.45), 0.5), 6),
        prompts=min(max(rng.lognormvariate(0.8, 0.4), 1), 8),
        begins=rng.uniform(8.2, 10.2),
        pace=rng.uniform(0.7, 1.5),
        newest=rng.randrange(2, 60),
        thrifty=rng.choice((0.1, 0.3, 0.7)),
    )


def _habit(usual: float, weeks: int, rng: Random) -> Habit:
    level = min(max(rng.gauss(usual, usual * 0.45), 0.0), 0.9)
    good, at = rng.uniform(0.15, 0.85), rng.uniform(0.15, 0.9) * weeks
    kind = rng.random()
    if kind < 0.55:
        return Habit(level, level, at, 1, 0.0, good)
    if kind < 0.7:  # begins
        return Habit(0.02, max(level, 0.35), at, rng.uniform(1, 6), 0.02, good)
    if kind < 0.8:  # stops
        return Habit(max(level, 0.35), 0.03, at, rng.uniform(1, 4), 0.02, good)
    if kind < 0.9:  # grows slowly
        return Habit(level * 0.5, min(level * 1.6, 0.9), weeks / 2, weeks * 0.8, 0.0, good)
    return Habit(level, level, at, 1, min(level, 0.3), good)  # now more, now less
