"""The typed projections of a transcript line: only the fields Accrete reads, everything else
skipped."""

from __future__ import annotations

from msgspec import Raw, Struct, field

NOTHING = Raw(b"")
"""A field that is not there, where any JSON value may stand."""


class Usage(Struct, gc=False):
    """`message.usage` of an API response, in tokens."""

    input_tokens: int | float | None = None
    output_tokens: int | float | None = None
    cache_creation_input_tokens: int | float | None = None
    cache_read_input_tokens: int | float | None = None
    cache_creation: CacheCreation | None = None
    server_tool_use: ServerToolUse | None = None
    output_tokens_details: OutputDetails | None = None
    service_tier: str | None = None
    inference_geo: str | None = None
    speed: str | None = None
    iterations: Raw = NOTHING


class Iteration(Usage, gc=False):
    """One entry of `usage.iterations`: what one inference of a response used."""

    type: str | None = None
    model: str | None = None


class StopDetails(Struct, gc=False):
    """`message.stop_details` of a refusal, and the `trigger` of a `fallback` block."""

    category: str | None = None


class NamedModel(Struct, gc=False):
    """`from` and `to` of a `fallback` block."""

    model: str | None = None


class CacheCreation(Struct, gc=False):
    """The cache-write split by time to live."""

    ephemeral_5m_input_tokens: int | float | None = None
    ephemeral_1h_input_tokens: int | float | None = None


class ServerToolUse(Struct, gc=False):
    """Requests of the API's own tools."""

    web_search_requests: int | float | None = None


class OutputDetails(Struct, gc=False):
    """What part of the output was thinking."""

    thinking_tokens: int | float | None = None


class Block(Struct, gc=False):
    """One content block of a message."""

    type: str | None = None
    text: str | None = None
    thinking: str | None = None
    id: str | None = None
    name: str | None = None
    input: Raw = NOTHING
    tool_use_id: str | None = None
    is_error: bool | None = None
    content: str | list[Block | str] | None = None
    from_: Raw = field(default=NOTHING, name="from")
    trigger: Raw = NOTHING


class Message(Struct, gc=False):
    """`message` of a user or assistant line."""

    id: str | None = None
    role: str | None = None
    model: str | None = None
    content: str | list[Block | str] | None = None
    usage: Usage | None = None
    stop_reason: str | None = None
    stop_details: Raw = NOTHING


class Origin(Struct, gc=False):
    """Who sent a user line."""

    kind: str | None = None


class Attachment(Struct, gc=False):
    """What the client attached to the conversation."""

    type: str | None = None
    prompt: str | list[Block | str] | None = None
    commandMode: str | None = None
    origin: Origin | None = None
    humanTurn: bool | None = None
    filename: str | None = None
    path: str | None = None
    hookName: str | None = None
    content: Raw = NOTHING
    stdout: str | None = None


class Embedded(Struct, gc=False):
    """A subagent's record inside a progress record."""

    type: str | None = None
    uuid: str | None = None
    timestamp: str | int | float | None = None
    requestId: str | None = None
    message: Message | None = None
    toolUseResult: Raw = NOTHING


class Progress(Struct, gc=False):
    """`data` of a progress record."""

    type: str | None = None
    message: Embedded | None = None
    agentId: str | None = None
    prompt: str | None = None


class Decision(Struct, gc=False):
    """`permissionDecision` of a tool result."""

    decision: str | None = None
    source: str | None = None


class ForkedFrom(Struct, gc=False):
    """Which session a copied line came from."""

    sessionId: str | None = None


class Compaction(Struct, gc=False):
    """`compactMetadata` of a compact boundary."""

    trigger: str | None = None
    preTokens: int | None = None


class Line(Struct, gc=False):
    """One record."""

    type: str | None = None
    uuid: str | None = None
    parentUuid: str | None = None
    sessionId: str | None = None
    session_id: str | None = None
    parent_tool_use_id: str | None = None
    tool_use_result: Raw = NOTHING
    claude_code_version: str | None = None
    total_cost_usd: int | float | None = None
    timestamp: str | int | float | None = None
    isSidechain: bool | None = None
    isMeta: bool | None = None
    isCompactSummary: bool | None = None
    agentId: str | None = None
    requestId: str | None = None
    requestedModel: str | None = None
    advisorModel: str | None = None
    cwd: str | None = None
    gitBranch: str | None = None
    version: str | None = None
    entrypoint: str | None = None
    agentName: str | None = None
    teamName: str | None = None
    permissionMode: str | None = None
    promptSource: str | None = None
    turnOrigin: str | None = None
    origin: Origin | None = None
    sourceToolUseID: str | None = None
    sourceToolAssistantUUID: str | None = None
    toolUseID: str | None = None
    planContent: str | None = None
    toolDenialKind: str | None = None
    permissionDecision: Decision | None = None
    forkedFrom: ForkedFrom | None = None
    requestSessionId: str | None = None
    isApiErrorMessage: bool | None = None
    error: Raw = NOTHING
    attributionSkill: str | None = None
    attributionPlugin: str | None = None
    attributionMcpServer: str | None = None
    effort: str | None = None
    subtype: str | None = None
    content: Raw = NOTHING
    durationMs: int | float | None = None
    compactMetadata: Compaction | None = None
    message: Message | None = None
    toolUseResult: Raw = NOTHING
    attachment: Attachment | None = None
    data: Progress | None = None
    parentToolUseID: str | None = None
    operation: str | None = None
    reason: Raw = NOTHING
    summary: str | None = None
    usage: Raw = NOTHING
    leafUuid: str | None = None
    aiTitle: str | None = None
    customTitle: str | None = None
    tag: str | None = None
    mode: str | None = None
    prUrl: str | None = None
    prNumber: int | None = None
    prRepository: str | None = None
    totalCostUSD: int | float | None = None
    continuedInSessionId: str | None = None
    relocatedCwd: str | None = None
    worktreeSession: Raw = NOTHING
    parentSessionId: str | None = None
    display: str | None = None
    project: str | None = None


class Hunk(Struct, gc=False):
    """One hunk of a patch."""

    oldStart: int | None = None
    newStart: int | None = None
    lines: list[str] | None = None


class EditedFile(Struct, gc=False):
    """One file of `bashEditDiff`."""

    filePath: str | None = None
    hunks: list[Hunk] | None = None


class BashEdits(Struct, gc=False):
    """Files that a shell command changed."""

    files: list[EditedFile] | None = None


class Outcome(Struct, gc=False):
    """`toolUseResult` where it is an object: only what outcomes and links need."""

    type: str | None = None
    status: str | None = None
    agentId: str | None = None
    interrupted: bool | None = None
    structuredPatch: list[Hunk] | None = None
    content: Raw = NOTHING
    userModified: bool | None = None
    searchCount: int | float | None = None
    durationMs: int | float | None = None
    totalDurationMs: int | float | None = None
    durationSeconds: int | float | None = None
    backgroundTaskId: str | None = None
    returnCodeInterpretation: str | None = None
    persistedOutputPath: str | None = None
    gitOperation: Raw = NOTHING
    bashEditDiff: BashEdits | None = None
