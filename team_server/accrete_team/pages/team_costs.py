"""Costs of a company, or of the teams that somebody leads: sums over five people or more, by week,
project, model and team."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from accrete.explorer import charts
from accrete.explorer.listings import share_of
from accrete.explorer.page import Cell, Column, Figure, Page, Sheet
from accrete.explorer.ranges import spoken
from accrete.explorer.view import View
from accrete.present.formats import money, plural, tokens
from accrete_team.amounts import OTHER, Part, Shown
from accrete_team.pages import budget
from accrete_team.pages.activity import WITHHELD, merged_note, partly, per_commit, per_merged
from accrete_team.pages.matrix import refuse_orders
from accrete_team.team_sums import Facts, facts
from accrete_team.web import seat_in
from accrete_team.weeks import chosen, usual

SERIES = 5
"""Parts of a bar with a colour of their own; the others share one."""


async def show(view: View) -> Page:
    """Where the money goes."""
    refuse_orders(view)
    usual(view)
    seat, weeks = seat_in(view), chosen(view)
    found = await facts(view, seat, weeks)
    names = ("cost_nano", "tokens", "commits", "pull_requests")
    cost, used, commits, pulls = (found.measures[name] for name in names)
    budgets = await budget.told(view, seat)
    unpriced = found.unpriced if cost.total is not None else 0
    return Page(
        title="Costs",
        current="/costs",
        lead=_lead(found, cost),
        figures=[*_figures(cost, used, commits, unpriced), _by_merged(found, cost, pulls)],
        sheets=[
            _weeks(cost, found),
            _sheet("projects", "Project", cost, used, found.labels,
                   "other projects", found),
            _sheet("models", "Model", cost, used, {}, "other models", found),
            *([_sheet("teams", "Team", cost, used, dict(found.teams), "", found)]
              if found.many else []),
            *budgets.sheets,
        ],
        parts={
            "blocks": found.said,
            "chart": _chart(cost, found),
            "shares": _shares(cost.projects, found.labels, "other projects", "project"),
            "models": _shares(cost.models, {}, "other models", "model"),
            "unpriced": unpriced > 0,
            "budget": budgets,
            "company": found.company,
            "many": found.many,
            "set": view.bare("/admin") if seat.admin else None,
            "api": view.viewer.api_equivalent,
        },
    )  # fmt: skip


def _lead(found: Facts, cost: Shown) -> list[str]:
    whose = "The company's work" if found.company else "The work of your teams"
    if cost.total is None:
        return ["Cost is shown as sums over at least five people, in whole blocks of four weeks: "
                "this range has none."]  # fmt: skip
    said = [f"{whose} cost {money(cost.total)} at API prices in {found.said}."]
    named = [
        (part.value, found.names[key])
        for key, part in cost.projects.items()
        if key in found.names and part.blocks == cost.blocks
    ]
    if named and cost.total:
        value, name = max(named)
        said.append(f"{share_of(value, cost.total)} of it went into {name}.")
    if cost.withheld:
        verb = "is" if len(cost.withheld) == 1 else "are"
        said.append(
            f"{plural(len(cost.withheld), 'block')} {verb} left out: the sum, or what it leaves of "
            "the weeks beside it, would be about fewer than five people."
        )
    return said


def _figures(cost: Shown, used: Shown, commits: Shown, unpriced: int) -> list[Figure]:
    weeks = [value for _, value in sorted(cost.weeks.items())]
    each, note = per_commit(cost, commits, unpriced)
    return [
        Figure("cost", "Cost", cost.total, _money(cost.total), "API prices"),
        Figure("tokens", "Tokens", used.total, "—" if used.total is None else tokens(used.total),
               "of all kinds"),
        Figure("cost-last-week", "Last week shown", weeks[-1] if weeks else None,
               _money(weeks[-1] if weeks else None),
               f"{money(weeks[-2])} the week before" if len(weeks) > 1
               else "of five people or more"),
        Figure("cost-by-commits", "Cost per commit", each, _money(each), note),
    ]  # fmt: skip


def _by_merged(found: Facts, cost: Shown, pulls: Shown) -> Figure:
    each, _, _ = per_merged(cost, pulls)
    return Figure("cost-by-merged", "Cost per merged pull request", each, _money(each),
                  merged_note(found, cost, pulls))  # fmt: skip


def _money(value: int | None) -> str:
    return "—" if value is None else money(value)


def _chart(cost: Shown, found: Facts) -> charts.Chart | None:
    days = found.mondays
    if not cost.weeks:
        return None
    bars = [
        charts.Bar(
            cost.weeks.get(day, 0),
            f"Week of {spoken(day)}: "
            + (
                money(cost.weeks[day]) if day in cost.weeks else "not shown, fewer than five people"
            ),
        )
        for day in days
    ]
    return charts.bars(
        "Cost by week; the table below has the figures",
        bars,
        ends=(f"week of {spoken(days[0])}", f"week of {spoken(days[-1])}"),
    )


def _weeks(cost: Shown, found: Facts) -> Sheet:
    columns = (
        Column("week", "Week of"),
        Column("cost_nano", "Cost", right=True, unit="nano-dollars"),
        Column("running", "Running total", right=True, unit="nano-dollars"),
    )
    rows, running = [], None
    for day in found.mondays:
        value = cost.weeks.get(day)
        if value is not None:
            running = (running or 0) + value
        cells = [Cell(None, "—", why=WITHHELD) if each is None else Cell(each, money(each))
                 for each in (value, running)]  # fmt: skip
        rows.append([Cell(day, spoken(day)), *cells])
    return Sheet("weeks", "By week, newest first; weeks of fewer than five people are left out.",
                 columns, rows[::-1])  # fmt: skip


def _sheet(
    key: str,
    what: str,
    spent: Shown,
    tokens_used: Shown,
    labels: Mapping[str, str],
    other: str,
    found: Facts,
) -> Sheet:
    """Sums by name, what is left of them last."""
    columns = (
        Column("name", what),
        Column("cost_nano", "Cost", right=True, unit="nano-dollars"),
        Column("share", "Share", right=True),
        Column("tokens", "Tokens", right=True),
    )
    cost: Mapping[str, Part] = getattr(spent, key)
    used: Mapping[str, Part] = getattr(tokens_used, key)
    whole = spent.total or 0
    keys = sorted(
        ({*cost, *used} - {OTHER}), key=lambda each: (labels.get(each, each).casefold(), each)
    )
    keys += [OTHER] if OTHER in {*cost, *used} else []
    rows = []
    for each in keys:
        label = other if each == OTHER else labels.get(each, each)
        part = cost.get(each)
        rows.append(
            [
                Cell(label, label),
                _shown(part, money, spent.blocks),
                Cell(None, "—", why=WITHHELD)
                if part is None or not whole
                else Cell(part.value / whole, share_of(part.value, whole)),
                _shown(used.get(each), tokens, tokens_used.blocks),
            ]
        )
    caption = f"Cost by {what.lower()}: {found.said}, in whole blocks of four weeks; by name."
    if key == "teams":
        caption += " Somebody in two teams counts in both."
    return Sheet(key, caption, columns, rows,
                 empty="Nothing that five people or more have part in.")  # fmt: skip


def _shown(part: Part | None, write: Callable[[int], str], blocks: int) -> Cell:
    if part is None:
        return Cell(None, "—", why=WITHHELD)
    return Cell(part.value, write(part.value), under=partly(part, blocks))


def _shares(
    found: Mapping[str, Part], labels: Mapping[str, str], other: str, what: str
) -> dict[str, object] | None:
    """One bar of parts with its legend, by name."""
    named = sorted(
        ((labels.get(key, key), part.value) for key, part in found.items() if key != OTHER),
        key=lambda each: each[0].casefold(),
    )
    whole = sum(part.value for part in found.values())
    if not whole or not named:
        return None
    parts = [
        charts.Bar(value, f"{name}: {money(value)}, {share_of(value, whole)}",
                   f"w{nth + 1 if nth < SERIES else 6}")
        for nth, (name, value) in enumerate(named)
    ]  # fmt: skip
    if OTHER in found:
        value = found[OTHER].value
        parts.append(charts.Bar(value, f"{other}: {money(value)}, {share_of(value, whole)}", "w6"))
    return {
        "chart": charts.stack(f"Cost by {what}; the table below has the figures", parts, width=620),
        "legend": parts,
    }
