"""`accrete backup`: copies the record while it is in use, and restores a copy."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from accrete.care.maintain import backup, restore
from accrete.commands import common
from accrete.commands.opening import open_as_it_is
from accrete.errors import OldRecordError
from accrete.insight.upkeep import BackedUp


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--restore",
    "back",
    is_flag=True,
    help="Replace the record with FILE; the current record is kept beside it.",
)
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@common.json_option
def command(file: Path, back: bool, force: bool, as_json: bool) -> None:
    """Write a complete, checked copy of the record to FILE. Other commands can run meanwhile.

    A record that an older version wrote is copied as it is. With --restore, FILE replaces the
    record. Sessions deleted since the backup stay deleted.
    """
    settings = common.settings()
    if back:
        kept = restore(settings, file)
        common.catch_up(settings)
        done = BackedUp(restored=str(file), kept=str(kept) if kept else None)
        text = f"Restored {file}." + (f" The previous record is now {kept}." if kept else "")
    else:
        with suppress(OldRecordError):  # it is copied as it is
            open_as_it_is(settings).close()
        size = backup(settings, file, force=force)
        done = BackedUp(backup=str(file), bytes=size)
        text = (
            f"Wrote {file} ({common.size(size)}). Restore it with: accrete backup --restore {file}"
        )
    if as_json:
        common.print_answer(done)
    else:
        click.echo(text)
