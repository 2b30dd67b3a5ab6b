"""How time and memory grow with the number of sessions: every question, every page of the explorer,
and deriving one session again.

    python benchmarks/growth.py [--sizes 1000,10000,100000] [--only WORDS] [--keep FOLDER]

A hundred made sessions over half a year are read once. Larger records are copies of their facts
under other ids on the same days, without events and texts (grown.py), so a search finds the same in
each. Each kind is measured in a process of its own, with a processor's time, so that a busy machine
changes little. The exponent is the slope of the logarithms of time and size over the last two
sizes: 1 is in proportion, n log n is 1.1 from 10,000 to 100,000.

A record of 100 MB does not fit into the processor's cache where one of 10 MB does, and the same
work takes longer there. So a question whose time grows a little faster is judged by the steps of
SQLite's machine where it takes many; a sort, a search and what Python does take few.

The exit code is 1 where something takes more than SHORT_MS and is judged to grow faster than
n log n, a page does not answer, or the memory of pages or of deriving is not flat. What answers
with a row for each session takes memory for each of them: of questions the peak is shown only.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOTS = (HERE, HERE.parent, HERE.parent / "hooks", HERE.parent / "mcp_server")
sys.path[:0] = [str(each) for each in ROOTS if str(each) not in sys.path]

from grown import grow  # noqa: E402

SEEDS = 100
"""Made sessions that the larger records are copies of."""
DAYS = 180
SHORT_MS = 20.0
"""Below it a time says more of the machine than of the growth."""
TOLERANCE = 0.15
"""How far an exponent may lie above that of n log n: times vary."""
FLAT_MB = 48.0
"""How much more memory pages and deriving may take in the largest record than in the smallest."""
TIMES = 3
KINDS = ("questions", "pages", "derive")
PAGES = ("/", "/?range=all", "/?range=year", "/sessions?range=all", "/sessions?range=all&sort=cost",
         "/practices?range=all", "/practices/verification?range=all", "/costs?range=all",
         "/costs?range=all&by=session", "/costs?range=all&by=model", "/projects?range=all",
         "/search?range=all&q=total", "/data", "/numbers", "/settings", "/keys",
         "/sessions/{one}", "/sessions/{one}/changes", "/sessions/{one}/facts")  # fmt: skip


def seed(folder: Path) -> None:
    """Reads the made sessions into a record in a folder."""
    from tests.explorer.worked import worked
    from tests.records import kept

    made = (
        worked(n, days=n * DAYS / SEEDS, cwd=f"/home/dev/part-{n % 12}", commit=n % 3 > 0,
               checks=(n % 4 > 0,) * (n % 3), edits=(f"src/{n % 7}.py",) * (n % 2))
        for n in range(1, SEEDS + 1)
    )  # fmt: skip
    kept(settings_of(folder), *made)


def settings_of(folder: Path):
    """The settings of a record in a folder."""
    from accrete.settings import Settings

    folder.mkdir(parents=True, exist_ok=True)
    return Settings(home=folder, roots=(folder / "claude",))


def timed(work: Callable[[], object]) -> float:
    """Milliseconds of the processor, the least of some runs; one where a run is long."""
    took = []
    while len(took) < TIMES and sum(took) < 3000:
        before = time.process_time()
        work()
        took.append((time.process_time() - before) * 1000)
    return min(took)


STEPS_AT_ONCE = 1000
FEW_STEPS = 100
"""So few thousands tell nothing of the growth."""
CACHED = 0.25
"""How far an exponent may lie above what is allowed where the steps grow no faster."""
STEPS = "steps of "
"""What stands before a question's name where its steps are told."""


def questions(folder: Path, only: str) -> Iterator[tuple[str, float]]:
    """Every question that tests know of; and of each the thousands of steps of SQLite's machine."""
    from accrete.database import Sqlite
    from tests.queries.asked import EVERY, scope_for

    db = Sqlite(folder / "accrete.db", readonly=True)
    for name, (_, asked) in EVERY.items():
        if only in name:
            question = asked(scope_for(name, 1), "sqlite")
            yield name, timed(lambda question=question: db.ask(question))
            yield STEPS + name, steps(db, question)
    db.close()


def steps(db, question) -> float:
    """How many thousands of steps SQLite's machine takes for a question."""
    taken = 0

    def one() -> None:
        nonlocal taken
        taken += 1

    db.connection.set_progress_handler(one, STEPS_AT_ONCE)
    db.ask(question)
    db.connection.set_progress_handler(None, STEPS_AT_ONCE)
    return float(taken)


def pages(folder: Path, only: str) -> Iterator[tuple[str, float]]:
    """Every page of the explorer, without its compression, and with as much time as it takes."""
    from accrete.database import serving
    from tests.explorer.asking import locked
    from tests.transcripts import session_id

    serving.READ_S = 600.0  # the processor's time is judged, on a busy machine too
    client, keys = locked(settings_of(folder))
    with client:
        client.get(f"/open?token={keys.token()}")
        for path in PAGES:
            path = path.format(one=session_id(1))
            if only not in path:
                continue

            if client.get(path).status_code != 200:
                yield path, math.inf
            else:
                yield path, timed(lambda path=path: client.get(path))


def derive(folder: Path, only: str) -> Iterator[tuple[str, float]]:
    """One session that something was added to."""
    from accrete.derive.refresh import refresh
    from accrete.ingest import open_for_writing
    from accrete.record.store import mark_stale
    from tests.transcripts import session_id

    settings = settings_of(folder)
    db = open_for_writing(settings)

    def work() -> None:
        mark_stale(db, 1, [session_id(1)])
        refresh(db, 1, settings)

    if only in "one session":
        work()  # what copies made stale goes first
        yield "one session", timed(work)
    db.close()


def measure(folder: Path, kind: str, only: str) -> tuple[dict[str, float], float]:
    """Milliseconds by name, and the peak of memory in MB, of a process of its own."""
    command = [sys.executable, __file__, "--measure", str(folder), "--kind", kind, "--only", only]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{kind} of {folder.name}: {done.stderr.strip()[-600:]}")
    found, peak = json.loads(done.stdout.splitlines()[-1])
    return found, peak


def slope(sizes: list[int], values: list[float]) -> float:
    """The exponent over the last two sizes."""
    (a, b), (x, y) = sizes[-2:], (min(max(each, 0.05), 1e9) for each in values[-2:])
    return math.log(y / x) / math.log(b / a)


def allowed(sizes: list[int]) -> float:
    """The exponent of n log n over the last two sizes, and what times may vary by."""
    a, b = sizes[-2:]
    return slope(sizes, [1.0] * (len(sizes) - 2) + [a * math.log(a), b * math.log(b)]) + TOLERANCE


def judged(kind: str, sizes: list[int], found: dict[str, list[float]], peaks: list[float]
           ) -> list[str]:  # fmt: skip
    """Prints the curves of a kind; what grows too fast."""
    bad = []
    print(f"\n{kind:34}" + "".join(f"{size:>12,}" for size in sizes) + "    exponent")
    timed_ones = {name: values for name, values in found.items() if not name.startswith(STEPS)}
    for name, values in sorted(timed_ones.items(), key=lambda each: -each[1][-1]):
        exponent = slope(sizes, values)
        said = ""
        if math.isinf(values[-1]):
            bad.append(f"{name}: no answer")
        elif values[-1] > SHORT_MS and exponent > allowed(sizes):
            of_steps = found.get(STEPS + name, [0.0])
            spared = of_steps[-1] >= FEW_STEPS and slope(sizes, of_steps) <= allowed(sizes)
            if not spared or exponent > allowed(sizes) + CACHED:
                bad.append(f"{name}: n^{exponent:.2f}")
                said = "  too fast"
            else:
                said = f", of steps {slope(sizes, of_steps):.2f}"
        curve = "".join(
            f"{value:9.1f} ms" if value < math.inf else "   no answer" for value in values
        )
        print(f"{name:34}{curve} {exponent:11.2f}{said}")
    if kind != "questions" and peaks[-1] > peaks[0] + FLAT_MB:
        bad.append(f"memory of {kind}: {peaks[0]:.0f} to {peaks[-1]:.0f} MB")
    print(f"{'peak of memory':34}" + "".join(f"{peak:9.0f} MB" for peak in peaks))
    return bad


def main() -> int:
    """Prints the curves."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--only", default="", help="what has these words in its name")
    parser.add_argument("--keep", type=Path, help="where records are kept for the next run")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--kind", choices=KINDS, help="one of them")
    given = parser.parse_args()
    if given.measure is not None:
        found = dict(globals()[given.kind](given.measure, given.only))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps([found, peak / (1 << 20 if sys.platform == "darwin" else 1024)]))
        return 0
    sizes = [int(each) for each in given.sizes.split(",")]
    if len(sizes) < 2 or any(size % SEEDS for size in sizes):
        parser.error(f"--sizes: give two or more multiples of {SEEDS}")
    with tempfile.TemporaryDirectory() as scratch:
        os.environ |= {"HOME": scratch, "TZ": "UTC", "CLAUDE_CONFIG_DIR": f"{scratch}/claude"}
        folder = given.keep or Path(scratch, "records")
        records = {size: folder / str(size) for size in sizes}
        if not (folder / "seed" / "accrete.db").exists():
            seed(folder / "seed")
        for size, record in records.items():
            if not record.exists():
                grow(folder / "seed", record, size // SEEDS)
        bad = []
        for kind in (given.kind,) if given.kind else KINDS:
            told = [measure(record, kind, given.only) for record in records.values()]
            curves = {name: [found[name] for found, _ in told] for name in told[0][0]}
            if curves:
                bad += judged(kind, sizes, curves, [peak for _, peak in told])
    print("\n" + ("Grows too fast: " + "; ".join(bad) if bad else "Nothing grows too fast."))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
