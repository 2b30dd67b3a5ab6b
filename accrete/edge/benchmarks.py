"""What the team server said of the team, kept in the data folder with its age, for this user
alone."""

from __future__ import annotations

import os
from typing import NamedTuple

import msgspec

from accrete.settings import Settings
from accrete.wire.benchmarks import Benchmarks

FILE = "team-benchmarks.json"


class Kept(NamedTuple):
    """What a server said, and when, UTC ms."""

    url: str
    at: int
    said: Benchmarks


def read_kept(settings: Settings, url: str | None = None) -> Kept | None:
    """What was kept; None where nothing was, or of another server than url."""
    try:
        raw = (settings.home / FILE).read_bytes()
        kept = msgspec.json.decode(raw, type=Kept)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return kept if url in (None, kept.url) else None


def keep(settings: Settings, kept: Kept) -> None:
    """Keeps it in the place of what was kept."""
    path = settings.home / FILE
    fresh = path.with_name(f"{FILE}.{os.getpid()}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.encode(kept))
    fresh.replace(path)


def drop(settings: Settings) -> None:
    """Forgets it."""
    (settings.home / FILE).unlink(missing_ok=True)
