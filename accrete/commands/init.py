"""`accrete init`: adds hooks and MCP server to Claude Code's settings, then runs the first
backfill."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import click
from accrete_hooks import install, installed, jsontext

from accrete.commands import common, hooks_found
from accrete.commands.diagnosis import show_findings
from accrete.commands.options import F
from accrete.edge.client_settings import Stack, managed_layers, wrong_values
from accrete.errors import AccreteError
from accrete.settings import Settings, config_roots, remember_roots
from accrete.sync.choice import MODES, Choice, join, read_choice

CLIENT_TIMEOUT_S = 30
WORKS = (
    "Accrete captures every session from the next one on. Check it with `accrete status`. In "
    "Claude Code, ask: how do I use subagents?"
)
HINDERED = (
    "The hooks are installed, but the problems above keep them from running. "
    "Fix these, then check with `accrete status`."
)
LONG_DAYS = 365
"""What init advises to keep transcripts for; nobody who keeps them longer is advised less."""


def settings_options(command: F) -> F:
    """Adds what says which settings, and how they are changed: --scope, --config-dir, --yes,
    --dry-run."""
    for option in reversed(
        (
            click.option(
                "--scope",
                type=click.Choice(("user", "project")),
                default="user",
                show_default=True,
                help="All your sessions, or only those in this folder "
                "(.claude/settings.local.json).",
            ),
            click.option(
                "--config-dir",
                type=click.Path(file_okay=False, path_type=Path),
                help="Claude Code's config folder, if it is not the usual one.",
            ),
            click.option("--yes", "-y", is_flag=True, help="Don't ask."),
            click.option("--dry-run", is_flag=True, help="Only show what would change."),
        )
    ):
        command = option(command)
    return command


@click.command("init")
@settings_options
@click.option("--no-mcp", is_flag=True, help="Don't register the MCP server.")
@click.option("--no-backfill", is_flag=True, help="Don't read existing transcripts.")
@click.option(
    "--statusline", is_flag=True, help="Also set the status line. Yours is kept and shown first."
)
@click.option("--team", metavar="URL", help="Also join the team at URL, after the backfill.")
@click.option("--token", help="The token that the team's administrator gave you.")
@click.option(
    "--tier",
    type=click.IntRange(1, 3),
    default=1,
    show_default=True,
    help="What is shared: 1 metadata, 2 also tool activity, 3 also texts.",
)
@click.option(
    "--projects",
    type=click.Choice(MODES),
    default="all",
    show_default=True,
    help="Which projects are shared.",
)
@click.option(
    "--ca-file",
    type=click.Path(exists=True, dir_okay=False),
    help="Trust the certificates in this file, too.",
)
@click.option(
    "--retention",
    metavar="DAYS",
    type=click.IntRange(1),
    help="Also make Claude Code keep transcripts for at least DAYS days.",
)
def command(
    scope: str,
    config_dir: Path | None,
    yes: bool,
    dry_run: bool,
    no_mcp: bool,
    no_backfill: bool,
    statusline: bool,
    team: str | None,
    token: str | None,
    tier: int,
    projects: str,
    ca_file: str | None,
    retention: int | None,
) -> None:
    """Set up capture, and let Claude query your record.

    Adds five hooks to Claude Code's settings and an MCP server for your user. Shows the changes
    before it writes them, keeps a copy of the old file beside it, and reads existing transcripts.
    `accrete uninstall` removes everything again. With --team it then shows what would be shared,
    asks, and shares it.
    """
    settings = common.settings()
    joining = _joining(settings, team, token, tier, projects, ca_file)
    paths = settings_files(settings, scope, config_dir)
    if config_dir is not None and not paths[0].parent.is_dir():
        raise AccreteError(
            f"No folder {paths[0].parent}. "
            "Give Claude Code's config folder (CLAUDE_CONFIG_DIR), or create it first."
        )
    roots = [path.parent for path in paths] if scope == "user" else list(settings.roots[:1])
    settings = replace(settings, roots=tuple(dict.fromkeys([*settings.roots, *roots])))
    plans = _plans(settings, paths, statusline=statusline, days=retention, dry_run=dry_run)
    servers = (
        {}
        if no_mcp
        else {
            root: install.plan_server(state_file(root), settings.home, there=True) for root in roots
        }
    )
    client = find_client()
    runs = _show(settings, plans, servers, client, retention)
    changes = [*plans, *servers.values()]
    if dry_run:
        click.echo("Nothing was written (--dry-run).")
        return
    if any(plan.changes for plan in changes) and not yes and not agreed():
        click.echo("Nothing was written.")
        return
    install.write_scripts(settings.home)
    if scope == "user":
        remember_roots(settings.home, roots)
    for plan in plans:
        if plan.changes:
            try:
                kept = installed.install(settings.home, plan, beside=scope == "user")
            except install.CannotEditError as error:
                raise _to_do_by_hand(error, settings.home) from error
            click.echo(f"Wrote {plan.path}" + (f" (previous version: {kept})." if kept else "."))
    for root, server in servers.items():
        if server.changes:
            click.echo(_register(server, settings.home, client, root))
    if not no_backfill:
        _backfill(settings)
    if retention is None:
        _say_retention(settings)
    click.echo(WORKS if runs else HINDERED)
    if joining is not None:
        from accrete.commands.team import join_with

        click.echo()
        join_with(common.settings(), joining, yes=yes)


def _joining(
    settings: Settings,
    team: str | None,
    token: str | None,
    tier: int,
    projects: str,
    ca_file: str | None,
) -> Choice | None:
    """What is to be shared; None without a team. Raises AccreteError before anything is written."""
    if (team is None) != (token is None):
        raise click.UsageError("Give both --team and --token, or neither.")
    if team is None or token is None:
        return None
    if (held := read_choice(settings)) is not None:
        raise AccreteError(f"This machine shares with {held.url}. Leave first: accrete team leave")
    return replace(join(team, token, tier=tier, ca_file=ca_file), projects=projects)


def _to_do_by_hand(error: AccreteError, home: Path) -> AccreteError:
    """The error with what a person adds to their settings where we cannot, an event a line."""
    groups = {
        event: json.dumps([{"hooks": [install.handler(home, event)]}], ensure_ascii=False)
        for event in install.EVENTS
    }
    lines = ",\n".join(f'    "{event}": {text}' for event, text in groups.items())
    snippet = '{\n  "hooks": {\n' + lines + "\n  }\n}"
    return AccreteError(f"{error}\nFix it and try again, or add by hand:\n{snippet}")


def _plans(
    settings: Settings, paths: list[Path], *, statusline: bool, days: int | None, dry_run: bool
) -> list[install.Plan]:
    """What changes in each settings file. Raises CannotEditError, with what to add by hand, where
    one cannot be changed safely."""
    plans = []
    for path in paths:
        try:
            plan = install.plan_hooks(path, settings.home)
            plan = install.with_statusline(plan, settings.home) if statusline else plan
            plans.append(install.with_retention(plan, days) if days is not None else plan)
        except install.CannotEditError as error:
            if not dry_run:  # what is added by hand needs something to run
                install.write_scripts(settings.home)
            raise _to_do_by_hand(error, settings.home) from error
    return plans


def _show(
    settings: Settings,
    plans: list[install.Plan],
    servers: dict[Path, install.Plan],
    client: str | None,
    days: int | None,
) -> bool:
    """Shows what will change, and what keeps it from having an effect; returns whether nothing
    does."""
    for plan in plans:
        show_change(plan)
        for said in _asides(plan, days):
            click.echo(said)
    for server in servers.values():
        if server.changes:
            click.echo(
                "MCP server `accrete` for your user, "
                f"{'through `claude mcp add`' if client else f'in {server.path}'}."
            )
        else:
            click.echo("The MCP server is already registered.")
    found = hooks_found.effects(settings, [plan.path for plan in plans])
    show_findings([finding for finding in found if finding.level != "ok"])
    refused = any(wrong_values(jsontext.object_of(plan.text)) for plan in plans)
    return not refused and all(finding.level != "bad" for finding in found)


def _asides(plan: install.Plan, days: int | None) -> list[str]:
    """What a diff does not say: a value that Claude Code refuses, a retention that stays or that an
    administrator overrules."""
    said = []
    after = jsontext.object_of(plan.text)
    for _, words in wrong_values(after):
        said.append(f"Claude Code ignores all of {plan.path}, hooks included, because {words}.")
    if days is None:
        return said
    if plan.retention is None and after.get("cleanupPeriodDays") != days:
        said.append(
            f"cleanupPeriodDays stays {after.get('cleanupPeriodDays')}, "
            "because --retention never lowers it."
        )
    stronger, path = Stack(managed_layers(), []).value("cleanupPeriodDays")
    if path is not None:
        said.append(
            f"Managed settings ({path}) set cleanupPeriodDays "
            f"to {stronger}, so yours has no effect."
        )
    return said


def settings_files(settings: Settings, scope: str, config_dir: Path | None) -> list[Path]:
    """The settings files of a scope: of all config folders in use, of the one that is given, or of
    this folder. Raises AccreteError where both a scope of its own and a config folder are given."""
    if scope == "user" and config_dir is None:
        return [root / "settings.json" for root in hooks_found.roots_in_use(settings)]
    return [settings_file(settings, scope, config_dir)]


def settings_file(settings: Settings, scope: str, config_dir: Path | None) -> Path:
    """The settings file of a scope. Raises AccreteError where both a scope of its own and a config
    folder are given."""
    if scope == "project":
        if config_dir is not None:
            raise AccreteError("Give either --scope project or --config-dir, not both.")
        try:
            return Path.cwd() / ".claude" / "settings.local.json"
        except OSError:
            raise AccreteError(
                "This folder no longer exists. Go to the project's folder and try again."
            ) from None
    return (
        config_dir.expanduser().absolute() if config_dir else settings.roots[0]
    ) / "settings.json"


def state_file(root: Path) -> Path:
    """The file in which Claude Code keeps its MCP servers: in the home for the usual config folder,
    else in the folder."""
    user = Path(os.environ.get("HOME") or Path.home())
    usual = root == user / ".claude" and root not in _named_roots(user)
    return user / ".claude.json" if usual else root / ".claude.json"


def _named_roots(user: Path) -> list[Path]:
    """The config folders that the environment names."""
    return config_roots(os.environ, user) if os.environ.get("CLAUDE_CONFIG_DIR", "").strip() else []


def find_client() -> str | None:
    """The Claude Code client on the path."""
    return shutil.which("claude")


def run_client(client: str, root: Path, *words: str) -> bool:
    """Runs `claude mcp …` for a config folder; returns whether it ended well."""
    env = {name: value for name, value in os.environ.items() if name != "CLAUDE_CONFIG_DIR"}
    if state_file(root).parent == root:
        env["CLAUDE_CONFIG_DIR"] = str(root)
    try:
        done = subprocess.run(
            [client, "mcp", *words],
            capture_output=True,
            timeout=CLIENT_TIMEOUT_S,
            check=False,
            env=env,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def show_change(plan: install.Plan) -> None:
    """The change of a settings file as a diff."""
    from difflib import unified_diff

    if not plan.changes:
        click.echo(f"{plan.path} already has the hooks.")
        return
    before, after = (_as_lines(text) for text in (plan.before, plan.after))
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


def _as_lines(text: str | None) -> list[str]:
    """A settings text as a diff shows it: over several lines also where the file has it on one."""
    text = (text or "").removeprefix(jsontext.BOM)
    if "\n" in text.strip() or not text.strip():
        return text.splitlines()
    return json.dumps(jsontext.check(text), indent=2, ensure_ascii=False).splitlines()


def agreed() -> bool:
    """Whether the person wants it written. Raises AccreteError where nobody can be asked."""
    if not sys.stdin.isatty():
        raise AccreteError(
            "Can't ask here (no terminal). Check with --dry-run, then run with --yes."
        )
    try:
        return click.confirm("Apply these changes?", default=True)
    except click.Abort:
        click.echo("\nNothing was written.", err=True)
        raise click.exceptions.Exit(130) from None


def _register(plan: install.Plan, home: Path, client: str | None, root: Path) -> str:
    """Registers the server through the client where there is one, else in its file; says which."""
    server = install.server(home)
    if client is not None:
        if f'"{install.PROGRAM}"' in (
            plan.before or ""
        ):  # the client replaces no server of the same name
            run_client(client, root, "remove", "--scope", "user", install.PROGRAM)
        if run_client(
            client,
            root,
            "add",
            "--scope",
            "user",
            install.PROGRAM,
            "--env",
            f"ACCRETE_HOME={home}",
            "--",
            server["command"],
            *server["args"],
        ):
            return "Registered the MCP server through `claude mcp add`."
    again = install.plan_server(plan.path, home, there=True)
    kept = installed.install(home, again) if again.changes else None
    return f"Registered the MCP server in {plan.path}" + (
        f" (previous version: {kept})." if kept else "."
    )


def _backfill(settings: Settings) -> None:
    from accrete.commands.backfill import read

    read(settings, if_none="No transcripts yet.")


def _say_retention(settings: Settings) -> None:
    from accrete.edge.retention import kept_for, retention

    days, said = retention(settings)
    longer = " To keep the files longer: accrete init --retention 365" if days < LONG_DAYS else ""
    click.echo(f"{kept_for(days, said)} Accrete keeps what it has read.{longer}")
