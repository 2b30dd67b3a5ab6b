"""The sessions themselves: lists of them, and one by the beginning of its id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accrete.database import Question, Row
from accrete.queries.scope import Scope

_COLUMNS = (
    "s.id, s.title, s.title_source, s.project, COALESCE(p.name, ''), s.cwd, s.branch, s.version, s.entrypoint, s.automated, "
    "s.automated_reason, s.forked_from, s.started_at, s.ended_at, s.local_day, s.wall_ms, s.active_ms, s.work_blocks, "
    "s.prompts, s.prompts_queued, s.interruptions, s.compactions, s.api_errors, s.plan_mode, s.agents, s.tool_calls, s.tool_errors, "
    "s.responses_own, s.responses_delegated, s.tokens_own, s.tokens_delegated, s.cost_own_nano, s.cost_delegated_nano, "
    "s.unpriced, s.lower_bound, s.client_cost_nano, s.source_missing_at, s.outcome, s.outcome_reason, "
    "s.commits, s.commits_unconfirmed, s.pull_requests, s.checks, s.checks_failed, s.lines_added, "
    "s.lines_removed, s.files_edited, s.edits_proposed, s.edits_landed, s.edits_changed_by_user, s.asked_accepted, s.asked_rejected"
)
_FROM = "FROM session s LEFT JOIN project p ON p.person = s.person AND p.id = s.project"
HAS_WORK = "(s.prompts + s.prompts_queued > 0 OR s.responses_own + s.responses_delegated > 0)"
"""Sessions in which something happened; others hold bookkeeping only."""


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session. Times in UTC ms, spans in ms, money in nano-dollars; None is not known. `responses` and the
    costs are own and delegated; `client_cost_nano` is what Claude Code itself wrote down at the end."""

    id: str
    title: str | None
    title_source: str | None
    project: str | None
    project_name: str
    cwd: str | None
    branch: str | None
    version: str | None
    entrypoint: str | None
    automated: int
    automated_reason: str | None
    forked_from: str | None
    started_at: int | None
    ended_at: int | None
    local_day: str | None
    wall_ms: int | None
    active_ms: int | None
    work_blocks: int
    prompts: int
    prompts_queued: int
    interruptions: int
    compactions: int
    api_errors: int
    plan_mode: int
    agents: int
    tool_calls: int
    tool_errors: int
    responses: int
    responses_delegated: int
    tokens_own: int
    tokens_delegated: int
    cost_nano: int
    delegated_cost_nano: int
    unpriced: int
    lower_bound: int
    client_cost_nano: int | None
    source_missing_at: int | None
    outcome: str | None
    outcome_reason: str | None
    commits: int
    commits_unconfirmed: int
    pull_requests: int
    checks: int
    checks_failed: int
    lines_added: int | None
    lines_removed: int | None
    files_edited: int
    edits_proposed: int
    edits_landed: int
    edits_changed_by_user: int
    asked_accepted: int | None
    asked_rejected: int | None


SORTS = {
    "started": "s.started_at DESC NULLS LAST, s.id",
    "cost": "s.cost_own_nano + s.cost_delegated_nano DESC, s.id",
    "active": "s.active_ms DESC NULLS LAST, s.id",
    "prompts": "s.prompts DESC, s.id",
    "errors": "s.tool_errors DESC, s.id",
    "lines": "COALESCE(s.lines_added, 0) + COALESCE(s.lines_removed, 0) DESC, s.id",
}


def sessions(scope: Scope, *, limit: int | None = None, empty: bool = False, outcome: str | None = None,
             practice: str | None = None, text: str | None = None, tag: str | None = None,
             sort: str = "started") -> Question[list[SessionRow]]:  # fmt: skip
    """Sessions of a scope, the newest first unless `sort` (one of SORTS) says otherwise. `empty`: those too in which
    nothing happened. `practice`: those that show it; `text`: those with it in their title."""
    where, params = scope.where(day="s.local_day")
    if not empty:
        where += f" AND {HAS_WORK}"
    for column, value in (("u.branch", scope.branch), ("u.model", scope.model)):
        if value is not None:
            where += f" AND s.id IN (SELECT u.session FROM session_usage u WHERE u.person = s.person AND {column} = ?)"
            params.append(value)
    if outcome is not None:
        where, params = f"{where} AND s.outcome = ?", [*params, outcome]
    if practice is not None:
        where += (
            " AND EXISTS (SELECT 1 FROM sighting g WHERE g.person = s.person AND g.session = s.id AND g.practice = ?)"
        )
        params.append(practice)
    if tag is not None:
        where += (
            " AND EXISTS (SELECT 1 FROM session_tag t WHERE t.person = s.person AND t.session = s.id AND t.tag = ?)"
        )
        params.append(tag)
    sql = f"SELECT {_COLUMNS} {_FROM} WHERE {where} ORDER BY {SORTS[sort]}"
    if limit is not None and text is None:
        sql, params = f"{sql} LIMIT ?", [*params, limit]

    def shape(answers: list[list[Row]]) -> list[SessionRow]:
        found = [_session(row) for row in answers[0]]
        if text is not None:  # here, since SQLite knows the letter case of ASCII alone
            found = [row for row in found if text.casefold() in (row.title or "").casefold()][:limit]
        return found

    return Question(((sql, params),), shape)


def _session(row: Row) -> SessionRow:
    return SessionRow(*row)


def sessions_named(person: int, prefix: str) -> Question[list[tuple[str, str | None]]]:
    """(id, title) of the sessions whose id begins with `prefix`; `latest` names the newest with work in it."""
    params: list[Any]
    if prefix == "latest":
        sql = f"SELECT s.id, s.title FROM session s WHERE s.person = ? AND {HAS_WORK} ORDER BY s.ended_at DESC NULLS LAST, s.id LIMIT 1"
        params = [person]
    else:
        sql = "SELECT id, title FROM session WHERE person = ? AND substr(id, 1, ?) = ? ORDER BY id LIMIT 20"
        params = [person, len(prefix), prefix]
    return Question(((sql, params),), lambda answers: [(row[0], row[1]) for row in answers[0]])


def read_of(person: int, session: str) -> Question[dict[str, int] | None]:
    """How much is known of the transcript of a session itself: its size when it was read, by path; -1 where what was read
    is not worked out yet. None for a session that its owner deleted."""
    known = """SELECT f.path, CASE WHEN COALESCE(s.stale, 0) = 0 THEN f.size ELSE -1 END FROM source_file f
    LEFT JOIN session s ON s.person = f.person AND s.id = f.session
    WHERE f.person = ? AND f.session = ? AND f.layout = 'main' AND f.missing_at IS NULL"""
    forgotten = "SELECT 1 FROM forgotten WHERE person = ? AND what = 'session' AND value = ?"
    return Question(
        ((known, (person, session)), (forgotten, (person, session))),
        lambda answers: None if answers[1] else {row[0]: int(row[1]) for row in answers[0]},
    )


def used(person: int, column: str) -> Question[list[str]]:
    """The branches or models (`column`: branch, model) that responses have, sorted."""
    if column not in ("branch", "model"):
        raise ValueError(f"unknown column {column!r}")
    sql = f"SELECT DISTINCT {column} FROM session_usage WHERE person = ?"
    return Question(((sql, (person,)),), lambda answers: sorted(str(row[0]) for row in answers[0]))


def session(person: int, identity: str) -> Question[SessionRow | None]:
    """One session by its whole id."""
    sql = f"SELECT {_COLUMNS} {_FROM} WHERE s.person = ? AND s.id = ?"
    return Question(((sql, (person, identity)),), lambda answers: _session(answers[0][0]) if answers[0] else None)


@dataclass(frozen=True, slots=True)
class Said:
    """What a person put on a session."""

    tags: list[str]
    note: str | None


def said_of(person: int, identity: str) -> Question[Said]:
    """The tags of a session, sorted, and its note."""
    key = (person, identity)
    return Question(
        (("SELECT tag FROM session_tag WHERE person = ? AND session = ?", key),
         ("SELECT text FROM session_note WHERE person = ? AND session = ?", key)),
        lambda answers: Said(sorted(row[0] for row in answers[0]), answers[1][0][0] if answers[1] else None),
    )  # fmt: skip
