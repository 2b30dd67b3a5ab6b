"""Reads many new sessions at once: each process stores and derives whole sessions in a part of its
own, and the writer takes the parts over (decision 6)."""

from __future__ import annotations

import gc
import os
import pickle
import queue
import shutil
import subprocess
import sys
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from accrete.database import Sqlite
from accrete.derive.parts import Held
from accrete.derive.refresh import refresh_unshared, refresh_within
from accrete.errors import AccreteError
from accrete.ingest.families import families
from accrete.ingest.left_behind import remove_parts
from accrete.ingest.report import Report
from accrete.ingest.writer import Writer
from accrete.record import store
from accrete.record.file_names import PART, hidden, text_of
from accrete.record.files import Planned
from accrete.record.processes import frame, send, start, stop
from accrete.record.readers import read_job
from accrete.redaction import redact
from accrete.settings import Settings
from accrete.transcript.read import Job

PART_BYTES = 128 << 20
"""Bytes of transcripts after which a part is handed over. Each that is taken over rewrites nearly
every page of the indexes by ids of the API."""
SWITCH_S = 0.0005
"""After how long this thread lets one go on that hands out groups, which has to wait for it four
times for each group. So long the other process has nothing to do."""


@dataclass(slots=True)
class Group:
    """The files of one session, or of several that begin alike, read by one process."""

    jobs: list[Job]
    new_bytes: int


@dataclass(slots=True)
class Done:
    """A group that is stored in a part, and what reading it reported."""

    group: Group
    held: Held
    report: Report
    parsed: int


@dataclass(slots=True)
class Part:
    """A part that is to be taken over. derived: its sessions whose figures are derived."""

    path: Path
    done: list[Done] = field(default_factory=list)
    derived: set[str] = field(default_factory=set)


class Task(NamedTuple):
    """What a process is told first: where its parts are to be, as whose."""

    settings: Settings
    now: int
    name: str


def groups_of(db: Sqlite, person: int, planned: Iterable[Planned]) -> list[Group]:
    """The files that may be read into parts, the largest groups first, so that no process is busy
    for long after the others: all files of the sessions that the record has nothing of. None while
    anything is forgotten, which is judged with the record at hand."""
    if db.run("SELECT 1 FROM forgotten WHERE person = ? LIMIT 1", (person,)):
        return []
    known = {
        session
        for table, column in (("session", "id"), ("hook_event", "session"))
        for (session,) in db.run(f"SELECT {column} FROM {table} WHERE person = ?", (person,))
    }
    read = {path for (path,) in db.run("SELECT path FROM source_file WHERE person = ?", (person,))}
    by_session: dict[str, list[Planned]] = defaultdict(list)
    for each in planned:
        if each.job.session is not None:
            by_session[each.job.session].append(each)
    new = {
        session: files
        for session, files in by_session.items()
        if session not in known
        and not any(
            each.job.known is not None
            or not read.isdisjoint((text_of(each.job.path), hidden(each.job.path)))
            for each in files
        )
    }
    conversations = {
        session: [each.job.path for each in files if not each.job.agent]
        for session, files in new.items()
    }
    groups = []
    for family in families(conversations):
        files = [each for session in family for each in new[session]]
        jobs = [each.job for each in files]
        groups.append(Group(jobs, sum(each.new_bytes for each in files)))
    return sorted(groups, key=lambda group: -group.new_bytes)


class Builder:
    """Stores groups in a part, and derives its sessions."""

    def __init__(self, task: Task) -> None:
        self.settings, self.now = task.settings, task.now
        self._name = task.name
        self._empty: Path | None = None
        self._made = 0
        self._bytes = 0
        self._db: Sqlite | None = None
        self._writer: Writer | None = None
        self._part: Part | None = None

    def take(self, group: Group) -> Part | None:
        """Reads a group and derives its sessions, but those that share records; returns the part
        when it is large enough to be taken over."""
        if self._writer is None or self._part is None:
            self._begin()
        assert self._writer is not None
        assert self._part is not None
        report, parsed, named = Report(), 0, set[str]()
        with self._writer.db.transaction():
            for job in group.jobs:
                for reading in read_job(job, redact):
                    parsed += self._writer.take(reading, report)
                    if reading.piece is not None:
                        named |= reading.piece.batch.named
        for session in sorted({job.session for job in group.jobs if job.session is not None}):
            # one by one: a transaction's journal stays short
            refresh_unshared(self._writer.db, self.settings.person, self.settings, {session})
        files = frozenset(text_of(job.path) for job in group.jobs)
        self._part.done.append(Done(group, Held(files, frozenset(named)), report, parsed))
        self._bytes += group.new_bytes
        return self.close() if self._bytes >= PART_BYTES else None

    def close(self) -> Part | None:
        """Derives the sessions of the part that are stale, above all those that share records, and
        closes it; None where nothing was read into it."""
        part, db = self._part, self._db
        if part is None or db is None:
            return None
        person = self.settings.person
        refresh_within(db, person, self.settings)
        part.derived = {
            session
            for (session,) in db.run(
                "SELECT id FROM session WHERE person = ? AND stale = 0", (person,)
            )
        }
        db.close()
        self._db = self._writer = self._part = None
        self._bytes = 0
        return part

    def free_cache(self) -> None:
        """Gives back the memory of the part's pages."""
        if self._db is not None:
            self._db.shrink()

    def end(self) -> None:
        """Removes what is not handed over."""
        if self._db is not None:
            self._db.close()
        for path in (self._empty, self._part.path if self._part else None):
            if path is not None:
                path.unlink(missing_ok=True)

    def _begin(self) -> None:
        home = self.settings.home
        if self._empty is None:
            self._empty = home / f"{PART}{self._name}"
            self._empty.unlink(missing_ok=True)
            empty = Sqlite(self._empty, scratch=True)
            empty.migrate()
            store.ensure_person(empty, self.settings.person)
            empty.close()
        self._made += 1
        path = home / f"{PART}{self._name}-{self._made}"
        shutil.copyfile(self._empty, path)
        os.chmod(path, 0o600)
        self._db = Sqlite(path, scratch=True)
        self._writer = Writer(self._db, self.settings, self.now, searchable=False)
        self._part = Part(path)


_ENDED = RuntimeError("A reading process ended early.")


class Beside:
    """Processes that take groups from a shelf and make parts of them."""

    def __init__(self, task: Task, shelf: deque[Group], processes: int) -> None:
        self._shelf = shelf
        self._parts: queue.Queue[Part | Exception | None] = queue.Queue()
        self._workers = [start(__name__) for _ in range(processes)]
        self._threads = [
            threading.Thread(
                target=self._serve, args=(worker, task._replace(name=f"{n}")), daemon=True
            )
            for n, worker in enumerate(self._workers, 1)
        ]
        for thread in self._threads:
            thread.start()
        self._busy = processes

    def ready(self, *, wait: bool) -> Iterator[Part]:
        """The parts that are ready; with `wait` all that are still to come."""
        while self._busy:
            try:
                part = self._parts.get(block=wait)
            except queue.Empty:
                return
            if isinstance(part, Exception):
                raise part
            if part is None:
                self._busy -= 1
            else:
                yield part

    def end(self) -> None:
        """Ends the processes."""
        self._shelf.clear()
        for worker in self._workers:
            stop(worker)

    def _serve(self, worker: subprocess.Popen[bytes], task: Task) -> None:
        assert worker.stdin is not None
        assert worker.stdout is not None
        try:
            send(worker.stdin, task)
            group: Group | None = None
            while group is not None or not worker.poll():
                try:
                    group = self._shelf.popleft()
                except IndexError:
                    group = None
                send(worker.stdin, group)
                data = frame(worker.stdout)
                said = pickle.loads(data) if data else _ENDED  # noqa: S301  (from our own child, by a private pipe)
                if said is not None:
                    self._parts.put(said)
                if group is None or isinstance(said, Exception):
                    break
        except (OSError, ValueError):
            self._parts.put(_ENDED)
        self._parts.put(None)


def _collect_seldom() -> None:
    """Rows are many and in no cycles: looking for cycles among them again and again finds none."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@contextmanager
def _of_parts() -> Iterator[None]:
    """The interpreter's settings for reading in parts."""
    thresholds, switch_s = gc.get_threshold(), sys.getswitchinterval()
    _collect_seldom()
    sys.setswitchinterval(SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(switch_s)
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def main() -> None:
    """A process beside the writer: takes groups on stdin, answers each with a part or with None,
    and ends after a group that is None, or with either pipe."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _collect_seldom()
    data = frame(sys.stdin.buffer)
    if not data:
        return
    builder = Builder(pickle.loads(data))  # noqa: S301  (from our own parent, by a private pipe)
    try:
        while data := frame(sys.stdin.buffer):
            group: Group | None = pickle.loads(data)  # noqa: S301
            try:
                part = builder.close() if group is None else builder.take(group)
            except AccreteError as error:
                send(sys.stdout.buffer, error)
                return
            except Exception:
                import traceback

                fault = RuntimeError(f"A reading process failed: {traceback.format_exc()}")
                send(sys.stdout.buffer, fault)
                return
            send(sys.stdout.buffer, part)
            if group is None:
                return
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    finally:
        builder.end()


def read_in_parts(
    task: Task,
    groups: Sequence[Group],
    processes: int,
    take: Callable[[Part], None],
    stopped: Callable[[], bool],
) -> None:
    """Reads the groups in this process and in others, and gives each part to `take`, in this
    process."""
    shelf = deque(groups)
    with _of_parts():
        builder = Builder(task)
        beside = Beside(task, shelf, processes)
        try:
            while not stopped():
                for part in beside.ready(wait=False):
                    builder.free_cache()
                    take(part)
                try:
                    group = shelf.popleft()
                except IndexError:
                    break
                if (full := builder.take(group)) is not None:
                    take(full)
            shelf.clear()
            if (rest := builder.close()) is not None:
                take(rest)
            for part in beside.ready(wait=True):
                take(part)
        finally:
            beside.end()
            builder.end()
            remove_parts(task.settings)
