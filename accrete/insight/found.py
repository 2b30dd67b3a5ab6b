"""What a search found as answers: texts with the words, decisions with their actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from accrete.insight.answer import made
from accrete.queries import decisions
from accrete.queries.search import Hit as HitRow


class Hit(NamedTuple):
    """One text with the words."""

    session: Annotated[str, "id of its session"]
    title: Annotated[str | None, "title of its session"]
    project_name: Annotated[str, "name of its project"]
    prompt: Annotated[int | None, "the N of `accrete show SESSION N`; null before the first"]
    at: Annotated[int | None, "when"]
    kind: Annotated[str, "kind of event: typed_prompt, assistant_text, tool_call …"]
    name: Annotated[str | None, "name of the tool"]
    uuid: Annotated[str, "the event"]
    excerpt: Annotated[str, "the text around the words, which are between `**`"]


class Thought(NamedTuple):
    """What Claude thought or said."""

    session: Annotated[str, "id of its session"]
    title: Annotated[str | None, "title of its session"]
    project_name: Annotated[str, "name of its project"]
    prompt: Annotated[int | None, "number of the prompt it belongs to; null before the first"]
    at: Annotated[int | None, "when"]
    kind: Annotated[str, "thinking or assistant_text"]
    agent: Annotated[str, "id of the subagent, empty for the main conversation"]
    seq: Annotated[int, "its place in the session"]
    uuid: Annotated[str, "the event"]
    text: Annotated[str, "its words"]


class Action(NamedTuple):
    """A tool call."""

    session: Annotated[str, "id of its session"]
    title: Annotated[str | None, "title of its session"]
    project_name: Annotated[str, "name of its project"]
    prompt: Annotated[int | None, "number of the prompt it belongs to; null before the first"]
    at: Annotated[int | None, "when"]
    agent: Annotated[str, "id of the subagent, empty for the main conversation"]
    seq: Annotated[int, "its place in the session"]
    uuid: Annotated[str, "the event"]
    tool: Annotated[str, "name of the tool"]
    target: Annotated[str | None, "what it was about: a path, a command"]
    status: Annotated[str | None, "ok, error, rejected or interrupted; null without a result"]
    added: Annotated[int | None, "lines its patch added"]
    removed: Annotated[int | None, "lines its patch removed"]


class Decision(NamedTuple):
    """A thought and the actions that followed it."""

    thought: Annotated[Thought | None, "the thought; null where none is stored before the action"]
    actions: Annotated[list[Action], "the actions"]


def hit_of(row: HitRow) -> Hit:
    """A hit as an answer."""
    excerpt = row.excerpt.replace("\x02", "**").replace("\x03", "**")
    return made(Hit, row, project_name=row.project, excerpt=excerpt)


def decision_of(thought: decisions.Thought | None, actions: Sequence[decisions.Action]) -> Decision:
    """A thought with its actions as an answer."""
    return Decision(
        made(Thought, thought, project_name=thought.project) if thought else None,
        [made(Action, each, project_name=each.project) for each in actions],
    )
