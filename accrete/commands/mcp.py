"""`accrete mcp`: the MCP server that Claude Code starts."""

from __future__ import annotations

import click


@click.command("mcp")
def command() -> None:
    """Run the MCP server (Model Context Protocol over stdio).

    Claude Code starts it. `accrete init` registers it.
    """
    from accrete_mcp import front

    front.run(serve)


def serve() -> None:
    """The SDK's server, for whatever the front cannot answer."""
    from contextlib import suppress

    from accrete_mcp.server import run

    from accrete.commands.hook_files import keep_current
    from accrete.errors import AccreteError
    from accrete.settings import read_settings

    with suppress(AccreteError):  # each call says what is wrong with the settings
        keep_current(read_settings())
    run()
