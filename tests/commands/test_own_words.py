"""`tag`, `note` and `export`: what a person adds to the record, and what they take out of it."""

from __future__ import annotations

import csv
import json
import sqlite3
import stat
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.commands.test_insight import shipped
from tests.transcripts import Transcript, session_id

SECRET = "gh" + "p_" + "aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7"


def test_tags_and_a_note_stay_through_a_rebuild_and_are_shown(run, kept):
    kept(shipped())
    assert run("tag", "latest", "demo", "#good")[1].split() == ["00000001", "#demo", "#good"]
    assert "look again" in run("note", "latest", "look", "again")[1]
    assert run("rebuild")[0] == 0
    out = run("show", "latest")[1]
    assert "#demo #good look again" in out
    assert len(json.loads(run("sessions", "--tag", "good", "--json")[1])) == 1
    assert run("tag", "latest", "demo", "--remove")[1].split() == ["00000001", "#good"]
    assert "no note" in run("note", "latest", "--remove")[1]


def test_a_note_holds_no_secret_and_goes_with_its_session(run, kept, tmp_path):
    kept(shipped())
    assert SECRET not in run("note", "latest", f"the token is {SECRET}")[1]
    assert run("forget", "00000001", "--yes")[0] == 0
    assert json.loads(run("sessions", "--json")[1]) == []


@pytest.mark.parametrize("name", ["with space", "a,b", "", "x" * 41])
def test_what_can_be_no_tag_is_refused(name, run, kept):
    kept(shipped())
    code, _, err = run("tag", "latest", name)
    assert (code, "can be no tag" in err) == (1, True)


def test_export_as_json_lines_holds_every_row(run, kept, tmp_path):
    kept(shipped())
    file = tmp_path / "out.jsonl"
    assert run("export", str(file))[0] == 0
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert {row["table"] for row in rows} >= {
        "session",
        "event",
        "tool_call",
        "session_commit",
        "check_run",
        "sighting",
    }
    assert [row["id"] for row in rows if row["table"] == "session"] == [session_id(1)]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert run("export", str(file))[0] == 1
    assert run("export", str(file), "--force", "--table", "check_run", "--since", "2030-01-01")[0] == 0
    assert file.read_text() == ""


def test_export_as_csv_is_no_formula(run, kept, tmp_path):
    t = Transcript(1)
    t.prompt('=HYPERLINK("http://x")')
    t.answer()
    kept(t)
    file = tmp_path / "out.csv"
    assert run("export", str(file))[0] == 0
    with file.open(encoding="utf-8", newline="") as lines:
        (row,) = csv.DictReader(lines)
    assert row["title"].startswith("'=HYPERLINK")
    assert row["id"] == session_id(1)


def test_export_as_a_database_is_a_whole_copy(run, kept, tmp_path):
    kept(shipped())
    file = tmp_path / "copy.db"
    assert run("export", str(file))[0] == 0
    assert sqlite3.connect(file).execute("SELECT COUNT(*) FROM session").fetchone() == (1,)
    assert run("export", str(tmp_path / "other.db"), "--since", "2w")[0] == 1


class Tags(HTMLParser):
    """Collects what a page has in it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        assert not [name for name, value in attrs if name in ("src", "href", "onclick")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_session_as_a_page_stands_alone_and_runs_nothing(run, kept, tmp_path):
    t = shipped()
    t.prompt("<script>alert(1)</script> & <b>bold</b>")
    t.answer("last")
    kept(t)
    file = tmp_path / "one.html"
    assert run("export", str(file), "--session", "latest")[0] == 0
    page = Tags()
    page.feed(file.read_text("utf-8"))
    assert "script" not in page.found
    assert "<script>alert(1)</script> & <b>bold</b>" in page.text
    assert "commit 1a2b3c4 Add, not subtract" in page.text
    assert "default-src 'none'" in file.read_text("utf-8")


def test_a_session_as_markdown_has_prompts_as_headings(run, kept, tmp_path):
    kept(shipped())
    file = tmp_path / "one.md"
    assert run("export", str(file))[0] == 0
    text = file.read_text("utf-8")
    assert "## Prompt 1" in text
    assert "> Fix the add function" in text
    assert "pytest passed (3 passed, 0 failed)" in text


def test_a_file_without_a_known_ending_is_refused(run, kept, tmp_path):
    kept(shipped())
    code, _, err = run("export", str(tmp_path / "out.xyz"))
    assert (code, "--format" in err) == (1, True)
    code, _, err = run("export", str(Path("/nowhere/at/all/out.md")))
    assert (code, "Cannot write" in err) == (1, True)
