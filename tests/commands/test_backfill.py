"""A backfill reads the same files wherever it starts."""

from __future__ import annotations

from accrete.database import Sqlite
from accrete.settings import read_settings
from tests.commands.made import shipped


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
