"""The matrix: people by name, practices as columns, how regular each is; and what is behind a cell.

People are listed by name and in no other order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from markupsafe import Markup

from accrete.errors import AccreteError
from accrete.explorer.page import Cell as Shown
from accrete.explorer.page import Column, Page, Sheet
from accrete.explorer.view import MissingError, View
from accrete.insight.matrix import (
    NEW,
    ORDER,
    PRIVATE,
    Cell,
    TeamCell,
    cells,
    is_new,
    middle_of,
    shares_of,
    spreading,
    standing,
    team_cells,
)
from accrete.insight.sums import FEWEST
from accrete.practices import Practice, named
from accrete.present.formats import plural
from accrete.queries.practices import PersonWeekRow, person_weeks
from accrete.queries.practices_of_people import (
    Member,
    members,
    on_projects,
    person_shares,
    shared_projects,
)
from accrete.queries.scope import Scope
from accrete.text.plain import visible
from accrete_team import access
from accrete_team.access import Seat
from accrete_team.groups import GROUPS, by_project, placed_by
from accrete_team.pages.drawn_cells import cell_shown, drawn, team_shown
from accrete_team.web import ask_weekly, keep_weekly, seat_in, team_viewer
from accrete_team.weeks import Weeks, chosen, usual

PAGE = 100
"""People a page."""
LONG = 20
"""From so many people on the table has a box of its own, in which its head stays."""
TEAM = "Whole team"


class Compare(NamedTuple):
    """The link to the comparison with the range before, and whether it is on. said: that range."""

    on: bool
    href: str
    words: str
    said: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: who, and the cells in the order of the columns."""

    person: int
    name: str
    href: str
    cells: list[Markup]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """Rows under a heading; '' for none."""

    heading: str
    rows: list[Row]


def refuse_orders(view: View) -> None:
    """People have one order. Raises AccreteError for a page that asks for another."""
    for name in ("sort", "order"):
        if view.query.get(name):
            raise AccreteError("People are listed by name, and in no other order.")


def scope_of(seat: Seat, weeks: Weeks, team: str | None = None) -> Scope:
    """The people of the teams that are led, in whole weeks. Raises MissingError."""
    return replace(access.led(seat, team), since=weeks.first, until=weeks.last)


def practice_of(name: str) -> Practice:
    """A practice by its name. Raises MissingError."""
    found = named(name)
    if found is None:
        raise MissingError(f"No practice {name[:40]!r}. All are columns of the matrix.")
    return found


async def show(view: View) -> Page:
    """The matrix of a lead's teams."""
    refuse_orders(view)
    usual(view)
    seat, weeks = seat_in(view), chosen(view)
    team = view.query.get("team") or None
    whole = scope_of(seat, weeks, team)
    scope = replace(whole, project=view.query.get("project") or None)
    there = await view.ask(members(replace(whole, since=None, until=None), seat.now))
    projects = await ask_weekly(view, whole, shared_projects(whole))
    group = _group(view, seat)
    on = await ask_weekly(view, scope, on_projects(scope)) if group == "project" else []
    led = {each.id for each in seat.teams if each.role == "lead"}
    placed = placed_by(there, group, led, team, by_project(on))
    nth = nth_page(view.query.get("page"))
    shown = placed[nth * PAGE : (nth + 1) * PAGE]
    rows, past = await rows_of(view, scope, {member.person for _, member in shown}, weeks)
    compared = view.query.get("compare") == "before"
    middle = middle_of(weeks.first, weeks.last)
    some = there if len(shown) == len(placed) else list({m.person: m for _, m in shown}.values())
    of_whom = replace(
        scope.among({member.person for member in some} or scope.people),
        since=weeks.before().first if compared else weeks.first,
    )

    def made() -> dict[int, dict[str, Cell]]:
        past_ = past if compared else None
        return cells(some, rows, middle=middle, today=view.today, compared=past_)

    found = await keep_weekly(view, of_whom, ("cells", *some, middle, view.today, compared), made)
    counted = frozenset(m.person for m in there if not is_new(m, view.today))
    half = weeks.first if compared else middle
    since_then = replace(scope, since=of_whom.since)
    if len(shown) == len(placed):
        shares = shares_of([*past, *rows], half)
    else:
        shares = await ask_weekly(view, since_then, person_shares(since_then, half))
    row = await keep_weekly(
        view, since_then, ("row", counted, half, compared),
        lambda: team_cells(shares, counted, compared=compared),
    )  # fmt: skip
    titles = {name: practice_of(name).title for name in ORDER}
    bodies = _bodies(view, shown, found, titles)
    columns = [(name, titles[name], view.link(f"/matrix/{name}")) for name in ORDER]
    return Page(
        title="Practices",
        current="/matrix",
        lead=lead(row, titles, there, found if len(shown) == len(placed) else {}),
        sheets=_sheets(seat, titles, row, shown, found),
        parts={
            "weeks": weeks,
            "columns": columns,
            "team": [
                drawn(team_shown(row[name]), f"{TEAM}, {title}", href)
                for name, title, href in columns
            ],
            "team_name": TEAM,
            "bodies": bodies,
            "long": len(shown) > LONG,
            "groups": [
                (words, view.here(by=key, page=None), key == group)
                for key, words in GROUPS.items()
            ],
            "by_project": group == "project",
            "fewest": FEWEST,
            "teams": _teams(view, seat, team),
            "projects": _projects(view, projects),
            "compare": _compare(view, weeks),
            "newer": view.here(page=nth) if nth else None,
            "older": view.here(page=nth + 2) if len(placed) > (nth + 1) * PAGE else None,
            "csv": seat.settings.get("people_csv") == "on",
            "mixed": any(cell.mixed for cells_ in found.values() for cell in cells_.values()),
        },
    )  # fmt: skip


async def rows_of(
    view: View, scope: Scope, people: set[int], weeks: Weeks
) -> tuple[list[PersonWeekRow], list[PersonWeekRow]]:
    """The weeks of some people, and those of the range that it is compared with, if it is."""
    if not people:
        return [], []
    of = scope.among(people)
    past = list[PersonWeekRow]()
    if view.query.get("compare") == "before":
        before = weeks.before()
        then = replace(of, since=before.first, until=before.last)
        past = await ask_weekly(view, then, person_weeks(then))
    return await ask_weekly(view, of, person_weeks(of)), past


def _group(view: View, seat: Seat) -> str:
    several = len({each.id for each in seat.teams if each.role == "lead"}) > 1
    given = view.query.get("by") or ("team" if several and not view.query.get("team") else "none")
    if given not in GROUPS:
        raise AccreteError(f"People cannot be grouped by {given[:40]!r}. "
                           f"Choose one of: {', '.join(GROUPS)}.")  # fmt: skip
    return given


def _bodies(
    view: View,
    shown: Sequence[tuple[str, Member]],
    found: Mapping[int, Mapping[str, Cell]],
    titles: Mapping[str, str],
) -> list[Body]:
    kept = {name: view.query.get(name) for name in ("compare", "team", "project")}
    link = view.link("/matrix", **kept)
    bodies: list[Body] = []
    for heading, member in shown:
        if not bodies or bodies[-1].heading != heading:
            bodies.append(Body(heading, []))
        bodies[-1].rows.append(_row(view, member, found[member.person], titles, link))
    return bodies


def _row(
    view: View, member: Member, found: Mapping[str, Cell], titles: Mapping[str, str], link: str
) -> Row:
    base, who = team_viewer(view).base, visible(member.name)
    behind, mark, query = link.partition("?")
    made = [
        drawn(
            cell_shown(found[name]),
            f"{who}, {titles[name]}",
            f"{behind}/{name}/{member.person}{mark}{query}"
            if found[name].word not in (PRIVATE, NEW)
            else None,
        )
        for name in ORDER
    ]
    note = "paused" if member.paused else ""
    return Row(member.person, member.name, f"{base}/people/{member.person}/", made, note)


def lead(
    row: Mapping[str, TeamCell],
    titles: Mapping[str, str],
    there: Sequence[Member],
    found: Mapping[int, Mapping[str, Cell]],
) -> list[str]:
    """What spreads, what stands still, and how many people say nothing."""
    rising, still = spreading(row), standing(row)
    said = []
    if rising:
        said.append(" ".join(f"{_spreads(titles[name], row[name])}." for name in rising[:2]))
    if len(still) == 1:
        cell, verb = row[still[0]], "uses" if row[still[0]].using == 1 else "use"
        said.append(
            f"{titles[still[0]]} stands still: {cell.using or 'none'} of "
            f"{plural(cell.people, 'person', 'people')} {verb} it often."
        )
    elif still:
        said.append(
            f"{_names([titles[name] for name in still])} stand still: few people use them often."
        )
    if not said:
        said.append(unchanged(row))
    quiet = sum(next(iter(cells_.values())).word == PRIVATE for cells_ in found.values())
    if quiet:
        verb = "shares" if quiet == 1 else "share"
        said.append(f"{quiet} of {plural(len(there), 'person', 'people')} {verb} nothing.")
    return said


def unchanged(row: Mapping[str, TeamCell]) -> str:
    """What is said where nothing spreads and nothing stands still."""
    if any(cell.moved for cell in row.values()):
        return "No practice changed by more than chance would explain."
    return "Too few people and weeks to say what spreads and what stands still."


def _spreads(title: str, cell: TeamCell) -> str:
    assert cell.moved is not None
    low, high = (max(round(100 * end), 0) for end in cell.moved.interval)
    return (
        f"{title} spreads: within people the share of sessions with it rose by "
        f"{plural(round(100 * cell.moved.mean), 'point')} (between {low} and {high})"
    )


def _names(titles: Sequence[str]) -> str:
    return titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} and {titles[-1]}"


def _sheets(
    seat: Seat,
    titles: Mapping[str, str],
    row: Mapping[str, TeamCell],
    shown: Sequence[tuple[str, Member]],
    found: Mapping[int, Mapping[str, Cell]],
) -> list[Sheet]:
    """What is handed out as CSV: the row of the team; of people, each once, where the company said
    so."""
    columns = [Column("name", "Name"), *(Column(name, titles[name]) for name in ORDER)]
    team = [Shown(TEAM), *(Shown(row[name].said) for name in ORDER)]
    sheets = [Sheet("team", "The whole team.", columns, [team])]
    if seat.settings.get("people_csv") == "on":
        rows = [
            [Shown(member.name), *(Shown(found[member.person][name].said) for name in ORDER)]
            for member in {member.person: member for _, member in shown}.values()
        ]
        sheets.append(Sheet("people", "People by name.", columns, rows))
    return sheets


def _teams(view: View, seat: Seat, team: str | None) -> list[tuple[str, str, bool]]:
    led = [each for each in seat.teams if each.role == "lead"]
    if len(led) < 2:
        return []
    every = [("All teams", view.here(team=None, page=None), team is None)]
    return every + [(t.name, view.here(team=t.id, page=None, by=None), t.id == team) for t in led]


def _projects(view: View, found: Sequence[tuple[str, str]]) -> list[tuple[str, str, bool]]:
    """All work, or that on one project which several people share by name."""
    if not found:
        return []
    chosen_, page_ = view.query.get("project") or None, {"page": None}
    every = [("All projects", view.here(project=None, **page_), chosen_ is None)]
    return every + [(name, view.here(project=id_, **page_), id_ == chosen_) for id_, name in found]


def _compare(view: View, weeks: Weeks) -> Compare:
    on = view.query.get("compare") == "before"
    past = weeks.before()
    href = view.here(compare=None if on else "before")
    return Compare(on, href, f"Compare with {past.said}", past.said)


def nth_page(given: str | None) -> int:
    """Which page of people an address asks for, from 0."""
    return min(int(given) - 1, 10_000) if given and given.isdecimal() and int(given) > 0 else 0
