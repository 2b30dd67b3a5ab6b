"""What the pages of a team cost: a lead of 10 to 1,000 people with a year of weeks and sessions of
generated facts, on both engines.

    python benchmarks/team_pages.py [--people 10 100 1000] [--sessions 500] [--folder DIR]
    ACCRETE_TEST_POSTGRES: a server's URL, for the second engine

One session in a hundred has words, which are searched for as one person and as the lead of a team
of 20 (`team_people.py`). Prints for each page the first request after the server's start, for which
nothing was worked out yet, then the median and the 95th percentile of those after it, as whole
requests in this process, and their CPU time, which other programs on the machine do not stretch as
much; beside the goal.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from accrete_team import signin, tenants, tokens
from accrete_team.access import LATER_MS
from accrete_team.app import application
from accrete_team.registry import Registry
from accrete_team.weeks import last_whole
from starlette.testclient import TestClient

from accrete.record import store

sys.path.insert(0, str(Path(__file__).resolve().parent))
import gate
import team_people
from wording import Dice, vocabulary, zipf

WARM, TIMES = 2, 20
GOALS = {
    "matrix, 12 weeks": ("/matrix?range=12w&by=none", 150),
    "matrix, a year": ("/matrix?range=year&by=none", 400),
    "matrix, 12 weeks compared": ("/matrix?range=12w&by=none&compare=before", None),
    "this week": ("/week", 150),
    "practice": ("/matrix/planning?range=12w", 300),
    "activity": ("/activity?range=12w", 150),
    "costs": ("/costs?range=12w", 150),
    "experiments": ("/experiments", 300),
}


def fill(db, people: int, each: int) -> int:  # type: ignore[no-untyped-def]
    """A company whose people are all in one team, and its lead; returns the lead."""
    last = date.fromisoformat(last_whole(_last_day()))
    gate.FIRST = last - timedelta(7 * 51)
    gate.AT = int(time.mktime(gate.FIRST.timetuple())) * 1000
    gate.fill(db, people, each)
    with db.transaction():
        if db.dialect == "postgresql":
            db.run("SELECT setval(pg_get_serial_sequence('person', 'id'), 100000)")
        for n in range(1, people + 1):
            db.run("UPDATE person SET name = ? WHERE id = ?", (f"Person {n:04}", n))
        db.run(
            "INSERT INTO account (person, admin, job, start_month, zone, made_at) "
            "SELECT id, 0, '', '2025-01', 'UTC', 1 FROM person"
        )
        db.run("INSERT INTO team (id, name, made_at) VALUES ('t', 'Everybody', 1)")
        db.run(
            "INSERT INTO team_place (person, team, role, since, made_at) "
            "SELECT id, 't', 'member', 1, 1 FROM person"
        )
    lead = tokens.add_person(db, "The lead")
    db.run("INSERT INTO team (id, name, made_at) VALUES ('few', 'A few', 1)")
    place = "INSERT INTO team_place (person, team, role, since, made_at) VALUES (?, ?, ?, 1, 1)"
    with db.transaction():
        for n in range(1, min(20, people) + 1):
            db.run(place, (n, "few", "member"))
        db.run(place, (lead, "t", "lead"))
        db.run(place, (tokens.add_person(db, "The lead of a few"), "few", "lead"))
        say(db, people, each)
    db.run("ANALYZE")
    return lead


def say(db, people: int, each: int) -> None:  # type: ignore[no-untyped-def]
    """Gives one session in a hundred forty texts of some forty words."""
    dice, laid = Dice(1), zipf(vocabulary())
    texts = [" ".join(dice.pick(laid) for _ in range(dice.between(5, 80))) for _ in range(2000)]
    texts[::50] = [f"{text} 接続の設定を確認する" for text in texts[::50]]
    after = store.last_event(db)
    made = [
        (person, f"{person:05x}{n:05x}-0000-4000-8000-000000000000", "", f"u{step}", 0, step, at,
         "assistant_text" if step % 4 else "typed_prompt", text, len(text), 0, 0)
        for person in range(1, people + 1)
        for n in range(0, each, 100)
        for step in range(40)
        for at in [gate.AT + n * gate.DAYS // each * gate.DAY_MS + step * 1000]
        for text in [dice.pick(texts)]
    ]  # fmt: skip
    columns = ("person", "session", "agent", "uuid", "part", "seq", "at", "kind", "text", "size",
               "sidechain", "embedded")  # fmt: skip
    db.many(
        f"INSERT INTO event ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", made
    )
    store.index_events(db, after)


def _last_day() -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp((tokens.now_ms() - LATER_MS) / 1000, UTC).date().isoformat()


def measure(home: Path, admin_url: str | None, people: int, each: int) -> None:
    """Makes the company, and asks for each page."""
    registry = Registry(home)
    company = tenants.create(registry, f"bench{people}-{os.getpid()}", admin_url=admin_url)
    try:
        db = tenants.open_company(company)
        began = time.perf_counter()
        lead = fill(db, people, each)
        cookie = signin.sign_in(db, lead, "password", tokens.now_ms()).cookie
        db.close()
        print(f"{company.engine}: {people:,} people, {people * each:,} sessions, loaded in "
              f"{time.perf_counter() - began:.0f} s")  # fmt: skip
        for what, (path, goal) in GOALS.items():
            client = TestClient(application(registry), base_url="http://localhost")
            client.cookies.set(signin.cookie_name(company.slug), cookie)
            with client:
                client.get(f"/c/{company.slug}/settings")  # what pages import, and a connection
                _one(client, f"/c/{company.slug}{path}", what, goal)
        team_people.show(team_people.measure(home, company.slug, TIMES))
    finally:
        tenants.delete(registry, company.slug, admin_url=admin_url)


def _one(client: TestClient, path: str, what: str, goal: int | None) -> None:
    times, cpu, size = [], [], 0
    for _ in range(WARM + TIMES):
        began, used = time.perf_counter(), time.process_time()
        answer = client.get(path)
        times.append((time.perf_counter() - began) * 1000)
        cpu.append((time.process_time() - used) * 1000)
        size = int(answer.headers.get("content-length", 0))
        if answer.status_code == 503:
            times.clear()
            cpu.clear()
            continue
        if answer.status_code != 200:
            print(f"  {what:28} {answer.status_code}")
            return
    if len(times) <= WARM:
        print(f"  {what:28} takes longer than it may")
        return
    first, first_cpu = times[0], cpu[0]
    times, cpu = times[WARM:], cpu[WARM:]
    p95 = statistics.quantiles(times, n=20)[-1]
    said = f"goal {goal} ms p95" if goal else ""
    print(f"  {what:28} first {first:7.1f} ms (CPU {first_cpu:7.1f})   "
          f"median {statistics.median(times):7.1f} ms   p95 {p95:7.1f} ms   CPU "
          f"{statistics.median(cpu):7.1f} ms   {size / 1024:6.1f} KB   {said}")  # fmt: skip


def main() -> None:
    """Each size on each engine."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--sessions", type=int, default=500, help="a person")
    parser.add_argument("--folder", type=Path, help="where the SQLite files are made")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), nargs="+",
                        default=["sqlite", "postgresql"])  # fmt: skip
    given = parser.parse_args()
    url = os.environ.get("ACCRETE_TEST_POSTGRES")
    for engine in given.engine:
        if engine == "postgresql" and not url:
            print("PostgreSQL: skipped, ACCRETE_TEST_POSTGRES is not set")
            continue
        for people in given.people:
            with tempfile.TemporaryDirectory(dir=given.folder) as folder:
                measure(Path(folder), url if engine == "postgresql" else None, people,
                        given.sessions)  # fmt: skip


if __name__ == "__main__":
    main()
