"""What a stranger at a terminal stumbled over, held as it was mended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from accrete.commands.show import _end_of, pager_options
from accrete.database import Sqlite
from accrete.ingest import Progress, ingest
from accrete.settings import read_settings
from accrete.text.plain import plain
from tests.commands.made import one, shipped
from tests.records import many, other, record
from tests.transcripts import Transcript, fork, session_id

ESCAPE, TURNED = "\x1b[31m", "\u202e"


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


def test_paths_are_kept_whole_wherever_the_next_backfill_starts(run, kept, tmp_path, monkeypatch):
    shipped().write(tmp_path / "claude" / "projects")
    monkeypatch.chdir(tmp_path)
    assert run("backfill", "--path", "claude")[0] == 0
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    run("backfill")
    db = Sqlite(read_settings().database, readonly=True)
    assert db.run("SELECT COUNT(*) FROM source_file WHERE missing_at IS NOT NULL") == [(0,)]
    db.close()


def test_ids_that_begin_alike_are_told_apart_in_the_answer(run, kept):
    made = []
    for n in (1, 2):
        t = Transcript(n)
        t.session = f"11110000-0000-4000-8000-00000000000{n}"
        t.prompt(f"Do {n}")
        t.answer(f"msg_{n}")
        made.append(t)
    kept(*made)
    code, _, err = run("show", "1111")
    assert code == 1
    assert all(t.session in err for t in made)


def test_an_id_may_be_typed_in_capitals_and_an_outcome_too(run, kept):
    t = Transcript(0xABC)
    t.prompt("Look")
    t.answer()
    kept(t)
    assert "Look" in run("show", t.session[:8].upper())[1]
    assert run("sessions", "--outcome", "Shipped")[0] == 0


def test_nothing_that_a_terminal_obeys_comes_out_of_a_transcript(run, kept, tmp_path):
    t = Transcript(1)
    t.prompt(f"Tit{ESCAPE}le {TURNED}turned\nsecond")
    t.answer("msg_1", model=f"mod{ESCAPE}el-x")
    t.call("Bash", {"command": f"echo {ESCAPE}x"}, message_id="msg_2", use="toolu_2")
    t.result(f"bad {ESCAPE}", use="toolu_2", error=True)
    kept(t)
    for words in (
        ("sessions",),
        ("doctor",),
        ("cost", "--by", "model"),
        ("cost", "--by", "session"),
        ("show", "latest"),
        ("search", "turned"),
        (),
    ):
        out = run(*words)[1]
        assert "\x1b" not in out, words
        assert TURNED not in out, words
    for ending in ("md", "html"):
        file = tmp_path / f"page.{ending}"
        assert run("export", str(file))[0] == 0
        assert not {"\x1b", TURNED} & set(file.read_text("utf-8"))


def test_an_export_goes_into_a_pipe(run, kept):
    kept(shipped())
    code, out, _ = run("export", "-", "--format", "csv")
    assert code == 0
    assert out.count("\n") >= 2
    assert run("export", "-", "--format", "md")[1].startswith("# ")
    assert run("export", "-", "--format", "sqlite")[0] == 1
    assert run("export", "x.md", "--table", "prompt")[0] == 1


def test_all_sessions_may_be_limited_too(run, kept):
    kept(*(one(n) for n in (1, 2, 3)))
    assert len(run("sessions", "--all", "-n", "2", "--json")[1].split('"id"')) == 3


def test_whoever_forgets_a_session_with_a_fork_is_told_what_stays(run, kept):
    t = shipped()
    kept(t, fork(t, 9, upto=4))
    out = run("forget", t.session, "--yes")[1]
    assert "keep their copies" in out
    assert session_id(9)[:8] in out
    assert "No file in the data folder holds them" not in out


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
    assert child.wait(30) == 0
    assert child.stderr is not None
    assert child.stderr.read() == b""
    child.stderr.close()


def test_what_was_read_before_an_interrupt_is_kept(settings):
    many(settings)

    def stop(at: Progress) -> None:
        if at.files_done >= 5:
            os.kill(os.getpid(), signal.SIGINT)

    ignored = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # as in a shell: what runs in the background ignores it
    try:
        with pytest.raises(KeyboardInterrupt):
            ingest(settings, jobs=0, on_progress=stop)
    finally:
        signal.signal(signal.SIGINT, ignored)
    db = Sqlite(settings.database, readonly=True)
    assert 5 <= db.run("SELECT COUNT(*) FROM source_file")[0][0] < 31
    db.close()
    ingest(settings)
    clean = other(settings, "clean")
    ingest(clean)
    assert record(settings) == record(clean)


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


def test_whole_escape_sequences_go(run):
    assert plain("a\x1b]0;title\x1b\\b\x1b]8;;http://x\x07c\x1b[1md") == "abcd"


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


def test_where_interrupts_are_ignored_an_ingest_goes_on(settings):
    many(settings, sessions=3)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        ingest(settings, jobs=0, on_progress=lambda at: os.kill(os.getpid(), signal.SIGINT))
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    db = Sqlite(settings.database, readonly=True)
    assert db.run("SELECT COUNT(*) FROM source_file") == [(4,)]
    db.close()
