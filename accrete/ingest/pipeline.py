"""The pipeline: discover, read what is new, redact, store, derive. Readable top to bottom."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from accrete.care.copies import expire
from accrete.care.upgrade import bring_up_to_date
from accrete.database import Sqlite
from accrete.derive.refresh import refresh
from accrete.derive.rest import Rests
from accrete.ingest import reread
from accrete.ingest.git_answers import ask_git
from accrete.ingest.left_behind import remove_parts
from accrete.ingest.reading import Reader
from accrete.ingest.report import Progress, Report
from accrete.ingest.stopping import held_back
from accrete.ingest.writer import Writer
from accrete.record import file_names, lock, spool, store
from accrete.record import files as sources
from accrete.record.forgotten import Forgotten
from accrete.record.stored_facts import REDACTED, SCRUB_WAITS
from accrete.redaction.version import REDACTION_VERSION
from accrete.settings import Settings
from accrete.transcript.discover import Search, discover
from accrete.transcript.read import Position

PASSES = 20
"""How often a pass is repeated while transcripts go on growing under it."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an ingest is asked for.

    paths: only what is under these; empty for the config folders. since: only files changed since
    then (UTC ms). jobs: reading processes beside the writer; None chooses. on_progress: is told how
    far it is. again_bytes: how much to read again of what an older reader read; None for all.
    rests: which sessions are read but not derived.
    """

    paths: tuple[Path, ...] = ()
    since: int | None = None
    jobs: int | None = None
    on_progress: Callable[[Progress], None] | None = None
    again_bytes: int | None = None
    rests: Rests | None = None


def ingest(
    settings: Settings,
    *,
    paths: tuple[Path, ...] = (),
    since: int | None = None,
    jobs: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    wait_s: float = 600.0,
    clock: Callable[[], float] = time.time,
) -> Report:
    """Brings the database up to date with the transcripts: those of the config folders, or those
    under `paths`.

    since: only files changed since then (UTC ms). jobs: reading processes beside the writer; None
    chooses.
    Runs again until a pass finds nothing new. Can be killed at any point without loss or
    duplicates.
    Raises AccreteError when the database cannot be written.
    """
    began = time.monotonic()
    report = Report()
    with lock.held(settings.lock, wait_s=wait_s) as mine:
        if not mine:
            report.held_elsewhere = True
            return report
        db = open_for_writing(settings)
        try:
            spool.keep_out(db, settings.person, settings)
            wishes = Wishes(paths, since, jobs, on_progress)
            passes(db, settings, report, wishes, began=began, clock=clock)
        finally:
            db.close()
    report.seconds = time.monotonic() - began
    return report


def passes(
    db: Sqlite,
    settings: Settings,
    report: Report,
    wishes: Wishes,
    *,
    began: float | None = None,
    clock: Callable[[], float] = time.time,
) -> None:
    """Reads until a pass finds nothing new; for a caller that holds the lock."""
    began = time.monotonic() if began is None else began
    expire(settings.database, clock())
    remove_parts(settings)
    _finish(db)
    store.assume_zone(db, settings.person, settings.zone)
    read, gone = frozenset[_Piece](), set[str]()
    for _ in range(PASSES):
        found = _pass(db, settings, report, wishes, began, int(clock() * 1000))
        if found.gone and found.read <= read:
            break
        report.lines_parsed += found.lines
        gone |= found.gone
        if not found.lines:
            break
        wishes, read = replace(wishes, again_bytes=0), found.read
    report.forgotten_skipped += len(gone)


def _finish(db: Sqlite) -> None:
    """Finishes what an older program, or one that was killed, left to be done to the whole record.
    What does it is loaded where it has to be done."""
    if store.fact(db, store.RECORD, SCRUB_WAITS) == "1":
        from accrete.care.forget import scrub

        scrub(db)
    store.freshen_search(db)
    if int(store.fact(db, store.RECORD, REDACTED) or 0) < REDACTION_VERSION:
        from accrete.care.maintain import redact_past

        redact_past(db)


def open_for_writing(settings: Settings) -> Sqlite:
    """The local database, made and migrated where needed, with its one person."""
    db = Sqlite(settings.database)
    try:
        bring_up_to_date(db)
        store.ensure_person(db, settings.person)
    except BaseException:
        db.close()
        raise
    return db


_Piece = tuple[str, Position | None, int]
"""A file, from where on it is read, and how many bytes."""


class _Found(NamedTuple):
    """What a pass read: how many lines, which sessions it deleted again, and which pieces. What was
    deleted again is new in every pass, so one that reads only what the one before it read is the
    last."""

    lines: int
    gone: frozenset[str]
    read: frozenset[_Piece]


def _pass(
    db: Sqlite,
    settings: Settings,
    report: Report,
    wishes: Wishes,
    began: float,
    now: int,
) -> _Found:
    """One pass."""
    search = discover(settings.roots, wishes.paths)
    known = sources.known(db, settings.person)
    if not known:
        reread.mark_swept_if_empty(db, settings.person)
    work = sources.plan(
        db, settings.person, search, known, wishes.since, again_bytes=wishes.again_bytes
    )
    report.files = len(search.files)
    report.read_again += work.again
    report.left_for_later = work.left
    _mark_missing(db, settings.person, search, wishes.paths, known, now, report)
    report.skipped = [(str(path), reason) for path, reason in search.unreadable] + work.unreadable
    writer = Writer(db, settings, now)
    reader = Reader(db, settings, writer, report, work.jobs, began, wishes.on_progress)
    with held_back() as stopped:  # what was read whole is stored first
        reader.read(wishes.jobs, wishes.rests, stopped)
    reread.sweep(db, settings.person, read_again=work.again > 0 or writer.replaced)
    store.take_zones(db, settings.person)
    report.sessions_changed += refresh(db, settings.person, settings, wishes.rests)
    if ask_git(db, settings.person, now):
        refresh(db, settings.person, settings, wishes.rests)
    read = frozenset((each.job.path, each.job.known, each.new_bytes) for each in work.jobs)
    return _Found(reader.parsed, _forget_again(db, settings, writer.forgotten, now), read)


def _forget_again(db: Sqlite, settings: Settings, forgotten: Forgotten, now: int) -> frozenset[str]:
    """Deletes again what was read just now and ended before the day up to which all was forgotten,
    or turned out to be of a forgotten project."""
    if forgotten.before is None and not _found_again(forgotten):
        return frozenset()
    from accrete.care.forget import What, forget_within, scrub

    gone: list[str] = []
    if forgotten.before is not None:
        what = What(before=forgotten.before)
        gone += forget_within(db, settings, what, now, remember=False).sessions
    found = _found_again(forgotten)
    if found:
        what = What(sessions=tuple(sorted(found)))
        gone += forget_within(db, settings, what, now).sessions
    if gone:
        scrub(db)
    return frozenset(gone)


def _found_again(forgotten: Forgotten) -> set[str]:
    by_project = forgotten.found_by_project() if forgotten.projects else set()
    return forgotten.found_again | by_project


def _mark_missing(
    db: Sqlite,
    person: int,
    search: Search,
    paths: tuple[Path, ...],
    known: dict[str, sources.Source],
    now: int,
    report: Report,
) -> None:
    """Marks the files that are gone. Rows stay; only a search of the config folders can tell that a
    file is gone."""
    here = {file_names.text_of(found.path) for found in search.files}
    gone = [
        s
        for path, s in known.items()
        if s.missing_at is None
        and path not in here
        and not os.path.exists(path)
        and not path.startswith(file_names.FORGOTTEN)
    ]
    if gone:
        with db.transaction():
            sources.mark_missing(db, person, gone, now)
    report.files_missing += len(gone)
