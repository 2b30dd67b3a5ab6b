"""What a lead may take up with a team this week: at most three observations as counts, each with
something to do. Rules over figures of several people; nobody is named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from accrete.insight.chance import change
from accrete.insight.matrix import ORDER, TeamCell, spreading, standing
from accrete.present.formats import plural
from accrete.queries.practices_of_people import Stuck, WeekSum

MOST, SEVERAL = 3, 3
"""Items at most; people that an observation is about, at least."""
OFTEN = 0.25
"""Something is often where it is in at least this share of the sessions."""
COHORT, SETTLED, SWINGS = 5, 6, 2
"""People of a cohort, at least; weeks after which its use should have settled; how often it may
swing in as many weeks before something is said."""


class Item(NamedTuple):
    """One observation. key: what it is about; practice: what an experiment would be about; seen:
    the observation as counts; do: what to try."""

    key: str
    practice: str
    seen: str
    do: str


def agenda(
    row: Mapping[str, TeamCell],
    where: Iterable[Stuck],
    swinging: Iterable[tuple[str, str]],
    titles: Mapping[str, str],
    advice: Mapping[str, str],
    *,
    without: Iterable[str] = (),
) -> list[Item]:
    """The first three of: where several people get stuck, what stands still, what swings, what
    spreads. swinging: (cohort, practice); advice: what to try, by practice; without: keys of items
    that were put off."""
    off = set(without)
    found = [
        *_stuck(list(where)),
        *(_still(name, row[name], titles, advice) for name in standing(row)),
        *(_swings(cohort, name, titles) for cohort, name in swinging),
        *(_spread(name, row[name], titles) for name in spreading(row)),
    ]
    return [item for item in found if item.key not in off][:MOST]


def _stuck(where: Sequence[Stuck]) -> list[Item]:
    all_ = sum(each.sessions for each in where)
    kinds = (
        ("checks", "verification", "failed_checks", "a check failed",
         "Ask for the check's own words in the next retro: a skill or a hook that runs it before "
         "Claude calls the work done takes an hour to write."),
        ("interruptions", "steering", "interrupted", "the person interrupted",
         "Show each other one interruption: what was the sign, and what would have said it in the "
         "first prompt? Planning first is the usual answer."),
        ("errors", "context", "errors", "five tool calls or more failed",
         "Look at what fails: a missing permission, a command that does not exist here. Write the "
         "commands that work into CLAUDE.md."),
    )  # fmt: skip
    made = []
    for key, practice, field, what, do in kinds:
        n = sum(getattr(each, field) for each in where)
        people = sum(getattr(each, field) > 0 for each in where)
        if people >= SEVERAL and all_ and n >= OFTEN * all_:
            seen = f"In {n} of {plural(all_, 'session')} {what} ({people} people)."
            made.append((n / all_, Item(key, practice, seen, do)))
    return [item for _, item in sorted(made, key=lambda each: -each[0])]


def _still(name: str, cell: TeamCell, titles: Mapping[str, str], advice: Mapping[str, str]) -> Item:
    verb = "uses" if cell.using == 1 else "use"
    seen = (
        f"{titles[name]} stands still: {cell.using or 'none'} of {cell.people} people "
        f"{verb} it often, seen in {cell.percent}% of {plural(cell.eligible, 'session')}."
    )
    return Item(f"still-{name}", name, seen, f"Show it once on real work, then try for two weeks: "
                f"{advice[name]}")  # fmt: skip


def _swings(cohort: str, name: str, titles: Mapping[str, str]) -> Item:
    return Item(
        f"swings-{cohort}-{name}",
        name,
        f"{titles[name]} goes up and down from week to week among those who started in {cohort}, "
        "by more than chance would explain, six weeks on.",
        "Ask them together what gets in the way: a habit that holds needs a fixed place in the "
        "work, such as the first prompt or the commit.",
    )


def _spread(name: str, cell: TeamCell, titles: Mapping[str, str]) -> Item:
    return Item(
        f"spreads-{name}",
        name,
        f"{titles[name]} spreads: {cell.using} of {cell.people} people use it often now.",
        "Ask who of them would show it to the others: fifteen minutes, one real session.",
    )


def swings(weeks: Sequence[WeekSum], cohort: str) -> list[tuple[str, str]]:
    """The practices that swing in a cohort. weeks: of its people, in order; those of fewer people
    than COHORT tell nothing."""
    found = []
    for name in ORDER:
        last = [w for w in weeks if w.practice == name and w.people >= COHORT][-SETTLED - 1 :]
        if len(last) <= SETTLED:
            continue
        jumps = 0
        for old, new in zip(last, last[1:], strict=False):
            moved = change((old.using, old.people), (new.using, new.people))
            jumps += moved is not None and moved.excludes_zero
        if jumps >= SWINGS:
            found.append((cohort, name))
    return found
