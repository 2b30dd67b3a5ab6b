"""`accrete completion`: the shell code that completes commands, options and project names."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

HOW = {
    "bash": 'eval "$(accrete completion bash)"   in ~/.bashrc',
    "zsh": 'eval "$(accrete completion zsh)"   in ~/.zshrc',
    "fish": "accrete completion fish > ~/.config/fish/completions/accrete.fish",
}


@click.command("completion")
@click.argument("shell", type=click.Choice(tuple(HOW)))
def command(shell: str) -> None:
    """Print shell completion code for commands and options.

    \b
    bash   eval "$(accrete completion bash)"   in ~/.bashrc
    zsh    eval "$(accrete completion zsh)"    in ~/.zshrc
    fish   accrete completion fish > ~/.config/fish/completions/accrete.fish
    """
    from accrete.commands import cli

    made = get_completion_class(shell)
    assert made is not None
    click.echo(made(cli, {}, "accrete", "_ACCRETE_COMPLETE").source())
