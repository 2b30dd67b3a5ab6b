"""A company that was at work for a year and more, in two time zones, with everything in every sum:
so that all of its sums may be shown, and each can be counted by SQL."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from accrete.database import Database
from accrete.insight.four_weeks import WEEKS, block_of, weeks_of_block
from tests.company import Rows, add_person, insert

MEMBERS = 14
PRIVATE, NEW = 15, 16
ZONES = ("Europe/Berlin", "America/New_York")
PROJECTS = ("ledger", "quay")
MODELS = ("claude-haiku-5-5", "claude-opus-5-5")
SHARES = {"planning": 0.6, "skills": 0.3, "verification": 0.4, "review": 0.1, "committing": 0.9}
"""How often each practice is seen; `isolation` is possible for some, and seen by nobody."""
DAY_MS = 86_400_000


class Worked:
    """Puts the rows of the company in. last: the Monday of the last week that is over."""

    def __init__(self, last: date, weeks: int = 57, seed: int = 1) -> None:
        self.rng = random.Random(seed)
        self.rows = Rows()
        self.n = 0
        self.last = last
        self.first = last - timedelta(7 * (weeks - 1))
        self.changed = last - timedelta(7 * 5)
        """The day from which on the rules of `skills` are of another version."""

    def fill(self, db: Database) -> None:
        for person in range(1, NEW + 1):
            add_person(
                self.rows, person, f"Person {person:02d}", team=("forge", "harbour")[person % 2],
                job=("developer", "designer")[person > 8], paused=person == PRIVATE,
                start=f"{self.last:%Y-%m}" if person == NEW else ("2025-03", "")[person % 2],
            )  # fmt: skip
            self.rows.run("UPDATE account SET zone = ? WHERE person = ?",
                          (ZONES[person % 2], person))  # fmt: skip
            for key in PROJECTS:
                self.rows.run(
                    "INSERT INTO project (person, id, name, root, ids) VALUES (?, ?, ?, '', '')",
                    (person, key, key.title()),
                )
        week = self.first
        while week <= self.last:
            for person in range(1, NEW + 1):
                if person != PRIVATE and (person != NEW or week >= self.last - timedelta(7)):
                    for project in PROJECTS:
                        self._week(person, week, project)
            week += timedelta(7)
        self.rows.put(db)

    def _week(self, person: int, monday: date, project: str) -> None:
        """One session on some days of the week, and one on Sunday that goes on after midnight."""
        days = sorted({0, self.rng.randrange(7)})
        self._session(person, project, [monday + timedelta(n) for n in days], 9)
        self._session(person, project, [monday + timedelta(6), monday + timedelta(7)], 23)
        if self.rng.random() < 0.2:  # a robot's, which is no session of theirs
            self._session(person, project, [monday + timedelta(2)], 12, automated=1)

    def _session(
        self, person: int, project: str, days: list[date], hour: int, automated: int = 0
    ) -> None:
        rng, zone = self.rng, ZONES[person % 2]
        self.n += 1
        name = f"{person:04x}{self.n:04x}-0000-4000-8000-000000000000"
        begun = datetime(days[0].year, days[0].month, days[0].day, hour, tzinfo=ZoneInfo(zone))
        at = int(begun.timestamp() * 1000)
        insert(
            self.rows, "session", person=person, id=name, client="claude-code", zone=zone,
            project=project, local_day=days[0].isoformat(), started_at=at, ended_at=at + 1,
            reader=2, automated=automated, outcome=rng.choice(["shipped", "explored"]), prompts=2,
        )  # fmt: skip
        edits = int(rng.random() < 0.7)
        for day in days:
            opened = self._pulls(person, name, day) if hour == 9 and day == days[0] else 0
            insert(
                self.rows, "session_day", person=person, session=name, local_day=day.isoformat(),
                prompts=int(rng.random() < 0.9), responses_own=int(rng.random() < 0.9),
                commits=1 + rng.randrange(3), pull_requests=opened, edits_landed=edits,
                lines_added=10 + rng.randrange(90), lines_removed=1 + rng.randrange(40),
                checks_failed=int(rng.random() < 0.2), interruptions=int(rng.random() < 0.1),
                tool_errors=rng.randrange(4), cost_own_nano=1, active_ms=rng.randrange(10**6),
                tokens_own=rng.randrange(10**5), tokens_delegated=rng.randrange(10**4),
                asked_accepted=rng.randrange(5), asked_rejected=rng.randrange(2),
            )  # fmt: skip
            for model in MODELS:
                insert(
                    self.rows, "session_usage", person=person, session=name,
                    local_day=day.isoformat(), model=model, branch="", responses=1,
                    cost_nano=rng.randrange(10**7, 10**9), input_tokens=1 + rng.randrange(99),
                    output_tokens=1 + rng.randrange(999), cache_read_tokens=rng.randrange(9999),
                    cache_write_tokens=rng.randrange(999),
                )  # fmt: skip
            for tool in ("Bash", "Edit", "Read"):
                insert(
                    self.rows, "session_tool", person=person, session=name,
                    local_day=day.isoformat(), tool=tool, calls=1 + rng.randrange(9),
                )  # fmt: skip
        self._practices(person, name, days)

    def _practices(self, person: int, session: str, days: list[date]) -> None:
        rng = self.rng
        rules = 2 if days[0] >= self.changed else 1
        rise = 0.5 if days[0] > self.last - timedelta(40) else 0
        possible = [name for name in SHARES if rng.random() < 0.8]
        possible += ["isolation"] if person % 3 == 0 else []
        for name in possible:
            share = SHARES.get(name, 0) + (rise if name == "review" else 0)
            seen = [day for day in days if rng.random() < share]
            insert(
                self.rows, "session_practice", person=person, session=session, practice=name,
                possible=1, sightings=len(seen), version=rules if name == "skills" else 1,
            )  # fmt: skip
            for nth, day in enumerate(seen):
                insert(
                    self.rows, "sighting", person=person, session=session, practice=name,
                    uuid=f"{session[:8]}-{name}-{nth}", tool_use_id="", agent="",
                    local_day=day.isoformat(), marks="well" if rng.random() < 0.6 else "",
                )  # fmt: skip

    def _pulls(self, person: int, session: str, day: date) -> int:
        """Opens pull requests of which everything came, and one whose owner shares no state; how
        many."""
        noon = int(datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo("UTC")).timestamp())
        opened_at, soon, late = noon * 1000, noon * 1000 + DAY_MS, noon * 1000 + 70 * DAY_MS
        told: list[dict[str, object]] = [
            {"state": "merged", "merged_at": soon, "closed_at": soon},
            {"state": "merged", "merged_at": late, "closed_at": late},
            {"state": "closed", "closed_at": soon},
            {"state": "open"},
            {},
        ]
        if self.rng.random() < 0.5:
            told.append(self.rng.choice(told))
        for nth, state in enumerate(told):
            url = f"https://github.com/acme/ledger/pull/{self.n * 10 + nth}"
            insert(self.rows, "session_pull", person=person, session=session, url=url,
                   confidence="printed", local_day=day.isoformat())  # fmt: skip
            insert(self.rows, "session_pull_state", person=person, session=session, url=url,
                   draft=0, **{"opened_at": opened_at, "told_at": late, **state})  # fmt: skip
        return len(told) + 1


def changes_of_clocks(first: date, last: date) -> list[date]:
    """The days of a range on which a zone of the company changes its clocks."""
    found = []
    for zone in map(ZoneInfo, ZONES):
        day = first
        while day <= last:
            offsets = {
                datetime(at.year, at.month, at.day, tzinfo=zone).utcoffset()
                for at in (day, day + timedelta(1))
            }
            found += [day] if len(offsets) > 1 else []
            day += timedelta(1)
    return sorted(found)


def blocks_between(first: date, last: date) -> list[str]:
    """The whole blocks of which all weeks are within a range."""
    found, week = [], first
    while week <= last:
        block = block_of(week.isoformat())
        if block == week.isoformat() and weeks_of_block(block)[-1] <= last.isoformat():
            found.append(block)
        week += timedelta(7)
    assert all(len(weeks_of_block(each)) == WEEKS for each in found)
    return found
