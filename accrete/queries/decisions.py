"""Decisions: words in thoughts and answers with the actions that followed, and actions with the
thought before."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from accrete.database import Question, Row
from accrete.model import PROMPT_KINDS, Tier
from accrete.queries.prompts import prompt_number
from accrete.queries.scope import EVENT_DAY, SESSIONS, Scope, narrowed_by

THOUGHTS = {
    "thinking": ("thinking",),
    "answers": ("assistant_text",),
    "both": ("thinking", "assistant_text"),
}
FOLLOWING = 6
"""Actions after a thought that are shown."""

_NEXT = "('thinking', " + ", ".join(f"'{kind}'" for kind in PROMPT_KINDS) + ")"
_PROMPTS = "(" + ", ".join(f"'{kind}'" for kind in PROMPT_KINDS) + ")"


@dataclass(frozen=True, slots=True)
class Thought:
    """Something the model thought or said. prompt: the number of the prompt it belongs to, None
    before the first; at: UTC ms; seq orders it within its session and agent."""

    session: str
    title: str | None
    project: str
    prompt: int | None
    at: int | None
    kind: str
    agent: str
    seq: int
    uuid: str
    text: str


@dataclass(frozen=True, slots=True)
class Action:
    """A tool call. added, removed: lines of its patch; None is not known."""

    session: str
    title: str | None
    project: str
    prompt: int | None
    at: int | None
    agent: str
    seq: int
    uuid: str
    tool: str
    target: str | None
    status: str | None
    added: int | None
    removed: int | None


_PLACE = f"{{t}}.session, s.title, COALESCE(p.name, ''), {prompt_number('{t}')}, {{t}}.at"
_JOIN = """JOIN visible_session s ON s.person = {t}.person AND s.id = {t}.session
LEFT JOIN project p ON p.person = s.person AND p.id = s.project"""


@narrowed_by(*SESSIONS, shows=Tier.WORDS)
def thoughts(
    scope: Scope, words: list[str], *, where: str = "both", limit: int = 10
) -> Question[list[Thought]]:
    """The newest thoughts and answers that hold all the words, in any letter case. Raises
    ValueError without words."""
    wanted, conditions, given = _conditions(words, "e.text")
    scoped, params = scope.where(day=EVENT_DAY)
    kinds = ", ".join(f"'{kind}'" for kind in THOUGHTS[where])
    inner = f"""SELECT MIN(e.id) FROM event e
      JOIN visible_session s ON s.person = e.person AND s.id = e.session
      WHERE e.kind IN ({kinds}) AND {conditions} AND {scoped} GROUP BY e.person, e.uuid
      ORDER BY MAX(e.at) DESC NULLS LAST, e.uuid{_some(words, limit)}"""
    sql = f"""SELECT {_PLACE.format(t="e")}, e.kind, e.agent, e.seq, e.uuid, e.text FROM event e
    {_JOIN.format(t="e")}
    WHERE e.id IN ({inner}) ORDER BY e.at DESC NULLS LAST, e.session, e.seq"""

    def shape(answers: list[list[Row]]) -> list[Thought]:
        found: dict[str, Thought] = {}
        for thought in (Thought(*row) for row in answers[0]):
            if all(word in thought.text.casefold() for word in wanted):
                found.setdefault(thought.uuid, thought)
            if len(found) == limit:
                break
        return list(found.values())

    return Question(((sql, [*given, *params]),), shape)


@narrowed_by(*SESSIONS, shows=Tier.ACTIVITY)
def actions(scope: Scope, words: list[str], *, limit: int = 10) -> Question[list[Action]]:
    """The newest tool calls whose command or path holds all the words. Raises ValueError without
    words."""
    wanted, conditions, given = _conditions(words, "c.target")
    scoped, params = scope.where(day="c.local_day")
    inner = f"""SELECT c.person AS person, c.message_id AS message_id, c.tool_use_id AS tool_use_id
    FROM tool_call c
      JOIN visible_session s ON s.person = c.person AND s.id = c.session WHERE {conditions}
      AND {scoped} AND c.counted = 1
      ORDER BY c.at DESC NULLS LAST, c.session, c.seq{_some(words, limit)}"""
    sql = f"""SELECT {_PLACE.format(t="c")}, c.agent, c.seq, c.uuid, c.tool, c.target, c.status,
    c.lines_added, c.lines_removed
    FROM ({inner}) i JOIN tool_call c ON c.person = i.person AND c.message_id = i.message_id
    AND c.tool_use_id = i.tool_use_id
    {_JOIN.format(t="c")} ORDER BY c.at DESC NULLS LAST, c.session, c.seq"""

    def shape(answers: list[list[Row]]) -> list[Action]:
        found = (Action(*row) for row in answers[0])
        fitting = (
            each for each in found if all(w in (each.target or "").casefold() for w in wanted)
        )
        return list(islice(fitting, limit))

    return Question(((sql, [*given, *params]),), shape)


def _some(words: list[str], limit: int) -> str:
    """A limit where the database can tell alone what fits; several copies of one record may be
    among them."""
    return f" LIMIT {limit * 4}" if all(word.isascii() for word in words) else ""


def _conditions(words: list[str], column: str) -> tuple[list[str], str, list[str]]:
    """(words to compare, condition, its parameters). SQLite knows the letter case of ASCII alone,
    so that other words are compared by the caller, also those that fold to ASCII (`ß`)."""
    wanted = [word.casefold() for word in words if word.strip()]
    if not wanted:
        raise ValueError("nothing to look for")
    plain = [word.casefold() for word in words if word.strip() and word.isascii()]
    parts = [f"LOWER({column}) LIKE ? ESCAPE '!'" for _ in plain]
    given = [
        "%" + word.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%" for word in plain
    ]
    return wanted, " AND ".join([f"{column} IS NOT NULL", *parts]), given


@narrowed_by("session", shows=Tier.ACTIVITY)
def followed_by(scope: Scope, thought: Thought) -> Question[list[Action]]:
    """The tool calls between a thought and the next thought or prompt on the same line of work."""
    key = (*scope.one, thought.agent)
    sql = f"""SELECT {_PLACE.format(t="c")}, c.agent, c.seq, c.uuid, c.tool, c.target, c.status,
    c.lines_added, c.lines_removed
    FROM tool_call c {_JOIN.format(t="c")} WHERE c.person = ? AND c.session = ? AND c.agent = ?
    AND c.counted = 1 AND s.tier >= ? AND c.seq >= ?
      AND c.seq < COALESCE((SELECT MIN(n.seq) FROM event n
      WHERE n.person = ? AND n.session = ? AND n.agent = ? AND n.seq > ?
        AND n.kind IN {_NEXT}), 9223372036854775807) ORDER BY c.seq LIMIT {FOLLOWING}"""
    params = (*key, scope.tier, thought.seq, *key, thought.seq)
    return Question(((sql, params),), lambda answers: [Action(*row) for row in answers[0]])


@narrowed_by("session", shows=Tier.WORDS)
def thought_before(scope: Scope, action: Action) -> Question[Thought | None]:
    """What the model last thought or said before a tool call, since the prompt."""
    key = (*scope.one, action.agent, action.seq)
    sql = f"""SELECT {_PLACE.format(t="e")}, e.kind, e.agent, e.seq, e.uuid, e.text FROM event e
    {_JOIN.format(t="e")}
    WHERE e.person = ? AND e.session = ? AND e.agent = ? AND e.seq <= ? AND s.tier >= ?
    AND e.kind IN ('thinking', 'assistant_text') AND e.text <> ''
      AND e.seq > COALESCE((SELECT MAX(n.seq) FROM event n
      WHERE n.person = ? AND n.session = ? AND n.agent = ? AND n.seq < ?
        AND n.kind IN {_PROMPTS}), -1) ORDER BY e.seq DESC, e.part DESC LIMIT 1"""
    return Question(
        ((sql, (*key, scope.tier, *key)),),
        lambda answers: Thought(*answers[0][0]) if answers[0] else None,
    )
