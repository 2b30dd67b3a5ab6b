"""A session is worked out as it would be alone, whatever else the record holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from accrete.database import Sqlite
from accrete.ingest import ingest
from accrete.record import notes
from accrete.settings import Settings
from tests.derive.test_weeks import shown
from tests.practices.examples import EXAMPLES
from tests.records import kept, record
from tests.transcripts import START, Transcript

pytestmark = pytest.mark.long


def of_session(settings: Settings, session: str) -> dict[str, list[Any]]:
    """The rows of a session in every table."""
    return {
        table: [row for row in found if session in row] for table, found in record(settings).items()
    }


def made() -> list[Transcript]:
    """Sessions of every practice in folders of their own, each with something that others lack."""
    found = [
        shown(n, name, START + n * 3_600_000, f"/home/dev/demo{n}")
        for n, name in enumerate(sorted(EXAMPLES), 1)
    ]
    for n, t in enumerate(found):
        if n % 2:
            t.prompt("[Request interrupted by user]")
        if n % 3 == 0:
            t.lines.append({"type": "ai-title", "aiTitle": f"Title {n}", "sessionId": t.session})
    return found


def test_other_sessions_of_a_record_change_nothing_of_one(settings, tmp_path):
    together = made()
    kept(settings, *together)
    titled = together[1].session
    db = Sqlite(settings.database)
    notes.title(db, 1, titled, "Mine", 1)
    db.run("UPDATE session SET stale = 1")
    db.close()
    ingest(settings)
    for n, t in enumerate(made()):
        folder = tmp_path / f"alone{n}"
        alone = replace(settings, home=folder / "data", roots=(folder / "claude",))
        kept(alone, t)
        if t.session == titled:
            db = Sqlite(alone.database)
            notes.title(db, 1, titled, "Mine", 1)
            db.close()
            ingest(alone)
        assert of_session(settings, t.session) == of_session(alone, t.session)
