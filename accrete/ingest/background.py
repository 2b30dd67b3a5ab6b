"""The ingest that hooks start: drains the spool and the named transcripts, and stops when no hook
is waiting."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from accrete.database import Sqlite
from accrete.derive.rest import Rests
from accrete.ingest import Report, Wishes, open_for_writing, passes
from accrete.record import lock, spool, spooled
from accrete.redaction import redact
from accrete.settings import Settings

SETTLE_S = 3.0
"""How long a transcript that an event names may take until its last answer is on disk."""

QUIET_S = 0.5
"""How long a transcript has to stay as it is where nobody knows what its last answer is."""

AGAIN_BYTES = 64 << 20
"""How much one run reads again of what an older version read: a second or two of work."""

LOOK_S = 0.1
LATER_S = 1.0
"""How long whoever is to derive later waits for another one that is about to end, or for the
record."""
FRESH_S = 60.0
"""Age of an event from which on its transcript is whole without waiting."""
NICENESS = 10


def background(settings: Settings, *, at_once: bool = True, clock: Callable[[], float] = time.time,
               sleep: Callable[[float], None] = time.sleep) -> Report:  # fmt: skip
    """Reads everything new. Returns at once if another ingest is running, because that one will see
    it. Without `at_once`, long sessions that rest are read but not derived, and the report says
    when they are due. Raises AccreteError if the database can't be written."""
    report = Report()
    while True:
        with lock.held(settings.lock, wait_s=0) as mine:
            if not mine:
                report.held_elsewhere = True
                return report
            db = open_for_writing(settings)
            try:
                _work(
                    db,
                    settings,
                    report,
                    None if at_once else Rests(db, settings.person, clock),
                    clock,
                    sleep,
                )
            finally:
                db.close()
        if not spooled.waiting(
            settings
        ):  # looked at once more after the lock is free: who came meanwhile has gone again
            return report


def derive_later(settings: Settings, *, clock: Callable[[], float] = time.time,
                 sleep: Callable[[float], None] = time.sleep) -> None:  # fmt: skip
    """Waits until the long sessions that rest are due, derives them, and ends when none is left.
    Only one of several processes waits, without holding the record."""
    with lock.held(settings.home / "later.lock", wait_s=LATER_S) as mine:
        report = Report(due=clock())
        while mine and report.due is not None:
            sleep(max(report.due - clock(), LOOK_S))
            report = background(settings, at_once=False, clock=clock, sleep=sleep)
            if report.held_elsewhere:
                report.due = clock() + LATER_S


def _work(
    db: Sqlite,
    settings: Settings,
    report: Report,
    rests: Rests | None,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> None:
    unsettled: dict[str, spool.Named] = {}
    again = AGAIN_BYTES
    while True:
        spool.begin(settings)
        drained = spool.drain(db, settings.person, settings)
        report.events += drained.events
        if rests is not None:
            rests.wake(drained.ended)
        fresh = (clock() - FRESH_S) * 1000  # what was said before has had its time
        unsettled |= {
            session: named for session, named in drained.named.items() if named.at >= fresh
        }
        passes(db, settings, report, Wishes(again_bytes=again, rests=rests), clock=clock)
        again = 0
        _settle(db, settings, unsettled, report, rests, clock, sleep)
        if not spooled.waiting(settings):
            report.due = rests.due() if rests is not None else None
            return


def _settle(
    db: Sqlite,
    settings: Settings,
    unsettled: dict[str, spool.Named],
    report: Report,
    rests: Rests | None,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> None:
    """Reads on until the last answer of each session is stored, or its transcript has come to rest,
    for SETTLE_S at most in all, or until new events come; takes out what is settled. The path an
    event gives may never exist, and the file may have moved: then it is found by the session's id.
    """
    began = clock()
    seen: dict[str, tuple[int, float]] = {}
    while unsettled:
        for session, named in list(unsettled.items()):
            if named.last_message is not None and _is_stored(db, settings.person, named):
                del unsettled[session]
                continue
            path = _transcript(settings, named)
            size = _size(path)
            last = seen.get(session)
            if last is None or size != last[0]:
                seen[session] = (size, clock())
                if path is not None:
                    one = Wishes((path,), again_bytes=0, rests=rests)
                    passes(db, settings, report, one, clock=clock)
            elif named.last_message is None and clock() - last[1] >= QUIET_S:
                del unsettled[session]
        if clock() - began >= SETTLE_S:
            unsettled.clear()
        elif unsettled:
            if spooled.waiting(settings):
                return
            sleep(LOOK_S)


def _size(path: Path | None) -> int:
    try:
        return path.stat().st_size if path is not None else -1
    except OSError:
        return -1


def _transcript(settings: Settings, named: spool.Named) -> Path | None:
    if named.path is not None and os.path.exists(named.path):
        return Path(named.path)
    for root in settings.roots:
        for found in (root / "projects").glob(f"*/{named.session}.jsonl"):
            return found
    return None


def _is_stored(db: Sqlite, person: int, named: spool.Named) -> bool:
    wanted = redact(named.last_message or "").strip()
    rows = db.run(
        "SELECT text FROM event WHERE person = ? AND session = ? AND agent = '' AND kind = "
        "'assistant_text' ORDER BY seq DESC LIMIT 8",
        (person, named.session),
    )
    return any((text or "").strip() == wanted for (text,) in rows)


def keep_to_ourselves(settings: Settings) -> None:
    """Leaves the project's folder, so nothing in it can be executed."""
    os.environ["PATH"] = os.pathsep.join(
        part for part in os.environ.get("PATH", "").split(os.pathsep) if os.path.isabs(part)
    )
    if settings.home.is_dir():
        os.chdir(settings.home)


def be_modest() -> None:
    """Lowers this process's priority."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
