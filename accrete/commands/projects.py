"""`accrete projects`: the projects you worked in, the newest first."""

from __future__ import annotations

import click

from accrete.commands import common
from accrete.queries.activity import overview


@click.command("projects")
@common.scope_options
@common.json_option
def command(since: str | None, until: str | None, project: str | None, automated: bool | None, as_json: bool) -> None:
    """The projects you worked in, the newest first."""
    settings = common.settings()
    db = common.open_record(settings)
    now = common.local_now(settings)
    scope = common.make_scope(db, now, since, until, project, automated)
    rows = db.ask(overview(scope)).projects
    if as_json:
        common.print_json(common.rows_as_dicts(rows))
        return
    if not rows:
        click.echo(common.nothing(db, "session"))
        return
    table = common.table(
        ("project", "w"),
        ("sessions", "r"),
        ("prompts", "r"),
        ("active", "r"),
        ("cost", "r"),
        ("last", "l"),
        ("id", "l"),
    )
    for row in rows:
        last = now.date(row.last_at)
        table.add_row(row.name, common.number(row.sessions), common.number(row.prompts), common.span(row.active_ms),
                      common.money(row.cost_nano, unpriced=row.unpriced), last, row.id[:8])  # fmt: skip
    common.console().print(table)
    if note := common.range_note(scope):
        common.console().print(note, style="dim")
