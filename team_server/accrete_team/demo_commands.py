"""`accrete-team demo`: a company of invented people, to look at."""

from __future__ import annotations

import secrets
import sys
from datetime import date, timedelta

import click

from accrete.database import Database
from accrete.errors import AccreteError
from accrete_team import people as accounts
from accrete_team import tenants, tokens
from accrete_team.demo import make
from accrete_team.opened import registry

SHOWN = """SELECT a.email, p.name, p.tier, a.admin, COALESCE(MIN(t.name), '')
FROM account a JOIN person p ON p.id = a.person
LEFT JOIN team_place l ON l.person = a.person AND l.role = 'lead'
LEFT JOIN team t ON t.id = l.team
WHERE a.left_at IS NULL GROUP BY a.person, a.email, p.name, p.tier, a.admin
ORDER BY a.person DESC"""


@click.command()
@click.argument("slug", default="demo")
@click.option("--people", type=click.IntRange(1, 5000), default=40, show_default=True)
@click.option("--weeks", type=click.IntRange(1, 260), default=26, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Another one: other people.")
@click.option("--until", help="The last day that is told.  [default: yesterday]")
@click.option("--password", help="With which all of them sign in.  [default: a random one]")
def demo(
    slug: str, people: int, weeks: int, seed: int, until: str | None, password: str | None
) -> None:
    """Make a company of invented people, to look at: teams, habits, half a year of sessions."""
    last = _day(until) if until else tokens.today() - timedelta(days=1)
    known, admin_url = registry(), tenants.admin_url()
    if known.find(slug) is not None:
        raise AccreteError(
            f"There is a company {slug} already. Choose another name, or delete it first: "
            f"accrete-team company delete {slug}"
        )
    shared = password or secrets.token_urlsafe(12)
    hashed = accounts.hash_password(shared)
    made = tenants.begin(known, slug, admin_url=admin_url)  # opened when it is whole
    try:
        db = tenants.empty_database(made)
        try:
            tenants.bring_up(db)
            bar = click.progressbar(length=people, label=f"Making {slug}", file=sys.stderr)
            with bar:
                sessions = make(
                    db, slug, people=people, weeks=weeks, seed=seed, until=last,
                    progress=lambda done, of: bar.update(done - bar.pos),
                )  # fmt: skip
            db.run("UPDATE account SET password = ?", (hashed,))
            shown = _to_sign_in_as(db)
        finally:
            db.close()
        tenants.activate(known, made)
    except BaseException:  # nothing is left of half a company
        tenants.undo(known, made, admin_url=admin_url)
        raise
    click.echo(f"{slug} is ready ({made.engine}): {people} people, {sessions:,} sessions.")
    click.echo(f"\nEverybody signs in with the password {shared}, for instance:\n")
    for email, what in shown:
        click.echo(f"  {email:40} {what}")
    click.echo(f"\nNext: accrete-team serve, then open /c/{slug}/ on it.")


def _to_sign_in_as(db: Database) -> list[tuple[str, str]]:
    """One e-mail address for each kind of viewer."""
    found: dict[str, str] = {}
    for email, name, tier, admin, leads in db.run(SHOWN):
        if admin:
            found.setdefault("administrator", email)
        elif leads:
            found[f"{name}, leads {leads}"] = email
        else:
            found.setdefault(f"shares at tier {tier}", email)
    lead = [what for what in found if ", leads " in what][:-1]
    return [(email, what) for what, email in found.items() if what not in lead]


def _day(given: str) -> date:
    try:
        found = date.fromisoformat(given)
    except ValueError:
        found = date.min
    if not date(2025, 1, 1) <= found <= date(2100, 12, 31):
        raise AccreteError(f"Can't read {given[:40]!r} as a date from 2025 on. Try 2026-03-01.")
    return found
