"""`accrete statusline`: the line that Claude Code shows under its prompt."""

from __future__ import annotations

import click

from accrete.commands import common


@click.command("statusline")
def command() -> None:
    """Print the status line for the session that Claude Code describes on standard input.

    `accrete init --statusline` sets it up, before or after a status line of your own.
    """
    from accrete_hooks.statusline import main

    main(str(common.settings().home))
