"""What goes when a session is forgotten, and what is kept elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from accrete.database import Question, Row
from accrete.model import Tier
from accrete.queries.scope import Scope, narrowed_by


@dataclass(frozen=True, slots=True)
class Goes:
    """What the receipt of a session would say: what is deleted; `kept_by`: sessions that hold
    copies of shared lines; `transcripts`: files of Claude Code that still hold the words."""

    prompts: int
    responses: int
    tool_calls: int
    records: int
    kept_by: list[str]
    transcripts: list[str]


@narrowed_by()
def forgotten_sessions(scope: Scope) -> Question[int]:
    """How many sessions a person deleted."""
    sql = "SELECT COUNT(*) FROM forgotten WHERE person = ? AND what = 'session'"
    return Question(((sql, (scope.person,)),), lambda answers: int(answers[0][0][0]))


@narrowed_by("session", shows=Tier.WORDS)
def goes(scope: Scope) -> Question[Goes]:
    """What goes with the scope's session; it counts as care/forget.py deletes."""
    key = scope.one
    gate, params = scope.gate
    own = "person = ? AND session = ?"

    def unshared(table: str) -> tuple[str, list[object]]:
        return (
            f"""SELECT COUNT(*) FROM {table} r WHERE {gate} AND r.person = ? AND r.session = ?
            AND NOT EXISTS (SELECT 1 FROM event e WHERE e.person = r.person
            AND e.message_id = r.message_id AND e.session <> r.session)""",
            [*params, *key],
        )

    statements = (
        (
            f"""SELECT COUNT(*) FROM prompt WHERE {gate} AND {own} AND replayed = 0
            AND kind IN ('typed_prompt', 'slash_command', 'shell_input')""",
            [*params, *key],
        ),
        unshared("response"),
        unshared("tool_call"),
        (f"SELECT COUNT(*) FROM event WHERE {gate} AND {own}", [*params, *key]),
        (
            f"""SELECT COUNT(*) FROM event s WHERE {gate} AND s.person = ? AND s.session <> ?
            AND s.kind = 'summary_title' AND s.parent IN (SELECT uuid FROM event WHERE {own})""",
            [*params, *key, *key],
        ),
        (
            f"""SELECT o.session FROM prompt p JOIN prompt o ON o.person = p.person
            AND o.uuid = p.uuid AND o.session <> p.session
            WHERE {gate} AND p.person = ? AND p.session = ? UNION
            SELECT o.session FROM event e JOIN event o ON o.person = e.person
            AND o.message_id = e.message_id AND o.session <> e.session
            WHERE {gate} AND e.person = ? AND e.session = ?""",
            [*params, *key, *params, *key],
        ),
        (
            f"""SELECT path FROM source_file WHERE {gate} AND {own} AND missing_at IS NULL
            ORDER BY path""",
            [*params, *key],
        ),
    )
    return Question(statements, _shape)


def _shape(answers: list[list[Row]]) -> Goes:
    prompts, responses, calls, events, summaries, sharers, files = answers
    return Goes(
        prompts=int(prompts[0][0]),
        responses=int(responses[0][0]),
        tool_calls=int(calls[0][0]),
        records=int(events[0][0]) + int(summaries[0][0]),
        kept_by=sorted(session for (session,) in sharers),
        transcripts=[path for (path,) in files],
    )
