"""Records to rows: gives each record its session, agent and identity, and merges what belongs
together.

Longer than a module should be because the one pass over a record must stay in one place to be fast.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import blake2b
from typing import NamedTuple

from msgspec.structs import replace

from accrete.clock import parse_time
from accrete.model.batch import Batch, Said, Span, extreme
from accrete.model.captured import (
    AgentRun,
    Event,
    Prompt,
    PullRequestLink,
    Response,
    ResultFor,
    ToolCall,
    ToolResult,
)
from accrete.redaction import redact_json
from accrete.transcript.classify import (
    ATTACHMENT_KINDS,
    DISCARDED,
    DISCARDING,
    METADATA_KINDS,
    SKIPPED_ATTACHMENTS,
    SKIPPED_TYPES,
    SYSTEM_KINDS,
    UserText,
    classify_user,
    read_content,
)
from accrete.transcript.client_marks import command_name, machine_kind
from accrete.transcript.decode import bounded, decode_any
from accrete.transcript.identity import answer_id
from accrete.transcript.ranks import usage_rank
from accrete.transcript.records import NOTHING, Attachment, Block, Embedded, Line, Message
from accrete.transcript.tool_calls import EMBEDDED_RESULT, OWN_RESULT, cut, read_input, read_result
from accrete.transcript.usage import iterations_of, refusal_of, tokens_of, with_declined

NOTICE_KEPT = 4096
LABELS_HELD = 4096
NAMED_WITHIN = 1 << 16
"""Bytes at the beginning of a file in which a line may name the session of those behind it: so much
is read again whenever the file has grown."""
EMBEDDED = 2
"""Where rows were seen: 0 in lines of their own, 2 inside progress records, 1 in both."""
AGENT_SEQ = 1 << 40
"""Added to the byte offsets of subagents' envelopes, so that the main line's come first."""

STREAMED = "sdk-cli"
"""The entry point of what begins with an `init` record: print mode and the SDK write it, nothing
else does."""
_SPOKEN = frozenset({"user", "assistant", "system", "result"})
_WHOLE = frozenset(
    {
        "typed_prompt",
        "slash_command",
        "shell_input",
        "agent_prompt",
        "compact_summary",
        "plan_handoff",
        "teammate_message",
    }
)
_SAYS_ITS_TEXT = frozenset({"enqueue", "popAll", DISCARDED})
"""Operations of the queue whose text is kept: what was queued, and what of it was taken back."""
_PROMPTS = frozenset({"typed_prompt", "slash_command", "shell_input"})


class Envelope(NamedTuple):
    """Where a record belongs: the columns that all rows made of it share."""

    session: str
    agent: str
    uuid: str
    seq: int
    at: int | None
    parent: str | None
    sidechain: int
    embedded: int
    forked_from: str | None


class Assembler:
    """Makes rows of the records of one file, in file order. Keeps what later records of the pass
    refer to."""

    def __init__(
        self, *, person: int, session: str, agent: str, redact: Callable[[str], str], name: str = ""
    ) -> None:
        """session: the file's own, for records that name none. agent: '' for a main file, else the
        subagent's id.
        name: the session of a conversation that names none, in a file whose path names none either,
        up to the first line that does name one."""
        self.person = person
        self.file_session = session
        self.file_agent = agent
        self.file_name = name
        self._is_named = not name
        self.redact = redact
        self.batch = Batch()
        self._calls: dict[tuple[str, str], tuple[str, str]] = {}
        self._labels: dict[str, str] = {}

    def name_file(self, session: str) -> None:
        """The lines that follow and name no session are of this one. What stood before stays what
        it was: it was stored perhaps, and must be the same in whatever pieces the file is read."""
        self.file_name = session
        self._is_named = True

    def take_batch(self) -> Batch:
        """The rows so far; a new batch begins."""
        batch, self.batch = self.batch, Batch()
        return batch

    def add(self, record: Line, seq: int, raw: bytes) -> None:
        """One record at byte offset `seq`; `raw` is its line."""
        if (
            not self._is_named
            and seq < NAMED_WITHIN
            and (named := record.sessionId or record.session_id)
        ):
            self.name_file(named)
        kind_of_record = record.type or ""
        if record.permissionMode == "plan":
            self.batch.plan_mode = True
        if kind_of_record == "assistant" and record.message is not None:
            kind = self._assistant(record, record.message, self._envelope(record, seq, raw))
        elif kind_of_record == "user" and record.message is not None:
            kind = self._user(record, self._envelope(record, seq, raw))
        elif kind_of_record == "progress":
            kind = self._progress(record, seq, raw)
        elif kind_of_record == "attachment" and record.attachment is not None:
            kind = self._attachment(record, record.attachment, seq, raw)
        elif kind_of_record == "system":
            kind = self._system(record, self._envelope(record, seq, raw))
        elif kind_of_record == "summary" and (self.file_agent or _is_of_agent(record)):
            kind = self._agent_summary(record, seq, raw)
        elif kind_of_record in METADATA_KINDS:
            kind = self._metadata(record, self._envelope(record, seq, raw))
        elif kind_of_record == "result" and record.total_cost_usd is not None:
            kind = self._cost(record.total_cost_usd, self._envelope(record, seq, raw))
        elif kind_of_record in SKIPPED_TYPES:
            kind = "plumbing"
            self._name_session(record)
        else:
            kind = self._unknown(record, self._envelope(record, seq, raw), raw)
        kinds = self.batch.counts.setdefault(self._label(record.type) or "(none)", {})
        kinds[kind] = kinds.get(kind, 0) + 1

    # -- identity

    def _name_session(self, record: Line) -> None:
        if record.sessionId:
            self.batch.sessions.add(record.sessionId)

    def _envelope(self, record: Line, seq: int, raw: bytes) -> Envelope:
        session = record.sessionId or self._unnamed(record)
        if record.sessionId or (session and record.message is not None and record.type in _SPOKEN):
            self.batch.sessions.add(session)
        started_by = None if record.sessionId else record.parent_tool_use_id
        sidechain = 1 if record.isSidechain or self.file_agent or started_by else 0
        agent = record.agentId or self.file_agent or started_by if sidechain else ""
        forked = record.forkedFrom.sessionId if record.forkedFrom else record.requestSessionId
        envelope = Envelope(
            session=session,
            agent=agent or "",
            uuid=record.uuid or _hash(_said(record, raw)),
            seq=seq,
            at=parse_time(record.timestamp),
            parent=record.parentUuid,
            sidechain=sidechain,
            embedded=0,
            forked_from=forked if forked and forked != session else None,
        )
        if record.cwd or record.version:
            self._context(record, envelope)
        if started_by:
            self._agent(
                envelope,
                AgentRun(
                    self.person,
                    session,
                    envelope.agent,
                    None,
                    None,
                    None,
                    started_by,
                    None,
                    None,
                    None,
                ),
            )
        return envelope

    def _unnamed(self, record: Line) -> str:
        """The session of a record without `sessionId`: output of `--output-format stream-json` that
        was kept has another field for it; a conversation without any is its file's."""
        if record.type not in _SPOKEN or self.file_agent:
            return self.file_session
        return record.session_id or self.file_session or self.file_name

    def _context(self, record: Line, e: Envelope) -> None:
        said = Said(
            e.session,
            self._label(record.cwd) or "",
            self._branch(record) or "",
            self._label(record.version or record.claude_code_version) or "",
            self._label(record.entrypoint or (STREAMED if record.subtype == "init" else None))
            or "",
            (self._label(record.agentName) or "") if record.teamName and not e.sidechain else "",
        )
        seq = e.seq + AGENT_SEQ if e.agent or e.sidechain else e.seq
        seen = self.batch.contexts.get(said)
        if seen is None or seq > seen.last:
            self.batch.contexts[said] = Span(seq if seen is None else seen.first, seq)

    def _event(
        self,
        e: Envelope,
        kind: str,
        *,
        part: int = 0,
        name: str | None = None,
        text: str | None = None,
        size: int = 0,
        message_id: str | None = None,
        tool_use_id: str | None = None,
    ) -> None:
        self.batch.events.append(
            Event(
                self.person,
                e.session,
                e.agent,
                e.uuid,
                part,
                e.seq,
                e.at,
                kind,
                self._label(name),
                text,
                size,
                message_id,
                tool_use_id,
                e.parent,
                e.sidechain,
                e.embedded,
                e.forked_from,
            )
        )

    # -- assistant lines

    def _assistant(self, record: Line, message: Message, e: Envelope) -> str:
        synthetic = message.model == "<synthetic>"
        message_id = answer_id(message.id, record.requestId, e.uuid, synthetic=synthetic)
        self._response(record, message, message_id, synthetic, e)
        content = message.content
        if isinstance(content, str):
            content = [Block(type="text", text=content)]
        kind = "assistant_empty"
        for part, block in enumerate(content or ()):
            if isinstance(block, str):
                block = Block(type="text", text=block)
            kind_of_part = self._assistant_block(block, part, message_id, e)
            kind = kind_of_part if part == 0 else kind
        if not content:
            self._event(e, "assistant_empty", message_id=message_id)
        return "api_error_message" if synthetic and record.isApiErrorMessage else kind

    def _assistant_block(self, block: Block, part: int, message_id: str, e: Envelope) -> str:
        if block.type == "text":
            text = block.text or ""
            self._event(
                e,
                "assistant_text",
                part=part,
                text=self._clean(text),
                size=len(text),
                message_id=message_id,
            )
            return "assistant_text"
        if block.type in ("thinking", "redacted_thinking"):
            text = block.thinking or ""
            kept = self._clean(text) if text else None
            self._event(e, "thinking", part=part, text=kept, size=len(text), message_id=message_id)
            return "thinking"
        if block.type == "tool_use" and block.id:
            self._tool_call(block, part, message_id, e)
            return "tool_call"
        name = block.type or "block"
        self._event(e, "assistant_other", part=part, name=name, message_id=message_id)
        return "assistant_other"

    def _tool_call(self, block: Block, part: int, message_id: str, e: Envelope) -> None:
        assert block.id is not None
        tool = (self._label(block.name) or "(none)")[:200]
        named, target, kept, was_cut = read_input(tool, block.input, self.redact)
        variant = self._label(named)
        if tool in ("EnterPlanMode", "ExitPlanMode") and not e.embedded:
            self.batch.plan_mode = True
        size = len(memoryview(block.input))
        self._event(
            e,
            "tool_call",
            part=part,
            name=tool,
            text=target,
            size=size,
            message_id=message_id,
            tool_use_id=block.id,
        )
        call = ToolCall(
            self.person,
            message_id,
            block.id,
            e.session,
            e.agent,
            e.uuid,
            e.seq,
            e.at,
            tool,
            variant,
            target,
            kept,
            was_cut,
            e.sidechain,
            e.embedded,
        )
        key = (message_id, block.id)
        known = self.batch.tool_calls.get(key)
        if known is None:
            self.batch.tool_calls[key] = (call, None)
        else:
            self.batch.tool_calls[key] = (merge_calls(known[0], call), known[1])
        self._calls[(e.agent, block.id)] = key

    def _response(
        self, record: Line, message: Message, message_id: str, synthetic: bool, e: Envelope
    ) -> None:
        usage, label = message.usage, self._label
        response = Response(
            self.person,
            message_id,
            record.requestId or "",
            e.session,
            e.agent,
            e.seq,
            e.at,
            e.at,
            label(message.model),
            label(record.version),
            self._branch(record),
            label(record.attributionSkill),
            label(record.effort),
            *tokens_of(usage),
            int(usage is not None),
            label(message.stop_reason),
            label(usage.speed) if usage else None,
            label(usage.inference_geo) if usage else None,
            label(usage.service_tier) if usage else None,
            label(_error_name(record)),
            label(refusal_of(message)),
            iterations_of(record, message, label),
            int(synthetic),
            e.embedded,
            e.sidechain,
            0,
            label(record.attributionPlugin),
            label(record.attributionMcpServer),
        )
        key = (message_id, record.requestId or "")
        known = self.batch.responses.get(key)
        self.batch.responses[key] = response if known is None else merge_responses(known, response)

    # -- user lines

    def _user(self, record: Line, e: Envelope) -> str:
        assert record.message is not None
        content = read_content(record.message.content)
        if content.results:
            return self._tool_results(record, content, e)
        kind = classify_user(record, content)
        kept = self._clean(content.text)
        if kind not in _WHOLE:
            kept = cut(kept, NOTICE_KEPT)[0]
        name = command_name(content.words) if kind == "slash_command" else None
        self._event(e, kind, name=name, text=kept, size=len(content.text))
        if kind in _PROMPTS:
            self._prompt(record, kind, name, content, e)
        return kind

    def _prompt(
        self, record: Line, kind: str, command: str | None, content: UserText, e: Envelope
    ) -> None:
        source = record.promptSource or (record.origin.kind if record.origin else None)
        self.batch.prompts.append(
            Prompt(
                self.person,
                e.session,
                e.uuid,
                kind,
                e.seq,
                e.at,
                self._label(command),
                len(content.words),
                content.images,
                self._label(record.permissionMode),
                self._label(source),
                self._branch(record),
            )
        )

    def _tool_results(self, record: Line, content: UserText, e: Envelope) -> str:
        told = record.tool_use_result if record.toolUseResult is NOTHING else record.toolUseResult
        raw_outcome = told if len(content.results) == 1 else NOTHING
        for part, block in enumerate(content.results):
            if not block.tool_use_id:
                continue
            result = read_result(record, block, raw_outcome, e.uuid, e.at, self.redact)
            if not e.embedded and result.result_rank == EMBEDDED_RESULT:
                result = result._replace(result_rank=OWN_RESULT)
            self._event(e, "tool_result", part=part, name=result.status, size=result.output_chars,
                        tool_use_id=block.tool_use_id)  # fmt: skip
            self._join(
                result, block.tool_use_id, record.sourceToolAssistantUUID, record.parentUuid, e
            )
        words = content.words
        if words:
            kind = machine_kind(words) or (
                "injected_context" if record.isMeta or e.sidechain else "prompt_beside_result"
            )
            part = len(content.results)
            self._event(e, kind, part=part, text=self._clean(content.text), size=len(content.text))
            if kind == "prompt_beside_result":
                self._prompt(record, kind, None, content, e)
        return "tool_result"

    def _join(
        self,
        result: ToolResult,
        tool_use_id: str,
        named: str | None,
        parent: str | None,
        e: Envelope,
    ) -> None:
        """Puts a result to its call where that is in the batch (and in the record that the result
        names, if it names one), else leaves it for the store to place."""
        key = self._calls.get((e.agent, tool_use_id))
        known = self.batch.tool_calls.get(key) if key is not None else None
        if key is not None and known is not None and (named is None or known[0].uuid == named):
            best = result if known[1] is None or _better(result, known[1]) else known[1]
            self.batch.tool_calls[key] = (known[0], best)
        else:
            at = named or parent
            self.batch.results.append(
                ResultFor(self.person, e.session, e.agent, tool_use_id, at, e.seq, result)
            )

    # -- the rest

    def _progress(self, record: Line, seq: int, raw: bytes) -> str:
        data = record.data
        if (
            data is None
            or data.type != "agent_progress"
            or data.message is None
            or not data.agentId
        ):
            self._name_session(record)
            return "progress"
        envelope = self._envelope(record, seq, raw)
        inner = data.message
        e = Envelope(
            envelope.session,
            data.agentId,
            inner.uuid or envelope.uuid,
            seq,
            parse_time(inner.timestamp) or envelope.at,
            None,
            1,
            EMBEDDED,
            None,
        )
        self._agent(
            e,
            AgentRun(
                self.person,
                e.session,
                e.agent,
                None,
                self._clean(data.prompt) if data.prompt else None,
                None,
                record.parentToolUseID,
                None,
                None,
                None,
            ),
        )
        self._embedded(record, inner, e)
        return "agent_progress"

    def _embedded(self, record: Line, inner: Embedded, e: Envelope) -> None:
        if inner.message is None:
            return
        shell = Line(
            type=inner.type,
            requestId=inner.requestId,
            version=record.version,
            gitBranch=record.gitBranch,
            isSidechain=True,
            message=inner.message,
            toolUseResult=inner.toolUseResult,
        )
        if inner.type == "assistant":
            self._assistant(shell, inner.message, e)
        elif inner.type == "user":
            self._user(shell, e)

    def _agent(self, e: Envelope, run: AgentRun) -> None:
        known = self.batch.agents.get((e.session, e.agent))
        if known is None:
            self.batch.agents[(e.session, e.agent)] = run
        elif known.layout is None:
            least = (
                a if b is None else b if a is None else min(a, b)
                for a, b in zip(known, run, strict=True)
            )
            self.batch.agents[(e.session, e.agent)] = AgentRun._make(least)

    def _attachment(self, record: Line, attachment: Attachment, seq: int, raw: bytes) -> str:
        kind_of = attachment.type or "attachment"
        if kind_of in SKIPPED_ATTACHMENTS:
            self._name_session(record)
            return "plumbing"
        e = self._envelope(record, seq, raw)
        if kind_of == "queued_command":
            return self._queued_command(record, attachment, e)
        kind = ATTACHMENT_KINDS.get(kind_of, "attachment")
        if (attachment.type or "").startswith("plan_mode"):
            self.batch.plan_mode = True
        about = attachment.filename or attachment.path or attachment.hookName
        self._event(
            e,
            kind,
            name=kind_of,
            text=cut(self._clean(about), NOTICE_KEPT)[0] if about else None,
            size=len(raw),
        )
        return kind

    def _queued_command(self, record: Line, attachment: Attachment, e: Envelope) -> str:
        content = read_content(attachment.prompt)
        person = attachment.commandMode in (None, "prompt") and (
            attachment.origin is None or attachment.origin.kind in (None, "human")
        )
        machine = machine_kind(content.words)
        if not person or machine or e.sidechain or not (content.words or content.images):
            kind = machine or (
                "task_notification"
                if attachment.commandMode == "task-notification"
                else "machine_message"
            )
            self._event(
                e,
                kind,
                name="queued_command",
                text=cut(self._clean(content.text), NOTICE_KEPT)[0],
                size=len(content.text),
            )
            return kind
        self._event(
            e,
            "queued_prompt",
            name="queued_command",
            text=self._clean(content.text),
            size=len(content.text),
        )
        self._prompt(record, "queued_prompt", None, content, e)
        return "queued_prompt"

    def _system(self, record: Line, e: Envelope) -> str:
        kind = SYSTEM_KINDS.get(record.subtype or "", "system_notice")
        value = decode_any(record.content)
        text = value if isinstance(value, str) else None
        name, size = record.subtype, len(text) if text else 0
        if kind == "compact_boundary" and record.compactMetadata is not None:
            name, size = (
                record.compactMetadata.trigger or record.subtype,
                bounded(record.compactMetadata.preTokens) or 0,
            )
        elif kind == "turn_end":
            size = bounded(record.durationMs) or 0
        self._event(
            e,
            kind,
            name=name,
            text=cut(self._clean(text), NOTICE_KEPT)[0] if text else None,
            size=size,
        )
        return kind

    def _metadata(self, record: Line, e: Envelope) -> str:
        kind = METADATA_KINDS[record.type or ""]
        if kind == "pr_link" and record.prUrl:
            url = self._clean(record.prUrl)
            self.batch.pull_requests[(e.session, url)] = PullRequestLink(
                self.person,
                e.session,
                url,
                e.at,
                bounded(record.prNumber),
                self._label(record.prRepository),
            )
            return kind
        name, text = self._metadata_value(kind, record)
        if kind == "summary_title":
            e = e._replace(parent=record.leafUuid)
        elif kind in ("mode", "permission_mode") and name == "plan":
            self.batch.plan_mode = True
        kept = self._clean(text) if text else None
        if kept and kind != "queue_operation":
            kept = cut(kept, NOTICE_KEPT)[0]
        self._event(e, kind, name=name, text=kept, size=len(text) if text else 0)
        return kind

    def _metadata_value(self, kind: str, record: Line) -> tuple[str | None, str | None]:
        """(name, text) of a record without a message."""
        if kind == "queue_operation":
            value = decode_any(record.content)
            if isinstance(value, list):
                value = "\n".join(
                    text
                    for b in value
                    if isinstance(b, dict) and isinstance(text := b.get("text"), str)
                )
            name = record.operation
            if name == "remove" and DISCARDING.search(str(decode_any(record.reason)).lower()):
                name = DISCARDED
            return name, value if isinstance(value, str) and name in _SAYS_ITS_TEXT else None
        if kind == "cost_state":
            return None, _nano(record.totalCostUSD)
        if kind in ("mode", "permission_mode"):
            return record.mode or record.permissionMode, None
        if kind == "lineage":
            named = record.continuedInSessionId or record.relocatedCwd or record.parentSessionId
            return record.type, named or self._worktree(record)
        return (
            None,
            record.summary
            or record.aiTitle
            or record.customTitle
            or record.agentName
            or record.tag,
        )

    def _worktree(self, record: Line) -> str | None:
        """The worktree that a session is in and the folder it came from, as JSON."""
        said = decode_any(record.worktreeSession)
        if not isinstance(said, dict):
            return None
        worktree, of = said.get("worktreePath"), said.get("originalCwd")
        if not (isinstance(worktree, str) and isinstance(of, str) and worktree and of):
            return None
        return json.dumps(
            {"worktree": self._clean(worktree), "of": self._clean(of)}, ensure_ascii=False
        )

    def _agent_summary(self, record: Line, seq: int, raw: bytes) -> str:
        """What a subagent reported of itself: no part of the conversation, and of no member of a
        team either."""
        e = self._envelope(replace(record, cwd=None, version=None), seq, raw)._replace(
            parent=record.leafUuid
        )
        kept = cut(self._clean(record.summary), NOTICE_KEPT)[0] if record.summary else None
        self._event(e, "agent_summary", text=kept, size=len(record.summary or ""))
        return "agent_summary"

    def _cost(self, dollars: float, e: Envelope) -> str:
        """What a streamed run says at its end that it cost."""
        self._event(e, "cost_state", text=_nano(dollars))
        return "cost_state"

    def _unknown(self, record: Line, e: Envelope, raw: bytes) -> str:
        text = redact_json(raw.decode("utf-8", "replace").replace("\x00", "\ufffd"), self.redact)
        name = (self._label(record.type) or "(none)")[:200]
        self._event(e, "unknown", name=name, text=cut(text, NOTICE_KEPT)[0], size=len(raw))
        return "unknown"

    def _clean(self, text: str) -> str:
        return self.redact(text.replace("\x00", "\ufffd") if "\x00" in text else text)

    def _label(self, text: str | None) -> str | None:
        """A short text that many records repeat, redacted once."""
        if text is None:
            return None
        kept = self._labels.get(text)
        if kept is None:
            if len(self._labels) >= LABELS_HELD:
                self._labels.clear()
            kept = self._labels[text] = self._clean(text)
        return kept

    def _branch(self, record: Line) -> str | None:
        return None if record.gitBranch == "HEAD" else self._label(record.gitBranch)


def _hash(raw: bytes) -> str:
    """The identity of a record that has no uuid: a hash of its content."""
    return "#" + blake2b(raw.strip(), digest_size=16).hexdigest()


def _said(record: Line, raw: bytes) -> bytes:
    """What of a record without a uuid makes it the one it is. One of the queue is the same in a
    fork, where its session is another and its origin may be named, as lines with a uuid are."""
    if record.type != "queue-operation":
        return raw
    told = f"{record.operation}\n{record.timestamp}\n".encode()
    return told + bytes(record.content) + b"\n" + bytes(record.reason)


def _is_of_agent(record: Line) -> bool:
    """Whether a summary is a subagent's report of its progress, which the client wrote again and
    again before 2.1.128, with usage. That of a conversation has its text and its leaf alone."""
    told = (
        record.agentName,
        record.teamName,
        record.agentId,
        record.isSidechain,
        record.message,
        bytes(record.usage),
    )
    return any(told)


def _nano(dollars: float | None) -> str | None:
    return (
        None if dollars is None or not 0 <= dollars < 1e8 else str(round(dollars * 1_000_000_000))
    )


def _error_name(record: Line) -> str | None:
    if not record.isApiErrorMessage:
        return None
    value = decode_any(record.error)
    return value if isinstance(value, str) else "api_error"


def merge_responses(a: Response, b: Response) -> Response:
    """Two sayings of one response as one: the winning usage, what both say of models that declined,
    the span of both. Order does not matter."""
    if a.output_tokens != b.output_tokens:
        winner = a if a.output_tokens > b.output_tokens else b
    else:
        winner = b if usage_rank(b) > usage_rank(a) else a
    places = ((a.session, a.agent), (b.session, b.agent))
    session, agent = min(places)
    return winner._replace(
        session=session,
        agent=agent,
        contested=1 if places[0] != places[1] else a.contested | b.contested,
        version=extreme(min, a.version, b.version),
        branch=extreme(min, a.branch, b.branch),
        seq=min(a.seq, b.seq),
        at=extreme(min, a.at, b.at),
        ended_at=extreme(max, a.ended_at, b.ended_at),
        embedded=a.embedded if a.embedded == b.embedded else 1,
        sidechain=min(a.sidechain, b.sidechain),
        iterations=with_declined(winner.iterations, a.iterations, b.iterations),
    )


def merge_calls(a: ToolCall, b: ToolCall) -> ToolCall:
    """Two sayings of one call as one, as the store merges them: a line's own before one in a
    progress record."""
    first = min(a, b, key=lambda call: (call.embedded, call.seq, call.uuid))
    return first._replace(
        seq=min(a.seq, b.seq),
        at=extreme(min, a.at, b.at),
        sidechain=min(a.sidechain, b.sidechain),
        embedded=a.embedded if a.embedded == b.embedded else 1,
    )


def _better(a: ToolResult, b: ToolResult) -> bool:
    """Whether result `a` goes before `b`: the tool's own before the client's, then the earlier,
    then the smaller id."""
    return (-a.result_rank, a.result_at or 0, a.result_uuid) < (
        -b.result_rank,
        b.result_at or 0,
        b.result_uuid,
    )
