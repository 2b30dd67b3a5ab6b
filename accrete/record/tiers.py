"""Local tiers: removes from rows what is above the owner's tier."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple, TypeVar

from accrete.model import Tier
from accrete.model.batch import Batch
from accrete.model.captured import AgentRun, Event, Prompt, Response, ToolCall, ToolResult
from accrete.model.field import marks
from accrete.model.published_names import OTHER, PLACES, is_published

Row = TypeVar("Row", bound=NamedTuple)

PRICED_BY = frozenset({"model"})
"""Names that stay whatever the tier: a local record works out costs from them, and they stay on
this machine."""


@cache
def above(noun: type[tuple[object, ...]], tier: int) -> tuple[str, ...]:
    """The fields of a noun that lie above a tier, those that it keeps for published names
    included."""
    return tuple(
        name for name, mark in marks(noun).items() if mark.tier > tier and name not in PRICED_BY
    )


def limit(batch: Batch, tier: int) -> None:
    """Takes out of a batch what lies above a tier: words above 2, tool activity too above 1, where
    names that are not published become OTHER. Ids, times, counts and tokens stay; so do the folders
    that name a project, which never leave the machine."""
    if tier >= Tier.WORDS:
        return
    batch.events = [_event(event, tier) for event in batch.events]
    batch.prompts = [_without(prompt, Prompt, tier) for prompt in batch.prompts]
    batch.agents = {key: _without(agent, AgentRun, tier) for key, agent in batch.agents.items()}
    batch.results = [
        each._replace(result=_without(each.result, ToolResult, tier)) for each in batch.results
    ]
    batch.tool_calls = {
        key: (_call(call, tier), _without(result, ToolResult, tier) if result is not None else None)
        for key, (call, result) in batch.tool_calls.items()
    }
    batch.responses = {
        key: _without(response, Response, tier) for key, response in batch.responses.items()
    }
    if tier < Tier.ACTIVITY:
        batch.pull_requests = {}


def _call(call: ToolCall, tier: int) -> ToolCall:
    """A call whose target may be words keeps it with the words alone."""
    return _without(call if call.tool in PLACES else call._replace(target=None), ToolCall, tier)


def _without(row: Row, noun: type[Row], tier: int) -> Row:
    return row._replace(
        **{name: _shown(noun, name, getattr(row, name)) for name in above(noun, tier)}
    )


def _shown(noun: type[Row], name: str, value: object) -> str | None:
    """What of a value that lies above the tier may stay: a published name, or that there was
    another."""
    listed = marks(noun)[name].listed
    if not listed or not isinstance(value, str):
        return None
    return value if is_published(listed, value) else OTHER


def _event(event: Event, tier: int) -> Event:
    """An event's text is what somebody wrote, but of a tool call: there it is the command or
    path."""
    of_call = event.kind == "tool_call"
    kept = event.text if of_call and event.name in PLACES and tier >= Tier.ACTIVITY else None
    if tier >= Tier.ACTIVITY:
        return event._replace(text=kept)
    name = (
        event.name
        if of_call and event.name is not None and is_published("tool", event.name)
        else None
    )
    return event._replace(text=kept, name=OTHER if of_call and name is None else name)
