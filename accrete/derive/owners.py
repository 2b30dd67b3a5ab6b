"""Who owns what forks, branches and resumes copied: worked out from the set of copies, never from arrival order."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from accrete import store
from accrete.database import Database
from accrete.derive.appends import Settled, settled, store_settled, touched, unchanged
from accrete.derive.clusters import (
    CAPTURED,
    KEYS_AT_ONCE,
    SESSIONS_AT_ONCE,
    Cluster,
    asked,
    cluster_of,
    hold_records,
    sharing,
    slices,
)
from accrete.derive.copies import Mask
from accrete.derive.moments import TOLD


def settle(db: Database, person: int, stale: set[str], anew: set[str]) -> None:
    """Gives every response, tool call, prompt and record that these sessions share with others its owner, settles
    which rows of one message id count, and marks the sessions whose figures change by it as stale.

    Owners of what did not change since they were settled stay, but for sessions in `anew`. Being killed leaves whole
    clusters settled and the others as they were."""
    with db.transaction():
        upto = _last_event(db)
        changed = _take_appends(db, person, stale, anew, upto)
    while changed:
        with db.transaction():
            cluster = cluster_of(db, person, min(changed), lambda some: _settle_requests(db, person, some))
            _settle_cluster(db, person, cluster, upto)
        changed -= cluster.sessions


def settle_alone(db: Database, person: int, sessions: set[str]) -> set[str]:
    """Those of these sessions that share nothing with another and have no message id twice: each owns what it holds.
    To be called in a transaction."""
    alone = sessions - _several(db, person, sessions)
    alone -= sharing(db, person, alone)
    upto = _last_event(db)
    store_settled(db, person, [Settled(session, upto, None, None, 0) for session in sorted(alone)])
    return alone


def _last_event(db: Database) -> int:
    return int(db.run("SELECT COALESCE(MAX(id), 0) FROM event")[0][0])


def _several(db: Database, person: int, sessions: set[str]) -> set[str]:
    """The sessions of responses that these have under several request ids."""
    found: set[str] = set()
    for some in slices(sorted(sessions), SESSIONS_AT_ONCE):
        found.update(*_settle_requests(db, person, some))
    return found


def _take_appends(db: Database, person: int, stale: set[str], anew: set[str], upto: int) -> set[str]:
    """Marks what new lines touch as stale; returns the sessions whose clusters are to be worked out."""
    several = _several(db, person, stale)
    shared, known = sharing(db, person, stale), settled(db, person, stale - anew)
    concerned = set(several)
    for session in sorted(shared):
        concerned |= touched(db, person, session, known.get(session))
    changed, quiet = set(several), []
    for session in sorted(stale - several):
        after = unchanged(db, person, session, known.get(session), upto, session in shared)
        if after is None:
            changed.add(session)
        else:
            quiet.append(after)
    store_settled(db, person, quiet)
    store.mark_stale(db, person, concerned - stale)
    return changed


class Record(NamedTuple):
    """What settling reads of one event."""

    uuid: str
    agent: str
    at: int | None
    forked_from: str | None
    replayed: int
    message_id: str | None
    sidechain: int


_RECORDS = f"SELECT {', '.join(TOLD if name == 'at' else name for name in Record._fields)} FROM event WHERE person = ? AND session = ?"


def _settle_cluster(db: Database, person: int, cluster: Cluster, upto: int) -> None:
    hold_records(db, person, cluster)
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
    store_settled(db, person, [Settled(session, upto, name, own_at[session], int(session in contenders))
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
    sql = f"SELECT p.uuid, p.session, p.replayed FROM prompt p WHERE p.person = ? AND p.uuid IN ({{marks}}) AND {CAPTURED}"
    for some in slices(sorted(cluster.prompts), KEYS_AT_ONCE):
        for uuid, session, was in asked(db, person, sql, some):
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
        for some in slices(sorted(owners), KEYS_AT_ONCE):
            for message_id, *was in asked(db, person, sql, some):
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
