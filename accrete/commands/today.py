"""`accrete today`: the overview of today."""

from __future__ import annotations

import click

from accrete.commands import common
from accrete.commands.overview import command as overview


@click.command("today")
@common.project_options
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Also show models, tools, more rows and the basis of each figure.",
)
@common.json_option
@click.pass_context
def command(ctx: click.Context, project: str | None, everything: bool, as_json: bool) -> None:
    """Show the overview of today: how much you did and what it cost."""
    ctx.invoke(overview, since="today", project=project, everything=everything, as_json=as_json)
