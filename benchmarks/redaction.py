"""How fast are texts redacted, with google-re2 and with `re`, next to another version of the
program?

    python benchmarks/redaction.py FOLDER [--against FOLDER_OF_ANOTHER_VERSION]

FOLDER holds `.jsonl` files: every text in them is looked at, then the inputs of tool calls.
Versions and engines take turns, each in a process of its own, and CPU time is measured, so that a
busy machine moves all of them alike. Two figures each: the first pass, in which google-re2 builds
its tables, and the second; the same for inputs; then the seconds that both take together.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]
TURNS = 3


def texts(value: Any) -> Iterator[str]:
    """Every text in a decoded value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)


def read(folder: Path) -> list[str]:
    """The texts of all transcripts below a folder."""
    found: list[str] = []
    for path in sorted(folder.rglob("*.jsonl")):
        for line in path.read_text("utf-8", "replace").splitlines():
            try:
                found += texts(json.loads(line))
            except ValueError:
                continue
    return found


def inputs(folder: Path) -> list[str]:
    """The inputs of all tool calls, as JSON."""
    found: list[str] = []
    for path in sorted(folder.rglob("*.jsonl")):
        for line in path.read_text("utf-8", "replace").splitlines():
            if '"tool_use"' in line:
                try:
                    content = json.loads(line)["message"]["content"]
                except (ValueError, KeyError, TypeError):
                    continue
                calls = [
                    block
                    for block in content
                    if isinstance(block, dict) and block.get("type") == "tool_use"
                ]
                found += [json.dumps(call.get("input"), ensure_ascii=False) for call in calls]
    return found


def measure(folder: Path, engine: str) -> list[float]:
    """MB a second of CPU time in the first and in the second pass over texts, and over the inputs
    of calls; then how many passes over both a second has."""
    from accrete import redaction

    redactor = redaction.Redactor(engine)
    by_value = getattr(
        redaction, "redact_json", None
    )  # earlier versions redact inputs as they stand
    passes, seconds = [], [0.0, 0.0]
    for found, of_input in ((read(folder), False), (inputs(folder), True)):
        size = sum(map(len, found)) / 1e6
        for turn in range(2):
            began = time.process_time()
            for text in found:
                if of_input and by_value is not None:
                    by_value(text, redactor.redact)
                else:
                    redactor.redact(text)
            took = time.process_time() - began
            passes.append(size / took)
            seconds[turn] += took
    return [*passes, *(1 / took for took in seconds)]


def main() -> None:
    """Measures, or sets the turns going."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--against", type=Path)
    parser.add_argument("--engine")
    given = parser.parse_args()
    if given.engine:
        print(json.dumps(measure(given.folder, given.engine)))
        return
    versions = [HERE, *([given.against.resolve()] if given.against else [])]
    for engine in ("re2", "re"):
        best: dict[Path, list[float]] = {}
        for _ in range(TURNS):
            for version in versions:
                command = [sys.executable, __file__, str(given.folder), "--engine", engine]
                out = subprocess.run(
                    command,
                    env={"PYTHONPATH": str(version)},
                    capture_output=True,
                    text=True,
                    check=True,
                )
                now = json.loads(out.stdout)
                best[version] = [
                    max(a, b) for a, b in zip(best.get(version, now), now, strict=True)
                ]
        for version, (first, second, *of_inputs, once, again) in best.items():
            print(
                f"{engine:4} {'this' if version == HERE else 'other':6} first pass "
                f"{first:6.1f} MB/s, second {second:6.1f} MB/s,"
                f" inputs {of_inputs[0]:6.1f} and {of_inputs[1]:6.1f} MB/s,"
                f" both {1 / once:5.2f} and {1 / again:5.2f} s"
            )


if __name__ == "__main__":
    main()
