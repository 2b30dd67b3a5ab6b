"""Upgrades a record of real transcripts that the program of version 0.1.0 wrote, and compares it
with a first reading.

    python benchmarks/upgrade.py FOLDER [FOLDER ...]      # config folders, or folders of them

Each folder is upgraded twice: with every transcript still there, where all rows must be equal, and
with a random half of them deleted, where all that the rest says must be in the record. Prints
seconds beside a first reading; exit code 1 where anything differs.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from accrete.ingest import ingest
from accrete.settings import Settings
from tests.records import ingest_with_the_first, other, record
from tests.upgraded import captured, known_better, remove_half


def upgraded(root: Path, place: Path, *, halve: bool) -> tuple[list[str], float, float]:
    """(tables that differ, seconds of the upgrade, seconds of a first reading)."""
    shutil.copytree(root, place / "claude")
    settings = Settings(home=place / "data", roots=(place / "claude",), zone="UTC")
    ingest_with_the_first(settings)
    if halve:
        remove_half(place / "claude", random.Random(4))
    clean = other(settings, "clean")
    began = time.monotonic()
    ingest(settings)
    middle = time.monotonic()
    ingest(clean)
    ended = time.monotonic()
    if halve:
        mine, fresh, better = captured(settings), captured(clean), known_better(settings)
        wrong = [
            t
            for t, rows in fresh.items()
            if {r for r in rows - mine[t] if t != "response" or r[1] not in better}
        ]
    else:
        whole, first = record(settings), record(clean)
        wrong = [table for table in whole if whole[table] != first[table]]
    return wrong, middle - began, ended - middle


def main(folders: list[Path]) -> int:
    """Prints a line a folder; 1 where anything differs."""
    roots = [
        root
        for folder in folders
        for root in ([folder] if (folder / "projects").is_dir() else sorted(folder.iterdir()))
        if root.is_dir()
    ]
    bad = 0
    for root in roots:
        for halve in (False, True):
            with tempfile.TemporaryDirectory() as place:
                wrong, took, first = upgraded(root, Path(place), halve=halve)
            bad += bool(wrong)
            said = f"differs in {', '.join(wrong)}" if wrong else "equal"
            print(
                f"{root.name:40} {'half deleted' if halve else 'whole':12} {took:6.2f} s "
                f"({first:.2f} s first) {said}"
            )
    print(f"{len(roots)} folders, {bad} of {2 * len(roots)} upgrades differ")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]]))
