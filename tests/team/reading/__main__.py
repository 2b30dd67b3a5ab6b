"""`python -m tests.team.reading --write` writes down what pages say to whom; review the
difference."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.team.reading.shown import every_page

WRITTEN = Path(__file__).parent / "pages"


def main() -> None:
    """Writes every file."""
    parser = argparse.ArgumentParser(prog="python -m tests.team.reading", description=__doc__)
    parser.add_argument("--write", action="store_true", required=True, help="write every file")
    parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = dict(every_page(Path(folder)))
    for name, text in made.items():
        (WRITTEN / f"{name}.txt").write_text(text, "utf-8")
    print(f"{len(made)} files written")


if __name__ == "__main__":
    main()
