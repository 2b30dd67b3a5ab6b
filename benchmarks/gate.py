"""What the gate for reading costs in a company: 1,000 people and 500,000 sessions of generated
facts, on both engines.

    python benchmarks/gate.py [--people 1000] [--sessions 500] [--folder DIR]     #
    ACCRETE_TEST_POSTGRES: a server's URL

Prints the plan and the median of each question, beside the goal. Sessions are 500 a person over a
year; text is absent.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from accrete.database import Database, Postgres, Question, Sqlite
from accrete.database.postgres import for_psycopg
from accrete.model.tables import TABLES
from accrete.practices import all_practices
from accrete.queries.practices import person_weeks
from accrete.queries.scope import Scope
from accrete.queries.sessions import session, sessions

FIRST = date(2025, 11, 24)
DAYS = 364
AT = 1_763_942_400_000
DAY_MS = 86_400_000
TIMES = 15
GOALS = {"one session": 5, "newest 50 of everybody": 20, "newest 50 of a team of 20": 20,
         "matrix of 100 people, 12 weeks": 100}  # fmt: skip


def rows(table: str, people: int, each: int) -> Iterator[dict[str, Any]]:
    """The facts of a table, as objects with what is not 0 or NULL."""
    rng = random.Random(7)
    names = [practice.name for practice in all_practices()]
    for person in range(1, people + 1):
        if table == "person":
            yield {"id": person, "uuid": f"u{person}", "name": "me", "tier": 3}
        elif table == "project":
            for n in range(5):
                yield {
                    "person": person,
                    "id": f"p{n}",
                    "name": f"project {n}",
                    "root": f"/w/{n}",
                    "ids": f"p{n}",
                }
        elif table == "week_stamp":
            for week in range(DAYS // 7):
                day = FIRST + timedelta(days=7 * week)
                yield {"person": person, "week": str(day), "stamp": rng.getrandbits(40)}
        elif table == "person_week":
            for week in range(DAYS // 7):
                for name in names:
                    yield {
                        "person": person,
                        "project": f"p{week % 5}",
                        "week": str(FIRST + timedelta(days=7 * week)),
                        "practice": name,
                        "eligible": 10,
                        "seen": rng.randrange(10),
                        "sightings": 12,
                        "marked": 3,
                        "versions": "1",
                    }
        else:
            for n in range(each):
                day = n * DAYS // each
                at = AT + day * DAY_MS + rng.randrange(DAY_MS)
                key = {
                    "person": person,
                    "session": f"{person:05x}{n:05x}-0000-4000-8000-000000000000",
                    "local_day": str(FIRST + timedelta(days=day)),
                }
                figures = {
                    "prompts": 5,
                    "responses_own": 20,
                    "tokens_own": 400_000,
                    "cost_own_nano": 700_000_000,
                    "tool_calls": 20,
                    "active_ms": 900_000,
                }
                if table == "session":
                    yield {
                        **figures,
                        "person": person,
                        "id": key["session"],
                        "client": "claude-code",
                        "zone": "UTC",
                        "project": f"p{n % 5}",
                        "title": f"Session {n}",
                        "started_at": at,
                        "ended_at": at + 1_800_000,
                        "local_day": key["local_day"],
                        "outcome": "shipped",
                        "reader": 2,
                        "derived_version": 5,
                    }
                elif table == "session_day":
                    yield {**key, **figures, "first_at": at, "last_at": at + 1_800_000}
                else:
                    yield {
                        **key,
                        "model": "claude-opus-5-5",
                        "branch": "main",
                        "responses": 20,
                        "input_tokens": 9,
                        "output_tokens": 9_000,
                        "cost_nano": 700_000_000,
                    }


def fill(db: Database, people: int, each: int) -> None:
    """Loads all facts, and tells the engine how they lie."""
    for name in ("person", "project", "session", "session_day", "session_usage", "person_week",
                 "week_stamp"):  # fmt: skip
        table = next(table for table in TABLES if table.name == name)
        columns = list(table.fields)
        empty = dict.fromkeys(columns) | {
            column: 0 for column, mark in table.fields.items() if column in COUNTS
        }
        values = (
            tuple((empty | row)[column] for column in columns) for row in rows(name, people, each)
        )
        if isinstance(db, Postgres):
            with (
                db.connection.cursor() as cursor,
                cursor.copy(f"COPY {name} ({', '.join(columns)}) FROM STDIN") as copy,
            ):
                for row in values:
                    copy.write_row(row)
        else:
            with db.transaction():
                db.connection.executemany(
                    f"INSERT INTO {name} ({', '.join(columns)}) VALUES "
                    f"({', '.join('?' * len(columns))})",
                    values,
                )
    db.run("ANALYZE")


def _counts() -> set[str]:
    from typing import get_args, get_type_hints

    return {
        name
        for table in TABLES
        for noun in (*table.nouns, *table.worked_out)
        for name, hint in get_type_hints(noun).items()
        if int in (hint, *get_args(hint)) and type(None) not in get_args(hint)
    }


COUNTS = _counts()


def questions(people: int) -> dict[str, Question[Any]]:
    """The questions of the pages that a company opens most."""
    everybody, middle = tuple(range(1, people + 1)), people // 2
    one = Scope((middle,), session=f"{middle:05x}{7:05x}-0000-4000-8000-000000000000")
    since = str(FIRST + timedelta(days=7 * (DAYS // 7 - 12)))
    week = replace(
        Scope(everybody[:20]),
        since=str(FIRST + timedelta(days=200)),
        until=str(FIRST + timedelta(days=206)),
    )
    return {
        "one session": session(one),
        "newest 50 of everybody": sessions(Scope(everybody), limit=50),
        "newest 50 of a team of 20": sessions(Scope(everybody[:20]), limit=50),
        "newest 50 of a team of 20, a week": sessions(week, limit=50),
        "matrix of 100 people, 12 weeks": person_weeks(Scope(everybody[:100], since=since)),
    }  # fmt: skip


def plan(db: Database, question: Question[Any]) -> list[str]:
    """How the engine answers, a line a step."""
    found = []
    for sql, params in question.statements:
        if isinstance(db, Postgres):
            text, given = for_psycopg(sql, params)
            explained = db.connection.execute(f"EXPLAIN {text}", given).fetchall()
            found += [line[0] for line in explained if "Scan" in line[0] or "Sort" in line[0]]
        else:
            found += [row[3] for row in db.run("EXPLAIN QUERY PLAN " + sql, params)]
    return found


def main() -> None:
    """Loads and measures each engine in turn."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--sessions", type=int, default=500, help="a person")
    parser.add_argument("--folder", type=Path, help="where the SQLite file is made")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        measure("SQLite", Sqlite(Path(folder) / "company.db"), given.people, given.sessions)
    url = os.environ.get("ACCRETE_TEST_POSTGRES")
    if not url:
        print("PostgreSQL: skipped, ACCRETE_TEST_POSTGRES is not set")
        return
    import psycopg
    from psycopg.conninfo import make_conninfo

    name = f"accrete_gate_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'")
        try:
            measure(
                "PostgreSQL",
                Postgres(make_conninfo(url, dbname=name)),
                given.people,
                given.sessions,
            )
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def measure(name: str, db: Database, people: int, each: int) -> None:
    """Prints each question's median and plan."""
    db.migrate()
    began = time.perf_counter()
    fill(db, people, each)
    print(
        f"{name}: {people:,} people, {people * each:,} sessions, loaded in "
        f"{time.perf_counter() - began:.0f} s"
    )
    for what, question in questions(people).items():
        db.ask(question)
        times = []
        for _ in range(TIMES):
            began = time.perf_counter()
            rows_found = db.ask(question)
            times.append((time.perf_counter() - began) * 1000)
        size = len(rows_found) if isinstance(rows_found, list) else 1
        goal = f"goal {GOALS[what]} ms" if what in GOALS else ""
        print(f"  {what:36} {statistics.median(times):8.1f} ms  {size:6,} rows  {goal}")
        for line in plan(db, question)[:8]:
            print(f"      {line.strip()}")
    db.close()


if __name__ == "__main__":
    main()
