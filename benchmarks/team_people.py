"""How long the team server's pages of people take, in a company of any size.

    python benchmarks/team_people.py --home FOLDER --company SLUG [--times 20] [--json]

FOLDER is the server's (`ACCRETE_TEAM_HOME`), SLUG a company as `accrete-team demo` makes it, for
instance `--people 1000 --weeks 52`; `team_pages.py` asks for them of the company that it makes. The
pages are asked for in this process, one after the other, as a person who has sessions with words,
and as the lead of the team that is nearest to 20 people. Prints the median, the 95th percentile,
and the CPU time of this process, which other programs do not stretch as much.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path

from accrete_team import signin, tokens
from accrete_team.app import application
from accrete_team.registry import Registry
from accrete_team.tenants import open_company
from starlette.testclient import TestClient

OWN = {
    "own overview": ("/me/?range=4w", 100.0),
    "own overview, a year": ("/me/?range=year", 100.0),
    "own sessions": ("/me/sessions?range=all", 100.0),
    "own session": ("/me/sessions/{session}", 100.0),
    "own practices": ("/me/practices?range=12w", 100.0),
    "own search": ("/me/search?range=all&q=test", 100.0),
    "own search, a phrase": ("/me/search?range=all&q=%22the+test%22", 100.0),
    "own search, no spaces": ("/me/search?range=all&q=%E8%A8%AD%E5%AE%9A", 100.0),
    "sharing": ("/sharing", 100.0),
}
LEAD = {
    "people of the teams": ("/people", 150.0),
    "a person": ("/people/{person}/?range=12w", 150.0),
    "sessions of a person": ("/people/{person}/sessions?range=12w", 150.0),
    "search over the teams": ("/search?q=test", 200.0),
    "the same, a phrase": ("/search?q=%22the+test%22", 200.0),
    "the same, no spaces": ("/search?q=%E8%A8%AD%E5%AE%9A", 200.0),
}
"""Pages with the p95 that they are to keep, ms."""


def measure(home: Path, slug: str, times: int) -> dict[str, object]:
    """Each page's median and p95 in ms, with its goal."""
    registry = Registry(home)
    company = registry.find(slug)
    if company is None:
        raise SystemExit(f"There is no company {slug} in {home}.")
    db = open_company(company)
    try:
        people = int(db.run("SELECT COUNT(*) FROM person")[0][0])
        sessions = int(db.run("SELECT COUNT(*) FROM session")[0][0])
        own = db.run(
            "SELECT s.person, COUNT(*) FROM session s JOIN person p ON p.id = s.person "
            "WHERE p.tier = 3 GROUP BY s.person ORDER BY COUNT(*) DESC, s.person LIMIT 1"
        )[0][0]
        longest = "SELECT id FROM session WHERE person = ? ORDER BY prompts DESC, id LIMIT 1"
        session = db.run(longest, (own,))[0][0]
        team, led = db.run(
            "SELECT team, COUNT(*) FROM team_place WHERE role = 'member' AND until IS NULL "
            "GROUP BY team ORDER BY ABS(COUNT(*) - 20), team LIMIT 1"
        )[0]
        lead = db.run("SELECT person FROM team_place WHERE role = 'lead' AND team = ? "
                      "ORDER BY person LIMIT 1", (team,))[0][0]  # fmt: skip
        member = db.run(
            "SELECT person FROM team_place WHERE role = 'member' AND team = ? AND person <> ? "
            "ORDER BY person LIMIT 1", (team, lead),
        )[0][0]  # fmt: skip
        cookies = {who: signin.sign_in(db, who, "password", tokens.now_ms()).cookie
                   for who in {own, lead}}  # fmt: skip
    finally:
        db.close()
    found: dict[str, object] = {}
    with TestClient(application(registry), base_url="http://localhost") as client:
        for who, pages in ((own, OWN), (lead, LEAD)):
            client.cookies.set(signin.cookie_name(slug), cookies[who])
            for name, (path, goal) in pages.items():
                address = f"/c/{slug}" + path.format(session=session, person=member)
                took, cpu = [], []
                for _ in range(times + 1):
                    began, used = time.perf_counter(), time.process_time()
                    answer = client.get(address)
                    took.append((time.perf_counter() - began) * 1000)
                    cpu.append((time.process_time() - used) * 1000)
                    if answer.status_code != 200:
                        raise SystemExit(f"{address}: {answer.status_code}")
                took = sorted(took[1:])
                found[name] = {
                    "median_ms": round(statistics.median(took), 1),
                    "p95_ms": round(took[max(0, int(len(took) * 0.95) - 1)], 1),
                    "cpu_ms": round(statistics.median(cpu[1:]), 1),
                    "goal_ms": goal,
                }
    return {"engine": company.engine, "people": people, "sessions": sessions, "led": int(led),
            "pages": found}  # fmt: skip


def main() -> None:
    """Measures what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--company", required=True)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = measure(given.home, given.company, given.times)
    if given.json:
        print(json.dumps(found, indent=2))
        return
    show(found)


def show(found: dict[str, object]) -> None:
    """Prints the table."""
    print(f"{found['people']:,} people, {found['sessions']:,} sessions, {found['engine']}; "
          f"a lead of {found['led']}")  # fmt: skip
    pages = found["pages"]
    assert isinstance(pages, dict)
    for name, each in pages.items():
        mark = "" if each["p95_ms"] <= each["goal_ms"] else "  over"
        print(f"{name:26} {each['median_ms']:8.1f} {each['p95_ms']:8.1f} ms "
              f"CPU here {each['cpu_ms']:7.1f} ms (goal {each['goal_ms']:.0f}){mark}")  # fmt: skip


if __name__ == "__main__":
    main()
