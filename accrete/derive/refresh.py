"""Brings derived rows up to date: every stale session, its owners first."""

from __future__ import annotations

from accrete import store
from accrete.database import Database
from accrete.derive.owners import Owners, Sharing, settle
from accrete.derive.rows import WEEKS_WAIT, replace_weeks
from accrete.derive.session import DERIVED_VERSION, derive_session
from accrete.errors import AccreteError, place_of
from accrete.pricing import Overrides, parse_overrides
from accrete.queries.practices import practices
from accrete.queries.scope import Scope
from accrete.settings import Settings

AT_ONCE = 40


def refresh(db: Database, person: int, settings: Settings) -> int:
    """Derives all stale sessions, those that an older program derived, and those that share records with them;
    returns how many were stale. Some sessions at a time are one transaction, so being killed leaves the rest
    stale and nothing wrong."""
    _place_summaries(db, person)
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


def _derive_weeks(db: Database, person: int) -> None:
    """Keeps a person's practices by week, as `queries.practices` adds them up."""
    found = db.ask(practices(Scope(person, automated=False)))
    rows = [(week.week, row.name, *week[1:]) for row in found for week in row.weeks if any(week[1:])]
    with db.transaction():
        replace_weeks(db, person, rows)
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
            derive_session(db, owners, session, others=others, prices=prices, idle_ms=settings.work_block_idle_ms)
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
