"""Reads files in this process or in others, one bounded piece at a time."""

from __future__ import annotations

import logging
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from accrete.record.processes import frame, send, start, stop
from accrete.transcript.read import Job, Piece, is_continued, read_file

WORTH_A_PROCESS = 24 << 20
"""Below this many new bytes, starting a process costs more than it saves."""

JOBS_AHEAD = 10
"""Jobs that a process has at once, so that it never waits for the writer to hand it the next."""

PIECES_AHEAD = 6
"""Pieces that wait for the writer, at most."""


@dataclass(slots=True)
class Reading:
    """A piece of a file, or the reason why it could not be read. `started`: the file is read from
    its beginning, so what was counted of it before no longer holds. `last`: no more pieces of it
    will come."""

    job: Job
    piece: Piece | None
    error: str | None = None
    started: bool = False
    last: bool = True
    new_bytes: int = 0


def readings(jobs: Sequence[Job], processes: int) -> Iterator[Reading]:
    """All pieces of all files. processes: how many besides this one. Pieces of one file come in
    order; files may interleave."""
    processes = min(processes, len(jobs))
    if processes <= 0:
        redact = _redactor()
        for job in jobs:
            yield from read_job(job, redact)
        return
    yield from _from_processes(jobs, processes)


def read_job(job: Job, redact: Callable[[str], str]) -> Iterator[Reading]:
    """The pieces of one file: from the known position on where the file only grew, else from its
    beginning."""
    try:
        if job.known is not None and not is_continued(job.path, job.known):
            job = replace(job, known=None)
        held: Reading | None = None
        before = job.known.read_to if job.known else 0
        for piece in read_file(job, redact):
            if held is not None:
                yield held
            held = Reading(
                job,
                piece,
                None,
                job.known is None and held is None,
                False,
                piece.position.read_to - before,
            )
            before = piece.position.read_to
        if held is not None:
            held.last = True
            yield held
    except OSError as error:
        yield Reading(job, None, error.strerror or str(error))
    except (
        Exception
    ) as error:  # one odd file must not stop the others: it is told, and tried again the next time
        logging.getLogger(__name__).exception("reading %s", job.path)
        yield Reading(job, None, f"could not be understood ({type(error).__name__}: {error})")


def _redactor() -> Callable[[str], str]:
    from accrete.redaction import redact

    return redact


def _from_processes(jobs: Sequence[Job], processes: int) -> Iterator[Reading]:
    waiting = list(reversed(jobs))
    workers = [start(__name__) for _ in range(processes)]
    arrived: queue.Queue[tuple[subprocess.Popen[bytes], bytes]] = queue.Queue(PIECES_AHEAD)
    ended = threading.Event()
    threads = [
        threading.Thread(target=_drain, args=(worker, arrived, ended), daemon=True)
        for worker in workers
    ]
    try:
        given = sum(_next_job(worker, waiting) for worker in workers * JOBS_AHEAD)
        for thread in threads:
            thread.start()
        while given:
            worker, data = arrived.get()
            reading = _unpack(data)
            if reading.last:
                given += _next_job(worker, waiting) - 1
            yield reading
    finally:
        ended.set()
        for worker in workers:
            stop(worker)


def _drain(
    worker: subprocess.Popen[bytes],
    arrived: queue.Queue[tuple[subprocess.Popen[bytes], bytes]],
    ended: threading.Event,
) -> None:
    """Takes a process's answers off its pipe, so that it can go on while the writer is busy."""
    assert worker.stdout is not None
    data = b"?"
    while data and not ended.is_set():
        try:
            data = frame(worker.stdout)
        except (OSError, ValueError):
            data = b""
        while not ended.is_set():
            try:
                arrived.put((worker, data), timeout=0.2)
                break
            except queue.Full:
                continue


def _next_job(worker: subprocess.Popen[bytes], waiting: list[Job]) -> bool:
    assert worker.stdin is not None
    if not waiting:
        return False
    send(worker.stdin, waiting.pop())
    return True


def _unpack(data: bytes) -> Reading:
    answer = pickle.loads(data) if data else "it ended early"  # noqa: S301  (from our own child, by a private pipe)
    if isinstance(answer, Reading):
        return answer
    raise RuntimeError(f"A reading process failed: {answer}")


def main() -> None:
    """A reading process: takes jobs on stdin, answers with pieces on stdout, ends with either
    pipe."""
    import signal

    from accrete.redaction import redact

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        while data := frame(sys.stdin.buffer):
            job: Job = pickle.loads(data)  # noqa: S301  (from our own parent, by a private pipe)
            try:
                for reading in read_job(job, redact):
                    send(sys.stdout.buffer, reading)
            except BrokenPipeError:
                raise
            except Exception:
                import traceback

                send(sys.stdout.buffer, traceback.format_exc())
                return
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    from accrete.record.readers import main as run

    run()  # by its own name, so that what is pickled is found again
