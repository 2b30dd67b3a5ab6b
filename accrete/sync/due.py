"""When the next sync is due: an hour after one that went well, later and later after one that did
not."""

from __future__ import annotations

import json
import os
import random
from dataclasses import asdict, dataclass
from pathlib import Path

from accrete.settings import Settings
from accrete.sync.choice import Choice
from accrete.sync.soon import look_again

FILE = "team-last.json"
EVERY_MS = 60 * 60_000
AGAIN_MS, LONGEST_MS = 5 * 60_000, 24 * 60 * 60_000


@dataclass(frozen=True, slots=True)
class Last:
    """ok_at: when the last sync went well, UTC ms, None if none did; failures: how many have failed
    since; fault: why the last one did, '' where it went well; next_at: when the next is due."""

    ok_at: int | None = None
    failures: int = 0
    fault: str = ""
    next_at: int = 0


def read_last(settings: Settings) -> Last:
    """How the last sync went. A file that cannot be read counts as none."""
    try:
        return Last(**json.loads((settings.home / FILE).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return Last()


def went(settings: Settings, now: int, fault: str = "") -> Last:
    """Remembers how a sync went. After a failure the wait doubles, up to a day; a part of it is
    chance, so that the machines of a team do not all come back at once."""
    before = read_last(settings)
    if not fault:
        last = Last(now, 0, "", now + EVERY_MS)
    else:
        n = before.failures + 1
        wait = min(AGAIN_MS << min(n - 1, 10), LONGEST_MS) * (0.75 + random.random() / 2)  # noqa: S311
        last = Last(before.ok_at, n, fault[:500], now + round(wait))
    _write(settings.home / FILE, json.dumps(asdict(last)))
    look_again(settings.home, last.next_at)
    return last


def is_due(settings: Settings, choice: Choice | None, now: int) -> bool:
    """Whether a sync is to be started. A clock that went back does not hold it up for long. A
    machine that was paused elsewhere asks whether it still is; one that was paused here says so."""
    if choice is None or (choice.paused and not choice.unsaid and not choice.paused_elsewhere):
        return False
    last = read_last(settings)
    return now >= last.next_at or last.next_at > now + 2 * LONGEST_MS


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)
