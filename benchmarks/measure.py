"""Runs a command in a process of its own and says how long it took and how much memory its process
tree held."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

EVERY = 0.02
"""Seconds between two looks at the memory."""
OF_LONG_RUNS = 0.005
"""The part of a run's time so far between two looks, where that is more: a look takes some
milliseconds of a core, which a program that uses all of them lacks."""


@dataclass(frozen=True, slots=True)
class Run:
    """A finished command: whole seconds, peak bytes of the tree in memory, standard output."""

    seconds: float
    peak: int
    output: str


def run(
    command: Sequence[str], environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> Run:
    """Runs a command to its end.

    The peak is the greatest sum over the process and its descendants, looked at every 20 ms in
    /proc, after four seconds less often, with shared pages counted once; where there is no /proc,
    what was resident of the largest single process. Raises SystemExit with the command's last words
    when it fails.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        child = subprocess.Popen(
            command,
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
        )
        peak, next_look = 0, 0.0
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            if (now := time.perf_counter()) >= next_look:
                peak = max(peak, held(child.pid))
                next_look = now + max(EVERY, (now - began) * OF_LONG_RUNS)
            time.sleep(0.002)
        seconds = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if child.returncode:
            words = errors.read().decode(errors="replace").strip()[-2000:]
            raise SystemExit(f"{' '.join(command)} failed ({child.returncode}):\n{words}")
        largest = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return Run(seconds, peak or largest, output.read().decode())


def held(pid: int) -> int:
    """The bytes that a process and its descendants hold in memory now: pages that several of them
    share count once, in parts; 0 where /proc does not tell."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0
    pss = next((line.split()[1] for line in rollup.splitlines() if line.startswith("Pss:")), "0")
    return int(pss) * 1024 + sum(held(int(child)) for child in children)
