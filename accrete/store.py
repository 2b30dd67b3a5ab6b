"""Every write: batches of captured rows, derived rows, positions, deletions. The same SQL on both engines.

Longer than a module should be because whoever asks what writes a captured row finds all of it in one place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import uuid4

from accrete.database import Database
from accrete.model import (
    SEARCHABLE_KINDS,
    AgentRun,
    Context,
    Event,
    Prompt,
    Response,
    ResultFor,
    ToolCall,
    ToolResult,
    TypedHistory,
)
from accrete.outcomes.git import FOUND, Answer
from accrete.projects import Project
from accrete.transcript.assemble import RANK_TIES, Batch

METADATA = "('summary_title','ai_title','custom_title','agent_name','agent_setting','tag','mode','permission_mode','cost_state','queue_operation','lineage')"
"""Bookkeeping that the client repeats: the last saying counts, so the largest `seq` is kept."""


SUMMARIES_WAIT = "summaries_wait"
"""The fact that summaries were stored whose sessions, which may stand in other files, were not looked for yet."""


def insert(table: str, columns: Sequence[str], tail: str) -> str:
    """An INSERT of one row into these columns, with what is to come behind it."""
    marks = ", ".join("?" for _ in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) {tail}"


def _seen(table: str) -> str:
    return f"embedded = CASE WHEN excluded.embedded = {table}.embedded THEN {table}.embedded ELSE 1 END"


_GIT_ANSWER = insert(
    "git_answer", ("person", "message_id", "tool_use_id", "part", "answer", "sha", "asked_at"),
    "ON CONFLICT (person, message_id, tool_use_id, part) DO UPDATE SET answer = excluded.answer, sha = excluded.sha, asked_at = excluded.asked_at",
)  # fmt: skip
_EVENT = insert(
    "event",
    Event._fields,
    f"""ON CONFLICT (person, session, agent, uuid, part) DO UPDATE SET
  seq = CASE WHEN (excluded.kind IN {METADATA}) = (excluded.seq > event.seq) THEN excluded.seq ELSE event.seq END,
  {
        ", ".join(
            f"{name} = CASE WHEN event.embedded = 2 AND excluded.embedded = 0 THEN excluded.{name} ELSE event.{name} END"
            for name in ("kind", "name", "size", "parent", "at", "message_id")
        )
    },
  {_seen("event")}
WHERE excluded.seq <> event.seq OR excluded.embedded <> event.embedded""",
)

_PROMPT = insert(
    "prompt",
    Prompt._fields,
    "ON CONFLICT (person, session, uuid) DO UPDATE SET seq = excluded.seq WHERE excluded.seq < prompt.seq",
)

_WINS = (
    "(excluded.output_tokens, excluded.input_tokens + excluded.cache_read_tokens + excluded.cache_write_tokens, "
    + ", ".join(f"COALESCE(excluded.{name}, '')" for name in RANK_TIES)
    + ") > (response.output_tokens, response.input_tokens + response.cache_read_tokens + response.cache_write_tokens, "
    + ", ".join(f"COALESCE(response.{name}, '')" for name in RANK_TIES)
    + ")"
)
_WON_FIELDS = (
    "model", "version", "branch", "skill", "effort", "input_tokens", "output_tokens", "cache_read_tokens",
    "cache_write_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "thinking_tokens", "web_searches",
    "has_usage", "stop_reason", "speed", "geo", "tier", "error", "synthetic",
)  # fmt: skip
_ELSEWHERE = "(excluded.session <> response.session OR excluded.agent <> response.agent)"


def _least(column: str, table: str, sign: str = "<") -> str:
    return (
        f"{column} = CASE WHEN {table}.{column} IS NULL OR excluded.{column} {sign} {table}.{column} "
        f"THEN excluded.{column} ELSE {table}.{column} END"
    )


_RESPONSE = insert(
    "response",
    Response._fields,
    f"""ON CONFLICT (person, message_id, request_id) DO UPDATE SET
  {", ".join(f"{name} = CASE WHEN {_WINS} THEN excluded.{name} ELSE response.{name} END" for name in _WON_FIELDS)},
  contested = CASE WHEN {_ELSEWHERE} OR excluded.contested = 1 THEN 1 ELSE response.contested END,
  {_least("seq", "response")}, {_least("at", "response")}, {_least("ended_at", "response", ">")},
  {_seen("response")}, {_least("sidechain", "response")}""",
)

_RESULT_GOES_FIRST = (
    "({new}result_rank > {old}result_rank OR ({new}result_rank = {old}result_rank AND "
    "(COALESCE({new}result_at, 0), COALESCE({new}result_uuid, '')) < (COALESCE({old}result_at, 0), COALESCE({old}result_uuid, ''))))"
)
_CALL_RESULT = ", ".join(
    f"{name} = CASE WHEN {_RESULT_GOES_FIRST.format(new='excluded.', old='tool_call.')} "
    f"THEN excluded.{name} ELSE tool_call.{name} END"
    for name in ToolResult._fields
)
_CALL_GOES_FIRST = (
    "(excluded.embedded, excluded.seq, excluded.uuid) < (tool_call.embedded, tool_call.seq, tool_call.uuid)"
)
_CALL_ITSELF = ", ".join(
    f"{name} = CASE WHEN {_CALL_GOES_FIRST} THEN excluded.{name} ELSE tool_call.{name} END"
    for name in ("uuid", "tool", "variant", "target", "input", "input_cut")
)
_TOOL_CALL_WITH_RESULT = insert(
    "tool_call",
    (*ToolCall._fields, *ToolResult._fields),
    f"""ON CONFLICT (person, message_id, tool_use_id) DO UPDATE SET
  {_CALL_ITSELF}, {_least("seq", "tool_call")}, {_least("at", "tool_call")}, {_seen("tool_call")},
  {_least("sidechain", "tool_call")}, {_CALL_RESULT}""",
)
_TOOL_CALL = insert(
    "tool_call",
    ToolCall._fields,
    f"""ON CONFLICT (person, message_id, tool_use_id) DO UPDATE SET
  {_CALL_ITSELF}, {_least("seq", "tool_call")}, {_least("at", "tool_call")}, {_seen("tool_call")},
  {_least("sidechain", "tool_call")}""",
)
_RESULT_LATER = f"""UPDATE tool_call SET {", ".join(f"{name} = ?" for name in ToolResult._fields)}
WHERE person = ? AND message_id = ? AND tool_use_id = ?
  AND (? > result_rank OR (? = result_rank AND (COALESCE(result_at, 0), COALESCE(result_uuid, '')) > (?, ?)))"""

_AGENT_FIELDS = ("type", "task", "name", "tool_use_id", "parent_agent", "workflow", "layout")
_FROM_META = "(excluded.layout IS NOT NULL AND (agent_run.layout IS NULL OR agent_run.layout = excluded.layout))"
_AGENT = insert(
    "agent_run",
    AgentRun._fields,
    "ON CONFLICT (person, session, agent) DO UPDATE SET "
    + ", ".join(
        f"{name} = CASE WHEN excluded.{name} IS NULL THEN agent_run.{name} "
        f"WHEN agent_run.{name} IS NULL OR {_FROM_META} THEN excluded.{name} "
        f"WHEN agent_run.layout IS NULL AND excluded.{name} < agent_run.{name} THEN excluded.{name} "
        f"ELSE agent_run.{name} END"
        for name in _AGENT_FIELDS
    )
    + ", derived = 0",
)
"""Of a run's own file and its `.meta.json` the newest saying counts, and goes before what progress records say; of
those the least text, so that no order of reading shows."""

_CONTEXT = insert(
    "session_context",
    Context._fields,
    "ON CONFLICT (person, session, cwd, branch, version, entrypoint, teammate) DO UPDATE SET "
    + ", ".join((_least("first_seq", "session_context"), _least("last_seq", "session_context", ">"))),
)

_PULL_REQUEST = "INSERT INTO pull_request (person, url, number, repository) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
_SESSION_PULL_REQUEST = (
    "INSERT INTO session_pull_request (person, session, url, at) VALUES (?, ?, ?, ?) "
    f"ON CONFLICT (person, session, url) DO UPDATE SET {_least('at', 'session_pull_request')}"
)

_HISTORY = insert("typed_history", TypedHistory._fields, "ON CONFLICT DO NOTHING")

_SESSION = (
    "INSERT INTO session (person, id, zone, stale) VALUES (?, ?, ?, 1) "
    "ON CONFLICT (person, id) DO UPDATE SET stale = 1, source_missing_at = NULL"
)


def store_batch(db: Database, batch: Batch, *, person: int, zone: str) -> None:
    """All rows of a batch, merged by identity with what is stored; its sessions become stale. To be called in a
    transaction. `zone` is given to sessions that are new."""
    first = _last_event(db)
    sessions = batch.sessions | {event.session for event in batch.events if event.session}
    sessions |= {session for session, _ in batch.agents}
    db.many(_SESSION, [(person, session, zone) for session in sorted(batch.sessions)])
    if sessions - batch.sessions:
        db.many("UPDATE session SET stale = 1 WHERE person = ? AND id = ?",
                [(person, session) for session in sorted(sessions - batch.sessions)])  # fmt: skip
    db.many(_EVENT, batch.events)
    db.many(_PROMPT, batch.prompts)
    db.many(_RESPONSE, batch.responses.values())
    _store_calls(db, batch)
    db.many(_AGENT, batch.agents.values())
    db.many(_CONTEXT, [(person, *key, *seqs) for key, seqs in batch.contexts.items()])
    links = list(batch.pull_requests.values())
    db.many(_PULL_REQUEST, [(link.person, link.url, link.number, link.repository) for link in links])
    db.many(_SESSION_PULL_REQUEST, [(link.person, link.session, link.url, link.at) for link in links])
    _index_events(db, first)
    if any(event.kind == "summary_title" for event in batch.events):
        set_fact(db, SUMMARIES_WAIT, "1")


def _store_calls(db: Database, batch: Batch) -> None:
    calls = batch.tool_calls.values()
    db.many(_TOOL_CALL_WITH_RESULT, [(*call, *result) for call, result in calls if result is not None])
    db.many(_TOOL_CALL, [call for call, result in calls if result is None])
    for late in batch.results:
        if not _place(db, late):
            db.run(_WAIT, (late.person, late.session, late.agent, late.tool_use_id, late.call_uuid or "", late.seq,
                           json.dumps(late.result)))  # fmt: skip
    if calls and db.run("SELECT 1 FROM waiting_result LIMIT 1"):
        _place_waiting(db, sorted({(call.person, call.tool_use_id) for call, _ in calls}))


def _place(db: Database, late: ResultFor) -> bool:
    """Puts a result to its call; False when the call was not read yet."""
    message_id = _call_of(db, late)
    if message_id is None:
        return False
    result = late.result
    rank, at, uuid = result.result_rank, result.result_at or 0, result.result_uuid
    db.run(_RESULT_LATER, (*result, late.person, message_id, late.tool_use_id, rank, rank, at, uuid))
    return True


_WAIT = insert(
    "waiting_result",
    ("person", "session", "agent", "tool_use_id", "call_uuid", "seq", "result"),
    "ON CONFLICT DO NOTHING",
)
_WAITING = """SELECT person, session, agent, tool_use_id, call_uuid, seq, result FROM waiting_result
WHERE person = ? AND tool_use_id = ? ORDER BY session, agent, seq"""


def _place_waiting(db: Database, keys: list[tuple[int, str]]) -> None:
    for key in keys:
        for *place, call_uuid, seq, result in db.run(_WAITING, key):
            if _place(db, ResultFor._make((*place, call_uuid or None, seq, ToolResult._make(json.loads(result))))):
                db.run(
                    "DELETE FROM waiting_result WHERE person = ? AND session = ? AND agent = ? AND tool_use_id = ? AND seq = ?",
                    (*place, seq),
                )
                db.run("UPDATE session SET stale = 1 WHERE person = ? AND id = ?", (place[0], place[1]))


_CALL_IN_RECORD = """SELECT message_id FROM event
WHERE person = ? AND session = ? AND agent = ? AND uuid = ? AND tool_use_id = ? AND kind = 'tool_call'"""
_CALL_BEFORE = """SELECT message_id FROM event
WHERE person = ? AND session = ? AND agent = ? AND kind = 'tool_call' AND tool_use_id = ?
  AND message_id IN (SELECT message_id FROM tool_call WHERE person = ? AND tool_use_id = ?)
ORDER BY CASE WHEN seq <= ? THEN 0 ELSE 1 END, ABS(seq - ?) LIMIT 1"""
_CALL_ANYWHERE = (
    "SELECT message_id FROM tool_call WHERE person = ? AND tool_use_id = ? ORDER BY seq, message_id LIMIT 2"
)


def _call_of(db: Database, late: ResultFor) -> str | None:
    """The message that made the call a result answers: in the record the result names, else the nearest before it
    in the same line of the session, else anywhere."""
    place = (late.person, late.session, late.agent)
    use = late.tool_use_id
    known = db.run(_CALL_ANYWHERE, (late.person, use))
    if len(known) < 2:
        return str(known[0][0]) if known else None
    rows = db.run(_CALL_IN_RECORD, (*place, late.call_uuid, use)) if late.call_uuid else []
    rows = rows or db.run(_CALL_BEFORE, (*place, use, late.person, use, late.seq, late.seq))
    return str((rows or known)[0][0])


_SEARCHABLE = ", ".join(f"'{kind}'" for kind in SEARCHABLE_KINDS)


def _last_event(db: Database) -> int:
    return db.run("SELECT COALESCE(MAX(id), 0) FROM event")[0][0] if db.dialect == "sqlite" else 0


def _index_events(db: Database, after: int) -> None:
    """Puts new searchable events into SQLite's index (PostgreSQL keeps its own)."""
    if db.dialect == "sqlite":
        db.run(
            "INSERT INTO event_search (rowid, text) SELECT id, text FROM event "
            f"WHERE id > ? AND text IS NOT NULL AND kind IN ({_SEARCHABLE})",
            (after,),
        )


def store_history(db: Database, rows: Iterable[TypedHistory]) -> None:
    """Prompts that `history.jsonl` remembers."""
    db.many(_HISTORY, rows)


def update_rows(
    db: Database, table: str, keys: Sequence[str], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Sets derived columns of rows: each row is the columns' values, then the keys'."""
    sets = ", ".join(f"{column} = ?" for column in columns)
    where = " AND ".join(f"{key} = ?" for key in keys)
    db.many(f"UPDATE {table} SET {sets} WHERE {where}", rows)


_QUEUED = insert("prompt", Prompt._fields, "ON CONFLICT DO NOTHING")


def add_queued_prompts(db: Database, rows: Iterable[Sequence[Any]]) -> None:
    """Prompts that stand only in the queue's records (columns of model.Prompt)."""
    db.many(_QUEUED, rows)


def forget_derived_runs(db: Database, key: tuple[int, str]) -> None:
    """The subagents of the session `key` (person, id) that an earlier derivation added."""
    db.run("DELETE FROM agent_run WHERE person = ? AND session = ? AND derived = 1", key)


def add_agent_runs(db: Database, rows: Iterable[tuple[int, str, str]]) -> None:
    """Subagents that only their own lines or calls tell of: (person, session, agent)."""
    db.many("INSERT INTO agent_run (person, session, agent, derived) VALUES (?, ?, ?, 1) ON CONFLICT DO NOTHING", rows)


def replace_work_blocks(db: Database, key: tuple[int, str], rows: Iterable[Sequence[Any]]) -> None:
    """The work blocks of the session `key` (person, id)."""
    db.run("DELETE FROM work_block WHERE person = ? AND session = ?", key)
    db.many(
        "INSERT INTO work_block (person, session, started_at, ended_at, active_ms, local_day) VALUES (?, ?, ?, ?, ?, ?)",
        rows,
    )


def ensure_person(db: Database, person: int) -> None:
    """The one person of a local database, made when it is not there yet."""
    if not db.run("SELECT 1 FROM person WHERE id = ?", (person,)):
        with db.transaction():
            db.run(
                "INSERT INTO person (id, uuid, name) VALUES (?, ?, 'me') ON CONFLICT DO NOTHING", (person, str(uuid4()))
            )


def known_folders(db: Database, person: int) -> set[str]:
    """The folders whose project is known."""
    return {row[0] for row in db.run("SELECT cwd FROM workdir WHERE person = ?", (person,))}


def add_folders(db: Database, person: int, projects: Mapping[str, Project]) -> None:
    """Folders and the projects they belong to."""
    db.many(
        "INSERT INTO project (person, id, name, remote, root) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(person, *project) for project in projects.values()],
    )
    db.many(
        "INSERT INTO workdir (person, cwd, project) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(person, cwd, project.id) for cwd, project in projects.items()],
    )


_USAGE = insert(
    "session_usage",
    ("person", "session", "local_day", "model", "branch", "delegated", "responses", "input_tokens", "output_tokens",
     "cache_read_tokens", "cache_write_tokens", "web_searches", "cost_nano", "unpriced", "lower_bound"),
    "",
)  # fmt: skip


def replace_usage(db: Database, key: tuple[int, str], rows: Iterable[Sequence[Any]]) -> None:
    """The responses of the session `key` (person, id), added up by day, model, branch and whether delegated."""
    db.run("DELETE FROM session_usage WHERE person = ? AND session = ?", key)
    db.many(_USAGE, [(*key, *row) for row in rows])


def replace_tools(db: Database, key: tuple[int, str], rows: Iterable[tuple[str, str, int, int]]) -> None:
    """The tool calls of the session `key` (person, id) by day and tool: (day, tool, calls, errors)."""
    db.run("DELETE FROM session_tool WHERE person = ? AND session = ?", key)
    db.many("INSERT INTO session_tool (person, session, local_day, tool, calls, errors) VALUES (?, ?, ?, ?, ?, ?)",
            [(*key, *row) for row in rows])  # fmt: skip


def mark_stale(db: Database, person: int, sessions: Iterable[str]) -> None:
    """Sessions that are to be derived anew."""
    db.many(
        "UPDATE session SET stale = 1 WHERE person = ? AND id = ?", [(person, session) for session in sorted(sessions)]
    )


class HookRow(NamedTuple):
    """One event that a hook wrote down."""

    person: int
    session: str
    event: str
    at: int
    hash: str
    zone: str | None
    detail: str


_HOOK_EVENT = insert("hook_event", HookRow._fields, "ON CONFLICT DO NOTHING")


def add_hook_event(db: Database, row: HookRow, *, within_ms: int) -> bool:
    """Stores an event unless a copy of it is there, sent at the same moment by another hook; returns whether it did."""
    copies = db.run(
        "SELECT 1 FROM hook_event WHERE person = ? AND session = ? AND event = ? AND hash = ? AND at > ? AND at < ? LIMIT 1",
        (row.person, row.session, row.event, row.hash, row.at - within_ms, row.at + within_ms),
    )
    if not copies:
        db.run(_HOOK_EVENT, row)
    return not copies


def take_zones(db: Database, person: int) -> None:
    """Gives the sessions that are to be derived the zone that a hook saw them begin in, in place of the assumed one."""
    rows = db.run(
        """SELECT s.id, h.zone, h.detail FROM session s JOIN hook_event h ON h.person = s.person AND h.session = s.id
        WHERE s.person = ? AND s.stale = 1 AND s.zone_assumed = 1 AND h.event = 'SessionStart' AND h.zone IS NOT NULL ORDER BY h.at""",
        (person,),
    )
    zones: dict[str, str] = {}
    for session, zone, detail in rows:
        if json.loads(detail).get("source") not in ("resume", "compact"):  # a later beginning says nothing of the first
            zones.setdefault(session, zone)
    db.many(
        "UPDATE session SET zone_assumed = 0, zone = ? WHERE person = ? AND id = ?",
        [(zone, person, session) for session, zone in zones.items()],
    )


def assume_zone(db: Database, person: int, zone: str) -> None:
    """Gives the sessions whose zone nobody saw the zone that is assumed now; those of another become stale."""
    db.run(
        "UPDATE session SET zone = ?, stale = 1 WHERE person = ? AND zone_assumed = 1 AND zone <> ?",
        (zone, person, zone),
    )


def mark_underivable(db: Database, person: int, session: str, version: int, error: str) -> None:
    """A session that could not be worked out; the next version or a rebuild tries again."""
    db.run(
        "UPDATE session SET stale = 0, derived_version = ?, derive_error = ? WHERE person = ? AND id = ?",
        (version, error, person, session),
    )


def store_git_answers(db: Database, person: int, said: Iterable[Answer], now: int) -> None:
    """What git answered. Where a commit turns out to fit a call that it was found for before, it is neither's."""
    rows = [(person, *answer.key, answer.answer, answer.sha, now) for answer in said]
    db.many(_GIT_ANSWER, rows)
    for row in rows:
        if row[4] == FOUND:
            others = db.run(
                """SELECT COUNT(*) FROM git_answer WHERE person = ? AND sha = ? AND answer IN ('found', 'ambiguous')
                AND (message_id <> ? OR tool_use_id <> ?)""", (person, row[5], row[1], row[2]))  # fmt: skip
            if others[0][0]:
                db.run("UPDATE git_answer SET answer = 'ambiguous' WHERE person = ? AND sha = ?", (person, row[5]))
                db.run(
                    """UPDATE session SET stale = 1 WHERE person = ? AND id IN (SELECT t.session FROM git_answer a JOIN tool_call t
                    ON t.person = a.person AND t.message_id = a.message_id AND t.tool_use_id = a.tool_use_id
                    WHERE a.person = ? AND a.sha = ?)""", (person, person, row[5]))  # fmt: skip


def delete_events(db: Database, ids: Sequence[int]) -> None:
    """Deletes events by row id, out of the search index too."""
    keys = [(identity,) for identity in ids]
    if db.dialect == "sqlite":
        db.many(
            "INSERT INTO event_search (event_search, rowid, text) SELECT 'delete', id, text FROM event "
            f"WHERE id = ? AND text IS NOT NULL AND kind IN ({_SEARCHABLE})",
            keys,
        )
    db.many("DELETE FROM event WHERE id = ?", keys)


def rebuild_search(db: Database) -> None:
    """Makes SQLite's search index anew from the stored texts."""
    if db.dialect == "sqlite":
        db.run("INSERT INTO event_search (event_search) VALUES ('delete-all')")
        _index_events(db, 0)


def replace_event_texts(db: Database, rows: Sequence[tuple[str, int]]) -> None:
    """New texts of events: (text, row id); the search index follows."""
    ids = [(identity,) for _, identity in rows]
    if db.dialect == "sqlite":
        db.many(
            "INSERT INTO event_search (event_search, rowid, text) SELECT 'delete', id, text FROM event "
            f"WHERE id = ? AND text IS NOT NULL AND kind IN ({_SEARCHABLE})",
            ids,
        )
    db.many("UPDATE event SET text = ? WHERE id = ?", rows)
    if db.dialect == "sqlite":
        db.many(
            f"INSERT INTO event_search (rowid, text) SELECT id, text FROM event WHERE id = ? AND text IS NOT NULL "
            f"AND kind IN ({_SEARCHABLE})",
            ids,
        )


def fact(db: Database, name: str) -> str | None:
    """A fact about the record itself, None where it was never stored."""
    rows = db.run("SELECT value FROM fact WHERE name = ?", (name,))
    return rows[0][0] if rows else None


def set_fact(db: Database, name: str, value: str) -> None:
    """Stores a fact about the record itself."""
    db.run(
        "INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
