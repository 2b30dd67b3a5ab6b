"""The people of the demo company: names, jobs, teams, tiers, zones, and when they came and left."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from accrete_team.demo.calendar import DAY, ZONES

FIRST = (
    "Amara", "Björn", "Chiara", "Dmitri", "Eun-ji", "Farid", "Greta", "Hiroshi", "Ines", "Jamal",
    "Katarzyna", "Lwazi", "Mei", "Nikhil", "Olivia", "Pedro", "Quynh", "Rasmus", "Siobhan", "Tomás",
    "Ulrike", "Valentina", "Wanjiru", "Xavier", "Yusuf", "Zoë", "Anouk", "Bilal", "Camila",
    "Daniyar", "Elif", "Finn", "Gulnara", "Henrique", "Isolde", "Jiho", "Kofi", "Leilani",
    "Marguerite", "Naledi", "Oskar", "Priya", "Rania", "Samuel", "Thandi", "Umut", "Vikram",
    "Willa", "Yaretzi", "Zahra",
)  # fmt: skip
LAST = (
    "Nwosu", "Lindqvist", "Bianchi", "Sokolov", "Park", "Haddad", "Vogel", "Tanaka", "Ferreira",
    "Osborne", "Kowalska", "Dlamini", "Chen", "Raman", "Hartley", "Iglesias", "Tran", "Holm",
    "Brennan", "Novák", "Sommer", "Rossi", "Kamau", "Delacroix", "Demir", "van Dijk", "Petit",
    "Qureshi", "Morales", "Akhmetov", "Yılmaz", "Keane", "Ismailova", "Duarte", "Weiss", "Seo",
    "Mensah", "Kealoha", "Beaumont", "Mokoena", "Lund", "Iyer", "Khoury", "Adeyemi", "Zulu",
    "Aydın", "Menon", "Whitlock", "Cruz", "Rahimi",
)  # fmt: skip
AREAS = (
    ("Checkout", ("backend", "backend", "frontend", "QA")),
    ("Storefront", ("frontend", "frontend", "backend", "QA")),
    ("Search", ("backend", "data", "backend", "frontend")),
    ("Data", ("data", "data", "backend")),
    ("Mobile", ("mobile", "mobile", "backend", "QA")),
    ("Platform", ("platform", "platform", "backend")),
)
"""Teams and the jobs that people in them have, in turn. The last has three people."""
SMALL_TEAM = 3
PER_TEAM = 8
JOINERS, LEAVERS = 0.12, 0.08
"""Shares of the people who came, and who left, within the time that is told."""
SHARES = ((3, 0.15), (2, 0.25))
"""Shares of the people at tiers 3 and 2; the others are at tier 1."""


class Member(NamedTuple):
    """A person. teams: numbers of teams, the first is their own; leads: the team they lead, or
    None; first, last: the days between which they worked here; left: whether they are gone."""

    id: int
    uuid: str
    name: str
    email: str
    zone: str
    job: str
    start_month: str
    tier: int
    teams: tuple[int, ...]
    leads: int | None
    admin: bool
    first: date
    last: date
    left: bool


def team_names(people: int) -> list[str]:
    """The teams of a company of so many: six for 40, more for more, fewer for very few."""
    n = max(1, min(people // SMALL_TEAM, max(len(AREAS), people // PER_TEAM)))
    return [
        AREAS[at % len(AREAS)][0] + (f" {at // len(AREAS) + 1}" if at >= len(AREAS) else "")
        for at in range(n)
    ]


def members(people: int, first: date, last: date, slug: str, rng: Random) -> list[Member]:
    """The people of a company from the first day to the last."""
    teams = len(team_names(people))
    names = _names(people, rng)
    tiers = _tiers(people, rng)
    of_team = _placed(people, teams)
    moved = _moved(people, teams, rng)
    found = []
    for at in range(people):
        team = of_team[at]
        leads = team if at < teams else None
        zone = ZONES[(team + (rng.random() < 0.15)) % 3 % 2]
        begins, ends = moved.get(at, (0.0, 1.0))
        span = (last - first).days
        came = first + DAY * round(span * begins)
        jobs = AREAS[team % len(AREAS)][1]
        before = came if begins else first - timedelta(days=rng.randrange(30, 700))
        both = (team, (team + 1) % teams) if teams > 1 and at == teams else (team,)
        found.append(
            Member(
                id=at + 1,
                uuid=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
                name=names[at],
                email=f"{_plain(names[at])}@{slug}.example",
                zone=zone,
                job=jobs[(at // teams) % len(jobs)],
                start_month=before.strftime("%Y-%m"),
                tier=tiers[at],
                teams=both,
                leads=leads,
                admin=at == teams - 1,
                first=came,
                last=first + DAY * round(span * ends),
                left=ends < 1,
            )
        )
    return found


def _names(people: int, rng: Random) -> list[str]:
    """Names, each once; a middle initial keeps apart those of a large company."""
    pairs = [f"{one} {two}" for one in FIRST for two in LAST]
    rng.shuffle(pairs)
    while len(pairs) < people:
        letter = "ABCDEFGHJKLMNPRSTVW"[len(pairs) // (len(FIRST) * len(LAST)) % 19]
        pairs += [each.replace(" ", f" {letter}. ", 1) for each in pairs[: len(FIRST) * len(LAST)]]
    chosen, used = [], set()
    if people <= len(FIRST):  # everybody has a first name of their own
        for each in pairs:
            if (name := each.split()[0]) not in used:
                used.add(name)
                chosen.append(each)
        return chosen[:people]
    return pairs[:people]


def _tiers(people: int, rng: Random) -> list[int]:
    tiers = [tier for tier, share in SHARES for _ in range(round(people * share))]
    tiers += [1] * (people - len(tiers))
    rng.shuffle(tiers)
    return tiers


def _placed(people: int, teams: int) -> list[int]:
    """The team of each person: the leads first, then in turn; the last team stays at three."""
    placed, turn = list(range(teams)), 0
    held = [1] * teams
    while len(placed) < people:
        team = turn % teams
        turn += 1
        if team == teams - 1 and teams > 1 and held[team] >= SMALL_TEAM:
            continue
        placed.append(team)
        held[team] += 1
    return placed


def _moved(people: int, teams: int, rng: Random) -> dict[int, tuple[float, float]]:
    """Who came and who left, as parts of the whole time. Leads stay."""
    rest = list(range(teams + 1, people))
    rng.shuffle(rest)
    came, left = round(people * JOINERS), round(people * LEAVERS)
    found = {at: (rng.uniform(0.1, 0.75), 1.0) for at in rest[:came]}
    found |= {at: (0.0, rng.uniform(0.3, 0.9)) for at in rest[came : came + left]}
    return found


_LATIN = str.maketrans("öëáíıãé", "oeaiiae")


def _plain(name: str) -> str:
    """The part of an e-mail address before the @."""
    letters = name.lower().translate(_LATIN).replace(" ", ".").replace("..", ".")
    return "".join(each for each in letters if each.isascii() and (each.isalnum() or each in ".-"))
