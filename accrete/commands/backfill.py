"""`accrete backfill`: reads this machine's transcripts into the record, with progress."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from accrete.care.sample import sample_folder, sample_sessions
from accrete.commands import common
from accrete.errors import AccreteError, NoRecordError
from accrete.ingest.glance import glance
from accrete.ingest.report import Progress, Report
from accrete.queries.sessions import session
from accrete.settings import Settings

SHOWN = 5


@click.command("backfill")
@click.option(
    "--path",
    "paths",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Read this transcript, projects folder "
    "or config folder instead of the usual ones. Repeatable.",
)
@click.option(
    "--since", metavar="WHEN", help="Only files changed since a date: 2026-03-01, 2w, yesterday."
)
@click.option(
    "--jobs",
    type=click.IntRange(0, 64),
    help="Number of reading processes; 0 reads in the writing process.",
)
@click.option(
    "--or-sample", is_flag=True, help="Read the bundled sample if this machine has no transcripts."
)
@click.option("--quiet", "-q", is_flag=True, help="Print errors only.")
@common.json_option
def command(
    paths: tuple[Path, ...],
    since: str | None,
    jobs: int | None,
    or_sample: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Read this machine's transcripts into the record.

    Reads what is new since the last time, and never writes to Claude Code's folders. You can stop
    it and run it again at any time. What Claude Code deletes later stays in the record.
    """
    settings = common.settings()
    paths = tuple(Path(os.path.abspath(path)) for path in paths)
    if or_sample and not paths and not _any_transcript(settings):
        paths = (sample_folder(),)
        if not quiet and not as_json:
            click.echo(
                "No Claude Code transcripts on this machine. "
                "Reading the bundled sample (made-up sessions)."
            )
            click.echo(
                "It disappears when you have transcripts of your own, "
                "or with `accrete forget --sample`.\n"
            )
    elif (
        not paths
        and _any_transcript(settings)
        and drop_sample(settings)
        and not quiet
        and not as_json
    ):
        click.echo("You have transcripts of your own, so the bundled sample was removed.")
    since_ms = None
    if since:
        now = common.local_now(settings)
        since_ms = now.local.start_of_day(now.day(since))
    report = read(settings, paths=paths, since=since_ms, jobs=jobs, show=not quiet and not as_json)
    if as_json:
        from accrete.insight.answer import made
        from accrete.insight.upkeep import Backfilled, Skipped

        skipped = [Skipped(*each) for each in report.skipped]
        common.print_answer(made(Backfilled, report, skipped=skipped))


def read(
    settings: Settings,
    *,
    paths: tuple[Path, ...] = (),
    since: int | None = None,
    jobs: int | None = None,
    show: bool = True,
    if_none: str | None = None,
) -> Report:
    """Reads transcripts, with progress on a terminal and a summary. `if_none`: what to print if
    there are no transcripts.
    Raises AccreteError if another ingest does not end."""
    bar = show and sys.stderr.isatty()
    report = glance(settings, paths) if since is None else None
    if report is None:
        from accrete.ingest import ingest

        report = (
            _with_progress(settings, paths, since, jobs)
            if bar
            else ingest(settings, paths=paths, since=since, jobs=jobs)
        )
    if report.held_elsewhere:
        raise AccreteError(
            "Another ingest has been running for ten minutes. Wait until it ends, then try again."
        )
    common.catch_up(settings)
    if show:
        _summary(report, settings, paths, if_none)
    return report


def drop_sample(settings: Settings) -> int:
    """Takes the bundled sample out of the record where it is in it; returns how many sessions that
    were."""
    ids = sample_sessions()
    try:
        db = common.open_record(settings)
    except NoRecordError:
        return 0
    known = [identity for identity in ids if db.ask(session(common.about(identity)))]
    db.close()
    if known:
        import time

        from accrete.care.forget import drop

        drop(settings, tuple(known), int(time.time() * 1000))
    return len(known)


def _any_transcript(settings: Settings) -> bool:
    return any(
        next((root / "projects").glob("*/*.jsonl"), None) is not None for root in settings.roots
    )


def _with_progress(
    settings: Settings, paths: tuple[Path, ...], since: int | None, jobs: int | None
) -> Report:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    from accrete.ingest import ingest

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[detail]}"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading", total=None, detail="")
        return ingest(
            settings, paths=paths, since=since, jobs=jobs, on_progress=_teller(bar.update, task)
        )


def _teller(update: Callable[..., None], task: object) -> Callable[[Progress], None]:
    def tell(at: Progress) -> None:
        rate = at.bytes_done / at.seconds / 1e6 if at.seconds > 0 else 0.0
        detail = f"{at.files_done:,} of {at.files_all:,} files, {rate:.0f} MB/s"
        update(task, total=max(at.bytes_all, 1), completed=at.bytes_done, detail=detail)

    return tell


def _summary(
    report: Report, settings: Settings, paths: tuple[Path, ...], if_none: str | None
) -> None:
    if not report.files:
        places = ", ".join(str(path) for path in (paths or settings.roots))
        if paths:
            raise AccreteError(
                f"No transcripts (*.jsonl) in {places}. Give the folder that contains them."
            )
        if if_none is not None:
            click.echo(if_none)
            return
        click.echo(f"No transcripts in {places}.")
        click.echo("Use Claude Code first, give a folder with --path, or set CLAUDE_CONFIG_DIR.")
        return
    if not report.lines_parsed:
        click.echo(f"Nothing new in {common.plural(report.files, 'file')}.")
    else:
        rate = report.bytes_read / report.seconds / 1e6 if report.seconds else 0
        speed = f" ({rate:.0f} MB/s)" if rate >= 1 else ""
        click.echo(
            f"Read {common.plural(report.lines_parsed, 'line')} "
            f"({common.size(report.bytes_read)}) from {common.number(report.files_read)} of "
            f"{common.plural(report.files, 'file')} in {report.seconds:.1f} s{speed}; "
            f"{common.plural(report.sessions_changed, 'session')} updated."
        )
    if report.malformed:
        click.echo(
            f"{common.plural(report.malformed, 'line')} could not be read. "
            "`accrete doctor` shows where."
        )
    if report.files_missing:
        click.echo(
            f"{common.plural(report.files_missing, 'file is', 'files are')} no longer on disk. "
            "Their sessions stay in the record."
        )
    if report.forgotten_skipped:
        click.echo("Sessions you deleted with `accrete forget` were left out.")
    for path, reason in report.skipped[:SHOWN]:
        click.echo(f"Skipped {path}: {reason}", err=True)
    if len(report.skipped) > SHOWN:
        click.echo(
            f"… and {len(report.skipped) - SHOWN} more. `accrete doctor` lists them.", err=True
        )
