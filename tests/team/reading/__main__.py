"""`python -m tests.team.reading --write` writes down what pages say to whom; review the
difference."""

from __future__ import annotations

from pathlib import Path

from tests.team.reading.shown import every_page
from tests.written import write

WRITTEN = Path(__file__).parent / "pages"

if __name__ == "__main__":
    write("tests.team.reading", __doc__, WRITTEN, every_page)
