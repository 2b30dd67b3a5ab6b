"""Owners of what forks, branches and resumes copied: derived from all copies, never from arrival
order."""

from __future__ import annotations

from accrete.database import Database
from accrete.derive.appends import Settled, appended, settled, store_settled, touched
from accrete.derive.clusters import (
    SESSIONS_AT_ONCE,
    Cluster,
    cluster_of,
    hold_records,
    lines_of,
    sharing,
    slices,
)
from accrete.derive.copy_sets import Mask, owners_of
from accrete.derive.owned import Placing, Record, records_of
from accrete.derive.requests import settle_requests, several
from accrete.derive.yielding import yield_records
from accrete.record import store


def settle(db: Database, person: int, stale: set[str], anew: set[str]) -> None:
    """Gives every response, tool call, prompt and record that these sessions share with others its
    owner, settles which rows of one message id count, and marks the sessions whose figures change
    by it as stale.

    Owners of what did not change since they were settled stay, but for sessions in `anew`. Being
    killed leaves whole clusters settled and the others as they were."""
    with db.transaction():
        upto = _last_event(db)
        changed = _take_appends(db, person, stale, anew, upto)
    while changed:
        with db.transaction():
            cluster = cluster_of(
                db, person, min(changed), lambda some: settle_requests(db, person, some)
            )
            _settle_cluster(db, person, cluster, upto)
        changed -= cluster.sessions


def settle_alone(db: Database, person: int, sessions: set[str]) -> set[str]:
    """Those of these sessions that share nothing with another and have no message id twice: each
    owns what it holds.
    To be called in a transaction. Nothing is decided of the others: more of what they share may
    come."""
    alone = sessions.difference(
        *(several(db, person, some) for some in slices(sorted(sessions), SESSIONS_AT_ONCE))
    )
    alone -= sharing(db, person, alone)
    upto = _last_event(db)
    store_settled(db, person, [Settled(session, upto) for session in sorted(alone)])
    return alone


def _last_event(db: Database) -> int:
    ((last,),) = db.run("SELECT COALESCE(MAX(id), 0) FROM event")
    return int(last)


def _settle_several(db: Database, person: int, sessions: set[str]) -> set[str]:
    """Settles responses that these sessions have under several request ids; returns all that have
    them."""
    found: set[str] = set()
    for some in slices(sorted(sessions), SESSIONS_AT_ONCE):
        found.update(*settle_requests(db, person, some))
    return found


def _take_appends(
    db: Database, person: int, stale: set[str], anew: set[str], upto: int
) -> set[str]:
    """Marks what new lines touch as stale; returns the sessions whose clusters are to be
    derived."""
    twice = _settle_several(db, person, stale)
    shared, known = sharing(db, person, stale), settled(db, person, stale - anew)
    concerned = set(twice)
    for session in sorted(shared):
        concerned |= touched(db, person, session, known.get(session))
    changed, after = set(twice), {}
    for session in sorted(stale - twice):
        now = appended(db, person, session, known.get(session), upto, session in shared)
        if now is None:
            changed.add(session)
        else:
            after[session] = now
    worked_out = {known[session].cluster for session in changed & known.keys()}
    writers = [
        session
        for session, now in after.items()
        if now.contender and now.own_at != known[session].own_at
    ]
    changed.update(session for session in writers if known[session].cluster in worked_out)
    store_settled(db, person, [now for session, now in after.items() if session not in changed])
    for session in writers:
        if session not in changed:
            gained = yield_records(db, person, after[session])
            if gained is None:
                store_settled(db, person, [known[session]])
                changed.add(session)
            else:
                concerned |= gained
    store.mark_stale(db, person, concerned - stale)
    return changed


def _settle_cluster(db: Database, person: int, cluster: Cluster, upto: int) -> None:
    hold_records(db, person, cluster)
    near = cluster.near()
    sets, alike = _sets(db, person, cluster, near)
    owners = owners_of(cluster.copies, sets, lambda session: lines_of(db, person, session), {})
    placing = Placing(
        db,
        person,
        {uuid: owners.of[held] for uuid, held in cluster.prompts.items()},
        {message_id: owners.of[held] for message_id, held in cluster.messages.items()},
    )
    name = min(cluster.sessions) if len(cluster.sessions) > 1 else None
    rows = []
    for session in sorted(cluster.sessions):
        records = records_of(db, person, session)
        seen = cluster.seen_by(
            session, near[session], ((each.agent, each.uuid) for each in records)
        )
        placing.mark(
            session,
            records,
            {
                each.uuid: owners.of[seen[each.uuid]] if each.uuid in seen else session
                for each in records
            },
        )
        rows.append(Settled(session, upto, name, _own_at(cluster, session, records),
                            int(session in owners.contenders), int(alike)))  # fmt: skip
    placing.place_responses()
    store.mark_stale(db, person, placing.changed)
    store_settled(db, person, rows)


def _sets(
    db: Database, person: int, cluster: Cluster, near: dict[str, Mask]
) -> tuple[set[Mask], bool]:
    """The sets of copies that decide on anything in a cluster, and whether those who hold a record
    agree on its set."""
    sets = {*cluster.prompts.values(), *cluster.messages.values()}
    alike = len(set(near.values())) == 1
    agreed: dict[str, Mask] = {}
    for session in sorted(cluster.sessions):
        rows = db.run(
            "SELECT agent, uuid FROM event WHERE person = ? AND session = ?", (person, session)
        )
        for uuid, held in cluster.seen_by(
            session, near[session], ((agent, uuid) for agent, uuid in rows)
        ).items():
            sets.add(held)
            alike &= agreed.setdefault(uuid, held) == held
    return sets, alike


def _own_at(cluster: Cluster, session: str, records: list[Record]) -> int | None:
    """The instant of a session's first unshared line."""
    mine, lines = cluster.copies.of((session,)), cluster.records[""]
    return min(
        (
            e.at
            for e in records
            if e.at is not None and not e.agent and e.uuid in lines and not lines[e.uuid] & ~mine
        ),
        default=None,
    )
