"""What Claude Code's config folders hold now, what of it is not in the record yet, and when Claude
Code deletes it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from accrete.edge.retention import retention
from accrete.queries.health import FileRead, SourceHealth
from accrete.record.file_names import FORGOTTEN, hidden, text_of
from accrete.record.ignored import Ignored
from accrete.settings import DEFAULT_RETENTION_DAYS, Settings
from accrete.transcript.discover import discover

_DAY_MS = 86_400_000


class Behind(NamedTuple):
    """A file with content that is not in the record. session: None where its path names none."""

    path: Path
    session: str | None
    size: int
    changed_at: int


@dataclass(frozen=True, slots=True)
class OnDisk:
    """What was found. places: the folders that hold transcripts; looked: all that were searched.
    files: how many, of which `forgotten` hold nothing but what was forgotten or is ignored.
    unreadable: (path, reason); closed: files without the right to read them. kept_days, kept_said:
    after how many days Claude Code deletes, and where that is set."""

    places: list[str]
    looked: list[str]
    files: int = 0
    size: int = 0
    forgotten: int = 0
    unreadable: list[tuple[Path, str]] = field(default_factory=list)
    closed: list[Path] = field(default_factory=list)
    behind: list[Behind] = field(default_factory=list)
    sessions: dict[str, int] = field(default_factory=dict)
    """When the main transcript of each session was last changed, UTC ms."""
    kept_days: int = DEFAULT_RETENTION_DAYS
    kept_said: str = ""

    @property
    def lifetime_ms(self) -> int:
        """How long Claude Code keeps a transcript after its last change."""
        return (self.kept_days or DEFAULT_RETENTION_DAYS) * _DAY_MS

    @property
    def first_loss_at(self) -> int | None:
        """From when on Claude Code may delete something that is not in the record, UTC ms."""
        return min((each.changed_at + self.lifetime_ms for each in self.behind), default=None)

    def deleted_by(self, until: int) -> list[str]:
        """The sessions whose transcripts Claude Code may delete before an instant."""
        return [each for each, at in self.sessions.items() if at + self.lifetime_ms < until]


def on_disk(settings: Settings, sources: Iterable[FileRead | SourceHealth]) -> OnDisk:
    """What the config folders hold. sources: the files that were read."""
    search = discover(settings.roots)
    known = {source.path: source for source in sources}
    some_hidden = any(path.startswith(FORGOTTEN) for path in known)
    closed = {file.path for file in search.files if not os.access(file.path, os.R_OK)}
    behind, forgotten, ignored = [], 0, Ignored(settings)
    sessions: dict[str, int] = {}
    for file in search.files:
        changed_at = file.stat.st_mtime_ns // 1_000_000
        if file.layout == "main" and file.session:
            sessions[file.session] = changed_at
        path = text_of(file.path)
        hidden_one = known.get(hidden(path)) if some_hidden else None
        source = known.get(path) or hidden_one
        forgotten += source is not None and source is hidden_one
        if file.path in closed:
            continue
        as_read = source is not None and (file.stat.st_mtime_ns, file.stat.st_size) == (
            source.mtime_ns,
            source.size,
        )
        if not as_read and not ignored.holds(str(file.path)):
            behind.append(Behind(file.path, file.session, file.stat.st_size, changed_at))
    days, said = retention(settings)
    return OnDisk(
        places=[str(root) for root in settings.roots if (root / "projects").is_dir()],
        looked=[str(root) for root in settings.roots],
        files=len(search.files),
        size=sum(file.stat.st_size for file in search.files),
        forgotten=forgotten,
        unreadable=search.unreadable,
        closed=sorted(closed),
        behind=behind,
        sessions=sessions,
        kept_days=days,
        kept_said=said,
    )
