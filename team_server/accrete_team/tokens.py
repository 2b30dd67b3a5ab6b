"""People of a company, and the tokens of their machines: shown once, stored as a hash."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from accrete.database import Database, Question
from accrete.errors import AccreteError

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Who(NamedTuple):
    """Whose machine a token is of."""

    person: int
    device: str


class Token(NamedTuple):
    """A token as it is listed. used_week: the Monday of the week of its last use."""

    person: int
    name: str
    device: str
    label: str
    made_at: int
    used_week: str | None
    revoked_at: int | None


def add_person(db: Database, name: str) -> int:
    """A person of the company; returns their number. Raises AccreteError for one that there is."""
    clean = shown(name)
    if not clean or len(clean) > 200:
        raise AccreteError("A name has 1 to 200 characters.")
    if db.run("SELECT 1 FROM person WHERE name = ?", (clean,)):
        raise AccreteError(f"There is a person {clean} already. Give them a name apart.")
    with db.transaction():
        db.run("INSERT INTO person (uuid, name, tier) VALUES (?, ?, 1)", (str(uuid.uuid4()), clean))
        person = int(db.run("SELECT id FROM person WHERE name = ?", (clean,))[0][0])
        db.run(
            "INSERT INTO account (person, admin, job, start_month, zone, made_at) "
            "VALUES (?, 0, '', '', 'UTC', ?)",
            (person, now_ms()),
        )
    return person


def person_named(db: Database, name: str) -> int:
    """The number of a person. Raises AccreteError where there is none."""
    rows = db.run("SELECT id FROM person WHERE name = ?", (shown(name),))
    if not rows:
        names = [str(each) for (each,) in db.run("SELECT name FROM person ORDER BY name")]
        known = ", ".join(names[:10]) or "nobody yet"
        raise AccreteError(f"There is no person {name!r}. Known: {known}.")
    return int(rows[0][0])


def make_token(db: Database, slug: str, person: int, label: str, now: int) -> str:
    """A token for a new machine of a person. This is the only time that it can be seen. Raises
    AccreteError for who left."""
    gone = "SELECT p.name FROM account a JOIN person p ON p.id = a.person "
    left = db.run(f"{gone} WHERE a.person = ? AND a.left_at IS NOT NULL", (person,))
    if left:
        raise AccreteError(f"{left[0][0]} left the company, and gets no token.")
    token = _new(slug)
    with db.transaction():
        db.run(
            "INSERT INTO device_token (person, device, hash, label, made_at) "
            "VALUES (?, ?, ?, ?, ?)",
            (person, str(uuid.uuid4()), hashed(token), shown(label).strip()[:100], now),
        )
    return token


def tokens(db: Database) -> list[Token]:
    """All tokens, by the name of the person."""
    rows = db.run(
        "SELECT t.person, p.name, t.device, t.label, t.made_at, t.used_week, t.revoked_at "
        "FROM device_token t JOIN person p ON p.id = t.person"
    )
    return sorted((Token._make(row) for row in rows), key=lambda each: (each.name, each.made_at))


def machines(person: int) -> Question[list[Token]]:
    """The tokens of one person, the oldest first."""
    sql = """SELECT t.person, p.name, t.device, t.label, t.made_at, t.used_week, t.revoked_at
      FROM device_token t JOIN person p ON p.id = t.person WHERE t.person = ?
      ORDER BY t.made_at, t.device"""
    return Question(((sql, (person,)),), lambda answers: [Token._make(row) for row in answers[0]])


def revoke(db: Database, device: str, now: int) -> None:
    """Ends a token. Raises AccreteError where there is none."""
    db.run(
        "UPDATE device_token SET revoked_at = ? WHERE device = ? AND revoked_at IS NULL",
        (now, _device(db, device)),
    )


def rotate(db: Database, slug: str, device: str, now: int) -> str:
    """Another token for the same machine; the one that it had ends at once. This is the only time
    that it can be seen. Raises AccreteError where there is none that is in use."""
    token, of = _new(slug), _device(db, device)
    with db.transaction():
        if db.run("SELECT 1 FROM device_token WHERE device = ? AND revoked_at IS NOT NULL", (of,)):
            raise AccreteError(f"{device[:40]} is revoked. Make another: accrete-team token create")
        db.run(
            "UPDATE device_token SET hash = ?, made_at = ?, used_week = NULL WHERE device = ?",
            (hashed(token), now, of),
        )
    return token


def _new(slug: str) -> str:
    return f"acr_{slug}_{secrets.token_urlsafe(32)}"


def _device(db: Database, given: str) -> str:
    """The machine that the beginning of an id names. Raises AccreteError where it is not one."""
    found = db.run(
        "SELECT device FROM device_token WHERE substr(device, 1, ?) = ?", (len(given), given)
    )
    if len(found) != 1 or not given:
        of = len(found) if given else "no"
        raise AccreteError(
            f"{given[:40]!r} names {of} tokens. Give an id of `accrete-team token list`."
        )
    return str(found[0][0])


def shown(name: str) -> str:
    """A name on one line, without what a terminal would obey."""
    return _CONTROLS.sub("", " ".join(name.split()))


def whose(db: Database, token: str, today: date | None) -> Who | None:
    """Whose token this is; None for one that is unknown or revoked. Keeps the week of its use, not
    the moment; nothing where no day is given."""
    rows = db.run(
        "SELECT person, device, used_week FROM device_token WHERE hash = ? AND revoked_at IS NULL",
        (hashed(token),),
    )
    if not rows:
        return None
    person, device, week = rows[0]
    if today is None:
        return Who(int(person), str(device))
    monday = (today - timedelta(today.weekday())).isoformat()
    if week != monday:
        db.run(
            "UPDATE device_token SET used_week = ? WHERE person = ? AND device = ?",
            (monday, person, device),
        )
    return Who(int(person), str(device))


def hashed(token: str) -> str:
    """What is stored of a token: it has 256 random bits, so a fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def now_ms() -> int:
    """UTC ms."""
    return time.time_ns() // 1_000_000


def today() -> date:
    """The day in UTC."""
    return datetime.fromtimestamp(now_ms() / 1000, UTC).date()
