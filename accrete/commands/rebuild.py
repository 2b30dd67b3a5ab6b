"""`accrete rebuild`: recomputes everything from stored rows."""

from __future__ import annotations

import time

import click

from accrete.care.maintain import rebuild
from accrete.commands import common


@click.command("rebuild")
@common.json_option
def command(as_json: bool) -> None:
    """Work everything out anew from the stored rows.

    Owners, totals, times, prices and the search index: for a new price table, changed settings or a new version.
    Needs no transcript and reads none.
    """
    settings = common.settings()
    common.open_record(settings).close()
    began = time.monotonic()
    done = rebuild(settings)
    common.catch_up(settings)
    seconds = time.monotonic() - began
    if as_json:
        common.print_json({"sessions": done.sessions, "redacted_again": done.redacted, "seconds": seconds})
        return
    click.echo(f"Worked out {common.plural(done.sessions, 'session')} anew in {seconds:.1f} s.")
    if done.redacted:
        click.echo(f"{common.plural(done.redacted, 'stored text')} held something that newer redaction patterns know.")
