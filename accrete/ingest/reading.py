"""Reads what a pass has planned: new sessions in parts where they are many, else file by file."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from accrete.database import Sqlite
from accrete.derive.projects import settle_projects
from accrete.derive.refresh import refresh_unshared
from accrete.derive.rest import Rests
from accrete.ingest.report import Progress, Report
from accrete.ingest.writer import Writer
from accrete.record.files import Planned
from accrete.record.readers import WORTH_A_PROCESS, Reading, readings
from accrete.settings import Settings
from accrete.transcript.read import Job

if TYPE_CHECKING:
    from accrete.ingest.parts import Done, Part

DERIVED_AT_ONCE = 4
TRANSACTION_BYTES = 100 << 20
TRANSACTION_S = 5.0
TAKING_CACHE_KB, RESTING_CACHE_KB = 10_500, 200
"""Of the record while a part is taken over and while parts are read. Taking over needs every page
of the indexes by ids of the API, as many as the memory of a backfill has room for; between two
parts they would be of little use, and reading needs that memory."""
PROCESSES = 3
"""Most processes that a reading starts by itself."""


class Reader:
    """Reads planned files into the record. parsed: how many lines were."""

    def __init__(
        self,
        db: Sqlite,
        settings: Settings,
        writer: Writer,
        report: Report,
        planned: Sequence[Planned],
        began: float,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self.db, self.settings, self.writer, self.report = db, settings, writer, report
        self.planned = list(planned)
        self.parsed = 0
        self._progress = Progress(0, sum(job.new_bytes for job in planned), 0, len(planned))
        self._began, self._on_progress = began, on_progress

    def read(self, processes: int | None, rests: Rests | None, stopped: Callable[[], bool]) -> None:
        """Reads all, or up to where it is stopped. processes: how many besides this one; None takes
        one for each spare core when there is enough to read."""
        if processes is None:
            enough = self._progress.bytes_all >= WORTH_A_PROCESS
            processes = max(1, min(PROCESSES, (os.cpu_count() or 2) - 1)) if enough else 0
        if processes and not stopped():
            self._in_parts(processes, stopped)
        self._one_by_one([each.job for each in self.planned], processes, rests, stopped)

    def _in_parts(self, processes: int, stopped: Callable[[], bool]) -> None:
        """Reads new sessions in parts; what shares something with others stays planned."""
        from accrete.derive.parts import take_part
        from accrete.ingest.parts import Task, groups_of, read_in_parts

        person = self.settings.person
        groups = groups_of(self.db, person, self.planned)
        if len(groups) < 2:
            return
        read: set[str] = set()

        def take(part: Part) -> None:
            with self.db.cache(TAKING_CACHE_KB):
                left = take_part(self.db, part.path, person, [done.held for done in part.done])
                taken = [done for n, done in enumerate(part.done) if n not in left]
                for done in taken:
                    self._note(done)
                    read.update(job.path for job in done.group.jobs)
                here = set().union(*(done.held.sessions for done in taken)) & part.derived
                if here:
                    settle_projects(self.db, person, self.settings)
            self.report.sessions_changed += len(here)
            part.path.unlink(missing_ok=True)

        task = Task(self.settings, self.writer.now, "0")
        with self.db.cache(RESTING_CACHE_KB):
            read_in_parts(task, groups, min(processes, len(groups) - 1), take, stopped)
        self.planned = [each for each in self.planned if each.job.path not in read]

    def _note(self, done: Done) -> None:
        self.parsed += done.parsed
        self.report.add(done.report)
        self._tell(done.group.new_bytes, len(done.group.jobs))

    def _one_by_one(
        self,
        jobs: Sequence[Job],
        processes: int,
        rests: Rests | None,
        stopped: Callable[[], bool],
    ) -> None:
        whole = WholeSessions(jobs)
        left = len(jobs)
        incoming = readings(jobs, processes)
        while left and not stopped():
            with self.db.transaction():
                derived = 0
                for reading in _some(incoming):
                    self.parsed += self.writer.take(reading, self.report)
                    ready = whole.after(reading)
                    if ready:
                        derived += refresh_unshared(
                            self.db, self.settings.person, self.settings, ready, rests
                        )
                    left -= reading.last
                    self._tell(reading.new_bytes, int(reading.last))
                    if stopped():
                        break
                if derived:  # who looks meanwhile sees their projects
                    settle_projects(self.db, self.settings.person, self.settings)
                self.report.sessions_changed += derived

    def _tell(self, new_bytes: int, files: int) -> None:
        self._progress.bytes_done += new_bytes
        self._progress.files_done += files
        self._progress.seconds = time.monotonic() - self._began
        if self._on_progress is not None:
            self._on_progress(self._progress)


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


class WholeSessions:
    """Tells which sessions are read whole, so that they are derived while other processes read
    on."""

    def __init__(self, jobs: Sequence[Job]) -> None:
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
