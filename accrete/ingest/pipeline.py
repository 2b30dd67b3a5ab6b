"""The pipeline: discover, read what is new, redact, store, derive. Readable top to bottom."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from accrete.care.copies import expire
from accrete.care.forget import What, forget_within, scrub, scrub_if_waiting
from accrete.care.maintain import redact_past
from accrete.care.upgrade import bring_up_to_date
from accrete.database import Sqlite
from accrete.derive.projects import settle_projects
from accrete.derive.refresh import refresh, refresh_unshared
from accrete.derive.rest import Rests
from accrete.ingest import reread
from accrete.ingest.git_answers import ask_git
from accrete.ingest.stopping import held_back
from accrete.projects import look, registered
from accrete.record import files as sources
from accrete.record import lock, spool, store
from accrete.record.forgotten import Forgotten, Ignored
from accrete.record.readers import Reading, readings
from accrete.record.tiers import limit
from accrete.redaction import redact
from accrete.settings import Settings
from accrete.transcript.discover import Search, discover
from accrete.transcript.read import Job

DERIVED_AT_ONCE = 4
TRANSACTION_BYTES = 100 << 20
TRANSACTION_S = 5.0
ASKED_AGAIN_MS = 24 * 3_600_000
"""After how long this machine is asked again about a folder that new lines name."""
PASSES = 20
"""How often a pass is repeated while transcripts go on growing under it."""


@dataclass(slots=True)
class Progress:
    """How far an ingest is: bytes of new transcript read and to read, files done and to do, seconds
    since it began."""

    bytes_done: int = 0
    bytes_all: int = 0
    files_done: int = 0
    files_all: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Report:
    """What an ingest did.

    files: files found. files_read: files with something new. skipped: what could not be read, and
    why.
    held_elsewhere: another ingest was running, so this one did nothing. read_again: files that an
    older version had read.
    left_for_later: such files that a later run will read. due: when (s since 1970) the first long
    session that was read but not derived may be derived; None if all are derived.
    """

    files: int = 0
    files_read: int = 0
    files_missing: int = 0
    lines_parsed: int = 0
    bytes_read: int = 0
    malformed: int = 0
    sessions_changed: int = 0
    forgotten_skipped: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0
    held_elsewhere: bool = False
    events: int = 0
    ignored: int = 0
    read_again: int = 0
    left_for_later: int = 0
    due: float | None = None


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
            passes(
                db,
                settings,
                report,
                paths=paths,
                since=since,
                jobs=jobs,
                on_progress=on_progress,
                began=began,
                clock=clock,
            )
        finally:
            db.close()
    report.seconds = time.monotonic() - began
    return report


def passes(
    db: Sqlite,
    settings: Settings,
    report: Report,
    *,
    paths: tuple[Path, ...] = (),
    since: int | None = None,
    jobs: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    began: float | None = None,
    clock: Callable[[], float] = time.time,
    again_bytes: int | None = None,
    rests: Rests | None = None,
) -> None:
    """Reads until a pass finds nothing new; for a caller that holds the lock. again_bytes: how much
    to read again of what an older reader read; None for all. rests: which sessions are read but not
    derived."""
    began = time.monotonic() if began is None else began
    expire(settings.database, clock())
    scrub_if_waiting(db)
    store.freshen_search(db)
    redact_past(db)
    store.assume_zone(db, settings.person, settings.zone)
    for _ in range(PASSES):
        if not _pass(
            db,
            settings,
            paths,
            since,
            jobs,
            on_progress,
            began,
            int(clock() * 1000),
            report,
            again_bytes,
            rests,
        ):
            break
        again_bytes = 0


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


def _pass(
    db: Sqlite,
    settings: Settings,
    paths: tuple[Path, ...],
    since: int | None,
    jobs: int | None,
    on_progress: Callable[[Progress], None] | None,
    began: float,
    now: int,
    report: Report,
    again_bytes: int | None,
    rests: Rests | None,
) -> bool:
    """One pass; returns whether anything was new."""
    search = discover(settings.roots, paths)
    known = sources.known(db, settings.person)
    work = sources.plan(db, settings.person, search, known, since, again_bytes=again_bytes)
    report.files = len(search.files)
    report.read_again += work.again
    report.left_for_later = work.left
    _mark_missing(db, settings.person, search, paths, known, now, report)
    report.skipped = [(str(path), reason) for path, reason in search.unreadable] + work.unreadable
    progress = Progress(0, sum(job.new_bytes for job in work.jobs), 0, len(work.jobs))
    parsed = 0
    writer = Writer(db, settings, now)
    whole = WholeSessions([planned.job for planned in work.jobs])
    incoming = readings([planned.job for planned in work.jobs], progress.bytes_all, jobs)
    with held_back() as stopped:  # what was read whole is stored first
        while progress.files_done < progress.files_all and not stopped():
            with db.transaction():
                derived = 0
                for reading in _some(incoming):
                    parsed += writer.take(reading, report)
                    ready = whole.after(reading)
                    if ready:
                        derived += refresh_unshared(db, settings.person, settings, ready, rests)
                    progress.bytes_done += reading.new_bytes
                    progress.files_done += reading.last
                    progress.seconds = time.monotonic() - began
                    if on_progress is not None:
                        on_progress(progress)
                    if stopped():
                        break
                if derived:  # who looks meanwhile sees their projects
                    settle_projects(db, settings.person, settings)
                report.sessions_changed += derived
    reread.sweep(db, settings.person, read_again=work.again > 0 or writer.replaced)
    store.take_zones(db, settings.person)
    report.sessions_changed += refresh(db, settings.person, settings, rests)
    if ask_git(db, settings.person, now):
        refresh(db, settings.person, settings, rests)
    report.forgotten_skipped += _forget_again(db, settings, writer.forgotten, now)
    report.lines_parsed += parsed
    return parsed > 0


def _some(incoming: Iterator[Reading]) -> Iterator[Reading]:
    """What one transaction takes. Each rewrites every page of the indexes that it touched, so that
    many small ones would write the same pages again and again; a large one would hold back what
    others may read for too long."""
    until = time.monotonic() + TRANSACTION_S
    taken = 0
    for reading in incoming:
        yield reading
        taken += reading.new_bytes
        if taken >= TRANSACTION_BYTES or time.monotonic() >= until:
            return


def _forget_again(db: Sqlite, settings: Settings, forgotten: Forgotten, now: int) -> int:
    """Deletes again what was read just now and ended before the day up to which all was forgotten,
    or turned out to be of a forgotten project."""
    gone = 0
    if forgotten.before is not None:
        gone += len(
            forget_within(db, settings, What(before=forgotten.before), now, remember=False).sessions
        )
    found = forgotten.found_again | (forgotten.found_by_project() if forgotten.projects else set())
    if found:
        what = What(sessions=tuple(sorted(found)))
        gone += len(forget_within(db, settings, what, now).sessions)
    if gone:
        scrub(db)
    return gone


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
    here = {sources.text_of(found.path) for found in search.files}
    gone = [
        s
        for path, s in known.items()
        if s.missing_at is None
        and path not in here
        and not os.path.exists(path)
        and not path.startswith(sources.FORGOTTEN)
    ]
    if gone:
        with db.transaction():
            sources.mark_missing(db, person, gone, now)
    report.files_missing += len(gone)


class WholeSessions:
    """Tells which sessions are read whole, so that they are derived while other processes read
    on."""

    def __init__(self, jobs: list[Job]) -> None:
        self._files = Counter(job.session for job in jobs if job.session is not None)
        self._ready: set[str] = set()

    def after(self, reading: Reading) -> set[str]:
        """The sessions to work out now, a few at a time."""
        session = reading.job.session
        if reading.last and session is not None:
            self._files[session] -= 1
            if not self._files[session]:
                self._ready.add(session)
        if len(self._ready) < DERIVED_AT_ONCE:
            return set()
        ready, self._ready = self._ready, set()
        return ready


class Writer:
    """Stores readings, each piece with its new position in one transaction."""

    def __init__(self, db: Sqlite, settings: Settings, now: int) -> None:
        self.db = db
        self.settings = settings
        self.now = now
        self.forgotten = Forgotten(db, settings.person)
        self.ignored = Ignored(settings)
        self.replaced = False
        self._folders = store.asked_folders(db, settings.person, now - ASKED_AGAIN_MS)
        self._current = reread.current_sessions(db, settings.person)

    def take(self, reading: Reading, report: Report) -> int:
        """Stores one piece; returns the number of lines parsed for it."""
        if reading.error is not None:
            report.skipped.append((reading.job.path, reading.error))
            with self.db.transaction():
                sources.mark_error(self.db, self.settings.person, reading.job.path, reading.error)
            return 0
        piece = reading.piece
        assert piece is not None
        batch = piece.batch
        with self.db.transaction():
            report.ignored += self.ignored.drop(batch, reading.job.path)
            gone = self.forgotten.drop(batch, sources.text_of(reading.job.path), self.now)
            report.forgotten_skipped += gone
            limit(batch, self.settings.local_tier)
            hidden = (
                (gone > 0 or self.ignored.holds(reading.job.path))
                and not batch.sessions
                and not batch.events
            )
            folders = {said.cwd for said in batch.contexts if said.cwd} - self._folders
            seen = {folder: look(folder) for folder in sorted(folders)}
            store.add_folders(
                self.db,
                self.settings.person,
                {folder: said.redacted(redact) for folder, said in seen.items()},
                self.now,
            )
            roots = {said.root for said in seen.values() if said.root}
            trees = [
                (redact(tree), redact(root))
                for root in sorted(roots)
                for tree in registered(root)
                if not self.ignored.covers(tree)
            ]
            store.add_git_worktrees(self.db, self.settings.person, trees)
            replaced = reread.replace(self.db, self.settings.person, batch, self._current)
            store.store_batch(self.db, batch, person=self.settings.person, zone=self.settings.zone)
            reread.mark_shared(self.db, self.settings.person, replaced)
            self.replaced |= bool(replaced)
            if self.settings.local_tier == 3:
                store.store_history(
                    self.db, self.ignored.keep_history(self.forgotten.keep_history(piece.history))
                )
            sources.save(self.db, self.settings.person, reading, self.now, hidden_name=hidden)
        self._folders |= folders
        report.files_read += reading.last and (piece.parsed > 0 or reading.started)
        report.bytes_read += reading.new_bytes
        report.malformed += piece.counts.malformed
        return piece.parsed
