"""Deletes for good: sessions, a project, everything before a day, or all; returns a receipt."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from accrete.care.copies import remove_copies
from accrete.database import Database, Sqlite
from accrete.derive.appends import hand_back
from accrete.derive.refresh import refresh
from accrete.derive.rest import RESTING
from accrete.derive.weeks import let_weeks_wait
from accrete.errors import AccreteError
from accrete.model.tables import OF_PERSON, OF_SESSION
from accrete.projects.settled import PROJECTS_SETTLED
from accrete.record import lock, spool, store
from accrete.record.file_names import name_of_file
from accrete.record.forgotten import forget_history
from accrete.record.project_words import forget_words, project_ids
from accrete.record.stored_facts import SCRUB_WAITS
from accrete.record.weeks import weeks_of
from accrete.settings import Settings


@dataclass(slots=True)
class Receipt:
    """What went, and what is left elsewhere. `kept_by`: sessions that hold copies of shared lines
    (forks, resumes).
    `transcripts`: files of Claude Code that still hold the words; Accrete does not touch them.
    `scrubbed`: whether the deleted bytes are gone from the data folder too; where they are not,
    `problem` says why."""

    sessions: list[str] = field(default_factory=list)
    prompts: int = 0
    responses: int = 0
    tool_calls: int = 0
    events: int = 0
    remembered_prompts: int = 0
    kept_by: list[str] = field(default_factory=list)
    transcripts: list[str] = field(default_factory=list)
    removed_files: list[str] = field(default_factory=list)
    at: int = 0
    scrubbed: bool = True
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class What:
    """What to forget: one of session ids, a project id, everything that ended before an instant, or
    all."""

    sessions: tuple[str, ...] = ()
    project: str | None = None
    before: int | None = None
    everything: bool = False


def preview(db: Database, person: int, what: What) -> list[str]:
    """The ids of the sessions that `what` means."""
    if what.everything:
        rows = db.run("SELECT id FROM session WHERE person = ? ORDER BY id", (person,))
    elif what.project is not None:
        rows = db.run(
            "SELECT id FROM session WHERE person = ? AND project = ? ORDER BY id",
            (person, what.project),
        )
    elif what.before is not None:
        rows = db.run(
            """SELECT id FROM session WHERE person = ? AND COALESCE(ended_at, (SELECT MAX(e.at)
            FROM event e
            WHERE e.person = session.person AND e.session = session.id)) < ? ORDER BY id""",
            (person, what.before),
        )
    else:
        return list(what.sessions)
    return [session for (session,) in rows]


def forget(settings: Settings, what: What, now: int, *, wait_s: float = 60) -> Receipt:
    """Deletes what `what` means so that no file of the data folder holds it, and keeps it from
    coming back.

    Raises AccreteError when nothing was deleted: another program holds the record for `wait_s`, or
    it cannot be written. What fails after that is told in the receipt: what is deleted is deleted,
    and asking again would delete something else.
    """
    with lock.held(settings.lock, wait_s=wait_s) as mine:
        if not mine:
            raise AccreteError(
                "Another ingest is running. Nothing was deleted. Wait until it ends and try again."
            )
        db, receipt = _delete_first(settings, what, now)
        try:
            with contextlib.suppress(
                AccreteError
            ):  # what is stale stays so: the next ingest derives it
                refresh(db, settings.person, settings)
            spool.clear(settings)
            receipt.removed_files = [str(path) for path in _remove_leftovers(settings)]
            _scrub_or_say(db, receipt)
        finally:
            db.close()
    return receipt


def _delete_first(settings: Settings, what: What, now: int) -> tuple[Sqlite, Receipt]:
    """The open database and what was deleted of it; raises AccreteError where nothing was."""
    db = None
    try:
        db = Sqlite(settings.database)
        spool.drain(db, settings.person, settings)
        return db, _delete(db, settings.person, what, now)
    except (AccreteError, sqlite3.Error) as error:
        if db is not None:
            db.close()
        raise AccreteError(f"Nothing was deleted. {error}") from error


def _scrub_or_say(db: Sqlite, receipt: Receipt) -> None:
    try:
        scrub(db)
    except AccreteError as error:
        receipt.scrubbed, receipt.problem = False, str(error)


def drop(settings: Settings, sessions: tuple[str, ...], now: int) -> Receipt:
    """Deletes sessions as forget does, but they may come back. Raises AccreteError as forget
    does."""
    with lock.held(settings.lock, wait_s=60) as mine:
        if not mine:
            raise AccreteError(
                "Another ingest is running. Nothing was deleted. Wait until it ends and try again."
            )
        db = Sqlite(settings.database)
        try:
            receipt = forget_within(db, settings, What(sessions=sessions), now, remember=False)
            scrub(db)
        finally:
            db.close()
    return receipt


def scrub_again(settings: Settings) -> list[Path]:
    """Scrubs the record after a forget that could not; returns the older copies of it that went.

    Raises AccreteError when another program holds the record."""
    with lock.held(settings.lock, wait_s=60) as mine:
        if not mine:
            raise AccreteError("Another ingest is running. Wait until it ends and try again.")
        db = Sqlite(settings.database)
        try:
            removed = _remove_leftovers(settings)
            scrub(db)
        finally:
            db.close()
    return removed


def forget_within(
    db: Database, settings: Settings, what: What, now: int, *, remember: bool = True
) -> Receipt:
    """Deletes and remembers, for a caller that holds the lock; the file still has to be
    scrubbed."""
    receipt = _delete(db, settings.person, what, now, remember=remember)
    refresh(db, settings.person, settings)
    return receipt


def _delete(db: Database, person: int, what: What, now: int, *, remember: bool = True) -> Receipt:
    """Deletes all of it or nothing; what shared lines with it is stale."""
    with db.transaction():
        ids = preview(db, person, what)
        receipt = Receipt(sessions=ids, at=now)
        receipt.transcripts = _transcripts(db, person, ids)
        if remember:
            _remember(db, person, what, ids, now)
        if what.project is not None:
            forget_words(db, person, project_ids(db, person, what.project))
        _history(db, person, what, ids, receipt)
        delete_sessions(db, person, ids, receipt)
        if what.everything:
            _delete_the_rest(db, person, receipt)
        if ids or what.everything:
            store.set_fact(db, store.RECORD, SCRUB_WAITS, "1")
    return receipt


def _transcripts(db: Database, person: int, ids: list[str]) -> list[str]:
    gone = set(ids)
    rows = db.run(
        "SELECT path, session FROM source_file WHERE person = ? "
        "AND missing_at IS NULL ORDER BY path",
        (person,),
    )
    return [path for path, session in rows if session in gone]


def _remember(db: Database, person: int, what: What, ids: list[str], now: int) -> None:
    rows = [(person, "session", identity, now) for identity in ids]
    if what.project is not None:
        rows.extend(
            (person, "project", each, now) for each in project_ids(db, person, what.project)
        )
    if what.before is not None:
        rows.append((person, "before", str(what.before), now))
    if what.everything:
        rows.append((person, "history", str(now), now))
        paths = db.run(
            """SELECT path FROM source_file WHERE person = ? AND (session IS NULL
            OR session NOT IN (SELECT s.id FROM session s WHERE s.person = source_file.person))""",
            (person,),
        )
        rows.extend((person, "file", name_of_file(path), now) for (path,) in paths)
    db.many(
        "INSERT INTO forgotten (person, what, value, at) "
        "VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        rows,
    )


def _history(db: Database, person: int, what: What, ids: list[str], receipt: Receipt) -> None:
    before = _count(db, person, "typed_history")
    if what.everything:
        db.run("DELETE FROM typed_history WHERE person = ?", (person,))
    db.many(
        "DELETE FROM typed_history WHERE person = ? AND session = ?",
        [(person, identity) for identity in ids],
    )
    if what.before is not None:
        db.run(
            "DELETE FROM typed_history WHERE person = ? AND COALESCE(at, 0) < ?",
            (person, what.before),
        )
    if what.project is not None:
        forget_history(db, person)
    receipt.remembered_prompts = before - _count(db, person, "typed_history")


def _count(db: Database, person: int, table: str) -> int:
    ((n,),) = db.run(f"SELECT COUNT(*) FROM {table} WHERE person = ?", (person,))
    return int(n)


def delete_sessions(db: Database, person: int, ids: Iterable[str], receipt: Receipt) -> None:
    """Deletes every row of these sessions. What they share with others goes over to those, which
    become stale.
    To be called in a transaction."""
    keys = [(person, identity) for identity in ids]
    for key in keys:
        ((prompts,),) = db.run(_OWN_PROMPTS, key)
        receipt.prompts += prompts
    let_weeks_wait(db, person, weeks_of(db, person, (session for _, session in keys)))
    sharers = {session for key in keys for (session,) in db.run(_SHARERS, key * 2)}
    for key in keys:
        receipt.events += _delete_events(db, key)
    _hand_over(db, person, keys, receipt, sharers)
    for table in OF_SESSION:
        db.many(f"DELETE FROM {table} WHERE person = ? AND session = ?", keys)
    db.many("DELETE FROM source_file WHERE person = ? AND session = ?", keys)
    db.many("DELETE FROM session WHERE person = ? AND id = ?", keys)
    for sql in _ORPHANS:
        db.run(sql)
    store.set_fact(db, person, RESTING, "{}")
    store.set_fact(db, person, PROJECTS_SETTLED, "")


def _delete_the_rest(db: Database, person: int, receipt: Receipt) -> None:
    """What belongs to no session: titles of others, records without one, files that named none."""
    receipt.events += _count(db, person, "event")
    store.delete_events(
        db, [event for (event,) in db.run("SELECT id FROM event WHERE person = ?", (person,))]
    )
    for table in OF_PERSON:
        db.run(f"DELETE FROM {table} WHERE person = ?", (person,))


_ORPHANS = (
    """DELETE FROM git_answer WHERE NOT EXISTS (SELECT 1 FROM tool_call t
      WHERE t.person = git_answer.person
      AND t.message_id = git_answer.message_id AND t.tool_use_id = git_answer.tool_use_id)""",
    """DELETE FROM pull_request WHERE NOT EXISTS (SELECT 1 FROM session_pull_request l
      WHERE l.person = pull_request.person AND l.url = pull_request.url)
      AND NOT EXISTS (SELECT 1 FROM session_pull l
      WHERE l.person = pull_request.person AND l.url = pull_request.url)""",
    """DELETE FROM workdir WHERE NOT EXISTS (SELECT 1 FROM session_context c
      WHERE c.person = workdir.person AND c.cwd = workdir.cwd)""",
    """DELETE FROM git_worktree WHERE NOT EXISTS (SELECT 1 FROM workdir w
      WHERE w.person = git_worktree.person AND w.root = git_worktree.repository)""",
    """DELETE FROM project WHERE NOT EXISTS (SELECT 1 FROM workdir w
      WHERE w.person = project.person AND w.project = project.id)""",
)


_OWN_PROMPTS = """SELECT COUNT(*) FROM prompt WHERE person = ? AND session = ? AND replayed = 0
AND kind IN ('typed_prompt', 'slash_command', 'shell_input')"""
_SHARERS = """SELECT o.session FROM prompt p JOIN prompt o ON o.person = p.person
AND o.uuid = p.uuid AND o.session <> p.session WHERE p.person = ? AND p.session = ? UNION
SELECT o.session FROM event e JOIN event o ON o.person = e.person AND o.message_id = e.message_id
AND o.session <> e.session WHERE e.person = ? AND e.session = ?"""


def _delete_events(db: Database, key: tuple[int, str]) -> int:
    """A session's events, and the summaries of it that stand in other sessions' files."""
    summaries = """SELECT s.id, s.session FROM event s WHERE s.person = ?
      AND s.kind = 'summary_title'
      AND s.parent IN (SELECT uuid FROM event WHERE person = ? AND session = ?)"""
    own = db.run("SELECT id FROM event WHERE person = ? AND session = ?", key)
    person, _ = key
    elsewhere = db.run(summaries, (person, *key))
    store.mark_changed(db, person, {session for _, session in elsewhere if session is not None})
    events = {event for event, *_ in (*own, *elsewhere)}
    store.delete_events(db, sorted(events))
    return len(events)


def _hand_over(
    db: Database, person: int, keys: list[tuple[int, str]], receipt: Receipt, sharers: set[str]
) -> None:
    """Responses and calls that another session also holds go over to it; the others are deleted."""
    heirs = set(sharers)
    for _, identity in keys:
        for table in ("response", "tool_call"):
            rows = db.run(
                f"""SELECT r.message_id, MIN(e.session), MIN(e.agent) FROM {table} r JOIN event e
                ON e.person = r.person AND e.message_id = r.message_id
                WHERE r.person = ? AND r.session = ? GROUP BY r.message_id""",
                (person, identity),
            )
            store.update_rows(
                db,
                table,
                ("person", "message_id"),
                ("session", "agent"),
                [(session, agent, person, message_id) for message_id, session, agent in rows],
            )
            heirs.update(session for _, session, _ in rows)
            ((count,),) = db.run(
                f"SELECT COUNT(*) FROM {table} WHERE person = ? AND session = ?", (person, identity)
            )
            db.run(f"DELETE FROM {table} WHERE person = ? AND session = ?", (person, identity))
            if table == "response":
                receipt.responses += count
            else:
                receipt.tool_calls += count
    gone = {identity for _, identity in keys}
    heirs -= gone
    hand_back(db, person, heirs, gone)
    store.mark_stale(db, person, heirs)
    receipt.kept_by = sorted(set(receipt.kept_by) | heirs)


def scrub(db: Sqlite) -> None:
    """Leaves no deleted byte behind: removes the copy from before an upgrade, merges the search
    index, rewrites the file, empties the log."""
    try:
        remove_copies(db.path)
        db.run("INSERT INTO event_search (event_search) VALUES ('optimize')")
        db.run("PRAGMA wal_checkpoint(TRUNCATE)")
        db.run("VACUUM")
        store.set_fact(db, store.RECORD, SCRUB_WAITS, "0")
        ((busy, *_),) = db.run("PRAGMA wal_checkpoint(TRUNCATE)")
        if busy:
            store.set_fact(db, store.RECORD, SCRUB_WAITS, "1")
    except (sqlite3.Error, AccreteError, OSError) as error:
        raise AccreteError(
            "The rows are deleted, but their bytes may still be in the file, because it could "
            f"not be rewritten ({_why(error)}). "
            f"Free {db.path.stat().st_size * 2 / 1e6:.1f} MB, close other programs that read "
            "the record, and run "
            "`accrete forget --scrub`."
        ) from error
    if busy:
        raise AccreteError(
            "The rows are deleted, but their bytes may still be in the record's log, because "
            "another program is reading it. "
            "Close it and run `accrete forget --scrub`."
        )


def _why(error: Exception) -> str:
    cause = error.__cause__ if isinstance(error, AccreteError) and error.__cause__ else error
    return "the disk is full" if "full" in str(cause) else str(cause)


def _remove_leftovers(settings: Settings) -> list[Path]:
    """Removes copies of the record that a restore or an upgrade kept in the data folder: they may
    hold what was forgotten."""
    removed = []
    with contextlib.suppress(OSError):  # scrub tries again, and says so
        removed += remove_copies(settings.database)
    for path in settings.home.glob("accrete.db.re*"):
        with contextlib.suppress(OSError):
            path.unlink()
            removed.append(path)
    return removed
