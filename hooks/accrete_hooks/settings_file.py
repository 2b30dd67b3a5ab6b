"""A settings file of Claude Code: read as the client reads it, replaced completely and at once, or
not changed."""

from __future__ import annotations

import codecs
import json
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypedDict

from accrete.errors import AccreteError
from accrete_hooks import jsontext


class CannotEditError(AccreteError):
    """A file that cannot be changed safely; it is as it was. `path` and the message say which and
    why."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}{why} Nothing was changed.")
        self.path = path


class Retention(TypedDict):
    """set: what `cleanupPeriodDays` became; before: what stood there, None for nothing."""

    set: int
    before: str | None


class Note(TypedDict, total=False):
    """What is noted of a file that was changed: the members that were not there before, a digest of
    its text after, where it is kept as it was, whether it was there, and what our status line and
    our retention took the place of."""

    made: list[str]
    after: str | None
    backup: str | None
    existed: bool
    statusline: str | None
    retention: Retention | None


class Plan(NamedTuple):
    """What an installation or its undoing does to one file: its text before (None: no file) and
    after. `made` names the members that were not there before. `statusline`: the status line that
    ours takes the place of, as the file has it.
    `retention`: what `cleanupPeriodDays` becomes, and what stood there (None: nothing)."""

    path: Path
    before: str | None
    after: str | None
    made: tuple[str, ...] = ()
    statusline: str | None = None
    retention: Retention | None = None

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        return self.before != self.after

    @property
    def text(self) -> str:
        """The text so far, for a further change: an empty object where there is none."""
        return (
            self.after
            if self.after is not None and self.after.strip().strip(jsontext.BOM)
            else "{}\n"
        )


def decode(data: bytes) -> str:
    """The text of a settings file. The client reads UTF-8, with or without a byte order mark, over
    bytes that are none, and UTF-16 as PowerShell writes it. Raises UnicodeDecodeError for half a
    character of UTF-16."""
    if data.startswith(codecs.BOM_UTF16_LE):
        return data.decode("utf-16-le", "surrogatepass")
    return data.decode("utf-8", "surrogateescape")


def encode(text: str, like: bytes | None) -> bytes:
    """The bytes of a text, in the encoding of those that it takes the place of; every byte that was
    read comes back."""
    if like is not None and like.startswith(codecs.BOM_UTF16_LE):
        return text.encode("utf-16-le", "surrogatepass")
    return text.encode("utf-8", "surrogateescape")


def digest(text: str | None) -> str | None:
    """What a file's text is known by."""
    if text is None:
        return None
    from hashlib import sha256

    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_text(path: Path) -> str | None:
    """A settings file's text, None if there is none. Raises CannotEditError for one that cannot be
    read, or that Claude Code could not read either."""
    try:
        text = decode(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CannotEditError(path, f" cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CannotEditError(path, " is neither UTF-8 nor UTF-16.") from error
    if not text.removeprefix(jsontext.BOM).strip():
        return text
    try:
        value = jsontext.check(text)
    except json.JSONDecodeError as error:
        why = (
            f", line {error.lineno}, column {error.colno}: {_in_words(text, error)}. "
            "Claude Code ignores the whole file."
        )
        raise CannotEditError(path, why) from error
    except (ValueError, RecursionError) as error:
        raise CannotEditError(path, f" cannot be read as JSON: {error}.") from error
    if not isinstance(value, dict):
        raise CannotEditError(path, " is not a JSON object.")
    return text


def _in_words(text: str, error: json.JSONDecodeError) -> str:
    """What is wrong at the place of an error, by what people take for legal there."""
    here = text.removeprefix(jsontext.BOM)[error.pos :].lstrip()
    if here.startswith(("//", "/*", "#")):
        return "JSON has no comments"
    if here.startswith(("}", "]")) or error.msg.startswith("Illegal trailing comma"):
        return "JSON has no comma after the last member"
    return error.msg


def apply(plan: Plan, *, keep: Path | None = None) -> None:
    """Carries a plan out, at once, and writes the file as it was to `keep` first, where that is
    given. A link is followed:
    the file that it leads to is replaced, with its mode and owner. Raises CannotEditError when it
    cannot be written, or when the file is not any more what the plan was made for; it is left as it
    is then."""
    path = Path(os.path.realpath(plan.path))
    if plan.after is not None and plan.text == plan.after:
        jsontext.check(plan.after)
    try:
        data, was = _contents(path)
        if (None if data is None else decode(data)) != plan.before:
            raise CannotEditError(plan.path, " changed in the meantime. Try again.")
        if was is not None and not was.st_mode & 0o222:
            raise CannotEditError(plan.path, " is read-only.")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if keep is not None and data is not None:
            keep.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _replace(keep, data, 0o600, None)
        try:
            if plan.after is None:
                path.unlink(missing_ok=True)
            else:
                mode = stat.S_IMODE(was.st_mode) if was is not None else 0o600
                _replace(path, encode(plan.after, data), mode, was, only_if=(data, plan.path))
        except (OSError, CannotEditError):
            if keep is not None:
                keep.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise CannotEditError(plan.path, f" cannot be written: {error.strerror}.") from error


def _contents(path: Path) -> tuple[bytes | None, os.stat_result | None]:
    try:
        with path.open("rb") as file:
            return file.read(), os.fstat(file.fileno())
    except FileNotFoundError:
        return None, None


def _replace(
    path: Path,
    data: bytes,
    mode: int,
    owner: os.stat_result | None,
    only_if: tuple[bytes | None, Path] | None = None,
) -> None:
    """Writes a file so that a reader sees the old or the new one, never a part, and a power cut
    loses neither; `only_if`: what must still stand there at the last moment, and the name to say.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if (
            owner is not None
            and os.name != "nt"
            and (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid())
        ):
            with suppress(OSError):
                os.chown(partial, owner.st_uid, owner.st_gid)
        os.chmod(partial, mode)
        if only_if is not None and _contents(path)[0] != only_if[0]:
            raise CannotEditError(only_if[1], " changed in the meantime. Try again.")
        os.replace(partial, path)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
