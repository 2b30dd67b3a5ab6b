"""`python -m accrete`: the command line, with a shortcut for the MCP server, whose start a client
waits for."""

import sys


def main() -> None:
    """Runs the command line. The MCP server begins without it: its front needs little, and is there
    sooner."""
    if sys.argv[1:] == ["mcp"]:
        from accrete_mcp import front

        front.run(_serve)
    else:
        from accrete.commands import main as run

        run()


def _serve() -> None:
    from accrete.commands.mcp import serve

    serve()


if __name__ == "__main__":
    main()
