"""`accrete-team projects`: the published list of a company's projects."""

from __future__ import annotations

import json

import click

from accrete.record import published
from accrete_team import tokens
from accrete_team.opened import opened


@click.group()
def projects() -> None:
    """Projects that everybody shares under one id and name."""


@projects.command("add")
@click.argument("slug")
@click.argument("remote")
@click.option("--name", default="", help="What it is called; else the last part of REMOTE.")
def projects_add(slug: str, remote: str, name: str) -> None:
    """List a project of a company by its git remote, such as github.com/owner/name."""
    _, db = opened(slug)
    try:
        made = published.add(db, remote, name, tokens.now_ms())
    finally:
        db.close()
    click.echo(f"Listed {made.name} ({made.remote}). Machines learn of it at their next sync.")


@projects.command("remove")
@click.argument("slug")
@click.argument("remote")
def projects_remove(slug: str, remote: str) -> None:
    """Take a project off the list. Each machine then shares it under a random id again."""
    _, db = opened(slug)
    try:
        gone = published.remove(db, remote)
    finally:
        db.close()
    click.echo(f"Took {gone.name} ({gone.remote}) off the list.")


@projects.command("list")
@click.argument("slug")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def projects_list(slug: str, as_json: bool) -> None:
    """List the published projects."""
    _, db = opened(slug)
    try:
        found = published.published(db)
    finally:
        db.close()
    if as_json:
        click.echo(json.dumps([each._asdict() for each in found]))
        return
    for each in found:
        click.echo(f"{each.name:30} {each.id}  {each.remote}")
    if not found:
        click.echo(f"No projects yet. List one: accrete-team projects add {slug} REMOTE")
