"""The edge of a local record: its one person, who may see all of it."""

from __future__ import annotations

from dataclasses import replace

from accrete.model import Tier
from accrete.queries.scope import Scope

ME = 1
MINE = Scope((ME,), tier=Tier.METADATA)
"""All of one's own rows, kept at whatever tier."""


def about(session: str) -> Scope:
    """One session of one's own."""
    return replace(MINE, session=session)
