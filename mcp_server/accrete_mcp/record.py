"""The record for one tool call: opened, closed, never written."""

from __future__ import annotations

import os
import re
from calendar import monthrange
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from accrete.clock import LocalNow
from accrete.database import Sqlite
from accrete.database.disk_space import refuse_without_room
from accrete.database.opening import open_for_reading
from accrete.edge.local import MINE
from accrete.edge.project_names import named_project
from accrete.edge.start import start
from accrete.errors import AccreteError, NewerRecordError, NoRecordError, OldRecordError
from accrete.queries.projects import project_at
from accrete.queries.rules import other_rules
from accrete.queries.scope import Scope
from accrete.record.stored_facts import search_is_current
from accrete.settings import Settings, read_settings
from accrete.sync.soon import may_be_due
from accrete_mcp.shorten import Short

HERE, ALL = "here", "all"
ALIKE = {
    ".": HERE,
    "this": HERE,
    "current": HERE,
    "*": ALL,
    "any": ALL,
    "everything": ALL,
    "all projects": ALL,
}
"""Other words that models have for them."""
UNITS = {"day": "d", "week": "w", "month": "m", "year": "y"}
_AGO = re.compile(r"(?:(?:the )?(?:last|past) )?(\d{1,5}) ?(day|week|month|year)s?(?: ago)?")
NOTHING_YET = (
    "There is no record yet. "
    "The user has to run `accrete init` (or `accrete backfill`) in a terminal once."
)
THIS_SERVER_IS_OLD = (
    "The record was updated by a newer version of Accrete, and this server is still the older one. "
    "The user has to reconnect it (/mcp) or restart Claude Code; if that does not help, upgrade "
    "with pipx upgrade accrete-ai, or uv tool upgrade accrete-ai."
)


class Record:
    """The record as one call sees it: opened for it and closed after it, so that every call sees
    what is new."""

    def __init__(self, settings: Settings, db: Sqlite) -> None:
        import time

        self.settings = settings
        self.db = db
        self.now = LocalNow(settings.zone, int(time.time() * 1000))
        self.short = Short(self.time)

    def scope(
        self,
        project: str,
        since: str | None,
        until: str | None = None,
        *,
        automated: bool | None = False,
    ) -> tuple[Scope, str]:
        """The scope of a question, and its name. Raises AccreteError for unknown dates and
        projects."""
        first, last = self._day(since, 0), self._day(until, 1)
        if first and last and first > last:
            raise AccreteError(
                f"since {first} is after until {last}. "
                f'Call it with since="{last}", until="{first}".'
            )
        when = (f" since {first}" if first else "") + (f" until {last}" if last else "")
        when += ", figures within this range" if when else ""
        identity, said = self._project(project)
        said += when
        scope = replace(
            MINE,
            since=first,
            until=last,
            project=identity,
            automated=automated,
            zone=self.settings.zone,
        )
        return scope, said

    def _project(self, project: str) -> tuple[str | None, str]:
        """The id of a project, None for all of them, and how to say so."""
        name = ALIKE.get(project.strip().lower(), project.strip())
        folder = folder_at_hand()
        if name.lower() == ALL:
            return None, "all projects"
        if name.lower() in (HERE, ""):
            if folder is None:
                return None, "all projects (the server's start folder is gone)"
            here = project_at(self.db, MINE, self.settings.projects, folder)
            return here.id, f"project {here.name} (project='all' for all)"
        one = named_project(
            self.db, MINE, os.path.join(folder or os.sep, name) if name.startswith(".") else name
        )
        return one.id, f"project {one.name}"

    def _day(self, text: str | None, end: int) -> str | None:
        """The local day that a text means; `end`: 1 for the last of several days, 0 for the
        first."""
        if text is None:
            return None
        lower = " ".join(text.lower().replace("_", " ").split())
        whole = self._span(lower)
        if whole is not None:
            return whole[end]
        ago = _AGO.fullmatch(lower)
        try:
            return self.now.day(
                f"{ago[1]}{UNITS[ago[2]]}"
                if ago
                else re.sub(r"^(\d{4}-\d\d-\d\d)[t ].*", r"\1", lower)
            )
        except AccreteError:
            raise AccreteError(
                f"{text[:40]!r} is not a date. "
                "Call it with a date (2026-03-01), today, yesterday, last week, 14d, 2w or 3m."
            ) from None

    def _span(self, words: str) -> tuple[str, str] | None:
        """The first and the last day of a week or month that is named by words, or of a month or
        year by number."""
        today = self.now.today
        monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
        before = first - timedelta(days=1)
        named = {
            "this week": (monday, today),
            "last week": (monday - timedelta(days=7), monday - timedelta(days=1)),
            "this month": (first, today),
            "last month": (before.replace(day=1), before),
        }
        if words in named:
            return named[words][0].isoformat(), named[words][1].isoformat()
        by_number = re.fullmatch(r"(\d{4})(?:-(0[1-9]|1[0-2]))?", words)
        if by_number is None or by_number[1] == "0000":
            return None
        year, begins, ends = int(by_number[1]), int(by_number[2] or 1), int(by_number[2] or 12)
        return f"{year:04}-{begins:02}-01", f"{year:04}-{ends:02}-{monthrange(year, ends)[1]}"

    def time(self, at: int | None) -> str | None:
        """A local time, as the shapes have it."""
        return self.now.local.text(at) if at is not None else None

    def day(self, at: int | None) -> str | None:
        """A local day."""
        return self.now.local.day(at) if at is not None else None


def folder_at_hand() -> str | None:
    """The folder that Claude Code was started in, even if it was removed since; None if unknown."""
    named = os.environ.get("CLAUDE_PROJECT_DIR")
    if named:
        return named
    try:
        return os.getcwd()
    except OSError:
        pass
    try:
        return os.readlink("/proc/self/cwd").removesuffix(" (deleted)")
    except OSError:  # there is no such file but on Linux
        return None


@contextmanager
def record() -> Iterator[Record]:
    """The record for one call. Raises AccreteError with what to do where there is none, or one of
    another version."""
    settings = read_settings()
    wake(settings)
    try:
        db = open_for_reading(settings.database)
        if not search_is_current(db):
            db.close()
            raise OldRecordError("The search index is outdated.")
    except NoRecordError:
        raise NoRecordError(NOTHING_YET) from None
    except NewerRecordError:
        raise NewerRecordError(THIS_SERVER_IS_OLD) from None
    except OldRecordError:
        refuse_without_room(settings.database)
        start()
        raise AccreteError(
            "The record is being updated from an older version. Ask again in a minute."
        ) from None
    if db.ask(other_rules(MINE, settings.projects)):
        start()  # an ingest goes by the rules of now
    try:
        yield Record(settings, db)
    finally:
        db.close()


def wake(settings: Settings) -> None:
    """Starts an ingest where hooks wrote something that nobody read yet, and a sync where one is
    due; waits for neither."""
    if may_be_due(settings.home):
        from accrete.sync.retry import sync_if_due

        sync_if_due(settings)
    try:
        with os.scandir(settings.spool) as entries:
            waits = any(entry.name.endswith(".hook") for entry in entries)
    except OSError:
        waits = False
    if waits:
        start()
