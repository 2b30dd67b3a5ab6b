"""`accrete-team company archive | export | import | backup | restore | move | retention |
budget`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from accrete.present.formats import money
from accrete_team import budgets, copies, moves, nightly, people, portable, tenants
from accrete_team.opened import opened, registry
from accrete_team.tokens import now_ms

_FILE = click.Path(path_type=Path)


@click.command("archive")
@click.argument("slug")
def company_archive(slug: str) -> None:
    """Close a company and keep what it holds: machines send nothing until it is opened again."""
    copies.archive(registry(), slug)
    click.echo(f"{slug} is archived. Open it again: accrete-team company unarchive {slug}")


@click.command("unarchive")
@click.argument("slug")
def company_unarchive(slug: str) -> None:
    """Open an archived company again."""
    copies.unarchive(registry(), slug)
    click.echo(f"{slug} is active. Its machines send at their next sync.")


@click.command("export")
@click.argument("slug")
@click.argument("file", type=_FILE, required=False)
def company_export(slug: str, file: Path | None) -> None:
    """Write all that a company holds to one new file, which `import` reads on either engine.
    Everybody in it sees that this happened."""
    target = _target(slug, file, ".zip")
    manifest = copies.export(registry(), slug, target)
    click.echo(f"Wrote {_holds(manifest)} to {target}. Only you can read it.")
    click.echo(f"Next: accrete-team company import NAME {target}")


@click.command("import")
@click.argument("slug")
@click.argument("file", type=_FILE)
def company_import(slug: str, file: Path) -> None:
    """Make a company of an exported file: a SQLite file, or a PostgreSQL database where
    ACCRETE_DATABASE_URL is set."""
    manifest = copies.load(registry(), slug, file, admin_url=tenants.admin_url())
    click.echo(f"{slug} is ready: {_holds(manifest)}, the same as in {file}.")
    if slug != manifest.company:
        click.echo(
            f"Tokens name their company, so those of {manifest.company} do not work here. "
            "Make new ones: accrete-team token create"
        )


@click.command("backup")
@click.argument("slug")
@click.argument("file", type=_FILE, required=False)
def company_backup(slug: str, file: Path | None) -> None:
    """Copy a company while it serves, to a new file: of SQLite the database, of PostgreSQL an
    export."""
    found = copies.found(registry(), slug)
    target = _target(slug, file, ".db" if found.engine == "sqlite" else ".zip")
    size = copies.backup(registry(), slug, target)
    click.echo(f"Wrote {size / 1e6:,.1f} MB to {target}. Only you can read it.")
    click.echo("It keeps what people delete from now on: delete old backups.")


@click.command("restore")
@click.argument("slug")
@click.argument("file", type=_FILE)
def company_restore(slug: str, file: Path) -> None:
    """Make a company of a backup, under a name that no company has."""
    found = copies.restore(registry(), slug, file, admin_url=tenants.admin_url())
    click.echo(f"{slug} is ready ({found.engine}), as {file} holds it.")
    click.echo("It holds again what people deleted since that backup. Tell them.")


@click.command("move")
@click.argument("slug")
@click.option("--to-sqlite", is_flag=True, help="To a file in the server's data folder.")
@click.option("--to-postgresql", is_flag=True, help="To the server of ACCRETE_DATABASE_URL.")
@click.option("--give-up", is_flag=True, help="End a move that broke off: it stays where it is.")
@click.option("--forget", is_flag=True, help="With --give-up: its other server is gone for good.")
def company_move(
    slug: str, to_sqlite: bool, to_postgresql: bool, give_up: bool, forget: bool
) -> None:
    """Move a company to the other engine or another PostgreSQL server: copied, compared row for
    row, switched. Machines wait meanwhile and lose nothing. If that breaks off, repeat it; `doctor`
    says how."""
    if to_sqlite + to_postgresql + give_up != 1:
        raise click.UsageError("Give one of --to-sqlite, --to-postgresql and --give-up.")
    if forget and not give_up:
        raise click.UsageError("--forget goes with --give-up.")
    admin = tenants.admin_url()
    if give_up:
        moved = moves.give_up(registry(), slug, admin_url=admin, forget=forget)
        click.echo(f"{slug} stays on {moved.company.engine}. It is {moved.company.state}.")
    else:
        moved = moves.move(registry(), slug, admin_url=admin, to_sqlite=to_sqlite)
        click.echo(f"{slug} is on {moved.company.engine} now.")
    if moved.gone:
        click.echo(f"Removed its other database: {', '.join(moved.gone)}.")
    if moved.left:
        click.echo(moved.left)


@click.command("retention")
@click.argument("slug")
@click.option("--tier", type=click.IntRange(1, 3), help="Of sessions of this tier.")
@click.option("--leavers", is_flag=True, help="Of people who left.")
@click.option("--days", help="How many days, or none: for ever.")
def company_retention(slug: str, tier: int | None, leavers: bool, days: str | None) -> None:
    """Show or set how long a company keeps sessions, by tier, and those of people who left."""
    now = now_ms()
    _, db = opened(slug)
    try:
        if days is not None:
            if (tier is None) != leavers:
                raise click.UsageError("Give one of --tier and --leavers.")
            whole = days.isascii() and days.isdigit() and 0 < int(days[:9]) < 100_000
            if days != nightly.KEEP and not whole:
                raise click.BadParameter(f"{days!r} is no number of days from 1 on, nor none.")
            name = nightly.LEAVERS if tier is None else nightly.RETENTION[tier]
            nightly.set_days(db, name, None if days == nightly.KEEP else int(days), now)
            people.note(db, f"setting {name}", days, None, now)
        for each, name in nightly.RETENTION.items():
            click.echo(f"tier {each}: {_kept(nightly.days(db, name, now))}")
        left = nightly.days(db, nightly.LEAVERS, now, nightly.LEAVERS_DAYS)
        click.echo(f"people who left: {_kept(left)}")
    finally:
        db.close()


@click.command("budget")
@click.argument("slug")
@click.option("--month", help="Dollars that a calendar month may cost, or none.")
@click.option("--project", help="Of this published project alone: its name or id.")
def company_budget(slug: str, month: str | None, project: str | None) -> None:
    """Show or set what a month may cost, of a company and of published projects. Nothing is
    stopped: the pages of costs say when it is passed."""
    now = now_ms()
    _, db = opened(slug)
    try:
        if project is not None and month is None:
            raise click.UsageError("Give --month DOLLARS with --project, or none.")
        if month is not None:
            nano = budgets.read_dollars(month)
            budgets.set_budget(db, nano, actor=None, now=now, project=project or budgets.COMPANY)
        names = db.ask(budgets.project_names())
        known = db.ask(budgets.budgets())
        held = budgets.at(known, now)
        for key in sorted(held, key=lambda each: (each != budgets.COMPANY, names.get(each, each))):
            of = "the company" if key == budgets.COMPANY else names.get(key, key)
            day = datetime.fromtimestamp(held[key].since / 1000, UTC).date().isoformat()
            click.echo(f"{of}: {money(held[key].nano)} a month, set on {day} by {held[key].by}")
        if not held:
            click.echo(f"No budget. Set one: accrete-team company budget {slug} --month DOLLARS")
    finally:
        db.close()


def _kept(days: int | None) -> str:
    return "kept until their owner deletes them" if days is None else f"deleted after {days:,} days"


def _target(slug: str, file: Path | None, suffix: str) -> Path:
    """The file to write: one named after company and moment in this or the given folder."""
    if file is not None and not file.is_dir():
        return file
    at = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    return (file or Path()) / f"{slug}-{at}{suffix}"


def _holds(manifest: portable.Manifest) -> str:
    rows = sum(each.rows for each in manifest.tables.values())
    return f"{manifest.tables['session'].rows:,} sessions, {rows:,} rows"


COMMANDS = (
    company_archive, company_unarchive, company_export, company_import, company_backup,
    company_restore, company_move, company_retention, company_budget,
)  # fmt: skip
