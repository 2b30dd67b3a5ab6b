"""What one person's sessions cost and made, for their leads, where the company switched that on,
and since when."""

from __future__ import annotations

from datetime import UTC, datetime

from accrete.explorer.page import Figure
from accrete.explorer.ranges import spoken
from accrete.explorer.view import View
from accrete.present.formats import least, number
from accrete.queries.results import groups
from accrete.queries.scope import Scope
from accrete_team.access import SWITCHED, Seat
from accrete_team.companies import Setting, stated
from accrete_team.web import seat_in


async def amounts(view: View, scope: Scope) -> tuple[list[Figure], str]:
    """Cost, commits and lines of a scope of one person, and the sentence that says since when they
    are shown; nothing and '' where the company did not switch them on."""
    seat = seat_in(view)
    if not seat.amounts:
        return [], ""
    found = await view.ask(groups(scope, "outcome"))
    unpriced = sum(each.unpriced for each in found)
    nano = sum(each.cost_nano for each in found)
    commits = sum(each.commits for each in found)
    added, removed = (
        sum(n for each in found if (n := getattr(each, name)) is not None)
        for name in ("lines_added", "lines_removed")
    )
    figures = [
        Figure("cost", "Cost", nano, least(nano, unpriced), "API prices"),
        Figure("commits", "Commits", commits, number(commits)),
        Figure("lines", "Lines", added + removed, f"+{added:,} −{removed:,}", "in landed edits"),
    ]
    return figures, banner(seat, await view.ask(stated()))


def banner(seat: Seat, known: list[Setting]) -> str:
    """Since when amounts of single people are shown."""
    since = None
    for each in known:
        if each.name == SWITCHED and each.since <= seat.now:
            since = None if each.value != "on" else since or each.since
    day = spoken(_day(since)) if since else "the beginning"
    return (
        f"The company shows cost, commits and lines of single people to their leads since {day}. "
        "They say how sessions went, and nothing of what somebody's work is worth."
    )


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()
