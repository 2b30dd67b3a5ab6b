"""`accrete team`: joins a team server, says what is shared, and changes or ends it."""

from __future__ import annotations

from dataclasses import replace

import click

from accrete.commands import common
from accrete.commands.sync import explain, synced
from accrete.errors import AccreteError
from accrete.ingest import open_for_writing
from accrete.insight.sharing import TeamStatus
from accrete.record.shared import begin_anew
from accrete.settings import Settings
from accrete.sync.choice import (
    MODES,
    Choice,
    drop_choice,
    join,
    read_choice,
    with_tier,
    write_choice,
)
from accrete.sync.due import read_last

NO_TEAM = "This machine shares with no team. Join one: accrete team join URL --token TOKEN"
TIERS = {
    1: "metadata: ids, days, counts, tokens, cost, practices seen; no names but published ones",
    2: "also tool activity: paths, patches, branches, times, of commands what ran and where",
    3: "also texts: prompts, answers, titles, outputs",
}


@click.group("team")
def command() -> None:
    """Share with your team: join, see what leaves, change it, leave."""


@command.command("join")
@click.argument("url")
@click.option("--token", required=True, help="The token that your administrator gave you.")
@click.option(
    "--tier",
    type=click.IntRange(1, 3),
    default=1,
    show_default=True,
    help="1 metadata, 2 also tool activity, 3 also texts.",
)
@click.option("--projects", type=click.Choice(MODES), default="all", show_default=True)
@click.option(
    "--ca-file",
    type=click.Path(exists=True, dir_okay=False),
    help="Trust the certificates in this file too.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def join_team(url: str, token: str, tier: int, projects: str, ca_file: str | None,
              yes: bool) -> None:  # fmt: skip
    """Join the team at URL. Shows what would leave before anything does."""
    settings = common.settings()
    if (held := read_choice(settings)) is not None:
        raise AccreteError(f"This machine shares with {held.url}. Leave first: accrete team leave")
    choice = replace(join(url, token, tier=tier, ca_file=ca_file), projects=projects)
    db = open_for_writing(settings)
    try:
        begin_anew(db, common.ME)
    finally:
        db.close()
    click.echo(f"{choice.company} at {choice.url}, tier {tier} ({TIERS[tier]}).\n")
    click.echo(explain(settings, choice))
    if not yes:
        click.confirm("\nShare this, and what follows, until you pause or leave?", abort=True)
    write_choice(settings, choice)
    click.echo(synced(settings, choice))


@command.command("status")
@common.json_option
def status(as_json: bool) -> None:
    """Say what is shared, and with whom."""
    settings = common.settings()
    choice = read_choice(settings)
    if as_json:
        common.print_answer(
            TeamStatus(
                joined=choice is not None,
                url=choice.url if choice else None,
                company=choice.company if choice else None,
                tier=choice.tier if choice else None,
                projects=choice.projects if choice else None,
                listed=list(choice.listed) if choice else [],
                excluded=list(choice.excluded) if choice else [],
                paused=choice.paused if choice else False,
            )
        )
        return
    if choice is None:
        click.echo("Nothing is shared. To join a team: accrete team join URL --token TOKEN")
        return
    paused = " Paused: nothing is sent." if choice.paused else ""
    click.echo(f"Shared with {choice.company} at {choice.url}.{paused}")
    click.echo(f"Tier {choice.tier}: {TIERS[choice.tier]}.")
    click.echo(f"Projects: {_projects(settings, choice)}.")
    click.echo(_when(settings))
    click.echo(explain(settings, choice))


@command.command("pause")
def pause() -> None:
    """Send nothing until `accrete team resume`."""
    _change(paused=True)
    click.echo(
        "Paused. What was shared stays with the team; `accrete team leave` deletes it there."
    )


@command.command("resume")
def resume() -> None:
    """Send again."""
    choice = _change(paused=False)
    click.echo(synced(common.settings(), choice))


@command.command("tier")
@click.argument("tier", type=click.IntRange(1, 3))
def change_tier(tier: int) -> None:
    """Share at another tier. A lower one deletes what no longer fits from the server."""
    settings = common.settings()
    choice = with_tier(_joined(settings), tier)
    write_choice(settings, choice)
    click.echo(f"Tier {tier}: {TIERS[tier]}.")
    click.echo(synced(settings, choice))


@command.command("projects")
@click.argument("mode", type=click.Choice((*MODES, "add", "remove", "exclude")))
@click.argument("names", nargs=-1, metavar="[PROJECT]...")
def change_projects(mode: str, names: tuple[str, ...]) -> None:
    """Share all projects, listed ones, or none; add, remove or exclude some."""
    settings = common.settings()
    choice = _joined(settings)
    if mode in MODES:
        if names:
            raise click.UsageError(f"{mode} takes no projects. Use add, remove or exclude.")
        choice = replace(choice, projects=mode)
    else:
        if not names:
            raise click.UsageError(f"Name the projects to {mode}.")
        db = common.open_record(settings)
        found = {common.find_project(db, name) for name in names}
        db.close()
        listed, excluded = set(choice.listed), set(choice.excluded)
        if mode == "add":
            listed, excluded = listed | found, excluded - found
        elif mode == "remove":
            listed = listed - found
        else:
            excluded = excluded | found
        choice = replace(choice, listed=tuple(sorted(listed)), excluded=tuple(sorted(excluded)))
    write_choice(settings, choice)
    click.echo(f"Projects: {_projects(settings, choice)}.")
    click.echo(synced(settings, choice))


@command.command("leave")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--keep", is_flag=True, help="Leave what was shared with the team.")
def leave(yes: bool, keep: bool) -> None:
    """Leave the team. The server deletes what you shared; your own record stays as it is."""
    settings = common.settings()
    choice = _joined(settings)
    what = "stop sharing" if keep else "stop sharing and delete what you shared"
    if not yes:
        click.confirm(f"Leave {choice.company}: {what}?", abort=True)
    if not keep:
        click.echo(synced(settings, choice, leaving=True))
    drop_choice(settings)
    click.echo(f"You left {choice.company}.")


def _joined(settings: Settings) -> Choice:
    choice = read_choice(settings)
    if choice is None:
        raise AccreteError(NO_TEAM)
    return choice


def _change(*, paused: bool) -> Choice:
    settings = common.settings()
    choice = replace(_joined(settings), paused=paused)
    write_choice(settings, choice)
    return choice


def _projects(settings: Settings, choice: Choice) -> str:
    db = common.open_record(settings)
    try:
        from accrete.queries.projects import known_projects

        names = {each.id: each.name for each in db.ask(known_projects(common.MINE))}
    finally:
        db.close()
    said = choice.projects
    if choice.projects == "listed":
        said += f" ({', '.join(names.get(each, each) for each in choice.listed) or 'none yet'})"
    if choice.excluded:
        said += f", without {', '.join(names.get(each, each) for each in choice.excluded)}"
    return said


def _when(settings: Settings) -> str:
    """When something was sent last, and what went wrong since."""
    last, now = read_last(settings), common.local_now(settings)
    said = (
        f"Last sent {now.prose(last.ok_at)}." if last.ok_at is not None else "Nothing was sent yet."
    )
    if last.failures:
        said += f" Failed {common.plural(last.failures, 'time')} since: {last.fault}"
    return said
