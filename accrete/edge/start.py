"""Starts `accrete ingest` in the background; waits only if the question is about the running
session."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from accrete.database import Sqlite
from accrete.database.schema import latest_version
from accrete.edge.local import about
from accrete.edge.names import running_session
from accrete.errors import AccreteError
from accrete.queries.sessions import read_of
from accrete.settings import Settings

WAIT_S = 8.0
LOOK_S = 0.05
HELD_S = 1.0
"""How long an ingest that holds the record is left alone before the next look at what it has
done."""
_children: list[subprocess.Popen[bytes]] = []
"""Ingests that were started and may have ended: looked after at the next start, so that none stays
a zombie."""
_syncs: list[subprocess.Popen[bytes]] = []
"""Syncs that were started, for the same reason."""


def start() -> bool:
    """Starts a detached `accrete ingest`, where the last one has ended; does not wait for it.
    Returns whether it did."""
    _children[:] = [child for child in _children if child.poll() is None]
    if _children:
        return False
    _children.append(_ingest())
    return True


def freshen(settings: Settings) -> None:
    """Brings what is known of the session that this process runs in up to date with its transcript,
    for WAIT_S at most: whoever asks about it asks before its hooks have fired, or while the ingest
    they started is at work."""
    session = running_session()
    deadline = time.monotonic() + WAIT_S
    child = None
    while session and _unread(settings, session) and time.monotonic() < deadline:
        if child is None:
            child = _ingest("--now", stdout=subprocess.PIPE)
        elif child.poll() is not None:
            said, _ = child.communicate()
            if (
                b'"held_elsewhere": true' not in said
            ):  # it read all there is: the rest is not to be read
                return
            child = None
            time.sleep(HELD_S)
        time.sleep(LOOK_S)
    if child is not None:
        _children.append(child)


def later() -> None:
    """Starts a detached process that derives long sessions when they are due."""
    _ingest("--later")


def pull_states() -> None:
    """Starts a detached process that asks for the states of pull requests."""
    _ingest("--pull-states")


def sync() -> None:
    """Starts a detached process that sends what is shared, if that is due."""
    _syncs[:] = [child for child in _syncs if child.poll() is None]
    _syncs.append(_detached("sync", "--due"))


def _ingest(*how: str, stdout: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    return _detached("ingest", "--json", *how, stdout=stdout)


def _detached(*command: str, stdout: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-E", "-P", "-m", "accrete", *command],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _unread(settings: Settings, session: str) -> bool:
    """Whether the session's transcript is there and holds what the record does not."""
    known = _known(settings, session)
    if known is None:
        return False
    found = [Path(path) for path in known] or [
        path for root in settings.roots for path in (root / "projects").glob(f"*/{session}.jsonl")
    ]
    for path in found:
        try:
            if os.stat(path).st_size != known.get(str(path)):
                return True
        except OSError:
            continue
    return False


def _known(settings: Settings, session: str) -> dict[str, int] | None:
    try:
        db = Sqlite(settings.database, readonly=True)
    except FileNotFoundError:
        return None  # there is no record, and a question makes none
    except AccreteError:
        return {}
    try:
        return db.ask(read_of(about(session))) if db.version == latest_version() else {}
    finally:
        db.close()
