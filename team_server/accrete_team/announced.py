"""What a company tells its people: who joins or leads their teams, what is switched, who opened."""

from __future__ import annotations

from typing import NamedTuple

from accrete.database import Question

SHOWN_MS = 30 * 24 * 3_600_000
"""How long an announcement stands after it took effect."""


class Change(NamedTuple):
    """A change in one of a person's teams. role: member or lead; since: UTC ms."""

    team: str
    name: str
    role: str
    since: int


class Switch(NamedTuple):
    """A setting of the company. since: UTC ms."""

    name: str
    value: str
    since: int


class Glass(NamedTuple):
    """An administrator's look at a person. since, until: UTC ms."""

    admin: str
    why: str
    since: int
    until: int


class Announced(NamedTuple):
    """What a person is told. leads: (team, name) of who sees their work."""

    changes: list[Change]
    switches: list[Switch]
    glasses: list[Glass]
    leads: list[tuple[str, str]]


def announced(person: int, now: int) -> Question[Announced]:
    """What there is to tell a person now."""
    mine = """t.gone_at IS NULL AND m.team IN (SELECT own.team FROM team_place own
      WHERE own.person = ? AND own.role = 'member' AND own.since <= ?
      AND (own.until IS NULL OR own.until > ?))"""
    statements = (
        (f"""SELECT t.name, p.name, m.role, m.since FROM team_place m
          JOIN team t ON t.id = m.team JOIN person p ON p.id = m.person
          WHERE {mine} AND m.since > ? AND m.until IS NULL AND m.made_at > 0
          ORDER BY m.since DESC, p.name""", (person, now, now, now - SHOWN_MS)),
        ("SELECT name, value, since FROM company_setting WHERE since > ? ORDER BY since DESC, name",
         (now - SHOWN_MS,)),
        ("""SELECT p.name, o.why, o.since, o.until FROM opening o JOIN person p ON p.id = o.admin
          WHERE o.person = ? ORDER BY o.since DESC LIMIT 20""", (person,)),
        (f"""SELECT t.name, p.name FROM team_place m JOIN team t ON t.id = m.team
          JOIN person p ON p.id = m.person
          WHERE {mine} AND m.role = 'lead' AND m.since <= ? AND (m.until IS NULL OR m.until > ?)
          AND m.person <> ? ORDER BY t.name, p.name""", (person, now, now, now, now, person)),
    )  # fmt: skip
    return Question(
        statements,
        lambda answers: Announced(
            [Change(str(a), str(b), str(c), int(d)) for a, b, c, d in answers[0]],
            [Switch(str(a), str(b), int(c)) for a, b, c in answers[1]],
            [Glass(str(a), str(b), int(c), int(d)) for a, b, c, d in answers[2]],
            [(str(a), str(b)) for a, b in answers[3]],
        ),
    )
