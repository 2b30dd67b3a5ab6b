"""`accrete cost`: tokens and API-equivalent money, by what you ask."""

from __future__ import annotations

from dataclasses import replace

import click

from accrete.commands import common
from accrete.pricing import PRICE_TABLE_VERSION
from accrete.queries.costs import GROUPINGS, IN_TIME, CostRow, Unpriced, cost, delegated, why_unpriced, without_price

"""Groupings whose rows stand in the order of time."""


@click.command("cost")
@common.scope_options
@click.option("--by", type=click.Choice(GROUPINGS), default="day", show_default=True, help="What a row is.")
@click.option("--branch", metavar="NAME", help="One git branch.")
@click.option("--model", metavar="ID", help="One model.")
@click.option("--session", metavar="ID", help="One session, by the beginning of its id, or latest.")
@click.option("-n", "--limit", default=30, show_default=True, type=click.IntRange(1), help="How many rows at most.")
@common.json_option
def command(since: str | None, until: str | None, project: str | None, automated: bool | None, by: str,
            branch: str | None, model: str | None, session: str | None, limit: int, as_json: bool) -> None:  # fmt: skip
    """Tokens and API-equivalent cost.

    A response counts once, on the day and at the price of its own model and time; forks and resumed copies cost
    nothing again. Own is the main line, delegated what subagents did.
    """
    settings = common.settings()
    db = common.open_record(settings)
    now = common.local_now(settings)
    one = common.find_session(db, session) if session else None
    scope = common.make_scope(db, now, since, until, project, automated, branch=branch, model=model, session=one)
    rows = db.ask(cost(scope, by))
    if by == "window":
        rows = [replace(row, label=now.local.text(int(row.key)) if row.key else "") for row in rows]
    total = db.ask(cost(scope, "all") if by != "subagent" else delegated(scope))
    in_time = by in IN_TIME
    unpriced = db.ask(without_price(scope)) if total and total[0].unpriced else []
    if as_json:
        common.print_json(
            {
                "by": by,
                "price_table": PRICE_TABLE_VERSION,
                "rows": [_json(row) for row in rows],
                "total": _json(total[0]) if total else None,
                "unpriced": common.rows_as_dicts(unpriced),
            }
        )
        return
    if not rows:
        click.echo(common.nothing(db, "response"))
        return
    shown = rows[-limit:] if in_time else rows[:limit]
    if by == "window":
        shown = [replace(row, label=now.moment(int(row.key)) if row.key else "(no time)") for row in shown]
    elif by in ("day", "week"):
        shown = [replace(row, label=now.written(row.label)) for row in shown]
    _show(shown, total[0] if total else None, by, len(rows), settings.api_equivalent, unpriced)
    if note := common.range_note(scope):
        common.console().print(note, style="dim")


def _json(row: CostRow) -> dict[str, object]:
    return {**common.rows_as_dicts([row])[0], "cost_nano": row.cost_nano}


def _show(rows: list[CostRow], total: CostRow | None, by: str, of: int, api_equivalent: bool,
          unpriced: list[Unpriced]) -> None:  # fmt: skip
    out = common.console()
    table = common.table(*_columns(by))
    for row in rows:
        table.add_row(*_cells(row, by))
    if total is not None and len(rows) == of:
        table.add_row(*_cells(total, by, name="total"), style="bold")
    out.print(table)
    if len(rows) < of:
        where = "newest" if by in IN_TIME else "dearest"
        out.print(f"The {where} {len(rows)} of {of}. More with --limit.", style="dim")
        if total is not None:
            out.print(f"All together: {common.money(total.cost_nano, unpriced=total.unpriced)}", style="bold")
    notes = [f"{'API-equivalent, not a bill; price' if api_equivalent else 'Price'} table {PRICE_TABLE_VERSION}."]
    if total is not None and total.unpriced:
        notes.append(
            f"+ {common.plural(total.unpriced, 'response')} left out: {why_unpriced(unpriced)}. See `accrete doctor`."
        )
    if total is not None and total.lower_bound:
        notes.append(f"Output of {common.plural(total.lower_bound, 'response')} is known only in part: a lower bound.")
    if total is not None and total.price_assumed:
        notes.append(common.assumed(total.price_assumed))
    for note in notes:
        out.print(common.plain(note), style="dim", markup=False)


def _columns(by: str) -> list[tuple[str, str, int]]:
    one = by in ("session", "prompt")
    first = ("5 hours from" if by == "window" else by, "l" if one or by in IN_TIME else "w", 0)
    second = ("title" if by == "session" else "words", "w", 2) if one else ("sessions", "r", 3)
    kinds = [(name, "r", 5) for name in ("input", "output", "cache read", "cache write")]
    return [first, second, ("responses", "r", 4), *kinds, ("tokens", "r", 1), ("own", "r", 3), ("delegated", "r", 3),
            ("cost", "r", 0)]  # fmt: skip


def _cells(row: CostRow, by: str, name: str | None = None) -> list[str]:
    if by in ("session", "prompt") and name:
        first = [name, ""]
    elif by == "session":
        first = [row.key[:8], row.label]
    elif by == "prompt":
        session, _, n = row.key.partition("#")
        first = [f"{session[:8]} #{n}", row.label]
    else:
        first = [name or row.label or "(no time)", common.number(row.sessions)]
    used = [row.input_tokens, row.output_tokens, row.cache_read_tokens, row.cache_write_tokens]
    counts = [common.tokens(n) for n in (*used, sum(used))]
    return [*first, common.number(row.responses), *counts, common.money(row.cost_own_nano, unpriced=row.unpriced if not row.cost_own_nano else 0),
            common.money(row.cost_delegated_nano), common.money(row.cost_nano, unpriced=row.unpriced)]  # fmt: skip
