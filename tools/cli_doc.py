"""Writes docs/cli.md: what each command prints for the bundled sample. `python -m tools.cli_doc --write`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from accrete.commands.backfill import sample_folder

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "cli.md"

SHOWN: tuple[tuple[str, int], ...] = (
    ("sessions", 80), ("sessions --outcome shipped --sort cost", 120), ("show 0000002b", 80), ("show 0000002b --errors", 80),
    ("practices", 80), ("practices planning", 80), ("projects", 100), ("figures", 80), ("figures --by project", 120),
    ("debug first reading", 80), ("debug --action pytest -n 2", 80), ("cost", 80), ("cost --by model", 120), ("cost --by outcome", 80),
    ("cost --by prompt -n 5", 80), ("search csv -n 3", 80), ("tag 0000002b bookkeeping", 80), ("note 0000002b Ask about semicolons", 80),
    ("show 0000002b --prompts", 80), ("sessions --tag bookkeeping", 80), ("show nosuch", 80), ("cost --model nosuch", 80),
)  # fmt: skip
"""Command lines and the width they are shown at, in the order in which they are run."""


def text() -> str:
    """The page."""
    parts = ["# The command line\n\nWhat each command prints for the bundled sample, made by `python -m tools.cli_doc --write`. The first screen is in "
             "the [README](../README.md); the shapes of `--json` are in [json.md](json.md).\n"]  # fmt: skip
    with tempfile.TemporaryDirectory() as home:
        env = {"HOME": home, "ACCRETE_HOME": f"{home}/data", "CLAUDE_CONFIG_DIR": f"{home}/none", "TZ": "UTC", "PATH": os.environ["PATH"],
               "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}  # fmt: skip
        _run(["backfill", "--path", str(sample_folder()), "--quiet"], env)
        for line, columns in SHOWN:
            out = _run(line.split(), {**env, "COLUMNS": str(columns)})
            body = "\n".join(f"    {each}".rstrip() for each in out.splitlines())
            parts.append(f"\n## accrete {line}\n\n{body}\n")
    return "".join(parts)


def _run(args: list[str], env: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "accrete", *args], env=env, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def main() -> None:
    """Writes or prints the page."""
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(text(), "utf-8")
    else:
        sys.stdout.write(text())


if __name__ == "__main__":
    main()
