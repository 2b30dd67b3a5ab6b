"""What one step of a session holds, each tier of it a question of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from accrete.database import Question, Row
from accrete.model import Tier
from accrete.model.published_names import is_published
from accrete.queries.scope import Scope, narrowed_by
from accrete.queries.steps import HEAD, OF_PLACES, Facts

_OF_RUNS = """({run} = {spawned} OR {run} IN (SELECT a.agent FROM agent_run a
  WHERE a.person = {person} AND a.session = {session} AND a.started_by = {use}))"""
"""Whether a call is of a subagent that another call started: a workflow's starts several."""


class Inner(NamedTuple):
    """One call of a subagent."""

    use: str
    uuid: str
    at: int | None
    tool: str | None
    target: str | None
    status: str | None
    ms: int | None
    added: int | None
    removed: int | None


@dataclass(slots=True)
class Body:
    """One step, whole. title: of its session; place: where it stands (see `steps`); input: as
    JSON; output: its ends; patch_cut, input_cut: whether they were longer; inner: the calls of the
    subagent that it started."""

    uuid: str
    part: int
    agent: str
    kind: str
    at: int | None
    size: int
    use: str | None
    message: str | None
    call: Facts | None = None
    spawned: str | None = None
    inner: list[Inner] = field(default_factory=list)
    name: str | None = None
    target: str | None = None
    patch: str | None = None
    patch_cut: int | None = None
    text: str | None = None
    input: str | None = None
    input_cut: int = 0
    output: str | None = None
    decided_by: str | None = None


@narrowed_by("session", shows=Tier.METADATA)
def step(scope: Scope, start: str, part: int = 0) -> Question[Body | None]:
    """The step of a scope's session whose record's id begins so; of several the first of the main
    conversation. None if there is none."""
    gate, seen = scope.gate
    key = (*scope.one, *seen)
    chosen, chosen_params = _chosen(key[:2], start)
    statements = (
        (f"""SELECT uuid, part, agent, kind, at, size, tool_use_id, message_id,
          CASE WHEN kind = 'tool_call' THEN name END FROM event e
          WHERE person = ? AND session = ? AND {gate} AND uuid = {chosen} ORDER BY part""",
         (*key, *chosen_params)),
        (f"""SELECT c.tool_use_id, c.message_id, c.input_cut, c.patch_cut,
          c.spawned, c.status, c.error_class, c.ms, c.output_chars,
          c.lines_added, c.lines_removed, c.user_modified
          FROM event e JOIN tool_call c ON c.person = e.person AND c.tool_use_id = e.tool_use_id
          AND c.session = e.session AND c.counted = 1
          WHERE e.person = ? AND e.session = ? AND {gate} AND e.kind = 'tool_call'
          AND e.uuid = {chosen}""", (*key, *chosen_params)),
        (f"""SELECT i.tool_use_id, i.uuid, i.at, i.tool, i.status, i.ms, i.lines_added,
          i.lines_removed FROM event e
          JOIN tool_call c ON c.person = e.person AND c.tool_use_id = e.tool_use_id
          AND c.session = e.session AND c.counted = 1
          JOIN tool_call i ON i.person = c.person AND i.session = c.session AND i.counted = 1
          AND {_OF_RUNS.format(run="i.run", person="c.person", session="c.session",
                               use="c.tool_use_id", spawned="c.spawned")}
          WHERE e.person = ? AND e.session = ? AND {gate} AND e.kind = 'tool_call'
          AND e.uuid = {chosen} ORDER BY i.run, i.seq""", (*key, *chosen_params)),
    )  # fmt: skip
    return Question(statements, lambda answers: _body(answers, part))


def _chosen(key: tuple[object, ...], start: str) -> tuple[str, tuple[object, ...]]:
    """An expression for the record of a session that an address means."""
    return (
        "(SELECT b.uuid FROM event b WHERE b.person = ? AND b.session = ? AND b.uuid >= ? "
        "AND b.uuid < ? AND b.kind <> 'tool_result' "
        "ORDER BY CASE WHEN b.uuid = ? THEN 0 ELSE 1 END, b.agent, b.sidechain, b.seq LIMIT 1)",
        (*key, start, start + "\U0010ffff", start),
    )


def _body(answers: list[list[Row]], part: int) -> Body | None:
    events, calls, inner = answers
    found = [(Body(*known), name) for *known, name in events]
    body, name = next(
        ((each, name) for each, name in found if each.part == part and each.kind != "tool_result"),
        (None, None),
    )
    if body is None:
        return None
    body.name = name if name and is_published("tool", name) else None
    mine = [
        (message, input_cut, patch_cut, spawned, Facts(*counted))
        for use, message, input_cut, patch_cut, spawned, *counted in calls
        if use == body.use and body.kind == "tool_call"
    ]
    own = [(message, *more) for message, *more in mine if message == body.message]
    for body.message, body.input_cut, body.patch_cut, body.spawned, body.call in (own or mine)[:1]:
        for use, uuid, at, tool, *rest in inner:
            shown = tool if is_published("tool", tool) else None
            body.inner.append(Inner(use, uuid, at, shown, None, *rest))
    return body


_INNER = _OF_RUNS.format(run="c.run", person="c.person", session="c.session", use="?", spawned="?")


@narrowed_by("session", shows=Tier.ACTIVITY)
def step_deeds(scope: Scope, body: Body) -> Question[Body]:
    """The same step with its command or path, its patch and what its subagent did."""
    gate, seen = scope.gate
    of, key = f"person = ? AND session = ? AND {gate}", (*scope.one, *seen)
    statements = (
        (f"""SELECT name, CASE WHEN kind = 'tool_call' AND name IN ({OF_PLACES}) THEN text END
          FROM event WHERE {of} AND agent = ? AND uuid = ? AND part = ?""",
         (*key, body.agent, body.uuid, body.part)),
        (f"""SELECT patch, decision_source FROM tool_call WHERE {of} AND message_id = ?
          AND tool_use_id = ?""", (*key, body.message, body.use)),
        (f"""SELECT tool_use_id, tool, CASE WHEN tool IN ({OF_PLACES})
          THEN substr(target, 1, {HEAD + 1}) END FROM tool_call c WHERE {of} AND {_INNER}""",
         (*key, body.spawned, body.use)),
    )  # fmt: skip

    def shape(answers: list[list[Row]]) -> Body:
        for body.name, body.target in answers[0]:
            pass
        for body.patch, body.decided_by in answers[1]:
            pass
        told_of = {use: (tool, target) for use, tool, target in answers[2]}
        body.inner = [
            each._replace(tool=tool, target=target)
            for each in body.inner
            for tool, target in [told_of.get(each.use, (each.tool, each.target))]
        ]
        return body

    return Question(statements, shape)


@narrowed_by("session", shows=Tier.WORDS)
def step_words(scope: Scope, body: Body) -> Question[Body]:
    """The same step with its text, its input and what came out of it."""
    gate, seen = scope.gate
    of, key = f"person = ? AND session = ? AND {gate}", (*scope.one, *seen)
    statements = (
        (f"SELECT text FROM event WHERE {of} AND agent = ? AND uuid = ? AND part = ?",
         (*key, body.agent, body.uuid, body.part)),
        (f"""SELECT input, output FROM tool_call WHERE {of} AND message_id = ?
          AND tool_use_id = ?""", (*key, body.message, body.use)),
        (f"""SELECT tool_use_id, substr(target, 1, {HEAD + 1}) FROM tool_call c
          WHERE {of} AND {_INNER}""", (*key, body.spawned, body.use)),
    )  # fmt: skip

    def shape(answers: list[list[Row]]) -> Body:
        for (body.text,) in answers[0]:
            if body.kind == "tool_call":
                body.target = body.target or body.text
        for body.input, body.output in answers[1]:
            pass
        targets: dict[str, str | None] = dict(answers[2])
        body.inner = [each._replace(target=each.target or targets.get(each.use))
                      for each in body.inner]  # fmt: skip
        return body

    return Question(statements, shape)
