"""`accrete sessions`: a list of sessions, the newest first."""

from __future__ import annotations

import click

from accrete.commands import common
from accrete.queries.sessions import SessionRow, sessions


@click.command("sessions")
@common.scope_options
@click.option("--branch", metavar="NAME", help="Sessions with responses on a git branch.")
@click.option("--model", metavar="ID", help="Sessions with responses of a model.")
@click.option("--all", "everything", is_flag=True, help="Also sessions in which nothing happened, and no limit.")
@click.option("-n", "--limit", default=30, show_default=True, type=click.IntRange(1), help="How many at most.")
@common.json_option
def command(since: str | None, until: str | None, project: str | None, automated: bool | None, branch: str | None,
            model: str | None, everything: bool, limit: int, as_json: bool) -> None:  # fmt: skip
    """List sessions, the newest first.

    An id may be given to other commands by its beginning; `latest` names the newest.
    """
    settings = common.settings()
    db = common.open_record(settings)
    now = common.local_now(settings)
    scope = common.make_scope(db, now, since, until, project, automated, branch=branch, model=model)
    found = db.ask(sessions(scope, limit=None if everything else limit + 1, empty=everything))
    more = not everything and len(found) > limit
    found = found[:limit] if more else found
    if as_json:
        common.print_json(common.rows_as_dicts(found))
        return
    if not found:
        click.echo("No session matches. Leave out a filter, or run `accrete backfill`.")
        return
    _show(found, now)
    if more:
        click.echo(f"\nThe newest {limit}. More with --limit, all with --all.")


def _show(found: list[SessionRow], now: common.LocalNow) -> None:
    out = common.console()
    wide = out.width >= 120
    columns = [
        ("id", "l"),
        ("started", "l"),
        ("project", "l"),
        ("title", "w"),
        ("prompts", "r"),
        ("active", "r"),
        ("cost", "r"),
    ]
    if wide:
        columns[4:4] = [("branch", "l")]
        columns[6:6] = [("tools", "r"), ("agents", "r")]
    rows = common.table(*columns)
    for s in found:
        started = (
            now.local.text(s.started_at, "%Y-%m-%d %H:%M" if wide else "%Y-%m-%d") if s.started_at is not None else "—"
        )
        title = ("⚙ " if s.automated else "") + (
            s.title or ("(untitled)" if s.prompts or s.responses else "(only its subagents)")
        )
        cells = [s.id[:8], started, s.project_name[: 24 if wide else 14], title, common.number(s.prompts),
                 common.span(s.active_ms), common.money(s.cost_nano + s.delegated_cost_nano, unpriced=s.unpriced)]  # fmt: skip
        if wide:
            cells[4:4] = [(s.branch or "")[:24]]
            cells[6:6] = [common.number(s.tool_calls), common.number(s.agents)]
        rows.add_row(*cells)
    out.print(rows)
    if any(s.automated for s in found):
        out.print("⚙ automated: print mode, SDK or a team member", style="dim")
