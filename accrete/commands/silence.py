"""Sessions without any hook event although hooks are installed, and events that hooks dropped."""

from __future__ import annotations

from accrete_hooks.installed import STATE

from accrete.commands import common
from accrete.commands.diagnosis import Finding
from accrete.queries.hook_events import Capture
from accrete.record import spooled
from accrete.record.ignored import Ignored, first_folder
from accrete.settings import Settings
from accrete.transcript.discover import Found, discover

LATE_MS = 60 * 60_000
"""How far a transcript may be ahead of its session's last event: a turn may take this long."""
LOOKED_AT = 200
_REASONS = [
    "They started before `accrete init`: a running session does not reread its hooks.",
    "They ran with --bare, --safe-mode, --setting-sources or other --settings.",
    "Claude Code was never told to trust their folder, or the folder's settings turn hooks off.",
    "They ran in a container or on another machine that shares this folder, or as another user.",
]


def silent(settings: Settings, found: Capture | None) -> list[Finding]:
    """A warning where transcripts are newer than the installation and the last event of their
    session."""
    try:
        since = (settings.home / STATE).stat().st_mtime_ns // 1_000_000
    except OSError:
        since = found.last_at if found is not None and found.last_at is not None else 0
    if not since:
        return []
    last = {**(found.sessions if found is not None else {}), **_waiting(settings)}
    newest = max(last.values(), default=0)
    ignored = Ignored(settings)
    files = [
        file
        for file in discover(settings.roots).files
        if file.layout == "main" and file.stat.st_size
    ]
    files.sort(key=lambda file: -file.stat.st_mtime_ns)
    missed = [
        file
        for file in files[:LOOKED_AT]
        if file.session not in (found.left_out if found is not None else ())
        and _is_missed(_mtime(file), since, last.get(file.session or ""), newest)
        and not ignored.covers(first_folder(str(file.path)) or "")
    ]
    if not missed:
        return []
    now = common.local_now(settings)
    told = f"the last event arrived {now.prose(newest)}" if newest else "no events have arrived"
    text = (
        f"{common.plural(len(missed), 'transcript')} changed without an event, though hooks are "
        f"installed: the newest {now.prose(_mtime(missed[0]))}; {told}."
    )
    advice = (
        "Run `accrete backfill` to read them. Likely reasons are above. "
        "`/hooks` in Claude Code shows the hooks it runs."
    )
    return [Finding("warn", text, advice, [*_REASONS, *(str(file.path) for file in missed)])]


def lost(settings: Settings) -> list[Finding]:
    """What hooks could not keep because the spool was full."""
    dropped = spooled.dropped(settings)
    if dropped is None:
        return []
    when = common.local_now(settings).prose(dropped[1])
    text = (
        f"Hooks dropped {common.plural(dropped[0], 'event')} "
        f"because the spool was full, the last one {when}."
    )
    advice = (
        "The transcripts still have the sessions. "
        f"To hide this note: rm {settings.home / 'dropped'}"
    )
    return [Finding("warn", text, advice)]


def _is_missed(mtime: int, since: int, own: int | None, newest: int) -> bool:
    """Whether a transcript that was written at `mtime` should have had an event that did not
    come."""
    if mtime <= since + 60_000:
        return False
    return own is None or mtime > max(own, newest) + LATE_MS


def _mtime(file: Found) -> int:
    return file.stat.st_mtime_ns // 1_000_000


def _waiting(settings: Settings) -> dict[str, int]:
    """When events came that wait in the spool, by session."""
    last: dict[str, int] = {}
    for path in settings.spool.glob("*.hook"):
        try:
            with path.open("rb") as file:
                words = file.readline(1024).decode("utf-8", "replace").split()
            last[words[-1]] = max(last.get(words[-1], 0), int(words[3]))
        except (OSError, ValueError, IndexError):
            continue
    return last
