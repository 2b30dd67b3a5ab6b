"""The overview: how much, when, where and with what, each figure with its basis."""

from __future__ import annotations

from typing import NamedTuple

from accrete.clock import LocalTime
from accrete.database import Question, Row
from accrete.database.question import Together
from accrete.queries.costs import CostRow, cost
from accrete.queries.scope import PROJECT_NAME, SESSIONS, Scope, narrowed_by
from accrete.queries.sessions import HAS_WORK


class Side(NamedTuple):
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

    @property
    def all_prompts(self) -> int:
        """Typed, run as a command or queued."""
        return self.prompts + self.prompts_queued

    @property
    def responses(self) -> int:
        """Own and delegated together."""
        return self.responses_own + self.responses_delegated

    @property
    def cost_nano(self) -> int:
        """Own and delegated together."""
        return self.cost_own_nano + self.cost_delegated_nano


class DayRow(NamedTuple):
    """One local day; '' for what has no time: see SessionDay."""

    day: str
    sessions: int
    prompts: int
    prompts_queued: int
    active_ms: int
    tokens: int
    cost_nano: int
    unpriced: int
    lower_bound: int

    @property
    def all_prompts(self) -> int:
        """Typed, run as a command or queued."""
        return self.prompts + self.prompts_queued


class ProjectRow(NamedTuple):
    """One project."""

    id: str
    name: str
    sessions: int
    prompts: int
    prompts_queued: int
    active_ms: int
    cost_nano: int
    unpriced: int
    lower_bound: int
    last_at: int | None

    @property
    def all_prompts(self) -> int:
        """Typed, run as a command or queued."""
        return self.prompts + self.prompts_queued


class Overview(NamedTuple):
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
_DAY = """SELECT d.local_day, COUNT(*), SUM(d.prompts), SUM(d.prompts_queued),
    SUM(COALESCE(d.active_ms, 0)), SUM(d.tokens_own + d.tokens_delegated),
SUM(d.cost_own_nano + d.cost_delegated_nano), SUM(d.unpriced), SUM(d.lower_bound)"""


class Results(NamedTuple):
    """What came of sessions. edited: those with a landed edit; shipped: of these, those whose
    outcome is so; commits without those that are not confirmed; lines of commits' patches are not
    among them: lines_added and lines_removed are of landed edits, None where none is known.
    with_commits, commit_cost_nano, commit_unpriced, commit_lower_bound: the sessions that
    committed, their cost, and the responses without a price and with partly known output."""

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
    commit_lower_bound: int = 0


_RESULTS = """SELECT COUNT(*), SUM(CASE WHEN r.edits_landed > 0 THEN 1 ELSE 0 END),
SUM(CASE WHEN r.edits_landed > 0 AND s.outcome = 'shipped' THEN 1 ELSE 0 END),
SUM(r.commits), SUM(r.pull_requests), SUM(r.lines_added), SUM(r.lines_removed),
SUM(CASE WHEN r.commits > 0 THEN 1 ELSE 0 END),
SUM(CASE WHEN r.commits > 0 THEN r.cost_own_nano + r.cost_delegated_nano ELSE 0 END),
SUM(CASE WHEN r.commits > 0 THEN r.unpriced ELSE 0 END),
SUM(CASE WHEN r.commits > 0 THEN r.lower_bound ELSE 0 END)"""


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
    where, params = scope.where()
    whose, people = scope.of("t.person")
    within, days = scope.days("t.local_day")
    if scope.session is not None:
        within, days = f"{within} AND t.session = ?", [*days, scope.session]
    # Counted before they are joined, in the order of their index: there are many in an hour.
    sql = f"""SELECT g.hour_of_week, SUM(g.n) FROM (SELECT t.person AS person,
        t.session AS session, t.hour_of_week AS hour_of_week, COUNT(*) AS n FROM prompt t
      WHERE {whose}{within} AND t.replayed = 0 AND t.hour_of_week IS NOT NULL
      GROUP BY t.person, t.local_day, t.hour_of_week, t.session) g
      WHERE (g.person, g.session) IN (SELECT s.person, s.id FROM visible_session s WHERE {where})
      GROUP BY g.hour_of_week"""

    def shape(answers: list[list[Row]]) -> list[int]:
        found = {int(hour): int(n) for hour, n in answers[0]}
        return [found.get(hour, 0) for hour in range(168)]

    return Question(((sql, [*people, *days, *params]),), shape)


@narrowed_by(*SESSIONS)
def sides(scope: Scope) -> Question[tuple[Side, Side]]:
    """People's own sessions and the automated ones, added up."""
    tables, where, params = scope.sessions()
    sql = scope.figures(f"{_SIDE} FROM {tables} WHERE {where} AND {HAS_WORK} GROUP BY s.automated")

    def shape(answers: list[list[Row]]) -> tuple[Side, Side]:
        found = {
            int(automated): Side(*(int(value or 0) for value in rest))
            for automated, *rest in answers[0]
        }
        return found.get(0, Side()), found.get(1, Side())

    return Question(((sql, params),), shape)


@narrowed_by(*SESSIONS)
def said_between(scope: Scope) -> Question[tuple[int | None, int | None]]:
    """When the first and the last thing was said, UTC ms."""
    tables, where, params = scope.sessions()
    sql = scope.figures(
        f"SELECT MIN(r.first_at), MAX(r.last_at) FROM {tables} WHERE {where} AND {HAS_WORK}"
    )
    return Question(((sql, params),), lambda answers: (answers[0][0][0], answers[0][0][1]))


@narrowed_by(*SESSIONS)
def days(scope: Scope) -> Question[list[DayRow]]:
    """The local days on which something happened, in order; '' first, for what has no time."""
    where, params = scope.where(day="d.local_day")
    sql = f"""{_DAY} FROM session_day d
      JOIN visible_session s ON s.person = d.person AND s.id = d.session
      WHERE {where} AND {HAS_WORK} GROUP BY d.local_day ORDER BY d.local_day"""
    return Question(
        ((sql, params),),
        lambda answers: [
            DayRow(str(day), *(int(value or 0) for value in rest)) for day, *rest in answers[0]
        ],
    )


@narrowed_by(*SESSIONS)
def by_project(scope: Scope) -> Question[list[ProjectRow]]:
    """The projects, the last used first."""
    tables, where, params = scope.sessions()
    sql = scope.figures(f"""SELECT COALESCE(s.project, ''), {PROJECT_NAME},
      COUNT(*), SUM(r.prompts), SUM(r.prompts_queued), SUM(COALESCE(r.active_ms, 0)),
      SUM(r.cost_own_nano + r.cost_delegated_nano), SUM(r.unpriced), SUM(r.lower_bound),
      MAX(r.last_at)
      FROM {tables} LEFT JOIN project p ON p.person = s.person AND p.id = s.project
      WHERE {where} AND {HAS_WORK} GROUP BY s.project""")
    return Question(
        ((sql, params),),
        lambda answers: sorted(map(_project, answers[0]), key=lambda row: -(row.last_at or 0)),
    )


@narrowed_by(*SESSIONS)
def tools(scope: Scope) -> Question[list[tuple[str, int, int]]]:
    """(tool, calls, failed calls), the most called first."""
    where, params = scope.where(day="t.local_day")
    # CROSS JOIN: SQLite would look up the session of each row of each of them.
    sql = f"""SELECT t.tool, SUM(t.calls), SUM(t.errors) FROM visible_session s
      CROSS JOIN session_tool t WHERE t.person = s.person AND t.session = s.id AND {where}
      GROUP BY t.tool ORDER BY 2 DESC, 1"""
    return Question(
        ((sql, params),),
        lambda answers: [(str(tool), int(calls), int(bad)) for tool, calls, bad in answers[0]],
    )


@narrowed_by(*SESSIONS)
def prompt_kinds(scope: Scope) -> Question[dict[str, int]]:
    """How many prompts there were of each kind."""
    where, params = scope.where(day="t.local_day")
    sql = f"""SELECT t.kind, COUNT(*) FROM prompt t
      JOIN visible_session s ON s.person = t.person AND s.id = t.session
      WHERE {where} AND t.replayed = 0 GROUP BY t.kind"""
    return Question(((sql, params),), lambda answers: {str(kind): int(n) for kind, n in answers[0]})


def _typed_history(scope: Scope) -> Question[int]:
    """How many prompts history.jsonl remembers: of the range and the projects; it knows no more."""
    return Question((_history(scope),), lambda answers: _remembered(scope, answers[0]))


@narrowed_by(*SESSIONS)
def overview(scope: Scope) -> Question[Overview]:
    """Everything the first screen shows, for what happened in the range of a scope."""
    asked = Together()
    both, between = asked.add(sides(scope)), asked.add(said_between(scope))
    total, by_day = asked.add(cost(scope, "all")), asked.add(days(scope))
    projects, models = asked.add(by_project(scope)), asked.add(cost(scope, "model"))
    by_tool, kinds = asked.add(tools(scope)), asked.add(prompt_kinds(scope))
    remembered = asked.add(_typed_history(scope))

    def shape(answers: list[list[Row]]) -> Overview:
        human, automated = both(answers)
        first_at, last_at = between(answers)
        return Overview(
            human,
            automated,
            first_at,
            last_at,
            next(iter(total(answers)), None),
            by_day(answers),
            projects(answers),
            models(answers),
            by_tool(answers),
            kinds(answers),
            remembered(answers),
        )

    return Question(asked.statements, shape)


def _project(row: Row) -> ProjectRow:
    project, name, *sums, last_at = row
    return ProjectRow(*[str(project), str(name), *(int(value or 0) for value in sums), last_at])


def _history(scope: Scope) -> tuple[str, list[object]]:
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
