"""`accrete doctor`: what was read, what was not, what Claude Code will delete and when, and whether
the record is intact."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from threading import Thread
from typing import Any

import click

from accrete.commands import common, hooks_found, silence
from accrete.commands.findings import Finding, as_answers, show_findings
from accrete.commands.record_found import record_findings
from accrete.commands.retention import kept_for, retention
from accrete.database import Sqlite
from accrete.errors import AccreteError, NoRecordError
from accrete.pricing import PRICE_TABLE_VERSION
from accrete.queries.capture import Capture, capture
from accrete.queries.costs import Unpriced
from accrete.queries.counts import counts
from accrete.queries.health import Health, health
from accrete.record.files import FORGOTTEN, hidden, text_of
from accrete.record.forgotten import Ignored
from accrete.settings import DEFAULT_RETENTION_DAYS, Settings
from accrete.transcript.discover import discover


@click.command("doctor")
@click.option(
    "--counts", "only_counts", is_flag=True, help="Print every kind of record and its number."
)
@common.json_option
def command(only_counts: bool, as_json: bool) -> None:
    """Check the record: what was read, what was not, what Claude Code will delete and when.

    Exits with 1 if the record is damaged or a file could not be read.
    """
    settings = common.settings()
    try:
        db = common.open_record(settings)
    except NoRecordError:
        if only_counts:
            raise
        _before_the_first(settings, as_json)
        return
    if only_counts:
        _counts(db, as_json)
        return
    checked = SoundCheck(settings.database)
    found = db.ask(health(common.MINE))
    findings = [
        *_reading(found),
        *_unread(settings, found),
        *_prices(found),
        *record_findings(db, settings, found, checked.problems()),
        *_capture(settings, db.ask(capture(common.MINE))),
    ]
    if as_json:
        from accrete.insight.upkeep import Findings

        common.print_answer(Findings(as_answers(findings)))
    else:
        show_findings(findings)
    if any(f.level == "bad" for f in findings):
        raise click.exceptions.Exit(1)


class SoundCheck:
    """SQLite's own check of the whole file, on a thread: it reads every page while the rest is
    looked at."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: list[str] = []
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            db = Sqlite(self._path, readonly=True)
            try:
                self._found = [row[0] for row in db.run("PRAGMA quick_check(5)")]
            finally:
                db.close()
        except (AccreteError, OSError) as error:
            self._found = [str(error)]

    def problems(self) -> list[str]:
        """What is wrong, nothing where all is well."""
        self._thread.join()
        return [] if self._found == ["ok"] else self._found


def _before_the_first(settings: Settings, as_json: bool) -> None:
    """What there is to read, when nothing was read yet."""
    findings = [
        Finding("note", f"No record in {settings.home} yet.", "Run `accrete backfill`."),
        *_unread(settings, Health([], [], [], [], 0, None, 0, [], 0, 0)),
        *_capture(settings, None),
    ]
    if as_json:
        from accrete.insight.upkeep import Findings

        common.print_answer(Findings(as_answers(findings)))
    else:
        show_findings(findings)


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


def _counts(db: Sqlite, as_json: bool) -> None:
    found = db.ask_at_once(counts(common.MINE))
    if as_json:
        from accrete.insight.upkeep import Counted

        common.print_answer(Counted(found))
        return
    out = common.console()
    for name, value in found.items():
        if isinstance(value, dict):
            out.print(name, style="bold")
            for line in _nested(value, "  "):
                out.print(line)
        else:
            out.print(f"{name:28} {value:>14,}")


def _nested(value: dict[str, Any], indent: str) -> list[str]:
    lines = []
    for name, each in value.items():
        if isinstance(each, dict):
            lines.append(f"{indent}{name}")
            lines.extend(_nested(each, indent + "  "))
        else:
            lines.append(f"{indent}{name:<{28 - len(indent)}} {each:>14,}")
    return lines


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
    search = discover(settings.roots)
    known = {s.path: s for s in found.sources}
    findings = _not_read(search.unreadable, "cannot be read")
    places = [str(root) for root in settings.roots if (root / "projects").is_dir()]
    if not places:
        looked = ", ".join(str(root) for root in settings.roots)
        return [
            *findings,
            Finding(
                "warn",
                f"No Claude Code transcripts in {looked}.",
                "If they are elsewhere, set CLAUDE_CONFIG_DIR.",
            ),
        ]
    closed = {file.path for file in search.files if not os.access(file.path, os.R_OK)}
    findings.extend(
        _not_read([(path, os.strerror(errno.EACCES)) for path in sorted(closed)], "cannot be read")
    )
    behind, forgotten, ignored = [], 0, Ignored(settings)
    for file in search.files:
        hidden_one = known.get(hidden(text_of(file.path)))
        source = known.get(text_of(file.path)) or hidden_one
        forgotten += source is not None and source is hidden_one
        if file.path in closed:
            continue
        as_read = source is not None and (file.stat.st_mtime_ns, file.stat.st_size) == (
            source.mtime_ns,
            source.size,
        )
        if not as_read and not ignored.holds(str(file.path)):
            behind.append(file)
    if forgotten:
        findings.append(
            Finding(
                "note",
                f"{common.plural(forgotten, 'file belongs', 'files belong')} to deleted or ignored "
                "sessions. Nothing of them is stored.",
            )
        )
    days, said = retention(settings)
    findings.append(
        Finding(
            "note" if days else "warn",
            kept_for(days, said),
            "Accrete keeps what it has read. To keep the files too, raise cleanupPeriodDays.",
        )
    )
    if behind:
        size = sum(file.stat.st_size for file in behind)
        first = (
            min(file.stat.st_mtime_ns for file in behind) // 1_000_000
            + (days or DEFAULT_RETENTION_DAYS) * 86_400_000
        )
        day = common.local_now(settings).date(first)
        findings.append(
            Finding(
                "warn",
                f"{common.plural(len(behind), 'file')} ({common.size(size)}) with content that is "
                f"not in the record yet. Claude Code may delete the first from {day} on.",
                "Run `accrete backfill`.",
                [str(file.path) for file in behind],
            )
        )
    else:
        findings.append(
            Finding(
                "ok",
                f"{'All other' if forgotten else 'All'} "
                f"{common.plural(len(search.files) - forgotten, 'file')} in "
                f"{', '.join(places)} are in the record. "
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
