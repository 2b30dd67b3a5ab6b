"""The spool: events written by hooks, read into the database once, in order, and deleted."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from accrete.clock import zone_of_tz
from accrete.database import Database
from accrete.model.captured import HookEvent
from accrete.record import store
from accrete.record.forgotten import Forgotten
from accrete.record.spooled import DISABLED, GROWN, MARK
from accrete.redaction import redact
from accrete.settings import Settings
from accrete.text.json import JsonObject
from accrete.transcript.decode import decode_mended

AT_ONCE = 1000
ASIDE_FILES, ASIDE_READ, ASIDE_KEPT = 200, 1 << 16, 4096
"""Of so many files that are no event so much is kept; it is redacted with what follows, so that
nothing is cut in two."""
LARGEST = 64 << 20
"""Bytes of the largest event that is read; a hook writes a quarter of that at most."""
COMPARED = 1 << 20
"""Length of the last answer up to which a transcript is waited for until it has that answer."""
_SESSION = re.compile(r"(?!-$)[\w.:@+-]{1,200}", re.ASCII).fullmatch
"""What can be a session's id: it becomes a file's name."""
COPY_MS = 5000
"""Two hooks may send the same event, one from settings and one from a plugin; they do so at the
same moment."""

KEPT = (
    "source",
    "model",
    "reason",
    "notification_type",
    "permission_mode",
    "agent_type",
    "stop_hook_active",
    "trigger",
    "seconds_since_last_response",
    "context_tokens",
    "prompt_id",
)
"""The fields of a payload that are kept: none holds what anybody wrote."""


ENDING = "SessionEnd"
SETTLING = ("Stop", ENDING)


class Event(NamedTuple):
    """One spooled event. at: UTC ms; zone: the machine's; payload: what the client sent, empty if
    none is kept."""

    name: str
    at: int
    zone: str | None
    session: str
    folder: str
    hash: str
    payload: JsonObject


class Named(NamedTuple):
    """A transcript that an event of this instant (UTC ms) says is about to be whole: where it is
    said to be, and its last answer."""

    at: int
    session: str
    path: str | None
    last_message: str | None


@dataclass(slots=True)
class Drained:
    """What was taken from the spool: events, copies of some, files that were no event, sessions to
    settle, sessions that ended."""

    events: int = 0
    copies: int = 0
    unreadable: int = 0
    forgotten: int = 0
    named: dict[str, Named] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)


def begin(settings: Settings) -> None:
    """To be called before the spool is read: whoever writes from now on wakes an ingest of their
    own."""
    (settings.spool / MARK).unlink(missing_ok=True)


def drain(db: Database, person: int, settings: Settings) -> Drained:
    """Stores the events of the spool and removes their files. Killed between the two it stores
    nothing twice."""
    return _drain(db, person, settings, _names(settings.spool))


def keep_out(db: Database, person: int, settings: Settings) -> None:
    """Takes only what says that a session is to stay out: to be called before transcripts are read
    without the spool."""
    _drain(
        db,
        person,
        settings,
        [name for name in _names(settings.spool) if name.endswith(f"-{DISABLED}.hook")],
    )


def _drain(db: Database, person: int, settings: Settings, names: list[str]) -> Drained:
    drained = Drained()
    forgotten = Forgotten(db, person) if names else None
    for at in range(0, len(names), AT_ONCE):
        some = names[at : at + AT_ONCE]
        with db.transaction():
            for name in some:
                _take(db, person, settings.spool / name, drained, forgotten)
        for name in some:
            _remove(settings.spool / name)
    _renew(settings.spool)
    return drained


def _renew(spool: Path) -> None:
    """Makes the spool's directory anew where it has grown and is empty. A hook that comes between
    tries again."""
    aside, kept = spool / "unreadable", spool.with_name("spool.unreadable")
    try:
        if os.stat(spool).st_size <= GROWN:
            return
    except OSError:
        return  # no hook has written yet
    try:
        if aside.exists():
            aside.rename(kept)
        spool.rmdir()
    except OSError:
        pass  # an event came: the next time
    spool.mkdir(mode=0o700, exist_ok=True)
    if kept.exists():
        kept.rename(aside)


def clear(settings: Settings) -> None:
    """Removes what stands in the spool and is no event that waits: files put aside, and halves of
    old ones."""
    for path in [*settings.spool.glob("unreadable/*"), *settings.spool.glob(".*.part")]:
        path.unlink(missing_ok=True)


def _names(spool: Path) -> list[str]:
    try:
        return sorted(name for name in os.listdir(spool) if name.endswith(".hook"))
    except OSError:
        return []


def _take(
    db: Database, person: int, path: Path, drained: Drained, forgotten: Forgotten | None
) -> None:
    try:
        event = read_event(_bytes(path, LARGEST))
    except FileNotFoundError:
        return
    except (OSError, ValueError):
        drained.unreadable += 1
        _put_aside(path)
        return
    if event.name == DISABLED:
        store.keep_out(db, person, event.session, event.at)
        drained.forgotten += 1
        return
    if forgotten is not None and (
        event.session in forgotten.sessions or forgotten.forgets_folder(event.folder)
    ):
        drained.forgotten += 1
        return
    if event.name == ENDING:
        drained.ended.add(event.session)
    if event.name in SETTLING:
        said = event.payload.get("last_assistant_message")
        where = event.payload.get("transcript_path")
        before = drained.named.get(event.session)
        drained.named[event.session] = Named(
            event.at,
            event.session,
            where if isinstance(where, str) and where else None,
            said
            if isinstance(said, str) and 0 < len(said) <= COMPARED
            else before.last_message
            if before
            else None,
        )
    detail = json.dumps(
        {
            name: event.payload[name]
            for name in KEPT
            if isinstance(event.payload.get(name), (str, int, float, bool))
        }
    )
    row = HookEvent(
        person, event.session, event.name, event.at, event.hash, event.zone, redact(detail)
    )
    if store.add_hook_event(db, row, within_ms=COPY_MS):
        drained.events += 1
    else:
        drained.copies += 1


def _bytes(path: Path, most: int, *, whole: bool = True) -> bytes:
    """The contents of a plain file. Raises OSError, or ValueError where it is none or, if it is
    wanted `whole`, larger: a pipe would keep everybody waiting."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or (whole and found.st_size > most):
            raise ValueError("no spooled event")
        return file.read(most)


def _remove(path: Path) -> None:
    """Takes a name out of the spool, whatever it is; what cannot go is tried again the next
    time."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        shutil.rmtree(path, ignore_errors=True)


def _put_aside(path: Path) -> None:
    """Of a file that is no event the redacted beginning is kept for whoever wants to know why; it
    is not read again."""
    try:
        aside = path.parent / "unreadable"
        aside.mkdir(mode=0o700, exist_ok=True)
        if len(os.listdir(aside)) >= ASIDE_FILES:
            return
        words = redact(_bytes(path, ASIDE_READ, whole=False).decode("utf-8", "replace"))[
            :ASIDE_KEPT
        ]
        handle = os.open(aside / path.name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(words)
    except (OSError, ValueError):
        pass
    finally:
        _remove(path)


def read_event(data: bytes) -> Event:
    """A spool file's event. Raises ValueError for anything else."""
    head, _, rest = data.partition(b"\n")
    words = head.decode("utf-8", "replace").split(" ")
    if len(words) != 7 or words[:2] != ["accrete-hook", "1"] or not words[3].isdigit():
        raise ValueError("no spooled event")
    folder, _, body = rest.partition(b"\n")
    payload = decode_mended(body) if body.strip() else {}
    if not isinstance(payload, dict):
        raise ValueError("no object")
    session = payload.get("session_id")
    session = session if isinstance(session, str) and session else words[6]
    if not _SESSION(session) or len(words[3]) > 15:
        raise ValueError("no session, or no time")
    return Event(
        words[2],
        int(words[3]),
        _zone(words[5], words[4]),
        session,
        folder.decode("utf-8", "replace"),
        blake2b(words[2].encode() + b"\0" + body, digest_size=12).hexdigest(),
        payload,
    )


def _zone(name: str, offset: str) -> str | None:
    """The zone by what TZ or /etc/localtime says where that is one, else by its offset in
    minutes."""
    if name not in ("-", "") and (zone := zone_of_tz(name)) is not None:
        return zone
    try:
        minutes = int(offset)
    except ValueError:
        return None
    return (
        f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
        if abs(minutes) < 1440
        else None
    )
