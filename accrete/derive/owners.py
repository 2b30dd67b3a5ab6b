"""Who owns what forks, branches and resumes copied: worked out from the set of copies, never from arrival order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from accrete import store
from accrete.database import Database
from accrete.derive.copies import Copies, Copy, Firsts, Mask

SESSIONS_AT_ONCE = 400
KEYS_AT_ONCE = 100
"""Of how many records the copies are asked at once: each may have as many as there are sessions."""
NEW_LINES = 200
"""New lines of a session that are looked at one by one; with more the owners are worked out."""

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
_CAPTURED = "NOT (p.kind = 'queued_prompt' AND substr(p.uuid, 1, 1) = '#')"
"""Prompts but those that deriving makes of the queue's records: they come and go with their session."""
_TOUCHED = """SELECT r.session FROM event e CROSS JOIN response r WHERE e.person = ? AND e.session = ? AND e.id > ?
AND r.person = e.person AND r.message_id = e.message_id AND r.session <> e.session UNION
SELECT c.session FROM event e CROSS JOIN tool_call c WHERE e.person = ? AND e.session = ? AND e.id > ?
AND c.person = e.person AND c.message_id = e.message_id AND c.session <> e.session UNION
SELECT o.session FROM agent_run o WHERE o.person = ? AND o.session <> ? AND o.agent IN (
  SELECT e.agent FROM event e WHERE e.person = ? AND e.session = ? AND e.id > ? AND e.agent <> '')"""


def sharing(db: Database, person: int, sessions: Iterable[str]) -> set[str]:
    """Those of these sessions that hold a prompt or a response of which there are several copies."""
    found: set[str] = set()
    for some in _slices(sorted(sessions), SESSIONS_AT_ONCE):
        found.update(row[0] for row in _asked(db, person, _SHARING, some))
    return found


def settle(db: Database, person: int, stale: set[str], anew: set[str]) -> None:
    """Gives every response, tool call, prompt and record that these sessions share with others its owner, settles
    which rows of one message id count, and marks the sessions whose figures change by it as stale.

    Owners of what did not change since they were settled stay, but for sessions in `anew`. Being killed leaves whole
    clusters settled and the others as they were."""
    with db.transaction():
        upto = db.run("SELECT COALESCE(MAX(id), 0) FROM event")[0][0]
        shared = sharing(db, person, stale)
        groups = [
            group for some in _slices(sorted(stale), SESSIONS_AT_ONCE) for group in _settle_requests(db, person, some)
        ]
        changed = (stale & anew & shared).union(*groups)
        known = _settled(db, person, stale)
        touched: set[str] = set().union(*groups)
        for session in sorted(shared):
            touched |= _touched(db, person, session, 0 if session in anew else known.get(session, _NOTHING).event)
        quiet = []
        for session in sorted(stale - changed):
            after = _after(db, person, session, known.get(session), upto, session in shared)
            if after is None:
                changed.add(session)
            else:
                quiet.append(after)
        _store_settled(db, person, quiet)
        store.mark_stale(db, person, touched - stale)
    for cluster in _clusters(db, person, changed):
        with db.transaction():
            _settle_cluster(db, person, cluster, upto)


def forget_settled(db: Database, person: int) -> None:
    """Owners are to be worked out anew, whatever is stored of them."""
    db.run("DELETE FROM settled WHERE person = ?", (person,))
    db.run("UPDATE event SET replayed = 0 WHERE person = ? AND replayed <> 0", (person,))


def unsettle(db: Database, person: int, sessions: Iterable[str]) -> None:
    """What these sessions shared with one that was deleted is theirs until their owners are worked out anew."""
    keys = [(person, session) for session in sorted(sessions)]
    db.many("UPDATE prompt SET replayed = 0 WHERE person = ? AND session = ?", keys)
    db.many("UPDATE event SET replayed = 0 WHERE person = ? AND session = ? AND replayed <> 0", keys)
    db.many("DELETE FROM settled WHERE person = ? AND session = ?", keys)
    # SQLite gives the numbers of deleted events away again: a session may not take them for events it knows
    db.run("DELETE FROM settled WHERE event > (SELECT COALESCE(MAX(id), 0) FROM event)")


def shared_ones(db: Database, person: int, sessions: list[str]) -> set[str]:
    """Those of these sessions that were found to share records with others when their owners were settled."""
    return {row.session for row in _settled(db, person, set(sessions)).values() if row.cluster is not None}


# -- what an append changes


class Settled(NamedTuple):
    """Up to where the owners of a session's records are worked out (a row of `settled`)."""

    session: str
    event: int
    cluster: str | None
    own_at: int | None
    contender: int


_NOTHING = Settled("", 0, None, None, 0)


def _settled(db: Database, person: int, sessions: set[str]) -> dict[str, Settled]:
    sql = f"SELECT {', '.join(Settled._fields)} FROM settled WHERE person = ? AND session IN ({{marks}})"
    rows = (row for some in _slices(sorted(sessions), SESSIONS_AT_ONCE) for row in _asked(db, person, sql, some))
    return {row[0]: Settled(*row) for row in rows}


_SETTLED = store.insert(
    "settled", ("person", *Settled._fields),
    "ON CONFLICT (person, session) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in Settled._fields[1:]),
)  # fmt: skip


def _store_settled(db: Database, person: int, rows: Iterable[Settled]) -> None:
    db.many(_SETTLED, [(person, *row) for row in rows])


def _touched(db: Database, person: int, session: str, after: int) -> set[str]:
    """The owners of what new lines of a session say, and the sessions that have a subagent of theirs."""
    new = (person, session, after)
    return {row[0] for row in db.run(_TOUCHED, (*new, *new, person, session, *new))}


def _after(db: Database, person: int, session: str, known: Settled | None, upto: int, shared: bool) -> Settled | None:
    """What is settled of a session after its new lines; None where they may change who owns what.

    They do not where no other session holds one of them and they cannot take part in rule 2: they have a line before
    them that no other holds, or the session contends for nothing and they are its last ones. Rule 1 looks at the
    copies of the record itself."""
    if known is None or not shared:
        return None if shared else Settled(session, upto, None, None, 0)
    new = db.run(
        "SELECT DISTINCT uuid, agent, at FROM event WHERE person = ? AND session = ? AND id > ?",
        (person, session, known.event),
    )
    if len(new) > NEW_LINES or any(_is_held_by_another(db, person, session, known, *row[:2]) for row in new):
        return None
    times = [at for uuid, agent, at in new if not agent and uuid[:1] != "#" and at is not None]
    if not times:
        return known._replace(event=upto)
    first = min(times)
    if known.own_at is not None:
        return known._replace(event=upto) if first >= known.own_at else None
    last = db.run(
        "SELECT MAX(at) FROM event WHERE person = ? AND session = ? AND agent = '' AND id <= ?",
        (person, session, known.event),
    )[0][0]
    return None if known.contender or (last is not None and first < last) else known._replace(event=upto, own_at=first)


def _is_held_by_another(db: Database, person: int, session: str, known: Settled, uuid: str, agent: str) -> bool:
    return bool(
        db.run(
            f"""SELECT 1 FROM prompt p WHERE p.person = ? AND p.uuid = ? AND p.session <> ? AND {_CAPTURED} UNION ALL
            SELECT 1 FROM event e CROSS JOIN response r WHERE e.person = ? AND e.session = ? AND e.agent = ? AND e.uuid = ?
              AND r.person = e.person AND r.message_id = e.message_id AND +r.contested = 1 UNION ALL
            SELECT 1 FROM settled s CROSS JOIN event o WHERE s.person = ? AND s.cluster = ? AND s.session <> ?
              AND o.person = s.person AND o.session = s.session AND o.agent = ? AND o.uuid = ? LIMIT 1""",
            (person, uuid, session, person, session, agent, uuid, person, known.cluster, session, agent, uuid),
        )
    )


# -- clusters: the sessions that share records, directly or through others


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


def _clusters(db: Database, person: int, sessions: set[str]) -> Iterator[Cluster]:
    left = set(sessions)
    while left:
        cluster = _cluster(db, person, min(left))
        left -= cluster.sessions
        yield cluster


def _cluster(db: Database, person: int, start: str) -> Cluster:
    """The cluster of a session: each of its sessions and each shared record is looked at once."""
    found = Cluster(Copies(lambda: _firsts(db, person, found)))
    waiting = [start]
    while waiting:
        some, waiting = waiting[:SESSIONS_AT_ONCE], waiting[SESSIONS_AT_ONCE:]
        found.sessions.update(some)
        found.requests |= _settle_requests(db, person, some)
        prompts = {row[0] for row in _asked(db, person, _PROMPT_KEYS, some)} - found.prompts.keys()
        messages = {row[0] for row in _asked(db, person, _MESSAGE_KEYS, some)} - found.messages.keys()
        others = _hold(db, person, _PROMPT_COPIES, prompts, found.copies, found.prompts)
        others |= _hold(db, person, _MESSAGE_COPIES, messages, found.copies, found.messages)
        others = others.union(*found.requests)
        waiting = sorted(others.union(waiting) - found.sessions)
    return found


def _hold(db: Database, person: int, sql: str, keys: set[str], copies: Copies, held: dict[str, Mask]) -> set[str]:
    """Adds the copies of these records to `held`; returns the sessions that have them."""
    sessions = set()
    for some in _slices(sorted(keys), KEYS_AT_ONCE):
        for key, session, forked_from in _asked(db, person, sql, some):
            held[key] = held.get(key, 0) | copies.bit(Copy(session, forked_from))
            sessions.add(session)
    return sessions


def _hold_records(db: Database, person: int, cluster: Cluster) -> None:
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
        "SELECT uuid, at FROM event WHERE person = ? AND session = ? AND agent = ''", (person, session)
    ):
        if uuid in held:
            copies = held[uuid]
            known = found.get(copies)
            found[copies] = at if known is None else known if at is None else min(at, known)
    return found


# -- owners


class Record(NamedTuple):
    """What settling reads of one event."""

    uuid: str
    agent: str
    at: int | None
    forked_from: str | None
    replayed: int
    message_id: str | None
    sidechain: int


_RECORDS = f"SELECT {', '.join(Record._fields)} FROM event WHERE person = ? AND session = ?"


def _settle_cluster(db: Database, person: int, cluster: Cluster, upto: int) -> None:
    _hold_records(db, person, cluster)
    owners = {message_id: cluster.copies.owner(held) for message_id, held in cluster.messages.items()}
    agents: dict[str, tuple[int, str]] = {}
    own_at: dict[str, int | None] = {}
    changed = _settle_prompts(db, person, cluster)
    for session, near in sorted(cluster.sharers().items()):
        records = [Record(*row) for row in db.run(_RECORDS, (person, session))]
        if _settle_records(db, person, cluster, session, near, records):
            changed.add(session)
        own_at[session] = _own_at(cluster, session, records)
        for each in records:
            if each.message_id is not None and owners.get(each.message_id) == session:
                place = (each.sidechain, each.agent)
                agents[each.message_id] = min(place, agents.get(each.message_id, place))
    changed |= _settle_responses(db, person, {key: (owner, agents[key][1]) for key, owner in owners.items()})
    store.mark_stale(db, person, changed)
    name = min(cluster.sessions) if len(cluster.sessions) > 1 else None
    contenders = cluster.copies.contenders
    _store_settled(db, person, [Settled(session, upto, name, own_at[session], int(session in contenders))
                                for session in sorted(cluster.sessions)])  # fmt: skip


def _settle_records(
    db: Database, person: int, cluster: Cluster, session: str, near: Mask, records: list[Record]
) -> bool:
    """Marks the records of a session that another owns, of those that share prompts or responses with it (`near`);
    returns whether that changed any."""
    mine = cluster.copies.of((session,))
    shared: dict[str, Mask] = {}
    for each in records:
        held = cluster.records[each.agent].get(each.uuid, 0) & near
        if held & ~mine:
            shared[each.uuid] = shared.get(each.uuid, 0) | held
    replayed = {uuid for uuid, held in shared.items() if cluster.copies.owner(held) != session}
    marked = {(int(each.uuid in replayed), person, session, each.agent, each.uuid)
              for each in records if (each.uuid in replayed) != bool(each.replayed)}  # fmt: skip
    store.update_rows(db, "event", ("person", "session", "agent", "uuid"), ("replayed",), sorted(marked))
    return bool(marked)


def _own_at(cluster: Cluster, session: str, records: list[Record]) -> int | None:
    """The instant of the first line of a session that no other holds."""
    mine, lines = cluster.copies.of((session,)), cluster.records[""]
    return min(
        (e.at for e in records if e.at is not None and not e.agent and e.uuid in lines and not lines[e.uuid] & ~mine),
        default=None,
    )


def _settle_prompts(db: Database, person: int, cluster: Cluster) -> set[str]:
    """Marks the prompts that another session owns; returns the sessions in which that changed any."""
    marked: list[tuple[int, int, str, str]] = []
    sql = f"SELECT p.uuid, p.session, p.replayed FROM prompt p WHERE p.person = ? AND p.uuid IN ({{marks}}) AND {_CAPTURED}"
    for some in _slices(sorted(cluster.prompts), KEYS_AT_ONCE):
        for uuid, session, was in _asked(db, person, sql, some):
            replayed = int(session != cluster.copies.owner(cluster.prompts[uuid]))
            if replayed != was:
                marked.append((replayed, person, session, uuid))
    store.update_rows(db, "prompt", ("person", "session", "uuid"), ("replayed",), marked)
    return {session for _, _, session, _ in marked}


def _settle_responses(db: Database, person: int, owners: dict[str, tuple[str, str]]) -> set[str]:
    """Gives responses and their calls to these (session, agent) by message id; returns who gained or lost any."""
    changed: set[str] = set()
    for table in ("response", "tool_call"):
        placed = set()
        sql = f"SELECT DISTINCT message_id, session, agent FROM {table} WHERE person = ? AND message_id IN ({{marks}})"
        for some in _slices(sorted(owners), KEYS_AT_ONCE):
            for message_id, *was in _asked(db, person, sql, some):
                if tuple(was) != owners[message_id]:
                    placed.add((*owners[message_id], person, message_id))
                    changed.update((was[0], owners[message_id][0]))
        store.update_rows(db, table, ("person", "message_id"), ("session", "agent"), sorted(placed))
    return changed


def _settle_requests(db: Database, person: int, sessions: list[str]) -> set[frozenset[str]]:
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


def _slices(items: list[str], length: int) -> Iterable[list[str]]:
    return (items[i : i + length] for i in range(0, len(items), length))


def _asked(db: Database, person: int, sql: str, values: list[str]) -> list[tuple[Any, ...]]:
    marks = ", ".join("?" for _ in values)
    return db.run(sql.format(marks=marks, captured=_CAPTURED), (person, *values))
