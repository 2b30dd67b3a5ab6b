"""Whether something waits in the spool, or was dropped, without reading any of it."""

from __future__ import annotations

import os

from accrete.settings import Settings

DISABLED = "Disabled"
"""What a hook writes of a session that is to stay out: its transcript is never read."""
GROWN = 1 << 20
"""Size of the spool's own directory from which on it is made anew once it is empty: most file
systems never shrink one, and hooks drop what comes to a full one."""
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


def keeps_out(settings: Settings) -> bool:
    """Whether a hook told of a session that is to stay out, or the spool is to be made anew."""
    try:
        with os.scandir(settings.spool) as entries:
            told = any(entry.name.endswith(f"-{DISABLED}.hook") for entry in entries)
        return told or os.stat(settings.spool).st_size > GROWN
    except OSError:
        return False
