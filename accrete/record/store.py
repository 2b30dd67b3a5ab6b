"""Every write: batches of captured rows, derived rows, positions, deletions. The same SQL on both
engines.

Longer than a module should be because whoever asks what writes a captured row finds all of it in
one place.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import uuid4

from accrete.database import Database
from accrete.model.batch import Batch
from accrete.model.captured import (
    AgentRun,
    Context,
    Event,
    HookEvent,
    Prompt,
    Response,
    ResultFor,
    ToolCall,
    ToolResult,
    TypedHistory,
)
from accrete.model.sessions import Finding, Inference, SessionUsage, WorkBlock
from accrete.outcomes.git import FOUND, Answer
from accrete.projects.repository import Seen
from accrete.projects.settled import PROJECTS_SETTLED
from accrete.record.searchable import SEARCHABLE
from accrete.record.stored_facts import RECORD as RECORD
from accrete.record.stored_facts import SEARCH_INDEX, SUMMARIES_WAIT, search_is_current
from accrete.record.stored_facts import fact as fact
from accrete.record.stored_facts import set_fact as set_fact
from accrete.text.terms import INDEX_VERSION, spread, words
from accrete.transcript import READER_VERSION
from accrete.transcript.identity import is_minted_use
from accrete.transcript.ranks import OF_COPIES, RANK_NUMBERS, RANK_TIES
from accrete.transcript.usage import DECLINED, with_declined

METADATA = (
    "('summary_title','ai_title','custom_title','agent_name','agent_setting','tag','mode',"
    "'permission_mode','cost_state','queue_operation','lineage')"
)
"""Bookkeeping that the client repeats: the last saying counts, so the largest `seq` is kept."""


_MANY = "1"
FEW_SUMMARIES = 20
"""Summaries whose sessions are looked for one by one; for more, as a backfill stores them, one walk
over all is faster."""


def insert(table: str, columns: Sequence[str], tail: str, *, read: Sequence[str] = ()) -> str:
    """An INSERT of one row into these columns, with what is to come behind it. `read` are further
    columns that get the version of this reader."""
    marks = ", ".join(["?"] * len(columns) + [str(READER_VERSION)] * len(read))
    return f"INSERT INTO {table} ({', '.join((*columns, *read))}) VALUES ({marks}) {tail}"


def _seen(table: str) -> str:
    return (
        "embedded = CASE WHEN excluded.embedded = "
        f"{table}.embedded THEN {table}.embedded ELSE 1 END"
    )


_GIT_ANSWER = insert(
    "git_answer",
    ("person", "message_id", "tool_use_id", "part", "answer", "sha", "asked_at"),
    "ON CONFLICT (person, message_id, tool_use_id, part) DO UPDATE SET answer = excluded.answer, "
    "sha = excluded.sha, asked_at = excluded.asked_at",
)
_NAMED_BETTER = "event.message_id = excluded.message_id || '#' || event.uuid"
"""Ids as the API mints them go before a line's own (transcript/identity.py)."""
_EVENT = insert(
    "event",
    Event._fields,
    f"""ON CONFLICT (person, session, agent, uuid, part) DO UPDATE SET
  seq = CASE WHEN (excluded.kind IN {
        METADATA
    }) = (excluded.seq > event.seq) THEN excluded.seq ELSE event.seq END,
  {
        ", ".join(
            f"{name} = CASE WHEN event.embedded = 2 AND excluded.embedded = 0 "
            f"THEN excluded.{name} ELSE event.{name} END"
            for name in ("kind", "name", "size", "parent", "at")
        )
    },
  message_id = CASE WHEN (event.embedded = 2 AND excluded.embedded = 0) OR {
        _NAMED_BETTER
    } THEN excluded.message_id
    ELSE event.message_id END,
  {_seen("event")}
WHERE excluded.seq <> event.seq OR excluded.embedded <> event.embedded OR {_NAMED_BETTER}""",
    read=("reader",),
)

_PROMPT = insert(
    "prompt",
    Prompt._fields,
    "ON CONFLICT (person, session, uuid) DO UPDATE SET seq = excluded.seq "
    "WHERE excluded.seq < prompt.seq",
    read=("reader",),
)


def _rank(table: str) -> str:
    """The order of `usage_rank` in SQL."""
    given = " + ".join(
        f"{table}.{name}" for name in ("input_tokens", "cache_read_tokens", "cache_write_tokens")
    )
    numbers = [f"{table}.{name}" for name in RANK_NUMBERS]
    texts = [f"COALESCE({table}.{name}, '')" for name in RANK_TIES]
    return f"({', '.join([f'{table}.output_tokens', given, *numbers, *texts])})"


_WINS = f"{_rank('excluded')} > {_rank('response')}"
_WON_FIELDS = (
    "model",
    "skill",
    "plugin",
    "mcp_server",
    "effort",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "thinking_tokens",
    "web_searches",
    "has_usage",
    "stop_reason",
    "speed",
    "geo",
    "tier",
    "error",
    "refusal",
    "iterations",
    "synthetic",
)
_ELSEWHERE = "(excluded.session <> response.session OR excluded.agent <> response.agent)"


def _least(column: str, table: str, sign: str = "<") -> str:
    return (
        f"{column} = CASE WHEN {table}.{column} IS NULL OR excluded.{column} {sign} "
        f"{table}.{column} "
        f"THEN excluded.{column} ELSE {table}.{column} END"
    )


_RESPONSE = insert(
    "response",
    Response._fields,
    f"""ON CONFLICT (person, message_id, request_id) DO UPDATE SET
  {
        ", ".join(
            f"{name} = CASE WHEN {_WINS} THEN excluded.{name} ELSE response.{name} END"
            for name in _WON_FIELDS
        )
    },
  contested = CASE WHEN {_ELSEWHERE} OR excluded.contested = 1 THEN 1 ELSE response.contested END,
  {", ".join(_least(name, "response") for name in OF_COPIES)},
  {_least("seq", "response")}, {_least("at", "response")}, {_least("ended_at", "response", ">")},
  {_seen("response")}, {_least("sidechain", "response")}, reader = excluded.reader""",
    read=("reader",),
)

_RESULT_GOES_FIRST = (
    "({new}result_rank > {old}result_rank OR ({new}result_rank = {old}result_rank AND "
    "(COALESCE({new}result_at, 0), COALESCE({new}result_uuid, '')) < "
    "(COALESCE({old}result_at, 0), COALESCE({old}result_uuid, ''))))"
)
_CALL_RESULT = ", ".join(
    f"{name} = CASE WHEN {_RESULT_GOES_FIRST.format(new='excluded.', old='tool_call.')} "
    f"THEN excluded.{name} ELSE tool_call.{name} END"
    for name in ToolResult._fields
)
_CALL_GOES_FIRST = (
    "(excluded.embedded, excluded.seq, excluded.uuid) < "
    "(tool_call.embedded, tool_call.seq, tool_call.uuid)"
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
  {_least("sidechain", "tool_call")}, {_CALL_RESULT}, reader = excluded.reader""",
    read=("reader",),
)
_TOOL_CALL = insert(
    "tool_call",
    ToolCall._fields,
    f"""ON CONFLICT (person, message_id, tool_use_id) DO UPDATE SET
  {_CALL_ITSELF}, {_least("seq", "tool_call")}, {_least("at", "tool_call")}, {_seen("tool_call")},
  {_least("sidechain", "tool_call")}, reader = excluded.reader""",
    read=("reader",),
)
_RESULT_LATER = f"""UPDATE tool_call SET {", ".join(f"{name} = ?" for name in ToolResult._fields)}
WHERE person = ? AND message_id = ? AND tool_use_id = ?
  AND (status IS NULL OR ? > result_rank OR (? = result_rank AND (COALESCE(result_at, 0),
  COALESCE(result_uuid, '')) > (?, ?)))"""

_AGENT_FIELDS = ("type", "task", "name", "tool_use_id", "parent_agent", "workflow", "layout")
_FROM_META = (
    "(excluded.layout IS NOT NULL "
    "AND (agent_run.layout IS NULL OR agent_run.layout = excluded.layout))"
)
_AGENT = insert(
    "agent_run",
    AgentRun._fields,
    "ON CONFLICT (person, session, agent) DO UPDATE SET "
    + ", ".join(
        f"{name} = CASE WHEN excluded.{name} IS NULL THEN agent_run.{name} "
        f"WHEN excluded.reader > agent_run.reader OR agent_run.{name} IS NULL OR {_FROM_META} "
        f"THEN excluded.{name} "
        f"WHEN agent_run.layout IS NULL AND excluded.{name} < agent_run.{name} THEN "
        f"excluded.{name} "
        f"ELSE agent_run.{name} END"
        for name in _AGENT_FIELDS
    )
    + ", derived = 0, reader = excluded.reader",
    read=("reader",),
)
"""Of a run's own file and its `.meta.json` the newest saying counts, and goes before what progress
records say; of those the least text, so that no order of reading shows."""

_CONTEXT = insert(
    "session_context",
    Context._fields,
    "ON CONFLICT (person, session, cwd, branch, version, entrypoint, teammate) DO UPDATE SET "
    + ", ".join(
        (_least("first_seq", "session_context"), _least("last_seq", "session_context", ">"))
    )
    + ", reader = excluded.reader",
    read=("reader",),
)

_PULL_REQUEST = (
    "INSERT INTO pull_request (person, url, number, "
    "repository) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_SESSION_PULL_REQUEST = insert(
    "session_pull_request",
    ("person", "session", "url", "at"),
    "ON CONFLICT (person, session, "
    f"url) DO UPDATE SET {_least('at', 'session_pull_request')}, reader = excluded.reader",
    read=("reader",),
)

_HISTORY = insert(
    "typed_history",
    TypedHistory._fields,
    "ON CONFLICT (person, id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in ("at", "project_path", "session", "text")),
)

_SESSION = insert(
    "session",
    ("person", "id", "zone"),
    "ON CONFLICT (person, id) DO UPDATE SET stale = 1, source_missing_at = NULL",
    read=("reader",),
)

_CALLER_IS_STALE = """UPDATE session SET stale = 1 WHERE person = ? AND stale = 0 AND id IN (
SELECT session FROM tool_call WHERE person = ? AND message_id = ? AND tool_use_id = ?)"""


def store_batch(
    db: Database, batch: Batch, *, person: int, zone: str, searchable: bool = True
) -> None:
    """All rows of a batch, merged by identity with what is stored; its sessions become stale. To be
    called in a transaction. `zone` is given to sessions that are new. Without `searchable` its
    texts are left out of the search index."""
    first = last_event(db)
    sessions = batch.named
    db.many(_SESSION, [(person, session, zone) for session in sorted(batch.sessions)])
    if sessions - batch.sessions:
        db.many("UPDATE session SET stale = 1 WHERE person = ? AND id = ?",
                [(person, session) for session in sorted(sessions - batch.sessions)])  # fmt: skip
    _store_responses(db, batch, person)
    db.many(_EVENT, batch.events)
    db.many(_PROMPT, batch.prompts)
    _store_calls(db, batch)
    db.many(_AGENT, batch.agents.values())
    db.many(_CONTEXT, [(person, *said, *span) for said, span in batch.contexts.items()])
    links = list(batch.pull_requests.values())
    db.many(
        _PULL_REQUEST, [(link.person, link.url, link.number, link.repository) for link in links]
    )
    db.many(
        _SESSION_PULL_REQUEST, [(link.person, link.session, link.url, link.at) for link in links]
    )
    if searchable:
        index_events(db, first)
    let_summaries_wait(
        db,
        person,
        {event.parent for event in batch.events if event.kind == "summary_title" and event.parent},
    )


def let_summaries_wait(db: Database, person: int, records: Collection[str] | None) -> None:
    """Summaries of these records are stored, and wait for their sessions to be looked for; None for
    too many to name."""
    waiting = waiting_summaries(db, person) if records else None
    if records is None:
        set_fact(db, person, SUMMARIES_WAIT, _MANY)
    elif waiting is not None:
        records = {*records, *waiting}
        set_fact(
            db,
            person,
            SUMMARIES_WAIT,
            json.dumps(sorted(records)) if len(records) <= FEW_SUMMARIES else _MANY,
        )


def waiting_summaries(db: Database, person: int) -> list[str] | None:
    """The records whose summaries wait for their sessions to be looked for; None if they are too
    many to name."""
    return named_summaries(fact(db, person, SUMMARIES_WAIT))


def named_summaries(said: str | None) -> list[str] | None:
    """The records that the fact SUMMARIES_WAIT names; None if it says that they are too many."""
    return None if said == _MANY else list(json.loads(said or "[]")) if said != "0" else []


def clear_summaries(db: Database, person: int) -> None:
    """No summary waits."""
    set_fact(db, person, SUMMARIES_WAIT, "0")


AT_ONCE = 400
_SAID_BEFORE = """SELECT message_id, request_id, iterations FROM response
WHERE person = ? AND message_id IN ({marks}) AND iterations LIKE ?"""
_SAID_NOW = "SELECT iterations FROM response WHERE person = ? AND message_id = ? AND request_id = ?"


def _store_responses(db: Database, batch: Batch, person: int) -> None:
    """The responses, of which the winning usage counts; and what any of their lines said of models
    that declined."""
    messages = sorted({response.message_id for response in batch.responses.values()})
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    for at in range(0, len(messages), AT_ONCE):
        some = messages[at : at + AT_ONCE]
        sql = _SAID_BEFORE.format(marks=", ".join("?" * len(some)))
        for message_id, request_id, iterations in db.run(sql, (person, *some, f"%{DECLINED}%")):
            said[message_id, request_id].append(iterations)
    for key, response in batch.responses.items():
        if response.iterations and DECLINED in response.iterations:
            said[key].append(response.iterations)
    db.many(_RESPONSE, batch.responses.values())
    for key in said.keys() & batch.responses.keys():
        ((stored,),) = db.run(_SAID_NOW, (person, *key))
        update_rows(db, "response", ("person", "message_id", "request_id"), ("iterations",),
                    [(with_declined(stored, *said[key]), person, *key)])  # fmt: skip


def _store_calls(db: Database, batch: Batch) -> None:
    calls = batch.tool_calls.values()
    db.many(
        _TOOL_CALL_WITH_RESULT,
        [(*_call(db, call), *_result(db, result)) for call, result in calls if result is not None],
    )
    db.many(_TOOL_CALL, [_call(db, call) for call, result in calls if result is None])
    for late in batch.results:
        if not _place(db, late):
            let_wait(db, late)
    if calls and db.run("SELECT 1 FROM waiting_result LIMIT 1"):
        place_waiting(db, sorted({(call.person, call.tool_use_id) for call, _ in calls}))


def _call(db: Database, call: ToolCall) -> tuple[object, ...]:
    """A call as it is stored."""
    return (*call[:_INPUT], db.keep(call.input), *call[_INPUT + 1 :])


def _result(db: Database, result: ToolResult) -> tuple[object, ...]:
    """A result as it is stored."""
    row: list[object] = [*result]
    row[_OUTPUT], row[_PATCH] = db.keep(result.output), db.keep(result.patch)
    return tuple(row)


_INPUT = ToolCall._fields.index("input")
_OUTPUT, _PATCH = map(ToolResult._fields.index, ("output", "patch"))


def _place(db: Database, late: ResultFor) -> bool:
    """Puts a result to its call; False when the call was not read yet."""
    message_id = _call_of(db, late)
    if message_id is None:
        return False
    result = late.result
    rank, at, uuid = result.result_rank, result.result_at or 0, result.result_uuid
    key = (late.person, message_id, late.tool_use_id)
    db.run(_RESULT_LATER, (*_result(db, result), *key, rank, rank, at, uuid))
    db.run(_CALLER_IS_STALE, (late.person, *key))
    return True


_WAIT = insert(
    "waiting_result",
    ("person", "session", "agent", "tool_use_id", "call_uuid", "seq", "result"),
    "ON CONFLICT (person, tool_use_id, session, agent, seq) DO UPDATE SET call_uuid = "
    "excluded.call_uuid, result = excluded.result",
)


def let_wait(db: Database, late: ResultFor) -> None:
    """Keeps a result until its call is stored."""
    db.run(
        _WAIT,
        (
            late.person,
            late.session,
            late.agent,
            late.tool_use_id,
            late.call_uuid or "",
            late.seq,
            json.dumps(late.result),
        ),
    )


_WAITING = """SELECT person, session, agent, tool_use_id, call_uuid, seq, result FROM waiting_result
WHERE person = ? AND tool_use_id = ? ORDER BY session, agent, seq"""


def place_waiting(db: Database, keys: list[tuple[int, str]]) -> None:
    """Puts results that wait to calls of these (person, tool-use id), which are stored now."""
    for key in keys:
        for *place, call_uuid, seq, result in db.run(_WAITING, key):
            if _place(
                db, ResultFor._make((*place, call_uuid or None, seq, ToolResult.from_json(result)))
            ):
                db.run(
                    "DELETE FROM waiting_result WHERE person = ? AND session = ? "
                    "AND agent = ? AND tool_use_id = ? AND seq = ?",
                    (*place, seq),
                )
                db.run(
                    "UPDATE session SET stale = 1 WHERE person = ? AND id = ?", (place[0], place[1])
                )


def place_all_waiting(db: Database, person: int) -> None:
    """Puts every result that waits to its call, where that is stored now."""
    rows = db.run(
        """SELECT DISTINCT w.person, w.tool_use_id FROM waiting_result w JOIN tool_call c
        ON c.person = w.person AND c.tool_use_id = w.tool_use_id WHERE w.person = ?""",
        (person,),
    )
    place_waiting(db, sorted((person, use) for person, use in rows))


_CALL_IN_RECORD = """SELECT message_id FROM event
WHERE person = ? AND session = ? AND agent = ? AND uuid = ? AND tool_use_id = ?
AND kind = 'tool_call'"""
_CALL_BESIDE = """SELECT message_id FROM event
WHERE person = ? AND session = ? AND agent = ? AND kind = 'tool_call' AND tool_use_id = ?
  AND message_id IN (SELECT message_id FROM tool_call WHERE person = ? AND tool_use_id = ?)
  AND (seq <= ? OR COALESCE(at, misdated) <= ?)
ORDER BY CASE WHEN seq <= ? THEN 0 ELSE 1 END, ABS(seq - ?) LIMIT 1"""
_CALL_ANYWHERE = (
    "SELECT message_id FROM tool_call WHERE person = ? "
    "AND tool_use_id = ? ORDER BY seq, message_id LIMIT 2"
)


def _call_of(db: Database, late: ResultFor) -> str | None:
    """The message that made the call a result answers: in the record the result names, else the
    nearest before it in the same line of the session, else one there that was made no later; if the
    API gave the id, and there it is not, anywhere. A gateway's id may be that of other calls: a
    result whose call is missing waits."""
    place = (late.person, late.session, late.agent)
    use, at = late.tool_use_id, late.result.result_at
    known = db.run(_CALL_ANYWHERE, (late.person, use))
    minted = is_minted_use(use)
    if not known or (minted and len(known) == 1):
        return str(known[0][0]) if known else None
    rows = db.run(_CALL_IN_RECORD, (*place, late.call_uuid, use)) if late.call_uuid else []
    rows = rows or db.run(
        _CALL_BESIDE, (*place, use, late.person, use, late.seq, at, late.seq, late.seq)
    )
    rows = rows or (known if minted else [])
    return str(rows[0][0]) if rows else None


SEARCH_CHARACTERS = 200_000
"""Characters of a text whose words PostgreSQL indexes: a row of its index is bounded."""
_INDEXED = (
    f"SELECT id, text, person FROM event WHERE id {{0}} ? AND text IS NOT NULL AND "
    f"{SEARCHABLE.format(event='event')}"
)
_INDEXED_AT_ONCE = 1000


def last_event(db: Database) -> int:
    """The row id of the newest event."""
    return int(db.run("SELECT COALESCE(MAX(id), 0) FROM event")[0][0])


def index_events(db: Database, after: int) -> None:
    """Puts the searchable events behind a row id into the search index."""
    while rows := db.run(f"{_INDEXED.format('>')} ORDER BY id LIMIT ?", (after, _INDEXED_AT_ONCE)):
        _add_words(db, rows)
        after = rows[-1][0]


def _add_words(db: Database, rows: Iterable[tuple[int, str, int]]) -> None:
    """Adds the words of events, given as (row id, text, person), to the search index."""
    if db.dialect == "sqlite":
        db.many(
            "INSERT INTO event_search (rowid, words) VALUES (?, ?)",
            [(key, spread(text)) for key, text, _ in rows],
        )
    else:
        made = [
            (key, person, " ".join(words(text[:SEARCH_CHARACTERS]))) for key, text, person in rows
        ]
        db.many(
            "INSERT INTO event_search (id, person, words) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            made,
        )


def _take_words(db: Database, ids: Iterable[int]) -> None:
    """Takes events out of the search index: SQLite's has to be told what was put in."""
    if db.dialect != "sqlite":
        db.many("DELETE FROM event_search WHERE id = ?", [(key,) for key in ids])
        return
    rows = [row for key in ids for row in db.run(_INDEXED.format("="), (key,))]
    db.many("INSERT INTO event_search (event_search, rowid, words) VALUES ('delete', ?, ?)",
            [(key, spread(text)) for key, text, _ in rows])  # fmt: skip


def store_history(db: Database, rows: Iterable[TypedHistory]) -> None:
    """Prompts that `history.jsonl` remembers."""
    db.many(_HISTORY, rows)


def update_rows(
    db: Database,
    table: str,
    keys: Sequence[str],
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> None:
    """Sets derived columns of rows: each row is the columns' values, then the keys'."""
    sets = ", ".join(f"{column} = ?" for column in columns)
    where = " AND ".join(f"{key} = ?" for key in keys)
    db.many(f"UPDATE {table} SET {sets} WHERE {where}", rows)


_QUEUED = insert("prompt", Prompt._fields, "ON CONFLICT DO NOTHING", read=("reader",))


def add_queued_prompts(db: Database, rows: Iterable[Prompt]) -> None:
    """Prompts that stand only in the queue's records."""
    db.many(_QUEUED, rows)


def forget_derived_runs(db: Database, key: tuple[int, str]) -> None:
    """The subagents of the session `key` (person, id) that an earlier derivation added."""
    db.run("DELETE FROM agent_run WHERE person = ? AND session = ? AND derived = 1", key)


def add_agent_runs(db: Database, rows: Iterable[tuple[int, str, str]]) -> None:
    """Subagents that only their own lines or calls tell of: (person, session, agent)."""
    db.many(
        "INSERT INTO agent_run (person, session, agent, "
        "derived) VALUES (?, ?, ?, 1) ON CONFLICT DO NOTHING",
        rows,
    )


def replace_work_blocks(db: Database, key: tuple[int, str], rows: Iterable[WorkBlock]) -> None:
    """The work blocks of the session `key` (person, id)."""
    db.run("DELETE FROM work_block WHERE person = ? AND session = ?", key)
    db.many(insert("work_block", WorkBlock._fields, ""), rows)


def ensure_person(db: Database, person: int) -> None:
    """The one person of a local database, made when it is not there yet."""
    if not db.run("SELECT 1 FROM person WHERE id = ?", (person,)):
        with db.transaction():
            db.run(
                "INSERT INTO person (id, uuid, name) VALUES (?, ?, 'me') ON CONFLICT DO NOTHING",
                (person, str(uuid4())),
            )


_FOLDER = insert(
    "workdir",
    ("person", "cwd", "project", "leads_to", "root", "remote", "there", "asked_at"),
    """ON CONFLICT (person, cwd) DO UPDATE SET asked_at = excluded.asked_at,
  leads_to = COALESCE(excluded.leads_to, workdir.leads_to),
  remote = CASE WHEN excluded.root IS NULL OR (excluded.there = 0 AND workdir.there = 1
  AND workdir.root IS NOT NULL)
    THEN workdir.remote ELSE excluded.remote END,
  there = CASE WHEN excluded.root IS NULL THEN workdir.there
    WHEN excluded.there = 0 AND workdir.there = 1 AND workdir.root IS NOT NULL THEN 1 ELSE
    excluded.there END,
  root = CASE WHEN excluded.root IS NULL OR (excluded.there = 0 AND workdir.there = 1
  AND workdir.root IS NOT NULL)
    THEN workdir.root ELSE excluded.root END
WHERE excluded.asked_at >= COALESCE(workdir.asked_at, 0)""",
)
"""The newest answer counts, but one about a folder that is gone takes nothing from one that was
given while it was there."""


def asked_folders(db: Database, person: int, since: int) -> set[str]:
    """The folders that this machine was asked about since an instant (UTC ms)."""
    return {
        cwd
        for (cwd,) in db.run(
            "SELECT cwd FROM workdir WHERE person = ? AND asked_at >= ?", (person, since)
        )
    }


def add_folders(db: Database, person: int, folders: Mapping[str, Seen], now: int) -> None:
    """Folders and what this machine said of them. Which projects they are of is derived later."""
    db.many(_FOLDER, [(person, cwd, "", seen.real, seen.root, seen.remote, int(seen.there), now)
                      for cwd, seen in sorted(folders.items())])  # fmt: skip
    if folders:
        set_fact(db, person, PROJECTS_SETTLED, "")


def take_folders(db: Database, person: int, rows: Iterable[Sequence[object]]) -> None:
    """Folders and what this machine said of them, as rows of `workdir` from `cwd` on, without what
    is derived."""
    db.many(_FOLDER, [(person, cwd, "", *said) for cwd, *said in rows])
    set_fact(db, person, PROJECTS_SETTLED, "")


def add_git_worktrees(db: Database, person: int, rows: Iterable[tuple[str, str]]) -> None:
    """Worktrees on git's list, and the repository of each."""
    db.many(
        "INSERT INTO git_worktree (person, worktree, "
        "repository) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(person, *row) for row in rows],
    )


def replace_worktrees(
    db: Database, key: tuple[int, str], rows: Iterable[tuple[str, str, int]]
) -> None:
    """The worktrees that the session `key` (person, id) tells of: (worktree, folder of its
    repository, when)."""
    db.run("DELETE FROM session_worktree WHERE person = ? AND session = ?", key)
    db.many(
        "INSERT INTO session_worktree (person, session, "
        "worktree, repository, at) VALUES (?, ?, ?, ?, ?)",
        [(*key, *row) for row in rows],
    )


def replace_projects(
    db: Database, person: int, gone: Iterable[str], rows: Iterable[Sequence[object]]
) -> None:
    """Takes projects away by id, and adds others: (id, name, short, remote, root, how, ids)."""
    db.many("DELETE FROM project WHERE person = ? AND id = ?", [(person, one) for one in gone])
    db.many(
        """INSERT INTO project (person, id, name, short, remote, root, how, ids) VALUES (?, ?, ?, ?,
        ?, ?, ?, ?)
        ON CONFLICT (person, id) DO NOTHING""",
        [(person, *row) for row in rows],
    )


_USAGE = insert("session_usage", SessionUsage._fields, "")


def replace_usage(db: Database, key: tuple[int, str], rows: Iterable[SessionUsage]) -> None:
    """The responses of the session `key` (person, id), added up by day, model, branch and whether
    delegated."""
    db.run("DELETE FROM session_usage WHERE person = ? AND session = ?", key)
    db.many(_USAGE, rows)


def replace_inferences(db: Database, key: tuple[int, str], rows: Iterable[Inference]) -> None:
    """What is billed beside the usage of the responses of the session `key` (person, id)."""
    db.run("DELETE FROM inference WHERE person = ? AND session = ?", key)
    db.many(insert("inference", Inference._fields, ""), rows)


def replace_findings(db: Database, key: tuple[int, str], rows: Iterable[Finding]) -> None:
    """The responses of the session `key` (person, id) that cost more than they had to."""
    db.run("DELETE FROM finding WHERE person = ? AND session = ?", key)
    db.many(insert("finding", Finding._fields, ""), rows)


def replace_tools(
    db: Database, key: tuple[int, str], rows: Iterable[tuple[str, str, int, int]]
) -> None:
    """The tool calls of the session `key` (person, id) by day and tool: (day, tool, calls,
    errors)."""
    db.run("DELETE FROM session_tool WHERE person = ? AND session = ?", key)
    db.many(
        "INSERT INTO session_tool (person, session, local_day, "
        "tool, calls, errors) VALUES (?, ?, ?, ?, ?, ?)",
        [(*key, *row) for row in rows],
    )


def mark_stale(db: Database, person: int, sessions: Iterable[str]) -> None:
    """Sessions that are to be derived anew."""
    db.many(
        "UPDATE session SET stale = 1 WHERE person = ? AND id = ?",
        [(person, session) for session in sorted(sessions)],
    )


def mark_changed(db: Database, person: int, sessions: Iterable[str]) -> None:
    """Notes that rows of sessions changed, so that the next sync compares them. To be called in the
    transaction that changes them, by whatever does so other than by making a session stale:
    deriving it notes that."""
    db.many(
        "INSERT INTO session_change (person, session, n) "
        "VALUES (?, ?, (SELECT n + 1 FROM revision)) "
        "ON CONFLICT (person, session) DO UPDATE SET n = excluded.n",
        [(person, session) for session in sorted(sessions)],
    )


_HOOK_EVENT = insert("hook_event", HookEvent._fields, "ON CONFLICT DO NOTHING")


def keep_out(db: Database, person: int, session: str, at: int) -> None:
    """Remembers a session as one whose transcript is not to be read."""
    db.run(
        "INSERT INTO forgotten (person, what, value, at) "
        "VALUES (?, 'session', ?, ?) ON CONFLICT DO NOTHING",
        (person, session, at),
    )


def add_hook_event(db: Database, row: HookEvent, *, within_ms: int) -> bool:
    """Stores an event unless a copy of it is there, sent at the same moment by another hook;
    returns whether it did."""
    copies = db.run(
        "SELECT 1 FROM hook_event WHERE person = ? AND session = ? "
        "AND event = ? AND hash = ? AND at > ? AND at < ? LIMIT 1",
        (row.person, row.session, row.event, row.hash, row.at - within_ms, row.at + within_ms),
    )
    if not copies:
        db.run(_HOOK_EVENT, row)
        if row.event in ("SessionStart", "SessionEnd"):  # how it ended is judged once it did
            mark_stale(db, row.person, [row.session])
    return not copies


def take_zones(db: Database, person: int) -> None:
    """Gives the sessions that are to be derived the zone that a hook saw them begin in, in place of
    the assumed one."""
    rows = db.run(
        """SELECT s.id, h.zone, h.detail FROM session s
        JOIN hook_event h ON h.person = s.person AND h.session = s.id
        WHERE s.person = ? AND s.stale = 1 AND s.zone_assumed = 1 AND h.event = 'SessionStart'
        AND h.zone IS NOT NULL ORDER BY h.at""",
        (person,),
    )
    zones: dict[str, str] = {}
    for session, zone, detail in rows:
        if json.loads(detail).get("source") not in (
            "resume",
            "compact",
        ):  # a later beginning says nothing of the first
            zones.setdefault(session, zone)
    db.many(
        "UPDATE session SET zone_assumed = 0, zone = ? WHERE person = ? AND id = ?",
        [(zone, person, session) for session, zone in zones.items()],
    )


def assume_zone(db: Database, person: int, zone: str) -> None:
    """Gives the sessions whose zone nobody saw the zone that is assumed now; those of another
    become stale."""
    db.run(
        "UPDATE session SET zone = ?, stale = 1 WHERE person = ? "
        "AND zone_assumed = 1 AND zone <> ?",
        (zone, person, zone),
    )


def mark_underivable(db: Database, person: int, session: str, version: int, error: str) -> None:
    """A session that could not be derived; the next version or a rebuild tries again."""
    db.run(
        "UPDATE session SET stale = 0, derived_version = ?, derive_error = ? "
        "WHERE person = ? AND id = ?",
        (version, error, person, session),
    )
    mark_changed(db, person, [session])


def store_git_answers(db: Database, person: int, said: Iterable[Answer], now: int) -> None:
    """What git answered. Where a commit turns out to fit a call that it was found for before, it is
    neither's.
    """
    answers = list(said)
    db.many(_GIT_ANSWER, [(person, *each.key, each.answer, each.sha, now) for each in answers])
    for each in answers:
        if each.answer == FOUND:
            message_id, tool_use_id, _ = each.key
            ((others,),) = db.run(
                """SELECT COUNT(*) FROM git_answer WHERE person = ? AND sha = ? AND answer IN
                ('found', 'ambiguous')
                AND (message_id <> ? OR tool_use_id <> ?)""",
                (person, each.sha, message_id, tool_use_id),
            )
            if others:
                db.run(
                    "UPDATE git_answer SET answer = 'ambiguous' WHERE person = ? AND sha = ?",
                    (person, each.sha),
                )
                db.run(
                    """UPDATE session SET stale = 1 WHERE person = ? AND id
                    IN (SELECT t.session FROM git_answer a JOIN tool_call t
                    ON t.person = a.person AND t.message_id = a.message_id
                    AND t.tool_use_id = a.tool_use_id
                    WHERE a.person = ? AND a.sha = ?)""",
                    (person, person, each.sha),
                )


def delete_events(db: Database, ids: Sequence[int]) -> None:
    """Deletes events by row id, out of the search index too."""
    _take_words(db, ids)
    db.many("DELETE FROM event WHERE id = ?", [(identity,) for identity in ids])
    # SQLite gives the numbers of deleted rows away again: no session may take new events for those
    # it knows
    if ids:
        db.run("UPDATE settled SET event = ? WHERE event > ?", (last_event(db),) * 2)


def rebuild_search(db: Database) -> None:
    """Makes the search index anew from the stored texts, in one transaction."""
    with db.transaction():
        if db.dialect == "sqlite":
            db.run("INSERT INTO event_search (event_search) VALUES ('delete-all')")
        else:
            db.run("DELETE FROM event_search")
        index_events(db, 0)
        set_fact(db, RECORD, SEARCH_INDEX, str(INDEX_VERSION))


def freshen_search(db: Database) -> None:
    """Makes the search index anew where an older program, or none yet, made it."""
    if not search_is_current(db):
        rebuild_search(db)


def replace_event_texts(db: Database, rows: Sequence[tuple[str, int]]) -> None:
    """New texts of events: (text, row id); the search index follows."""
    _take_words(db, [identity for _, identity in rows])
    db.many("UPDATE event SET text = ? WHERE id = ?", rows)
    for _, identity in rows:
        _add_words(db, db.run(_INDEXED.format("="), (identity,)))
