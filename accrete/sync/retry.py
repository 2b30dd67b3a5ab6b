"""Starts a due sync from whatever of Accrete runs: a command, a call of the MCP server, an
ingest."""

from __future__ import annotations

import os
import time

from accrete.edge import start
from accrete.errors import AccreteError
from accrete.settings import Settings
from accrete.sync.choice import FILE, read_choice
from accrete.sync.due import is_due

STARTED = "team-started"
"""Touched when a sync is started, so that others that look meanwhile start none."""
BEGUN_MS = 120_000


def sync_if_due(settings: Settings) -> bool:
    """Starts a sync in the background where this machine shares with a team and one is due; does
    not wait, and keeps what goes wrong to itself. Returns whether it started one."""
    if not (settings.home / FILE).exists():
        return False
    now = int(time.time() * 1000)
    try:
        choice = read_choice(settings)
    except AccreteError:
        return False  # said by every command about the team
    if not is_due(settings, choice, now):
        return False
    mark = settings.home / STARTED
    try:
        if abs(now - os.stat(mark).st_mtime_ns // 1_000_000) < BEGUN_MS:
            return False
    except OSError:
        pass
    try:
        mark.touch(mode=0o600)
        os.utime(mark, ns=(now * 1_000_000, now * 1_000_000))
        start.sync()
    except OSError:
        return False  # no room, or no process: another time
    return True
