"""The five figures of people's sessions, a row each, for what is said of many of them together:
duration, messages, tokens, acceptance, outcome."""

from __future__ import annotations

from typing import NamedTuple

from accrete.database import Question, Row
from accrete.queries.scope import Scope, narrowed_by


class Shape(NamedTuple):
    """One session. day: its first in the range; active_ms, accepted, rejected: None if unknown;
    edited: whether edits were applied."""

    person: int
    day: str
    project: str
    label: str | None
    active_ms: int | None
    messages: int
    tokens: int
    accepted: int | None
    rejected: int | None
    shipped: bool
    edited: bool


@narrowed_by("since", "until", "automated")
def shapes(scope: Scope) -> Question[list[Shape]]:
    """The sessions of a scope with a prompt or an answer of their own."""
    tables, where, params = scope.sessions()
    sql = scope.figures(f"""SELECT s.person, r.first_day, COALESCE(s.project, ''), p.name,
      r.active_ms, r.prompts + r.prompts_queued + r.responses_own,
      r.tokens_own + r.tokens_delegated, r.asked_accepted, r.asked_rejected,
      CASE WHEN s.outcome = 'shipped' THEN 1 ELSE 0 END,
      CASE WHEN r.edits_landed > 0 THEN 1 ELSE 0 END
    FROM {tables} LEFT JOIN project p ON p.person = s.person AND p.id = s.project
    WHERE {where} AND r.prompts + r.prompts_queued + r.responses_own > 0""")
    return Question(((sql, params),), lambda answers: sorted(map(_shape, answers[0]), key=_place))


def _place(each: Shape) -> tuple[int | str, ...]:
    """One order on both engines, which tells nothing."""
    return each.person, each.day, each.project, each.messages, each.tokens, each.active_ms or 0


def _shape(row: Row) -> Shape:
    person, day, project, label, active, messages, tokens, yes, no, shipped, edited = row
    return Shape(
        int(person), day or "", project, label, None if active is None else int(active),
        int(messages), int(tokens), None if yes is None else int(yes),
        None if no is None else int(no), bool(shipped), bool(edited),
    )  # fmt: skip
