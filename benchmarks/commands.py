"""How long whole commands take on a record, beside a bare interpreter:
python benchmarks/commands.py --record DATA_FOLDER

Each run of a command is paired with one of `python -I -S -c pass`, in turn, so that a busy machine
is busy for both. Time is that of the clock and of the processor; a ratio holds on any machine, a
time only on this one.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
BARE = (os.path.realpath(sys.executable), "-I", "-S", "-c", "pass")
RUNS = 9
GOALS = {"statusline": 60, "doctor": 300}
GOAL = 100
"""Milliseconds of the clock; of every command that is not in GOALS."""


class Took(NamedTuple):
    """Milliseconds of one run: up to its first line, to its end, and of the processor."""

    first: float
    whole: float
    processor: float


def timed(command: tuple[str, ...], env: dict[str, str], given: bytes = b"") -> Took:
    """One run of a command, which must end well."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    with subprocess.Popen(
        command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(given)
        child.stdin.close()
        child.stdout.read(1)
        first = time.perf_counter() - began
        child.stdout.read()
    whole = time.perf_counter() - began
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} failed ({child.returncode}).")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(first * 1000, whole * 1000, used * 1000)


def commands(record: Path) -> dict[str, tuple[tuple[str, ...], bytes]]:
    """What is run, and what is given on its standard input: each on the longest session where it
    is about one."""
    known = sqlite3.connect(f"file:{record}/accrete.db?mode=ro", uri=True)
    ((session,),) = known.execute(
        "SELECT id FROM session ORDER BY tool_calls DESC LIMIT 1"
    ).fetchall()
    known.close()
    seen = json.dumps({"session_id": session, "model": {"display_name": "Opus"}}).encode()
    names = ("overview", "sessions", "cost", "practices", "figures")
    asked = {name: ((name,), b"") for name in names}
    return asked | {
        "search": (("search", "error"), b""),
        "show": (("show", session), b""),
        "statusline": (("statusline",), seen),
        "doctor": (("doctor",), b""),
    }


def main() -> None:
    """Prints one line a command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", type=Path, required=True, help="a data folder with a record")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--only", help="one command")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        env = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "CLAUDE_CONFIG_DIR": str(Path(home, "claude")),
            "ACCRETE_HOME": str(given.record.resolve()),
            "PYTHONPATH": os.pathsep.join(
                str(HERE.parent / each) for each in ("", "hooks", "mcp_server")
            ),
        }
        print(f"{'command':12} {'median':>8} {'first line':>11} {'goal':>7} {'processor':>10}"
              f" {'times a bare interpreter: clock, processor':>44}")  # fmt: skip
        for name, (arguments, text) in commands(given.record).items():
            if given.only in (None, name):
                _row(name, (sys.executable, "-m", "accrete", *arguments), env, text, given.runs)


def _row(name: str, command: tuple[str, ...], env: dict[str, str], text: bytes, runs: int) -> None:
    timed(command, env, text)
    pairs = [(timed(BARE, env), timed(command, env, text)) for _ in range(runs)]
    ours = [mine for _, mine in pairs]
    first, whole, used = (statistics.median(took[column] for took in ours) for column in range(3))
    clock = statistics.median(mine.whole / bare.whole for bare, mine in pairs)
    processor = statistics.median(
        mine.processor / max(bare.processor, 1e-3) for bare, mine in pairs
    )
    print(f"{name:12} {whole:5.0f} ms {first:8.0f} ms {GOALS.get(name, GOAL):4} ms "
          f"{used:7.0f} ms {clock:30.1f} {processor:13.1f}")  # fmt: skip


if __name__ == "__main__":
    main()
