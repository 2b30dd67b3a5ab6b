"""An export goes into its own file or a pipe, and is read as it was said."""

from __future__ import annotations

import subprocess
import sys

from tests.commands.made import one, shipped
from tests.transcripts import Transcript


def test_an_export_touches_no_file_beside_its_own(run, kept, tmp_path):
    t = Transcript(1)
    t.prompt("Hello")
    t.answer()
    kept(t)
    mine = tmp_path / "e.jsonl.partial"
    mine.write_text("mine")
    code, _, err = run("export", str(tmp_path / "e.jsonl"))
    assert code == 0, err
    assert mine.read_text() == "mine"
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == [
        "e.jsonl",
        "e.jsonl.partial",
    ]


def test_an_export_goes_into_a_pipe(run, kept):
    kept(shipped())
    code, out, _ = run("export", "-", "--format", "csv")
    assert code == 0
    assert out.count("\n") >= 2
    assert run("export", "-", "--format", "md")[1].startswith("# ")
    assert run("export", "-", "--format", "sqlite")[0] == 1
    assert run("export", "x.md", "--table", "prompt")[0] == 1


def test_an_export_into_a_pipe_that_closes_is_no_error(kept):
    kept(*(one(n) for n in range(1, 40)))
    command = (
        f"{sys.executable} -m accrete export - --format jsonl | head -c 10; exit ${{PIPESTATUS[0]}}"
    )
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_lines_that_end_as_on_windows_leave_no_mark(run, kept):
    t = Transcript(1)
    t.prompt("Go")
    t.answer(blocks=[{"type": "text", "text": "line one\r\nline two"}])
    kept(t)
    out = run("export", "-", "--format", "md")[1]
    assert "line one\nline two" in out
