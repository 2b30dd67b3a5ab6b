"""A session's rows while it is derived, and the sums of its responses and tool calls."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

from accrete.clock import LocalTime
from accrete.database import Database
from accrete.derive.days import Days
from accrete.derive.events import Event, Redated
from accrete.derive.moments import Moments

CONVERSATION = frozenset(
    {
        "typed_prompt",
        "slash_command",
        "shell_input",
        "queued_prompt",
        "prompt_beside_result",
        "agent_prompt",
        "assistant_text",
        "assistant_empty",
        "assistant_other",
        "thinking",
        "tool_call",
        "tool_result",
        "interruption",
        "plan_handoff",
        "teammate_message",
        "task_notification",
        "machine_message",
        "compact_summary",
        "command_output",
        "shell_output",
        "injected_context",
    }
)
"""The kinds whose instants count for a session's time: what people, the model and tools said."""


class Context(NamedTuple):
    """What records between two places of the main line said of where the session ran."""

    cwd: str
    branch: str
    version: str
    entrypoint: str
    teammate: str
    first_seq: int
    last_seq: int


class Prompt(NamedTuple):
    """What of a prompt the derivation needs; the time is the corrected one."""

    uuid: str
    kind: str
    seq: int
    at: int | None
    replayed: int
    permission_mode: str | None
    source: str | None


class CountedCall(NamedTuple):
    """What of a tool call the derivation needs; the times are the corrected ones. `answer` is the
    id of the answer it is counted in."""

    message_id: str
    tool_use_id: str
    agent: str
    uuid: str
    seq: int
    at: int | None
    tool: str
    variant: str | None
    target: str | None
    result_at: int | None
    is_error: int | None
    spawned: str | None
    search_count: int | None
    sidechain: int
    ms: int | None
    answer: str
    result_uuid: str | None
    status: str | None


@dataclass(slots=True)
class Totals:
    """Tokens and nano-dollars of some responses, own and delegated."""

    responses: int = 0
    delegated: int = 0
    tokens_own: int = 0
    tokens_delegated: int = 0
    cost_own: int = 0
    cost_delegated: int = 0
    unpriced: int = 0
    lower_bound: int = 0
    price_assumed: int = 0
    calls: int = 0
    errors: int = 0
    models: frozenset[str] = frozenset()


@dataclass(slots=True)
class Work:
    """A session's rows while it is derived."""

    db: Database
    person: int
    session: str
    events: list[Event]
    replayed: set[str]
    moments: Moments
    days: Days
    local: LocalTime
    contexts: list[Context]
    prompts: list[Prompt] = field(default_factory=list)
    prompt_seqs: list[int] = field(default_factory=list)
    runs: dict[str, str] = field(default_factory=dict)
    """uuid of an inline side chain's record -> its run"""
    run_prompt: dict[str, str | None] = field(default_factory=dict)
    redated: Redated = field(default_factory=Redated)


def run_of(work: Work, call: CountedCall) -> str:
    """The subagent whose call it is, also in a side chain of the main file; '' on the main line."""
    return call.agent or (work.runs.get(call.uuid, "") if call.sidechain else "")


def prompt_at(work: Work, seq: int) -> str | None:
    """The prompt in whose turn a place of the main line is."""
    index = bisect_right(work.prompt_seqs, seq) - 1
    return work.prompts[index].uuid if index >= 0 else None
