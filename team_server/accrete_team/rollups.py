"""Keeps the weeks of people current on a server, by the rules of the laptop: only those in which
something changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from accrete.database import Database
from accrete.record import shared
from accrete.record.weeks import add_up_weeks
from accrete_team import devices, stamps


@contextmanager
def following(db: Database, person: int, sessions: Iterable[str]) -> Iterator[None]:
    """Whatever changes within it of a person's sessions, their weeks follow, in one transaction."""
    touched = set(sessions)
    with db.transaction():
        weeks = stamps.weeks_of(db, person, touched)
        yield
        weeks |= stamps.weeks_of(db, person, touched)
        add_up_weeks(db, person, weeks)
        stamps.stamp(db, person, weeks)


def take_away(db: Database, person: int, sessions: Iterable[str], why: str, now: int) -> None:
    """Deletes all shared rows of sessions, and what they counted in the person's weeks."""
    gone = set(sessions)
    with following(db, person, gone):
        for session in sorted(gone):
            devices.take_away(db, person, session, why, now)
        shared.set_tier(db, person)


def add_up_everything(db: Database, person: int) -> None:
    """Adds up all weeks of a person: after rows came in bulk."""
    with db.transaction():
        add_up_weeks(db, person, None)
        stamps.stamp(db, person, stamps.all_weeks(db, person))
