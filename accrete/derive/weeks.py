"""Which weeks of a person's practices are to be added up again: only those in which something
changed.

Trends and a team's matrix read them.
"""

from __future__ import annotations

import json

from accrete.database import Database
from accrete.record.store import fact, set_fact
from accrete.record.stored_facts import WEEKS_WAIT
from accrete.record.weeks import FEW_WEEKS, add_up_weeks

EVERY_WEEK = "1"


def let_weeks_wait(db: Database, person: int, weeks: set[str]) -> None:
    """Weeks that are to be added up again. To be called in the transaction that changes what their
    sessions show, with the weeks of before and after it, so that no kill leaves an old sum."""
    waiting = waiting_weeks(db, person)
    if waiting is None or weeks <= waiting:
        return
    every = waiting | weeks
    said = json.dumps(sorted(every)) if len(every) <= FEW_WEEKS else EVERY_WEEK
    set_fact(db, person, WEEKS_WAIT, said)


def let_every_week_wait(db: Database, person: int) -> None:
    """All weeks are to be added up again, also those of which no session is left."""
    set_fact(db, person, WEEKS_WAIT, EVERY_WEEK)


def waiting_weeks(db: Database, person: int) -> set[str] | None:
    """The weeks that are to be added up again; None for all of them."""
    said = fact(db, person, WEEKS_WAIT) or "0"
    return None if said == EVERY_WEEK else set() if said == "0" else set(json.loads(said))


def derive_weeks(db: Database, person: int) -> None:
    """Adds up the weeks of a person that wait, from what their sessions show."""
    if waiting_weeks(db, person) == set():
        return
    with db.transaction():
        add_up_weeks(db, person, waiting_weeks(db, person))
        set_fact(db, person, WEEKS_WAIT, "0")
