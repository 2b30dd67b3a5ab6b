"""Which of a machine's messages is the newer one: the numbers that a server hands out for them, and
what of a message comes too late.

A number belongs to a person: each sync gets a stretch of them that is above all before it,
whichever machine asks, so a restored or copied machine has no old ones (decision 26). Of each
session the server knows for each machine which message last said all of it, and which tables came
after that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import msgspec

from accrete.database import Database
from accrete.record import shared
from accrete.wire.contract import Message, Receipt, Shared, Tombstone
from accrete_team.tokens import Who

STRETCH = 1 << 20
"""How many numbers a sync gets: more than it can have messages."""
NAMES_AT_ONCE = 400


def hand_out(db: Database, person: int) -> int:
    """The first number of a new stretch. To be called in a transaction."""
    ((number,),) = db.run(
        "INSERT INTO message_number (person, number, floor) VALUES (?, ?, ?) "
        "ON CONFLICT (person) DO UPDATE SET number = message_number.number + ? "
        "RETURNING number",
        (person, STRETCH, STRETCH - 1, STRETCH),
    )
    return int(number)


def nothing_before(db: Database, person: int) -> None:
    """From now on no message is taken that has a number already: all of the person's is deleted."""
    db.run("UPDATE message_number SET floor = number + ? WHERE person = ?", (STRETCH - 1, person))


class Heard(NamedTuple):
    """What was heard of a session from a machine. whole: the number of the last message that said
    all of it, or took it back; parts: those of single tables after that; missed: that of the last
    one that could not be taken without the rest."""

    whole: int = 0
    parts: dict[str, int] = {}
    missed: int = 0

    @property
    def newest(self) -> int:
        """The number of the newest message of which something was taken."""
        return max((self.whole, *self.parts.values()))

    def of(self, table: str) -> int:
        """The number of the message that a table is of."""
        return max(self.whole, self.parts.get(table, 0))

    def taken(self, number: int, tables: Collection[str], *, whole: bool) -> Heard:
        """What was heard when these tables of a message were taken. whole: it said all."""
        parts = {**self.parts, **{name: max(self.of(name), number) for name in tables}}
        whole_ = max(self.whole, number) if whole else self.whole
        missed = 0 if whole_ > self.missed else self.missed
        return Heard(whole_, {name: n for name, n in parts.items() if n > whole_}, missed)


NOTHING = Heard()


def is_id(name: str) -> bool:
    """Whether this can be the id of a session."""
    return 0 < len(name) <= 256 and "\x00" not in name


class Order:
    """What of a message is new. Everything of one without a number, as machines of version 2 send
    it: what comes last counts there."""

    def __init__(self, db: Database, who: Who, message: Message) -> None:
        self._db, self._who, self._number = db, who, message.number
        self._before: dict[str, Heard] = {}
        self._elsewhere: dict[str, int] = {}
        self._unshared: dict[str, int] = {}
        if message.number:
            named = {each.session for each in message.gone}
            named |= {each.session for each in message.sessions}
            every = _heard(db, who.person, sorted(filter(is_id, named)))
            for (session, device), found in every.items():
                if device == who.device:
                    self._before[session] = found
                else:
                    newest = max(found.newest, self._elsewhere.get(session, 0))
                    self._elsewhere[session] = newest
            self._unshared = _unshared(db, who.person)

    def stands(self) -> bool:
        """Whether its number was handed out, and after everything of the person was deleted
        last."""
        if not self._number:
            return True
        sql = "SELECT number, floor FROM message_number WHERE person = ?"
        found = self._db.run(sql, (self._who.person,))
        return any(floor < self._number < last + STRETCH for last, floor in found)

    def came(self, session: str) -> bool:
        """Whether this message came before, and nothing newer of the session since."""
        return 0 < self._number == self._heard(session).newest

    def is_old(self, gone: Tombstone) -> bool:
        """Whether something newer of a session came before it was taken back: from this machine;
        from any, where it is unshared for all of them. Who forgot it wants no row of it whenever it
        came."""
        if gone.why == "forgotten":
            return False
        newest = self._heard(gone.session).newest
        if gone.why == "unshared":
            newest = max(newest, self._elsewhere.get(gone.session, 0))
        return self._number < newest

    def new_of(self, session: Shared) -> Shared | None:
        """What is new of a session: all of it, or the tables of which nothing newer came; None
        where nothing is, since the person took it back elsewhere, or all is older."""
        before = self._heard(session.session)
        if self._number < self._unshared.get(session.session, 0):
            return None
        if self._number >= before.newest:
            return session
        tables = [each for each in session.tables if self._number > before.of(each.table)]
        rows = self._db.run(
            "SELECT events, tier FROM session_device "
            "WHERE person = ? AND session = ? AND device = ?",
            (self._who.person, session.session, self._who.device),
        )
        for events, tier in rows if tables else ():
            if tier == session.tier:
                return Shared(session.session, session.tier, tables, int(events))
        return None

    def done(self, message: Message, receipt: Receipt) -> None:
        """Remembers what was taken of the message, by its receipt."""
        if not self._number:
            return
        found: dict[str, Heard] = {}
        again = {each.session for each in receipt.gone if each.why == "again"}
        old = set(receipt.outdated)
        kept: dict[str, set[str]] = defaultdict(set)
        for one in receipt.kept:
            kept[one.session].add(one.table)
        asked = []
        for session in message.sessions:
            name, before = session.session, self._heard(session.session)
            if name in again:
                found[name] = before._replace(missed=max(before.missed, self._number))
            elif name in kept and not self.came(name):
                whole = session.whole and name not in old
                found[name] = before.taken(self._number, kept[name], whole=whole)
            if session.whole and name not in old and self._number < before.missed:
                asked.append((self._who.person, name, self._who.device))
        gone = {each.session for each in receipt.gone if each.why != "again"}
        for each in message.gone:
            if each.session in gone and each.session not in old:
                before = self._heard(each.session)
                found[each.session] = before.taken(self._number, (), whole=True)
        self._keep(found)
        self._db.many(
            "UPDATE session_device SET wanted = 1 WHERE person = ? AND session = ? AND device = ?",
            asked,
        )
        self._db.many(
            "UPDATE unshared SET number = ? WHERE person = ? AND session = ? AND number < ?",
            [(self._number, self._who.person, each.session, self._number)
             for each in message.gone if each.session in gone and each.session not in old],
        )  # fmt: skip

    def _heard(self, session: str) -> Heard:
        return self._before.get(session, NOTHING)

    def _keep(self, found: Mapping[str, Heard]) -> None:
        rows = [
            (self._who.person, session, self._who.device, each.whole,
             msgspec.json.encode(each.parts, order="sorted").decode(), each.missed)
            for session, each in sorted(found.items())
        ]  # fmt: skip
        if rows:
            shared.insert_all(self._db, "message_order", rows)


def _heard(db: Database, person: int, sessions: Sequence[str]) -> dict[tuple[str, str], Heard]:
    """What was heard of sessions, by session and machine."""
    found = {}
    for at in range(0, len(sessions), NAMES_AT_ONCE):
        some = sessions[at : at + NAMES_AT_ONCE]
        rows = db.run(
            "SELECT session, device, whole, parts, missed FROM message_order WHERE person = ? "
            f"AND session IN ({', '.join('?' * len(some))})",
            (person, *some),
        )
        for session, device, whole, parts, missed in rows:
            numbers = msgspec.json.decode(parts, type=dict[str, int])
            found[str(session), str(device)] = Heard(int(whole), numbers, int(missed))
    return found


def _unshared(db: Database, person: int) -> dict[str, int]:
    """The sessions that the person unshared for all their machines, by the number of the message
    that said so."""
    sql = "SELECT session, number FROM unshared WHERE person = ? AND why = 'unshared'"
    return {str(session): int(number) for session, number in db.run(sql, (person,)) if number}
