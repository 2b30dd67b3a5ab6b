"""Keeps the files that hooks run and read current with this program."""

from __future__ import annotations

import sys
from contextlib import suppress

from accrete import __version__
from accrete.errors import AccreteError
from accrete.settings import Settings


def keep_current(settings: Settings) -> None:
    """Writes the scripts that hooks start anew where they are of another version, and what hooks
    may keep."""
    _tell_hooks(settings)
    text: str | None
    try:
        text = (settings.home / "bin" / "accrete").read_text("utf-8", "replace")
    except OSError:
        text = None if (settings.home / "spool").is_dir() else ""
    if text is None or (
        text and (f"# accrete {__version__}\n" not in text or sys.executable not in text)
    ):
        from accrete_hooks.scripts import repair

        with suppress(
            AccreteError
        ):  # what a person asked for goes first, such as to delete where the disk is full
            repair(settings.home)


def _tell_hooks(found: Settings) -> None:
    """Hooks read no JSON: what the local tier lets them keep stands in a file of its own."""
    path = found.home / "tier"
    try:
        known = path.read_text("ascii", "replace").strip()
    except OSError:
        known = "3"
    if known != str(found.local_tier) and found.home.is_dir():
        from accrete_hooks.scripts import write_at_once

        with suppress(
            OSError
        ):  # the command says what is wrong with the folder, where it matters to it
            write_at_once(path, f"{found.local_tier}\n", 0o600)
