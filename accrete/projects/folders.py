"""One spelling of a folder, however Windows, WSL, Git Bash, macOS or a URL writes it."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote

from accrete.text.lazy import lazy

_URL = lazy(r"^file:(?://(?P<host>[^/\\]*))?(?P<path>[/\\].*)$", re.IGNORECASE)
_VERBATIM = lazy(r"^(?:[\\/]{2}[?.]|\\\?\?)[\\/](?P<unc>UNC[\\/])?(?P<rest>.*)$", re.IGNORECASE)
_WSL = lazy(r"^[\\/]{2}wsl(?:\$|\.localhost)[\\/][^\\/]+(?P<rest>.*)$", re.IGNORECASE)
_DRIVE = lazy(r"^/?(?P<drive>[A-Za-z]):(?P<rest>[\\/].*)?$")
_UNC = lazy(r"^\\\\(?P<rest>[^\\/?.].*)$")
_MOUNT = lazy(r"^/(?:mnt|cygdrive)/(?P<drive>[A-Za-z])(?P<rest>/.*)?$")
_BASH = lazy(r"^/(?P<drive>[A-Za-z])(?P<rest>/.*)?$")
_WINDOWS_FOLDER = lazy(
    r"^/(?:users|windows|programdata|program files(?: \(x86\))?)(?:/|$)", re.IGNORECASE
)
_ELSEWHERE = lazy(r"^(?:[\\/]{2}(?![\\/])|\\\?\?|file:)", re.IGNORECASE)
_SHARE = lazy(r"^(?P<host>//[^/?.][^/]*)/")
_MACOS = lazy(r"^(?:/System/Volumes/Data(?=/)|/private(?=/(?:tmp|var|etc)(?:/|$)))")


@lru_cache(maxsize=8192)
def plain(
    path: str, *, home: str = "", drives: frozenset[str] = frozenset(), local: bool = False
) -> str:
    """The folder with forward slashes, without `.`, `..` and what is doubled: `C:/Users/kim/shop`,
    `//server/share`, `/home/kim/shop`. Letters keep their case.

    home: what `~` stands for. drives: what is known to be of Windows, letters of drives and
    `//server`, so that Git Bash's `/c/…` and `//server/share` are. local: the path is one of this
    machine, which is no Windows: `/mnt/d` and `/c` are folders here.
    """
    text = _without_home(_from_url(path), home)
    if verbatim := _VERBATIM.match(text):
        text = ("\\\\" if verbatim["unc"] else "") + verbatim["rest"]
    if wsl := _WSL.match(text):
        text = wsl["rest"].replace("\\", "/") or "/"
    if drive := _DRIVE.match(text):
        return _on_drive(drive["drive"], drive["rest"])
    if unc := _UNC.match(text):
        return "/" + _tidy("/" + unc["rest"].replace("\\", "/"))
    if (share := _SHARE.match(text)) and share["host"].lower() in drives:
        return "/" + _tidy(text[1:])
    text = _tidy(text)
    mounted = None if local else _MOUNT.match(text) or _git_bash(text, drives)
    return _on_drive(mounted["drive"], mounted["rest"]) if mounted else _MACOS.sub("", text)


def key(spelled: str) -> str:
    """What two spellings (as `plain` gives them) of one folder share: Windows does not tell
    case."""
    text = unicodedata.normalize("NFC", spelled)
    return text.lower() if on_windows(text) else text


def on_windows(spelled: str) -> bool:
    """Whether a folder, as `plain` gives it, is one of Windows."""
    return spelled[1:3] == ":/" or spelled.startswith("//")


def drive_of(path: str) -> str | None:
    """The Windows drive (`c`) or server (`//server`) that a path names beyond doubt, small; None
    for `/c/…` and `//server/…`, which may be folders of Linux."""
    found = plain(path)
    if share := _SHARE.match(found + "/"):
        return share["host"].lower()
    return found[0].lower() if found[1:3] == ":/" else None


def elsewhere(path: str) -> bool:
    """Whether a path is written as only Windows, WSL or a URL write it: this machine would take it
    for another folder."""
    return bool(_ELSEWHERE.match(path))


def shown(path: str) -> str:
    """A folder as it was written, without what only a program would write."""
    text = stripped(path)
    untidy = re.search(r"(?<=.)[/\\]{2}|[/\\]\.{1,2}(?=[/\\]|$)", text) and not _WSL.match(text)
    if untidy or _URL.match(text) or _VERBATIM.match(text) or text.startswith("~"):
        return native(plain(text))
    return text + "\\" if re.fullmatch(r"[A-Za-z]:", text) else text


def native(spelled: str) -> str:
    """A folder, as `plain` gives it, with the separators of its system."""
    return spelled.replace("/", "\\") if on_windows(spelled) else spelled


def stripped(path: str) -> str:
    """A path without separators at its end."""
    return path.rstrip("/\\") or path[:1]


def parts(spelled: str) -> list[str]:
    """The names that a folder's path consists of."""
    return [part for part in re.split(r"[/\\]+", spelled) if part]


def is_below(inner: str, outer: str) -> bool:
    """Whether a folder (a key) is another one or lies in it."""
    return inner == outer or inner.startswith(outer.rstrip("/") + "/")


def ancestors(folder: str) -> Iterable[str]:
    """A folder (a key) and those that hold it, the nearest first."""
    while folder:
        yield folder
        above = folder.rpartition("/")[0]
        if not above or above == "/":
            return
        folder = above


def _from_url(path: str) -> str:
    found = _URL.match(path)
    if found is None:
        return path
    host, rest = found["host"] or "", unquote(found["path"])
    return f"\\\\{host}{rest}" if host and host.lower() != "localhost" else rest


def _without_home(path: str, home: str) -> str:
    return home + path[1:] if home and (path == "~" or path[:2] in ("~/", "~\\")) else path


def _on_drive(letter: str, rest: str | None) -> str:
    path = (rest or "/").replace("\\", "/")
    return f"{letter.upper()}:{_tidy(path)}"


def _tidy(path: str) -> str:
    found = posixpath.normpath(path) if path else path
    return "/" + found.lstrip("/") if found.startswith("/") else found


def _git_bash(path: str, drives: frozenset[str]) -> re.Match[str] | None:
    found = _BASH.match(path)
    if found is None:
        return None
    known = found["drive"].lower() in drives or _WINDOWS_FOLDER.match(found["rest"] or "")
    return found if known else None
