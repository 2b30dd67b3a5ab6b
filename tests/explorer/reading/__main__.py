"""`python -m tests.explorer.reading --write` writes the pages down; review the difference."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.explorer.reading.record import every_page, settings_in

PAGES = Path(__file__).parent / "pages"


def main() -> None:
    """Writes every page."""
    parser = argparse.ArgumentParser(prog="python -m tests.explorer.reading", description=__doc__)
    parser.add_argument("--write", action="store_true", required=True, help="write every page")
    parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = dict(every_page(settings_in(Path(folder))))
    for path in PAGES.glob("*.txt"):
        if path.stem not in made:
            path.unlink()
    for name, text in made.items():
        (PAGES / f"{name}.txt").write_text(text, "utf-8")
    print(f"{len(made)} pages written")


if __name__ == "__main__":
    main()
