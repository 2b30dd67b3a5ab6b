"""What a machine asks before it sends, and what its person chose there for all their machines."""

from __future__ import annotations

import msgspec

from accrete.database import Database
from accrete.model.tables import OF_PERSON
from accrete.record import store
from accrete.record.published import published
from accrete.wire.contract import (
    Chosen,
    Elsewhere,
    Erased,
    Gone,
    Heard,
    Projects,
    Published,
    RefusedError,
    State,
    Turn,
)
from accrete.wire.travels import PROGRAM
from accrete_team import order, people, stamps
from accrete_team.tokens import Who

NIGHT_MS = 24 * 3_600_000
"""Within this the nightly job runs, which removes deleted bytes from the disk."""


def projects(db: Database) -> Projects:
    """The company's list."""
    return Projects([Published(each.id, each.remote, each.name) for each in published(db)])


def state(db: Database, who: Who, now: int) -> State:
    """What a machine is to know before it sends."""
    chosen = db.run(
        "SELECT what, amount, at FROM person_choice WHERE person = ? AND device <> ? ORDER BY what",
        who,
    )
    people.heard(db, *who, [str(what) for what, *_ in chosen])
    gone = db.run(
        "SELECT session, why, at FROM unshared WHERE person = ? ORDER BY session", (who.person,)
    )
    wanted = db.run(
        "SELECT session FROM session_device WHERE person = ? AND device = ? AND wanted = 1 "
        "ORDER BY session",
        who,
    )
    return State(
        PROGRAM,
        now,
        [Elsewhere(str(what), int(amount), int(at)) for what, amount, at in chosen],
        [Gone(str(session), str(why), int(at)) for session, why, at in gone]
        + [Gone(str(session), "again") for (session,) in wanted],
    )


def choose(db: Database, who: Who, body: bytes, now: int) -> Heard:
    """Keeps what a person chose on a machine. Raises RefusedError."""
    try:
        chosen = msgspec.json.decode(body, type=Chosen)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise RefusedError("this is no choice") from None
    if chosen.tier not in (None, 1, 2, 3):
        raise RefusedError("tier: not 1, 2 or 3")
    with db.transaction():
        if chosen.tier is not None:
            people.chose(db, *who, "tier", chosen.tier, now)
        if chosen.paused is not None:
            people.pause(db, who.person, chosen.paused, now, who.device)
    return Heard(now)


def turn(db: Database, who: Who) -> Turn:
    """Numbers for the messages of a sync that begins now."""
    with db.transaction():
        return Turn(order.hand_out(db, who.person))


def delete_everything(db: Database, who: Who, now: int) -> Erased:
    """Deletes all rows of a person, whichever machine sent them, and pauses all of their machines.
    What they forgot stays forgotten. who.device: '' where they did so on a page."""
    with db.transaction():
        weeks = stamps.all_weeks(db, who.person)
        order.nothing_before(db, who.person)
        events = db.run("SELECT id FROM event WHERE person = ?", (who.person,))
        store.delete_events(db, [int(one) for (one,) in events])
        for name in (*OF_PERSON, "shared", "unshared", "counted", "teaching", "clip"):
            db.run(f"DELETE FROM {name} WHERE person = ?", (who.person,))
        stamps.stamp(db, who.person, weeks)
        db.run("UPDATE person SET tier = 1 WHERE id = ?", (who.person,))
        people.pause(db, who.person, True, now, who.device)
        people.chose(db, *who, "cleared", 1, now)
    return Erased(now, now + NIGHT_MS)
