"""The overview: how much, when, where and with what, each figure with what it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from accrete.database import Question, Row
from accrete.model import HUMAN_KINDS
from accrete.queries.costs import CostRow, cost
from accrete.queries.scope import Scope
from accrete.queries.sessions import HAS_WORK


@dataclass(frozen=True, slots=True)
class Side:
    """A person's own sessions, or the automated ones, added up. Spans in ms, money in nano-dollars."""

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


@dataclass(frozen=True, slots=True)
class DayRow:
    """One local day."""

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
    """All of it. first_at, last_at: UTC ms of the first and last thing said."""

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


_HUMAN = "(" + ", ".join(f"'{kind}'" for kind in HUMAN_KINDS) + ")"
_SIDE = """SELECT s.automated, COUNT(*), SUM(s.prompts), SUM(s.prompts_queued),
SUM(COALESCE(s.active_ms, 0)), SUM(COALESCE(s.wall_ms, 0)),
SUM(s.work_blocks), SUM(s.tool_calls), SUM(s.tool_errors), SUM(s.agents), SUM(s.compactions), SUM(s.interruptions),
SUM(s.plan_mode), SUM(s.responses_own), SUM(s.responses_delegated), SUM(s.cost_own_nano), SUM(s.cost_delegated_nano),
SUM(s.unpriced), SUM(s.lower_bound), SUM(s.price_assumed), SUM(CASE WHEN s.source_missing_at IS NULL THEN 0 ELSE 1 END)"""


def overview(scope: Scope) -> Question[Overview]:
    """Everything the first screen shows, for the sessions of a scope."""
    by_session, session_params = scope.where(day="s.local_day")
    by_prompt, prompt_params = scope.where(day="t.local_day")
    by_block, block_params = scope.where(day="b.local_day")
    usage, days, models = (cost(scope, by) for by in ("all", "day", "model"))
    statements = (
        (f"{_SIDE} FROM session s WHERE {by_session} AND {HAS_WORK} GROUP BY s.automated", session_params),
        (f"SELECT MIN(s.started_at), MAX(s.ended_at) FROM session s WHERE {by_session} AND {HAS_WORK}", session_params),
        *usage.statements,
        *days.statements,
        (f"""SELECT t.local_day, COUNT(*) FROM prompt t JOIN session s ON s.person = t.person AND s.id = t.session
          WHERE {by_prompt} AND t.replayed = 0 AND t.kind IN {_HUMAN} GROUP BY t.local_day""", prompt_params),
        (f"""SELECT b.local_day, SUM(b.active_ms) FROM work_block b JOIN session s ON s.person = b.person AND s.id = b.session
          WHERE {by_block} GROUP BY b.local_day""", block_params),
        (f"""SELECT COALESCE(s.project, ''), COALESCE(MIN(p.name), '(no folder)'), COUNT(*), SUM(s.prompts),
          SUM(COALESCE(s.active_ms, 0)), SUM(s.cost_own_nano + s.cost_delegated_nano), SUM(s.unpriced), MAX(s.ended_at)
          FROM session s LEFT JOIN project p ON p.person = s.person AND p.id = s.project
          WHERE {by_session} AND {HAS_WORK} GROUP BY s.project""", session_params),
        *models.statements,
        (f"""SELECT t.tool, SUM(t.calls), SUM(t.errors) FROM session_tool t JOIN session s ON s.person = t.person AND s.id = t.session
          WHERE {by_session} GROUP BY t.tool ORDER BY 2 DESC, 1""", session_params),
        (f"""SELECT t.kind, COUNT(*) FROM prompt t JOIN session s ON s.person = t.person AND s.id = t.session
          WHERE {by_session} AND t.replayed = 0 GROUP BY t.kind""", session_params),
        ("SELECT COUNT(*) FROM typed_history WHERE person = ?", [scope.person]),
    )  # fmt: skip

    def shape(answers: list[list[Row]]) -> Overview:
        sides, span, used, by_day, prompts, blocks, projects, by_model, tools, kinds, history = answers
        found = {int(row[0]): Side(*(int(value or 0) for value in row[1:])) for row in sides}
        total = usage.shape([used])
        return Overview(
            human=found.get(0, Side()),
            automated=found.get(1, Side()),
            first_at=span[0][0],
            last_at=span[0][1],
            usage=total[0] if total else None,
            days=_days(days.shape([by_day]), dict(_pairs(prompts)), dict(_pairs(blocks))),
            projects=sorted(
                (_project(row) for row in projects),
                key=lambda row: -(row.last_at or 0),
            ),
            models=models.shape([by_model]),
            tools=[(str(row[0]), int(row[1]), int(row[2])) for row in tools],
            kinds={str(row[0]): int(row[1]) for row in kinds},
            typed_history=int(history[0][0]),
        )

    return Question(statements, shape)


def _project(row: Row) -> ProjectRow:
    sessions, prompts, active, cost_nano, unpriced = (int(value or 0) for value in row[2:7])
    return ProjectRow(str(row[0]), str(row[1]), sessions, prompts, active, cost_nano, unpriced, row[7])


def _pairs(rows: list[Row]) -> list[tuple[str, int]]:
    return [(str(row[0]), int(row[1] or 0)) for row in rows if row[0] is not None]


def _days(costs: list[CostRow], prompts: dict[str, int], active: dict[str, int]) -> list[DayRow]:
    known = {row.key: row for row in costs if row.key}
    found = []
    for day in sorted(known.keys() | prompts.keys() | active.keys()):
        row = known.get(day)
        tokens = row.input_tokens + row.output_tokens + row.cache_read_tokens + row.cache_write_tokens if row else 0
        found.append(
            DayRow(day, row.sessions if row else 0, prompts.get(day, 0), active.get(day, 0), tokens,
                   row.cost_nano if row else 0, row.unpriced if row else 0)
        )  # fmt: skip
    return found
