"""Published names: values on these lists reveal nothing about a person or a company.

Only these leave a machine at tier 1; every other name is OTHER there. Sources: Claude Code's
documentation of tools, subagents, permission modes, hooks and settings, the API's of models, stop
reasons and errors, and what the client was seen to write. A list that lacks a newer name only says
"other" of it.
"""

from __future__ import annotations

import re

OTHER = "other"

TOOLS = frozenset({
    "Agent", "Artifact", "AskUserQuestion", "Bash", "BashOutput", "CronCreate", "CronDelete",
    "CronList", "Edit", "EnterPlanMode", "EnterWorktree", "ExitPlanMode", "ExitWorktree", "Glob",
    "Grep", "KillBash", "KillShell", "LS", "LSP", "ListMcpResourcesTool", "Monitor", "MultiEdit",
    "NotebookEdit", "NotebookRead", "PowerShell", "PushNotification", "Read",
    "ReadMcpResourceTool", "RemoteTrigger", "SendMessage", "SendUserMessage", "Skill",
    "SlashCommand", "StructuredOutput", "Task", "TaskCreate", "TaskGet", "TaskList", "TaskOutput",
    "TaskStop", "TaskUpdate", "TeamCreate", "TeamDelete", "TodoRead", "TodoWrite", "ToolSearch",
    "WaitForMcpServers", "WebFetch", "WebSearch", "Workflow", "Write", "exit_plan_mode",
})  # fmt: skip
"""Claude Code's own tools."""

PLACES = frozenset({
    "Bash", "PowerShell", "Read", "Edit", "MultiEdit", "Write", "NotebookEdit", "NotebookRead",
    "Glob", "Grep", "LS", "WebFetch",
})  # fmt: skip
"""Tools whose target is a command, a path, a pattern or an address; that of others may be words,
such as a subagent's task."""

AGENT_TYPES = frozenset({
    "Explore", "Plan", "claude", "claude-code-guide", "fork", "general-purpose",
    "output-style-setup", "statusline-setup", "teammate", "workflow-subagent",
})  # fmt: skip
"""Claude Code's own subagents."""

_MODEL = re.compile(
    r"claude-(?:[1-9]\d?(?:-\d{1,2})?-)?(?:opus|sonnet|haiku|fable|mythos|instant)"
    r"(?:-(?:\d{1,2}|preview))*(?:[-@]20\d{6}|-latest)?(?:\[1m\])?"
)
"""Ids of Claude models as the API has them."""
_VERSION = re.compile(r"\d{1,3}\.\d{1,3}\.\d{1,4}")

LISTS: dict[str, frozenset[str] | re.Pattern[str]] = {
    "tool": TOOLS,
    "agent_type": AGENT_TYPES,
    "variant": AGENT_TYPES,
    "model": _MODEL,
    "client_version": _VERSION,
    "permission_mode": frozenset(
        ("acceptEdits", "auto", "bypassPermissions", "default", "delegate", "dontAsk", "manual",
         "plan")
    ),
    "prompt_source": frozenset(
        ("typed", "queued", "sdk", "human", "channel", "system", "cron", "coordinator",
         "suggestion_accepted", "plan_handoff")
    ),
    "entrypoint": frozenset(
        ("cli", "sdk-cli", "sdk-py", "sdk-ts", "claude-desktop", "claude-vscode",
         "claude-jetbrains", "mcp", "remote",
         "local-agent", "claude-code-github-action")
    ),
    "effort": frozenset(("low", "medium", "high", "xhigh", "max", "ultracode")),
    "stop_reason": frozenset(
        ("end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal",
         "compaction",
         "model_context_window_exceeded")
    ),
    "speed": frozenset(("standard", "fast")),
    "geo": frozenset(("global", "us", "not_available")),
    "service_tier": frozenset(("standard", "priority", "batch")),
    "api_error": frozenset(
        ("api_error", "authentication_error", "authentication_failed", "billing_error",
         "invalid_request",
         "invalid_request_error", "max_output_tokens", "not_found_error", "overloaded_error",
         "permission_error", "rate_limit",
         "rate_limit_error", "request_too_large", "server_error", "timeout_error", "unknown")
    ),
    "refusal": frozenset(("bio", "cyber", "frontier_llm", "reasoning_extraction")),
    "decision": frozenset(("accept", "allow", "ask", "deny", "reject")),
    "decision_source": frozenset(("classifier", "config", "hook", "rule", "user", "user_abort",
                                  "user_permanent",
                                  "user_reject", "user_temporary")),
    "denial": frozenset(("automode-blocked", "automode-parsing-error", "automode-unavailable",
                         "cancelled", "interrupted",
                         "permission-rule", "user-rejected")),
}  # fmt: skip
"""The published values of each kind of name: some words, or the pattern of an id."""


def is_published(listed: str, value: str) -> bool:
    """Whether a value is on a list. Raises KeyError for an unknown list."""
    known = LISTS[listed]
    return value in known if isinstance(known, frozenset) else known.fullmatch(value) is not None
