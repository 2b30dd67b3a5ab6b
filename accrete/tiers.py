"""How much the record keeps: rows without what lies above the tier that its owner chose."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from accrete.model import AgentRun, Event, Prompt, Response, Tier, ToolCall, ToolResult
from accrete.transcript.assemble import Batch

PLACES = frozenset(
    {
        "Bash",
        "PowerShell",
        "Read",
        "Edit",
        "MultiEdit",
        "Write",
        "NotebookEdit",
        "NotebookRead",
        "Glob",
        "Grep",
        "LS",
        "WebFetch",
    }
)
"""Tools whose target is a command, a path, a pattern or an address; that of others may be words, such as a subagent's task."""


@cache
def above(row: type[tuple[Any, ...]], tier: int) -> tuple[str, ...]:
    """The fields of a noun that lie above a tier."""
    hints = get_type_hints(row, include_extras=True)
    return tuple(
        name
        for name, hint in hints.items()
        if get_origin(hint) is Annotated and any(mark > tier for mark in get_args(hint)[1:])
    )


def limit(batch: Batch, tier: int) -> None:
    """Takes out of a batch what lies above a tier: words above 2, tool activity too above 1. Ids, times, counts and tokens
    stay; so do the folders that name a project, which never leave the machine."""
    if tier >= Tier.WORDS:
        return
    batch.events = [_event(event, tier) for event in batch.events]
    batch.prompts = [_without(prompt, Prompt, tier) for prompt in batch.prompts]
    batch.agents = {key: _without(agent, AgentRun, tier) for key, agent in batch.agents.items()}
    batch.results = [each._replace(result=_without(each.result, ToolResult, tier)) for each in batch.results]
    batch.tool_calls = {
        key: (_call(call, tier), _without(result, ToolResult, tier) if result is not None else None)
        for key, (call, result) in batch.tool_calls.items()
    }
    places = [Response._fields.index(name) for name in above(Response, tier)]
    for row in batch.responses.values():
        for place in places:
            row[place] = None
    if tier < Tier.ACTIVITY:
        batch.pull_requests = {}


def _call(call: ToolCall, tier: int) -> ToolCall:
    kept = _without(call, ToolCall, tier)
    return kept if call.tool in PLACES else kept._replace(target=None)  # type: ignore[no-any-return]


def _without(row: Any, noun: type[tuple[Any, ...]], tier: int) -> Any:
    return row._replace(**dict.fromkeys(above(noun, tier)))


def _event(event: Event, tier: int) -> Event:
    """An event's text is what somebody wrote, but of a tool call: there it is the command or path."""
    kept = event.text if event.kind == "tool_call" and event.name in PLACES and tier >= Tier.ACTIVITY else None
    return event._replace(text=kept, name=event.name if tier >= Tier.ACTIVITY or event.kind == "tool_call" else None)
