"""`python -m tests.commands.reading --write` writes down what commands say; review the
difference."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.commands.reading.spoken import every_answer

WRITTEN = Path(__file__).parent / "said"


def main() -> None:
    """Writes every file."""
    parser = argparse.ArgumentParser(prog="python -m tests.commands.reading", description=__doc__)
    parser.add_argument("--write", action="store_true", required=True, help="write every file")
    parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = dict(every_answer(Path(folder)))
    for path in WRITTEN.glob("*.txt"):
        if path.stem not in made:
            path.unlink()
    for name, text in made.items():
        (WRITTEN / f"{name}.txt").write_text(text, "utf-8")
    print(f"{len(made)} files written")


if __name__ == "__main__":
    main()
