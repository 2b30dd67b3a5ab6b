"""`accrete cost`: tokens and API-equivalent cost, grouped as asked."""

from __future__ import annotations

from dataclasses import replace

import click

from accrete.commands import common
from accrete.database import Sqlite
from accrete.pricing.version import PRICE_TABLE_VERSION
from accrete.queries.costs import (
    GROUPINGS,
    IN_TIME,
    CostRow,
    Unpriced,
    cost,
    delegated,
    why_unpriced,
    windows,
    without_price,
)
from accrete.queries.scope import Scope
from accrete.queries.sessions import SessionRow, sessions
from accrete.queries.work import TIMED, active

SHOWN = 30


@click.command("cost")
@common.scope_options
@click.option(
    "--by", type=click.Choice(GROUPINGS), default="day", show_default=True, help="Group by."
)
@click.option("--branch", metavar="NAME", help="Only this git branch.")
@click.option("--model", metavar="ID", help="Only this model.")
@click.option(
    "--session", metavar="ID", help="Only this session: the beginning of its id, or latest."
)
@click.option("--breakdown", is_flag=True, help="Show each row's models below it.")
@common.limit_option(SHOWN)
@common.json_option
def command(
    since: str | None,
    until: str | None,
    project: str | None,
    automated: bool | None,
    by: str,
    branch: str | None,
    model: str | None,
    session: str | None,
    breakdown: bool,
    limit: int | None,
    as_json: bool,
) -> None:
    """Show tokens and API-equivalent cost.

    Each response counts once, on its own day, at its model's price. Copies in forks and resumed
    sessions cost nothing.
    `main` is the main conversation, `subagents` is the work of subagents.
    """
    settings = common.settings()
    db = common.open_record(settings)
    now = common.local_now(settings)
    one = common.find_session(db, session) if session else None
    scope = common.make_scope(
        db, now, since, until, project, automated, branch=branch, model=model, session=one
    )
    rows = db.ask(cost(scope, by))
    if by == "window":
        rows = [row._replace(label=now.local.text(int(row.key)) if row.key else "") for row in rows]
    total = db.ask(cost(scope, "all") if by != "subagent" else delegated(scope))
    most = limit or (len(rows) if as_json else SHOWN)
    shown = rows[-most:] if by in IN_TIME else rows[:most]
    unpriced = db.ask(without_price(scope)) if total and total[0].unpriced else []
    models = by_model(db, scope, by) if breakdown else {}
    told = _of_sessions(db, scope) if by == "session" else {}
    if as_json:
        from accrete.insight.costs import Costs, cost_of, priceless

        hours = _active(db, scope, by)
        whole = {} if hours is None else {"active_ms": sum(hours.values())}
        answer = Costs(
            by=by,
            price_table=PRICE_TABLE_VERSION,
            rows=[
                cost_of(row, **_more(row, told, models if breakdown else None, hours))
                for row in shown
            ],
            total=cost_of(total[0], **whole) if total else None,
            unpriced=priceless(unpriced),
        )
        common.print_answer(answer)
        return
    if not rows:
        click.echo(common.nothing(db, "responses"))
        return
    if by == "window":
        shown = [
            row._replace(label=now.moment(int(row.key)) if row.key else "(no date)")
            for row in shown
        ]
    elif by in ("day", "week"):
        shown = [row._replace(label=now.written(row.label)) for row in shown]
    places = {key: (now.date(s.started_at), s.project_name) for key, s in told.items()}
    _show(
        shown,
        total[0] if total else None,
        by,
        len(rows),
        settings.api_equivalent,
        unpriced,
        models,
        places,
    )
    if note := common.range_note(scope):
        common.console().print(note, style="dim")
    if note := common.assumed_reading(db, scope):
        common.console().print(note, style="dim")


def by_model(db: Sqlite, scope: Scope, by: str) -> dict[str, list[CostRow]]:
    """What each row of a grouping is made of, by the row's key: one row a model, the most expensive
    first."""
    if by == "window":
        return {window.row.key: window.models for window in db.ask(windows(scope))}
    found: dict[str, list[CostRow]] = {}
    for model in db.ask(cost(scope, "model")):
        for row in db.ask(cost(replace(scope, model=model.key), by)):
            found.setdefault(row.key, []).append(row._replace(key=model.key, label=model.label))
    return {
        key: sorted(rows, key=lambda row: (-row.cost_nano, row.key)) for key, rows in found.items()
    }


def _of_sessions(db: Sqlite, scope: Scope) -> dict[str, SessionRow]:
    return {
        row.id: row for row in db.ask(sessions(replace(scope, branch=None, model=None), empty=True))
    }


def _active(db: Sqlite, scope: Scope, by: str) -> dict[str, int] | None:
    """Active time by the keys of the rows, ms; None where time cannot be told so."""
    known = scope.branch is None and scope.model is None and by in TIMED
    return db.ask(active(scope, by)) if known else None


def _more(
    row: CostRow,
    told: dict[str, SessionRow],
    models: dict[str, list[CostRow]] | None,
    hours: dict[str, int] | None,
) -> dict[str, object]:
    """What a row's answer says beside its figures: a session's day and project, the row by model,
    active time."""
    from accrete.insight.costs import cost_of

    more: dict[str, object] = {}
    if row.key in told:
        names = ("started_at", "local_day", "project", "project_name")
        more = {name: getattr(told[row.key], name) for name in names}
    if models is not None:
        more["models"] = [cost_of(each) for each in models.get(row.key, [])]
    return more if hours is None else more | {"active_ms": hours.get(row.key)}


def _show(
    rows: list[CostRow],
    total: CostRow | None,
    by: str,
    of: int,
    api_equivalent: bool,
    unpriced: list[Unpriced],
    models: dict[str, list[CostRow]],
    places: dict[str, tuple[str, str]],
) -> None:
    out = common.console()
    table = common.table(*_columns(by))
    for row in rows:
        table.add_row(*_cells(row, by, place=places.get(row.key)))
        for model in models.get(row.key, []):
            table.add_row(*_cells(model, by, name=f"  {model.label}"), style="dim")
    if total is not None and len(rows) == of:
        table.add_row(*_cells(total, by, name="Total"), style="bold")
    out.print(table)
    if len(rows) < of:
        most, all_rows = common.number(len(rows)), common.number(of)
        which = (
            f"Newest {most} of {all_rows}" if by in IN_TIME else f"Top {most} of {all_rows} by cost"
        )
        out.print(f"{which}. Use `-n` for more.", style="dim")
        if total is not None:
            out.print(
                f"Total: {common.money(total.cost_nano, unpriced=total.unpriced)}", style="bold"
            )
    notes = [
        f"{'API-equivalent, not a bill; price' if api_equivalent else 'Price'} "
        f"table {PRICE_TABLE_VERSION}."
    ]
    if total is not None and total.unpriced:
        notes.append(
            f"+ {common.plural(total.unpriced, 'response')} without a price: "
            f"{why_unpriced(unpriced)}. See `accrete doctor`."
        )
    if total is not None and total.lower_bound:
        notes.append(common.partial(common.plural(total.lower_bound, "response")))
    if total is not None and total.price_assumed:
        notes.append(common.assumed(total.price_assumed))
    for note in notes:
        out.print(common.plain(note), style="dim")


def _columns(by: str) -> list[tuple[str, str, int]]:
    one = by in ("session", "prompt")
    place = [("started", "l", 3), ("project", "w", 4)] if by == "session" else []
    first = ("started" if by == "window" else by, "l" if one or by in IN_TIME else "w", 0)
    second = ("title" if by == "session" else "words", "w", 2) if one else ("sessions", "r", 3)
    kinds = [(name, "r", 5) for name in ("input", "output", "cache read", "cache write")]
    return [
        first,
        *place,
        second,
        ("responses", "r", 4),
        *kinds,
        ("tokens", "r", 1),
        ("main", "r", 3),
        ("subagents", "r", 3),
        ("cost", "r", 0),
    ]


def _cells(
    row: CostRow, by: str, name: str | None = None, place: tuple[str, str] | None = None
) -> list[str]:
    if by == "session":
        first = [name, "", "", ""] if name else [row.key[:8], *(place or ("—", "")), row.label]
    elif by == "prompt" and name:
        first = [name, ""]
    elif by == "prompt":
        session, _, n = row.key.partition("#")
        first = [f"{session[:8]} #{n}", row.label]
    else:
        first = [name or row.label or "(no date)", common.number(row.sessions)]
    used = [row.input_tokens, row.output_tokens, row.cache_read_tokens, row.cache_write_tokens]
    counts = [common.tokens(n) for n in (*used, sum(used))]
    return [
        *first,
        common.number(row.responses),
        *counts,
        common.money(row.cost_own_nano, unpriced=row.unpriced if not row.cost_own_nano else 0),
        common.money(row.cost_delegated_nano),
        common.money(row.cost_nano, unpriced=row.unpriced),
    ]
