"""`accrete team`: joins a team server, says what is shared, and changes or ends it."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import replace

import click

from accrete.commands import common
from accrete.commands.practices import find
from accrete.commands.sync import agreed_with, erased, explain, show_rows, synced
from accrete.edge import timer
from accrete.edge.benchmarks import drop
from accrete.errors import AccreteError
from accrete.ingest import open_for_writing
from accrete.insight.sharing import RefusedRows, TeamStatus
from accrete.queries.projects import known_projects
from accrete.queries.refused import NotTakenRows, refused_rows
from accrete.record.shared import begin_anew, nothing_is_held
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
from accrete.sync.soon import JOINING

NO_TEAM = "This machine shares with no team. Join one: accrete team join URL --token TOKEN"
TIERS = {
    1: "metadata: ids, days, counts, tokens, cost, practices seen; no names but published ones",
    2: "also tool activity: paths, patches, branches, times, of commands what ran and where",
    3: "also texts: prompts, answers, titles, outputs",
}
STAYS = (
    "You have not left. To leave now, without deleting there what you shared: "
    "accrete team leave --keep"
)
REASONS_SHOWN = 5


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
    "--private",
    multiple=True,
    metavar="PATTERN",
    help="Do not share projects with such a git remote, for example 'github.com/me/*'.",
)
@click.option(
    "--ca-file",
    type=click.Path(exists=True, dir_okay=False),
    help="Trust the certificates in this file too.",
)
@click.option("--timer", "with_timer", is_flag=True, help="Also sync hourly by a system timer.")
@click.option("--preview", is_flag=True, help="Print the rows that would leave, and do not join.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def join_team(url: str, token: str, tier: int, projects: str, private: tuple[str, ...],
              ca_file: str | None, with_timer: bool, preview: bool, yes: bool) -> None:  # fmt: skip
    """Join the team at URL. Shows what would leave before anything does."""
    settings = common.settings()
    choice = join(url, token, tier=tier, ca_file=ca_file)
    choice = replace(choice, projects=projects, private=private)
    if preview:
        _before_it_joins(settings, choice)
        show_rows(settings, choice)
        return
    join_with(settings, choice, yes=yes)
    if with_timer:
        _timer_on(settings)
    elif not timer_is_on(settings):
        click.echo("It runs after your sessions. Also hourly by itself: accrete team timer on")


def join_with(settings: Settings, choice: Choice, *, yes: bool) -> None:
    """Joins: shows in words what would leave, asks, and sends it."""
    heard = _before_it_joins(settings, choice)
    click.echo(f"{choice.company} at {choice.url}, tier {choice.tier} ({TIERS[choice.tier]}).\n")
    click.echo(explain(settings, choice, preview="accrete team join … --preview"))
    if not yes:
        click.confirm("\nShare this, and what follows, until you pause or leave?", abort=True)
    at = heard.heard_at  # what was chosen on other machines before does not count here
    choice = replace(choice, tier_at=at, paused_at=at, projects_at=at, cleared_at=at)
    (settings.home / JOINING).unlink(missing_ok=True)
    write_choice(settings, choice)
    click.echo(synced(settings, choice))


def _before_it_joins(settings: Settings, choice: Choice) -> Choice:
    """What the server says to a machine that shares with none yet. Raises AccreteError for another
    machine, and where the server does not answer."""
    if (held := read_choice(settings)) is not None:
        raise AccreteError(f"This machine shares with {held.url}. Leave first: accrete team leave")
    previewed = settings.home / JOINING
    db = open_for_writing(settings)
    try:
        if not previewed.is_file() or previewed.read_text("utf-8") != choice.address:
            begin_anew(db, common.ME)
            previewed.write_text(choice.address, "utf-8")
        return agreed_with(db, choice)  # what is listed there leaves under its listed id
    finally:
        db.close()


@command.command("status")
@common.json_option
def status(as_json: bool) -> None:
    """Say what is shared, and with whom."""
    settings = common.settings()
    choice = read_choice(settings)
    if as_json:
        refused = _refused(settings) if choice else []
        common.print_answer(
            TeamStatus(
                joined=choice is not None,
                url=choice.url if choice else None,
                company=choice.company if choice else None,
                tier=choice.tier if choice else None,
                projects=choice.projects if choice else None,
                listed=list(choice.listed) if choice else [],
                excluded=list(choice.excluded) if choice else [],
                private=list(choice.private) if choice else [],
                tiers=dict(choice.lower) if choice else {},
                paused=choice.paused if choice else False,
                timer=timer_is_on(settings),
                refused=[RefusedRows(*each) for each in refused],
            )
        )
        return
    if choice is None:
        click.echo("Nothing is shared. To join a team: accrete team join URL --token TOKEN")
        return
    paused = " Paused: nothing is sent." if choice.paused else ""
    paused = " Paused on another machine: nothing is sent." if choice.paused_elsewhere else paused
    click.echo(f"Shared with {choice.company} at {choice.url}.{paused}")
    click.echo(f"Tier {choice.tier}: {TIERS[choice.tier]}.")
    click.echo(f"Projects: {_projects(settings, choice)}.")
    click.echo(_when(settings))
    click.echo(explain(settings, choice))
    if said := _said_refused(_refused(settings)):
        click.echo(said)


@command.command("pause")
def pause() -> None:
    """Send nothing until `accrete team resume`, from any of your machines."""
    settings = common.settings()
    choice = replace(_joined(settings), paused=True, paused_elsewhere=False)
    choice = _chosen(settings, choice, "paused")
    try:
        synced(settings, choice)  # says so to the server
        others = "Your other machines pause when they sync next."
    except AccreteError as error:
        others = f"Your other machines are told later: {error}"
    click.echo(
        "Paused. What was shared stays with the team; `accrete team delete-my-data` deletes it "
        f"there. {others}"
    )


@command.command("resume")
def resume() -> None:
    """Send again, from all your machines."""
    settings = common.settings()
    choice = replace(_joined(settings), paused=False, paused_elsewhere=False)
    click.echo(synced(settings, _chosen(settings, choice, "paused")))


@command.command("tier")
@click.argument("tier", type=click.IntRange(1, 3))
@click.option("--preview", is_flag=True, help="Print the rows that would leave, and stay.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def change_tier(tier: int, preview: bool, yes: bool) -> None:
    """Share at another tier. A lower one deletes what no longer fits from the server."""
    settings = common.settings()
    before = _joined(settings)
    choice = with_tier(before, tier)
    if preview:
        show_rows(settings, choice)
        return
    click.echo(f"Tier {tier}: {TIERS[tier]}.")
    if tier > before.tier and not yes:
        click.echo(explain(settings, choice, preview=f"accrete team tier {tier} --preview"))
        click.confirm("Share this, and what follows, until you pause or leave?", abort=True)
    click.echo(synced(settings, _chosen(settings, choice, "tier")))


@command.command("projects")
@click.argument(
    "mode",
    type=click.Choice((*MODES, "add", "remove", "exclude", "include", "private", "public", "tier")),
)
@click.argument("names", nargs=-1, metavar="[PROJECT|PATTERN]...")
def change_projects(mode: str, names: tuple[str, ...]) -> None:
    """Share all projects, listed ones, or none; add, remove, exclude or include some.

    `private PATTERN` shares none whose git remote is such as 'github.com/me/*'; `public PATTERN`
    ends that. `tier PROJECT 1` shares a project at a lower tier than the rest.
    """
    settings = common.settings()
    choice = _joined(settings)
    if mode in MODES:
        if names:
            raise click.UsageError(f"{mode} takes no projects. Use add, remove or exclude.")
        choice = replace(choice, projects=mode)
    elif not names:
        raise click.UsageError(_WANTED.get(mode, f"Name the projects to {mode}."))
    elif mode == "tier":
        choice = _with_lower(settings, choice, names)
    elif mode in ("private", "public"):
        kept = [each for each in choice.private if each not in names]
        added = names if mode == "private" else ()
        choice = replace(choice, private=tuple(dict.fromkeys((*kept, *added))))
    else:
        choice = _with_projects(settings, choice, mode, names)
    choice = _chosen(settings, choice, "projects")
    click.echo(f"Projects: {_projects(settings, choice)}.")
    click.echo(synced(settings, choice))


_WANTED = {
    "tier": "Name a project and its tier: accrete team projects tier NAME 1",
    "private": "Give a pattern of git remotes: accrete team projects private 'github.com/me/*'",
    "public": "Give a pattern that was private: `accrete team status` lists them.",
}


@command.command("teach")
@click.argument("name", metavar="PRACTICE")
@click.argument("mode", type=click.Choice(("on", "off")))
def teach_others(name: str, mode: str) -> None:
    """Offer to show a practice to others: they see your name beside it. `off` takes it back."""
    from accrete.sync.benchmarks import fetch, teach

    settings = common.settings()
    choice, practice = _joined(settings), find(name)
    offered = teach(choice, practice.name, mode == "on")
    with suppress(AccreteError):
        fetch(settings, choice, int(time.time() * 1000))
    click.echo(
        f"Members of {choice.company} now see your name beside {practice.name}. "
        f"To take it back: accrete team teach {practice.name} off"
        if offered
        else f"Your name is no longer shown beside {practice.name}."
    )


@command.command("leave")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--keep", is_flag=True, help="Leave what was shared with the team.")
def leave(yes: bool, keep: bool) -> None:
    """Leave the team. The server deletes what this machine shared; your own record stays as it is.

    `accrete team delete-my-data` deletes what your other machines shared, too.
    """
    settings = common.settings()
    choice = _joined(settings)
    what = "stop sharing" if keep else "stop sharing and delete what this machine shared"
    if not yes:
        click.confirm(f"Leave {choice.company}: {what}?", abort=True)
    if not keep:
        try:
            click.echo(synced(settings, choice, leaving=True))
        except AccreteError as error:
            raise AccreteError(f"{error} {STAYS}") from error
    drop_choice(settings)
    _timer_off(settings)
    drop(settings)
    click.echo(f"You left {choice.company}.")


@command.command("delete-my-data")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete_my_data(yes: bool) -> None:
    """Delete everything of yours from the server, whichever of your machines sent it.

    All your machines pause. Your own record stays as it is.
    """
    from accrete.sync.learn import delete_everything
    from accrete.sync.transport import UnreachableError, client

    settings = common.settings()
    choice = _joined(settings)
    if not yes:
        click.confirm(f"Delete all that {choice.company} has of you?", abort=True)
    with client(choice) as http:
        try:
            when = delete_everything(choice, http)
        except UnreachableError as error:  # the answer may be lost of what was done
            raise AccreteError(
                f"{error} Nothing says that your data was deleted there. Run this again later."
            ) from error
        except AccreteError as error:
            raise AccreteError(f"{error} Nothing was deleted there.") from error
    db = open_for_writing(settings)
    try:
        with db.transaction():
            nothing_is_held(db, common.ME)
    finally:
        db.close()
    at = when.rows_at
    write_choice(settings, replace(choice, paused=True, paused_at=at, cleared_at=at, unsaid=()))
    click.echo(f"Deleted all that {choice.company} had of you. {erased(settings, when)}")
    click.echo("Sharing is paused on all your machines. Leave: accrete team leave --keep")


@command.command("timer")
@click.argument("what", type=click.Choice(("on", "off", "status")), default="status")
def change_timer(what: str) -> None:
    """Sync hourly by a timer of the system (systemd or launchd), also when no session runs."""
    settings = common.settings()
    if what == "on":
        _joined(settings)
        _timer_on(settings)
    elif what == "off":
        gone = _timer_off(settings)
        click.echo("The timer is off." if gone else "There is no timer.")
    else:
        on = timer_is_on(settings)
        click.echo(
            "The timer is on." if on else "The timer is off. Turn it on: accrete team timer on"
        )


def timer_is_on(settings: Settings) -> bool:
    """Whether a timer of the system starts syncs."""
    try:
        return timer.is_on(timer.timer(settings, os.environ))
    except AccreteError:
        return False


def _timer_on(settings: Settings) -> None:
    made = timer.timer(settings, os.environ)
    left = timer.turn_on(made)
    click.echo(f"Wrote {', '.join(str(path) for path in made.files)}")
    click.echo(f"Start it yourself: {left}" if left else "A due sync is now started hourly.")


def _timer_off(settings: Settings) -> bool:
    try:
        return bool(timer.turn_off(timer.timer(settings, os.environ)))
    except AccreteError:
        return False


def _joined(settings: Settings) -> Choice:
    choice = read_choice(settings)
    if choice is None:
        raise AccreteError(NO_TEAM)
    return choice


def _chosen(settings: Settings, choice: Choice, what: str) -> Choice:
    """Keeps a choice of `what`, of which the server has yet to hear."""
    choice = replace(choice, unsaid=tuple(sorted({*choice.unsaid, what})))
    write_choice(settings, choice)
    return choice


def _found(settings: Settings, names: tuple[str, ...]) -> list[str]:
    db = common.open_record(settings)
    try:
        return [common.find_project(db, name) for name in names]
    finally:
        db.close()


def _with_projects(settings: Settings, choice: Choice, mode: str, names: tuple[str, ...]) -> Choice:
    found = set(_found(settings, names))
    listed, excluded = set(choice.listed), set(choice.excluded)
    if mode == "add":
        listed, excluded = listed | found, excluded - found
    elif mode == "remove":
        listed = listed - found
    elif mode == "include":
        excluded = excluded - found
    else:
        excluded = excluded | found
    return replace(choice, listed=tuple(sorted(listed)), excluded=tuple(sorted(excluded)))


def _with_lower(settings: Settings, choice: Choice, names: tuple[str, ...]) -> Choice:
    """The choice with a tier of its own for some projects; that of all the rest ends it."""
    *projects, tier = names
    if tier not in ("1", "2", "3") or not projects:
        raise click.UsageError("Give a project and its tier: accrete team projects tier NAME 1")
    lower = dict(choice.lower)
    for each in _found(settings, tuple(projects)):
        lower[each] = int(tier)
        if int(tier) >= choice.tier:
            del lower[each]
    return replace(choice, lower=tuple(sorted(lower.items())))


def _projects(settings: Settings, choice: Choice) -> str:
    db = common.open_record(settings)
    try:
        names = {each.id: each.name for each in db.ask(known_projects(common.MINE))}
    finally:
        db.close()
    said = choice.projects
    if choice.projects == "listed":
        said += f" ({', '.join(names.get(each, each) for each in choice.listed) or 'none yet'})"
    if choice.excluded:
        said += f", without {', '.join(names.get(each, each) for each in choice.excluded)}"
    if choice.private and choice.projects == "all":
        said += f", none at {', '.join(choice.private)}"
    for project, tier in choice.lower:
        said += f", {names.get(project, project)} at tier {min(tier, choice.tier)}"
    return said


def _refused(settings: Settings) -> list[NotTakenRows]:
    db = common.open_record(settings)
    try:
        return db.ask(refused_rows(common.MINE))
    finally:
        db.close()


def _said_refused(found: list[NotTakenRows]) -> str:
    """How many rows the server did not take, and why."""
    if not found:
        return ""
    rows = sum(each.rows for each in found)
    reasons = [f"  {common.plural(each.rows, 'row')} of {each.table}: {each.why}" for each in found]
    if (more := len(reasons) - REASONS_SHOWN) > 0:
        reasons = [*reasons[:REASONS_SHOWN], f"  and {common.plural(more, 'other reason')}"]
    begin = f"{common.plural(rows, 'row')} not taken by the server. Sent again when they, Accrete "
    return "\n".join([f"{begin}or the server change:", *reasons])


def _when(settings: Settings) -> str:
    """When something was sent last, and what went wrong since."""
    last, now = read_last(settings), common.local_now(settings)
    said = (
        f"Last sent {now.prose(last.ok_at)}." if last.ok_at is not None else "Nothing was sent yet."
    )
    if last.failures:
        said += f" Failed {common.plural(last.failures, 'time')} since: {last.fault}"
    return said
