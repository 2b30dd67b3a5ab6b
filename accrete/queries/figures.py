"""The five figures of a session (duration, messages, tokens, acceptance, outcome): their spread,
the person's own baseline, and how they differ by what the work was."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from accrete.database import Question, Row
from accrete.outcomes.kinds import OUTCOMES
from accrete.queries.scope import SESSIONS, Scope, narrowed_by

GROUPS = ("outcome", "project", "model", "branch", "client")
"""What sessions can be put beside each other by."""

RECENT_DAYS = 28


class Spread(NamedTuple):
    """How a figure lies over sessions: a tenth of them is at or below `low`, a half at or below
    `median`, nine tenths at or below `high`. recent, before: medians since the baseline day and
    before it; None if no session tells."""

    name: str
    unit: str
    sessions: int
    low: float | None
    median: float | None
    high: float | None
    recent: float | None
    before: float | None


class Fit(NamedTuple):
    """Sessions of one kind: medians of active ms, messages and tokens; money in nano-dollars,
    priced sessions only;
    edits proposed and landed, what a person was asked and accepted; how many sessions had each
    outcome."""

    key: str
    label: str
    sessions: int
    active_ms: float | None
    messages: float | None
    tokens: float | None
    cost_nano: int
    cost_median_nano: float | None
    unpriced: int
    edits_proposed: int
    edits_landed: int
    asked: int
    accepted: int
    outcomes: dict[str, int]


class Figures(NamedTuple):
    """The spreads, the sessions by kind (the most sessions first; by outcome in the order of
    OUTCOMES), the number of sessions, how many of them went over the budget (None if there is no
    budget), the day from which on sessions are recent, and how many of the sessions go beyond the
    range."""

    spreads: list[Spread]
    groups: list[Fit]
    sessions: int
    over_budget: int | None
    baseline: str
    partly: int


@dataclass(frozen=True, slots=True)
class _One:
    id: str
    day: str
    active: int | None
    messages: int
    tokens: int
    cost: int | None
    proposed: int
    landed: int
    accepted: int | None
    rejected: int | None
    outcome: str
    group: tuple[str, str]


@narrowed_by(*SESSIONS)
def figures(scope: Scope, *, by: str, budget_nano: int | None = None) -> Question[Figures]:
    """The figures of a scope's sessions with a prompt or an answer of their own; in a range of days
    of the part of each that happened there. Recent are those of the RECENT_DAYS up to the last
    session. Raises ValueError for another grouping than GROUPS."""
    if by not in GROUPS:
        raise ValueError(f"unknown grouping {by!r}")
    tables, where, params = scope.sessions()
    sessions = scope.figures(f"""SELECT s.id, r.first_day, r.active_ms,
      r.prompts + r.prompts_queued + r.responses_own, r.tokens_own + r.tokens_delegated,
      CASE WHEN r.unpriced = 0 THEN r.cost_own_nano + r.cost_delegated_nano END, r.edits_proposed,
      r.edits_landed,
      r.asked_accepted, r.asked_rejected, s.outcome, COALESCE(s.project, ''),
      COALESCE(p.name, CASE WHEN s.project IS NULL THEN '(no folder)' ELSE '(not named)' END),
      COALESCE(s.branch, ''), COALESCE(s.version, ''), r.partly
    FROM {tables} LEFT JOIN project p ON p.person = s.person AND p.id = s.project
    WHERE {where} AND r.prompts + r.prompts_queued + r.responses_own > 0 ORDER BY r.first_day,
    s.id""")
    counted, counted_params = scope.where(day="u.local_day")
    models = f"""SELECT u.session, u.model, SUM(u.responses) FROM session_usage u
    JOIN visible_session s ON s.person = u.person AND s.id = u.session
    WHERE {counted} AND u.delegated = 0 GROUP BY u.session, u.model ORDER BY 3 DESC, 2"""
    statements = (
        ((sessions, params), (models, counted_params)) if by == "model" else ((sessions, params),)
    )

    def shape(answers: list[list[Row]]) -> Figures:
        used: dict[str, str] = {}
        for session, model, _ in answers[1] if by == "model" else ():
            used.setdefault(session, model)
        ones = [_one(row, by, used) for row in answers[0]]
        last = max((one.day for one in ones if one.day), default="")
        baseline = (
            (date.fromisoformat(last) - timedelta(days=RECENT_DAYS - 1)).isoformat() if last else ""
        )
        over = (
            sum(one.cost is not None and one.cost > budget_nano for one in ones)
            if budget_nano is not None
            else None
        )
        return Figures(
            [_spread(*each, ones, baseline) for each in _FIGURES],
            _groups(ones, by),
            len(ones),
            over,
            baseline,
            sum(int(partly) for *_, partly in answers[0]),
        )

    return Question(statements, shape)


def _one(row: Row, by: str, used: dict[str, str]) -> _One:
    session, day, *figures, outcome, project, name, branch, client, _ = row
    active, messages, tokens, cost, proposed, landed, accepted, rejected = figures
    outcome = outcome or "(none)"
    model = used.get(session, "")
    group = {
        "outcome": (outcome, outcome),
        "project": (project, name),
        "branch": (branch, branch or "(none)"),
        "client": (client, client or "(unknown)"),
        "model": (model, model or "(none)"),
    }[by]
    return _One(
        session,
        day or "",
        active,
        messages,
        tokens,
        cost,
        proposed,
        landed,
        accepted,
        rejected,
        outcome,
        group,
    )


_FIGURES: tuple[tuple[str, str, Callable[[_One], float | None]], ...] = (
    ("active time", "ms", lambda one: one.active),
    ("messages", "", lambda one: one.messages),
    ("tokens", "tokens", lambda one: one.tokens),
    ("cost", "nano", lambda one: one.cost),
    ("edits that landed", "share", lambda one: one.landed / one.proposed if one.proposed else None),
    ("accepted when asked", "share", lambda one: _share(one.accepted, one.rejected)),
)


def _share(accepted: int | None, rejected: int | None) -> float | None:
    asked = (accepted or 0) + (rejected or 0)
    return (accepted or 0) / asked if asked else None


def quantile(values: Sequence[float], share: float) -> float | None:
    """The smallest of the values that at least this share of them does not pass; None of no
    values."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)] if ordered else None


def _spread(
    name: str, unit: str, of: Callable[[_One], float | None], ones: list[_One], baseline: str
) -> Spread:
    known = [(one.day, value) for one in ones if (value := of(one)) is not None]
    values = [value for _, value in known]
    recent = [value for day, value in known if day >= baseline]
    before = [value for day, value in known if day < baseline]
    return Spread(
        name,
        unit,
        len(values),
        quantile(values, 0.1),
        quantile(values, 0.5),
        quantile(values, 0.9),
        quantile(recent, 0.5),
        quantile(before, 0.5),
    )


def _groups(ones: list[_One], by: str) -> list[Fit]:
    groups: dict[tuple[str, str], list[_One]] = defaultdict(list)
    for one in ones:
        groups[one.group].append(one)
    made = [_fit(*group, members) for group, members in groups.items()]
    if by == "outcome":
        places = {name: place for place, name in enumerate(OUTCOMES)}
        return sorted(made, key=lambda fit: places.get(fit.key, len(places)))
    return sorted(made, key=lambda fit: (-fit.sessions, fit.label, fit.key))


def _fit(key: str, label: str, ones: list[_One]) -> Fit:
    costs = [one.cost for one in ones if one.cost is not None]
    return Fit(
        key,
        label,
        len(ones),
        quantile([one.active for one in ones if one.active is not None], 0.5),
        quantile([one.messages for one in ones], 0.5),
        quantile([one.tokens for one in ones], 0.5),
        sum(costs),
        quantile(costs, 0.5),
        len(ones) - len(costs),
        sum(one.proposed for one in ones),
        sum(one.landed for one in ones),
        sum((one.accepted or 0) + (one.rejected or 0) for one in ones),
        sum(one.accepted or 0 for one in ones),
        dict(Counter(one.outcome for one in ones)),
    )


class Standing(NamedTuple):
    """Of how many of a person's other sessions of the same kind (own, or automated) a session has
    the longer active time and the higher cost."""

    others: int
    shorter: int
    cheaper: int


@narrowed_by("session")
def standing(scope: Scope) -> Question[Standing]:
    """Where the session of a scope stands among the person's others that have something of their
    own and a known price; among none where it has not."""
    sql = """SELECT COUNT(*), SUM(CASE WHEN s.active_ms < t.active_ms THEN 1 ELSE 0 END),
      SUM(CASE WHEN s.cost_own_nano + s.cost_delegated_nano
        < t.cost_own_nano + t.cost_delegated_nano THEN 1 ELSE 0 END)
    FROM visible_session t JOIN visible_session s ON s.person = t.person AND s.id <> t.id
    AND s.automated = t.automated
    WHERE t.person = ? AND t.id = ? AND t.tier >= ? AND s.tier >= ?
    AND s.prompts + s.prompts_queued + s.responses_own > 0
      AND t.prompts + t.prompts_queued + t.responses_own > 0 AND t.unpriced = 0
      AND s.unpriced = 0"""

    def shape(answers: list[list[Row]]) -> Standing:
        others, shorter, cheaper = answers[0][0]
        return Standing(int(others), int(shorter or 0), int(cheaper or 0))

    return Question(((sql, (*scope.one, scope.tier, scope.tier)),), shape)
