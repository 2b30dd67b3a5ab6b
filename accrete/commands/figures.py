"""`accrete figures`: spreads of session figures, their change over time, and comparison by outcome, project, model."""

from __future__ import annotations

from dataclasses import asdict

import click

from accrete.commands import common
from accrete.outcomes.session import OUTCOMES
from accrete.queries.figures import GROUPS, Figures, Fit, Spread, figures

SHOWN = 15
FEW = 3
"""Sessions of a group below which no median is shown: it would tell of single sessions."""


@click.command("figures")
@common.scope_options
@click.option(
    "--by",
    type=click.Choice(GROUPS),
    default="outcome",
    show_default=True,
    help="What sessions are put beside each other by.",
)
@common.limit_option(SHOWN, "groups")
@common.json_option
def command(since: str | None, until: str | None, project: str | None, automated: bool | None, by: str, limit: int | None,
            as_json: bool) -> None:  # fmt: skip
    """What your sessions are like: duration, messages, tokens, acceptance, outcome.

    Each figure with its spread, and the four weeks up to your last session beside the time before; then the same by outcome, project,
    model, branch or client version. Your own sessions, unless --automated says otherwise. With --since or --until, each session counts with
    what of it happened in that time; its outcome is that of the whole session.
    """
    settings = common.settings()
    db = common.open_record(settings)
    now = common.local_now(settings)
    scope = common.make_scope(db, now, since, until, project, bool(automated))
    found = db.ask(figures(scope, by=by, budget_nano=settings.session_budget_nano))
    if as_json:
        common.print_json({"by": by, **asdict(found), "groups": common.rows_as_dicts(found.groups[:limit])})
        return
    if not found.sessions:
        click.echo(common.nothing(db, "session of yours"))
        return
    out = common.console()
    out.print(_spreads(found))
    out.print()
    most = limit or SHOWN
    out.print(_groups(found.groups[:most], by))
    if len(found.groups) > most:
        out.print(f"The {most} with the most sessions of {len(found.groups)}. Use -n for more.", style="dim")
    notes = [
        "low, median, high: a tenth, a half, nine tenths of the sessions are at or below; · too few sessions to say."
    ]
    if by == "model":
        notes.append(
            "A session counts under the model that it used most: `accrete cost --by model` counts each response."
        )
    if by == "outcome":
        notes.append("(none): nothing happened that could be judged.")
    for note in notes:
        out.print(note, style="dim")
    unpriced = sum(fit.unpriced for fit in found.groups)
    if unpriced:
        out.print(
            f"Cost without {common.plural(unpriced, 'session')} that hold a response without a price.",
            style="dim",
        )
    if within := common.range_note(scope, found.partly):
        out.print(within, style="dim")
    out.print(f"Of {common.plural(found.sessions, 'session')} with a prompt or an answer of their own.", style="dim")
    if found.over_budget is not None and settings.session_budget_nano is not None:
        out.print(f"Over your budget of {common.money(settings.session_budget_nano)} a session: {common.number(found.over_budget)} of "
                  f"{common.plural(found.sessions, 'session')}.", style="dim")  # fmt: skip


def _spreads(found: Figures) -> object:
    table = common.table(("figure", "l"), ("sessions", "r", 2), ("low", "r", 1), ("median", "r"), ("high", "r", 1),
                         ("last 4 weeks", "r", 3), ("before", "r", 3))  # fmt: skip
    for spread in found.spreads:
        cells = [
            _value(spread, value) for value in (spread.low, spread.median, spread.high, spread.recent, spread.before)
        ]
        table.add_row(spread.name, common.number(spread.sessions), *cells)
    return table


def _value(spread: Spread, value: float | None) -> str:
    return _written(value, spread.unit)


def _written(value: float | None, unit: str) -> str:
    if value is None:
        return "—"
    if unit == "ms":
        return common.span(round(value))
    if unit == "nano":
        return common.money(round(value))
    if unit == "share":
        return f"{100 * value:.0f} %"
    return common.tokens(round(value)) if unit == "tokens" else common.number(round(value))


def _groups(fits: list[Fit], by: str) -> object:
    told = () if by == "outcome" else OUTCOMES
    told_ranks = [5 if name == OUTCOMES[0] else 7 for name in told]
    table = common.table((by, "w" if by in ("project", "branch") else "l"), ("sessions", "r", 1), ("active", "r", 2),
                         ("messages", "r", 4), ("tokens", "r", 4), ("cost each", "r", 2), ("cost", "r"), ("landed", "r", 3),
                         ("asked", "r", 6), *((name, "r", rank) for name, rank in zip(told, told_ranks, strict=True)))  # fmt: skip
    for fit in fits:
        medians = ["·" if fit.sessions < FEW else _written(value, unit) for value, unit in
                   ((fit.active_ms, "ms"), (fit.messages, ""), (fit.tokens, "tokens"), (fit.cost_median_nano, "nano"))]  # fmt: skip
        table.add_row(
            fit.label,
            common.number(fit.sessions),
            *medians,
            common.money(fit.cost_nano, unpriced=fit.unpriced),
            _part(fit.edits_landed, fit.edits_proposed),
            _part(fit.accepted, fit.asked),
            *(common.number(fit.outcomes.get(name, 0)) for name in told),
        )
    return table


def _part(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "—"
