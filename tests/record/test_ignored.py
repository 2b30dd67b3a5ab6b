"""Of a folder that its owner ignores nothing is kept, its name neither."""

from __future__ import annotations

import json
import subprocess
from itertools import accumulate
from pathlib import Path

import pytest

from accrete.ingest import ingest
from accrete.ingest.background import background
from accrete.settings import Settings
from tests.hooks.fired import fire
from tests.records import called, kept, rows
from tests.transcripts import Transcript

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("texts_as_they_are")]

NAME = "zanzibar"


@pytest.fixture
def secret(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is ignored, a repository beside it with a worktree in it, and the data folder
    that says so."""
    folder = tmp_path / NAME / "deep"
    folder.mkdir(parents=True)
    (tmp_path / "demo").mkdir()
    for words in (
        ("init", "-q"),
        ("commit", "-qm", "x", "--allow-empty"),
        ("worktree", "add", "-q", str(folder / "tree")),
    ):
        command = ["git", "-c", "user.name=Made Up", "-c", "user.email=made@example.com", *words]
        subprocess.run(command, cwd=tmp_path / "demo", check=True, capture_output=True)
    settings.home.mkdir(parents=True)
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(settings.roots[0]))
    return folder


def ignore(settings: Settings, secret: Path, how: str) -> None:
    if how == "a mark":
        (secret.parent / ".accrete-ignore").touch()
    elif how == "a link":
        (secret.parents[1] / "link").symlink_to(secret.parent)
        (settings.home / "ignore").write_text(f"{secret.parents[1] / 'link'}\n")
    else:
        (settings.home / "ignore").write_text(
            f"{secret.parents[1]}/z*\n" if how == "a glob" else f"{secret.parent}\n"
        )


def said(t: Transcript, settings: Settings) -> Path:
    return t.write(
        settings.roots[0] / "projects",
        slug="".join(c if c.isalnum() else "-" for c in t.common["cwd"]),
    )


@pytest.mark.parametrize("how", ["a mark", "a line", "a link", "a glob"])
def test_its_name_stands_nowhere(settings, secret, how, capsys):
    ignore(settings, secret, how)
    kept = Transcript(1, cwd=str(secret.parents[1] / "demo"))
    kept.prompt("Mend it")
    kept.answer()
    kept.prompt("Now over there", cwd=str(secret))
    kept.answer("msg_there", cwd=str(secret))
    left = Transcript(2, cwd=str(secret))
    left.prompt("not for the record")
    left.answer("msg_left")
    said(kept, settings)
    path = said(left, settings)
    history = {
        "display": "typed there",
        "timestamp": left.now,
        "project": str(secret),
        "sessionId": left.session,
    }
    (settings.roots[0] / "history.jsonl").write_text(json.dumps(history) + "\n")
    fire(settings.home, "Stop", {"session_id": left.session, "cwd": str(secret)}, cwd=secret)
    fire(
        settings.home,
        "Stop",
        {"session_id": left.session, "cwd": str(secret)},
        cwd=secret.parents[1],
    )
    background(settings)
    with path.open("ab") as file:  # a part without any row, and one more line
        file.write(b"\n")
    ingest(settings)
    left.prompt("more of it")
    said(left, settings)
    outputs = [
        called(capsys, *words)
        for words in (
            ("ingest",),
            ("backfill",),
            ("doctor",),
            ("doctor", "--counts", "--json"),
            ("status",),
            ("overview",),
            ("sessions", "--json"),
            ("projects", "--json"),
            ("cost", "--by", "project", "--json"),
            ("show", kept.session, "--json"),
        )
    ]
    assert [each[:60] for output in outputs for each in output[1:] if NAME in each] == []
    held = [file for file in settings.home.rglob("*") if file.is_file() and file.name != "ignore"]
    assert [file.name for file in held if NAME.encode() in file.read_bytes()] == []
    assert rows(settings, "SELECT id, prompts FROM session") == [(kept.session, 2)]


def test_ignored_folders_are_one_without_a_name_from_the_first_line_in_any_to_the_last(settings):
    settings.home.mkdir(parents=True)
    (settings.home / "ignore").write_text("/away/*\n")
    t = Transcript(1)
    for folder in ("/home/dev/demo", "/away/a", "/away/b", "/away/b", "/away/a", "/home/dev/demo"):
        t.prompt("Look around", cwd=folder)
    kept(settings, t)
    begins = [0, *accumulate(len(json.dumps(line)) + 1 for line in t.lines)]
    assert rows(settings, "SELECT cwd, first_seq, last_seq FROM session_context ORDER BY cwd") == [
        ("", begins[1], begins[4]), ("/home/dev/demo", begins[0], begins[5]),
    ]  # fmt: skip


def test_what_is_ignored_no_longer_is_read(settings, secret):
    ignore(settings, secret, "a line")
    left = Transcript(2, cwd=str(secret))
    left.prompt("not yet")
    said(left, settings)
    ingest(settings)
    assert rows(settings, "SELECT id FROM session") == []
    (settings.home / "ignore").unlink()
    left.prompt("now it may be")
    said(left, settings)
    ingest(settings)
    assert rows(settings, "SELECT id FROM session") == [(left.session,)]


def test_doctor_names_no_transcript_of_an_ignored_folder_that_nobody_has_read(
    settings, secret, capsys
):
    ignore(settings, secret, "a line")
    ingest(settings)
    left = Transcript(2, cwd=str(secret))
    left.prompt("not for the record")
    said(left, settings)
    output = called(capsys, "doctor")
    assert NAME not in output[1] + output[2]
