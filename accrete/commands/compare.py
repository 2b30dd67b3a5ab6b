"""`accrete compare --team`: a person's practices beside their team's."""

from __future__ import annotations

import time

import click

from accrete.commands import common
from accrete.commands.practices import find
from accrete.commands.styled import Text
from accrete.insight.beside_team import BesideTeam, TeamComparison, TeamWord
from accrete.practices import all_practices


@click.command("compare")
@click.argument(
    "name",
    required=False,
    metavar="[PRACTICE]",
    shell_complete=lambda ctx, param, text: [
        p.name for p in all_practices() if p.name.startswith(text)
    ],
)
@click.option("--team", is_flag=True, help="Beside your team and your company.")
@common.json_option
def command(name: str | None, team: bool, as_json: bool) -> None:
    """Compare your practices with your team's: yours, and for how many of the team each is regular.

    Covers the newest four weeks that the team server released. If the server does not answer, you
    get what it said last, with its age. Nothing that it says is about a single person.
    """
    from accrete.sync.benchmarks import compare

    if not team:
        raise click.UsageError("Compare with whom? Use --team.")
    settings = common.settings()
    practice = find(name).name if name else None
    db = common.open_record(settings)
    now = common.local_now(settings)
    found = compare(settings, db, now, int(time.time() * 1000), practice)
    db.close()
    if as_json:
        common.print_answer(found)
        return
    if not found.team_connected:
        click.echo("This machine shares with no team. Join one: accrete team join URL --token …")
        return
    _show(found, one=practice is not None)


def _show(found: TeamComparison, *, one: bool) -> None:
    out = common.console()
    out.print(Text(found.said))
    if found.practices:
        table = common.table(
            ("practice", "l"), ("sessions", "r"), ("times", "r", 2), ("done well", "r", 2),
            ("habit", "l", 1), ("your team", "l"), ("your company", "l"), ("shown by", "w", 3),
        )  # fmt: skip
        for row in found.practices:
            table.add_row(
                row.name,
                f"{row.seen:,} of {row.possible:,}" if row.possible else "—",
                common.number(row.sightings),
                common.percent(row.marked, row.sightings, 0),
                row.depth,
                _word(row, "team"),
                _word(row, "company"),
                ", ".join(row.taught_by),
            )
        out.print()
        out.print(table)
    for line in found.caveats:
        out.print(Text(line), style="dim")
    if one and found.practices:
        out.print()
        out.print(Text.assemble(("Try next  ", "bold"), found.practices[0].try_next))


def _word(row: BesideTeam, of: str) -> str:
    word: TeamWord | None = next((each for each in row.words if each.of == of), None)
    return (word.word or "not said") if word else "—"
