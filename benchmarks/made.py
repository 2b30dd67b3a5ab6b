"""Counts what the maker of the corpus made, so that a reader's totals can be held against it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tool_calls import Call
from transcripts import Message, Transcript


class Truth:
    """What was made, a message once however many lines it has; what a fork or a progress line
    copies not again."""

    def __init__(self) -> None:
        self.n: Counter[str] = Counter()
        self.tokens: dict[str, Counter[str]] = {"main": Counter(), "delegated": Counter()}
        self.tools: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.models: Counter[str] = Counter()
        self.responses: Counter[str] = Counter()
        self.pull_requests: dict[str, None] = {}

    def response(self, message: Message, agent: str) -> None:
        """Counts an API response of the main conversation, or of a subagent."""
        part, tokens = "delegated" if agent else "main", message.tokens
        self.responses[part] += 1
        self.models[message.model] += 1
        self.tokens[part].update(
            input=tokens.input,
            output=tokens.output,
            cache_read=tokens.cache_read,
            cache_write=tokens.write_5m + tokens.write_1h,
            cache_write_5m=tokens.write_5m,
            cache_write_1h=tokens.write_1h,
        )

    def saved(self, file: Transcript) -> None:
        """Counts a file as it will be written."""
        self.n["files"] += 1
        self.n["agents" if file.agent else "sessions"] += 1
        self.n["lines"] += len(file.lines)
        self.n["bytes"] += file.size

    def call(self, call: Call) -> None:
        """Counts a tool call and what came of it."""
        self.tools[call.name] += 1
        self.errors[call.name] += call.is_error
        self.n["tool_rejected"] += call.rejected
        self.n["commits"] += call.commit
        if call.pull_request:
            self.pull_requests[call.pull_request] = None

    def counts(self) -> dict[str, Any]:
        """The counts under the names that `accrete doctor --counts --json` gives them."""
        n, errors = self.n, +self.errors
        return {
            "files": {"all": n["files"], "main": n["sessions"], "subagent": n["agents"]},
            "lines": n["lines"],
            "parse_failures": 0,
            "sessions": n["sessions"],
            "prompts": {kind: n[kind] for kind in ("typed", "slash", "shell", "queued")},
            "human_prompts": n["typed"] + n["slash"] + n["shell"],
            "responses": {
                "main": self.responses["main"],
                "delegated": self.responses["delegated"],
                "synthetic": n["synthetic"],
            },
            "tokens": dict(self.tokens["main"] + self.tokens["delegated"]),
            "tokens_delegated": dict(self.tokens["delegated"]),
            "by_model": dict(sorted(self.models.items())),
            "tool_calls": self.tools.total(),
            "tools": dict(sorted(self.tools.items())),
            "tool_errors_total": errors.total(),
            "tool_errors": dict(sorted(errors.items())),
            "tool_rejected": n["tool_rejected"],
            "subagent_spawns": self.tools["Task"] + self.tools["Agent"],
            "agents": n["agents"],
            "compactions": n["compactions"],
            "api_errors": n["synthetic"],
            "pull_request_links": len(self.pull_requests),
        }
