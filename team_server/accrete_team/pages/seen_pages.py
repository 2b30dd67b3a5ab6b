"""The pages of one person as others see them: each look is written down before it is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accrete.clock import monday
from accrete.explorer.listings import tone
from accrete.explorer.page import Cell, Column, Figure, Page, Sheet
from accrete.explorer.pages import changes, numbers, practices, replay, search, step
from accrete.explorer.ranges import spoken
from accrete.explorer.response import Show, page
from accrete.explorer.view import MissingError, View
from accrete.insight.matrix import ORDER
from accrete.model import Tier
from accrete.practices import named
from accrete.practices.depth import FLUENT, REGULAR
from accrete.present.formats import number, plural, span
from accrete.queries.costs import cost
from accrete.queries.others import OthersSession, last_days, others_sessions, over_by
from accrete.queries.overview import by_project, sides, tools
from accrete.queries.practices import PracticeRow
from accrete.queries.practices import practices as asked_practices
from accrete.queries.practices_of_people import by_name
from accrete_team import looks
from accrete_team.pages import person_amounts
from accrete_team.pages.matrix import nth_page
from accrete_team.web import Site, TeamViewer, seat_in, team_viewer

PAGE = 50
TIERS = {
    1: "figures and days, no words and no paths",
    2: "figures, tools, files and changes, no words",
    3: "everything that was written, and all the figures",
}
"""What others see of a person at each tier."""


def routes() -> list[BaseRoute]:
    """Every page about a person."""
    return [
        Route("/", looked(show, "profile.html", "profile")),
        Route("/sessions", looked(listed, "seen_sessions.html", "sessions")),
        Route("/sessions/{session}", looked(_over(replay.show), "replay.html", "session")),
        Route("/sessions/{session}/changes", looked(_over(changes.show, Tier.ACTIVITY),
                                                    "changes.html", "changes")),
        Route("/sessions/{session}/steps/{step}", looked(_over(step.show), "step.html", "session")),
        Route("/practices", looked(practices.show, "practices.html", "profile")),
        Route("/practices/{name}", looked(practices.show_one, "practice.html", "profile")),
        Route("/search", looked(search.show, "search.html", "search")),
        Route("/numbers", page(numbers.show, "numbers.html")),
    ]  # fmt: skip


def looked(show_page: Show, template: str, what: str) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of a page about another person. It is made first, so that only what there is to
    see is written down, and sent after that."""
    made = page(show_page, template)

    async def endpoint(request: Request) -> Response:
        viewer: TeamViewer = await request.app.state.viewer_of(request)
        answer = await made(request)
        seat, subject = viewer.seat, viewer.subject
        assert subject is not None
        if answer.status_code == 200 and subject != seat.person:
            site: Site = request.app.state.site
            why = getattr(seat.seen(subject), "why", None)
            session = request.path_params.get("session")
            await site.write(
                viewer.company,
                lambda db: looks.look(
                    db, subject, seat.person, what, seat.now, session=session, why=why
                ),
            )
        return answer

    return endpoint


def _over(show_page: Show, tier: Tier = Tier.METADATA) -> Show:
    """A page of a session: only of one that is over, and shared at a tier."""

    async def shown(view: View) -> Page:
        scope = replace(view.viewer.scope, session=view.params["session"])
        last = view.viewer.last_day or ""
        if scope.tier < tier or not await view.ask(over_by(scope, last)):
            raise MissingError("There is no such session that you may see.")
        return await show_page(view)

    return shown


async def show(view: View) -> Page:
    """The card of a person: practices, models, tools, projects as they are shared, the last week at
    work. No amounts."""
    viewer = team_viewer(view)
    person = viewer.subject or 0
    human, _ = await view.ask(sides(view.scope))
    habits = await view.ask(asked_practices(view.scope))
    models = await view.ask(cost(view.scope, "model"))
    used = await view.ask(tools(view.scope))
    places = await view.ask(by_project(view.scope))
    last = await view.ask(last_days(replace(view.scope, since=None, automated=None, project=None)))
    regular = [row.title for row in habits if row.depth in (REGULAR, FLUENT)]
    paid, banner = await person_amounts.amounts(view, view.scope)
    tier = int(view.viewer.scope.tier)
    said = [f"{plural(human.sessions, 'session')} in this range."]
    if regular:
        said.append(f"Regular: {', '.join(regular)}.")
    return Page(
        title=viewer.name,
        current="/",
        lead=said,
        figures=[
            Figure("sessions", "Sessions", human.sessions, number(human.sessions),
                   href=view.link("/sessions")),
            Figure("active-time", "Active time", human.active_ms, span(human.active_ms)),
            Figure("depth", "Regular practices", len(regular), number(len(regular)),
                   href=view.link("/practices")),
        ],
        sheets=[
            _habits(view, habits),
            _names("models", "Model", "Sessions",
                   [(row.label, row.sessions) for row in models]),
            _names("tools", "Tool", "Calls", [(name, calls) for name, calls, _ in used]),
            _names("projects", "Project", "Sessions",
                   [(row.name or "(not named)", row.sessions) for row in places]),
        ],
        parts={
            "amounts": paid,
            "banner": banner,
            "shares": TIERS[max(1, min(tier, 3))],
            "last": spoken(monday(last[0].day)) if last else None,
            "day": spoken(viewer.last_day or ""),
            "own": person == seat_in(view).person and viewer.base != "",
            "sharing": f"{viewer.base}/sharing",
        },
    )  # fmt: skip


def _habits(view: View, found: Sequence[PracticeRow]) -> Sheet:
    """Every practice in the order of the matrix, with its word and the sessions behind it."""
    columns = (
        Column("practice", "Practice"), Column("depth", "Habit", define="depth"),
        Column("seen", "Seen in", right=True, unit="sessions"),
        Column("possible", "Possible in", right=True, unit="sessions"),
    )  # fmt: skip
    rows = [
        [Cell(row.name, row.title, href=view.link(f"/practices/{row.name}")),
         Cell(row.depth, row.depth) if row.eligible
         else Cell(None, "n/a", why="Not possible in any session of this range."),
         Cell(row.seen, number(row.seen)), Cell(row.eligible, number(row.eligible))]
        for row in sorted(found, key=lambda each: ORDER.index(each.name))
    ]  # fmt: skip
    return Sheet("practices", f"{view.range.label}: in how many sessions each was seen, of those "
                 "in which it was possible.", columns, rows)  # fmt: skip


def _names(key: str, what: str, times: str, found: Iterable[tuple[str, int]]) -> Sheet:
    """Names with how often each is there. Several of one name are one: those whose names are not
    shared have the same."""
    columns = (Column("name", what), Column("count", times, right=True))
    sums: Counter[str] = Counter()
    for name, n in found:
        sums[name] += n
    rows = sorted(sums.items(), key=lambda each: by_name(each[0]))
    made = [[Cell(a, a), Cell(b, number(b))] for a, b in rows]
    return Sheet(key, "By name.", columns, made, empty="None in this range.")


async def listed(view: View) -> Page:
    """The sessions of a person, the newest day first."""
    if (sort := view.query.get("sort")) not in (None, "", "newest"):
        raise MissingError(f"Sessions of others are listed by time only, not by {sort[:40]!r}.")
    nth = nth_page(view.query.get("page"))
    practice, possible = (view.query.get(name) or None for name in ("practice", "possible"))
    for each in (practice, possible):
        if each is not None and named(each) is None:
            raise MissingError(f"No practice {each[:40]!r}.")
    scope = replace(view.scope, automated=None, project=None)
    found = await view.ask(
        others_sessions(
            scope,
            view.viewer.last_day or "",
            limit=PAGE + 1,
            skip=PAGE * nth,
            practice=practice,
            possible=possible,
        )
    )  # fmt: skip
    older = view.here(page=nth + 2) if len(found) > PAGE else None
    return Page(
        title="Sessions",
        current="/sessions",
        lead=[f"Sessions up to {spoken(view.viewer.last_day or '')}: a session is shown to others "
              "a day after the day on which it ended."],
        sheets=[session_sheet(view, found[:PAGE], older)],
    )  # fmt: skip


def session_sheet(view: View, rows: list[OthersSession], older: str | None) -> Sheet:
    """Sessions of a person, a row each."""
    columns = (
        Column("title", "What"), Column("day", "Day"), Column("project", "Project"),
        Column("prompts", "Prompts", right=True),
        Column("active_ms", "Active", right=True, unit="ms"), Column("outcome", "What came of it"),
    )  # fmt: skip
    made = []
    for row in rows:
        title = row.title or f"Session of {spoken(row.day)}, {plural(row.prompts, 'prompt')}"
        address = view.link(f"/sessions/{row.id}")
        checks = plural(row.checks, "check") if row.checks else ""
        failed = f", {row.checks_failed} failed" if row.checks_failed else ""
        made.append([
            Cell(row.title, title, href=address, under=_under(row)),
            Cell(row.day, spoken(row.day)),
            Cell(row.project_name or None, row.project_name or "—",
                 why="" if row.project_name else "Its owner does not share the name."),
            Cell(row.prompts, number(row.prompts)),
            Cell(row.active_ms, span(row.active_ms)),
            Cell(row.outcome, f"{checks}{failed}" or " ", chip=row.outcome or "",
                 tone=tone(row.outcome))
            if row.outcome else Cell(None, "—", why="Nothing tells what came of it."),
        ])  # fmt: skip
    return Sheet("sessions", "The newest day first.", columns, made, older=older,
                 empty="No sessions in this range.")  # fmt: skip


def _under(row: OthersSession) -> str:
    said = [plural(row.tool_errors, "failed call")] if row.tool_errors else []
    said += [plural(row.interruptions, "interruption")] if row.interruptions else []
    said += [plural(row.agents, "subagent")] if row.agents else []
    return " · ".join(said)
