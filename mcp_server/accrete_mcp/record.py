"""The record as one call of a tool sees it: opened for it, closed after it, never written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from accrete.clock import LocalNow
from accrete.database import Sqlite
from accrete.errors import AccreteError, NoRecordError
from accrete.queries.names import ME, named_project
from accrete.queries.projects import other_rules, project_at
from accrete.queries.scope import Scope
from accrete.schema import latest_version
from accrete.settings import Settings, read_settings
from accrete.store import search_is_current
from accrete.wake import start

HERE, ALL = "here", "all"
NOTHING_YET = "There is no record yet. The user has to run `accrete init` (or `accrete backfill`) in a terminal once."


class Record:
    """The record as one call sees it: opened for it and closed after it, so that every call sees what is new."""

    def __init__(self, settings: Settings, db: Sqlite) -> None:
        import time

        self.settings = settings
        self.db = db
        self.now = LocalNow(settings.zone, int(time.time() * 1000))

    def scope(self, project: str, since: str | None, until: str | None = None, *, automated: bool | None = False
              ) -> tuple[Scope, str]:  # fmt: skip
        """What a question is about, and how to say so. Raises AccreteError for days and projects that it cannot understand."""
        first, last = (self.now.day(day) if day else None for day in (since, until))
        if first and last and first > last:
            raise AccreteError(f"since {first} is after until {last}. Swap them.")
        when = (f" since {first}" if first else "") + (f" until {last}" if last else "")
        when += ", figures within this range" if when else ""
        if project == ALL:
            identity, said = None, f"all projects{when}"
        elif project == HERE:
            folder = os.environ.get("CLAUDE_PROJECT_DIR") or os.getcwd()
            here = project_at(self.db, ME, self.settings.projects, folder)
            identity, said = here.id, f"project {here.name}{when} (project='all' for all)"
        else:
            one = named_project(self.db, project)
            identity, said = one.id, f"project {one.name}{when}"
        scope = Scope(ME, since=first, until=last, project=identity, automated=automated, zone=self.settings.zone)
        return scope, said

    def time(self, at: int | None) -> str | None:
        """A local time, as the shapes have it."""
        return self.now.local.text(at) if at is not None else None


@contextmanager
def record() -> Iterator[Record]:
    """The record for one call. Raises AccreteError with what to do where there is none, or one of another version."""
    settings = read_settings()
    wake(settings)
    try:
        db = Sqlite(settings.database, readonly=True)
    except FileNotFoundError:
        raise NoRecordError(NOTHING_YET) from None
    if db.version < 1:
        db.close()
        raise NoRecordError(NOTHING_YET)
    if db.version < latest_version() or not search_is_current(db):
        db.close()
        start()
        raise AccreteError(
            "The record is of an older version and is being brought up to date now. Ask again in a minute."
        )
    if db.ask(other_rules(settings.projects)):
        start()  # an ingest goes by the rules of now
    try:
        yield Record(settings, db)
    finally:
        db.close()


def wake(settings: Settings) -> None:
    """Starts an ingest where hooks wrote something that nobody read yet; does not wait for it."""
    try:
        with os.scandir(settings.spool) as entries:
            waits = any(entry.name.endswith(".hook") for entry in entries)
    except OSError:
        waits = False
    if waits:
        start()
