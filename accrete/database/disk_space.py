"""The disk space that bringing a record up to date may take, and whether it is there."""

from __future__ import annotations

import shutil
from pathlib import Path

from accrete.errors import AccreteError

GROWS = 2
"""How many times its own size a record may take besides while it is brought up to date. Measured:
1.01 from version 0.1.0 on, mostly the log while transcripts are read again."""


def shortage(path: Path, copies: int = 0) -> int:
    """How many bytes are missing on the disk of `path` to bring that record up to date and to keep
    so many copies of it; 0 where there is room. What the log takes already is not asked for twice.
    """
    size, log = _size(path), _size(path.with_name(path.name + "-wal"))
    free = shutil.disk_usage(path.parent).free
    return max(size * (GROWS + copies) - log - free, 0)


def refuse_without_room(path: Path) -> None:
    """Raises AccreteError where a record of an older version cannot be brought up to date for want
    of room.
    """
    missing = shortage(path)
    if missing:
        raise AccreteError(
            f"The record in {path.parent} has to be updated for this version of Accrete, which "
            f"needs {_mb(_size(path) * GROWS)} of free disk space. Free {_mb(missing)} more and "
            "try again. Nothing was changed."
        )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _mb(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
