"""Everybody in a company and every team, as one answer."""

from __future__ import annotations

from typing import NamedTuple

from accrete.database import Question
from accrete_team.people import MEMBERS, Member, Place, TeamRow, by_name, member_of


class Roster(NamedTuple):
    """The people by name, the teams in the order in which they were made, who is where."""

    members: list[Member]
    teams: list[TeamRow]
    places: list[Place]


def roster() -> Question[Roster]:
    """All of it."""
    return Question(
        (
            (MEMBERS, ()),
            ("SELECT id, name, made_at, gone_at FROM team WHERE gone_at IS NULL "
             "ORDER BY made_at, name", ()),
            ("SELECT person, team, role, since, until, made_at FROM team_place", ()),
        ),
        lambda answers: Roster(
            sorted((member_of(row) for row in answers[0]), key=by_name),
            [TeamRow(str(a), str(b), int(c), d) for a, b, c, d in answers[1]],
            [Place(int(a), str(b), str(c), int(d), e, int(f)) for a, b, c, d, e, f in answers[2]],
        ),
    )  # fmt: skip
