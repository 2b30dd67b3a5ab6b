"""Who is signed in, and whose rows they may see: the only place of the server that makes a
viewer's Scope.

The table in docs/team.md ("Who sees what") says the same in words, and a test walks it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from typing import NamedTuple

from accrete.database import Question, Row
from accrete.explorer.view import MissingError
from accrete.model import Tier
from accrete.queries.scope import Scope

LATER_MS = 60 * 3_600_000
"""How long after a day began in UTC others see what happened on it: a day after it ended in the
last of all zones."""
UNSEEN = "There is nobody here whose work you may see under this address."
SWITCHED = "cost_per_person"
"""The setting that shows amounts of single people."""
SETTINGS = {
    SWITCHED: ("off", "on"),
    "people_csv": ("off", "on"),
}
"""What a company can switch, with what holds until it does."""


class Led(NamedTuple):
    """A person of a team that somebody leads. since: from when on they are in it, UTC ms."""

    person: int
    name: str
    tier: int
    team: str
    start_month: str
    paused: bool


class InTeam(NamedTuple):
    """A team that somebody is in, or leads."""

    id: str
    name: str
    role: str


class Opened(NamedTuple):
    """A glass that an administrator broke."""

    person: int
    name: str
    tier: int
    until: int
    why: str


@dataclass(frozen=True, slots=True)
class Seat:
    """Who is signed in, at one moment (`now`, UTC ms). key: the hash of the cookie; team: what they
    are in or lead; led: the people of the teams they lead; opened: whom an administrator looks at
    for a written reason; settings: of the company, by name."""

    person: int
    name: str
    email: str
    admin: bool
    zone: str
    key: str
    tier: int
    paused: bool
    now: int
    teams: tuple[InTeam, ...] = ()
    led: tuple[Led, ...] = ()
    opened: tuple[Opened, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def leads(self) -> bool:
        """Whether they lead a team."""
        return any(each.role == "lead" for each in self.teams)

    @property
    def amounts(self) -> bool:
        """Whether the company shows cost, tokens, lines, commits of single people."""
        return self.settings.get(SWITCHED) == "on"

    def last_day(self) -> str:
        """The last local day of which others see anything."""
        return datetime.fromtimestamp((self.now - LATER_MS) / 1000, UTC).date().isoformat()

    def seen(self, person: int) -> Led | Opened | None:
        """A person whose sessions they may see, other than their own."""
        found: list[Led | Opened] = [each for each in self.led if each.person == person]
        found += [each for each in self.opened if each.person == person]
        return next(iter(found), None)


def own(seat: Seat) -> Scope:
    """All of one's own rows."""
    return Scope((seat.person,), tier=Tier.METADATA, zone=seat.zone)


def one(seat: Seat, person: int) -> Scope:
    """The rows of one person as others see them, up to their tier; their pages end on the viewer's
    last day. One's own, to see what others do. Raises MissingError for everybody else."""
    found = seat.seen(person)
    if found is None and person != seat.person:
        raise MissingError(UNSEEN)
    tier = seat.tier if found is None else found.tier
    return Scope((person,), tier=max(tier, Tier.METADATA))


def led(seat: Seat, team: str | None = None) -> Scope:
    """The people of the teams that are led, or of one of them. Raises MissingError where nobody
    is."""
    people = {each.person for each in seat.led if team in (None, each.team)}
    if not people:
        raise MissingError(UNSEEN)
    return Scope(tuple(sorted(people)), tier=Tier.METADATA, until=seat.last_day())


def everybody(seat: Seat, people: list[int]) -> Scope:
    """All people of the company, for sums alone. Raises MissingError for who may not see them."""
    if not (seat.admin or seat.leads) or not people:
        raise MissingError(UNSEEN)
    return Scope(tuple(sorted(people)), tier=Tier.METADATA, until=seat.last_day())


def example(person: int, session: str) -> Scope:
    """The one session that an example is of, for everybody who is signed in: of it the steps that
    its owner chose are read, and nothing else."""
    return Scope((person,), tier=Tier.WORDS, session=session)


def beyond(seat: Seat, people: list[int]) -> Scope | None:
    """Everybody of the company but oneself and the people who are led, for sums alone; None where
    there is nobody. Raises MissingError for who may not see them."""
    near = {seat.person, *(each.person for each in seat.led)}
    whole = everybody(seat, people)
    rest = tuple(each for each in whole.people if each not in near)
    return whole.among(rest) if rest else None


_ME = "(SELECT s.person FROM sign_in s WHERE s.hash = ? AND s.ended_at IS NULL AND s.until > ?)"
_NOW = "{0}.since <= ? AND ({0}.until IS NULL OR {0}.until > ?)"


def seat_of(key: str, now: int) -> Question[Seat | None]:
    """Who has a cookie of this hash; None where it is none, ended, or of one who left."""
    me = (key, now)
    statements: tuple[tuple[str, tuple[object, ...]], ...] = (
        (f"""SELECT p.id, p.name, COALESCE(a.email, ''), a.admin, a.zone, p.tier,
          CASE WHEN a.paused_at IS NULL THEN 0 ELSE 1 END
          FROM person p JOIN account a ON a.person = p.id
          WHERE p.id = {_ME} AND a.left_at IS NULL""", me),
        (f"""SELECT t.id, t.name, m.role FROM team_place m JOIN team t ON t.id = m.team
          WHERE m.person = {_ME} AND t.gone_at IS NULL AND {_NOW.format("m")}""",
         (*me, now, now)),
        (f"""SELECT p.id, p.name, p.tier, m.team, a.start_month,
          CASE WHEN a.paused_at IS NULL THEN 0 ELSE 1 END
          FROM team_place l JOIN team t ON t.id = l.team
          JOIN team_place m ON m.team = l.team JOIN person p ON p.id = m.person
          JOIN account a ON a.person = p.id
          WHERE l.person = {_ME} AND l.role = 'lead' AND m.role = 'member' AND t.gone_at IS NULL
          AND a.left_at IS NULL AND p.id <> l.person
          AND {_NOW.format("l")} AND {_NOW.format("m")}""",
         (*me, now, now, now, now)),
        (f"""SELECT o.person, p.name, p.tier, o.until, o.why FROM opening o
          JOIN person p ON p.id = o.person JOIN account a ON a.person = o.admin
          WHERE o.admin = {_ME} AND a.admin = 1 AND o.since <= ? AND o.until > ?""",
         (*me, now, now)),
        ("""SELECT name, since, value FROM company_setting WHERE since <= ?""", (now,)),
    )  # fmt: skip

    def shape(answers: list[list[Row]]) -> Seat | None:
        if not answers[0]:
            return None
        person, name, email, admin, zone, tier, paused = answers[0][0]
        return Seat(
            int(person), str(name), str(email), bool(admin), str(zone), key, int(tier),
            bool(paused), now,
            tuple(sorted((InTeam(*map(str, row)) for row in answers[1]), key=_by_team)),
            tuple(sorted((_led(row) for row in answers[2]), key=_by_name)),
            tuple(Opened(int(a), str(b), int(c), int(d), str(e)) for a, b, c, d, e in answers[3]),
            settings_at(answers[4]),
        )  # fmt: skip

    return Question(statements, shape)


def _led(row: Row) -> Led:
    person, name, tier, team, month, paused = row
    return Led(int(person), str(name), int(tier), str(team), str(month), bool(paused))


def _by_name(each: Led) -> tuple[str, int, str]:
    return each.name.casefold(), each.person, each.team


def _by_team(each: InTeam) -> tuple[str, str]:
    return each.name.casefold(), each.role


def settings_at(rows: list[Row]) -> dict[str, str]:
    """What is set now, of the rows (name, since, value) that have begun."""
    found = {name: values[0] for name, values in SETTINGS.items()}
    begun = [(int(since), str(name), str(value)) for name, since, value in rows]
    for _, name, value in sorted(begun, key=itemgetter(0)):
        found[name] = value
    return found
