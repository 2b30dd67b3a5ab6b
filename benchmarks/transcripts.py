"""Writes transcript lines as the clients of four ages wrote them."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from tool_calls import Call
from wording import Dice

SUMMARY = "This session is being continued from a previous conversation that ran out of context. "
ZERO_USAGE = (
    '{"input_tokens":0,"output_tokens":0,"cache_creation_input_tokens":0,'
    '"cache_read_input_tokens":0,"service_tier":null,'
    '"cache_creation":{"ephemeral_1h_input_tokens":0,"ephemeral_5m_input_tokens":0}}'
)


@dataclass(frozen=True, slots=True)
class Client:
    """What one version of the client does. growing: the share of messages whose first lines carry a
    placeholder of output tokens. modern: keeps its API requests, and says who sent a prompt.
    one_hour: writes the 1 h cache."""

    version: str
    models: tuple[str, ...]
    small_model: str
    agent_tool: str
    growing: float = 0.0
    progress: bool = False
    modern: bool = False
    attachments: bool = True


CLIENTS = (
    Client(
        "2.1.53",
        ("claude-opus-4-6", "claude-sonnet-4-6"),
        "claude-haiku-4-5-20251001",
        "Task",
        0.6,
        True,
        False,
        False,
    ),
    Client(
        "2.1.152",
        ("claude-opus-4-7", "claude-sonnet-4-6"),
        "claude-haiku-4-5-20251001",
        "Agent",
        0.2,
    ),
    Client(
        "2.1.219",
        ("claude-opus-5", "claude-opus-4-8", "claude-sonnet-5"),
        "claude-haiku-4-5-20251001",
        "Agent",
    ),
    Client(
        "2.1.329",
        ("claude-opus-5-5", "claude-sonnet-5-5"),
        "claude-haiku-5-5",
        "Agent",
        modern=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The usage of one API response."""

    input: int
    output: int
    cache_read: int
    write_5m: int
    write_1h: int

    def json(self, output: int) -> str:
        """The usage object, with `output` in the place of the true output."""
        return (
            f'{{"input_tokens":{self.input},'
            f'"cache_creation_input_tokens":{self.write_5m + self.write_1h},'
            f'"cache_read_input_tokens":{self.cache_read},"output_tokens":{output},'
            f'"server_tool_use":{{"web_search_requests":0,"web_fetch_requests":0}},'
            '"service_tier":"standard",'
            f'"cache_creation":{{"ephemeral_1h_input_tokens":{self.write_1h},'
            f'"ephemeral_5m_input_tokens":{self.write_5m}}},"inference_geo":"not_available",'
            f'"iterations":[],"speed":"standard"}}'
        )


@dataclass(frozen=True, slots=True)
class Message:
    """One API response: its id, request id, model, usage, and its blocks as JSON."""

    id: str
    request: str
    model: str
    tokens: Tokens
    blocks: list[str]
    stop: str


class Transcript:
    """One file in the making: its lines, the time (UTC ms), the last line's uuid, and its size in
    bytes.

    echoes: progress data with which an older client repeats a subagent's messages in the parent's
    file.
    """

    def __init__(
        self,
        path: Path,
        dice: Dice,
        client: Client,
        session: str,
        cwd: str,
        now: int,
        agent: str = "",
    ) -> None:
        self.path, self.dice, self.client, self.session = path, dice, client, session
        self.cwd, self.now, self.agent = cwd, now, agent
        self.lines: list[bytes] = []
        self.size = 0
        self.parent = "null"
        self.prompt_id = dice.uuid()
        side = f'"isSidechain":true,"agentId":"{agent}",' if agent else '"isSidechain":false,'
        self._side = side
        entry = '"entrypoint":"cli",' if client.attachments else ""
        self._envelope = (
            f'"userType":"external",{entry}"cwd":"{cwd}","sessionId":"{session}",'
            f'"version":"{client.version}","gitBranch":"main"'
        )
        self._shape = dice.hexadecimal(64)
        self._known: list[str] = []
        self.echoes: list[str] = []
        self._request = ""

    def add(self, line: str) -> None:
        """Appends a line."""
        data = line.encode()
        self.lines.append(data)
        self.size += len(data) + 1

    def copy(self, line: bytes) -> None:
        """Appends another session's line as it stands, and goes on from there."""
        self.lines.append(line)
        self.size += len(line) + 1
        uuid = line.rsplit(b'"uuid":"', 1)[1][:36].decode()
        self.parent = f'"{uuid}"'

    def wait(self, low: int, high: int) -> None:
        """Lets some time pass, in ms."""
        self.now += self.dice.between(low, high)

    def stamp(self) -> str:
        """The time as the client writes it."""
        t = time.gmtime(self.now // 1000)
        day = f"{t.tm_year}-{t.tm_mon:02d}-{t.tm_mday:02d}"
        return f"{day}T{t.tm_hour:02d}:{t.tm_min:02d}:{t.tm_sec:02d}.{self.now % 1000:03d}Z"

    def record(self, kind: str, body: str, parent: str | None = None) -> str:
        """Appends a line of the conversation: `body` between parent and envelope. Returns its
        uuid."""
        uuid = self.dice.uuid()
        self.wait(3, 400)
        above = self.parent if parent is None else parent
        self.add(
            f'{{"parentUuid":{above},{self._side}{body},"type":"{kind}","uuid":"{uuid}",'
            f'"timestamp":"{self.stamp()}",{self._envelope}}}'
        )
        self.parent = f'"{uuid}"'
        return uuid

    def bare(self, kind: str, body: str) -> None:
        """Appends a bookkeeping line: it has neither uuid nor time."""
        self.add(f'{{"type":"{kind}",{body},"sessionId":"{self.session}"}}')

    def user(self, content: str, more: str = "") -> str:
        """Appends a user line; `content` is JSON."""
        prompt = f'"promptId":"{self.prompt_id}",' if self.client.attachments else ""
        message = f'"message":{{"role":"user","content":{content}}}'
        uuid = self.record("user", prompt + message + more)
        self._echo("user", message, uuid)
        if self.client.modern:
            self.blob("user", content)
        return uuid

    def result(self, tool_use: str, call: Call, source: str) -> None:
        """Appends the result of a tool call."""
        error = ',"is_error":true' if call.is_error else ""
        more = f',"toolUseResult":{call.outcome},"sourceToolAssistantUUID":"{source}"'
        if self.client.modern:
            decision = (
                '"reject","source":"user_reject"' if call.rejected else '"accept","source":"config"'
            )
            more += f',"permissionDecision":{{"decision":{decision}}}'
            more += ',"toolDenialKind":"user-rejected"' if call.rejected else ""
        self.user(
            f'[{{"tool_use_id":"{tool_use}","type":"tool_result",'
            f'"content":{call.content}{error}}}]',
            more,
        )

    def message(self, message: Message) -> list[str]:
        """Appends the lines of one API response, one a block. Returns their uuids."""
        if self.client.modern:
            self._api_request(message.model)
        last = len(message.blocks) - 1
        final = message.tokens.json(message.tokens.output)
        early, stop = final, f'"{message.stop}"'
        if self.client.growing and self.dice.chance(self.client.growing):
            early, stop = (
                message.tokens.json(min(message.tokens.output, self.dice.between(1, 8))),
                "null",
            )
        uuids = []
        for index, block in enumerate(message.blocks):
            uuids.append(
                self._block(message, block, final if index == last else early, stop, index)
            )
        if self.client.modern:
            self.blob("assistant", f"[{','.join(message.blocks)}]")
        return uuids

    def _block(self, message: Message, block: str, usage: str, stop: str, index: int) -> str:
        more = (
            f',"apiBlockIndex":{index},"requestRef":"{self._request}",'
            '"effort":"medium","madeBy":"model"'
            if self._request
            else ""
        )
        body = (
            f'"message":{{"model":"{message.model}","id":"{message.id}","type":"message",'
            f'"role":"assistant","content":[{block}],"stop_reason":{stop},"stop_sequence":null,'
            f'"usage":{usage}}},"requestId":"{message.request}"'
        )
        uuid = self.record("assistant", body + more)
        self._echo("assistant", body, uuid)
        return uuid

    def _echo(self, kind: str, body: str, uuid: str) -> None:
        if self.agent and self.client.progress and self.dice.chance(0.7):
            self.echoes.append(
                f'{{"type":"agent_progress","message":{{"type":"{kind}",'
                f'"timestamp":"{self.stamp()}",{body},"uuid":"{uuid}"}},'
                f'"prompt":"","agentId":"{self.agent}"}}'
            )

    def synthetic_error(self) -> None:
        """Appends an answer that the client made up: the API did not answer."""
        self.record(
            "system",
            '"subtype":"api_error","level":"error","error":{"status":529,"formatted":"529 '
            'Overloaded"},"retryInMs":600,'
            '"retryAttempt":1,"maxRetries":10',
        )
        self.record(
            "assistant",
            f'"message":{{"id":"{self.dice.uuid()}","model":"<synthetic>","role":"assistant",'
            '"stop_reason":"stop_sequence","stop_sequence":"","type":"message",'
            f'"usage":{ZERO_USAGE},"content":[{{"type":"text","text":"API Error: 529 '
            f'Overloaded"}}]}},"isApiErrorMessage":true,"error":"server_error"',
        )

    def compaction(self, text: str, tokens: int) -> None:
        """Appends a compact boundary and the summary."""
        self.record(
            "system",
            f'"logicalParentUuid":{self.parent},"subtype":"compact_boundary",'
            '"content":"Conversation compacted","isMeta":false,"level":"info",'
            f'"compactMetadata":{{"trigger":"auto","preTokens":{tokens}}}',
            parent="null",
        )
        self.user(f'"{SUMMARY}{text}"', ',"isVisibleInTranscriptOnly":true,"isCompactSummary":true')

    def snapshot(self, paths: list[str]) -> None:
        """Appends a checkpoint of files."""
        kept = ",".join(
            f'"{path}":{{"backupFileName":"{self.dice.hexadecimal(16)}@v1","version":1,'
            f'"backupTime":"{self.stamp()}"}}'
            for path in paths
        )
        uuid = self.dice.uuid()
        self.add(
            f'{{"type":"file-history-snapshot","messageId":"{uuid}",'
            f'"snapshot":{{"messageId":"{uuid}","trackedFileBackups":{{{kept}}},'
            f'"timestamp":"{self.stamp()}"}},"isSnapshotUpdate":false}}'
        )

    def queue(self, operation: str, content: str = "") -> None:
        """Appends a queue operation."""
        told = f',"content":"{content}"' if content else ""
        self.add(
            f'{{"type":"queue-operation","operation":"{operation}","timestamp":"{self.stamp()}",'
            f'"sessionId":"{self.session}"{told}}}'
        )

    def progress(self, data: str, tool_use: str) -> None:
        """Appends a progress line of the older clients."""
        self.record(
            "progress",
            f'"data":{data},"toolUseID":"{self.dice.hexadecimal(12)}",'
            f'"parentToolUseID":"{tool_use}"',
        )

    def blob(self, role: str, content: str) -> None:
        """Appends a copy of a message as it went to the API (newest client)."""
        digest = self.dice.hexadecimal(64)
        self._known.append(digest)
        self.add(
            f'{{"type":"api-request-blob","sessionId":"{self.session}"{self._agent()},'
            f'"hash":"{digest}","message":{{"role":"{role}","content":{content}}}}}'
        )

    def system_prompt(self, text: str, tools: str) -> None:
        """Appends system prompt and tools, as the newest client keeps them twice."""
        self.record(
            "attachment",
            f'"attachment":{{"type":"prompt_snapshot",'
            f'"systemPrompt":["{text}"],"tools":[{tools}]}}',
        )
        self.add(
            f'{{"type":"api-request-shape","sessionId":"{self.session}"{self._agent()},'
            f'"shapeHash":"{self._shape}","timestamp":"{self.stamp()}",'
            f'"version":"{self.client.version}","shape":{{"system":[{{"type":"text",'
            f'"text":"{text}"}}],"tools":[{tools}]}}}}'
        )

    def _agent(self) -> str:
        return f',"agentId":"{self.agent}"' if self.agent else ""

    def _api_request(self, model: str) -> None:
        base, self._request = self._request, self.dice.uuid()
        tail = ",".join(f'"{digest}"' for digest in self._known)
        self._known.clear()
        path = '"value":{"type":"ephemeral","ttl":"1h"}'
        cached = ",".join(f'{{"path":["messages",{n},"content",0],{path}}}' for n in range(6))
        self.add(
            f'{{"type":"api-request","sessionId":"{self.session}"{self._agent()},'
            f'"id":"{self._request}","timestamp":"{self.stamp()}",'
            f'"version":"{self.client.version}","querySource":"repl_main_thread",'
            f'"shapeHash":"{self._shape}","params":{{"model":"{model}",'
            '"betas":["claude-code-20250219","interleaved-thinking-2025-05-14",'
            f'"context-management-2025-06-27"],"max_tokens":64000,"thinking":{{"type":"adaptive"}},'
            f'"output_config":{{"effort":"medium"}}}},"base":"{base}","keep":2,"tail":[{tail}],'
            f'"cacheControl":[{cached}],"requestDigest":"{self.dice.hexadecimal(64)}"}}'
        )

    def save(self) -> None:
        """Writes the file; its time is that of its last line, as on a real disk."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("wb") as file:
            file.write(b"\n".join(self.lines))
            file.write(b"\n")
        os.utime(self.path, ns=(self.now * 1_000_000, self.now * 1_000_000))
