"""The command line: one file per command, imported when it is called."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

import click

from accrete import __version__
from accrete.errors import AccreteError
from accrete.sync.soon import may_be_due

COMMANDS = {
    "init": "Set up capture: hooks, MCP server, first backfill.",
    "status": "Check capture: hooks, events, latency, pending events, MCP server.",
    "overview": "Show the overview: how much, when, where, with which models and tools.",
    "explore": "Open your record in a browser.",
    "today": "Show the overview of today.",
    "backfill": "Read this machine's transcripts into the record.",
    "sessions": "List sessions, newest first.",
    "cost": "Show tokens and API-equivalent cost by day, project, model, session and more.",
    "blocks": "Show five-hour windows, as plans count them, and the current pace.",
    "practices": "Show your practices: which ones, since when, and the moments that prove it.",
    "compare": "Compare your practices with your team's.",
    "figures": "Compare your sessions: duration, messages, tokens, acceptance, outcome.",
    "show": "Replay one session, prompt by prompt.",
    "projects": "List your projects, newest first.",
    "tag": "Add or remove your tags on a session.",
    "note": "Write a note on a session.",
    "export": "Export the record or one session to a file.",
    "search": "Find words in prompts, answers, commands and paths.",
    "debug": "Find decisions: what Claude thought, and the actions that followed.",
    "doctor": "Check the record: what was read, what was not, "
    "what Claude Code will delete and when.",
    "team": "Share with your team: join, see what leaves, change it, leave.",
    "sync": "Send what you share to your team's server, or show it.",
    "forget": "Delete sessions for good.",
    "rebuild": "Recompute everything from stored rows; needs no transcripts.",
    "mcp": "Run the MCP server (Claude Code starts it).",
    "ingest": "Read what hooks wrote (hooks start it).",
    "backup": "Back up the record, or restore a backup.",
    "redact": "Show what redaction would remove from a file.",
    "statusline": "Print Claude Code's status line: "
    "cost with subagents, context, plan limits, a nudge.",
    "uninstall": "Remove the hooks and the MCP server; the record stays.",
    "completion": "Print shell completion code.",
}


READING = (["backfill"], ["init"], ["ingest"])
"""How a run begins that reads transcripts piece by piece, and can be continued."""
SYNCS_ITSELF = frozenset({"ingest", "init", "sync", "team", "uninstall"})
"""Commands beside which no due sync is started."""
OF_NO_RECORD = frozenset({"completion", "redact", "statusline", "mcp"})
"""Commands that leave the data folder as it is."""


class Lazy(click.Group):
    """Finds a command's module by its name, so that each command imports only what it needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of the help text."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"accrete.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Options before any command are the first screen's; `help` is --help."""
        if args and args[0] == "help":
            args = [*args[1:2], "--help"]
        elif (
            args and args[0].startswith("-") and args[0] not in ("-h", "--help", "-V", "--version")
        ):
            args = ["overview", *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments name; the nearest names are offered when there is none."""
        if args and args[0] not in COMMANDS:
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=2)
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            raise click.UsageError(f"No command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=Lazy,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "--version", "-V", message="accrete %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Accrete keeps a record of your work with Claude Code.

    Without a command, it shows the overview. The record is one database on this machine. Nothing
    leaves it.
    """
    if ctx.invoked_subcommand not in OF_NO_RECORD:
        from accrete.commands.hook_files import keep_current
        from accrete.settings import read_settings

        with suppress(AccreteError):  # the command says it
            settings = read_settings()
            keep_current(settings)
            if ctx.invoked_subcommand not in SYNCS_ITSELF and may_be_due(settings.home):
                from accrete.sync.retry import sync_if_due

                sync_if_due(settings)
    if ctx.invoked_subcommand is None:
        from accrete.commands.overview import command

        ctx.invoke(command)


def main(args: list[str] | None = None) -> None:
    """Runs the command line. Exit codes: 0 done, 1 an error that its message explains
    (of `redact`: something found), 2 wrong usage, 70 a fault
    of the program (logged with an id), 130 interrupted."""
    _survive_odd_terminals()
    try:
        code = cli.main(args=args, prog_name="accrete", standalone_mode=False)
        if isinstance(code, int) and code:
            sys.exit(code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        begun = (sys.argv[1:] if args is None else args)[:1]
        kept = (
            " Everything read so far is stored; run the command again to continue."
            if begun in READING
            else ""
        )
        click.echo(f"\nStopped.{kept}", err=True)
        sys.exit(130)
    except AccreteError as error:
        click.echo(f"accrete: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        _close_stdout()
        sys.exit(0)
    except SystemExit:
        if type(sys.stdout).__name__.endswith(
            "PacifyFlushWrapper"
        ):  # click's, when whoever read our output had enough
            _close_stdout()
            sys.exit(0)
        raise
    except PermissionError as error:
        click.echo(
            f"accrete: Cannot open {error.filename}: {error.strerror}. Check its permissions.",
            err=True,
        )
        sys.exit(1)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO, errno.EDQUOT):
            _fault(error)
        _close_stdout()
        click.echo(
            f"accrete: Cannot write: {error.strerror}. "
            "Free some disk space and run the command again.",
            err=True,
        )
        sys.exit(1)
    except Exception as error:
        _fault(error)


def _fault(error: Exception) -> NoReturn:
    from accrete.commands.fault import report

    click.echo(report(error), err=True)
    sys.exit(70)


def _survive_odd_terminals() -> None:
    """A terminal whose encoding lacks a character shows a replacement instead of ending the
    program. A stream that was closed before the start (`>&-`) leads nowhere: no file that is opened
    later may take its place."""
    while (fd := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(fd)
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115
    sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _close_stdout() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
