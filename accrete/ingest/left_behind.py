"""What a backfill that was killed leaves beside the record."""

from __future__ import annotations

from contextlib import suppress

from accrete.record.file_names import PART
from accrete.settings import Settings


def parts_left(settings: Settings) -> bool:
    """Whether there are parts that were not taken over, of a backfill that was killed or runs."""
    return next(settings.home.glob(f"{PART}*"), None) is not None


def remove_parts(settings: Settings) -> None:
    """Removes them, for whoever holds the lock."""
    for path in settings.home.glob(f"{PART}*"):
        with suppress(OSError):
            path.unlink()
