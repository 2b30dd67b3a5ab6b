"""What tests of hooks share: a home with a config folder, and the command line in it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.records import called


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A home with a config folder; no client on the path."""
    home = tmp_path / "person"
    (home / ".claude").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)
    monkeypatch.setenv("ACCRETE_HOME", str(home / "data"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("COLUMNS", "400")  # so that no path is wrapped
    monkeypatch.setattr("accrete.commands.init.find_client", lambda: None)
    monkeypatch.setattr("accrete.commands.uninstall.find_client", lambda: None)
    return home


@pytest.fixture
def run(capsys):
    def call(*args: str) -> tuple[int, str]:
        code, out, err = called(capsys, *args)
        return code, out + err

    return call


def settings_of(home: Path) -> Path:
    return home / ".claude" / "settings.json"


def ingest() -> None:
    """`accrete ingest` as a hook starts it: in a process of its own, for it leaves its folder and
    takes the lowest priority."""
    subprocess.run([sys.executable, "-P", "-m", "accrete", "ingest"], check=True, timeout=120)


@pytest.fixture
def sessions_in(place, run):
    """Puts a session into the record for each of some folders."""

    def make(*folders: Path) -> None:
        for n, folder in enumerate(folders, 1):
            session = f"{n}1111111-1111-4111-8111-111111111111"
            path = place / ".claude" / "projects" / f"-f{n}" / f"{session}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            line = {
                "type": "user",
                "uuid": f"u{n}",
                "sessionId": session,
                "cwd": str(folder),
                "timestamp": "2026-03-01T10:00:00.000Z",
                "message": {"role": "user", "content": "Say hello"},
            }
            path.write_text(json.dumps(line) + "\n")
        run("backfill", "-q")

    return make
