"""`accrete uninstall`: takes out of Claude Code what init put in."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import click
from accrete_hooks import install

from accrete.commands import common
from accrete.commands.init import CLIENT_TIMEOUT_S, _agreed, find_client, settings_file, show_change, state_file


@click.command("uninstall")
@click.option(
    "--scope", type=click.Choice(("user", "project")), default="user", show_default=True, help="Which settings."
)
@click.option(
    "--config-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Claude Code's config folder, where it is not the usual one.",
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
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
    if not yes and not _agreed():
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
        env = {**os.environ, **({"CLAUDE_CONFIG_DIR": str(config_dir)} if config_dir else {})}
        with suppress(OSError, subprocess.SubprocessError):
            subprocess.run([client, "mcp", "remove", "--scope", "user", install.PROGRAM], capture_output=True, timeout=CLIENT_TIMEOUT_S, check=False,
                           env=env, stdin=subprocess.DEVNULL)  # fmt: skip
    again = install.plan_server(plan.path, home, there=False)
    if again.changes:
        install.apply(install.undo(home, plan.path, again))
    install.forget_installation(home, plan.path)
