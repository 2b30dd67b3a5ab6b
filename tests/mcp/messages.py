"""Messages of a client to the MCP server, as it sends them."""

from __future__ import annotations

import json

from accrete_mcp.front import META

CLIENT = {
    "name": "claude-code",
    "title": "Claude Code",
    "version": "2.1.329",
    "description": "A tool",
    "websiteUrl": "https://claude.com/claude-code",
}


ABLE = {"roots": {"listChanged": True}, "elicitation": {"form": {}, "url": {}}}


HELLO = {"protocolVersion": "2025-11-25", "capabilities": ABLE, "clientInfo": CLIENT}


ENVELOPE = {
    META + "protocolVersion": "2026-07-28",
    META + "clientInfo": CLIENT,
    META + "clientCapabilities": ABLE,
}


CANCELLED = b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}'


READY = b'{"jsonrpc":"2.0","method":"notifications/initialized"}'


LISTS = ("tools/list", "prompts/list", "resources/list", "resources/templates/list")


def line(method: str, params: object = None, ident: object = 1) -> bytes:
    given = {} if params is None else {"params": params}
    return json.dumps(
        {"jsonrpc": "2.0", "id": ident, "method": method, **given}, ensure_ascii=False
    ).encode()
