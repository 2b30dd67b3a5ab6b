"""What `accrete doctor` says of the record itself: its file, a copy of it, who may read it."""

from __future__ import annotations

import stat
from pathlib import Path

from accrete.care.copies import KEPT_S, before_upgrade
from accrete.commands import common
from accrete.commands.diagnosis import Finding
from accrete.database import Sqlite
from accrete.queries.health import Health
from accrete.settings import Settings


def record_findings(
    db: Sqlite, settings: Settings, found: Health, problems: list[str]
) -> list[Finding]:
    """Whether the record is intact, for its owner alone, and computed. problems: what SQLite's
    check of the file found."""
    path = settings.database
    size = sum(p.stat().st_size for p in (path, _beside(path, "-wal")) if p.exists())
    findings = []
    if not problems:
        forgotten = (
            f", {common.plural(found.forgotten, 'session')} deleted" if found.forgotten else ""
        )
        findings.append(
            Finding(
                "ok",
                f"The record {path} is intact ({common.size(size)}, "
                f"schema {db.version}{forgotten}).",
            )
        )
    else:
        findings.append(
            Finding(
                "bad",
                f"The record {path} is damaged.",
                "Restore a backup: accrete backup --restore FILE.",
                problems,
            )
        )
    findings += _kept_copy(settings)
    loose = [p for p in (settings.home, path) if stat.S_IMODE(p.stat().st_mode) & 0o077]
    if loose:
        findings.append(
            Finding(
                "warn",
                "Other users of this machine can read the record.",
                "Run: " + "; ".join(f"chmod go-rwx {p}" for p in loose),
            )
        )
    if found.underived:
        n = common.plural(len(found.underived), "session")
        findings.append(
            Finding(
                "bad",
                f"{n} could not be computed because of a bug in Accrete. Nothing is lost.",
                "Please report the lines above. An upgrade or `accrete rebuild` tries again.",
                [f"{session}: {error}" for session, error in found.underived],
            )
        )
    if found.last_read_at is not None:
        findings.append(
            Finding("ok", f"Last read {common.local_now(settings).prose(found.last_read_at)}.")
        )
    return findings


def _kept_copy(settings: Settings) -> list[Finding]:
    """The copy that an upgrade made, where it is there."""
    kept = before_upgrade(settings.database)
    try:
        found = kept.stat()
    except OSError:
        return []
    until = common.local_now(settings).date(round((found.st_mtime + KEPT_S) * 1000))
    return [
        Finding(
            "note",
            f"The record as it was before the last upgrade is kept until {until} "
            f"({common.size(found.st_size)}).",
            "`accrete forget` removes it, too.",
            [str(kept)],
        )
    ]


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
