"""Sign-ins: cookies of one company each, attempts that are counted, and where a browser may go."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from typing import NamedTuple

from accrete.database import Database, Question
from accrete_team.people import DAY_MS, hashed

LASTS_MS = 14 * DAY_MS
"""How long a sign-in lasts."""
OF_ACCOUNT, OF_ADDRESS, WITHIN_S = 12, 200, 15 * 60
"""How many wrong passwords an account, and an address that many may share, has within how long."""
REMEMBERED = 20_000
WRONG = "The address or the password is wrong."
SLOW = "Too many attempts. Wait a quarter of an hour, then try again."


class SignedIn(NamedTuple):
    """A new sign-in: the cookie's value, and when it ends."""

    cookie: str
    until: int


def cookie_name(slug: str) -> str:
    """The name of a company's cookie."""
    return f"accrete-{slug}"


def stored_of(email: str) -> Question[tuple[int, str | None] | None]:
    """Whose address this is, and the hash of their password."""
    sql = "SELECT person, password FROM account WHERE email = ? AND left_at IS NULL"
    return Question(
        ((sql, (email[:254],)),),
        lambda answers: (int(answers[0][0][0]), answers[0][0][1]) if answers[0] else None,
    )


def sign_in(db: Database, person: int, how: str, now: int) -> SignedIn:
    """A new sign-in of a person, with a cookie that no browser had before."""
    made = secrets.token_urlsafe(32)
    with db.transaction():
        db.run("DELETE FROM sign_in WHERE person = ? AND until < ?", (person, now - LASTS_MS))
        db.run(
            "INSERT INTO sign_in (person, hash, how, made_at, until) VALUES (?, ?, ?, ?, ?)",
            (person, hashed(made), how, now, now + LASTS_MS),
        )
    return SignedIn(made, now + LASTS_MS)


def sign_out(db: Database, key: str, now: int) -> None:
    """Ends one sign-in. key: the hash of its cookie."""
    db.run("UPDATE sign_in SET ended_at = ? WHERE hash = ? AND ended_at IS NULL", (now, key))


class Attempts:
    """Counts wrong passwords of this process, by account and by the address they come from."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, list[float]] = OrderedDict()

    def begin(self, account: str, address: str) -> bool:
        """Whether an attempt is taken. It counts as a wrong one from now on, so that many at once
        are no more than one after the other."""
        keys = (f"account {account}", f"address {address}")
        for key, most in zip(keys, (OF_ACCOUNT, OF_ADDRESS), strict=True):
            if len(self._recent(key)) >= most:
                return False
        for key in keys:
            self._wrong[key] = [*self._recent(key), time.monotonic()]
            self._wrong.move_to_end(key)
        while len(self._wrong) > REMEMBERED:
            self._wrong.popitem(last=False)
        return True

    def well(self, account: str, address: str) -> None:
        """The last attempt was right: it does not count, and the account begins anew."""
        self._wrong.pop(f"account {account}", None)
        if left := self._wrong.pop(f"address {address}", [])[:-1]:
            self._wrong[f"address {address}"] = left

    def _recent(self, key: str) -> list[float]:
        since = time.monotonic() - WITHIN_S
        return [at for at in self._wrong.get(key, ()) if at > since]


def safe_path(given: str, mount: str) -> str:
    """Where to go after signing in: a path of this company alone, else its first page."""
    first = f"{mount}/"
    if not given.startswith(first) or "\\" in given or "//" in given or len(given) > 2000:
        return first
    return first if any(ord(each) < 33 for each in given) or ".." in given else given
