"""What came of a session of some steps."""

from __future__ import annotations

from accrete.settings import Settings
from tests.practices.examples import session
from tests.records import kept, rows


def came(settings: Settings, *steps: tuple, **common: str) -> tuple[str, int, int]:
    """(outcome, commits, unconfirmed commits) of a session of these steps."""
    kept(settings, session(("say", "Ship it"), *steps, **common))
    (found,) = rows(settings, "SELECT outcome, commits, commits_unconfirmed FROM session")
    return found
