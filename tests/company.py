"""A company with people, teams and weeks of practices, made of random figures: what the pages of a
team are checked with."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args, get_type_hints

from accrete.database import Database
from accrete.model.tables import TABLES

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


class Rows:
    """Takes statements that put rows in, and runs each with all its rows in the end: on PostgreSQL
    a row is a round trip otherwise."""

    def __init__(self) -> None:
        self.held: dict[str, list[Sequence[Any]]] = {}

    def run(self, sql: str, params: Sequence[Any] = ()) -> None:
        self.held.setdefault(sql, []).append(params)

    def put(self, db: Database) -> None:
        with db.transaction():
            for sql, rows in self.held.items():
                db.many(sql, rows)


def add_person(
    db: Database | Rows,
    n: int,
    name: str,
    *,
    team: str = "",
    job: str = "",
    start: str = "",
    paused: bool = False,
    tier: int = 3,
) -> None:
    """A person with an account, in a team."""
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
    db: Database | Rows,
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
    """One row of a rollup."""
    db.run(
        "INSERT INTO person_week (person, project, week, practice, eligible, seen, sightings, "
        "marked, versions) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (person, project, week, practice, eligible, seen, sightings or seen, marked, versions),
    )


def _zeros() -> dict[str, dict[str, int]]:
    """The counts of each table, which are not NULL."""
    return {
        table.name: {
            name: 0
            for noun in (*table.nouns, *table.worked_out)
            for name, hint in get_type_hints(noun).items()
            if int in (hint, *get_args(hint)) and type(None) not in get_args(hint)
        }
        for table in TABLES
    }


ZEROS = _zeros()


def insert(db: Database | Rows, table: str, **values: Any) -> None:
    """A row of a table; counts that are not given are 0."""
    row = {**ZEROS[table], **values}
    db.run(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
        tuple(row.values()),
    )


def add_session(
    db: Database | Rows,
    person: int,
    nth: int,
    day: str,
    *,
    project: str = "ledger",
    outcome: str | None = None,
    model: str = "claude-opus-5-5",
    cost: int = 10**9,
    practices: Mapping[str, int] | None = None,
    tools: Mapping[str, int] | None = None,
    **figures: int,
) -> None:
    """A session of one day with its usage, and how often each practice was seen where possible."""
    name = f"{person:04x}{nth:04x}-0000-4000-8000-000000000000"
    shared = {"prompts": 5, "responses_own": 9, "cost_own_nano": cost, **figures}
    insert(
        db, "session", person=person, id=name, client="claude-code", zone="UTC", project=project,
        local_day=day, started_at=1, ended_at=2, outcome=outcome, reader=2, **shared,
    )  # fmt: skip
    insert(db, "session_day", person=person, session=name, local_day=day, **shared)
    insert(
        db, "session_usage", person=person, session=name, local_day=day, model=model, branch="",
        responses=9, cost_nano=cost,
    )  # fmt: skip
    for tool, calls in (tools or {}).items():
        insert(db, "session_tool", person=person, session=name, local_day=day, tool=tool,
               calls=calls)  # fmt: skip
    for practice, sightings in (practices or {}).items():
        insert(
            db, "session_practice", person=person, session=name, practice=practice, possible=1,
            sightings=sightings, version=1,
        )  # fmt: skip
        if sightings:
            insert(
                db, "sighting", person=person, session=name, practice=practice,
                uuid=f"{name[:8]}-{practice}", tool_use_id="", agent="", local_day=day, marks="",
            )  # fmt: skip


def fill_sessions(
    db: Database, people: int = 12, weeks: int = 30, seed: int = 1, last: date = MONDAY
) -> None:
    """Sessions of everybody but person 4: some every week, on two projects, with two models."""
    rng, rows = random.Random(f"sessions {seed}"), Rows()
    for person in range(1, people + 1):
        if person == 4:
            continue
        for nth in range(weeks * 3):
            day = last + timedelta(6 - rng.randrange(7 * weeks))
            edited = rng.random() < 0.7
            used = rng.random() < 0.5
            add_session(
                rows, person, nth, day.isoformat(),
                project="ledger" if rng.random() < 0.7 else f"own-{person}",
                outcome="shipped" if edited and rng.random() < (0.7 if used else 0.3)
                else "explored",
                model=("claude-opus-5-5", "claude-haiku-5-5")[rng.random() < 0.3],
                cost=rng.randrange(10**8, 5 * 10**9),
                practices={"planning": int(used), "verification": int(rng.random() < 0.4)},
                tools={"Read": 3 + nth % 4, "Edit": 2 + edited, f"own-{person}": 1},
                edits_landed=3 * edited, lines_added=40 * edited, lines_removed=7 * edited,
                commits=int(edited and rng.random() < 0.6),
                pull_requests=int(opened := rng.random() < 0.6),
                checks=2, checks_failed=int(rng.random() < 0.35),
                interruptions=int(rng.random() < 0.2), tool_errors=rng.randrange(4),
            )  # fmt: skip
            if opened and person % 5 != 3:  # who shares tier 1 alone
                add_pull(rows, person, nth, day)
    rows.put(db)


def add_pull(db: Database | Rows, person: int, nth: int, day: date) -> None:
    """A pull request that a session opened, and maybe the session before worked on; what its forge
    said of it differs."""
    rng = random.Random(f"pull {person} {nth}")
    opened_at = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()) * 1000
    ended = opened_at + rng.randrange(16) * 86_400_000
    told: dict[str, Any] = {"opened_at": opened_at, "told_at": ended, "draft": 0}
    kind = rng.random()
    if kind < 0.6:
        told |= {"state": "merged", "merged_at": ended, "closed_at": ended}
    elif kind < 0.75:
        told |= {"state": "closed", "closed_at": ended}
    elif kind < 0.9:
        told |= {"state": "open", "draft": int(kind > 0.85)}
    else:
        told = {}
    url = f"https://github.com/acme/ledger/pull/{person * 1000 + nth}"
    names = [f"{person:04x}{each:04x}-0000-4000-8000-000000000000" for each in (nth, nth - 1)]
    insert(db, "session_pull", person=person, session=names[0], url=url, confidence="printed",
           local_day=day.isoformat())  # fmt: skip
    for name in names[: 1 + (nth > 0 and rng.random() < 0.4)]:
        insert(db, "session_pull_state", person=person, session=name, url=url, **told)


def week(back: int, last: date = MONDAY) -> str:
    """The Monday so many weeks before the last one."""
    return (last - timedelta(7 * back)).isoformat()


def fill(db: Database, people: int = 12, weeks: int = 30, seed: int = 1,
         last: date = MONDAY) -> None:  # fmt: skip
    """Two teams, two projects, three start months, one paused person who shares nothing, one who is
    new, a practice whose rules changed, a practice that is possible for half of them."""
    rng, rows = random.Random(seed), Rows()
    for n in range(1, people + 1):
        name = NAMES[(n - 1) % len(NAMES)] + ("" if n <= len(NAMES) else f" {n}")
        add_person(
            rows, n, name, team=("forge", "harbour")[n % 2],
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
                            rows, n, week(back, last), practice, eligible, seen, project=project,
                            marked=seen // 2 if n % 3 else seen,
                            versions="1" if practice != "skills" or back > 5 else "2",
                        )  # fmt: skip
    rows.put(db)
