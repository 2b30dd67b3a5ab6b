"""`accrete note`: writes a note on a session."""

from __future__ import annotations

import time

import click

from accrete.commands import common
from accrete.ingest import open_for_writing
from accrete.queries.sessions import said_of
from accrete.record.notes import note


@click.command("note")
@click.argument("session_id", metavar="SESSION")
@click.argument("words", nargs=-1, metavar="[TEXT]...")
@click.option("--remove", "-r", is_flag=True, help="Remove the note.")
@common.json_option
def command(session_id: str, words: tuple[str, ...], remove: bool, as_json: bool) -> None:
    """Write a note on a session, replacing the old one; without a text, print it.

    SESSION is the beginning of an id, `latest` or `current`. Secrets in notes are redacted too.
    """
    settings = common.settings()
    db = common.open_record(settings)
    identity = common.find_session(db, session_id)
    if words and remove:
        raise click.UsageError("Give a text or --remove, not both.")
    if words and not " ".join(words).strip():
        raise click.UsageError("The note is empty. Give a text, or --remove to delete the old one.")
    if words or remove:
        writable = open_for_writing(settings)
        try:
            note(writable, common.ME, identity, " ".join(words) or None, int(time.time() * 1000))
        finally:
            writable.close()
    said = db.ask(said_of(common.about(identity)))
    if as_json:
        from accrete.insight.upkeep import Said

        common.print_answer(Said(identity, said.tags, said.note))
    else:
        click.echo(f"{identity[:8]}  {common.plain(said.note) if said.note else 'no note'}")
