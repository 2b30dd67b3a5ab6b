"""Experiments of the teams that somebody leads, and of those that they are in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from starlette.responses import Response

from accrete.clock import monday
from accrete.errors import AccreteError
from accrete.explorer.forms import Sent, form, seen_other
from accrete.explorer.page import Page
from accrete.explorer.ranges import spoken
from accrete.explorer.view import MissingError, View
from accrete.insight.matrix import ORDER
from accrete.insight.within import FEWEST
from accrete.present.formats import plural
from accrete.queries.practices_of_people import person_shares
from accrete_team import access, experiments
from accrete_team.access import Seat
from accrete_team.amounts import membership
from accrete_team.experiments import BEFORE, LENGTHS, METRICS, Row, report
from accrete_team.pages.matrix import practice_of
from accrete_team.rosters import Roster, roster
from accrete_team.web import Site, ask_weekly, seat_in, team_viewer
from accrete_team.weeks import last_whole, later

LEADS_ONLY = "Leads begin and end experiments with their teams."


def led_teams(seat: Seat) -> dict[str, str]:
    """The teams that are led, by id. Raises MissingError where there are none."""
    found = {each.id: each.name for each in seat.teams if each.role == "lead"}
    if not found:
        raise MissingError(LEADS_ONLY)
    return found


async def show(view: View) -> Page:
    """All of them, the newest first: with what came of them for leads."""
    seat = seat_in(view)
    led = {each.id for each in seat.teams if each.role == "lead"}
    mine = sorted({each.id for each in seat.teams})
    found = await view.ask(experiments.of_teams(mine)) if mine else []
    there = None
    if led:
        there = await view.ask(roster())
    shown = []
    for row in found:
        words = (
            (await _report(view, seat, row, there)).words
            if there is not None and row.team in led
            else "The team's lead tells the team what comes of it."
        )
        shown.append(
            {
                "id": row.id,
                "practice": practice_of(row.practice).title,
                "team": row.team_name,
                "when": f"{spoken(row.start_week)}, {row.weeks} weeks",
                "metric": METRICS[row.metric],
                "words": words,
                "ends": row.team in led and row.ended_at is None
                and last_whole(view.today) < row.last_week,
            }
        )  # fmt: skip
    return Page(
        title="Experiments",
        current="/experiments",
        lead=_lead(len(shown), bool(led)),
        parts={"shown": shown, "new": view.bare("/experiments/new") if led else None},
    )


def _lead(many: int, leads: bool) -> list[str]:
    if many:
        return [f"{plural(many, 'experiment')}. What came of each is the mean change within "
                "people, shown whatever it is."]  # fmt: skip
    if leads:
        return ["No experiments yet. An experiment is one practice, one team, some weeks, and "
                "one figure that is fixed before it starts."]  # fmt: skip
    return ["No experiment runs in your teams."]


async def _report(view: View, seat: Seat, row: Row, there: Roster) -> experiments.Report:
    """Of the members of the team in the week in which it started."""
    member = membership(there, {row.team})
    group = [
        each.person
        for each in there.members
        if row.team in member(each.person, row.start_week)
    ]  # fmt: skip
    last = last_whole(view.today)
    if not group:
        return report(row, [], [], last)
    scope = replace(
        access.everybody(seat, group),
        since=later(row.start_week, -BEFORE),
        until=min(row.last_week, last),
    )
    shares = await ask_weekly(view, scope, person_shares(scope, row.start_week))
    return report(row, shares, group, last)


async def show_new(view: View) -> Page:
    """The form that begins one."""
    teams = led_teams(seat_in(view))
    chosen = view.query.get("practice")
    if chosen:
        practice_of(chosen)
    return Page(
        title="Begin an experiment",
        current="/experiments",
        lead=["Agree on it with the team first: what is tried, for how long, and what it is "
              "measured on. The figure cannot be changed later."],
        parts={
            "teams": sorted(teams.items(), key=lambda each: each[1].casefold()),
            "practices": [(name, practice_of(name).title, name == chosen) for name in ORDER],
            "metrics": list(METRICS.items()),
            "lengths": LENGTHS,
            "start": spoken(_start(view)),
            "fewest": FEWEST,
            "before": BEFORE,
            "back": view.bare("/experiments"),
        },
    )  # fmt: skip


def _start(view: View) -> str:
    """The next Monday: what was done before an experiment was agreed on is not part of it."""
    today = datetime.fromtimestamp(seat_in(view).now / 1000, UTC).date().isoformat()
    return later(monday(today), 1)


@form
async def begin(sent: Sent) -> Response:
    """Begins one with a team that is led."""
    seat = seat_in(sent.view)
    teams, fields = led_teams(seat), sent.fields
    team, weeks = fields.get("team", ""), fields.get("weeks", "")
    if team not in teams:
        raise AccreteError("You lead no such team.")
    site: Site = sent.request.app.state.site
    start = _start(sent.view)
    await site.write(
        team_viewer(sent.view).company,
        lambda db: experiments.begin(
            db, team, fields.get("practice", ""), fields.get("metric", ""),
            int(weeks) if weeks.isdecimal() and len(weeks) < 3 else 0, start,
            actor=seat.person, now=seat.now,
        ),
    )  # fmt: skip
    return seen_other(sent.view.bare("/experiments"))


@form
async def end(sent: Sent) -> Response:
    """Ends one early."""
    seat = seat_in(sent.view)
    teams = list(led_teams(seat))
    site: Site = sent.request.app.state.site
    name = str(sent.request.path_params["experiment"])
    await site.write(
        team_viewer(sent.view).company,
        lambda db: experiments.end(db, name, teams, actor=seat.person, now=seat.now),
    )
    return seen_other(sent.view.bare("/experiments"))


@form
async def not_now(sent: Sent) -> Response:
    """Puts an item of the agenda off."""
    seat = seat_in(sent.view)
    led_teams(seat)
    site: Site = sent.request.app.state.site
    item = sent.fields.get("item", "")
    await site.write(
        team_viewer(sent.view).company,
        lambda db: experiments.not_now(db, seat.person, item, seat.now),
    )
    return seen_other(sent.view.bare("/week"))
