"""`python -m tests.commands.reading --write` writes down what commands say; review the
difference."""

from __future__ import annotations

from pathlib import Path

from tests.commands.reading.spoken import every_answer
from tests.written import write

WRITTEN = Path(__file__).parent / "said"

if __name__ == "__main__":
    write("tests.commands.reading", __doc__, WRITTEN, every_answer)
