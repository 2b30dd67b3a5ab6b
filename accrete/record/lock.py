"""One writer at a time, by a lock that the operating system frees when its holder dies."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from accrete.errors import AccreteError


@contextmanager
def held(path: Path, *, wait_s: float) -> Iterator[bool]:
    """Holds the lock file for the time of the block, waiting up to `wait_s` seconds for another
    holder. Yields whether it is held; the block runs either way.

    Raises AccreteError when the file cannot be made.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise AccreteError(
            f"Cannot write in {path.parent}: {error.strerror}. Make the path writable, or set "
            "ACCRETE_HOME to another folder."
        ) from error
    deadline = time.monotonic() + wait_s
    try:
        taken = _try(handle)
        while not taken and time.monotonic() < deadline:
            time.sleep(0.05)
            taken = _try(handle)
        yield taken
    finally:
        os.close(handle)


if sys.platform == "win32":
    import msvcrt

    def _try(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
