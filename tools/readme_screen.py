"""Puts what `accrete` prints for the bundled sample into README.md: `python -m tools.readme_screen --write`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- overview -->", "<!-- /overview -->"


def screen() -> str:
    """The overview of the sample at 80 columns in UTC, as an indented block."""
    with tempfile.TemporaryDirectory() as home:
        env = {
            "HOME": home,
            "TZ": "UTC",
            "COLUMNS": "80",
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
        }
        command = [sys.executable, "-m", "accrete"]
        subprocess.run([*command, "backfill", "--or-sample", "-q"], env=env, check=True, cwd=home)
        shown = subprocess.run(command, env=env, check=True, capture_output=True, text=True, cwd=home).stdout
    return "\n".join(f"    {line}".rstrip() for line in shown.rstrip("\n").splitlines())


def with_screen(page: str) -> str:
    """The page with the present screen between its markers."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{screen()}\n\n{END}{after}"


def main() -> None:
    """Prints the screen, or writes it into the page."""
    page = ROOT / "README.md"
    if "--write" in sys.argv:
        page.write_text(with_screen(page.read_text("utf-8")), encoding="utf-8")
    else:
        print(screen())


if __name__ == "__main__":
    main()
