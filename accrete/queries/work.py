"""Work in a range across sessions: active time, changed files, failed tool calls."""

from __future__ import annotations

from typing import NamedTuple

from accrete.clock import monday
from accrete.database import Question, Row
from accrete.model import Tier
from accrete.queries.prompts import prompt_number
from accrete.queries.scope import SESSIONS, Scope, narrowed_by

_DAYS = "session_day d JOIN visible_session s ON s.person = d.person AND s.id = d.session"
_KEYS = {
    "all": "''",
    "day": "d.local_day",
    "week": "d.local_day",
    "month": "substr(d.local_day, 1, 7)",
    "project": "COALESCE(s.project, '')",
    "session": "s.id",
    "outcome": "COALESCE(s.outcome, '')",
}
TIMED = tuple(_KEYS)
"""Groupings that active time can be told by."""
BAD = ("error", "rejected", "interrupted")


@narrowed_by(*SESSIONS)
def active(scope: Scope, by: str) -> Question[dict[str, int]]:
    """Active time in ms by the keys of `costs.cost(scope, by)`; nothing for a grouping that time
    cannot be told by."""
    if by not in _KEYS:
        return Question((), lambda answers: {})
    where, params = scope.where(day="d.local_day")
    key = _KEYS[by]
    sql = (
        f"SELECT {key}, SUM(d.active_ms) FROM {_DAYS} "
        f"WHERE {where} AND d.active_ms IS NOT NULL GROUP BY {key}"
    )
    if by == "all":
        sql = f"SELECT '', SUM(d.active_ms) FROM {_DAYS} WHERE {where}"

    def shape(answers: list[list[Row]]) -> dict[str, int]:
        found: dict[str, int] = {}
        for name, ms in answers[0]:
            at = monday(name) if by == "week" and name else name
            found[at] = found.get(at, 0) + int(ms or 0)
        return found

    return Question(((sql, params),), shape)


class Touched(NamedTuple):
    """A file that was changed: in how many sessions, and the last local day."""

    path: str
    sessions: int
    last_day: str


@narrowed_by(*SESSIONS, shows=Tier.ACTIVITY)
def touched(scope: Scope) -> Question[list[Touched]]:
    """The files changed in a scope, those changed last first."""
    where, params = scope.where(day="f.local_day")
    sql = f"""SELECT f.path, {scope.distinct("f")}, MAX(f.local_day) FROM session_file f
    JOIN visible_session s ON s.person = f.person AND s.id = f.session WHERE {where} GROUP BY f.path
    ORDER BY 3 DESC, f.path"""
    return Question(
        ((sql, params),),
        lambda answers: [Touched(path, int(sessions), last) for path, sessions, last in answers[0]],
    )


class Failed(NamedTuple):
    """A call that failed, was refused or interrupted. prompt: the number of the prompt it belongs
    to; at: UTC ms."""

    session: str
    prompt: int | None
    at: int | None
    tool: str
    target: str | None
    status: str
    output: str | None


@narrowed_by(*SESSIONS, shows=Tier.WORDS)
def failed(scope: Scope, *, limit: int) -> Question[list[Failed]]:
    """The newest calls of a scope that failed, were refused or interrupted."""
    where, params = scope.where(day="c.local_day")
    sql = f"""SELECT c.session, {prompt_number("c")}, c.at, c.tool, c.target, c.status, c.output
    FROM tool_call c
    JOIN visible_session s ON s.person = c.person AND s.id = c.session
    WHERE {where} AND c.counted = 1 AND c.status IN ({", ".join("?" for _ in BAD)})
    ORDER BY c.at DESC NULLS LAST, c.session, c.seq, c.tool_use_id LIMIT ?"""
    return Question(
        ((sql, [*params, *BAD, limit]),), lambda answers: [Failed(*row) for row in answers[0]]
    )
