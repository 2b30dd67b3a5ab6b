"""`accrete uninstall`: removes what init added to Claude Code."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click
from accrete_hooks import install, installed

from accrete.commands import common, hooks_found
from accrete.commands.init import (
    agreed,
    find_client,
    run_client,
    settings_files,
    settings_options,
    show_change,
    state_file,
)
from accrete.edge.client_settings import stack
from accrete.errors import AccreteError
from accrete.settings import Settings


@click.command("uninstall")
@settings_options
def command(scope: str, config_dir: Path | None, yes: bool, dry_run: bool) -> None:
    """Remove the hooks, the status line and the MCP server from Claude Code.

    If nobody else changed the settings file since, it becomes byte for byte what it was; otherwise
    only Accrete's lines are removed. The record stays; `accrete forget --all` deletes it.
    """
    settings = common.settings()
    paths = _paths(settings, scope, config_dir)
    plans = [_undo(settings, path) for path in paths]
    roots = [path.parent for path in paths] if scope == "user" else list(settings.roots[:1])
    states = [state_file(root) for root in roots]
    others = installed.installed_elsewhere(settings.home, *paths, *states)
    servers = {
        root: install.plan_server(path, settings.home, there=False)
        for root, path in zip(roots, states, strict=True)
    }
    if others and config_dir is None:  # the server is for them too
        servers = {}
    plugins = _plugins(settings)
    if not any(plan.changes for plan in (*plans, *servers.values())):
        if not dry_run and settings.home.is_dir():
            installed.forget_installation(settings.home, *paths, *(states if servers else ()))
        click.echo(
            "Claude Code's settings contain no hooks of Accrete."
            if plugins
            else _nothing(paths, others)
        )
        _say(plugins)
        return
    for plan in plans:
        if plan.changes:
            show_change(plan)
    for server in servers.values():
        if server.changes:
            click.echo(f"The MCP server `accrete` will be removed from {server.path}.")
    if dry_run:
        click.echo("Nothing was written (--dry-run).")
        return
    if not yes and not agreed():
        click.echo("Nothing was written.")
        return
    for plan in plans:
        if plan.changes:
            install.apply(plan)
            if plan.after is None and scope == "project":
                with suppress(OSError):  # something else is in it
                    plan.path.parent.rmdir()
            click.echo(f"{'Wrote' if plan.after is not None else 'Removed'} {plan.path}.")
    for root, server in servers.items():
        if server.changes:
            _unregister(server, settings.home, root)
    left = installed.forget_installation(settings.home, *paths, *(states if servers else ()))
    if left:
        click.echo(f"Accrete is still in {', '.join(left)}. {_THERE}")
    elif not plugins:
        click.echo("Removed from Claude Code. The record stays in " + str(settings.home) + ".")
    _say(plugins)


_THERE = (
    "Run `accrete uninstall` there: with --config-dir for a config folder, "
    "with --scope project in a project's folder."
)


def _nothing(paths: list[Path], others: list[str]) -> str:
    if not others:
        return "Claude Code's settings contain nothing of Accrete."
    return (
        f"Nothing of Accrete in {', '.join(map(str, paths))}, "
        f"but it is still in {', '.join(others)}. {_THERE}"
    )


def _paths(settings: Settings, scope: str, config_dir: Path | None) -> list[Path]:
    """The settings files of a scope, and of a user's also those that were written with another
    config folder."""
    paths = settings_files(settings, scope, config_dir)
    if scope == "user" and config_dir is None:
        noted = map(Path, installed.remembered(settings.home))
        paths += [path for path in noted if path.name == "settings.json"]
    return list(dict.fromkeys(paths))


def _undo(settings: Settings, path: Path) -> install.Plan:
    try:
        return installed.undo(settings.home, path)
    except install.CannotEditError as error:
        what = (
            "Fix it and try again, "
            f"or remove by hand every hook that names {settings.home / 'bin'}."
        )
        raise AccreteError(f"{error}\n{what}") from error


def _plugins(settings: Settings) -> list[str]:
    """The ids of our plugin that are enabled and go on capturing."""
    seen = [stack(root).plugin() for root in hooks_found.roots_in_use(settings)]
    return list(dict.fromkeys(each[0] for each in seen if each is not None and each[1]))


def _say(plugins: list[str]) -> None:
    for name in plugins:
        click.echo(
            f"The plugin {name} still captures. To remove it: claude plugin uninstall {name}"
        )


def _unregister(plan: install.Plan, home: Path, root: Path) -> None:
    client = find_client()
    if client is not None:
        run_client(client, root, "remove", "--scope", "user", install.PROGRAM)
    again = install.plan_server(plan.path, home, there=False)
    if again.changes:
        install.apply(installed.undo(home, plan.path, again))
