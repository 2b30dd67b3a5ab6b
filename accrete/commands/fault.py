"""Reports a bug of the program: logs it once with an id and shows one sentence."""

from __future__ import annotations

import os
import traceback
from datetime import UTC, datetime
from uuid import uuid4

from accrete.errors import AccreteError
from accrete.settings import read_settings

LOG_KEPT = 256 * 1024


def report(error: Exception) -> str:
    """Writes the error to `errors.log` in the data folder and returns what to tell the person."""
    name = uuid4().hex[:8]
    text = "".join(traceback.format_exception(error))
    try:
        log = read_settings().home / "errors.log"
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        old = log.read_bytes()[-LOG_KEPT:] if log.exists() else b""
        entry = f"--- {name} {datetime.now(UTC).isoformat()}\n{text}".encode("utf-8", "replace")
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(old + entry)
    except (OSError, AccreteError):
        return (
            f"accrete: Internal error {name}: {error!r}. "
            "The log could not be written. No stored data was lost."
        )
    return (
        f"accrete: Internal error {name}. No stored data was lost. "
        f"Please report the details in {log}."
    )
