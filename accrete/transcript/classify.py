"""Classifies each record: one table of rules, first match wins, each with its evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from accrete.text.lazy import lazy
from accrete.transcript.client_marks import machine_kind, without_injected
from accrete.transcript.records import Block, Line

SKIPPED_TYPES = frozenset(
    {
        "api-request", "api-request-blob", "api-request-shape", "api-request-resumed",
        "file-history-snapshot",
        "file-history-delta", "last-prompt", "tools-used", "atis-latch", "launched", "started",
        "result",
        "content-replacement", "data-flow-records", "data-flow-incomplete", "resume-head-vouch",
        "frame-link",
        "attribution-snapshot", "isolation-latch", "session-owner", "dev-mods", "memory-mode",
        "observer-ref",
        "repl-mode", "hybrid-organization", "bridge-session", "history-suppression", "agent-color",
        "stream_event", "rate_limit_event", "control_request", "control_response", "keep_alive",
        "tool_progress",
    }
)  # fmt: skip
"""The client's own plumbing: counted, never stored (about 70 % of the bytes of 2.1.329's
transcripts)."""

SKIPPED_ATTACHMENTS = frozenset(
    {
        "prompt_snapshot",
        "skill_listing",
        "deferred_tools_delta",
        "deferred_tools_record",
        "agent_listing_delta",
        "mcp_instructions_delta",
        "total_tokens_reminder",
        "session_context",
        "model",
        "date",
        "environment",
    }
)
"""Attachments that repeat the client's own prompts and listings: counted, never stored.
`session_context` may hold the account's e-mail address."""


class UserText(NamedTuple):
    """What a user record's content amounts to: its text blocks as one text, the same without what
    the client injected, its images and documents, its tool results."""

    text: str
    words: str
    images: int
    results: list[Block]


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind, when it holds, since which client version (as seen) and on what evidence."""

    kind: str
    holds: Callable[[Line, UserText], bool]
    since: str
    evidence: str


def read_content(content: str | list[Block | str] | None) -> UserText:
    """The parts of a user message's content."""
    if content is None:
        return UserText("", "", 0, [])
    if isinstance(content, str):
        return UserText(content, without_injected(content), 0, [])
    texts: list[str] = []
    results: list[Block] = []
    images = 0
    for block in content:
        if isinstance(block, str):
            texts.append(block)
        elif block.type == "tool_result":
            results.append(block)
        elif block.type in ("image", "document"):
            images += 1
        elif block.text:
            texts.append(block.text)
    text = "\n".join(texts)
    return UserText(text, without_injected(text), images, results)


_PERSON_SOURCES = frozenset({None, "typed", "queued", "suggestion_accepted", "sdk"})
_PERSON_TURNS = frozenset({None, "human", "sdk"})

USER_RULES: tuple[Rule, ...] = (
    Rule("compact_summary", lambda r, t: bool(r.isCompactSummary), "1.0.0", "isCompactSummary"),
    Rule("teammate_message", lambda r,
         t: bool(r.isMeta) and r.origin is not None and r.origin.kind == "peer",
         "2.1.329", "isMeta with origin.kind peer (teams)"),
    Rule("hook_output", lambda r, t: bool(r.isMeta) and t.words.startswith("Stop hook feedback:"),
         "2.1.329", "isMeta"),
    Rule("injected_context", lambda r, t: bool(r.isMeta), "1.0.0",
         "isMeta: command and skill bodies, caveats, path notes"),
    Rule("injected_context", lambda r, t: bool(r.sourceToolUseID), "2.1.205",
         "sourceToolUseID: a skill's body"),
    Rule("interruption", lambda r, t: t.words.startswith("[Request interrupted by user"), "1.0.0",
         "text"),
    Rule("agent_prompt", lambda r, t: bool(r.isSidechain), "1.0.0",
         "isSidechain: text given to a subagent"),
    Rule("task_notification", lambda r,
         t: r.origin is not None and r.origin.kind == "task-notification",
         "2.1.152", "origin.kind"),
    Rule("machine_message", lambda r,
         t: r.origin is not None and r.origin.kind not in (None, "human"),
         "2.1.152", "origin.kind: peer, coordinator, "
                    "auto-continuation, channel, suggestion, plugin"),
    Rule("plan_handoff", lambda r, t: bool(r.planContent), "2.1.39", "planContent"),
    Rule("injected_context", lambda r, t: not t.words and not t.images, "1.0.0",
         "nothing but injected elements"),
    Rule("slash_command", lambda r, t: t.words.startswith(("<command-name>", "<command-message>")),
         "1.0.0", "text"),
    Rule("shell_input", lambda r, t: t.words.startswith("<bash-input>"), "1.0.24", "text"),
    Rule("machine_text", lambda r, t: machine_kind(t.words) is not None, "1.0.0",
         "MACHINE_PREFIXES"),
    Rule("machine_message", lambda r, t: r.promptSource not in _PERSON_SOURCES
         and (r.promptSource == "system" or r.origin is None or r.origin.kind != "human"),
         "2.1.205",
         "promptSource system, "
         "or another that is not a person's and no origin.kind human beside it"),
    Rule("machine_message", lambda r,
         t: r.turnOrigin not in _PERSON_TURNS and r.promptSource is None
         and r.origin is None, "2.1.329",
         "turnOrigin peer, scheduled, task_notification, auto_continuation"),
    Rule("typed_prompt", lambda r, t: True, "1.0.0",
         "what is left: a person's words, or a script's in their place"),
)  # fmt: skip
"""What a user record without a tool result is."""


def classify_user(record: Line, content: UserText) -> str:
    """The kind of a user record that holds no tool result."""
    for rule in USER_RULES:
        if rule.holds(record, content):
            return (
                (machine_kind(content.words) or rule.kind)
                if rule.kind == "machine_text"
                else rule.kind
            )
    raise AssertionError("the last rule always holds")


SYSTEM_KINDS = {
    "compact_boundary": "compact_boundary",
    "microcompact_boundary": "microcompact_boundary",
    "api_error": "api_error",
    "turn_duration": "turn_end",
    "stop_hook_summary": "hook_output",
    "local_command": "command_output",
    "model_refusal_fallback": "model_fallback",
    "model_fallback": "model_fallback",
    "away_summary": "away_summary",
}
"""System records by subtype; any other is a system notice."""

METADATA_KINDS = {
    "summary": "summary_title",
    "ai-title": "ai_title",
    "custom-title": "custom_title",
    "agent-name": "agent_name",
    "agent-setting": "agent_setting",
    "tag": "tag",
    "mode": "mode",
    "permission-mode": "permission_mode",
    "pr-link": "pr_link",
    "cost-state": "cost_state",
    "queue-operation": "queue_operation",
    "worktree-state": "lineage",
    "relocated": "lineage",
    "continued-in": "lineage",
    "fork-context-ref": "lineage",
    "derived-from": "lineage",
    "teleported-from": "lineage",
}
"""Records without a message: what is kept of them is in assemble.py."""

DISCARDED = "discarded"
"""What a `remove` of the queue is called when Claude was never given the text, by its `reason`."""

DISCARDING = lazy(
    r"cancel|clear|remov|delet|drop|discard|dismiss|abort|abandon|withdr|reject|expire|stopp|"
    r"rew[io]und|undo|(?:^|_)edit|(?:^|_)not_"
)
"""What the reason of a `remove` has in it with which the text went nowhere: `cleared_on_cancel`,
`dropped_by_hook`, `rewound`,
`agent_stopped`, `not_carried_to_background` (2.1.329), or words that say as much. Without a reason,
as older clients write it, and with any other (`absorbed_mid_turn`), the running turn, an agent or a
background session took it up."""

ATTACHMENT_KINDS = {
    "hook_success": "hook_output",
    "hook_additional_context": "hook_output",
    "hook_system_message": "hook_output",
    "hook_non_blocking_error": "hook_output",
    "hook_blocking_error": "hook_output",
    "hook_cancelled": "hook_output",
    "hook_stopped_continuation": "hook_output",
    "hook_permission_decision": "hook_output",
    "async_hook_response": "hook_output",
    "plan_mode": "plan_mode",
    "plan_mode_exit": "plan_mode",
    "plan_mode_reentry": "plan_mode",
}
"""Attachments by type; any other is context that the client injected."""
