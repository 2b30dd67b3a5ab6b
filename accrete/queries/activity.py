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
    Spans in ms, money in
    nano-dollars. partly: how many of the sessions go beyond the range."""

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


@narrowed_by(*SESSIONS)
def overview(scope: Scope) -> Question[Overview]:
    """Everything the first screen shows, for what happened in the range of a scope."""
    tables, of_sessions, session_params = scope.sessions()
    by_day, day_params = scope.where(day="d.local_day")
    by_thing, thing_params = scope.where(day="t.local_day")
    usage, models = (cost(scope, by) for by in ("all", "model"))
    history, history_params = _history(scope)
    statements = (
        (scope.figures(f"{_SIDE} FROM {tables} WHERE {of_sessions} AND {HAS_WORK} GROUP BY s.automated"), session_params),
        (scope.figures(f"SELECT MIN(r.first_at), MAX(r.last_at) FROM {tables} WHERE {of_sessions} AND {HAS_WORK}"), session_params),
        *usage.statements,
        (f"""{_DAY} FROM session_day d JOIN visible_session s ON s.person = d.person AND s.id = d.session
          WHERE {by_day} AND {HAS_WORK} GROUP BY d.local_day ORDER BY d.local_day""", day_params),
        (scope.figures(f"""SELECT COALESCE(s.project, ''), COALESCE(MIN(p.name), '(no folder)'), COUNT(*), SUM(r.prompts),
          SUM(COALESCE(r.active_ms, 0)), SUM(r.cost_own_nano + r.cost_delegated_nano), SUM(r.unpriced), MAX(r.last_at)
          FROM {tables} LEFT JOIN project p ON p.person = s.person AND p.id = s.project
          WHERE {of_sessions} AND {HAS_WORK} GROUP BY s.project"""), session_params),
        *models.statements,
        (f"""SELECT t.tool, SUM(t.calls), SUM(t.errors) FROM session_tool t JOIN visible_session s ON s.person = t.person AND s.id = t.session
          WHERE {by_thing} GROUP BY t.tool ORDER BY 2 DESC, 1""", thing_params),
        (f"""SELECT t.kind, COUNT(*) FROM prompt t JOIN visible_session s ON s.person = t.person AND s.id = t.session
          WHERE {by_thing} AND t.replayed = 0 GROUP BY t.kind""", thing_params),
        (history, history_params),
    )  # fmt: skip

    def shape(answers: list[list[Row]]) -> Overview:
        sides, span, used, days, projects, by_model, tools, kinds, history = answers
        found = {
            int(automated): Side(*(int(value or 0) for value in sums)) for automated, *sums in sides
        }
        ((first_at, last_at),) = span
        total = usage.shape([used])
        return Overview(
            human=found.get(0, Side()),
            automated=found.get(1, Side()),
            first_at=first_at,
            last_at=last_at,
            usage=total[0] if total else None,
            days=[DayRow(str(day), *(int(value or 0) for value in sums)) for day, *sums in days],
            projects=sorted(
                (_project(row) for row in projects),
                key=lambda row: -(row.last_at or 0),
            ),
            models=models.shape([by_model]),
            tools=[(str(tool), int(calls), int(errors)) for tool, calls, errors in tools],
            kinds={str(kind): int(n) for kind, n in kinds},
            typed_history=_remembered(scope, history),
        )

    return Question(statements, shape)


def _project(row: Row) -> ProjectRow:
    project, name, *sums, last_at = row
    sessions, prompts, active, cost_nano, unpriced = (int(value or 0) for value in sums)
    return ProjectRow(
        str(project), str(name), sessions, prompts, active, cost_nano, unpriced, last_at
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
    return sum(at is not None and scope.holds(local.day(at)) for (at,) in rows)
