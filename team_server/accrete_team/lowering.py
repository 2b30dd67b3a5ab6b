"""Lowers the tier of what is held of a person: rows are reduced by the rules of their machine, and
checked as if they had come at that tier."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from accrete.clock import LocalTime
from accrete.database import Database, Row
from accrete.errors import AccreteError
from accrete.model import Tier
from accrete.record import shared
from accrete.record.shared import Held
from accrete.wire.contract import Erased, RefusedError, decoded, rows_hash
from accrete.wire.rows import Reducer, Way
from accrete.wire.travels import NAMES, WIRE_VERSION, Column, Given, Value, columns, typed
from accrete_team import people, rollups
from accrete_team.mine import NIGHT_MS

ON_A_PAGE = ""
"""The machine of what a person chose on a page."""


class Lowered(NamedTuple):
    """How many sessions were reduced, and when what no longer fits is gone."""

    sessions: int
    erased: Erased


class _Held(Reducer):
    """Reduces rows that left a machine already: their project is the one they left under, their
    subagents are aliases from tier 2 down."""

    def __init__(self, table: str, before: int, to: To) -> None:
        self._before = before
        super().__init__(table, to.tier, tuple(typed(table)), to.local, {"": to.secret}, to.agents)

    def _way(self, column: Column) -> Way | None:
        return None if column.name == "project" else super()._way(column)

    def _agent(self, name: str) -> str:
        return name if self._before < Tier.WORDS else super()._agent(name)


class To(NamedTuple):
    """What a session is reduced to. local: the zone of days; secret: for what stands for names;
    agents: the first record of each subagent."""

    tier: int
    local: LocalTime
    secret: str
    agents: Mapping[str, str] = MappingProxyType({})


def lower(db: Database, person: int, tier: int, now: int) -> Lowered:
    """Keeps of all that is held of a person only what fits a tier, and has their machines share no
    more than that until the person says otherwise on one of them. Those that share still send all
    of it anew. All in one transaction; the bytes leave the disk with the nightly job.
    Raises AccreteError for a tier that is not lower than what is held."""
    ((top,),) = db.run("SELECT MAX(tier) FROM shared WHERE person = ?", (person,))
    if tier >= int(top or 1):
        raise AccreteError(
            "A page can only share less. To share more, run this on your machine, which shows what "
            f"would leave first: accrete team tier {tier}"
        )
    rows = db.run(
        "SELECT session, MAX(tier) FROM (SELECT session, tier FROM shared WHERE person = ? "
        "UNION ALL SELECT session, tier FROM session_device WHERE person = ?) t "
        "GROUP BY session HAVING MAX(tier) > ? ORDER BY session",
        (person, person, tier),
    )
    above = [str(session) for session, _ in rows]
    zone = str(db.run("SELECT zone FROM account WHERE person = ?", (person,))[0][0])
    to = To(tier, LocalTime(zone), secrets.token_hex(16))
    with rollups.following(db, person, above):
        for session in above:
            _reduce(db, person, session, to, now)
        shared.set_tier(db, person)
        people.chose(db, person, ON_A_PAGE, "tier", tier, now)
    return Lowered(len(above), Erased(now, now + NIGHT_MS))


def _reduce(db: Database, person: int, session: str, to: To, now: int) -> None:
    tier, before = to.tier, shared.held(db, person, session)
    if tier < Tier.WORDS:
        to = to._replace(agents=_first_records(db, person, session))
    top = max((each.tier for each in before.values()), default=int(Tier.WORDS))
    tiers = {name: before[name].tier if name in before else top for name in NAMES}
    kept = {
        name: _fitting(name, _rows(db, person, session, name), tiers[name], to) for name in NAMES
    }
    claims = _claims(db, person, session, tiers, to)
    shared.take_rows(db, person, session)
    for name, (found, size) in kept.items():
        shared.put_rows(db, person, name, found)
        if found and name in before:
            raw = [msgspec.json.encode(row) for row in found]
            fits = min(tier, tiers[name])
            counted = before[name].byte_count if size is None else size
            held = Held(fits, rows_hash(raw), len(found), counted, before[name].device)
            shared.acknowledge(db, person, session, name, held, now)
    db.run("DELETE FROM rival_row WHERE person = ? AND session = ?", (person, session))
    db.many(
        "INSERT INTO rival_row (person, what, hash, session, device, fields) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        claims,
    )
    db.run(
        "UPDATE session_device SET wanted = 1, tier = CASE WHEN tier > ? THEN ? ELSE tier END "
        "WHERE person = ? AND session = ?",
        (tier, tier, person, session),
    )


def _rows(db: Database, person: int, session: str, name: str) -> list[Row]:
    column = "id" if name == "session" else "session"
    sql = f"SELECT {', '.join(typed(name))} FROM {name} WHERE person = ? AND {column} = ?"
    return [*db.run(sql, (person, session))]


class _Fit(NamedTuple):
    """Rows as the contract takes them, and their bytes as they would have come; None: they stay as
    they came."""

    rows: list[Given]
    size: int | None


def _fitting(name: str, rows: Sequence[Sequence[Value]], before: int, to: To) -> _Fit:
    """Rows of a table, held at the tier `before`, as the contract takes them at a tier."""
    if not rows or not columns(name, min(to.tier, before)):
        return _Fit([], 0)
    if before <= to.tier:
        return _Fit([dict(zip(typed(name), row, strict=True)) for row in rows], None)
    found, size = [], 0
    for row in _Held(name, before, to).rows(rows):
        raw = msgspec.json.encode(row)
        with suppress(RefusedError):
            found.append(decoded(name, to.tier, WIRE_VERSION, raw))
            size += len(raw)
    return _Fit(found, size)


def _claims(
    db: Database, person: int, session: str, tiers: Mapping[str, int], to: To
) -> list[tuple[object, ...]]:
    """The claims of machines to rows of a session, reduced as the rows are."""
    made: list[tuple[object, ...]] = []
    rows = db.run(
        "SELECT what, hash, device, fields FROM rival_row WHERE person = ? AND session = ?",
        (person, session),
    )
    for what, one, device, fields in rows:
        given = msgspec.json.decode(fields)
        row = [given.get(each) for each in typed(what)]
        for kept in _fitting(what, [row], tiers[what], to).rows:
            made.append((person, what, one, session, device, msgspec.json.encode(kept).decode()))
    return made


def _first_records(db: Database, person: int, session: str) -> dict[str, str]:
    """The id of the first record of each subagent, by which machines call it."""
    rows = db.run(
        "SELECT e.agent, MIN(e.uuid) FROM event e JOIN (SELECT agent, MIN(at) AS at FROM event "
        "WHERE person = ? AND session = ? AND agent <> '' GROUP BY agent) f "
        "ON f.agent = e.agent AND f.at = e.at WHERE e.person = ? AND e.session = ? "
        "GROUP BY e.agent",
        (person, session, person, session),
    )
    return {str(agent): str(uuid) for agent, uuid in rows}
