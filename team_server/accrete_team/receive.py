"""Takes what a machine sends: checks it again, row by row, and keeps it."""

from __future__ import annotations

import zlib
from contextlib import suppress
from itertools import groupby
from typing import NamedTuple

import msgspec

from accrete.database import Database
from accrete.model import Tier
from accrete.record import published, shared
from accrete.record.shared import Held
from accrete.wire.contract import (
    LARGEST,
    OLDEST,
    Erased,
    Fault,
    Kept,
    Latest,
    Message,
    Receipt,
    RefusedError,
    Shared,
    Table,
    Tombstone,
    check_dates,
    decoded,
    decoded_together,
    rows_hash,
)
from accrete.wire.travels import NAMES, NUMBERED, WIRE_VERSION, Given, columns
from accrete_team import at_once, devices, people, rollups, stamps
from accrete_team.at_once import Brought
from accrete_team.devices import Place
from accrete_team.mine import NIGHT_MS
from accrete_team.order import Order, is_id
from accrete_team.recount import recount
from accrete_team.tokens import Who

PACKED_MOST, UNPACKED_MOST = 8 << 20, 48 << 20
"""The most bytes of a message as it comes, and unpacked."""
SESSIONS_MOST, ROWS_MOST, PARTS_MOST = 2_000, 200_000, 4_000_000
SKEW_MS = 24 * 3_600_000
"""How far ahead of the server's clock a machine's may be."""
TIERS = (1, 2, 3)
REASONS = ("forgotten", "unshared", "left")


class Terms(NamedTuple):
    """What every row of a message is held to. wire: the version of the contract it speaks."""

    wire: int
    latest: Latest


class TooNewError(Exception):
    """The machine speaks a newer version of the contract than this server."""


def unpacked(body: bytes) -> bytes:
    """The bytes of a gzipped message. Raises RefusedError for what is none, or is too large."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        found = unpacker.decompress(body, UNPACKED_MOST)
    except zlib.error:
        raise RefusedError("the message is not gzip") from None
    if unpacker.unconsumed_tail:
        raise RefusedError(f"the message has more than {UNPACKED_MOST} bytes")
    if not unpacker.eof or unpacker.unused_data:
        raise RefusedError("the message is not whole")
    return found


def read(body: bytes, now: int) -> Message:
    """A message. Raises RefusedError for what is none, TooNewError for a newer version."""
    text = unpacked(body)
    if text.count(b",") > PARTS_MOST:  # before anything is made of it
        raise RefusedError("the message has too many parts")
    try:
        message = msgspec.json.decode(text, type=Message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise RefusedError("this is no message of the contract") from None
    if message.wire > WIRE_VERSION:
        raise TooNewError
    if message.wire < OLDEST:
        raise RefusedError(f"version {message.wire} of the contract is not taken any more")
    if (message.number > 0) != (message.wire >= NUMBERED) or not message.number < LARGEST:
        raise RefusedError(f"version {message.wire} of the contract has no such number")
    if message.at > now + SKEW_MS:
        raise RefusedError("the clock of this machine is more than a day ahead")
    if len(message.sessions) + len(message.gone) > SESSIONS_MOST:
        raise RefusedError(f"a message has at most {SESSIONS_MOST} sessions")
    if sum(len(each.rows) for one in message.sessions for each in one.tables) > ROWS_MOST:
        raise RefusedError(f"a message has at most {ROWS_MOST} rows")
    return message


def take(db: Database, who: Who, message: Message, now: int) -> Receipt:
    """Keeps what a message brings, in one transaction, as far as nothing newer came before. The
    person is whose token came with it; what the message says of it does not count."""
    receipt, terms = Receipt(WIRE_VERSION), Terms(message.wire, Latest.of(now + SKEW_MS))
    touched: set[str] = set()
    named = {gone.session for gone in message.gone}
    named |= {session.session for session in message.sessions}
    with rollups.following(db, who.person, filter(is_id, named)):
        called = published.names(db, who.person)
        order = Order(db, who, message)
        if not order.stands():
            receipt.outdated = sorted(named)
            return receipt
        for gone in message.gone:
            if order.came(gone.session):
                receipt.gone.append(gone)
            elif order.is_old(gone):
                receipt.outdated.append(gone.session)
            else:
                _take_back(db, who, gone, now, receipt)
        never = shared.forgotten_sessions(db, who.person)
        expired = shared.expired_sessions(db, who.person)
        paused = people.is_paused(db, who.person)
        highest = people.highest_tier(db, who.person, who.device)
        fit: list[Shared] = []
        for session in () if paused else message.sessions:
            if session.session in never or session.session in expired:
                why = "forgotten" if session.session in never else "expired"
                receipt.gone.append(Tombstone(session.session, why))
                continue
            if session.tier in TIERS and session.tier > highest:
                continue  # it sends again once it heard of the lower tier
            if order.came(session.session):
                _answer_again(db, who, session, terms, receipt)
                continue
            new = order.new_of(session)
            if new is not session:
                receipt.outdated.append(session.session)
            if new is not None:
                fit.append(new)
        touched |= _keep_all(db, who, fit, terms, now, receipt)
        order.done(message, receipt)
        for each in sorted(touched):
            recount(db, who.person, each)
        shared.set_tier(db, who.person)
        published.call_by_name(db, who.person)
        if published.names(db, who.person) != called:
            stamps.stamp(db, who.person, stamps.all_weeks(db, who.person))
    return receipt


def _take_back(db: Database, who: Who, gone: Tombstone, now: int, receipt: Receipt) -> None:
    """Deletes a session that is not shared any more."""
    name = gone.session
    if gone.why not in REASONS or not is_id(name):
        receipt.refused.append(Fault(name[:256], "", 0, "no reason for taking it back"))
        return
    if gone.why == "left":
        devices.leave(db, who, name, now)
    else:
        devices.take_away(db, who.person, name, gone.why, now)
    if gone.why == "forgotten":
        db.run(
            "INSERT INTO forgotten (person, what, value, at) VALUES (?, 'session', ?, ?) "
            "ON CONFLICT DO NOTHING",
            (who.person, name, now),
        )
    receipt.gone.append(gone)
    receipt.erased = Erased(now, now + NIGHT_MS)


def _answer_again(db: Database, who: Who, session: Shared, terms: Terms, receipt: Receipt) -> None:
    """Says of a session that came before what was said then, and changes nothing: another machine
    may have said something since."""
    if devices.is_wanted(db, who, session.session):
        receipt.gone.append(Tombstone(session.session, "again"))
        return
    for table in session.tables:
        if _rows(session, table, terms, receipt) is not None:
            receipt.kept.append(Kept(session.session, table.table, table.hash))


def _keep_all(
    db: Database, who: Who, sessions: list[Shared], terms: Terms, now: int, receipt: Receipt
) -> set[str]:
    """Keeps the tables of sessions in their order. Returns as `_keep` does."""
    fit = [each for each in sessions if is_id(each.session) and each.tier in TIERS]
    alone = at_once.alone(db, who, fit)
    touched: set[str] = set()
    for quiet, some in groupby(sessions, lambda each: each.session in alone):
        if quiet:
            touched |= _keep_together(db, who, [*some], terms, now, receipt)
            continue
        for each in some:
            touched |= _keep(db, who, each, terms, now, receipt)
    return touched


def _keep_together(
    db: Database, who: Who, sessions: list[Shared], terms: Terms, now: int, receipt: Receipt
) -> set[str]:
    """The same of sessions that were alone before the message: at once, or by halves where they are
    not alone any more."""
    if len(sessions) == 1:
        return _keep(db, who, sessions[0], terms, now, receipt)
    if len(at_once.alone(db, who, sessions)) == len(sessions):
        said = Receipt(WIRE_VERSION)
        if at_once.keep(db, who, [_brought(each, terms, said) for each in sessions], now):
            receipt.kept += said.kept
            receipt.refused += said.refused
            return set()
    half = len(sessions) // 2
    return _keep_together(db, who, sessions[:half], terms, now, receipt) | _keep_together(
        db, who, sessions[half:], terms, now, receipt
    )


def _brought(session: Shared, terms: Terms, receipt: Receipt) -> Brought:
    """What of a session is to be kept."""
    rows, hashes, sizes = {}, {}, {}
    for table in session.tables:
        found = _rows(session, table, terms, receipt)
        if found is not None:
            rows[table.table], hashes[table.table] = found.rows, table.hash
            sizes[table.table] = found.size
            receipt.kept.append(Kept(session.session, table.table, table.hash))
    return Brought(session, rows, hashes, sizes)


def _keep(
    db: Database, who: Who, session: Shared, terms: Terms, now: int, receipt: Receipt
) -> set[str]:
    """Keeps the tables of one session; returns the sessions whose sums are to be recomputed."""
    name = session.session
    if not is_id(name):
        receipt.refused.append(Fault(name[:256], "", 0, "this is no id of a session"))
        return set()
    if session.tier not in TIERS:  # before anything is deleted for it
        receipt.refused.append(Fault(name, "", 0, f"there is no tier {session.tier}"))
        return set()
    place, lowered = devices.arrive(db, who, session)
    if lowered:
        receipt.erased = Erased(now, now + NIGHT_MS)
    if place is Place.AGAIN:
        receipt.gone.append(Tombstone(name, "again"))
        return set()
    leads = place in (Place.LEADS, Place.TAKES_OVER)
    missing = _left_out(db, who, session, place)
    touched: set[str] = set()
    for table in session.tables:
        missing.discard(table.table)
        found = _rows(session, table, terms, receipt)
        if found is None:
            continue
        if table.table in devices.COUNTED and place is not Place.ASIDE:
            touched |= devices.claim(db, who, name, table.table, found.rows)
        elif leads:
            shared.replace_rows(db, who.person, name, table.table, found.rows)
        if leads:
            what = Held(session.tier, table.hash, len(found.rows), found.size, who.device)
            shared.acknowledge(db, who.person, name, table.table, what if found.rows else None, now)
        receipt.kept.append(Kept(name, table.table, table.hash))
    for each in sorted(missing):
        if each in devices.COUNTED:
            touched |= devices.claim(db, who, name, each, [])
        else:
            shared.replace_rows(db, who.person, name, each, [])
        if leads:
            shared.acknowledge(db, who.person, name, each, None, now)
    db.run("DELETE FROM unshared WHERE person = ? AND session = ?", (who.person, name))
    if leads and devices.is_mixed(db, who.person, name):
        touched.add(name)
    return touched


def _left_out(db: Database, who: Who, session: Shared, place: Place) -> set[str]:
    """The tables of which something may be held, and of which the machine has nothing if they are
    not in its message."""
    if place is Place.TAKES_OVER:
        return set(NAMES)
    if not session.whole or place is Place.ASIDE:
        return set()
    if place is Place.FOLLOWS:
        return set(devices.COUNTED)
    return set(shared.held(db, who.person, session.session))


class _Fit(NamedTuple):
    """The rows of a table that are as the contract says, and their bytes as they came."""

    rows: list[Given]
    size: int


def _rows(session: Shared, table: Table, terms: Terms, receipt: Receipt) -> _Fit | None:
    """The rows of a table that are as the contract says; the others are refused by their place.
    None where the whole table is refused."""
    name, tier, wire = table.table, session.tier, terms.wire
    known = name in NAMES and tier in TIERS and columns(name, Tier.WORDS, wire)
    if not known or (table.rows and not columns(name, tier, wire)):
        receipt.refused.append(Fault(session.session, name[:60], 0, f"no such rows at tier {tier}"))
        return None
    if rows_hash([bytes(row) for row in table.rows]) != table.hash:
        receipt.refused.append(Fault(session.session, name, 0, "the hash is not that of the rows"))
        return None
    whose = "id" if name == "session" else "session"

    def fits(row: Given) -> Given:
        if row[whose] != session.session:
            raise RefusedError("it is of another session")
        check_dates(name, tier, wire, row, terms.latest)
        return row

    with suppress(RefusedError):
        if (together := decoded_together(name, tier, wire, table.rows)) is not None:
            return _Fit([fits(row) for row in together], sum(map(len, table.rows)))
    found, size = [], 0
    for at, raw in enumerate(table.rows):
        try:
            found.append(fits(decoded(name, tier, wire, raw)))
            size += len(raw)
        except RefusedError as error:
            receipt.refused.append(Fault(session.session, name, at, str(error)))
    return _Fit(found, size)
