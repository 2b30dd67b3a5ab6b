"""The nouns: everything that is stored, each field with its privacy tier, unit and meaning.

The nouns and the marks of their fields are imported from their modules: to make all of them takes
8 ms, and what only asks needs none.
"""

from accrete.model.tier import Tier

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

DAY_KNOWN = (
    "active_ms",
    "lines_added",
    "lines_removed",
    "asked_accepted",
    "asked_rejected",
)
"""The figures of a day that are NULL if unknown."""

DAY_FIGURES = (
    "work_blocks",
    "prompts",
    "prompts_queued",
    "interruptions",
    "compactions",
    "api_errors",
    "agents",
    "tool_calls",
    "tool_errors",
    "responses_own",
    "responses_delegated",
    "tokens_own",
    "tokens_delegated",
    "cost_own_nano",
    "cost_delegated_nano",
    "unpriced",
    "lower_bound",
    "price_assumed",
    "commits",
    "commits_unconfirmed",
    "pull_requests",
    "checks",
    "checks_failed",
    "edits_proposed",
    "edits_landed",
    "edits_changed_by_user",
    *DAY_KNOWN,
)
"""What a session's days add up to: the fields of `SessionFigures` but for `plan_mode`, written out,
since every command asks for their names and none for the noun."""

__all__ = [
    "DAY_FIGURES",
    "DAY_KNOWN",
    "HUMAN_KINDS",
    "PROMPT_KINDS",
    "SEARCHABLE_KINDS",
    "Tier",
]
