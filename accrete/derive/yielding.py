"""The new owners of a session's records when an owner without an unshared line writes its first
one."""

from __future__ import annotations

from collections.abc import Iterable

from accrete.database import Database
from accrete.derive.appends import Settled, family_of, store_settled
from accrete.derive.clusters import CAPTURED, MESSAGE_COPIES, PROMPT_COPIES, hold, lines_of
from accrete.derive.copy_sets import Copies, Copy, Mask, owners_of
from accrete.derive.owned import Placing, records_of

LOOKED_UP = 500
"""Records of a session that are looked for one by one in others; with more those are read whole."""

_OWN_PROMPTS = (
    "SELECT p.uuid FROM prompt p WHERE p.person = ? "
    f"AND p.session = ? AND p.replayed = 0 AND {CAPTURED}"
)
_OWN_MESSAGES = (
    "SELECT DISTINCT message_id FROM response WHERE person = ? AND session = ? AND contested = 1"
)
_OWN_RECORDS = (
    "SELECT DISTINCT agent, uuid FROM event WHERE person = ? AND session = ? AND replayed = 0"
)


def yield_records(db: Database, person: int, writer: Settled) -> set[str] | None:
    """Gives what a session owned to whom the rule gives it, now that the session has a first line
    of its own (`own_at` of what is settled of it); returns the sessions in which that changed
    anything. None, and nothing done, where a session holds some of it whose owners were never
    settled.

    Nobody else's place gets better or worse by that line. So only what the writer owned is looked
    at, and of its relatives only so many lines as it takes to find who comes next."""
    session, key = writer.session, (person, writer.session)
    family = {each.session: each for each in family_of(db, person, writer)}
    copies = Copies()
    prompts: dict[str, Mask] = {}
    messages: dict[str, Mask] = {}
    own_prompts = {uuid for (uuid,) in db.run(_OWN_PROMPTS, key)}
    own_messages = {message_id for (message_id,) in db.run(_OWN_MESSAGES, key)}
    hold(db, person, PROMPT_COPIES, own_prompts, copies, prompts)
    hold(db, person, MESSAGE_COPIES, own_messages, copies, messages)
    own = {(agent, uuid) for agent, uuid in db.run(_OWN_RECORDS, key) if uuid[:1] != "#"}
    records = _hold_records(db, person, family, own, copies)
    sets = {*prompts.values(), *messages.values(), *records.values()}
    if not all(copies.sessions(held) <= family.keys() for held in sets):
        return None
    owners = owners_of(
        copies,
        sets,
        lambda other: lines_of(db, person, other),
        {each.session: each.own_at for each in family.values()},
    )
    placing = Placing(
        db,
        person,
        {uuid: owners.of[held] for uuid, held in prompts.items()},
        {message_id: owners.of[held] for message_id, held in messages.items()},
    )
    of_records = {uuid: owners.of[held] for uuid, held in records.items()}
    for each in sorted({session, *owners.of.values()}):
        placing.mark(each, records_of(db, person, each), of_records)
    placing.place_responses()
    heirs = owners.contenders - {session}
    store_settled(db, person, [family[heir]._replace(contender=1) for heir in sorted(heirs)])
    return placing.changed


def _hold_records(
    db: Database, person: int, sessions: Iterable[str], keys: set[tuple[str, str]], copies: Copies
) -> dict[str, Mask]:
    """The copies that sessions have of these records (agent, uuid), by uuid."""
    sql = "SELECT agent, uuid, forked_from FROM event WHERE person = ? AND session = ?"
    agents, uuids = sorted({agent for agent, _ in keys}), sorted({uuid for _, uuid in keys})
    asked: tuple[str, ...] = ()
    if len(agents) * len(uuids) <= LOOKED_UP:
        asked = (*agents, *uuids)
        sql += (
            f" AND agent IN ({', '.join('?' for _ in agents)}) AND uuid IN "
            f"({', '.join('?' for _ in uuids)})"
        )
    held: dict[str, Mask] = {}
    for session in sorted(sessions):
        for agent, uuid, forked_from in db.run(sql, (person, session, *asked)):
            if (agent, uuid) in keys:
                held[uuid] = held.get(uuid, 0) | copies.bit(Copy(session, forked_from))
    return held
