"""Whether something waits in the spool, or was dropped, without reading any of it."""

from __future__ import annotations

import os

from accrete.settings import Settings

MARK = ".waking"
"""The file that a hook makes before it starts an ingest."""


def waiting(settings: Settings) -> bool:
    """Whether a hook wrote something that nobody read yet, or asked for an ingest that has not
    begun."""
    try:
        with os.scandir(settings.spool) as entries:
            return any(entry.name == MARK or entry.name.endswith(".hook") for entry in entries)
    except OSError:
        return False


def dropped(settings: Settings) -> tuple[int, int] | None:
    """(how many events hooks dropped because the spool was full, when the last one in UTC ms); None
    if none."""
    try:
        found = os.stat(settings.home / "dropped")
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns // 1_000_000
