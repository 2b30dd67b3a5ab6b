"""Costs: tokens and API-equivalent cost by day, project, branch, model, session, prompt or
subagent."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from accrete import clock
from accrete.clock import LocalTime
from accrete.database import Question, Row
from accrete.model import Tier
from accrete.queries.scope import PROJECT_NAME, SESSIONS, USED, ZONES_MS, Scope, narrowed_by
from accrete.text.plain import squeeze
from accrete.transcript.client_marks import command_line

IN_TIME = ("day", "week", "month", "window")
"""Groupings of which the newest come last."""
GROUPINGS = (
    "day",
    "week",
    "month",
    "project",
    "branch",
    "model",
    "session",
    "prompt",
    "subagent",
    "skill",
    "plugin",
    "mcp-server",
    "outcome",
    "window",
)
MADE_FOR = {
    "skill": ("skill", "(no skill)"),
    "plugin": ("plugin", "(no plugin)"),
    "mcp-server": ("mcp_server", "(no MCP server)"),
}
"""Groupings by what the client says a response was made for: the column, and what stands for none.
"""
STAY_HERE = ("plugin", "mcp-server")
"""Groupings by what does not leave a machine: a team server cannot tell them."""


LABEL_KEPT = 2000
"""Characters of a prompt that its row is named by, at most."""


class CostRow(NamedTuple):
    """Responses added up, and what is billed beside them. Tokens as the API counted them; money in
    nano-dollars, of what has a price. `unpriced`, `lower_bound` and `price_assumed` count what has
    no price, has output that is known only in part, and is of a time before its price is first
    known of."""

    key: str
    label: str
    sessions: int
    responses: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    web_searches: int
    cost_own_nano: int
    cost_delegated_nano: int
    unpriced: int
    lower_bound: int
    price_assumed: int

    @property
    def cost_nano(self) -> int:
        """Own and delegated together."""
        return self.cost_own_nano + self.cost_delegated_nano

    @property
    def tokens(self) -> int:
        """Input, output and cache together."""
        return (
            self.input_tokens
            + self.output_tokens
            + self.cache_read_tokens
            + self.cache_write_tokens
        )


_AMOUNTS = CostRow._fields[3:]
_KEYS = {
    "all": ("''", "''"),
    "day": ("u.local_day", "u.local_day"),
    "day and session": ("u.local_day, u.person, u.session", "u.person || '/' || u.session"),
    "month": ("substr(u.local_day, 1, 7)", "substr(u.local_day, 1, 7)"),
    "project": ("COALESCE(s.project, '')", PROJECT_NAME),
    "branch": ("u.branch", "CASE WHEN u.branch = '' THEN '(none)' ELSE u.branch END"),
    "model": ("u.model", "CASE WHEN u.model = '' THEN '(unknown)' ELSE u.model END"),
    "session": ("s.person, s.id", "COALESCE(MIN(s.title), '')"),
    "outcome": ("COALESCE(s.outcome, '')", "COALESCE(MIN(s.outcome), '(none)')"),
}


@narrowed_by(*SESSIONS, *USED)
def cost(scope: Scope, by: str) -> Question[list[CostRow]]:
    """The cost of a scope by one of GROUPINGS, or `all` for one row. Days, weeks (named by their
    Monday) and months in order of time, the newest last; everything else the dearest first. Raises
    ValueError for another grouping."""
    if by == "prompt":  # its labels are words
        return _by_prompt(replace(scope, tier=max(scope.tier, Tier.WORDS)))
    if by == "subagent":
        return _by_subagent(scope)
    if by == "window":
        return _by_window(scope)
    if by in MADE_FOR:
        return _by_made_for(scope, by, every=True)
    if by == "week":
        days = cost(scope, "day and session")
        return Question(days.statements, lambda answers: _weeks(days.shape(answers)))
    if by not in _KEYS:
        raise ValueError(f"unknown grouping {by!r}")
    group = _KEYS[by][0]
    order = "1" if by in ("day", "month", "day and session") else "SUM(u.cost_nano) DESC, 1"
    whole = "HAVING COUNT(*) > 0" if by == "all" else f"GROUP BY {group} ORDER BY {order}"
    source, params = _used_in(scope)
    return Question(
        ((f"{_sums(scope, by)} {source} {whole}", params),),
        lambda answers: [cost_row(row) for row in answers[0]],
    )


def _sums(scope: Scope, by: str) -> str:
    """The columns of a CostRow of `session_usage`."""
    group, label = _KEYS[by]
    key = {"day and session": "u.local_day", "session": "s.id"}.get(by, group)
    return f"""SELECT {key}, {label}, {scope.distinct("u")}, SUM(u.responses), SUM(u.input_tokens),
      SUM(u.output_tokens), SUM(u.cache_read_tokens), SUM(u.cache_write_tokens),
      SUM(u.web_searches), SUM(CASE WHEN u.delegated = 0 THEN u.cost_nano ELSE 0 END),
      SUM(CASE WHEN u.delegated = 1 THEN u.cost_nano ELSE 0 END), SUM(u.unpriced),
      SUM(u.lower_bound), SUM(u.price_assumed)"""


def _used_in(scope: Scope) -> tuple[str, list[object]]:
    """What the sessions of a scope used in its range, and the parameters."""
    narrowed, params = scope.where(day="u.local_day")
    used, names = scope.used("u.")
    source = f"""FROM session_usage u
    JOIN visible_session s ON s.person = u.person AND s.id = u.session
    LEFT JOIN project p ON p.person = s.person AND p.id = s.project WHERE {narrowed}{used}"""
    return source, [*params, *names]


@narrowed_by(*SESSIONS, *USED)
def session_costs(scope: Scope) -> Question[list[int]]:
    """What each session of a scope cost, in nano-dollars, in no order: of very many, `cost` by
    session takes ten times the memory."""
    source, params = _used_in(scope)
    return Question(
        ((f"SELECT SUM(u.cost_nano) {source} GROUP BY s.person, s.id", params),),
        lambda answers: [int(cost) for (cost,) in answers[0]],
    )


@narrowed_by(*SESSIONS, *USED)
def dearest_sessions(
    scope: Scope, *, limit: int, after: tuple[int, str] | None = None
) -> Question[tuple[int, list[CostRow]]]:
    """Some rows of `cost` by session, and how many come before them. after: the cost (nano-dollars)
    and the key of a place in their order, whether or not a session has it: those that follow."""
    source, params = _used_in(scope)
    grouped, place = f"{source} GROUP BY s.person, s.id HAVING ", list[object]()
    follows, before = "true", "SELECT 0"
    if after is not None:
        place = [after[0], *after]
        follows = "(SUM(u.cost_nano) < ? OR (SUM(u.cost_nano) = ? AND s.id > ?))"
        before = f"SELECT COUNT(*) FROM (SELECT s.id {grouped}NOT {follows}) w"
    statements = (
        (before, [] if after is None else [*params, *place]),
        (f"{_sums(scope, 'session')} {grouped}{follows} ORDER BY SUM(u.cost_nano) DESC, 1 LIMIT ?",
         [*params, *place, limit]),
    )  # fmt: skip
    return Question(
        statements,
        lambda answers: (int(answers[0][0][0]), [cost_row(row) for row in answers[1]]),
    )


def cost_row(row: Row) -> CostRow:
    """A row of a statement, in the order of the fields."""
    key, label, *amounts = row
    return CostRow(str(key), str(label), *(int(value or 0) for value in amounts))


def _weeks(days: list[CostRow]) -> list[CostRow]:
    """Rows by day and session added up by week, each session once a week."""
    weeks: dict[str, list[int]] = {}
    sessions: dict[str, set[str]] = {}
    for row in days:
        monday = clock.monday(row.key) if row.key else ""
        sums = weeks.setdefault(monday, [0] * len(_AMOUNTS))
        sessions.setdefault(monday, set()).add(row.label)
        for index, name in enumerate(_AMOUNTS):
            sums[index] += getattr(row, name)
    return [
        CostRow(monday, monday, len(sessions[monday]), *sums)
        for monday, sums in sorted(weeks.items())
    ]


_TOKENS = (
    "input_tokens, output_tokens, cache_read_tokens, "
    "cache_write_tokens, cache_write_5m_tokens, cache_write_1h_tokens"
)


def billed_rows(more: str = "") -> str:
    """Everything that is billed: the responses that count, and the inferences beside them. more: a
    condition on either, with AND before it; its parameters come twice."""
    return f"""(SELECT person, session, agent, seq, message_id, request_id, -1 AS part, run, prompt,
    at, local_day, model, branch, skill, plugin, mcp_server, 1 AS responses, has_usage, {_TOKENS},
  CASE WHEN web_searches > 0 THEN web_searches ELSE searches_credited END AS searches, cost_nano,
  cost_basis, lower_bound, speed, geo, tier
  FROM response WHERE counted = 1 AND synthetic = 0 {more}
  UNION ALL SELECT person, session, run, 0, message_id, request_id, part, run, prompt, at,
  local_day, model, branch, skill, plugin, mcp_server, 0, 1, {_TOKENS},
  0, cost_nano, cost_basis, 0, speed, geo, tier FROM inference WHERE true {more})"""


BILLED = billed_rows()
WRITTEN = """CASE WHEN r.cache_write_tokens > r.cache_write_5m_tokens + r.cache_write_1h_tokens
  THEN r.cache_write_tokens
  ELSE r.cache_write_5m_tokens + r.cache_write_1h_tokens END"""
"""All tokens written to the cache, as pricing.UsedTokens.written has them."""
SUMS = f"""{{sessions}} AS sessions, SUM(r.responses) AS responses,
SUM(r.input_tokens) AS input_tokens, SUM(r.output_tokens) AS output_tokens,
SUM(r.cache_read_tokens) AS cache_read, SUM({WRITTEN}) AS cache_write,
SUM(r.searches) AS searches,
SUM(CASE WHEN r.run = '' THEN COALESCE(r.cost_nano, 0) ELSE 0 END) AS own,
SUM(CASE WHEN r.run = '' THEN 0 ELSE COALESCE(r.cost_nano, 0) END) AS delegated,
SUM(CASE WHEN r.cost_nano IS NULL THEN 1 ELSE 0 END) AS unpriced, SUM(r.lower_bound) AS lower_bound,
SUM(CASE WHEN r.cost_basis = 'assumed' THEN 1 ELSE 0 END) AS price_assumed"""


def billed_of(scope: Scope) -> tuple[str, list[object]]:
    """The condition on what is billed (`r`) and its sessions (`s`), and its parameters."""
    narrowed, params = scope.where(day="r.local_day")
    used, names = scope.used("", ("r.branch", "COALESCE(r.model, '')"))
    return narrowed + used, [*params, *names]


class Unpriced(NamedTuple):
    """What has no price for one reason, one of pricing.UNPRICED, on one model; `value` is the
    speed, service tier or geo that is not known. n: responses, and inferences beside them."""

    reason: str
    model: str
    value: str
    n: int
    tokens: int


_VALUE = """CASE r.cost_basis WHEN 'unpriced:tier' THEN COALESCE(r.tier, '')
WHEN 'unpriced:geo' THEN COALESCE(r.geo, '')
WHEN 'unpriced:speed' THEN COALESCE(r.speed, '') ELSE '' END"""


@narrowed_by(*SESSIONS, *USED)
def without_price(scope: Scope) -> Question[list[Unpriced]]:
    """What of a scope has no price and why, the most frequent first."""
    where, params = billed_of(scope)
    sql = f"""SELECT r.cost_basis, COALESCE(r.model, ''), {_VALUE}, COUNT(*),
      SUM(r.input_tokens + r.output_tokens + r.cache_read_tokens + r.cache_write_tokens)
    FROM {BILLED} r JOIN visible_session s ON s.person = r.person AND s.id = r.session
    WHERE {where} AND r.cost_nano IS NULL AND r.cost_basis IS NOT NULL
    GROUP BY r.cost_basis, r.model, {_VALUE} ORDER BY 4 DESC, 1, 2, 3"""
    return Question(
        ((sql, params),),
        lambda answers: [
            Unpriced(str(reason), str(model), str(value), int(responses), int(tokens))
            for reason, model, value, responses, tokens in answers[0]
        ],
    )


_SHORT = {
    "unpriced:model": "no known price for {}",
    "unpriced:fast": "{} had no fast mode",
    "unpriced:speed": "speed {} is unknown",
    "unpriced:tier": "no known price for service tier {}",
    "unpriced:geo": "geo {} is unknown",
    "unpriced:usage": "no usage was recorded",
}


def why_unpriced(rows: list[Unpriced]) -> str:
    """The reasons in one line, each with what it is about: `no known price for a, b; …`."""
    about: dict[str, list[str]] = {}
    for row in rows:
        names = about.setdefault(row.reason, [])
        name = row.value or row.model or "(no model named)"
        if name not in names:
            names.append(name)
    return "; ".join(
        _SHORT.get(reason, reason).format(", ".join(names))
        for reason, names in sorted(about.items())
    )


def _by_prompt(scope: Scope) -> Question[list[CostRow]]:
    """The key is `session#number`, the label the prompt's text; responses before any prompt are
    `#0`."""
    where, params = billed_of(scope)
    sql = f"""SELECT g.session, COALESCE(t.number, 0), COALESCE(e.text,
      '(no prompt: a plan handed over, or Claude Code''s own)'), g.sessions, g.responses,
      g.input_tokens, g.output_tokens, g.cache_read, g.cache_write, g.searches, g.own, g.delegated,
      g.unpriced, g.lower_bound, g.price_assumed
    FROM (SELECT r.person AS person, r.session AS session, r.prompt AS prompt,
    {SUMS.format(sessions=scope.distinct("r"))}
      FROM {BILLED} r JOIN visible_session s ON s.person = r.person AND s.id = r.session
      WHERE {where}
      GROUP BY r.person, r.session, r.prompt) g
    LEFT JOIN prompt t ON t.person = g.person AND t.session = g.session AND t.uuid = g.prompt
    LEFT JOIN event e ON e.person = g.person AND e.session = g.session AND e.agent = ''
    AND e.uuid = g.prompt AND e.kind IN (t.kind, 'queue_operation')
    ORDER BY g.own + g.delegated DESC, g.session, 2"""

    def shape(answers: list[list[Row]]) -> list[CostRow]:
        return [
            cost_row((f"{session}#{number}", _line(text), *amounts))
            for session, number, text, *amounts in answers[0]
        ]

    return Question(((sql, params),), shape)


def _line(text: str) -> str:
    """A prompt on one line, a command as it was typed."""
    text = text[:LABEL_KEPT]
    typed = command_line(text) if text.startswith(("<command-", "<bash-input>")) else text
    return squeeze(typed)


WINDOW_MS = 5 * 3_600_000
_ONE = f"""r.session, COALESCE(r.model, ''), r.responses, r.input_tokens, r.output_tokens,
r.cache_read_tokens,
{WRITTEN}, r.searches,
CASE WHEN r.run = '' THEN COALESCE(r.cost_nano, 0) ELSE 0 END,
CASE WHEN r.run = '' THEN 0 ELSE COALESCE(r.cost_nano, 0) END,
CASE WHEN r.cost_nano IS NULL THEN 1 ELSE 0 END, r.lower_bound,
CASE WHEN r.cost_basis = 'assumed' THEN 1 ELSE 0 END"""


class Window(NamedTuple):
    """Five hours as plans count them. begins: UTC ms, None for what has no time; first_at and
    last_at: its first and last response; row: all of it; models: it by model, the dearest first."""

    begins: int | None
    first_at: int | None
    last_at: int | None
    row: CostRow
    models: list[CostRow]


@narrowed_by(*SESSIONS, *USED)
def windows(scope: Scope) -> Question[list[Window]]:
    """Windows of five hours, the newest last: each begins at the full hour of the first response
    after the one before. A response without a time goes with its neighbour; where it has none, it
    is in a window without a time. When they begin is by all that the people did, and only then
    comes what belongs to the scope, in windows that have some of it."""
    belongs, params = billed_of(scope)
    near, times = _formed_by(scope)
    sql = f"""SELECT r.at, r.agent, {_ONE}, CASE WHEN {belongs} THEN 1 ELSE 0 END
    FROM {BILLED} r JOIN visible_session s ON s.person = r.person AND s.id = r.session
    WHERE {near} ORDER BY r.session, r.agent, r.seq, r.message_id"""

    def shape(answers: list[list[Row]]) -> list[Window]:
        found: dict[int | None, list[_Billed]] = {}
        begins = -WINDOW_MS
        for one in _timed(answers[0]):
            if one.at is not None and one.at >= begins + WINDOW_MS:
                begins = one.at - one.at % 3_600_000
            if one.belongs:
                found.setdefault(None if one.at is None else begins, []).append(one)
        return [_window(begins, rows) for begins, rows in found.items()]

    return Question(((sql, [*params, *times]),), shape)


def _formed_by(scope: Scope) -> tuple[str, list[object]]:
    """The condition on what is billed (`r`) and its sessions (`s`) by which the windows of a scope
    are formed: everything since a pause that no window outlasts and that lies before the first day
    in any zone, and what has no time."""
    whose, people = Scope(scope.people, scope.tier).where()
    if scope.since is None:
        return whose, people
    first = LocalTime("UTC").start_of_day(scope.since) - ZONES_MS
    pause = f"""SELECT MAX(t.at) FROM (SELECT r.at AS at,
      r.at - LAG(r.at) OVER (ORDER BY r.at) AS pause
      FROM {BILLED} r JOIN visible_session s ON s.person = r.person AND s.id = r.session
      WHERE {whose} AND r.at >= ? AND r.at < ?) t WHERE t.pause >= ?"""
    return (f"{whose} AND (r.at IS NULL OR r.at >= COALESCE(({pause}), 0))",
            [*people, *people, first - LOOKED_BACK_MS, first, WINDOW_MS])  # fmt: skip


LOOKED_BACK_MS = 60 * 24 * 3_600_000
"""How far back a pause is looked for; where there is none, windows are formed by everything."""


class _Billed(NamedTuple):
    """A response, or what is billed beside one, with its amounts as CostRow has them; belongs:
    whether it is of the scope."""

    at: int | None
    session: str
    model: str
    amounts: list[int]
    belongs: int


def _window(begins: int | None, billed: list[_Billed]) -> Window:
    key = "" if begins is None else str(begins)
    models: dict[str, list[_Billed]] = {}
    for one in billed:
        models.setdefault(one.model, []).append(one)
    by_model = [_added(model, model or "(unknown)", used) for model, used in models.items()]
    by_model.sort(key=lambda row: (-row.cost_nano, row.key))
    return Window(begins, billed[0].at, billed[-1].at, _added(key, key, billed), by_model)


def _added(key: str, label: str, billed: list[_Billed]) -> CostRow:
    """All of it in one row."""
    amounts = [int(sum(each)) for each in zip(*[one.amounts for one in billed], strict=True)]
    return CostRow(key, label, len({one.session for one in billed}), *amounts)


def _by_window(scope: Scope) -> Question[list[CostRow]]:
    """By windows; the key is when one begins, UTC ms, '' for what has no time."""
    found = windows(scope)
    return Question(
        found.statements, lambda answers: [window.row for window in found.shape(answers)]
    )


def _timed(rows: list[Row]) -> list[_Billed]:
    """Rows `(at, agent, session, model, amounts…, belongs)`, each agent's in their order, in the
    order of time: what has none has that of the one before it, else of the next; those of whom
    nobody knows come first."""
    known = [at for at, *_ in rows]
    lines: dict[tuple[str, str], list[int]] = {}
    for place, (_, agent, session, *_) in enumerate(rows):
        lines.setdefault((session, agent), []).append(place)
    for line in lines.values():
        near = next((known[place] for place in line if known[place] is not None), None)
        for place in line:
            near = known[place] = near if known[place] is None else known[place]
    found = [
        _Billed(at, session, model, amounts, belongs)
        for at, (_, _, session, model, *amounts, belongs) in zip(known, rows, strict=True)
    ]
    return sorted(found, key=lambda one: (one.at is not None, one.at or 0))


@narrowed_by(*SESSIONS, *USED)
def made_for(scope: Scope, by: str) -> Question[list[CostRow]]:
    """The rows of `cost` by one of MADE_FOR, without that of what was made for nothing of its
    kind."""
    return _by_made_for(scope, by, every=False)


def _by_made_for(scope: Scope, by: str, *, every: bool) -> Question[list[CostRow]]:
    where, params = billed_of(scope)
    column, none = MADE_FOR[by]
    where += "" if every else f" AND r.{column} IS NOT NULL"
    sql = f"""SELECT COALESCE(r.{column}, ''), COALESCE(r.{column}, '{none}'),
    {SUMS.format(sessions=scope.distinct("r"))}
    FROM {BILLED} r JOIN visible_session s ON s.person = r.person AND s.id = r.session
    WHERE {where} GROUP BY r.{column} ORDER BY SUM(COALESCE(r.cost_nano, 0)) DESC, 1"""
    return Question(((sql, params),), lambda answers: [cost_row(row) for row in answers[0]])


def _by_subagent(scope: Scope) -> Question[list[CostRow]]:
    """By the subagents' type."""
    where, params = billed_of(scope)
    sql = f"""SELECT COALESCE(a.shown_type, '(unknown)'), COALESCE(a.shown_type, '(unknown)'),
    {SUMS.format(sessions=scope.distinct("r"))}
    FROM {BILLED} r JOIN visible_session s ON s.person = r.person AND s.id = r.session
    JOIN agent_run a ON a.person = r.person AND a.session = r.session AND a.agent = r.run
    WHERE {where} AND r.run <> '' GROUP BY a.shown_type ORDER BY SUM(COALESCE(r.cost_nano, 0)) DESC,
    1"""
    return Question(((sql, params),), lambda answers: [cost_row(row) for row in answers[0]])


@narrowed_by(*SESSIONS, *USED)
def delegated(scope: Scope) -> Question[list[CostRow]]:
    """What all subagents of a scope did, in one row; none where there were none."""
    where, params = billed_of(scope)
    sql = f"""SELECT '', '', {SUMS.format(sessions=scope.distinct("r"))} FROM {BILLED} r
    JOIN visible_session s ON s.person = r.person AND s.id = r.session
    JOIN agent_run a ON a.person = r.person AND a.session = r.session AND a.agent = r.run
    WHERE {where} AND r.run <> '' HAVING COUNT(*) > 0"""
    return Question(((sql, params),), lambda answers: [cost_row(row) for row in answers[0]])
