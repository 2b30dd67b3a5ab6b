"""Keeps sessions of a message together that one machine alone knows, and that have no row of
others: each table of all of them in a few statements.

What `devices` asks of a session by itself has the same answer for all of these. Where any of them
turns out to have rows of others nothing is kept, and the caller tries fewer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from accrete.database import Database
from accrete.record import shared
from accrete.record.shared import Held
from accrete.wire.contract import Shared
from accrete.wire.travels import NAMES, Given
from accrete_team import devices
from accrete_team.tokens import Who

Rows = list[Given]


class Brought(NamedTuple):
    """What came of a session and is to be kept: the rows of each table, and their hash
    and bytes."""

    session: Shared
    rows: Mapping[str, Rows]
    hashes: Mapping[str, str]
    sizes: Mapping[str, int]


def alone(db: Database, who: Who, sessions: Sequence[Shared]) -> set[str]:
    """The ids of those sessions that can be kept together: nothing is known of them but what this
    machine sent, at no higher tier; they come once, and whole where nothing is held, and only
    there: a whole one takes away what it does not have."""
    often = Counter(each.session for each in sessions)
    others: set[str] = set()
    tiers: dict[str, int] = {}
    for some in shared.parts([*often]):
        places, key = ", ".join("?" * len(some)), (who.person, *some)
        for sql, more in (
            (f"SELECT DISTINCT session FROM session_device WHERE person = ? "
             f"AND session IN ({places}) AND device <> ?", (who.device,)),
            (f"SELECT DISTINCT session FROM rival_row WHERE person = ? "
             f"AND session IN ({places})", ()),
        ):  # fmt: skip
            others |= {str(session) for (session,) in db.run(sql, (*key, *more))}
        rows = db.run(
            f"SELECT session, MAX(tier) FROM shared WHERE person = ? AND session IN ({places}) "
            "GROUP BY session",
            key,
        )
        tiers |= {str(session): int(tier) for session, tier in rows}
    return {
        each.session
        for each in sessions
        if often[each.session] == 1
        and each.session not in others
        and (
            tiers[each.session] <= each.tier and not each.whole
            if each.session in tiers
            else each.whole
        )
    }


class _ContestedError(Exception):
    """Others have rows of these sessions, too."""


def keep(db: Database, who: Who, brought: Sequence[Brought], now: int) -> bool:
    """Keeps sessions that are `alone`, if nobody else claims a row of theirs. Returns whether it
    did; nothing is changed otherwise."""
    try:
        with db.savepoint():
            _keep(db, who, brought, now)
    except _ContestedError:
        return False
    return True


def _keep(db: Database, who: Who, brought: Sequence[Brought], now: int) -> None:
    devices.sends(db, who, [each.session for each in brought])
    for name in NAMES:
        ours = {each.session.session: each.rows[name] for each in brought if name in each.rows}
        shared.take_out_all(db, who.person, [*ours], name)
        if name not in devices.COUNTED:
            given = [row for rows in ours.values() for row in rows]
            shared.put_rows(db, who.person, name, given)
            continue
        distinct = {each: devices.by_identity(name, rows) for each, rows in ours.items()}
        given = [row for rows in distinct.values() for row in rows.values()]
        shared.put_rows(db, who.person, name, given, yields=True)
        if devices.contested(db, who.person, name, distinct):
            raise _ContestedError
    held: list[tuple[str, str, Held | None]] = []
    for one in brought:
        for name, rows in one.rows.items():
            what = Held(one.session.tier, one.hashes[name], len(rows), one.sizes[name], who.device)
            held.append((one.session.session, name, what if rows else None))
    shared.acknowledge_all(db, who.person, held, now)
    shared.shares_again(db, who.person, [each.session.session for each in brought])
