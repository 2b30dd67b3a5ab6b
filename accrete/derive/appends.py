"""What new lines of a session change: the owners in its cluster, or only the session itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from accrete.database import Database
from accrete.derive.clusters import CAPTURED, SESSIONS_AT_ONCE, asked, slices
from accrete.derive.moments import TOLD
from accrete.record import store

NEW_LINES = 200
"""New lines of a session that are looked at one by one; with more the owners are derived."""

_TOUCHED = """SELECT r.session FROM event e CROSS JOIN response r
WHERE e.person = ? AND e.session = ? AND e.id > ?
AND r.person = e.person AND r.message_id = e.message_id AND r.session <> e.session UNION
SELECT c.session FROM event e CROSS JOIN tool_call c
WHERE e.person = ? AND e.session = ? AND e.id > ?
AND c.person = e.person AND c.message_id = e.message_id AND c.session <> e.session UNION
SELECT o.session FROM agent_run o WHERE o.person = ? AND o.session <> ? AND o.agent IN (
  SELECT e.agent FROM event e WHERE e.person = ? AND e.session = ? AND e.id > ?
  AND e.agent <> '')"""


class Settled(NamedTuple):
    """Up to which event the owners of a session's records are derived (a row of `settled`)."""

    session: str
    event: int
    cluster: str | None = None
    own_at: int | None = None
    contender: int = 0
    alike: int = 0


def settled(db: Database, person: int, sessions: set[str]) -> dict[str, Settled]:
    """The settled state of these sessions."""
    sql = (
        f"SELECT {', '.join(Settled._fields)} FROM settled WHERE person = ? "
        f"AND session IN ({{marks}})"
    )
    rows = (
        row
        for some in slices(sorted(sessions), SESSIONS_AT_ONCE)
        for row in asked(db, person, sql, some)
    )
    return {row[0]: Settled(*row) for row in rows}


def family_of(db: Database, person: int, known: Settled) -> list[Settled]:
    """The settled state of all sessions in a session's cluster."""
    sql = f"SELECT {', '.join(Settled._fields)} FROM settled WHERE person = ? AND cluster = ?"
    return [Settled(*row) for row in db.run(sql, (person, known.cluster))]


_SETTLED = store.insert(
    "settled", ("person", *Settled._fields),
    "ON CONFLICT (person, session) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in Settled._fields[1:]),
)  # fmt: skip


def store_settled(db: Database, person: int, rows: Iterable[Settled]) -> None:
    """Stores up to which event owners are derived."""
    db.many(_SETTLED, [(person, *row) for row in rows])


def touched(db: Database, person: int, session: str, known: Settled | None) -> set[str]:
    """The owners of what new lines of a session say, and the sessions that have a subagent of
    theirs."""
    new = (person, session, known.event if known is not None else 0)
    return {row[0] for row in db.run(_TOUCHED, (*new, *new, person, session, *new))}


def appended(
    db: Database, person: int, session: str, known: Settled | None, upto: int, shared: bool
) -> Settled | None:
    """What is settled of a session after its new lines; None if they may change more than what the
    session owns.

    They do not where no other session holds one of them and they are no earlier than a line that no
    other holds; or they are the first such lines and its last ones. Then its place gets worse, or
    stays: where it was an owner for having no such line (`contender`, and `own_at` is new), others
    may own now what it owned. Rule 1 looks at the copies of the record itself."""
    if known is None or not shared:
        return None if shared else Settled(session, upto)
    new = db.run(
        f"SELECT DISTINCT uuid, agent, {TOLD} FROM event WHERE person = ? "
        "AND session = ? AND id > ?",
        (person, session, known.event),
    )
    if len(new) > NEW_LINES or any(
        _is_held_by_another(db, person, session, known, *row[:2]) for row in new
    ):
        return None
    times = [at for uuid, agent, at in new if not agent and uuid[:1] != "#" and at is not None]
    if not times:
        return known._replace(event=upto)
    first = min(times)
    if known.own_at is not None:
        return known._replace(event=upto) if first >= known.own_at else None
    last = db.run(
        f"SELECT MAX({TOLD}) FROM event WHERE person = ? "
        "AND session = ? AND agent = '' AND id <= ?",
        (person, session, known.event),
    )[0][0]
    if (known.contender and not known.alike) or (last is not None and first < last):
        return None
    return known._replace(event=upto, own_at=first)


def _is_held_by_another(
    db: Database, person: int, session: str, known: Settled, uuid: str, agent: str
) -> bool:
    return bool(
        db.run(
            f"""SELECT 1 FROM prompt p WHERE p.person = ? AND p.uuid = ? AND p.session <> ?
            AND {CAPTURED} UNION ALL
            SELECT 1 FROM event e CROSS JOIN response r
            WHERE e.person = ? AND e.session = ? AND e.agent = ? AND e.uuid = ?
              AND r.person = e.person AND r.message_id = e.message_id AND +r.contested = 1 UNION ALL
            SELECT 1 FROM settled s CROSS JOIN event o
            WHERE s.person = ? AND s.cluster = ? AND s.session <> ?
              AND o.person = s.person AND o.session = s.session AND o.agent = ? AND o.uuid = ?
              LIMIT 1""",
            (
                person,
                uuid,
                session,
                person,
                session,
                agent,
                uuid,
                person,
                known.cluster,
                session,
                agent,
                uuid,
            ),
        )
    )


def forget_settled(db: Database, person: int) -> None:
    """Marks all owners as undecided."""
    db.run("DELETE FROM settled WHERE person = ?", (person,))
    db.run("UPDATE event SET replayed = 0 WHERE person = ? AND replayed <> 0", (person,))


def unsettle(db: Database, person: int, sessions: Iterable[str]) -> None:
    """Owners in the clusters of these sessions are to be derived again, once one of them changes or
    is stale: what is settled goes by row numbers, and by which sessions hold what."""
    keys = [(person, session) for session in sorted(sessions)]
    db.many(
        """DELETE FROM settled WHERE person = ? AND cluster IN
        (SELECT s.cluster FROM settled s WHERE s.person = settled.person AND s.session = ?)""",
        keys,
    )
    db.many("DELETE FROM settled WHERE person = ? AND session = ?", keys)


def hand_back(db: Database, person: int, heirs: set[str], gone: set[str]) -> None:
    """Gives what `heirs` shared with deleted sessions to them, until owners are derived again."""
    keys = [(person, session) for session in sorted(heirs)]
    db.many("UPDATE prompt SET replayed = 0 WHERE person = ? AND session = ?", keys)
    db.many(
        "UPDATE event SET replayed = 0 WHERE person = ? AND session = ? AND replayed <> 0", keys
    )
    unsettle(db, person, heirs | gone)


def shared_ones(db: Database, person: int, sessions: list[str]) -> set[str]:
    """Those of these sessions that shared records with others when their owners were settled."""
    return {
        row.session
        for row in settled(db, person, set(sessions)).values()
        if row.cluster is not None
    }
