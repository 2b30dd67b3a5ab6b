"""What `accrete doctor` says of what was read and what was not, of prices, and of what Claude Code
will delete."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

from accrete.care.disk import on_disk
from accrete.commands import common, hooks_found, silence
from accrete.commands.diagnosis import Finding
from accrete.commands.record_found import record_findings
from accrete.database import Sqlite
from accrete.edge.local import MINE
from accrete.edge.retention import kept_for
from accrete.pricing.version import PRICE_TABLE_VERSION
from accrete.queries.costs import Unpriced
from accrete.queries.health import Health, health
from accrete.queries.hook_events import Capture, capture
from accrete.record.file_names import FORGOTTEN
from accrete.settings import Settings


def all_findings(
    db: Sqlite, settings: Settings, problems: Callable[[], list[str]]
) -> list[Finding]:
    """What there is to say of a record. problems: SQLite's own, which is waited for last."""
    found = db.ask(health(MINE))
    read = [*_reading(found), *_unread(settings, found), *_prices(found)]
    captured = _capture(settings, db.ask(capture(MINE)))
    return [*read, *record_findings(db, settings, found, problems()), *captured]


def before_the_first(settings: Settings) -> list[Finding]:
    """What there is to read, when nothing was read yet."""
    return [
        Finding("note", f"No record in {settings.home} yet.", "Run `accrete backfill`."),
        *_unread(settings, Health([], [], [], [], 0, None, 0, [], 0, 0)),
        *_capture(settings, None),
    ]


def _capture(settings: Settings, found: Capture | None) -> list[Finding]:
    """What keeps events from coming, as far as it is a fault: a record without hooks is sound."""
    findings = [
        *hooks_found.hook_findings(settings, found.folders if found else ()),
        *silence.lost(settings),
    ]
    installed = any(finding.level == "ok" for finding in findings)
    if installed:
        findings += silence.silent(settings, found)
    for finding in findings:
        finding.level = {"bad": "warn" if installed else "note"}.get(finding.level, finding.level)
    return [finding for finding in findings if finding.level != "ok"]


def _reading(found: Health) -> list[Finding]:
    findings = []
    transcripts = [
        s for s in found.sources if s.layout != "history" and not s.path.startswith(FORGOTTEN)
    ]
    lines = sum(s.counts.lines for s in transcripts)
    findings.append(
        Finding(
            "ok",
            f"{common.plural(len(transcripts), 'transcript')} read, "
            f"{common.plural(lines, 'line')}, {common.size(sum(s.read_to for s in transcripts))}.",
        )
    )
    broken = [s for s in transcripts if s.counts.malformed]
    if broken:
        n = sum(s.counts.malformed for s in broken)
        torn = sum(s.counts.torn for s in broken)
        last = f", including {common.plural(torn, 'unfinished last line')}" if torn else ""
        findings.append(
            Finding(
                "warn",
                f"{common.plural(n, 'line')} "
                f"in {common.plural(len(broken), 'file')} could not be read{last}.",
                "Accrete skips such lines and keeps everything else.",
                [f"{s.path}: {s.counts.malformed}" for s in broken],
            )
        )
    mended = sum(s.counts.repaired for s in transcripts)
    if mended:
        findings.append(
            Finding(
                "note",
                f"{common.plural(mended, 'line was', 'lines were')} repaired before reading "
                "(invalid bytes, two records on one line).",
            )
        )
    if found.misdated:
        findings.append(
            Finding(
                "note",
                f"{common.plural(found.misdated, 'line has', 'lines have')} an impossible time: "
                "before Claude Code existed, far in the future, "
                "or half a year from the lines around.",
                "A clock was wrong. These lines count on the day of the lines around them.",
            )
        )
    failed = [(Path(s.path), s.error) for s in found.sources if s.error]
    findings.extend(_not_read(failed, "could not be read last time"))
    gone = [s for s in found.sources if s.missing_at is not None]
    if gone:
        findings.append(
            Finding(
                "note",
                f"{common.plural(len(gone), 'file is', 'files are')} no longer on disk. "
                "Their sessions are kept.",
            )
        )
    if found.to_read_again:
        findings.append(
            Finding(
                "note",
                f"{common.plural(found.to_read_again, 'file was', 'files were')} "
                "read by an older version of Accrete.",
                "They will be read again in the background. `accrete backfill` does it now.",
            )
        )
    if found.assumed:
        findings.append(
            Finding(
                "note",
                f"{common.plural(found.assumed, 'session was', 'sessions were')} read by an older "
                "version, so their figures are assumed.",
                "Their transcripts are gone, so this version can't read them again.",
            )
        )
    if found.unknown:
        findings.append(
            Finding(
                "note",
                f"{sum(n for _, n, _, _ in found.unknown):,} records of "
                f"{common.plural(len(found.unknown), 'unknown type')}.",
                "Accrete keeps their beginning. A newer version may understand them.",
                [
                    f"{name}: {n:,}" + (f" (Claude Code {low} – {high})" if low else "")
                    for name, n, low, high in found.unknown
                ],
            )
        )
    return findings


def _unread(settings: Settings, found: Health) -> list[Finding]:
    """What the config folders hold now, what of it is not in the record, and when Claude Code will
    purge it."""
    disk = on_disk(settings, found.sources)
    findings = _not_read(disk.unreadable, "cannot be read")
    if not disk.places:
        return [
            *findings,
            Finding(
                "warn",
                f"No Claude Code transcripts in {', '.join(disk.looked)}.",
                "If they are elsewhere, set CLAUDE_CONFIG_DIR.",
            ),
        ]
    findings.extend(
        _not_read([(path, os.strerror(errno.EACCES)) for path in disk.closed], "cannot be read")
    )
    if disk.forgotten:
        findings.append(
            Finding(
                "note",
                f"{common.plural(disk.forgotten, 'file belongs', 'files belong')} to deleted or "
                "ignored sessions. Nothing of them is stored.",
            )
        )
    findings.append(
        Finding(
            "note" if disk.kept_days else "warn",
            kept_for(disk.kept_days, disk.kept_said),
            "Accrete keeps what it has read. To keep the files too, raise cleanupPeriodDays.",
        )
    )
    if disk.first_loss_at is not None:
        size = sum(file.size for file in disk.behind)
        day = common.local_now(settings).date(disk.first_loss_at)
        findings.append(
            Finding(
                "warn",
                f"{common.plural(len(disk.behind), 'file')} ({common.size(size)}) with content "
                f"that is not in the record yet. Claude Code may delete the first from {day} on.",
                "Run `accrete backfill`.",
                [str(file.path) for file in disk.behind],
            )
        )
    else:
        findings.append(
            Finding(
                "ok",
                f"{'All other' if disk.forgotten else 'All'} "
                f"{common.plural(disk.files - disk.forgotten, 'file')} in "
                f"{', '.join(disk.places)} are in the record. "
                "Nothing will be lost.",
            )
        )
    return findings


_CAUSES: tuple[tuple[tuple[int, ...], str], ...] = (
    (
        (errno.ENOENT, errno.ENOTDIR),
        "The file is missing: a broken link, or it was just removed. Remove or fix the link.",
    ),
    ((errno.ELOOP,), "A link points to itself. Remove it."),
    ((errno.ENAMETOOLONG,), "The path is too long. Move the folder to a shorter one."),
    ((errno.EISDIR,), "A folder has a transcript's name. Move it elsewhere."),
    (
        (errno.EIO, errno.ESTALE, errno.ETIMEDOUT),
        "The disk or the network drive did not answer. Check it, then run `accrete backfill`.",
    ),
)
_CLOSED = (errno.EACCES, errno.EPERM)


def _not_read(found: list[tuple[Path, str]], how: str) -> list[Finding]:
    """What cannot be read, together where one advice helps."""
    by_advice: dict[str, list[str]] = {}
    for path, reason in found:
        by_advice.setdefault(_advice(path, reason), []).append(f"{path}: {reason}")
    return [
        Finding(
            "bad",
            f"{common.plural(len(told), 'file or folder', 'files or folders')} {how}.",
            advice,
            told,
        )
        for advice, told in by_advice.items()
    ]


def _advice(path: Path, reason: str) -> str:
    """What helps against the reason for which a file or folder cannot be read."""
    for numbers, advice in _CAUSES:
        if reason in {os.strerror(number) for number in numbers}:
            return advice
    if reason in {os.strerror(number) for number in _CLOSED}:
        rights = "u+rx" if os.path.isdir(path) else "u+r"
        return f"Make it readable (`chmod {rights}`), then run `accrete backfill`."
    if reason.startswith("could not be understood"):
        return (
            "This is a bug in Accrete, or the file is not a transcript. Please report the reason. "
            "The next backfill tries again."
        )
    return "Check the file, then run `accrete backfill`."


_OWN_PRICE = (
    'Give one in config.json: {"modelPricing": {"overrides": {"MODEL": {"input": 3, '
    '"output": 15, "cacheRead": 0.3, '
    '"cacheWrite": 3.75}}}} in USD per million tokens, then run `accrete rebuild`.'
)
_LEFT_OUT = "Costs leave them out. A newer Accrete may know their price."
_WHY: dict[str, tuple[str, str, str]] = {
    "unpriced:model": ("warn", "from a model without a known price", _OWN_PRICE),
    "unpriced:fast": (
        "warn",
        "in fast mode, which the model did not have then",
        "Costs leave them out: the API refuses such requests, so their cost is unknown.",
    ),
    "unpriced:speed": ("warn", "with an unknown speed", _LEFT_OUT),
    "unpriced:tier": ("warn", "in a service tier without a known price", _LEFT_OUT),
    "unpriced:geo": ("warn", "with an unknown inference geo", _LEFT_OUT),
    "unpriced:usage": ("note", "without usage, so without cost", ""),
}
"""Why a response has no price: level, words behind their number, what to do."""


def _prices(found: Health) -> list[Finding]:
    findings = [
        _without_price(reason, [row for row in found.unpriced if row.reason == reason])
        for reason in _WHY
        if any(row.reason == reason for row in found.unpriced)
    ]
    if found.without_session:
        n = sum(responses for _, responses, _ in found.without_session)
        findings.append(
            Finding(
                "warn",
                f"{common.plural(n, 'response')} without a session, because their file names none. "
                "No figure includes them.",
                "",
                [
                    f"{model or '(no model named)'}: "
                    f"{responses:,} responses, {common.tokens(used)} tokens"
                    for model, responses, used in found.without_session
                ],
            )
        )
    if not any(finding.level == "warn" for finding in findings):
        findings.insert(
            0,
            Finding("ok", f"Every response with usage has a price (table {PRICE_TABLE_VERSION})."),
        )
    if found.price_assumed:
        findings.append(Finding("note", common.assumed(found.price_assumed)))
    return findings


def _without_price(reason: str, rows: list[Unpriced]) -> Finding:
    level, words, advice = _WHY[reason]
    details = [
        f"{row.model or '(no model named)'}{f', {row.value}' if row.value else ''}: {row.n:,} "
        f"responses, {common.tokens(row.tokens)} tokens"
        for row in rows
    ]
    return Finding(
        level, f"{common.plural(sum(row.n for row in rows), 'response')} {words}.", advice, details
    )
