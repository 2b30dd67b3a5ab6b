"""`accrete init`: hooks into Claude Code's settings, the MCP server, the first backfill."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import click
from accrete_hooks import install

from accrete.commands import common
from accrete.errors import AccreteError
from accrete.settings import Settings, remember_roots

CLIENT_TIMEOUT_S = 30
LONG_DAYS = 365
"""What init advises to keep transcripts for; nobody who keeps them longer is advised less."""


def settings_options(command: common.F) -> common.F:
    """Adds what says which settings, and how they are changed: --scope, --config-dir, --yes, --dry-run."""
    for option in reversed(
        (
            click.option("--scope", type=click.Choice(("user", "project")), default="user", show_default=True,
                         help="All your sessions, or those in this folder (in .claude/settings.local.json)."),
            click.option("--config-dir", type=click.Path(file_okay=False, path_type=Path),
                         help="Claude Code's config folder, where it is not the usual one."),
            click.option("--yes", "-y", is_flag=True, help="Do not ask."),
            click.option("--dry-run", is_flag=True, help="Only show what would change."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


@click.command("init")
@settings_options
@click.option("--no-mcp", is_flag=True, help="Leave the MCP server out.")
@click.option("--no-backfill", is_flag=True, help="Do not read the transcripts that are there.")
@click.option("--statusline", is_flag=True, help="Also set the status line; one of yours is kept and shown before it.")
@click.option(
    "--retention", metavar="DAYS", type=click.IntRange(1), help="Also set how long Claude Code keeps transcripts."
)
def command(
    scope: str,
    config_dir: Path | None,
    yes: bool,
    dry_run: bool,
    no_mcp: bool,
    no_backfill: bool,
    statusline: bool,
    retention: int | None,
) -> None:
    """Capture every session as it happens, and let Claude ask about them.

    Adds five hooks to Claude Code's settings and an MCP server for your user, shows both before it writes, keeps the file
    as it was beside it, and reads what is there. `accrete uninstall` takes it all out again.
    """
    settings = common.settings()
    path = settings_file(settings, scope, config_dir)
    if config_dir is not None and not path.parent.is_dir():
        raise AccreteError(
            f"There is no folder {path.parent}. Give the config folder that Claude Code uses (CLAUDE_CONFIG_DIR), or make it first."
        )
    if config_dir is not None and path.parent not in settings.roots:
        settings = replace(settings, roots=(*settings.roots, path.parent))
    plan = install.plan_hooks(path, settings.home)
    old_line = None
    if statusline:
        plan, old_line = install.with_statusline(plan, settings.home)
    server = None if no_mcp else install.plan_server(state_file(settings, config_dir), settings.home, there=True)
    show_change(plan)
    client = find_client()
    if server is not None and server.changes:
        click.echo(
            f"MCP server `accrete` for your user, {'through `claude mcp add`' if client else f'in {server.path}'}."
        )
    elif server is not None:
        click.echo("The MCP server is registered.")
    if dry_run:
        click.echo("Nothing was written (--dry-run).")
        return
    if (plan.changes or (server is not None and server.changes)) and not yes and not agreed():
        click.echo("Nothing was written.")
        return
    install.write_scripts(settings.home)
    remember_roots(settings.home, [path.parent] if config_dir is not None else [])
    if plan.changes:
        install.keep_statusline(settings.home, old_line)
        kept = install.install(settings.home, plan, beside=scope == "user", statusline=old_line)
        click.echo(f"Wrote {plan.path}" + (f"; as it was: {kept}." if kept else "."))
    if retention is not None:  # the person's own setting: it stays when the hooks go
        longer = _with_retention(path, retention)
        if longer.changes:
            install.apply(longer)
            click.echo(f"Claude Code keeps transcripts for {retention} days from now on.")
    if server is not None and server.changes:
        click.echo(_register(server, settings.home, client, config_dir))
    if not no_backfill:
        _backfill(settings)
    _retention(settings, path, retention)
    click.echo(
        "From the next session on every event is captured. `accrete status` shows whether it works; in Claude Code ask: how do I use subagents?"
    )


def settings_file(settings: Settings, scope: str, config_dir: Path | None) -> Path:
    """The settings file of a scope. Raises AccreteError where both a scope of its own and a config folder are given."""
    if scope == "project":
        if config_dir is not None:
            raise AccreteError("--scope project and --config-dir say two things. Give one of them.")
        try:
            return Path.cwd() / ".claude" / "settings.local.json"
        except OSError:
            raise AccreteError(
                "This folder is not there any more. Go to the project's folder and run this again."
            ) from None
    return (config_dir.expanduser().absolute() if config_dir else settings.roots[0]) / "settings.json"


def state_file(settings: Settings, config_dir: Path | None) -> Path:
    """The file in which Claude Code keeps its MCP servers: in the config folder where one is set, else in the home."""
    if config_dir is not None:
        return config_dir.expanduser().absolute() / ".claude.json"
    if os.environ.get("CLAUDE_CONFIG_DIR", "").strip():
        return settings.roots[0].absolute() / ".claude.json"
    return Path(os.environ.get("HOME") or Path.home()) / ".claude.json"


def find_client() -> str | None:
    """The Claude Code client on the path."""
    return shutil.which("claude")


def run_client(client: str, config_dir: Path | None, *words: str) -> bool:
    """Runs `claude mcp …` for a config folder; returns whether it ended well."""
    env = {**os.environ, **({"CLAUDE_CONFIG_DIR": str(config_dir)} if config_dir else {})}
    try:
        done = subprocess.run([client, "mcp", *words], capture_output=True, timeout=CLIENT_TIMEOUT_S, check=False, env=env,
                              stdin=subprocess.DEVNULL)  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def show_change(plan: install.Plan) -> None:
    """The change of a settings file as a diff."""
    from difflib import unified_diff

    if not plan.changes:
        click.echo(f"{plan.path} has the hooks.")
        return
    before, after = (plan.before or "").splitlines(), (plan.after or "").splitlines()
    click.echo(
        f"{plan.path}"
        + ("" if plan.before is not None else " (new)")
        + ("" if plan.after is not None else " (removed)")
    )
    for line in list(unified_diff(before, after, lineterm="", n=2))[2:]:
        colour = (
            "green"
            if line.startswith("+")
            else "red"
            if line.startswith("-")
            else "cyan"
            if line.startswith("@@")
            else None
        )
        click.secho(f"  {line}", fg=colour)


def agreed() -> bool:
    """Whether the person wants it written. Raises AccreteError where nobody can be asked."""
    if not sys.stdin.isatty():
        raise AccreteError("Nobody is there to ask. Look at it with --dry-run, then run it with --yes.")
    return click.confirm("Write this?", default=True)


def _with_retention(path: Path, days: int) -> install.Plan:
    from accrete_hooks import jsontext

    before = install.read_text(path)
    text = before if before is not None and before.strip() else "{}\n"
    known = jsontext.member(text, jsontext.root(text), "cleanupPeriodDays")
    if known is not None:
        return install.Plan(path, before, jsontext.replace(text, known, days))
    return install.Plan(path, before, jsontext.insert(text, jsontext.root(text), days, "cleanupPeriodDays"))


def _register(plan: install.Plan, home: Path, client: str | None, config_dir: Path | None) -> str:
    """Registers the server through the client where there is one, else in its file; says which."""
    server = install.server(home)
    if client is not None:
        if f'"{install.PROGRAM}"' in (plan.before or ""):  # the client replaces no server of the same name
            run_client(client, config_dir, "remove", "--scope", "user", install.PROGRAM)
        if run_client(client, config_dir, "add", "--scope", "user", install.PROGRAM, "--env", f"ACCRETE_HOME={home}", "--",
                      server["command"], *server["args"]):  # fmt: skip
            return "Registered the MCP server through `claude mcp add`."
    again = install.plan_server(plan.path, home, there=True)
    kept = install.install(home, again) if again.changes else None
    return f"Registered the MCP server in {plan.path}" + (f"; as it was: {kept}." if kept else ".")


def _backfill(settings: Settings) -> None:
    from accrete.commands.backfill import read

    read(settings)


def _retention(settings: Settings, path: Path, given: int | None) -> None:
    if given is not None:
        return
    from accrete.commands.retention import kept_for, retention

    days, said = retention(settings)
    longer = " To keep the files longer too: accrete init --retention 365" if days < LONG_DAYS else ""
    click.echo(f"{kept_for(days, said)} What Accrete has read stays.{longer}")
