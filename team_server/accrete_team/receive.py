"""Takes what a machine sends: checks it again, row by row, and keeps it."""

from __future__ import annotations

import zlib
from typing import Any

import msgspec

from accrete.database import Database
from accrete.record import shared
from accrete.record.shared import Held
from accrete.wire.contract import (
    OLDEST,
    Fault,
    Kept,
    Message,
    Receipt,
    RefusedError,
    Shared,
    Table,
    Tombstone,
    decoded,
    rows_hash,
)
from accrete.wire.travels import NAMES, WIRE_VERSION, columns
from accrete_team import rollups
from accrete_team.tokens import Who

PACKED_MOST, UNPACKED_MOST = 8 << 20, 48 << 20
"""The most bytes of a message as it comes, and unpacked."""
SESSIONS_MOST, ROWS_MOST, PARTS_MOST = 2_000, 200_000, 4_000_000
SKEW_MS = 24 * 3_600_000
"""How far ahead of the server's clock a machine's may be."""
REASONS = ("forgotten", "unshared", "left")


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
    if message.at > now + SKEW_MS:
        raise RefusedError("the clock of this machine is more than a day ahead")
    if len(message.sessions) + len(message.gone) > SESSIONS_MOST:
        raise RefusedError(f"a message has at most {SESSIONS_MOST} sessions")
    if sum(len(each.rows) for one in message.sessions for each in one.tables) > ROWS_MOST:
        raise RefusedError(f"a message has at most {ROWS_MOST} rows")
    return message


def take(db: Database, who: Who, message: Message, now: int) -> Receipt:
    """Keeps what a message brings, in one transaction. The person is whose token came with it;
    what the message says of it does not count."""
    receipt = Receipt(WIRE_VERSION)
    named = {gone.session for gone in message.gone}
    named |= {session.session for session in message.sessions}
    with rollups.following(db, who.person, filter(_is_id, named)):
        for gone in message.gone:
            _take_back(db, who, gone, now, receipt)
        never = shared.forgotten_sessions(db, who.person)
        for session in message.sessions:
            if session.session in never:
                receipt.gone.append(Tombstone(session.session, "forgotten"))
                continue
            _keep(db, who, session, message.wire, now, receipt)
        shared.set_tier(db, who.person)
    return receipt


def _take_back(db: Database, who: Who, gone: Tombstone, now: int, receipt: Receipt) -> None:
    if gone.why not in REASONS or not _is_id(gone.session):
        receipt.refused.append(Fault(gone.session[:256], "", 0, "no reason for taking it back"))
        return
    shared.take_away(db, who.person, [gone.session], gone.why, now)
    if gone.why == "forgotten":
        db.run(
            "INSERT INTO forgotten (person, what, value, at) VALUES (?, 'session', ?, ?) "
            "ON CONFLICT DO NOTHING",
            (who.person, gone.session, now),
        )
    receipt.gone.append(gone)


def _keep(db: Database, who: Who, session: Shared, wire: int, now: int, receipt: Receipt) -> None:
    """Keeps the tables of one session."""
    name = session.session
    if not _is_id(name):
        receipt.refused.append(Fault(name[:256], "", 0, "this is no id of a session"))
        return
    before = shared.held(db, who.person, name)
    if _lowered(before, session.tier):
        shared.take_away(db, who.person, [name], "unshared", now)
        if any(each.device != who.device for each in before.values()):
            receipt.gone.append(Tombstone(name, "again"))  # the rest of it, at the lower tier
        before = {}
    for table in session.tables:
        found = _rows(session, table, wire, receipt)
        if found is None:
            continue
        known = before.get(table.table)
        if known is not None and known.device != who.device and known.row_count > len(found):
            receipt.kept.append(Kept(name, table.table, table.hash))
            continue  # another machine of the person knows more of it
        shared.replace_rows(db, who.person, name, table.table, found)
        what = Held(session.tier, table.hash, len(found), who.device)
        shared.acknowledge(db, who.person, name, table.table, what if found else None, now)
        receipt.kept.append(Kept(name, table.table, table.hash))
    db.run("DELETE FROM unshared WHERE person = ? AND session = ?", (who.person, name))


def _is_id(name: str) -> bool:
    """Whether this can be the id of a session."""
    return 0 < len(name) <= 256 and "\x00" not in name


def _lowered(before: dict[str, Held], tier: int) -> bool:
    """Whether something is held at a higher tier than the session has now."""
    return any(each.tier > tier for each in before.values())


def _rows(
    session: Shared, table: Table, wire: int, receipt: Receipt
) -> list[dict[str, Any]] | None:
    """The rows of a table that are as the contract says; the others are refused by their place.
    None where the whole table is refused."""
    name, tier = table.table, session.tier
    if name not in NAMES or tier not in (1, 2, 3) or (table.rows and not columns(name, tier)):
        receipt.refused.append(Fault(session.session, name[:60], 0, f"no such rows at tier {tier}"))
        return None
    if rows_hash([bytes(row) for row in table.rows]) != table.hash:
        receipt.refused.append(Fault(session.session, name, 0, "the hash is not that of the rows"))
        return None
    found = []
    for at, raw in enumerate(table.rows):
        try:
            row = decoded(name, tier, wire, raw)
            if row["id" if name == "session" else "session"] != session.session:
                raise RefusedError("it is of another session")
            found.append(row)
        except RefusedError as error:
            receipt.refused.append(Fault(session.session, name, at, str(error)))
    return found
