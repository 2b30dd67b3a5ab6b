"""How many examples a property is tried on: many more in `make torture`."""

from __future__ import annotations

import os

TIMES = 30


def examples(usual: int) -> int:
    """The number of examples in this run."""
    return usual * (TIMES if os.environ.get("ACCRETE_TORTURE") else 1)
