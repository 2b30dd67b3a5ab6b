"""Brings derived rows up to date: every stale session, its owners first."""

from __future__ import annotations

import json
from collections.abc import Iterable

from accrete import store
from accrete.clock import monday
from accrete.database import Database
from accrete.derive.insight import OPEN_MS
from accrete.derive.owners import Owners, Sharing, settle
from accrete.derive.rows import WEEKS_WAIT, replace_weeks
from accrete.derive.session import DERIVED_VERSION, derive_session
from accrete.errors import AccreteError, place_of
from accrete.globs import fits
from accrete.outcomes.session import RUNNING
from accrete.pricing import Overrides, parse_overrides
from accrete.settings import Settings

AT_ONCE = 40


def refresh(db: Database, person: int, settings: Settings) -> int:
    """Derives all stale sessions, those that an older program derived, and those that share records with them;
    returns how many were stale. Some sessions at a time are one transaction, so being killed leaves the rest
    stale and nothing wrong."""
    _place_summaries(db, person)
    _apply_globs(db, person, settings)
    _close_old(db, person)
    weeks_wait = store.fact(db, WEEKS_WAIT) == "1"
    rows = db.run(
        "SELECT id FROM session WHERE person = ? AND (stale = 1 OR derived_version < ?)", (person, DERIVED_VERSION)
    )
    stale = {row[0] for row in rows}
    if not stale:
        if weeks_wait:
            _derive_weeks(db, person)
        return 0
    owners = Owners(db, person)
    with db.transaction():
        store.mark_stale(db, person, settle(db, person, stale, owners).keys() - stale)
    prices = _prices(settings)
    while group := db.run(
        """SELECT id FROM session WHERE person = ? AND (stale = 1 OR derived_version < ?)
        ORDER BY started_at DESC NULLS FIRST, id LIMIT ?""",
        (person, DERIVED_VERSION, AT_ONCE),
    ):
        with db.transaction():
            sharing = settle(db, person, {row[0] for row in group}, owners)
            for (session,) in group:
                _derive(db, settings, session, sharing, owners, prices)
    _derive_weeks(db, person)
    return len(stale)


def refresh_unshared(db: Database, person: int, settings: Settings, sessions: set[str]) -> int:
    """Derives those of these sessions that share no record with another, in one transaction; returns how many.
    Whoever shares stays or becomes stale: another copy may come yet, and each is to be worked out once."""
    prices = _prices(settings)
    with db.transaction():
        owners = Owners(db, person)
        sharing = settle(db, person, sessions, owners)
        store.mark_stale(db, person, sharing.keys())
        for session in sorted(sessions - sharing.keys()):
            _derive(db, settings, session, {}, owners, prices)
    return len(sessions - sharing.keys())


AUTOMATED_BY = "automated_by"
"""The fact by which folders of config.json sessions were told to be automated, as JSON."""


def _apply_globs(db: Database, person: int, settings: Settings) -> None:
    """The sessions to which the folders of the setting `automated` say something else than before become stale."""
    said = store.fact(db, AUTOMATED_BY)
    now = json.dumps(settings.automated)
    if (said or "[]") == now:
        return
    before = json.loads(said or "[]")
    rows = db.run("SELECT id, cwd FROM session WHERE person = ? AND cwd IS NOT NULL", (person,))
    changed = [row[0] for row in rows if _first(before, row[1]) != _first(settings.automated, row[1])]
    with db.transaction():
        store.mark_stale(db, person, changed)
        store.set_fact(db, AUTOMATED_BY, now)


def _close_old(db: Database, person: int) -> None:
    """Sessions that seemed to run, and of which hooks say nothing more while a day of others passed, become stale."""
    rows = db.run(
        """SELECT s.id, MAX(h.at) FROM session s JOIN hook_event h ON h.person = s.person AND h.session = s.id
        WHERE s.person = ? AND s.outcome IS NULL AND s.outcome_reason = ? GROUP BY s.id""",
        (person, RUNNING),
    )
    if not rows:
        return
    newest = db.run("SELECT MAX(at) FROM hook_event WHERE person = ?", (person,))[0][0]
    with db.transaction():
        store.mark_stale(db, person, [session for session, last in rows if newest - last >= OPEN_MS])


def _first(globs: Iterable[str], folder: str) -> str | None:
    return next((glob for glob in globs if fits(glob, folder)), None)


def _derive_weeks(db: Database, person: int) -> None:
    """Adds the sessions' practices up by week: a person's own sessions, by the day they began."""
    rows = db.run(
        """SELECT s.local_day, p.practice, p.possible, p.sightings, p.marked FROM session_practice p
        JOIN session s ON s.person = p.person AND s.id = p.session
        WHERE p.person = ? AND s.automated = 0 AND s.local_day IS NOT NULL""",
        (person,),
    )
    weeks: dict[tuple[str, str], list[int]] = {}
    for day, practice, possible, sightings, marked in rows:
        sums = weeks.setdefault((monday(day), practice), [0, 0, 0, 0])
        sums[0] += possible == 1
        sums[1] += sightings > 0
        sums[2] += sightings
        sums[3] += marked
    with db.transaction():
        replace_weeks(db, person, [(*key, *sums) for key, sums in sorted(weeks.items())])
        store.set_fact(db, WEEKS_WAIT, "0")


def _place_summaries(db: Database, person: int) -> None:
    """Sessions that a summary was stored for, in whatever file, become stale where their title is not by it."""
    if store.fact(db, store.SUMMARIES_WAIT) != "1":
        return
    with db.transaction():
        rows = db.run(
            """SELECT DISTINCT s.id FROM event l CROSS JOIN event t
            JOIN session s ON s.person = l.person AND s.id = l.session
            WHERE l.person = ? AND t.person = l.person AND t.parent = l.uuid AND t.kind = 'summary_title'
              AND COALESCE(s.title_source, 'prompt') IN ('prompt', 'summary') AND COALESCE(s.title, '') <> t.text""",
            (person,),
        )
        store.mark_stale(db, person, (row[0] for row in rows))
        store.set_fact(db, store.SUMMARIES_WAIT, "0")


def _derive(db: Database, settings: Settings, session: str, sharing: Sharing, owners: Owners,
            prices: Overrides | None) -> None:  # fmt: skip
    """One session; a fault of ours in it leaves its figures as they were, is noted for `accrete doctor`, and keeps no
    other session from being worked out."""
    others = sharing.get(session, set()) - {session}
    try:
        with db.savepoint():
            derive_session(db, owners, session, others=others, prices=prices, idle_ms=settings.work_block_idle_ms,
                           globs=settings.automated)  # fmt: skip
    except AccreteError:
        raise
    except Exception as error:
        store.mark_underivable(db, owners.person, session, DERIVED_VERSION, place_of(error))


def _prices(settings: Settings) -> Overrides | None:
    if not settings.model_pricing:
        return None
    try:
        return parse_overrides(settings.model_pricing)
    except ValueError as error:
        raise AccreteError(f"{settings.home / 'config.json'}: modelPricing: {error}") from error
