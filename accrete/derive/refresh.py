"""Updates derived rows: every stale session, its owners first."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable

from accrete.database import Database
from accrete.derive import DERIVED_VERSION
from accrete.derive.appends import shared_ones
from accrete.derive.insight import OPEN_MS
from accrete.derive.naming import summary_title
from accrete.derive.owners import settle, settle_alone
from accrete.derive.projects import is_settled, settle_projects, unsettle
from accrete.derive.rest import Rests
from accrete.derive.session import derive_session
from accrete.derive.weeks import derive_weeks
from accrete.errors import AccreteError, place_of
from accrete.outcomes.kinds import RUNNING
from accrete.pricing.overrides import Overrides, parse_overrides
from accrete.record import store
from accrete.record.stored_facts import AUTOMATED_BY
from accrete.settings import Settings
from accrete.text.globs import fits

AT_ONCE = 40


def refresh(db: Database, person: int, settings: Settings, rests: Rests | None = None) -> int:
    """Derives all stale sessions, those that an older program derived, and those that share records
    with them;
    returns how many were stale. With `rests` those that rest stay stale. Some sessions at a time
    are one transaction, so being killed leaves the rest stale and nothing wrong."""
    _place_summaries(db, person)
    _apply_globs(db, person, settings)
    _close_old(db, person)
    resting = rests.resting() if rests is not None else set()
    derived_by = {
        session: version
        for session, version in db.run(
            "SELECT id, derived_version FROM session WHERE person = ? AND (stale = 1 OR "
            "derived_version < ?)",
            (person, DERIVED_VERSION),
        )
        if session not in resting
    }
    if not derived_by:
        if not is_settled(db, person, settings):
            settle_projects(db, person, settings)
        derive_weeks(db, person)
        return 0
    settle(
        db,
        person,
        set(derived_by),
        {session for session, version in derived_by.items() if version < DERIVED_VERSION},
    )
    _derive_stale(db, person, settings, resting, rests, AT_ONCE)
    settle_projects(db, person, settings)
    derive_weeks(db, person)
    return len(derived_by)


def refresh_within(db: Database, person: int, settings: Settings) -> None:
    """Derives the stale sessions of a part, of whose records all copies may be in it: their owners
    first. What is about all sessions, their projects and weeks, waits for the record."""
    stale = {
        session
        for (session,) in db.run("SELECT id FROM session WHERE person = ? AND stale = 1", (person,))
    }
    if stale:
        settle(db, person, stale, set())
        _derive_stale(db, person, settings, set(), None, 1)


def _derive_stale(
    db: Database,
    person: int,
    settings: Settings,
    resting: set[str],
    rests: Rests | None,
    at_once: int,
) -> None:
    """Derives all stale sessions but those that rest, after their owners; `at_once` of them in a
    transaction."""
    prices = _prices(settings)
    while group := db.run(
        f"""SELECT id FROM session WHERE person = ? AND (stale = 1 OR derived_version < ?)
        AND id NOT IN ({", ".join("?" * len(resting)) or "''"})
        ORDER BY started_at DESC NULLS FIRST, id LIMIT ?""",
        (person, DERIVED_VERSION, *sorted(resting), at_once),
    ):
        with db.transaction():
            shared = shared_ones(db, person, [session for (session,) in group])
            for (session,) in group:
                _derive(db, settings, person, session, session in shared, prices, rests)
            unsettle(db, person)


def refresh_unshared(
    db: Database, person: int, settings: Settings, sessions: set[str], rests: Rests | None = None
) -> int:
    """Derives those of these sessions that share no record with another, in one transaction;
    returns how many.
    Whoever shares stays stale: another copy may come yet, and each is to be derived once. So does
    who rests."""
    sessions = sessions - rests.resting() if rests is not None else sessions
    prices = _prices(settings)
    with db.transaction():
        alone = settle_alone(db, person, sessions)
        for session in sorted(alone):
            _derive(db, settings, person, session, False, prices, rests)
        if alone:
            unsettle(db, person)
    return len(alone)


def _apply_globs(db: Database, person: int, settings: Settings) -> None:
    """The sessions to which the folders of the setting `automated` say something else than before
    become stale."""
    said = store.fact(db, person, AUTOMATED_BY)
    now = json.dumps(settings.automated)
    if (said or "[]") == now:
        return
    before = json.loads(said or "[]")
    rows = db.run("SELECT id, cwd FROM session WHERE person = ? AND cwd IS NOT NULL", (person,))
    changed = [
        session for session, cwd in rows if _first(before, cwd) != _first(settings.automated, cwd)
    ]
    with db.transaction():
        store.mark_stale(db, person, changed)
        store.set_fact(db, person, AUTOMATED_BY, now)


def _close_old(db: Database, person: int) -> None:
    """Sessions that seemed to run, and of which hooks say nothing more while a day of others
    passed, become stale."""
    rows = db.run(
        """SELECT s.id, MAX(h.at) FROM session s
        JOIN hook_event h ON h.person = s.person AND h.session = s.id
        WHERE s.person = ? AND s.outcome IS NULL AND s.outcome_reason = ? GROUP BY s.id""",
        (person, RUNNING),
    )
    if not rows:
        return
    ((newest,),) = db.run("SELECT MAX(at) FROM hook_event WHERE person = ?", (person,))
    with db.transaction():
        store.mark_stale(
            db, person, [session for session, last in rows if newest - last >= OPEN_MS]
        )


def _first(globs: Iterable[str], folder: str) -> str | None:
    return next((glob for glob in globs if fits(glob, folder)), None)


_NOT_BY_SUMMARY = """t.kind = 'summary_title' AND COALESCE(s.title, '') <> t.text
AND COALESCE(s.title_source, 'prompt') NOT IN ('own', 'custom_title', 'ai_title', 'agent_name')
AND s.stale = 0"""
_SUMMED_UP = f"""SELECT s.id FROM event t CROSS JOIN session s WHERE t.person = ? AND t.parent = ?
    AND s.person = t.person AND {_NOT_BY_SUMMARY} AND EXISTS (SELECT 1 FROM event l
  WHERE l.person = s.person AND l.session = s.id AND l.agent = '' AND l.uuid = t.parent)"""
_ALL_SUMMED_UP = f"""SELECT s.id FROM event l CROSS JOIN event t
JOIN session s ON s.person = l.person AND s.id = l.session
WHERE l.person = ? AND l.agent = '' AND t.person = l.person AND t.parent = l.uuid
    AND {_NOT_BY_SUMMARY}"""


def _place_summaries(db: Database, person: int) -> None:
    """Sessions that a summary was stored for, in whatever file, have it as their title, unless a
    better one was given; nothing else of them goes by it. Stale ones get theirs as they are
    derived."""
    records = store.waiting_summaries(db, person)
    if records == []:
        return
    asked = (
        [(_ALL_SUMMED_UP, (person,))]
        if records is None
        else [(_SUMMED_UP, (person, uuid)) for uuid in records]
    )
    with db.transaction():
        sessions = {session for sql, values in asked for (session,) in db.run(sql, values)}
        store.update_rows(
            db,
            "session",
            ("person", "id"),
            ("title", "title_source"),
            [
                (title, "summary", person, session)
                for session in sorted(sessions)
                if (title := summary_title(db, (person, session)))
            ],
        )
        store.mark_changed(db, person, sessions)
        store.clear_summaries(db, person)


def _derive(db: Database, settings: Settings, person: int, session: str, shared: bool,
            prices: Overrides | None, rests: Rests | None) -> None:  # fmt: skip
    """One session; a fault of ours in it leaves its figures as they were, is noted for `accrete
    doctor`, and keeps no other session from being derived."""
    began = time.monotonic()
    try:
        with db.savepoint():
            derive_session(db, person, session, shared=shared, prices=prices, settings=settings)
    except AccreteError:
        raise
    except Exception as error:
        store.mark_underivable(db, person, session, DERIVED_VERSION, place_of(error))
    if rests is not None:
        rests.derived(session, time.monotonic() - began)


def _prices(settings: Settings) -> Overrides | None:
    if not settings.model_pricing:
        return None
    try:
        return parse_overrides(settings.model_pricing)
    except ValueError as error:
        raise AccreteError(f"{settings.home / 'config.json'}: modelPricing: {error}") from error
