"""`python -m accrete`: the command line, with shortcuts for the MCP server and the status line,
which a client waits for."""

import gc
import os
import sys

SHORT = frozenset(
    {"backfill", "blocks", "cost", "debug", "doctor", "figures", "ingest", "overview", "practices",
     "projects", "search", "sessions", "show", "status", "statusline", "today"}
)  # fmt: skip
"""Commands that have closed and written all when they return."""
SERVES = frozenset({"mcp", "explore"})
COLLECTED = (50_000, 20, 20)
"""When the garbage collector looks, but in what serves for long: most of what a command makes while
it starts stays, and to look at it again and again takes a tenth of the start."""


def main() -> None:
    """Runs the command line. The MCP server and the status line begin without it: they need little,
    and are there sooner."""
    first = sys.argv[1] if len(sys.argv) > 1 else "overview"
    if first not in SERVES:
        gc.set_threshold(*COLLECTED)
    if sys.argv[1:] == ["mcp"]:
        from accrete_mcp import front

        front.run(_serve)
    elif sys.argv[1:] != ["statusline"] or not _said():
        from accrete.commands import main as run

        run()
    if first in SHORT or first.startswith("--"):
        _leave()


def _leave() -> None:
    """Ends at once what has said all: to take a program to pieces takes a tenth of a short command.
    Whoever asks for the code of the end gets what they would have got."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return  # Python says it as ever
    os._exit(0)


def _said() -> bool:
    """Prints the status line; False where there are settings that cannot be read, which the command
    line then says."""
    home = _home() or _home_of_settings()
    if home is None:
        return False
    from accrete_hooks.statusline import main

    from accrete.insight.status_line import parts

    main(home, parts)
    return True


def _home() -> str | None:
    """The data folder, where no file in it sets anything."""
    from accrete.data_folder import data_folder

    home = data_folder(os.environ, os.environ.get("HOME") or os.path.expanduser("~"))
    try:
        os.stat(os.path.join(home, "config.json"))
    except FileNotFoundError:
        return home
    except OSError:
        pass
    return None


def _home_of_settings() -> str | None:
    from accrete.errors import AccreteError
    from accrete.settings import read_settings

    try:
        return str(read_settings().home)
    except AccreteError:
        return None


def _serve() -> None:
    from accrete.commands.mcp import serve

    serve()


if __name__ == "__main__":
    main()
