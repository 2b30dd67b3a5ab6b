"""Sums over all ranges of days, set against each other: what the page of costs tells, range by
range, to somebody who adds and subtracts.

Of what a number is the sum is read off the pages alone: week by week, the cost of each person's
week is a power of four in its turn, so that the digits of a sum say who is in it. What was read is
then combined in every way there is (`told_of`).
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from accrete_team import people, tokens
from accrete_team.weeks import later

from accrete.insight.sums import FEWEST, Sums
from tests.company import Rows, add_person, add_session
from tests.fuzz import TORTURE, part
from tests.insight.test_sums import rank
from tests.team.leading import LEAD, last_monday
from tests.team.serving import Team
from tests.team.signed import Browser, a_person, signed_in

pytestmark = [pytest.mark.long, pytest.mark.grid]

WEEKS, MANY, NOISE = 10, 12, 16
"""Weeks with sessions, the people, and the bits below the digits: of all other weeks together."""
Place = tuple[int, str]
"""(person, week)"""
LED = {LEAD: ("forge", "harbour"), "Otto Other": ("forge",), "Ada Admin": ()}
"""Who attacks, and the teams that they lead."""


def company(team: Team, seed: int) -> list[Place]:
    """People in two teams, two in both, one who left one of them; each with one session at most a
    week, on a shared project or their own, with one of two models; and of one week five people of
    whom one worked. Returns who worked when."""
    rng, rows, there = random.Random(seed), Rows(), list[Place]()
    weeks = [later(last_monday().isoformat(), -back) for back in range(WEEKS)]
    for n in range(1, MANY + 1):
        add_person(rows, n, f"Person {n}", team=("forge", "harbour")[n % 2])
        for at, week in enumerate(weeks):
            if rng.random() < 0.7 and (at != 2 or n in (1, 2, 4, 6, 8)):
                there.append((n, week))
                add_session(rows, n, at, week, project=rng.choice(("ledger", f"own-{n}")),
                            model=rng.choice(("claude-opus-5-5", "claude-haiku-5-5")))  # fmt: skip
    with team.database() as db:
        rows.put(db)
        for n, of in ((11, "forge"), (12, "harbour")):
            people.place(db, n, of, "member", actor=None, now=1, since=1)
        left = tokens.now_ms() - 30 * people.DAY_MS
        db.run("UPDATE team_place SET until = ? WHERE person = 3", (left,))
        if db.dialect == "postgresql":
            db.run("SELECT setval(pg_get_serial_sequence('person', 'id'), 10000)")
    for name, teams in LED.items():
        lead = a_person(team, name, admin=name == "Ada Admin", password=None)
        with team.database() as db:
            for each in teams:
                people.place(db, lead, each, "lead", actor=None, now=1, since=1)
    return there


def ranges() -> list[str]:
    """Ranges from every Monday to every later one, and from and to other days of the week."""
    last = last_monday()
    days = [(last - timedelta(7 * back)).isoformat() for back in range(-1, WEEKS + 1)]
    days += [(last - timedelta(7 * back - 3)).isoformat() for back in range(0, WEEKS, 3)]
    return [f"since={a}&until={b}" for a, b in combinations(sorted(days), 2)]


def numbers(browser: Browser, query: str) -> Iterator[tuple[str, int]]:
    """Every whole number of the page of costs, by where it is."""
    found: dict[str, Any] = json.loads(browser.page(f"/costs?{query}&format=json"))
    for name, value in found["figures"].items():
        if isinstance(value, int):
            yield f"{query} {name}", value
    for table, rows in found["tables"].items():
        for row in rows:
            of = str(next(iter(row.values())))
            yield from (
                (f"{query} {table} {of} {name}", value)
                for name, value in row.items() if isinstance(value, int)
            )  # fmt: skip


def price(team: Team, there: list[Place], week: str) -> None:
    """Gives each person's session of a week its power of four, and every other the cost of 1."""
    with team.database() as db, db.transaction():
        db.run("UPDATE session_usage SET cost_nano = 1")
        for person, each in there:
            if each == week:
                db.run("UPDATE session_usage SET cost_nano = ? WHERE person = ? AND local_day = ?",
                       ((1 << NOISE) * 4 ** (person - 1), person, week))  # fmt: skip


def read(team: Team, there: list[Place], name: str, asked: list[str]) -> set[frozenset[Place]]:
    """The sums that somebody is shown, as the places that are in them."""
    browser = signed_in(team, name)
    parts: dict[str, set[Place]] = defaultdict(set)
    low: dict[str, list[int]] = defaultdict(list)
    mine: dict[str, list[int]] = defaultdict(list)
    weeks = sorted({week for _, week in there})
    for week in weeks:
        price(team, there, week)
        for query in asked:
            for key, value in numbers(browser, query):
                high, found = value >> NOISE, set[Place]()
                for person in range(1, MANY + 1):
                    digit = high >> 2 * (person - 1) & 3
                    if digit == 1:
                        found.add((person, week))
                    elif digit:
                        found.add((-1, week))  # no sum of sessions
                parts[key] |= found
                low[key].append(value & (1 << NOISE) - 1)
                mine[key].append(len(found))
    return {
        frozenset(places) for key, places in parts.items()
        if places <= set(there) and len(low[key]) == len(weeks)
        and all(below + own == len(places)
                for below, own in zip(low[key], mine[key], strict=True))
    }  # fmt: skip


def told_of(there: list[Place], sums: set[frozenset[Place]], most: int) -> tuple[int, ...] | None:
    """So many people of whom some combination of the sums tells something, whatever all others
    did. Where rows are independent modulo 2 they are so; where not, the rank is exact."""
    rows = [[int(place in row) for place in there] for row in sorted(sums, key=sorted) if row]
    whole = rank(rows)
    for few in combinations(range(1, MANY + 1), most):
        kept = [[value for place, value in zip(there, row, strict=True) if place[0] not in few]
                for row in rows]  # fmt: skip
        if _even(kept) < whole and rank(kept) < whole:
            return few
    return None


def _even(rows: list[list[int]]) -> int:
    """The rank modulo 2."""
    basis: dict[int, int] = {}
    for row in rows:
        left = int("".join(map(str, row)) or "0", 2)
        while left and (known := basis.get(left.bit_length())):
            left ^= known
        if left:
            basis[left.bit_length()] = left
    return len(basis)


ENGINES = pytest.mark.parametrize(
    "team", ["sqlite", "postgresql"] if TORTURE else ["sqlite"], indirect=True
)


@ENGINES
@pytest.mark.parametrize("seed", range(4) if TORTURE else range(1))
def test_no_ranges_put_together_tell_of_fewer_than_five_people(team, seed):
    there = company(team, seed)
    for name in LED:
        sums = read(team, there, name, ["range=all", *part(ranges(), 8)])
        assert len(sums) > 5
        assert all(len({person for person, _ in each}) >= FEWEST for each in sums if each)
        assert told_of(there, sums, FEWEST - 1) is None, name


@ENGINES
def test_the_same_ranges_tell_of_one_person_where_nothing_is_held_back(team, monkeypatch):
    monkeypatch.setattr(Sums.__init__, "__defaults__", (1,))
    there = company(team, 0)
    sums = read(team, there, "Otto Other", ["range=all", *part(ranges(), 8)])
    assert told_of(there, sums, 1) is not None
