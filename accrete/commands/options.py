"""The options that commands share, and the scope they describe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import click

from accrete.clock import LocalNow
from accrete.commands.opening import find_project
from accrete.database import Sqlite
from accrete.database.opening import open_for_reading
from accrete.edge.local import MINE
from accrete.errors import AccreteError
from accrete.present.formats import plural
from accrete.queries.scope import Scope
from accrete.queries.sessions import assumed_sessions, other_zones
from accrete.settings import read_settings

F = TypeVar("F", bound=Callable[..., object])


def json_option(command: F) -> F:
    """Adds `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def limit_option(shown: int | None, what: str = "rows") -> Callable[[F], F]:
    """Adds `-n`: how many rows at most, on the screen and in JSON alike. `shown`: how many the
    screen has without it."""
    default = f"  [default: {shown}]" if shown else ""
    return click.option(
        "-n",
        "--limit",
        type=click.IntRange(1),
        help=f"Show at most this many {what}, also in JSON.{default}",
    )


def scope_options(command: F) -> F:
    """Adds the options that narrow a question: --since, --until, --project, --exclude-project,
    --automated."""
    for option in reversed(
        (
            click.option(
                "--since",
                metavar="WHEN",
                help="Only what happened on or after this date: "
                "2026-03-01, today, yesterday, 14d, 2w, 3m.",
            ),
            click.option(
                "--until", metavar="WHEN", help="Only what happened on or before this date."
            ),
            project_options,
            click.option(
                "--automated/--human",
                default=None,
                help="Only automated sessions (-p, SDK, team members), or only your own.",
            ),
        )
    ):
        command = option(command)
    return command


def project_options(command: F) -> F:
    """Adds what narrows a question to projects: --project, --exclude-project."""
    command = click.option(
        "--exclude-project",
        metavar="NAME",
        multiple=True,
        expose_value=False,
        callback=_left_out,
        shell_complete=_complete_project,
        help="Leave out this project. Repeatable.",
    )(command)
    return click.option(
        "--project",
        metavar="NAME",
        help="Only this project (name, remote or folder).",
        shell_complete=_complete_project,
    )(command)


LEFT_OUT = "accrete.left_out"
"""Where a run keeps the projects that --exclude-project names."""


def _left_out(ctx: click.Context, param: click.Parameter, names: tuple[str, ...]) -> None:
    ctx.meta[LEFT_OUT] = names


def _complete_project(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from accrete.queries.projects import project_names

    try:
        names: list[str] = open_for_reading(read_settings().database).ask(project_names(MINE))
    except AccreteError:
        return []
    return [name for name in names if name.startswith(incomplete)]


def make_scope(db: Sqlite, now: LocalNow, since: str | None, until: str | None, project: str | None,
               automated: bool | None, *, branch: str | None = None, model: str | None = None,
               session: str | None = None) -> Scope:  # fmt: skip
    """The scope that the options describe. Raises AccreteError for a day or a project that cannot
    be understood."""
    first, last = (now.day(day) if day is not None else None for day in (since, until))
    if first and last and first > last:
        raise AccreteError(f"--since {since} is after --until {until}. Swap them.")
    tell_zone(db, now)
    return replace(
        MINE,
        since=first,
        until=last,
        project=find_project(db, project) if project is not None else None,
        automated=automated,
        session=session,
        branch=_used(db, "branch", branch),
        model=_used(db, "model", model),
        without=tuple(find_project(db, name) for name in left_out()),
        zone=now.local.zone,
    )


def _used(db: Sqlite, what: str, given: str | None) -> str | None:
    """The branch or model that is meant by a name."""
    if given is None:
        return None
    from accrete.edge.names import find_used

    return find_used(db, MINE, what, what, given)


def left_out() -> tuple[str, ...]:
    """The projects that --exclude-project names in this run."""
    ctx = click.get_current_context(silent=True)
    return tuple(ctx.meta.get(LEFT_OUT, ())) if ctx else ()


def tell_zone(db: Sqlite, now: LocalNow) -> None:
    """Says that the zone changed since the days were worked out, until an ingest has worked them
    out anew."""
    if others := db.ask(other_zones(replace(MINE, zone=now.local.zone))):
        click.echo(
            f"Days are in {', '.join(others)}. To use {now.local.zone}, run `accrete rebuild`.",
            err=True,
        )


def range_note(scope: Scope, partly: int = 0) -> str | None:
    """The note under figures of a range, with how many sessions extend beyond it."""
    if not scope.ranged:
        return None
    beyond = (
        f"; {plural(partly, 'session')} {'extends' if partly == 1 else 'extend'} beyond it"
        if partly
        else ""
    )
    return f"Figures cover this range only{beyond}."


def assumed_reading(db: Sqlite, scope: Scope) -> str | None:
    """The note under figures that partly rest on the reading of an older version."""
    n = db.ask(assumed_sessions(scope))
    if not n:
        return None
    was = (
        "was read by an older version, so its"
        if n == 1
        else "were read by an older version, so their"
    )
    return f"{plural(n, 'session')} {was} figures are assumed. See `accrete doctor`."
