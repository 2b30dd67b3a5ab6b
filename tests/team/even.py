"""A company in which everybody does the same every week, so that each sum on a page is plain
arithmetic."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from tests.company import Rows, add_person, add_session, add_week, insert
from tests.team.serving import Team
from tests.team.signed import a_person

NOW = int(datetime(2026, 11, 11, 14, 30, tzinfo=UTC).timestamp() * 1000)
"""The last week that is over then begins on 2 November; the last block on 5 October."""
FIRST = date(2026, 7, 13)
"""The first of four blocks: three people worked in it, in the next ones all."""
PEOPLE = 20
DOLLAR = 10**9
RANGE = "range=days&since=2026-07-13&until=2026-11-08"


def even(team: Team) -> None:
    """Each of twenty people works on `ledger` for $2 on each Tuesday, with a commit, and from the
    third block on for $1 on `quay` on each Thursday, which has a name; five have work of their own
    for 50 cents in the last block. At the beginning of a block each opens a pull request on
    `ledger`, of which those of the first ten are merged."""

    def made() -> None:
        rows, nth = Rows(), 0
        for person in range(1, PEOPLE + 1):
            add_person(rows, person, f"Person {person:02d}",
                       team=("forge", "harbour")[person > 10], paused=person == 20)  # fmt: skip
            insert(rows, "project", person=person, id="quay", name="The Quay", root="", ids="")
            for week in range(17):
                day = FIRST + timedelta(7 * week)
                if week < 4 and person > 3:
                    continue
                nth += 1
                add_session(rows, person, nth, str(day + timedelta(1)), cost=2 * DOLLAR, commits=1,
                            pull_requests=int(week % 4 == 0), lines_added=10, lines_removed=4,
                            tools={"Bash": 3})  # fmt: skip
                if week % 4 == 0:
                    _opens(rows, person, nth, day + timedelta(1))
                if week >= 8:
                    nth += 1
                    add_session(rows, person, nth, str(day + timedelta(3)), cost=DOLLAR,
                                project="quay", model="claude-haiku-5-5", tools={"Read": 1}
                                )  # fmt: skip
                if 12 <= week < 16 and person <= 5:
                    nth += 1
                    add_session(rows, person, nth, str(day + timedelta(4)), cost=DOLLAR // 2,
                                project=f"own-{person}", model=f"rare-{person}")  # fmt: skip
        with team.database() as db:
            rows.put(db)
            db.run("UPDATE session_usage SET input_tokens = 100")
        leads = {name: a_person(team, name, password=None) for name in ("Lena Lead", "Finn Forge")}
        a_person(team, "Ada Admin", admin=True, password=None)
        with team.database() as db:
            for name, of in (("Lena Lead", "forge"), ("Lena Lead", "harbour"),
                             ("Finn Forge", "forge")):  # fmt: skip
                db.run("INSERT INTO team_place (person, team, role, since, made_at) "
                       "VALUES (?, ?, 'lead', 1, 1)", (leads[name], of))  # fmt: skip

    team.filled("even", made)


def _opens(rows: Rows, person: int, nth: int, day: date) -> None:
    session = f"{person:04x}{nth:04x}-0000-4000-8000-000000000000"
    url = f"https://github.com/acme/ledger/pull/{nth}"
    at = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()) * 1000
    came = {"state": "merged", "merged_at": at, "closed_at": at} if person <= 10 else {
        "state": "open"}  # fmt: skip
    insert(rows, "session_pull", person=person, session=session, url=url, confidence="printed",
           local_day=str(day))  # fmt: skip
    insert(rows, "session_pull_state", person=person, session=session, url=url, opened_at=at,
           told_at=at, draft=0, **came)  # fmt: skip


def even_weeks(team: Team) -> None:
    """Twelve people of two teams who could do five practices in four sessions of each of the last
    thirteen weeks: `planning` is seen in two of them with the team `forge`, and in none with the
    other; `review` in one until the last six weeks and then in three; `verification` in all four,
    done well; `skills` in none. `delegation` is possible in one session a week, for one person
    alone, in four weeks. One joined this month, and one has paused and shares nothing."""

    def made() -> None:
        rows = Rows()
        for person in range(1, 13):
            add_person(
                rows, person, f"Person {person:02d}", team=("forge", "harbour")[person > 6],
                job=("tester", "")[person > 3], paused=person == 12,
                start=("2026-11" if person == 11 else "2025-03" if person > 9 else ""),
            )  # fmt: skip
            for back in range(13 if person < 12 else 0):
                week = (date(2026, 11, 2) - timedelta(7 * back)).isoformat()
                for name, seen, marked in (
                    ("planning", 2 * (person < 7), 0), ("review", 3 if back < 6 else 1, 0),
                    ("verification", 4, 4), ("skills", 0, 0),
                ):  # fmt: skip
                    add_week(rows, person, week, name, 4, seen, sightings=seen, marked=marked)
                if person == 1 and back < 4:
                    add_week(rows, person, week, "delegation", 1, 1)
        with team.database() as db:
            rows.put(db)
        lead = a_person(team, "Lena Lead", password=None)
        with team.database() as db:
            for of in ("forge", "harbour"):
                db.run("INSERT INTO team_place (person, team, role, since, made_at) "
                       "VALUES (?, ?, 'lead', 1, 1)", (lead, of))  # fmt: skip

    team.filled("even weeks", made)
