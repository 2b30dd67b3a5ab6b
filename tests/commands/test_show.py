"""A replay in the terminal: its pager, its paths, and a reader who has enough."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from accrete.commands.show import _end_of, pager_options
from tests.transcripts import Transcript

pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (None, "-FRX"),
        ("", "-FRX"),
        ("-i", "-R -i"),
        ("FX", "RFX"),
        ("-PRead", "-R -PRead"),
        ("--RAW-CONTROL-CHARS", "-R --RAW-CONTROL-CHARS"),
        ("--no-init", "-R --no-init"),
    ],
)
def test_a_pager_is_told_to_show_colours(given, told):
    assert pager_options(given) == told


def test_a_reader_who_has_enough_ends_a_replay_quietly(run, kept, tmp_path):
    t = Transcript(1)
    for n in range(400):
        t.prompt(f"Prompt {n} " + "x" * 300)
        t.answer(f"msg_{n}")
    kept(t)
    child = subprocess.Popen(
        [sys.executable, "-m", "accrete", "show", "latest"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ},
    )
    assert child.stdout is not None
    child.stdout.read(10)
    child.stdout.close()
    assert child.wait(120) == 0
    assert child.stderr is not None
    assert child.stderr.read() == b""
    child.stderr.close()


@pytest.mark.parametrize(
    ("path", "room", "shown"),
    [
        ("/home/dev/src/report.ts", 12, "…c/report.ts"),
        ("/home/開発/報告.ts", 8, "…報告.ts"),
        ("a/b", 8, "a/b"),
    ],
)
def test_of_a_long_path_the_end_is_shown(path, room, shown):
    assert _end_of(path, room) == shown
