"""`accrete mcp`: the MCP server that Claude Code starts."""

from __future__ import annotations

import click


@click.command("mcp")
def command() -> None:
    """Serve the record to Claude over the Model Context Protocol (stdio).

    Claude Code starts it; `accrete init` registers it.
    """
    from accrete_mcp import front

    front.run(serve)


def serve() -> None:
    """The SDK's server, for whatever the front cannot answer."""
    from contextlib import suppress

    from accrete_mcp.server import run

    from accrete.commands import common
    from accrete.errors import AccreteError

    with suppress(AccreteError):  # each call says what is wrong with the settings
        common.settings()
    run()
