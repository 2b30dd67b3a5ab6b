"""Every property is tried on the same examples in each run, and on others in `make torture`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHOW = """
import tests.conftest
from hypothesis import given, settings
from hypothesis.strategies import integers
from tests.fuzz import examples, seeds
print(settings().derandomize, settings().max_examples, settings().database, seeds(2), examples(3))
drawn = []
@settings(max_examples=20)
@given(integers(0, 1 << 60))
def take(n): drawn.append(n)
take()
print(sum(drawn))
"""


def shown(**env: str) -> list[str]:
    """What a run draws, with and without CI."""
    plain = {k: v for k, v in os.environ.items() if k not in ("CI", "ACCRETE_TORTURE")}
    done = subprocess.run(
        [sys.executable, "-c", SHOW], env=plain | env, cwd=ROOT, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.splitlines()


@pytest.mark.slow
def test_runs_draw_the_same_and_tortures_draw_others():
    usual = shown()
    assert usual[0] == "True 50 None [0, 1] 3"
    assert usual == shown(CI="true") == shown()
    first, again, other = (shown(ACCRETE_TORTURE=n, CI="true") for n in ("1", "1", "2"))
    assert first[0].startswith("False 3000 None [")
    assert first[0] == again[0] != other[0]
    assert first[1] != again[1]


def test_no_test_draws_without_a_seed_or_decides_by_itself_whether_it_is_seeded():
    alone = re.compile(r"\brandom\.(?!Random\b|Random\()[a-z]\w*\(|derandomize|random\.Random\(\)")
    for path in sorted((ROOT / "tests").rglob("*.py")):
        text = path.read_text()
        if "import random\n" in text and path.name not in ("fuzz.py", Path(__file__).name):
            assert not alone.search(text), path
        if path.name not in ("fuzz.py", Path(__file__).name):
            assert "derandomize" not in text, path
