"""`accrete forget`: deletes for good, shows a receipt, and prevents return."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress

import click

from accrete.care.forget import Receipt, What, forget, preview, scrub_again
from accrete.commands import common
from accrete.errors import AccreteError
from accrete.ingest.stopping import held_back
from accrete.queries.sessions import session
from accrete.settings import Settings
from accrete.text.plain import squeeze

NAMED = 10


@click.command("forget")
@click.argument("ids", nargs=-1, metavar="[SESSION]...")
@click.option("--project", metavar="NAME", help="All sessions of a project, future ones too.")
@click.option(
    "--before", metavar="WHEN", help="All sessions that ended before a date: 2026-01-01, 90d."
)
@click.option("--all", "everything", is_flag=True, help="Everything in the record.")
@click.option(
    "--scrub",
    "only_scrub",
    is_flag=True,
    help="Only rewrite the file, after a deletion that could not.",
)
@click.option("--yes", "-y", is_flag=True, help="Don't ask.")
@click.option("--sample", is_flag=True, help="Only the bundled sample.")
@common.json_option
def command(
    ids: tuple[str, ...],
    project: str | None,
    before: str | None,
    everything: bool,
    only_scrub: bool,
    sample: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Delete sessions for good.

    Afterwards no file in the data folder holds their bytes, and a backfill does not bring them
    back. Claude Code's transcripts and your backups are not touched; the receipt names the
    transcripts.
    """
    settings = common.settings()
    if sample:
        from accrete.commands.backfill import drop_sample

        gone = drop_sample(settings)
        click.echo(
            f"{common.plural(gone, 'session')} of the bundled sample deleted."
            if gone
            else "The bundled sample is not in the record."
        )
        return
    db = common.open_record(settings)
    chosen = sum((bool(ids), project is not None, before is not None, everything))
    if only_scrub:
        db.close()
        if chosen:
            raise click.UsageError("--scrub only rewrites the file. Remove it to delete something.")
        removed = scrub_again(settings)
        click.echo("Done. The data folder holds no deleted bytes.")
        if removed:
            click.echo(f"Also removed: {', '.join(str(path) for path in removed)}.")
        return
    if chosen > 1:
        raise click.UsageError(
            "Give only one of: session ids, --project NAME, --before WHEN, --all."
        )
    if not chosen:
        raise click.UsageError(
            "Say what to delete: session ids, --project NAME, --before WHEN or --all."
        )
    now = common.local_now(settings)
    what = What(
        sessions=tuple(common.find_session(db, prefix) for prefix in ids),
        project=common.find_project(db, project) if project else None,
        before=now.local.start_of_day(now.day(before)) if before else None,
        everything=everything,
    )
    meant = preview(db, common.ME, what)
    db.close()
    if not meant and not everything and what.project is None:
        raise AccreteError(
            "No sessions match, so nothing was deleted. `accrete sessions --all` lists them."
        )
    names = list(_named(settings, now, meant))
    if not yes:
        _ask(names, len(meant))
    receipt = _forget(settings, what)
    if as_json:
        from accrete.insight.answer import made
        from accrete.insight.upkeep import Forgotten

        common.print_answer(made(Forgotten, receipt))
    else:
        _show(receipt, names)
    if receipt.problem is not None:
        raise AccreteError(receipt.problem)
    common.catch_up(settings)


def _ask(names: list[str], sessions: int) -> None:
    """Lists what will be deleted, and continues only after a yes."""
    if not sys.stdin.isatty():
        listed = "\n".join(names)
        raise AccreteError(
            f"This would delete {common.plural(sessions, 'session')} for good. "
            f"Add --yes to do it.\n{listed}".rstrip()
        )
    for line in names:
        click.echo(line, err=True)
    try:
        agreed = click.confirm(f"Delete {common.plural(sessions, 'session')} for good?", err=True)
    except click.Abort:
        click.echo("\nNothing deleted.", err=True)
        raise click.exceptions.Exit(130) from None
    if not agreed:
        raise AccreteError("Nothing deleted.")


def _forget(settings: Settings, what: What) -> Receipt:
    """Forgets; a Ctrl-C in the middle does not keep the receipt back."""
    receipt: Receipt | None = None
    with suppress(KeyboardInterrupt), held_back():
        receipt = forget(settings, what, int(time.time() * 1000))
    if receipt is None:
        raise AccreteError("Stopped halfway. `accrete sessions --all` shows what is still there; "
                           "`accrete forget --scrub` finishes what was deleted.")  # fmt: skip
    return receipt


def _named(settings: Settings, now: common.LocalNow, meant: Sequence[str]) -> Iterator[str]:
    """What is about to go, a line each, so that whoever is asked knows."""
    db = common.open_record(settings)
    try:
        for identity in meant[:NAMED]:
            row = db.ask(session(common.about(identity)))
            if row is None:
                yield f"  {identity}"
                continue
            title = squeeze(common.plain(row.title or "(untitled)"))
            yield (
                f"  {identity[:8]}  {now.date(row.started_at)}  "
                f"{common.plain(row.project_name)}  {title[:60]}"
            )
    finally:
        db.close()
    if len(meant) > NAMED:
        yield f"  … and {len(meant) - NAMED} more"


def _show(receipt: Receipt, names: list[str]) -> None:
    gone = (
        (len(receipt.sessions), "session"),
        (receipt.prompts, "prompt"),
        (receipt.responses, "response"),
        (receipt.tool_calls, "tool call"),
        (receipt.events, "record"),
        (receipt.remembered_prompts, "remembered prompt"),
    )
    click.echo(f"Deleted: {', '.join(common.plural(n, one) for n, one in gone)}.")
    for line in names:
        click.echo(line)
    if receipt.kept_by:
        click.echo(
            "These forks and resumed sessions keep their copies of shared lines, and the cost now "
            f"counts there: {', '.join(i[:8] for i in receipt.kept_by[:10])}. "
            "Delete them too if you want the text gone."
        )
    of = "the rest" if receipt.kept_by else "them"
    if receipt.scrubbed:
        click.echo(f"The data folder holds nothing of {of} any more.")
    click.echo("A backfill won't bring them back.")
    if receipt.removed_files:
        click.echo(
            f"Also removed: {', '.join(receipt.removed_files)} (an older record kept by a restore)."
        )
    if receipt.transcripts:
        click.echo(
            f"Claude Code still has {common.plural(len(receipt.transcripts), 'transcript')} of "
            "them. Accrete does not touch these:"
        )
        for path in receipt.transcripts[:10]:
            click.echo(f"  {path}")
    click.echo("Your backups still contain them. Restoring one keeps them deleted.")
