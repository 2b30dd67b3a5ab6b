"""What whole weeks add up to is kept, and never shown once anything of them changed."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import accrete_team
import pytest
from accrete_team import lowering, memory, mine, rollups, stamps, tenants
from accrete_team.memory import DAY_S, Memory, Weekly
from accrete_team.pools import Pools
from accrete_team.tokens import Who

from accrete.care.forget import What, forget
from accrete.insight.four_weeks import stretches
from accrete.queries.amounts import costs, made, spent, tools_used
from accrete.queries.catalog import digests, worked
from accrete.queries.practices import person_weeks
from accrete.queries.practices_of_people import (
    WeekVersion,
    first_uses,
    on_projects,
    outcomes_beside,
    person_shares,
    sessions_by_week,
    shared_projects,
    stuck,
    week_sums,
    week_versions,
)
from accrete.queries.scope import Scope
from tests.company import add_person, add_session, insert
from tests.derive.test_weeks import SUNDAY, WEEK_MS, shown
from tests.fuzz import seeded
from tests.practices.examples import EXAMPLES
from tests.records import kept
from tests.team.serving import NOW, Team
from tests.transcripts import START, session_id

LAST = "2030-12-31"
QUESTIONS = {
    "person_shares": lambda s, weeks: person_shares(s, weeks[1]),
    "person_weeks": lambda s, weeks: person_weeks(s),
    "week_sums": lambda s, weeks: week_sums(s),
    "first_uses": lambda s, weeks: first_uses(s, "planning"),
    "shared_projects": lambda s, weeks: shared_projects(s),
    "on_projects": lambda s, weeks: on_projects(s),
    "worked": lambda s, weeks: worked(s),
    "sessions_by_week": lambda s, weeks: sessions_by_week(replace(s, automated=False), weeks),
    "stuck": lambda s, weeks: stuck(s),
    "outcomes_beside": lambda s, weeks: outcomes_beside(s, "planning"),
    "digests": lambda s, weeks: digests(s, LAST, limit=20),
    "costs": lambda s, weeks: costs(s, stretches(weeks), ()),
    "spent": lambda s, weeks: spent(s, stretches(weeks)),
    "made": lambda s, weeks: made(s, weeks),
    "tools_used": lambda s, weeks: tools_used(s, weeks),
}
"""Every question whose answer is kept, over a scope and its Mondays."""
OF_EVER = {"first_uses"}
"""Those that pages ask about all time, whatever is chosen."""
UNTOUCHED = "2020-01-06"


def test_what_is_worked_out_again_is_what_has_another_version():
    held, calls = Memory(), []

    async def ask(key: str, version: int) -> list[str]:
        async def work() -> list[str]:
            calls.append((key, version))
            return [f"{key}{version}"]

        return await held.of(key, version, work, len)

    async def all_of() -> None:
        for key, version in [("a", 1), ("a", 1), ("b", 1), ("a", 2), ("a", 2), ("a", 1)]:
            assert await ask(key, version) == [f"{key}{version}"]

    asyncio.run(all_of())
    assert calls == [("a", 1), ("b", 1), ("a", 2), ("a", 1)]


def test_little_is_kept_and_nothing_for_longer_than_a_day():
    now = [0.0]
    held, calls = Memory(most=10, clock=lambda: now[0]), []

    async def ask(key: object, rows: int = 3) -> None:
        async def work() -> list[int]:
            calls.append(key)
            return [0] * rows

        await held.of(key, 1, work, len)

    def asked(*keys: object) -> list[object]:
        calls.clear()

        async def every() -> None:
            for key in keys:
                await ask(key)

        asyncio.run(every())
        return list(calls)

    assert asked(("x", 1), ("x", 2), ("x", 1)) == [("x", 1), ("x", 2)]
    assert asked(("y", 3), ("x", 1), ("x", 2)) == [("y", 3), ("x", 2)]  # the one used longest ago
    held.forget("x")
    assert asked(("y", 3), ("x", 1)) in ([("x", 1)], [("y", 3), ("x", 1)])
    asyncio.run(ask(("z", 9), 50))  # larger than all of it: not kept
    assert asked(("z", 9)) == [("z", 9)]
    now[0] += DAY_S
    assert asked(("z", 9)) == [("z", 9)]


def test_what_is_a_day_old_makes_room_before_what_is_younger():
    now = [0.0]
    held, calls = Memory(most=11, clock=lambda: now[0]), []

    def ask(key: str, at: float) -> None:
        async def work() -> list[int]:
            calls.append(key)
            return [0] * 4

        now[0] = at
        asyncio.run(held.of(key, 1, work, len))

    ask("old", 0)
    ask("young", 1)
    ask("old", 2)  # what was used last goes last where room is needed
    ask("new", DAY_S)
    ask("young", DAY_S)
    ask("new", DAY_S)
    assert calls == ["old", "young", "new"]
    ask("old", DAY_S)
    assert calls == ["old", "young", "new", "old"]


@pytest.mark.parametrize(("rows", "told"), [(4, []), (5, ["unfreeze", "collect", "freeze"])])
def test_the_garbage_collector_does_not_look_at_what_is_heavy(monkeypatch, rows, told):
    """An answer counts as a row more than it has."""
    said: list[str] = []
    for name in ("unfreeze", "collect", "freeze"):
        monkeypatch.setattr(memory.gc, name, lambda name=name: said.append(name))
    monkeypatch.setattr(memory, "HEAVY", 5)

    async def work() -> list[int]:
        return [0] * (rows - 1)

    asyncio.run(Memory().of("key", 1, work, len))
    assert said == told


def in_order(answer: object) -> object:
    """An answer whose rows PostgreSQL gives in any order."""
    return sorted(map(repr, answer)) if isinstance(answer, list) else answer


class Company:
    """A company whose weekly questions are asked with and without a memory."""

    def __init__(self, team: Team) -> None:
        self.team, self.memory = team, Memory()

    def differing(self) -> list[str]:
        """The questions whose kept answer is not the one that the rows give."""
        return asyncio.run(self._differing())

    async def _differing(self) -> list[str]:
        company = self.team.company()
        weekly, pools = Weekly(self.memory, company.address), Pools()
        found = []
        try:
            async with pools.reading(company) as reader:
                for scope, weeks in self._scopes():
                    for name, made_of in QUESTIONS.items():
                        over = replace(scope, since=None, until=None) if name in OF_EVER else scope
                        question = made_of(over, weeks)
                        kept_ = await weekly.ask(reader, over, question)
                        if in_order(kept_) != in_order(await reader.ask(question)):
                            found.append(f"{name} {over}")
        finally:
            await pools.close()
        return found

    def _scopes(self) -> list[tuple[Scope, list[str]]]:
        rows = self.team.rows("SELECT id FROM person ORDER BY id")
        days = self.team.rows("SELECT DISTINCT week FROM week_stamp ORDER BY week")
        weeks = [str(week) for (week,) in days] or [UNTOUCHED]
        weeks = [*weeks, LAST][:3]
        people = tuple(int(person) for (person,) in rows)
        return [
            (Scope(people, since=weeks[0], until=LAST), [weeks[0], *weeks[1:]]),
            (Scope(people[:1], tier=2, since=weeks[0], until=LAST), [weeks[0], *weeks[1:]]),
            (Scope(people, since=weeks[0], until=weeks[0]), [weeks[0], LAST]),
        ]

    @contextmanager
    def opened(self):
        db = tenants.open_company(self.team.company())
        try:
            yield db
        finally:
            db.close()


def test_every_question_that_pages_keep_is_among_those_that_are_tried():
    folder = Path(accrete_team.__file__).parent
    text = "\n".join(path.read_text() for path in folder.rglob("*.py"))
    asked = set(re.findall(r"ask_weekly\(\s*view, \w+, (\w+)\(", text))
    assert len(asked) > 8
    assert asked <= set(QUESTIONS)
    assert {"spent", "made", "tools_used"} <= set(QUESTIONS)  # amounts.py keeps what they make


@pytest.mark.long
@seeded(1)
def test_whatever_happens_a_kept_answer_is_that_of_the_rows(settings, team, seed):
    rng, names = random.Random(seed), sorted(EXAMPLES)
    company = Company(team)
    amara, kim = team.choice("Amara", tier=3), team.choice("Kim", tier=2)
    ids = dict(team.rows("SELECT name, id FROM person"))
    there: set[int] = set()

    def work(n: int, later: int = 0) -> None:
        start = rng.choice((START, SUNDAY)) + (later or rng.randrange(3)) * WEEK_MS
        kept(settings, shown(n, rng.choice(names), start, f"/home/dev/p{n % 2}"))
        there.add(n)

    def on_server(do: Callable) -> None:
        with company.opened() as db:
            do(db)

    def send(choice, **changed) -> None:
        team.sync(settings, choice, **changed)

    def taken(db) -> None:
        rollups.take_away(db, ids["Amara"], [session_id(min(there))], "left", NOW)

    def lowered(db) -> None:
        lowering.lower(db, ids["Kim"], 1, NOW)

    def renamed(db) -> None:
        rows = db.run("SELECT DISTINCT project FROM session WHERE project IS NOT NULL")
        for n, (project,) in enumerate(sorted(rows)):
            db.run(
                "INSERT INTO published_project (remote, id, name, at) VALUES (?, ?, ?, 1) "
                "ON CONFLICT DO NOTHING",
                (f"example.com/{project}", project, f"Project {n} {rng.random()}"),
            )

    def renamed_again(db) -> None:
        db.run("UPDATE published_project SET name = 'Another name'")

    def emptied(db) -> None:
        mine.delete_everything(db, Who(ids["Kim"], ""), NOW)

    work(1)
    work(2)
    steps: list[Callable[[], None]] = [
        lambda: send(amara),
        lambda: (work(3), send(amara)),
        lambda: (work(1), send(amara)),
        lambda: send(kim),
        lambda: on_server(renamed),
        lambda: (work(4, later=5), send(amara)),
        lambda: on_server(renamed_again),
        lambda: (work(5, later=6), send(amara)),
        lambda: on_server(taken),
        lambda: on_server(lowered),
        lambda: forget(settings, What(sessions=(session_id(2),)), NOW),
        lambda: send(amara),
        lambda: send(replace(amara, tier=1)),
        lambda: on_server(emptied),
        lambda: send(amara, projects="none"),
    ]
    assert company.differing() == []
    for step in steps:
        step()
        assert company.differing() == []
    assert team.rows("SELECT COUNT(*) FROM session") == [(0,)]


@pytest.mark.long
def test_an_answer_is_kept_while_nothing_changed(settings, team, monkeypatch):
    kept(settings, shown(1, "planning", START, "/home/dev/p"))
    team.sync(settings, team.choice("Amara", tier=3))
    company = Company(team)
    assert company.differing() == []
    before = len(company.memory._kept)
    monkeypatch.setattr(memory.Memory, "_take", lambda *_: pytest.fail("worked out again"))
    assert company.differing() == []
    assert len(company.memory._kept) == before > len(QUESTIONS)


def test_a_version_is_another_one_after_a_change_of_the_tier_alone(team):
    team.company()
    with team.database() as db:
        db.run("INSERT INTO person (id, uuid, name, tier) VALUES (7, 'u', 'Amara', 3)")
        stamps.stamp(db, 7, ["2026-11-02"])

        def version() -> list[WeekVersion]:
            return db.ask(week_versions(Scope((7,), since="2026-11-02")))

        at_three = version()
        assert [(each.week, each.people) for each in at_three] == [("2026-11-02", 1)]
        db.run("UPDATE person SET tier = 2 WHERE id = 7")
        assert version() != at_three
        stamps.stamp(db, 7, ["2026-10-26"])
        at_two = version()
        stamps.stamp(db, 7, ["2026-11-02"])
        assert version() != at_two


def test_a_state_that_one_session_tells_changes_the_weeks_of_all_that_name_the_pull_request(team):
    url, first, second, third = (
        "https://forge.example/pull/1",
        "2026-09-07",
        "2026-10-12",
        UNTOUCHED,
    )
    team.company()
    with team.database() as db:
        add_person(db, 7, "Amara")
        for nth, day in enumerate((first, second, third)):
            add_session(db, 7, nth, day)
        opened, told, _ = sorted(s for (s,) in db.run("SELECT id FROM session WHERE person = 7"))
        insert(db, "session_pull", person=7, session=opened, url=url, local_day=first,
               confidence="printed", uuid="u")  # fmt: skip
        insert(db, "session_pull_state", person=7, session=told, url=url, state="open")

    def weeks() -> dict[str, int]:
        return dict(team.rows("SELECT week, stamp FROM week_stamp WHERE person = 7"))

    before = weeks()
    db = tenants.open_company(team.company())
    with rollups.following(db, 7, [told]):
        db.run("UPDATE session_pull_state SET state = 'merged' WHERE person = 7")
    db.close()
    after = weeks()
    assert {week for week in after if after[week] != before[week]} == {first, second}
