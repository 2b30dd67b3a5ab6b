"""`python -m tests.corpus.kit.trim HOME/.claude CASE`: a client's projects tree, cut down and made nobody's, as a case.

Cut are the client's own texts (system prompts, tool and skill listings, copies of requests) and long outputs; paths
of the machine become /home/dev. No record of the conversation is left out, and no id, time or usage is changed.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).resolve().parent.parent
LISTED = 3
REQUESTS_KEPT = 1
"""Of each api-request-* type, how many records of a file are kept."""
LIMITS = {"user": 500, "assistant": 500, "attachment": 64, "system": 200, "queue-operation": 500}
SHORT = 64
LISTINGS = (
    "prompt_snapshot", "agent_listing_delta", "skill_listing", "deferred_tools_delta", "deferred_tools_record", "model",
    "environment", "session_context", "instructions", "mcp_instructions_delta", "remote_session_change",
)  # fmt: skip
"""Attachments that hold the client's own texts alone: of them the type is kept."""
_HOMES = (
    (re.compile(r"/rig/ws/[a-z-]+/"), "/home/dev/"),
    (re.compile(r"-rig-ws-[a-z]+-"), "-home-dev-"),
    (re.compile(r"/rig/home"), "/home/dev"),
    (re.compile(r"-rig-home"), "-home-dev"),
    (re.compile(r"/rig/"), "/home/dev/"),
    (re.compile(r"/root\b"), "/home/dev"),
)


def anonymous(line: str) -> str:
    """The text with the paths of the machine replaced."""
    for pattern, replacement in _HOMES:
        line = pattern.sub(replacement, line)
    return line


def shorter(value: Any, limit: int) -> Any:
    """The value with every text cut to `limit` characters; lists of texts, and all lists where the limit is low, are
    cut to LISTED items."""
    if isinstance(value, str):
        return value if len(value) <= limit else value[:limit] + "…"
    if isinstance(value, list):
        plain = limit <= SHORT or all(isinstance(item, str) for item in value)
        return [shorter(item, limit) for item in (value[:LISTED] if plain else value)]
    if isinstance(value, dict):
        return {key: shorter(item, limit) for key, item in value.items()}
    return value


def trimmed(path: Path) -> bytes:
    """The lines of a transcript that are kept, each cut down."""
    kept, seen = [], dict[str, int]()
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        kind = record.get("type", "")
        if kind.startswith("api-request"):
            seen[kind] = seen.get(kind, 0) + 1
            if seen[kind] > REQUESTS_KEPT:
                continue
            for key in ("shape", "message", "params"):
                record.pop(key, None)
        if kind == "attachment" and record["attachment"].get("type") == "queued_command":
            kind = "user"
        if record.get("attachment", {}).get("type") in LISTINGS:
            record["attachment"] = {"type": record["attachment"]["type"]}
        record = shorter(record, LIMITS.get(kind, SHORT))
        kept.append(anonymous(json.dumps(record, ensure_ascii=False, separators=(",", ":"))))
    return "".join(line + "\n" for line in kept).encode("utf-8")


def main() -> int:
    """Writes the case's projects tree; expected.json is for client_*.py to say."""
    config, name = Path(sys.argv[1]), sys.argv[2]
    for path in sorted((config / "projects").rglob("*")):
        relative = Path(anonymous(path.relative_to(config).as_posix()))
        target = CORPUS / name / relative
        if not path.is_file() or path.suffix not in (".jsonl", ".json"):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".jsonl":
            target.write_bytes(trimmed(path))
        elif path.name.endswith(".meta.json"):
            target.write_text(anonymous(path.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
