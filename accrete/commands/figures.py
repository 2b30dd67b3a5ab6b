"""`accrete figures`: spreads of session figures, their change over time, and comparison by outcome,
project, model."""

from __future__ import annotations

import click

from accrete.commands import common
from accrete.outcomes.kinds import OUTCOMES
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
    help="Compare sessions by.",
)
@common.limit_option(SHOWN, "groups")
@common.json_option
def command(
    since: str | None,
    until: str | None,
    project: str | None,
    automated: bool | None,
    by: str,
    limit: int | None,
    as_json: bool,
) -> None:
    """Compare your sessions: duration, messages, tokens, acceptance, outcome.

    Shows each figure's spread, and the four weeks before your last session beside the time before
    them; then the same by outcome, project, model, branch or version of Claude Code. Covers your
    own sessions, unless you give --automated.

    With --since or --until, each session counts with what happened in that time. Its outcome is
    that of the whole session.
    """
    settings = common.settings()
    db = common.open_record(settings)
    now = common.local_now(settings)
    scope = common.make_scope(db, now, since, until, project, bool(automated))
    found = db.ask(figures(scope, by=by, budget_nano=settings.session_budget_nano))
    if as_json:
        from accrete.insight.figures import figures_of

        common.print_answer(figures_of(found, by, limit))
        return
    if not found.sessions:
        click.echo(common.nothing(db, "sessions"))
        return
    out = common.console()
    out.print(_spreads(found))
    out.print()
    most = limit or SHOWN
    out.print(_groups(found.groups[:most], by))
    if len(found.groups) > most:
        out.print(
            f"Top {common.number(most)} of {common.number(len(found.groups))} by sessions. "
            "Use `-n` for more.",
            style="dim",
        )
    notes = [
        "low, median, high: 10%, 50% and 90% of your sessions are at or below this figure. "
        "·: too few sessions."
    ]
    if by == "model":
        notes.append(
            "A session counts under its most used model. "
            "`accrete cost --by model` counts each response."
        )
    if by == "outcome":
        notes.append("(none): not enough happened for an outcome.")
    for note in notes:
        out.print(note, style="dim")
    unpriced = sum(fit.unpriced for fit in found.groups)
    if unpriced:
        out.print(
            f"Costs leave out {common.plural(unpriced, 'session')} "
            "with a response without a price.",
            style="dim",
        )
    if within := common.range_note(scope, found.partly):
        out.print(within, style="dim")
    out.print(
        f"Covers {common.plural(found.sessions, 'session')} with a prompt or response.", style="dim"
    )
    if found.over_budget is not None and settings.session_budget_nano is not None:
        out.print(
            f"{common.number(found.over_budget)} of {common.plural(found.sessions, 'session')} "
            f"over your budget of {common.money(settings.session_budget_nano)} per session.",
            style="dim",
        )


_LABELS = {"edits that landed": "edits applied"}
"""Names of figures that JSON keeps as they are and the screen says shorter."""


def _spreads(found: Figures) -> object:
    table = common.table(
        ("figure", "l"),
        ("sessions", "r", 2),
        ("low", "r", 1),
        ("median", "r"),
        ("high", "r", 1),
        ("last 4 weeks", "r", 3),
        ("before", "r", 3),
    )
    for spread in found.spreads:
        cells = [
            _value(spread, value)
            for value in (spread.low, spread.median, spread.high, spread.recent, spread.before)
        ]
        table.add_row(_LABELS.get(spread.name, spread.name), common.number(spread.sessions), *cells)
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
        return common.percent(value, digits=0)
    return common.tokens(round(value)) if unit == "tokens" else common.number(round(value))


def _groups(fits: list[Fit], by: str) -> object:
    told = () if by == "outcome" else OUTCOMES
    told_ranks = [5 if name == OUTCOMES[0] else 7 for name in told]
    table = common.table(
        (by, "w" if by in ("project", "branch") else "l"),
        ("sessions", "r", 1),
        ("active", "r", 2),
        ("messages", "r", 4),
        ("tokens", "r", 4),
        ("median cost", "r", 2),
        ("cost", "r"),
        ("applied", "r", 3),
        ("accepted", "r", 6),
        *((name, "r", rank) for name, rank in zip(told, told_ranks, strict=True)),
    )
    for fit in fits:
        medians = [
            "·" if fit.sessions < FEW else _written(value, unit)
            for value, unit in (
                (fit.active_ms, "ms"),
                (fit.messages, ""),
                (fit.tokens, "tokens"),
                (fit.cost_median_nano, "nano"),
            )
        ]
        table.add_row(
            fit.label,
            common.number(fit.sessions),
            *medians,
            common.money(fit.cost_nano, unpriced=fit.unpriced),
            common.percent(fit.edits_landed, fit.edits_proposed, 0),
            common.percent(fit.accepted, fit.asked, 0),
            *(common.number(fit.outcomes.get(name, 0)) for name in told),
        )
    return table
