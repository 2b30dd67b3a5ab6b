"""Brings derived rows up to date: every stale session, its owners first."""

from __future__ import annotations

from accrete.database import Database
from accrete.derive.owners import settle
from accrete.derive.session import DERIVED_VERSION, derive_session
from accrete.errors import AccreteError
from accrete.pricing import Overrides, parse_overrides
from accrete.settings import Settings

AT_ONCE = 40


def refresh(db: Database, person: int, settings: Settings) -> int:
    """Derives all stale sessions, and those that an older program derived; returns how many. Each group of
    sessions is one transaction, so being killed leaves the rest stale and nothing wrong."""
    done = 0
    while True:
        rows = db.run(
            """SELECT id FROM session WHERE person = ? AND (stale = 1 OR derived_version < ?)
            ORDER BY started_at DESC NULLS FIRST, id LIMIT ?""",
            (person, DERIVED_VERSION, AT_ONCE),
        )
        if not rows:
            return done
        done += refresh_sessions(db, person, settings, {row[0] for row in rows})


def refresh_sessions(db: Database, person: int, settings: Settings, sessions: set[str]) -> int:
    """Derives some sessions, and those with which they share records, in one transaction; returns how many were given."""
    prices = _prices(settings)
    with db.transaction():
        sharing = settle(db, person, sessions)
        for session in sorted(sessions | sharing.keys()):
            derive_session(db, person, session, others=sharing.get(session, set()) - {session}, prices=prices,
                           idle_ms=settings.work_block_idle_ms)  # fmt: skip
    return len(sessions)


def _prices(settings: Settings) -> Overrides | None:
    if not settings.model_pricing:
        return None
    try:
        return parse_overrides(settings.model_pricing)
    except ValueError as error:
        raise AccreteError(f"{settings.home / 'config.json'}: modelPricing: {error}") from error
