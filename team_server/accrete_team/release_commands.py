"""`accrete-team release`: makes the releases of a company that are due, and says what is kept back
and why."""

from __future__ import annotations

import json
from datetime import date

import click

from accrete.present.formats import plural
from accrete.wire.benchmarks import OTHERS, TOO_FEW
from accrete_team import tokens
from accrete_team.opened import opened
from accrete_team.release_rules import LATE_DAYS, PEOPLE, TOGETHER
from accrete_team.releases import Made, made_of, make_releases

WHY = {
    TOO_FEW: f"fewer than {PEOPLE} people count",
    OTHERS: f"another team, or the people of no team, are fewer than {PEOPLE}",
}


@click.command("release")
@click.argument("slug")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def release(slug: str, as_json: bool) -> None:
    """Make the releases that are due, and say what the newest one keeps back and why."""
    _, db = opened(slug)
    try:
        fresh = make_releases(db, tokens.now_ms())
        newest = db.run("SELECT MAX(block) FROM release")[0][0]
        found = made_of(db, str(newest)) if newest is not None else None
    finally:
        db.close()
    if as_json:
        click.echo(json.dumps({"made": fresh, "newest": _as_json(found)}))
        return
    click.echo(f"Made: {', '.join(fresh)}." if fresh else "Nothing is due.")
    if found is None:
        click.echo(
            "There is no release yet. A block of four weeks is released "
            f"{LATE_DAYS} days after it is over."
        )
        return
    for line in lines(found):
        click.echo(line)


def lines(made: Made) -> list[str]:
    """A release in words."""
    first, last = (date.fromisoformat(day) for day in made.block)
    said = [f"{first:%-d %b} to {last:%-d %b %Y}:"]
    said += [f"  {name}: {plural(n, 'person', 'people')}" for name, n in made.groups.items()]
    said += [
        f"  {each.team}: kept back, {WHY[each.why]} (here {each.people})" for each in made.withheld
    ]
    if made.waiting:
        said.append(
            f"  {plural(made.waiting, 'person waits', 'people wait')} until {TOGETHER} "
            "join together"
        )
    told, kept = made.cells
    if kept:
        said.append(
            f"  {kept} of {told + kept} words are kept back: beside what was said before, each "
            "would tell of somebody"
        )
    return said


def _as_json(made: Made | None) -> object:
    if made is None:
        return None
    return {
        "first": made.block.first,
        "last": made.block.last,
        "groups": made.groups,
        "withheld": [each._asdict() for each in made.withheld],
        "waiting": made.waiting,
        "words": made.cells[0],
        "words_kept_back": made.cells[1],
    }
