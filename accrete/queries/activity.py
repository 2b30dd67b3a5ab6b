"""The overview: how much, when, where and with what, each figure with its basis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accrete.clock import LocalTime
from accrete.database import Question, Row
from accrete.queries.costs import CostRow, cost
from accrete.queries.scope import SESSIONS, Scope, narrowed_by
from accrete.queries.sessions import HAS_WORK


@dataclass(frozen=True, slots=True)
class Side:
    """A person's own sessions, or the automated ones, added up: what of them happened in the range.
    Spans in ms, money in nano-dollars. partly: how many of the sessions go beyond the range."""

    sessions: int = 0
    prompts: int = 0
    prompts_queued: int = 0
    active_ms: int = 0
    wall_ms: int = 0
    work_blocks: int = 0
    tool_calls: int = 0
    tool_errors: int = 0
    agents: int = 0
    compactions: int = 0
    interruptions: int = 0
    plan_mode: int = 0
    responses_own: int = 0
    responses_delegated: int = 0
    cost_own_nano: int = 0
    cost_delegated_nano: int = 0
    unpriced: int = 0
    lower_bound: int = 0
    price_assumed: int = 0
    source_missing: int = 0
    partly: int = 0


@dataclass(frozen=True, slots=True)
class DayRow:
    """One local day; '' for what has no time: see SessionDay."""

    day: str
    sessions: int
    prompts: int
    active_ms: int
    tokens: int
    cost_nano: int
    unpriced: int


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """One project."""

    id: str
    name: str
    sessions: int
    prompts: int
    active_ms: int
    cost_nano: int
    unpriced: int
    last_at: int | None


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it, within the range. first_at, last_at: UTC ms of the first and last thing said."""

    human: Side
    automated: Side
    first_at: int | None
    last_at: int | None
    usage: CostRow | None
    days: list[DayRow]
    projects: list[ProjectRow]
    models: list[CostRow]
    tools: list[tuple[str, int, int]]
    kinds: dict[str, int]
    typed_history: int


_SIDE = """SELECT s.automated, COUNT(*), SUM(r.prompts), SUM(r.prompts_queued),
SUM(COALESCE(r.active_ms, 0)), SUM(COALESCE(r.wall_ms, 0)),
SUM(r.work_blocks), SUM(r.tool_calls), SUM(r.tool_errors), SUM(r.agents), SUM(r.compactions),
    SUM(r.interruptions),
SUM(r.plan_mode), SUM(r.responses_own), SUM(r.responses_delegated), SUM(r.cost_own_nano),
    SUM(r.cost_delegated_nano),
SUM(r.unpriced), SUM(r.lower_bound), SUM(r.price_assumed), SUM(CASE WHEN s.source_missing_at IS NULL
    THEN 0 ELSE 1 END), SUM(r.partly)"""
_DAY = """SELECT d.local_day, COUNT(*), SUM(d.prompts), SUM(COALESCE(d.active_ms, 0)),
    SUM(d.tokens_own + d.tokens_delegated),
SUM(d.cost_own_nano + d.cost_delegated_nano), SUM(d.unpriced)"""


@dataclass(frozen=True, slots=True)
class Results:
    """What came of sessions. edited: those with a landed edit; shipped: of these, those whose
    outcome is so; commits without those that are not confirmed; lines of commits' patches are not
    among them: lines_added and lines_removed are of landed edits, None where none is known.
    with_commits, commit_cost_nano, commit_unpriced: the sessions that committed, and their cost."""

    sessions: int = 0
    edited: int = 0
    shipped: int = 0
    commits: int = 0
    pull_requests: int = 0
    lines_added: int | None = None
    lines_removed: int | None = None
    with_commits: int = 0
    commit_cost_nano: int = 0
    commit_unpriced: int = 0


_RESULTS = """SELECT COUNT(*), SUM(CASE WHEN r.edits_landed > 0 THEN 1 ELSE 0 END),
SUM(CASE WHEN r.edits_landed > 0 AND s.outcome = 'shipped' THEN 1 ELSE 0 END),
SUM(r.commits), SUM(r.pull_requests), SUM(r.lines_added), SUM(r.lines_removed),
SUM(CASE WHEN r.commits > 0 THEN 1 ELSE 0 END),
SUM(CASE WHEN r.commits > 0 THEN r.cost_own_nano + r.cost_delegated_nano ELSE 0 END),
SUM(CASE WHEN r.commits > 0 THEN r.unpriced ELSE 0 END)"""


@narrowed_by(*SESSIONS)
def results(scope: Scope) -> Question[Results]:
    """What came of the sessions of a scope, in its range."""
    tables, where, params = scope.sessions()
    sql = scope.figures(f"{_RESULTS} FROM {tables} WHERE {where} AND {HAS_WORK}")

    def shape(answers: list[list[Row]]) -> Results:
        sessions, edited, shipped, commits, pulls, added, removed, *of_commits = answers[0][0]
        counts = (int(each or 0) for each in (sessions, edited, shipped, commits, pulls))
        lines = (None if each is None else int(each) for each in (added, removed))
        return Results(*counts, *lines, *(int(each or 0) for each in of_commits))

    return Question(((sql, params),), shape)


@narrowed_by(*SESSIONS)
def prompt_hours(scope: Scope) -> Question[list[int]]:
    """How many prompts people typed or queued in each hour of the week, 168 from Monday 00:00."""
    where, params = scope.where(day="t.local_day")
    sql = f"""SELECT t.hour_of_week, COUNT(*) FROM prompt t
      JOIN visible_session s ON s.person = t.person AND s.id = t.session
      WHERE {where} AND t.replayed = 0 AND t.hour_of_week IS NOT NULL GROUP BY t.hour_of_week"""

    def shape(answers: list[list[Row]]) -> list[int]:
        found = {int(hour): int(n) for hour, n in answers[0]}
        return [found.get(hour, 0) for hour in range(168)]

    return Question(((sql, params),), shape)


@narrowed_by(*SESSIONS)
def overview(scope: Scope) -> Question[Overview]:
    """Everything the first screen shows, for what happened in the range of a scope."""
    tables, of_sessions, session_params = scope.sessions()
    by_day, day_params = scope.where(day="d.local_day")
    by_thing, thing_params = scope.where(day="t.local_day")
    usage, models = (cost(scope, by) for by in ("all", "model"))
    history, history_params = _history(scope)
    statements = (
        (scope.figures(f"""{_SIDE} FROM {tables} WHERE {of_sessions} AND {HAS_WORK}
          GROUP BY s.automated"""), session_params),
        (scope.figures(f"""SELECT MIN(r.first_at), MAX(r.last_at) FROM {tables}
          WHERE {of_sessions} AND {HAS_WORK}"""), session_params),
        *usage.statements,
        (f"""{_DAY} FROM session_day d
          JOIN visible_session s ON s.person = d.person AND s.id = d.session
          WHERE {by_day} AND {HAS_WORK} GROUP BY d.local_day ORDER BY d.local_day""", day_params),
        (scope.figures(f"""SELECT COALESCE(s.project, ''), COALESCE(MIN(p.name), '(no folder)'),
          COUNT(*), SUM(r.prompts), SUM(COALESCE(r.active_ms, 0)),
          SUM(r.cost_own_nano + r.cost_delegated_nano), SUM(r.unpriced), MAX(r.last_at)
          FROM {tables} LEFT JOIN project p ON p.person = s.person AND p.id = s.project
          WHERE {of_sessions} AND {HAS_WORK} GROUP BY s.project"""), session_params),
        *models.statements,
        (f"""SELECT t.tool, SUM(t.calls), SUM(t.errors) FROM session_tool t
          JOIN visible_session s ON s.person = t.person AND s.id = t.session
          WHERE {by_thing} GROUP BY t.tool ORDER BY 2 DESC, 1""", thing_params),
        (f"""SELECT t.kind, COUNT(*) FROM prompt t
          JOIN visible_session s ON s.person = t.person AND s.id = t.session
          WHERE {by_thing} AND t.replayed = 0 GROUP BY t.kind""", thing_params),
        (history, history_params),
    )  # fmt: skip

    def shape(answers: list[list[Row]]) -> Overview:
        sides, span, used, days, projects, by_model, tools, kinds, history = answers
        found = {int(row[0]): Side(*(int(value or 0) for value in row[1:])) for row in sides}
        total = usage.shape([used])
        return Overview(
            human=found.get(0, Side()),
            automated=found.get(1, Side()),
            first_at=span[0][0],
            last_at=span[0][1],
            usage=total[0] if total else None,
            days=[DayRow(str(row[0]), *(int(value or 0) for value in row[1:])) for row in days],
            projects=sorted(
                (_project(row) for row in projects),
                key=lambda row: -(row.last_at or 0),
            ),
            models=models.shape([by_model]),
            tools=[(str(row[0]), int(row[1]), int(row[2])) for row in tools],
            kinds={str(row[0]): int(row[1]) for row in kinds},
            typed_history=_remembered(scope, history),
        )

    return Question(statements, shape)


def _project(row: Row) -> ProjectRow:
    sessions, prompts, active, cost_nano, unpriced = (int(value or 0) for value in row[2:7])
    return ProjectRow(
        str(row[0]), str(row[1]), sessions, prompts, active, cost_nano, unpriced, row[7]
    )


def _history(scope: Scope) -> tuple[str, list[Any]]:
    """The times of the prompts that history.jsonl remembers, of the scope's project."""
    whose, params = scope.of("h.person")
    sql = f"SELECT h.at FROM typed_history h WHERE {whose}"
    folders = "(SELECT w.cwd FROM workdir w WHERE w.person = h.person AND w.project IN ({}))"
    if scope.without:
        sql += (
            " AND COALESCE(h.project_path, '') NOT IN "
            f"{folders.format(', '.join('?' * len(scope.without)))}"
        )
        params += scope.without
    if scope.project is not None:
        sql, params = f"{sql} AND h.project_path IN {folders.format('?')}", [*params, scope.project]
    return sql, params


def _remembered(scope: Scope, rows: list[Row]) -> int:
    if not scope.ranged:
        return len(rows)
    local = LocalTime(scope.zone)
    return sum(row[0] is not None and scope.holds(local.day(row[0])) for row in rows)
