"""`python -m tests.explorer.reading --write` writes the pages down; review the difference."""

from __future__ import annotations

from pathlib import Path

from tests.explorer.reading.record import every_page, settings_in
from tests.written import write

PAGES = Path(__file__).parent / "pages"

if __name__ == "__main__":
    write("tests.explorer.reading", __doc__, PAGES, lambda folder: every_page(settings_in(folder)))
