"""The nouns: everything that is stored, each field with its privacy tier, unit and meaning.

The nouns themselves are imported from their modules: to make all of them takes 8 ms, and what only
asks needs none.
"""

from accrete.model.days import DAY_FIGURES, DAY_KNOWN
from accrete.model.field import Field, Holds, Tier, marks

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
    "Field",
    "Holds",
    "Tier",
    "marks",
]
