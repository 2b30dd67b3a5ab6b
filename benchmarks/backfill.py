"""Measures `accrete backfill` on a made corpus beside two limits: python benchmarks/backfill.py
--gb 1"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus import made_with
from measure import Run, run

from accrete.database import Sqlite
from accrete.database.long_texts import LONG_TEXTS

HERE = Path(__file__).resolve().parent
ACCRETE = (sys.executable, "-m", "accrete")
REPEATS = 5


@dataclass(slots=True)
class Bench:
    """Where corpora lie, and what was measured so far."""

    corpora: Path
    keep: bool
    scratch: Path
    results: dict[str, Any] = field(default_factory=dict)

    def corpus(self, gb: float) -> Path:
        """A corpus of that size: the kept one where it was made with the same arguments, else a new
        one."""
        folder = self.corpora / f"{gb:g}gb"
        truth = folder / "TRUTH.json"
        if truth.exists() and json.loads(truth.read_text(encoding="utf-8"))[
            "made_with"
        ] == made_with(gb, 1):
            return folder
        if folder.exists():
            shutil.rmtree(folder)
        made = run([sys.executable, str(HERE / "corpus.py"), str(folder), "--gb", str(gb)])
        size = json.loads(truth.read_text(encoding="utf-8"))["bytes"]
        self.results.setdefault("maker", {})[f"{gb:g}"] = {
            "seconds": made.seconds,
            "mb_per_second": size / 1e6 / made.seconds,
        }
        return folder

    def done_with(self, folder: Path) -> None:
        """Removes a corpus that is not to be kept."""
        if not self.keep:
            shutil.rmtree(folder)

    def accrete(self, data: Path, *arguments: str) -> Run:
        """A whole `accrete` command on a data folder, with an empty home, so that it sees nothing
        of this machine."""
        home = self.scratch / "home"
        home.mkdir(exist_ok=True)
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ACCRETE", "CLAUDE", "XDG_"))
        }
        kept |= {
            "HOME": str(home),
            "CLAUDE_CONFIG_DIR": str(home / "claude"),
            "ACCRETE_HOME": str(data),
        }
        kept["PYTHONPATH"] = str(HERE.parent)
        return run([*ACCRETE, *arguments], kept, self.scratch)


def warm(folder: Path) -> None:
    """Reads all files once, so that what follows finds them in the page cache, whichever comes
    first."""
    run([sys.executable, str(HERE / "limits.py"), "read", str(folder)])


def limits(bench: Bench, folder: Path) -> None:
    """Limit A, reading alone, and limit B, decoding alone; each by one process."""
    warm(folder)
    for name, kind in (("limit_a", "read"), ("limit_b", "decode")):
        done = run([sys.executable, str(HERE / "limits.py"), kind, str(folder)])
        told = json.loads(done.output)
        bench.results[name] = _speed(done.seconds, told["bytes"], done.peak)


def first_backfill(bench: Bench, folder: Path, data: Path) -> dict[str, Any]:
    """A backfill into an empty data folder."""
    done = bench.accrete(data, "backfill", "--json", "--path", str(folder))
    told = json.loads(done.output)
    found = _speed(done.seconds, told["bytes_read"], done.peak)
    found |= {"lines_parsed": told["lines_parsed"], "files": told["files"]}
    found["database_bytes"] = sum(path.stat().st_size for path in data.iterdir() if path.is_file())
    return found


def later_backfills(bench: Bench, folder: Path, data: Path) -> None:
    """The same command with nothing new, and with one new line; the corpus is put back as it
    was."""
    bench.results["nothing_new"] = _again(bench, folder, data)
    path = min((folder / "projects").glob("*/*.jsonl"))
    before = path.stat()
    line = {
        "type": "system",
        "subtype": "informational",
        "content": "one more",
        "uuid": "0" * 8 + "-0000-4000-a000-" + "0" * 12,
    }
    line |= {"sessionId": path.stem, "timestamp": "2026-11-20T00:00:00.000Z"}
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        bench.results["one_line"] = _again(bench, folder, data)
    finally:
        os.truncate(path, before.st_size)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _again(bench: Bench, folder: Path, data: Path) -> dict[str, Any]:
    done = bench.accrete(data, "backfill", "--json", "--path", str(folder))
    return {
        "seconds": done.seconds,
        "peak_bytes": done.peak,
        "lines_parsed": json.loads(done.output)["lines_parsed"],
    }


def questions(bench: Bench, data: Path) -> None:
    """Whole commands that ask, the median of five."""
    for name in ("overview", "cost"):
        bench.results[name] = {
            "seconds": statistics.median(bench.accrete(data, name).seconds for _ in range(REPEATS))
        }


def peer(bench: Bench, folder: Path) -> None:
    """The same corpus by agentsview, where it is installed, offline and without its daemon: its
    time and the size of its database."""
    program = shutil.which("agentsview") or shutil.which(
        "agentsview", path=Path(sys.executable).parent
    )
    if program is None:
        bench.results["peer"] = None
        return
    data, home = bench.scratch / "peer", bench.scratch / "peer-home"
    home.mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "AGENTSVIEW_DATA_DIR": str(data),
        "CLAUDE_PROJECTS_DIR": str(folder / "projects"),
        "AGENTSVIEW_NO_DAEMON": "1",
        "DO_NOT_TRACK": "1",
    }
    done = run([program, "sync"], environment, bench.scratch)
    size = json.loads((folder / "TRUTH.json").read_text(encoding="utf-8"))["bytes"]
    bench.results["peer"] = _speed(done.seconds, size, done.peak) | {
        "database_bytes": sum(path.stat().st_size for path in data.rglob("*") if path.is_file())
    }
    shutil.rmtree(data)


def check(bench: Bench, folder: Path, data: Path) -> None:
    """Holds the counts that accrete states against what the maker made, and looks for planted
    credentials."""
    truth = json.loads((folder / "TRUTH.json").read_text(encoding="utf-8"))
    told = json.loads(bench.accrete(data, "doctor", "--counts", "--json").output)
    expected = dict(_leaves(truth["counts"]))
    found = dict(_leaves(told.get("counts", told)))
    wrong = {
        name: [number, found.get(name)]
        for name, number in expected.items()
        if found.get(name) != number
    }
    bench.results["truth"] = {"compared": len(expected), "wrong": wrong}
    bench.results["secrets"] = {
        "planted": truth["secrets"]["planted"],
        "left": _marks(data, truth["secrets"]["mark"].encode()),
    }


def _leaves(tree: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{above}{name}.")
        else:
            yield above + name, value


def _marks(data: Path, mark: bytes) -> int:
    """How often the mark stands in the files of a data folder, and in long texts, which are
    compressed there."""
    db = Sqlite(data / "accrete.db", readonly=True)
    found = sum(
        text.lower().encode().count(mark)
        for table, names in LONG_TEXTS.items()
        for name in names
        for (text,) in db.run(f"SELECT {name} FROM {table} WHERE typeof({name}) = 'blob'")
    )
    db.close()
    for path in sorted(data.iterdir()):
        if path.is_file():
            with path.open("rb") as file:
                end = b""
                while chunk := file.read(1 << 20):
                    text = end + chunk.lower()
                    found += text.count(mark)
                    end = text[1 - len(mark) :]
    return found


def flatness(bench: Bench, sizes: list[float]) -> None:
    """Seconds per GB of a backfill into an empty folder, size by size."""
    rows = bench.results.setdefault("flatness", {})
    for gb in sizes:
        folder, data = bench.corpus(gb), bench.scratch / f"data-{gb:g}"
        data.mkdir()
        warm(folder)
        found = first_backfill(bench, folder, data)
        rows[f"{gb:g}"] = {
            name: found[name] for name in ("seconds_per_gb", "peak_bytes", "database_bytes")
        }
        shutil.rmtree(data)
        bench.done_with(folder)


def _speed(seconds: float, size: int, peak: int) -> dict[str, Any]:
    return {
        "seconds": seconds,
        "bytes": size,
        "seconds_per_gb": seconds / size * 1e9,
        "mb_per_second": size / 1e6 / seconds,
        "peak_bytes": peak,
    }


def measure(
    bench: Bench, gb: float, sizes: list[float], limits_only: bool, with_peer: bool
) -> None:
    """All measures, into bench.results."""
    bench.results["machine"] = {
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
    }
    folder, data = bench.corpus(gb), bench.scratch / "data"
    truth = json.loads((folder / "TRUTH.json").read_text(encoding="utf-8"))
    bench.results["corpus"] = {
        "bytes": truth["bytes"],
        "files": truth["counts"]["files"]["all"],
        "lines": truth["counts"]["lines"],
    }
    limits(bench, folder)
    if not limits_only:
        data.mkdir()
        bench.results["backfill"] = first_backfill(bench, folder, data)
        check(bench, folder, data)
        later_backfills(bench, folder, data)
        questions(bench, data)
        shutil.rmtree(data)
        if with_peer:
            peer(bench, folder)
    bench.done_with(folder)
    if sizes and not limits_only:
        flatness(bench, sizes)


def table(results: dict[str, Any]) -> str:
    """The results as lines of text: measure, figure, goal."""
    rows: list[tuple[str, str, str]] = []
    made, machine = results["corpus"], results["machine"]
    rows.append(
        (
            "corpus",
            f"{made['bytes'] / 1e6:.0f} MB, {made['files']} files, {made['lines']} lines",
            "",
        )
    )
    rows.append(
        (
            "machine",
            f"{machine['cores']} cores, Python {machine['python']}, "
            f"{machine['system']} {machine['machine']}",
            "",
        )
    )
    for gb, maker in results.get("maker", {}).items():
        rows.append(
            (f"maker, {gb} GB", f"{maker['seconds']:.1f} s, {maker['mb_per_second']:.0f} MB/s", "")
        )
    for name, title, goal in (
        ("limit_a", "limit A: reading", ""),
        ("limit_b", "limit B: msgspec decoding", ""),
        ("backfill", "backfill", "20 s/GB, 150 MB"),
    ):
        if name in results:
            r = results[name]
            rows.append(
                (
                    title,
                    f"{r['seconds_per_gb']:.2f} s/GB, "
                    f"{r['mb_per_second']:.0f} MB/s, peak {_mb(r['peak_bytes'])}",
                    goal,
                )
            )
    if "backfill" in results:
        rows += _accrete_rows(results)
    for gb, r in results.get("flatness", {}).items():
        rows.append(
            (
                f"backfill, {gb} GB",
                f"{r['seconds_per_gb']:.2f} s/GB, peak {_mb(r['peak_bytes'])}, "
                f"database {_mb(r['database_bytes'])}",
                "flat",
            )
        )
    width = max(len(row[0]) for row in rows)
    middle = max(len(row[1]) for row in rows)
    return "\n".join(
        f"{a:{width}}  {b:{middle}}  {'goal ' + c if c else ''}".rstrip() for a, b, c in rows
    )


def _accrete_rows(results: dict[str, Any]) -> list[tuple[str, str, str]]:
    whole, size = results["backfill"], results["backfill"]["database_bytes"]
    ratios = [
        whole["seconds_per_gb"] / results[name]["seconds_per_gb"] for name in ("limit_a", "limit_b")
    ]
    rows = [
        ("  beside the limits", f"{ratios[0]:.1f} times A, {ratios[1]:.1f} times B", ""),
        ("  database", f"{_mb(size)}, {100 * size / whole['bytes']:.0f} % of the bytes read", ""),
    ]
    if "peer" in results:
        rows.append(("  beside agentsview", _beside(whole, results["peer"]), "0.8 of each"))
    for name, title, lines in (("nothing_new", "nothing new", 0), ("one_line", "one new line", 1)):
        r = results[name]
        rows.append(
            (
                title,
                f"{r['seconds']:.2f} s, {r['lines_parsed']} lines parsed, "
                f"peak {_mb(r['peak_bytes'])}",
                f"0.3 s, {lines} parsed",
            )
        )
    rows += [(name, f"{results[name]['seconds']:.2f} s", "0.3 s") for name in ("overview", "cost")]
    truth, secrets = results["truth"], results["secrets"]
    rows.append(
        (
            "counts against TRUTH.json",
            f"{truth['compared']} compared, {len(truth['wrong'])} differ",
            "0 differ",
        )
    )
    rows += [
        (f"  {name}", f"made {made}, told {told}", "")
        for name, (made, told) in truth["wrong"].items()
    ]
    rows.append(
        (
            "planted credentials",
            f"{secrets['planted']} planted, marks left in the data folder: {secrets['left']}",
            "0 left",
        )
    )
    return rows


def _beside(whole: dict[str, Any], peer: dict[str, Any] | None) -> str:
    if peer is None:
        return "not installed: pip install agentsview==0.46.1"
    time, size = (whole[name] / peer[name] for name in ("seconds", "database_bytes"))
    return (
        f"{time:.2f} of its {peer['seconds']:.1f} s, {size:.2f} of its "
        f"{_mb(peer['database_bytes'])}"
    )


def _mb(size: float) -> str:
    return f"{size / 1e6:.0f} MB"


def main() -> None:
    """Measures and prints; exit code 1 when a count differs from the truth or a credential is
    left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--gb", type=float, default=1.0, help="size of the corpus in 10^9 bytes (1)"
    )
    parser.add_argument(
        "--sizes",
        default="",
        help="more sizes to backfill, as 0.1,1,4, to see whether time per GB stays flat",
    )
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="DIR",
        help="make the corpora there and keep them; used again the next time",
    )
    parser.add_argument(
        "--limits-only", action="store_true", help="the maker and the two limits alone"
    )
    parser.add_argument(
        "--peer", action="store_true", help="the same corpus by agentsview, where it is installed"
    )
    parser.add_argument("--json", action="store_true", dest="as_json")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="accrete-bench-") as scratch:
        corpora = given.keep or Path(scratch, "corpora")
        corpora.mkdir(parents=True, exist_ok=True)
        bench = Bench(corpora.resolve(), given.keep is not None, Path(scratch))
        measure(
            bench,
            given.gb,
            [float(size) for size in given.sizes.split(",") if size],
            given.limits_only,
            given.peer,
        )
    print(json.dumps(bench.results, indent=1) if given.as_json else table(bench.results))
    if bench.results.get("truth", {}).get("wrong") or bench.results.get("secrets", {}).get("left"):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
