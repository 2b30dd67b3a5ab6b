"""The result of one pass over part of a file: rows by identity, and counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from accrete.model.captured import (
    AgentRun,
    Event,
    Prompt,
    PullRequestLink,
    Response,
    ResultFor,
    ToolCall,
    ToolResult,
)

_T = TypeVar("_T", int, str)


def extreme(choose: Callable[[_T, _T], _T], a: _T | None, b: _T | None) -> _T | None:
    """The least or the greatest of two values; one may be unknown."""
    return choose(a, b) if a is not None and b is not None else a if b is None else b


class Said(NamedTuple):
    """What a record says about its session ('' if nothing)."""

    session: str
    cwd: str
    branch: str
    version: str
    entrypoint: str
    teammate: str


class Span(NamedTuple):
    """The byte offsets between which it holds."""

    first: int
    last: int


@dataclass(slots=True)
class Batch:
    """Rows of some records of one file. responses: by message and request id; tool_calls: by
    message and tool-use id;
    agents: by session and agent; pull_requests: by session and address; results: those whose call
    is not in the batch;
    counts: {record type: {kind: n}}."""

    events: list[Event] = field(default_factory=list)
    prompts: list[Prompt] = field(default_factory=list)
    responses: dict[tuple[str, str], Response] = field(default_factory=dict)
    tool_calls: dict[tuple[str, str], tuple[ToolCall, ToolResult | None]] = field(
        default_factory=dict
    )
    results: list[ResultFor] = field(default_factory=list)
    agents: dict[tuple[str, str], AgentRun] = field(default_factory=dict)
    contexts: dict[Said, Span] = field(default_factory=dict)
    pull_requests: dict[tuple[str, str], PullRequestLink] = field(default_factory=dict)
    sessions: set[str] = field(default_factory=set)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    plan_mode: bool = False

    @property
    def named(self) -> set[str]:
        """Every session that a row is of, '' left out."""
        return (
            self.sessions
            | {e.session for e in self.events if e.session}
            | {s for s, _ in self.agents if s}
        )
