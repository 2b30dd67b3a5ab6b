"""States of pull requests: which wait to be asked for, what forges said, and what each session has
of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from accrete.database import Database
from accrete.outcomes.forge import Address, Fault, Said
from accrete.outcomes.kinds import OPEN
from accrete.record.store import insert, mark_changed


class Waiting(NamedTuple):
    """An address that is not known to be merged or closed. at: when a session first named it;
    asked_at: when its forge was last asked (UTC ms); faults: how often in a row in vain."""

    url: str
    at: int | None
    asked_at: int | None
    faults: int


_NAMED = """SELECT person, url, at FROM session_pull UNION ALL
  SELECT person, url, at FROM session_pull_request"""
_WAITING = f"""SELECT u.url, MIN(u.at), MAX(p.asked_at), MAX(COALESCE(p.faults, 0))
FROM ({_NAMED}) u
LEFT JOIN pull_request p ON p.person = u.person AND p.url = u.url
WHERE u.person = ? AND COALESCE(p.state, ?) = ? GROUP BY u.url ORDER BY u.url"""
_STILL = f"SELECT COUNT(*) FROM ({_NAMED}) u WHERE u.person = ? AND u.url = ?"
_TOLD = """SELECT state, draft, opened_at, merged_at, closed_at, told_at FROM pull_request
WHERE person = ? AND url = ?"""
_KEY = "ON CONFLICT (person, url) DO UPDATE SET asked_at = excluded.asked_at, "
_ANSWER = insert(
    "pull_request",
    ("person", "url", "number", "repository", "asked_at", "state", "draft", "opened_at",
     "merged_at", "closed_at", "told_at"),
    _KEY + "state = excluded.state, draft = excluded.draft, opened_at = excluded.opened_at, "
    "merged_at = excluded.merged_at, closed_at = excluded.closed_at, told_at = excluded.told_at, "
    "fault = NULL, faults = 0",
)  # fmt: skip
_FAULT = insert(
    "pull_request",
    ("person", "url", "number", "repository", "asked_at", "fault", "faults"),
    _KEY + "fault = excluded.fault, faults = pull_request.faults + 1",
)
_SESSIONS = """SELECT session FROM session_pull WHERE person = ? AND url = ?
UNION SELECT session FROM session_pull_request WHERE person = ? AND url = ?"""
_RENEWED = """INSERT INTO session_pull_state
  (person, session, url, state, draft, opened_at, merged_at, closed_at, told_at)
SELECT u.person, u.session, u.url, p.state, p.draft, p.opened_at, p.merged_at, p.closed_at,
  p.told_at
FROM (
  SELECT person, session, url FROM session_pull WHERE person = ? AND session = ?
  UNION SELECT person, session, url FROM session_pull_request WHERE person = ? AND session = ?
) u LEFT JOIN pull_request p ON p.person = u.person AND p.url = u.url"""


def waiting(db: Database, person: int) -> list[Waiting]:
    """The addresses that sessions opened or worked on and that are not merged or closed."""
    return [
        Waiting(str(url), at, asked_at, int(faults))
        for url, at, asked_at, faults in db.run(_WAITING, (person, OPEN, OPEN))
    ]


def store_states(
    db: Database,
    person: int,
    told: Iterable[tuple[Address, Sequence[str], Said | Fault]],
    now: int,
) -> None:
    """What forges said of pull requests, each under the addresses that sessions name it by. One
    that no session names any more, since they were forgotten meanwhile, is left out. Where
    something else is said than before, the sessions that name it are sent again. To be called in a
    transaction."""
    changed: set[str] = set()
    for address, urls, said in told:
        for url in urls:
            if not db.run(_STILL, (person, url))[0][0]:
                continue
            key = (person, url, address.number, f"{address.owner}/{address.name}", now)
            if isinstance(said, Fault):
                db.run(_FAULT, (*key, said.why, 1))
            else:
                state, draft, *moments = said
                now_told = (state, int(draft), *moments)
                before, since = _told(db, person, url)
                if before != now_told or since is None:
                    since = now
                    changed |= {str(each) for (each,) in db.run(_SESSIONS, (person, url) * 2)}
                db.run(_ANSWER, (*key, *now_told, since))
    renew_states(db, person, changed)
    mark_changed(db, person, changed)


def _told(db: Database, person: int, url: str) -> tuple[tuple[object, ...], int | None]:
    """What a forge said of a pull request the last time, and since when."""
    for *said, since in db.run(_TOLD, (person, url)):
        return tuple(said), since
    return (), None


def renew_states(db: Database, person: int, sessions: Iterable[str]) -> None:
    """Derives anew what is known of the pull requests that sessions opened or worked on."""
    for session in sorted(sessions):
        key = (person, session)
        db.run("DELETE FROM session_pull_state WHERE person = ? AND session = ?", key)
        db.run(_RENEWED, key * 2)
