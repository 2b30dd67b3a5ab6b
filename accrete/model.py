"""The nouns: what one record of a transcript yields, each field with its privacy tier."""

from __future__ import annotations

import json
from enum import IntEnum
from typing import Annotated, NamedTuple


class Tier(IntEnum):
    """How much of a person a field gives away, and so from which sync tier on it may leave the machine."""

    LOCAL = 0
    """Never leaves this machine."""
    METADATA = 1
    """Ids, times, counts, tokens, cost, flags."""
    ACTIVITY = 2
    """Tool activity: paths, commands, patches."""
    WORDS = 3
    """What people and the model wrote."""


Meta = Tier.METADATA
Activity = Tier.ACTIVITY
Words = Tier.WORDS


class Event(NamedTuple):
    """One classified part of one record, kept for drill-down and replay. Identity: person, session, agent,
    uuid, part. `seq` is the record's byte offset; `at` UTC ms; `size` the characters of the original text."""

    person: Annotated[int, Meta]
    session: Annotated[str, Meta]
    agent: Annotated[str, Meta]
    uuid: Annotated[str, Meta]
    part: Annotated[int, Meta]
    seq: Annotated[int, Meta]
    at: Annotated[int | None, Meta]
    kind: Annotated[str, Meta]
    name: Annotated[str | None, Activity]
    text: Annotated[str | None, Words]
    size: Annotated[int, Meta]
    message_id: Annotated[str | None, Meta]
    tool_use_id: Annotated[str | None, Meta]
    parent: Annotated[str | None, Meta]
    sidechain: Annotated[int, Meta]
    embedded: Annotated[int, Meta]
    forked_from: Annotated[str | None, Meta]


class Prompt(NamedTuple):
    """One turn of a person: what they typed, queued, or ran as a command. Identity: person, session, uuid."""

    person: Annotated[int, Meta]
    session: Annotated[str, Meta]
    uuid: Annotated[str, Meta]
    kind: Annotated[str, Meta]
    seq: Annotated[int, Meta]
    at: Annotated[int | None, Meta]
    command: Annotated[str | None, Activity]
    chars: Annotated[int, Meta]
    images: Annotated[int, Meta]
    permission_mode: Annotated[str | None, Meta]
    source: Annotated[str | None, Meta]
    branch: Annotated[str | None, Activity]


class Response(NamedTuple):
    """One API response, its usage in tokens. Identity: person, message id, request id. `refusal` is the category of
    a refusal; `iterations` lists its inferences where they are more than the usage says (transcript/usage.py)."""

    person: Annotated[int, Meta]
    message_id: Annotated[str, Meta]
    request_id: Annotated[str, Meta]
    session: Annotated[str, Meta]
    agent: Annotated[str, Meta]
    seq: Annotated[int, Meta]
    at: Annotated[int | None, Meta]
    ended_at: Annotated[int | None, Meta]
    model: Annotated[str | None, Meta]
    version: Annotated[str | None, Meta]
    branch: Annotated[str | None, Activity]
    skill: Annotated[str | None, Activity]
    effort: Annotated[str | None, Meta]
    input_tokens: Annotated[int, Meta]
    output_tokens: Annotated[int, Meta]
    cache_read_tokens: Annotated[int, Meta]
    cache_write_tokens: Annotated[int, Meta]
    cache_write_5m_tokens: Annotated[int, Meta]
    cache_write_1h_tokens: Annotated[int, Meta]
    thinking_tokens: Annotated[int, Meta]
    web_searches: Annotated[int, Meta]
    has_usage: Annotated[int, Meta]
    stop_reason: Annotated[str | None, Meta]
    speed: Annotated[str | None, Meta]
    geo: Annotated[str | None, Meta]
    tier: Annotated[str | None, Meta]
    error: Annotated[str | None, Meta]
    refusal: Annotated[str | None, Meta]
    iterations: Annotated[str | None, Meta]
    synthetic: Annotated[int, Meta]
    embedded: Annotated[int, Meta]
    sidechain: Annotated[int, Meta]
    contested: Annotated[int, Tier.LOCAL]


class Inference(NamedTuple):
    """An inference billed beside the usage of its response: an advisor's, a compaction, an attempt before a fallback.
    Derived. Identity: person, session, message id, request id, part. What it has not of its own is the response's."""

    person: Annotated[int, Meta]
    session: Annotated[str, Meta]
    message_id: Annotated[str, Meta]
    request_id: Annotated[str, Meta]
    part: Annotated[int, Meta]
    at: Annotated[int | None, Meta]
    kind: Annotated[str, Meta]
    model: Annotated[str | None, Meta]
    branch: Annotated[str | None, Activity]
    skill: Annotated[str | None, Activity]
    input_tokens: Annotated[int, Meta]
    output_tokens: Annotated[int, Meta]
    cache_read_tokens: Annotated[int, Meta]
    cache_write_tokens: Annotated[int, Meta]
    cache_write_5m_tokens: Annotated[int, Meta]
    cache_write_1h_tokens: Annotated[int, Meta]
    speed: Annotated[str | None, Meta]
    geo: Annotated[str | None, Meta]
    tier: Annotated[str | None, Meta]
    refusal: Annotated[str | None, Meta]
    run: Annotated[str, Meta]
    prompt: Annotated[str | None, Meta]
    local_day: Annotated[str | None, Meta]
    hour_of_week: Annotated[int | None, Meta]
    cost_nano: Annotated[int | None, Meta]
    cost_basis: Annotated[str, Meta]
    price_version: Annotated[str, Meta]


class ToolCall(NamedTuple):
    """One tool call as the model made it. Identity: person, message id, tool-use id. `variant` is the subagent's
    type or the skill's name; `target` the command, path, pattern or address it works on."""

    person: Annotated[int, Meta]
    message_id: Annotated[str, Meta]
    tool_use_id: Annotated[str, Meta]
    session: Annotated[str, Meta]
    agent: Annotated[str, Meta]
    uuid: Annotated[str, Meta]
    seq: Annotated[int, Meta]
    at: Annotated[int | None, Meta]
    tool: Annotated[str, Meta]
    variant: Annotated[str | None, Activity]
    target: Annotated[str | None, Activity]
    input: Annotated[str | None, Words]
    input_cut: Annotated[int, Meta]
    sidechain: Annotated[int, Meta]
    embedded: Annotated[int, Meta]


class ToolResult(NamedTuple):
    """What came of a tool call. `status`: ok, error, rejected, interrupted. `output` is the first 1 KiB and the
    last 3 KiB of the redacted output, `output_chars` its whole length before redaction."""

    result_rank: Annotated[int, Tier.LOCAL]
    result_uuid: Annotated[str, Meta]
    result_at: Annotated[int | None, Meta]
    status: Annotated[str, Meta]
    is_error: Annotated[int, Meta]
    decision: Annotated[str | None, Meta]
    decision_source: Annotated[str | None, Meta]
    denial: Annotated[str | None, Meta]
    error_class: Annotated[str | None, Meta]
    output: Annotated[str | None, Words]
    output_chars: Annotated[int, Meta]
    ms: Annotated[int | None, Meta]
    lines_added: Annotated[int | None, Meta]
    lines_removed: Annotated[int | None, Meta]
    patch: Annotated[str | None, Activity]
    patch_cut: Annotated[int | None, Meta]
    user_modified: Annotated[int | None, Meta]
    spawned: Annotated[str | None, Meta]
    search_count: Annotated[int | None, Meta]
    detail: Annotated[str | None, Activity]

    @classmethod
    def from_json(cls, text: str) -> ToolResult:
        """A result that waited as a JSON array; what an older program did not know of it is None."""
        values = json.loads(text)[: len(cls._fields)]
        return cls._make((*values, *[None] * (len(cls._fields) - len(values))))


class ResultFor(NamedTuple):
    """A tool result and where its call stands: by the record that holds the call, else the nearest before it."""

    person: int
    session: str
    agent: str
    tool_use_id: str
    call_uuid: str | None
    seq: int
    result: ToolResult


class AgentRun(NamedTuple):
    """What stands of a subagent outside its own lines. Identity: person, session, agent."""

    person: Annotated[int, Meta]
    session: Annotated[str, Meta]
    agent: Annotated[str, Meta]
    type: Annotated[str | None, Meta]
    task: Annotated[str | None, Words]
    name: Annotated[str | None, Words]
    tool_use_id: Annotated[str | None, Meta]
    parent_agent: Annotated[str | None, Meta]
    workflow: Annotated[str | None, Meta]
    layout: Annotated[str | None, Meta]


class Context(NamedTuple):
    """What envelopes said of their session between two byte offsets of its file ('' where nothing was said)."""

    person: Annotated[int, Meta]
    session: Annotated[str, Meta]
    cwd: Annotated[str, Activity]
    branch: Annotated[str, Activity]
    version: Annotated[str, Meta]
    entrypoint: Annotated[str, Meta]
    teammate: Annotated[str, Words]
    first_seq: Annotated[int, Meta]
    last_seq: Annotated[int, Meta]


class PullRequestLink(NamedTuple):
    """A pull request that a session's transcript links. Identity: person, session, url."""

    person: Annotated[int, Meta]
    session: Annotated[str, Meta]
    url: Annotated[str, Activity]
    at: Annotated[int | None, Meta]
    number: Annotated[int | None, Activity]
    repository: Annotated[str | None, Activity]


class TypedHistory(NamedTuple):
    """A prompt that `history.jsonl` remembers. Identity: person, id (a content hash)."""

    person: Annotated[int, Meta]
    id: Annotated[str, Meta]
    at: Annotated[int | None, Meta]
    project_path: Annotated[str | None, Activity]
    session: Annotated[str | None, Meta]
    text: Annotated[str, Words]


class SessionDay(NamedTuple):
    """What of a session happened on one local day. Identity: person, session, local day ('' where no record of the session
    has a time). Times UTC ms, spans ms, money nano-dollars; the figures of all days add up to the session's, but for
    `plan_mode`, which is 0 or 1."""

    person: Annotated[int, Meta]
    session: Annotated[str, Meta]
    local_day: Annotated[str, Meta]
    first_at: Annotated[int | None, Meta]
    last_at: Annotated[int | None, Meta]
    plan_mode: Annotated[int, Meta]
    work_blocks: Annotated[int, Meta]
    prompts: Annotated[int, Meta]
    prompts_queued: Annotated[int, Meta]
    interruptions: Annotated[int, Meta]
    compactions: Annotated[int, Meta]
    api_errors: Annotated[int, Meta]
    agents: Annotated[int, Meta]
    tool_calls: Annotated[int, Meta]
    tool_errors: Annotated[int, Meta]
    responses_own: Annotated[int, Meta]
    responses_delegated: Annotated[int, Meta]
    tokens_own: Annotated[int, Meta]
    tokens_delegated: Annotated[int, Meta]
    cost_own_nano: Annotated[int, Meta]
    cost_delegated_nano: Annotated[int, Meta]
    unpriced: Annotated[int, Meta]
    lower_bound: Annotated[int, Meta]
    price_assumed: Annotated[int, Meta]
    commits: Annotated[int, Meta]
    commits_unconfirmed: Annotated[int, Meta]
    pull_requests: Annotated[int, Meta]
    checks: Annotated[int, Meta]
    checks_failed: Annotated[int, Meta]
    edits_proposed: Annotated[int, Meta]
    edits_landed: Annotated[int, Meta]
    edits_changed_by_user: Annotated[int, Meta]
    active_ms: Annotated[int | None, Meta]
    lines_added: Annotated[int | None, Meta]
    lines_removed: Annotated[int | None, Meta]
    asked_accepted: Annotated[int | None, Meta]
    asked_rejected: Annotated[int | None, Meta]


DAY_FIGURES = SessionDay._fields[SessionDay._fields.index("work_blocks") :]
"""What a session's days add up to; the last five are NULL where nothing tells, the others 0."""
DAY_KNOWN = DAY_FIGURES[DAY_FIGURES.index("active_ms") :]


class SessionFile(NamedTuple):
    """A file that a session changed on a local day. Identity: all of it."""

    person: Annotated[int, Meta]
    session: Annotated[str, Meta]
    local_day: Annotated[str, Meta]
    path: Annotated[str, Activity]


PROMPT_KINDS = ("typed_prompt", "slash_command", "shell_input", "queued_prompt", "prompt_beside_result")
"""The event kinds that are a person's words."""

HUMAN_KINDS = ("typed_prompt", "slash_command", "shell_input")
"""Those that have a user record of their own: what other tools call human prompts."""

SEARCHABLE_KINDS = (*PROMPT_KINDS, "assistant_text", "tool_call")
"""The event kinds that full-text search covers; a tool call's text is its command or path."""
