"""`accrete-team person` and `accrete-team team`: people, invitations, teams."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from accrete.database import Database
from accrete.errors import AccreteError
from accrete_team import people, tokens
from accrete_team.opened import opened


@contextmanager
def _company(slug: str, *, in_use: bool = False) -> Iterator[Database]:
    _, db = opened(slug, in_use=in_use)
    try:
        yield db
    finally:
        db.close()


@click.group()
def person() -> None:
    """People of a company."""


@person.command("add")
@click.argument("slug")
@click.argument("name")
@click.option("--email", help="What they sign in with.")
@click.option("--admin", is_flag=True, help="They administer the company.")
@click.option("--job", default="", help="A label for their job.")
@click.option("--since", "month", default="", help="The month in which they joined, 2026-03.")
def person_add(slug: str, name: str, email: str | None, admin: bool, job: str, month: str) -> None:
    """Add a person."""
    with _company(slug) as db, db.transaction():
        made = tokens.add_person(db, name)
        people.set_account(
            db, made, actor=None, now=tokens.now_ms(), email=email, admin=admin or None,
            job=job or None, start_month=month or None,
        )  # fmt: skip
        people.note(db, "added", name, None, tokens.now_ms())
    name = tokens.shown(name)
    click.echo(f'Added {name}. Next: accrete-team token create {slug} "{name}"')
    if email:
        click.echo(f'They sign in after: accrete-team person invite {slug} "{name}"')


@person.command("set")
@click.argument("slug")
@click.argument("name")
@click.option("--email", help="What they sign in with.")
@click.option("--admin/--no-admin", default=None, help="Whether they administer the company.")
@click.option("--job", help="A label for their job.")
@click.option("--since", "month", help="The month in which they joined, 2026-03.")
def person_set(
    slug: str, name: str, email: str | None, admin: bool | None, job: str | None, month: str | None
) -> None:
    """Change what is given of a person."""
    with _company(slug) as db:
        people.set_account(
            db, tokens.person_named(db, name), actor=None, now=tokens.now_ms(), email=email,
            admin=admin, job=job, start_month=month,
        )  # fmt: skip
    click.echo(f"Changed {name}.")


@person.command("invite")
@click.argument("slug")
@click.argument("name")
@click.option("--url", default="http://127.0.0.1:7420", show_default=True, help="The server's.")
def person_invite(slug: str, name: str, url: str) -> None:
    """Make a link with which a person sets a password, once, within a week."""
    if not re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", url):
        raise AccreteError(
            f"{url[:60]!r} is no address of a server. Write it as https://accrete.example."
        )
    with _company(slug, in_use=True) as db:
        who = tokens.person_named(db, name)
        secret = people.invite(db, who, actor=None, now=tokens.now_ms())
    click.echo(f"{url.rstrip('/')}/c/{slug}/invitation/{secret}")


@person.command("left")
@click.argument("slug")
@click.argument("name")
def person_left(slug: str, name: str) -> None:
    """A person left the company: they sign in no more, and their machines send nothing."""
    with _company(slug) as db:
        people.leave(db, tokens.person_named(db, name), actor=None, now=tokens.now_ms())
    click.echo(f"{name} left.")


@person.command("list")
@click.argument("slug")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def person_list(slug: str, as_json: bool) -> None:
    """List the people, by name."""
    with _company(slug) as db:
        found = people.members(db)
    if as_json:
        click.echo(json.dumps([
            {"name": each.name, "email": each.email, "admin": each.admin, "job": each.job,
             "since": each.start_month, "left": each.left_at is not None} for each in found
        ]))  # fmt: skip
        return
    for each in found:
        state = "left" if each.left_at else "administrator" if each.admin else ""
        click.echo(f"{each.name:30} {each.email or '—':36} {each.job:12} {state}".rstrip())
    if not found:
        click.echo(f'Nobody yet. Add somebody: accrete-team person add {slug} "Name"')


@click.group()
def team() -> None:
    """Teams of a company."""


@team.command("create")
@click.argument("slug")
@click.argument("name")
def team_create(slug: str, name: str) -> None:
    """Make a team."""
    with _company(slug) as db:
        people.make_team(db, name, actor=None, now=tokens.now_ms())
    click.echo(f'Made {name}. Next: accrete-team team add {slug} "{name}" "Person"')


@team.command("add")
@click.argument("slug")
@click.argument("name")
@click.argument("person_name", metavar="PERSON")
@click.option("--lead", is_flag=True, help="They lead the team.")
def team_add(slug: str, name: str, person_name: str, lead: bool) -> None:
    """Put a person in a team, or at its head, a day from now."""
    with _company(slug) as db:
        now = tokens.now_ms()
        since = people.place(
            db, tokens.person_named(db, person_name), name, "lead" if lead else "member",
            actor=None, now=now,
        )  # fmt: skip
    when = "now" if since <= now else "a day from now; the members are told"
    click.echo(f"{person_name} {'leads' if lead else 'is in'} {name}, from {when}.")


@team.command("remove")
@click.argument("slug")
@click.argument("name")
@click.argument("person_name", metavar="PERSON")
@click.option("--lead", is_flag=True, help="They lead the team no more, but stay in it.")
def team_remove(slug: str, name: str, person_name: str, lead: bool) -> None:
    """Take a person out of a team, or from its head, at once."""
    with _company(slug) as db:
        people.take_out(
            db, tokens.person_named(db, person_name), name, "lead" if lead else "member",
            actor=None, now=tokens.now_ms(),
        )  # fmt: skip
    click.echo(f"{person_name} is out of {name}.")


@team.command("list")
@click.argument("slug")
def team_list(slug: str) -> None:
    """List the teams with their people, and when those join who join later."""
    now = tokens.now_ms()

    def said(place: people.Place) -> str:
        if place.since <= now:
            return names[place.person]
        since = datetime.fromtimestamp(place.since / 1000, UTC)
        return f"{names[place.person]} (from {since:%Y-%m-%d %H:%M} UTC)"

    with _company(slug) as db:
        names = {each.person: each.name for each in people.members(db)}
        found = people.teams(db)
        for each in found:
            places = [place for place in people.places(db, team=each.id) if place.until is None]
            leads = sorted(said(place) for place in places if place.role == "lead")
            there = sorted(said(place) for place in places if place.role == "member")
            click.echo(f"{each.name}: {', '.join(there) or 'nobody'}")
            click.echo(f"  led by {', '.join(leads) or 'nobody'}")
    if not found:
        click.echo(f'No teams yet. Make one: accrete-team team create {slug} "Name"')


@team.command("dissolve")
@click.argument("slug")
@click.argument("name")
def team_dissolve(slug: str, name: str) -> None:
    """End a team, at once."""
    with _company(slug) as db:
        people.dissolve(db, name, actor=None, now=tokens.now_ms())
    click.echo(f"Dissolved {name}.")
