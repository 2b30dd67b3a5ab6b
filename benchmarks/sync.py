"""What the hourly sync costs where little changed: preparing it over 5,000 sessions, by comparing
all of them and by their marks.

    python benchmarks/sync.py [--sessions 5000] [--tier 3]

The record is made once and everything in it counts as sent. Then one session goes on, and both ways
prepare what is to be sent: the same session. Times are processor seconds of this process.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from accrete.database import Sqlite
from accrete.edge.local import MINE
from accrete.ingest import ingest, open_for_writing
from accrete.record import shared
from accrete.settings import Settings
from accrete.sync.choice import Choice, join
from accrete.sync.prepare import Leaving, changes, parcels
from benchmarks.team import transcript

GOAL = 10
"""How many times less the marks are to cost."""


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--sessions", type=int, default=5_000)
    given.add_argument("--tier", type=int, choices=[1, 2, 3], default=3)
    said = given.parse_args()
    choice = join("http://localhost", "acr_acme_" + "x" * 43, tier=said.tier)
    rng = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "claude"
        for n in range(1, said.sessions + 1):
            transcript(n, rng).write(root / "projects")
        settings = Settings(home=Path(folder) / "data", roots=(root,), zone="UTC")
        ingest(settings)
        db = open_for_writing(settings)
        try:
            first = cpu(lambda: as_sent(db, choice))
            more = transcript(1, rng)
            more.prompt("and one more")
            more.write(root / "projects")
            ingest(settings)
            marked = timed(db, choice, whole=False)
            whole = timed(db, choice, whole=True)
        finally:
            db.close()
    print(f"{said.sessions} sessions, tier {said.tier}: first {first:.1f} s; then with one changed")
    print(f"  by comparing all {whole:.2f} s, by marks {marked:.3f} s")
    print(f"  {whole / marked:.0f} times less (goal {GOAL})")
    sys.exit(whole / marked < GOAL)


def as_sent(db: Sqlite, choice: Choice) -> None:
    """Remembers all that is to be sent as taken by the server."""
    for parcel in parcels(db, MINE, choice, 0):
        with db.transaction():
            for each in parcel.leaving:
                for name, what in each.held.items():
                    shared.acknowledge(db, 1, each.shared.session, name, what, 0)
                done = (each.shared.session, each.change, each.basis)
                shared.found_equal(db, 1, [done])


def timed(db: Sqlite, choice: Choice, *, whole: bool) -> float:
    """The shortest of three: the machine may be busy with other things."""
    found: list[list[Leaving]] = []
    times = [
        cpu(lambda: found.append(list(changes(db, MINE, choice, whole=whole)))) for _ in range(3)
    ]
    assert [len(each) for each in found] == [1, 1, 1], [len(each) for each in found]
    return min(times)


def cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    main()
