"""Asks the MCP server in process, through the SDK's own client."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from accrete_mcp.server import make
from mcp import Client

from accrete.ingest import ingest
from accrete.settings import Settings
from tests.practices.examples import edit, session
from tests.transcripts import Transcript

T = TypeVar("T")


META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


def keep(settings: Settings, *made: Transcript) -> None:
    for n, t in enumerate(made):
        t.write(settings.roots[0] / "projects", slug=f"-p{n}")
    ingest(settings)


made = functools.cache(make)
"""The server, made once: it takes twice as long as most questions, and holds nothing of a home."""


def asked(ask: Callable[[Client], Awaitable[T]]) -> T:
    async def main() -> T:
        async with Client(made()) as client:
            return await ask(client)

    return asyncio.run(main())


async def answered(client: Client, name: str, /, **given: Any) -> dict[str, Any]:
    """What a tool answers to a client, which may ask others before and after it."""
    result = await client.call_tool(name, given)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content


def call(name: str, /, **given: Any) -> dict[str, Any]:
    return asked(lambda client: answered(client, name, **given))


def refused(name: str, /, **given: Any) -> str:
    async def one(client: Client) -> str:
        result = await client.call_tool(name, given)
        assert result.is_error
        return str(result.content[0].text)  # type: ignore[union-attr]

    return asked(one)


def shipped(n: int = 1) -> Transcript:
    return session(
        ("say", "Fix the add function"),
        ("fail", "Bash", {"command": "pytest"}, "1 failed, 2 passed in 0.1s"),
        edit("/home/dev/demo/calc.py"),
        ("call", "Bash", {"command": "git commit -am 'Add'"}, "[main 1a2b3c4] Add"),
        edit("/home/dev/demo/after.py"),
        ("fail", "Bash", {"command": "pytest"}, "2 failed in 0.1s"),
    )
