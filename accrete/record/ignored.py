"""Which folders their owner wants nothing kept of: as hooks ask it, and without the rows that are
left out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from accrete.settings import Settings
from accrete.text.globs import fits

if TYPE_CHECKING:
    from accrete.model.captured import TypedHistory


class Ignored:
    """Folders of which their owner wants nothing kept: those that hold a file `.accrete-ignore`, or
    stand below one that does, and those named in the file `ignore` of the data folder, a folder or
    a glob a line. Hooks ask the same (capture.py)."""

    def __init__(self, settings: Settings) -> None:
        self._known: dict[str, bool] = {}
        self._first: dict[str, str | None] = {}
        self._named = _named(settings.home / "ignore")

    def covers(self, folder: str) -> bool:
        """Whether a folder is to be left alone, by the name it is called or by where that leads."""
        found = self._known.get(folder)
        if found is None:
            places = {folder, os.path.realpath(folder)} if os.path.isabs(folder) else {folder}
            listed = any(
                place == name
                or place.startswith(name + os.sep)
                or (("*" in name or "?" in name) and fits(name, place))
                for name in self._named
                for place in places
            )
            found = self._known[folder] = listed or any(_is_marked(place) for place in places)
        return found

    def holds(self, path: str) -> bool:
        """Whether a transcript is of a session that began in an ignored folder: the folder is the
        first that the file names, so that every part of the file is judged alike."""
        if path not in self._first:
            self._first[path] = first_folder(path)
        folder = self._first[path]
        return folder is not None and self.covers(folder)

    def keep_history(self, rows: list[TypedHistory]) -> list[TypedHistory]:
        """The remembered prompts that were typed elsewhere."""
        return [row for row in rows if not (row.project_path and self.covers(row.project_path))]


def _named(path: Path) -> list[str]:
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    given = [os.path.expanduser(line.strip()).rstrip("/\\") for line in lines]
    names = [name for name in given if name and not name.startswith("#")]
    return list(dict.fromkeys([*names, *map(os.path.realpath, names)]))


LOOKED_AT = 64 << 20
"""Bytes of a transcript that are looked at for the first record that names its folder."""


def first_folder(path: str) -> str | None:
    """The first folder that a record of a transcript names as its own."""
    import msgspec  # not at the top: whoever asks of folders alone waits for it

    class Place(msgspec.Struct):
        cwd: str | None = None

    decoder, seen = msgspec.json.Decoder(Place), 0
    try:
        with open(os.fsencode(path), "rb") as file:
            for line in file:
                seen += len(line)
                try:
                    folder = decoder.decode(line).cwd
                except (msgspec.DecodeError, UnicodeDecodeError):
                    folder = None
                if folder:
                    return folder
                if seen > LOOKED_AT:
                    return None
    except OSError:
        pass
    return None


def _is_marked(folder: str) -> bool:
    if not os.path.isabs(folder):
        return False
    try:
        return any(
            (each / ".accrete-ignore").exists() for each in (Path(folder), *Path(folder).parents)
        )
    except OSError:
        return False
