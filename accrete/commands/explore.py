"""`accrete explore`: opens the record as pages in a browser."""

from __future__ import annotations

import html
import ipaddress
import os
import secrets
import sys
import webbrowser
from collections.abc import Callable
from pathlib import Path

import click

from accrete.commands import common
from accrete.errors import AccreteError
from accrete.settings import Settings

PORT = 7410


@click.command("explore")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="Listen on this port; 0 takes a free one.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Listen on this loopback address. Others are refused.",
)
@click.option("--no-browser", is_flag=True, help="Print the address instead of opening it.")
@click.option(
    "--as-lead",
    "tier",
    type=click.IntRange(1, 3),
    metavar="TIER",
    help="Show what a lead of a team would see of you at this tier. Nothing is sent.",
)
def command(port: int, host: str, no_browser: bool, tier: int | None) -> None:
    """Open your record in a browser.

    The pages are served on this machine only, to the browser that the command opens. Ctrl-C ends
    it.
    """
    settings = common.settings()
    from accrete.explorer.listening import in_address, listen

    listening = listen(_loopback(host), port)
    number = listening.getsockname()[1]
    from accrete.commands.deeds import LocalDeeds
    from accrete.explorer.guard import Keys
    from accrete.explorer.local import local_application, serve

    keys = Keys(number)
    if tier is not None:
        from accrete.commands.as_lead import as_lead

        app = as_lead(settings, tier, keys, in_address(host))
    else:
        app = local_application(
            settings, keys, common.local_style(), LocalDeeds(settings), host=in_address(host)
        )
    address = f"http://{in_address(host)}:{number}"

    def opened() -> None:
        _say(settings, address, keys.token, browser=not no_browser)

    serve(app, listening, opened)


def _loopback(host: str) -> str:
    """The address that a host means. Raises AccreteError for one that others can reach."""
    name = "127.0.0.1" if host == "localhost" else host.strip("[]")
    try:
        if ipaddress.ip_address(name).is_loopback:
            return name
    except ValueError:
        pass
    raise AccreteError(
        f"{host} is no loopback address: others could read your record. Use 127.0.0.1, and an "
        "SSH tunnel to read it from another machine."
    )


def _say(settings: Settings, address: str, token: Callable[[], str], *, browser: bool) -> None:
    """Opens the browser through a file that only this user can read: an address on a command line
    can be read by all."""
    if browser and _can_open():
        path = _page(settings.home, f"{address}/open?token={token()}")
        if webbrowser.open(path.as_uri()):
            click.echo(f"Accrete is at {address}/ for the browser that just opened.")
            click.echo("If none did:")
    url = f"{address}/open?token={token()}"
    click.echo(f"Open this address within a minute; it works once:\n  {url}\nCtrl-C ends it.")


def _can_open() -> bool:
    """Whether there is a screen for a browser."""
    return sys.platform in ("darwin", "win32") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("BROWSER")
    )


def _page(home: Path, url: str) -> Path:
    folder = home / "explorer"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    for old in folder.glob("open-*.html"):
        old.unlink(missing_ok=True)
    path = folder / f"open-{secrets.token_hex(4)}.html"
    text = (
        '<!doctype html><meta charset="utf-8"><title>Accrete</title>'
        f'<meta http-equiv="refresh" content="0;url={html.escape(url)}">'
    )
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    return path
