"""Sessions: lists of them, and one by the beginning of its id.

Longer than a module should be because what a list shows, what it is counted by and what narrows it
have to agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from accrete.database import Question, Row
from accrete.derive import DERIVED_VERSION
from accrete.model import Tier
from accrete.outcomes.tool_names import EDITS
from accrete.queries.scope import SESSIONS, USED, Scope, narrowed_by, stored_number
from accrete.transcript import READER_VERSION

_COLUMNS = (
    "s.person, s.id, s.title, s.title_source, s.project, COALESCE(p.name, ''), s.cwd, "
    "s.branch, s.version, s.entrypoint, s.automated, "
    "s.automated_reason, s.forked_from, s.started_at, s.ended_at, s.local_day, "
    "r.wall_ms, r.active_ms, r.work_blocks, "
    "r.prompts, r.prompts_queued, r.interruptions, r.compactions, r.api_errors, "
    "r.plan_mode, r.agents, r.tool_calls, r.tool_errors, "
    "r.responses_own, r.responses_delegated, r.tokens_own, r.tokens_delegated, "
    "r.cost_own_nano, r.cost_delegated_nano, "
    "r.unpriced, r.lower_bound, s.client_cost_nano, s.source_missing_at, s.outcome, "
    "s.outcome_reason, "
    "r.commits, r.commits_unconfirmed, r.pull_requests, r.checks, r.checks_failed, r.lines_added, "
    "r.lines_removed, r.files_edited, r.edits_proposed, r.edits_landed, "
    "r.edits_changed_by_user, r.asked_accepted, r.asked_rejected, "
    f"r.partly, CASE WHEN s.reader < {READER_VERSION} THEN 1 ELSE 0 END"
)
_PROJECT = "LEFT JOIN project p ON p.person = s.person AND p.id = s.project"
HAS_WORK = "(s.prompts + s.prompts_queued > 0 OR s.responses_own + s.responses_delegated > 0)"
"""Sessions in which something happened; others hold bookkeeping only."""


class SessionRow(NamedTuple):
    """One session; in a range of days, the part of it that happened there: its counts, spans,
    tokens and costs, but not when it began and ended, its outcome and what Claude Code itself wrote
    down at the end (`client_cost_nano`). `partly` is 1 where the session goes beyond the range,
    `assumed` where some of it was read by an older version alone. Times in UTC ms, spans in ms,
    money in nano-dollars; None is not known."""

    person: int
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
    responses_own: int
    responses_delegated: int
    tokens_own: int
    tokens_delegated: int
    cost_own_nano: int
    cost_delegated_nano: int
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
    partly: int
    assumed: int

    @property
    def responses(self) -> int:
        """Own and delegated together."""
        return self.responses_own + self.responses_delegated

    @property
    def tokens(self) -> int:
        """Own and delegated together."""
        return self.tokens_own + self.tokens_delegated

    @property
    def all_prompts(self) -> int:
        """Typed, run as a command or queued."""
        return self.prompts + self.prompts_queued

    @property
    def cost_nano(self) -> int:
        """Own and delegated together."""
        return self.cost_own_nano + self.cost_delegated_nano


_SORTED_BY = {
    "started": "s.started_at",
    "cost": "r.cost_own_nano + r.cost_delegated_nano",
    "active": "r.active_ms",
    "prompts": "r.prompts + r.prompts_queued",
    "errors": "r.tool_errors",
    "lines": "COALESCE(r.lines_added, 0) + COALESCE(r.lines_removed, 0)",
}
SORTS = {name: f"{value} DESC NULLS LAST, s.id" for name, value in _SORTED_BY.items()}
_MERGED = " OR ".join(
    f"""EXISTS (SELECT 1 FROM {table} l JOIN pull_request m ON m.person = l.person AND m.url = l.url
    WHERE l.person = s.person AND l.session = s.id AND m.state = 'merged')"""
    for table in ("session_pull", "session_pull_request")
)
MADE = {
    "commits": "r.commits > 0",
    "edits": "r.edits_landed > 0",
    "delegated": "r.responses_delegated > 0",
    "responses": "r.responses_own + r.responses_delegated > 0",
    "merged pull requests": f"({_MERGED})",
}
"""What sessions can be narrowed to that made some of it."""
_BILLED = " OR ".join(
    f"""EXISTS (SELECT 1 FROM {table} x WHERE x.person = s.person AND x.session = s.id{{days}}
    AND x.{{column}} IS NULL{counted})"""
    for table, counted in (
        ("response", " AND x.counted = 1 AND x.synthetic = 0"),
        ("inference", ""),
    )
)
_USED = """EXISTS (SELECT 1 FROM session_usage x WHERE x.person = s.person
    AND x.session = s.id{{days}} AND x.{column} = '')"""
LACKS = {
    "project": "s.project IS NULL",
    "outcome": "s.outcome IS NULL",
    "transcript": "s.source_missing_at IS NOT NULL",
    "current rules": f"NOT (s.derived_version = {DERIVED_VERSION} AND s.stale = 0)",
    "price": "r.unpriced > 0",
    "whole output": "r.lower_bound > 0",
    "confirmed price": "r.price_assumed > 0",
    "branch": _USED.format(column="branch"),
    "model": _USED.format(column="model"),
    "skill": f"({_BILLED.replace('{column}', 'skill')})",
    "plugin": f"({_BILLED.replace('{column}', 'plugin')})",
    "server": f"({_BILLED.replace('{column}', 'mcp_server')})",
    "subagent": """EXISTS (SELECT 1 FROM response x JOIN agent_run a ON a.person = x.person
    AND a.session = x.session AND a.agent = x.run WHERE x.person = s.person AND x.session = s.id
    AND x.counted = 1 AND x.synthetic = 0{days} AND a.shown_type IS NULL)""",
    "kind": """EXISTS (SELECT 1 FROM session_kind x WHERE x.person = s.person AND x.session = s.id
    AND x.kind = ''{days})""",
}
"""What sessions can be narrowed to that lack it, or that have something that does: a response made
for no skill, lines whose kind of file is not known, since a command changed them."""


class After(NamedTuple):
    """A place in a sorted list of sessions: what one is sorted by, and its id."""

    value: int | None
    session: str

    def write(self) -> str:
        """As a URL has it."""
        return f"{'' if self.value is None else self.value}~{self.session}"

    @classmethod
    def read(cls, text: str) -> After:
        """What `write` wrote. Raises ValueError for anything else."""
        value, apart, session = text.partition("~")
        if not apart or not session:
            raise ValueError(f"{text!r} is no place in a list")
        return cls(stored_number(value) if value else None, session)

    @classmethod
    def of(cls, row: SessionRow, sort: str) -> After:
        """The place of a row in a list sorted so."""
        values = {
            "started": row.started_at,
            "cost": row.cost_nano,
            "active": row.active_ms,
            "prompts": row.all_prompts,
            "errors": row.tool_errors,
            "lines": (row.lines_added or 0) + (row.lines_removed or 0),
        }
        return cls(values[sort], row.id)


@narrowed_by(*SESSIONS, *USED)
def sessions(
    scope: Scope,
    *,
    limit: int | None = None,
    empty: bool = False,
    outcome: str | None = None,
    practice: str | None = None,
    text: str | None = None,
    tag: str | None = None,
    made: str | None = None,
    possible: str | None = None,
    skill: str | None = None,
    plugin: str | None = None,
    server: str | None = None,
    subagent: str | None = None,
    check: str | None = None,
    tool: str | None = None,
    failed: str | None = None,
    file: str | None = None,
    kind: str | None = None,
    pull: Sequence[str] | None = None,
    lacks: str | None = None,
    sort: str = "started",
    after: After | None = None,
) -> Question[list[SessionRow]]:
    """Sessions of a scope, the newest first unless `sort` (one of SORTS) says otherwise; in a range
    of days those of which something happened there. `empty`: those too in which nothing happened.
    `practice`: those that show it; `possible`: those in which it was possible; `skill`, `plugin`,
    `server`, `subagent`: those with a response made for it; `check`: those that ran one of that
    kind; `tool`, `failed`: those that called it, those with a call of it that failed; `file`: those
    with a landed edit of that path; `kind`: those with lines in files of that kind; `pull`: those
    that opened a pull request or worked on it, by the spellings of its address; `text`: of their
    title; `made`: one of MADE; `lacks`: one of LACKS; `after`: those after a place in the list."""
    first = scope.ranged and limit is not None and text is None
    tables, where, params = _chosen(scope, empty, outcome, practice, tag, made, files=not first)
    of_use, values = _for(scope, possible, (skill, plugin, server), subagent, check)
    of_calls, called = _calling(scope, tool, failed, file)
    of_rest, rest = _having(scope, kind, pull, lacks)
    where, params = where + of_use + of_calls + of_rest, [*params, *values, *called, *rest]
    if after is not None:
        by = _SORTED_BY[sort]
        if after.value is None:
            where, params = f"{where} AND {by} IS NULL AND s.id > ?", [*params, after.session]
        else:
            where += f" AND ({by} < ? OR {by} IS NULL OR ({by} = ? AND s.id > ?))"
            params += [after.value, after.value, after.session]
    if first:  # which they are, before all their figures of the range are added up
        chosen = scope.figures(
            f"SELECT s.person AS person, s.id AS session FROM {tables} WHERE {where} "
            f"ORDER BY {SORTS[sort]} LIMIT ?"
        )
        tables, where, more = scope.sessions(files=True, among="chosen")
        params = [*params, limit, *more]
    sql = scope.figures(
        f"SELECT {_COLUMNS} FROM {tables} {_PROJECT} WHERE {where} ORDER BY {SORTS[sort]}"
    )
    if first:
        sql = f"WITH chosen AS ({chosen}) {sql}"
    elif limit is not None and text is None:
        sql, params = f"{sql} LIMIT ?", [*params, limit]

    def shape(answers: list[list[Row]]) -> list[SessionRow]:
        found = [_session(row) for row in answers[0]]
        if text is not None:  # here, since SQLite knows the letter case of ASCII alone
            found = [row for row in found if text.casefold() in (row.title or "").casefold()][
                :limit
            ]
        return found

    return Question(((sql, params),), shape)


@narrowed_by(*SESSIONS, *USED)
def sessions_count(
    scope: Scope,
    *,
    outcome: str | None = None,
    practice: str | None = None,
    tag: str | None = None,
    made: str | None = None,
    possible: str | None = None,
    skill: str | None = None,
    plugin: str | None = None,
    server: str | None = None,
    subagent: str | None = None,
    check: str | None = None,
    tool: str | None = None,
    failed: str | None = None,
    file: str | None = None,
    kind: str | None = None,
    pull: Sequence[str] | None = None,
    lacks: str | None = None,
) -> Question[int]:
    """How many sessions `sessions` lists."""
    tables, where, params = _chosen(scope, False, outcome, practice, tag, made)
    of_use, values = _for(scope, possible, (skill, plugin, server), subagent, check)
    of_calls, called = _calling(scope, tool, failed, file)
    of_rest, rest = _having(scope, kind, pull, lacks)
    where, params = where + of_use + of_calls + of_rest, [*params, *values, *called, *rest]
    sql = scope.figures(f"SELECT COUNT(*) FROM {tables} WHERE {where}")
    return Question(((sql, params),), lambda answers: int(answers[0][0][0]))


def _chosen(
    scope: Scope,
    empty: bool,
    outcome: str | None,
    practice: str | None,
    tag: str | None,
    made: str | None,
    *,
    files: bool = False,
) -> tuple[str, str, list[object]]:
    """The tables, the condition and its parameters. files: see Scope.sessions."""
    tables, where, params = scope.sessions(files=files)
    if not empty:
        where += f" AND {HAS_WORK}"
    if made is not None:
        where += f" AND {MADE[made]}"
    for column, value in (("u.branch", scope.branch), ("u.model", scope.model)):
        if value is not None:
            within, days = scope.days("u.local_day")
            where += (
                " AND EXISTS (SELECT 1 FROM session_usage u WHERE u.person = s.person AND "
                f"u.session = s.id AND {column} = ?{within})"
            )
            params += [value, *days]
    if outcome is not None:
        where, params = f"{where} AND s.outcome = ?", [*params, outcome]
    if practice is not None:
        # Not by EXISTS: SQLite would read all sightings of the person for each session.
        whose, people = scope.of("g.person")
        within, days = scope.days("g.local_day")
        where += (
            " AND (s.person, s.id) IN (SELECT g.person, g.session FROM sighting g "
            f"WHERE {whose} AND g.practice = ? AND g.local_day <> ''{within})"
        )
        params += [*people, practice, *days]
    if tag is not None:
        where += (
            " AND EXISTS (SELECT 1 FROM session_tag t "
            "WHERE t.person = s.person AND t.session = s.id AND t.tag = ?)"
        )
        params.append(tag)
    return tables, where, params


def _for(
    scope: Scope,
    possible: str | None,
    made_for: tuple[str | None, str | None, str | None],
    subagent: str | None,
    check: str | None,
) -> tuple[str, list[object]]:
    """The condition that a practice was possible in sessions, that responses were made for a skill,
    plugin or MCP server, or by subagents of a type, that a kind of check ran, and its values."""
    where, params = "", list[object]()
    if possible is not None:
        within, days = scope.days("dp.local_day")
        where += (
            " AND EXISTS (SELECT 1 FROM session_practice sp JOIN session_day dp "
            "ON dp.person = sp.person AND dp.session = sp.session WHERE sp.person = s.person "
            "AND sp.session = s.id AND sp.practice = ? AND sp.possible = 1 "
            f"AND dp.local_day <> ''{within})"
        )
        params += [possible, *days]
    within, days = scope.days("ru.local_day")
    made = "SELECT 1 FROM response ru"
    of = f"ru.person = s.person AND ru.session = s.id AND ru.counted = 1{within}"
    for column, wanted in zip(("skill", "plugin", "mcp_server"), made_for, strict=True):
        if wanted is not None:
            where += f" AND EXISTS ({made} WHERE {of} AND ru.{column} = ?)"
            params += [*days, wanted]
    if subagent is not None:
        where += (
            f" AND EXISTS ({made} JOIN agent_run au ON au.person = ru.person "
            f"AND au.session = ru.session AND au.agent = ru.run WHERE {of} AND au.shown_type = ?)"
        )
        params += [*days, subagent]
    if check is not None:
        within, days = scope.days("cr.local_day")
        where += (
            " AND EXISTS (SELECT 1 FROM check_run cr WHERE cr.person = s.person "
            f"AND cr.session = s.id{within} AND cr.kind = ?)"
        )
        params += [*days, check]
    return where, params


def _calling(
    scope: Scope, tool: str | None, failed: str | None, file: str | None
) -> tuple[str, list[object]]:
    """The condition that sessions called a tool, that a call of one failed, that an edit of a file
    landed, and its values."""
    where, params = "", list[object]()
    within, days = scope.days("tu.local_day")
    for wanted, some in ((tool, "tu.calls"), (failed, "tu.errors")):
        if wanted is not None:
            where += (
                " AND EXISTS (SELECT 1 FROM session_tool tu WHERE tu.person = s.person "
                f"AND tu.session = s.id{within} AND tu.tool = ? AND {some} > 0)"
            )
            params += [*days, wanted]
    if file is not None:
        within, days = scope.days("fu.local_day")
        edits = sorted(EDITS)
        where += (
            " AND r.edits_landed > 0 AND EXISTS (SELECT 1 FROM tool_call fu "
            f"WHERE fu.person = s.person AND fu.session = s.id{within} AND fu.counted = 1 "
            f"AND fu.status = 'ok' AND fu.target = ? AND fu.tool IN "
            f"({', '.join('?' * len(edits))}))"
        )
        params += [*days, file, *edits]
    return where, params


def _having(
    scope: Scope, kind: str | None, pull: Sequence[str] | None, lacks: str | None
) -> tuple[str, list[object]]:
    """The condition that sessions have lines in files of a kind, opened or worked on a pull
    request, lack something, and its values."""
    where, params = "", list[object]()
    if kind is not None:
        within, days = scope.days("ku.local_day")
        where += (
            " AND EXISTS (SELECT 1 FROM session_kind ku WHERE ku.person = s.person "
            f"AND ku.session = s.id{within} AND ku.kind = ?)"
        )
        params += [*days, kind]
    if pull is not None:
        urls = ", ".join("?" * len(pull)) or "NULL"
        either = " OR ".join(
            f"EXISTS (SELECT 1 FROM {table} l WHERE l.person = s.person AND l.session = s.id "
            f"AND l.url IN ({urls}))"
            for table in ("session_pull", "session_pull_state")
        )
        where += f" AND ({either})"
        params += [*pull, *pull]
    if lacks is not None:
        within, days = scope.days("x.local_day")
        condition = LACKS[lacks]
        where += f" AND {condition.replace('{days}', within)}"
        params += days * condition.count("{days}")
    return where, params


@narrowed_by(*SESSIONS)
def assumed_sessions(scope: Scope) -> Question[int]:
    """How many sessions of a scope rest on the reading of an older version: their figures are
    assumed."""
    tables, where, params = scope.sessions()
    sql = scope.figures(
        f"SELECT COUNT(*) FROM {tables} WHERE {where} AND {HAS_WORK} AND s.reader < ?"
    )
    return Question(((sql, [*params, READER_VERSION]),), lambda answers: int(answers[0][0][0]))


def _session(row: Row) -> SessionRow:
    return SessionRow(*row)


@narrowed_by()
def sessions_named(scope: Scope, prefix: str) -> Question[list[tuple[str, str | None]]]:
    """(id, title) of the sessions whose id begins with `prefix`; `latest` names the first that
    `sessions` lists."""
    where, params = scope.where()
    if prefix == "latest":
        sql = (
            f"SELECT s.id, s.title FROM visible_session s WHERE {where} "
            f"AND {HAS_WORK} ORDER BY {SORTS['started']} LIMIT 1"
        )
    else:
        sql = (
            f"SELECT s.id, s.title FROM visible_session s WHERE {where} AND substr(s.id, 1, ?) = ? "
            "ORDER BY s.id LIMIT 20"
        )
        params += [len(prefix), prefix]
    return Question(((sql, params),), lambda answers: [(id_, title) for id_, title in answers[0]])


@narrowed_by("session")
def read_of(scope: Scope) -> Question[dict[str, int] | None]:
    """How much is known of the transcript of the scope's session itself: its size when it was read,
    by path; -1 where what was read is not derived yet. None for a session that its owner deleted.
    """
    known = """SELECT f.path, CASE WHEN COALESCE(s.stale, 0) = 0 THEN f.size ELSE -1 END
    FROM source_file f
    LEFT JOIN visible_session s ON s.person = f.person AND s.id = f.session
    WHERE f.person = ? AND f.session = ? AND f.layout = 'main' AND f.missing_at IS NULL"""
    forgotten = "SELECT 1 FROM forgotten WHERE person = ? AND what = 'session' AND value = ?"
    return Question(
        ((known, scope.one), (forgotten, scope.one)),
        lambda answers: None if answers[1] else {path: int(size) for path, size in answers[0]},
    )


@narrowed_by()
def other_zones(scope: Scope) -> Question[list[str]]:
    """The zones, sorted, that sessions were derived with for want of a better one, other than the
    scope's."""
    where, params = scope.where()
    sql = (
        "SELECT DISTINCT s.zone FROM visible_session s "
        f"WHERE {where} AND s.zone_assumed = 1 AND s.zone <> ?"
    )
    return Question(
        ((sql, [*params, scope.zone]),), lambda answers: sorted(zone for (zone,) in answers[0])
    )


@narrowed_by(*SESSIONS)
def used(scope: Scope, column: str) -> Question[list[str]]:
    """The branches or models (`column`: branch, model) that responses have, sorted."""
    if column not in ("branch", "model"):
        raise ValueError(f"unknown column {column!r}")
    where, params = scope.where(day="u.local_day")
    sql = f"""SELECT DISTINCT u.{column} FROM session_usage u
    JOIN visible_session s ON s.person = u.person AND s.id = u.session WHERE {where}"""
    return Question(((sql, params),), lambda answers: sorted(str(each) for (each,) in answers[0]))


class Extent(NamedTuple):
    """How many sessions there are, and the first and the last local day of them."""

    sessions: int
    first: str | None
    last: str | None


@narrowed_by(*SESSIONS)
def extent(scope: Scope) -> Question[Extent]:
    """The sessions of a scope, and from when to when they were."""
    where, params = scope.where(day="d.local_day")
    sql = f"""SELECT {scope.distinct("d")}, MIN(NULLIF(d.local_day, '')), MAX(d.local_day)
    FROM session_day d JOIN visible_session s ON s.person = d.person AND s.id = d.session
    WHERE {where}"""
    return Question(
        ((sql, params),),
        lambda answers: next(
            Extent(int(sessions), first, last or None) for sessions, first, last in answers[0]
        ),
    )


@narrowed_by(*SESSIONS)
def anything(scope: Scope) -> Question[bool]:
    """Whether anything happened in a scope."""
    where, params = scope.where(day="d.local_day")
    sql = f"""SELECT 1 FROM session_day d
    JOIN visible_session s ON s.person = d.person AND s.id = d.session WHERE {where} LIMIT 1"""
    return Question(((sql, params),), lambda answers: bool(answers[0]))


@narrowed_by("session")
def session(scope: Scope) -> Question[SessionRow | None]:
    """The one session of a scope."""
    _ = scope.one
    tables, where, params = scope.sessions(files=True)
    sql = scope.figures(f"SELECT {_COLUMNS} FROM {tables} {_PROJECT} WHERE {where}")
    return Question(
        ((sql, params),), lambda answers: _session(answers[0][0]) if answers[0] else None
    )


class Said(NamedTuple):
    """A person's tags, note and own title on a session."""

    tags: list[str]
    note: str | None
    title: str | None = None


@narrowed_by(shows=Tier.WORDS)
def session_tags(scope: Scope) -> Question[list[str]]:
    """All tags that sessions of a scope have, sorted."""
    whose, params = scope.of("t.person")
    sql = f"""SELECT DISTINCT t.tag FROM session_tag t
      JOIN visible_session s ON s.person = t.person AND s.id = t.session
      WHERE {whose} AND s.tier >= ?"""
    return Question(
        ((sql, [*params, int(scope.tier)]),), lambda answers: sorted(tag for (tag,) in answers[0])
    )


@narrowed_by("session", shows=Tier.WORDS)
def said_of(scope: Scope) -> Question[Said]:
    """The tags of the scope's session, sorted, its note, and the title that its owner gave."""
    key = (*scope.one, scope.tier)
    of = (
        "JOIN visible_session s ON s.person = t.person AND s.id = t.session WHERE t.person = ? "
        "AND t.session = ? AND s.tier >= ?"
    )
    return Question(
        (
            (f"SELECT t.tag FROM session_tag t {of}", key),
            (f"SELECT t.text FROM session_note t {of}", key),
            (f"SELECT t.text FROM session_title t {of}", key),
        ),
        lambda answers: Said(
            sorted(tag for (tag,) in answers[0]),
            *(next((said for (said,) in rows), None) for rows in answers[1:]),
        ),
    )
