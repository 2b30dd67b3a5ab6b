"""Captured nouns: what a pass over a transcript, or a hook, produces."""

from __future__ import annotations

import json
from typing import Annotated, NamedTuple

from accrete.model.field import (
    Field,
    Holds,
    activity,
    count,
    flag,
    instant,
    kept_here,
    key,
    local,
    name,
    span,
    tokens,
    words,
)
from accrete.model.tier import Tier

_ITERATIONS = Field(
    Tier.LOCAL, "its inferences if they are more than the usage lists, as JSON", holds=Holds.TEXT
)


class Event(NamedTuple):
    """One classified part of one record, kept for drill-down and replay."""

    person: Annotated[int, key("the person")]
    session: Annotated[str, key("the session named in the record")]
    agent: Annotated[str, key("the subagent whose line has it; '' for the main conversation")]
    uuid: Annotated[str, key("the record's id; a hash of its line if it has none")]
    part: Annotated[int, count("position among the parts of the record")]
    seq: Annotated[int, count("where the record begins in its file", "bytes")]
    at: Annotated[
        int | None, instant("when the record was written; NULL if the time cannot be right")
    ]
    kind: Annotated[str, key("its kind (transcript/classify.py)")]
    name: Annotated[str | None, activity("the tool, command, mode or record type")]
    text: Annotated[
        str | None, words("its text, whole for prompts and answers; a tool call's is its target")
    ]
    size: Annotated[int, count("length of the text before redaction", "characters")]
    message_id: Annotated[str | None, key("the API response it belongs to")]
    tool_use_id: Annotated[str | None, key("the tool call that it is, or answers")]
    parent: Annotated[str | None, key("the record before it")]
    sidechain: Annotated[int, flag("whether from a subagent")]
    embedded: Annotated[int, count("0 in a line of its own, 2 inside progress records, 1 both")]
    forked_from: Annotated[str | None, key("the session it names as its origin")]


class EventState(NamedTuple):
    """Further stored fields of an event."""

    reader: Annotated[int, local("the reader's version that read it")]
    misdated: Annotated[int | None, instant("a time that cannot be right, as in the record")]
    replayed: Annotated[int, flag("whether another session with a copy owns it; derived")]


class Prompt(NamedTuple):
    """One turn of a person: what they typed, queued, or ran as a command."""

    person: Annotated[int, key("the person")]
    session: Annotated[str, key("the session")]
    uuid: Annotated[str, key("the id of its record")]
    kind: Annotated[str, key("how it was entered: one of PROMPT_KINDS")]
    seq: Annotated[int, count("where its record begins in its file", "bytes")]
    at: Annotated[int | None, instant("when it was sent")]
    command: Annotated[str | None, activity("the slash command's name")]
    chars: Annotated[
        int, count("length of what the person typed, without what the client added", "characters")
    ]
    images: Annotated[int, count("pictures sent with it")]
    permission_mode: Annotated[
        str | None, name("the permission mode when it was sent", "permission_mode")
    ]
    source: Annotated[str | None, name("its source, as the client recorded it", "prompt_source")]
    branch: Annotated[str | None, activity("the git branch")]


class Response(NamedTuple):
    """One API response with the usage that the client recorded."""

    person: Annotated[int, key("the person")]
    message_id: Annotated[
        str, key("the API's id of the message, or the line's own id if a gateway issued it")
    ]
    request_id: Annotated[str, key("the API's id of the request; '' if there is none")]
    session: Annotated[str, key("the session that owns it")]
    agent: Annotated[str, key("the subagent whose line has it; '' for the main conversation")]
    seq: Annotated[int, count("where its first line begins in its file", "bytes")]
    at: Annotated[int | None, instant("when its first line was written")]
    ended_at: Annotated[int | None, instant("when its last line was written")]
    model: Annotated[str | None, name("the model that answered", "model")]
    version: Annotated[str | None, name("the client's version", "client_version")]
    branch: Annotated[str | None, activity("the git branch")]
    skill: Annotated[str | None, activity("the skill that was active")]
    effort: Annotated[str | None, name("the effort asked for", "effort")]
    input_tokens: Annotated[int, tokens("input that was not in a cache")]
    output_tokens: Annotated[int, tokens("output, thinking included")]
    cache_read_tokens: Annotated[int, tokens("input read from the cache")]
    cache_write_tokens: Annotated[int, tokens("input written to the cache")]
    cache_write_5m_tokens: Annotated[int, tokens("of these, kept five minutes")]
    cache_write_1h_tokens: Annotated[int, tokens("of these, kept an hour")]
    thinking_tokens: Annotated[int, tokens("thinking, part of the output; 0 if unknown")]
    web_searches: Annotated[int, count("searches that the API made for it")]
    has_usage: Annotated[int, flag("whether any line has its usage")]
    stop_reason: Annotated[str | None, name("why the model stopped", "stop_reason")]
    speed: Annotated[str | None, name("the speed that is billed", "speed")]
    geo: Annotated[str | None, name("where inference ran", "geo")]
    tier: Annotated[str | None, name("the service tier", "service_tier")]
    error: Annotated[str | None, name("the API error returned instead", "api_error")]
    refusal: Annotated[str | None, name("the category of a refusal", "refusal")]
    iterations: Annotated[str | None, _ITERATIONS]
    synthetic: Annotated[int, flag("whether the client itself wrote it")]
    embedded: Annotated[int, count("0 in lines of its own, 2 inside progress records, 1 both")]
    sidechain: Annotated[int, flag("whether from a subagent")]
    contested: Annotated[int, local("whether several sessions hold copies of it", "0 or 1")]
    plugin: Annotated[str | None, kept_here("the plugin that it was made for")]
    mcp_server: Annotated[str | None, kept_here("the MCP server that it was made for")]


class ToolCall(NamedTuple):
    """One tool call as the model made it."""

    person: Annotated[int, key("the person")]
    message_id: Annotated[str, key("the response that made it")]
    tool_use_id: Annotated[str, key("the API's id of the call")]
    session: Annotated[str, key("the session that owns it")]
    agent: Annotated[str, key("the subagent whose line has it; '' for the main conversation")]
    uuid: Annotated[str, key("the record that holds it")]
    seq: Annotated[int, count("where its record begins in its file", "bytes")]
    at: Annotated[int | None, instant("when it was made")]
    tool: Annotated[str, name("the tool", "tool")]
    variant: Annotated[
        str | None, name("the subagent's type, or the skill's or workflow's name", "variant")
    ]
    target: Annotated[str | None, activity("its command, path, pattern or address")]
    input: Annotated[str | None, words("its input, at most 32 KiB", holds=Holds.JSON)]
    input_cut: Annotated[int, flag("whether the input was longer")]
    sidechain: Annotated[int, flag("whether from a subagent")]
    embedded: Annotated[int, count("0 in a line of its own, 2 inside progress records, 1 both")]


class ToolResult(NamedTuple):
    """The result of a tool call."""

    result_rank: Annotated[int, local("how sure it is that this is the result; the highest wins")]
    result_uuid: Annotated[str, key("the record that holds it")]
    result_at: Annotated[int | None, instant("when it came")]
    status: Annotated[str, key("ok, error, rejected, interrupted")]
    is_error: Annotated[int, flag("whether the client marked it as an error")]
    decision: Annotated[str | None, name("the decision about permission", "decision")]
    decision_source: Annotated[str | None, name("who or what decided", "decision_source")]
    denial: Annotated[str | None, name("the client's kind of denial", "denial")]
    error_class: Annotated[str | None, key("the kind of error (transcript/tools.ERROR_CLASSES)")]
    output: Annotated[str | None, words("the first 1 KiB and the last 3 KiB of its output")]
    output_chars: Annotated[int, count("its whole length before redaction", "characters")]
    ms: Annotated[int | None, span("how long it ran")]
    lines_added: Annotated[int | None, count("lines that its patch adds", "lines")]
    lines_removed: Annotated[int | None, count("lines that its patch removes", "lines")]
    patch: Annotated[str | None, activity("its change, at most 32 KiB")]
    patch_cut: Annotated[int | None, flag("whether the patch was longer")]
    user_modified: Annotated[
        int | None, flag("whether the person changed the edit before it was applied")
    ]
    spawned: Annotated[str | None, key("the subagent that it started")]
    search_count: Annotated[int | None, count("searches that the API made for it")]
    detail: Annotated[
        str | None,
        activity("git operation, background task, changed files, as JSON", holds=Holds.JSON),
    ]

    @classmethod
    def from_json(cls, text: str) -> ToolResult:
        """A result that waited as a JSON array; what an older program did not know of it is
        None."""
        values = json.loads(text)[: len(cls._fields)]
        return cls._make((*values, *[None] * (len(cls._fields) - len(values))))


class ResultFor(NamedTuple):
    """A tool result and the place of its call: the record with the call, otherwise the nearest
    before it."""

    person: int
    session: str
    agent: str
    tool_use_id: str
    call_uuid: str | None
    seq: int
    result: ToolResult


class WaitingResult(NamedTuple):
    """A tool result whose call has not been read yet."""

    person: Annotated[int, key("the person")]
    session: Annotated[str, key("the session")]
    agent: Annotated[str, key("the subagent whose line has it; '' for the main conversation")]
    tool_use_id: Annotated[str, key("the call it answers")]
    call_uuid: Annotated[str, key("the record it names for the call; '' if none")]
    seq: Annotated[int, count("where its record begins in its file", "bytes")]
    result: Annotated[str, words("the fields of a ToolResult, as a JSON array", holds=Holds.JSON)]


class AgentRun(NamedTuple):
    """What other records say about a subagent."""

    person: Annotated[int, key("the person")]
    session: Annotated[str, key("the session")]
    agent: Annotated[str, key("the subagent's id")]
    type: Annotated[str | None, name("its type", "agent_type")]
    task: Annotated[str | None, words("its task")]
    name: Annotated[str | None, words("its name")]
    tool_use_id: Annotated[str | None, key("the call that started it")]
    parent_agent: Annotated[str | None, key("the subagent that started it")]
    workflow: Annotated[str | None, activity("the workflow that it ran in")]
    layout: Annotated[str | None, key("where its file is among the transcripts")]


class Context(NamedTuple):
    """What records between two byte offsets say about their session ('' if nothing)."""

    person: Annotated[int, key("the person")]
    session: Annotated[str, key("the session")]
    cwd: Annotated[str, activity("the folder")]
    branch: Annotated[str, activity("the git branch")]
    version: Annotated[str, name("the client's version", "client_version")]
    entrypoint: Annotated[str, name("how the client was started", "entrypoint")]
    teammate: Annotated[str, words("the name of the teammate it ran as")]
    first_seq: Annotated[int, count("where this was first recorded", "bytes")]
    last_seq: Annotated[int, count("where this was last recorded", "bytes")]


class ContextState(NamedTuple):
    """Further stored fields of a context."""

    reader: Annotated[int, local("the reader's version that read it")]


class PullRequestLink(NamedTuple):
    """A pull request that a transcript links: stored in two tables, the session's and the pull
    request's."""

    person: Annotated[int, key("the person")]
    session: Annotated[str, key("the session")]
    url: Annotated[str, activity("its address")]
    at: Annotated[int | None, instant("when it was linked")]
    number: Annotated[int | None, activity("its number", holds=Holds.VALUE)]
    repository: Annotated[str | None, activity("owner/name")]


class TypedHistory(NamedTuple):
    """A prompt from `history.jsonl`, maybe older than any transcript."""

    person: Annotated[int, key("the person")]
    id: Annotated[str, key("a hash of its content")]
    at: Annotated[int | None, instant("when it was typed")]
    project_path: Annotated[str | None, activity("the folder")]
    session: Annotated[str | None, key("the session, if named")]
    text: Annotated[str, words("what was typed")]


class HookEvent(NamedTuple):
    """What only hooks know: when and why a session began and ended, and when Claude waited for its
    person."""

    person: Annotated[int, key("the person")]
    session: Annotated[str, key("the session")]
    event: Annotated[str, key("the hook's name")]
    at: Annotated[int, instant("when the hook ran")]
    hash: Annotated[str, key("hash of its payload, to recognise copies of one event")]
    zone: Annotated[str | None, local("the machine's time zone")]
    detail: Annotated[str, activity("the stored fields, as JSON", holds=Holds.JSON)]
