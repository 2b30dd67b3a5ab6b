"""An export goes into its own file or a pipe, and is read as it was said."""

from __future__ import annotations

import csv
import io
import subprocess
import sys

import pytest

from accrete.care.export import csv_row
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


@pytest.mark.long
def test_an_export_into_a_pipe_that_closes_is_no_error(kept):
    kept(*(one(n) for n in range(1, 40)))
    command = (
        f"{sys.executable} -m accrete export - --format jsonl | head -c 10; exit ${{PIPESTATUS[0]}}"
    )
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe_before_it(sign, run, kept):
    row: dict[str, object] = {
        "text": f"{sign}1+cmd",
        "lines": -1,
        "other": f"a{sign}1",
        "none": None,
    }
    cells = next(csv.reader(io.StringIO(csv_row(row, heading=False), newline="")))
    assert cells == [f"'{sign}1+cmd", "-1", f"a{sign}1", ""]


def test_a_prompt_that_begins_with_a_dash_is_no_formula_in_an_exported_table(run, kept):
    t = Transcript(1)
    t.prompt("-2+3 is what?")
    t.answer()
    kept(t)
    out = run("export", "-", "--format", "csv", "--table", "event")[1]
    (prompt,) = [row for row in csv.DictReader(io.StringIO(out)) if row["kind"] == "typed_prompt"]
    assert prompt["text"] == "'-2+3 is what?"


def test_lines_that_end_as_on_windows_leave_no_mark(run, kept):
    t = Transcript(1)
    t.prompt("Go")
    t.answer(blocks=[{"type": "text", "text": "line one\r\nline two"}])
    kept(t)
    out = run("export", "-", "--format", "md")[1]
    assert "line one\nline two" in out
