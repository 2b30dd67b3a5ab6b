"""Replaces what an older reader made of a record by what the newer one makes, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from accrete.database import Database
from accrete.derive.appends import unsettle
from accrete.model.batch import Batch
from accrete.model.captured import ResultFor, ToolResult
from accrete.record import store
from accrete.record.stored_facts import SWEPT
from accrete.transcript import READER_VERSION

OLD_RESULT = -1
"""Rank of a result that an older reader read: any result that is read anew goes before it."""

_KEPT_MESSAGE = """SELECT 1 FROM event e JOIN source_file f ON f.person = e.person
AND f.session = e.session
WHERE e.person = ? AND e.message_id = ? AND (f.missing_at IS NOT NULL OR f.lost = 1) LIMIT 1"""
_COPY_OF_GONE = """person = ? AND message_id = ? AND uuid = ? AND reader < ?
AND EXISTS (SELECT 1 FROM source_file f
WHERE f.person = event.person AND f.session = event.session AND (f.missing_at IS NOT NULL
OR f.lost = 1))"""
_OLD_EVENTS = f"""SELECT id, message_id FROM event WHERE person = ? AND session = ? AND agent = ?
    AND uuid = ? AND reader < {READER_VERSION}"""
_OLD_CALLS = f"""SELECT tool_use_id, session, agent, uuid, {", ".join(ToolResult._fields)}
FROM tool_call
WHERE person = ? AND message_id = ? AND reader < {READER_VERSION}"""


def current_sessions(db: Database, person: int) -> frozenset[str] | None:
    """The sessions of which no row is an older reader's; None if no row at all is."""
    old = ("source_file", "session")
    if not any(
        db.run(
            f"SELECT 1 FROM {t} WHERE person = ? AND reader < {READER_VERSION} LIMIT 1", (person,)
        )
        for t in old
    ):
        return None
    rows = db.run(
        "SELECT id FROM session WHERE person = ? AND reader >= ?", (person, READER_VERSION)
    )
    return frozenset(session for (session,) in rows)


def replace(db: Database, person: int, batch: Batch, current: frozenset[str] | None) -> set[str]:
    """Takes out what an older reader made of the records of a batch, in the transaction that stores
    the batch.
    Returns the messages whose rows may be shared now; `mark_shared` is to follow when the batch is
    stored.
    `current` is what `current_sessions` said.

    A message that a file which is gone holds too stays and is merged with: the file may have known
    more of it.
    """
    if current is None:
        return set()
    records = {(e.session, e.agent, e.uuid) for e in batch.events if e.session not in current}
    sessions, uuids = {session for session, _, _ in records}, {uuid for _, _, uuid in records}
    places = records | {("", agent, uuid) for _, agent, uuid in records}
    found = [
        (uuid, *row)
        for session, agent, uuid in sorted(places)
        for row in db.run(_OLD_EVENTS, (person, session, agent, uuid))
    ]
    store.delete_events(db, [event for _, event, _ in found])
    db.many(
        "DELETE FROM prompt WHERE person = ? AND session = ? AND uuid = ? AND reader < ?",
        [(person, session, uuid, READER_VERSION) for session, _, uuid in sorted(places)],
    )
    named = {e.message_id for e in batch.events if e.message_id and e.session not in current}
    renamed = _rename_copies(
        db, person, batch, {(uuid, message) for uuid, _, message in found if message}
    )
    old = named | {message for _, _, message in found if message}
    _take_out_responses(db, person, old, sessions)
    _take_out_calls(db, person, old, uuids)
    unsettle(db, person, sessions | renamed)
    return named


def _rename_copies(db: Database, person: int, batch: Batch, were: set[tuple[str, str]]) -> set[str]:
    """Copies, in files that are gone, of records that this reader puts to another message get that
    message too, so that both are one. `were`: (uuid, message) as an older reader had them. Returns
    the sessions that hold such copies."""
    now = {e.uuid: e.message_id for e in batch.events if e.message_id}
    touched: set[str] = set()
    for uuid, message in sorted(were):
        if now.get(uuid, message) == message:
            continue
        key = (person, message, uuid, READER_VERSION)
        copies = db.run(f"SELECT DISTINCT session FROM event WHERE {_COPY_OF_GONE}", key)
        db.run(f"UPDATE event SET message_id = ? WHERE {_COPY_OF_GONE}", (now[uuid], *key))
        touched.update(session for (session,) in copies)
    store.mark_stale(db, person, touched)
    return touched


def _take_out_responses(db: Database, person: int, messages: set[str], sessions: set[str]) -> None:
    """An older reader's rows of these messages: all where no file that is gone holds one, else
    those of `sessions` that no other session had a part in."""
    for message in sorted(messages):
        if not db.run(_KEPT_MESSAGE, (person, message)):
            db.run("DELETE FROM response WHERE person = ? AND message_id = ? AND reader < ?",
                   (person, message, READER_VERSION))  # fmt: skip
            continue
        db.many(
            "DELETE FROM response WHERE person = ? AND message_id = ? "
            "AND reader < ? AND contested = 0 AND session = ?",
            [(person, message, READER_VERSION, session) for session in sorted(sessions)],
        )


def _take_out_calls(db: Database, person: int, messages: Iterable[str], uuids: set[str]) -> None:
    """Calls of these records; what came of them waits until it is read anew or the call is stored
    again."""
    gone = []
    for message in sorted(messages):
        for use, session, agent, uuid, *told in db.run(_OLD_CALLS, (person, message)):
            if uuid not in uuids:
                continue
            gone.append((person, message, use))
            result = ToolResult._make(told)
            if result.result_rank:
                kept = result._replace(result_rank=OLD_RESULT)
                store.let_wait(db, ResultFor(person, session, agent, use, uuid, OLD_RESULT, kept))
    db.many("DELETE FROM tool_call WHERE person = ? AND message_id = ? AND tool_use_id = ?", gone)


def mark_shared(db: Database, person: int, messages: Iterable[str]) -> None:
    """Marks the responses to these messages that other sessions or agents hold copies of."""
    db.many(
        """UPDATE response SET contested = 1 WHERE person = ? AND message_id = ? AND EXISTS
        (SELECT 1 FROM event e
        WHERE e.person = response.person AND e.message_id = response.message_id
        AND (e.session <> response.session OR e.agent <> response.agent))""",
        [(person, message) for message in sorted(messages)],
    )


_PENDING = (
    "(missing_at IS NOT NULL OR lost = 1 OR error IS NOT "
    f"NULL OR reader < {READER_VERSION} OR size < read_to)"
)
_UNNAMED = f"""SELECT 1 FROM source_file WHERE person = ? AND session IS NULL
AND layout <> 'history' AND path NOT LIKE 'forgotten:%' AND {_PENDING} LIMIT 1"""
_WAITING = (
    "SELECT 1 FROM source_file WHERE person = ? "
    f"AND missing_at IS NULL AND reader < {READER_VERSION} LIMIT 1"
)


def mark_swept_if_empty(db: Database, person: int) -> None:
    """Notes that a record without rows is swept: after a first backfill that takes a look at each
    of them."""
    if store.fact(db, person, SWEPT) == str(READER_VERSION):
        return
    with db.transaction():
        if not any(db.run(f"SELECT 1 FROM {table} LIMIT 1") for table in ("source_file", *_ROWS)):
            store.set_fact(db, person, SWEPT, str(READER_VERSION))


def sweep(db: Database, person: int, *, read_again: bool) -> None:
    """Removes what only an older reader made of sessions whose every file is there and read anew,
    and notes which sessions no longer rest on one. Does nothing if nothing was read again since the
    last time."""
    if not read_again and store.fact(db, person, SWEPT) == str(READER_VERSION):
        return
    with db.transaction():
        unnamed = bool(db.run(_UNNAMED, (person,)))
        older = db.run(
            "SELECT id FROM session WHERE person = ? AND reader < ? ORDER BY id",
            (person, READER_VERSION),
        )
        for (session,) in older:
            if _is_whole(db, person, session, unnamed):
                _remove_old(db, person, session)
            if not _rests_on_old(db, person, session):
                db.run(
                    "UPDATE session SET reader = ?, stale = 1 WHERE person = ? AND id = ?",
                    (READER_VERSION, person, session),
                )
        if not unnamed:
            _remove_nobodys(db, person)
        if not db.run(_WAITING, (person,)):
            store.set_fact(db, person, SWEPT, str(READER_VERSION))


def _is_whole(db: Database, person: int, session: str, unnamed: bool) -> bool:
    """Whether every file of a session is there and read by this reader; `unnamed`: some file is
    not, and nobody knows which sessions it held."""
    files = db.run(
        f"SELECT CASE WHEN {_PENDING} THEN 1 ELSE 0 END FROM source_file WHERE person = ? "
        "AND session = ?",
        (person, session),
    )
    return not any(pending for (pending,) in files) if files else not unnamed


_OF_SESSION = ("prompt", "session_context", "session_pull_request")
_ROWS = ("event", "response", "tool_call")


def _remove_old(db: Database, person: int, session: str) -> None:
    key = (person, session, READER_VERSION)
    unsettle(db, person, [session])
    rows = db.run("SELECT id FROM event WHERE person = ? AND session = ? AND reader < ?", key)
    store.delete_events(db, [event for (event,) in rows])
    for table in _OF_SESSION:
        db.run(f"DELETE FROM {table} WHERE person = ? AND session = ? AND reader < ?", key)
    db.run(
        "DELETE FROM agent_run WHERE person = ? AND session = ? AND reader < ? AND derived = 0", key
    )
    for table in ("response", "tool_call"):  # a copy in a session whose file is gone keeps its row
        db.run(
            f"""DELETE FROM {table} WHERE person = ? AND session = ? AND reader < ? AND NOT EXISTS
            (SELECT 1 FROM event e
            WHERE e.person = {table}.person AND e.message_id = {table}.message_id)""",
            key,
        )
    db.run(
        "DELETE FROM waiting_result WHERE person = ? AND session = ? AND seq = ?",
        (person, session, OLD_RESULT),
    )
    nothing = ", ".join(f"{name} = NULL" for name in ToolResult._fields if name != "result_rank")
    db.run(
        f"UPDATE tool_call SET result_rank = 0, {nothing} WHERE person = ? "
        "AND session = ? AND result_rank = ?",
        (person, session, OLD_RESULT),
    )


def _rests_on_old(db: Database, person: int, session: str) -> bool:
    """Whether any row of the session is an older reader's."""
    return any(
        db.run(
            f"SELECT 1 FROM {table} WHERE person = ? AND session = ? AND reader < ? LIMIT 1",
            (person, session, READER_VERSION),
        )
        for table in _ROWS
    )


def _remove_nobodys(db: Database, person: int) -> None:
    """Records that an older reader left and that are of no session in the list of them."""
    nobodys = (
        "person = ? AND reader < ? AND session NOT IN (SELECT id FROM session WHERE person = ?)"
    )
    key = (person, READER_VERSION, person)
    store.delete_events(
        db, [event for (event,) in db.run(f"SELECT id FROM event WHERE {nobodys}", key)]
    )
    for table in (*_OF_SESSION, "response", "tool_call"):
        db.run(f"DELETE FROM {table} WHERE {nobodys}", key)
