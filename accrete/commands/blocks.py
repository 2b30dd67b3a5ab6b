"""`accrete blocks`: five-hour windows of plans, and the projection of the current one."""

from __future__ import annotations

import click

from accrete.commands import common
from accrete.insight.windows import MINUTE_MS, block_of, pace
from accrete.queries.costs import Window, windows

SHOWN = 10


@click.command("blocks")
@common.scope_options
@click.option("--active", is_flag=True, help="Only the current window.")
@common.limit_option(SHOWN, "windows (the newest)")
@common.json_option
def command(
    since: str | None,
    until: str | None,
    project: str | None,
    automated: bool | None,
    active: bool,
    limit: int | None,
    as_json: bool,
) -> None:
    """Show five-hour windows, as plans count them, and the current pace.

    A window starts at the full hour of its first response. The projection assumes the pace since
    then. Plans publish no limits in tokens, so there is none to compare with.
    """
    settings = common.settings()
    db = common.open_record(settings)
    now = common.local_now(settings)
    found = db.ask(windows(common.make_scope(db, now, since, until, project, automated)))
    shown = [each for each in found if not active or pace(each, now.now_ms) is not None]
    if as_json:
        common.print_answer(
            [block_of(each, now.now_ms) for each in (shown[-limit:] if limit else shown)]
        )
        return
    if not shown:
        click.echo("No window is open." if found else common.nothing(db, "responses"))
        return
    _show(shown[-(limit or SHOWN) :], now)
    if len(shown) > (limit or SHOWN):
        more = (
            f"Newest {common.number(limit or SHOWN)} of {common.number(len(shown))}, newest last. "
            "Use `-n` for more."
        )
        common.console().print(more, style="dim")


def _show(shown: list[Window], now: common.LocalNow) -> None:
    out = common.console()
    table = common.table(
        ("started", "l"),
        ("sessions", "r", 4),
        ("responses", "r", 3),
        ("tokens", "r"),
        ("cost", "r"),
        ("", "l", 2),
        ("models", "w", 1),
    )
    for each in shown:
        state = "running" if pace(each, now.now_ms) else ""
        models = ", ".join(row.label for row in each.models)
        table.add_row(
            now.moment(each.begins) if each.begins is not None else "(no date)",
            common.number(each.row.sessions),
            common.number(each.row.responses),
            common.tokens(each.row.tokens),
            common.money(each.row.cost_nano, unpriced=each.row.unpriced),
            state,
            models,
        )
    out.print(table)
    if going := pace(shown[-1], now.now_ms):
        out.print(
            f"\n{common.span(going.minutes_left * MINUTE_MS)} left. "
            f"{common.tokens(round(going.tokens_per_minute))} tokens/min, "
            f"{common.money(round(going.cost_nano_per_hour))}/h."
        )
        out.print(
            f"At this pace: {common.tokens(going.tokens_at_end)} tokens and "
            f"{common.money(going.cost_nano_at_end)} when it ends."
        )
