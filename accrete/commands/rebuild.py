"""`accrete rebuild`: recomputes everything from stored rows."""

from __future__ import annotations

import time

import click

from accrete.care.maintain import rebuild
from accrete.commands import common


@click.command("rebuild")
@common.json_option
def command(as_json: bool) -> None:
    """Recompute everything from stored rows: owners, totals, times, prices, search index.

    Use it after new prices or changed settings. It reads no transcripts.
    """
    settings = common.settings()
    common.open_record(settings).close()
    began = time.monotonic()
    done = rebuild(settings)
    common.catch_up(settings)
    seconds = time.monotonic() - began
    if as_json:
        from accrete.insight.upkeep import Rebuilt

        common.print_answer(Rebuilt(done.sessions, done.redacted, seconds))
        return
    click.echo(f"Recomputed {common.plural(done.sessions, 'session')} in {seconds:.1f} s.")
    if done.redacted:
        click.echo(f"Newer patterns redacted {common.plural(done.redacted, 'stored text')}.")
