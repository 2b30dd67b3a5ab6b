"""`accrete uninstall`: takes out of Claude Code what init put in."""

from __future__ import annotations

from pathlib import Path

import click
from accrete_hooks import install

from accrete.commands import common
from accrete.commands.init import (
    agreed,
    find_client,
    run_client,
    settings_file,
    settings_options,
    show_change,
    state_file,
)


@click.command("uninstall")
@settings_options
def command(scope: str, config_dir: Path | None, yes: bool, dry_run: bool) -> None:
    """Take the hooks and the MCP server out of Claude Code again.

    The settings file becomes what it was, byte for byte, where nobody else changed it since; else only our lines go. The
    record stays: `accrete forget --all` deletes it.
    """
    settings = common.settings()
    plan = install.undo(settings.home, settings_file(settings, scope, config_dir))
    others = install.installed_elsewhere(settings.home, plan.path, state_file(settings, config_dir))
    server = install.plan_server(state_file(settings, config_dir), settings.home, there=False)
    if others:
        server = server._replace(after=server.before)
    if not plan.changes and not server.changes:
        click.echo("Nothing of Accrete is in Claude Code's settings.")
        return
    if plan.changes:
        show_change(plan)
    if server.changes:
        click.echo("The MCP server `accrete` goes.")
    if dry_run:
        click.echo("Nothing was written (--dry-run).")
        return
    if not yes and not agreed():
        click.echo("Nothing was written.")
        return
    if plan.changes:
        install.apply(plan)
        click.echo(f"{'Wrote' if plan.after is not None else 'Removed'} {plan.path}.")
    if server.changes:
        _unregister(server, settings.home, config_dir)
    left = install.forget_installation(settings.home, plan.path)
    if left:
        click.echo(f"Hooks are still in {', '.join(left)}; the MCP server stays for them.")
    else:
        click.echo("Claude Code has nothing of Accrete any more. The record stays in " + str(settings.home) + ".")


def _unregister(plan: install.Plan, home: Path, config_dir: Path | None) -> None:
    client = find_client()
    if client is not None:
        run_client(client, config_dir, "remove", "--scope", "user", install.PROGRAM)
    again = install.plan_server(plan.path, home, there=False)
    if again.changes:
        install.apply(install.undo(home, plan.path, again))
    install.forget_installation(home, plan.path)
