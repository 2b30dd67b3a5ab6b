"""Whether to look if a sync is due: two calls of the system, since every command asks."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

TEAM = "team.json"
"""The file with what a person chose to share."""
JOINING = "team-joining"
"""The address of the company that a person looks at before they join it. Its rows were previewed
and never sent, so the ids that stand for names in them are kept for when they are."""
NEXT = "team-next"
"""Its time of change is when to look next."""
LONGEST_S = 2 * 24 * 3600
"""A time further ahead is of a clock that was wrong."""


def may_be_due(home: Path) -> bool:
    """Whether this machine shares with a team, and may have something to send."""
    try:
        os.stat(home / TEAM)
    except OSError:
        return False
    try:
        at = os.stat(home / NEXT).st_mtime
    except OSError:
        return True
    return not 0 < at - time.time() < LONGEST_S


def look_again(home: Path, at: int) -> None:
    """Nobody needs to look before this moment, UTC ms. What cannot be written is looked at
    sooner."""
    path = home / NEXT
    with suppress(OSError):
        path.touch(mode=0o600)
        os.utime(path, ns=(at * 1_000_000, at * 1_000_000))
