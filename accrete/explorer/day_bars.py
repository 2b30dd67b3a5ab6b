"""Bars of a range of days, with the same span before it; of a long range its weeks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from accrete.explorer import charts
from accrete.explorer.listings import money_cell
from accrete.explorer.ranges import Range, spoken
from accrete.explorer.view import View
from accrete.present.formats import span

MOST_BARS = 120


class Day(NamedTuple):
    """What a local day cost, in nano-dollars, and how long one was at work, in ms. lower_bound:
    responses with partly known output."""

    cost_nano: int
    unpriced: int
    lower_bound: int
    active_ms: int


def cost_by_day(
    view: View,
    days: Mapping[str, Day],
    before: Mapping[str, Day],
    earlier: Range | None,
    *,
    width: int,
) -> charts.Chart:
    """Cost by local day; each bar opens the sessions of its day. Days without work have bars of
    their own: beside the span before it every day of the range, else every day from the first with
    work. The span before is left out where it has no work, or where both are too many bars."""
    held = {**before, **days}
    past = _span(earlier, before, view.today) if earlier and before else []
    this = _span(view.range, held if past else days, view.today)
    if past and len(this) + len(past) > MOST_BARS:
        past, this = [], _span(view.range, days, view.today)
    long = len(this) > MOST_BARS
    return charts.bars(
        f"Cost by {'week' if long else 'day'}; the table below has the figures",
        _weekly(view, this, held)
        if long
        else [_bar(view, day, held.get(day), past=day in past) for day in [*past, *this]],
        ends=(spoken((past or this)[0]), spoken(this[-1])),
        width=width,
    )


def _span(chosen: Range, days: Mapping[str, Day], today: str) -> list[str]:
    """The days of a range, with those on which nothing happened."""
    known = sorted(day for day in days if day)
    first = chosen.since or (known[0] if known else today)
    last = min(chosen.until or "9999", max(today, known[-1] if known else today))
    first = min(max(first, known[0]) if known else first, last)
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    return [(begin + timedelta(at)).isoformat() for at in range((end - begin).days + 1)]


def _bar(view: View, day: str, row: Day | None, *, past: bool) -> charts.Bar:
    cost = row.cost_nano if row else 0
    words = _words([row]) if row else "nothing"
    return charts.Bar(cost, f"{spoken(day)}: {words}", "b2" if past else "b", _link(view, day, day))


def _weekly(view: View, days: list[str], held: Mapping[str, Day]) -> list[charts.Bar]:
    made = []
    for at in range(0, len(days), 7):
        week = days[at : at + 7]
        rows = [held[day] for day in week if day in held]
        cost = sum(row.cost_nano for row in rows)
        label = f"{spoken(week[0])} to {spoken(week[-1])}: {_words(rows)}"
        made.append(charts.Bar(cost, label, "b", _link(view, week[0], week[-1])))
    return made


def _words(rows: Sequence[Day]) -> str:
    """What days cost, as tables say it, and how long one was at work."""
    cost = money_cell(
        sum(row.cost_nano for row in rows),
        sum(row.unpriced for row in rows),
        sum(row.lower_bound for row in rows),
    )
    return f"{cost.text}, {span(sum(row.active_ms for row in rows))}"


def _link(view: View, since: str, until: str) -> str:
    """The sessions of these days, narrowed as the page is."""
    kept = {name: view.query[name] for name in ("project", "who") if view.query.get(name)}
    return view.bare("/sessions", since=since, until=until, **kept)
