"""What tests of hooks share: a home with a config folder, and the command line in it."""

from __future__ import annotations

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
