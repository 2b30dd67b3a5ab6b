"""The part of the page of costs that is about budgets: the month so far, what it may become, and
whether a budget was passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from accrete.explorer import charts
from accrete.explorer.page import Cell, Column, Sheet
from accrete.explorer.ranges import spoken
from accrete.explorer.view import View
from accrete.insight.forecast import FROM_DAY
from accrete.present.formats import money, percent, plural
from accrete.present.leads import band_said
from accrete_team.access import Seat
from accrete_team.budgets import COMPANY, project_names
from accrete_team.months import Month, Stretch, months

FEW = "Not shown: fewer than five people had a cost, or would be left over."


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to say of budgets. alerts: those that were passed, or will be; months: of the
    company, the newest first, each in words, with its chart and its table."""

    alerts: list[str] = field(default_factory=list)
    months: list[tuple[str, str, charts.Chart, Sheet]] = field(default_factory=list)
    projects: Sheet | None = None

    @property
    def sheets(self) -> list[Sheet]:
        """All tables."""
        found = [each[3] for each in self.months]
        return found if self.projects is None else [*found, self.projects]


async def told(view: View, seat: Seat) -> Told:
    """Budgets and their months, as somebody may see them."""
    found = await months(view, seat)
    names = await view.ask(project_names()) if found else {}
    whole = [each for each in found if each.budget.project == COMPANY]
    projects = [each for each in found if each.budget.project != COMPANY]
    return Told(
        [said for each in found if (said := alert(each, names))],
        [(_name(each), words(each), _chart(each), _sheet(each, nth)) for nth, each in
         enumerate(whole)],
        _projects(projects, names) if projects else None,
    )  # fmt: skip


def alert(month: Month, names: dict[str, str]) -> str | None:
    """What is said where a budget was passed, or will be; None where neither is so."""
    whose = f"{_of(month, names)}: " if month.budget.project != COMPANY else ""
    head = whose + _name(month)
    if month.passed is not None:
        verb = "cost" if month.over else "has cost"
        return (f"{head} {verb} {money(month.spent)}, more than its budget of {money(month.nano)}. "
                f"It passed it in the week to {spoken(month.passed)}.")  # fmt: skip
    if month.low is not None and month.high is not None and month.low > month.nano:
        since = f" First so in the week to {spoken(month.foreseen)}." if month.foreseen else ""
        return (f"{head} will cost more than its budget of {money(month.nano)}, if its weeks go on "
                f"like the last ones: {band_said(month.low, month.high)}.{since}")  # fmt: skip
    return None


def words(month: Month) -> str:
    """A month beside its budget, in sentences."""
    if not month.parts:
        return (f"No week of {_name(month)} is over that may be shown yet. "
                f"Its budget is {money(month.nano)}.{_ahead(month)}")  # fmt: skip
    days = f"{spoken(month.parts[0].first)} to {spoken(month.parts[-1].last)}"
    said = (f"{days}: {money(month.spent)} of {money(month.nano)}, "
            f"{percent(month.spent, month.nano, 0)} of the budget.{_ahead(month)}")  # fmt: skip
    if month.missing:
        said += f" {plural(month.missing, 'week')} of fewer than five people left out."
    return said


def _ahead(month: Month) -> str:
    if month.over:
        return ""
    if month.low is None or month.high is None:
        return f" What it will be is shown from day {FROM_DAY} on, of four known weeks or more."
    where = ("within" if month.high <= month.nano else "beyond" if month.low > month.nano
             else "near")  # fmt: skip
    end = spoken(f"{month.month}-{month.days:02d}")
    return f" {band_said(month.low, month.high)} by {end}, {where} the budget."


def _name(month: Month) -> str:
    return date.fromisoformat(f"{month.month}-01").strftime("%B %Y")


def set_by(month: Month) -> str:
    """Who set a budget, and when."""
    return f"{money(month.nano)} a month, set on {_set_on(month)} by {month.budget.by}"


def _set_on(month: Month) -> str:
    day = datetime.fromtimestamp(month.budget.since / 1000, UTC).date().isoformat()
    return spoken(day)


def _running(parts: Sequence[Stretch]) -> list[int]:
    sums: list[int] = []
    for each in parts:
        sums.append((sums[-1] if sums else 0) + (each.nano or 0))
    return sums


def _chart(month: Month) -> charts.Chart:
    points = [
        charts.Upto(
            _nth(each.first, month), _nth(each.last, month), total,
            f"Up to {spoken(each.last)}: {money(total)}",
        )
        for each, total in zip(month.parts, _running(month.parts), strict=True)
    ]  # fmt: skip
    band = None
    if month.low is not None and month.high is not None and not month.over:
        band = month.low, month.high, f"Forecast: {band_said(month.low, month.high)}"
    return charts.running(
        f"What {_name(month)} cost up to the end of each week, its budget as a line, the forecast "
        "as a band at its end; the table below has the figures",
        points, days=month.days, limit=(month.nano, f"budget {money(month.nano)}"), band=band,
    )  # fmt: skip


def _nth(day: str, month: Month) -> int:
    """The number of a day within a month: its ends for days of other months."""
    if day[:7] != month.month:
        return 1 if day[:7] < month.month else month.days
    return int(day[8:])


def _sheet(month: Month, nth: int) -> Sheet:
    columns = (
        Column("week", "Days"),
        Column("cost_nano", "Cost", right=True, unit="nano-dollars"),
        Column("running", "Month so far", right=True, unit="nano-dollars"),
        Column("share", "Of the budget", right=True),
    )
    rows = [
        [
            Cell(each.first, f"{spoken(each.first)} to {spoken(each.last)}"),
            Cell(None, "—", why=FEW) if each.nano is None else Cell(each.nano, money(each.nano)),
            Cell(total, money(total)),
            Cell(total / month.nano, percent(total, month.nano, 0)),
        ]
        for each, total in zip(month.parts, _running(month.parts), strict=True)
    ]
    return Sheet(f"month{nth or ''}", f"{_name(month)} by week, newest first. {set_by(month)}.",
                 columns, rows[::-1], empty="No week of it is over yet.")  # fmt: skip


def _projects(found: Sequence[Month], names: dict[str, str]) -> Sheet:
    columns = (
        Column("name", "Project"),
        Column("month", "Month"),
        Column("budget", "Budget", right=True, unit="nano-dollars"),
        Column("cost_nano", "So far", right=True, unit="nano-dollars"),
        Column("share", "Of the budget", right=True),
        Column("forecast", "By its end"),
    )
    rows = []
    for each in sorted(found, key=lambda each: (_of(each, names).casefold(), each.month)):
        known = [part.nano for part in each.parts if part.nano is not None]
        note = f"{plural(each.missing, 'week')} left out" if each.missing else ""
        if each.since:
            note = f"from {spoken(each.since)} on" + (f"; {note}" if note else "")
        none = Cell(None, "—", why=FEW if each.parts else "No week of it is over yet.")
        rows.append(
            [
                Cell(_of(each, names), _of(each, names)),
                Cell(each.month, _name(each)),
                Cell(each.nano, money(each.nano), under=f"set {_set_on(each)}"),
                Cell(each.spent, money(each.spent), under=note) if known else none,
                Cell(each.spent / each.nano, percent(each.spent, each.nano, 0)) if known else none,
                _forecast(each),
            ]
        )  # fmt: skip
    return Sheet("project-budgets", "Budgets of projects, by name. Their weeks are told from the "
                 "four weeks on in which the budget was set.", columns, rows)  # fmt: skip


def _forecast(month: Month) -> Cell:
    if month.low is None or month.high is None:
        return Cell(None, "—", why="Too early in the month, or too few weeks are known.")
    said = band_said(month.low, month.high)
    return Cell(said, said)


def _of(month: Month, names: dict[str, str]) -> str:
    return names.get(month.budget.project) or f"project {month.budget.project[:6]}"
