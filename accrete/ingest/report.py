"""What an ingest tells: how far it is, and in the end what it did."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Progress:
    """How far an ingest is: bytes of new transcript read and to read, files done and to do, seconds
    since it began."""

    bytes_done: int = 0
    bytes_all: int = 0
    files_done: int = 0
    files_all: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Report:
    """What an ingest did.

    files: files found. files_read: files with something new. skipped: what could not be read, and
    why.
    held_elsewhere: another ingest was running, so this one did nothing. read_again: files that an
    older version had read.
    left_for_later: such files that a later run will read. due: when (s since 1970) the first long
    session that was read but not derived may be derived; None if all are derived.
    """

    files: int = 0
    files_read: int = 0
    files_missing: int = 0
    lines_parsed: int = 0
    bytes_read: int = 0
    malformed: int = 0
    sessions_changed: int = 0
    forgotten_skipped: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0
    held_elsewhere: bool = False
    events: int = 0
    ignored: int = 0
    read_again: int = 0
    left_for_later: int = 0
    due: float | None = None

    def add(self, other: Report) -> None:
        """Adds what reading some of the files reported."""
        self.files_read += other.files_read
        self.bytes_read += other.bytes_read
        self.malformed += other.malformed
        self.ignored += other.ignored
        self.forgotten_skipped += other.forgotten_skipped
        self.skipped += other.skipped
