"""`accrete redact --check FILE`: shows what redaction would remove."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import click

from accrete.commands import common
from accrete.errors import AccreteError
from accrete.insight.upkeep import Redacted, Secret
from accrete.redaction import REDACTION_VERSION, find

FOUND = 1
"""The exit code where something is found."""


@click.command("redact")
@click.option(
    "--check",
    "file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="The file to check; - for standard input. It is not changed.",
)
@common.json_option
def command(file: Path, as_json: bool) -> None:
    """Show what redaction would remove from a file.

    Prints the line, kind and length of each finding, never the secret. Exits with 0 if nothing is
    found, 1 if something is, 2 if the file can't be read.
    """
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise AccreteError(f"Cannot read {file}: {error.strerror}.", exit_code=2) from error
    text = data.decode("utf-8", "replace")
    findings = find(text)
    rows = [Secret(text.count("\n", 0, f.start) + 1, f.kind, f.end - f.start) for f in findings]
    if as_json:
        common.print_answer(Redacted(REDACTION_VERSION, rows))
    elif rows:
        _show(rows)
    else:
        click.echo("Nothing to redact.")
    if rows:
        sys.exit(FOUND)


def _show(rows: list[Secret]) -> None:
    table = common.table(("line", "r"), ("kind", "w"), ("characters", "r"))
    for row in rows:
        table.add_row(str(row.line), row.kind, str(row.characters))
    common.console().print(table)
    kinds = ", ".join(
        f"{n} {kind}" for kind, n in sorted(Counter(row.kind for row in rows).items())
    )
    click.echo(
        f"\n{common.plural(len(rows), 'finding')}: {kinds}. Each would be stored as [redacted:…]."
    )
