"""A running session at a glance: checks, errors in a row, files edited repeatedly, how full the
context is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from accrete.database import Question, Row
from accrete.model import PROMPT_KINDS, Tier
from accrete.outcomes.tool_names import EDITS
from accrete.queries.scope import Scope, narrowed_by

LOOKED_AT = 200
"""Calls that are looked at, the newest."""

SMALL_CONTEXT, LARGE_CONTEXT = 200_000, 1_000_000

BLOCKED = "UserPromptSubmit operation blocked by hook"
"""How the client begins the notice that is all it writes down of a prompt that a hook refused."""
_SAID = ", ".join(
    f"'{kind}'"
    for kind in (*PROMPT_KINDS, "assistant_text", "thinking", "tool_call", "tool_result")
)


@dataclass(frozen=True, slots=True)
class Live:
    """since_check: calls since the last check, None before the first; edits since then by file, the
    most first; tokens that the last response of the main line had before it, and what its model
    takes; last_at: when something happened last; ended: its client said that it is over; blocked:
    why a hook of the person's refused the last prompt, None where none did."""

    calls: int
    since_check: int | None
    edited_since_check: bool
    error_streak: int
    most_edited: tuple[str, int] | None
    context_tokens: int
    context_limit: int
    last_at: int | None
    ended: bool
    blocked: str | None


_NEWEST = """SELECT s.id FROM visible_session s
LEFT JOIN (SELECT person, session, MAX(at) AS at FROM hook_event
  WHERE {0} GROUP BY person, session) h ON h.person = s.person AND h.session = s.id
WHERE {1}
ORDER BY CASE WHEN s.ended_at IS NULL OR h.at > s.ended_at THEN h.at ELSE s.ended_at END
  DESC NULLS LAST, s.id LIMIT 1"""


@narrowed_by()
def newest(scope: Scope) -> Question[str | None]:
    """The id of the session in which something happened last, as its lines or its hooks tell: of
    one that was resumed, though others began later, and of one whose first prompt a hook refused.
    """
    hooks, people = scope.of("person")
    where, params = scope.where()
    sql = _NEWEST.format(hooks, where)
    return Question(
        ((sql, [*people, *params]),),
        lambda answers: next((session for (session,) in answers[0]), None),
    )


@narrowed_by("session", shows=Tier.ACTIVITY)
def live(scope: Scope) -> Question[Live]:
    """How the session of a scope stands now."""
    gate, seen = scope.gate
    key = (*scope.one, *seen)
    statements = (
        (f"""SELECT c.tool, c.target, c.status, CASE WHEN EXISTS (SELECT 1 FROM check_run k
            WHERE k.person = c.person AND k.session = c.session
            AND k.message_id = c.message_id AND k.tool_use_id = c.tool_use_id) THEN 1 ELSE 0 END,
            c.local_day
          FROM tool_call c WHERE c.person = ? AND c.session = ? AND {gate} AND c.run = ''
          AND c.counted = 1 ORDER BY c.seq DESC LIMIT {LOOKED_AT}""", key),
        (f"""SELECT model, input_tokens + cache_read_tokens + cache_write_tokens, at FROM response
          WHERE person = ? AND session = ? AND {gate} AND run = '' AND synthetic = 0
          AND has_usage = 1 ORDER BY seq DESC LIMIT 1""", key),
        (f"""SELECT MAX(input_tokens + cache_read_tokens + cache_write_tokens) FROM response
          WHERE person = ? AND session = ? AND {gate} AND run = '' AND synthetic = 0""", key),
        (f"""SELECT kind, text, at FROM event
          WHERE person = ? AND session = ? AND {gate} AND agent = '' AND (kind IN ({_SAID})
          OR (kind = 'system_notice' AND text LIKE '{BLOCKED}%')) ORDER BY seq DESC, part DESC
          LIMIT 1""", key),
        (f"""SELECT event, at, detail FROM hook_event WHERE person = ? AND session = ? AND {gate}
          ORDER BY at DESC LIMIT 50""", key),
    )  # fmt: skip
    return Question(statements, _shape)


class _Done(NamedTuple):
    """A tool call of the main line; checks: 1 for one that ran a check; local_day: None until it is
    derived."""

    tool: str
    target: str | None
    status: str | None
    checks: int
    local_day: str | None


def _shape(answers: list[list[Row]]) -> Live:
    calls, last, most, said, events = answers
    newest_first = [_Done._make(row) for row in calls]
    derived = [
        call for call in newest_first if call.local_day is not None
    ]  # whether a call checks is not known before
    since = next((n for n, call in enumerate(derived) if call.checks), None)
    recent = derived if since is None else derived[:since]
    sure = len(derived) == len(calls)  # a check may be among the newest
    edits = Counter(
        call.target
        for call in recent
        if sure and call.tool in EDITS and call.status == "ok" and call.target
    )
    streak = next(
        (n for n, call in enumerate(newest_first) if call.status != "error"), len(newest_first)
    )
    model, tokens, at = next(iter(last), (None, 0, None))
    kind, text, said_at = next(iter(said), (None, "", None))
    event, event_at, _ = next(iter(events), (None, None, None))
    ((largest,),) = most
    chosen = " ".join(
        [model or "", *(detail for _, _, detail in events)]
    )  # a response's model never says which window it has
    limit = LARGE_CONTEXT if "[1m]" in chosen or (largest or 0) > SMALL_CONTEXT else SMALL_CONTEXT
    lines_at = max((each for each in (at, said_at) if each is not None), default=None)
    ended = event == "SessionEnd" and (lines_at is None or lines_at <= event_at)
    blocked = _reason(text) if kind == "system_notice" else None
    return Live(
        len(calls),
        since,
        bool(edits),
        streak,
        edits.most_common(1)[0] if edits else None,
        int(tokens or 0),
        limit,
        max((each for each in (lines_at, event_at) if each is not None), default=None),
        ended,
        blocked,
    )


def _reason(notice: str) -> str:
    """What a hook said when it refused a prompt, '' if it said nothing."""
    line = notice.removeprefix(BLOCKED).lstrip(":").strip().partition("\n")[0]
    return (
        ""
        if line.startswith("Original prompt")
        else line.rpartition("]: ")[2]
        if line.startswith("[")
        else line
    )
