"""Databases that are none, closed streams and unreadable files: a sentence or silence, never a
traceback."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from accrete.commands.backfill import sample_folder
from accrete.commands.reading_found import _advice


@pytest.fixture
def home(run) -> Path:
    """The data folder of a record with the bundled sample."""
    assert run("backfill", "--path", str(sample_folder()), "--quiet") == (0, "", "")
    return Path(os.environ["ACCRETE_HOME"])


def text(path: Path) -> None:
    path.write_text("no database at all\n" * 300)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def foreign(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE invoice (id)")


def pretender(path: Path) -> None:
    foreign(path)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA application_id = 0x41434352")
        db.execute("PRAGMA user_version = 9")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100_000])


def holes(path: Path) -> None:
    found = bytearray(path.read_bytes())
    found[3 * 4096 : 60 * 4096] = b"\xff" * (57 * 4096)
    path.write_bytes(found)


@pytest.mark.long
@pytest.mark.parametrize("spoil", [text, folder, pipe, foreign, pretender, cut, holes])
def test_a_database_that_is_none_is_told_in_a_sentence(spoil, home, run):
    database = home / "accrete.db"
    for beside in home.glob("accrete.db-*"):
        beside.unlink()
    spoil(database)
    for args in (
        ["overview"],
        ["sessions"],
        ["doctor"],
        ["search", "npm"],
        ["forget", "--all", "--yes"],
        ["backfill"],
        ["rebuild"],
    ):
        code, out, err = run(*args)
        said = out + err
        assert code == 1, (args, said)
        assert str(database) in said, (args, said)
        assert "Internal error" not in said, (args, said)
        assert any(word in said for word in ("Move it away", "move it away", "Restore a backup")), (
            args,
            said,
        )
    assert not (home / "errors.log").exists()


CLOSED = [
    [],
    ["sessions"],
    ["sessions", "--json"],
    ["show", "latest"],
    ["cost"],
    ["doctor"],
    ["search", "npm"],
    ["--help"],
]


@pytest.mark.long
@pytest.mark.parametrize("closed", [">&-", "<&- >&-", "<&- >&- 2>&-"])
def test_a_stdout_that_was_closed_is_no_error(closed, home):
    for args in CLOSED:
        line = f'exec "$@" {closed}'
        done = subprocess.run(
            ["sh", "-c", line, "sh", sys.executable, "-m", "accrete", *args],
            check=False,
            capture_output=True,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), args
    assert not (home / "errors.log").exists()


@pytest.mark.long
def test_a_reader_that_wants_one_line_is_no_error(home):
    for args in CLOSED:
        line = '"$@" | head -n 1 >/dev/null; exit ${PIPESTATUS[0]}'
        done = subprocess.run(
            ["bash", "-c", line, "bash", sys.executable, "-m", "accrete", *args],
            check=False,
            capture_output=True,
        )
        assert (done.returncode, done.stderr) == (0, b""), args


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "chmod u+r`"),
        (errno.ENOENT, "a broken link"),
        (errno.ELOOP, "points to itself"),
        (errno.EISDIR, "folder"),
        (errno.EIO, "disk"),
        (errno.EBUSY, "Check the file"),
    ],
)
def test_advice_fits_the_reason(number, words, tmp_path):
    assert words in _advice(tmp_path / "x.jsonl", os.strerror(number))


def test_a_folder_that_is_closed_needs_to_be_entered(tmp_path):
    assert "u+rx" in _advice(tmp_path, os.strerror(errno.EACCES))


def test_doctor_tells_of_a_link_that_leads_back_to_itself(run, tmp_path, monkeypatch):
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path))
    projects = tmp_path / "projects" / "-home-dev-demo"
    projects.mkdir(parents=True)
    (projects / "a.jsonl").symlink_to(projects / "a.jsonl")
    run("backfill", "--quiet")
    out = run("doctor")[1]
    assert "points to itself" in out or "a.jsonl" not in out
    assert "readable" not in out
