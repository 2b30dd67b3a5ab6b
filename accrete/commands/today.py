"""`accrete today`: the overview of today."""

from __future__ import annotations

import click

from accrete.commands import common
from accrete.commands.overview import command as overview


@click.command("today")
@common.project_options
@click.option("--all", "everything", is_flag=True, help="Also models, tools, and how each figure is known.")
@common.json_option
@click.pass_context
def command(ctx: click.Context, project: str | None, everything: bool, as_json: bool) -> None:
    """How much you did today and what it cost: `accrete overview --since today`."""
    ctx.invoke(overview, since="today", project=project, everything=everything, as_json=as_json)
