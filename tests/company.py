"""A company with people, teams and weeks of practices, made of random figures: what the pages of a
team are checked with."""

from __future__ import annotations

import random
from datetime import date, timedelta

from accrete.database import Database

TODAY = date(2026, 11, 25)
MONDAY = date(2026, 11, 16)
"""Of the last week that has ended a day ago."""
AT = 1_795_600_000_000
"""UTC ms on TODAY."""
PRACTICES = (
    "planning", "task-tracking", "delegation", "skills", "context", "steering", "verification",
    "review", "committing", "artifacts", "isolation",
)  # fmt: skip
NAMES = (
    "Amara Nwosu", "Beatriz Lima", "Chen Rong", "Dag Hovland", "Elif Aydın", "Farid Haddad",
    "Greta Lund", "Henrik Voss", "Ines Prado", "Jonas Weber", "Kavya Rao", "Lior Katz",
)  # fmt: skip


def add_person(
    db: Database,
    n: int,
    name: str,
    *,
    team: str = "",
    job: str = "",
    start: str = "",
    paused: bool = False,
    tier: int = 3,
) -> None:
    """A person with an account, in a team."""  # fmt: skip
    db.run("INSERT INTO person (id, uuid, name, tier) VALUES (?, ?, ?, ?)",
           (n, f"u{n}", name, tier))  # fmt: skip
    db.run(
        "INSERT INTO account (person, admin, job, start_month, zone, made_at, paused_at) "
        "VALUES (?, 0, ?, ?, 'UTC', 1, ?)",
        (n, job, start, 1 if paused else None),
    )
    if team:
        db.run("INSERT INTO team (id, name, made_at) VALUES (?, ?, 1) ON CONFLICT DO NOTHING",
               (team, team.title()))  # fmt: skip
        db.run("INSERT INTO team_place (person, team, role, since, made_at) "
               "VALUES (?, ?, 'member', 1, 1)", (n, team))  # fmt: skip


def add_week(
    db: Database,
    person: int,
    week: str,
    practice: str,
    eligible: int,
    seen: int,
    *,
    project: str = "p",
    sightings: int = 0,
    marked: int = 0,
    versions: str = "1",
) -> None:
    """One row of a rollup."""  # fmt: skip
    db.run(
        "INSERT INTO person_week (person, project, week, practice, eligible, seen, sightings, "
        "marked, versions) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (person, project, week, practice, eligible, seen, sightings or seen, marked, versions),
    )


def week(back: int, last: date = MONDAY) -> str:
    """The Monday so many weeks before the last one."""
    return (last - timedelta(7 * back)).isoformat()


def fill(db: Database, people: int = 12, weeks: int = 30, seed: int = 1,
         last: date = MONDAY) -> None:  # fmt: skip
    """Two teams, two projects, three start months, one paused person who shares nothing, one who is
    new, a practice whose rules changed, a practice that is possible for half of them."""
    rng = random.Random(seed)
    with db.transaction():
        for n in range(1, people + 1):
            name = NAMES[(n - 1) % len(NAMES)] + ("" if n <= len(NAMES) else f" {n}")
            add_person(
                db, n, name, team=("forge", "harbour")[n % 2],
                job=("developer", "designer", "")[n % 3],
                start=(f"{last:%Y-%m}" if n == 5 else ("2025-03", "2026-01", "")[n % 3]),
                paused=n == 4,
            )  # fmt: skip
            if n == 4:
                continue
            for back in range(3 if n == 5 else weeks):
                if rng.random() < 0.15:
                    continue
                for at, practice in enumerate(PRACTICES):
                    if practice == "isolation" and n % 2:
                        continue
                    for project in ("ledger", f"own-{n}"):
                        eligible = rng.randrange(0, 5)
                        rise = 0.4 if practice == "review" and back < 6 else 0
                        share = min((at % 5) / 5 + rise, 1)
                        seen = sum(rng.random() < share for _ in range(eligible))
                        if eligible:
                            add_week(
                                db, n, week(back, last), practice, eligible, seen, project=project,
                                marked=seen // 2 if n % 3 else seen,
                                versions="1" if practice != "skills" or back > 5 else "2",
                            )  # fmt: skip
