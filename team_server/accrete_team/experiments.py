"""Experiments: one practice, one team, some weeks, one figure that was fixed beforehand; and what
is said of it, with the same weight whatever came of it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import NamedTuple

from accrete.database import Database, Question
from accrete.errors import AccreteError
from accrete.insight.matrix import ORDER
from accrete.insight.within import FEWEST, Within, within
from accrete.practices.depth import ELIGIBLE
from accrete.present.formats import plural
from accrete.queries.practices_of_people import PersonShare
from accrete_team import people
from accrete_team.weeks import later

LENGTHS = (2, 4)
"""Weeks that an experiment may take."""
BEFORE = 4
"""Weeks before it that it is compared with."""
METRICS = {
    "use": "the share of sessions in which the practice is seen, where it is possible",
    "checks": "the share of sessions with edits that end with a check",
}
"""What it can be measured on: the practice's own share, or that of verification."""
OFF_MS = 28 * people.DAY_MS
"""How long an item of the agenda is put off."""


class Row(NamedTuple):
    """An experiment as it is stored, with the name of its team."""

    id: str
    team: str
    team_name: str
    practice: str
    metric: str
    start_week: str
    weeks: int
    by_person: int
    ended_at: int | None

    @property
    def measured(self) -> str:
        """The practice whose share it is measured on."""
        return "verification" if self.metric == "checks" else self.practice

    @property
    def last_week(self) -> str:
        """The Monday of its last week."""
        return later(self.start_week, self.weeks - 1)


def of_teams(teams: Sequence[str]) -> Question[list[Row]]:
    """The experiments of some teams, the newest first."""
    marks = ", ".join("?" * len(teams))
    sql = f"""SELECT e.id, e.team, t.name, e.practice, e.metric, e.start_week, e.weeks, e.by_person,
      e.ended_at FROM experiment e JOIN team t ON t.id = e.team WHERE e.team IN ({marks or "NULL"})
    ORDER BY e.start_week DESC, e.id"""
    return Question(((sql, tuple(teams)),), lambda answers: [_row(row) for row in answers[0]])


def _row(row: tuple[object, ...]) -> Row:
    return Row(*row)  # type: ignore[arg-type]


def put_off(person: int, now: int) -> Question[list[str]]:
    """The items of the agenda that a lead put off."""
    sql = "SELECT item FROM put_off WHERE person = ? AND until > ?"
    return Question(((sql, (person, now)),), lambda answers: [str(item) for (item,) in answers[0]])


def people_at(db: Database, team: str, at: int) -> list[int]:
    """The members of a team at an instant."""
    return sorted(
        place.person
        for place in people.places(db, team=team)
        if place.role == "member"
        and place.since <= at
        and (place.until is None or place.until > at)
    )


def begin(
    db: Database, team: str, practice: str, metric: str, weeks: int, start_week: str, *,
    actor: int, now: int,
) -> str:  # fmt: skip
    """Makes an experiment; returns its id. Raises AccreteError for what cannot be one."""
    if practice not in ORDER:
        raise AccreteError(f"No practice {practice[:40]!r}.")
    if metric not in METRICS or weeks not in LENGTHS:
        raise AccreteError("Choose what it is measured on, and two or four weeks.")
    row = people.team_named(db, team)
    there = people_at(db, row.id, now)
    if len(there) < FEWEST:
        raise AccreteError(
            f"{row.name} has {plural(len(there), 'person', 'people')}. An experiment takes "
            f"{FEWEST} or more, so that nobody is measured alone."
        )
    made = secrets.token_hex(8)
    with db.transaction():
        db.run(
            "INSERT INTO experiment (id, team, practice, metric, start_week, weeks, by_person, "
            "made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (made, row.id, practice, metric, start_week, weeks, actor, now),
        )
        people.note(db, "began an experiment", f"{row.name}: {practice}", actor, now)
    return made


def end(db: Database, experiment: str, teams: Sequence[str], *, actor: int, now: int) -> None:
    """Ends an experiment of some teams early. Raises AccreteError where there is none."""
    rows = db.run("SELECT team, practice FROM experiment WHERE id = ? AND ended_at IS NULL",
                  (experiment,))  # fmt: skip
    team, practice = rows[0] if rows else (None, None)
    if not rows or str(team) not in teams:
        raise AccreteError("There is no such experiment that runs.")
    with db.transaction():
        db.run("UPDATE experiment SET ended_at = ? WHERE id = ?", (now, experiment))
        people.note(db, "ended an experiment", str(practice), actor, now)


def not_now(db: Database, person: int, item: str, now: int) -> None:
    """Puts an item of the agenda off for four weeks."""
    db.run(
        "INSERT INTO put_off (person, item, until) VALUES (?, ?, ?) "
        "ON CONFLICT (person, item) DO UPDATE SET until = excluded.until",
        (person, item[:100], now + OFF_MS),
    )


class Report(NamedTuple):
    """What can be said. state: early, few, more, fewer, none, mixed, ended; people: with sessions
    enough before and during it, `of` all in it; found: the change within them."""

    state: str
    people: int
    of: int
    found: Within | None
    words: str


def report(row: Row, shares: Sequence[PersonShare], group: Sequence[int], last: str) -> Report:
    """What came of an experiment. shares: of its people from BEFORE weeks before it to its end,
    with its start as the middle; last: the Monday of the last week that is over."""
    own = [each for each in shares if each.practice == row.measured and each.person in set(group)]
    enough = [each for each in own if min(each.eligible, each.eligible_before) >= ELIGIBLE]
    found = within(
        [
            min(each.seen / each.eligible, 1) - min(each.seen_before / each.eligible_before, 1)
            for each in enough
        ]
    )
    many = len(enough), len(group)
    if row.ended_at is not None and last < row.last_week:
        return Report("ended", *many, None, "Ended early: nothing is said of it.")
    if last < row.last_week:
        over = sum(later(row.start_week, at) <= last for at in range(row.weeks))
        return Report("early", *many, None, f"Too early: {over} of {row.weeks} weeks are over.")
    if len({each for one in enough for each in one.versions.split()}) > 1:
        return Report("mixed", *many, None, "The practice's rules changed meanwhile: nothing is "
                      "said of it.")  # fmt: skip
    if found is None:
        return Report(
            "few", *many, None,
            f"Too few: {many[0]} of {many[1]} people have {ELIGIBLE} sessions before and during it;"
            f" it takes {FEWEST}.",
        )  # fmt: skip
    low, high = (round(100 * each) for each in found.interval)
    ends = f"between {points(low)} and {points(high)}, {plural(found.people, 'person', 'people')}"
    if not found.interval.excludes_zero:
        return Report("none", *many, found, f"No difference found ({ends}).")
    state, word = ("more", "More than before") if found.mean > 0 else ("fewer", "Less than before")
    return Report(state, *many, found, f"{word} ({ends}).")


def points(n: int) -> str:
    """A difference of shares in words."""
    return "no points" if n == 0 else f"{plural(abs(n), 'point')} {'more' if n > 0 else 'fewer'}"
