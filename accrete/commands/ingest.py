"""`accrete ingest`: started by hooks; reads what is new and ends."""

from __future__ import annotations

import os
import time

import click

from accrete.commands import common
from accrete.ingest.background import background, be_modest, derive_later, keep_to_ourselves
from accrete.settings import remember_used
from accrete.sync.soon import may_be_due


@click.command("ingest")
@click.option("--now", "at_once", is_flag=True, help="Recompute long sessions at once, too.")
@click.option("--later", is_flag=True, hidden=True)
@click.option("--pull-states", is_flag=True, hidden=True)
@common.json_option
def command(at_once: bool, later: bool, pull_states: bool, as_json: bool) -> None:
    """Read what hooks wrote and the transcripts they name.

    Hooks start it; `accrete backfill` shows more. If another ingest is running, it leaves the work
    to that one. Figures of very long sessions follow within minutes.
    """
    settings = common.settings()
    remember_used(settings.home, os.environ)
    be_modest()
    keep_to_ourselves(settings)
    if later:
        derive_later(settings)
        return
    if pull_states:
        from accrete.ingest.pull_states import ask

        ask(settings, os.environ)
        return
    report = background(settings, at_once=at_once)
    if report.due is not None:
        from accrete.edge import start as wake

        wake.later()
    if settings.pull_request_states != "off" and not report.held_elsewhere:
        from accrete.edge import start as wake
        from accrete.ingest.pull_states import is_due

        if is_due(settings, os.environ, int(time.time() * 1000)):
            wake.pull_states()
    if not report.held_elsewhere and may_be_due(settings.home):
        from accrete.sync.retry import sync_if_due

        sync_if_due(settings)
    if as_json:
        from accrete.insight.answer import made
        from accrete.insight.upkeep import Ingested

        common.print_answer(made(Ingested, report))
