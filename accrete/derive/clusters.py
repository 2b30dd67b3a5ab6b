"""Clusters: sessions that share prompts or responses, directly or through others, and the copies that they hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from accrete.database import Database
from accrete.derive.copies import Copies, Copy, Firsts, Mask
from accrete.derive.moments import TOLD

SESSIONS_AT_ONCE = 400
KEYS_AT_ONCE = 100
"""Of how many records the copies are asked at once: each may have as many as there are sessions."""

_SHARING = """SELECT s.id FROM session s WHERE s.person = ? AND s.id IN ({marks}) AND (
EXISTS (SELECT 1 FROM prompt p WHERE p.person = s.person AND p.session = s.id AND {captured} AND EXISTS (
  SELECT 1 FROM prompt o WHERE o.person = p.person AND o.uuid = p.uuid AND o.session <> p.session))
OR EXISTS (SELECT 1 FROM event e CROSS JOIN response r WHERE e.person = s.person AND e.session = s.id
  AND r.person = e.person AND r.message_id = e.message_id AND +r.contested = 1))"""
_PROMPT_KEYS = """SELECT DISTINCT p.uuid FROM prompt p WHERE p.person = ? AND p.session IN ({marks}) AND {captured}
AND EXISTS (SELECT 1 FROM prompt o WHERE o.person = p.person AND o.uuid = p.uuid AND o.session <> p.session)"""
_MESSAGE_KEYS = """SELECT DISTINCT e.message_id FROM event e CROSS JOIN response r
WHERE e.person = ? AND e.session IN ({marks}) AND r.person = e.person AND r.message_id = e.message_id
AND +r.contested = 1"""
_PROMPT_COPIES = """SELECT DISTINCT p.uuid, p.session, e.forked_from FROM prompt p
LEFT JOIN event e ON e.person = p.person AND e.session = p.session AND e.agent = '' AND e.uuid = p.uuid
WHERE p.person = ? AND p.uuid IN ({marks}) AND {captured}"""
_MESSAGE_COPIES = """SELECT DISTINCT e.message_id, e.session, e.forked_from FROM event e
WHERE e.person = ? AND e.message_id IN ({marks})"""
CAPTURED = "NOT (p.kind = 'queued_prompt' AND substr(p.uuid, 1, 1) = '#')"
"""Prompts but those that deriving makes of the queue's records: they come and go with their session."""

Requests = Callable[[list[str]], set[frozenset[str]]]
"""The sessions whose responses have one message id under several request ids, for some of them."""


def sharing(db: Database, person: int, sessions: Iterable[str]) -> set[str]:
    """Those of these sessions that hold a prompt or a response of which there are several copies."""
    found: set[str] = set()
    for some in slices(sorted(sessions), SESSIONS_AT_ONCE):
        found.update(row[0] for row in asked(db, person, _SHARING, some))
    return found


@dataclass(slots=True)
class Cluster:
    """Sessions that share prompts or responses, directly or through others, and the copies of these."""

    copies: Copies
    sessions: set[str] = field(default_factory=set)
    prompts: dict[str, Mask] = field(default_factory=dict)
    messages: dict[str, Mask] = field(default_factory=dict)
    requests: set[frozenset[str]] = field(default_factory=set)
    """Sessions whose responses have one message id under several request ids."""
    records: dict[str, dict[str, Mask]] = field(default_factory=lambda: defaultdict(dict))
    """agent -> uuid -> its copies"""

    def sharers(self) -> dict[str, Mask]:
        """The copies of each session and of those that share a prompt or a response with it."""
        groups = {self.copies.sessions(held) for held in {*self.prompts.values(), *self.messages.values()}}
        found = {session: self.copies.of((session,)) for session in self.sessions}
        for group in groups | self.requests:
            held = self.copies.of(group)
            for session in group:
                found[session] |= held
        return found


def cluster_of(db: Database, person: int, start: str, requests: Requests) -> Cluster:
    """The cluster of a session: each of its sessions and each shared record is looked at once."""
    found = Cluster(Copies(lambda: _firsts(db, person, found)))
    waiting = [start]
    while waiting:
        some, waiting = waiting[:SESSIONS_AT_ONCE], waiting[SESSIONS_AT_ONCE:]
        found.sessions.update(some)
        found.requests |= requests(some)
        prompts = {row[0] for row in asked(db, person, _PROMPT_KEYS, some)} - found.prompts.keys()
        messages = {row[0] for row in asked(db, person, _MESSAGE_KEYS, some)} - found.messages.keys()
        others = _hold(db, person, _PROMPT_COPIES, prompts, found.copies, found.prompts)
        others |= _hold(db, person, _MESSAGE_COPIES, messages, found.copies, found.messages)
        others = others.union(*found.requests)
        waiting = sorted(others.union(waiting) - found.sessions)
    return found


def _hold(db: Database, person: int, sql: str, keys: set[str], copies: Copies, held: dict[str, Mask]) -> set[str]:
    """Adds the copies of these records to `held`; returns the sessions that have them."""
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
            "SELECT uuid, agent, forked_from FROM event WHERE person = ? AND session = ?", (person, session)
        ):
            if uuid[:1] != "#":
                held = cluster.records[agent]
                held[uuid] = held.get(uuid, 0) | bit(Copy(session, forked_from))


def _firsts(db: Database, person: int, cluster: Cluster) -> Firsts:
    """What rule 2 compares: since when each session holds lines of each set of copies. Read twice, so that what is
    held in memory is of the size of the sets, not of the lines."""
    least: dict[Mask, int] = {}
    for session in sorted(cluster.sessions):
        for held, at in _lines(db, person, cluster, session).items():
            if at is not None:
                least[held] = min(at, least.get(held, at))
    firsts = Firsts(least)
    for session in sorted(cluster.sessions):
        firsts.add(session, _lines(db, person, cluster, session))
    return firsts


def _lines(db: Database, person: int, cluster: Cluster, session: str) -> dict[Mask, int | None]:
    held = cluster.records[""]
    found: dict[Mask, int | None] = {}
    for uuid, at in db.run(
        f"SELECT uuid, {TOLD} FROM event WHERE person = ? AND session = ? AND agent = ''", (person, session)
    ):
        if uuid in held:
            copies = held[uuid]
            known = found.get(copies)
            found[copies] = at if known is None else known if at is None else min(at, known)
    return found


def slices(items: list[str], length: int) -> Iterable[list[str]]:
    """The items in pieces."""
    return (items[i : i + length] for i in range(0, len(items), length))


def asked(db: Database, person: int, sql: str, values: list[str]) -> list[tuple[Any, ...]]:
    """The rows of a statement whose `{marks}` stand for these values."""
    marks = ", ".join("?" for _ in values)
    return db.run(sql.format(marks=marks, captured=CAPTURED), (person, *values))
