"""Folder globs in config.json, and which folders they match."""

from __future__ import annotations

import re
from functools import lru_cache


def checked_globs(given: object, home: str) -> tuple[str, ...]:
    """The globs of the setting `automated`, `~/` written out. Raises ValueError with what is
    wrong."""
    if not isinstance(given, list):
        raise ValueError('must be a list of folders, such as ["~/bots/**"]')
    for glob in given:
        if not isinstance(glob, str) or not glob.strip():
            raise ValueError(f"{glob!r} is not a text in quotes")
        if not re.match(r"^(?:[/\\*]|~(?:[/\\]|$)|[A-Za-z]:)", glob.strip()):
            raise ValueError(f"{glob!r} must begin with /, ~/, * or a drive")
    return tuple(
        home + glob.strip()[1:] if glob.strip().startswith("~") else glob.strip() for glob in given
    )


def fits(glob: str, folder: str) -> bool:
    """Whether a folder, or one that it lies in, fits a glob: `*` and `?` within one name, `**`
    across names."""
    return bool(folder) and _pattern(glob).match(folder.replace("\\", "/")) is not None


@lru_cache(maxsize=256)
def _pattern(glob: str) -> re.Pattern[str]:
    pieces = re.split(r"(\*\*/|/\*\*$|\*\*|\*|\?)", glob.replace("\\", "/").rstrip("/"))
    words = {"**/": "(?:.*/)?", "/**": "", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    windows = re.match(r"^[A-Za-z]:", glob)
    body = "".join(words[piece] if piece in words else re.escape(piece) for piece in pieces)
    return re.compile(f"{body}(?:/.*)?$", re.IGNORECASE if windows else 0)
