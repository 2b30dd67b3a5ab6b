"""Who owns what forks, branches and resumes copied: worked out from the set of copies, never from arrival order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from accrete import store
from accrete.database import Database

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
    and so was there first), (3) the smaller id."""

    def __init__(self, db: Database, person: int) -> None:
        self.db = db
        self.person = person
        self._first: dict[tuple[str, frozenset[str]], int | None] = {}

    def of(self, copies: Iterable[Copy]) -> str:
        """The owning session of a record with these copies."""
        copies = list(copies)
        sessions = frozenset(copy.session for copy in copies)
        if len(sessions) == 1:
            return next(iter(sessions))
        names = {(c.session, c.forked_from) for c in copies if c.forked_from in sessions and c.forked_from != c.session}
        forks = {session for session, _ in names}
        roots = {origin for _, origin in names if origin not in forks}
        return min(roots or sessions, key=lambda session: (self._first_unshared(session, sessions) or 0, session))

    def _first_unshared(self, session: str, group: frozenset[str]) -> int | None:
        key = (session, group)
        if key not in self._first:
            others = sorted(group - {session})
            marks = ", ".join("?" for _ in others)
            rows = self.db.run(
                f"""SELECT MIN(e.at) FROM event e WHERE e.person = ? AND e.session = ? AND e.agent = ''
                AND substr(e.uuid, 1, 1) <> '#' AND NOT EXISTS (SELECT 1 FROM event o WHERE o.person = e.person
                AND o.uuid = e.uuid AND o.session IN ({marks}))""",
                (self.person, session, *others),
            )
            self._first[key] = rows[0][0]
        return self._first[key]


def settle(db: Database, person: int, sessions: set[str]) -> set[str]:
    """Gives every response, tool call and prompt that these sessions share with others its owner, and settles
    which rows of one message id count. Returns the sessions that share something: those given and the others."""
    owners = Owners(db, person)
    sharing: set[str] = set()
    for some in _slices(sorted(sessions)):
        sharing |= _settle_responses(db, person, some, owners)
        sharing |= _settle_prompts(db, person, some, owners)
        sharing |= _settle_requests(db, person, some)
    return sharing


def _slices(items: list[str]) -> Iterable[list[str]]:
    return (items[i : i + MARKS_AT_ONCE] for i in range(0, len(items), MARKS_AT_ONCE))


def _settle_responses(db: Database, person: int, sessions: list[str], owners: Owners) -> set[str]:
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
    return {copy.session for held in copies.values() for copy in held}


def _settle_prompts(db: Database, person: int, sessions: list[str], owners: Owners) -> set[str]:
    marks = ", ".join("?" for _ in sessions)
    rows = db.run(
        f"""SELECT DISTINCT e.uuid, e.session, e.agent, e.sidechain, e.forked_from FROM event e
        WHERE e.person = ? AND e.uuid IN (SELECT p.uuid FROM prompt p WHERE p.person = ? AND p.session IN ({marks})
          AND EXISTS (SELECT 1 FROM prompt o WHERE o.person = p.person AND o.uuid = p.uuid AND o.session <> p.session))""",
        (person, person, *sessions),
    )
    copies: dict[str, list[Copy]] = defaultdict(list)
    for uuid, *copy in rows:
        copies[uuid].append(Copy(*copy))
    marked: list[tuple[int, int, str, str]] = []
    for uuid, held in copies.items():
        owner = owners.of(held)
        marked.extend((int(session != owner), person, session, uuid) for session in {copy.session for copy in held})
    store.update_rows(db, "prompt", ("person", "session", "uuid"), ("replayed",), marked)
    return {copy.session for held in copies.values() for copy in held}


def _settle_requests(db: Database, person: int, sessions: list[str]) -> set[str]:
    """One message id with several request ids: each main one is a response of its own; a side chain's replay is the
    same response again, and so is a row without a request id. Their usage counts where it is the larger."""
    marks = ", ".join("?" for _ in sessions)
    rows = db.run(
        f"""SELECT a.message_id, a.request_id, a.session, a.sidechain, a.output_tokens FROM response a
        WHERE a.person = ? AND a.message_id IN (SELECT r.message_id FROM response r WHERE r.person = ?
          AND r.session IN ({marks}) AND EXISTS (SELECT 1 FROM response o WHERE o.person = r.person
          AND o.message_id = r.message_id AND o.request_id <> r.request_id))""",
        (person, person, *sessions),
    )
    by_message: dict[str, list[tuple[str, str, int, int]]] = defaultdict(list)
    for message_id, request_id, session, sidechain, output in rows:
        by_message[message_id].append((request_id, session, sidechain, output))
    marked: list[tuple[int, int, str, str]] = []
    for message_id, held in by_message.items():
        main = {request for request, _, sidechain, _ in held if request and not sidechain}
        main = main or {min(held, key=lambda row: (row[2], -row[3], row[0]))[0]}
        marked.extend((int(request in main), person, message_id, request) for request, _, _, _ in held)
        replays = sorted(request for request, _, _, _ in held if request not in main)
        if replays:
            store.merge_into_request(db, person, message_id, min(main), replays)
    store.update_rows(db, "response", ("person", "message_id", "request_id"), ("counted",), marked)
    return {session for held in by_message.values() for _, session, _, _ in held}


def replayed_records(db: Database, person: int, session: str) -> set[str]:
    """The uuids of a session's records that stand in another session which owns them."""
    shared = db.run(
        """SELECT DISTINCT e.uuid, o.session, e.forked_from, o.forked_from FROM event e
        JOIN event o ON o.person = e.person AND o.uuid = e.uuid AND o.session <> e.session
        WHERE e.person = ? AND e.session = ? AND substr(e.uuid, 1, 1) <> '#'""",
        (person, session),
    )
    owners = Owners(db, person)
    held: dict[str, set[Copy]] = defaultdict(set)
    for uuid, other, mine, theirs in shared:
        held[uuid] |= {Copy(session, "", 0, mine), Copy(other, "", 0, theirs)}
    return {uuid for uuid, copies in held.items() if owners.of(copies) != session}
