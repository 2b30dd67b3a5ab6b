"""Activity: sessions by week, by person for their leads, by team and project; and what was made, as
sums over five people or more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from accrete.explorer import charts
from accrete.explorer.listings import share_of
from accrete.explorer.page import Cell, Column, Figure, Page, Sheet
from accrete.explorer.ranges import spoken
from accrete.explorer.view import View
from accrete.outcomes.kinds import MERGED
from accrete.present.formats import money, number, plural
from accrete.queries.practices_of_people import Member, WeekOf, members, sessions_by_week
from accrete_team.access import Seat
from accrete_team.amounts import OTHER, Part, Shown
from accrete_team.pages.matrix import PAGE, nth_page, refuse_orders, scope_of
from accrete_team.team_sums import NOT_SHARED, UNKNOWN, Facts, facts
from accrete_team.web import ask_weekly, seat_in, team_viewer
from accrete_team.weeks import Weeks, chosen, usual

WITHHELD = (
    "Not shown: it would be about fewer than five people, or would leave fewer than five over."
)
OTHERS = "other projects"
MANY = 200
"""People up to whom tools are counted without being asked for: their rows are many."""
TOP = 10
"""Models and tools that have a row of their own."""
MEASURES = (
    ("commits", "Commits"), ("pull_requests", "Pull requests"), ("lines_added", "Lines added"),
    ("lines_removed", "Lines removed"),
)  # fmt: skip


async def show(view: View) -> Page:
    """Sessions over time, and what was made."""
    refuse_orders(view)
    usual(view)
    seat, weeks = seat_in(view), chosen(view)
    found = await facts(view, seat, weeks, tools=MANY if not view.query.get("tools") else None)
    names = ("sessions", "cost_nano", "calls", *dict(MEASURES))
    sums = {name: found.measures.get(name, Shown()) for name in names}
    people: list[dict[str, object]] = []
    older = newer = None
    by_week: dict[str, tuple[int, int]] = {}
    if seat.led:
        scope = scope_of(seat, weeks)
        there = await view.ask(members(replace(scope, since=None, until=None), seat.now))
        days = replace(scope, until=weeks.until, automated=False)
        rows = await ask_weekly(view, days, sessions_by_week(days, weeks.mondays))
        nth = nth_page(view.query.get("page"))
        people = _people(view, there[nth * PAGE : (nth + 1) * PAGE], rows, weeks)
        older = view.here(page=nth + 2) if len(there) > (nth + 1) * PAGE else None
        newer = view.here(page=nth) if nth else None
        by_week = _by_week(rows, weeks)
    elif sums["sessions"].weeks:
        by_week = {day: (n, 0) for day, n in sums["sessions"].weeks.items()}
    return Page(
        title="Activity",
        current="/activity",
        lead=_lead(seat, found, sums, by_week),
        figures=_figures(view, seat, found, sums, by_week),
        sheets=[_weeks(by_week, seat), _places(found, sums, "projects"),
                *([_places(found, sums, "teams")] if found.many else []),
              *_states(found, sums["pull_requests"]),
              _top("models", "Model", "Cost", sums["cost_nano"], money, found),
              *([_top("tools", "Tool", "Calls", sums["calls"], number, found)]
                if found.tools else [])],
        parts={
            "weeks": weeks,
            "blocks": found.said,
            "many": found.many,
            "tools": None if found.tools else view.here(tools=1) + "#tools",
            "chart": _chart(by_week, seat),
            "merged": merged_said(found, sums["cost_nano"], sums["pull_requests"]),
            "people": people,
            "led": bool(seat.led),
            "older": older,
            "newer": newer,
            "figures": view.link("/figures"),
        },
    )  # fmt: skip


def _by_week(rows: Sequence[WeekOf], weeks: Weeks) -> dict[str, tuple[int, int]]:
    """Sessions and people of each week."""
    found = {}
    for nth, day in enumerate(weeks.mondays):
        held = [row for row in rows if row.nth == nth]
        found[day] = sum(row.sessions for row in held), len(held)
    return found


def _people(
    view: View, there: Sequence[Member], rows: Sequence[WeekOf], weeks: Weeks
) -> list[dict[str, object]]:
    """People by name, each with their sessions by week on one scale."""
    held: dict[int, dict[int, int]] = defaultdict(dict)
    for row in rows:
        held[row.person][row.nth] = row.sessions
    most = max((row.sessions for row in rows), default=1)
    base = team_viewer(view).base
    made = []
    for member in there:
        values = [held[member.person].get(nth, 0) for nth in range(weeks.many)]
        last = next(
            (day for day, n in zip(weeks.mondays[::-1], values[::-1], strict=True) if n), None
        )
        total = sum(values)
        made.append(
            {
                "name": member.name,
                "href": f"{base}/people/{member.person}/",
                "chart": charts.spark(
                    f"{member.name}: {plural(total, 'session')} in {weeks.said}", values, most
                ),
                "said": plural(total, "session"),
                "last": f"last in the week of {spoken(last)}" if last else "none in these weeks",
                "note": "paused" if member.paused else "",
            }
        )
    return made


def _lead(
    seat: Seat, found: Facts, sums: Mapping[str, Shown], by_week: Mapping[str, tuple[int, int]]
) -> list[str]:
    whose = "in the company" if found.company else "in your teams"
    total = sum(n for n, _ in by_week.values())
    said = [f"{plural(total, 'session')} {whose}." if by_week else f"No sessions {whose} to show."]
    if sums["commits"].total is None:
        said.append("Commits, pull requests, lines and cost are shown of at least five people.")
    return said


def _figures(
    view: View,
    seat: Seat,
    found: Facts,
    sums: Mapping[str, Shown],
    by_week: Mapping[str, tuple[int, int]],
) -> list[Figure]:
    last = list(by_week.values())[-1] if by_week else (0, 0)
    total = sum(n for n, _ in by_week.values())
    each, note = per_commit(sums["cost_nano"], sums["commits"], found.unpriced)
    made = [Figure("sessions", "Sessions", total, number(total), f"{last[0]} in the last week")]
    if seat.led:
        made.append(Figure("active-people", "Active people", last[1], number(last[1]),
                           "in the last week"))  # fmt: skip
    return [
        *made,
        _sum("commits", "Commits", sums["commits"].total),
        _sum("pull-requests", "Pull requests", sums["pull_requests"].total),
        Figure("cost-by-commits", "Cost per commit", each, "—" if each is None else money(each),
               note, view.link("/costs")),
    ]  # fmt: skip


def per_commit(cost: Shown, commits: Shown, unpriced: int) -> tuple[int | None, str]:
    """All cost by commit, in the blocks in which both may be shown; and what that covers."""
    both = [block for block in commits.totals if block in cost.totals]
    made = sum(commits.totals[block] for block in both)
    if not made:
        return None, "only of five people or more"
    note = plural(made, "commit")
    if len(both) < cost.blocks + len(cost.withheld):
        note += f", {len(both)} of {cost.blocks + len(cost.withheld)} blocks"
    each = sum(cost.totals[block] for block in both) // made
    return each, note + (", some cost unknown" if unpriced else "")


STATES = {
    MERGED: "Merged", "closed": "Closed", "open": "Open", UNKNOWN: "Not known",
    NOT_SHARED: "Not shared", OTHER: "All others",
}  # fmt: skip


def per_merged(
    cost: Shown, pulls: Shown, of: tuple[str, str] | None = None
) -> tuple[int | None, int, list[str]]:
    """Cost by merged pull request of all, of a project or a team, how many were merged, and the
    blocks in which both may be shown."""
    paid, merged = (
        (each.merged.get(of) if of else each.marks.get(MERGED)) or Part() for each in (cost, pulls)
    )
    both = [block for block in merged.by if block in paid.by]
    made = sum(merged.by[block] for block in both)
    return (sum(paid.by[block] for block in both) // made if made else None), made, both


def merged_note(found: Facts, cost: Shown, pulls: Shown) -> str:
    """What the cost by merged pull request covers."""
    each, made, both = per_merged(cost, pulls)
    if each is None:
        return "only of five people or more"
    note = f"{made} merged of {plural(sum(pulls.totals[block] for block in both), 'pull request')}"
    if len(both) < len(found.blocks):
        note += f", {len(both)} of {len(found.blocks)} blocks"
    return note


def merged_said(found: Facts, cost: Shown, pulls: Shown) -> str:
    """The same as a sentence."""
    each, _, _ = per_merged(cost, pulls)
    if each is None:
        return ("What a merged pull request cost is not shown here: it would be about fewer than "
                "five people, or would leave fewer than five over.")  # fmt: skip
    unknown = ", some cost unknown" if found.unpriced else ""
    return (f"A merged pull request cost {money(each)}: {merged_note(found, cost, pulls)}{unknown}."
            " All cost of the sessions that opened one or worked on it.")  # fmt: skip


def _states(found: Facts, pulls: Shown) -> list[Sheet]:
    """Pull requests by state, where any may be told."""
    blocks = [block for block in pulls.totals if block in found.settled]
    parts = {name: Part({block: n for block, n in part.by.items() if block in found.settled})
             for name, part in pulls.marks.items()}  # fmt: skip
    whole = sum(pulls.totals[block] for block in blocks)
    rows = [
        [Cell(words.lower(), words), Cell(parts[name].value, number(parts[name].value),
                                          under=partly(parts[name], len(blocks))),
         Cell(parts[name].value / whole, share_of(parts[name].value, whole))]
        for name, words in STATES.items() if name in parts and parts[name].by and whole
    ]  # fmt: skip
    if not any(part.by for name, part in parts.items() if name != OTHER):
        return []
    columns = [Column("state", "State"), Column("pull_requests", "Pull requests", right=True),
               Column("share", "Share", right=True)]  # fmt: skip
    sheet = Sheet(
        "states",
        f"Pull requests that sessions opened in {plural(len(blocks), 'block')} of four weeks, by "
        "what had come of them a week after the block. Drafts are open. Not known: no forge was "
        "asked, or none answered. Not shared: at tier 1. Each by five people or more.",
        columns, rows,
    )  # fmt: skip
    return [sheet]


def _sum(key: str, name: str, value: int | None) -> Figure:
    note = "only of five people or more" if value is None else "in whole blocks of four weeks"
    return Figure(key, name, value, "—" if value is None else number(value), note)


def _chart(by_week: Mapping[str, tuple[int, int]], seat: Seat) -> charts.Chart | None:
    if not by_week:
        return None
    days = list(by_week)
    return charts.bars(
        "Sessions by week; the table below has the figures",
        [
            charts.Bar(n, f"Week of {spoken(day)}: {plural(n, 'session')}" + (
                f" of {plural(people, 'person', 'people')}" if seat.led else ""))
            for day, (n, people) in by_week.items()
        ],
        ends=(f"week of {spoken(days[0])}", f"week of {spoken(days[-1])}"),
    )  # fmt: skip


def _weeks(by_week: Mapping[str, tuple[int, int]], seat: Seat) -> Sheet:
    columns = [Column("week", "Week of"), Column("sessions", "Sessions", right=True)]
    columns += [Column("people", "Active people", right=True)] if seat.led else []
    rows = [
        [Cell(day, spoken(day)), Cell(n, number(n)),
         *([Cell(people, number(people))] if seat.led else [])]
        for day, (n, people) in reversed(list(by_week.items()))
    ]  # fmt: skip
    return Sheet("weeks", "By week, newest first.", columns, rows, empty="No sessions to show.")


def _places(found: Facts, sums: Mapping[str, Shown], by: str) -> Sheet:
    """Sums by project or team, by name; what is left of projects comes last."""
    names: Mapping[str, str] = dict(found.teams) if by == "teams" else found.labels
    shown = {name: getattr(sums[name], by) for name in ("sessions", *dict(MEASURES))}
    keys = {key for each in shown.values() for key in each}
    order = sorted(keys - {OTHER}, key=lambda key: ((names.get(key) or key).casefold(), key))
    rows = []
    for key in [*order, *([OTHER] if OTHER in keys else [])]:
        label = OTHERS if key == OTHER else (names.get(key) or "(not named)")
        rows.append(
            [
                Cell(label, label),
                *(_cell(shown[name].get(key), sums[name].blocks) for name in shown),
                Cell(None, "—", why="Other projects are not the same ones of cost and of commits.")
                if key == OTHER
                else _each(getattr(sums["cost_nano"], by).get(key), shown["commits"].get(key)),
                *_merged(sums, (by.removesuffix("s"), key)),
            ]
        )
    columns = [
        Column("name", "Team" if by == "teams" else "Project"),
        Column("sessions", "Sessions", right=True),
        *(Column(name, words, right=True) for name, words in MEASURES),
        Column("cost_per_commit", "Cost per commit", right=True, unit="nano-dollars"),
        Column("merged", "Merged", right=True),
        Column("cost_per_merged", "Cost per merged", right=True, unit="nano-dollars"),
    ]
    return Sheet(
        by,
        f"{found.said}, in whole blocks of four weeks; by name. Each sum is over at least "
        "five people, and leaves out nobody or at least five.",
        columns, rows, empty="Nothing that five people or more have part in.",
    )  # fmt: skip


def _merged(sums: Mapping[str, Shown], of: tuple[str, str]) -> list[Cell]:
    """How many pull requests of a project or a team were merged, and what one cost."""
    each, made, _ = per_merged(sums["cost_nano"], sums["pull_requests"], of)
    part = sums["pull_requests"].merged.get(of)
    return [
        Cell(None, "—", why=WITHHELD) if part is None else Cell(part.value, number(part.value)),
        Cell(None, "—", why="There are no weeks of which both cost and merged ones are shown.")
        if each is None else Cell(each, money(each), under=f"of {made} merged"),
    ]  # fmt: skip


def _cell(part: Part | None, blocks: int) -> Cell:
    if part is None:
        return Cell(None, "—", why=WITHHELD)
    return Cell(part.value, number(part.value), under=partly(part, blocks))


def _each(cost: Part | None, commits: Part | None) -> Cell:
    """Cost by commit, in the blocks in which both may be shown."""
    both = [block for block in commits.by if block in cost.by] if cost and commits else []
    made = sum(commits.by[block] for block in both) if commits else 0
    if cost is None or not made:
        return Cell(None, "—", why="There are no weeks of which both cost and commits are shown.")
    value = sum(cost.by[block] for block in both) // made
    return Cell(value, money(value), under=f"of {plural(made, 'commit')}")


def _top(
    key: str, what: str, counted: str, shown: Shown, write: Callable[[int], str], found: Facts
) -> Sheet:
    """The models or tools of most use, and what is left of the sum."""
    named = {name: part for name, part in shown.models.items() if name != OTHER}
    order = sorted(named, key=lambda name: (-named[name].value, name))
    rest = shown.models.get(OTHER)
    left = sum(named[name].value for name in order[TOP:]) + (rest.value if rest else 0)
    whole, rows = shown.total or 0, []
    for name in order[:TOP]:
        part = named[name]
        rows.append(
            [Cell(name, name), _written(part.value, write, partly(part, shown.blocks)),
             Cell(part.value / whole, share_of(part.value, whole))]
        )  # fmt: skip
    if left and whole:
        rows.append([Cell("all others", "all others"), _written(left, write, ""),
                     Cell(left / whole, share_of(left, whole))])  # fmt: skip
    columns = [Column("name", what), Column(counted.lower(), counted, right=True),
               Column("share", "Share", right=True)]  # fmt: skip
    return Sheet(key, f"{found.said}. The most used first; each by five people or more.", columns,
                 rows, empty="Nothing that five people or more used.")  # fmt: skip


def _written(value: int, write: Callable[[int], str], under: str) -> Cell:
    return Cell(value, write(value), under=under)


def partly(part: Part, blocks: int) -> str:
    """In how many blocks a part is shown by itself, where that is not in all."""
    return f"in {part.blocks} of {blocks} blocks" if part.blocks < blocks else ""
