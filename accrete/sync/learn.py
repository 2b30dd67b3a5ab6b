"""What a machine learns from the team server before it sends: the published projects, what the
person chose on another machine, and what they took back there."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import httpx2
import msgspec

from accrete.database import Database
from accrete.record import published, shared
from accrete.sync.choice import Choice
from accrete.sync.transport import UnreachableError, asked, read
from accrete.wire.contract import Chosen, Erased, Heard, Projects, State


def learn(
    db: Database,
    person: int,
    choice: Choice,
    http: httpx2.Client,
    *,
    now: int,
    sleep: Callable[[float], None] = time.sleep,
) -> Choice:
    """Asks the server, and returns the choice as it is now. Where the person paused or went on last
    counts, whichever machine it was; a tier is lowered by another machine, never raised. Raises as
    `asked` does."""
    found = asked(http, choice, "GET", "projects", sleep=sleep)
    listed = Projects() if found.status == 404 else read(choice, found, Projects)
    told = asked(http, choice, "GET", "state", sleep=sleep)
    if found.status == told.status == 404:  # no version of a server knows neither
        raise UnreachableError(
            f"There is no team server of Accrete at {choice.url}. Check the address that your "
            "administrator gave you. Nothing is lost."
        )
    state = State("", 0) if told.status == 404 else read(choice, told, State)
    chosen = {each.what: each for each in state.chosen}
    cleared = chosen.get("cleared")
    all_gone = cleared is not None and cleared.at > choice.cleared_at
    with db.transaction():
        rows = [published.Published(p.remote, p.id, p.name) for p in listed.projects]
        published.replace_list(db, rows, now)
        shared.set_server(db, person, state.server)
        if all_gone:
            shared.nothing_is_held(db, person)
        shared.taken_back_elsewhere(
            db, person, [(each.session, each.why, each.at) for each in state.gone], now
        )
    agreed = replace(choice, heard_at=max(choice.heard_at, state.at))
    if cleared is not None:
        agreed = replace(agreed, cleared_at=max(choice.cleared_at, cleared.at))
    if (pause := chosen.get("paused")) is not None and pause.at > choice.paused_at:
        paused = bool(pause.amount)
        agreed = replace(agreed, paused=paused, paused_elsewhere=paused, paused_at=pause.at)
    if (tier := chosen.get("tier")) is not None and tier.at > choice.tier_at:
        lower = max(1, min(choice.tier, tier.amount))
        agreed = replace(agreed, tier=lower, tier_at=tier.at)
    return agreed


def say(
    choice: Choice, http: httpx2.Client, *, sleep: Callable[[float], None] = time.sleep
) -> Choice:
    """Tells the server what was chosen here, for the person's other machines; it counts from when
    the server hears of it, by the server's clock. Raises as `asked` does."""
    chosen = Chosen(
        choice.tier if "tier" in choice.unsaid else None,
        choice.paused if "paused" in choice.unsaid else None,
    )
    answer = asked(http, choice, "POST", "state", msgspec.json.encode(chosen), sleep=sleep)
    heard = Heard(0) if answer.status == 404 else read(choice, answer, Heard)

    def at(what: str, before: int) -> int:
        return heard.at if what in choice.unsaid else before

    return replace(
        choice,
        tier_at=at("tier", choice.tier_at),
        paused_at=at("paused", choice.paused_at),
        projects_at=at("projects", choice.projects_at),
        unsaid=(),
    )


def delete_everything(
    choice: Choice, http: httpx2.Client, *, sleep: Callable[[float], None] = time.sleep
) -> Erased:
    """Has the server delete all that the person shared, from whichever machine. Raises as `asked`
    does."""
    return read(choice, asked(http, choice, "DELETE", "mine", sleep=sleep), Erased)
