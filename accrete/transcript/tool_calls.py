"""Reads tool calls and their results: the target, the outcome, and the part that is kept."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from accrete.model.captured import ToolResult
from accrete.redaction import redact_json, redact_value
from accrete.text.git_line import printed_commits
from accrete.text.json import Json, JsonObject
from accrete.transcript.decode import bounded, decode_any, decode_outcome
from accrete.transcript.records import Block, Hunk, Line, Outcome

Redact = Callable[[str], str]

INPUT_KEPT = 32 * 1024
HEAD_KEPT = 1024
TAIL_KEPT = 3 * 1024
FILES_KEPT = 100
PATH_KEPT = 300
COMMITS_KEPT = 20
MARGIN = 6 * 1024

_TARGETS = {
    "Bash": ("command",),
    "PowerShell": ("command",),
    "Read": ("file_path",),
    "Edit": ("file_path",),
    "MultiEdit": ("file_path",),
    "Write": ("file_path",),
    "NotebookEdit": ("notebook_path",),
    "Grep": ("pattern",),
    "Glob": ("pattern",),
    "LS": ("path",),
    "WebFetch": ("url",),
    "WebSearch": ("query",),
    "Task": ("description", "prompt"),
    "Agent": ("description", "prompt"),
    "Skill": ("args",),
    "TaskCreate": ("subject",),
    "TaskUpdate": ("taskId",),
    "Workflow": ("name",),
    "SendMessage": ("to",),
}
_OTHER_TARGETS = (
    "file_path",
    "path",
    "command",
    "url",
    "query",
    "pattern",
    "name",
    "description",
    "title",
)
_VARIANTS = {
    "Task": "subagent_type",
    "Agent": "subagent_type",
    "Skill": "skill",
    "Workflow": "name",
}


WRITTEN_FOR_IT, EMBEDDED_RESULT, OWN_RESULT = 1, 2, 3
"""Ranks of results: one that the client wrote in the tool's stead, one seen in a progress record,
the tool's own."""


def cut(text: str, limit: int) -> tuple[str, int]:
    """The text within `limit` UTF-8 bytes, and 1 when something was cut off."""
    if len(text) <= limit and (text.isascii() or len(text.encode("utf-8", "replace")) <= limit):
        return text, 0
    return text.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore"), 1


def ends(text: str, redact: Redact) -> str:
    """The first 1 KiB and the last 3 KiB of the redacted text, the gap marked; all of it when it is
    no longer.

    Only the ends and a margin around them are searched at first: no secret but a private key is as
    long as the margin. Where there may be one, or a secret is found, the whole text is redacted
    before it is cut.
    """
    if len(text) > HEAD_KEPT + TAIL_KEPT + 2 * MARGIN and "PRIVATE KEY" not in text:
        head, tail = text[: HEAD_KEPT + MARGIN], text[-TAIL_KEPT - MARGIN :]
        if redact(head) is not head or redact(tail) is not tail:
            text = redact(text)
    else:
        text = redact(text)
    if len(text) <= HEAD_KEPT + TAIL_KEPT:
        return text
    left_out = len(text) - HEAD_KEPT - TAIL_KEPT
    return f"{text[:HEAD_KEPT]}\n[… {left_out} characters left out …]\n{text[-TAIL_KEPT:]}"


def read_input(
    tool: str, raw: msgspec.Raw, redact: Redact
) -> tuple[str | None, str | None, str | None, int]:
    """(variant, target, input, cut): a call's input as redacted JSON of at most 32 KiB, and what it
    works on; the variant as it stands."""
    text = bytes(raw).decode("utf-8", "replace")
    if not text:
        return None, None, None, 0
    value = decode_any(raw)
    variant = target = None
    if isinstance(value, dict):
        variant = _text(value.get(_VARIANTS.get(tool, ""))) or (
            _text(value.get("command")) if tool == "Skill" else None
        )
        for key in _TARGETS.get(tool, _OTHER_TARGETS):
            target = _text(value.get(key))
            if target:
                break
    kept, was_cut = cut(redact_json(text, redact), INPUT_KEPT)
    return variant, cut(redact(target), INPUT_KEPT)[0] if target else None, kept, was_cut


def _text(value: Json) -> str | None:
    return value.replace("\x00", "\ufffd") if isinstance(value, str) and value else None


def output_text(block: Block) -> str:
    """A tool result's text; an image or document in it stands as `[image]`, `[document]`."""
    content = block.content
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    return "\n".join(
        b if isinstance(b, str) else b.text if b.text is not None else f"[{b.type}]"
        for b in content
    )


_REFUSED = (
    "The user doesn't want to proceed with this tool use",
    "The user doesn't want to take this action right now",
)
_STOPPED = (
    "[Request interrupted by user",
    "Interrupted by user",
    "The operation was aborted",
    "Request was aborted",
)
_REJECTING = frozenset(
    {
        "user-rejected",
        "permission-rule",
        "automode-blocked",
        "automode-unavailable",
        "automode-parsing-error",
    }
)
_STOPPING = frozenset({"interrupted", "cancelled"})

ERROR_CLASSES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("exit_code", re.compile(r"^(Error: )?Exit code \d+", re.IGNORECASE)),
    ("no_such_tool", re.compile(r"No such tool available|Unknown tool|Unknown skill")),
    ("bad_input", re.compile(r"InputValidationError|Invalid (input|parameters|tool parameters)")),
    (
        "permission",
        re.compile(r"permission|haven't granted|denied by your|not allowed", re.IGNORECASE),
    ),
    ("timeout", re.compile(r"timed? ?out", re.IGNORECASE)),
    ("string_not_found", re.compile(r"String to replace not found|Found \d+ matches")),
    (
        "file_not_read",
        re.compile(r"File has not been read yet|modified since read|unexpectedly modified"),
    ),
    ("not_found", re.compile(r"does not exist|No such file|not found|ENOENT", re.IGNORECASE)),
    ("too_large", re.compile(r"exceeds maximum|too large", re.IGNORECASE)),
    ("network", re.compile(r"getaddrinfo|ECONN|status code \d{3}|socket hang up", re.IGNORECASE)),
)
"""What kind of error a failed call's text tells of; the first that matches its first 400
characters."""


def read_result(record: Line, block: Block, raw_outcome: msgspec.Raw, uuid: str, at: int | None,
                redact: Redact) -> ToolResult:  # fmt: skip
    """What came of a call. `result_rank` is that of a result in a progress record."""
    outcome = decode_outcome(raw_outcome)
    told = outcome if isinstance(outcome, Outcome) else None
    text = output_text(block).replace("\x00", "\ufffd")
    is_error = bool(block.is_error)
    status = _status(record, text, is_error, outcome if isinstance(outcome, str) else "", told)
    added, removed, patch = _patch(told)
    kept_patch, patch_cut = cut(redact(patch), INPUT_KEPT) if patch else (None, None)
    decision = record.permissionDecision
    return ToolResult(
        result_rank=WRITTEN_FOR_IT if record.toolDenialKind in _STOPPING else EMBEDDED_RESULT,
        result_uuid=uuid,
        result_at=at,
        status=status,
        is_error=int(is_error),
        decision=redact(decision.decision) if decision and decision.decision else None,
        decision_source=redact(decision.source) if decision and decision.source else None,
        denial=redact(record.toolDenialKind) if record.toolDenialKind else None,
        error_class=_error_class(text) if is_error and status == "error" else None,
        output=ends(text, redact) if text else None,
        output_chars=len(text),
        ms=_duration(told),
        lines_added=added,
        lines_removed=removed,
        patch=kept_patch,
        patch_cut=patch_cut,
        user_modified=None if told is None or told.userModified is None else int(told.userModified),
        spawned=told.agentId if told else None,
        search_count=bounded(told.searchCount, 10**6) if told else None,
        detail=_detail(told, text, redact),
    )


def _status(
    record: Line, text: str, is_error: bool, outcome_text: str, told: Outcome | None
) -> str:
    kind = record.toolDenialKind
    if (
        kind in _STOPPING
        or (told is not None and told.interrupted)
        or (is_error and text.startswith(_STOPPED))
    ):
        return "interrupted"
    if kind in _REJECTING or (
        is_error and (text.startswith(_REFUSED) or outcome_text.startswith("User rejected"))
    ):
        return "rejected"
    return "error" if is_error else "ok"


def _error_class(text: str) -> str:
    start = text[:400]
    for name, pattern in ERROR_CLASSES:
        if pattern.search(start):
            return name
    return "other"


def _duration(told: Outcome | None) -> int | None:
    if told is None:
        return None
    if told.durationSeconds is not None:
        return bounded(told.durationSeconds * 1000)
    given = told.durationMs if told.durationMs is not None else told.totalDurationMs
    return bounded(given)


def _patch(told: Outcome | None) -> tuple[int | None, int | None, str]:
    """(lines added, lines removed, unified text) of an edit; (None, None, '') where the call edited
    nothing."""
    if told is None:
        return None, None, ""
    if told.bashEditDiff is not None and told.bashEditDiff.files:
        hunks = [hunk for file in told.bashEditDiff.files for hunk in file.hunks or ()]
    elif told.structuredPatch is not None:
        hunks = told.structuredPatch
        if not hunks and told.type == "create":
            content = decode_any(told.content)
            return (len(content.splitlines()) if isinstance(content, str) else None), 0, ""
    else:
        return None, None, ""
    added = removed = 0
    out: list[str] = []
    for hunk in hunks:
        lines = hunk.lines or []
        out.append(_hunk_head(hunk))
        out.extend(lines)
        added += sum(1 for line in lines if line.startswith("+"))
        removed += sum(1 for line in lines if line.startswith("-"))
    return added, removed, "\n".join(out).replace("\x00", "\ufffd")


def _hunk_head(hunk: Hunk) -> str:
    return f"@@ -{hunk.oldStart or 0} +{hunk.newStart or 0} @@"


def _detail(told: Outcome | None, text: str, redact: Redact) -> str | None:
    """What outcomes need besides, as a small JSON object: git operation, background task, changed
    files, and the commits that git printed in the part of a long output that is not kept."""
    detail: JsonObject = {}
    if len(text) > HEAD_KEPT + TAIL_KEPT and (commits := printed_commits(text)):
        detail["commits"] = [[*commit] for commit in commits[:COMMITS_KEPT]]
    if told is not None:
        detail |= _told(told)
    return msgspec.json.encode(_bounded(redact_value(detail, redact))).decode() if detail else None


def _told(told: Outcome) -> JsonObject:
    detail: JsonObject = {}
    git = decode_any(told.gitOperation)
    if git:
        detail["git"] = git
    if told.backgroundTaskId:
        detail["background"] = told.backgroundTaskId
    if told.returnCodeInterpretation:
        detail["code"] = told.returnCodeInterpretation
    if told.persistedOutputPath:
        detail["persisted"] = True
    if told.status and told.status != "completed":
        detail["status"] = told.status
    if told.bashEditDiff is not None and told.bashEditDiff.files:
        paths: list[Json] = [file.filePath for file in told.bashEditDiff.files if file.filePath]
        detail["files"] = paths[:FILES_KEPT]
    return detail


def _bounded(value: Json) -> Json:
    """The value with every text in it of bounded length, so that its JSON stays JSON."""
    if isinstance(value, str):
        return cut(value.replace("\x00", "\ufffd"), PATH_KEPT)[0]
    if isinstance(value, dict):
        return {name[:100]: _bounded(item) for name, item in list(value.items())[:FILES_KEPT]}
    if isinstance(value, list):
        return [_bounded(item) for item in value[:FILES_KEPT]]
    return value
