"""Shapes of answers: compact, lists capped, each with its scope and how to get more.

The client shows a model the structured content of a result and not its text, so these are what is
read. Money is in dollars, times are local (`2026-11-20 14:02`), ids are the first characters that
the tools take back.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field, SerializerFunctionWrapHandler, model_serializer

SHARE = "n of m sessions where it could apply"


class Compact(BaseModel):
    """A part of an answer. Empty and unknown fields are left out, because a model pays for every
    word."""

    @model_serializer(mode="wrap")
    def _without_empty(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {
            name: value
            for name, value in handler(self).items()
            if value is not None and value != []
        }


class Answer(Compact):
    """Part of every answer: its scope, and how to get more."""

    scope: str
    more: str | None = Field(
        default=None, description="what was left out, and the call that returns it"
    )
    legend: str | None = Field(default=None, description="what the figures mean")


class Practice(Compact):
    """One practice of the person."""

    name: str
    depth: str
    sessions: str = Field(description=SHARE)
    times: int
    well_done: str = Field(description="share of the times with a quality mark")
    trend: str = Field(description="sessions with it by active week, newest last")
    last: str | None = None


class Moment(Compact):
    """One observed moment, which proves the figures."""

    when: str
    session: str
    prompt: int | None = Field(default=None, description="number of the prompt it belongs to")
    what: str
    command: str | None = Field(
        default=None, description="the command, file or words that prove it"
    )
    asked: str | None = Field(default=None, description="the prompt it belongs to")
    marks: list[str] = []


class Practices(Answer):
    """All practices, or one with what it is and its moments."""

    practices: list[Practice] = []
    what: str | None = None
    why: str | None = None
    good: str | None = None
    next_step: str | None = None
    source: str | None = None
    moments: list[Moment] = []


class Comparison(Answer):
    """The person next to their team."""

    team_connected: bool
    said: str
    mine: list[Practice] = []


class Step(Compact):
    """Something to try next."""

    practice: str
    try_this: str
    because: str
    why_it_helps: str
    source: str


class Steps(Answer):
    """What to try next, most promising first."""

    steps: list[Step] = []


class Hit(Compact):
    """One text with the words, marked with **."""

    session: str
    prompt: int | None = Field(default=None, description="number of the prompt it belongs to")
    when: str
    project: str
    what: str
    text: str


class Hits(Answer):
    """Texts with the words, newest first."""

    hits: list[Hit] = []


class Session(Answer):
    """One session, or all of a range added up: its figures, and the part that was asked for."""

    id: str
    title: str | None = None
    started: str | None = None
    project: str
    branch: str | None = None
    outcome: str | None = None
    active: str
    prompts: int
    tool_calls: int
    errors: int
    cost_usd: float | None = None
    subagents: int
    asked: list[str] = []
    done: list[str] = []
    open: list[str] = []
    files: list[str] = []
    failed: list[str] = []
    costs: list[str] = []
    sessions: list[str] = []
    last_answer: str | None = None


class Use(Compact):
    """One row of a usage table."""

    key: str
    sessions: int | None = None
    responses: int
    tokens: int
    cost_usd: float | None = None
    delegated_usd: float | None = None
    active_hours: float | None = None


class Usage(Answer):
    """Usage by one thing; cost is API-equivalent, not a bill."""

    by: str
    rows: list[Use] = []
    total: Use | None = Field(default=None, description="of the rows shown")
    note: str | None = None
