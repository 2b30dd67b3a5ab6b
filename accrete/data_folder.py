"""Where the data folder is: found without the settings, which take long to import."""

from __future__ import annotations

import os

TYPE_CHECKING = False  # importing `typing` would take longer than all else here
if TYPE_CHECKING:
    from collections.abc import Mapping


def data_folder(env: Mapping[str, str], user: str) -> str:
    """The data folder, absolute: hooks run in other folders than this one. user: the person's home
    folder."""
    given = env.get("ACCRETE_HOME", "").strip()
    if given:
        return os.path.abspath(_expand(given, user))
    data = _expand(env.get("XDG_DATA_HOME", "").strip() or "~/.local/share", user)
    at = data if os.path.isabs(data) else os.path.join(user, ".local", "share")
    return os.path.join(at, "accrete")


def _expand(text: str, user: str) -> str:
    return os.path.join(user, text[2:]) if text.startswith("~/") else user if text == "~" else text
