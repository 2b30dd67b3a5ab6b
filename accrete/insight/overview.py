"""The overview as an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from accrete.insight.answer import made
from accrete.insight.costs import Cost, Priceless, cost_of, priceless
from accrete.queries import overview
from accrete.queries.costs import Unpriced


class Side(NamedTuple):
    """A person's own sessions, or the automated ones, added up."""

    sessions: Annotated[int, "sessions"]
    prompts: Annotated[int, "prompts that a person sent"]
    prompts_queued: Annotated[int, "prompts sent while Claude worked, besides `prompts`"]
    active_ms: Annotated[int, "active time, without pauses over 5 minutes"]
    wall_ms: Annotated[int, "from first to last message, session by session"]
    work_blocks: Annotated[int, "stretches of work, apart by 10 idle minutes"]
    tool_calls: Annotated[int, "tool calls, of subagents too"]
    tool_errors: Annotated[int, "tool calls that ended in an error"]
    agents: Annotated[int, "subagents that ran"]
    compactions: Annotated[int, "times the context was compacted"]
    interruptions: Annotated[int, "times a person stopped Claude"]
    plan_mode: Annotated[int, "sessions with plan mode"]
    responses: Annotated[int, "API responses: own and delegated"]
    responses_own: Annotated[int, "API responses of the main conversation"]
    responses_delegated: Annotated[int, "API responses of subagents"]
    cost_nano: Annotated[int, "API-equivalent cost: own and delegated, of what has a price"]
    cost_own_nano: Annotated[int, "cost of the main conversation"]
    cost_delegated_nano: Annotated[int, "cost of subagents"]
    unpriced: Annotated[int, "responses and inferences without a price"]
    lower_bound: Annotated[int, "responses with partly known output"]
    price_assumed: Annotated[int, "responses and inferences with an assumed price"]
    source_missing: Annotated[int, "sessions whose transcripts are gone"]
    partly: Annotated[int, "sessions that extend beyond the range"]


class Day(NamedTuple):
    """One local day."""

    day: Annotated[str, "the day; empty for what has no time"]
    sessions: Annotated[int, "sessions at work on it"]
    prompts: Annotated[int, "prompts that a person sent"]
    prompts_queued: Annotated[int, "prompts sent while Claude worked, besides `prompts`"]
    active_ms: Annotated[int, "active time"]
    tokens: Annotated[int, "input, output and cache: own and delegated"]
    cost_nano: Annotated[int, "API-equivalent cost: own and delegated, of what has a price"]
    unpriced: Annotated[int, "responses and inferences without a price"]
    lower_bound: Annotated[int, "responses with partly known output"]


class ProjectSums(NamedTuple):
    """One project's sessions added up."""

    id: Annotated[str, "id of the project"]
    name: Annotated[str, "its name, told apart from namesakes"]
    sessions: Annotated[int, "sessions"]
    prompts: Annotated[int, "prompts that a person sent"]
    prompts_queued: Annotated[int, "prompts sent while Claude worked, besides `prompts`"]
    active_ms: Annotated[int, "active time"]
    cost_nano: Annotated[int, "API-equivalent cost: own and delegated, of what has a price"]
    unpriced: Annotated[int, "responses and inferences without a price"]
    lower_bound: Annotated[int, "responses with partly known output"]
    last_at: Annotated[int | None, "the last message"]


class ToolUse(NamedTuple):
    """One tool."""

    tool: Annotated[str, "name of the tool"]
    calls: Annotated[int, "calls"]
    errors: Annotated[int, "of these, calls that ended in an error"]


class Overview(NamedTuple):
    """Everything, or a range of it."""

    human: Annotated[Side, "your own sessions"]
    automated: Annotated[Side, "those of scripts"]
    first_at: Annotated[int | None, "the first message"]
    last_at: Annotated[int | None, "the last message"]
    usage: Annotated[Cost | None, "tokens and cost of all"]
    days: Annotated[list[Day], "days with work, in their order"]
    projects: Annotated[list[ProjectSums], "projects, the one at work last first"]
    models: Annotated[list[Cost], "by model, the highest cost first"]
    tools: Annotated[list[ToolUse], "by tool, the most calls first"]
    kinds: Annotated[dict[str, int], "prompts by kind of event"]
    typed_history: Annotated[int, "further prompts that only history.jsonl has"]
    unpriced: Annotated[list[Priceless], "what has no price and why"]
    price_table: Annotated[str, "version of the price table"]


def overview_of(
    found: overview.Overview, unpriced: Sequence[Unpriced], price_table: str
) -> Overview:
    """The overview as an answer."""
    return made(
        Overview,
        found,
        human=made(Side, found.human),
        automated=made(Side, found.automated),
        usage=cost_of(found.usage) if found.usage else None,
        days=[made(Day, day) for day in found.days],
        projects=[made(ProjectSums, each) for each in found.projects],
        models=[cost_of(row) for row in found.models],
        tools=[ToolUse(*each) for each in found.tools],
        unpriced=priceless(unpriced),
        price_table=price_table,
    )
