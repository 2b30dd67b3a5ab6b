"""The whole content of a record, in a form that two records can be compared by."""

from __future__ import annotations

from typing import Any

from accrete.database import Database

LEFT_OUT = {"id": {"event", "source_file"}, "uuid": {"person"}, "asked_at": {"workdir"}}
TABLES = (
    "project",
    "workdir",
    "session_worktree",
    "project_word",
    "git_worktree",
    "session",
    "event",
    "session_context",
    "prompt",
    "response",
    "inference",
    "tool_call",
    "agent_run",
    "pull_request",
    "session_pull_request",
    "work_block",
    "session_usage",
    "session_tool",
    "session_day",
    "session_file",
    "session_kind",
    "finding",
    "typed_history",
    "session_commit",
    "session_pull",
    "session_pull_state",
    "check_run",
    "sighting",
    "session_practice",
    "person_week",
    "git_answer",
    "hook_event",
)


def contents(db: Database) -> dict[str, list[Any]]:
    """Every row of every table but the row numbers, sorted."""
    found = {}
    for table in TABLES:
        if db.dialect == "sqlite":
            columns = [row[1] for row in db.run(f"PRAGMA table_info({table})")]
        else:
            columns = [
                row[0]
                for row in db.run(
                    "SELECT column_name FROM information_schema.columns WHERE table_name = ? "
                    "ORDER BY ordinal_position",
                    (table,),
                )
            ]
        columns = [c for c in columns if table not in LEFT_OUT.get(c, ())]
        found[table] = sorted(db.run(f"SELECT {', '.join(columns)} FROM {table}"), key=repr)
    return found
