"""Asks GitHub for the states of pull requests, if the person chose so: apart from any ingest, at
most hourly, within bounds."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import NamedTuple

from accrete import __version__
from accrete.clock import LocalTime
from accrete.database import Database, Sqlite
from accrete.errors import AccreteError
from accrete.ingest.pipeline import open_for_writing
from accrete.outcomes.forge import (
    API,
    TIMEOUT_S,
    Address,
    Ask,
    Fault,
    Said,
    address_of,
    through_gh,
    token_in,
    with_token,
)
from accrete.record import lock, store
from accrete.record.pull_states import store_states, waiting
from accrete.settings import Settings

EVERY_MS = 3_600_000
AT_ONCE = 30
BUDGET_S = 20.0
"""How long one run asks at most; what is left over waits for the next."""
VAIN = 3
"""Faults in a row after which a run ends: what is wrong then is not one pull request."""
AGAIN_MS, AGAIN_LATEST_MS = 2 * EVERY_MS, 7 * 24 * EVERY_MS
"""After how long a pull request is asked for again that was asked for in vain; doubled by each
further fault."""
ASKED = "pull_states_asked"
"""The fact with the last run, as JSON: when it began (UTC ms), and what kept it from asking."""


class Due(NamedTuple):
    """A pull request to ask about, and the addresses that sessions name it by."""

    address: Address
    urls: tuple[str, ...]


def is_due(settings: Settings, env: Mapping[str, str], now: int) -> bool:
    """Whether it is time to ask again, `now` (UTC ms). A token that this process does not have is
    no reason to ask: another process may have it."""
    if settings.pull_request_states == "off":
        return False
    if settings.pull_request_states == "token" and token_in(env) is None:
        return False
    try:
        db = Sqlite(settings.database, readonly=True)
        try:
            return _may_ask(db, settings, now) and bool(_due(db, settings, now))
        finally:
            db.close()
    except FileNotFoundError:
        return False
    except AccreteError as error:
        _log(settings, str(error), now)
        return False


def ask(
    settings: Settings,
    env: Mapping[str, str],
    *,
    clock: Callable[[], float] = time.time,
    budget_s: float = BUDGET_S,
    base: str = API,
) -> None:
    """Asks about the pull requests that are due, the longest unasked first, and stores what was
    said. Returns at once if it is off, was done within the hour, or another process does it. What
    goes wrong is a line in the log. base: where the API is."""
    now = int(clock() * 1000)
    if not is_due(settings, env, now):
        return
    try:
        with lock.held(settings.home / "pulls.lock", wait_s=0) as mine:
            if mine:
                _ask(settings, env, now, budget_s, base)
    except (AccreteError, OSError) as error:
        _log(settings, str(error), now)


def _ask(settings: Settings, env: Mapping[str, str], now: int, budget_s: float, base: str) -> None:
    db = open_for_writing(settings)
    try:
        with db.transaction():  # before asking: an end in the middle must not ask again at once
            due = _due(db, settings, now) if _may_ask(db, settings, now) else []
            if not due:
                return
            _remember(db, settings.person, now, None)
        told: list[tuple[Due, Said | Fault]] = []
        stopped: str | None
        asking = _way(settings, env, base)
        if isinstance(asking, Fault):
            stopped = asking.why
        else:
            told, stopped = _answers(due, asking, time.monotonic() + budget_s)
        with db.transaction():
            store_states(db, settings.person, [(*due, said) for due, said in told], now)
            _remember(db, settings.person, now, stopped)
    finally:
        db.close()
    vain = [said.why for _, said in told if isinstance(said, Fault)]
    if stopped or vain:
        _log(settings, stopped or f"{len(vain)} of {len(told)} in vain, the last: {vain[-1]}", now)


def _answers(
    due: list[Due], asking: Ask, until: float
) -> tuple[list[tuple[Due, Said | Fault]], str | None]:
    """What was said of each, as far as the time reaches, and what ended the asking early."""
    told: list[tuple[Due, Said | Fault]] = []
    in_vain = 0
    for each in due:
        left = until - time.monotonic()
        if left <= 0:
            break
        said = asking(each.address, min(left, TIMEOUT_S))
        if isinstance(said, Fault) and said.of_all:
            return told, said.why
        told.append((each, said))
        in_vain = in_vain + 1 if isinstance(said, Fault) else 0
        if isinstance(said, Fault) and in_vain == VAIN:
            return told, said.why
    return told, None


def _way(settings: Settings, env: Mapping[str, str], base: str) -> Ask | Fault:
    if settings.pull_request_states == "gh":
        return through_gh(env, str(settings.home))
    token = token_in(env)
    return Fault("no token", of_all=True) if token is None else with_token(token, __version__, base)


def _may_ask(db: Database, settings: Settings, now: int) -> bool:
    said = store.fact(db, settings.person, ASKED)
    last = json.loads(said)["at"] if said else None
    return last is None or not last <= now < last + EVERY_MS


def _due(db: Database, settings: Settings, now: int) -> list[Due]:
    hosts = settings.github_hosts if settings.pull_request_states == "gh" else ()
    spelled = defaultdict(list)
    for each in waiting(db, settings.person):
        address = address_of(each.url, hosts)
        if address is not None:
            spelled[address].append(each)
    due = []
    for address, found in spelled.items():
        asked = max((each.asked_at or 0 for each in found), default=0)
        faults = max(each.faults for each in found)
        if faults and asked <= now < asked + min(AGAIN_MS << min(faults - 1, 10), AGAIN_LATEST_MS):
            continue
        newest = max(each.at or 0 for each in found)
        due.append((asked, -newest, Due(address, tuple(each.url for each in found))))
    return [each for _, _, each in sorted(due)[:AT_ONCE]]


def _remember(db: Database, person: int, now: int, fault: str | None) -> None:
    store.set_fact(db, person, ASKED, json.dumps({"at": now, "fault": fault}))


def _log(settings: Settings, why: str, now: int) -> None:
    at = LocalTime("UTC").text(now, "%Y-%m-%dT%H:%M:%SZ")
    try:
        with open(settings.home / "ingest.log", "a", encoding="utf-8") as log:
            log.write(f"{at} States of pull requests: {' '.join(why.split())}.\n")
    except OSError:
        pass
