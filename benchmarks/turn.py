"""What one more turn costs in a long session: does it grow with what was read before?

`python benchmarks/turn.py` (a minute), `--lines 6000,60000`. Sessions of these lengths are made,
with prompts, thoughts, calls and their results, and read. Then turns are added to each of them in
turn, and each is read as the hook at the end of a turn has it read; what is shown is the time of
that ingest without the start of Python. The figures of a long session are derived seldom
(`accrete/derive/rest.py`); how long that takes, and how often it happens at most, stands beside.

Exits with 1 where a turn takes longer than GOAL_S in the longest session. Nothing of this machine
is read or changed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from accrete.derive.rest import FELT_S, RESTS
from accrete.ingest import ingest
from accrete.ingest.background import background
from accrete.settings import Settings
from tests.transcripts import Transcript

GOAL_S = 0.15
CALLS = 6
"""Calls of one turn, three lines each."""
STEPS: tuple[tuple[str, dict[str, str], str], ...] = (
    ("Bash", {"command": "ls -l src"}, "total 4\n" + "-rw-r--r-- 1 dev dev 20 calc.py\n" * 4),
    (
        "Edit",
        {"file_path": "/home/dev/demo/calc.py", "old_string": "a", "new_string": "b"},
        "The file was changed.",
    ),
    ("Bash", {"command": "pytest -q"}, "2 passed in 0.10s"),
)


class Long:
    """A session of many lines, and how many seconds each further turn took."""

    def __init__(self, folder: Path, lines: int) -> None:
        self.lines = lines
        self.settings = Settings(home=folder / "data", roots=(folder / "claude",), zone="UTC")
        self.took: list[float] = []
        self.whole = 0.0
        self._t = Transcript(1)
        self._turns = 0
        while len(self._t.lines) < lines:
            self._turn()
        self._path = self._t.write(folder / "claude" / "projects")
        began = time.perf_counter()
        ingest(self.settings, jobs=0)
        self.first = time.perf_counter() - began

    def _turn(self) -> None:
        t, self._turns = self._t, self._turns + 1
        t.prompt(f"Please look at module {self._turns} and mend what is wrong with it.")
        for step in range(CALLS):
            name = f"{self._turns:012d}{step:06d}"
            tool, given, result = STEPS[step % len(STEPS)]
            thought = {"type": "thinking", "thinking": f"I look at part {step} of it."}
            t.answer(f"msg_{name}", blocks=[thought], stop=None)
            t.call(tool, given, message_id=f"msg_{name}", use=f"toolu_{name}")
            t.result(result, use=f"toolu_{name}")
        t.answer(f"msg_{self._turns:012d}{CALLS:06d}")

    def one_more(self) -> None:
        """Adds a turn to the file and reads it as the hook's ingest does."""
        before = len(self._t.lines)
        self._turn()
        with self._path.open("ab") as file:
            file.write(
                b"".join(json.dumps(line).encode() + b"\n" for line in self._t.lines[before:])
            )
        began = time.perf_counter()
        report = background(self.settings, at_once=False)
        self.took.append(time.perf_counter() - began)
        assert report.lines_parsed == len(self._t.lines) - before

    def derive(self) -> None:
        """Derives the whole session, as happens when it is due."""
        began = time.perf_counter()
        background(self.settings)
        self.whole = time.perf_counter() - began


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", default="6000,60000")
    parser.add_argument("--turns", type=int, default=7)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = [Long(Path(folder) / str(n), n) for n in map(int, given.lines.split(","))]
        for each in measured:  # the first after a backfill derives
            each.one_more()
            each.took.clear()
        for _ in range(given.turns):
            for each in measured:
                each.one_more()
        for each in measured:
            each.derive()
    print(f"{'lines':>7} {'first reading':>15} {'one more turn':>15} {'whole derivation':>18}")
    for each in measured:
        rest = f", at most every {RESTS * each.whole:.0f} s" if each.whole >= FELT_S else ""
        print(
            f"{each.lines:7,} {each.first:13.2f} s "
            f"{statistics.median(each.took):13.3f} s {each.whole:16.2f} s{rest}"
        )
    shortest, longest = (statistics.median(each.took) for each in (measured[0], measured[-1]))
    print(
        f"a turn takes {longest / shortest:.1f} × as long "
        f"in the longest as in the shortest; goal {GOAL_S} s"
    )
    raise SystemExit(longest > GOAL_S)


if __name__ == "__main__":
    main()
