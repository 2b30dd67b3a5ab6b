"""People of a company: accounts, invitations, passwords, teams; each change is written down."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import available_timezones

from accrete.database import Database
from accrete.errors import AccreteError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

DAY_MS = 24 * 3_600_000
INVITED_MS = 7 * DAY_MS
"""How long an invitation can be used."""
NOTICE_MS = DAY_MS
"""How long before it takes effect the members of a team hear of a new member or lead."""
SHORTEST, LONGEST = 12, 256
"""Characters of a password."""
ROLES = ("member", "lead")
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,189}")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class Member(NamedTuple):
    """A person as a company lists them."""

    person: int
    name: str
    email: str | None
    admin: bool
    job: str
    start_month: str
    zone: str
    tier: int
    signs_in: bool
    paused_at: int | None
    left_at: int | None


class Place(NamedTuple):
    """That a person is in a team or leads it. since, until: UTC ms."""

    person: int
    team: str
    role: str
    since: int
    until: int | None
    made_at: int


MEMBERS = """SELECT p.id, p.name, a.email, a.admin, a.job, a.start_month, a.zone, p.tier,
  CASE WHEN a.password IS NULL AND a.subject IS NULL THEN 0 ELSE 1 END, a.paused_at, a.left_at
FROM person p JOIN account a ON a.person = p.id"""


def member_of(row: tuple[object, ...]) -> Member:
    """A row of MEMBERS."""
    person, name, email, admin, job, month, zone, tier, signs_in, paused, left = row
    return Member(
        int(str(person)), str(name), None if email is None else str(email), bool(admin), str(job),
        str(month), str(zone), int(str(tier)), bool(signs_in),
        None if paused is None else int(str(paused)), None if left is None else int(str(left)),
    )  # fmt: skip


def members(db: Database) -> list[Member]:
    """Everybody, by name."""
    return sorted((member_of(row) for row in db.run(MEMBERS)), key=by_name)


def by_name(member: Member) -> tuple[str, int]:
    """The one order in which people are listed."""
    return member.name.casefold(), member.person


def member(db: Database, person: int) -> Member:
    """One of them. Raises AccreteError where there is none."""
    rows = db.run(f"{MEMBERS} WHERE p.id = ?", (person,))
    if not rows:
        raise AccreteError("There is no such person in this company.")
    return member_of(rows[0])


def note(db: Database, what: str, about: str, actor: int | None, now: int) -> None:
    """Writes a change down. actor: who did it; None for the command line."""
    db.run(
        "INSERT INTO audit (id, at, actor, what, about) VALUES (?, ?, ?, ?, ?)",
        (secrets.token_hex(8), now, actor, what, about[:300]),
    )


def set_account(
    db: Database,
    person: int,
    *,
    actor: int | None,
    now: int,
    email: str | None = None,
    admin: bool | None = None,
    job: str | None = None,
    start_month: str | None = None,
    zone: str | None = None,
) -> None:
    """Changes what is given of an account. Raises AccreteError for what cannot be."""
    who = member(db, person)
    changed: dict[str, object] = {}
    if email is not None:
        changed["email"] = _email(db, email, person)
    if admin is not None:
        if not admin and who.admin and not _another_admin(db, person):
            raise AccreteError(f"{who.name} is the only administrator. Make another one first.")
        changed["admin"] = int(admin)
    if job is not None:
        changed["job"] = " ".join(job.split())[:80]
    if start_month is not None:
        if start_month and not _MONTH.fullmatch(start_month):
            raise AccreteError(f"{start_month[:20]!r} is no month. Write it as 2026-03.")
        changed["start_month"] = start_month
    if zone is not None:
        changed["zone"] = _zone(zone)
    with db.transaction():
        for name, value in changed.items():
            db.run(f"UPDATE account SET {name} = ? WHERE person = ?", (value, person))
            if name != "zone":
                note(db, f"set {name.replace('_', ' ')}", who.name, actor, now)


def _zone(given: str) -> str:
    if given != "UTC" and given not in available_timezones():
        raise AccreteError(f"{given[:40]!r} is no time zone. Write it as Europe/Berlin.")
    return given


def _email(db: Database, email: str, person: int) -> str:
    clean = email.strip().lower()
    if not _EMAIL.fullmatch(clean):
        raise AccreteError(f"{email[:80]!r} is no e-mail address.")
    taken = db.run("SELECT person FROM account WHERE email = ?", (clean,))
    if taken and int(taken[0][0]) != person:
        raise AccreteError(f"{clean} signs somebody else in already.")
    return clean


def _another_admin(db: Database, person: int) -> bool:
    sql = "SELECT 1 FROM account WHERE admin = 1 AND left_at IS NULL AND person <> ? LIMIT 1"
    return bool(db.run(sql, (person,)))


def invite(db: Database, person: int, *, actor: int | None, now: int) -> str:
    """The secret of a link with which a person sets a password, once, within a week; earlier ones
    end. Raises AccreteError where they have no address to sign in with."""
    who = member(db, person)
    if who.email is None:
        raise AccreteError(f"{who.name} has no e-mail address to sign in with. Set one first.")
    if who.left_at is not None:
        raise AccreteError(f"{who.name} has left the company.")
    secret = secrets.token_urlsafe(32)
    with db.transaction():
        db.run("UPDATE invitation SET used_at = ? WHERE person = ? AND used_at IS NULL",
               (now, person))  # fmt: skip
        db.run(
            "INSERT INTO invitation (person, hash, made_at, until) VALUES (?, ?, ?, ?)",
            (person, hashed(secret), now, now + INVITED_MS),
        )
        note(db, "invited", who.name, actor, now)
    return secret


def invited(db: Database, secret: str, now: int) -> Member | None:
    """Whom a link is for; None where it is used, too old, or none."""
    sql = "SELECT person FROM invitation WHERE hash = ? AND used_at IS NULL AND until > ?"
    rows = db.run(sql, (hashed(secret), now))
    who = member(db, int(rows[0][0])) if rows else None
    return who if who is not None and who.left_at is None else None


def accept(db: Database, secret: str, password: str, now: int) -> int:
    """Sets the password (its hash) of whom a link is for, and uses it up; ends their other sign-
    ins. Raises AccreteError."""
    with db.transaction():
        who = invited(db, secret, now)
        if who is None:
            raise AccreteError(
                "This invitation was used, or is more than a week old. Ask for another."
            )
        db.run("UPDATE invitation SET used_at = ? WHERE hash = ?", (now, hashed(secret)))
        db.run("UPDATE account SET password = ? WHERE person = ?", (password, who.person))
        end_sign_ins(db, who.person, now)
        note(db, "set a password", who.name, who.person, now)
    return who.person


def hash_password(password: str) -> str:
    """The argon2 hash of a password, which takes a tenth of a second. Raises AccreteError for one
    that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccreteError(f"A password has {SHORTEST} to {LONGEST} characters.")
    return _hasher().hash(password)


def password_fits(stored: str | None, password: str) -> bool:
    """Whether a password is the stored one, by the cost that its hash says. Takes as long where
    nothing is stored."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(stored or _NOBODY, password[:LONGEST]) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def _hasher() -> PasswordHasher:
    """What hashes a new password at the cost of now."""
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


_NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1$ojs+BhoB10cMVFduziyZ1Q$"
    "LFrv78q2Ly+tGCe2H3fo8COqcKuwYk8/2RSSkWhFCss"
)
"""What a password is compared with where there is no account, so that nobody can tell by time."""


def end_sign_ins(db: Database, person: int, now: int, *, but: str = "") -> None:
    """Signs a person out everywhere; but: the hash of a sign-in that stays."""
    db.run(
        "UPDATE sign_in SET ended_at = ? WHERE person = ? AND ended_at IS NULL AND hash <> ?",
        (now, person, but),
    )


def leave(db: Database, person: int, *, actor: int | None, now: int) -> None:
    """A person left the company: they sign in no more, their machines send nothing, their teams do
    without them. Their data goes when the company's rule says so."""
    who = member(db, person)
    if who.admin and not _another_admin(db, person):
        raise AccreteError(f"{who.name} is the only administrator. Make another one first.")
    with db.transaction():
        db.run("UPDATE account SET left_at = ?, admin = 0 WHERE person = ?", (now, person))
        db.run("UPDATE device_token SET revoked_at = ? WHERE person = ? AND revoked_at IS NULL",
               (now, person))  # fmt: skip
        db.run("UPDATE team_place SET until = ? WHERE person = ? AND until IS NULL", (now, person))
        end_sign_ins(db, person, now)
        note(db, "left the company", who.name, actor, now)


def pause(db: Database, person: int, on: bool, now: int, device: str = "") -> None:
    """Whether a person shares nothing new for now; what they shared stays. device: the machine on
    which they said so, '' for a page. Their other machines learn of it."""
    with db.transaction():
        db.run("UPDATE account SET paused_at = ? WHERE person = ?", (now if on else None, person))
        chose(db, person, device, "paused", int(on), now)


def chose(db: Database, person: int, device: str, what: str, amount: int, now: int) -> None:
    """Keeps what a person chose last for all their machines: a tier, a pause, a deletion."""
    db.run("DELETE FROM choice_heard WHERE person = ? AND what = ?", (person, what))
    db.run(
        "INSERT INTO person_choice (person, what, amount, device, at) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (person, what) DO UPDATE SET amount = excluded.amount, "
        "device = excluded.device, at = excluded.at",
        (person, what, amount, device, now),
    )


def heard(db: Database, person: int, device: str, what: Iterable[str]) -> None:
    """Notes that a machine was told what its person chose last elsewhere."""
    db.many(
        "INSERT INTO choice_heard (person, what, device) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(person, each, device) for each in what],
    )


def highest_tier(db: Database, person: int, device: str) -> int:
    """The highest tier at which something is taken from a machine: that which the person chose
    elsewhere, until the machine heard of it."""
    rows = db.run(
        "SELECT c.amount FROM person_choice c WHERE c.person = ? AND c.what = 'tier' "
        "AND c.device <> ? AND NOT EXISTS (SELECT 1 FROM choice_heard h "
        "WHERE h.person = c.person AND h.what = c.what AND h.device = ?)",
        (person, device, device),
    )
    return int(rows[0][0]) if rows else 3


def is_paused(db: Database, person: int) -> bool:
    """Whether a person shares nothing new for now."""
    sql = "SELECT 1 FROM account WHERE person = ? AND paused_at IS NOT NULL"
    return bool(db.run(sql, (person,)))


class TeamRow(NamedTuple):
    """A team. gone_at: when it was dissolved, UTC ms."""

    id: str
    name: str
    made_at: int
    gone_at: int | None


def teams(db: Database) -> list[TeamRow]:
    """The teams that there are, in the order in which they were made."""
    rows = db.run("SELECT id, name, made_at, gone_at FROM team WHERE gone_at IS NULL")
    found = [TeamRow(str(a), str(b), int(c), d) for a, b, c, d in rows]
    return sorted(found, key=lambda each: (each.made_at, each.name))


def make_team(db: Database, name: str, *, actor: int | None, now: int) -> str:
    """A new team; returns its id. Raises AccreteError for a name that is taken or none."""
    clean = " ".join(name.split())
    if not clean or len(clean) > 80:
        raise AccreteError("A team's name has 1 to 80 characters.")
    if any(each.name.casefold() == clean.casefold() for each in teams(db)):
        raise AccreteError(f"There is a team {clean} already.")
    made = secrets.token_hex(8)
    with db.transaction():
        db.run("INSERT INTO team (id, name, made_at) VALUES (?, ?, ?)", (made, clean, now))
        note(db, "made a team", clean, actor, now)
    return made


def team_named(db: Database, name: str) -> TeamRow:
    """A team by its name or id. Raises AccreteError where there is none."""
    wanted = " ".join(name.split())
    for each in teams(db):
        if wanted in (each.id, each.name):
            return each
    known = ", ".join(each.name for each in teams(db)[:10]) or "none yet"
    raise AccreteError(f"There is no team {name[:80]!r}. Known: {known}.")


def dissolve(db: Database, team: str, *, actor: int | None, now: int) -> None:
    """Ends a team, at once: its leads see nothing through it any more."""
    row = team_named(db, team)
    with db.transaction():
        db.run("UPDATE team SET gone_at = ? WHERE id = ?", (now, row.id))
        db.run("UPDATE team_place SET until = ? WHERE team = ? AND (until IS NULL OR until > ?)",
               (now, row.id, now))  # fmt: skip
        note(db, "dissolved a team", row.name, actor, now)


def place(
    db: Database, person: int, team: str, role: str, *, actor: int | None, now: int,
    since: int | None = None,
) -> int:  # fmt: skip
    """Puts a person in a team, or at its head, a day from now; returns the moment. In a team that
    nobody is in yet the first members are there at once: there is nobody to tell. since: a moment
    of the past or the future, for companies that are moved here. Raises AccreteError."""
    if role not in ROLES:
        raise AccreteError(f"No role {role[:20]!r}. Choose one of: {', '.join(ROLES)}.")
    who, row = member(db, person), team_named(db, team)
    if who.left_at is not None:
        raise AccreteError(f"{who.name} has left the company.")
    for each in places(db, team=row.id):
        if each.person == person and each.role == role and each.until is None:
            return each.since
    empty = not any(each.role == "member" for each in places(db, team=row.id))
    from_then = since if since is not None else now if empty and role == "member" else (
        now + NOTICE_MS
    )  # fmt: skip
    with db.transaction():
        db.run(
            "INSERT INTO team_place (person, team, role, since, made_at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            (person, row.id, role, from_then, now),
        )
        note(db, f"{role} of {row.name}", who.name, actor, now)
    return from_then


def take_out(
    db: Database, person: int, team: str, role: str, *, actor: int | None, now: int
) -> None:
    """Takes a person out of a team, or from its head, at once. Raises AccreteError where they are
    not there."""
    who, row = member(db, person), team_named(db, team)
    if not any(each.person == person and each.role == role and each.until is None
               for each in places(db, team=row.id)):  # fmt: skip
        raise AccreteError(f"{who.name} is no {role} of {row.name}.")
    with db.transaction():
        db.run(
            "UPDATE team_place SET until = ? WHERE person = ? AND team = ? AND role = ? "
            "AND until IS NULL",
            (now, person, row.id, role),
        )
        note(db, f"no {role} of {row.name} any more", who.name, actor, now)


def places(db: Database, *, team: str | None = None) -> list[Place]:
    """Who is or was in which team, or will be."""
    where, params = (" WHERE team = ?", (team,)) if team is not None else ("", ())
    rows = db.run(
        f"SELECT person, team, role, since, until, made_at FROM team_place{where}", params
    )
    return [Place(int(a), str(b), str(c), int(d), e, int(f)) for a, b, c, d, e, f in rows]


def hashed(secret: str) -> str:
    """What is stored of a secret of 256 random bits: a fast hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
