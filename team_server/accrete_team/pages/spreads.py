"""Sessions in figures: how long, how many messages and tokens, what was accepted and what shipped,
as spreads over five people or more; by role, project, weeks since somebody began, and these by
cohort. No names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from accrete.explorer.page import Cell, Column, Figure, Page, Sheet
from accrete.explorer.view import View
from accrete.insight.four_weeks import whole_blocks
from accrete.insight.sums import FEWEST, Sums
from accrete.present.formats import number, percent, plural, span, tokens
from accrete.queries.figures import quantile
from accrete.queries.practices_of_people import Member, members
from accrete.queries.shapes import Shape, shapes
from accrete_team import access
from accrete_team.pages.matrix import refuse_orders
from accrete_team.pages.practice import COHORTS
from accrete_team.rosters import roster
from accrete_team.web import seat_in
from accrete_team.weeks import Weeks, chosen, later, usual

WEEKS_IN = ((2, "weeks 1 and 2"), (4, "weeks 3 and 4"), (8, "weeks 5 to 8"),
            (12, "weeks 9 to 12"))  # fmt: skip
LATER, UNKNOWN, REST = "later", "No role given", ""
FEW = "Not shown: fewer than five people, or fewer than five would be left over."


class Place(NamedTuple):
    """What sessions are told apart by. since: how long their person shares sessions; cohort: when
    they joined, '' if that was not given."""

    role: str
    since: str
    project: str
    cohort: str = ""

    @property
    def curve(self) -> str:
        """The first weeks of a cohort; REST for later ones."""
        return f"{self.cohort}: {self.since}" if self.cohort and self.since != LATER else REST


async def show(view: View) -> Page:
    """The spreads of a company's or of a lead's sessions, in whole blocks of four weeks."""
    refuse_orders(view)
    usual(view)
    seat, weeks = seat_in(view), chosen(view)
    if seat.admin:
        there = await view.ask(roster())
        people = [each.person for each in there.members]
        scope = access.everybody(seat, people)
    else:
        scope = access.led(seat)
    known = {
        each.person: each
        for each in await view.ask(members(replace(scope, since=None, until=None), seat.now))
    }
    blocks = whole_blocks(weeks.last, weeks.many)
    over = Weeks(blocks[0], later(blocks[-1], 3))
    found = await view.ask(
        shapes(replace(scope, since=over.first, until=over.until, automated=False))
    )
    kept = _kept({member.start_month for member in known.values() if member.start_month})
    rows = [(row, _place(row, known.get(row.person), kept)) for row in found]
    held: dict[Place, set[int]] = defaultdict(set)
    for row, place in rows:
        held[place].add(row.person)
    sums = Sums(held)
    whole = [row for row, _ in rows] if sums.admit(held) and rows else []
    names: dict[str, str] = {}
    for row in found:
        if row.project:
            names[row.project] = row.label or f"project {row.project[:6]}"
    sheets = [
        _sheet("roles", "Role", sums, rows, lambda place: place.role, dict[str, str]()),
        _sheet("weeks", "Weeks since they began", sums, rows, lambda place: place.since,
               dict[str, str](), [name for _, name in WEEKS_IN]),
        _sheet("projects", "Project", sums, rows, lambda place: place.project, names),
        _sheet("cohorts", "Cohort and weeks", sums, rows,
               lambda place: place.curve, dict[str, str](), _curves(rows)),
    ] if whole else []  # fmt: skip
    return Page(
        title="Sessions in figures",
        current="/activity",
        lead=_lead(whole, over),
        figures=_figures(whole),
        sheets=sheets,
        parts={"back": view.link("/activity"), "over": over.said},
    )


def _kept(months: Collection[str]) -> int:
    """How much of a start month tells cohorts apart: all of 2026-03; its year where there are many
    months."""
    return 7 if len(months) <= COHORTS else 4


def _curves(rows: Sequence[tuple[Shape, Place]]) -> list[str]:
    """The first weeks of each cohort, in their order."""
    cohorts = sorted({place.cohort for _, place in rows if place.cohort})
    return [f"{cohort}: {name}" for cohort in cohorts for _, name in WEEKS_IN]


def _place(row: Shape, member: Member | None, kept: int) -> Place:
    if member is None:
        return Place(UNKNOWN, LATER, row.project)
    return Place(
        member.job or UNKNOWN, _since(member, row.day), row.project, member.start_month[:kept]
    )


def _since(member: Member, day: str) -> str:
    """How many weeks after their first shared week a session was."""
    if not member.first_week or not day:
        return LATER
    week = (date.fromisoformat(day) - date.fromisoformat(member.first_week)).days // 7 + 1
    return next((name for last, name in WEEKS_IN if week <= last), LATER)


def _lead(rows: Sequence[Shape], over: Weeks) -> list[str]:
    if not rows:
        return [f"Figures are shown where at least {FEWEST} people worked in these weeks."]
    people = len({row.person for row in rows})
    who = plural(people, "person", "people")
    return [f"{plural(len(rows), 'session')} of {who} in {over.said}. Duration, messages and "
            "tokens are medians, each with the range of the middle half of the "
            "sessions."]  # fmt: skip


def _figures(rows: Sequence[Shape]) -> list[Figure]:
    if not rows:
        return []
    made = []
    for key, name, value, write in _SPREADS:
        told = _spread(rows, value)
        made.append(
            Figure(key, name, None if told is None else told[1],
                   "—" if told is None else write(told[1]),
                   "fewer than five people tell" if told is None
                   else f"{write(told[0])} to {write(told[2])}")
        )  # fmt: skip
    for key, name, share in _SHARES:
        part = _share(rows, share)
        made.append(
            Figure(key, name, None if part is None else part[0] / part[1],
                   "—" if part is None else percent(*part, 0),
                   "fewer than five people tell" if part is None else f"of {number(part[1])}")
        )  # fmt: skip
    return made


def _accepted(row: Shape) -> tuple[int, int]:
    return row.accepted or 0, (row.accepted or 0) + (row.rejected or 0)


_SPREADS: tuple[tuple[str, str, Callable[[Shape], int | None], Callable[[int], str]], ...] = (
    ("active-time", "Duration", lambda row: row.active_ms, span),
    ("messages", "Messages", lambda row: row.messages, number),
    ("tokens", "Tokens", lambda row: row.tokens, tokens),
)
_SHARES: tuple[tuple[str, str, Callable[[Shape], tuple[int, int]]], ...] = (
    ("accepted", "Accepted when asked", _accepted),
    ("shipped", "Shipped, of those with edits",
     lambda row: (int(row.shipped and row.edited), int(row.edited))),
)  # fmt: skip


def _spread(
    rows: Sequence[Shape], value: Callable[[Shape], int | None]
) -> tuple[int, int, int] | None:
    """A quarter, a half and three quarters of the values; None of fewer than five people."""
    told = [(row.person, each) for row in rows if (each := value(row)) is not None]
    if len({person for person, _ in told}) < FEWEST:
        return None
    values = [each for _, each in told]
    low, middle, high = (quantile(values, share) for share in (0.25, 0.5, 0.75))
    return int(low or 0), int(middle or 0), int(high or 0)


def _share(
    rows: Sequence[Shape], share: Callable[[Shape], tuple[int, int]]
) -> tuple[int, int] | None:
    """A part of a whole over sessions; None where fewer than five people have one."""
    told = [(row.person, share(row)) for row in rows]
    if len({person for person, (_, whole) in told if whole}) < FEWEST:
        return None
    return sum(part for _, (part, _) in told), sum(whole for _, (_, whole) in told)


def _sheet(
    key: str,
    what: str,
    sums: Sums[Place],
    rows: Sequence[tuple[Shape, Place]],
    of: Callable[[Place], str],
    names: dict[str, str],
    order: Sequence[str] = (),
) -> Sheet:
    """The spreads by one thing, by name; those that may not be shown are one row."""
    split = sums.split({place for _, place in rows}, of, lambda name: name != REST)
    keys = sorted(
        split.shown,
        key=lambda name: (order.index(name) if name in order else len(order),
                          str(names.get(name, name)).casefold()),
    )  # fmt: skip
    made = [
        _row(names.get(name, name), [row for row, place in rows if place in split.shown[name]])
        for name in keys
    ]
    if split.rest:
        name = "all others" if split.shown else "all, not told apart"
        made.append(_row(name, [row for row, place in rows if place in split.rest]))
    columns = [
        Column("name", what),
        Column("sessions", "Sessions", right=True),
        *(Column(name, words, right=True) for name, words, _, _ in _SPREADS),
        *(Column(name, words, right=True) for name, words, _ in _SHARES),
    ]
    caption = f"By {what.lower()}: the median, and the range of the middle half of the sessions."
    return Sheet(key, caption, columns, made)


def _row(name: str, rows: Sequence[Shape]) -> list[Cell]:
    cells = [Cell(name, name), Cell(len(rows), number(len(rows)))]
    for _, _, value, write in _SPREADS:
        told = _spread(rows, value)
        cells.append(
            Cell(None, "—", why=FEW) if told is None
            else Cell(told[1], write(told[1]), under=f"{write(told[0])} to {write(told[2])}")
        )  # fmt: skip
    for _, _, share in _SHARES:
        part = _share(rows, share)
        cells.append(
            Cell(None, "—", why=FEW) if part is None
            else Cell(part[0] / part[1], percent(*part, 0), under=f"of {number(part[1])}")
        )  # fmt: skip
    return cells
