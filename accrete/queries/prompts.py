"""SQL for the number of the prompt that an event belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from accrete.database import Question
from accrete.model import Tier
from accrete.queries.scope import Scope, narrowed_by

IS_PROMPT = """EXISTS (SELECT 1 FROM prompt pe
  WHERE pe.person = {event}.person AND pe.session = {event}.session AND pe.uuid = {event}.uuid)"""
"""Whether an event is a prompt; one of the queue is where no user line repeats it."""


def prompt_number(place: str) -> str:
    """An expression for the number of the prompt that a row belongs to, NULL before the first.
    `place`: the row's alias;
    it has person, session, agent and seq. What a subagent did belongs to the prompt whose turn
    started it."""
    main = f"""SELECT MAX(pn.number) FROM prompt pn
      WHERE pn.person = {place}.person AND pn.session = {place}.session AND pn.seq <= {place}.seq"""
    started = f"""SELECT pn.number FROM agent_run pr
      JOIN prompt pn ON pn.person = pr.person AND pn.session = pr.session AND pn.uuid = pr.prompt
      WHERE pr.person = {place}.person AND pr.session = {place}.session AND pr.agent =
      {place}.agent"""
    return f"CASE WHEN {place}.agent = '' THEN ({main}) ELSE ({started}) END"


@narrowed_by("project", "session", "automated", "client", "without")
def prompt_records(scope: Scope, sessions: Sequence[str]) -> Question[dict[tuple[str, int], str]]:
    """The records (uuids) of the prompts of these sessions, by session and number."""
    if not sessions:
        return Question((), lambda answers: {})
    where, params = scope.where()
    sql = f"""SELECT t.session, t.number, t.uuid FROM prompt t
      JOIN visible_session s ON s.person = t.person AND s.id = t.session
    WHERE {where} AND t.session IN ({", ".join("?" * len(sessions))}) AND t.number IS NOT NULL"""
    return Question(
        ((sql, [*params, *sessions]),),
        lambda answers: {(session, int(number)): str(text) for session, number, text in answers[0]},
    )


class TurnRow(NamedTuple):
    """A prompt of a session as figures: its number, its local day ('' if unknown), the active time
    of its turn in ms, its tool calls, and whether the person stopped it."""

    number: int
    day: str
    active_ms: int | None
    tool_calls: int
    interrupted: int


@narrowed_by("session")
def turns(scope: Scope) -> Question[list[TurnRow]]:
    """The numbered prompts of the scope's session, in order."""
    sql = """SELECT t.number, COALESCE(t.local_day, ''), t.active_ms, COALESCE(t.tool_calls, 0),
      COALESCE(t.interrupted, 0) FROM prompt t
      JOIN visible_session s ON s.person = t.person AND s.id = t.session
    WHERE t.person = ? AND t.session = ? AND s.tier >= ? AND t.number IS NOT NULL
    ORDER BY t.number"""
    return Question(
        ((sql, (*scope.one, scope.tier)),),
        lambda answers: [TurnRow(int(number), *figures) for number, *figures in answers[0]],
    )


@narrowed_by("session", shows=Tier.WORDS)
def prompt_texts(scope: Scope) -> Question[dict[int, str]]:
    """The texts of the prompts of the scope's session, as stored, by their numbers."""
    sql = """SELECT t.number, e.text FROM prompt t
      JOIN event e ON e.person = t.person AND e.session = t.session AND e.agent = ''
      AND e.uuid = t.uuid AND e.kind IN (t.kind, 'queue_operation')
    JOIN visible_session s ON s.person = t.person AND s.id = t.session
    WHERE t.person = ? AND t.session = ? AND s.tier >= ? AND t.number IS NOT NULL
    AND e.text IS NOT NULL"""
    return Question(
        ((sql, (*scope.one, scope.tier)),),
        lambda answers: {int(number): str(text) for number, text in answers[0]},
    )
