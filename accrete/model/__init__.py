"""The nouns: everything that is stored, each field with its privacy tier, unit and meaning."""

from accrete.model.captured import (
    AgentRun,
    Context,
    Event,
    HookEvent,
    Prompt,
    PullRequestLink,
    Response,
    ResultFor,
    ToolCall,
    ToolResult,
    TypedHistory,
    WaitingResult,
)
from accrete.model.field import Field, Holds, Tier, marks
from accrete.model.sessions import (
    DAY_FIGURES,
    DAY_KNOWN,
    Inference,
    SessionDay,
    SessionFigures,
    SessionFile,
)

PROMPT_KINDS = (
    "typed_prompt",
    "slash_command",
    "shell_input",
    "queued_prompt",
    "prompt_beside_result",
)
"""The event kinds that are a person's words."""

HUMAN_KINDS = ("typed_prompt", "slash_command", "shell_input")
"""Those that have a user record of their own: what other tools call human prompts."""

SEARCHABLE_KINDS = (*PROMPT_KINDS, "assistant_text", "tool_call")
"""The event kinds that full-text search covers; a tool call's text is its command or path."""

__all__ = [
    "DAY_FIGURES",
    "DAY_KNOWN",
    "HUMAN_KINDS",
    "PROMPT_KINDS",
    "SEARCHABLE_KINDS",
    "AgentRun",
    "Context",
    "Event",
    "Field",
    "Holds",
    "HookEvent",
    "Inference",
    "Prompt",
    "PullRequestLink",
    "Response",
    "ResultFor",
    "SessionDay",
    "SessionFigures",
    "SessionFile",
    "Tier",
    "ToolCall",
    "ToolResult",
    "TypedHistory",
    "WaitingResult",
    "marks",
]
