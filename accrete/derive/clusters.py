"""Clusters of sessions that share prompts or responses, directly or through others, and the copies
they hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import chain

from accrete.database import Database, Row
from accrete.derive.copy_sets import Copies, Copy, Mask
from accrete.derive.moments import TOLD

SESSIONS_AT_ONCE = 400
KEYS_AT_ONCE = 20
"""Of how many records the copies are asked at once: each may have as many as there are sessions."""

_SHARING = """SELECT s.id FROM session s WHERE s.person = ? AND s.id IN ({marks}) AND (
EXISTS (SELECT 1 FROM prompt p WHERE p.person = s.person AND p.session = s.id AND {captured}
    AND EXISTS (
  SELECT 1 FROM prompt o WHERE o.person = p.person AND o.uuid = p.uuid AND o.session <> p.session))
OR EXISTS (SELECT 1 FROM response c WHERE c.person = s.person AND c.contested = 1)
AND EXISTS (SELECT 1 FROM event e CROSS JOIN response r
WHERE e.person = s.person AND e.session = s.id
  AND r.person = e.person AND r.message_id = e.message_id AND +r.contested = 1))"""
_PROMPT_KEYS = """SELECT DISTINCT p.uuid FROM prompt p WHERE p.person = ? AND p.session IN ({marks})
    AND {captured} AND EXISTS (SELECT 1 FROM prompt o WHERE o.person = p.person AND o.uuid = p.uuid
AND o.session <> p.session)"""
_MESSAGE_KEYS = """SELECT DISTINCT e.message_id FROM event e CROSS JOIN response r
WHERE e.person = ? AND e.session IN ({marks}) AND r.person = e.person
AND r.message_id = e.message_id AND +r.contested = 1"""
PROMPT_COPIES = """SELECT DISTINCT p.uuid, p.session, e.forked_from FROM prompt p
LEFT JOIN event e ON e.person = p.person AND e.session = p.session AND e.agent = ''
AND e.uuid = p.uuid
WHERE p.person = ? AND p.uuid IN ({marks}) AND {captured}"""
MESSAGE_COPIES = """SELECT DISTINCT e.message_id, e.session, e.forked_from FROM event e
WHERE e.person = ? AND e.message_id IN ({marks})"""
CAPTURED = "NOT (p.kind = 'queued_prompt' AND substr(p.uuid, 1, 1) = '#')"
"""Prompts but those that deriving makes of the queue's records: they come and go with their
session."""

Requests = Callable[[list[str]], set[frozenset[str]]]
"""The sessions whose responses have one message id under several request ids, for some of them."""


def sharing(db: Database, person: int, sessions: Iterable[str]) -> set[str]:
    """Those of these sessions that hold a prompt or a response of which there are several
    copies."""
    found: set[str] = set()
    for some in slices(sorted(sessions), SESSIONS_AT_ONCE):
        found.update(session for (session,) in asked(db, person, _SHARING, some))
    return found


@dataclass(slots=True)
class Cluster:
    """Sessions that share prompts or responses, directly or through others, and the copies of
    these."""

    copies: Copies = field(default_factory=Copies)
    sessions: set[str] = field(default_factory=set)
    prompts: dict[str, Mask] = field(default_factory=dict)
    messages: dict[str, Mask] = field(default_factory=dict)
    requests: set[frozenset[str]] = field(default_factory=set)
    """Sessions whose responses have one message id under several request ids."""
    records: dict[str, dict[str, Mask]] = field(default_factory=lambda: defaultdict(dict))
    """agent -> uuid -> its copies"""

    def near(self) -> dict[str, Mask]:
        """The copies of each session and of those that share a prompt or a response with it."""
        found = {session: self.copies.of((session,)) for session in self.sessions}
        shared = (
            self.copies.sessions(held) for held in {*self.prompts.values(), *self.messages.values()}
        )
        for group in chain(shared, self.requests):
            held = self.copies.of(group)
            for session in group:
                found[session] |= held
        return found

    def seen_by(
        self, session: str, near: Mask, records: Iterable[tuple[str, str]]
    ) -> dict[str, Mask]:
        """The copies of these records (agent, uuid) of a session that decide there on their owner,
        by uuid: those of the sessions that share prompts or responses with it (`near`)."""
        mine = self.copies.of((session,))
        found: dict[str, Mask] = {}
        for agent, uuid in records:
            held = self.records[agent].get(uuid, 0) & near
            if held & ~mine:
                found[uuid] = found.get(uuid, 0) | held
        return found


def cluster_of(db: Database, person: int, start: str, requests: Requests) -> Cluster:
    """The cluster of a session: each of its sessions and each shared record is looked at once."""
    found = Cluster()
    waiting = [start]
    while waiting:
        some, waiting = waiting[:SESSIONS_AT_ONCE], waiting[SESSIONS_AT_ONCE:]
        found.sessions.update(some)
        found.requests |= requests(some)
        prompts = {uuid for (uuid,) in asked(db, person, _PROMPT_KEYS, some)}
        messages = {message_id for (message_id,) in asked(db, person, _MESSAGE_KEYS, some)}
        prompts -= found.prompts.keys()
        messages -= found.messages.keys()
        others = hold(db, person, PROMPT_COPIES, prompts, found.copies, found.prompts)
        others |= hold(db, person, MESSAGE_COPIES, messages, found.copies, found.messages)
        others = others.union(*found.requests)
        waiting = sorted(others.union(waiting) - found.sessions)
    return found


def hold(
    db: Database, person: int, sql: str, keys: set[str], copies: Copies, held: dict[str, Mask]
) -> set[str]:
    """Adds the copies that `sql` finds of these records to `held`; returns the sessions that have
    them."""
    sessions = set()
    for some in slices(sorted(keys), KEYS_AT_ONCE):
        for key, session, forked_from in asked(db, person, sql, some):
            held[key] = held.get(key, 0) | copies.bit(Copy(session, forked_from))
            sessions.add(session)
    return sessions


def hold_records(db: Database, person: int, cluster: Cluster) -> None:
    """Reads which copies there are of each record of a cluster."""
    bit = cluster.copies.bit
    for session in sorted(cluster.sessions):
        for uuid, agent, forked_from in db.run(
            "SELECT uuid, agent, forked_from FROM event WHERE person = ? AND session = ?",
            (person, session),
        ):
            if uuid[:1] != "#":
                held, one = cluster.records[agent], bit(Copy(session, forked_from))
                held[uuid] = held[uuid] | one if uuid in held else one


def lines_of(db: Database, person: int, session: str) -> dict[str, int | None]:
    """The lines of a session's main conversation, each with the earliest time that it tells."""
    found: dict[str, int | None] = {}
    for uuid, at in db.run(
        f"SELECT uuid, {TOLD} FROM event WHERE person = ? AND session = ? AND agent = ''",
        (person, session),
    ):
        if uuid[:1] != "#":
            known = found.get(uuid)
            found[uuid] = at if known is None else known if at is None else min(at, known)
    return found


def slices(items: list[str], length: int) -> Iterable[list[str]]:
    """The items in pieces."""
    return (items[i : i + length] for i in range(0, len(items), length))


def asked(db: Database, person: int, sql: str, values: list[str]) -> list[Row]:
    """The rows of a statement whose `{marks}` stand for these values."""
    marks = ", ".join("?" for _ in values)
    return db.run(sql.format(marks=marks, captured=CAPTURED), (person, *values))
