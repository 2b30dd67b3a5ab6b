"""`python -m tests.corpus.kit --write` makes the cases; `--check` says whether the files are current."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.corpus.kit.build import stale, write

CORPUS = Path(__file__).resolve().parent.parent


def main() -> int:
    """Exit code 0 when the files are current, or were made so; 1 when they are not."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus.kit", description=__doc__)
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--write", action="store_true", help="write every case that the builders make")
    mode.add_argument("--check", action="store_true", help="say which files differ from what the builders make")
    given = parser.parse_args()
    differing = stale(CORPUS)
    if given.write:
        write(CORPUS)
        print(f"{len(differing)} files written" if differing else "nothing to write")
        return 0
    for path in differing:
        print(path)
    if differing:
        print(f"{len(differing)} files are not what the builders make; run with --write", file=sys.stderr)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
