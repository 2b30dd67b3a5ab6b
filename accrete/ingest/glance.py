"""Tells that an ingest would find nothing to do, without loading what reads and derives: that takes
longer than to look.

Each condition is one that a step of the pipeline begins with. Whoever adds a step adds it here.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path

from accrete.care.copies import KEPT_S, before_upgrade
from accrete.database import Sqlite
from accrete.database.opening import open_for_reading
from accrete.derive import DERIVED_VERSION
from accrete.errors import AccreteError
from accrete.ingest.git_waiting import waiting_commits
from accrete.ingest.left_behind import parts_left
from accrete.ingest.report import Report
from accrete.outcomes.kinds import RUNNING
from accrete.projects.settled import PROJECTS_SETTLED, digest
from accrete.record import stored_facts as facts
from accrete.record.file_names import FORGOTTEN, hidden, text_of
from accrete.record.spooled import keeps_out
from accrete.redaction.version import REDACTION_VERSION
from accrete.settings import Settings
from accrete.transcript import READER_VERSION
from accrete.transcript.discover import Found, discover, signature

_FILES = """SELECT path, device, inode, size, mtime_ns, ctime_ns, meta_mtime_ns, missing_at, error,
    reader FROM source_file WHERE person = ?"""
_DUE: tuple[tuple[str, tuple[object, ...]], ...] = (
    ("SELECT 1 FROM session WHERE person = ? AND (stale = 1 OR derived_version < ?) LIMIT 1",
     (DERIVED_VERSION,)),
    ("SELECT 1 FROM forgotten WHERE person = ? AND what IN ('before', 'project') LIMIT 1", ()),
    ("""SELECT 1 FROM session s JOIN hook_event h ON h.person = s.person AND h.session = s.id
    WHERE s.person = ? AND s.outcome IS NULL AND s.outcome_reason = ? LIMIT 1""", (RUNNING,)),
)  # fmt: skip
"""Each finds a row where sessions are to be derived, to be deleted again, or may have ended. The
first of their parameters is the person."""


def glance(settings: Settings, paths: Iterable[Path] = ()) -> Report | None:
    """What an ingest would report that finds nothing to do; None where there may be something, or
    nobody can tell. Waits for no lock and writes nothing: what it sees is of one moment."""
    began = time.monotonic()
    if _left_behind(settings):
        return None
    try:
        search = discover(settings.roots, paths)
        db = open_for_reading(settings.database)
    except AccreteError:
        return None
    try:
        with db.reading():
            if not (
                _is_settled(db, settings)
                and _is_read(db, settings.person, search.files)
                and not waiting_commits(db, settings.person, int(time.time() * 1000))
            ):
                return None
    except AccreteError:
        return None
    finally:
        db.close()
    skipped = [(str(path), reason) for path, reason in search.unreadable]
    return Report(files=len(search.files), skipped=skipped, seconds=time.monotonic() - began)


def _left_behind(settings: Settings) -> bool:
    """Whether something in the data folder waits for an ingest, or for its end."""
    if keeps_out(settings) or parts_left(settings):
        return True
    try:
        copied = before_upgrade(settings.database).stat().st_mtime
    except OSError:
        return False
    return time.time() - copied > KEPT_S


def _is_settled(db: Sqlite, settings: Settings) -> bool:
    """Whether nothing waits to be derived, scrubbed, indexed or gone over again."""
    person = settings.person
    said = {
        (whose, name): value
        for whose, name, value in db.run(
            "SELECT person, name, value FROM fact WHERE person IN (?, ?)", (person, facts.RECORD)
        )
    }
    assumed = "SELECT 1 FROM session WHERE person = ? AND zone_assumed = 1 AND zone <> ? LIMIT 1"
    return (
        said.get((facts.RECORD, facts.SCRUB_WAITS)) != "1"
        and facts.search_is_current(db)
        and int(said.get((facts.RECORD, facts.REDACTED)) or 0) >= REDACTION_VERSION
        and said.get((person, facts.SWEPT)) == str(READER_VERSION)
        and said.get((person, facts.SUMMARIES_WAIT), "0") in ("0", "[]")
        and said.get((person, facts.WEEKS_WAIT), "0") == "0"
        and said.get((person, facts.AUTOMATED_BY), "[]") == json.dumps(settings.automated)
        and said.get((person, PROJECTS_SETTLED)) == digest(settings.projects)
        and not db.run(assumed, (person, settings.zone))
        and not any(db.run(sql, (person, *params)) for sql, params in _DUE)
    )


def _is_read(db: Sqlite, person: int, files: list[Found]) -> bool:
    """Whether every file is as it was when it was read, and none that was read is gone since."""
    known = {path: row for path, *row in db.run(_FILES, (person,))}
    some_hidden = any(path.startswith(FORGOTTEN) for path in known)
    here = set()
    for found in files:
        path = text_of(found.path)
        here.add(path)
        row = known.get(path) or (known.get(hidden(path)) if some_hidden else None)
        if row != [*signature(found), None, None, READER_VERSION]:
            return False
    gone = (
        path
        for path, (*_, missing_at, _, _) in known.items()
        if missing_at is None and path not in here and not path.startswith(FORGOTTEN)
    )
    return all(map(os.path.exists, gone))
