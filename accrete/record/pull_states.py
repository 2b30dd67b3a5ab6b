"""States of pull requests: which wait to be asked for, and what forges said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from accrete.database import Database
from accrete.outcomes.forge import OPEN, Address, Fault, Said
from accrete.record.store import insert


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
_KEY = "ON CONFLICT (person, url) DO UPDATE SET asked_at = excluded.asked_at, "
_ANSWER = insert(
    "pull_request",
    ("person", "url", "number", "repository", "asked_at", "state", "draft", "opened_at",
     "merged_at", "closed_at"),
    _KEY + "state = excluded.state, draft = excluded.draft, opened_at = excluded.opened_at, "
    "merged_at = excluded.merged_at, closed_at = excluded.closed_at, fault = NULL, faults = 0",
)  # fmt: skip
_FAULT = insert(
    "pull_request",
    ("person", "url", "number", "repository", "asked_at", "fault", "faults"),
    _KEY + "fault = excluded.fault, faults = pull_request.faults + 1",
)


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
    that no session names any more, since they were forgotten meanwhile, is left out. To be called
    in a transaction."""
    for address, urls, said in told:
        for url in urls:
            if not db.run(_STILL, (person, url))[0][0]:
                continue
            key = (person, url, address.number, f"{address.owner}/{address.name}", now)
            if isinstance(said, Fault):
                db.run(_FAULT, (*key, said.why, 1))
            else:
                state, draft, *moments = said
                db.run(_ANSWER, (*key, state, int(draft), *moments))
