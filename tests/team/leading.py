"""A company whose teams somebody leads, served to their browser."""

from __future__ import annotations

from datetime import date

from accrete_team import access, people, tokens
from accrete_team.weeks import last_whole

from tests.company import fill, fill_sessions
from tests.team.serving import Team
from tests.team.signed import Browser, a_person, signed_in

LEAD = "Lena Brandt"


def last_day() -> str:
    """The last day that leads see now."""
    seat = access.Seat(1, "", "", False, "UTC", "", 1, False, tokens.now_ms())
    return seat.last_day()


def last_monday() -> date:
    """The Monday of the last week that leads see now."""
    return date.fromisoformat(last_whole(last_day()))


def led(
    team: Team,
    *,
    people_: int = 12,
    weeks: int = 30,
    teams: tuple[str, ...] = ("forge", "harbour"),
    sessions: bool = False,
) -> Browser:
    """The browser of who leads the teams of `tests.company`."""

    def made() -> None:
        with team.database() as db:
            fill(db, people_, weeks, last=last_monday())
            if sessions:
                fill_sessions(db, people_, weeks, last=last_monday())
            if db.dialect == "postgresql":  # the ids that were given are taken
                db.run("SELECT setval(pg_get_serial_sequence('person', 'id'), 10000)")
        lead = a_person(team, LEAD)
        with team.database() as db:
            for name in teams:
                people.place(db, lead, name, "lead", actor=None, now=1, since=1)

    team.filled(("led", people_, weeks, teams, sessions, last_monday()), made)
    return signed_in(team, LEAD)
