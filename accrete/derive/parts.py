"""Takes over parts: databases of some new sessions each, stored and derived by themselves.

A session that shares nothing with the record is as it would be had it been stored there. Of the
others nothing is taken, and their files are to be read again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from accrete.database import Sqlite
from accrete.derive.weeks import EVERY_WEEK, let_every_week_wait, let_weeks_wait
from accrete.record import store
from accrete.record.pull_states import renew_states
from accrete.record.stored_facts import SUMMARIES_WAIT, WEEKS_WAIT

_MET = """SELECT id FROM part.session WHERE id IN (SELECT id FROM main.session
  UNION SELECT session FROM main.hook_event UNION SELECT session FROM main.session_title
  UNION SELECT session FROM main.session_note UNION SELECT session FROM main.session_tag)
UNION SELECT p.session FROM part.prompt p CROSS JOIN main.prompt o
WHERE o.person = p.person AND o.uuid = p.uuid
UNION SELECT p.session FROM part.response p CROSS JOIN main.response o
WHERE o.person = p.person AND o.message_id = p.message_id
UNION SELECT p.session FROM part.tool_call p CROSS JOIN main.tool_call o
WHERE o.person = p.person AND o.message_id = p.message_id AND o.tool_use_id = p.tool_use_id"""
_NOT_ALONE = """SELECT id FROM part.session WHERE stale = 1
UNION SELECT session FROM part.settled WHERE cluster IS NOT NULL"""
_SAME_AGENTS = """SELECT DISTINCT o.session FROM part.settled s
JOIN part.agent_run p ON p.person = s.person AND p.session = s.session
JOIN main.agent_run o ON o.person = p.person AND o.agent = p.agent
WHERE s.cluster IS NOT NULL AND s.session NOT IN ({marks})"""
_COLUMNS = """SELECT t.name, c.name FROM part.sqlite_schema t, pragma_table_info(t.name, 'part') c
WHERE t.type = 'table' ORDER BY t.name, c.cid"""
_NUMBERED = {("event", "id"), ("settled", "event")}
"""Columns with the row id of an event."""
_OF_THE_PART = frozenset({"session_change"})
"""Tables whose numbers mean nothing beside the record's."""
_OF_KNOWN_PULLS = """SELECT s.session FROM part.session_pull_state s JOIN main.pull_request p
ON p.person = s.person AND p.url = s.url WHERE p.state IS NOT NULL"""
"""Sessions of the part with pull requests of which the record knows a state."""
_SUMMED_UP = """SELECT DISTINCT parent FROM main.event
WHERE person = ? AND kind = 'summary_title' AND parent IS NOT NULL"""
"""Records of which the record holds a summary: any of them may be of the part. To look for each
event of the part takes longer than to look for all of these again."""
_FOLDERS = """SELECT cwd, leads_to, root, remote, there, asked_at FROM part.workdir"""


class Held(NamedTuple):
    """What of a part is taken over or not as one: files, and the sessions that they name."""

    files: frozenset[str]
    sessions: frozenset[str]


def take_part(db: Sqlite, path: Path, person: int, held: Sequence[Held]) -> set[int]:
    """Takes the rows of a part into the record, in one transaction. Returns which of `held` were
    not taken, by their places."""
    with db.attached(path, "part"), db.transaction():
        left = _left(db, held)
        sessions = sorted(set().union(*(held[n].sessions for n in left)))
        files = sorted(set().union(*(held[n].files for n in left)))
        first = store.last_event(db)
        same = _SAME_AGENTS.format(marks=", ".join("?" * len(sessions)))
        store.mark_stale(db, person, {session for (session,) in db.run(same, sessions)})
        for table, columns in _tables(db).items():
            key, gone = {
                "session": ("id", sessions),
                "source_file": ("path", files),
            }.get(table, ("session", sessions))
            names = [name for name in columns if (table, name) != ("source_file", "id")]
            if key not in names or table in _OF_THE_PART:
                continue
            values = ", ".join(
                f"{name} + {first}" if (table, name) in _NUMBERED else name for name in names
            )
            db.run(
                f"""INSERT OR ROLLBACK INTO main.{table} ({", ".join(names)}) SELECT {values}
                FROM part.{table} WHERE {key} NOT IN ({", ".join("?" * len(gone))})""",
                gone,
            )
        db.run(
            """INSERT INTO main.pull_request (person, url, number, repository)
            SELECT person, url, number, repository FROM part.pull_request WHERE true
            ON CONFLICT DO NOTHING"""
        )
        renew_states(db, person, {session for (session,) in db.run(_OF_KNOWN_PULLS)})
        db.run(
            """INSERT INTO main.git_worktree (person, worktree, repository)
            SELECT person, worktree, repository FROM part.git_worktree WHERE true
            ON CONFLICT DO NOTHING"""
        )
        store.take_folders(db, person, db.run(_FOLDERS))
        store.index_events(db, first)
        _take_facts(db, person)
        store.place_all_waiting(db, person)
    return left


def _left(db: Sqlite, held: Sequence[Held]) -> set[int]:
    """Which of `held` have a session that the record knows, or shares something with; then those
    too that share something with others of the part."""
    met = {session for (session,) in db.run(_MET)}
    if not met:
        return set()
    met.update(session for (session,) in db.run(_NOT_ALONE))
    left: set[int] = set()
    while found := {n for n, each in enumerate(held) if each.sessions & met} - left:
        left |= found
        met = met.union(*(held[n].sessions for n in found))
    return left


def _tables(db: Sqlite) -> dict[str, list[str]]:
    tables: dict[str, list[str]] = {}
    for table, column in db.run(_COLUMNS):
        tables.setdefault(table, []).append(column)
    return tables


def _take_facts(db: Sqlite, person: int) -> None:
    said: dict[str, str] = dict(
        db.run("SELECT name, value FROM part.fact WHERE person = ?", (person,))
    )
    weeks = said.get(WEEKS_WAIT, "0")
    if weeks == EVERY_WEEK:
        let_every_week_wait(db, person)
    elif weeks != "0":
        let_weeks_wait(db, person, set(json.loads(weeks)))
    store.let_summaries_wait(db, person, store.named_summaries(said.get(SUMMARIES_WAIT)))
    store.let_summaries_wait(db, person, {each for (each,) in db.run(_SUMMED_UP, (person,))})
