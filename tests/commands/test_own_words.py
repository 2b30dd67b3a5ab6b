"""`tag`, `note` and `export`: what a person adds to the record, and what they take out of it."""

from __future__ import annotations

import csv
import json
import locale
import re
import sqlite3
import stat
from datetime import datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest

from accrete.clock import ISO, LocalNow, Style
from accrete.commands import common
from accrete.errors import AccreteError
from accrete.pricing.version import PRICE_TABLE_VERSION
from accrete.settings import read_settings
from tests.commands.made import shipped
from tests.transcripts import Transcript, session_id

pytestmark = pytest.mark.long

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
    assert (code, "isn't a valid tag" in err) == (1, True)


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
    assert (
        run("export", str(file), "--force", "--table", "check_run", "--since", "2030-01-01")[0] == 0
    )
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


@pytest.mark.parametrize("table", ["session", "event", "response", "tool_call"])
def test_csv_has_iso_times_and_dollars_that_equal_the_record(table, run, kept, tmp_path):
    kept(shipped())
    run("export", str(tmp_path / "out.csv"), "--table", table)
    run("export", str(tmp_path / "out.jsonl"), "--table", table)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as lines:
        spelled = list(csv.DictReader(lines))
    whole = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert len(spelled) == len(whole) > 0
    seen = set()
    for row, cells in zip(whole, spelled, strict=True):
        for name, value in row.items():
            if isinstance(value, int) and (name == "at" or name.endswith("_at")):
                assert datetime.fromisoformat(cells[name]).timestamp() * 1000 == pytest.approx(
                    value, abs=0.5
                )
                assert cells[name].endswith("+00:00")
                seen.add("time")
            elif isinstance(value, int) and name.endswith("_nano"):
                assert Decimal(cells[name.replace("_nano", "_usd")]) * 10**9 == value
                seen.add("money")
    assert "time" in seen
    assert "money" in seen or table in ("event", "tool_call")


def test_a_project_that_is_left_out_is_in_no_export(run, kept, tmp_path):
    two = Transcript(2, cwd="/home/dev/secret")
    two.prompt("private")
    kept(shipped(), two)
    file = tmp_path / "out.jsonl"
    assert run("export", str(file), "--exclude-project", "secret")[0] == 0
    assert session_id(1) in file.read_text()
    assert session_id(2) not in file.read_text()
    assert run("export", str(tmp_path / "copy.db"), "--exclude-project", "secret")[0] != 0


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
        assert not [name for name, value in attrs if name == "src" or name.startswith("on")]
        links = [value or "" for name, value in attrs if name == "href"]
        assert all(
            tag == "a" and value.startswith(("#", "https://", "http://")) for value in links
        )  # followed by hand alone

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


def test_an_empty_note_erases_nothing(run, kept):
    t = Transcript(1)
    t.prompt("Hello")
    t.answer()
    kept(t)
    run("note", "latest", "keep", "this")
    code, _, err = run("note", "latest", "")
    assert (code, "empty" in err) == (2, True)
    assert "keep this" in run("note", "latest")[1]


def test_a_page_is_of_the_project_that_was_named(run, kept, tmp_path):
    for n, cwd in ((1, "/home/dev/first"), (2, "/home/dev/second")):
        t = Transcript(n, cwd=cwd, start=1_790_000_000_000 + n * 86_400_000)
        t.prompt(f"Words of {n}")
        t.answer(f"msg_{n}")
        kept(t)
    assert run("export", str(tmp_path / "page.md"), "--project", "first")[0] == 0
    assert "Words of 1" in (tmp_path / "page.md").read_text()
    assert run("export", str(tmp_path / "none.md"), "--project", "nosuch")[0] == 1
    assert not (tmp_path / "none.md").exists()


@pytest.mark.long
def test_the_sample_goes_when_there_are_transcripts(run, kept, tmp_path, monkeypatch):
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "mine"))
    assert "bundled sample" in run("backfill", "--or-sample")[1]
    t = Transcript(1)
    t.prompt("Mine")
    t.answer()
    t.write(tmp_path / "mine" / "projects")
    assert "bundled sample was removed" in run("backfill", "--or-sample")[1]
    assert "ledger" not in run("projects")[1]
    run("backfill", "--path", "accrete/sample")
    assert "of the bundled sample deleted" in run("forget", "--sample")[1]
    assert "not in the record" in run("forget", "--sample")[1]


@pytest.mark.parametrize(
    "words",
    [("backfill",), ("backfill", "--or-sample"), ("doctor",), ("forget", "--sample"), ("status",)],
)
def test_a_record_that_another_ingest_is_only_just_making_is_none_yet(
    run, tmp_path, monkeypatch, words
):
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "mine"))
    t = Transcript(1)
    t.prompt("Mine")
    t.answer()
    t.write(tmp_path / "mine" / "projects")
    read_settings().home.mkdir(exist_ok=True)
    read_settings().database.touch(0o600)
    code, out, err = run(*words)
    assert "is empty" not in out + err
    assert code == (1 if words == ("status",) else 0)  # no hooks are installed


def test_a_question_to_a_record_that_is_only_just_being_made_says_what_to_do(run, tmp_path):
    read_settings().home.mkdir(exist_ok=True)
    read_settings().database.touch(0o600)
    code, _, err = run("sessions")
    assert code == 1
    assert "accrete backfill" in err


@pytest.mark.parametrize(
    ("says", "style"),
    [
        (("%d.%m.%Y", "%T", ""), Style("%d.%m.%Y", "%H:%M", "%H:%M:%S")),
        (("%m/%d/%Y", "%r", "%I:%M:%S %p"), Style("%m/%d/%Y", "%I:%M %p", "%I:%M:%S %p")),
        (("%d/%m/%y", "%H.%M.%S", ""), Style("%d/%m/%Y", "%H.%M", "%H.%M.%S")),
        (
            ("%Y年%m月%d日", "%H時%M分%S秒", "%p%I時%M分%S秒"),
            Style("%Y年%m月%d日", "%H時%M分", "%H時%M分%S秒"),
        ),
        (("%D", "%R", ""), Style("%m/%d/%Y", "%H:%M", "%H:%M")),
        (("%Ex", "%EX", ""), ISO),
        (("", "", ""), ISO),
    ],
)
def test_days_and_times_are_written_as_the_locale_writes_them(says, style):
    assert common.style_of(*says) == style


def test_a_day_is_read_as_it_is_written():
    at = 1_790_000_000_000
    german = LocalNow("UTC", at, Style("%d.%m.%Y", "%H:%M", "%H:%M:%S"))
    assert german.moment(at) == "21.09.2026 14:13"
    assert (german.date(None), german.time(None)) == ("—", "")
    assert german.day("01.02.2026") == german.day("2026-02-01") == "2026-02-01"
    assert german.written("2026-02-01") == "01.02.2026"
    assert german.written("2026-02") == "2026-02"
    with pytest.raises(AccreteError, match="Can't read"):
        LocalNow("UTC", at).day("01.02.2026")


@pytest.mark.long
def test_every_screen_writes_days_as_the_locale_does_and_json_stays_iso(run, monkeypatch):
    says = {locale.D_FMT: "%d.%m.%Y", locale.T_FMT: "%T", locale.T_FMT_AMPM: "", locale.AM_STR: ""}
    monkeypatch.setattr(locale, "setlocale", lambda kind, name: "de_DE.UTF-8")
    monkeypatch.setattr(locale, "nl_langinfo", says.__getitem__)
    run("backfill", "--path", "accrete/sample")
    for words in (
        (),
        ("sessions",),
        ("cost",),
        ("cost", "--by", "window"),
        ("projects",),
        ("practices",),
        ("practices", "planning"),
        ("search", "csv"),
        ("debug", "csv"),
        ("show", "0000002b"),
        ("cost", "--since", "04.11.2026", "--by", "day"),
    ):
        out = run(*words, columns=120)[1]
        assert ".11.2026" in out, words
        out = out.replace(PRICE_TABLE_VERSION, "")  # a name
        assert not re.search(r"2026-11-\d\d", out), words
        assert ".11.2026" not in run(*words, "--json")[1]


def test_a_locale_that_is_not_installed_changes_nothing(monkeypatch):
    monkeypatch.setenv("LC_ALL", "xx_XX.UTF-8")
    assert common.local_style() == ISO
