"""Asks the team server what its members may learn of the team, and says what the person shows to
others. What it answered is kept for when it does not."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import NamedTuple, TypeVar

import httpx2
import msgspec

from accrete.clock import LocalNow, monday
from accrete.database import Sqlite
from accrete.edge.benchmarks import Kept, keep, read_kept
from accrete.edge.local import MINE
from accrete.errors import AccreteError
from accrete.insight.beside_team import TeamComparison, compared, nothing_to_compare
from accrete.practices.depth import Week
from accrete.present.leads import regular_since
from accrete.queries.practices import person_weeks, practices
from accrete.settings import Settings
from accrete.sync.choice import Choice, read_choice
from accrete.sync.transport import UnreachableError, client
from accrete.wire.benchmarks import Benchmarks, Teaching

FRESH_MS = 60 * 60_000
"""How long an answer is not asked for again."""
TIMEOUT_S = 4.0
QUICK = httpx2.Timeout(TIMEOUT_S, connect=2.0)
ANSWER_MOST = 1 << 20
T = TypeVar("T")


class Offered(msgspec.Struct):
    """What a person offers to show."""

    teaching: list[str] = []


class Learned(NamedTuple):
    """What is known of the team. fault: why it is not of now, '' where it is."""

    kept: Kept | None
    fault: str = ""


def learn(
    settings: Settings, choice: Choice, now: int, *, http: httpx2.Client | None = None
) -> Learned:
    """What the server says, asked for where what is kept is older than FRESH_MS; else what is
    kept, with the reason. While sharing is paused nothing is asked. Never raises because of the
    server."""
    kept = read_kept(settings, choice.url)
    if choice.paused:
        return Learned(kept, f"Sharing is paused, so {choice.url} is not asked.")
    if kept is not None and 0 <= now - kept.at < FRESH_MS:
        return Learned(kept)
    try:
        return Learned(fetch(settings, choice, now, http=http))
    except AccreteError as error:
        return Learned(kept, str(error))


def fetch(
    settings: Settings, choice: Choice, now: int, *, http: httpx2.Client | None = None
) -> Kept:
    """Asks the server, and keeps what it says. Raises UnreachableError when it does not answer,
    AccreteError when it does not take this machine."""
    kept = Kept(choice.url, now, _asked(choice, "GET", "benchmarks", Benchmarks, http=http))
    keep(settings, kept)
    return kept


def teach(choice: Choice, practice: str, on: bool, *, http: httpx2.Client | None = None) -> bool:
    """Offers to show a practice to others, or does not any more; returns whether it is offered
    now. Raises as `fetch` does."""
    body = msgspec.json.encode(Teaching(practice, on))
    return practice in _asked(choice, "POST", "teaching", Offered, body, http=http).teaching


def _asked(
    choice: Choice, method: str, what: str, kind: type[T], body: bytes = b"", *,
    http: httpx2.Client | None = None,
) -> T:  # fmt: skip
    own = client(choice) if http is None else http
    address = f"{choice.address}/{what}"
    began, said = time.monotonic(), bytearray()
    try:
        with own.stream(method, address, content=body or None, timeout=QUICK) as answer:
            for piece in answer.iter_bytes():
                said += piece
                if len(said) > ANSWER_MOST or time.monotonic() - began > 2 * TIMEOUT_S:
                    raise UnreachableError(f"{choice.url} does not come to an end.")
    except httpx2.HTTPError:
        raise UnreachableError(f"{choice.url} does not answer.") from None
    finally:
        if http is None:
            own.close()
    if answer.status_code in (401, 403):
        raise AccreteError(
            f"{choice.url} does not take this machine's token. Ask your administrator for a new "
            "one, and join again."
        )
    if answer.status_code == 404:
        raise UnreachableError(f"{choice.url} is older than this Accrete and makes no releases.")
    if answer.status_code >= 300:
        raise UnreachableError(f"{choice.url} says {answer.status_code}.")
    try:
        return msgspec.json.decode(bytes(said), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise UnreachableError(f"{choice.url} is no team server of Accrete.") from None


def compare(
    settings: Settings, db: Sqlite, local: LocalNow, now: int, practice: str | None = None, *,
    http: httpx2.Client | None = None,
) -> TeamComparison:  # fmt: skip
    """The person beside their team: their own figures of the block of the newest release, by the
    same rules, and its words. practice: a name, None for all."""
    choice = read_choice(settings)
    if choice is None:
        return nothing_to_compare()
    learned = learn(settings, choice, now, http=http)
    if learned.kept is None:
        return nothing_to_compare(learned.fault)
    said = learned.kept.said
    scope = replace(MINE, since=said.first, until=said.last, automated=False, zone=settings.zone)
    rows = db.ask(practices(scope)) if said.first else []
    weeks: dict[str, list[Week]] = {}
    if said.last:
        for each in db.ask(person_weeks(replace(MINE, until=monday(said.last)))):
            week = Week(each.week, each.eligible, each.seen, each.sightings, each.marked)
            weeks.setdefault(each.practice, []).append(week)
    since = {name: regular_since(found) for name, found in weeks.items()}
    doubts = []
    if learned.fault:
        doubts.append(f"{learned.fault} This is what it said {local.prose(learned.kept.at)}.")
    if choice.projects != "all" or choice.excluded or choice.private:
        doubts.append("Projects that you do not share count in your figures, not in your team's.")
    return compared(
        said, [row for row in rows if practice in (None, row.name)], since,
        fetched_at=learned.kept.at, offline=bool(learned.fault), doubts=doubts,
    )  # fmt: skip
