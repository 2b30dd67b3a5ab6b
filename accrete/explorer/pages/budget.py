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
from accrete.present.figures import money, plural
from accrete.present.leads import of_forecast, whole_dollars
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
    width, foot = 300, 90
    most = max(budget, told.high or 0, told.spent) or 1
    step = width / told.days

    def tall(nano: int) -> float:
        return round(nano / most * (foot - 12), 2)

    marks = [
        charts.Mark(
            round(at * step, 2), round(foot - tall(nano), 2), round(step - 2, 2),
            max(tall(nano), 0.5), f"{at + 1} {view.today[:7]}: {money(nano)}", "b",
        )
        for at, nano in enumerate(sums)
    ]  # fmt: skip
    if told.low is not None and told.high is not None:
        label = f"Forecast: {whole_dollars(told.low)} to {whole_dollars(told.high)}"
        marks.append(
            charts.Mark(
                round(width - step, 2), round(foot - tall(told.high), 2), round(step - 2, 2),
                max(tall(told.high) - tall(told.low), 2.0), label, "b2",
            )
        )  # fmt: skip
    line = foot - tall(budget)
    return charts.Chart(
        "The month's cost up to each day, its budget as a line, the forecast as a band at its end",
        width, 104, marks,
        [(0.0, 103.0, "1"), (float(width), 103.0, str(told.days)),
         (0.0, round(line - 3, 2), f"budget {money(budget)}")],
        [(0, foot + 0.5, width, foot + 0.5), (0, line, width, line)],
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
