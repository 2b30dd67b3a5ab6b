"""A believable company to look at: people, teams, habits that change, and what their machines sent.

The same seed makes the same rows.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from random import Random

from accrete.clock import LocalTime, monday
from accrete.database import Database
from accrete.record import published
from accrete.record.published import Published
from accrete_team import rollups
from accrete_team.demo.calendar import working_days
from accrete_team.demo.habits import Ways, ways_of
from accrete_team.demo.people import Member, members, team_names
from accrete_team.demo.plot import Plot
from accrete_team.demo.repositories import REPOSITORIES, Repository
from accrete_team.demo.session import Building, Where
from accrete_team.demo.steps import KINDS
from accrete_team.demo.write import Machine, Writer

RELEASES = {
    "opus": (("2025-11-24", "claude-opus-4-5"), ("2026-02-05", "claude-opus-4-6"),
             ("2026-04-17", "claude-opus-4-7"), ("2026-05-29", "claude-opus-4-8"),
             ("2026-07-24", "claude-opus-5"), ("2026-09-23", "claude-opus-5-5")),
    "sonnet": (("2025-09-29", "claude-sonnet-4-5"), ("2026-02-17", "claude-sonnet-4-6"),
               ("2026-06-30", "claude-sonnet-5"), ("2026-10-01", "claude-sonnet-5-5")),
    "haiku": (("2025-10-15", "claude-haiku-4-5"), ("2026-10-09", "claude-haiku-5-5")),
}  # fmt: skip
"""When models of each family came, by the sources of the price table."""
LARGE = 100
"""People from which on only a small part of the sessions above tier 1 leaves above tier 1."""
TEXT_SHARE = 0.01
"""The share of all sessions that has text in a large company."""
BY_PROGRAM = 0.03
ADMINISTRATOR = "Company administration"


def make(
    db: Database,
    slug: str,
    *,
    people: int,
    weeks: int,
    seed: int,
    until: date,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> int:
    """Fills an empty company; returns the number of sessions. until: the last day that is told;
    progress: is told how many people are done."""
    first = until - timedelta(days=7 * weeks - 1)
    found = members(people, first, until, slug, Random(f"{seed}:people"))  # noqa: S311 - invents, protects nothing
    _write_people(db, found, first, until, seed)
    writer = Writer(db)
    projects = {each.name: _hex(seed, "project", each.name) for each in REPOSITORIES}
    for n, who in enumerate(found):
        _tell(writer, who, weeks, first, until, seed, projects, large=people >= LARGE)
        progress(n + 1, people)
    writer.flush()
    listed = [Published(f"github.com/{slug}/{name}", id_, name) for name, id_ in projects.items()]
    with db.transaction():
        published.replace_list(db, listed, _noon(first))
        for who in found:
            published.call_by_name(db, who.id)
    for who in found:
        rollups.add_up_everything(db, who.id)
    return writer.sessions


def _write_people(db: Database, found: list[Member], first: date, until: date, seed: int) -> None:
    """Accounts, teams and machines. No token opens the machines: what is stored of each is the
    hash of nothing."""
    began = _noon(first - timedelta(days=30))
    with db.transaction():
        admin = len(found) + 1
        db.load("person", ("id", "uuid", "name", "tier"), [
            *((who.id, who.uuid, who.name, who.tier) for who in found),
            (admin, str(uuid.UUID(_hex(seed, "admin", "") * 2)), ADMINISTRATOR, 1),
        ])  # fmt: skip
        domain = found[0].email.partition("@")[2]
        db.load("account", _ACCOUNT, [
            *((who.id, who.email, int(who.admin), who.job, who.start_month, who.zone,
               max(began, _noon(who.first)) if who.first > first else began,
               _noon(who.last) if who.left else None) for who in found),
            (admin, f"admin@{domain}", 1, "", "", "UTC", began, None),
        ])  # fmt: skip
        names = team_names(len(found))
        db.load(
            "team",
            ("id", "name", "made_at"),
            [(_hex(seed, "team", str(at)), name, began) for at, name in enumerate(names)],
        )
        db.load("team_place", ("person", "team", "role", "since", "until", "made_at"), [
            (who.id, _hex(seed, "team", str(team)), role, since + 86_400_000,
             _noon(who.last) if who.left else None, since)
            for who in found
            for since in (_noon(who.first) if who.first > first else began,)
            for team in who.teams
            for role in ("member", "lead")
            if role == "member" or team == who.leads
        ])  # fmt: skip
        db.load("device_token", ("person", "device", "hash", "label", "made_at", "used_week",
                                 "revoked_at"), [
            (who.id, _device(seed, who), hashlib.blake2b(
                f"{seed}:{who.id}".encode(), digest_size=32).hexdigest(), "laptop", began,
             monday((who.last if who.left else until).isoformat()),
             _noon(who.last) if who.left else None)
            for who in found
        ])  # fmt: skip
        _raise_sequence(db)


_ACCOUNT = ("person", "email", "admin", "job", "start_month", "zone", "made_at", "left_at")


def _raise_sequence(db: Database) -> None:
    """Lets the next person get a number of their own on PostgreSQL, too."""
    if db.dialect != "sqlite":
        db.run("SELECT setval(pg_get_serial_sequence('person', 'id'), MAX(id)) FROM person")


def _tell(
    writer: Writer, who: Member, weeks: int, first: date, until: date, seed: int,
    projects: dict[str, str], *, large: bool,
) -> None:  # fmt: skip
    """All sessions of a person."""
    rng = Random(f"{seed}:{who.id}")  # noqa: S311 - invents, protects nothing
    ways = ways_of(who.teams[0], weeks, rng)
    local = LocalTime(who.zone)
    told = local.start_of_day((until + timedelta(days=1)).isoformat())
    theirs = [each for each in REPOSITORIES if who.job in each.jobs] or list(REPOSITORIES[:2])
    rng.shuffle(theirs)
    secret = _hex(seed, "secret", str(who.id))
    ids = {each.name: _hex(seed, f"local:{who.id}", each.name) for each in REPOSITORIES}
    names = {ids[name]: public for name, public in projects.items()} | {"": secret}
    machine = Machine(who.id, _device(seed, who), local, names)
    days = working_days(who.zone, max(who.first, first), min(who.last, until), rng)
    share = TEXT_SHARE / 0.15 if large else 1.0
    for at, day in enumerate(days):
        for start in _starts(ways, day, local, rng):
            tier = who.tier if rng.random() < share else 1
            kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
            repository, at_work = _where(who, ways, theirs, ids, day, kind, rng)
            identity = str(uuid.UUID(int=rng.getrandbits(128), version=4))
            b = Building(identity, at_work, local, start, tier, rng, told)
            week = (day - first).days // 7
            uses = {n: rng.random() < habit.share(week) for n, habit in ways.habits.items()}
            good = {n: habit.good for n, habit in ways.habits.items()}
            plot = Plot(b, repository, rng.choice(repository.topics), kind, uses, good, ways.pace)
            if at_work.entrypoint == "sdk-cli":
                rows = plot.tell_alone()
            else:
                later = iter(days[at + 1 : at + 2])
                prompts = min(1 + int(rng.expovariate(1 / ways.prompts)), 25)
                rows = plot.tell(prompts, partial(_morning, later, local, rng))
            writer.add(machine, identity, tier, rows, b.last + 3_600_000)


def _morning(later: Iterator[date], local: LocalTime, rng: Random) -> int | None:
    """A moment in the morning of the next working day, if there is one."""
    day = next(later, None)
    if day is None:
        return None
    return local.start_of_day(day.isoformat()) + int(rng.uniform(9, 10.5) * 3_600_000)


def _starts(ways: Ways, day: date, local: LocalTime, rng: Random) -> Iterator[int]:
    """When sessions begin on a day, one after another."""
    n = int(rng.expovariate(1 / (ways.sessions + 0.5)))
    midnight = local.start_of_day(day.isoformat())
    hour = ways.begins + rng.uniform(-0.3, 1.0)
    for _ in range(min(n, 12)):
        if hour > 18:
            return
        yield midnight + int(hour * 3_600_000) + rng.randrange(60_000)
        hour += rng.uniform(0.4, 7.5 / max(n, 2) + 0.8)


def _where(
    who: Member,
    ways: Ways,
    theirs: list[Repository],
    ids: dict[str, str],
    day: date,
    kind: str,
    rng: Random,
) -> tuple[Repository, Where]:
    """Where a session runs, and with which models."""
    repository = theirs[min(int(rng.expovariate(1.1)), len(theirs) - 1)]
    known = (day - timedelta(days=ways.newest)).isoformat()
    family = "sonnet" if rng.random() < ways.thrifty else "opus"
    program = rng.random() < BY_PROGRAM
    login = who.email.partition(".")[0]
    minor = 200 + max((day - date(2026, 1, 1)).days // 3, -199)
    return repository, Where(
        project=ids[repository.name],
        cwd=f"/home/{login}/{repository.name}",
        branch=f"{_PREFIX[kind]}/{rng.choice(_BRANCHES)}",
        version=f"2.1.{minor}",
        entrypoint="sdk-cli" if program else rng.choice(("cli", "cli", "cli", "claude-vscode")),
        model=_newest(family, known),
        small=_newest("haiku", known),
    )


_PREFIX = {"feature": "feat", "fix": "fix", "refactor": "refactor", "test": "test", "docs": "docs",
           "explore": "feat", "operate": "chore"}  # fmt: skip
_BRANCHES = ("rounding", "retries", "cleanup", "tests", "faster", "next-step", "review-comments",
             "limits", "messages", "cache")  # fmt: skip


def _newest(family: str, day: str) -> str:
    """The newest model of a family on a day; the oldest known for days before it."""
    found = [model for since, model in RELEASES[family] if since <= day]
    return found[-1] if found else RELEASES[family][0][1]


def _device(seed: int, who: Member) -> str:
    return str(uuid.UUID(_hex(seed, "device", str(who.id)) * 2, version=4))


def _hex(seed: int, what: str, name: str) -> str:
    """16 hexadecimal digits that look random, and are the same for a seed."""
    return hashlib.blake2b(f"{seed}:{what}:{name}".encode(), digest_size=8).hexdigest()


def _noon(day: date) -> int:
    """Noon UTC of a day, in ms."""
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * 86_400_000 + 43_200_000
