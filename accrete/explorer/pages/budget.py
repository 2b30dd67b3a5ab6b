"""Budgets on the costs page: sessions beyond theirs, and the month with its forecast."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from accrete.explorer import charts
from accrete.explorer.page import Cell, Column, Sheet
from accrete.explorer.ranges import Range, spoken
from accrete.explorer.view import View
from accrete.insight.forecast import Forecast, of_month
from accrete.present.formats import money, plural
from accrete.present.leads import band_said, of_forecast
from accrete.queries.costs import cost
from accrete.queries.figures import figures
from accrete.queries.scope import Scope


async def session_budget(view: View, scope: Scope) -> dict[str, str] | None:
    """How many sessions passed the session budget (words, href); None where there is none."""
    budget = view.viewer.budget_nano
    if budget is None:
        return None
    found = await view.ask(figures(scope, by="outcome", budget_nano=budget))
    return {
        "words": f"{found.over_budget} of {plural(found.sessions, 'session')} passed the session "
        f"budget of {money(budget)}.",
        "href": view.sessions(sort="cost"),
    }


class Month(NamedTuple):
    """The calendar month beside its budget."""

    words: str
    chart: charts.Chart
    sheet: Sheet


async def month(view: View) -> Month | None:
    """The month of today, of all sessions, whatever the range."""
    budget = view.viewer.monthly_budget_nano
    if budget is None:
        return None
    first = view.today[:8] + "01"
    scope = replace(view.within(Range("days", first, view.today)), project=None, automated=None)
    daily = {row.key: row.cost_nano for row in await view.ask(cost(scope, "day"))}
    told = of_month(daily, view.today)
    end = date.fromisoformat(first) + timedelta(told.days - 1)
    words = of_forecast(told.spent, told.low, told.high, budget, end.strftime("%-d %b"))
    sums = [sum(cost for day, cost in daily.items() if day <= f"{view.today[:8]}{at:02d}")
            for at in range(1, told.today + 1)]  # fmt: skip
    return Month(words, _running(view, told, sums, budget), _sums(view, sums))


def _running(view: View, told: Forecast, sums: list[int], budget: int) -> charts.Chart:
    """What the month cost up to each day; the budget as a line, the forecast as a band."""
    return charts.running(
        "The month's cost up to each day, its budget as a line, the forecast as a band at its end",
        [charts.Upto(at, at, nano, f"{at} {view.today[:7]}: {money(nano)}")
         for at, nano in enumerate(sums, start=1)],
        days=told.days,
        limit=(budget, f"budget {money(budget)}"),
        band=None if told.low is None or told.high is None
        else (told.low, told.high, f"Forecast: {band_said(told.low, told.high)}"),
    )  # fmt: skip


def _sums(view: View, sums: list[int]) -> Sheet:
    days = [f"{view.today[:8]}{at:02d}" for at in range(1, len(sums) + 1)]
    return Sheet(
        "month",
        "What the month cost up to each day, all sessions.",
        (Column("day", "Day"),
         Column("cost_nano", "Cost", right=True, unit="nano-dollars")),
        [[Cell(day, spoken(day)), Cell(nano, money(nano))]
         for day, nano in zip(reversed(days), reversed(sums), strict=True)],
    )  # fmt: skip
