"""Who owns what forks, branches and resumes copied: worked out from the set of copies, never from arrival order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from accrete import store
from accrete.database import Database
from accrete.derive.moments import FIRST_MS

MARKS_AT_ONCE = 400


class Copy(NamedTuple):
    """One session's copy of a shared record."""

    session: str
    agent: str
    sidechain: int
    forked_from: str | None


class Owners:
    """Orders the sessions that share records. The owner is (1) the session that others name as what they were
    forked from, (2) else the one whose first unshared line is earliest (a session without any was copied whole,
    and so was there first), (3) the smaller id. To be used while no event is added."""

    def __init__(self, db: Database, person: int) -> None:
        self.db = db
        self.person = person
        self._owner: dict[tuple[frozenset[str], frozenset[str]], str] = {}
        self._first: dict[tuple[str, frozenset[str]], int | None] = {}

    def of(self, copies: Iterable[Copy]) -> str:
        """The owning session of a record with these copies."""
        copies = list(copies)
        sessions = frozenset(copy.session for copy in copies)
        if len(sessions) == 1:
            return next(iter(sessions))
        names = {(c.session, c.forked_from) for c in copies if c.forked_from in sessions and c.forked_from != c.session}
        forks = {session for session, _ in names}
        roots = frozenset(origin for _, origin in names if origin not in forks) or sessions
        if (roots, sessions) not in self._owner:
            self._owner[roots, sessions] = min(
                roots, key=lambda session: (self._first_unshared(session, sessions) or 0, session)
            )
        return self._owner[roots, sessions]

    def _first_unshared(self, session: str, group: frozenset[str]) -> int | None:
        key = (session, group)
        if key not in self._first:
            others = sorted(group - {session})
            marks = ", ".join("?" for _ in others)
            rows = self.db.run(
                f"""SELECT MIN(CASE WHEN COALESCE(e.at, e.misdated) >= {FIRST_MS} THEN COALESCE(e.at, e.misdated) END)
                FROM event e WHERE e.person = ? AND e.session = ? AND e.agent = ''
                AND substr(e.uuid, 1, 1) <> '#' AND NOT EXISTS (SELECT 1 FROM event o WHERE o.person = e.person
                AND o.session IN ({marks}) AND o.agent = '' AND o.uuid = e.uuid)""",
                (self.person, session, *others),
            )
            self._first[key] = rows[0][0]
        return self._first[key]


Sharing = dict[str, set[str]]
"""A session -> the sessions that hold copies of some of its prompts or responses, itself among them."""


def settle(db: Database, person: int, sessions: set[str], owners: Owners) -> Sharing:
    """Gives every response, tool call and prompt that these sessions share with others its owner, and settles
    which rows of one message id count. Returns who shares with whom, the sessions given and the others."""
    sharing: Sharing = defaultdict(set)
    for some in _slices(sorted(sessions)):
        for settled in (_settle_requests, _settle_responses, _settle_prompts):
            for group in settled(db, person, some, owners):
                for session in group:
                    sharing[session] |= group
    return dict(sharing)


def _slices(items: list[str]) -> Iterable[list[str]]:
    return (items[i : i + MARKS_AT_ONCE] for i in range(0, len(items), MARKS_AT_ONCE))


def _settle_responses(db: Database, person: int, sessions: list[str], owners: Owners) -> set[frozenset[str]]:
    marks = ", ".join("?" for _ in sessions)
    rows = db.run(
        f"""SELECT DISTINCT c.message_id, c.session, c.agent, c.sidechain, c.forked_from FROM event c
        WHERE c.person = ? AND c.message_id IN (SELECT r.message_id FROM response r WHERE r.person = ?
          AND r.contested = 1 AND EXISTS (SELECT 1 FROM event e WHERE e.person = r.person
          AND e.message_id = r.message_id AND e.session IN ({marks})))""",
        (person, person, *sessions),
    )
    copies: dict[str, list[Copy]] = defaultdict(list)
    for message_id, *copy in rows:
        copies[message_id].append(Copy(*copy))
    placed = []
    for message_id, held in copies.items():
        session = owners.of(held)
        agent = min((copy.sidechain, copy.agent) for copy in held if copy.session == session)[1]
        placed.append((session, agent, person, message_id))
    for table in ("response", "tool_call"):
        store.update_rows(db, table, ("person", "message_id"), ("session", "agent"), placed)
    return {frozenset(copy.session for copy in held) for held in copies.values()}


def _settle_prompts(db: Database, person: int, sessions: list[str], owners: Owners) -> set[frozenset[str]]:
    marks = ", ".join("?" for _ in sessions)
    rows = db.run(
        f"""SELECT DISTINCT t.uuid, t.session, '', 0, e.forked_from FROM (
          SELECT DISTINCT p.uuid FROM prompt p WHERE p.person = ? AND p.session IN ({marks}) AND EXISTS (
            SELECT 1 FROM prompt o WHERE o.person = p.person AND o.uuid = p.uuid AND o.session <> p.session)) u
        CROSS JOIN prompt t
        LEFT JOIN event e ON e.person = t.person AND e.session = t.session AND e.agent = '' AND e.uuid = t.uuid
        WHERE t.person = ? AND t.uuid = u.uuid""",
        (person, *sessions, person),
    )
    copies: dict[str, list[Copy]] = defaultdict(list)
    for uuid, *copy in rows:
        copies[uuid].append(Copy(*copy))
    marked: list[tuple[int, int, str, str]] = []
    for uuid, held in copies.items():
        owner = owners.of(held)
        marked.extend((int(session != owner), person, session, uuid) for session in {copy.session for copy in held})
    store.update_rows(db, "prompt", ("person", "session", "uuid"), ("replayed",), marked)
    return {frozenset(copy.session for copy in held) for held in copies.values()}


def _settle_requests(db: Database, person: int, sessions: list[str], _: Owners) -> set[frozenset[str]]:
    """One message id with several request ids. Two of main conversations are two responses. Else it is one: a side
    chain's replay and a row without a request id say the same again, and the one that knows most counts."""
    marks = ", ".join("?" for _ in sessions)
    rows = db.run(
        f"""SELECT a.message_id, a.request_id, a.session, a.agent, a.sidechain, a.embedded, a.output_tokens,
          a.input_tokens + a.cache_read_tokens + a.cache_write_tokens FROM response a
        WHERE a.person = ? AND a.message_id IN (SELECT r.message_id FROM response r WHERE r.person = ?
          AND r.session IN ({marks}) AND EXISTS (SELECT 1 FROM response o WHERE o.person = r.person
          AND o.message_id = r.message_id AND o.request_id <> r.request_id))""",
        (person, person, *sessions),
    )
    by_message: dict[str, list[Said]] = defaultdict(list)
    for message_id, *said in rows:
        by_message[message_id].append(Said(*said))
    marked: list[tuple[int, int, str, str]] = []
    contested: list[tuple[int, int, str]] = []
    placed: list[tuple[str, str, int, str]] = []
    for message_id, held in by_message.items():
        counted = {said.request for said in held if said.request and not said.sidechain}
        if len(counted) < 2:
            counted = {max(held, key=_knows).request}
            contested.append((1, person, message_id))
        else:  # two responses under one id share their calls' rows: one of the two has them, whichever came first
            placed.append(
                (*min((said.session, said.agent) for said in held if said.request in counted), person, message_id)
            )
        marked.extend((int(said.request in counted), person, message_id, said.request) for said in held)
    store.update_rows(db, "response", ("person", "message_id", "request_id"), ("counted",), marked)
    store.update_rows(db, "response", ("person", "message_id"), ("contested",), contested)
    store.update_rows(db, "tool_call", ("person", "message_id"), ("session", "agent"), placed)
    return {frozenset(said.session for said in held) for held in by_message.values()}


class Said(NamedTuple):
    """What one row says of a response."""

    request: str
    session: str
    agent: str
    sidechain: int
    embedded: int
    output: int
    given: int


def _knows(said: Said) -> tuple[bool, int, int, bool, str]:
    """Orders rows of one response by what they know; lines go before progress records, the main line before others."""
    return (said.embedded < 2, said.output, said.given, not said.sidechain, said.request)


def replayed_records(db: Database, person: int, session: str, others: Iterable[str], owners: Owners) -> set[str]:
    """The uuids of a session's records that stand in one of the `others` too, and that another owns."""
    others = sorted(set(others) - {session})
    marks = ", ".join("?" for _ in others)
    shared = db.run(
        f"""SELECT DISTINCT e.uuid, o.session, e.forked_from, o.forked_from FROM event e
        JOIN event o ON o.person = e.person AND o.session IN ({marks}) AND o.agent = e.agent AND o.uuid = e.uuid
        WHERE e.person = ? AND e.session = ? AND substr(e.uuid, 1, 1) <> '#'""",
        (*others, person, session),
    )
    held: dict[str, set[Copy]] = defaultdict(set)
    for uuid, other, mine, theirs in shared:
        held[uuid] |= {Copy(session, "", 0, mine), Copy(other, "", 0, theirs)}
    return {uuid for uuid, copies in held.items() if owners.of(copies) != session}
