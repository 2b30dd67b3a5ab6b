"""`python -m accrete`: the command line, with shortcuts for the MCP server and the status line,
which a client waits for."""

import sys


def main() -> None:
    """Runs the command line. The MCP server and the status line begin without it: they need little,
    and are there sooner."""
    if sys.argv[1:] == ["mcp"]:
        from accrete_mcp import front

        front.run(_serve)
    elif sys.argv[1:] != ["statusline"] or not _said():
        from accrete.commands import main as run

        run()


def _said() -> bool:
    """Prints the status line; False where the settings cannot be read, which the command line then
    says."""
    from accrete.errors import AccreteError
    from accrete.settings import read_settings

    try:
        settings = read_settings()
    except AccreteError:
        return False
    from accrete_hooks.statusline import main

    from accrete.insight.status_line import parts

    main(str(settings.home), parts)
    return True


def _serve() -> None:
    from accrete.commands.mcp import serve

    serve()


if __name__ == "__main__":
    main()
