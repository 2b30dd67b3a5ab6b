"""`accrete-team`: the server, its companies, their people and tokens."""

from __future__ import annotations

import json
import logging
import ssl
import sys
from contextlib import suppress
from datetime import datetime
from typing import IO

import click

from accrete.errors import AccreteError
from accrete_team import company_commands, copies, tenants, tokens
from accrete_team.demo_commands import demo
from accrete_team.oidc import check_provider
from accrete_team.opened import opened, registry
from accrete_team.people_commands import person, team
from accrete_team.project_commands import projects
from accrete_team.registry import Provider
from accrete_team.release_commands import release

PORT = 7420


class Stoppable(click.Group):
    """Commands that Ctrl-C ends with a sentence."""

    def invoke(self, ctx: click.Context) -> object:
        """See click."""
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, click.Abort):
            click.echo(
                "\nStopped. `accrete-team doctor` says if something is to be done.", err=True
            )
            ctx.exit(130)


@click.group(cls=Stoppable, context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """The team server of Accrete: what developers chose to share, a database for each company."""


@commands.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True)
@click.option(
    "--certificate", type=click.Path(exists=True), help="Serve TLS with this certificate."
)
@click.option("--key", type=click.Path(exists=True), help="The key of the certificate.")
@click.option(
    "--nightly", default="03:30", show_default=True,
    help="When to do the nightly job, HH:MM by this machine's clock; or off.",
)  # fmt: skip
def serve(host: str, port: int, certificate: str | None, key: str | None, nightly: str) -> None:
    """Serve all companies. Behind a proxy that ends TLS, or with a certificate of its own."""
    import uvicorn

    from accrete.explorer.listening import in_address, listen
    from accrete_team import patience
    from accrete_team.app import application

    try:
        quiet = None if nightly == "off" else datetime.strptime(nightly, "%H:%M").time()
    except ValueError:
        raise click.BadParameter(f"{nightly!r} is no time HH:MM, nor off.") from None

    _check_certificate(certificate, key)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    app = application(registry(), nightly_at=quiet)
    listening = listen(host, port)
    config = patience.config(app, ssl_certfile=certificate, ssl_keyfile=key)
    at = f"{in_address(host)}:{listening.getsockname()[1]}"
    click.echo(f"Serving at {'https' if certificate else 'http'}://{at}/c/COMPANY/ until Ctrl-C.")
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
    if not server.started:
        sys.exit(3)


def _check_certificate(certificate: str | None, key: str | None) -> None:
    """Raises AccreteError for a certificate that cannot be served with."""
    if certificate is None:
        if key is not None:
            raise AccreteError("--key goes with --certificate, which names its certificate.")
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, _no_password)
    except (OSError, ValueError) as error:
        raise AccreteError(
            f"{certificate} and {key or 'the key in it'} are no certificate with its key in PEM "
            f"without a password: {error}"
        ) from None


def _no_password() -> str:
    raise ValueError("the key has a password")


@commands.group()
def company() -> None:
    """Companies."""


@company.command("create")
@click.argument("slug")
def company_create(slug: str) -> None:
    """Make a company and its database: a file, or a PostgreSQL database where
    ACCRETE_DATABASE_URL is set."""
    made = tenants.create(registry(), slug, admin_url=tenants.admin_url())
    click.echo(f"{made.slug} is ready ({made.engine}).")
    click.echo(f'Next: accrete-team person add {slug} "Name", then accrete-team token create')


@company.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def company_list(as_json: bool) -> None:
    """List the companies."""
    found = registry().companies()
    if as_json:
        click.echo(
            json.dumps([{"slug": c.slug, "engine": c.engine, "state": c.state} for c in found])
        )
        return
    for each in found:
        click.echo(f"{each.slug:40} {each.engine:10} {each.state}")
    if not found:
        click.echo("No companies yet. Make one: accrete-team company create NAME")


@company.command("delete")
@click.argument("slug")
@click.option("--yes", is_flag=True, help="Do not ask.")
def company_delete(slug: str, yes: bool) -> None:
    """Delete a company and everything it holds, for good."""
    if registry().find(slug) is None:
        raise AccreteError(f"There is no company {slug}. See `accrete-team company list`.")
    if not yes and not _agreed(f"Delete all that {slug} holds? Nothing brings it back"):
        raise AccreteError("Nothing was deleted. To delete without being asked: --yes")
    gone = tenants.delete(registry(), slug, admin_url=tenants.admin_url())
    click.echo(f"Deleted {slug}: {', '.join(gone) or 'nothing was there'}.")


def _agreed(question: str) -> bool:
    """Whether the answer is yes; at the end of the input it is no."""
    try:
        return click.confirm(question)
    except click.Abort:
        click.echo()
        return False


for _each in company_commands.COMMANDS:
    company.add_command(_each)


@commands.group()
def token() -> None:
    """Tokens of machines."""


@token.command("create")
@click.argument("slug")
@click.argument("name")
@click.option("--label", default="", help="What the machine is called.")
def token_create(slug: str, name: str, label: str) -> None:
    """Make a token for a machine of a person. It is shown this once."""
    _, db = opened(slug, in_use=True)
    try:
        made = tokens.make_token(db, slug, tokens.person_named(db, name), label, tokens.now_ms())
    finally:
        db.close()
    click.echo(made)


@token.command("list")
@click.argument("slug")
def token_list(slug: str) -> None:
    """List the tokens, with the week of their last use."""
    _, db = opened(slug)
    try:
        for each in tokens.tokens(db):
            state = "revoked" if each.revoked_at else each.used_week or "never used"
            click.echo(f"{each.device[:8]}  {each.name:30} {each.label:20} {state}")
    finally:
        db.close()


@token.command("revoke")
@click.argument("slug")
@click.argument("device")
def token_revoke(slug: str, device: str) -> None:
    """End a token, by its id in the list."""
    _, db = opened(slug)
    try:
        tokens.revoke(db, device, tokens.now_ms())
    finally:
        db.close()
    click.echo(f"Revoked {device}.")


@token.command("rotate")
@click.argument("slug")
@click.argument("device")
def token_rotate(slug: str, device: str) -> None:
    """Give a machine another token, by the id of its own in the list; that one ends at once. The
    new one is shown this once."""
    _, db = opened(slug, in_use=True)
    try:
        made = tokens.rotate(db, slug, device, tokens.now_ms())
    finally:
        db.close()
    click.echo(made)


@commands.group()
def sso() -> None:
    """Single sign-on of a company (OpenID Connect)."""


@sso.command("set")
@click.argument("slug")
@click.option("--issuer", required=True, help="The provider's address.")
@click.option("--client-id", required=True)
@click.option(
    "--secret-file", type=click.File("r"), required=True, help="A file with the client's secret."
)
def sso_set(slug: str, issuer: str, client_id: str, secret_file: IO[str]) -> None:
    """Let people sign in with a provider. It must send browsers back to
    https://YOUR-SERVER/c/SLUG/sso/back."""
    company, db = opened(slug)
    db.close()
    secret = secret_file.read().strip()
    if not secret:
        raise AccreteError("The file of the secret is empty.")
    provider = Provider(company.slug, check_provider(issuer), client_id, secret)
    registry().set_provider(company.slug, provider)
    click.echo(f"{slug} signs in with {issuer}; passwords work beside it.")


@sso.command("remove")
@click.argument("slug")
def sso_remove(slug: str) -> None:
    """Take it away: passwords remain."""
    copies.found(registry(), slug)
    registry().set_provider(slug, None)
    click.echo(f"{slug} signs in with passwords alone.")


@commands.command()
def migrate() -> None:
    """Bring the databases of all companies up to date."""
    done = tenants.migrate(registry())
    click.echo(f"Up to date: {', '.join(done) or 'no companies'}.")


@commands.command()
def doctor() -> None:
    """Say whether the server, its registry and each company are well; exit code 1 where not."""
    from accrete_team.doctor import examine

    findings = list(examine(registry(), tokens.now_ms()))
    for each in findings:
        click.echo(f"{'ok' if each.good else '!!'}  {each.says}")
    sys.exit(0 if all(each.good for each in findings) else 1)


@commands.command()
def openapi() -> None:
    """Print the OpenAPI description of the server's API."""
    from accrete_team import description

    click.echo(json.dumps(description.openapi(), indent=2))


@commands.command()
def nightly() -> None:
    """Delete what is kept too long, and take the bytes of deleted rows off the disk. For cron or a
    timer; `serve` does it by itself."""
    from accrete_team.nightly import run_all

    problems, none = 0, True
    for slug, done in run_all(registry(), tokens.now_ms()):
        none = False
        said = [f"{done.expired:,} expired" * bool(done.expired)]
        said += [f"{done.left:,} of people who left" * bool(done.left)]
        said += [f"rewritten: {', '.join(done.rewritten)}" * bool(done.rewritten)]
        if any(said) or not done.problem:
            click.echo(f"{slug}: {'; '.join(filter(None, said)) or 'nothing to delete'}.")
        if done.problem:
            problems += 1
            click.echo(f"{slug}: {done.problem}", err=True)
    if none:
        click.echo("No companies in use.")
    sys.exit(1 if problems else 0)


commands.add_command(person)
commands.add_command(projects)
commands.add_command(team)
commands.add_command(demo)
commands.add_command(release)


def main(args: list[str] | None = None) -> None:
    """Runs a command; what it cannot do is a sentence and exit code 1."""
    try:
        commands(args, standalone_mode=True)
    except AccreteError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except tenants.faults() as error:  # its text may quote rows
        click.echo(
            f"A database failed ({tenants.fault_said(error)}). Look into its log and at the disk; "
            "`accrete-team doctor` says which company is not well.",
            err=True,
        )
        sys.exit(1)


if __name__ == "__main__":
    main()
