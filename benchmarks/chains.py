"""Does time per byte stay flat when sessions copy each other? Chains, stars and trees of 10 to
1,000 copies.

`python benchmarks/chains.py` (some minutes), `--quick` (under 30 s). Every resume and every
`/branch` copies the whole history, so a line of a chain's beginning stands in all later sessions,
and the sessions that hold the second stretch, the third, … are each time other ones: there the work
of finding each line's owner may grow faster than the bytes.

- chain: each session resumes the one before; star: all branch off one, each further along; tree:
  each is resumed by two others.
- A family has 10, 100 or 1,000 sessions. As many families are made as give `--mb` megabytes, so
  that what is compared is
  the size of families and not the start of a process. Histories are of some tens to some hundred
  lines. A chain of
  1,000 is 250 MB by itself: half a million lines, of which 1,000 are different.
- backfill: all files into an empty data folder, in one process.
- One more line: the next ingest, after a line was added to one file; the longest of three. To the
  newest session of a family
  that costs that session and a look at the files; to the oldest or one in the middle, which may
  lose what it owned by it,
  also a look at what it owned and at who comes next.
- Seconds are those of the processor: on a machine that others use too they are what compares. All
  µs/B are per byte of
  all files. The least of `--rounds` counts; the sizes take turns in each round.

Exits with 1 where a byte takes more than twice as long in the largest families as in the smallest.
Nothing of this machine is read or changed.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from accrete.ingest import ingest
from accrete.settings import Settings
from tests.lineages import chain, star, tree
from tests.transcripts import Transcript

FLAT = 2.0
"""How much longer a byte may take in the largest families than in the smallest."""

SHAPES: dict[str, tuple[Callable[..., Iterator[Transcript]], Callable[[int], int]]] = {
    "chain": (chain, lambda copies: max(1, 300 // copies)),
    "star": (star, lambda _: 30),
    "tree": (tree, lambda _: 12),
}
"""How a family is made, and how many lines each of its sessions adds."""


MEASURES = ("backfill", "newest", "oldest", "middle")


@dataclass(slots=True)
class Families:
    """Families of one shape and size below a folder, and what was measured of them: seconds of each
    round."""

    shape: str
    copies: int
    folder: Path
    families: int = 0
    size: int = 0
    newest: Transcript | None = None
    middle: Transcript | None = None
    oldest: Transcript | None = None
    seconds: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in MEASURES})

    @property
    def projects(self) -> Path:
        return self.folder / "claude" / "projects"

    def make(self, least: int) -> None:
        """Writes families until they have so many bytes."""
        shape, lines = SHAPES[self.shape]
        while self.size < least:
            for n, t in enumerate(
                shape(self.copies, lines(self.copies), first=1 + self.families * self.copies)
            ):
                self.size += t.write(self.projects).stat().st_size
                self.newest = t
                self.oldest = t if n == 0 else self.oldest
                self.middle = t if n == self.copies // 2 else self.middle
            self.families += 1

    def measure(self, round_: int) -> None:
        """One backfill into an empty data folder, and one more line of two sessions."""
        settings = Settings(
            home=self.folder / f"data-{round_}", roots=(self.folder / "claude",), zone="UTC"
        )
        self.seconds["backfill"].append(timed(settings))
        for name, t in (("newest", self.newest), ("oldest", self.oldest), ("middle", self.middle)):
            assert t is not None
            took = []
            for _ in range(3):
                self._add_line(t)
                took.append(timed(settings))
            self.seconds[name].append(max(took))
        shutil.rmtree(settings.home)

    def _add_line(self, t: Transcript) -> None:
        assert self.newest is not None
        t.now = self.newest.now = max(t.now, self.newest.now) + 1000
        t.prompt("One more line")
        with (self.projects / "-home-dev-demo" / f"{t.session}.jsonl").open("ab") as file:
            file.write(json.dumps(t.lines[-1]).encode() + b"\n")

    def per_byte(self, what: str) -> float:
        """Microseconds for each byte."""
        return min(self.seconds[what]) * 1e6 / self.size


def timed(settings: Settings) -> float:
    """Seconds of the processor that an ingest takes."""
    began = time.process_time()
    ingest(settings, jobs=0)
    return time.process_time() - began


def table(measured: list[Families]) -> bool:
    """Prints the figures; returns whether time per byte is flat."""
    flat = True
    print(
        f"{'':>14} {'copies':>7} {'families':>8} {'MB':>7}"
        + "".join(f" {what:>10} s {'µs/B':>8}" for what in measured[0].seconds)
    )
    for shape in SHAPES:
        of_shape = [each for each in measured if each.shape == shape]
        for each in of_shape:
            times = "".join(
                f" {min(took):12.2f} {each.per_byte(what):8.4f}"
                for what, took in each.seconds.items()
            )
            print(f"{shape:>14} {each.copies:7,} {each.families:8,} {each.size / 1e6:7.1f}{times}")
        for what in measured[0].seconds:
            grown = of_shape[-1].per_byte(what) / of_shape[0].per_byte(what)
            flat &= grown <= FLAT
            print(
                f"{'':>14} {what}: a byte takes {grown:.2f} × as long in families of "
                f"{of_shape[-1].copies:,} as of {of_shape[0].copies:,}"
            )
    print("flat" if flat else f"NOT flat: more than {FLAT} ×")
    return flat


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="10 and 100 copies, 2 MB each")
    parser.add_argument("--copies", help="sizes of families, as 10,100,1000")
    parser.add_argument("--mb", type=float, help="least megabytes of each size")
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    sizes = [
        int(n) for n in (given.copies or ("10,100" if given.quick else "10,100,1000")).split(",")
    ]
    least = int((given.mb or (2 if given.quick else 10)) * 1e6)
    with tempfile.TemporaryDirectory() as folder:
        measured = [
            Families(shape, n, Path(folder) / f"{shape}-{n}") for shape in SHAPES for n in sizes
        ]
        for each in measured:
            each.make(least)
        for round_ in range(given.rounds):
            for each in measured:
                each.measure(round_)
        flat = table(measured)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (
        1 if sys.platform == "darwin" else 1024
    )
    print(f"Peak memory of this process, which made the files too: {peak / 1e6:.0f} MB")
    raise SystemExit(not flat)


if __name__ == "__main__":
    main()
