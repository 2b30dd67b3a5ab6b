"""`accrete tag`: adds or removes tags on a session."""

from __future__ import annotations

import time

import click

from accrete.commands import common
from accrete.ingest import open_for_writing
from accrete.queries.sessions import said_of
from accrete.record.notes import tag, untag


@click.command("tag")
@click.argument("session_id", metavar="SESSION")
@click.argument("tags", nargs=-1, metavar="[TAG]...")
@click.option("--remove", "-r", is_flag=True, help="Remove these tags.")
@common.json_option
def command(session_id: str, tags: tuple[str, ...], remove: bool, as_json: bool) -> None:
    """Add tags to a session; without a tag, list them.

    `accrete sessions --tag TAG` finds tagged sessions. SESSION is the beginning of an id, `latest`
    or `current`.
    """
    settings = common.settings()
    db = common.open_record(settings)
    identity = common.find_session(db, session_id)
    if tags:
        writable = open_for_writing(settings)
        try:
            if remove:
                untag(writable, common.ME, identity, tags)
            else:
                tag(writable, common.ME, identity, tags, int(time.time() * 1000))
        finally:
            writable.close()
    said = db.ask(said_of(common.about(identity)))
    if as_json:
        from accrete.insight.upkeep import Said

        common.print_answer(Said(identity, said.tags, said.note))
    else:
        click.echo(f"{identity[:8]}  {' '.join('#' + each for each in said.tags) or 'no tags'}")
