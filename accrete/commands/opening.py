"""Opens the record for a command, and resolves the names in its arguments."""

from __future__ import annotations

from contextlib import suppress

import click

from accrete.database import Sqlite
from accrete.database.opening import open_for_reading
from accrete.edge.local import ME, MINE
from accrete.errors import AccreteError, NoRecordError, OldRecordError
from accrete.queries.rules import other_rules
from accrete.queries.sessions import sessions_named
from accrete.settings import Settings, read_settings

EMPTY = (
    "The record is empty. Run `accrete backfill`, or `accrete doctor` to see where Accrete looks."
)


def open_record(settings: Settings) -> Sqlite:
    """The record to read from, brought up to date first where an older version wrote it. Raises
    NoRecordError when there is none yet, AccreteError when it needs a newer program, or more room
    to be brought up to date than there is."""
    try:
        db = open_as_it_is(settings)
    except OldRecordError:
        from accrete.care.upgrade import upgrade

        click.echo("Updating the record for this version of Accrete (once) …", err=True)
        kept = upgrade(settings)
        if kept is not None:
            click.echo(f"The record as it was is kept for 30 days: {kept}", err=True)
        catch_up(settings)
        return open_for_reading(settings.database)
    if db.ask(other_rules(MINE, settings.projects)):
        with suppress(AccreteError):  # it cannot be written now: the next ingest does it
            settle(settings)
    return db


def open_as_it_is(settings: Settings) -> Sqlite:
    """The record to read from. Raises NoRecordError when there is none yet, OldRecordError when an
    older version wrote it."""
    try:
        return open_for_reading(settings.database)
    except NoRecordError as error:
        raise NoRecordError(_no_record(settings, str(error))) from None


def _no_record(settings: Settings, otherwise: str) -> str:
    """Why there is no record, and what to do."""
    from accrete.commands.hooks_found import is_gone

    if is_gone(settings):
        return (
            f"The data folder {settings.home} is gone, though hooks in Claude Code's settings "
            "write to it. Mount it again, or run `accrete init` to start a new one."
        )
    return otherwise


def settle(settings: Settings) -> None:
    """Works projects out again, by what the person says of them now."""
    from accrete.derive.projects import settle_projects
    from accrete.ingest import open_for_writing

    writable = open_for_writing(settings)
    try:
        settle_projects(writable, ME, settings)
    finally:
        writable.close()


def catch_up(settings: Settings) -> None:
    """Reads what hooks wrote while a command held the record: the ingests that they started left it
    to that."""
    from accrete.record import spooled

    if spooled.waiting(settings):
        from accrete.ingest.background import background

        background(settings)


def find_session(db: Sqlite, prefix: str) -> str:
    """The id of the one session that is meant; what is new of the session this shell runs in is
    read first."""
    if prefix == "current":
        from accrete.edge.start import freshen

        freshen(read_settings())
    from accrete.edge.names import find_session

    return find_session(db, MINE, prefix)


def find_project(db: Sqlite, name: str) -> str:
    """The id of the one project that is called so."""
    from accrete.edge.project_names import find_project

    return find_project(db, MINE, name)


def nothing(db: Sqlite, what: str) -> str:
    """Why nothing is shown: the record is empty, or no `what`, a plural, matches."""
    if not db.ask(sessions_named(MINE, "latest")):
        return EMPTY
    return f"No {what} match. Remove a filter, or list all sessions with `accrete sessions --all`."
