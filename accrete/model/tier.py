"""How much of a person a field gives away; apart from the fields, since every question asks."""

from __future__ import annotations

from enum import IntEnum


class Tier(IntEnum):
    """How much of a person a field gives away, and so from which sync tier on it may leave the
    machine."""

    LOCAL = 0
    """Never leaves this machine."""
    METADATA = 1
    """Ids, days, counts, tokens, cost, flags, and names from the published lists
    (model/published_names.py)."""
    ACTIVITY = 2
    """Tool activity: paths, commands, patches, and names that a company gave."""
    WORDS = 3
    """What people and the model wrote."""
