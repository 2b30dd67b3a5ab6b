"""What tests of commands share: running one in process, and filling the record."""

from __future__ import annotations

import pytest

from tests.records import called
from tests.transcripts import Transcript


@pytest.fixture
def run(capsys, monkeypatch):
    """Runs the command line in process: (exit code, stdout, stderr)."""

    def call(*args: str, columns: int = 80) -> tuple[int, str, str]:
        monkeypatch.setenv("COLUMNS", str(columns))
        return called(capsys, *args)

    return call


@pytest.fixture
def kept(run, tmp_path):
    """Puts sessions into the record."""

    def keep(*made: Transcript) -> None:
        for each in made:
            each.write(tmp_path / "claude" / "projects")
        assert run("backfill", "--path", str(tmp_path / "claude"), "-q")[0] == 0

    return keep
