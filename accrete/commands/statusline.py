"""`accrete statusline`: the line that Claude Code shows under its prompt."""

from __future__ import annotations

import click

from accrete.commands import common


@click.command("statusline")
def command() -> None:
    """Print Claude Code's status line, for the session that it describes on standard input.

    `accrete init --statusline` sets it up and keeps your own status line.
    """
    from accrete_hooks.statusline import main

    from accrete.insight.status_line import parts

    main(str(common.settings().home), parts)
