"""The company's pages: every route of theirs."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accrete.explorer.pages import numbers
from accrete.explorer.response import page
from accrete_team.pages import (
    activity,
    admin,
    admin_people,
    catalog,
    clips,
    experiments,
    matrix,
    matrix_cell,
    notice,
    people,
    practice,
    searching,
    sharing,
    spreads,
    team_costs,
    week,
)
from accrete_team.pages.empty_team import of_people
from accrete_team.web import TeamViewer, menu_of


def routes() -> list[BaseRoute]:
    """Every page of the company but those of single people."""
    return [
        Route("/", home),
        Route("/people", page(people.show, "people.html")),
        Route("/search", of_people(searching.show, "search_people.html", "Search", "/search")),
        Route("/week", of_people(week.show, "week.html", "This week", "/week")),
        Route(
            "/matrix/{practice}",
            of_people(practice.show, "team_practice.html", "Practices", "/matrix"),
        ),
        Route(
            "/activity",
            of_people(activity.show, "activity.html", "Activity", "/activity", sums=True),
        ),
        Route(
            "/figures",
            of_people(spreads.show, "spreads.html", "Sessions in figures", "/activity", sums=True),
        ),
        Route(
            "/costs", of_people(team_costs.show, "team_costs.html", "Costs", "/costs", sums=True)
        ),
        Route("/examples/new", page(clips.show_new, "clip_new.html")),
        Route("/examples", clips.share, methods=["POST"]),
        Route("/examples/{clip}/end", clips.end, methods=["POST"]),
        Route("/examples/{person:int}/{clip}", clips.endpoint),
        Route("/catalog", catalog.endpoint),
        Route("/catalog/hide", catalog.change, methods=["POST"]),
        Route("/week/not-now", experiments.not_now, methods=["POST"]),
        Route("/experiments", page(experiments.show, "experiments.html")),
        Route("/experiments", experiments.begin, methods=["POST"]),
        Route("/experiments/new", page(experiments.show_new, "experiment_new.html")),
        Route("/experiments/{experiment}/end", experiments.end, methods=["POST"]),
        Route("/matrix", of_people(matrix.show, "matrix.html", "Practices", "/matrix")),
        Route("/matrix/{practice}/{person:int}", matrix_cell.cell_endpoint()),
        Route("/sharing", page(sharing.show, "sharing.html")),
        Route("/sharing/export", sharing.export),
        Route("/sharing/delete", page(sharing.ask, "sharing_delete.html")),
        Route("/sharing/delete", sharing.delete, methods=["POST"]),
        Route("/sharing/tier", sharing.lower, methods=["POST"]),
        Route("/sharing/pause", sharing.pause, methods=["POST"]),
        Route("/sharing/zone", sharing.zone, methods=["POST"]),
        Route("/sign-out", sharing.sign_out, methods=["POST"]),
        Route("/numbers", page(numbers.show, "numbers.html")),
        Route("/notice", page(notice.show, "notice.html")),
        Route("/admin", page(admin.show, "admin.html")),
        Route("/admin/settings", admin.settings, methods=["POST"]),
        Route("/admin/budget", admin.set_budget, methods=["POST"]),
        Route("/admin/keep", admin.keep, methods=["POST"]),
        Route("/admin/audit", page(admin.audit, "audit.html")),
        Route("/admin/people", page(admin_people.show, "admin_people.html")),
        Route("/admin/people", admin_people.add, methods=["POST"]),
        Route("/admin/people/{id:int}", page(admin_people.show_one, "admin_person.html")),
        Route("/admin/people/{id:int}", admin_people.change, methods=["POST"]),
        Route("/admin/people/{id:int}/{deed}", admin_people.deed, methods=["POST"]),
        Route("/admin/teams", page(admin.teams, "admin_teams.html")),
        Route("/admin/teams", admin.change_teams, methods=["POST"]),
    ]  # fmt: skip


async def home(request: Request) -> Response:
    """To the first page: one's own work; for who leads, the company's."""
    viewer: TeamViewer = request.scope["accrete.viewer"]
    first = f"{viewer.base}{menu_of(viewer.seat)[0][0]}" if viewer.seat.leads else (
        f"{viewer.base}/me/"
    )  # fmt: skip
    return RedirectResponse(first, 303)
