"""What a cost is made of: every response, and every inference that is billed beside one."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NamedTuple

from accrete.clock import parse_instant
from accrete.database import Question, Row
from accrete.queries.costs import (
    BILLED,
    SUMS,
    WINDOW_MS,
    WRITTEN,
    CostRow,
    billed_of,
    billed_rows,
    cost,
    cost_row,
)
from accrete.queries.scope import SESSIONS, USED, Scope, narrowed_by, stored_number


@dataclass(frozen=True, slots=True)
class Chosen:
    """What of it is asked for. outcome: of the session; prompt: the number of the prompt, 0 for
    what came before the first, in a scope of one session; subagent: a type of subagents; skill,
    plugin, server: what the client says it was made for; window: when a window of five hours
    begins, UTC ms; places: the first and the last place of responses of the main line in their
    file; lacks: one of LACKS."""

    outcome: str | None = None
    prompt: int | None = None
    subagent: str | None = None
    skill: str | None = None
    plugin: str | None = None
    server: str | None = None
    window: int | None = None
    places: tuple[int, int] | None = None
    lacks: str | None = None

    @property
    def set(self) -> bool:
        """Whether anything is chosen."""
        return any(getattr(self, each.name) is not None for each in fields(self))


LACKS = {
    "project": "s.project IS NULL",
    "outcome": "s.outcome IS NULL",
    "branch": "COALESCE(r.branch, '') = ''",
    "model": "COALESCE(r.model, '') = ''",
    "skill": "r.skill IS NULL",
    "plugin": "r.plugin IS NULL",
    "server": "r.mcp_server IS NULL",
    "subagent": "r.run <> '' AND a.shown_type IS NULL",
    "price": "r.cost_nano IS NULL",
    "whole output": "r.lower_bound = 1",
    "confirmed price": "r.cost_basis = 'assumed'",
}
"""What responses can be narrowed to that lack it; `subagent`: the type of theirs."""


class BilledRow(NamedTuple):
    """A response, or an inference beside one (`beside` is 1). at: UTC ms; prompt: the number of its
    prompt, 0 before the first; run: of the subagent, '' for the main line, and agent_type, its
    type; uuid: of the first record of its message, None where there is none. cost_nano is None
    where it has no price, which `basis` gives the reason of; lower_bound: 1 where its output is
    known in part."""

    session: str
    title: str | None
    at: int | None
    prompt: int
    run: str
    agent_type: str | None
    model: str
    input_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    output_tokens: int
    cost_nano: int | None
    basis: str | None
    lower_bound: int
    beside: int
    message_id: str
    request_id: str
    part: int
    uuid: str | None


class After(NamedTuple):
    """A place in the list: the row that it names comes before it."""

    at: int
    session: str
    message_id: str
    request_id: str
    part: int

    @classmethod
    def of(cls, row: BilledRow) -> After:
        """The place after a row."""
        return cls(row.at or 0, row.session, row.message_id, row.request_id, row.part)

    def write(self) -> str:
        """As a URL has it."""
        return "~".join(str(each) for each in self)

    @classmethod
    def read(cls, text: str) -> After:
        """What `write` wrote. Raises ValueError for anything else."""
        at, session, rest = text.split("~", 2)
        message, request, part = rest.rsplit("~", 2)
        if parse_instant(stored_number(at)) is None:
            raise ValueError(f"{at[:40]!r} is no time")
        return cls(int(at), session, message, request, stored_number(part))


_PROMPT = """LEFT JOIN prompt t ON t.person = {0}.person AND t.session = {0}.session
  AND t.uuid = {0}.prompt"""
_AGENT = """LEFT JOIN agent_run a ON a.person = {0}.person AND a.session = {0}.session
  AND a.agent = {0}.run AND {0}.run <> ''"""
_ORDER = "COALESCE(r.at, 0) DESC, r.session, r.message_id, r.request_id, r.part"


@narrowed_by(*SESSIONS, *USED)
def billed(
    scope: Scope, chosen: Chosen, *, limit: int, after: After | None = None
) -> Question[list[BilledRow]]:
    """What is billed, the newest first: `limit` of it at most, from the place `after` on."""
    tables, where, params = _chosen(scope, chosen)
    if after is not None:
        at = "COALESCE(r.at, 0)"
        where += f""" AND ({at} < ? OR ({at} = ? AND (r.session, r.message_id, r.request_id, r.part)
          > (?, ?, ?, ?)))"""
        params += [after.at, *after]
    sql = f"""SELECT g.session, s.title, g.at, COALESCE(t.number, 0), g.run, a.shown_type, g.model,
      g.input_tokens, g.cache_read, g.cache_write, g.output_tokens, g.cost_nano, g.basis,
      g.lower_bound, g.beside, g.message_id, g.request_id, g.part,
      (SELECT e.uuid FROM event e WHERE e.person = g.person AND e.message_id = g.message_id
        AND e.session = g.session ORDER BY e.seq, e.part LIMIT 1)
    FROM (SELECT r.person AS person, r.session AS session, r.at AS at, r.prompt AS prompt,
      r.run AS run, COALESCE(r.model, '') AS model, r.input_tokens AS input_tokens,
      r.cache_read_tokens AS cache_read, {WRITTEN} AS cache_write,
      r.output_tokens AS output_tokens, r.cost_nano AS cost_nano, r.cost_basis AS basis,
      r.lower_bound AS lower_bound, 1 - r.responses AS beside, r.message_id AS message_id,
      r.request_id AS request_id, r.part AS part
      FROM {tables} WHERE {where} ORDER BY {_ORDER} LIMIT ?) g
    JOIN visible_session s ON s.person = g.person AND s.id = g.session
    {_PROMPT.format("g")} {_AGENT.format("g")}
    ORDER BY {_ORDER.replace("r.", "g.")}"""

    def shape(answers: list[list[Row]]) -> list[BilledRow]:
        return [BilledRow(*row) for row in answers[0]]

    return Question(((sql, [*params, limit]),), shape)


@narrowed_by(*SESSIONS, *USED)
def last_day(scope: Scope) -> Question[str]:
    """The last local day on which something of it was billed, '' where nothing was."""
    narrowed, params = scope.where(day="u.local_day")
    used, names = scope.used("u.")
    sql = f"""SELECT MAX(u.local_day) FROM session_usage u
    JOIN visible_session s ON s.person = u.person AND s.id = u.session WHERE {narrowed}{used}"""
    return Question(((sql, [*params, *names]),), lambda answers: answers[0][0][0] or "")


@narrowed_by(*SESSIONS, *USED)
def billed_sum(scope: Scope, chosen: Chosen) -> Question[CostRow]:
    """All of it added up: from rollups where nothing is chosen that they do not know."""
    if not chosen.set:
        every = cost(scope, "all")
        return Question(
            every.statements,
            lambda answers: next(iter(every.shape(answers)), CostRow("", "", *[0] * 12)),
        )
    tables, where, params = _chosen(scope, chosen)
    sql = f"""SELECT '', '', {SUMS.format(sessions=scope.distinct("r"))} FROM {tables}
    WHERE {where}"""
    return Question(((sql, params),), lambda answers: cost_row(answers[0][0]))


def _chosen(scope: Scope, chosen: Chosen) -> tuple[str, str, list[object]]:
    """The tables, with what is billed (`r`), its session (`s`) and, where these are chosen by, its
    prompt and subagent (`t`, `a`); the condition and its parameters. In a range the few days of
    sessions in it are looked at first: all responses are many."""
    where, params = billed_of(scope)
    rows, inner = BILLED, list[object]()
    if scope.ranged and scope.session is None:
        within, days = scope.days("d.local_day")
        whose, people = scope.of("d.person")
        rows = billed_rows(
            f"AND session IN (SELECT d.session FROM session_day d WHERE {whose}{within})"
        )
        inner = [*people, *days] * 2
    given: tuple[tuple[str, object], ...] = (
        ("s.outcome = ?", chosen.outcome),
        ("COALESCE(t.number, 0) = ?", chosen.prompt),
        ("r.run <> '' AND a.shown_type = ?", chosen.subagent),
        ("r.skill = ?", chosen.skill),
        ("r.plugin = ?", chosen.plugin),
        ("r.mcp_server = ?", chosen.server),
    )
    for condition, value in given:
        if value is not None:
            where, params = f"{where} AND {condition}", [*params, value]
    if chosen.window is not None:
        where += " AND r.at >= ? AND r.at < ?"
        params += [chosen.window, chosen.window + WINDOW_MS]
    if chosen.places is not None:
        where += " AND r.run = '' AND r.responses = 1 AND r.has_usage = 1 AND r.seq BETWEEN ? AND ?"
        params += chosen.places
    if chosen.lacks is not None:
        where += f" AND {LACKS[chosen.lacks]}"
    tables = f"{rows} r JOIN visible_session s ON s.person = r.person AND s.id = r.session"
    if chosen.prompt is not None:
        tables += f" {_PROMPT.format('r')}"
    if chosen.subagent is not None or chosen.lacks == "subagent":
        tables += f" {_AGENT.format('r')}"
    return tables, where, [*inner, *params]
