"""Starts a due sync from whatever of Accrete runs: a command, a call of the MCP server, an
ingest."""

from __future__ import annotations

import time

from accrete.edge import start
from accrete.errors import AccreteError
from accrete.settings import Settings
from accrete.sync.choice import read_choice
from accrete.sync.due import is_due
from accrete.sync.soon import look_again, may_be_due

BEGUN_MS = 2 * 60_000
"""How long a sync that was started is left alone: whoever looks meanwhile starts none."""
PAUSED_MS = 10 * 60_000
"""How long nobody looks again where none was due: while sharing is paused."""


def sync_if_due(settings: Settings) -> bool:
    """Starts a sync in the background where this machine shares with a team and one is due; does
    not wait, and keeps what goes wrong to itself. Returns whether it started one."""
    if not may_be_due(settings.home):
        return False
    now = int(time.time() * 1000)
    try:
        choice = read_choice(settings)
    except AccreteError:
        return False  # said by every command about the team
    if not is_due(settings, choice, now):
        look_again(settings.home, now + PAUSED_MS)
        return False
    look_again(settings.home, now + BEGUN_MS)
    try:
        start.sync()
    except OSError:
        return False  # no process to be had: another time
    return True
