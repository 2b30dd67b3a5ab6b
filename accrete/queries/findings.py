"""Responses that cost more than they had to: what pricing/findings.py found, in a range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from accrete.database import Question, Row
from accrete.queries.scope import SESSIONS, Scope, narrowed_by

KINDS = ("cold", "switch", "output")


@dataclass(frozen=True, slots=True)
class Finding:
    """One response that cost more than it had to.

    uuid: the record of the prompt that it answers. at: UTC ms, when it came. pause_ms: since the
    response before it had ended. before: the model, and called: the message id, of that one.
    tokens: written to the cache again, or brought into the context. nano: what that cost. later:
    how many responses had the same in their context afterwards, and paid for it again.
    """

    session: str
    title: str | None
    uuid: str
    at: int | None
    model: str
    before: str
    called: str
    pause_ms: int | None
    tokens: int
    nano: int | None
    later: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """Findings of one kind: their number, in how many sessions, their tokens, what those with a
    price cost, the number of those without one; and the most expensive of them."""

    n: int = 0
    sessions: int = 0
    tokens: int = 0
    nano: int = 0
    unpriced: int = 0
    rows: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Findings:
    """cold: caches lost after a pause; switches: models switched in mid-session; outputs: what
    filled the context. told, untold: steps with tool calls of which is known how much they brought,
    and of which it is not."""

    cold: Found
    switches: Found
    outputs: Found
    told: int
    untold: int


@narrowed_by(*SESSIONS)
def findings(scope: Scope, *, limit: int) -> Question[Findings]:
    """What the responses of a scope in its range prove, at most `limit` findings of each kind, the
    most expensive first. What is one: pricing/findings.py."""
    where, params = scope.where(day="f.local_day")
    of = "finding f JOIN visible_session s ON s.person = f.person AND s.id = f.session"
    sums = f"""SELECT f.kind, COUNT(*), {scope.distinct("f")}, SUM(f.tokens),
      SUM(COALESCE(f.nano, 0)), SUM(CASE WHEN f.nano IS NULL THEN 1 ELSE 0 END)
    FROM {of} WHERE {where} GROUP BY f.kind"""
    rows = f"""SELECT f.session, s.title, COALESCE(f.prompt, ''), f.at, f.model, f.model_before,
      f.called, f.pause_ms, f.tokens, f.nano, f.later
    FROM {of} WHERE {where} AND f.kind = ?
    ORDER BY COALESCE(f.nano, 0) DESC, f.tokens DESC, f.session, COALESCE(f.at, 0), f.message_id,
      f.request_id LIMIT ?"""
    in_days, day_params = scope.where(day="d.local_day")
    steps = f"""SELECT SUM(d.steps_told), SUM(d.steps_untold) FROM session_day d
    JOIN visible_session s ON s.person = d.person AND s.id = d.session WHERE {in_days}"""

    def shape(answers: list[list[Row]]) -> Findings:
        whole, *some, ((told, untold),) = answers
        known = {kind: [int(each) for each in amounts] for kind, *amounts in whole}
        cold, switches, outputs = (
            _found(known.get(kind, [0] * 5), rows) for kind, rows in zip(KINDS, some, strict=True)
        )
        return Findings(cold, switches, outputs, int(told or 0), int(untold or 0))

    asked: list[tuple[str, list[object]]] = [(sums, params)]
    asked += [(rows, [*params, kind, limit]) for kind in KINDS]
    return Question((*asked, (steps, day_params)), shape)


def _found(sums: list[int], rows: list[Row]) -> Found:
    n, sessions, tokens, nano, unpriced = sums
    return Found(n, sessions, tokens, nano, unpriced, [Finding(*row) for row in rows])


class Called(NamedTuple):
    """The call of a response with the largest output, and the record that holds it."""

    tool: str
    uuid: str


@narrowed_by("project", "session", "automated", "client", "without")
def largest_calls(scope: Scope, responses: Sequence[str]) -> Question[dict[str, Called]]:
    """For each of these responses (message ids) its call with the largest output."""
    if not responses:
        return Question((), lambda answers: {})
    where, params = scope.where()
    whose, people = scope.of("c.person")
    sql = f"""SELECT c.message_id, c.tool, c.uuid FROM tool_call c
      JOIN visible_session s ON s.person = c.person AND s.id = c.session
    WHERE {whose} AND {where} AND c.message_id IN ({", ".join("?" * len(responses))})
      AND c.counted = 1
    ORDER BY COALESCE(c.output_chars, 0), c.tool_use_id DESC"""
    return Question(
        ((sql, [*people, *params, *responses]),),
        lambda answers: {message: Called(tool, uuid) for message, tool, uuid in answers[0]},
    )
